"""Access through roles for programs: rows of CSV, and a finding of SARIF and OCSF for each role that outsiders assume.

The trust policy of the first role allows them, so that role is the place of a finding. Unread parts are told too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ....documents.problems import first_of
from ....judgement.values.verdict import Kind
from ....questions.roles.answer import Leaves, More, PossibleWay, Through, WayIn
from ....questions.roles.outsiders import Who
from ....sources.check.rules import UNDECIDED, Rule, rule_about
from ...audit.items import Lack, Unread
from ...audit.known_ways import KnownWays
from ...audit.report import AuditReport
from ..base.program import visible
from .audit_roles import MORE, besides, by_way_of, severity, whom
from .csv_table import Row
from .sarif import Json, row

_KINDS = {Who.ANY_ACCOUNT: Kind.ANY, Who.ANYBODY: Kind.ANY, Who.ORGANIZATION: Kind.ORGANIZATION}
"""The rules about access by a policy are also those about access through a role. All others are accounts outside."""
_SHOWN_ROLES = 3


Found = WayIn | PossibleWay | More


def csv_rows(account: str, found: Through) -> Iterator[tuple[str, Row]]:
    """Yield each repository with an outsider and a chain of roles: what is certain, undecided and approved.

    Then come the first roles of those who may reach more, or leave the account, and unread parts.
    """
    for standing, some in (("THROUGH_ROLES", found.ways), ("UNDECIDED", found.perhaps), ("APPROVED", found.approved)):
        for one in some:
            reason = one.reason if isinstance(one, PossibleWay) else ""
            shared: Row = {
                "kind": "role",
                "compliance": standing,
                "severity": severity(one.access, one.outsider).name if isinstance(one, WayIn) else "",
                "statement": one.trusted_by if isinstance(one, WayIn) else "",
                "grantee": whom(one.outsider),
                "access": " ".join(access.value for access in one.access),
                "actions": " ".join(one.actions) if isinstance(one, WayIn) else "",
                "reason": f"through {by_way_of(one.chain)}{': ' if reason else ''}{visible(reason)}",
            }
            yield from ((arn, shared) for arn in one.repositories)
    besides_calls: tuple[More | Leaves, ...] = (*found.more, *found.leaves)
    for each in besides_calls:
        said = f"through {by_way_of(each.chain)}: {besides(each)}"
        row: Row = {"kind": "role", "repository": "", "grantee": whom(each.outsider), "reason": said}
        yield each.chain[0], {**row, "compliance": "MORE" if isinstance(each, More) else "LEAVES"}
    for unread in found.unread:
        yield "", {"account": account, "kind": "role", "compliance": "UNREAD", "reason": visible(unread)}


def ways_by_role(report: AuditReport) -> Mapping[str, list[Found]]:
    """Return the certain and possible access from outside, by the first role."""
    found: dict[str, list[Found]] = {}
    for account in (report.roles or {}).values():
        every: tuple[Found, ...] = (*account.ways, *account.perhaps, *account.more)
        for one in every:
            found.setdefault(one.chain[0], []).append(one)
    return found


def unread_by_roles(report: AuditReport) -> Iterator[Unread]:
    """Yield why there may be more access through the roles of an account."""
    for account, found in (report.roles or {}).items():
        if found.unread:
            yield Unread("; ".join(map(visible, found.unread)), account, about=Lack.ROLES)


def said_of(one: Found) -> tuple[Rule, str]:
    """Return the rule about an access, and the access in words."""
    if isinstance(one, More):
        return UNDECIDED, f"{whom(one.outsider)} {MORE} through {by_way_of(one.chain)}: {besides(one)}"
    access = "/".join(each.value for each in one.access)
    names = [arn.partition(":repository/")[2] for arn in one.repositories]
    what = f"{access} of {first_of(names, _SHOWN_ROLES)} through {by_way_of(one.chain)}"
    if isinstance(one, PossibleWay):
        return UNDECIDED, f"{whom(one.outsider)} may get {what}: {one.reason}"
    rule = rule_about(_KINDS.get(one.outsider.kind, Kind.ACCOUNT), severity(one.access, one.outsider))
    return rule, f"{whom(one.outsider)} gets {what}: {one.trusted_by} of the trust policy allows the call"


def role_result(role: str, one: Found, place: Json, known: KnownWays | None) -> Json:
    """Return an access as a result of SARIF. It stays the same if a role reaches one repository more."""
    from hashlib import sha256

    rule, said = said_of(one)
    access = [] if isinstance(one, More) else [each.value for each in one.access]
    what = (one.reason,) if isinstance(one, PossibleWay) else one.actions
    identity = json.dumps([role, rule.id, one.outsider.kind.value, one.outsider.name, *one.chain, *access, *what])
    about = {"resourceKind": "role", "grantee": one.outsider.name, "access": access, "chain": [*one.chain]}
    lines = [said]
    if isinstance(one, WayIn):
        lines += [f"{hop.witness.principal} may call {hop.witness.action}." for hop in one.hops]
    found = row(rule, lines, place, sha256(identity.encode()).hexdigest())
    if known is not None:
        found["baselineState"] = "unchanged" if known.has(one) else "new"
    where = [] if isinstance(one, More) else [*one.repositories]
    return {**found, "properties": {"severity": rule.severity.name, **about, "repositories": where}}
