"""Each function, operator and form of Terraform's language with each kind of value: what it comes to.

`make answers` records it. A call that fails in Terraform has no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

from ecr_crossaccount.sources.formats.hcl.evaluate import evaluate
from ecr_crossaccount.sources.formats.hcl.functions import on_known, on_parts
from ecr_crossaccount.sources.formats.hcl.grammar import read_source
from ecr_crossaccount.sources.formats.hcl.operators import FailedError

from tests.check.grids import write

from .test_expressions import module, shown

RECORDED = Path(__file__).with_name("every_form.json")

# What decides how a value is handled: its type, whether it is empty, known, known in part, and of a known length.
PLAIN = ("null", "true", "2", '"a-b"', '""', "[]", '["a", "a-b"]', "[[2]]", '{a-b = "a"}', '{a = ["c", "a"]}')
UNSURE = ("var.x", "var.x.a[0].b", '"${var.x}-b"', '["a", var.x]', 'concat(["a"], var.x)', "{a = var.x}")
VALUES = (*PLAIN, *UNSURE)
PAIRED = ("null", "2", '"a-b"', '["a", "a-b"]', '{a-b = "a"}', "var.x", '"${var.x}-b"', 'concat(["a"], var.x)')
OF_THREE = ("1", '"a-b"', '["a", "a-b"]', "var.x")

OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||")
FORMS = (
    "-({})",
    "!({})",
    '"${{{}}}"',
    '"<${{{}}}>"',
    "({})[*]",
    "({}).a",
    "({})[0]",
    "({})[-1]",
    '"%{{ if {} }}x%{{ else }}y%{{ endif }}"',
    '"%{{ for v in {} }}${{v}},%{{ endfor }}"',
    "[for v in {} : v]",
    "[for k, v in {} : k]",
    "{{for k, v in {} : k => v}}",
    "{{for v in {} : v => 1...}}",
    '[for v in {} : v if v != "a"]',
    '{{({}) = 1, b = 2}}["b"]',
    "can({})",
    "({})[{}]",
    '({} ? {} : "c")',
    "[for v in {} : v if {}]",
)


def forms() -> Iterator[str]:
    """Yield each form, with a pair of braces for each value that it takes."""
    yield from FORMS
    yield from (f"({{}}) {operator} ({{}})" for operator in OPERATORS)
    for name in sorted({*on_known(), *on_parts()}):
        yield from (f"{name}({', '.join(['{}'] * count)})" for count in (1, 2, 3))


def answers(form: str) -> Mapping[str, object]:
    """Return the result of the form for each value, without those that fail."""
    count = form.format(*["\0"] * 3).count("\0")
    chosen = (VALUES, PAIRED, OF_THREE)[count - 1]
    texts = [form.format(*given) for given in product(chosen, repeat=count)]
    lines = "\n".join(f"  x{at} = {text}" for at, text in enumerate(texts))
    source = read_source(f"locals {{\n{lines}\n}}\n", "main.tf")
    assert not source.faults, source.faults
    attributes = source.blocks[0].attributes
    found = {}
    for at, text in enumerate(texts):
        try:
            found[text] = shown(evaluate(attributes[f"x{at}"].expression, module().scope))
        except FailedError:
            continue
    return found


def record() -> None:
    """Write the answers of today."""
    write(RECORDED, ((form, answers(form)) for form in forms()))
