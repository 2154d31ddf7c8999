"""The Lambda handler of the rule, set up once per container. The rest is in `ecr_crossaccount.products.rule`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import rdklib  # noqa: F401 - the largest part of a cold start by far: Lambda initializes at full speed

if TYPE_CHECKING:
    from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
    from ecr_crossaccount.sources.register.served import ServedAccounts


def lambda_handler(event: Mapping[str, object], context: object) -> object:
    """Answer an event of AWS Config. Results go to Config, and errors to Lambda."""
    return _evaluator().handle(event, context)


@cache
def _evaluator() -> CrossAccountEvaluator:
    from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
    from ecr_crossaccount.products.rule.rule import CrossAccountRule

    return CrossAccountEvaluator(CrossAccountRule(), members=served_members())


def served_members() -> ServedAccounts | None:
    """Return the accounts of the organization if the function serves all of them, or None if it serves named ones."""
    if not os.environ.get("SERVED_MEMBERS"):
        return None
    from ecr_crossaccount.sources.register.listed import ListedMembers

    return ListedMembers.of_environment()
