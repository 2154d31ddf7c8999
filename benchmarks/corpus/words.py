"""The vocabulary of every corpus: one owner, one trust register, and names as in a real registry."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""A JSON value for a policy. Tuples are written as lists."""

Policies = list[tuple[str, str]]
"""Pairs of a policy's name in the report, and its text."""

Statements = list[dict[str, Json]]

LIMIT = 10_240
"""The most characters of a repository policy. ECR refuses longer ones."""

ROOM = LIMIT - 24
"""The most characters that the generators fill, so that a text still fits after `anew` has marked it."""

OWNER = "111122223333"
ORGANIZATION = "o-a1b2c3d4e5"
TRUSTED = ("222233334444", "333344445555", "444455556666")

REGISTER: dict[str, Json] = {
    "version": 1,
    "trust": [
        {"account": TRUSTED[0], "access": "READ", "reason": "deploys from here", "owner": "platform@example.com"},
        {"account": TRUSTED[1], "access": "WRITE", "reason": "builds the images", "owner": "ci@example.com"},
        {"account": TRUSTED[2], "repositories": ["base/*"], "reason": "base images", "owner": "base@example.com"},
        {"organization": ORGANIZATION, "access": "READ", "reason": "our own", "owner": "platform@example.com"},
        {"service": "lambda.amazonaws.com", "reason": "functions of ours", "owner": "platform@example.com"},
    ],
}
"""A register of ordinary size, so that no measurement uses an empty one."""

PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
CHECKED_PULL = (*PULL, "ecr:BatchCheckLayerAvailability")
PUSH = ("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")
LOOK = ("ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:ListImages", "ecr:GetRepositoryPolicy")
MANAGE = ("ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy", "ecr:PutLifecyclePolicy", "ecr:DeleteRepository")
ACTIONS = (*CHECKED_PULL, *PUSH, *LOOK, *MANAGE, "ecr:BatchDeleteImage", "ecr:StartImageScan", "ecr:TagResource")

TEAMS = ("payments", "search", "checkout", "mobile", "data", "platform", "risk", "billing", "ads", "media")
PARTS = ("deploy", "build", "reader", "runner", "agent", "task", "node", "sync", "scan", "release")
STAGES = ("dev", "test", "stage", "prod")
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2")
SERVICES = ("lambda", "ecs-tasks", "codebuild", "sagemaker", "apprunner", "batch", "eks", "events", "states", "glue")


def source(seed: str) -> random.Random:
    """Return a random generator whose numbers are the same on every platform and Python version."""
    return random.Random(seed)  # noqa: S311 - must be repeatable, and nothing is secret


def account(rng: random.Random) -> str:
    """Return a 12-digit account number that is neither the owner's nor trusted."""
    return str(rng.randrange(500_000_000_000, 1_000_000_000_000))


def organization(rng: random.Random) -> str:
    """Return an organization ID of the shortest form that AWS assigns."""
    return "o-" + identifier(rng, 10)


def organization_path(rng: random.Random) -> str:
    """Return a path of an organizational unit, with the final slash of every value of `aws:PrincipalOrgPaths`."""
    return f"{organization(rng)}/r-{identifier(rng, 4)}/ou-{identifier(rng, 4)}-{identifier(rng, 8)}/"


def identifier(rng: random.Random, length: int) -> str:
    """Return lowercase letters and digits, as in AWS's own IDs."""
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def name(rng: random.Random) -> str:
    """Return a role's or user's name such as `payments-deploy-prod`."""
    return f"{rng.choice(TEAMS)}-{rng.choice(PARTS)}-{rng.choice(STAGES)}"


def principal(rng: random.Random, number: str) -> str:
    """Return a principal of an account in one of its forms: the root, the number, a role, or a user."""
    shape = rng.choices(("root", "id", "role", "user"), weights=(5, 2, 5, 1))[0]
    if shape == "root":
        return f"arn:aws:iam::{number}:root"
    if shape == "id":
        return number
    return f"arn:aws:iam::{number}:{shape}/{name(rng)}"


def some(rng: random.Random, values: Sequence[str], low: int, high: int) -> list[Json]:
    """Return between `low` and `high` different values."""
    return list(rng.sample(values, min(rng.randint(low, high), len(values))))


def compact(policy: Json) -> str:
    """Return the shortest JSON text, so that the most fits into the size limit."""
    return json.dumps(policy, separators=(",", ":"))


def pretty(policy: Json) -> str:
    """Return JSON in the layout of ECR's policies: two spaces a level, and spaces around each colon."""
    return json.dumps(policy, indent=2, separators=(",", " : "))


def text_of(statements: Statements) -> str:
    """Return the policy of these statements in the shortest form, with the Version that supports variables."""
    return compact({"Version": "2012-10-17", "Statement": list(statements)})


def anew(text: str, label: str) -> str:
    """Return the same policy as a new text that no cache knows: its first statement gets a Sid."""
    return text.replace('"Statement":[{', f'"Statement":[{{"Sid":"{label}",', 1)
