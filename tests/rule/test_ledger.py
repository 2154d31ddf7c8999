from __future__ import annotations

import base64
import re
import zlib

import pytest
from ecr_crossaccount.products.rule.continuation import Ledger
from ecr_crossaccount.sources.aws.errors import EventError
from hypothesis import given
from hypothesis import strategies as st

from tests.wording import sentence

NAMES = st.frozensets(st.text(min_size=1, max_size=8), max_size=30)


@given(NAMES, st.data())
def test_what_is_written_is_read(names: frozenset[str], data: st.DataObject) -> None:
    ledger = Ledger(names)
    ledger.done = set(data.draw(st.frozensets(st.sampled_from(sorted(names))))) if names else set()
    ledger.postponed = set(names - ledger.done) if data.draw(st.booleans()) else set()
    restored = Ledger.restore(names, ledger.text())
    assert (restored.names, restored.done, restored.postponed) == (names, ledger.done, ledger.postponed)


@given(NAMES, NAMES)
def test_nothing_that_came_since_counts_as_done(before: frozenset[str], now: frozenset[str]) -> None:
    ledger = Ledger(before)
    ledger.done = set(before)
    restored = Ledger.restore(now, ledger.text())
    assert restored.done <= before & now


def test_what_came_or_went_costs_only_its_neighbours() -> None:
    names = {f"team-{number % 50}/service-{number}" for number in range(20_000)}
    ledger = Ledger(names)
    ledger.done = set(names)
    restored = Ledger.restore(names - {"team-7/service-7"} | {"new"}, ledger.text())
    assert len(restored.remainder()) < 100
    assert "new" in restored.remainder()


def test_it_fits_into_a_message_whatever_the_names_and_states_are() -> None:
    names = {f"team-{number % 50}/service-{number:0200}" for number in range(100_000)}
    ledger = Ledger(names)
    ledger.done = {name for name in names if zlib.crc32(name.encode()) & 64}
    assert len(ledger.text()) < 60_000


def test_a_repository_is_left_done_or_postponed() -> None:
    ledger = Ledger(["c", "b", "a"])
    ledger.settle("b")
    assert ledger.postpone("c")
    assert (ledger.remainder(), ledger.done, ledger.postponed) == (["a"], {"b"}, {"c"})
    ledger.settle("c")
    assert ledger.postpone("b")
    assert (ledger.remainder(), ledger.done, ledger.postponed) == (["a"], {"c"}, {"b"})


def test_only_what_was_listed_is_kept() -> None:
    ledger = Ledger(["a"])
    ledger.settle("elsewhere")
    assert not ledger.postpone("elsewhere")
    assert (ledger.done, ledger.postponed) == (set(), set())


@pytest.mark.parametrize(
    "text",
    [
        "no ledger",
        base64.b85encode(b"not compressed").decode(),
        base64.b85encode(zlib.compress(b"too short")).decode(),
        base64.b85encode(zlib.compress(bytes(10_240) + b"more states than names")).decode(),
        base64.b85encode(zlib.compress(bytes(10_240))[:-6]).decode(),
        base64.b85encode(zlib.compress(bytes(50_000_000), 9)).decode(),
        "\N{SNOWMAN}",
    ],
)
def test_what_is_no_ledger_is_refused(text: str) -> None:
    with pytest.raises(EventError, match=re.escape(sentence("continuation.list_finished_repositories"))):
        Ledger.restore(["a"], text)
