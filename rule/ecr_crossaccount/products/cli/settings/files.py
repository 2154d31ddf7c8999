"""The settings file: where it is searched for, and how it is read.

It is `ecr-crossaccount.yaml`, `ecr-crossaccount.yml`, or the section `[tool.ecr-crossaccount]` of `pyproject.toml`, in
the working folder or the nearest folder above it, up to the root of the repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping

from ....documents.problems import quote
from ....errors import InputError, closest, in_our_words
from ....memo import by_value
from ....sources.reading.files import MEGABYTE, UnreadableError, text_found, text_named
from ..base.json_text import value_and_places
from . import keys
from .keys import Faults, Setting, members
from .values import BadValueError, Base

NAMES = ("ecr-crossaccount.yaml", "ecr-crossaccount.yml")
PROJECT = "pyproject.toml"
SECTION = "tool.ecr-crossaccount"
LARGEST = MEGABYTE
"""In bytes."""

_REPOSITORY = ".git"
_OUR_NAME = "ecr-crossaccount"
_WITHOUT = "give --no-config to run without settings"
_HEADER = r"\s*\[+\s*([^\]]*?)\s*\]+\s*(?:#.*)?"


@by_value
class SettingsFile:
    """A settings file: its path for the user, its values, and the line of each path in it."""

    path: str
    values: Mapping[str, object]
    line: Callable[[str], int | None]

    def settings(self, base: Base, faults: Faults) -> Iterator[Setting]:
        """Yield the settings in the file. Errors are added to `faults`."""
        for name, value in self.values.items():
            key = keys.BY_NAME.get(name)
            if key is None:
                faults.append(f"{self._where(name)}: {_unknown(name)}")
                continue
            try:
                read = key.shape.read(value, base)
            except BadValueError as error:
                faults.append(f"{self._where(f'{name}{error.at}')}: {name}{error.at}: {error.reason}")
            else:
                yield from members(key, read, self.path, self.line)

    def _where(self, path: str) -> str:
        line = self.line(path)
        return self.path if line is None else f"{self.path}:{line}"


def _unknown(name: str) -> str:
    found = closest(name, keys.BY_NAME)
    meant = f"did you mean `{found}`?" if found else f"expected one of {', '.join(keys.BY_NAME)}"
    return f"the setting {quote(name)} is unknown: {meant}"


def read(path: str) -> SettingsFile:
    """Return the settings file that the user names. Raises InputError."""
    text = _text_of(path, text_named)
    if path.lower().endswith(".toml"):
        section = _section(path, text)
        if section is None:
            raise InputError(f"`{path}` has no section [{SECTION}], so it sets nothing")
        return section
    return _yaml(path, text)


def find_settings(top: str | None = None) -> SettingsFile | None:
    """Return the settings file for the working folder, or None if there is none. Raises InputError.

    `top`: the folder of the repository, if it has no `.git`.
    """
    try:
        here = os.getcwd()  # noqa: PTH109 - the names of files are strings here
    except OSError as error:
        raise InputError(f"cannot look for settings in the working folder: {in_our_words(error)}; {_WITHOUT}") from None
    folders = list(_folders(here, top))
    in_repository = top is not None or _exists(os.path.join(folders[-1], _REPOSITORY))  # noqa: PTH118 - see above
    for folder in folders:
        inside = [file for file in _in_folder(folder, here) if file is not None]
        if len(inside) > 1:
            names = " and ".join(f"`{file.path}`" for file in inside)
            raise InputError(f"{names} are both settings: keep one of them, or name it with --config")
        if inside:
            if not in_repository and folder != here:
                _refuse_a_strangers(inside[0].path)
            return inside[0]
    return None


def _folders(here: str, top: str | None) -> Iterator[str]:
    """Yield the working folder and those above it, up to the root of the repository or of the file system."""
    folder = here
    while True:
        yield folder
        above = os.path.dirname(folder)  # noqa: PTH120 - see above
        if folder in (above, top) or _exists(os.path.join(folder, _REPOSITORY)):  # noqa: PTH118 - see above
            return
        folder = above


def _exists(path: str) -> bool:
    """Return whether a file, folder or link, even a broken one, exists. Raises InputError if that is unknown."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise InputError(f"cannot look for settings at `{path}`: {in_our_words(error)}; {_WITHOUT}") from None
    return True


