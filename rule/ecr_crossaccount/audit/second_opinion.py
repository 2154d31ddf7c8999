"""What IAM Access Analyzer finds beside what this audit found: where they differ, why, and what explains it.

Both ask who outside gets in. Access Analyzer knows no trust register, takes the organization for inside where that is
its zone of trust, and reports no AWS services, so differences are to be expected. One that nothing explains is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..access.verdict import Access, Kind
from .access_analyzer import Finding, Opinion
from .items import Unread


class Explanation(StrEnum):
    """What explains a difference."""

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
    """How the two opinions of a repository compare; only `agrees` says that they are the same."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NO_POLICY = "no-policy"
    UNKNOWN = "unknown"


class Says(StrEnum):
    """What one of the two says of someone's access."""

    GRANTED = "granted"
    APPROVED = "approved"
    UNDECIDED = "undecided"
    ARCHIVED = "archived"
    RESOLVED = "resolved"
    NOTHING = "nothing"
    NOT_READ = "not-read"


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two says, how far the access reaches, and why."""

    says: Says
    access: tuple[Access, ...]
    reason: str

    def to_json(self) -> dict[str, object]:
        """Return it as the report has it."""
        return {"says": self.says.value, "access": [access.value for access in self.access], "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Access of a grantee that the two do not see alike, to a repository or, by its policy, a registry.

    `explained_by`: None where nothing explains it. `explanation`: a sentence that says what does, or what to do.
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
        """Whether Access Analyzer sees access that this audit does not, and nothing explains it."""
        if self.explained_by is not None or self.theirs.says is not Says.GRANTED:
            return False
        return self.ours.says is Says.NOTHING or not {*self.theirs.access} <= {*self.ours.access}

    def to_json(self) -> dict[str, object]:
        """Return it as one of the report's `disagreements`."""
        return {
            "arn": self.arn,
            "kind": self.kind.value,
            "grantee": self.grantee,
            "ours": self.ours.to_json(),
            "theirs": {**self.theirs.to_json(), "findings": [one.to_json() for one in self.findings]},
            "explained_by": self.explained_by.value if self.explained_by else None,
            "explanation": self.explanation,
        }


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """All that Access Analyzer said: its opinion by Region, how it compares by ARN, and what could not be read."""

    opinions: Mapping[str, Opinion]
    answers: Mapping[str, Answer]
    disagreements: tuple[Disagreement, ...]
    unread: tuple[Unread, ...]

    @property
    def beyond_ours(self) -> Sequence[Disagreement]:
        """What only Access Analyzer sees, unexplained: this audit may be wrong."""
        return [one for one in self.disagreements if one.is_beyond_ours]

    @property
    def unexplained(self) -> Sequence[Disagreement]:
        """The disagreements that nothing explains."""
        return [one for one in self.disagreements if one.explained_by is None]

    def count(self, answer: Answer) -> int:
        """How many repositories compare so."""
        return sum(one is answer for one in self.answers.values())

    def to_json(self) -> dict[str, object]:
        """Return it as the report's `second_opinion`."""
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
            "disagreements": [one.to_json() for one in self.disagreements],
        }


def silent(disagreements: Sequence[Disagreement]) -> Iterator[str]:
    """Yield the ARNs of repositories of which only this audit sees something, and nothing explains it."""
    yield from dict.fromkeys(
        one.arn for one in disagreements if one.explained_by is None and one.theirs.says is Says.NOTHING
    )
