"""What holds for each case of the tables besides its own answer: the work, the witnesses, the form, and trust."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from ecr_crossaccount import Grant, Kind, Repository, Verdict
from ecr_crossaccount.judgement.context.keys import documented_name

from tests.case_tables import Case, cases
from tests.judgement.test_cases import verdict_of
from tests.judgement.work import RECORDED, TABLES, cases_in, steps_of
from tests.properties.oracle import Request, allows

UNLIKE_THE_ORACLE = {
    "a Deny on letters that some folding takes for each other does not count": "reads letters as Python does",
    "a stored Deny does not count whose Resource may name another repository": "reads no Resource",
    "an MCP service may pass a request on": "does not know the key",
    "a user's name may be a day, which has no colons": "reads days with a time alone",
    "the caller's account must not equal the resource's": "does not know the accounts of services",
}
"""The cases whose witness the oracle does not allow, and why: what it does otherwise."""


@pytest.mark.parametrize("table", TABLES)
def test_the_work_of_a_table_is_what_is_recorded(table: str) -> None:
    found = steps_of(table)
    assert found == RECORDED[table], f"{found - RECORDED[table]:+} steps: if that is meant, make answers"


def _object(case: Case) -> dict[str, Any] | None:
    try:
        found = json.loads(case.policy) if isinstance(case.policy, str) else case.policy
    except ValueError:
        return None
    return dict(found) if isinstance(found, Mapping) else None


@pytest.mark.parametrize("table", TABLES)
def test_a_second_program_allows_every_witness(table: str) -> None:
    for case in cases_in(table):
        policy, found = _object(case), verdict_of(case)
        if policy is None or found.invalid or case.name in UNLIKE_THE_ORACLE:
            continue
        repository, deployed = Repository(case.owner, **case.repository_fields()), case.origin == "deployed"
        for grant in found.grants:
            one = grant.witness
            request = Request(one.principal, one.action, one.context)
            assert allows(policy, request, repository, deployed=deployed) is True, (case.name, grant)


def test_the_oracle_differs_about_the_cases_that_are_named() -> None:
    assert {case.name for case in cases()} >= set(UNLIKE_THE_ORACLE)


_PRINCIPALS = {
    "role": ("AssumedRole", "AROA"),
    "user": ("User", "AIDA"),
    "federated-user": ("FederatedUser", "{account}:{name}"),
    "root": ("Account", "{account}"),
}
"""By the form of a principal: its type, and the beginning of its unique id."""


def _said_of_all(case: Case) -> dict[str, object]:
    known = {"aws:ResourceAccount": case.owner, "aws:RequestedRegion": case.region}
    return {**known, "aws:ResourceOrgID": case.organization}


def _said_of_service(name: str) -> dict[str, object]:
    return {"aws:PrincipalServiceName": name, "aws:PrincipalIsAWSService": "true"}


def _said_of_principal(arn: str) -> dict[str, object]:
    """Return what a request by a principal says about it, with the ARN that `aws:PrincipalArn` has."""
    _, _, _, _, account, resource = arn.split(":", 5)
    form, name = resource.partition("/")[0], resource.rpartition("/")[2]
    return {
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": _PRINCIPALS[form][0],
        "aws:PrincipalIsAWSService": "false",
        "aws:username": name if form == "user" else None,
        "aws:userid": _PRINCIPALS[form][1].format(account=account, name=name),
    }


def _lacking(case: Case, grant: Grant) -> Iterator[str]:
    """Yield the keys that a witness shows otherwise than its principal, its service and the repository say."""
    shown = {documented_name(key): value for key, value in grant.witness.context.items()}
    yield from {"aws:CurrentTime", "aws:EpochTime"} - shown.keys()
    said = _said_of_all(case)
    if grant.kind is Kind.SERVICE:
        said |= _said_of_service(grant.witness.principal)
        yield from {"aws:PrincipalServiceNamesList"} - shown.keys()
    else:
        said |= _said_of_principal(str(shown["aws:PrincipalArn"]))
        yield from {"aws:SecureTransport", "aws:ViaAWSService"} - shown.keys()
        if {"aws:SourceIp", "aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce"}.isdisjoint(shown):
            yield "an address or an endpoint"
    unique = (said.pop("aws:userid", ""), str(shown.get("aws:userid", "")))
    if not unique[1].startswith(str(unique[0])):
        yield "aws:userid"
    yield from (key for key, value in said.items() if shown.get(key) != value and value is not None)
    yield from (key for key, value in said.items() if value is None and key == "aws:username" and key in shown)


@pytest.mark.parametrize("table", TABLES)
def test_a_witness_shows_every_key_that_its_request_has(table: str) -> None:
    lacking = [
        (case.name, grant.witness, lacks)
        for case in cases_in(table)
        for grant in verdict_of(case).grants
        if (lacks := [*_lacking(case, grant)])
    ]
    assert lacking == []


def _frozen(value: object) -> object:
    """Return a JSON value in other containers: with tuples for lists, and with mappings that are no `dict`."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


