"""Which repositories a sweep is done with, so that another invocation can go on where one had to stop."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Self, TypeAlias

from .errors import EventError

_BUCKETS = 1024
_HEAD = struct.Struct(">H8s")
"""Of a bucket: how many names it has, and a digest of them."""
_Head: TypeAlias = tuple[int, bytes]
_LEFT, _DONE, _POSTPONED = range(3)
_MOST_NAMES = 10_000_000


class Ledger:
    """The repositories that ECR listed: left, done, or postponed (tried in vain).

    As text it is some 20 kB for 100,000 names, whatever they are: names are dealt into buckets by a hash, and a bucket
    is written as a digest of its names and a state for each. Another invocation lists the names anew; where a bucket's
    names are the same, their states hold, and where one came or went, the bucket is left to do again.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self.done: set[str] = set()
        self.postponed: set[str] = set()

    @classmethod
    def restored(cls, names: Iterable[str], text: str) -> Self:
        """Return the ledger of names with the states of an earlier one, none if it is empty. Raises EventError."""
        ledger = cls(names)
        if text:
            for bucket, states in _matching(_buckets(ledger.names), *_decoded(text)):
                ledger.done.update(name for name, state in zip(bucket, states, strict=True) if state == _DONE)
                ledger.postponed.update(name for name, state in zip(bucket, states, strict=True) if state == _POSTPONED)
        return ledger

    def left(self) -> list[str]:
        """Return what nobody has tried yet, in order."""
        return sorted(self.names - self.done - self.postponed)

    def settle(self, name: str) -> None:
        """Note that a repository is done; others than those listed are not kept."""
        self.postponed.discard(name)
        if name in self.names:
            self.done.add(name)

    def postpone(self, name: str) -> bool:
        """Note that a repository was tried in vain; answer False for one that is not listed."""
        self.done.discard(name)
        if name in self.names:
            self.postponed.add(name)
        return name in self.names

    def text(self) -> str:
        """Return what `restored` reads."""
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
    """Return the buckets whose names are those that the states were written for, each with its states."""
    start = 0
    for bucket, (count, digest) in zip(buckets, heads, strict=True):
        if (len(bucket), _digest(bucket)) == (count, digest):
            yield bucket, states[start : start + count]
        start += count
