"""The accounts, organizations and services that a search must try: those that the policy can distinguish.

Outsiders cannot choose account numbers and organization ids, but others exist. So the search tries every name in the
policy, one of each class that its patterns distinguish, and a generic one. The generic name matches only wildcards. It
represents a new account that the policy does not name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from ...documents.conditions import Base, Condition, Network, Operator, Value
from ...documents.document import Effect
from ...documents.pattern import Pattern
from ...memo import by_identity, by_value
from ..conditions.operators import Clause, clause, key_condition
from ..conditions.typed_ranges import spelled_by
from ..context.call import is_well_known
from ..context.keys import ROUTED, SERVICES, is_multivalued, is_of_repository, showing
from ..context.request import Shows
from ..context.shapes import ACCOUNT, HOST_NAME, ORGANIZATION, SERVICE_NAMES
from ..patterns.automaton import Budget, classes
from ..patterns.charsets import ANY, GENERIC
from ..patterns.comparisons import STRINGS, account_field, string_tokens, write_pattern
from ..patterns.numbers import IPV4, IPV6
from ..patterns.tokens import Block, Token, Tokens, literal, matches

FRESH_ACCOUNT = GENERIC * 12
FRESH_ORGANIZATION = "o-" + GENERIC * 10


@by_identity
class _Names:
    """How to find names of one kind in a text: a regular expression, and a text that is in every such name.

    An expression begins with the text that it looks for. An expression that began with a lookbehind would check that at
    every character.
    """

    expression: re.Pattern[str]
    mark: str = ""


_ACCOUNTS = _Names(re.compile(r"[0-9]{12}(?<![0-9]{13})(?![0-9])"))
_ORGANIZATIONS = _Names(re.compile(r"o-(?<![a-z0-9-]o-)[a-z0-9]{10,32}(?![a-z0-9])"), "o-")
_BETWEEN = " "
"""A character that is in none of these names, and in nothing that may adjoin them."""
_MOST = 64
"""The most classes of one kind that are tried. If there are more, the rest is undecided."""


@by_value
class Keys:
    """The keys that distinguish accounts, and those that distinguish organizations."""

    accounts: frozenset[str]
    organizations: frozenset[str]


_OF_ACCOUNTS = (Shows.ACCOUNT, Shows.OF_ACCOUNT)
_OF_ORGANIZATIONS = (Shows.ORGANIZATION, Shows.OF_ORGANIZATION)
CALLERS = Keys(showing(*_OF_ACCOUNTS, by_service=False), showing(*_OF_ORGANIZATIONS, by_service=False))
_SINGLE_ORGANIZATIONS = frozenset(key for key in CALLERS.organizations if not is_multivalued(key))
"""The keys that have a value as policy variables."""
SOURCES = Keys(showing(*_OF_ACCOUNTS, by_service=True), showing(*_OF_ORGANIZATIONS, by_service=True))


def bearing(clauses: Iterable[Clause], keys: frozenset[str]) -> list[Clause]:
    """Return the clauses that depend on `keys`.

    Through a policy variable, any other key can matter. So if a clause has one, return all clauses.
    """
    every = list(clauses)
    varied = [one for one in every if one.variables]
    return every if varied else [one for one in every if one.key in keys]


def named_accounts(clauses: Iterable[Clause]) -> list[str]:
    """Return the account numbers that conditions name, in order of appearance."""
    return _names_in_clauses(_ACCOUNTS, clauses)


def accounts_in(texts: tuple[str, ...]) -> Iterable[str]:
    """Return the account numbers in some texts, alone or as a part."""
    return _found_in(_ACCOUNTS, texts)


def named_organizations(clauses: Iterable[Clause]) -> list[str]:
    """Return the organization ids that conditions name, in order of appearance."""
    return _names_in_clauses(_ORGANIZATIONS, clauses)


_NETWORKS = ("aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce")
_NARROW = {IPV4: 1 << 24, IPV6: 1 << 96}
"""The number of addresses from which a range no longer counts as fixed: /8 and /32. Amazon S3 uses the same limits for
public access.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""


