"""What all searches for one Allow share, whatever the trust: its conditions and Denies, and results so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ...memo import once
from ..conditions.operators import Clause, Mode, Roles, Truth
from ..context.keys import (
    ROUTED,
    SERVICES,
    depends_on_type,
    is_bound,
    is_of_caller,
    is_of_network,
    is_of_organization,
    is_of_source,
)
from ..context.request import (
    PrincipalRequest,
    PrincipalType,
    RepositoryContext,
    RequestKind,
    ServiceRequest,
    Tagging,
    TrustedIdentities,
)
from ..values.verdict import Witness
from .candidates import (
    CALLERS,
    FRESH_ACCOUNT,
    bearing,
    named_accounts,
    named_networks,
    named_organizations,
    tell_accounts_apart,
    tell_organizations_apart,
)
from .constraints import (
    ALL_TYPES,
    Allow,
    DenyPart,
    Doubt,
    Indistinguishable,
    JudgementCache,
    PrincipalMatch,
    principal_matches,
    services_of,
    taken_identities,
)
from .denies import Deny, exempt, ways_of_deny
from .solver import Solver


class AllowContext:
    """What all searches for one Allow share, for calls with the same tags.

    It caches results together with the Denies of the search. More Denies never allow more. A caller who fails under
    some Denies also fails under more, and a caller who succeeds under some also succeeds under fewer.

    `trusted` has the identities inside, for each access level that an action may have.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what the searches share, all of it
        self,
        repository: RepositoryContext,
        trusted: tuple[TrustedIdentities, ...],
        tagging: Tagging,
        roles: Roles,
        allow: Allow,
        denies: Sequence[Deny],
        cache: JudgementCache,
    ) -> None:
        self.repository = repository
        self.tagging = tagging
        self.allow = allow
        self.denies = denies
        self.cache = cache
        self.clauses = (*allow.clauses, *[clause for deny in denies for clause in deny.clauses])
        self.entries = [match for one in allow.statement.principals.named for match in principal_matches(one, roles)]
        principals = allow.statement.principals
        self.services = services_of(principals)
        """The services that the Allow names, or None for any service."""
        self._trusted = trusted
        self._roles = roles
        self._mentioned = _mentioned_keys(self.clauses)
        if principals.named or [deny for deny in denies if deny.statement.principals.named]:
            self._mentioned.add("aws:principalarn")
        self.mentions: Callable[[Iterable[str]], set[str]] = self._mentioned.intersection
        """Returns the given keys that the Allow or a relevant Deny asks about."""
        self.varies = bool([clause for clause in self.clauses if clause.variables])
        """Whether the conditions have policy variables. One try can then cost as much as everything else."""
        self.is_promising = not self.varies
        """Whether to try requests before checking what any request can meet. Not after some tries have failed."""
        self._failures = 0
        self._free = [clause for clause in allow.clauses if not clause.variables]
        """The clauses of the Allow without policy variables."""
        self.hopes: dict[Mode, bool] = {}
        """By mode, whether a caller can meet the clauses of the Allow about keys that do not depend on the caller."""
        self._answers: dict[object, dict[Mode, bool]] = {_ANYBODY: self.hopes}
        self._hits: dict[tuple[Deny, str | None], list[DenyPart]] = {}
        self._anybody: dict[tuple[str, tuple[PrincipalType, ...]], PrincipalMatch] = {}
        self._failed: dict[object, list[frozenset[Deny]]] = {}
        self._passed: dict[object, list[tuple[frozenset[Deny], Witness | Doubt]]] = {}

    # --- the callers that the statements distinguish ---

    @once
    def tells_types_apart(self) -> bool:
        """Whether other types of principals may have a different result than a role's session."""
        return any(map(depends_on_type, self._mentioned))

    @once
    def spelling(self) -> Mapping[str, str]:
        """The keys that the Allow or a Deny asks about, spelled as in the policy. Empty for the key of a variable."""
        return dict.fromkeys(self._mentioned, "") | {clause.key: clause.condition.key for clause in self.clauses}

    @once
    def accounts(self) -> list[str]:
        """The accounts of callers that the statements name."""
        principals = [deny.statement.principals for deny in self.denies]
        listed = [entry.account for principal in principals for entry in principal.named]
        return list(dict.fromkeys([*named_accounts(bearing(self.clauses, CALLERS.accounts)), *listed]))

    @once
    def organizations(self) -> list[str]:
        """The organizations of callers that the statements name."""
        return named_organizations(bearing(self.clauses, CALLERS.organizations))

    @once
    def tells_accounts_apart(self) -> bool:
        """Whether wildcards distinguish between accounts that the statements do not name."""
        return tell_accounts_apart(self.clauses, self.repository.partition)

    @once
    def tells_organizations_apart(self) -> bool:
        """Whether wildcards distinguish between organizations that the statements do not name."""
        return tell_organizations_apart(self.clauses)

    @once
    def taken(self) -> frozenset[str]:
        """The accounts and organizations that a witness of "someone else" must not show."""
        written = [*named_accounts(self.clauses), *named_organizations(self.clauses), *self.accounts]
        return taken_identities(self._trusted, self.allow.statement.principals.named).union(written)

    @once
    def twins(self) -> Indistinguishable:
        """The accounts that the statements cannot distinguish."""
        principals = self.allow.statement.principals
        lists = [deny.statement.principals for deny in self.denies] + ([principals] if principals.negated else [])
        return Indistinguishable(self.clauses, lists, tells_apart=self.tells_accounts_apart)

    @once
    def _in_order(self) -> list[Deny]:
        return sorted(self.denies, key=lambda deny: (deny.statement.document.value, deny.statement.number))

    def in_order(self, denies: frozenset[Deny]) -> list[Deny]:
        """Return Denies in the order of the policy.

        A set has no order, but the same policy must get the same verdict.
        """
        return [deny for deny in self._in_order if deny in denies] if denies else []

    # --- questions that are answered once ---

    def count_failure(self) -> None:
        """Count a failed request that was tried before checking what any request can meet."""
        self._failures += 1
        self.is_promising = self._failures < _MOST_FAILURES

    def ask(
        self, question: object, denies: frozenset[Deny], answer: Callable[[frozenset[Deny]], Witness | Doubt | None]
    ) -> Witness | Doubt | None:
        """Return the answer to a question under some Denies.

        Use a known answer for fewer or more Denies if it decides.
        """
        for passed, known in self._passed.get(question, ()):
            if denies <= passed:
                return known
        others = self._failed.get(question)
        if others is not None:
            for failed in others:
                if failed <= denies:
                    return None
            # If the question fails without any Deny, it need not be asked a third time.
            if denies and self.ask(question, _NO_DENIES, answer) is None:
                return None
        found = answer(denies)
        if found is None:
            self._failed.setdefault(question, []).append(denies)
        else:
            self._passed.setdefault(question, []).append((denies, found))
        return found

    def can_meet(
        self, question: object, request: Callable[[], RequestKind], asked: Sequence[Clause], mode: Mode
    ) -> bool:
        """Return whether a kind of request can meet clauses of the Allow that have no policy variable. Computed once.

        Clauses that can certainly be met can also possibly be met. Clauses that cannot possibly be met cannot certainly
        be met.
        """
        known = self._answers.setdefault(question, {})
        if mode not in known:
            found = Solver(request(), mode, self.cache).can_meet(asked)
            can = known[mode] = found is Truth.YES
            if can is (mode is Mode.MUST) or found is Truth.NO:
                known[Mode.MUST] = known[Mode.MAY] = can
        return known[mode]

    @once
    def of_organization(self) -> list[Clause]:
        """The clauses of the Allow that depend only on the caller's organization."""
        return [clause for clause in self._free if is_of_organization(clause.key)]

    @once
    def of_caller(self) -> list[Clause]:
        """The clauses of the Allow that depend only on the caller's account and type of principal."""
        return [clause for clause in self._free if is_of_caller(clause.key)]

    @once
    def of_network(self) -> list[Clause]:
        """The clauses of the Allow that depend only on the network path."""
        return [clause for clause in self._free if is_of_network(clause.key)]

    def has_hope(self, mode: Mode) -> bool:
        """Return whether a caller can meet the clauses of the Allow about keys that do not depend on the caller."""
        asked = self._same_for_all
        hope = self.hopes[mode] = not asked or self.can_meet(_ANYBODY, self._anybodys, asked, mode)
        return hope

    def _anybodys(self) -> PrincipalRequest:
        return PrincipalRequest(self.repository, FRESH_ACCOUNT, None, fresh=True, tagging=self.tagging)

    @once
    def _same_for_all(self) -> list[Clause]:
        return [clause for clause in self._free if not is_bound(clause.key)]

    def has_hope_for(self, name: str, mode: Mode) -> bool:
        """Return whether a service can meet the clauses of the Allow, except those about the source."""
        if len(self._besides_the_name) == len(self._besides_the_source):
            return self.has_hope_for_others(mode)
        return self.can_meet(name, partial(self._services, name), self._besides_the_source, mode)

    @once
    def _besides_the_source(self) -> list[Clause]:
        return [clause for clause in self._free if not is_of_source(clause.key)]

    def has_hope_for_others(self, mode: Mode) -> bool:
        """Return whether a service can meet the clauses of the Allow, except those about the source and the name."""
        asked = self._besides_the_name
        return not asked or self.can_meet(_NAMELESS, partial(self._services, _NAMELESS), asked, mode)

    @once
    def _besides_the_name(self) -> list[Clause]:
        return [clause for clause in self._besides_the_source if clause.key not in SERVICES]

    def _services(self, name: str) -> ServiceRequest:
        return ServiceRequest(self.repository, name, FRESH_ACCOUNT, None, fresh=True, tagging=self.tagging)

    @once
    def from_anywhere(self) -> PrincipalMatch | None:
        """The match of any account outside the networks that the statements name, or None if they name none."""
        networks = named_networks(self.clauses) if self.mentions(ROUTED) else ()
        return replace(self.anybody(FRESH_ACCOUNT), besides=networks) if networks else None

    # --- the principals that the Principal elements include ---

    def ways_of_deny(self, deny: Deny, account: str) -> list[DenyPart]:
        """Return the ways in which a Deny applies to an account's principals.

        They are the same for all accounts that the Deny does not name.
        """
        named = account in [entry.account for entry in deny.statement.principals.named]
        key = (deny, account if named else None)
        known = self._hits.get(key)
        if known is None:
            known = self._hits[key] = list(ways_of_deny(deny, account, self._roles))
        return known

    def exempt(self, account: str) -> Iterator[DenyPart]:
        """Yield the principals of an account that the Allow's NotPrincipal excludes."""
        principals = self.allow.statement.principals
        return exempt(principals, account, self._roles) if principals.negated else iter(())

    def anybody(self, account: str, principal_types: tuple[PrincipalType, ...] = ALL_TYPES) -> PrincipalMatch:
        """Return the match of any principal of an account, of some types."""
        known = self._anybody.get((account, principal_types))
        if known is None:
            known = self._anybody[account, principal_types] = PrincipalMatch(account, principal_types)
        return known


_MOST_FAILURES = 3
_ANYBODY, _NAMELESS = "anybody", "some service"
_NO_DENIES: frozenset[Deny] = frozenset()


def _mentioned_keys(clauses: Iterable[Clause]) -> set[str]:
    found: set[str] = set()
    for clause in clauses:
        found.add(clause.key)
        found.update(clause.variables)
    return found
