"""Settings as the defaults of a command's options, and `--base REVISION`: those of the state before a change.

A change that could bring its own settings, register, baseline or suppressions would judge itself. What the repository
does not track is of the pipeline that runs the check, and is used as it is. The files that are judged, and files of
variables, are those of the change.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, chdir
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import InputError
from ....memo import by_value
from ..base.program import PROGRAM, complain, parsers_in
from . import keys
from .keys import NO_SETTINGS, WORKING_FOLDER, Faults, Key, Origin, Setting, Settings
from .values import Base

if TYPE_CHECKING:
    from ..base.revisions import Laid, Repository, Revision
    from .files import SettingsFile

NAMED = {"trust": "the trust register", "members": "the members of the organization", "baseline": "the baseline"}
"""The options whose files loosen a judgement, by their attribute, with the words for each file."""


@by_value
class Before:
    """A revision whose files are in a folder until the run ends."""

    repository: Repository
    revision: Revision
    laid: Laid

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace, closing: ExitStack) -> Before | None:
        """Return the revision that `--base` names, or None without this option. Raises InputError."""
        name = getattr(arguments, "base", None)
        if name is None:
            return None
        from ..base.revisions import Repository, revision_of

        repository = Repository.here()
        revision = revision_of(name)
        return cls(repository, revision, closing.enter_context(repository.laid_out(revision)))

    def file(self, path: str | None, what: str) -> str | None:
        """Return a file as it was. None, with a note, if the change brings it."""
        if path is None:
            return None
        name = self.repository.name_of(path)
        if name is None:
            return path
        there = self.laid.top / name
        if os.path.lexists(there):
            return str(there)
        if not self.repository.tracks(name):
            return path
        complain(f"note: `{path}` is not in `{self.revision.name}`, so {what} does not count")
        return None

    def settings(self) -> SettingsFile | None:
        """Return the settings file that the working folder had, by its path from there. Raises InputError."""
        from . import files

        with chdir(self.laid.folder):
            return files.find_settings(str(self.laid.top))

    def inside(self, paths: Iterable[str]) -> list[str]:
        """Return the paths that were in the repository, relative to the folder that the working folder was."""
        tops = {path: Path(os.path.normpath(self.laid.folder / path)) for path in paths if not os.path.isabs(path)}  # noqa: PTH117 - names
        return [one for one, there in tops.items() if there.is_relative_to(self.laid.top) and os.path.lexists(there)]

    def name_of(self, path: str) -> str:
        """Return the name of a file for a report: without the folder that it is in for this run."""
        is_ours = Path(path).is_relative_to(self.laid.top)
        return f"{self.revision.name}:{os.path.relpath(path, self.laid.folder)}" if is_ours else path


REGISTER = "trust.yaml"
"""The default register of `trust` and of the commands that judge, unless a settings file is named."""

_OWN_REGISTER = "trust"
"""The command that has this default itself."""

_WORDS = ("command", "task", "kind")
"""The attributes with the command and its task."""


@by_value
class _Option:
    """A key as an option of one command: the actions that set it, and argparse's default."""

    key: Key
    attribute: str
    actions: tuple[argparse.Action, ...]
    default: object

    @classmethod
    def from_parser(cls, key: Key, attribute: str, parser: argparse.ArgumentParser) -> _Option:
        actions = tuple(one for one in parser._actions if attribute in (one.dest, *getattr(one, "also", ())))  # noqa: SLF001 - argparse has no other way to its own options
        first = actions[0] if actions else None
        option = cls(key, attribute, actions, first.default if first and first.dest == attribute else key.default)
        for action in actions:
            # Without defaults, the given options can be distinguished from the others.
            action.default = argparse.SUPPRESS
        return option

    def read_flags(self, arguments: argparse.Namespace) -> Iterator[Setting]:
        if not hasattr(arguments, self.attribute):
            return
        value = getattr(arguments, self.attribute)
        action = self.actions[-1 if value is None else 0]
        said = action.option_strings[0] if action.option_strings else str(action.metavar)
        parts = value if self.key.each else [(None, value)]
        yield from (Setting(self.key, part, one, Origin.FLAG, said) for part, one in parts)

    def is_excluded(self, arguments: argparse.Namespace) -> bool:
        return any(getattr(arguments, text, None) not in (None, [], False) for text in self.key.unless)

    def fitting(self, setting: Setting) -> Iterator[Setting]:
        """Yield a setting with the value converted for this command, or nothing if it cannot be converted."""
        take = self.key.takes.get(self.attribute)
        value = take(setting.value) if take else setting.value
        if value is not None or take is None:
            yield replace(setting, value=value)

    def take(self, settings: Settings) -> object:
        held = settings.find_all(self.key.name)
        if self.key.each:
            return [(setting.part, setting.value) for setting in held]
        return held[0].value if held and held[0].origin is not Origin.DEFAULT else self.default


