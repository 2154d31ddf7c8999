"""OCSF 1.1.0, one Compliance Finding (class 2003) a line, for Amazon Security Lake and other OCSF consumers.

https://schema.ocsf.io/1.1.0/classes/compliance_finding?profiles=cloud
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from .....judgement.annotation import shortened
from .....judgement.values.verdict import NO_ACCESS, Compliance, Severity
from .....sources.check.findings import Finding
from .....sources.check.results import Result, results_in
from ....audit.findings import findings_of
from ....audit.items import Unread, kind_and_name
from ....audit.report import AuditReport
from ....audit.second_opinion import Disagreement
from ...base import clock, documentation
from ...base.program import PROGRAM, version
from ..words import what_is_left
from .opinion import in_words, whom

Json = Mapping[str, object]

VERSION = "1.1.0"
"""The version of the schema that Security Lake uses for its own sources.

https://docs.aws.amazon.com/security-lake/latest/userguide/open-cybersecurity-schema-framework.html
"""
_LONGEST_TITLE, _LONGEST_TEXT = 512, 4096
_ARN_PARTS = 6
_SEVERITIES = {
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_NONE, _UNKNOWN = (1, "Informational"), (0, "Unknown")
_PASS, _WARNING, _FAIL, _NOT_KNOWN = (1, "Pass"), (2, "Warning"), (3, "Fail"), (0, "Unknown")
_NEW, _SUPPRESSED, _RESOLVED = (1, "New"), (3, "Suppressed"), (4, "Resolved")
_TYPES = {
    "repository": "AWS::ECR::Repository",
    "registry": "AWS::ECR::RegistryPolicy",
    "creation-template": "AWS::ECR::RepositoryCreationTemplate",
    "replication": "AWS::ECR::ReplicationConfiguration",
    "pull-through-cache": "AWS::ECR::PullThroughCacheRule",
}


def render(report: AuditReport) -> str:
    """Return `report` as lines of events.

    There is one for each policy, each error, each finding only of Access Analyzer, and each finding that has vanished.
    """
    moment = int(clock.now().timestamp() * 1000)
    return "".join(json.dumps({**_ALWAYS, **_product(), **one, "time": moment}) + "\n" for one in _events(report))


_ALWAYS: Json = {
    "category_uid": 2,
    "category_name": "Findings",
    "class_uid": 2003,
    "class_name": "Compliance Finding",
}
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")


def _product() -> Json:
    found = version()
    product = {"name": PROGRAM, "vendor_name": PROGRAM, **({"version": found} if found else {})}
    return {"metadata": {"version": VERSION, "product": product, "profiles": ["cloud"]}}


def _events(report: AuditReport) -> Iterator[Json]:
    known = report.found_before
    for finding in findings_of(report).findings:
        yield _of_policy(finding, known)
    for error in report.errors:
        yield _of_unread(error, known)
    if report.changes is not None:
        yield from (_vanished(arn) for arn in report.changes.vanished if arn in known)
    for one in report.beyond:
        yield _beyond(one)


def _of_policy(finding: Finding, known: frozenset[str]) -> Json:
    """Return the event for a policy. `known` are the ARNs with a finding in an earlier audit."""
    found, verdict, results = finding.found, finding.verdict, tuple(results_in(finding))
    arn, compliant = found.at.file, verdict.compliance is Compliance.COMPLIANT
    severity = verdict.severity
    said = NO_ACCESS if compliant else "; ".join(one.message for one in results)
    under = finding.under_rcps
    if under is not None:
        said = f"{said}; under the resource control policies, {what_is_left(under)}"
    accepted = [one.accepted for one in results]
    state = _RESOLVED if compliant else _SUPPRESSED if all(accepted) else _NEW
    return {
        **_does(_CLOSE if compliant else _UPDATE if arn in known else _CREATE),
        **_labelled("severity", _NONE if severity is None else _SEVERITIES[severity]),
        **_labelled("status", state),
        **_where(arn, found.account, found.region, _TYPES.get(found.kind.value)),
        **_told(arn, f"Access from outside to {found.resource}", said, _PASS if compliant else _FAIL),
        **_way_out(results),
        "unmapped": {
            "kind": found.kind.value,
            "accepted": [why for why in accepted if why],
            "verdict": verdict.to_json(),
            **({} if under is None else {"under_rcp": under.to_json()}),
        },
    }


def _of_unread(error: Unread, known: frozenset[str]) -> Json:
    place = error.arn or "/".join(part for part in (error.account, error.region) if part) or "unknown"
    return {
        **_does(_UPDATE if place in known else _CREATE),
        **_labelled("severity", _UNKNOWN),
        **_labelled("status", _NEW),
        **_where(place, error.account, error.region, None),
        **_told(place, f"Not judged: the {error.about.value} could not be read", error.reason, _NOT_KNOWN),
    }


def _beyond(one: Disagreement) -> Json:
    """Return the event for access that only IAM Access Analyzer sees and that is not explained."""
    said = f"IAM Access Analyzer sees access of {whom(one)} that nothing explains: {in_words(one.theirs)}"
    return {
        **_does(_CREATE),
        **_labelled("severity", _UNKNOWN),
        **_labelled("status", _NEW),
        **_at(one.arn),
        **_told(f"{one.arn}#second-opinion/{one.grantee}", "A second opinion differs", said, _WARNING),
    }


def _vanished(arn: str) -> Json:
    """Return the event that closes the finding for a policy of the earlier audit that no longer exists."""
    return {
        **_does(_CLOSE),
        **_labelled("severity", _NONE),
        **_labelled("status", _RESOLVED),
        **_at(arn),
        **_told(arn, "No access from outside", "it no longer exists", _PASS),
    }


def _does(activity: tuple[int, str]) -> Json:
    number, name = activity
    kind = {"type_uid": 2003 * 100 + number, "type_name": f"Compliance Finding: {name}"}
    return {"activity_id": number, "activity_name": name, **kind}


def _labelled(name: str, value: tuple[int, str]) -> Json:
    return {f"{name}_id": value[0], name: value[1]}


def _at(arn: str) -> Json:
    """Return the resource that an ARN names."""
    parts = [*arn.split(":", _ARN_PARTS - 1), *[""] * _ARN_PARTS]
    kind, _ = kind_and_name(parts[5])
    return _where(arn, parts[4], parts[3], _TYPES.get(kind.value))


def _where(uid: str, account: str | None, region: str | None, kind: str | None) -> Json:
    """Return the resource with its account and Region, if known."""
    whose = {"account": {"uid": account, "type_id": 10, "type": "AWS Account"}} if account else {}
    where = {"region": region} if region else {}
    partition = {"cloud_partition": uid.split(":")[1]} if uid.startswith("arn:") else {}
    return {
        "cloud": {"provider": "AWS", **whose, **where},
        "resource": {"uid": shortened(uid, _LONGEST_TITLE), **({"type": kind} if kind else {}), **where, **partition},
    }


def _told(uid: str, title: str, said: str, status: tuple[int, str]) -> Json:
    text = shortened(said, _LONGEST_TEXT)
    return {
        "message": text,
        "finding_info": {
            "uid": shortened(f"{uid}#{PROGRAM}", _LONGEST_TITLE),
            "title": shortened(title, _LONGEST_TITLE),
            "desc": text,
            "types": ["External Access"],
        },
        "compliance": {
            "standards": [PROGRAM],
            "control": "ECR_REPOSITORY_CROSS_ACCOUNT_ACCESS_CHECK",
            **_labelled("status", status),
            "status_detail": text,
        },
    }


def _way_out(results: Sequence[Result]) -> Json:
    rules = list(dict.fromkeys(one.rule for one in results))
    if not rules:
        return {}
    references = [page for page in map(documentation.address, rules) if page and page.startswith("https:")]
    said = "; ".join(f"{rule.title}: instead of {rule.avoid} prefer {rule.prefer}" for rule in rules)
    shown = {"desc": shortened(said, _LONGEST_TEXT), **({"references": references} if references else {})}
    return {"remediation": shown}
