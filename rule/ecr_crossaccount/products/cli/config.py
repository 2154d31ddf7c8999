"""`ecr-crossaccount config`: the settings in effect, the source of each, and JSON schemas for editors.

The schemas are of the files that people write by hand, and made from the tables of their readers. `make schemas` writes
them into `settings/schemas/`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from .base.json_text import render_json
from .base.program import PRINTED, ExitStatus, add_tasks, visible
from .main import arguments_of
from .settings.keys import KEYS, NO_SETTINGS, Origin, Setting, Settings

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
    defaults = [Setting(key, None, key.default, Origin.DEFAULT, "default") for key in KEYS if key.name not in said]
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


_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DAY = r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_TEXT_OR_NOTHING = ["string", "null"]

_MEANINGS = {
    "account": "an AWS account, 12 digits in quotes",
    "organization": "an organization, or `self` for that of the owner account",
    "organization_path": "a path of an organization, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`",
    "service": "an AWS service, for any account that it acts for",
    "vpc": "every caller that comes through a VPC",
    "vpc_endpoint": "every caller that comes through a VPC endpoint",
    "github": "workflows of an owner or a repository at GitHub that assume a role",
    "gitlab": "jobs of a group or a project at GitLab that assume a role",
    "terraform": "runs of an organization of HCP Terraform that assume a role",
    "oidc": "an issuer and a subject, `*` allowed in it, whose tokens assume a role",
    "saml": "a SAML provider of the account whose users assume a role",
}
"""Whom each type of principal names."""


def schema_of(name: str) -> str:
    """Return the schema of `settings` or of the register, `trust`."""
    return render_json(_SCHEMAS[name]())


def settings_schema() -> dict[str, object]:
    """Return the schema of a settings file."""
    return {
        "$schema": _DIALECT,
        "title": "Settings of ecr-crossaccount",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {key.name: {"description": key.meaning, **key.shape.schema} for key in KEYS},
    }


def register_schema() -> dict[str, object]:
    """Return the schema of a trust register."""
    return {
        "$schema": _DIALECT,
        "title": "Trust register of ecr-crossaccount",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "trust"],
        "properties": {
            "version": {"description": "the version of this form", "const": 1},
            "published": {
                "description": "when it was published; `trust publish` writes it",
                "type": "string",
                "format": "date-time",
            },
            "trust": {"description": "who outside the owner account may have what", "type": "array", "items": _entry()},
        },
    }


def _entry() -> dict[str, object]:
    from ...documents.document import SERVICE
    from ...judgement.values.trust_entries import NEVER, REPOSITORY, ROLE, SHAPES, Subject
    from ...judgement.values.verdict import Access

    properties: dict[str, object] = {
        name: {
            "description": meaning,
            "type": "string",
            "pattern": _whole(SERVICE if name == "service" else SHAPES[Subject(name)][0]),
        }
        for name, meaning in _MEANINGS.items()
    }
    properties |= {
        "access": {"description": "each includes those before it", "enum": [one.value for one in Access]},
        "repositories": {
            "description": "names, `*` and `?` allowed; all repositories if it is missing",
            "anyOf": _one_or_several(REPOSITORY),
        },
        "role": {
            "description": "only those who assume these roles, `*` and `?` allowed; repositories may not allow them",
            "anyOf": _one_or_several(ROLE),
        },
        "reason": {"description": "what the access is for", "type": _TEXT_OR_NOTHING},
        "owner": {"description": "whom to ask about it", "type": _TEXT_OR_NOTHING},
        "expires": {
            "description": "the last day on which it holds, UTC; `never` if there is none",
            "anyOf": [{"type": "string", "format": "date", "pattern": _DAY}, {"const": NEVER}, {"type": "null"}],
        },
    }
    properties["members"] = {
        "description": "whether an organization's accounts are covered where a policy names them",
        "type": "boolean",
    }
    one_of = [{"required": [subject.value]} for subject in Subject]
    return {"type": "object", "additionalProperties": False, "oneOf": one_of, "properties": properties}


def _one_or_several(pattern: str) -> list[object]:
    one = {"type": "string", "pattern": _whole(pattern)}
    return [one, {"type": "array", "items": one, "minItems": 1}]


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


_SCHEMAS: Mapping[str, Callable[[], dict[str, object]]] = {"settings": settings_schema, "trust": register_schema}


def _schema(arguments: argparse.Namespace) -> ExitStatus:
    sys.stdout.write(schema_of(arguments.of))
    return ExitStatus.COMPLIANT


_TASKS: Mapping[str, Callable[[argparse.Namespace], ExitStatus]] = {"show": _show, "schema": _schema}