def parse_arguments(parser: argparse.ArgumentParser, argv: Sequence[str], closing: ExitStack) -> argparse.Namespace:
    """Return the arguments of a command line, completed by settings.

    Their attribute `settings` has the settings in effect, `pinned` the file that the user names for them and whether
    none is read, and `before` the revision that `--base` names, whose files `closing` removes.

    Raises InputError.
    """
    options = {
        path: [_Option.from_parser(key, key.options[path], one) for key in keys.KEYS if path in key.options]
        for one in parsers_in(parser)
        for path in [one.prog.removeprefix(PROGRAM).strip()]
    }
    arguments = parser.parse_args(argv)
    path = " ".join(str(word) for word in (getattr(arguments, name, None) for name in _WORDS) if word)
    own = options.get(path, [])
    if isinstance(getattr(arguments, "members", None), str) and not any(one.attribute == "members" for one in own):
        raise InputError(f"--trust {arguments.members}: a list of members, which this command does not use")
    arguments.before = before = Before.from_arguments(arguments, closing)
    settings = resolve_settings(arguments, own, path) if own else NO_SETTINGS
    for option in own:
        setattr(arguments, option.attribute, option.take(settings))
    arguments.settings = settings
    arguments.named = {name: getattr(arguments, name, None) for name in NAMED}
    if before is not None:
        for name, what in NAMED.items():
            setattr(arguments, name, before.file(arguments.named[name], what))
    return arguments


def resolve_settings(arguments: argparse.Namespace, options: Sequence[_Option], path: str) -> Settings:
    """Return the settings in effect for a command. Raises InputError with all faults."""
    layers, file = read_layers(arguments)
    own = {option.key.name: option for option in options if not option.is_excluded(arguments)}
    kept = [
        [fit for setting in layer if setting.key.name in own for fit in own[setting.key.name].fitting(setting)]
        for layer in layers
    ]
    flags = [flag for option in options for flag in option.read_flags(arguments)]
    defaults = [
        Setting(option.key, None, option.key.default, Origin.DEFAULT, "default")
        for option in options
        if not option.key.each
    ]
    if path.partition(" ")[0] == _OWN_REGISTER:
        kept = [[setting for setting in layer if setting.origin is not Origin.FOUND] for layer in kept]
    settings = Settings.from_layers([defaults, *kept, flags], file)
    if settings.origin("trust") is Origin.FOUND:
        complain(f"note: the trust register is `{REGISTER}` in this folder; --no-trust trusts nobody")
    return settings


def read_layers(arguments: argparse.Namespace) -> tuple[list[list[Setting]], str | None]:
    """Return the settings without options, the weakest layer first, and the settings file that was read."""
    faults: Faults = []
    pinned, without = arguments.pinned = _where(arguments, faults)
    before = getattr(arguments, "before", None)
    file, path = (None, "") if without else _file(pinned, before)
    written = [] if file is None else list(file.settings(_base(path, pinned), faults))
    said = list(keys.settings_in(os.environ, Base("", ""), faults))
    if faults:
        raise InputError(*faults)
    alone = [] if without or pinned is not None else list(_found_register(before))
    return [alone, written, said], None if file is None else file.path


def _file(pinned: str | None, before: Before | None) -> tuple[SettingsFile | None, str]:
    """Return the settings file, if there is one, and its path here. With `before`, it is the file before a change."""
    from . import files

    if pinned is not None:
        path = pinned if before is None else before.file(pinned, "it")
        read = None if path is None else files.read(path)
        return read and replace(read, path=pinned if before is None else before.name_of(read.path)), pinned
    found = files.find_settings() if before is None else before.settings()
    if found is None or before is None:
        return found, found.path if found else ""
    return replace(found, path=f"{before.revision.name}:{found.path}"), found.path


def _base(path: str, pinned: str | None) -> Base:
    """Return the base of names in a settings file. Patterns in a pinned file start from the working folder."""
    beside = os.path.dirname(path)  # noqa: PTH120 - as the user sees it
    return Base(beside, os.path.abspath(beside) if beside and pinned is None else "")  # noqa: PTH100 - see above


def _where(arguments: argparse.Namespace, faults: Faults) -> tuple[str | None, bool]:
    """Return the settings file that the user names, and whether none must be read. An option wins over a variable."""
    pinned, without = getattr(arguments, "config", None), getattr(arguments, "no_config", False)
    told = keys.read_config_variables(os.environ, faults)
    if pinned is None and not without:
        pinned, without = told
    if pinned is not None and without:
        raise InputError("--config and --no-config exclude each other: one names the file, the other reads none")
    return pinned, without


def _found_register(before: Before | None) -> Iterator[Setting]:
    if os.path.lexists(REGISTER if before is None else before.laid.folder / REGISTER):
        yield Setting(keys.BY_NAME["trust"], None, REGISTER, Origin.FOUND, WORKING_FOLDER)
