"""The policies of the comparison and the correct answers. No one outside is trusted in any of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ecr_crossaccount import Repository, Trust, Verdict, judge

from benchmarks.corpus import OWNER, REGIONS, mixed
from tests import case_tables
from tests.properties.oracle import Request, allows
from tests.properties.undecided import policy as random_policy

SEED = 15
TABLES, ORDINARY, RANDOM = "case tables", "ordinary policies", "random policies"
ACCOUNTS, SERVICES, PUBLIC, FORM = "accounts", "services", "public", "form"
"""Has another account access? A service that acts for another account? Any account? Is the policy well formed?"""
_NOBODY = Trust.nobody()
_AWS = "aws"


@dataclass(frozen=True, slots=True)
class Question:
    """A policy for a repository of `owner`, and who outside has access: an account, any account, or a service."""

    corpus: str
    name: str
    owner: str
    policy: str
    accounts: bool
    public: bool
    services: bool
    circumstances: dict[str, Any] = field(default_factory=dict)
    """The repository's name, Region, organization and tags, and the policy's `origin`, as far as they are given."""

    @property
    def outside(self) -> bool:
        """Whether anyone outside has access."""
        return self.accounts or self.services

    def is_about(self, asked: str) -> bool:
        """Return whether the question is asked about this policy.

        A policy that gives no account access, and names a service or gives one access, is about services alone. Each
        other question would count an answer about the service as one about accounts.
        """
        about_services = not self.accounts and (self.services or _names_a_service(json.loads(self.policy)))
        return about_services if asked == SERVICES else not about_services if asked == ACCOUNTS else True

    def truth(self, asked: str) -> bool:
        """Return the correct answer to a question about this policy."""
        return {ACCOUNTS: self.accounts, SERVICES: self.services, PUBLIC: self.public}.get(asked, self.outside)


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions, and for each corpus how many policies there were and how many of these are left out.

    A policy is left out if it is undecided, or if the second program does not allow a witness. That program decides
    whether a letter is another one's capital where the judgement does not, and takes a Deny for one that counts.
    """

    questions: tuple[Question, ...]
    left_out: Mapping[str, tuple[int, int]]


def questions(each: int) -> Asked:
    """Return all cases of the tables that the peers can answer, and `each` policies of both generators."""
    asked: list[Question] = []
    left_out = {}
    for corpus, made, most in (
        (TABLES, _tables(), None),
        (ORDINARY, _ordinary(each * 2), each),
        (RANDOM, _random(), each),
    ):
        found: list[Question] = []
        seen = 0
        for one in made:
            seen += 1
            found += [one] if one else []
            if len(found) == most:
                break
        left_out[corpus] = (seen - len(found), seen)
        asked += found
    return Asked(tuple(asked), left_out)


def _tables() -> Iterator[Question | None]:
    """Yield cases without trust whose answer is the same on any day, because the peers do not know the day.

    A case that is undecided is None.
    """
    for case in case_tables.cases():
        expect, policy = case.expect, case.policy
        asks = isinstance(policy, dict) and not case.trust and expect.invalid is False
        if asks and case.partition in (None, _AWS) and case.today is None:
            told = {**case.repository_fields(), **({"origin": case.origin} if case.origin else {})}
            if expect.undecided is not False:
                yield None
            else:
                text = json.dumps(policy)
                yield Question(
                    TABLES, case.name, case.owner, text, expect.external, expect.public, expect.service, told
                )


def _ordinary(number: int) -> Iterator[Question | None]:
    for place, (kind, text) in enumerate(mixed(f"compare-{SEED}", number)):
        yield _settled(ORDINARY, f"{kind} {place}", text, OWNER)


def _random() -> Iterator[Question | None]:
    draw = random.Random(SEED)  # noqa: S311 - the same policies every time
    for number in count():
        yield _settled(RANDOM, f"random {number}", json.dumps(random_policy(draw)), case_tables.OWNER)


def _settled(corpus: str, name: str, text: str, owner: str) -> Question | None:
    """Return the question, if the judgement is decided and the second program agrees about every witness."""
    told = {"name": "base/app", "region": REGIONS[0]}
    repository = Repository(owner, told["name"], told["region"])
    verdict = judge(text, repository, _NOBODY)
    if verdict.undecided or verdict.invalid or not _is_agreed_upon(verdict, text, repository):
        return None
    return Question(corpus, name, owner, text, verdict.external, verdict.public, verdict.service, told)


def _is_agreed_upon(verdict: Verdict, text: str, repository: Repository) -> bool:
    witnesses = [Request(one.witness.principal, one.witness.action, one.witness.context) for one in verdict.grants]
    return all(allows(json.loads(text), witness, repository) for witness in witnesses)


def _names_a_service(policy: Mapping[str, Any]) -> bool:
    statements = policy.get("Statement", [])
    return any(
        isinstance(one.get("Principal"), dict) and "Service" in one["Principal"]
        for one in (statements if isinstance(statements, list) else [statements])
        if isinstance(one, dict) and one.get("Effect") == "Allow"
    )
