"""The comparison with IAM Access Analyzer: where its findings differ from this audit, and the explanation.

Both look for external access. Access Analyzer does not know the trust register, treats the organization as internal if
that is its zone of trust, and does not report AWS services. Such differences are expected; unexplained ones are not.

Its analyzers, findings and analyzed resources are read. Only an analyzer of external access has a relevant opinion.
Others look for unused access, or for access from inside.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from ...judgement.values.verdict import Access, Kind
from ...memo import by_value
from ...sources.aws.calls import AWS_ERRORS, Calls, reason_of
from ...sources.aws.errors import code_of
from ...sources.aws.events import REPOSITORY
from ...sources.aws.retries import pages
from ..kinds.handling import Lack
from .items import Unread

ORGANIZATION = "ORGANIZATION"
_EXTERNAL = ("ACCOUNT", ORGANIZATION)
"""The types of analyzers for external access. The first is preferred, because its zone of trust is smaller."""
_ACTIVE = "ACTIVE"
ARCHIVED, RESOLVED = "ARCHIVED", "RESOLVED"
_ITEMS_A_PAGE = 100
_SERVICE = "access-analyzer"
_UNKNOWN = "ResourceNotFoundException"
_HOW = "create one of type ACCOUNT (`aws accessanalyzer create-analyzer`)"


@by_value
class Analyzer:
    """An analyzer. `why` is the reason for a status other than ACTIVE, if AWS gives one."""

    arn: str
    name: str
    type: str
    status: str
    why: str | None = None

    @property
    def trusts_organization(self) -> bool:
        """Whether its zone of trust is the organization, whose accounts it therefore does not report."""
        return self.type == ORGANIZATION

    def to_json(self) -> dict[str, object]:
        """Return the analyzer in the form of the report."""
        return {"arn": self.arn, "name": self.name, "type": self.type, "status": self.status}


@by_value
class Finding:
    """A finding of an external access analyzer about one repository. Times are in ISO 8601, in UTC.

    `restriction` is the effect of resource control policies. `error` is why the repository could not be analyzed.
    """

    id: str
    arn: str
    status: str
    principal: Mapping[str, str]
    condition: Mapping[str, str]
    actions: tuple[str, ...]
    public: bool
    analyzed: str
    restriction: str | None = None
    error: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is neither archived nor resolved. A finding with an unknown status is active."""
        return self.status not in (ARCHIVED, RESOLVED)

    def to_json(self) -> dict[str, object]:
        """Return the finding in the form of the report."""
        return {
            "id": self.id,
            "status": self.status,
            "principal": dict(self.principal),
            "condition": dict(self.condition),
            "actions": list(self.actions),
            "public": self.public,
            "analyzed": self.analyzed,
            "resource_control_policy": self.restriction,
        }


@by_value
class Opinion:
    """The opinion of one analyzer about an account's repositories in a Region, each by its ARN.

    `analyzed` has the repositories that it has analyzed, with the time if that was requested. `others` are the
    analyzers that were not used.
    """

    analyzer: Analyzer
    findings: Mapping[str, tuple[Finding, ...]]
    analyzed: Mapping[str, str | None]
    others: tuple[Analyzer, ...] = ()


