"""Policies in places that the deploying tool ignores: a mistyped field, or a field beside the right one.

A resource that seems to have no policy may be meant to have one, and the effect of such a file is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .strays import policies_in
from .values.located import parsed
from .values.nodes import Fields, Node

_ELSEWHERE = "a policy is in `{}`, where {} does not look for it: expected it in `{}`"
_NEARLY = "`{}` may be a mistyped `{}`, where {} looks for the policy"

_PROSE = frozenset({"description", "metadata", "resourcetags", "status", "tags", "tagsall"})
"""Fields that may hold any text and are never policy arguments, in the spelling of `_bare`."""

_NEAR = 0.8
"""Names with a higher likeness are one name, mistyped. `polciy` is `policy`; `policyRef` and `purge_policy` are not."""

_NOT_OF_A_NAME = re.compile(r"[^a-z0-9]")


def misplaced(others: Iterable[tuple[str, Node]], expected: str, reader: str) -> tuple[str, ...]:
    """Return why the policy of an ECR resource cannot be determined.

    `others`: its fields, except the one that is `expected` to hold the policy, which may be a path with dots. `reader`:
    the tool that looks for the policy there.
    """
    return tuple(dict.fromkeys(_doubts(others, expected, reader)))


def _doubts(others: Iterable[tuple[str, Node]], expected: str, reader: str) -> Iterator[str]:
    for name, value in others:
        likeness = _likeness(name, expected.rpartition(".")[2]) if _says_something(value) else 0.0
        if likeness == 1 or (_bare(name) not in _PROSE and any(policies_in(parsed(value), name))):
            yield _ELSEWHERE.format(name, reader, expected)
        elif likeness > _NEAR:
            yield _NEARLY.format(name, expected, reader)


def _bare(name: str) -> str:
    return _NOT_OF_A_NAME.sub("", name.lower())


def _likeness(name: str, other: str) -> float:
    """Return the likeness of two names. It is 1 if they differ at most in case."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - only needed if a resource has unexpected fields

    return SequenceMatcher(None, _bare(name), _bare(other), autojunk=False).ratio()


def _says_something(value: Node) -> bool:
    return value.value not in (None, "", (), Fields())
