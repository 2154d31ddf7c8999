"""`ecr-crossaccount config`: the settings in effect, the source of each, and the settings that exist."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from .base.json_text import render_json
from .base.program import PRINTED, ExitStatus, add_tasks, visible
from .main import arguments_of
from .settings import keys
from .settings.keys import NO_SETTINGS, Origin, Setting, Settings

_SUMMARIES = {
    "show": "show each setting and where it comes from: an option, a variable, a line of a file, or the default",
    "schema": "print the JSON schema of the settings, or of the trust register, for your editor",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `config`."""
    show, schema = add_tasks(parser, "task", {name: (summary, PRINTED) for name, summary in _SUMMARIES.items()})
    show.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    show.add_argument(
        "words",
        metavar="COMMAND",
        nargs=argparse.REMAINDER,
        help="a command line, such as `check --fail-on HIGH infra/`: show what would apply to it, without running it",
    )
    schema.add_argument("of", choices=["settings", "trust"], nargs="?", default="settings", help="default: settings")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Run the task that `arguments` name."""
    return _TASKS[arguments.task](arguments)


def _show(arguments: argparse.Namespace) -> ExitStatus:
    settings = _read_settings(arguments)
    if arguments.format == "json":
        rows = [_as_json(setting) for setting in settings.held]
        sys.stdout.write(render_json({"file": settings.file, "settings": rows}))
        return ExitStatus.COMPLIANT
    print(f"settings of {visible(settings.file)}" if settings.file else "no file of settings")
    rows_ = [(setting.name, _in_words(setting.plain), _describe_origin(setting)) for setting in settings.held]
    widths = [max((len(row[column]) for row in rows_), default=0) for column in (0, 1)]
    for name, value, place in rows_:
        print(visible(f"  {name:{widths[0]}}  {value:{widths[1]}}  {place}".rstrip()))
    return ExitStatus.COMPLIANT


def _read_settings(arguments: argparse.Namespace) -> Settings:
    if not arguments.words:
        return _all(arguments)
    with ExitStack() as closing:
        asked = arguments_of([*_where(arguments), *arguments.words], closing)
    return getattr(asked, "settings", NO_SETTINGS)  # a batch has no settings


def _where(arguments: argparse.Namespace) -> Sequence[str]:
    pinned = [f"--config={arguments.config}"] if hasattr(arguments, "config") else []
    return [*pinned, *(["--no-config"] if hasattr(arguments, "no_config") else [])]


def _all(arguments: argparse.Namespace) -> Settings:
    """Return the settings that apply to every command, before its options."""
    from .settings.options import read_layers

    layers, file = read_layers(arguments)
    said = {setting.key.name for layer in layers for setting in layer if setting.part is not None}
    defaults = [Setting(key, None, key.default, Origin.DEFAULT, "default") for key in keys.KEYS if key.name not in said]
    return Settings.from_layers([defaults, *layers], file)


def _as_json(one: Setting) -> Mapping[str, object]:
    said = one.origin is not Origin.DEFAULT
    return {
        "name": one.name,
        "value": one.plain,
        "origin": one.origin.value,
        "source": one.source if said else None,
        "line": one.line,
        "loosens": said and one.key.loosens(one.value),
    }


def _in_words(value: object) -> str:
    match value:
        case None | []:
            return "-"
        case bool():
            return str(value).lower()
        case int():
            return f"{value}d"  # days are the only numbers
        case dict():
            return ", ".join(f"{name}: {one}" for name, one in value.items()) or "-"
        case list():
            return ", ".join(map(str, value))
    return str(value)


def _describe_origin(one: Setting) -> str:
    return f"found in {one.place}" if one.origin is Origin.FOUND else one.place


def _schema(arguments: argparse.Namespace) -> ExitStatus:
    from .settings.schema import text_of

    sys.stdout.write(text_of(arguments.of))
    return ExitStatus.COMPLIANT


_TASKS: Mapping[str, Callable[[argparse.Namespace], ExitStatus]] = {"show": _show, "schema": _schema}
