"""What `judge` answers."""

from __future__ import annotations

from dataclasses import dataclass

from ....documents.document import Document
from ....judgement.judge import Repository
from ....judgement.values.verdict import Verdict
from ....sources.check.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Judged:
    """One policy and its verdict. `document` is the policy's JSON value, for showing parts of it.

    `registry` is the JSON value of the registry policy. `under_rcps` is the verdict under resource control policies, if
    any.
    """

    file: str
    repository: Repository
    document: object
    verdict: Verdict
    registry: object = None
    under_rcps: Verdict | None = None

    def value_of(self, document: Document) -> object:
        """Return the JSON value of one of the documents."""
        return self.registry if document is Document.REGISTRY else self.document


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read and so was not judged."""

    file: str
    reason: str

    def to_json(self) -> dict[str, object]:
        """Return the file and the reason, ready for `json.dumps`."""
        return {"file": self.file, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Report:
    """The results of one run."""

    judged: tuple[Judged, ...]
    unread: tuple[Unread, ...]
    provenance: Provenance
