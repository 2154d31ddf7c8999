"""Settings in environment variables, `ECR_CROSSACCOUNT_…`. An empty variable has no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....documents.problems import quoted
from ....errors import closest
from . import keys, values
from .holding import Faults, Setting, members
from .values import BadValueError, Base


def known() -> tuple[str, ...]:
    """Return the names of all environment variables of this program, including those that are not settings."""
    from ..base import crash, documentation

    return (*keys.BY_VARIABLE, keys.CONFIG, keys.NO_CONFIG, crash.VARIABLE, documentation.VARIABLE)


def pinned(environment: Mapping[str, str], faults: Faults) -> tuple[str | None, bool]:
    """Return the values of the variables for `--config FILE` and `--no-config`."""
    said = environment.get(keys.NO_CONFIG, "")
    try:
        return environment.get(keys.CONFIG) or None, bool(said) and values.TRUTH.parse(said) is True
    except BadValueError as error:
        faults.append(f"{keys.NO_CONFIG}: {error.reason}")
        return None, False


def settings_in(environment: Mapping[str, str], base: Base, faults: Faults) -> Iterator[Setting]:
    """Yield the settings in the environment. Errors are added to `faults`."""
    for name, text in environment.items():
        key = keys.BY_VARIABLE.get(name)
        if key is None:
            faults += [_unknown(name)] if name.startswith(keys.PREFIX) and name not in known() else []
        elif text:
            try:
                value = key.shape.read(key.shape.parse(text), base)
            except BadValueError as error:
                faults.append(f"{name}: {error.at.removeprefix('.')}{': ' if error.at else ''}{error.reason}")
            else:
                yield from members(key, value, name)


def _unknown(name: str) -> str:
    found = closest(name, known())
    meant = f"did you mean `{found}`?" if found else "`ecr-crossaccount config show` lists the settings that exist"
    return f"the environment variable {quoted(name)} is unknown: {meant}"
