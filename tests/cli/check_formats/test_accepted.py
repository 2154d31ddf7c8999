"""A finding that does not count is in the headline and the list of every format, so that no result is green unseen."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from ecr_crossaccount.judgement.values.verdict import NO_ACCESS
from ecr_crossaccount.products.cli.formats.choices import CHECK_FORMATS

from tests.cli.conftest import OWNER, Run
from tests.wording import sentence

FOREVER = "ecr-crossaccount: ignore until 9999-12-31: trust me"
STATEMENT = "{Statement: [{Effect: Allow, Principal: {AWS: '222233334444'}, Action: 'ecr:*'}]}"
EVERY = [*((name, ()) for name in CHECK_FORMATS)]
HEADLINE = "1 suppressed: CRITICAL until 9999-12-31"
KNOWN = "1 known: CRITICAL"
FAR = sentence("remarks.suppressed_until_further_trust")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a policy that gives another account everything, suppressed for ever."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "open.yaml").write_text(f"{STATEMENT}  # {FOREVER}\n")
    return tmp_path


def checked(run: Run, *argv: str) -> tuple[int, str]:
    """Return the status, and what is printed with the entities and escapes of its format undone."""
    done = run("check", "--account", OWNER, *argv)
    return done.status, re.sub(r"%([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), unescape(done.out))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name, more", EVERY)
def test_a_suppressed_finding_is_in_the_headline_and_the_list(run: Run, name: str, more: tuple[str, ...]) -> None:
    status, out = checked(run, "--format", name, *more, "open.yaml")
    assert status == 0
    assert HEADLINE in out
    assert FAR in out
    assert "✅" not in out
    assert NO_ACCESS not in out
    assert "take over the repository" in out or "gets READ, WRITE, ADMIN" in out, "the finding itself"
    assert "open.yaml" in out


@pytest.mark.parametrize("name, more", EVERY)
def test_a_finding_of_a_baseline_is_in_the_headline(run: Run, folder: Path, name: str, more: tuple[str, ...]) -> None:
    (folder / "open.yaml").write_text(STATEMENT)
    (folder / "known.json").write_text(run("check", "--account", OWNER, "--format", "json", "open.yaml").out)
    status, out = checked(run, "--format", name, *more, "--baseline", "known.json", "open.yaml")
    assert status == 0
    assert KNOWN in out
    assert "✅" not in out
    assert NO_ACCESS not in out


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name, more", EVERY)
def test_without_suppressions_it_is_judged_as_if_there_were_none(run: Run, name: str, more: tuple[str, ...]) -> None:
    status, out = checked(run, "--format", name, *more, "ECR_CROSSACCOUNT_SUPPRESSIONS=false", "open.yaml")
    assert status == 1
    assert not re.search("suppressed[: ]|SUPPRESSED", out)
    assert "9999" not in out


@pytest.mark.parametrize("until, times", [("2027-07-01", 0), ("2027-07-02", 1)])
def test_a_last_day_within_a_year_is_not_told(run: Run, folder: Path, until: str, times: int) -> None:
    (folder / "open.yaml").write_text(f"{STATEMENT}  # {FOREVER.replace('9999-12-31', until)}\n")
    _, out = checked(run, "open.yaml")
    assert out.count("further than a year away") == times


def test_a_headline_has_the_worst_first_and_counts_the_rest(run: Run, folder: Path) -> None:
    days = ("2026-07-01", "2026-07-02", "2026-07-03", "2026-07-04", "2026-07-04")
    for number, day in enumerate(days):
        text = f"{STATEMENT}  # ecr-crossaccount: ignore until {day}: because\n"
        (folder / f"{number}.yaml").write_text(text if number else text.replace("ecr:*", "ecr:BatchGetImage"))
    _, out = checked(run, *(f"{number}.yaml" for number in range(len(days))))
    assert out.endswith(
        "5 suppressed: 2 CRITICAL until 2026-07-04, CRITICAL until 2026-07-03, CRITICAL until 2026-07-02 and 1 more\n"
    )
