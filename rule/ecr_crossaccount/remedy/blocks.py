"""What of an Allow is inside, as blocks: each is the Allow for some principals, under one limit, for some access.

Together they let in everybody inside whom the Allow lets in, and each of them nobody else: an Allow is met with the
inside, kind by kind of those whom trust can name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..access.trust import Subject
from ..policy.document import Statement
from ..policy.holes import Holed, Text, as_text
from ..policy.principals import Named, UniqueId, aws_principal
from .inside import Inside, Ranks, alike
from .limits import Limit, one_of, some_like
from .written import Written, like, one_or_many


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an Allow.

    `whole`: its Principal where that is no list of names; else `aws` and `services` are. `besides`: the kinds of
    entries of the register whose requests other blocks let in already, the owner's too unless `first`.
    `plainly`: the block is worth keeping only if somebody certainly gets in by it. `asked`: whether that is a
    question at all. `accounts`: those of `aws` where they take the place of everybody.
    """

    ranks: Ranks
    limit: Limit | None = None
    whole: object = None
    aws: tuple[Text, ...] = ()
    services: tuple[Text, ...] = ()
    besides: frozenset[Subject] = frozenset()
    first: bool = False
    plainly: bool = False
    asked: bool = True
    accounts: tuple[str, ...] = ()

    @property
    def absent(self) -> frozenset[str]:
        """The keys, in lower case, that no request holds whom the block lets in: a service's, or a caller's."""
        key = self.limit.key if self.limit else ""
        if key in _FOR_SERVICES:
            return _OF_CALLERS
        are_callers = self.accounts or key in _FOR_CALLERS or (key and self.aws)
        return _OF_SOURCES if are_callers else frozenset()

    @property
    def texts(self) -> tuple[str, ...]:
        """The AWS principals that are known."""
        return tuple(text for text in self.aws if isinstance(text, str))

    def with_accounts(self, accounts: Iterable[str], written: str) -> Block:
        """Return the block for some accounts; `written` is how each is named, with its number for `{}`."""
        names = tuple(accounts)
        return replace(self, accounts=names, aws=tuple(map(written.format, names)))


_OF_CALLERS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:username"})
_OF_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_FOR_SERVICES = frozenset({"aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"})
_FOR_CALLERS = frozenset({"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount"})


@dataclass(frozen=True, slots=True)
class Whom:
    """The principals of an Allow as written: the entries of its lists, or `whole` where it has none."""

    whole: object
    aws: tuple[Text, ...]
    services: tuple[Text, ...]
    known: bool

    def element(self, block: Block, written: Written) -> object:
        """Return the Principal element of a block, written as the statement has it."""
        if block.whole is not None:
            return block.whole
        value = written.get("Principal")
        lists = value if isinstance(value, Mapping) else {"AWS": []}
        chosen = {"AWS": block.aws, "Service": block.services}
        names = [*lists, *(kind for kind in chosen if kind not in lists)]
        return {kind: like(lists.get(kind, ()), chosen[kind]) for kind in names if chosen[kind]}


def whom(statement: Statement, written: Written, *, deployed: bool) -> Whom:
    """Return the principals of an Allow; in a policy read back from AWS, deleted ones are nobody."""
    value = written.get("Principal")
    if value == "*" or statement.principals.everyone or statement.principals.negated:
        return Whom("*", (), (), known=True)
    if not isinstance(value, Mapping):
        return Whom(value, (), (), known=False)
    aws, services = (_texts(value.get(kind, [])) for kind in ("AWS", "Service"))
    if statement.principals.any_aws:
        return Whom(value if value in ({"AWS": "*"}, {"AWS": ["*"]}) else {"AWS": "*"}, (), (), known=True)
    return Whom(None, tuple(text for text in aws if not (deployed and is_id(text))), services, known=True)


def is_id(text: Text) -> bool:
    """Tell whether an entry is the unique id of a principal: what a deleted one leaves."""
    return isinstance(text, str) and isinstance(aws_principal(text), UniqueId)


def _texts(entries: object) -> tuple[Text, ...]:
    return tuple(text for text in map(as_text, one_or_many(entries)) if text is not None)


def blocks(who: Whom, within: Inside, ranks: Ranks, account: str) -> Iterator[Block]:
    """Yield the blocks of an Allow for `ranks`, the least changed first; `account` is how an account is named."""
    if who.whole is None:
        yield from _named(who, within, ranks)
        return
    everybody = Block(frozenset(), whole=who.whole)
    yield from _organizations(everybody, within)
    yield from _accounts(everybody, within, account, known=who.known)
    yield from _networks(everybody, within)
    yield from _deputies(everybody, within, plainly=who.known)


