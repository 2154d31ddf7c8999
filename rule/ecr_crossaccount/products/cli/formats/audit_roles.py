"""The access of outsiders through roles of the account: text, rows of CSV, and findings of SARIF and OCSF.

The text has pushes and administration first. A finding is about each role that outsiders assume. The trust policy of
the first role allows them, so that role is the place of a finding. Unread parts are told too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from ....documents.problems import count_of, first_of
from ....judgement.values.verdict import Access, Kind, Severity
from ....questions.roles.answer import Approved, Leaves, More, PossibleWay, Through, WayIn
from ....questions.roles.outsiders import Outsider, Who
from ....sources.check.rules import UNDECIDED, Rule, rule_about
from ...audit.items import Unread
from ...audit.report import AuditReport, KnownWays
from ...audit.roles import worst_accounts
from ...kinds.handling import Lack
from ..base.program import visible
from .audit_parts import Names
from .check_reports import Row
from .sarif import Json, row
from .text import SEVERITIES, Page, Text, group_items

TITLE = "Through roles"
SCOPE = "of the account that outsiders may assume; service control policies were not read, and may deny it"
MORE = "may reach more than these calls show"
NOBODY = "no one outside{besides} reaches a repository through them"
_SHOWN = 5

Told = WayIn | More | PossibleWay | Leaves | Approved
"""Everything that is told about an outsider and a chain of roles."""


def show_roles(
    page: Page, found: Mapping[str, Through], names: Names, known: KnownWays | None = None, nobody: str = NOBODY
) -> None:
    """Write what was found in each account. Access that a baseline has is one line for each account.

    `nobody` is the sentence about an account without such access.
    """
    page.heading(TITLE)
    page.line(Text(SCOPE, "dim"), 2)
    for account, one in worst_accounts(found):
        page.line()
        page.line(visible(f"account {account}: {standing(one, nobody)}"), 2)
        _show_ways(page, one, names, known)
        for more in one.more:
            _show(page, "MORE", more, MORE, besides(more))
        for leaving in one.leaves:
            _show(page, "leaves", leaving, f"leaves this account: {besides(leaving)}")
        for approved in one.approved:
            what = f"{in_levels(approved.access)} of {names.some(approved.repositories)}"
            _show(page, "approved", approved, f"is approved for {what}")
        for reason in one.unread:
            page.field("NOT READ", visible(reason), 2, SEVERITIES[Severity.MEDIUM])
        for note in one.notes:
            page.field("note", visible(note), 2)


def _show_ways(page: Page, one: Through, names: Names, known: KnownWays | None) -> None:
    every: tuple[WayIn | PossibleWay, ...] = (*one.ways, *one.perhaps)
    old = [] if known is None else [way for way in every if known.has(way)]
    for _, ways in group_items([way for way in one.ways if way not in old], _key):
        first = ways[0]  # whose requests stand for those of the others
        worst = severity(first.access, first.outsider)
        what = f"{in_levels(first.access)} of {names.some(arn for way in ways for arn in way.repositories)}"
        because = f"{first.trusted_by} of the trust policy allows the call"
        _show(page, worst.name, first, f"gets {what}", because)
        for hop in first.hops:
            page.field("request", visible(f"{hop.witness.principal} may call {hop.witness.action}"), 2)
    for doubt in one.perhaps:
        if doubt not in old:
            what = f"may get {in_levels(doubt.access)} of {names.some(doubt.repositories)}"
            _show(page, "UNDECIDED", doubt, what, visible(doubt.reason))
    if old:
        page.field("known", f"{len(old):,} of the baseline", 2)


def standing(one: Through, nobody: str = NOBODY) -> str:
    """Return in a few words what was found in an account."""
    roles = count_of(one.roles, "role", "roles")
    if one.is_nobody:
        besides = " but those who are approved" if one.approved else ""
        return f"{roles}, and {nobody.replace('{besides}', besides)}"
    outsiders, more = len({way.outsider for way in one.ways}), len({each.outsider for each in one.more})
    said = (
        f"{outsiders:,} from outside {'has' if outsiders == 1 else 'have'} access" if outsiders else "no one was found"
    )
    doubtful = len(one.perhaps) + len(one.unread)
    beyond = f"; {more:,} {MORE}" if more else ""
    return f"{roles}; {said}{f'; {doubtful:,} undecided' if doubtful else ''}{beyond}"


def besides(one: More | Leaves) -> str:
    """Return what the last role of a chain may do besides its calls to Amazon ECR."""
    some = one.actions if isinstance(one, More) else one.roles
    shown = ", ".join(some[:_SHOWN]) + (f" and {len(some) - _SHOWN} more" if some[_SHOWN:] else "")
    if isinstance(one, Leaves):
        return f"the role may assume {visible(shown)}"
    return f"the role {'may' if one.certain else 'perhaps may'} call {shown}"


def whom(one: Outsider) -> str:
    """Return an outsider in words."""
    shape = "{}" if one.name.startswith("an organization") else _WORDS.get(one.kind, "{}")
    issuer, _, subject = one.name.partition(" ")
    return visible(shape.format(one.name, issuer=issuer, subject=subject))


_WORDS = {
    Who.ANY_ACCOUNT: "any AWS account",
    Who.ACCOUNT: "account {}",
    Who.ORGANIZATION: "organization {}",
    Who.GITHUB: "GitHub {}",
    Who.GITLAB: "GitLab {}",
    Who.TERRAFORM: "HCP Terraform {}",
    Who.COGNITO: "the Amazon Cognito pool {}",
    Who.OIDC: "{subject} of {issuer}",
    Who.SAML: "SAML provider {}",
    Who.SERVICE: "the service {}",
    Who.ANYBODY: "anyone with a token of {}",
}


def severity(access: Iterable[Access], outsider: Outsider) -> Severity:
    """Return how bad the access is: as if a policy of the repository had granted it."""
    if {*access} - {Access.READ}:
        return Severity.CRITICAL
    return Severity.HIGH if outsider.kind in (Who.ANY_ACCOUNT, Who.ANYBODY) else Severity.MEDIUM


def in_levels(access: Iterable[Access]) -> str:
    """Return access levels in words."""
    return "/".join(each.value for each in access)


def by_way_of(chain: Iterable[str]) -> str:
    """Return a chain of roles in words."""
    return visible(" → ".join(arn.partition(":role/")[2] for arn in chain))


def _key(way: WayIn) -> tuple[object, ...]:
    return way.outsider, way.chain, way.access, way.trusted_by


_STYLES = {
    "MORE": SEVERITIES[Severity.HIGH],
    "UNDECIDED": SEVERITIES[Severity.MEDIUM],
    **{severity.name: style for severity, style in SEVERITIES.items()},
}


def _show(page: Page, label: str, one: Told, says: str, because: str = "") -> None:
    page.field(label, Text(whom(one.outsider), "bold").append(f" {says}"), 2, _STYLES.get(label, "dim"))
    page.field("through", by_way_of(one.chain), 2)
    if because:
        page.field("because", because, 2)


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
    every: list[Found] = []
    for account in (report.roles or {}).values():
        every += *account.ways, *account.perhaps, *account.more
    return dict(group_items(every, lambda one: one.chain[0]))


def unread_by_roles(report: AuditReport) -> Iterator[Unread]:
    """Yield why there may be more access through the roles of an account."""
    for account, found in (report.roles or {}).items():
        if found.unread:
            yield Unread("; ".join(map(visible, found.unread)), account, about=Lack.ROLES)


def said_of(one: Found) -> tuple[Rule, str]:
    """Return the rule about an access, and the access in words."""
    if isinstance(one, More):
        return UNDECIDED, f"{whom(one.outsider)} {MORE} through {by_way_of(one.chain)}: {besides(one)}"
    names = [arn.partition(":repository/")[2] for arn in one.repositories]
    what = f"{in_levels(one.access)} of {first_of(names, _SHOWN_ROLES)} through {by_way_of(one.chain)}"
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
