"""The access that a registry policy leaves open to a repository, whatever the repository's own policy is."""

from __future__ import annotations

from dataclasses import dataclass

from ...documents.document import Document
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy
from ...judgement.judge import Repository, judge
from ...judgement.values.trust import Trust

_THEIRS = Document.REGISTRY


@dataclass(frozen=True, slots=True)
class Left:
    """Notes about the access, for a person. `is_open`: whether someone certainly has access."""

    notes: tuple[str, ...] = ()
    is_open: bool = False


def left_by_registry(
    policy: str | None, repository: Repository, trust: Trust, origin: Origin, registry: RegistryPolicy
) -> Left:
    """Return the access that the registry policy leaves open to a repository that has or will have its own policy."""
    verdict = judge(policy, repository, trust, origin, registry=registry)
    open_ = [grant.reason for grant in verdict.grants if grant.document is _THEIRS]
    doubts = [undecided.reason for undecided in verdict.undecided if undecided.document is _THEIRS]
    doubts += [
        f"{invalid.at}: {invalid.reason}" for invalid in verdict.invalid if invalid.at.startswith(_THEIRS.prefix)
    ]
    notes = [f"the registry policy still grants access: {text}" for text in open_]
    notes += [f"what the registry policy grants cannot be decided: {doubt}" for doubt in doubts]
    if open_:
        notes.append("a change of the repository policy closes that only with a Deny: change the registry policy")
    return Left(tuple(notes), bool(open_))
