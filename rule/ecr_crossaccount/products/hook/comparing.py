"""What an operation opens: the access that a resource gives after it and did not give before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...documents.document import Document
from ...documents.holes import holes_in
from ...documents.parse import parse
from ...judgement.beside import RegistryPolicy
from ...judgement.patterns.automaton import Budget
from ...judgement.values.resource_kind import ResourceKind
from ...questions.change.answer import Opened
from ...questions.change.opening import opened
from ...questions.change.states import Form, State
from ...sources.check.changed import with_other_holes
from ...sources.check.findings import Finding
from ...sources.check.results import Result, new_in, results_in
from ...sources.found.found import FoundPolicy
from ...sources.found.registries import COUNTED_FOR
from .registry import ReadRegistry
from .request import RequestError

NAMES = ("the policy before the change", "the policy after it")
_UNREAD = RegistryPolicy(unread="it is not in the request")


@dataclass(frozen=True, slots=True)
class Part:
    """The results for one resource, those of them that are new, and what else the operation opens, in sentences."""

    results: tuple[Result, ...]
    new: tuple[Result, ...]
    beyond: tuple[str, ...] = ()

    @property
    def known(self) -> list[Result]:
        """The results that were already there before the operation."""
        return [one for one in self.results if one not in self.new]


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares the resources of one request. They share the work budget. `registry` reads the registry's policy."""

    budget: Budget
    registry: ReadRegistry

    def part(self, name: str, before: Finding | None, findings: Sequence[Finding]) -> Part:
        """Return what the operation makes of a resource.

        `before` is None if there is no such resource before the operation, or if it is unknown. `findings` are empty if
        the resource is deleted. Raises RequestError if it cannot be read what a registry's policy denied.
        """
        results = tuple(one for finding in findings for one in results_in(finding))
        if before is None:
            return Part(results, results)
        if before.found.kind is ResourceKind.REGISTRY:
            _refuse_unread(name, before.found)
        elif not findings:
            return Part((), ())
        own = Document.REGISTRY if before.found.kind is ResourceKind.REGISTRY else Document.REPOSITORY
        new: list[Result] = []
        beyond: list[str] = []
        for finding in findings:
            found = self._opened(before.state, finding.state)
            new += new_in(list(results_in(finding)), _about(found, own))
            beyond += _beyond(found, own)
        if not findings:
            beyond += _beyond(self._opened(before.state, _without_policy(before.state)), own)
        return Part(results, tuple(new), tuple(f"{name}: {one}" for one in dict.fromkeys(beyond)))

    def _opened(self, before: State, after: State) -> Opened:
        # The same reference may have another value than before.
        then = with_other_holes(before, frozenset(holes_in([one.policy for one in before.forms])))
        if before.kind not in COUNTED_FOR:
            return opened(then, after, NAMES, self.budget)
        found = opened(_beside(then, _UNREAD), _beside(after, _UNREAD), NAMES, self.budget)
        if not _beyond(found, Document.REPOSITORY):
            return found
        live = self.registry(after.repository.account)
        return opened(_beside(then, live), _beside(after, live), NAMES, self.budget)


def _about(found: Opened, document: Document) -> Opened:
    """Return the opened access that the statements of a document give."""
    changes = tuple(one for one in found.changes if one.grant.document is document)
    return Opened(changes, tuple(one for one in found.undecided if one.document is document))


def _beyond(found: Opened, own: Document) -> list[str]:
    """Return what other policies give after the operation, because a Deny no longer stops it."""
    grants = [one.grant for one in found.changes if one.grant.document is not own]
    doubts = [one.reason for one in found.undecided if one.document is not own]
    return [*(f"the registry policy opens it: {one.reason}" for one in grants), *doubts]


def _beside(state: State, registry: RegistryPolicy | None) -> State:
    return replace(state, forms=tuple(replace(one, registry=registry) for one in state.forms))


def _without_policy(state: State) -> State:
    return replace(state, forms=(Form(None),), doubts=())


def _refuse_unread(name: str, found: FoundPolicy) -> None:
    """Raise RequestError if the Denies of a registry's policy before the operation cannot be read."""
    if parse(found.policy).invalid or any(holes_in(found.policy)):
        raise RequestError(f"what {name} denies before the change cannot be read")