@by_value
class Region:
    """The service in one Region, for questions about one account."""

    client: Any
    account: str
    name: str

    def opinion(self) -> Opinion | Unread:
        """Return the best analyzer's opinion, or why there is none. A partial answer is not an opinion."""
        try:
            analyzers = [_analyzer(one) for one in self._all("ListAnalyzers", "analyzers")]
            usable = [analyzer for analyzer in analyzers if analyzer.type in _EXTERNAL and analyzer.status == _ACTIVE]
            best = min(usable, key=lambda one: _EXTERNAL.index(one.type), default=None)
            if best is None:
                return self._unread(_lack(analyzers, self.name))
            others = tuple(analyzer for analyzer in analyzers if analyzer is not best)
            return Opinion(best, self._findings(best), dict.fromkeys(self._list_arns(best)), others)
        except AWS_ERRORS as error:
            return self._unread(f"IAM Access Analyzer could not be asked: {reason_of(error)}")

    def add_times(self, opinion: Opinion, arns: Iterable[str], calls: Calls) -> tuple[Opinion, tuple[Unread, ...]]:
        """Return the opinion with the times when these repositories were analyzed, and errors of reading them."""
        answers = [*calls.each(lambda arn: self._when(opinion.analyzer, arn), arns)]
        known = {arn: when for arn, when in answers if isinstance(when, str)}
        return (
            replace(opinion, analyzed={**opinion.analyzed, **known}),
            tuple(when for _, when in answers if isinstance(when, Unread)),
        )

    def _when(self, analyzer: Analyzer, arn: str) -> tuple[str, str | Unread | None]:
        try:
            answer = self.client.get_analyzed_resource(analyzerArn=analyzer.arn, resourceArn=arn)["resource"]
        except AWS_ERRORS as error:
            if isinstance(error, ClientError) and code_of(error) == _UNKNOWN:
                return arn, None
            return arn, self._unread(f"the time of its last analysis is unknown: {reason_of(error)}", arn)
        return arn, _moment(answer["analyzedAt"])

    def _findings(self, analyzer: Analyzer) -> dict[str, tuple[Finding, ...]]:
        criteria = {"resourceType": {"eq": [REPOSITORY]}, "resourceOwnerAccount": {"eq": [self.account]}}
        found: dict[str, tuple[Finding, ...]] = {}
        for one in self._all("ListFindings", "findings", analyzerArn=analyzer.arn, filter=criteria):
            if one["resourceOwnerAccount"] == self.account:
                finding = Finding(
                    one["id"],
                    one["resource"],
                    one["status"],
                    _drop_nulls(one.get("principal")),
                    _drop_nulls(one.get("condition")),
                    tuple(action for action in one.get("action") or () if action),
                    bool(one.get("isPublic")),
                    _moment(one["analyzedAt"]),
                    one.get("resourceControlPolicyRestriction"),
                    one.get("error"),
                )
                found[finding.arn] = (*found.get(finding.arn, ()), finding)
        return found

    def _list_arns(self, analyzer: Analyzer) -> Iterator[str]:
        request = {"analyzerArn": analyzer.arn, "resourceType": REPOSITORY}
        for one in self._all("ListAnalyzedResources", "analyzedResources", **request):
            yield one["resourceArn"]

    def _all(self, operation: str, members: str, **request: object) -> Iterator[Mapping[str, Any]]:
        call = getattr(self.client, xform_name(operation))
        for page in pages(call, _SERVICE, operation, "nextToken", maxResults=_ITEMS_A_PAGE, **request):
            yield from page[members]

    def _unread(self, reason: str, arn: str | None = None) -> Unread:
        return Unread(reason, self.account, self.name, arn, Lack.SECOND_OPINION)


def _lack(found: Sequence[Analyzer], region: str) -> str:
    idle = [analyzer for analyzer in found if analyzer.type in _EXTERNAL]
    if idle:
        states = ", ".join(
            f"`{analyzer.name}` is {analyzer.status}{f' ({analyzer.why})' if analyzer.why else ''}" for analyzer in idle
        )
        return f"IAM Access Analyzer has no active analyzer of external access in {region}: {states}"
    if found:
        others = ", ".join(f"`{analyzer.name}` ({analyzer.type})" for analyzer in found)
        return f"IAM Access Analyzer has no analyzer of external access in {region}, only {others}: {_HOW}"
    return f"IAM Access Analyzer has no analyzer in {region}: {_HOW}"


def _analyzer(answer: Mapping[str, Any]) -> Analyzer:
    why = answer.get("statusReason") or {}
    return Analyzer(answer["arn"], answer["name"], answer["type"], answer["status"], why.get("code"))


def _drop_nulls(texts: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name: text for name, text in (texts or {}).items() if text is not None}


def _moment(when: datetime) -> str:
    """Return a time in UTC. A time without an offset is already in UTC."""
    known = when if when.tzinfo else when.replace(tzinfo=UTC)
    return known.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Explanation(StrEnum):
    """The reason for a difference."""

    TRUST = "trust"
    ORGANIZATION = "organization"
    SERVICE = "service"
    ARCHIVED = "archived"
    RESOLVED = "resolved"
    REGISTRY_POLICY = "registry-policy"
    UNDECIDED = "undecided"
    DELETED_PRINCIPAL = "deleted-principal"
    NOT_JUDGED = "not-judged"


