"""An audit as one page for a browser. It loads nothing from elsewhere, and runs only its own script.

Template, style and script are in one file, with a security policy that blocks everything else. The content of a policy
is always text: the template escapes it, and the script inserts it only as text nodes.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from ....judgement.control import SPARED
from ....judgement.values.verdict import Access, Compliance
from ....questions.roles.answer import Approved, Leaves, More, PossibleWay, WayIn
from ...audit.report import Approval, AuditReport
from ...audit.roles import worst_accounts
from ...kinds.handling import SETTINGS
from ..base.program import visible
from .audit_parts import Names, describe_analyzer, label, not_held, side_in_words, standing, whom
from .audit_roles import Told, besides, by_way_of, in_levels, severity
from .audit_roles import standing as in_words
from .audit_roles import whom as whom_by_role
from .audit_text import changes_in_words, partly, told_of
from .audit_text import whom as caller_named
from .page_findings import findings
from .trust_map import WIDTH, trust_map

MOST_DISAGREEMENTS = 500
"""The most rows of disagreements, unexplained ones first. More would be slow in a browser, and no reader needs them."""

MOST_WAYS = 500
"""The most rows of access through roles."""


def page(report: AuditReport) -> str:
    """Return the whole page as HTML."""
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["worded"] = _mark_code
    environment.filters["breakable"] = _breakable
    style, script = _asset("page.css"), _asset("page.js")
    found = findings(report)
    return environment.get_template("page.html").render(
        policy=_security_policy(style, script),
        style=style,
        script=script,
        data=_data(found.to_json()),
        report=report,
        scope=report.scope,
        counts=_counts(report),
        settings=[*_settings(report)],
        standings=[*report.standings.items()],
        findings=bool(found.repositories),
        more=found.more,
        map=trust_map(report),
        width=WIDTH,
        accesses=[access.value for access in Access],
        approvals=[_approval(approval, report) for approval in report.approvals],
        changes=_changes(report),
        usage=_usage(report),
        opinion=_opinion(report),
        where=_where(report),
        rcps=_under_rcps(report),
        roles=_through_roles(report),
        unseen=[*not_held(report.scope)],
    )


_NAME = re.compile("`([^`]+)`")


def _mark_code(text: str) -> Markup:
    """Return a message as escaped HTML, with the text between backticks as code."""
    return Markup(_NAME.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped on the same line


def _breakable(name: str) -> Markup:
    """Return a name as HTML that can break after each slash."""
    return Markup("/<wbr>").join(name.split("/"))


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _security_policy(style: str, script: str) -> str:
    """Return the content security policy. It allows only this style and this script."""
    directives = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(value: object) -> str:
    """Return a value as JSON that cannot end the HTML element that contains it."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _counts(report: AuditReport) -> Counter[str]:
    rows, found = report.repositories, Counter[str]()
    for number, times in rows.count_outcomes().items():
        outcome = rows.store[number]
        verdict, is_compliant = outcome.verdict, bool(rows.store.compliant[number])
        is_open = verdict.external or verdict.service
        found["open"] += times * is_open
        found["public"] += times * verdict.public
        found["unclear"] += times * (not is_compliant and not is_open)
        found["approved"] += times * (is_compliant and bool(outcome.trusted))
    found["repositories"] = len(rows)
    found["registries"] = sum(registry.verdict.compliance is not Compliance.COMPLIANT for registry in report.registries)
    found["beyond"] = len(report.beyond)
    found["errors"] = len(report.errors)
    return found


def _settings(report: AuditReport) -> Iterator[str]:
    """Yield a sentence for each kind of setting, other than a repository or registry policy, that is not compliant."""
    for kind, rows in report.settings.items():
        count = sum(row.verdict.compliance is not Compliance.COMPLIANT for row in rows)
        if count:
            yield SETTINGS[kind].one if count == 1 else SETTINGS[kind].many.format(f"{count:,}")


def _under_rcps(report: AuditReport) -> dict[str, object] | None:
    if not report.rcps:
        return None
    left = Counter[bool]()
    for one in report.governed:
        under = report.under_rcps(one)
        if under is not None and one.verdict.compliance is not Compliance.COMPLIANT:
            left[under.compliance is Compliance.COMPLIANT] += 1
    read = [*map(visible, told_of(report.rcps))]
    return {"closed": left[True], "open": left[False], "spared": SPARED, "read": read}


def _through_roles(report: AuditReport) -> dict[str, object] | None:
    if report.roles is None:
        return None
    every = report.roles.values()
    told: list[Told] = []
    for found in every:
        told += *found.ways, *found.more, *found.perhaps, *found.leaves, *found.approved
    rows = [_way(one, report) for one in sorted(told, key=_worst_first)]
    return {
        "standings": [f"Account {account}: {in_words(one)}" for account, one in worst_accounts(report.roles)],
        "outsiders": len({way.outsider for through in every for way in through.ways}),
        "unclear": not all(through.is_nobody for through in every),
        "unread": [visible(reason) for through in every for reason in through.unread],
        "notes": [f"Account {account}: {visible(note)}" for account, one in report.roles.items() for note in one.notes],
        "rows": rows[:MOST_WAYS],
        "more": max(len(rows) - MOST_WAYS, 0),
    }


