"""Tables that cross each form of a language with each kind of value. `make answers` records what they come to."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context

from tests.check.told import shown
from tests.cli.conftest import OWNER

Rows = Iterable[tuple[str, Mapping[str, object]]]


def write(file: Path, rows: Rows) -> None:
    """Write the cells of each row, one a line."""
    texts = []
    for name, cells in rows:
        lines = ",\n".join(f"  {json.dumps(text)}: {json.dumps(value)}" for text, value in cells.items())
        texts.append(f" {json.dumps(name)}: {{\n{lines}\n }}" if lines else f" {json.dumps(name)}: {{}}")
    file.write_text("{\n" + ",\n".join(texts) + "\n}\n", "utf-8")


def as_read(cells: Mapping[str, object]) -> Mapping[str, object]:
    """Return the cells as they are read from a file."""
    return dict(json.loads(json.dumps(cells)))


def repositories(values: Iterable[object]) -> dict[str, object]:
    """Return a repository for each value, which is in a condition of its policy, as resources of CloudFormation."""
    found: dict[str, object] = {}
    for at, value in enumerate(values):
        statement = {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:username": value}}}
        policy = {"RepositoryPolicyText": {"Statement": [statement]}}
        found[f"R{at}"] = {"Type": "AWS::ECR::Repository", "Properties": policy}
    return found


def values_in(files: Mapping[str, str]) -> list[object]:
    """Return the value of each repository in each case, or why it is unknown.

    The first file is the one that is named.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, "utf-8")
        found = harvest([str(Path(folder, next(iter(files))))], Context(account=OWNER, region="eu-west-1"))
    every: dict[str, object] = {one.resource: one.reason for one in found.unjudged}
    for one in found.policies:
        policies: list[Any] = [one.policy, *(other.policy for other in one.otherwise)]
        every[one.resource] = [shown(_value(policy)) for policy in policies]
    return [value for _, value in sorted(every.items(), key=lambda item: int(item[0].removeprefix("R")))]


def _value(policy: Any) -> object:  # noqa: ANN401 - any JSON
    return policy["Statement"][0]["Condition"]["StringEquals"].get("aws:username")
