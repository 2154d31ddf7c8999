"""What you can do about a grant: remove it, tighten it, or keep it and document the reason; and how texts show that."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ....documents.document import is_account
from ....documents.pattern import texts_in
from ....errors import suggest
from ....judgement.context.keys import NAMES, row
from ....judgement.control import SPARED
from ....judgement.judge import Repository
from ....judgement.values.actions import KNOWN
from ....judgement.values.verdict import Access, Compliance, Grant, Kind, SettledBy, Settles, Severity, Verdict
from ....memo import by_value
from ....questions.change.owners import UNOWNED
from ....sources.check.rules import Rule
from ..base.documentation import link
from ..base.options import ORGANIZATION
from ..base.program import visible
from .text import SEVERITIES, Page, Text, access_in_words, who

_PULL = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer"
_REPLICATION = frozenset({"ecr:ReplicateImage", "ecr:CreateRepository"})
"""The actions that replication from another account needs in a registry policy.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""
_ORGANIZATION_PATH = rf"{ORGANIZATION}/[a-z0-9/*?-]+"
_ACTION = r"ecr:[A-Za-z]+"
_SERVICE = r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?"


@by_value
class WayOut:
    """The three ways to resolve the grants of one statement. `entries` are lines for the trust register."""

    remove: str
    tighten: tuple[str, ...]
    entries: tuple[str, ...]


def way_out(grants: Sequence[Grant], statement: object, repository: Repository) -> WayOut:
    """Return what you can do about `grants`, which the `statement`, a policy's JSON value, gives."""
    subjects = _subjects(grants, statement)
    # Only a statement of a registry policy has a Resource.
    names_resources = isinstance(statement, dict) and "Resource" in statement
    return WayOut(
        "delete the statement, if nobody outside needs it",
        tuple(_tightenings(subjects, repository, names_resources=names_resources)),
        _entries(subjects, repository),
    )


def mistyped_keys(statement: object) -> Iterator[str]:
    """Yield advice about each condition key of a statement that is not known. It may be mistyped."""
    conditions = statement.get("Condition") if isinstance(statement, dict) else None
    for tested in conditions.values() if isinstance(conditions, dict) else ():
        for key in tested if isinstance(tested, dict) else ():
            if row(str(key).lower()) is None:
                yield f"`{key}` is not a known condition key{suggest(str(key), NAMES.values())}"


def way_out_of_exchange(grants: Sequence[Grant], configuration: object, repository: Repository) -> WayOut:
    """Return what you can do about the grants of a replication or a cache with the fields in `configuration`."""
    entries = _entries(_subjects(grants, configuration), repository)
    return WayOut("remove the other account's registry, if nobody needs it there", (), entries)


KEEP = "document it in the trust register (--trust)"
CORRECT = "correct it at that place; until then, its effect cannot be determined"
"""The way out of an invalid element."""
_SETTLES = {
    Settles.VALUE: "write a value that is known before the deployment, or audit the account afterwards",
    Settles.REGION: "add --region REGION",
    Settles.SCOPE: "set `registry-scope: V1` or `V2` in ecr-crossaccount.yaml",
    Settles.OWNER: "add --account ID",
    Settles.CORRECTION: CORRECT,
}
_ALONE = "write the condition so that the policy alone decides it"
NOTHING: Mapping[Settles, str] = {}


def way_out_of_doubt(settled_by: SettledBy, more: Mapping[Settles, str] = NOTHING) -> str:
    """Return what settles a doubt: the option, value or document that gives what is missing.

    `more`: what only this command or format knows.
    """
    if isinstance(settled_by, tuple):
        named = {hole: hole.supply for hole in settled_by if hole.supply}
        if named:
            return "; ".join(f"supply `{hole.name}`: {supply}" for hole, supply in named.items())
        settled_by = Settles.VALUE
    return _ALONE if settled_by is None else {**_SETTLES, **more}.get(settled_by, _ALONE)


Subject = tuple[str, str]
"""What the register trusts: a field of its entries, and a name."""

_Subjects = Sequence[tuple[Grant, Subject | None]]


def _subjects(grants: Sequence[Grant], giver: object) -> _Subjects:
    written = tuple(texts_in(giver))
    return [(grant, _subject(grant, written)) for grant in grants]


def _tightenings(subjects: _Subjects, repository: Repository, *, names_resources: bool) -> Iterator[str]:
    kinds = {grant.kind for grant, _ in subjects}
    yield from _corrections(grant for grant, _ in subjects)
    if Kind.ANY in kinds:
        # No service has an organization, so this one condition excludes services too.
        mine = repository.organization or "o-…"
        yield f"name the accounts in Principal, or make the Condition {_equals('aws:PrincipalOrgID', mine)}"
    elif Kind.SERVICE in kinds:
        mine = "…" if repository.account == UNOWNED else repository.account
        yield f"make the Condition {_equals('aws:SourceAccount', mine)}"
    if any(subject is None and grant.kind in (Kind.ACCOUNT, Kind.ORGANIZATION) for grant, subject in subjects):
        yield "name the accounts or the organization instead of a pattern"
    more = [grant for grant, _ in subjects if grant.access != (Access.READ,)]
    if more and names_resources and all(_REPLICATION.issuperset(grant.actions) for grant in more):
        yield "name in Resource only the repositories that should be replicated from there"
    elif more:
        yield f"allow only what is needed; a pull needs no more than {_PULL}"


