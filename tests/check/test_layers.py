"""`check` depends on the judgement and readers of text, and not on AWS, a network or the command line."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "rule" / "ecr_crossaccount"
FILES = sorted(
    path for part in ("files", "found", "formats", "check") for path in (ROOT / "sources" / part).rglob("*.py")
)
READERS = {"yaml", "tree_sitter", "tree_sitter_bash", "tree_sitter_hcl"}
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "subprocess", "webbrowser"}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_is_below(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            tops = {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            tops = {(node.module or "").partition(".")[0]}
        else:
            continue
        assert tops <= sys.stdlib_module_names | READERS, node.lineno
        assert not tops & NETWORK, node.lineno


OF_FORMATS = ROOT / "sources" / "formats"
SHARED = {"aws_provider"}
FORMATS = {path.name for path in OF_FORMATS.iterdir() if (path / "__init__.py").exists()} - SHARED
REASONS = {
    ("aws_provider", "cloudformation"): "`aws_cloudformation_stack` holds a template",
    ("terragrunt", "hcl"): "its language is HCL, and a unit calls a module of Terraform's",
}
"""What one format imports from another, and why."""


def packages_in_formats(file: Path) -> set[str]:
    """Return the packages and modules of formats/ that a module in one of its packages imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == len(file.relative_to(OF_FORMATS).parts):
            found |= {node.module.partition(".")[0]} if node.module else {name.name for name in node.names}
    return found


@pytest.mark.parametrize("package", sorted(FORMATS | SHARED))
def test_no_format_looks_into_another_one_without_a_reason(package: str) -> None:
    others = set().union(*(packages_in_formats(file) for file in (OF_FORMATS / package).rglob("*.py")))
    assert (others & FORMATS) - {package} == {to for of, to in REASONS if of == package}
