"""A finding in the AWS Security Finding Format (ASFF), made from a verdict. Computes only.

The limits are from https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html and the pages
beside it. If they give no length, it is from botocore's model of BatchImportFindings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...documents.document import CONSOLES, Document
from ...documents.problems import Invalid
from ...judgement.annotation import severity_of, shorten
from ...judgement.values.verdict import NO_ACCESS, Compliance, Grant, Severity, Undecided, Verdict
from ...memo import by_value
from .outcome import SEVERITY

if TYPE_CHECKING:
    from .outcome import Grounds

Json = Mapping[str, object]
Finding = Grant | Undecided | Invalid

SCHEMA = "2018-10-08"
TYPES = ("Software and Configuration Checks/AWS Security Best Practices/External Access Granted",)
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_RECOMMENDATION = 256, 1024, 512
LONGEST_FIELD = 2048
"""Characters of a value of ProductFields."""
MOST_FIELDS = 50
"""The most members of ProductFields."""
ACTIVE, _ARCHIVED = "ACTIVE", "ARCHIVED"
_PREFIX = "ecr-crossaccount/"
DIGEST = f"{_PREFIX}Digest"
"""The member of ProductFields that shows a scheduled run whether a finding is up to date."""
_DIGEST_BYTES = 8
_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"})


@by_value
class Earlier:
    """A finding that Security Hub has: its times, whether it is open, and its digest.

    `created` and `first` are texts in ISO 8601. `updated` is None if the time cannot be read.
    """

    created: str
    updated: datetime | None
    first: str
    is_open: bool
    digest: str


class Closed(Enum):
    """Why a finding is closed."""

    COMPLIANT = f"The policy gives {NO_ACCESS}."
    NOT_APPLICABLE = "The repository is gone, or out of the rule's scope."

    def title(self, name: str) -> str:
        """Return the title of a repository's finding."""
        if self is Closed.COMPLIANT:
            return _title(f"No untrusted external access to the ECR repository {name}")
        return _title(f"Gone or out of scope: the ECR repository {name}")


@by_value
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
        return f"{self.arn(name)}#{self.generator}"

    def name(self, id_: str) -> str | None:
        """Return the name of the repository of a finding, or None if it is not a finding of this rule."""
        before, after = self.arn(""), f"#{self.generator}"
        is_ours = id_.startswith(before) and id_.endswith(after)
        return id_.removeprefix(before).removesuffix(after) if is_ours else None

    @property
    def generator(self) -> str:
        """The name of the program and the rule that make the findings."""
        return f"{_PREFIX}{self.rule}"

    @property
    def product(self) -> str:
        """The ARN of the product that an account's own findings belong to."""
        return f"arn:{self.partition}:securityhub:{self.region}:{self.account}:product/{self.account}/default"

    @property
    def link(self) -> str | None:
        """The rule's page in the console of AWS Config, to start a remediation. None if it is unknown.

        AWS does not document the address. The console shows this one, and many programs link to it.
        """
        host = CONSOLES.get(self.partition)
        if host is None:
            return None
        page = f"rules/details?configRuleName={quote(self.rule, safe='')}"
        return f"https://{self.region}.{host}/config/home?region={self.region}#/{page}"