def _corrections(grants: Iterable[Grant]) -> Iterator[str]:
    """Yield advice about each action that a statement writes out and that is not known. It may be mistyped."""
    for name in dict.fromkeys(name for grant in grants for name in grant.actions if re.fullmatch(_ACTION, name)):
        if name not in KNOWN:
            yield f"replace `{name}`, which is not a known action and counts as WRITE{suggest(name, KNOWN)}"


def _equals(key: str, value: str) -> str:
    return json.dumps({"StringEquals": {key: value}}, ensure_ascii=False)


def _entries(subjects: _Subjects, repository: Repository) -> tuple[str, ...]:
    """Return the lines of the register entries that cover the grants."""
    lines: list[str] = []
    for grant, subject in subjects:
        if subject is not None:
            lines += [f"- {subject[0]}: {json.dumps(subject[1])}", f"  access: {grant.access[-1].value}"]
            lines += [] if repository.name == "*" else [f"  repositories: [{json.dumps(repository.name)}]"]
            # This must not be pasted unread: the register rejects the date until a person has chosen one.
            lines += ["  reason: WHY", "  owner: WHOM-TO-ASK@example.com", "  expires: YYYY-MM-DD"]
    return tuple(lines)


def _subject(grant: Grant, written: Sequence[str]) -> Subject | None:
    """Return what the register would have to trust, or None for a grantee that no entry can name.

    An account counts only if the statement contains its number. If a pattern matches it, the grant names one of many.
    """
    match grant.kind:
        case Kind.ACCOUNT if is_account(grant.grantee):
            is_named = any(grant.grantee in text for text in written)
            return ("account", grant.grantee) if is_named else None
        case Kind.ORGANIZATION:
            return _organization(grant.grantee, written)
        case Kind.SERVICE:
            return _service(grant.grantee, written)
        case _:
            return None


def _organization(grantee: str, written: Sequence[str]) -> Subject | None:
    if grantee in written and re.fullmatch(ORGANIZATION, grantee):
        return "organization", grantee
    paths = (text for text in written if text.startswith(f"{grantee}/"))
    return next((("organization_path", path) for path in paths if re.fullmatch(_ORGANIZATION_PATH, path)), None)


def _service(grantee: str, written: Sequence[str]) -> Subject | None:
    """Return the account that a service acts for, because trust in the account covers it. Otherwise the service."""
    name, _, whom = grantee.partition(" for ")
    if is_account(whom):
        return ("account", whom) if any(whom in text for text in written) else None
    return ("service", name) if name in written and re.fullmatch(_SERVICE, name) else None


def who_gets_what(grant: Grant) -> Text:
    """Return the headline of a grant."""
    subject = visible(who(grant.kind, grant.grantee))
    return Text().append(subject, "bold").append(f" gets {access_in_words(grant.access)}")


def show_rule(page: Page, rule: Rule, indent: int = 4) -> None:
    """Show which rule a finding breaks, and where the rule is explained."""
    page.field("rule", f"{rule.id}, {link(rule)}", indent)


def show_way_out(page: Page, ways: WayOut) -> None:
    """Show what you can do about the grants of a statement."""
    page.field("way out", f"remove: {ways.remove}")
    for advice in ways.tighten:
        page.field("", f"tighten: {visible(advice)}")
    if ways.entries:
        page.field("", f"keep: {KEEP}; if it has an entry for this, change that one")
    for line in ways.entries:
        page.field("", Text(f"  {visible(line)}", "green"))


def show_under_rcps(page: Page, verdict: Verdict) -> None:
    """Show the access that remains under resource control policies, and which principals they do not affect."""
    outcome = ("still open", "bold red") if verdict.grants else ("cannot be determined", "bold magenta")
    outcome = ("nobody is left", "bold green") if verdict.compliance is Compliance.COMPLIANT else outcome
    page.line(Text("under the resource control policies: ").append(*outcome), 2)
    for grant in verdict.grants:
        page.field(grant.severity.name, visible(grant.reason), 4, SEVERITIES[grant.severity])
    for undecided in verdict.undecided:
        page.field("UNDECIDED", visible(undecided.reason), 4, SEVERITIES[Severity.MEDIUM])
    for invalid in verdict.invalid:
        page.field("INVALID", f"{visible(invalid.at)}: {visible(invalid.reason)}")
    page.field("note", SPARED)
