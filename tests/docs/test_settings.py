"""The page about settings names every setting in the command's table."""

from __future__ import annotations

import re

import pytest
from ecr_crossaccount.products.cli.settings.keys import KEYS, Key
from ecr_crossaccount.products.cli.settings.values import Base

from tests.docs.markdown import page

PAGE = page("docs/settings.md")
ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
    for line in PAGE.path.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
    for cells in [line.strip("| ").split(" | ")]
}


def test_every_key_has_a_row_and_every_row_is_a_key() -> None:
    assert list(ROWS) == [key.name for key in KEYS]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_row_names_the_variable_and_the_commands(key: Key) -> None:
    _, commands = ROWS[key.name]
    assert key.variable == f"ECR_CROSSACCOUNT_{key.name.upper().replace('-', '_')}"
    named = {name.strip("` ") for name in commands.split(",")}
    own = {name if not name.startswith("trust ") or key.name == "expiring" else "trust" for name in key.options}
    assert named == own


def test_the_list_of_what_loosens_is_whole() -> None:
    (line,) = re.findall(r"that can reduce the findings: (.*?) if true", PAGE.path.read_text(encoding="utf-8"))
    listed = set(re.findall(r"`([^`]+)`", line))
    sample = {"fail-on": "HIGH", "trust": "x.yaml", "count-rcps": True, "blank-is-none": True}
    assert listed == {key.name for key in KEYS if key.loosens(sample.get(key.name, key.default))}


def test_the_examples_are_settings() -> None:
    import tomllib

    import yaml

    blocks = [yaml.safe_load(block.text) for block in PAGE.blocks("yaml")]
    blocks += [tomllib.loads(block.text)["tool"]["ecr-crossaccount"] for block in PAGE.blocks("toml")]
    names = {key.name: key for key in KEYS}
    assert len(blocks) == 4
    for block in blocks:
        for name, value in block.items():
            names[name].shape.read(value, Base("", ""))