def named_networks(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return conditions for the VPCs, endpoints and narrow address ranges that the clauses name."""
    found: list[Condition] = []
    for key in _NETWORKS:
        values = [value for one in clauses if one.key == key for value in one.condition.values]
        literals = [value.literal for value in values if isinstance(value, Pattern) and value.literal is not None]
        if literals:
            found.append(key_condition(key, dict.fromkeys(literals), Base.STRING_EQUALS))
    ranges = [value for one in clauses if one.key == _ADDRESS for value in one.condition.values if _is_narrow(value)]
    if ranges:
        operator = Operator(Base.IP_ADDRESS, source=Base.IP_ADDRESS.value)
        found.append(Condition(operator, _ADDRESS, _ADDRESS, tuple(dict.fromkeys(ranges))))
    return tuple([clause(condition, Effect.ALLOW) for condition in found])


_ADDRESS = "aws:sourceip"


def _is_narrow(value: Value) -> bool:
    return isinstance(value, Network) and value.last - value.first + 1 < _NARROW[value.version]


def _names_in_clauses(names: _Names, clauses: Iterable[Clause]) -> list[str]:
    found: dict[str, None] = {}
    for one in clauses:
        found |= _found_in(names, one.texts)
    return list(found)


@lru_cache(maxsize=2048)
def _found_in(names: _Names, texts: tuple[str, ...]) -> Mapping[str, None]:
    """Return the names in some texts, in lower case. Cached, because every search looks through the same texts."""
    text = _BETWEEN.join(texts).lower()
    return dict.fromkeys(names.expression.findall(text)) if names.mark in text else {}


def _patterns(clauses: Iterable[Clause], keys: frozenset[str]) -> Iterator[tuple[Clause, Pattern]]:
    for one in clauses:
        if one.key in keys and one.condition.operator.base in STRINGS:
            for value in one.condition.values:
                if isinstance(value, Pattern) and value.literal is None:
                    yield one, value


def tell_accounts_apart(clauses: Sequence[Clause], partition: str) -> bool:
    """Return whether conditions distinguish between callers' accounts that none of them names.

    They can do so with wildcards, with bounds of account numbers, or by comparing them with a value that the caller
    chooses.
    """
    return (
        bool(_bounds(clauses, CALLERS.accounts))
        or _are_compared(CALLERS.accounts, clauses)
        or any(
            True
            for one, value in _patterns(clauses, CALLERS.accounts)
            if not value.variables
            for _ in _account_blocks(one, value, partition)
        )
    )


def tell_organizations_apart(clauses: Sequence[Clause]) -> bool:
    """Return whether conditions distinguish between callers' organizations that none of them names."""
    return _are_compared(_SINGLE_ORGANIZATIONS, clauses) or any(
        not _has_in_head("/", value) and _tells_apart(value)
        for _, value in _patterns(clauses, CALLERS.organizations - ROUTED)
        if not value.variables
    )


def _are_compared(keys: frozenset[str], clauses: Iterable[Clause]) -> bool:
    """Return whether variables compare these keys with other keys that are not the same for all callers."""
    compared = ({one.key, *one.variables} for one in clauses if one.variables)
    own = (frozenset(key for key in each if not is_of_repository(key)) for each in compared)
    return any(len(each) > 1 and not keys.isdisjoint(each) for each in own)


def _has_in_head(mark: str, value: Pattern) -> bool:
    """Return whether the text before a pattern's first wildcard has a character in it."""
    first = value.parts[0] if value.parts else None
    return isinstance(first, str) and mark in first


@by_value
class Classes:
    """One name of each class that a policy distinguishes. `complete`: no other name would have a different result."""

    names: tuple[str, ...]
    complete: bool


def account_classes(
    clauses: Sequence[Clause], keys: Keys, trusted: Iterable[str], partition: str, budget: Budget
) -> Classes:
    """Return one account of each class that wildcards or bounds of account numbers distinguish.

    The result says whether these are all.
    """
    blocks: dict[Block, None] = dict.fromkeys(_bounds(clauses, keys.accounts))
    for one, value in _patterns(clauses, keys.accounts):
        blocks |= dict.fromkeys(_account_blocks(one, value, partition))
    plain = not any(map(_is_torn, _patterns(clauses, frozenset({"aws:sourcearn"}))))
    if not blocks:
        return Classes((), plain)
    barred = [Block(literal(number)) for number in dict.fromkeys([*named_accounts(clauses), *trusted])]
    sampled, complete = classes(ACCOUNT, [*blocks, *barred], _MOST + len(barred), budget)
    return Classes(tuple(sampled), complete and plain)


_NUMBERS_OF_ACCOUNTS = frozenset({"aws:principalaccount", "aws:sourceaccount", "aws:userid"})
"""Keys whose whole value may be an account number."""


def _bounds(clauses: Iterable[Clause], keys: frozenset[str]) -> list[Block]:
    """Return the numbers that Numeric and Date operators compare accounts with, as patterns."""
    compared = (one.condition for one in clauses if one.key in keys & _NUMBERS_OF_ACCOUNTS)
    return [Block(tokens) for condition in compared for tokens in spelled_by(condition)]


def _is_torn(found: tuple[Clause, Pattern]) -> bool:
    """Return whether a wildcard of StringLike may match a part of an account number and adjacent text."""
    one, value = found
    field, text = account_field(value.parts), write_pattern(value.parts)
    if field and not field.strip("0123456789*?"):
        return False
    if not set(":".join(text.split(":")[:5])) & set("*?"):
        return False  # it names no account or one, whatever the wildcard matches
    runs = (run for run in re.finditer("[0-9]+", text) if len(run[0]) != _DIGITS)
    beside = (text[run.start() - 1 : run.start()] + text[run.end() : run.end() + 1] for run in runs)
    return one.condition.operator.base is Base.STRING_LIKE and any("*" in two or "?" in two for two in beside)


_DIGITS = 12
_PARTIAL = re.compile(r"(?=.*[0-9])(?=.*[*?])[0-9*?]+")
"""A part of an account number with wildcards."""


def _account_blocks(one: Clause, value: Pattern, partition: str) -> Iterator[Block]:
    like = one.condition.operator.base in (Base.STRING_LIKE, Base.ARN_LIKE)
    field = account_field(value.parts) if like else None
    if one.key == "aws:userid" and _has_in_head(":", value):
        return
    if field is not None and (not any(c.isdecimal() for c in field) or _ACCOUNTS.expression.fullmatch(field)):
        return  # any account, or a single one, which is tried in any case
    tokens = string_tokens(value.parts, ANY)
    if one.key in _NUMBERS_OF_ACCOUNTS:
        yield Block(tokens)
    elif field is not None:
        yield Block(_wild_tokens(field))
    else:
        yield Block(tokens, f"arn:{partition}:lambda:us-east-1:")
        parts = write_pattern(value.parts).split(":")
        yield from (Block(_wild_tokens(part)) for part in parts if _PARTIAL.fullmatch(part))


def _wild_tokens(text: str) -> Tokens:
    return Tokens(
        Token(charset=ANY, star=True) if c == "*" else Token(charset=ANY) if c == "?" else Token(c) for c in text
    )


def organization_classes(clauses: Sequence[Clause], keys: Keys, trusted: Iterable[str], budget: Budget) -> Classes:
    """Return one organization of each class that wildcards in organization ids distinguish.

    The result says whether these are all.
    """
    blocks: dict[Block, None] = {}
    for _, value in _patterns(clauses, keys.organizations):
        if _has_in_head("/", value) or not _tells_apart(value):
            continue
        blocks[Block(string_tokens(value.parts, ANY))] = None
    if not blocks:
        return Classes((), complete=True)
    barred = [Block(literal(name)) for name in dict.fromkeys([*named_organizations(clauses), *trusted])]
    sampled, complete = classes(ORGANIZATION, [*blocks, *barred], _MOST + len(barred), budget)
    return Classes(tuple(sampled), complete)


def _tells_apart(value: Pattern) -> bool:
    """Return whether a pattern requires more of an organization's id than its general form."""
    return write_pattern(value.parts).partition("/")[0] not in ("*", "o-*")


_USUAL_SERVICES = tuple(
    f"{name}.amazonaws.com"
    for name in ("codebuild", "lambda", "sagemaker", "ecs-tasks", "events", "cloudtrail", "config", "batch")
)
_SERVICES = _Names(re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazon[a-z0-9.-]*[a-z]"), ".amazon")
_OPT_IN = "ap-east-1"


def known_services(written: Sequence[str], *, little_known: bool = False) -> list[str]:
    """Return services that a caller may use: a usual one that is not `written`, and the `written` ones, in any Region.

    `little_known`: add a usual service whose resources may have names of unknown form.
    """
    usual = [name for name in _USUAL_SERVICES if name not in written][:1]
    if little_known:
        usual += [name for name in _USUAL_SERVICES if name not in written and not is_well_known(name)][:1]
    regional = [name.replace(".", f".{_OPT_IN}.", 1) for name in written]
    return list(dict.fromkeys([*usual, *written, *regional]))


@by_value
class Services:
    """The services to try: `known` ones, and `odd` ones with names that no known service has.

    `complete`: no other service would have a different result.
    """

    known: tuple[str, ...]
    odd: tuple[str, ...] = ()
    complete: bool = True


def services(clauses: Sequence[Clause], listed: Iterable[str], trusted: Iterable[str], budget: Budget) -> Services:
    """Return the services to try if the policy includes any service.

    These are the usual ones, and one of each class that its patterns distinguish. No list of the endings of service
    names is complete, so the name of any host may be one.
    """
    written = list(dict.fromkeys([*_names_in_clauses(_SERVICES, clauses), *listed, *trusted]))
    keys = [one.key for one in clauses]
    little_known = "aws:sourcearn" in keys
    if SERVICES.isdisjoint(keys):
        return Services(tuple(known_services(written, little_known=little_known)))
    seen, hosts = _hosts(clauses, written)
    written += seen
    known = known_services(written, little_known=little_known)
    blocks = [Block(string_tokens(value.parts, ANY)) for _, value in _patterns(clauses, SERVICES)]
    if not blocks:
        return Services(tuple(known), tuple(hosts))
    barred = [Block(literal(name)) for name in (*written, *hosts)]
    for shape in SERVICE_NAMES:
        known += classes(shape, [*blocks, *barred], _MOST, budget)[0]
    odd, complete = classes(HOST_NAME, [*blocks, *barred], _MOST, budget)
    return Services(tuple(dict.fromkeys(known)), (*hosts, *odd), complete)


def is_seen(service: str) -> bool:
    """Tell whether a name has an ending that names of services are seen to have."""
    return any(matches(shape, service) for shape in SERVICE_NAMES)


def _hosts(clauses: Iterable[Clause], known: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the other names of services that conditions write out, and those of hosts that may be services."""
    texts = dict.fromkeys([text.lower() for one in clauses if one.key in SERVICES for text in one.texts])
    names = [text for text in texts if text not in known and matches(HOST_NAME, text)]
    seen = [name for name in names if is_seen(name)]
    return seen, [name for name in names if name not in seen]
