"""An audit for programs: JSON, which a later audit reads, CSV, SARIF and OCSF.

The JSON is written one repository at a time. SARIF has no file and line of a repository, so the location is the ARN,
which is a URI. OCSF 1.1.0 has one Compliance Finding (class 2003) a line, for Amazon Security Lake and other consumers:
https://schema.ocsf.io/1.1.0/classes/compliance_finding?profiles=cloud
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from ....judgement.annotation import shorten
from ....judgement.kinds.table import ROWS
from ....judgement.values.verdict import NO_ACCESS, Compliance, Severity
from ....questions.change.recorded import Record
from ....sources.check.findings import Finding
from ....sources.check.results import faults_of, results_in, results_of
from ....sources.check.rules import Rule
from ...audit.items import Unread, kind_and_name
from ...audit.outcomes import STAND_IN, Outcome
from ...audit.report import AuditReport
from ...audit.rows import Place, Rows, expand_outcome
from ...audit.second_opinion import Disagreement
from ...audit.since import findings_of
from ..base import clock, documentation
from ..base.json_text import render_json
from ..base.program import PROGRAM, version, visible
from .audit_parts import label, side_in_words, whom
from .check_reports import JUDGED, Row, row_of, row_without_result, table
from .sarif import Json, log, notification, remark, result_of
from .text import what_is_left

_ARN_PARTS = 6
_COLUMNS = ("arn", "account", "region", "repository", *JUDGED)


def as_csv(report: AuditReport) -> str:
    """Return `report` as rows under a header."""
    return table(_COLUMNS, _csv_rows(report))


def _csv_rows(report: AuditReport) -> Iterator[Row]:
    for finding in findings_of(report).findings:
        yield from _policy_rows(finding)
    for error in report.errors:
        where = {"arn": error.arn or "", "account": error.account or "", "region": error.region or ""}
        yield {**where, "compliance": "UNREAD", "reason": error.reason}
    for disagreement in report.second_opinion.disagreements if report.second_opinion else ():
        said = f"audit: {side_in_words(disagreement.ours)}; IAM Access Analyzer: {side_in_words(disagreement.theirs)}"
        yield {
            **_columns_of(disagreement.arn),
            "compliance": "DIFFERS",
            "grantee": disagreement.grantee,
            "access": " ".join(access.value for access in disagreement.theirs.access),
            "reason": f"{said}; {label(disagreement)}: {disagreement.explanation}",
        }
    for account, found in (report.roles or {}).items():
        from .audit_roles import csv_rows

        yield from ({**_columns_of(arn), **row} for arn, row in csv_rows(account, found))


def _parts_of(arn: str) -> tuple[str, str, str]:
    """Return the Region, the account and the resource of an ARN. Empty if the text is none."""
    _, _, _, region, account, name = [*arn.split(":", _ARN_PARTS - 1), *[""] * _ARN_PARTS][:_ARN_PARTS]
    return region, account, name


def _columns_of(arn: str) -> Row:
    region, account, name = _parts_of(arn)
    return {"arn": arn, "account": account, "region": region, "repository": name.removeprefix("repository/")}


def _policy_rows(finding: Finding) -> Iterator[Row]:
    found = finding.found
    where: Row = {"arn": found.at.file, "account": found.account, "region": found.region, "repository": found.resource}
    if finding.verdict.compliance is Compliance.COMPLIANT:
        yield {**where, **row_without_result(finding)}
    yield from ({**where, **row_of(result)} for result in results_in(finding))


AT_HAND = 4096
"""The number of outcomes whose text is kept."""
_INNER, _ROW = "\n  ", "\n    "
_OWN = ("arn", "account", "region", "name")
"""The fields that differ between repositories with the same outcome."""


def as_json(report: AuditReport) -> Iterator[str]:
    """Yield `report` as one JSON object, in pieces. The text is the same as that of `render_json`."""
    yield render_json(report.head()).removesuffix("\n}\n")
    yield f',{_INNER}"repositories": ['
    separator = ""
    record = Record()
    for row in _repositories(report, record):
        yield f"{separator}{_ROW}{row}"
        separator = ","
    yield f"{_INNER}]" if separator else "]"
    yield "," + render_json(report.tail(record)).removeprefix("{")


def _repositories(report: AuditReport, record: Record) -> Iterator[str]:
    """Yield the fields of each repository. The fields that an outcome's repositories share are rendered once."""
    rows: Rows = report.repositories
    known: dict[int, tuple[str, bool]] = {}
    for arn, number in rows.outcome_numbers():
        place = rows.place_of(arn)
        if report.rcps:  # which can give different results for repositories that share the rest
            yield "{" + _text(report.fields(expand_outcome(arn, place, rows.store[number]), record))
            continue
        found = known.get(number)
        if found is None:
            if len(known) >= AT_HAND:
                known.clear()
            found = known[number] = _shared_text(report, arn, place, rows.store[number], record)
        text, is_every_owners = found
        account, region, name = place
        own = zip(_OWN, (arn, account, region, name), strict=True)
        head = "".join(f'{_ROW}  "{field}": {json.dumps(value)},' for field, value in own)
        yield "{" + head + (text.replace(STAND_IN, account) if is_every_owners else text)


