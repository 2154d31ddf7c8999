"""The table of settings: the name of each, its type, and the options of commands that it sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import values
from .values import Shape

PREFIX = "ECR_CROSSACCOUNT_"
"""The beginning of the environment variable of every setting."""


@dataclass(frozen=True, slots=True)
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
_LIVE = ("ask", "audit", "remediate")
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
        {**dict.fromkeys((*_ABOUT_FILES, "remediate"), "region"), "ask": "regions", "audit": "regions"},
        takes={"region": only},
        unless=("inventory",),
    ),
    Key("partition", values.PARTITIONS, "its partition", dict.fromkeys(("judge", "plan"), "partition")),
    Key(
        "aggregator",
        values.NAMES,
        "the aggregator of AWS Config that `audit` and `ask` read, or a list of several",
        {"ask": "aggregator", "audit": "aggregator"},
        unless=("files", "inventory", "organization_role", "usage", "resume", "second_opinion"),
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
        dict.fromkeys((*_ABOUT_FILES, *_LIVE), "members"),
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
)

BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}
BY_VARIABLE: Mapping[str, Key] = {key.variable: key for key in KEYS}

CONFIG, NO_CONFIG = f"{PREFIX}CONFIG", f"{PREFIX}NO_CONFIG"
"""The variables for `--config FILE` and `--no-config`."""
