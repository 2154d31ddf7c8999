"""What the user specifies besides the files: account, Region, parameter values, trust, owners, and exclusions.

The owner of everything deployed from a file may depend on the file's path.

`--exclude` skips files and folders by glob patterns, as `.gitignore` and ruff read them. A pattern without a slash is a
name at any depth. A pattern with a slash is a whole path: relative to the working folder, or as the user names the
file, or from the root if it begins with a slash. A folder that matches is not walked.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from ...documents.document import partition_of
from ...errors import InputError
from ...judgement.beside import Scope
from ...judgement.values.trust import Trust
from ...memo import by_value
from .found import FoundPolicy

_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """Values by name, up to a total size. The values that were used least recently are dropped first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: dict[str, tuple[_Value, int]] = {}

    def get(self, name: str) -> _Value | None:
        """Return a value, or None if it is not in the cache."""
        found = self._values.pop(name, None)
        if found is None:
            return None
        self._values[name] = found
        return found[0]

    def keep(self, name: str, value: _Value, size: int) -> _Value:
        """Keep a value as far as there is room, and return it."""
        self._values[name] = value, size
        self._size += size
        while self._size > self._most and len(self._values) > 1:
            oldest = next(iter(self._values))
            self._size -= self._values.pop(oldest)[1]
        return value


_LONGEST = 1_000
"""The longest pattern, in characters; a path has at most about 4,000."""

_ANY_DEPTH = "**"


@by_value
class Exclusion:
    """One pattern.

    `parts`: the expression for each name of a path, or None for `**`. `folders`: whether only folders match. `base`:
    the absolute path of the folder where a path starts, or "" for the working folder.
    """

    text: str
    parts: tuple[re.Pattern[str] | None, ...]
    is_path: bool
    folders: bool
    base: str = ""

    @classmethod
    def from_pattern(cls, text: str, base: str = "") -> Exclusion:
        """Return the exclusion for a pattern. Raises InputError if the pattern cannot be used."""
        pattern = text.removeprefix("./")
        names = [name for name in pattern.split("/") if name]
        if not names:
            raise InputError("expected a name or a path, such as `legacy` or `infra/old/*.json`")
        if text.startswith("!"):
            raise InputError("a pattern cannot bring back what another one excludes; write a leading `!` as `[!]`")
        if len(text) > _LONGEST:
            raise InputError(f"longer than {_LONGEST:,} characters")
        anchor = ("/",) if pattern.startswith("/") else ()
        # The expression that fnmatch makes does not backtrack from one `*` into another: its time is bounded.
        whole = (*anchor, *names)
        parts = tuple(None if name == _ANY_DEPTH else re.compile(fnmatch.translate(name)) for name in whole)
        return cls(text, parts, "/" in text.rstrip("/"), pattern.endswith("/"), base)

    def matches(self, paths: Iterable[Sequence[str]], *, folder: bool) -> bool:
        """Return whether the pattern matches one of `paths`.

        Each path has the names of the same file or folder in order.
        """
        if self.folders and not folder:
            return False
        return any(_match(self.parts, path if self.is_path else path[-1:]) for path in paths)


def _match(parts: Sequence[re.Pattern[str] | None], names: Sequence[str]) -> bool:
    """Return whether `names` match. After each name, `places` has all positions in the pattern reached so far."""
    places = _with_any_depth(parts, {0})
    for name in names:
        moved = set()
        for place in places:
            part = parts[place] if place < len(parts) else _NEVER
            if part is None:
                moved.add(place)
            elif part.match(name):
                moved.add(place + 1)
        places = _with_any_depth(parts, moved)
    return len(parts) in places


_NEVER = re.compile(r"(?!)")


def _with_any_depth(parts: Sequence[re.Pattern[str] | None], places: set[int]) -> set[int]:
    """Return the places, and those after each `**`, which may match no name."""
    found = set(places)
    for place, part in enumerate(parts):
        if place in found and part is None:
            found.add(place + 1)
    return found


def excluded_by(patterns: Iterable[Exclusion], path: str, *, folder: bool) -> tuple[str, ...]:
    """Return the patterns that match a file or a folder, as the user wrote them."""
    patterns = tuple(patterns)
    readings = {base: list(_readings(path, base)) for base in {pattern.base for pattern in patterns}}
    return tuple(pattern.text for pattern in patterns if pattern.matches(readings[pattern.base], folder=folder))


