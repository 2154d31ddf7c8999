"""Domains of keys whose values are moments, numbers, addresses or lists, and not free text.

Lists are multivalued keys that an outsider fills freely: services in `aws:CalledVia`, and tags in a call.
"""

from __future__ import annotations

import ipaddress
import itertools
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import add

from ...documents.conditions import Base, Condition, Operator, Quantifier, Value
from ...documents.pattern import pattern
from ...memo import by_value
from ..conditions.operators import SOME, Demand, Mode, Truth, answer
from ..conditions.typed_text import addresses_left, asking
from ..patterns import numbers
from ..patterns.automaton import Budget
from ..patterns.charsets import DIGIT, HEXADECIMAL, LATER_TAG, OF_ADDRESSES, TAG
from ..patterns.comparisons import NUMERIC, STRINGS, Test, comparison
from ..patterns.numbers import IPV4, IPV6, Ranges, address, moments, timestamp
from ..patterns.tokens import exactly, literal, star
from .domains import Assignment, Constraint, Strings, Values, are_met
from .shapes import LATER_TAG_VALUE, PLAIN, TAG_VALUE, some


def _fill_list(  # noqa: PLR0913, PLR0917 - what a list must be like, all of it
    elements: Strings,
    asked: Sequence[Constraint],
    mode: Mode,
    budget: Budget,
    barred: Sequence[Constraint] = (),
    wished: Sequence[Constraint] = (),
) -> tuple[str, ...] | None:
    """Return the values of a list that is present and meets all tests, or None.

    Every element also meets each constraint of `barred`, and some element each one of `wished`.
    """
    every, some = [*barred], [*wished]
    for constraint in asked:
        operator = constraint.test.condition.operator
        if operator.base is Base.NULL or operator.quantifier is None or not constraint.test.condition.values:
            if not constraint.want.met_by(answer(constraint.test, SOME, many=True)):
                return None
        elif (operator.quantifier is Quantifier.ALL) is constraint.want.positive:
            every.append(constraint)
        else:
            some.append(constraint)
    found: list[str] = []
    for wish in [[one] for one in some] or [[]]:
        values = elements.assign((*every, *wish), mode, budget)
        if values is None:
            return None
        found += values[elements.key] or ()
    return tuple(dict.fromkeys(found))


