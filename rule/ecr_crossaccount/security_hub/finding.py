"""A finding in the AWS Security Finding Format (ASFF), made from a verdict. Computes only.

The limits are from https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html and the pages
beside it. If they give no length, it is from botocore's model of BatchImportFindings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..access.verdict import NO_ACCESS, Compliance, Grant, Severity, Undecided, Verdict
from ..config_rule.annotation import shortened
from ..config_rule.lacks import SEVERITY
from ..policy.document import Document
from ..policy.problems import Invalid

if TYPE_CHECKING:
    from ..config_rule.outcome import Grounds

Json = Mapping[str, object]
Finding = Grant | Undecided | Invalid

SCHEMA = "2018-10-08"
TYPES = ("Software and Configuration Checks/AWS Security Best Practices/External Access Granted",)
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_RECOMMENDATION = 256, 1024, 512
LONGEST_FIELD = 2048
"""Characters of a value of ProductFields."""
MOST_GRANTS = 8
"""The most grants with their own fields. ProductFields has at most 50."""
_OPEN, _WITHOUT = "Access from outside to", "Required statements are missing in the policy of"
_PREFIX = "ecr-crossaccount/"
_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"})
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


class Closed(Enum):
    """Why a finding is closed."""

    COMPLIANT = f"The policy gives {NO_ACCESS}."
    NOT_APPLICABLE = "The repository is gone, or out of the rule's scope."


@dataclass(frozen=True, slots=True)
class FindingSource:
    """The source of findings: the account and Region of the repositories, and the rule's name."""

    partition: str
    region: str
    account: str
    rule: str

    def arn(self, name: str) -> str:
        """Return the ARN of a repository."""
        return f"arn:{self.partition}:ecr:{self.region}:{self.account}:repository/{name}"

    def id(self, name: str) -> str:
        """Return the id of a repository's finding, which does not depend on what is found."""
        return f"{self.arn(name)}#{_PREFIX}{self.rule}"

    @property
    def product(self) -> str:
        """The ARN of the product that an account's own findings belong to."""
        return f"arn:{self.partition}:securityhub:{self.region}:{self.account}:product/{self.account}/default"

    @property
    def link(self) -> str | None:
        """The rule's page in the console of AWS Config, to start a remediation. None if it is unknown.

        AWS does not document the address. The console shows this one, and many programs link to it.
        """
        host = _CONSOLES.get(self.partition)
        if host is None:
            return None
        page = f"rules/details?configRuleName={quote(self.rule, safe='')}"
        return f"https://{self.region}.{host}/config/home?region={self.region}#/{page}"


def opened(place: FindingSource, name: str, grounds: Grounds, moment: str) -> Json:
    """Return the finding of a repository that is not compliant. `moment` is its time, in ISO 8601."""
    verdict = grounds.verdict
    worst = verdict.severity or (SEVERITY if grounds.lacks else Severity.MEDIUM)
    sentences = [_sentence(one) for one in _worst_first(verdict)]
    sentences += [f"{SEVERITY.name}: {grounds.lacks}."] if grounds.lacks else []
    return {
        **_common(place, name, grounds.policy, moment),
        **({} if verdict.compliance is Compliance.NON_COMPLIANT else {"Title": _title(_WITHOUT, name)}),
        "FindingProviderFields": _provider_fields(worst.name),
        "Description": _listed(sentences, LONGEST_DESCRIPTION),
        "Compliance": {"Status": "FAILED"},
        "RecordState": "ACTIVE",
        "Remediation": {"Recommendation": _recommendation(place, name, grounds)},
        "ProductFields": {**dict(_fields(place, verdict)), **_lacking(grounds)},
    }


def closed(place: FindingSource, name: str, why: Closed, moment: str) -> Json:
    """Return the finding of a repository without problems: passed and archived.

    It does not change the workflow status, which belongs to the customer.
    """
    return {
        **_common(place, name, None, moment),
        "FindingProviderFields": _provider_fields("INFORMATIONAL"),
        "Description": why.value,
        "Compliance": {"Status": "PASSED"},
        "RecordState": "ARCHIVED",
        "ProductFields": {f"{_PREFIX}RuleName": place.rule},
    }


def _common(place: FindingSource, name: str, policy: object, moment: str) -> Json:
    link = place.link
    return {
        "SchemaVersion": SCHEMA,
        "Id": place.id(name),
        "ProductArn": place.product,
        "GeneratorId": f"{_PREFIX}{place.rule}",
        "AwsAccountId": place.account,
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Title": _title(_OPEN, name),
        "Resources": [_resource(place, name, policy)],
        **({"SourceUrl": link} if link else {}),
    }


