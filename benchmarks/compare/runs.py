"""Complete runs beside those of the peers: templates before deployment, and the registry of an account."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .. import audit, check

TEMPLATES = (1, 300, 3_000)
LINTED = 300
"""The most templates for cfn-lint. With more, it alone would take minutes."""
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of each tool that was run for one task."""

    task: str
    seconds: Mapping[str, float]


def timed(templates: Sequence[int] = TEMPLATES, repositories: int = 2_000, rounds: int = ROUNDS) -> Iterator[Timed]:
    """Time every tool as a separate process. Raises SystemExit if one fails."""
    with tempfile.TemporaryDirectory() as folder:
        for count in templates:
            root = Path(folder, str(count))
            root.mkdir()
            many = check.furnish(root, count)
            path = many if count > 1 else next(many.iterdir())
            commands = check.with_linter(root, path) if count <= LINTED else check.commands(root, path)
            # A cold disk does not matter for a run of minutes, which is therefore done only once.
            several = count <= LINTED
            taken = check.rounds_of(commands, rounds if several else 1, warm=several)
            yield Timed(f"{count:,} template{'s' if count > 1 else ''}", _medians(taken))
    taken = [
        {name: one[name] for name in one if name != audit.THROTTLED} for one in audit.rounds_of(repositories, rounds)
    ]
    yield Timed(f"an account of {repositories:,} repositories", _medians(taken))


def _medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: median(one[name] for one in rounds) for name in rounds[0]}
