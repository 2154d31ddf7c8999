"""Creates docs/comparison.md from the scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

from .contenders import Contender
from .questions import ACCOUNTS, FORM, PUBLIC, SERVICES
from .runs import Timed
from .scores import Score

_TEMPLATE = Path(__file__).with_name("page.template")
_QUESTIONS = (ACCOUNTS, SERVICES, PUBLIC, FORM)


@dataclass(frozen=True, slots=True)
class Row:
    """A contender's score on one corpus."""

    contender: Contender
    version: str
    corpus: str
    score: Score


@dataclass(frozen=True, slots=True)
class Results:
    """The content of the page.

    `left_out`: for each corpus, how many policies are left out, and how many there were. `load`: the load average.
    """

    rows: Sequence[Row]
    left_out: Mapping[str, tuple[int, int]]
    timed: Sequence[Timed]
    load: float


def page(results: Results, day: date, arguments: str) -> str:
    """Return the text of the page."""
    asked = {question: [row for row in results.rows if row.contender.question == question] for question in _QUESTIONS}
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        day=f"{day.day} {day:%B %Y}",
        arguments=arguments,
        accounts=_table(asked[ACCOUNTS]),
        services=_table(asked[SERVICES]),
        public=_table(asked[PUBLIC]),
        form=_form(asked[FORM]),
        runs=_runs(results.timed),
        left_out=_left_out(results.left_out),
        load=f"{results.load:.0f}",
    )


def _left_out(left_out: Mapping[str, tuple[int, int]]) -> str:
    """Return how many policies of each set are left out, in words."""
    parts = [f"{few:,} of {many:,} {corpus}" for corpus, (few, many) in left_out.items()]
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if parts[1:] else "".join(parts)


def _table(rows: Iterable[Row]) -> str:
    """Return a table with a row for each tool, and a column for each set of policies."""
    tools: dict[Contender, dict[str, Row]] = {}
    for row in rows:
        tools.setdefault(row.contender, {})[row.corpus] = row
    first = next(iter(tools.values()), {})
    sets = [f"{name}: {one.score.open:,} open, {one.score.closed:,} closed" for name, one in first.items()]
    head = ["tool", "asked by", *sets, "crashes", "time"]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for contender, by_set in tools.items():
        scores = [by_set[name].score for name in first]
        cells = [f"{contender.title} {next(iter(by_set.values())).version}", contender.how]
        cells += [f"{len(one.missed):,} missed, {len(one.alarms):,} false alarms" for one in scores]
        cells += [f"{sum(len(one.crashes) for one in scores):,}", _time(max(one.microseconds for one in scores))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _form(rows: Iterable[Row]) -> str:
    lines = ["| tool | policies | reported | open, and not reported | time |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        score = row.score
        reported = score.open - len(score.missed) + len(score.alarms)
        counts = [f"{reported:,} of {score.open + score.closed:,}", f"{len(score.missed):,} of {score.open:,}"]
        cells = [f"{row.contender.title} {row.version}", row.corpus, *counts, _time(score.microseconds)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _runs(timed: Sequence[Timed]) -> str:
    """Return a table with a row for each tool, and a column for each task."""
    lines = [f"| tool | {' | '.join(one.task for one in timed)} |", "| --- " * (len(timed) + 1) + "|"]
    for tool in dict.fromkeys(name for one in timed for name in one.seconds):
        cells = [f"{one.seconds[tool]:.1f} s" if tool in one.seconds else "" for one in timed]
        lines.append(f"| {tool} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _time(microseconds: float) -> str:
    return f"{microseconds / 1000:.1f} ms" if microseconds >= 1000 else f"{microseconds:.0f} µs"
