"""The findings that do not count, suppressed or known: every format has their number and the worst of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from ...documents.problems import first_of
from ...judgement.values.verdict import Severity
from ..files.remarks import Remark
from .results import Result

_MOST_GROUPS = 3


def accepted_in(results: Iterable[Result]) -> str:
    """Return how many findings do not count, the worst first: `1 suppressed: CRITICAL until 9999-12-31`. May be empty.

    Findings of a baseline have no last day: `2 known: 2 HIGH`.
    """
    kinds: dict[str, list[Result]] = {"suppressed": [], "known": []}
    for one in results:
        if one.accepted is not None:
            kinds["known" if one.is_known else "suppressed"].append(one)
    return ", ".join(f"{len(those)} {word}: {_by_severity(those)}" for word, those in kinds.items() if those)


def with_accepted(results: Sequence[Result], remarks: Iterable[Remark]) -> Iterator[Remark]:
    """Yield a remark about the findings that do not count, placed at the first of them, then the other remarks."""
    accepted = accepted_in(results)
    if accepted:
        yield Remark(accepted, next(one.at for one in results if one.accepted is not None))
    yield from remarks


def _by_severity(results: Iterable[Result]) -> str:
    counts = Counter((one.severity, one.suppression.until if one.suppression else None) for one in results)
    order = sorted(counts, key=lambda group: (-group[0], -(group[1] or date.max).toordinal()))
    return first_of([_group(counts[one], *one) for one in order], _MOST_GROUPS)


def _group(count: int, severity: Severity, until: date | None) -> str:
    number = f"{count} " if count > 1 else ""
    return f"{number}{severity.name}" + ("" if until is None else f" until {until}")
