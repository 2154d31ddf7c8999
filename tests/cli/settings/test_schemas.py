"""The JSON schemas accept exactly what the readers accept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.errors import TrustError
from ecr_crossaccount.products.cli import config
from ecr_crossaccount.products.cli.settings import keys
from ecr_crossaccount.products.cli.settings.values import BadValueError, Base
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Run

OWNER = "111122223333"
REGISTER = jsonschema.Draft202012Validator(
    config.register_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
SETTINGS = jsonschema.Draft202012Validator(config.settings_schema())


def accepts(register: object) -> bool:
    try:
        Trust.parse(register)
    except TrustError:
        return False
    return True


def of(**entry: object) -> dict[str, object]:
    return {"version": 1, "trust": [entry]}


NO_ENTRIES: list[object] = [None, "x", [], {}, {"reason": "x"}]
SUBJECTS: dict[str, tuple[str, list[object]]] = {
    "account": (OWNER, ["1", "11112222333a", 111122223333, None, "*", ""]),
    "organization": ("o-a1b2c3d4e5", ["self ", "o-A1b2c3d4e5", "o-1", None, True]),
    "organization_path": ("o-a1b2c3d4e5/r-ab12/*", ["o-a1b2c3d4e5", "r-ab12/*", "o-a1b2c3d4e5/R", None]),
    "service": ("lambda.amazonaws.com", ["lambda", "*.amazonaws.com", "Lambda.amazonaws.com", ".com", None]),
    "vpc": ("vpc-0123456789abcdef0", ["vpc-", "VPC-1", "vpce-1", None]),
    "vpc_endpoint": ("vpce-0123456789abcdef0", ["vpc-1", "vpce-", None]),
}
FIELDS: dict[str, tuple[list[object], list[object]]] = {
    "access": (["READ", "WRITE", "ADMIN"], ["read", "", None, ["READ"], "ALL"]),
    "repositories": (["base/*", ["a", "b?"]], [[], "", ["A"], [1], None, {}, "a" * 257, [""]]),
    "reason": (["why", "", None], [1, [], True]),
    "owner": (["who", None], [1, {}]),
    "expires": (
        ["2027-03-31", None],
        ["2027-02-30", "2027-3-1", "31.03.2027", "0000-01-01", "", 20270331, "2027-13-01"],
    ),
    "until": ([], ["2027-03-31"]),
}


def good() -> Iterator[object]:
    yield {"version": 1, "trust": []}
    for subject, (name, _) in SUBJECTS.items():
        yield of(**{subject: name})
    yield of(organization="self")
    for field, (values, _) in FIELDS.items():
        for value in values:
            yield of(account=OWNER, **{field: value})


def bad() -> Iterator[object]:
    yield from (
        None,
        [],
        "x",
        {},
        {"version": 1},
        {"trust": []},
        {"version": 1, "trust": {}},
        {"version": 1, "trust": "x"},
    )
    yield from ({"version": version, "trust": []} for version in (2, "1", None, True, [1]))
    yield {"version": 1, "trust": [], "more": 1}
    yield from ({"version": 1, "trust": [entry]} for entry in NO_ENTRIES)
    yield of(account=OWNER, service="lambda.amazonaws.com")
    for subject, (_, names) in SUBJECTS.items():
        yield from (of(**{subject: name}) for name in names)
    for field, (_, values) in FIELDS.items():
        yield from (of(account=OWNER, **{field: value}) for value in values)


@pytest.mark.parametrize("register", list(good()), ids=json.dumps)
def test_a_register_that_is_read_is_valid(register: object) -> None:
    assert (accepts(register), REGISTER.is_valid(register)) == (True, True)


@pytest.mark.parametrize("register", list(bad()), ids=json.dumps)
def test_a_register_that_is_refused_is_invalid(register: object) -> None:
    assert (accepts(register), REGISTER.is_valid(register)) == (False, False)


NAMES = st.sampled_from([*SUBJECTS, *FIELDS, "version", "trust"])
VALUES = st.one_of(
    st.sampled_from([one for name, others in SUBJECTS.values() for one in (name, *others)]),
    st.sampled_from([one for values, others in FIELDS.values() for one in (*values, *others)]),
    st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=14),
    st.integers(),
    st.none(),
    st.booleans(),
)


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=3), st.sampled_from([1, 1, 1, 2, "1"]))
def test_reader_and_schema_agree_on_any_register(entries: list[dict[str, object]], version: object) -> None:
    register = {"version": version, "trust": entries}
    assert REGISTER.is_valid(register) == accepts(register)


def is_read(name: str, value: object) -> bool:
    try:
        keys.BY_NAME[name].shape.read(value, Base("", ""))
    except BadValueError:
        return False
    return True


SAMPLES: list[object] = [
    None, True, False, 0, 1, -1, 30, 99999, "", "-", "x", "LOW", "high", "High", "true", "30d", "4w", "5m", OWNER, "12",
    "o-a1b2c3d4e5", "V1", "v2", "eu-west-1", "Europe", "aws-cn", "AWS", "!x", "/", "//", ".", "./", "a/", "a/**/b", "[",
    "*", "!", "a\\b", " ", [], ["x"], ["-"], [""], ["eu-west-1", "us-east-1"], ["!x"], [1],
    [None], [["x"]], {}, {"x": "y"}, {"x": OWNER}, {"": OWNER}, {"!x": OWNER}, {"/": OWNER}, {"x": 1},
    {"x": True}, {"x": None}, {"x": []}, {"x": {}},
    "a" * 1000, "a" * 1001, "a" * 10_001, ["x"] * 1001, {str(number): OWNER for number in range(1001)},
]  # fmt: skip


@pytest.mark.parametrize("name", keys.BY_NAME)
def test_reader_and_schema_agree_on_every_setting(name: str) -> None:
    differing = [value for value in SAMPLES if SETTINGS.is_valid({name: value}) != is_read(name, value)]
    assert differing == []


@pytest.mark.parametrize("name", keys.BY_NAME)
def test_both_accept_something_and_refuse_something(name: str) -> None:
    assert {is_read(name, value) for value in SAMPLES} == {True, False}


ANY = st.recursive(
    st.one_of(st.sampled_from([one for one in SAMPLES if not isinstance(one, (list, dict))]), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=5,
)


@given(st.sampled_from(list(keys.BY_NAME)), ANY)
def test_reader_and_schema_agree_on_any_value(name: str, value: object) -> None:
    if not _ends_with_a_line_break(value):
        assert SETTINGS.is_valid({name: value}) == is_read(name, value)


def _ends_with_a_line_break(value: object) -> bool:
    """Return whether Python's `$`, which also matches before a final line break, would differ from a schema's."""
    return "\\n" in json.dumps(value) or "\\u0000" in json.dumps(value)


def test_an_unknown_setting_is_invalid() -> None:
    assert not SETTINGS.is_valid({"fail_on": "LOW"})
    assert SETTINGS.is_valid({})
    assert SETTINGS.is_valid(None)


@pytest.mark.parametrize("name", ["settings", "trust"])
def test_what_is_shipped_and_printed_is_what_the_tables_say(name: str, run: Run) -> None:
    shipped = files("ecr_crossaccount.products.cli.settings") / "schemas" / f"{name}.schema.json"
    assert shipped.read_text(encoding="utf-8") == config.schema_of(name), "run `make schemas`"
    done = run("config", "schema", name)
    assert (done.status, done.out) == (0, config.schema_of(name))
    jsonschema.Draft202012Validator.check_schema(done.json)


def test_every_key_is_explained_in_the_schemas() -> None:
    whole: Any = (config.settings_schema(), config.register_schema())
    fields = {**whole[0]["properties"], **whole[1]["properties"]["trust"]["items"]["properties"]}
    assert [name for name, one in fields.items() if not one.get("description")] == []
