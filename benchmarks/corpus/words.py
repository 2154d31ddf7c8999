"""The vocabulary that every corpus draws from: one owner, one trust register, names as a real registry has them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""A JSON value as it goes into a policy; tuples are written as lists."""

Policies = list[tuple[str, str]]
"""Pairs of what a policy is called in the report and its text."""

Statements = list[dict[str, Json]]

LIMIT = 10_240
"""ECR refuses a repository policy of more characters than this."""

ROOM = LIMIT - 24
"""What the generators fill, so that `anew` can mark a text and it still fits."""

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
"""A register of ordinary size, so that nothing is measured against an empty one."""

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
    """Numbers that a seed fixes on every platform and Python version."""
    return random.Random(seed)  # noqa: S311 - repeatable is the point, nothing is secret


def account(rng: random.Random) -> str:
    """A twelve-digit account number that is neither the owner's nor trusted."""
    return str(rng.randrange(500_000_000_000, 1_000_000_000_000))


def organization(rng: random.Random) -> str:
    """An organization id of the shortest shape that AWS gives out."""
    return "o-" + identifier(rng, 10)


def organization_path(rng: random.Random) -> str:
    """A path of an organizational unit, with the slash that ends every value of `aws:PrincipalOrgPaths`."""
    return f"{organization(rng)}/r-{identifier(rng, 4)}/ou-{identifier(rng, 4)}-{identifier(rng, 8)}/"


def identifier(rng: random.Random, length: int) -> str:
    """Lower-case letters and digits, as in AWS's own ids."""
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def name(rng: random.Random) -> str:
    """A role's or user's name such as `payments-deploy-prod`."""
    return f"{rng.choice(TEAMS)}-{rng.choice(PARTS)}-{rng.choice(STAGES)}"


def principal(rng: random.Random, number: str) -> str:
    """One way to name a principal of an account: its root, itself, a role, or a user."""
    shape = rng.choices(("root", "id", "role", "user"), weights=(5, 2, 5, 1))[0]
    if shape == "root":
        return f"arn:aws:iam::{number}:root"
    if shape == "id":
        return number
    return f"arn:aws:iam::{number}:{shape}/{name(rng)}"


def some(rng: random.Random, values: Sequence[str], low: int, high: int) -> list[Json]:
    """Between `low` and `high` different ones of the values."""
    return list(rng.sample(values, min(rng.randint(low, high), len(values))))


def compact(policy: Json) -> str:
    """The shortest JSON text, which is how the most fits into the size limit."""
    return json.dumps(policy, separators=(",", ":"))


def pretty(policy: Json) -> str:
    """JSON laid out as ECR returns a policy: two blanks a level and blanks around each colon."""
    return json.dumps(policy, indent=2, separators=(",", " : "))


def text_of(statements: Statements) -> str:
    """The policy of these statements in the shortest form, of the Version that has variables."""
    return compact({"Version": "2012-10-17", "Statement": list(statements)})


def anew(text: str, label: str) -> str:
    """The same policy as a text that nobody has judged yet: its first statement gets a Sid."""
    return text.replace('"Statement":[{', f'"Statement":[{{"Sid":"{label}",', 1)
