"""The comparison with IAM Access Analyzer: where its findings differ from this audit, and the explanation.

Both look for external access. Access Analyzer does not know the trust register, treats the organization as internal if
that is its zone of trust, and does not report AWS services. Such differences are expected; unexplained ones are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...judgement.values.verdict import Access, Kind
from .access_analyzer import Finding, Opinion
from .items import Unread


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


@dataclass(frozen=True, slots=True)
class Side:
    """One side's opinion, the access levels, and the reason."""

    says: Says
    access: tuple[Access, ...]
    reason: str

    def to_json(self) -> dict[str, object]:
        """Return the side in the form of the report."""
        return {"says": self.says.value, "access": [access.value for access in self.access], "reason": self.reason}


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Access Analyzer's opinions by Region, the result of the comparison by ARN, and errors."""

    opinions: Mapping[str, Opinion]
    answers: Mapping[str, Answer]
    disagreements: tuple[Disagreement, ...]
    unread: tuple[Unread, ...]

    @property
    def beyond_ours(self) -> Sequence[Disagreement]:
        """The unexplained access that only Access Analyzer reports. This audit may be wrong about it."""
        return [disagreement for disagreement in self.disagreements if disagreement.is_beyond_ours]

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
