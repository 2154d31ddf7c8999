"""The repositories that a sweep has finished, so that another invocation can continue."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Self, TypeAlias

from ...sources.aws.errors import EventError

_BUCKETS = 1024
_HEAD = struct.Struct(">H8s")
"""The header of a bucket: its number of names, and a digest of them."""
_Head: TypeAlias = tuple[int, bytes]
_LEFT, _DONE, _POSTPONED = range(3)
_MOST_NAMES = 10_000_000


class Ledger:
    """The repositories that ECR listed: left, done, or postponed after a failed attempt.

    As text, it takes about 20 kB for 100,000 names of any length. Names are divided into buckets by a hash. A bucket is
    written as a digest of its names and a state for each. Another invocation lists the names again. If the names of a
    bucket are the same, their states are valid. If a name was added or removed, the whole bucket is left.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self.done: set[str] = set()
        self.postponed: set[str] = set()

    @classmethod
    def restored(cls, names: Iterable[str], text: str) -> Self:
        """Return the ledger of names with the states of an earlier one. Without an earlier one, `text` is empty.

        Raises EventError.
        """
        ledger = cls(names)
        if text:
            for bucket, states in _matching(_buckets(ledger.names), *_decoded(text)):
                ledger.done.update(name for name, state in zip(bucket, states, strict=True) if state == _DONE)
                ledger.postponed.update(name for name, state in zip(bucket, states, strict=True) if state == _POSTPONED)
        return ledger

    def left(self) -> list[str]:
        """Return the repositories that were not tried yet, in order."""
        return sorted(self.names - self.done - self.postponed)

    def settle(self, name: str) -> None:
        """Record that a repository is done. Names that ECR did not list are not kept."""
        self.postponed.discard(name)
        if name in self.names:
            self.done.add(name)

    def postpone(self, name: str) -> bool:
        """Record a failed attempt. Returns False for a repository that ECR did not list."""
        self.done.discard(name)
        if name in self.names:
            self.postponed.add(name)
        return name in self.names

    def text(self) -> str:
        """Return the text that `restored` reads."""
        buckets = _buckets(self.names)
        heads = b"".join(_HEAD.pack(len(bucket), _digest(bucket)) for bucket in buckets)
        states = bytes(self._state(name) for bucket in buckets for name in bucket)
        return base64.b85encode(zlib.compress(heads + states, 9)).decode()

    def _state(self, name: str) -> int:
        return _DONE if name in self.done else _POSTPONED if name in self.postponed else _LEFT


def _buckets(names: Iterable[str]) -> list[list[str]]:
    buckets: list[list[str]] = [[] for _ in range(_BUCKETS)]
    for name in names:
        buckets[zlib.crc32(name.encode()) % _BUCKETS].append(name)
    for bucket in buckets:
        bucket.sort()
    return buckets


def _digest(bucket: Iterable[str]) -> bytes:
    return blake2b("\n".join(bucket).encode(), digest_size=8).digest()


def _decoded(text: str) -> tuple[list[_Head], bytes]:
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b85decode(text), _BUCKETS * _HEAD.size + _MOST_NAMES)
        heads = [_HEAD.unpack_from(data, number * _HEAD.size) for number in range(_BUCKETS)]
    except (ValueError, zlib.error, struct.error) as error:
        raise EventError(f"the list of finished repositories cannot be read: {error}") from None
    states = data[_BUCKETS * _HEAD.size :]
    if len(states) != sum(count for count, _ in heads) or not inflate.eof:
        raise EventError("the list of finished repositories cannot be read: it is inconsistent")
    return heads, states


def _matching(buckets: Iterable[list[str]], heads: Iterable[_Head], states: bytes) -> Iterator[tuple[list[str], bytes]]:
    """Yield the buckets whose names match those of the states, each with its states."""
    start = 0
    for bucket, (count, digest) in zip(buckets, heads, strict=True):
        if (len(bucket), _digest(bucket)) == (count, digest):
            yield bucket, states[start : start + count]
        start += count
