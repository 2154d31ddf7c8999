"""The outsiders to whom an Allow certainly gives access, with a witness for each."""

from __future__ import annotations

from collections.abc import Iterator

from ..conditions.operators import Mode
from ..context.request import SOME_ACCOUNT, SOME_ORGANIZATION
from ..values.verdict import Kind, Witness
from .candidates import CALLERS, FRESH_ACCOUNT, FRESH_ORGANIZATION
from .findings import ANY_ACCOUNT, FROM_NETWORK, Found
from .principal_match import PrincipalMatch
from .search import Search


class GrantSearch(Search):
    """The search for outsiders who certainly have access."""

    mode = Mode.MUST

    def public(self) -> Found | None:
        """Return someone of a new account that the policy does not name, if needed from a network that it names."""
        anybody, anywhere = self.allow_search.anybody(FRESH_ACCOUNT), self.allow_search.from_anywhere
        for match in (anybody,) if anywhere is None else (anywhere, anybody):
            found = self.enter(match, self._callers.fresh_memberships)
            if isinstance(found, Witness):
                grantee = FROM_NETWORK if anywhere is not None and match is anybody else ANY_ACCOUNT
                return Found(Kind.ANY, grantee, (FRESH_ACCOUNT, None), found)
        return None

    def organizations(self) -> Iterator[Found]:
        """Yield new accounts of organizations that the policy distinguishes."""
        if not self.allow_search.mentions(CALLERS.organizations):
            return
        for organization in [*self._callers.organizations, FRESH_ORGANIZATION]:
            found = self.enter(self.allow_search.anybody(FRESH_ACCOUNT), ((organization, False),))
            if isinstance(found, Witness):
                name = organization
                if organization in (FRESH_ORGANIZATION, SOME_ORGANIZATION):
                    name = f"an organization such as {found.context.get('aws:PrincipalOrgID')}"
                yield Found(Kind.ORGANIZATION, name, (FRESH_ACCOUNT, organization), found)

    def accounts(self) -> Iterator[Found]:
        """Yield accounts that the policy distinguishes, under a wildcard principal."""
        if self.allow_search.mentions(CALLERS.accounts):
            for account in self._callers.accounts:
                yield from self.named(self.allow_search.anybody(account))

    def named(self, match: PrincipalMatch) -> Iterator[Found]:
        """Yield the account of a principal that is outside."""
        found = self.enter(match, self._callers.memberships)
        if isinstance(found, Witness):
            account = match.account
            if account == SOME_ACCOUNT:
                account = str(found.context["aws:PrincipalAccount"])
            yield Found(Kind.ACCOUNT, account, (match.account, None), found)


def findings_of(search: GrantSearch) -> Iterator[Found]:
    """Yield the outsiders to whom an Allow certainly gives access, the most public first."""
    allow_search = search.allow_search
    if allow_search.admits_anyone and not allow_search.leaves_nobody:
        public = search.public()
        if public is not None:
            yield public
        elif not search.is_hopeless:
            yield from search.organizations()
            yield from search.accounts()
    if search.entries and not (allow_search.allow.statement.principals.negated or search.is_hopeless):
        for match in search.entries:
            yield from search.named(match)
    names = allow_search.services
    if names is None or names:
        for service in search.services(names):
            if isinstance(service, Found):
                yield service
