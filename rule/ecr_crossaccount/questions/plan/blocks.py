"""The part of an Allow that is inside, as blocks. A block is the Allow for some principals, one limit and some access.

Together, the blocks allow every principal inside that the Allow allows. No block allows anyone else. There are blocks
for each kind of principal that trust can name.

Deleted principals grant nothing, and ECR refuses to write a policy that names one. ECR no longer accepts NotPrincipal
with Allow. A plan turns it into a list of the principals that keep access: Principal `*`, with conditions that exclude
the named principals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeGuard

from ...documents.conditions import Condition
from ...documents.document import Form, Named, Statement, UniqueId, aws_principal
from ...documents.pattern import Holed, Text, as_text
from ...judgement.context.keys import SERVICES, SOURCES, is_of_callers_alone, is_of_source
from ...judgement.values.trust_entries import Subject
from ...memo import by_value
from .limits import Limit, Ranks, TrustedRanks, one_of, some_like
from .outcome import CannotSayError, Written, one_or_many, replace_elements, write_entries


@by_value
class Block:
    """A part of an Allow.

    - `whole`: the Principal element if it is not a list of names. Otherwise `aws` and `services` have the names.
    - `besides`: the kinds of register entries whose requests other blocks already allow. Unless `first`, other blocks
      also allow the owner's requests.
    - `plainly`: keep the block only if it certainly allows someone.
    - `asked`: whether the plan must ask if the block is needed.
    - `accounts`: the accounts in `aws`, if they replace everyone.
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
    def never_has(self) -> Callable[[str], bool]:
        """A function that returns whether a key, in lower case, is missing from every request that the block allows."""
        if self.limit is not None and self.limit.is_of_services:
            return is_of_callers_alone
        are_callers = self.accounts or (self.limit is not None and (self.limit.is_of_callers or self.aws))
        return is_of_source if are_callers else lambda _key: False

    @property
    def texts(self) -> tuple[str, ...]:
        """The AWS principals that are known."""
        return tuple(text for text in self.aws if isinstance(text, str))

    def with_accounts(self, accounts: Iterable[str], written: str) -> Block:
        """Return the block for some accounts. `written` is the format of a name, with `{}` for the account number."""
        names = tuple(accounts)
        return replace(self, accounts=names, aws=tuple(map(written.format, names)))


_ASKED_OF_SERVICES = SOURCES | SERVICES | {"aws:principalisawsservice"}
"""Keys that only an AWS service sends, or that identify one. A condition on such a key is meant for services."""
_NO_SERVICE = ("aws:principalisawsservice", (False,))


@by_value
class Whom:
    """The principals of an Allow as written: the entries of its lists, or `whole` if it has no list.

    - `services` also has the services that a list names beside `{"AWS": "*"}`.
    - `known`: whether `whole` certainly means everyone.
    - `means_services`: whether the Allow is meant for services that it does not name. A wildcard allows them, but few
      authors of a wildcard think of them.
    """

    whole: object
    aws: tuple[Text, ...] = ()
    services: tuple[Text, ...] = ()
    known: bool = True
    means_services: bool = False

    def element(self, block: Block, written: Written) -> object:
        """Return the Principal element of a block, in the form that the statement uses."""
        if block.whole is not None:
            return block.whole
        value = written.get("Principal")
        return write_principal(value if isinstance(value, Mapping) else {}, block.aws, block.services)


def write_principal(lists: Mapping[str, object], aws: Sequence[Text], services: Sequence[Text]) -> Mapping[str, object]:
    """Return a Principal with other names, in the form of `lists`."""
    chosen = {"AWS": aws, "Service": services}
    names = [*lists, *(kind for kind in chosen if kind not in lists)]
    return {kind: write_entries(lists.get(kind, ()), chosen[kind]) for kind in names if chosen[kind]}


def whom(statement: Statement, written: Written, *, deployed: bool) -> Whom:
    """Return the principals of an Allow. In a deployed policy, the unique id of a deleted principal names no one."""
    value = written.get("Principal")
    principals = statement.principals
    means_services = (principals.negated and principals.any_aws) or any(map(_asks_services, statement.conditions))
    if value == "*":
        return Whom("*", means_services=means_services)
    if not isinstance(value, Mapping):
        return Whom(value, known=False, means_services=True)
    aws, services = (_texts(value.get(kind, [])) for kind in ("AWS", "Service"))
    if principals.any_aws:
        whole = value if value == {"AWS": ["*"]} else {"AWS": "*"}
        return Whom(whole, services=services, means_services=means_services)
    return Whom(None, tuple(text for text in aws if not (deployed and is_id(text))), services)


def _texts(entries: object) -> tuple[Text, ...]:
    return tuple(filter(None, map(as_text, one_or_many(entries))))


def _asks_services(condition: Condition) -> bool:
    return condition.name in _ASKED_OF_SERVICES and (condition.name, condition.values) != _NO_SERVICE


