"""What expressions come to, as Terraform evaluates them: operators, templates, loops and functions, one case a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ecr_crossaccount import Hole
from ecr_crossaccount.gate.context import Context
from ecr_crossaccount.gate.hcl.evaluate import evaluate
from ecr_crossaccount.gate.hcl.folders import Folder
from ecr_crossaccount.gate.hcl.grammar import read_source
from ecr_crossaccount.gate.hcl.module import Module, World
from ecr_crossaccount.gate.hcl.scope import Budget
from ecr_crossaccount.gate.values.partial import Value, text_of

CASES: list[tuple[str, Any]] = [
    ("jsonencode(<<EOF\nhi\nEOF\n)", '"hi\\n"'),
    ('[<<-A\n  x\n   y\n  A\n, "z"]', ["x\n y\n", "z"]),
    (
        '{\n a = 1, b = 2\n c : 3,\n "d" = 4 # c\n // e\n (upper("e")) = 5\n 1 = 6\n}',
        {"a": 1, "b": 2, "c": 3, "d": 4, "E": 5, "1": 6},
    ),
    ("[\n 1, # one\n /* two */ 2,\n # last\n]", [1, 2]),
    ('[\n  for a in ["x", "y"] :\n  upper(a)\n  if a != "x"\n]', ["Y"]),
    ('{for a in ["x","y"]: a => a...}', {"x": ["x"], "y": ["y"]}),
    ('"${"nested ${1 + 1}"}"', "nested 2"),
    ('"a\\"b\\\\c\\n$${d} %%{e} $5 %5"', 'a"b\\c\n${d} %{e} $5 %5'),
    ('(\n true\n ? "a"\n : "b"\n)', "a"),
    ("false ? 1 : false ? 2 : true ? 3 : 4", 3),
    ("1 - 2 - 3", -4),
    ("2 * 3 + 4 % 3", 7),
    ("!true || true && !false", True),
    ("-(-3)", 3),
    ("[1,2,3][1]", 2),
    ("{a={b=[{c=9}]}}.a.b[0].c", 9),
    ('{a={b=[{c=9},{c=8}]}}["a"].b[*].c', [9, 8]),
    ("[{c=9}].*.c", [9]),
    ('join(",", [\n "a",\n "b",\n])', "a,b"),
    ("merge([{a=1},{b=2}]...)", {"a": 1, "b": 2}),
    ('"%{ for x in ["a","b"] ~} ${x}, %{ endfor ~} end"', "a, b, end"),
    ('"%{ if true }yes%{ else }no%{ endif }"', "yes"),
    ('<<EOT\n%{ for x in ["a","b"] ~}\n- ${x}\n%{ endfor ~}\nEOT\n', "- a\n- b\n"),
    ('<<-EOT\n    a\n      b ${"c"}\n\n    d\n  EOT\n', "a\n  b c\n\nd\n"),
    ("<<E-1\nx\nE-1\n", "x\n"),
    ("<<EOT\n  EOT2\n EOTX\nEOT\n", "  EOT2\n EOTX\n"),
    ('<<EOT\n"quoted" \\n \\" ${"x"}$${y}\nEOT\n', '"quoted" \\n \\" x${y}\n'),
    ("<<EOT\n# not\n// a\n/* comment */\nEOT\n", "# not\n// a\n/* comment */\n"),
    ('"é ${"ü"} 日本"', "é ü 日本"),
    ("null == null", True),
    ('"1" == 1', False),
    ('"a" != "b"', True),
    ("[] == []", True),
    ("1 == 1.0", True),
    ("0.5", 0.5),
    ("9" * 400, int("9" * 400)),
    ("9" * 401, Hole("…")),
    ('"${1.5}"', 1.5),
    ('"${true}x"', "truex"),
    ('"${1.5}x"', "1.5x"),
    ('format("%s-%03d %q %v%%", "a", 7, "x", true)', 'a-007 "x" true%'),
    ('formatlist("%s:%s", ["a","b"], "c")', ["a:c", "b:c"]),
    ('split(",", "a,b")', ["a", "b"]),
    ('replace("a.b.c", ".", "-")', "a-b-c"),
    ('replace("ab12", "/[0-9]+/", "x")', "abx"),
    ('replace("ab", "/(a)(b)/", "$2$1")', "ba"),
    ('regex("[a-z]+", "12ab")', "ab"),
    ('regexall("[a-z]", "1a2b")', ["a", "b"]),
    ('regex("^[[:digit:]]{3}$", "123")', "123"),
    ('can(regex("^[[:alpha:]_]+$", "a_1"))', False),
    ('can(regex("^a$", "a\\n"))', False),
    ('replace("a1", "/[[:digit:]]$/", "")', "a"),
    ('regex("(?P<n>[a-z])", "b")', {"n": "b"}),
    ('regex("^(a)(b)$","ab")', ["a", "b"]),
    ('element(["a","b","c"], 4)', "b"),
    ('slice(["a","b","c"],1,3)', ["b", "c"]),
    ('lookup({a=1},"b",2)', 2),
    ("keys({b=1,a=2})", ["a", "b"]),
    ("values({b=1,a=2})", [2, 1]),
    ('toset(["b","a","b"])', ["a", "b"]),
    ('setunion(["b"],["a"])', ["a", "b"]),
    ('setsubtract(["a","b"],["a"])', ["b"]),
    ('setintersection(["a","b"],["b"])', ["b"]),
    ('distinct(["b","a","b"])', ["b", "a"]),
    ('flatten([["a"],[["b"]],"c"])', ["a", "b", "c"]),
    ('compact(["a","",null])', ["a"]),
    ('coalesce("","b")', "b"),
    ('coalescelist([],["c"])', ["c"]),
    ('contains(["a"],"a")', True),
    ("range(3)", [0, 1, 2]),
    ("range(1,4)", [1, 2, 3]),
    ("range(4,1,-2)", [4, 2]),
    ('try({}.a,"d")', "d"),
    ("can({}.a)", False),
    ('can("a")', True),
    ('title("hello world")', "Hello World"),
    ('substr("hello",1,3)', "ell"),
    ('substr("hello",-3,-1)', "llo"),
    ('trimprefix("abc","a")', "bc"),
    ('trim("xxaxx","x")', "a"),
    ('chomp("a\\n")', "a"),
    ('indent(2,"a\\nb")', "a\n  b"),
    ('zipmap(["a"],[1])', {"a": 1}),
    ('transpose({a=["x"]})', {"x": ["a"]}),
    ("chunklist([1,2,3],2)", [[1, 2], [3]]),
    ('setproduct(["a"],["b","c"])', [["a", "b"], ["a", "c"]]),
    ('one(["a"])', "a"),
    ("sum([1,2])", 3),
    ("max(1,5,2)", 5),
    ("min([3,1]...)", 1),
    ('jsondecode("{\\"a\\": [1, null]}")', {"a": [1, None]}),
    ('base64decode("aGk=")', "hi"),
    ("tostring(5)", "5"),
    ('tonumber("5")', 5),
    ('tobool("true")', True),
    ('length("abc")', 3),
    ("length({a=1})", 1),
    ("reverse([1,2])", [2, 1]),
    ('sort(["b","a"])', ["a", "b"]),
    ('lower("A")', "a"),
    ('startswith("abc","ab")', True),
    ("anytrue([false,true])", True),
    ("alltrue([])", True),
    ("signum(-5)", -1),
    ('index(["a","b"],"b")', 1),
    ('matchkeys(["x","y"],["a","b"],["b"])', ["y"]),
    ('yamldecode("a: [b]")', {"a": ["b"]}),
    ('jsonencode({b=1,a=[true,null,"x"]})', '{"a":[true,null,"x"],"b":1}'),
    ('join("", [])', ""),
    ('concat([],["a"])', ["a"]),
    ('strcontains("abc","b")', True),
    ('"${[for x in [1]: x][0]}"', 1),
]
UNKNOWN = [
    "var.x",
    "local.y",
    "data.z.w.id",
    'md5("x")',
    "var.x ? 1 : 2",
    "[1, 2][var.x]",
    "length(var.x)",
    "lookup({ a = 1, b = 2 }, var.x)",
    'coalesce(var.x, "a")',
    "timestamp()",
    "provider::aws::arn_parse(var.x)",
    'try(regex("\\\\p{L}+", "x"), "else")',
    'try(regex("[[:^alpha:]]", "1"), "else")',
    'can(regex("(a+)+b", "x"))',
    'try(format("%300d", 1), "else")',
    'try(format("%U", 1), "else")',
    'try(1000000000 * 1000000000, "else")',
    'try(setproduct(range(500), range(500)), "else")',
]
FAILING = ["[1][3]", "{ a = 1 }.b", '1 + "x"', "null.a", 'regex("a", "b")', "element([], 0)", "1 / 0", "range(2000)"]


def module() -> Module:
    return Module(Folder("."), World(Context(), Budget(), ".", lambda *_: None), {})


def value_of(expression: str, end: str = "\n") -> Value:
    text = f"locals {{\n  x = {expression}\n}}\n".replace("\n", end)
    source = read_source(text, "main.tf")
    assert not source.faults
    return bare(evaluate(source.blocks[0].attributes["x"].expression, module().scope))


def bare(value: Value) -> Value:
    plain = text_of(value)
    if isinstance(plain, (list, tuple)):
        return [bare(one) for one in plain]
    if isinstance(plain, Mapping):
        return {name: bare(one) for name, one in plain.items()}
    return plain.replace("\r\n", "\n") if isinstance(plain, str) else plain


@pytest.mark.parametrize("expression, expected", CASES, ids=[text for text, _ in CASES])
def test_what_an_expression_comes_to(expression: str, expected: object) -> None:
    assert value_of(expression) == expected
    if "json" not in expression:
        assert value_of(expression, "\r\n") == expected


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_only_terraform_knows_is_a_hole(expression: str) -> None:
    assert isinstance(value_of(expression), Hole)


@pytest.mark.parametrize("expression", FAILING)
def test_where_terraform_fails_try_goes_on(expression: str) -> None:
    assert value_of(f'try({expression}, "else")') == "else"
    assert value_of(f"can({expression})") is False
    said = read_source(f"locals {{\n  x = {expression}\n}}\n", "main.tf").blocks[0].attributes["x"]
    assert isinstance(module().value(said), Hole)
