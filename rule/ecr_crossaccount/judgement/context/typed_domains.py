"""Domains of keys whose values are moments, numbers, addresses or lists, and not free text."""

from __future__ import annotations

import ipaddress
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import add

from ...documents.conditions import Base, Value
from ..conditions.operators import Answer, Mode, answer
from ..conditions.typed_text import addresses_left, asking
from ..patterns import ranges
from ..patterns.automaton import Budget
from ..patterns.charset import DIGIT, HEXADECIMAL, OF_ADDRESSES
from ..patterns.comparisons import NUMERIC, STRINGS
from ..patterns.ranges import Ranges
from ..patterns.samples import IPV4, IPV6, address, moments, timestamp
from ..patterns.tokens import exactly, literal, star
from .domains import Assignment, Constraint, Strings, met
from .readings import PLAIN

_FAR = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
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
        if self.optional and met(asked, {one.key: None for one in asked}):
            return {self.clock: None}
        for moment in self._candidates(asked):
            budget.spend(1 + 3 * len(asked))
            values = {self.clock: (timestamp(moment),)}
            if self.seconds is not None:
                values[self.seconds] = (str(int(moment.timestamp())),)
            if all(one.want.met_by(self._answer(one, values[one.key])) for one in asked):
                return values
        return None

    def _answer(self, one: Constraint, values: tuple[str, ...]) -> Answer:
        base = one.test.condition.operator.base
        if base in STRINGS or (base in NUMERIC and one.key != self.seconds):
            return Answer.UNSURE
        return answer(one.test, values, many=False)

    def _candidates(self, asked: Sequence[Constraint]) -> Iterator[datetime]:
        """Yield a moment of every interval that the tests distinguish: their bounds, and one between each two."""
        bounds = sorted({moment for one in asked for value in one.test.condition.values for moment in _moments(value)})
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
    found = [ipaddress.ip_network(text) for text in texts]
    return {
        version: Ranges.of(
            [
                *(ranges.below(Decimal(0)).pairs),
                *(ranges.above(Decimal((1 << width) - 1)).pairs),
                *(
                    pair
                    for one in found
                    if one.version == version
                    for pair in ranges.between(int(one.network_address), int(one.broadcast_address)).pairs
                ),
            ]
        )
        for version, width in ((IPV4, 32), (IPV6, 128))
    }


_NONE = _networks()
_PRIVATE_TEXTS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_PRIVATE = _networks(*_PRIVATE_TEXTS)
"""Addresses that `aws:SourceIp` never has, because it has only public ones (RFC 1918, RFC 4193)."""

_RESERVED = _networks(
    *_PRIVATE_TEXTS, "0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "fe80::/9"
)
"""These, and other addresses that are not on the internet. AWS does not document whether the key can have them."""

_USUAL = ("198.51.100.7", "2001:db8::7")


@dataclass(frozen=True, slots=True)
class Addresses:
    """A key whose value is an address: any public one, or, if `private`, any address of `versions`."""

    key: str
    private: bool = False
    versions: tuple[int, ...] = (IPV4, IPV6)
    optional: bool = False

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return an address that meets all tests."""
        budget.spend(1)
        if self.optional and met(asked, {self.key: None}):
            return {self.key: None}
        for text in self._candidates(asked, mode, budget):
            budget.spend(2 + 2 * len(asked))
            if met(asked, {self.key: (text,)}):
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
        others = [one for one in asked if one not in strings]
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
        networks = [one for one in asked if one.test.condition.operator.base is Base.IP_ADDRESS]
        budget.spend(sum(len(one.test.condition.values) for one in networks) // 4)
        asks = [asking(one.test, one.want) for one in networks]
        for version in self.versions:
            left = addresses_left(version, asks, self._never(mode)[version])
            yield from (address(version, int(number)) for number in left.samples())
        yield from (text for text in self._written(asked, budget) if self._is_reachable(text, mode))

    def _written(self, asked: Sequence[Constraint], budget: Budget) -> Iterator[str]:
        """Yield addresses that String operators compare with."""
        strings = _strings(asked)
        texts = [compared.text for one in strings for compared in one.test.comparisons if compared.text is not None]
        for shape in (_DOTTED, _COLONED):
            texts += _sample(shape, strings, Mode.MUST, budget)
        for text in texts:
            try:
                yield str(ipaddress.ip_address(text))
            except ValueError:
                continue


# --- String operators on addresses: one sample is tried, and if there may be others, no address is excluded ---


def _strings(asked: Sequence[Constraint]) -> list[Constraint]:
    return [one for one in asked if one.test.condition.operator.base in STRINGS]


def _sample(shape: Strings, strings: Sequence[Constraint], mode: Mode, budget: Budget) -> Sequence[str]:
    """Return a text of a shape that meets all String operators. Empty if there is none, or without String operators."""
    if not strings:
        return ()
    found = shape.assign([Constraint("", one.test, one.want) for one in strings], mode, budget)
    return (found or {}).get("") or ()


_OCTET = exactly(DIGIT) + star(DIGIT)
_DOT = literal(".")
_GROUP = exactly(HEXADECIMAL) + star(HEXADECIMAL)
_DOTTED = Strings({"": PLAIN}, (_OCTET + _DOT + _OCTET + _DOT + _OCTET + _DOT + _OCTET,))
_COLONED = Strings({"": PLAIN}, (reduce(add, [literal(":") + _GROUP] * 7, _GROUP),))
_LIKE_ADDRESSES = Strings({"": PLAIN}, (exactly(OF_ADDRESSES) + star(OF_ADDRESSES),))
