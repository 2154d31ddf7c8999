"""What a repository may be judged with: each form of its own policy, with each form of its registry's policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..policy.document import Document
from .found import FoundPolicy, Otherwise
from .registries import STRIDE, Candidate
from .values.places import Place

_MOST = 64
"""The most alternatives that are judged. Above this number, the registry policy counts as unknown."""
_TOO_MANY = "it and the repository's own policy may have too many forms together: give --parameter"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the policy of a registry may be under the condition `when`. If both fields are None, it has no policy.

    `number` is the number of the candidate, and `form` is one of its forms, or None if it could not be read.
    """

    when: str = ""
    number: int | None = None
    form: Otherwise | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One form of a repository's own policy, and what the policy of its registry may be."""

    own: Otherwise
    choice: Choice = field(default_factory=Choice)

    @property
    def when(self) -> str:
        """The condition for this alternative."""
        return " and ".join(one for one in (self.choice.when, self.own.when) if one)

    @property
    def by_default(self) -> bool:
        """Whether this alternative applies if parameters have their defaults."""
        return self.own.by_default and (self.choice.form is None or self.choice.form.by_default)

    def form_of(self, document: Document) -> Otherwise:
        """Return the form of the policy that contains a statement of this document."""
        form = self.choice.form if self.choice.number is not None else None
        return form if form is not None and document is Document.REGISTRY else self.own


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that identify statements across all alternatives.

    A statement has the number that it has in the `first` form of its policy. For registry policies, each candidate has
    a range of numbers of its own.
    """

    first: Otherwise
    candidates: tuple[Candidate, ...] = ()

    def of(self, statement: int, document: Document, at: Alternative) -> int | None:
        """Return the number of a statement, or None if the first form does not contain it."""
        number = at.choice.number
        if document is not Document.REGISTRY or number is None:
            return _number(statement, at.own.statements, self.first.statements)
        form, first = at.form_of(document), forms_of(self.candidates[number].found)[0]
        found = statement if form is first else _number(statement, form.statements, first.statements)
        return None if found is None else number * STRIDE + found

    def kept(self, statement: int, document: Document, at: Alternative) -> int:
        """Return the number of a statement, counted in its own form if the first form does not contain it."""
        found = self.of(statement, document, at)
        if found is not None:
            return found
        is_elsewhere = document is Document.REGISTRY and at.choice.number is not None
        return statement + (at.choice.number or 0) * STRIDE if is_elsewhere else statement


def _number(statement: int, here: Sequence[Place], first: Sequence[Place]) -> int | None:
    known = statement < len(here) and here[statement] in first
    return first.index(here[statement]) if known else None


def forms_of(found: FoundPolicy) -> list[Otherwise]:
    """Return all forms that a policy may have, the main form first."""
    return [Otherwise(found.when, found.policy, found.statements), *found.otherwise]


def alternatives(
    found: FoundPolicy, candidates: tuple[Candidate, ...]
) -> tuple[list[Alternative], tuple[Candidate, ...]]:
    """Return all alternatives that a policy may be judged with, and the registry policies that they use."""
    forms, choices = forms_of(found), list(_choices(candidates)) or [Choice()]
    if len(choices) > 1 and len(forms) * len(choices) > _MOST:
        unknown = replace(candidates[0], doubt="", unread=_TOO_MANY, found=replace(candidates[0].found, perhaps=""))
        candidates, choices = (unknown,), list(_choices((unknown,)))
    if _are_alike(found, candidates):
        return [
            Alternative(one, replace(other, when="")) for one in forms for other in choices if one.when == other.when
        ], candidates
    return [Alternative(one, other) for one in forms for other in choices], candidates


def _choices(candidates: Sequence[Candidate]) -> Iterator[Choice]:
    is_alone = len(candidates) == 1
    certain = any(one.is_certain for one in candidates)
    for number, one in enumerate(candidates):
        start = "" if is_alone and one.is_certain else one.chosen
        if one.unread is not None:
            yield Choice(start, number)
            continue
        for form in forms_of(one.found):
            yield Choice(" and ".join(part for part in (start, form.when) if part), number, form)
    if candidates and not certain:
        yield Choice("its registry has no policy that is known here")


def _are_alike(found: FoundPolicy, candidates: Sequence[Candidate]) -> bool:
    """Return whether the same conditions decide about a policy and that of its registry, as in one template."""
    if len(candidates) != 1 or not candidates[0].is_certain or candidates[0].found.at.file != found.at.file:
        return False
    own, other = (sorted(one.when for one in forms_of(each)) for each in (found, candidates[0].found))
    return len(own) > 1 and own == other and len(set(own)) == len(own)
