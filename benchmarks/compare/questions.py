"""The policies of the comparison and the correct answers. No one outside is trusted in any of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

from ecr_crossaccount import Repository, Trust, Verdict, judge

from benchmarks.corpus import OWNER, REGIONS, mixed
from tests import case_tables
from tests.properties.oracle import Request, allows
from tests.properties.undecided import policy as random_policy

SEED = 15
TABLES, ORDINARY, RANDOM = "case tables", "ordinary policies", "random policies"
_NOBODY = Trust.nobody()
_AWS = "aws"


@dataclass(frozen=True, slots=True)
class Question:
    """A policy for a repository of `owner`, whether it grants access to anyone outside, and whether it is public."""

    corpus: str
    name: str
    owner: str
    policy: str
    outside: bool
    public: bool
    circumstances: dict[str, Any] = field(default_factory=dict)
    """The repository's name, Region, organization and tags, and the policy's `origin`, as far as they are given."""


def questions(each: int) -> list[Question]:
    """Return all cases of the tables that the peers can answer, and `each` policies of both generators."""
    return [*_tables(), *islice(_ordinary(each * 2), each), *islice(_random(), each)]


def _tables() -> Iterator[Question]:
    """Yield cases without trust whose answer is yes or no on any day, because the peers do not know the day."""
    for case in case_tables.cases():
        expect, policy = case.expect, case.policy
        if not isinstance(policy, dict) or case.trust or expect.undecided is not False or expect.invalid is not False:
            continue
        if case.partition in (None, _AWS) and case.today is None:
            outside = expect.compliance == "NON_COMPLIANT"
            told = {**case.repository_fields(), **({"origin": case.origin} if case.origin else {})}
            yield Question(TABLES, case.name, case.owner, json.dumps(policy), outside, expect.public, told)


def _ordinary(number: int) -> Iterator[Question]:
    for place, (kind, text) in enumerate(mixed(f"compare-{SEED}", number)):
        yield from _settled(ORDINARY, f"{kind} {place}", text, OWNER)


def _random() -> Iterator[Question]:
    draw = random.Random(SEED)  # noqa: S311 - the same policies every time
    for number in count():
        yield from _settled(RANDOM, f"random {number}", json.dumps(random_policy(draw)), case_tables.OWNER)


def _settled(corpus: str, name: str, text: str, owner: str) -> Iterator[Question]:
    """Yield the question, if the judgement is decided and the second implementation agrees about every witness."""
    told = {"name": "base/app", "region": REGIONS[0]}
    repository = Repository(owner, told["name"], told["region"])
    verdict = judge(text, repository, _NOBODY)
    if not verdict.undecided and not verdict.invalid and _is_agreed_upon(verdict, text, repository):
        yield Question(corpus, name, owner, text, bool(verdict.grants), verdict.public, told)


def _is_agreed_upon(verdict: Verdict, text: str, repository: Repository) -> bool:
    witnesses = [Request(one.witness.principal, one.witness.action, one.witness.context) for one in verdict.grants]
    return all(allows(json.loads(text), witness, repository) for witness in witnesses)