def _worst_first(one: Told) -> tuple[int, int]:
    """Return where a row comes: certain access first, and push and administration before pulls."""
    kinds = (WayIn, More, PossibleWay, Leaves, Approved)
    access = () if isinstance(one, More | Leaves) else one.access
    return kinds.index(type(one)), -max((each.rank for each in access), default=0)


def _way(one: Told, report: AuditReport) -> dict[str, object]:
    held = report.known_ways
    row = {
        "who": whom_by_role(one.outsider),
        "through": by_way_of(one.chain),
        "known": isinstance(one, WayIn | More | PossibleWay) and held is not None and held.has(one),
        "reason": "",
    }
    if isinstance(one, More | Leaves):
        state, level = ("may reach more", "medium") if isinstance(one, More) else ("leaves the account", "low")
        return {**row, "access": "", "repositories": "", "state": state, "level": level, "reason": besides(one)}
    row["access"] = in_levels(one.access)
    row["repositories"] = Names(report.scope).some(one.repositories)
    if isinstance(one, PossibleWay):
        return {**row, "state": "undecided", "level": "undecided", "reason": visible(one.reason)}
    state = "approved" if isinstance(one, Approved) else severity(one.access, one.outsider).name.lower()
    return {**row, "state": state, "level": state}


def _where(report: AuditReport) -> str:
    scope = report.scope
    accounts = f"account {scope.accounts[0]}" if len(scope.accounts) == 1 else f"{len(scope.accounts):,} accounts"
    regions = scope.regions[0] if len(scope.regions) == 1 else f"{len(scope.regions):,} Regions"
    parts = [accounts] if scope.accounts else []
    parts += [regions] if scope.regions else []
    return visible(", ".join([*parts, f"read from {scope.source.replace('`', '')}"]))


def _approval(approval: Approval, report: AuditReport) -> dict[str, object]:
    entry = approval.entry
    left = (entry.expires - report.scope.on).days if entry.expires else None
    return {
        "number": approval.number,
        "subject": entry.subject.value.replace("_", " "),
        "name": visible(entry.name),
        "access": entry.access.value,
        "repositories": visible(", ".join(entry.repositories)),
        "reason": visible(entry.reason or ""),
        "owner": visible(entry.owner or ""),
        "until": entry.expires.isoformat() if entry.expires else "",
        "used_by": approval.used_by,
        "state": _state(approval, left, report),
        "left": left,
    }


def _state(approval: Approval, left: int | None, report: AuditReport) -> str:
    """Return the state of an approval: `expired` but still in use, `ends` soon, `unused`, or "" if it needs nothing."""
    if not approval.used_by:
        return "unused" if report.is_unused(approval) else ""
    if approval.expired:
        return "expired"
    return "ends" if left is not None and left <= report.within else ""


def _usage(report: AuditReport) -> dict[str, object] | None:
    if report.usage is None:
        return None
    usage, names = report.usage, Names(report.scope)
    callers = [
        {
            "who": caller_named(caller),
            "pull": visible(usage.last_use(caller, "pull")[0]),
            "push": visible(usage.last_use(caller, "push")[0]),
            "repositories": names.some(
                sorted({*usage.last_use(caller, "pull")[1], *usage.last_use(caller, "push")[1]})
            ),
        }
        for caller in usage.callers()
    ]
    return {"days": usage.days, "callers": callers, "read": not usage.unread, "partial": partly(usage)}


def _opinion(report: AuditReport) -> dict[str, object] | None:
    if report.second_opinion is None:
        return None
    opinion, names = report.second_opinion, Names(report.scope)
    rows = [
        {
            "repository": names.name_of(disagreement.arn),
            "who": whom(disagreement),
            "ours": side_in_words(disagreement.ours),
            "theirs": side_in_words(disagreement.theirs),
            "explained": disagreement.explained_by is not None,
            "label": label(disagreement),
            "explanation": visible(disagreement.explanation),
        }
        for disagreement in opinion.disagreements[:MOST_DISAGREEMENTS]
    ]
    return {
        "asked": [f"{visible(region)}: {describe_analyzer(one)}" for region, one in opinion.opinions.items()],
        "standing": standing(opinion),
        "rows": rows,
        "more": len(opinion.disagreements) - len(rows),
    }


def _changes(report: AuditReport) -> dict[str, object] | None:
    if report.changes is None:
        return None
    lines = list(changes_in_words(report.changes, Names(report.scope)))
    return {"since": visible(report.changes.since), "lines": lines}
