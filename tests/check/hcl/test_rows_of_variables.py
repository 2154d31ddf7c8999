"""Variables, sources and paths of modules, and the names in them, one case a row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.files.values.partial import Conditional, Distinct, Encoded, Placed, Prose, Value
from ecr_crossaccount.sources.formats.hcl import folders
from ecr_crossaccount.sources.formats.hcl.absent import is_about_ecr
from ecr_crossaccount.sources.formats.hcl.grammar import read_source
from ecr_crossaccount.sources.formats.hcl.module_sources import Installed
from ecr_crossaccount.sources.formats.hcl.variables import (
    World,
    allowed_values,
    convert,
    in_words,
    is_placeholder,
    is_switch,
    other_value,
)

from tests.wording import sentence

from .test_expressions import module, shown

X = Hole("x")
TYPES: list[tuple[Value, str, object]] = [
    (5, "string", "5"),
    (1.5, "string", "1.5"),
    (True, "string", "true"),
    (False, "string", "false"),
    ("a", "string", "a"),
    (Holed(("a", X)), "string", "a<x>"),
    (["a"], "string", ["a"]),
    *((None, kind, None) for kind in ("string", "number", "bool", "list(string)", "map(string)", "object({})")),
    (X, "bool", "<x>"),
    ("5", "number", 5),
    ("x", "number", "x"),
    ("true", "bool", True),
    ("false", "bool", False),
    ("x", "bool", "x"),
    (5, "any", 5),
    ([1, "a"], "list(string)", ["1", "a"]),
    (["b", 1, "b"], "set(string)", ["1", "b"]),
    (Conditional(5, X), "string", "5?"),
    ([Conditional(5, X)], "list(string)", ["5?"]),
    ({"a": 1}, "list(string)", {"a": 1}),
    ({"a": 1}, "map(string)", {"a": "1"}),
    ([1], "map(string)", [1]),
    ([1], "tuple([string])", [1]),
    (5, "optional(string)", "5"),
    ({"a": 1, "b": 2}, "object({a = string})", {"a": "1"}),
    ({"a": 1}, 'object({"a" = string})', {"a": "1"}),
    ({}, "object({a = string})", {}),
    ({"a": None}, "object({a = string})", {"a": None}),
    ({}, "object({a = optional(string)})", {"a": None}),
    ({}, "object({a = optional(string, 5)})", {"a": "5"}),
    ({"a": None}, "object({a = optional(string, 5)})", {"a": "5"}),
    ({"a": 6}, "object({a = optional(string, 5)})", {"a": "6"}),
    ({}, "object({a = list(string)})", {}),
    ({"a": [1]}, "object({a = optional(list(string), [])})", {"a": ["1"]}),
    ([{"a": 1}], "list(object({a = string}))", [{"a": "1"}]),
    ([1], "object({a = string})", [1]),
    ({"a": 1}, "object(string)", {"a": 1}),
    (5, "string(any)", 5),
]


@pytest.mark.parametrize("value, kind, expected", TYPES, ids=range(len(TYPES)))
def test_a_value_of_a_type(value: Value, kind: str, expected: object) -> None:
    said = read_source(f'variable "v" {{\n  type = {kind}\n}}\n', "main.tf").blocks[0].attributes["type"]
    assert shown(convert(value, said, module().scope)) == expected
    assert convert(value, None, module().scope) is value


def test_what_a_type_keeps() -> None:
    def said(kind: str, value: Value) -> Value:
        block = read_source(f'variable "v" {{\n  type = {kind}\n}}\n', "main.tf").blocks[0]
        return convert(value, block.attributes["type"], module().scope)

    text, at = Prose((("a", Place("a.tf", 1, 1)),)), Place("a.tf", 2, 1)
    assert said("string", text) is text
    assert said("string", encoded := Encoded({})) is encoded
    assert isinstance(said("set(string)", ["a"]), Distinct)
    assert not isinstance(said("list(string)", ["a"]), Distinct)
    for kind in ("map(string)", "object({a = string})"):
        found = said(kind, Placed({"a": "b"}, at))
        assert isinstance(found, Placed)
        assert found.at == at


DEFAULTS: list[tuple[Value, bool, Value]] = [
    (None, True, None),
    ("", True, None),
    ([], True, None),
    ({}, True, None),
    ([None, ""], True, None),
    (["", "a"], False, None),
    ("a", False, None),
    ({"a": ""}, False, None),
    (0, False, None),
    (Prose((("", None),)), True, None),
    (True, False, False),
    (False, False, True),
    ("true", False, "false"),
    ("false", False, "true"),
    (1, False, None),
    ("True", False, None),
    (Prose((("true", None),)), False, "false"),
]
"""A default, whether it is a placeholder, and the other value of a switch."""


@pytest.mark.parametrize("default, is_empty, other", DEFAULTS, ids=range(len(DEFAULTS)))
def test_what_a_default_says(default: Value, is_empty: object, other: Value) -> None:
    assert is_placeholder(default) == is_empty
    assert is_switch(default) == (other is not None)
    assert other_value("v", default) == (Hole("var.v") if other is None else other)


VALIDATIONS: list[tuple[str, list[str]]] = [
    ('contains(["a", "b"], var.v)', ["a", "b"]),
    ('contains(["a", ""], var.v)', ["a", ""]),
    ("contains([], var.v)", []),
    ('contains(["a", 1], var.v)', []),
    ('contains(["a", "${var.w}"], var.v)', []),
    ('contains(["a", "b"], var.w)', []),
    ('contains(["a", "b"], local.v)', []),
    ('contains(["a", "b"], var.v.w)', []),
    ('contains(["a", "b"], lower(var.v))', []),
    ('contains(var.w, "a")', []),
    ('contains(["a"], var.v, 1)', []),
    ('index(["a", "b"], var.v)', []),
    ('!contains(["a"], var.v)', []),
    ('"${contains(["a"], var.v)}"', ["a"]),
    ('"x${contains(["a"], var.v)}"', []),
]


@pytest.mark.parametrize("condition, expected", VALIDATIONS)
def test_the_values_that_a_validation_lists(condition: str, expected: list[str]) -> None:
    first = "  validation {\n    error_message = 1\n  }\n  validation {\n    condition = true\n  }\n"
    text = f'variable "v" {{\n{first}  validation {{\n    condition = {condition}\n  }}\n}}\n'
    assert allowed_values(read_source(text, "main.tf").blocks[0]) == expected


WORLDS: list[tuple[World, str, dict[str, str | None]]] = [
    (World(), "", {}),
    (World({"a": "x"}), "`a` is `x`", {"a": "x"}),
    (World({"a": True}), "`a` is `true`", {"a": "true"}),
    (World({"a": Hole("var.a")}), "`a` is not left at its default", {"a": None}),
    (
        World({"b": Hole("var.b"), "a": Hole("var.a"), "c": 1}),
        sentence("variables.not_left_default"),
        {"b": None, "a": None, "c": "1"},
    ),
    (World({}, {"f": {"a": "x"}}), "`f` is given", {"a": "x"}),
    (World({"a": "y", "b": "z"}, {"f": {"a": "x"}}), "`b` is `z` and `f` is given", {"a": "x", "b": "z"}),
    (
        World({"a": "y"}, {}, ("m",)),
        sentence("hcl.passes_more_inputs"),
        {"a": "y", "m": None},
    ),
]


@pytest.mark.parametrize("world, words, assumed", WORLDS, ids=range(len(WORLDS)))
def test_the_words_for_assumptions(world: World, words: str, assumed: dict[str, str | None]) -> None:
    assert (world.words, world.assumed) == (words, assumed)
    known = frozenset((name, text, True) for name, text in assumed.items() if text is not None)
    assert world.ways == ((known,) if known else ())


def test_the_assumptions_about_some_variables() -> None:
    world = World({"a": "1", "b": "2"}, {"f": {"a": "3", "c": "4"}, "g": {"b": "5"}}, ("m",))
    assert world.restrict({"a"}) == World({"a": "1"}, {"f": {"a": "3", "c": "4"}}, ("m",))
    assert world.restrict({"c"}) == World({}, {"f": {"a": "3", "c": "4"}}, ("m",))
    assert world.having({"b": "9"}).values == {"a": "1", "b": "9"}
    assert world.with_file("h", {"a": "6"}).everything == {"a": "6", "b": "5", "c": "4"}


def test_at_most_four_variables_are_named() -> None:
    assert in_words("abcd") == "`a`, `b`, `c`, `d`"
    assert in_words("abcde") == "`a`, `b`, `c`, `d` and 1 more"


# --- paths ---

TREE = ("a.json", "b.json", "b.txt", "d/c.json", "d/e/f.json")
PATTERNS: list[tuple[str, list[str] | None]] = [
    ("*.json", ["a.json", "b.json"]),
    ("?.json", ["a.json", "b.json"]),
    ("**/*.json", ["a.json", "b.json", "d/c.json", "d/e/f.json"]),
    ("d/*.json", ["d/c.json"]),
    ("{b,a}.json", ["a.json", "b.json"]),
    ("b.{json,txt}", ["b.json", "b.txt"]),
    ("{a,b}.{json,txt}", ["a.json", "b.json", "b.txt"]),
    ("{a,a}.json", ["a.json"]),
    ("none", []),
    ("../*.json", None),
    ("/*.json", None),
    ("{a,/b}.json", None),
    ("[ab].json", None),
    ("a b", None),
    ("", None),
    (f"{{{'x,' * 31}x}}", []),
    (f"{{{'x,' * 32}x}}", None),
]


@pytest.mark.parametrize("pattern, expected", PATTERNS)
def test_the_files_that_match_a_pattern(tmp_path: Path, pattern: str, expected: list[str] | None) -> None:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = folders.matching(str(tmp_path), pattern)
    assert found == expected


@pytest.mark.parametrize("number, is_known", [(500, True), (501, False)])
def test_files_that_are_too_many_for_a_pattern(tmp_path: Path, number: int, is_known: object) -> None:
    for name in range(number):
        (tmp_path / f"{name}.json").touch()
    found = folders.matching(str(tmp_path), "*.json")
    assert (found is not None and len(found) == number) == is_known


def test_what_is_inside_a_folder(tmp_path: Path) -> None:
    for name in ("a/b", "ab"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "link").symlink_to(tmp_path / "ab")
    names = ("a", "a/b", "ab", "a/link")
    inside = {name: folders.is_inside(str(tmp_path / name), str(tmp_path / "a")) for name in names}
    assert inside == {"a": True, "a/b": True, "ab": False, "a/link": False}
    assert (folders.listing_fault(str(tmp_path)), folders.listing_fault(str(tmp_path / "none"))) == (None, None)
    (tmp_path / "file").touch()
    assert (folders.listing_fault(str(tmp_path / "file")), folders.listing(str(tmp_path / "file"))) == (None, ())
    assert (folders.normal(""), folders.normal("a//b/")) == (".", "a/b")


# --- modules ---

ROW = {"Key": "m", "Dir": ".terraform/modules/m", "Source": "registry.terraform.io/o/n/aws", "Version": "1.2.3"}
INSTALLED: list[tuple[dict[str, object], str, str, str | None, bool]] = [
    ({}, "module.m.", "o/n/aws", None, True),
    ({}, "module.m.", "o/n/aws", "1.2.3", True),
    ({}, "module.m.", "o/n/aws", "~> 1.0", True),
    ({}, "module.m.", "o/n/aws", "~> 2.0", False),
    ({}, "module.m.", "o/other/aws", None, False),
    ({}, 'module.m["a.b"].', "o/n/aws", None, True),
    ({}, "module.m[0].", "o/n/aws", None, True),
    ({}, "module.n.", "o/n/aws", None, False),
    ({"Version": None}, "module.m.", "o/n/aws", "~> 2.0", True),
    ({"Version": "1.2"}, "module.m.", "o/n/aws", "~> 2.0", True),
    ({"Version": "1.2.3-beta"}, "module.m.", "o/n/aws", "~> 2.0", True),
    ({"Source": None}, "module.m.", "o/n/aws", None, True),
    ({"Source": "./x"}, "module.m.", "./x", None, True),
    ({"Source": "./x"}, "module.m.", "./y", None, False),
    ({"Dir": None}, "module.m.", "o/n/aws", None, False),
    ({"Dir": ".terraform/modules/none"}, "module.m.", "o/n/aws", None, False),
    ({"Dir": "elsewhere"}, "module.m.", "o/n/aws", None, False),
    ({"Key": ""}, "", "o/n/aws", None, False),
    ({"Key": "m.n"}, 'module.m["x"].module.n.', "o/n/aws", None, True),
]


@pytest.mark.parametrize("row, address, source, version, is_there", INSTALLED, ids=range(len(INSTALLED)))
def test_an_installed_module(  # noqa: PLR0913, PLR0917 - the columns of a row
    tmp_path: Path, row: dict[str, object], address: str, source: str, version: str | None, is_there: object
) -> None:
    folder = tmp_path / ".terraform" / "modules"
    (folder / "m").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (folder / "modules.json").write_text(json.dumps({"Modules": [5, {**ROW, **row}]}), encoding="utf-8")
    found = Installed(str(tmp_path)).path_of(address, source, version)
    assert found == (str(folder / "m") if is_there else None)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Modules": 5}', '{"Modules": {}}'])
def test_a_list_of_modules_in_another_form(tmp_path: Path, text: str) -> None:
    folder = tmp_path / ".terraform" / "modules"
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text(text, encoding="utf-8")
    assert Installed(str(tmp_path)).path_of("module.m.", "o/n/aws", None) is None


@pytest.mark.parametrize(
    "name, expected",
    [
        ("ecr", True), ("my-ecr", True), ("ECR", True), ("ecrRepos", True), ("myEcr", True), ("MYECR", True),
        ("secrets", False), ("decree", False), ("", False), ("e-cr", False),
    ],
)  # fmt: skip
def test_names_about_ecr(name: str, expected: object) -> None:
    assert is_about_ecr(name) == expected
    assert is_about_ecr("other", name) == expected