def _shared_text(report: AuditReport, arn: str, place: Place, outcome: Outcome, record: Record) -> tuple[str, bool]:
    """Return the text that all repositories of an outcome share, and whether it needs the owner inserted.

    `arn` and `place` are those of one of them.
    """
    fields = report.fields(expand_outcome(arn, (outcome.owner, *place[1:]), outcome), record)
    for field in _OWN:
        del fields[field]
    text = _text(fields)
    return text, outcome.owner == STAND_IN and STAND_IN in text


def _text(fields: dict[str, object]) -> str:
    return json.dumps(fields, indent=2).removeprefix("{").replace("\n", _ROW)


Event = Mapping[str, object]

VERSION = "1.1.0"
"""The version of the schema that Security Lake uses for its own sources.

https://docs.aws.amazon.com/security-lake/latest/userguide/open-cybersecurity-schema-framework.html
"""
_LONGEST_TITLE, _LONGEST_TEXT = 512, 4096
_SEVERITIES = {
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_NONE, _UNKNOWN = (1, "Informational"), (0, "Unknown")
_PASS, _WARNING, _FAIL, _NOT_KNOWN = (1, "Pass"), (2, "Warning"), (3, "Fail"), (0, "Unknown")
_NEW, _SUPPRESSED, _RESOLVED = (1, "New"), (3, "Suppressed"), (4, "Resolved")


def as_ocsf(report: AuditReport) -> str:
    """Return `report` as lines of events.

    There is one for each policy, each error, each finding only of Access Analyzer, and each finding that has vanished.
    """
    moment = int(clock.now().timestamp() * 1000)
    return "".join(json.dumps({**_ALWAYS, **_product(), **event, "time": moment}) + "\n" for event in _events(report))


_ALWAYS: Event = {"category_uid": 2, "category_name": "Findings", "class_uid": 2003, "class_name": "Compliance Finding"}
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")


def _product() -> Event:
    found = version()
    product = {"name": PROGRAM, "vendor_name": PROGRAM, **({"version": found} if found else {})}
    return {"metadata": {"version": VERSION, "product": product, "profiles": ["cloud"]}}


def _events(report: AuditReport) -> Iterator[Event]:
    known = report.found_before
    for finding in findings_of(report).findings:
        yield _policy_event(finding, known)
    for error in report.errors:
        yield _of_unread(error, known)
    if report.changes is not None:
        yield from (_closing_event(arn, "it no longer exists") for arn in report.changes.vanished if arn in known)
    for disagreement in report.beyond:
        uid = f"{disagreement.arn}#second-opinion/{disagreement.grantee}"
        fields = _finding_fields(uid, "A second opinion differs", _beyond_in_words(disagreement), _WARNING)
        yield _event(_CREATE, _UNKNOWN, _NEW, **_at_arn(disagreement.arn), **fields)
    if report.roles is not None:
        yield from _role_events(report)


def _role_events(report: AuditReport) -> Iterator[Event]:
    """Yield an event for each role that outsiders assume first, and for each that they no longer do."""
    from .audit_roles import said_of, unread_by_roles, ways_by_role

    known, found = report.found_before, ways_by_role(report)
    held = report.known_ways
    for arn, some in found.items():
        rules, texts = zip(*map(said_of, some), strict=True)
        yield _event(
            _UPDATE if arn in known else _CREATE,
            _SEVERITIES[max(rule.severity for rule in rules)],
            _SUPPRESSED if held and all(map(held.has, some)) else _NEW,
            **_role(arn),
            **_finding_fields(arn, f"Access from outside through {_name_of(arn)}", "; ".join(texts), _FAIL),
            **_way_out(rules),
            unmapped={"kind": "role", "through_roles": [one.to_json() for one in some]},
        )
    for arn in sorted(known) if report.knows_roles else ():
        if ":role/" in arn and arn not in found:
            said = "nobody outside reaches a repository through it without approval"
            yield {**_closing_event(arn, said), **_role(arn)}
    yield from (_of_unread(one, known) for one in unread_by_roles(report))


def _role(arn: str) -> Event:
    return _where(arn, arn.split(":")[4], None, "AWS::IAM::Role")


def _name_of(role: str) -> str:
    return role.partition(":role/")[2]


def _policy_event(finding: Finding, known: frozenset[str]) -> Event:
    found, verdict, results = finding.found, finding.verdict, tuple(results_in(finding))
    arn, compliant = found.at.file, verdict.compliance is Compliance.COMPLIANT
    severity = verdict.severity
    said = NO_ACCESS if compliant else "; ".join(result.message for result in results)
    under = finding.under_rcps
    if under is not None:
        said = f"{said}; under the resource control policies, {what_is_left(under)}"
    accepted = [result.accepted for result in results]
    state = _RESOLVED if compliant else _SUPPRESSED if all(accepted) else _NEW
    return _event(
        _CLOSE if compliant else _UPDATE if arn in known else _CREATE,
        _NONE if severity is None else _SEVERITIES[severity],
        state,
        **_where(arn, found.account, found.region, ROWS[found.kind].template.type),
        **_finding_fields(arn, f"Access from outside to {found.resource}", said, _PASS if compliant else _FAIL),
        **_way_out([result.rule for result in results]),
        unmapped={
            "kind": found.kind.value,
            "accepted": [why for why in accepted if why],
            "verdict": verdict.to_json(),
            **({} if under is None else {"under_rcp": under.to_json()}),
        },
    )


def _of_unread(error: Unread, known: frozenset[str]) -> Event:
    place = error.arn or "/".join(part for part in (error.account, error.region) if part) or "unknown"
    title = f"Not judged: the {error.about.value} could not be read"
    return _event(
        _UPDATE if place in known else _CREATE,
        _UNKNOWN,
        _NEW,
        **_where(place, error.account, error.region, None),
        **_finding_fields(place, title, error.reason, _NOT_KNOWN),
    )


def _beyond_in_words(one: Disagreement) -> str:
    return f"IAM Access Analyzer sees access of {whom(one)} that nothing explains: {side_in_words(one.theirs)}"


def _closing_event(arn: str, said: str) -> Event:
    fields = _finding_fields(arn, "No access from outside", said, _PASS)
    return _event(_CLOSE, _NONE, _RESOLVED, **_at_arn(arn), **fields)


_Label = tuple[int, str]
"""A number of the schema, and its word."""


def _event(activity: _Label, severity: _Label, status: _Label, **fields: object) -> Event:
    number, name = activity
    return {
        "activity_id": number,
        "activity_name": name,
        "type_uid": 2003 * 100 + number,
        "type_name": f"Compliance Finding: {name}",
        **_label_fields("severity", severity),
        **_label_fields("status", status),
        **fields,
    }


def _label_fields(name: str, value: _Label) -> Event:
    return {f"{name}_id": value[0], name: value[1]}


def _at_arn(arn: str) -> Event:
    region, account, name = _parts_of(arn)
    kind, _ = kind_and_name(name)
    return _where(arn, account, region, ROWS[kind].template.type)


def _where(uid: str, account: str | None, region: str | None, kind: str | None) -> Event:
    whose = {"account": {"uid": account, "type_id": 10, "type": "AWS Account"}} if account else {}
    where = {"region": region} if region else {}
    partition = {"cloud_partition": uid.split(":")[1]} if uid.startswith("arn:") else {}
    return {
        "cloud": {"provider": "AWS", **whose, **where},
        "resource": {"uid": shorten(uid, _LONGEST_TITLE), **({"type": kind} if kind else {}), **where, **partition},
    }


def _finding_fields(uid: str, title: str, said: str, status: _Label) -> Event:
    text = shorten(said, _LONGEST_TEXT)
    return {
        "message": text,
        "finding_info": {
            "uid": shorten(f"{uid}#{PROGRAM}", _LONGEST_TITLE),
            "title": shorten(title, _LONGEST_TITLE),
            "desc": text,
            "types": ["External Access"],
        },
        "compliance": {
            "standards": [PROGRAM],
            "control": "ECR_REPOSITORY_CROSS_ACCOUNT_ACCESS_CHECK",
            **_label_fields("status", status),
            "status_detail": text,
        },
    }


def _way_out(broken: Sequence[Rule]) -> Event:
    rules = list(dict.fromkeys(broken))
    if not rules:
        return {}
    references = [page for page in map(documentation.address, rules) if page and page.startswith("https:")]
    said = "; ".join(f"{rule.title}: instead of {rule.avoid} prefer {rule.prefer}" for rule in rules)
    shown = {"desc": shorten(said, _LONGEST_TEXT), **({"references": references} if references else {})}
    return {"remediation": shown}


_RUN = "ecr-crossaccount/audit/"
"""Keeps the findings of an audit apart from those of `check`, if both are uploaded to the same place."""


def as_sarif(report: AuditReport) -> str:
    """Return `report` as one SARIF log."""
    found = findings_of(report)
    results = [
        result_of(result, _place(result.finding.found.at.file, result.finding.found.resource))
        for result in results_of(found)
    ]
    notifications = [
        notification("error", [_location(error.file) for error in fault.errors if error.file], fault.message)
        for fault in faults_of(found)
    ]
    # What only a second opinion sees is not the result of a rule.
    notifications += [remark([_location(one.arn)], _beyond_in_words(one)) for one in report.beyond]
    if report.roles:
        from .audit_roles import unread_by_roles

        results += _role_results(report)
        unread = ((one.account, one.reason) for one in unread_by_roles(report))
        notifications += [notification("warning", [], f"roles of account {each}: {why}") for each, why in unread]
    return log(results, notifications, read=not found.errors, automationDetails={"id": _RUN})


def _role_results(report: AuditReport) -> Iterator[Json]:
    from .audit_roles import role_result, ways_by_role

    for role, some in ways_by_role(report).items():
        yield from (role_result(role, one, _place(role, _name_of(role)), report.known_ways) for one in some)


def _place(arn: str, name: str) -> Json:
    logical = {"name": visible(name), "fullyQualifiedName": visible(arn), "kind": "resource"}
    return {**_location(arn), "logicalLocations": [logical]}


def _location(arn: str) -> Json:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(arn, safe=":/*", errors="surrogatepass")}}}