@pytest.mark.parametrize("table", TABLES)
def test_a_policy_in_other_containers_gets_the_same_answer(table: str) -> None:
    for case in cases_in(table):
        frozen = _frozen(case.policy)
        assert isinstance(frozen, (Mapping, str)) or frozen is None
        found, known = (verdict_of(one).to_json() for one in (replace(case, policy=frozen), case))
        places = [[one.at for one in verdict_of(each).invalid] for each in (replace(case, policy=frozen), case)]
        assert places[0] == places[1], case.name
        assert {**found, "invalid": 0} == {**known, "invalid": 0}, case.name  # a reason names the container


def _as_text(policy: Mapping[str, Any]) -> str:
    """Return the policy as a text with escapes and space, and with its names in the opposite order."""
    turned = dict(reversed([*policy.items()]))
    return json.dumps(turned, indent=2).replace("/", "\\/")


@pytest.mark.parametrize("table", TABLES)
def test_a_policy_as_a_text_gets_the_same_answer(table: str) -> None:
    for case in cases_in(table):
        if isinstance(case.policy, Mapping):
            found, known = (verdict_of(replace(case, policy=one)) for one in (_as_text(case.policy), case.policy))
            assert {**found.to_json(), "invalid": 0} == {**known.to_json(), "invalid": 0}, case.name
            assert {(one.at, one.reason) for one in found.invalid} == {(one.at, one.reason) for one in known.invalid}


# --- trust ---


def _entry(grant: Grant) -> dict[str, object] | None:
    """Return an entry that covers whom a grant names, or None if no single entry does."""
    match grant.kind:
        case Kind.ACCOUNT:
            return {"account": grant.grantee}
        case Kind.ORGANIZATION if grant.grantee.startswith("o-"):
            return {"organization": grant.grantee}
        case Kind.SERVICE if not grant.grantee.startswith("any "):
            return {"service": grant.witness.principal}
    return None


def _under(case: Case, *entries: dict[str, object]) -> Verdict:
    return verdict_of(replace(case, trust=(*case.trust, *entries)))


_INCLUDED = {"READ": {"READ"}, "WRITE": {"READ", "WRITE"}, "ADMIN": {"READ", "WRITE", "ADMIN"}}


@pytest.mark.parametrize("table", TABLES)
def test_whom_trust_covers_has_no_grant_for_what_it_is_trusted_with(table: str) -> None:
    for case in cases_in(table):
        known = verdict_of(case).grants
        entries = {json.dumps(entry): entry for grant in known if (entry := _entry(grant)) is not None}
        for entry, (access, included) in itertools.product(entries.values(), _INCLUDED.items()):
            left = _under(case, {**entry, "access": access}).grants
            held = {one.value for grant in left if _entry(grant) == entry for one in grant.access}
            assert held.isdisjoint(included), (case.name, entry, access)
