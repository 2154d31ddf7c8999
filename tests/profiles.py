"""The number of examples for the laws: the same few every time, or many new ones with `make verify-nightly`.

`HYPOTHESIS_PROFILE` is `ci` or `nightly`. `HYPOTHESIS_TIMES` multiplies the usual number of examples in `nightly`.
"""

from __future__ import annotations

import os
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

T = TypeVar("T")

_SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
_SHARES = {"ci": 0.0625, "nightly": float(os.environ.get("HYPOTHESIS_TIMES", "100"))}
_SHARES_OF_THE_SLOW = {**_SHARES, "ci": 0.025}


def load() -> None:
    """Register the two profiles, and load the one in the environment. The default is `ci`."""
    settings.register_profile("ci", deadline=None, derandomize=True, database=None, suppress_health_check=_SLOW_IS_FINE)
    # If `CI` is set, the default profile of Hypothesis derandomizes.
    settings.register_profile(
        "nightly", deadline=None, derandomize=False, print_blob=True, suppress_health_check=_SLOW_IS_FINE
    )
    settings.load_profile(_name())
    if not is_nightly():
        _take_no_constants_from_modules()


def _take_no_constants_from_modules() -> None:
    """Make examples independent of the imported modules, which depend on the tests that ran before in the process.

    Hypothesis draws some values from the constants in the sources of all imported modules.
    """
    none = Constants()
    providers._get_local_constants = lambda: none  # noqa: SLF001 - Hypothesis has no setting for it


def examples(usual: int) -> settings:
    """Return a decorator: a sixteenth of the usual examples in `ci`, `HYPOTHESIS_TIMES` as many in `nightly`."""
    return settings(max_examples=share_of(usual))


def slow_examples(usual: int) -> settings:
    """Return a decorator for slow examples, of milliseconds: a fortieth in `ci`, and like the others in `nightly`."""
    return settings(max_examples=round(usual * _SHARES_OF_THE_SLOW[_name()]))


def share_of(usual: int) -> int:
    """Return how many things to test: a sixteenth of the usual in `ci`, `HYPOTHESIS_TIMES` as many in `nightly`."""
    return round(usual * _SHARES[_name()])


def is_nightly() -> bool:
    """Return whether slow tests run at full length."""
    return _name() == "nightly"


def sample(strategy: st.SearchStrategy[T], count: int, *, seed: str = "") -> list[T]:
    """Return that many values of a strategy, always the same ones for a seed."""
    found: list[T] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=_SLOW_IS_FINE,
    )
    @given(strategy)
    def collect(value: T) -> None:
        found.append(value)

    (with_seed(seed)(collect) if seed else collect)()
    return found


def _name() -> str:
    return os.environ.get("HYPOTHESIS_PROFILE", "ci")