def is_id(text: object) -> TypeGuard[str]:
    """Return whether an entry is the unique id of a principal, which remains after the principal is deleted."""
    return isinstance(text, str) and isinstance(aws_principal(text), UniqueId)


def blocks(who: Whom, within: TrustedRanks, account: str) -> Iterator[Block]:
    """Yield the blocks of an Allow, the least changed first. `account` is the format of an account's name."""
    if who.whole is None:
        yield from _blocks_by_name(who, within)
        return
    everybody = Block(frozenset(), whole=who.whole)
    yield from _organizations(everybody, within)
    yield from _accounts(everybody, within, account, known=who.known)
    yield from _networks(everybody, within)
    for ranks, names in within.by_purpose(within.services):
        yield Block(ranks, services=names, first=True, plainly=who.known)
    if who.means_services:
        yield from _sources(everybody, within)
    else:
        yield from _named_services(who, within)


def _but(block: Block, ranks: Ranks, limit: Limit, *besides: Subject, first: bool = False) -> Block:
    return Block(ranks, limit, block.whole, block.aws, block.services, frozenset(besides), first)


def _organizations(some: Block, within: TrustedRanks) -> Iterator[Block]:
    for ranks, names in within.by_purpose(within.organizations):
        first = within.is_owner_a_member and within.owner.organization in names
        yield _but(some, ranks, one_of("aws:PrincipalOrgID", names), Subject.ACCOUNT, first=first)
    for ranks, patterns in within.by_purpose(within.paths):
        limit = some_like("aws:PrincipalOrgPaths", patterns)
        yield _but(some, ranks, limit, Subject.ACCOUNT, Subject.ORGANIZATION)


def _accounts(some: Block, within: TrustedRanks, account: str, *, known: bool) -> Iterator[Block]:
    for ranks, names in within.by_purpose(within.callers):
        if known:
            yield Block(ranks, first=True).with_accounts(names, account)
        else:
            yield _but(some, ranks, one_of("aws:PrincipalAccount", names), first=True)


def _networks(some: Block, within: TrustedRanks) -> Iterator[Block]:
    before = (Subject.ACCOUNT, Subject.ORGANIZATION, Subject.ORGANIZATION_PATH)
    for ranks, names in within.by_purpose(within.vpcs):
        yield _but(some, ranks, one_of("aws:SourceVpc", names), *before)
    for ranks, names in within.by_purpose(within.endpoints):
        yield _but(some, ranks, one_of("aws:SourceVpce", names), *before, Subject.VPC)


def for_accounts(some: Block, within: TrustedRanks) -> Iterator[Block]:
    """Yield the blocks for services that act for the accounts inside."""
    for ranks, names in within.by_purpose(within.accounts):
        yield _but(some, ranks, one_of("aws:SourceAccount", names), Subject.SERVICE, first=True)


def _sources(some: Block, within: TrustedRanks) -> Iterator[Block]:
    before = (Subject.SERVICE, Subject.ACCOUNT)
    yield from for_accounts(some, within)
    for ranks, names in within.by_purpose(within.organizations):
        yield _but(some, ranks, one_of("aws:SourceOrgID", names), *before)
    for ranks, patterns in within.by_purpose(within.paths):
        yield _but(some, ranks, some_like("aws:SourceOrgPaths", patterns), *before, Subject.ORGANIZATION)


# --- an Allow that names its principals ---


def _blocks_by_name(who: Whom, within: TrustedRanks) -> Iterator[Block]:
    """Yield the blocks of an Allow that names its principals.

    Entries that trust covers by name are unchanged. The others are limited to what else about them is inside.
    """
    aws = {text: _ranks_of_entry(text, within) for text in who.aws}
    services = {text: within.of_service(text) if isinstance(text, str) else Ranks() for text in who.services}
    known = {("AWS", text): ranks for text, ranks in aws.items()}
    known |= {("Service", text): ranks for text, ranks in services.items()}
    for ranks, names in within.by_purpose(known):
        callers, others = (tuple(text for kind, text in names if kind == wanted) for wanted in ("AWS", "Service"))
        yield Block(ranks, aws=callers, services=others, asked=False)
    unknown = tuple(text for text in who.aws if isinstance(text, Holed) or is_id(text))
    yield from _remaining_blocks(_unknown_accounts(unknown, within), aws)
    gone = strangers(who, within)
    everybody = Block(frozenset(), aws=tuple(text for text in who.aws if text not in gone))
    yield from _remaining_blocks(_organizations(everybody, within), aws)
    yield from _remaining_blocks(_networks(everybody, within), aws)
    yield from _named_services(who, within)


def strangers(who: Whom, within: TrustedRanks) -> tuple[Text, ...]:
    """Return the entries that trust does not name, if it names another entry of the list."""
    ranks = {text: _ranks_of_entry(text, within) for text in who.aws}
    if not any(ranks.values()):
        return ()
    return tuple(text for text in who.aws if not ranks[text] and _account_of(text))


