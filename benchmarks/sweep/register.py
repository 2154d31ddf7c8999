"""What a changed register costs a scheduled run: `python -m benchmarks.sweep.register` judges all cases twice."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from ecr_crossaccount import Trust
from ecr_crossaccount.products.rule.parameters import Parameters
from ecr_crossaccount.products.rule.registry_judge import RegistryJudge
from ecr_crossaccount.sources.aws.owner import Membership, Registry

_CASES = Path(__file__).parents[2] / "tests" / "cases"
_DAY = date(2026, 12, 1)


def policies() -> Iterator[str]:
    """Yield the policies of the cases of the judgement."""
    for file in sorted(_CASES.glob("*.json")):
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        for row in found if isinstance(found, list) else found["cases"]:
            if row["policy"] is not None:
                yield row["policy"] if isinstance(row["policy"], str) else json.dumps(row["policy"])


def trusting(*accounts: str) -> Trust:
    """Return a register that trusts accounts."""
    return Trust.parse({"version": 1, "trust": [{"account": one} for one in accounts]}, today=_DAY)


def seconds(judge: RegistryJudge, texts: list[str]) -> float:
    """Return how long the judgement of all policies takes."""
    start = time.perf_counter()
    for number, text in enumerate(texts):
        judge.ask(f"repository-{number}", text, {})
    return time.perf_counter() - start


def main() -> None:
    """Print the milliseconds for each repository, without a change and after one."""
    texts = list(policies())
    registry = Registry(Mock(), "111122223333", "eu-central-1")
    now = Parameters(trusting("222233334444"), trusts_self=False)
    judge = RegistryJudge(registry, "aws", now, lambda: Membership(None))
    before = replace(judge, parameters=Parameters(trusting("333344445555"), trusts_self=False))
    one = seconds(judge, texts)
    both = seconds(
        replace(judge, parameters=Parameters(trusting("444455556666"), trusts_self=False), before=before), texts
    )
    each = 1000 / len(texts)
    sys.stdout.write(f"{len(texts)} policies: {one * each:.2f} ms for each, {both * each:.2f} ms after a change\n")


if __name__ == "__main__":
    main()
