"""Access through roles for programs: rows of CSV, and a finding of SARIF and OCSF for each role that outsiders assume.

The trust policy of the first role allows them, so that role is the place of a finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ....documents.problems import first_of
from ....judgement.values.verdict import Kind
from ....questions.roles.answer import Perhaps, Through, WayIn
from ....questions.roles.outsiders import Who
from ....sources.check.rules import UNDECIDED, Rule, rule_about
from ...audit.known_ways import KnownWays
from ...audit.report import AuditReport
from ..base.program import visible
from .audit_roles import by_way_of, severity, whom
from .csv_table import Row
from .sarif import Json, row

_KINDS = {Who.ANY_ACCOUNT: Kind.ANY, Who.ANYBODY: Kind.ANY, Who.ORGANIZATION: Kind.ORGANIZATION}
"""The rules about access by a policy are also those about access through a role. All others are accounts outside."""
_SHOWN = 3


def csv_rows(found: Through) -> Iterator[tuple[str, Row]]:
    """Yield each repository with an outsider and a chain of roles: what is certain, undecided and approved."""
    for standing, some in (("THROUGH_ROLES", found.ways), ("UNDECIDED", found.perhaps), ("APPROVED", found.approved)):
        for one in some:
            reason = one.reason if isinstance(one, Perhaps) else ""
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


def ways_by_role(report: AuditReport) -> Mapping[str, list[WayIn | Perhaps]]:
    """Return the certain and possible access from outside, by the first role."""
    found: dict[str, list[WayIn | Perhaps]] = {}
    for account in (report.roles or {}).values():
        every: tuple[WayIn | Perhaps, ...] = (*account.ways, *account.perhaps)
        for one in every:
            found.setdefault(one.chain[0], []).append(one)
    return found


def said_of(one: WayIn | Perhaps) -> tuple[Rule, str]:
    """Return the rule about an access, and the access in words."""
    access = "/".join(each.value for each in one.access)
    names = [arn.partition(":repository/")[2] for arn in one.repositories]
    what = f"{access} of {first_of(names, _SHOWN)} through {by_way_of(one.chain)}"
    if isinstance(one, Perhaps):
        return UNDECIDED, f"{whom(one.outsider)} may get {what}: {one.reason}"
    rule = rule_about(_KINDS.get(one.outsider.kind, Kind.ACCOUNT), severity(one.access, one.outsider))
    return rule, f"{whom(one.outsider)} gets {what}: {one.trusted_by} of the trust policy allows the call"


def role_result(role: str, one: WayIn | Perhaps, place: Json, known: KnownWays | None) -> Json:
    """Return an access as a result of SARIF. It stays the same if a role reaches one repository more."""
    from hashlib import sha256

    rule, said = said_of(one)
    access = [each.value for each in one.access]
    what = one.actions if isinstance(one, WayIn) else (one.reason,)
    identity = json.dumps([role, rule.id, one.outsider.kind.value, one.outsider.name, *one.chain, *access, *what])
    about = {"resourceKind": "role", "grantee": one.outsider.name, "access": access, "chain": [*one.chain]}
    lines = [said]
    if isinstance(one, WayIn):
        lines += [f"{hop.witness.principal} may call {hop.witness.action}." for hop in one.hops]
    found = row(rule, lines, place, sha256(identity.encode()).hexdigest())
    if known is not None:
        found["baselineState"] = "unchanged" if known.has(one) else "new"
    return {**found, "properties": {"severity": rule.severity.name, **about, "repositories": [*one.repositories]}}
