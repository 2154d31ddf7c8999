"""`make reference`: write the pages of docs/ that are made from the code, so that GitHub shows them too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from website import log_lines, metrics, pictures, templates

ROOT = Path(__file__).parents[1]
WRITTEN: Mapping[str, Callable[[], str]] = {
    "docs/dashboard.svg": pictures.dashboard,
    **pictures.queries(),
    "docs/log.md": log_lines.page,
    "docs/metrics.md": metrics.page,
    "docs/outputs.md": templates.outputs,
    "docs/parameters.md": templates.parameters,
}
"""The function that makes each page, by the page's path in the repository."""


def main() -> None:
    """Write every page."""
    for name, made in WRITTEN.items():
        (ROOT / name).write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
