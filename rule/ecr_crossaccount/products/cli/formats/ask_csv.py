"""CSV, for a spreadsheet: a row for each answer or grantee, and for each policy that could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...audit.access import AccessReport, AnsweredAt, HeldAt, Holder, PolicyLocation
from ...audit.items import Unread
from .csv_table import Row, table

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


def _where(place: PolicyLocation) -> Row:
    return {name: "" if value is None else value for name, value in place.to_json().items()}


def _answer(one: AnsweredAt, report: AccessReport) -> Row:
    reply = one.answered.reply
    return {
        **_where(one.place),
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
        yield {**_where(one.place), **_grantee(holder, report), "can": report.wanted.text}
    for reason in one.holders.doubts:
        yield {**_where(one.place), "can": report.wanted.text, "trusted": "UNDECIDED", "reason": reason}


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
