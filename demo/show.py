"""The output of the demo: tables like those in Config's console, the change of one policy, and what to try next."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff
from pathlib import Path

from ecr_crossaccount.products.cli.formats.text import policy_laid_out
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .registry import OWNER, POLICIES, Example
from .remedy import Cure

_STYLES = {"CRITICAL": "bold white on red", "HIGH": "bold red", "MEDIUM": "bold yellow", "LOW": "bold cyan"}
_ORDER = [*_STYLES, ""]
_SIGNS = {"-": "red", "+": "green"}
_TELLING = "partner/sdk"
"""The repository whose policy is shown before and after."""
_COMMAND = ".venv/bin/ecr-crossaccount"
_NAMES, _NAMES_WHERE_NARROW, _NARROW = 30, 20, 100
"""The width of the column for names, its width in a narrow terminal, and the width that is no longer narrow."""


@dataclass(frozen=True, slots=True)
class Row:
    """A repository and its current result in Config. The annotation starts with the severity."""

    example: Example
    compliance: str
    annotation: str

    @property
    def is_compliant(self) -> bool:
        """Whether Config calls it compliant."""
        return self.compliance == "COMPLIANT"

    @property
    def severity(self) -> str:
        """The severity, or "" for a compliant repository."""
        first = self.annotation.split(maxsplit=1)[0].rstrip(":,") if self.annotation else ""
        return first if first in _STYLES else ""

    @property
    def why(self) -> str:
        """The annotation without the severity, which has a column of its own."""
        return self.annotation.removeprefix(self.severity).lstrip(":, ")


def show(console: Console, rows: Sequence[Row], cures: Sequence[Cure], left: Sequence[Row]) -> None:
    """Print the results, the worst first, then the remediations, the results afterwards, and what to try next."""
    console.print()
    console.print(Text("  ECR repositories, as AWS Config shows them once the rule has run", "bold"))
    _print(console, _table(console, sorted(rows, key=lambda row: _ORDER.index(row.severity))))
    wrong = sum(not row.is_compliant for row in rows)
    console.print(f"  {len(rows)} repositories, {wrong} of them open to someone whom the rule does not trust.")
    console.print()
    _show_cures(console, cures, left)
    console.print()
    console.print(Text("  Try next", "bold"))
    for what, command in _next():
        console.print(Text(f"  {what}", "dim"))
        console.print(Text(f"    {command}", "cyan"), soft_wrap=True)
    console.print()


def _print(console: Console, table: Table) -> None:
    # Rich pads lines to the full width. Lines without trailing spaces are better to copy.
    with console.capture() as capture:
        console.print(table)
    console.file.write("\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n")


def _show_cures(console: Console, cures: Sequence[Cure], left: Sequence[Row]) -> None:
    """Print the remediations, and the change of one policy."""
    console.print(Text("  Remediated, by remediation/remediate.yaml as it is shipped", "bold"))
    _print(console, _cured(console, cures, {row.example.name: row for row in left}))
    shown = next(cure for cure in cures if cure.example.name == _TELLING)
    console.print(Text(f"  {shown.example.name}, before and after", "bold"))
    for line in _difference(shown):
        console.print(Text(f"    {line}", _SIGNS.get(line[0], "dim")), soft_wrap=True)
    console.print()
    wrong = sum(not row.is_compliant for row in left)
    console.print(
        f"  {len(left)} repositories, {wrong} of them open: the rule ran again. The old policies are backed up."
    )


def _begun(console: Console) -> Table:
    # A fixed width and no minimum width, because Rich cuts off columns that a minimum width pushes past the edge.
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 1), expand=False)
    table.add_column("repository", width=_NAMES_WHERE_NARROW if console.width < _NARROW else _NAMES)
    table.add_column("compliance", no_wrap=True)
    return table


def _cured(console: Console, cures: Sequence[Cure], left: Mapping[str, Row]) -> Table:
    table = _begun(console)
    table.add_column("taken; what is trusted was kept", overflow="fold")
    for cure in cures:
        row = left[cure.example.name]
        table.add_row(
            Text(cure.example.name, "bold"),
            Text(row.compliance, "green" if row.is_compliant else "red"),
            Text("\n".join(change for change in cure.changes if " removed from " in change)),
        )
    return table


def _difference(cure: Cure) -> Iterator[str]:
    old, new = (list(policy_laid_out(policy)) if policy else [] for policy in (cure.before, cure.after))
    yield from (line for line in ndiff(old, new) if not line.startswith("?"))


def _table(console: Console, rows: Sequence[Row]) -> Table:
    table = _begun(console)
    table.add_column("severity", no_wrap=True)
    table.add_column("why", overflow="fold")
    for row in rows:
        table.add_row(
            Text(row.example.name, "bold") if row.is_compliant else _named(row.example),
            Text(row.compliance, "green" if row.is_compliant else "red"),
            Text(row.severity, _STYLES.get(row.severity, "")),
            Text(row.example.says, "dim") if row.is_compliant else Text(row.why),
        )
    return table


def _named(example: Example) -> Text:
    return Text.assemble((example.name, "bold"), "\n", (example.says, "dim"))


def _next() -> list[tuple[str, str]]:
    example = Path(os.path.relpath(POLICIES / "base/node.json"))
    register = Path(os.path.relpath(POLICIES.parent / "trust.yaml"))
    return [
        (
            "why a policy is open, with a request that gets in, and the way out:",
            f"{_COMMAND} judge --owner {OWNER} --trust {register} {example}",
        ),
        (
            "one of your own:",
            f"aws ecr get-repository-policy --repository-name NAME | {_COMMAND} judge -",
        ),
        ("the rule in your account:", "sam build && sam deploy --guided"),
    ]
