"""The version of a module that a call takes: the newest that its constraint allows, or the one in its ref.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Version = tuple[int, int, int]

_CONSTRAINT = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})")
_TAG = re.compile(r"(?:refs/)?(?:tags/)?v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_NEWEST = frozenset({None, "", "HEAD", "main", "master", "refs/heads/main", "refs/heads/master"})
_LATER = (10**9, 0, 0)
"""A version later than any real one."""


def parsed(text: str) -> Version:
    """Return a version's three numbers. Missing ones are 0."""
    numbers = [int(one) for one in text.split(".")]
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major, minor, patch


def newest_allowed(constraint: str | None, versions: Sequence[str]) -> str | None:
    """Return the newest of some versions, oldest first, that a constraint allows; None if it allows none."""
    return next((one for one in reversed(versions) if allows(constraint, parsed(one))), None)


def allows_later(constraint: str | None) -> bool:
    """Return whether a constraint allows future versions, in any major version."""
    return allows(constraint, _LATER)


def allows(constraint: str | None, version: Version) -> bool:
    """Return whether a constraint allows a version. A constraint that cannot be parsed allows none."""
    if constraint is None:
        return True
    found = [_CONSTRAINT.fullmatch(part.strip()) for part in constraint.split(",")]
    return all(one is not None and _holds(one[1] or "=", one[2], version) for one in found)


def _holds(operator: str, text: str, version: Version) -> bool:
    wanted = parsed(text)
    # `~> 1.2` does not fix its last number.
    fixed = max(1, text.count("."))
    return {
        "=": version == wanted,
        "!=": version != wanted,
        ">": version > wanted,
        "<": version < wanted,
        ">=": version >= wanted,
        "<=": version <= wanted,
        "~>": version >= wanted and version[:fixed] == wanted[:fixed],
    }[operator]


def of_ref(ref: str | None, commits: Mapping[str, str]) -> str | None:
    """Return the version for a Git ref, from known `commits`, oldest first. None if there is none."""
    if ref in _NEWEST:
        return list(commits)[-1]
    tag = _TAG.fullmatch(str(ref))
    if tag is not None and (tag[1].count(".") or not _COMMIT.fullmatch(str(ref))):
        same = [one for one in commits if one == tag[1] or one.startswith(f"{tag[1]}.")]
        return same[-1] if same else None
    if _COMMIT.fullmatch(str(ref).lower()):
        return next((one for one, commit in commits.items() if commit.startswith(str(ref).lower())), None)
    return None


def follows_newest(ref: str | None) -> bool:
    """Return whether a Git ref follows the newest version."""
    return ref in _NEWEST