def _title(what: str, name: str) -> str:
    title = f"{what} the ECR repository {name}"
    return shortened(title, len(title))[:LONGEST_TITLE]  # a name has no words to leave out


def _provider_fields(label: str) -> Json:
    return {"Severity": {"Label": label, "Original": label}, "Types": list(TYPES)}


def _resource(place: FindingSource, name: str, policy: object) -> Json:
    text = _policy_text(policy)
    details = {"Arn": place.arn(name), "RepositoryName": name}
    return {
        "Type": "AwsEcrRepository",
        "Id": place.arn(name),
        "Region": place.region,
        "Details": {"AwsEcrRepository": {**details, **({"RepositoryPolicyText": text} if text else {})}},
        **({"Partition": place.partition} if place.partition in _PARTITIONS else {}),
    }


def _policy_text(policy: object) -> str:
    """Return a policy as JSON in ASCII, or "" if there is none or it is not JSON."""
    try:
        value = json.loads(policy) if isinstance(policy, str) else policy
    except (ValueError, RecursionError):
        return ""
    return json.dumps(value, separators=(",", ":"), default=str) if value else ""


def _recommendation(place: FindingSource, name: str, grounds: Grounds) -> Json:
    said = (
        "Narrow the policy to those who are trusted: remediate the repository from the rule's page in AWS Config, or"
        f" by `ecr-crossaccount remediate {name}`. If the access is meant, trust it in the rule's parameters."
    )
    put_in = f"Insert the required statements: `ecr-crossaccount remediate {name} --strategy require --required FILE`."
    if grounds.verdict.compliance is Compliance.COMPLIANT:
        said = put_in
    elif grounds.lacks:
        said = f"{said} {put_in}"
    return {"Text": shortened(said, LONGEST_RECOMMENDATION), **({"Url": place.link} if place.link else {})}


def _worst_first(verdict: Verdict) -> Sequence[Finding]:
    findings: list[Finding] = [*verdict.grants, *verdict.undecided, *verdict.invalid]
    return sorted(findings, key=_severity, reverse=True)


def _severity(finding: Finding) -> Severity:
    return finding.severity if isinstance(finding, Grant) else Severity.MEDIUM


def _sentence(finding: Finding) -> str:
    match finding:
        case Grant():
            witness = finding.witness
            return f"{finding.severity.name}: {finding.reason}. For example {witness.principal} by {witness.action}."
        case Undecided():
            return f"Undecided: {finding.reason}."
        case Invalid():
            return f"Invalid: {finding.at}: {finding.reason}."


def _listed(sentences: Sequence[str], limit: int) -> str:
    """Return as many whole sentences as fit, and how many more there are. The first sentence may be shortened."""
    room = limit - len(" And 99999 more.")
    text, kept = "", 0
    for sentence in sentences:
        longer = shortened(f"{text} {sentence}", limit * 2)
        if kept and len(longer) > room:
            break
        text, kept = shortened(longer, room), kept + 1
    more = len(sentences) - kept
    return f"{text} And {more} more." if more else text


def _fields(place: FindingSource, verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield the fields for programs: facts of the verdict, and the most severe grants."""
    facts = {
        "RuleName": place.rule,
        "Public": json.dumps(verdict.public),
        "External": json.dumps(verdict.external),
        "Service": json.dumps(verdict.service),
        "Access": " ".join(access.value for access in verdict.access) or "none",
        "Grants": str(len(verdict.grants)),
        "Undecided": str(len(verdict.undecided)),
        "Invalid": str(len(verdict.invalid)),
    }
    yield from ((f"{_PREFIX}{name}", value) for name, value in facts.items())
    for number, grant in enumerate(verdict.grants[:MOST_GRANTS], start=1):
        for name, value in _of_grant(grant).items():
            yield f"{_PREFIX}Grant/{number}/{name}", shortened(value, LONGEST_FIELD)


def _lacking(grounds: Grounds) -> Mapping[str, str]:
    """Return the field about missing required statements. Empty if none are missing."""
    return {f"{_PREFIX}Required": shortened(grounds.lacks, LONGEST_FIELD)} if grounds.lacks else {}


def _of_grant(grant: Grant) -> Mapping[str, str]:
    witness = grant.witness
    request = {"principal": witness.principal, "action": witness.action, "context": dict(witness.context)}
    return {
        "Grantee": grant.grantee,
        "Severity": grant.severity.name,
        "Statement": str(grant.statement) if grant.sid is None else f"{grant.statement} {grant.sid}",
        **({} if grant.document is Document.REPOSITORY else {"Document": grant.document.value}),
        "Actions": " ".join(grant.actions),
        "Witness": json.dumps(request),
    }