@by_value
class Lists:
    """A multivalued key, absent or with as many values of one shape as needed."""

    elements: Strings

    @property
    def key(self) -> str:
        """The key of the elements."""
        return self.elements.key

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return absence or a list that meets all tests."""
        budget.spend(1)
        key = self.key
        if are_met(asked, {key: None}):
            return {key: None}
        found = _fill_list(self.elements, asked, mode, budget)
        return None if found is None else {key: found}


TAG_KEYS = "aws:tagkeys"
REQUEST_TAG = "aws:requesttag/"
_NAMES = Strings({TAG_KEYS: PLAIN}, (some(TAG),), unsure=(some(LATER_TAG),))
TAG_NAMES = Lists(_NAMES)
"""`aws:TagKeys` alone, as in a call of UntagResource."""


@by_value
class RequestTags:
    """The tags in a TagResource call: `aws:RequestTag/…`, and their names in `aws:TagKeys`."""

    @property
    def key(self) -> str:
        """The key `aws:TagKeys`, which identifies the domain."""
        return TAG_KEYS

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return tags that meet all tests. Only in mode MAY can there be names without values, or the reverse."""
        budget.spend(1)
        keys = dict.fromkeys(constraint.key for constraint in asked)
        nothing: Assignment = dict.fromkeys([*keys, TAG_KEYS])
        if are_met(asked, nothing):
            return nothing
        found = self._together(asked, mode, budget)
        if found is None and mode is Mode.MAY:
            return self._named_apart(asked, budget)
        return found

    def _together(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        names = [constraint for constraint in asked if constraint.key == TAG_KEYS]
        tags = {
            constraint.key: _Tag(constraint.key, asked, mode, budget)
            for constraint in asked
            if constraint.key != TAG_KEYS
        }
        if any(tag.absent is False and tag.value is None for tag in tags.values()):
            return None
        barred = [tag.name_constraint(Demand.MAY_NOT) for tag in tags.values() if tag.value is None]
        wished = [tag.name_constraint(Demand.MUST) for tag in tags.values() if not tag.absent]
        found = _fill_list(_NAMES, names, mode, budget, barred, wished)
        if found is None:
            return None
        sent = dict.fromkeys(REQUEST_TAG + name.lower() for name in found)
        values = {key: tag.value if key in sent else None for key, tag in tags.items()}
        unasked: dict[str, Values] = {key: ("value",) for key in sent if key not in tags}
        return {**values, **unasked, TAG_KEYS: found}

    @staticmethod
    def _named_apart(asked: Sequence[Constraint], budget: Budget) -> Assignment | None:
        names = TAG_NAMES.assign([constraint for constraint in asked if constraint.key == TAG_KEYS], Mode.MAY, budget)
        if names is None:
            return None
        result = dict(names)
        for key in dict.fromkeys(constraint.key for constraint in asked if constraint.key != TAG_KEYS):
            tag = _Tag(key, asked, Mode.MAY, budget)
            if not tag.absent and tag.value is None:
                return None
            result[key] = None if tag.absent else tag.value
        return result


class _Tag:
    """One `aws:RequestTag/…` key: whether it can be absent, and a value that meets the tests if it is present."""

    __slots__ = ("_key", "absent", "value")

    def __init__(self, key: str, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> None:
        own = [constraint for constraint in asked if constraint.key == key]
        self._key = key
        self.absent = are_met(own, {key: None})
        found = Strings({key: PLAIN}, (TAG_VALUE,), unsure=(LATER_TAG_VALUE,)).assign(own, mode, budget)
        self.value: Values = found[key] if found else None

    def name_constraint(self, want: Demand) -> Constraint:
        """Return a test that a tag's name is, or is not, this one. Names are compared without regard to case."""
        name = self._key.removeprefix(REQUEST_TAG)
        compared = pattern(name, wild=False, variables=False)
        operator = Operator(Base.STRING_EQUALS_IGNORE_CASE, quantifier=Quantifier.ANY)
        condition = Condition(operator, TAG_KEYS, TAG_KEYS, (compared,))
        return Constraint(TAG_KEYS, Test(condition, (comparison(operator.base, compared.parts),)), want)


_FAR = datetime(9999, 1, 1, tzinfo=UTC)


@by_value
class Times:
    """Keys that show one moment, not before `floor`. `clock` and `seconds` are its two spellings.

    `aws:CurrentTime` is always present and never before today. `aws:TokenIssueTime` is any moment, or absent.
    """

    clock: str
    seconds: str | None
    floor: datetime | None
    optional: bool = False

    @property
    def key(self) -> str:
        """The spelling that is always present."""
        return self.clock

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:  # noqa: ARG002
        """Return a moment that meets all tests. The result of a String operator is never certain.

        The same is true of a Numeric operator on a key that AWS does not show in seconds.
        """
        budget.spend(1)
        if self.optional and are_met(asked, {constraint.key: None for constraint in asked}):
            return {self.clock: None}
        for moment in self._candidates(asked):
            budget.spend(1 + 3 * len(asked))
            values = {self.clock: (timestamp(moment),)}
            if self.seconds is not None:
                values[self.seconds] = (str(int(moment.timestamp())),)
            if all(constraint.want.met_by(self._answer(constraint, values[constraint.key])) for constraint in asked):
                return values
        return None

    def _answer(self, one: Constraint, values: tuple[str, ...]) -> Truth:
        base = one.test.condition.operator.base
        if base in STRINGS or (base in NUMERIC and one.key != self.seconds):
            return Truth.UNKNOWN
        return answer(one.test, values, many=False)

    def _candidates(self, asked: Sequence[Constraint]) -> Iterator[datetime]:
        """Yield a moment of every interval that the tests distinguish: their bounds, and one between each two."""
        bounds = sorted(
            {moment for constraint in asked for value in constraint.test.condition.values for moment in _moments(value)}
        )
        if self.floor is not None:
            yield self.floor
            bounds = [moment for moment in bounds if moment >= self.floor]
        yield from bounds
        yield from (low + (high - low) / 2 for low, high in itertools.pairwise(bounds))
        yield _FAR


def _moments(value: Value) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield from moments(value)
    elif isinstance(value, Decimal):
        # Only time that has begun is compared with numbers, so the first whole number of an interval is enough.
        above = math.ceil(value)
        for number in (above, above + 1):
            if 0 <= number < _FAR.timestamp():
                yield datetime.fromtimestamp(number, UTC)


def _networks(*texts: str) -> dict[int, Ranges]:
    """Return networks by version, with all numbers that are too small or too large for an address."""
    found: dict[int, list[Ranges]] = {}
    for version, width in ((IPV4, 32), (IPV6, 128)):
        found[version] = [numbers.range_below(Decimal(0)), numbers.range_above(Decimal((1 << width) - 1))]
    for network in map(ipaddress.ip_network, texts):
        within = numbers.range_between(int(network.network_address), int(network.broadcast_address))
        found[network.version].append(within)
    return {version: Ranges.from_pairs(pair for one in every for pair in one.pairs) for version, every in found.items()}


_NONE = _networks()
_PRIVATE_TEXTS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_PRIVATE = _networks(*_PRIVATE_TEXTS)
"""Addresses that `aws:SourceIp` never has, because it has only public ones (RFC 1918, RFC 4193)."""

_RESERVED = _networks(
    *_PRIVATE_TEXTS, "0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "fe80::/9"
)
"""These, and other addresses that are not on the internet. AWS does not document whether the key can have them."""

_USUAL = ("198.51.100.7", "2001:db8::7")


@by_value
class Addresses:
    """A key whose value is an address: any public one, or, if `private`, any address of `versions`."""

    key: str
    private: bool = False
    versions: tuple[int, ...] = (IPV4, IPV6)
    optional: bool = False

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return an address that meets all tests."""
        budget.spend(1)
        if self.optional and are_met(asked, {self.key: None}):
            return {self.key: None}
        for text in self._candidates(asked, mode, budget):
            budget.spend(2 + 2 * len(asked))
            if are_met(asked, {self.key: (text,)}):
                return {self.key: (text,)}
        return self._as_written(asked, budget) if mode is Mode.MAY else None

    def may_hold(self, text: str) -> bool:
        """Return whether the key can have an address as its value."""
        return self._is_reachable(text, Mode.MAY)

    def _as_written(self, asked: Sequence[Constraint], budget: Budget) -> Assignment | None:
        """Return a text that meets the String operators, if some address meets the other tests.

        AWS does not document how it writes an IPv6 address, so another spelling is possible.
        """
        strings = _strings(asked)
        text = _sample(_LIKE_ADDRESSES, strings, Mode.MAY, budget)
        others = [constraint for constraint in asked if constraint not in strings]
        if not text or self.assign(others, Mode.MAY, budget) is None:
            return None
        return {self.key: tuple(text)}

    def _is_reachable(self, text: str, mode: Mode) -> bool:
        parsed = ipaddress.ip_address(text)
        return parsed.version in self.versions and Decimal(int(parsed)) not in self._never(mode)[parsed.version]

    def _never(self, mode: Mode) -> dict[int, Ranges]:
        """Return the numbers that are no address of the key, by version."""
        return _NONE if self.private else _PRIVATE if mode is Mode.MAY else _RESERVED

    def _candidates(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Iterator[str]:
        """Yield the usual address, some of each range that the networks leave, and those that strings name."""
        yield from (text for text in _USUAL if self._is_reachable(text, mode))
        networks = [constraint for constraint in asked if constraint.test.condition.operator.base is Base.IP_ADDRESS]
        budget.spend(sum(len(network.test.condition.values) for network in networks) // 4)
        asks = [asking(network.test, network.want) for network in networks]
        for version in self.versions:
            left = addresses_left(version, asks, self._never(mode)[version])
            yield from (address(version, int(number)) for number in left.samples())
        yield from (text for text in self._compared_addresses(asked, budget) if self._is_reachable(text, mode))

    def _compared_addresses(self, asked: Sequence[Constraint], budget: Budget) -> Iterator[str]:
        strings = _strings(asked)
        texts = [
            compared.text for string in strings for compared in string.test.comparisons if compared.text is not None
        ]
        for shape in (_DOTTED, _COLONED):
            texts += _sample(shape, strings, Mode.MUST, budget)
        for text in texts:
            try:
                yield str(ipaddress.ip_address(text))
            except ValueError:
                continue


# --- String operators on addresses: one sample is tried, and if there may be others, no address is excluded ---


def _strings(asked: Sequence[Constraint]) -> list[Constraint]:
    return [constraint for constraint in asked if constraint.test.condition.operator.base in STRINGS]


def _sample(shape: Strings, strings: Sequence[Constraint], mode: Mode, budget: Budget) -> Sequence[str]:
    """Return a text of a shape that meets all String operators. Empty if there is none, or without String operators."""
    if not strings:
        return ()
    found = shape.assign([Constraint("", string.test, string.want) for string in strings], mode, budget)
    return (found or {}).get("") or ()


_OCTET = exactly(DIGIT) + star(DIGIT)
_DOT = literal(".")
_GROUP = exactly(HEXADECIMAL) + star(HEXADECIMAL)
_DOTTED = Strings({"": PLAIN}, (_OCTET + _DOT + _OCTET + _DOT + _OCTET + _DOT + _OCTET,))
_COLONED = Strings({"": PLAIN}, (reduce(add, [literal(":") + _GROUP] * 7, _GROUP),))
_LIKE_ADDRESSES = Strings({"": PLAIN}, (exactly(OF_ADDRESSES) + star(OF_ADDRESSES),))
