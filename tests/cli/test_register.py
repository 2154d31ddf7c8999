"""The trust register as people write it: by hand, in YAML, with YAML's pitfalls."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.products.cli.base.yaml_text import LIMITS, read_yaml
from ecr_crossaccount.products.cli.register import open_register
from ecr_crossaccount.sources.reading.yaml_events import BadYamlError

from tests.wording import sentence

from .conftest import NEIGHBOUR, OWNER, TODAY, Run, Write

GOOD = """\
version: 1
trust:
  - account: "222233334444"
    access: READ
    repositories: ["base/*"]
    reason: CI account pulls base images
    owner: platform@example.com
    expires: 2027-03-31
  - organization: self
"""


def problems_of(path: str) -> tuple[str, ...]:
    """Return the problems of the register at `path`."""
    with pytest.raises(InputError) as caught:
        open_register(path, TODAY)
    return caught.value.args


def test_yaml_and_json_say_the_same(write: Write) -> None:
    entry = {
        "account": "222233334444",
        "access": "READ",
        "repositories": ["base/*"],
        "reason": "CI account pulls base images",
        "owner": "platform@example.com",
        "expires": "2027-03-31",
    }
    register = {"version": 1, "trust": [entry, {"organization": "self"}]}
    expected = Trust.parse(register, today=TODAY)
    for name, text in {
        "a.yaml": GOOD,
        "b.json": json.dumps(register),
        "c.yml": json.dumps(register),
        "tabs": json.dumps(register, indent="\t"),
        "d.yaml": f"---\n# ours\n{GOOD}...\n",
    }.items():
        read = open_register(write(text, name), TODAY).trust
        assert (read.entries, read.today) == (expected.entries, TODAY), name


@pytest.mark.parametrize("account", ["012345678901", "222233334444", "000000000000", '"012345678901"'])
def test_an_account_number_is_what_was_written_not_octal(write: Write, account: str) -> None:
    trust = open_register(write(f"version: 1\ntrust:\n- account: {account}\n", "r.yaml"), TODAY).trust
    assert trust.entries[0].name == account.strip('"')


def test_a_day_is_a_day_with_and_without_quotes(write: Write) -> None:
    for day in ("2027-03-31", '"2027-03-31"'):
        trust = open_register(
            write(f"version: 1\ntrust:\n- {{organization: self, expires: {day}}}\n", "r.yaml"), TODAY
        ).trust
        assert trust.entries[0].expires == date(2027, 3, 31)


def test_a_problem_is_told_with_its_line(write: Write) -> None:
    path = write(GOOD.replace("access: READ", "access: read").replace("2027-03-31", "2027-02-30"), "r.yaml")
    assert problems_of(path) == (
        sentence("trust_entries.trust_access_read", path=path),
        sentence("trust_entries.trust_expires_not_day", path=path),
    )


def test_an_unknown_field_is_told_with_its_entry(write: Write) -> None:
    path = write(GOOD.replace("reason:", "raeson:"), "r.yaml")
    (problem,) = problems_of(path)
    assert problem.startswith(sentence("members.trust_unknown_field", path=path))


@pytest.mark.parametrize(
    "text, problem",
    [
        pytest.param("version: 1\nversion: 1\ntrust: []", "2:1: `version` appears twice", id="a repeated name"),
        pytest.param("a: &x [1]\nb: {<<: *x}", "", id="a merge key is a name like any other"),
        pytest.param("trust: [*x]", sentence("yaml_events.repeats_nothing_came_before"), id="an unknown alias"),
        pytest.param("trust: &x [*x]", sentence("yaml_events.inside_node_repeats_2"), id="an alias in itself"),
        pytest.param("a: &x b\n? *x\n: 1", sentence("yaml_text.alias_place_name"), id="an alias as a name"),
        pytest.param("? *x\n: 1", sentence("yaml_events.repeats_nothing_came"), id="an unknown alias as a name"),
        pytest.param("? {a: b}\n: 1", sentence("yaml_text.mapping_list_place"), id="a mapping as a name"),
        pytest.param("!!int 1: a", ":1:1: a tag, `tag:yaml.org,2002:int`", id="a tag of a name"),
        pytest.param("a: {b: !x {}}", ":1:8: a tag, `!x`", id="a tag of a mapping"),
        pytest.param("? [a]\n: 1", sentence("yaml_text.mapping_list_place_name"), id="a list as a name"),
        pytest.param("trust: !!python/object/apply:os.system [ls]", "a tag, `", id="an object of Python"),
        pytest.param("trust: !Ref x", "a tag, `!Ref`", id="an intrinsic"),
        pytest.param("version: 1\n---\nversion: 1", "a second document", id="two documents"),
        pytest.param("trust: [\n", ":2:1: not YAML: ", id="half a file"),
        pytest.param("trust:\n\t- a", "2:1: not YAML: ", id="a tab"),
        pytest.param("trust: \x07", "not YAML: ", id="a control character"),
        pytest.param("[" * 51 + "]" * 51, "nested more than 50 levels deep", id="nested too deeply"),
        pytest.param("\n", sentence("register.empty_expected_register"), id="empty"),
        pytest.param("# x", "$: expected a register", id="only a comment"),
        pytest.param(b"\xff\xfe\x00", "not text in UTF-16", id="binary"),
        pytest.param(b"#" * 4_200_000, "larger than 4 MB", id="huge"),
    ],
)
def test_a_register_that_cannot_be_used_says_where(write: Write, text: str | bytes, problem: str) -> None:
    path = write(text, "r.yaml")
    assert problem in problems_of(path)[0]
    assert path in problems_of(path)[0]


@pytest.mark.parametrize(
    "text, problem",
    [
        pytest.param("{", "not JSON at line 1 column 2", id="half a file"),
        pytest.param('{"version": 1, "version": 1}', sentence("json.version_appears_twice"), id="a repeated name"),
        pytest.param('{"version": NaN}', "`NaN` is not a JSON number", id="NaN"),
        pytest.param("[" * 100_000, "nested more than 200 levels deep", id="nested too deeply"),
        pytest.param("version: 1", "not JSON", id="YAML under the name of JSON"),
    ],
)
def test_a_json_register_that_cannot_be_used_says_why(write: Write, text: str, problem: str) -> None:
    path = write(text, "r.json")
    assert problems_of(path)[0].startswith(f"{path}: ")
    assert problem in problems_of(path)[0]


def test_aliases_that_explode_are_stopped() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(BadYamlError, match=f"more than {LIMITS.most:,} values"):
        read_yaml("\n".join(["l0: &l0 [x]", *levels]))


def test_every_value_has_its_place_by_its_path() -> None:
    read = read_yaml("a: &x {b: 1}\nc: [*x,\n 2]\n? d\n: []\n")
    assert read.places == {
        "": (1, 1),
        "a": (1, 1),
        "a.b": (1, 8),
        "c": (2, 1),
        "c[0]": (2, 5),
        "c[0].b": (1, 8),
        "c[1]": (3, 2),
        "d": (4, 3),
    }
    assert read_yaml("[[1]]").places == {"": (1, 1), "[0]": (1, 2), "[0][0]": (1, 3)}
    assert (read_yaml(" ").value, read_yaml(" ").places) == (None, {})


def test_aliases_that_do_not_are_read() -> None:
    assert read_yaml("a: &x {b: 1}\nc: *x\nd: &y text\ne: *y").value == {
        "a": {"b": 1},
        "c": {"b": 1},
        "d": "text",
        "e": "text",
    }


@pytest.mark.parametrize(
    "text, value",
    [
        ("yes", "yes"),
        ("off", "off"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("1.5", "1.5"),
        (".nan", ".nan"),
        ("010", "010"),
        ("-1", -1),
        ("0", 0),
        ("true", True),
        ("null", None),
        ("~", None),
        ('""', ""),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("2027-03-31", "2027-03-31"),
    ],
)
def test_only_null_truth_and_short_decimal_numbers_are_not_text(text: str, value: object) -> None:
    assert read_yaml(f"a: {text}").value == {"a": value}


def test_the_places_of_values() -> None:
    places = read_yaml("trust:\n  - account: x\n    repositories:\n      - a\n      - b\n").places
    assert places["trust[0]"] == (2, 5)
    assert places["trust[0].account"] == (2, 5)
    assert places["trust[0].repositories[1]"] == (5, 9)


def test_without_a_register_that_can_be_read_nothing_is_judged(run: Run, write: Write) -> None:
    result = run("judge", "--owner", OWNER, "--trust", "nowhere.yaml", write(NEIGHBOUR))
    assert result.status == 3
    assert result.err == sentence("register.cannot_read_trust")
    assert result.out == ""


def test_a_register_that_is_there_is_not_to_be_started(run: Run, write: Write, tmp_path: Path) -> None:
    result = run("judge", "--owner", OWNER, "--trust", str(tmp_path), write(NEIGHBOUR))
    assert (result.status, "starts one" in result.err) == (3, False)


def test_the_register_decides_the_verdict(run: Run, write: Write) -> None:
    policy, register = write(NEIGHBOUR), write(GOOD, "trust.yaml")
    assert run("judge", "--owner", OWNER, "--repository", "base/x", "--trust", register, policy).status == 0
    assert run("judge", "--owner", OWNER, "--repository", "team/x", "--trust", register, policy).status == 1