class Answer(StrEnum):
    """How the two opinions about a repository compare. Only `agrees` means that they are the same."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NO_POLICY = "no-policy"
    UNKNOWN = "unknown"


class Says(StrEnum):
    """The opinion of one side about someone's access."""

    GRANTED = "granted"
    APPROVED = "approved"
    UNDECIDED = "undecided"
    ARCHIVED = "archived"
    RESOLVED = "resolved"
    NOTHING = "nothing"
    NOT_READ = "not-read"


@by_value
class Side:
    """One side's opinion, the access levels, and the reason."""

    says: Says
    access: tuple[Access, ...]
    reason: str

    def to_json(self) -> dict[str, object]:
        """Return the side in the form of the report."""
        return {"says": self.says.value, "access": [access.value for access in self.access], "reason": self.reason}


@by_value
class Disagreement:
    """Access of a grantee to a repository, or through a registry policy, that the two opinions differ about.

    `explained_by` is None if the difference is unexplained. `explanation` is a sentence with the reason or what to do.
    """

    arn: str
    kind: Kind
    grantee: str
    ours: Side
    theirs: Side
    findings: tuple[Finding, ...]
    explained_by: Explanation | None
    explanation: str

    @property
    def is_beyond_ours(self) -> bool:
        """Whether Access Analyzer reports access that this audit does not, without an explanation."""
        if self.explained_by is not None or self.theirs.says is not Says.GRANTED:
            return False
        return self.ours.says is Says.NOTHING or not {*self.theirs.access} <= {*self.ours.access}

    def to_json(self) -> dict[str, object]:
        """Return it in the form of the report's field `disagreements`."""
        return {
            "arn": self.arn,
            "kind": self.kind.value,
            "grantee": self.grantee,
            "ours": self.ours.to_json(),
            "theirs": {**self.theirs.to_json(), "findings": [finding.to_json() for finding in self.findings]},
            "explained_by": self.explained_by.value if self.explained_by else None,
            "explanation": self.explanation,
        }


@by_value
class SecondOpinion:
    """Access Analyzer's opinions by Region, the result of the comparison by ARN, and errors."""

    opinions: Mapping[str, Opinion]
    answers: Mapping[str, Answer]
    disagreements: tuple[Disagreement, ...]
    unread: tuple[Unread, ...]

    @property
    def beyond_ours(self) -> tuple[Disagreement, ...]:
        """The unexplained access that only Access Analyzer reports. This audit may be wrong about it."""
        return tuple(disagreement for disagreement in self.disagreements if disagreement.is_beyond_ours)

    @property
    def unexplained(self) -> Sequence[Disagreement]:
        """The disagreements without an explanation."""
        return [disagreement for disagreement in self.disagreements if disagreement.explained_by is None]

    def count(self, answer: Answer) -> int:
        """Return the number of repositories with this result."""
        return sum(one is answer for one in self.answers.values())

    def to_json(self) -> dict[str, object]:
        """Return it in the form of the report's field `second_opinion`."""
        return {
            "by": "access-analyzer",
            "analyzers": [
                {"region": region, **one.analyzer.to_json(), "not_asked": [other.to_json() for other in one.others]}
                for region, one in self.opinions.items()
            ],
            "summary": {
                **{answer.value.replace("-", "_"): self.count(answer) for answer in Answer},
                "disagreements": len(self.disagreements),
                "unexplained": len(self.unexplained),
            },
            "repositories": [{"arn": arn, "opinion": answer.value} for arn, answer in self.answers.items()],
            "disagreements": [disagreement.to_json() for disagreement in self.disagreements],
        }


def silent(disagreements: Sequence[Disagreement]) -> Iterator[str]:
    """Yield the ARNs of repositories with unexplained access that Access Analyzer does not report."""
    yield from dict.fromkeys(
        disagreement.arn
        for disagreement in disagreements
        if disagreement.explained_by is None and disagreement.theirs.says is Says.NOTHING
    )
