"""The table of settings, and which value of one applies.

A flag wins over the environment, the environment over a file, and a file over the default. The table has the name of
each setting, its type, and the options of commands that it sets. In the environment, a setting is `ECR_CROSSACCOUNT_…`.
An empty variable has no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path, PurePath

from ....documents.problems import quote
from ....errors import closest
from ....memo import by_value
from ....sources.check.provenance import Loosened, Provenance
from ..base.program import DEBUG_VARIABLE, complain
from . import values
from .values import BadValueError, Base, Shape

PREFIX = "ECR_CROSSACCOUNT_"
"""The beginning of the environment variable of every setting."""


@by_value
class Key:
    """One setting.

    - `options`: for each command (such as `trust lint` for a task), the attribute in which argparse stores the option.
    - `takes`: functions that convert the value for such an attribute.
    - `unless`: attributes of options that exclude this setting.
    - `each`: whether its members are separate settings, so that an option can replace one and leave the others.
    - `weaker_than`: a key that replaces this one if a stronger source sets it.
    - `loosens`: whether a value may reduce what is found, compared with no setting.
    """

    name: str
    shape: Shape
    meaning: str
    options: Mapping[str, str]
    default: object = None
    takes: Mapping[str, Callable[[object], object]] = field(default_factory=dict)
    unless: tuple[str, ...] = ()
    each: bool = False
    weaker_than: str | None = None
    loosens: Callable[[object], bool] = field(default=lambda _: True)

    @property
    def variable(self) -> str:
        """The environment variable of the setting."""
        return PREFIX + self.name.upper().replace("-", "_")


def _never(_: object) -> bool:
    return False


def only(regions: object) -> str | None:
    """Return the only Region of a list, or None for several, because it is unknown which one is meant."""
    return str(regions[0]) if isinstance(regions, list) and len(regions) == 1 else None


def _path(name: object) -> object:
    return Path(str(name))


_ABOUT_FILES = ("judge", "plan", "check", "diff")
_LIVE = ("ask", "audit", "remediate", "restore")
_REGISTERED = (*_ABOUT_FILES, *_LIVE, "guardrail rcp", "trust lint", "trust expiring", "trust add")

KEYS = (
    Key(
        "account",
        values.ACCOUNT_ID,
        "the account that owns the resources whose owner the files do not name, 12 digits in quotes",
        {"judge": "owner", "plan": "owner", "ask": "owner", "check": "account", "diff": "account"},
    ),
    Key(
        "accounts",
        values.OWNERS,
        "the same by path: a pattern of files and folders, and the account that owns what they deploy",
        {"check": "accounts", "diff": "accounts"},
        default={},
        weaker_than="account",
    ),
    Key(
        "organization",
        values.ORGANIZATIONS,
        "the organization of that account, which the register calls `self`",
        dict.fromkeys((*_ABOUT_FILES, *_LIVE, "guardrail rcp"), "organization"),
    ),
    Key(
        "region",
        values.REGIONS,
        "its Region, or a list of Regions for `audit` and `ask`; other commands ignore a list of several",
        {**dict.fromkeys((*_ABOUT_FILES, "remediate", "restore"), "region"), "ask": "regions", "audit": "regions"},
        takes={"region": only},
        unless=("inventory",),
    ),
    Key("partition", values.PARTITIONS, "its partition", dict.fromkeys(("judge", "plan", "ask"), "partition")),
    Key(
        "registry-scope",
        values.SCOPE,
        "the actions that the policy of its registry applies to, V1 or V2",
        dict.fromkeys(("judge", "plan", "check", "ask"), "registry_scope"),
    ),
    Key(
        "aggregator",
        values.NAMES,
        "the aggregator of AWS Config that `audit` and `ask` read, or a list of several",
        {"ask": "aggregator", "audit": "aggregator"},
        unless=("files", "inventory", "organization_role", "usage", "second_opinion"),
        loosens=_never,
    ),
    Key(
        "trust",
        values.REGISTER,
        "the trust register; `false` for none, not even a `trust.yaml` in the working folder",
        dict.fromkeys(_REGISTERED, "trust"),
        loosens=lambda value: value is not None,
    ),
    Key(
        "members",
        values.FILE,
        "the accounts of the organization, which `members: true` in the register covers by name",
        dict.fromkeys((*_ABOUT_FILES, *_LIVE, "trust publish"), "members"),
    ),
    Key(
        "parameters",
        values.PARAMETERS,
        "values of the templates' parameters and of the modules' variables, by name",
        {"check": "parameters", "diff": "parameters"},
        default=(),
        each=True,
    ),
    Key(
        "var-files",
        values.FILES,
        "files of variables for Terraform",
        {"check": "var_files", "diff": "var_files"},
        default=(),
    ),
    Key(
        "fail-on",
        values.SEVERITY,
        "the lowest severity that fails: LOW, MEDIUM, HIGH or CRITICAL",
        dict.fromkeys(("judge", "check", "diff", "audit"), "fail_on"),
        default="LOW",
        loosens=lambda value: value != "LOW",
    ),
    Key(
        "baseline",
        values.FILE,
        "the JSON report of an earlier check, whose findings do not fail again",
        {"check": "baseline"},
    ),
    Key(
        "audit-baseline", values.FILE, "the same of an earlier audit", {"audit": "baseline"}, takes={"baseline": _path}
    ),
    Key(
        "exclude",
        values.GLOBS,
        "files and folders that are left out, as patterns of names or paths",
        {"check": "exclude", "diff": "exclude"},
        default=(),
    ),
    Key(
        "strict",
        values.TRUTH,
        "whether what was found and not judged fails",
        {"check": "strict"},
        default=False,
        loosens=_never,
    ),
    Key(
        "expiring",
        values.DAYS,
        "how many days ahead `audit` and `trust expiring` name the approvals that end",
        {"audit": "expiring", "trust expiring": "within"},
        default=30,
        loosens=_never,
    ),
    Key(
        "count-rcps",
        values.TRUTH,
        "whether the exit status is about the access that remains under the resource control policies",
        dict.fromkeys(("judge", "check", "audit"), "count_rcps"),
        default=False,
        loosens=lambda value: value is True,
    ),
    Key(
        "suppressions",
        values.TRUTH,
        "whether comments and metadata in files suppress findings",
        {"check": "suppressed"},
        default=True,
        loosens=_never,
    ),
    Key(
        "blank-is-none",
        values.TRUTH,
        "whether a blank policy of AWS Config means that the repository has none. If false, it counts as not read, "
        "because AWS Config also shows a blank for a policy that it may not read",
        dict.fromkeys(("ask", "audit"), "blank_is_none"),
        default=False,
        loosens=lambda value: value is True,
    ),
    Key(
        "external-id",
        values.NAME,
        "the external ID that the trust policies of `role:NAME` ask for",
        dict.fromkeys(("ask", "audit"), "external_id"),
        loosens=_never,
    ),
    Key(
        "concurrency",
        values.COUNT,
        "parallel calls to Amazon ECR",
        dict.fromkeys(("ask", "audit"), "concurrency"),
        default=16,
        loosens=_never,
    ),
    Key(
        "resume",
        values.FILE,
        "the file that keeps the progress of an audit of an account, to continue after an interruption",
        {"audit": "resume"},
        takes={"resume": _path},
        loosens=_never,
    ),
    Key(
        "processes",
        values.COUNT,
        "processes that judge what AWS Config recorded, beyond the first 20,000 repositories",
        {"audit": "processes"},
        loosens=_never,
    ),
)

BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}
BY_VARIABLE: Mapping[str, Key] = {key.variable: key for key in KEYS}

CONFIG, NO_CONFIG = f"{PREFIX}CONFIG", f"{PREFIX}NO_CONFIG"
"""The variables for `--config FILE` and `--no-config`."""

Faults = list[str]
"""Errors in settings, one a line. They are reported together."""

WORKING_FOLDER = "the working folder"
"""The source of a register that was found in the working folder."""


class Origin(StrEnum):
    """The source of a setting, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    FOUND = "found"
    DEFAULT = "default"


