"""Every row of the table of condition keys with every operator, compared with what is recorded and with the oracle."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Compliance
from ecr_crossaccount.judgement.context.table import KEYS

from tests.judgement.operators_on_keys import CELLS, REPOSITORY, answers, cells, named
from tests.properties.oracle import Request, allows

RECORDED = json.loads(CELLS.read_text("utf-8"))
ROWS = [one.name for one in KEYS]
UNKNOWN_TO_THE_ORACLE = {"aws:ViaAWSMCPService", "aws:IsMcpServiceAction"}


def test_every_row_is_recorded() -> None:
    assert list(RECORDED) == ROWS, "make answers"


@pytest.mark.parametrize("row", ROWS)
def test_an_operator_on_a_key_means_what_is_recorded(row: str) -> None:
    answered = answers(named(row))
    assert cells(answered) == RECORDED[row], "if that is meant, make answers"
    if row in UNKNOWN_TO_THE_ORACLE:
        return
    shown: dict[object, Request] = {}
    for place, document, found in answered:
        for grant in found.grants:
            one = grant.witness
            request = Request(one.principal, one.action, one.context)
            value = request.keys.get(named(row).lower())
            if value is not None:
                shown.setdefault((one.principal, value), request)
            if place != "deny":
                assert allows(document, request, REPOSITORY) is not False, (document, request)
    for _, document, found in answered:
        if found.compliance is Compliance.COMPLIANT:
            assert not [one for one in shown.values() if allows(document, one, REPOSITORY)], document