def _unknown_accounts(entries: tuple[Text, ...], within: TrustedRanks) -> Iterator[Block]:
    for ranks, names in within.by_purpose(within.accounts):
        yield Block(ranks, one_of("aws:PrincipalAccount", names), aws=entries, first=True)


def _remaining_blocks(found: Iterator[Block], aws: Mapping[Text, Ranks]) -> Iterator[Block]:
    """Yield the blocks without the entries that already have the same ranks by name."""
    for block in found:
        entries = tuple(text for text in block.aws if not block.ranks <= aws[text])
        if entries:
            yield replace(block, aws=entries)


def _named_services(who: Whom, within: TrustedRanks) -> Iterator[Block]:
    """Yield the blocks for services that a list names: those that act for an account inside."""
    yield from _sources(Block(frozenset(), services=who.services), within)


def _ranks_of_entry(text: Text, within: TrustedRanks) -> Ranks:
    account = _account_of(text)
    return within.of_account(account) if account else frozenset()


def _account_of(text: Text) -> str | None:
    entry = aws_principal(text) if isinstance(text, str) else None
    return entry.account if isinstance(entry, Named) else None


def without_deleted(written: object) -> tuple[list[object], list[str]]:
    """Return an Allow, as read back from AWS, without deleted principals, and the entries that were left out.

    The list of statements is empty if no principal is left. Anything other than an Allow is returned unchanged.
    """
    if not (isinstance(written, Mapping) and written.get("Effect") == "Allow"):
        return [written], []
    lists = written.get("Principal")
    if not isinstance(lists, Mapping):
        return [written], []
    entries = one_or_many(lists.get("AWS", []))
    gone = [entry for entry in entries if is_id(entry)]
    if not gone:
        return [written], []
    left = [entry for entry in entries if entry not in gone]
    others = {kind: value for kind, value in lists.items() if kind != "AWS"}
    principal = {**lists, "AWS": write_entries(lists["AWS"], left)} if left else others  # type: ignore[arg-type] # as read
    return ([{**written, "Principal": principal}] if principal else []), gone


class _Except(NamedTuple):
    operator: str
    key: str
    values: tuple[str, ...]


def turned_around(statement: Statement, written: Written, *, deployed: bool) -> Written:
    """Return the statement with Principal `*`. Raises CannotSayError if no condition can express whom it excludes.

    `deployed`: a unique id in the statement is what remains of a deleted principal, so it excludes no one.
    """
    principals = statement.principals
    if (principals.ids and not deployed) or principals.unknown or principals.unknown_services:
        raise CannotSayError("whom its NotPrincipal excludes cannot be determined")
    condition = written.get("Condition", {})
    for exception in _exceptions(statement):
        condition = _add_exception(condition, exception)
    return replace_elements(written, {"NotPrincipal": ("Principal", "*"), "Condition": ("Condition", condition)})


def _exceptions(statement: Statement) -> Iterator[_Except]:
    principals = statement.principals
    if principals.any_aws:
        yield _Except("Bool", "aws:PrincipalIsAWSService", ("true",))
    accounts = tuple(entry.account for entry in principals.named if entry.form is Form.ACCOUNT)
    if accounts:
        yield _Except("StringNotEquals", "aws:PrincipalAccount", accounts)
    arns = tuple(arn for entry in principals.named for arn in _arns(entry))
    if arns:
        yield _Except("ArnNotLike", "aws:PrincipalArn", arns)
    if principals.services:
        yield _Except("StringNotEquals", "aws:PrincipalServiceName", principals.services)


def _arns(entry: Named) -> Iterator[str]:
    """Yield the values of aws:PrincipalArn that an entry excludes.

    For a session, these are the values of its whole role.
    """
    start = f"arn:{entry.partition}"
    match entry.form:
        case Form.ACCOUNT:
            return
        case Form.SESSION:
            role = entry.name.partition("/")[0]
            yield from (f"{start}:iam::{entry.account}:role/{role}", f"{start}:iam::{entry.account}:role/*/{role}")
        case Form.USER:
            yield from (entry.source, f"{start}:sts::{entry.account}:federated-user/*")
        case _:
            yield entry.source


def _add_exception(condition: object, exception: _Except) -> Mapping[str, object]:
    if not isinstance(condition, Mapping):
        raise CannotSayError("its Condition is not known yet, and so cannot be added to")
    keys = condition.get(exception.operator, {})
    if not isinstance(keys, Mapping):
        raise CannotSayError(f"its conditions under {exception.operator} are not known yet")
    same = next((key for key in keys if key.lower() == exception.key.lower()), exception.key)
    if exception.operator == "Bool" and same in keys:
        raise CannotSayError(f"its Condition says too much about {same}")
    values = [*(one_or_many(keys[same]) if same in keys else ()), *exception.values]
    value = values[0] if len(values) == 1 else list(dict.fromkeys(values))
    return {**condition, exception.operator: {**keys, same: value}}
