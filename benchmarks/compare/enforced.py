"""The access that Landing Zone Accelerator leaves open: policies with its enforced statement, judged again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from ecr_crossaccount import Repository, Trust, judge

from ..corpus import ORGANIZATION
from .peers import accelerator, with_perimeter
from .questions import Question

_ENTRY = {
    "organization": ORGANIZATION,
    "access": "ADMIN",
    "reason": "the organization",
    "owner": "platform@example.com",
}
_TRUST = {"version": 1, "trust": [_ENTRY]}


def still_open(questions: Sequence[Question]) -> tuple[int, int]:
    """Return how many of the open policies comply after its remediation, and how many of these still grant access."""
    complies, trust = accelerator(), Trust.parse(_TRUST, today=date(2026, 1, 1))
    compliant = still = 0
    for question in questions:
        if question.outside and isinstance(json.loads(question.policy), dict):
            text = with_perimeter(question.policy)
            if complies({"policy": text}) is None:
                compliant += 1
                repository = Repository(question.owner, "base/app", "us-east-1", organization=ORGANIZATION)
                still += bool(judge(text, repository, trust).grants)
    return compliant, still
