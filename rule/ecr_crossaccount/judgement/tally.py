"""Adds up the access that the Allows of a policy give, for the flags of its verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..documents.principals import Principals
from ..documents.problems import Invalid
from . import reasons
from .search.findings import Found
from .values import actions
from .values.trust import Circle, Trust
from .values.verdict import Grant, Kind, Undecided, Verdict


class Tally:
    """Counts the access that each Allow gives. `circles` are those of the trust, by access.

    `open` are the actions that an Allow gives to everyone, including services. A doubt about these adds nothing.
    """

    __slots__ = ("_circles", "_external", "_owner", "_public", "_service", "open")

    def __init__(self, owner: str, circles: Sequence[Circle]) -> None:
        self._owner = owner
        self._circles = circles
        self._external = self.open = 0
        self._public = self._service = False

    def count_plain(self, principals: Principals, mask: int) -> None:
        """Count an Allow that needs no search, with these actions."""
        if mask and (principals.everyone or principals.any_aws):
            self._public = self._service = True
            self._external |= mask
            self.open |= mask
            return
        accounts = {entry.account for entry in principals.named}
        accounts.discard(self._owner)
        services = principals.services
        for rank, part in actions.split(mask):
            circle = self._circles[rank]
            if not accounts <= circle.accounts:
                self._external |= part
            if services and not circle.services.issuperset(services):
                self._service = True

    def count(self, mask: int, found: Found) -> None:
        """Count a finding of a search, with these actions."""
        if found.kind is Kind.SERVICE:
            self._service = True
        else:
            self._external |= mask
            self._public = self._public or found.public

    @property
    def has_found_anybody(self) -> bool:
        """Whether anyone outside has access, so that there are grants to write."""
        return self._external != 0 or self._service

    def verdict(  # noqa: PLR0913 - the other parts of a verdict
        self,
        trust: Trust,
        organization: str | None,
        *,
        invalid: tuple[Invalid, ...],
        undecided: Sequence[Undecided] = (),
        notes: Sequence[str] = (),
        explain: Callable[[], tuple[Grant, ...]],
    ) -> Verdict:
        """Return the verdict. `explain` writes the grants."""
        if self._external and trust.lacks_members(organization):
            notes = [*notes, reasons.NO_MEMBERS]
        if not (self._external or self._service or undecided or invalid or notes):
            return _NOBODY
        return Verdict(
            self._external != 0,
            self._public,
            self._service,
            actions.access_of(self._external),
            tuple(undecided),
            invalid,
            tuple(dict.fromkeys(notes)) if notes else (),
            # Verdicts are cached. Without grants, the judgement's data is not needed again.
            explain if self.has_found_anybody else tuple,
        )


_NOBODY = Verdict(
    external=False, public=False, service=False, access=(), undecided=(), invalid=(), notes=(), explain=tuple
)
"""The verdict of every policy that gives no access outside and has nothing to note."""