def _readings(path: str, base: str) -> Iterator[tuple[str, ...]]:
    """Yield the names of a path as the user wrote it, from the base folder of the pattern, and from the root."""
    if not base:
        yield Path(os.path.normpath(path)).parts
    start = (Path(base) if base else Path.cwd()).parts
    whole = Path(os.path.abspath(path)).parts  # noqa: PTH100 - resolves no link: a pattern applies to the visible names
    if whole[: len(start)] == start:
        yield whole[len(start) :]
    yield whole


_WILD = re.compile(r"[*?\[]")


@by_value
class Owners:
    """Patterns of paths in the order in which they are written, each with the account that owns everything below."""

    patterns: tuple[tuple[Exclusion, str], ...] = ()

    def account_of(self, path: str) -> str | None:
        """Return the account of a file or folder, or None if no pattern matches.

        If several patterns match, the one with the longest beginning without wildcards counts. Among those it is the
        longest pattern, and among those the last.
        """
        found = [(*_weight(pattern), account) for pattern, account in self.patterns if _means(pattern, path)]
        return max(reversed(found), key=lambda one: one[:2])[2] if found else None


def _means(pattern: Exclusion, path: str) -> bool:
    """Return whether a pattern matches a path or a folder that contains it."""
    names = _names_below(pattern.base, path)
    return any(pattern.matches([names[:end]], folder=end < len(names)) for end in range(1, len(names) + 1))


def _names_below(base: str, path: str) -> tuple[str, ...]:
    """Return the names of a path below `base`. Empty if the path is outside."""
    for resolved in (os.path.abspath, os.path.realpath):
        whole, start = Path(resolved(path)), Path(resolved(base or "."))
        if whole.is_relative_to(start):
            return whole.relative_to(start).parts
    return ()


def _weight(pattern: Exclusion) -> tuple[int, int]:
    text = pattern.text.removeprefix("./")
    fixed = len(_WILD.split(text, maxsplit=1)[0]) if pattern.is_path else 0
    return fixed, len(text)


NO_OWNERS = Owners()


_MOST_KEPT = 2_000_000
"""The most characters of sources that are kept parsed, which takes about 40 times as much memory."""


@by_value
class Context:
    """The surroundings of a check.

    `account`: the owner, if a file does not name one. `parameters`: values of a template's parameters or a module's
    variables, by name. `var_files`: files of variables; a later file overrides an earlier one. `today`: if None, every
    suppression has ended. `exclude`: the files and folders to skip. `repository`: the name of the repository for a
    policy file that does not name one.

    `owners`: accounts of files by path; they take precedence over `account`. `standing`: the parameters that come from
    settings and apply to every check, each with its file and line. `rcps`: the resource control policies; private
    repositories are judged a second time under them. `registry`: the registry policy that is currently deployed in this
    account and Region. `registry_scope`: the actions that registry policies apply to. `suppressed`: whether
    suppressions count.

    `folders`: the folders of Terraform sources that were read last in this run, because many units may call a module.
    """

    account: str | None = None
    region: str | None = None
    organization: str | None = None
    trust: Trust = field(default_factory=Trust.nobody)
    parameters: Mapping[str, str] = field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    today: date | None = None
    exclude: tuple[Exclusion, ...] = ()
    repository: str | None = None
    owners: Owners = NO_OWNERS
    standing: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    rcps: tuple[str, ...] = ()
    registry: FoundPolicy | None = None
    registry_scope: Scope = Scope.UNKNOWN
    suppressed: bool = True
    folders: Kept[Any] = field(default_factory=lambda: Kept(_MOST_KEPT), repr=False, compare=False)

    def of_run(self) -> Context:
        """Return the surroundings of a new run, in which no folder has been read."""
        return replace(self, folders=Kept(_MOST_KEPT))

    def for_path(self, path: str) -> Context:
        """Return the surroundings of one file or folder. Its path may determine the account."""
        account = self.owners.account_of(path)
        return self if account is None else replace(self, account=account)

    @property
    def partition(self) -> str:
        """The partition of the Region; the commercial partition if no Region is given."""
        return partition_of(self.region)
