"""What the gate is made of: the judgement and readers of text; no AWS, no network, nothing of the command line."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "rule" / "ecr_crossaccount"
FILES = sorted((ROOT / "gate").rglob("*.py"))
READERS = {"yaml", "tree_sitter", "tree_sitter_bash", "tree_sitter_hcl"}
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "subprocess", "webbrowser"}
ABOVE = {"cli", "config_rule", "automation", "audit"}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_is_below(file: Path) -> None:
    depth = len(file.relative_to(ROOT).parts) - 1
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            tops = {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            tops = {(node.module or "").partition(".")[0]}
        else:
            if isinstance(node, ast.ImportFrom) and node.level > depth:
                assert (node.module or "").partition(".")[0] not in ABOVE, node.lineno
            continue
        assert tops <= sys.stdlib_module_names | READERS, node.lineno
        assert not tops & NETWORK, node.lineno
