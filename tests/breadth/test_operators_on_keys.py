"""Every row of the table of condition keys with every operator, compared with what is recorded and with the oracle."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Compliance
from ecr_crossaccount.judgement.context.table import KEYS

from tests.breadth.operators_on_keys import (
    CELLS,
    RELATED,
    REPOSITORY,
    VARIABLES,
    Answers,
    answers,
    cells,
    named,
    policies,
    together,
    varied,
)
from tests.profiles import is_nightly
from tests.properties.oracle import Request, allows

RECORDED = json.loads(CELLS.read_text("utf-8"))
ROWS = [one.name for one in KEYS]
_MOST_SHOWN = 8
UNKNOWN_TO_THE_ORACLE = {"aws:ViaAWSMCPService", "aws:IsMcpServiceAction"}


def test_every_row_is_recorded() -> None:
    variables = [f"${{{key}}}" for key in VARIABLES]
    assert list(RECORDED) == [*ROWS, *map(" and ".join, RELATED), *variables], "make answers"


@pytest.mark.parametrize("row", ROWS)
def test_an_operator_on_a_key_means_what_is_recorded(row: str) -> None:
    answered = answers(policies(named(row)))
    assert cells(answered) == RECORDED[row], "if that is meant, make answers"
    if row not in UNKNOWN_TO_THE_ORACLE:
        _agrees(answered, named(row).lower())


@pytest.mark.parametrize("one, other", RELATED)
def test_operators_on_two_keys_that_show_the_same_mean_what_is_recorded(one: str, other: str) -> None:
    answered = answers(together(one, other))
    assert cells(answered) == RECORDED[f"{one} and {other}"], "if that is meant, make answers"
    if is_nightly():  # the oracle takes most of the time
        _agrees(answered, other.lower())


@pytest.mark.parametrize("key", VARIABLES)
def test_a_variable_means_what_is_recorded(key: str) -> None:
    answered = answers(varied(key))
    assert cells(answered) == RECORDED[f"${{{key}}}"], "if that is meant, make answers"
    if key != "aws:ResourceAccount":  # the oracle does not know that no service has the owner's `aws:PrincipalAccount`
        _agrees(answered, key.lower())


def _agrees(found: Answers, key: str) -> None:
    """The oracle allows each witness of an Allow, and none of the requests with the key where nobody has access."""
    shown: dict[object, Request] = {}
    for place, document, verdict in found.answered:
        for grant in verdict.grants:
            one = grant.witness
            request = Request(one.principal, one.action, one.context)
            value = request.keys.get(key)
            if value is not None and len(shown) < _MOST_SHOWN:
                shown.setdefault((one.principal, value), request)
            if place != "deny":
                assert allows(document, request, REPOSITORY) is not False, (document, request)
    for _, document, verdict in found.answered:
        if verdict.compliance is Compliance.COMPLIANT:
            assert not [one for one in shown.values() if allows(document, one, REPOSITORY)], document
