"""Policies where whoever deploys a resource does not look for one: in a mistyped field, or beside the right place.

A resource that seems to have no policy may have been meant to have one, and nobody knows what becomes of it.
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
"""What may hold any text, and is no argument of a policy's, as `_bare` writes names."""

_NEAR = 0.8
"""Names that are more alike are one name, mistyped: `polciy` is `policy`; `policyRef` and `purge_policy` are others."""

_NOT_OF_A_NAME = re.compile(r"[^a-z0-9]")


def misplaced(others: Iterable[tuple[str, Node]], expected: str, reader: str) -> tuple[str, ...]:
    """Return why nobody can tell which policy a resource of ECR has.

    `others`: its fields but for the one that is `expected` to hold the policy, which may be a path with dots;
    `reader`: who looks for it there.
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
    """Return how like two names are, 1 for those that differ in small and large letters at most."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - asked for where a resource has fields of any kind

    return SequenceMatcher(None, _bare(name), _bare(other), autojunk=False).ratio()


def _says_something(value: Node) -> bool:
    return value.value not in (None, "", (), Fields())
