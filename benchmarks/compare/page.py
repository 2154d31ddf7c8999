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
_RUNS = """\
Each tool runs in a new process, so its start counts. Seconds of wall-clock time on {day}, with a load average of \
{load:.0f} on two cores: the median of three runs; 3,000 templates are read once. An empty cell means that the tool \
does not do this task, or was not run."""


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

    `left_out`: for each corpus, how many policies are left out, and how many there were. `runs`: the section about
    whole runs.
    """

    rows: Sequence[Row]
    left_out: Mapping[str, tuple[int, int]]
    runs: str


def page(results: Results, day: date, arguments: str) -> str:
    """Return the text of the page."""
    asked = {question: [row for row in results.rows if row.contender.question == question] for question in _QUESTIONS}
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        day=_written(day),
        arguments=arguments,
        accounts=_table(asked[ACCOUNTS]),
        services=_table(asked[SERVICES]),
        public=_table(asked[PUBLIC]),
        form=_form(asked[FORM]),
        runs=results.runs,
        left_out=_left_out(results.left_out),
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
    lines = []
    for row in rows:
        score = row.score
        reported = score.open - len(score.missed) + len(score.alarms)
        counts = f"{reported:,} of {score.open + score.closed:,} reported, {len(score.missed):,} of {score.open:,} open"
        lines.append(
            f"- {row.contender.title} {row.version}, {row.corpus}: {counts} ones not, {_time(score.microseconds)}"
        )
    return "\n".join(lines)


def whole_runs(timed: Sequence[Timed], day: date, load: float) -> str:
    """Return the section: a table with a row for each tool, and a column for each task."""
    lines = [f"| tool | {' | '.join(one.task for one in timed)} |", "| --- " * (len(timed) + 1) + "|"]
    for tool in dict.fromkeys(name for one in timed for name in one.seconds):
        cells = [f"{one.seconds[tool]:.1f} s" if tool in one.seconds else "" for one in timed]
        lines.append(f"| {tool} | {' | '.join(cells)} |")
    return f"{_RUNS.format(day=_written(day), load=load)}\n\n" + "\n".join(lines)


def kept_runs(page: str) -> str:
    """Return the section of a page that was written before."""
    return page.partition("\n## Whole runs\n\n")[2].partition("\n\nEach template has")[0]


def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _time(microseconds: float) -> str:
    return f"{microseconds / 1000:.1f} ms" if microseconds >= 1000 else f"{microseconds:.0f} µs"