@by_value
class Setting:
    """The value of one setting. `part` is the name of a member, if members are separate settings.

    `value` is the result of `Shape.read`, or the value from argparse for a flag. `source` names the place that sets it.
    """

    key: Key
    part: str | None
    value: object
    origin: Origin
    source: str
    line: int | None = None

    @property
    def name(self) -> str:
        """The key, followed by the member's name."""
        return self.key.name if self.part is None else f"{self.key.name}.{self.part}"

    @property
    def place(self) -> str:
        """The source with the line, if known."""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    @property
    def plain(self) -> object:
        """The value with JSON's types."""
        return _plain(self.value)


def _plain(value: object) -> object:
    match value:
        case dict():
            return {str(_plain(name)): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case PurePath() | date():
            return str(value)
    return getattr(value, "text", value)  # the text of a pattern


def members(key: Key, value: object, source: str, line: Callable[[str], int | None] | None = None) -> Iterator[Setting]:
    """Yield a setting, or one for each member. `line` returns the line of a path in a file; None means a variable."""
    origin = Origin.ENVIRONMENT if line is None else Origin.FILE
    parts: Iterable[tuple[str | None, object]] = (
        value.items() if key.each and isinstance(value, dict) else [(None, value)]
    )
    for part, one in parts:
        path = key.name if part is None else f"{key.name}.{part}"
        yield Setting(key, part, one, origin, source, None if line is None else line(path))


@by_value
class Settings:
    """The settings for one command. `held` is in the table's order, with defaults. `file` is the one that was read."""

    held: tuple[Setting, ...] = ()
    file: str | None = None

    @classmethod
    def from_layers(cls, layers: Iterable[Iterable[Setting]], file: str | None) -> Settings:
        """Return the settings that apply, given layers from the weakest to the strongest."""
        chosen: dict[tuple[str, str | None], Setting] = {}
        for layer in map(list, layers):
            said = {setting.key.name for setting in layer}
            chosen = {at: one for at, one in chosen.items() if one.key.weaker_than not in said}
            chosen.update({(setting.key.name, setting.part): setting for setting in layer})
        order = list(BY_NAME)
        return cls(tuple(sorted(chosen.values(), key=lambda one: (order.index(one.key.name), one.part or ""))), file)

    def find_all(self, name: str) -> list[Setting]:
        """Return the settings for one key: none, one, or one for each member."""
        return [setting for setting in self.held if setting.key.name == name]

    def origin(self, name: str) -> Origin:
        """Return the origin of a key's value. With several members, the strongest origin."""
        order = list(Origin)
        return min((setting.origin for setting in self.find_all(name)), key=order.index, default=Origin.DEFAULT)

    def standing(self, name: str) -> dict[str, tuple[str, int | None]]:
        """Return the members of a key that no option sets, each with its source and line."""
        held = (
            setting for setting in self.find_all(name) if setting.part is not None and setting.origin is not Origin.FLAG
        )
        return {str(setting.part): (setting.source, setting.line) for setting in held}

    @property
    def loosened(self) -> tuple[Loosened, ...]:
        """The settings that may reduce what is found, except those on the command line."""
        unsaid = (Origin.FLAG, Origin.DEFAULT)
        return tuple(
            Loosened(one.name, one.plain, one.source, one.line, one.origin in (Origin.FILE, Origin.FOUND))
            for one in self.held
            if one.origin not in unsaid and one.key.loosens(one.value)
        )


NO_SETTINGS = Settings()


def known_variables() -> tuple[str, ...]:
    """Return the names of all environment variables of this program, including those that are not settings."""
    from ..base import documentation

    return (*BY_VARIABLE, CONFIG, NO_CONFIG, DEBUG_VARIABLE, documentation.VARIABLE)


def read_config_variables(environment: Mapping[str, str], faults: Faults) -> tuple[str | None, bool]:
    """Return the values of the variables for `--config FILE` and `--no-config`."""
    said = environment.get(NO_CONFIG, "")
    try:
        return environment.get(CONFIG) or None, bool(said) and values.TRUTH.parse(said) is True
    except BadValueError as error:
        faults.append(f"{NO_CONFIG}: {error.reason}")
        return None, False


def settings_in(environment: Mapping[str, str], base: Base, faults: Faults) -> Iterator[Setting]:
    """Yield the settings in the environment. Errors are added to `faults`."""
    for name, text in environment.items():
        key = BY_VARIABLE.get(name)
        if key is None:
            faults += [_unknown(name)] if name.startswith(PREFIX) and name not in known_variables() else []
        elif text:
            try:
                value = key.shape.read(key.shape.parse(text), base)
            except BadValueError as error:
                faults.append(f"{name}: {error.at.removeprefix('.')}{': ' if error.at else ''}{error.reason}")
            else:
                yield from members(key, value, name)


def _unknown(name: str) -> str:
    found = closest(name, known_variables())
    meant = f"did you mean `{found}`?" if found else "`ecr-crossaccount config show` lists the settings that exist"
    return f"the environment variable {quote(name)} is unknown: {meant}"


def note_settings(provenance: Provenance) -> None:
    """Write to standard error which settings beside the code may have loosened the result.

    A register that was found in the working folder is not repeated, because an earlier note names it.
    """
    others = replace(
        provenance, settings=tuple(setting for setting in provenance.settings if setting.source != WORKING_FOLDER)
    )
    if others.beside_the_code:
        complain(f"note: settings can loosen this result: {others.beside_the_code}")