def digest_of(grounds: Grounds) -> str:
    """Return the digest of a finding. It does not depend on the day, which is in each example request."""
    verdict = grounds.verdict
    others = [*map(str, (*verdict.undecided, *verdict.invalid)), *([grounds.lacks] if grounds.lacks else [])]
    said = json.dumps([*map(_texts_of, verdict.grants), *others])
    return blake2b(said.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _texts_of(grant: Grant) -> list[str]:
    access = [one.value for one in grant.access]
    return [str(grant.sid), grant.grantee, grant.severity.name, grant.reason, *access, *grant.actions]


def open_finding(
    place: FindingSource, name: str, grounds: Grounds, moment: str, earlier: Earlier | None = None
) -> Json:
    """Return the finding of a repository that is not compliant. `moment` is its time, in ISO 8601.

    `earlier` is the finding that Security Hub has.
    """
    verdict = grounds.verdict
    worst = verdict.severity or (SEVERITY if grounds.lacks else Severity.MEDIUM)
    sentences = [_sentence(one) for one in _worst_first(verdict)]
    sentences += [f"{SEVERITY.name}: {grounds.lacks}."] if grounds.lacks else []
    is_open = verdict.compliance is Compliance.NON_COMPLIANT
    what = "Access from outside to" if is_open else "Required statements are missing in the policy of"
    return {
        **_common(place, name, grounds.policy, moment, earlier),
        "FirstObservedAt": earlier.first if earlier is not None and earlier.is_open else moment,
        "Title": _title(f"{what} the ECR repository {name}"),
        "FindingProviderFields": _provider_fields(worst.name),
        "Description": _sentences_within(sentences, LONGEST_DESCRIPTION),
        "Compliance": {"Status": "FAILED"},
        "RecordState": ACTIVE,
        "Remediation": {"Recommendation": _recommendation(place, name, grounds)},
        "ProductFields": _fields(place, grounds),
    }


def closed_finding(place: FindingSource, name: str, why: Closed, moment: str, earlier: Earlier | None = None) -> Json:
    """Return the finding of a repository without problems: passed and archived.

    It does not change the workflow status, which belongs to the customer.
    """
    return {
        **_common(place, name, None, moment, earlier),
        **({} if earlier is None else {"FirstObservedAt": earlier.first}),
        "Title": why.title(name),
        "FindingProviderFields": _provider_fields("INFORMATIONAL"),
        "Description": why.value,
        "Compliance": {"Status": "PASSED"},
        "RecordState": _ARCHIVED,
        "ProductFields": {f"{_PREFIX}RuleName": place.rule},
    }


def _common(place: FindingSource, name: str, policy: object, moment: str, earlier: Earlier | None) -> Json:
    link = place.link
    return {
        "SchemaVersion": SCHEMA,
        "Id": place.id(name),
        "ProductArn": place.product,
        "GeneratorId": place.generator,
        "AwsAccountId": place.account,
        "CreatedAt": moment if earlier is None else earlier.created,
        "UpdatedAt": moment,
        "Resources": [_resource(place, name, policy)],
        **({"SourceUrl": link} if link else {}),
    }


def _title(title: str) -> str:
    return shorten(title, len(title))[:LONGEST_TITLE]  # a name has no words to leave out


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
    return {"Text": shorten(said, LONGEST_RECOMMENDATION), **({"Url": place.link} if place.link else {})}


def _worst_first(verdict: Verdict) -> Sequence[Finding]:
    findings: list[Finding] = [*verdict.grants, *verdict.undecided, *verdict.invalid]
    return sorted(findings, key=severity_of, reverse=True)


def _sentence(finding: Finding) -> str:
    match finding:
        case Grant():
            witness = finding.witness
            return f"{finding.severity.name}: {finding.reason}. For example {witness.principal} by {witness.action}."
        case Undecided():
            return f"Undecided: {finding.reason}."
        case Invalid():
            return f"Invalid: {finding.at}: {finding.reason}."


def _sentences_within(sentences: Sequence[str], limit: int) -> str:
    """Return as many whole sentences as fit, and how many more there are. The first sentence may be shortened."""
    room = limit - len(" And 99999 more.")
    text, kept = "", 0
    for sentence in sentences:
        longer = shorten(f"{text} {sentence}", limit * 2)
        if kept and len(longer) > room:
            break
        text, kept = shorten(longer, room), kept + 1
    more = len(sentences) - kept
    return f"{text} And {more} more." if more else text


def _fields(place: FindingSource, grounds: Grounds) -> Mapping[str, str]:
    """Return the fields for programs: facts of the verdict, and as many of the most severe grants as there is room."""
    verdict = grounds.verdict
    facts = {
        "RuleName": place.rule,
        "Public": json.dumps(verdict.public),
        "External": json.dumps(verdict.external),
        "Service": json.dumps(verdict.service),
        "Access": " ".join(access.value for access in verdict.access) or "none",
        "Grants": str(len(verdict.grants)),
        "Undecided": str(len(verdict.undecided)),
        "Invalid": str(len(verdict.invalid)),
        **({"Required": shorten(grounds.lacks, LONGEST_FIELD)} if grounds.lacks else {}),
    }
    worst_first = sorted(verdict.grants, key=severity_of, reverse=True)
    grants = [
        {f"Grant/{number}/{name}": shorten(value, LONGEST_FIELD) for name, value in _of_grant(grant).items()}
        for number, grant in enumerate(worst_first[:MOST_FIELDS], start=1)
    ]
    room = MOST_FIELDS - len(facts) - len(("Digest", "GrantsLeftOut"))
    shown = sum(size <= room for size in accumulate(map(len, grants)))
    facts["GrantsLeftOut"] = str(len(verdict.grants) - shown)
    fields = {name: value for part in (facts, *grants[:shown]) for name, value in part.items()}
    return {DIGEST: digest_of(grounds), **{f"{_PREFIX}{name}": value for name, value in fields.items()}}


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
