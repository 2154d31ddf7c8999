"""The answers of `ask`, as JSON and CSV for programs and as text for a person.

The JSON has the question, every answer or grantee with its place, and the policies that could not be read. The text has
the answer with the statement that decides it, or everyone who has access.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ....documents.problems import first_of
from ....judgement.kinds.table import ResourceKind as Kind
from ....questions.ask.question import Needs
from ....questions.ask.replies import IDENTITY, Answer, Cited, Dependence, Reply
from ...audit.access import AccessReport, AnsweredAt, HeldAt, Holder, PolicyLocation, holder_json
from ...audit.items import Unread
from ..base.json_text import render_json
from ..base.program import visible
from .text import Page, Text, approval_in_words, describe_policy, group_items, who

if TYPE_CHECKING:
    from .check_reports import Row


def as_json(report: AccessReport) -> str:
    """Return `report` as one JSON object."""
    found: dict[str, object] = {"question": _question(report), "source": report.source, "on": report.on.isoformat()}
    if report.who is not None:
        found["answers"] = [{**answer.place.to_json(), **answer.answered.to_json()} for answer in report.answers]
    else:
        found["policies"] = [
            {
                **one.place.to_json(),
                "grantees": [holder_json(holder, report.trust) for holder in one.holders.holders],
                "undecided": list(one.holders.doubts),
            }
            for one in report.held
        ]
    if report.roles is not None:
        found["through_roles"] = [{"account": account, **one.to_json()} for account, one in report.roles.items()]
    return render_json(
        {
            **found,
            "errors": [error.to_json() for error in report.errors],
            "notes": list(report.notes),
            **report.provenance.to_json(),
        }
    )


def _question(report: AccessReport) -> dict[str, object]:
    given = {name: value for (_, value), (_, name) in zip(report.given.values, report.given.spelling, strict=True)}
    return {
        "who": report.who,
        "can": report.wanted.text,
        "actions": list(report.wanted.actions),
        "needs": report.wanted.needs.value,
        "context": {name: None if values is None else list(values) for name, values in given.items()},
    }


_STYLES = {
    Answer.ALLOWED: "bold green",
    Answer.DEPENDS: "bold yellow",
    Answer.PARTLY: "bold yellow",
    Answer.UNDECIDED: "bold magenta",
    Answer.DENIED: "bold red",
}
_SHOWN = 3
_MOST_PLACES = 20


def show(report: AccessReport, page: Page) -> None:
    """Write `report` on a page."""
    page.line(Text(_headline(report), "bold"))
    _show_answers(page, report)
    _show_holders(page, report)
    if not (report.answers or report.held):
        page.line()
        page.line(Text("no repository was read, so nothing was answered", "bold yellow"))
    if report.roles is not None:
        from ...audit.report import Scope
        from .audit_parts import Names
        from .audit_roles import show_roles

        places = [answer.place for answer in report.answers] + [one.place for one in report.held]
        accounts, regions = {place.account for place in places}, {place.region for place in places}
        scope = Scope(report.source, report.on, tuple(sorted(accounts)), tuple(sorted(regions)))
        nobody = "no one outside{besides} can" if report.who is None else f"{report.who} cannot"
        nobody = f"{nobody} {_verb(report)} through them"
        show_roles(page, report.roles, Names(scope), nobody=nobody)
    for error in report.errors:
        page.line()
        page.field("UNREAD", visible(f"{_place_of(error)}{error.reason}"), 0, "bold red")
    page.line()
    page.trust(report.provenance, report.held)
    for note in report.notes:
        page.field("note", visible(note), 0)


def _place_of(error: Unread) -> str:
    where = error.arn or "/".join(part for part in (error.account, error.region) if part)
    return f"{where}: " if where else ""


def _headline(report: AccessReport) -> str:
    what = _verb(report)
    if report.who is None:
        return visible(f"Who outside the owner account can {what}?")
    said = zip(report.given.values, report.given.spelling, strict=True)
    given = ", ".join(_describe_values(name, values or ()) for (_, values), (_, name) in said)
    return visible(f"Can {report.who} {what}{', ' if given else ''}{given}?")


def _verb(report: AccessReport) -> str:
    text = report.wanted.text
    return _VERBS.get(text, f"call {text}")


_VERBS = {"pull": "pull", "push": "push", "admin": "administer"}
"""The verb for each word that names several actions, for use in a question."""


def _show_answers(page: Page, report: AccessReport) -> None:
    """Write an answer that several repositories share once. Denied answers come last."""
    answers = sorted(report.answers, key=lambda one: list(Answer).index(one.answered.answer))
    for (reply, notes), some in group_items(answers, lambda one: (_key(one.answered.reply), one.answered.notes)):
        page.line()
        first = some[0].answered
        page.field(reply[0].value.upper(), _places(some), 0, _STYLES[reply[0]])
        _show_reply(page, first.reply)
        for one in first.single:
            page.field("", f"{one.answer.value}: {first_of(one.actions, _SHOWN)}", 0)
        for note in notes:
            page.field("note", visible(note), 0)


def _key(reply: Reply) -> tuple[Answer, str, tuple[Cited, ...], tuple[Dependence, ...]]:
    return reply.answer, reply.reason, reply.by, reply.depends


def _places(some: Sequence[AnsweredAt | HeldAt]) -> str:
    names = [_name(one.place) for one in some]
    shown = ", ".join(names[:_MOST_PLACES])
    more = len(names) - _MOST_PLACES
    return f"{shown} and {more:,} more: --format json has them all" if more > 0 else shown


def _name(place: PolicyLocation) -> str:
    if place.kind is Kind.REGISTRY:
        return visible(f"the registry policy of {place.account}, {place.region}")
    if place.where.startswith("arn:"):
        return visible(f"{place.name} ({place.account}, {place.region})")
    return describe_policy(place.where, place.name, place.account)


def _show_reply(page: Page, reply: Reply) -> None:
    page.field("because", visible(reply.reason), 0)
    for dependence in reply.depends:
        if dependence.on != IDENTITY:
            values = (_describe_values(dependence.on, each) for each in (dependence.allowed, dependence.refused))
            page.field("", visible("allowed {}, not {}".format(*values)), 0)
    if reply.by:
        page.field("by", visible(", ".join(map(_cite, reply.by))), 0)
    if any(dependence.on != IDENTITY for dependence in reply.depends):
        return
    for label, request in (("allowed", reply.allowed), ("refused", reply.refused)):
        if request is not None:
            page.field(label, visible(f"for example {request.action} by {request.principal}"), 0)


def _describe_values(key: str, values: Sequence[str]) -> str:
    return f"with {key} {', '.join(values)}" if values else f"without {key}"


def _cite(one: Cited) -> str:
    sid = f" `{one.sid}`" if one.sid else ""
    return f"statement {one.number}{sid}{_OF[one.policy]} ({one.effect})"


_OF = {"repository": "", "registry": " of the registry policy", "resource-control": " of a resource control policy"}


def _show_holders(page: Page, report: AccessReport) -> None:
    shut = [one for one in report.held if not (one.holders.holders or one.holders.doubts)]
    for one in (one for one in report.held if one not in shut):
        page.heading(_name(one.place))
        for holder in sorted(one.holders.holders, key=lambda holder: holder.is_trusted):
            _show_holder(page, holder, report)
        for doubt in one.holders.doubts:
            page.field("UNDECIDED", visible(doubt), 2, _STYLES[Answer.UNDECIDED])
    if shut:
        page.heading("no one outside the owner account")
        page.line(_places(shut), 2)


def _show_holder(page: Page, holder: Holder, report: AccessReport) -> None:
    grant = holder.grant
    label, style = ("trusted", "green") if holder.is_trusted else ("UNTRUSTED", "bold red")
    subject = Text(visible(who(grant.kind, grant.grantee)), "bold")
    page.field(label, subject.append(visible(_what(holder, report))), 2, style)
    sid = f" `{grant.sid}`" if grant.sid else ""
    under = f", under conditions on {', '.join(holder.conditions)}" if holder.conditions else ""
    page.field("by", visible(f"statement {grant.statement}{sid}{under}"), 2)
    for by in holder.trusted:
        page.field("approved", approval_in_words(by.entry, report.trust.entries[by.entry]), 2)
    if not holder.is_trusted:
        page.field("because", visible(holder.because), 2)


def _what(holder: Holder, report: AccessReport) -> str:
    """Return which of the wanted actions someone has, and which are not approved. Empty if all of them."""
    if holder.whole and report.wanted.needs is Needs.ALL and len(holder.actions) == len(report.wanted.actions):
        said = ""
    else:
        part = "" if holder.whole else f", not everything that a {report.wanted.text} needs"
        said = f": {first_of(holder.actions, _SHOWN)}{part}"
    left = f"; not approved: {first_of(holder.open, _SHOWN)}" if holder.trusted and holder.open else ""
    return f"{said}{left}"


_WHERE = ("where", "account", "region", "repository", "policy")
_ANSWER = (*_WHERE, "who", "can", "answer", "statements", "depends", "reason", "notes")
_GRANTEE = (
    *_WHERE,
    "grantee",
    "kind",
    "public",
    "can",
    "whole",
    "actions",
    "conditions",
    "statement",
    "sid",
    "trusted",
    "untrusted_actions",
    "entry",
    "owner",
    "approved_because",
    "expires",
    "reason",
)


def as_csv(report: AccessReport) -> str:
    """Return `report` as rows under a header."""
    from .check_reports import table

    if report.who is not None:
        rows = [_answer(answer, report) for answer in report.answers]
        return table(_ANSWER, [*rows, *_by_roles(report), *(_unread(error, "answer") for error in report.errors)])
    found = [row for one in report.held for row in _of_policy(one, report)]
    return table(_GRANTEE, [*found, *_by_roles(report), *(_unread(error, "trusted") for error in report.errors)])


def _by_roles(report: AccessReport) -> Iterator[Row]:
    """Yield the access through roles, if roles were read: what is certain, possible, approved and unread."""
    from .audit_roles import csv_rows

    for account, found in (report.roles or {}).items():
        for arn, row in csv_rows(account, found):
            parts = arn.split(":") if arn else ["", "", "", "", account]
            where = {"where": arn, "account": parts[4], "region": parts[3], "policy": "role"}
            name = {"repository": arn.partition(":repository/")[2], "can": report.wanted.text}
            said, grantee = str(row["compliance"]), row.get("grantee", "")
            if report.who is not None:
                reason = f"{grantee}: {row['reason']}" if grantee else row["reason"]
                answer = {"answer": said, "statements": row.get("statement", ""), "reason": reason}
                yield {**where, **name, "who": report.who, **answer}
            else:
                trusted = {"THROUGH_ROLES": "no", "APPROVED": "yes"}.get(said, said)
                shared = {key: row.get(key, "") for key in ("grantee", "actions", "statement", "reason")}
                yield {**where, **name, **shared, "kind": "role", "trusted": trusted}


def _place_fields(place: PolicyLocation) -> Row:
    return {name: "" if value is None else value for name, value in place.to_json().items()}


def _answer(one: AnsweredAt, report: AccessReport) -> Row:
    reply = one.answered.reply
    return {
        **_place_fields(one.place),
        "who": report.who,
        "can": report.wanted.text,
        "answer": reply.answer.value,
        "statements": _join(f"{by.number} {by.sid}" if by.sid else str(by.number) for by in reply.by),
        "depends": _join(dependence.on for dependence in reply.depends),
        "reason": reply.reason,
        "notes": _join(one.answered.notes),
    }


def _of_policy(one: HeldAt, report: AccessReport) -> Iterator[Row]:
    for holder in one.holders.holders:
        yield {**_place_fields(one.place), **_grantee(holder, report), "can": report.wanted.text}
    for reason in one.holders.doubts:
        yield {**_place_fields(one.place), "can": report.wanted.text, "trusted": "UNDECIDED", "reason": reason}


def _grantee(holder: Holder, report: AccessReport) -> Row:
    grant = holder.grant
    entries = [report.trust.entries[by.entry] for by in holder.trusted]
    return {
        "grantee": grant.grantee,
        "kind": grant.kind.value,
        "public": "yes" if grant.public else "no",
        "whole": "yes" if holder.whole else "no",
        "actions": " ".join(holder.actions),
        "conditions": " ".join(holder.conditions),
        "statement": grant.statement,
        "sid": grant.sid or "",
        "trusted": "yes" if holder.is_trusted else "no",
        "untrusted_actions": " ".join(holder.open),
        "entry": _join(f"trust[{by.entry}]" for by in holder.trusted),
        "owner": _join(entry.owner or "" for entry in entries),
        "approved_because": _join(entry.reason or "" for entry in entries),
        "expires": _join(entry.expires.isoformat() if entry.expires else "" for entry in entries),
        "reason": holder.because,
    }


def _unread(one: Unread, column: str) -> Row:
    where = {"where": one.arn or "", "account": one.account or "", "region": one.region or ""}
    return {**where, column: "UNREAD", "reason": one.reason}


def _join(texts: Iterable[str]) -> str:
    return "; ".join(texts)