def _but(block: Block, ranks: Ranks, limit: Limit, *besides: Subject, first: bool = False) -> Block:
    return Block(ranks, limit, block.whole, block.aws, block.services, frozenset(besides), first, plainly=block.plainly)


def _organizations(some: Block, within: Inside) -> Iterator[Block]:
    for ranks, names in alike(within.organizations):
        yield _but(some, ranks, one_of("aws:PrincipalOrgID", names), Subject.ACCOUNT)
    for ranks, patterns in alike(within.paths):
        limit = some_like("aws:PrincipalOrgPaths", patterns)
        yield _but(some, ranks, limit, Subject.ACCOUNT, Subject.ORGANIZATION)


def _accounts(some: Block, within: Inside, account: str, *, known: bool) -> Iterator[Block]:
    for ranks, names in alike(within.accounts):
        if known:
            yield Block(ranks, first=True).with_accounts(names, account)
        else:
            yield _but(some, ranks, one_of("aws:PrincipalAccount", names), first=True)


def _networks(some: Block, within: Inside) -> Iterator[Block]:
    before = (Subject.ACCOUNT, Subject.ORGANIZATION, Subject.ORGANIZATION_PATH)
    for ranks, names in alike(within.vpcs):
        yield _but(some, ranks, one_of("aws:SourceVpc", names), *before)
    for ranks, names in alike(within.endpoints):
        yield _but(some, ranks, one_of("aws:SourceVpce", names), *before, Subject.VPC)


def _deputies(some: Block, within: Inside, *, plainly: bool) -> Iterator[Block]:
    """The services that an Allow for everybody lets in as well."""
    for ranks, names in alike(within.services):
        yield Block(ranks, services=names, first=True, plainly=plainly)
    block = Block(frozenset(), whole=some.whole, services=some.services, plainly=plainly)
    yield from _sources(block, within)


def _sources(some: Block, within: Inside) -> Iterator[Block]:
    before = (Subject.SERVICE, Subject.ACCOUNT)
    for ranks, names in alike(within.accounts):
        yield _but(some, ranks, one_of("aws:SourceAccount", names), Subject.SERVICE, first=True)
    for ranks, names in alike(within.organizations):
        yield _but(some, ranks, one_of("aws:SourceOrgID", names), *before)
    for ranks, patterns in alike(within.paths):
        yield _but(some, ranks, some_like("aws:SourceOrgPaths", patterns), *before, Subject.ORGANIZATION)


# --- an Allow that names its principals ---


def _named(who: Whom, within: Inside, ranks: Ranks) -> Iterator[Block]:
    """The entries that are inside by their name stay as they are; the others only as what else they may be."""
    aws = {text: _ranks_of_entry(text, within) for text in who.aws}
    services = {text: within.of_service(text) if isinstance(text, str) else frozenset() for text in who.services}
    for held in sorted({*aws.values(), *services.values()} - {frozenset()}, key=lambda one: (-len(one), sorted(one))):
        callers = tuple(text for text, known in aws.items() if known == held)
        yield Block(held, aws=callers, services=tuple(t for t, known in services.items() if known == held), asked=False)
    unknown = tuple(text for text in who.aws if isinstance(text, Holed) or is_id(text))
    yield from _left(_unknown_accounts(unknown, within), aws)
    everybody = Block(ranks, aws=who.aws)
    yield from _left(_organizations(everybody, within), aws)
    yield from _left(_networks(everybody, within), aws)
    yield from _left_services(_sources(Block(ranks, services=who.services), within), services)


def _unknown_accounts(entries: tuple[Text, ...], within: Inside) -> Iterator[Block]:
    for ranks, names in alike(within.accounts):
        yield Block(ranks, one_of("aws:PrincipalAccount", names), aws=entries, first=True)


def _left(found: Iterator[Block], aws: Mapping[Text, Ranks]) -> Iterator[Block]:
    """Leave out of blocks the entries that have their ranks already."""
    for block in found:
        entries = tuple(text for text in block.aws if not block.ranks <= aws[text])
        if entries:
            yield Block(block.ranks, block.limit, aws=entries, besides=block.besides, first=block.first)


def _left_services(found: Iterator[Block], services: Mapping[Text, Ranks]) -> Iterator[Block]:
    for block in found:
        entries = tuple(text for text in block.services if not block.ranks <= services[text])
        if entries:
            yield Block(block.ranks, block.limit, services=entries, besides=block.besides, first=block.first)


def _ranks_of_entry(text: Text, within: Inside) -> Ranks:
    entry = aws_principal(text) if isinstance(text, str) else None
    return within.of_account(entry.account) if isinstance(entry, Named) else frozenset()