def _in_folder(folder: str, here: str) -> Iterator[SettingsFile | None]:
    for name in (*NAMES, PROJECT):
        path = os.path.join(folder, name)  # noqa: PTH118 - see above
        if not _exists(path):
            continue
        shown = os.path.relpath(path, here)
        text = _text_of(shown, text_found)
        if name != PROJECT:
            yield _yaml(shown, text)
        elif _OUR_NAME in text:  # checked before parsing, because most such files are long and not about us
            yield _section(shown, text)


def _refuse_a_strangers(path: str) -> None:
    """Raise InputError for a file that another user left in a folder above, such as `/tmp`, outside of a repository."""
    owner = os.stat(path).st_uid  # noqa: PTH116 - see above
    if hasattr(os, "geteuid") and owner not in (0, os.geteuid()):
        raise InputError(f"the settings `{path}` belong to another user: name them with --config, or {_WITHOUT}")


def _text_of(path: str, read: Callable[[str, int], str]) -> str:
    try:
        return read(path, LARGEST)
    except UnreadableError as error:
        raise InputError(f"cannot read the settings `{path}`: {error}; {_WITHOUT}") from None


def _yaml(path: str, text: str) -> SettingsFile:
    read, places = value_and_places(path, text, is_json=False)
    values = {} if read is None else read
    if not isinstance(values, dict):
        raise InputError(f"{path}:1: {quote(values)}: expected settings, a mapping such as `fail-on: HIGH`")
    return SettingsFile(path, values, lambda at: places[at][0] if at in places else None)


def _section(path: str, text: str) -> SettingsFile | None:
    import tomllib

    try:
        project: object = tomllib.loads(text)
    except RecursionError:
        raise InputError(f"cannot read the settings in `{path}`: not TOML: nested too deeply; {_WITHOUT}") from None
    except ValueError as error:  # also for a number with thousands of digits
        reason = str(error).partition(";")[0].lower()
        raise InputError(f"cannot read the settings in `{path}`: not TOML: {reason}; {_WITHOUT}") from None
    for name in SECTION.split("."):
        if not isinstance(project, dict) or name not in project:
            return None
        project = project[name]
    if not isinstance(project, dict):
        raise InputError(f"{path}: {SECTION}: {quote(project)}: expected a section, [{SECTION}]")
    lines = _lines_of(text)
    return SettingsFile(path, project, lambda at: _line_in(lines, at))


def _lines_of(text: str) -> dict[str, int]:
    """Return the lines of the keys in the section, if they are written plainly.

    The TOML reader does not return lines. A key of a table, such as `accounts`, has the table's name before it.
    """
    lines: dict[str, int] = {}
    table: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.fullmatch(_HEADER, line)
        if header:
            name = header[1].replace('"', "").replace("'", "")
            table = name.removeprefix(SECTION) if f"{name}.".startswith(f"{SECTION}.") else None
            if table is not None:
                lines.setdefault(table.lstrip("."), number)
        elif table is not None and "=" in line and not line.lstrip().startswith("#"):
            key = line.partition("=")[0].strip().strip("\"'")
            lines.setdefault(f"{table}.{key}".lstrip("."), number)
    return lines


def _line_in(lines: Mapping[str, int], at: str) -> int | None:
    """Return the line of a path, or of the value that contains it."""
    name = re.split(r"[.\[]", at, maxsplit=1)[0]
    return lines.get(at) or lines.get(name) or lines.get("")
