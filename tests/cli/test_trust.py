"""`trust`: maintains the register, and keeps everything that its authors wrote in it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.register import open_register
from hypothesis import given
from hypothesis import strategies as some

from tests.wording import sentence

from .conftest import NEIGHBOUR, OWNER, TODAY, Run, Write

REGISTER = """\
# who may pull, and why
version: 1

trust:
  - account: "222233334444"
    access:   READ                 # READ is the default
    repositories: ["base/*", 'x']
    reason: >-
      the CI account
      pulls
    owner: platform@example.com
    expires: 2026-07-15
    # (asked for in June)
  - organization: self
    reason: all of us
    owner: platform@example.com

# the end
"""
ENTRY = ("--account", "333344445555", "--reason", "the partner builds on our images", "--expires", "2027-03-31")
ADDED = """\
  - account: "333344445555"
    access: READ
    reason: "the partner builds on our images"
    expires: 2027-03-31
"""


def test_lint_has_nothing_to_say_of_a_good_register(run: Run, write: Write) -> None:
    path = write(REGISTER, "trust.yaml")
    result = run("trust", "lint", path)
    assert (result.status, result.out) == (0, f"{path}: 2 entries, 0 remarks\n")


def test_lint_takes_several_as_a_hook_hands_them_over(run: Run, write: Write) -> None:
    good, bad = write(REGISTER, "trust.yaml"), write("version: 1\ntrust:\n  - account: 42\n", "bad.yaml")
    bare = write("version: 1\ntrust:\n  - organization: self\n", "bare.yaml")
    told = run("trust", "lint", good, bad, bare)
    assert told.status == 3
    assert told.out.startswith(f"{good}: 2 entries, 0 remarks\n{bare}:3:5: ")
    assert told.err.startswith(f"ecr-crossaccount: {bad}:3:5: trust[0].account: ")
    assert run("trust", "lint", good, bare).status == 1
    assert run("trust", "lint", good, good).status == 0
    several = run("trust", "lint", "--format", "json", good, bare)
    assert (several.status, several.out) == (3, "")
    assert sentence("trust.format_json_covers") in several.err


@pytest.mark.parametrize(
    "entry, remarks",
    [
        pytest.param("account: '222233334444'", ["has no `reason`", "has no `owner`", "has no `expires`"], id="bare"),
        pytest.param("organization: self\n    reason: ' '\n    owner: us", ["has no `reason`"], id="an empty reason"),
        pytest.param(
            "account: '222233334444'\n    reason: a\n    owner: us\n    expires: 2026-06-29",
            ["trusts nobody since `2026-06-29`"],
            id="expired",
        ),
        pytest.param(
            "account: '222233334444'\n    reason: a\n    owner: us\n    expires: 2026-06-30", [], id="its last day"
        ),
    ],
)
def test_lint_says_what_is_missing_and_where(run: Run, write: Write, entry: str, remarks: list[str]) -> None:
    path = write(f"version: 1\ntrust:\n  - {entry}\n", "trust.yaml")
    result = run("trust", "lint", path)
    lines = result.out.splitlines()[:-1]
    assert len(lines) == len(remarks)
    for line, remark in zip(lines, remarks, strict=True):
        assert line.startswith(f"{path}:")
        assert remark in line
    assert result.status == (1 if remarks else 0)


WRITTEN_FOR_NOW = (
    *("WHY", "WHOM-TO-ASK@example.com", "TODO", "todo", " TBD. ", "<FIXME>", "xxx", "n/a"),
    *("-", ".", "...", "?", "_", "TODO:"),
)


@pytest.mark.parametrize("field, wanted", [("reason", "say what the access is for"), ("owner", "name a person to ask")])
@pytest.mark.parametrize("text", WRITTEN_FOR_NOW)
def test_lint_finds_what_stands_there_until_somebody_fills_it_in(
    run: Run, write: Write, field: str, wanted: str, text: str
) -> None:
    entry = {"account": "222233334444", "reason": "a", "owner": "us", "expires": "2027-03-31", field: text}
    path = write({"version": 1, "trust": [entry]}, "trust.json")
    result = run("trust", "lint", path)
    assert result.status == 1
    assert f"trust[0].{field}: `{text.strip()}` is a placeholder: {wanted}" in result.out
    (remark,) = run("trust", "lint", "--format", "json", path).json["remarks"]
    assert remark["at"] == f"trust[0].{field}"


@pytest.mark.parametrize(
    "text",
    [
        "the TODO service pulls",
        "why not",
        "TBD-1234",
        "xxxl images",
        "tbd@corp.example",
        "開発",
        "#42",
        "platform@example.com",
    ],
)
def test_lint_takes_a_text_that_says_something(run: Run, write: Write, text: str) -> None:
    entry = {"account": "222233334444", "reason": text, "owner": text, "expires": "2027-03-31"}
    assert run("trust", "lint", write({"version": 1, "trust": [entry]}, "trust.json")).status == 0


def test_who_judges_with_a_register_that_is_not_filled_in_is_told(run: Run, write: Write) -> None:
    entry = {"account": "222233334444", "reason": "WHY", "owner": "TODO"}
    path = write({"version": 1, "trust": [entry, {**entry, "account": "333344445555"}]}, "trust.json")
    result = run("judge", "--owner", OWNER, "--trust", path, write(NEIGHBOUR))
    assert result.status == 0
    assert result.err == sentence("register.note_trust_reason", path=path)


@pytest.mark.parametrize(
    "change, superfluous",
    [
        ({}, "the later"),
        ({"expires": "2026-12-30"}, "the changed"),
        ({"expires": "2027-01-01"}, "the other"),
        ({"access": "READ"}, "the changed"),
        ({"access": "ADMIN"}, "the other"),
        ({"repositories": ["a"]}, "the changed"),
        ({"repositories": ["a", "b"]}, "neither"),
        ({"repositories": ["*"]}, "the other"),
        ({"account": "333344445555"}, "neither"),
        ({"role": "ci/*"}, "the changed"),
    ],
)
def test_lint_finds_entries_that_say_nothing_new(
    run: Run, write: Write, change: dict[str, object], superfluous: str
) -> None:
    entry = {
        "account": "222233334444",
        "access": "WRITE",
        "repositories": ["a", "c/*"],
        "reason": "a",
        "owner": "us",
        "expires": "2026-12-31",
    }
    for changed in (0, 1):
        entries: list[dict[str, object]] = [dict(entry), dict(entry)]
        entries[changed] |= change
        result = run("trust", "lint", "--format", "json", write({"version": 1, "trust": entries}, "trust.json"))
        told = [(one["at"], one["reason"]) for one in result.json["remarks"]]
        which = {"the later": 1, "the changed": changed, "the other": 1 - changed}.get(superfluous)
        expected = sentence("register.trusts_only_principals", value=1 - (which or 0))
        assert told == ([] if which is None else [(f"trust[{which}]", expected)])


def test_an_entry_that_covers_members_says_more_than_one_that_does_not(run: Run, write: Write) -> None:
    plain = {"organization": "self", "reason": "a", "owner": "us"}
    register = {"version": 1, "trust": [plain, plain | {"members": True}]}
    told = run("trust", "lint", "--format", "json", write(register, "trust.json")).json["remarks"]
    assert [(one["at"], one["reason"]) for one in told] == [
        ("trust[0]", sentence("register.trusts_only_principals_trust"))
    ]


def test_lint_of_a_register_that_cannot_be_read_is_3_and_names_entry_and_field(run: Run, write: Write) -> None:
    path = write(REGISTER.replace("2026-07-15", "soon"), "trust.yaml")
    result = run("trust", "lint", path)
    assert result.status == 3
    assert result.err.startswith(sentence("trust_entries.trust_expires_soon", path=path))


def test_lint_as_json_has_the_places(run: Run, write: Write) -> None:
    path = write("version: 1\ntrust:\n  - organization: self\n    reason: us\n", "trust.yaml")
    (remark,) = run("trust", "lint", "--format", "json", path).json["remarks"]
    assert (remark["at"], remark["line"], remark["column"]) == ("trust[0]", 3, 5)


@pytest.mark.parametrize(
    "within, status, lines",
    [
        (("--within", "14d"), 0, 0),
        (("--within", "15d"), 1, 1),
        (("--within", "3w"), 1, 1),
        (("--within", "2026-07-14"), 0, 0),
        (("--within", "2026-07-15"), 1, 1),
        ((), 1, 1),
    ],
)
def test_expiring(run: Run, write: Write, within: tuple[str, ...], status: int, lines: int) -> None:
    path = write(REGISTER, "trust.yaml")
    result = run("trust", "expiring", path, *within)
    assert result.status == status
    *told, summary = result.out.splitlines()
    assert len(told) == lines
    assert summary.startswith(f"{path}: {lines} of 2 entries {'ends' if lines == 1 else 'end'} within ")
    for line in told:
        assert line == (
            "2026-07-15  account 222233334444 READ base/*, x: the CI account pulls"
            f" (ask platform@example.com)  {path}:5:5"
        )


def test_what_has_ended_already_is_counted_beside_what_ends_soon(run: Run, write: Write) -> None:
    entry = {"account": "222233334444", "expires": "2026-06-29"}
    path = write({"version": 1, "trust": [entry]}, "trust.json")
    result = run("trust", "expiring", path)
    assert result.out.endswith(
        f"within 30 days, by 2026-07-30; 1 ended before today: `ecr-crossaccount trust lint {path}` lists them\n"
    )
    assert result.status == 0


def test_expiring_as_json(run: Run, write: Write) -> None:
    path = write(REGISTER, "trust.yaml")
    answer = run("trust", "expiring", path, "--format", "json").json
    assert (answer["within"], answer["until"]) == (30, "2026-07-30")
    assert answer["expiring"] == [
        {
            "account": "222233334444",
            "access": "READ",
            "repositories": ["base/*", "x"],
            "reason": "the CI account pulls",
            "owner": "platform@example.com",
            "expires": "2026-07-15",
            "line": 5,
            "column": 5,
        }
    ]


def test_the_soonest_comes_first(run: Run, write: Write) -> None:
    entries = [{"account": f"{day:012}", "expires": f"2026-07-{day:02}"} for day in (20, 3, 11)]
    result = run("trust", "expiring", write({"version": 1, "trust": entries}, "trust.json"))
    assert [line[:10] for line in result.out.splitlines()[:-1]] == ["2026-07-03", "2026-07-11", "2026-07-20"]


def test_nothing_of_a_register_reaches_the_terminal_raw(run: Run, write: Write) -> None:
    entry = {"account": "222233334444", "reason": "\x1b[31m\u202e", "expires": "2026-07-01"}
    result = run("trust", "expiring", write({"version": 1, "trust": [entry]}, "trust.json"))
    assert result.out.isprintable() is False
    assert result.out.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "whom",
    [("--organization", "self"), ("--organization-path", "o-a1b2c3d4e5/r-ab12/*")],
)
def test_add_members_covers_named_members(run: Run, write: Write, whom: tuple[str, str]) -> None:
    path = write(REGISTER, "trust.yaml")
    result = run("trust", "add", path, *whom, "--members", "--reason", "ours", "--expires", "2026-07-10")
    subject = whom[0].removeprefix("--").replace("-", "_")
    assert result.out.endswith(f"added {subject} {whom[1]} and its members READ until 2026-07-10\n")
    assert "\n    members: true\n" in Path(path).read_text()
    again = run("trust", "add", path, *whom, "--reason", "ours", "--expires", "2026-07-10")
    assert again.status == 3, "who covers members covers the rest"
    (entry,) = run("trust", "expiring", path, "--within", "10d", "--format", "json").json["expiring"]
    assert entry["members"] is True
    assert f"{subject} {whom[1]} and its members READ" in run("trust", "expiring", path, "--within", "10d").out


def test_add_members_of_what_has_none_names_the_option(run: Run, write: Write) -> None:
    path = write(REGISTER, "trust.yaml")
    result = run("trust", "add", path, *ENTRY, "--members")
    assert (result.status, Path(path).read_text()) == (3, REGISTER)
    assert "--members: only organization or organization_path has members" in result.err


def test_add_changes_nothing_else(run: Run, write: Write) -> None:
    path = write(REGISTER, "trust.yaml")
    result = run("trust", "add", path, *ENTRY)
    assert result.out == f"{path}:17:5: trust[2]: added account 333344445555 READ until 2027-03-31\n"
    # After the last entry. The comment at the end stays there.
    expected = REGISTER.replace("\n\n# the end", f"\n{ADDED}\n# the end")
    assert Path(path).read_text() == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        pytest.param("version: 1\ntrust: []\n", f"version: 1\ntrust:\n{ADDED}", id="the first one"),
        pytest.param("trust: []\nversion: 1\n", f"trust:\n{ADDED}version: 1\n", id="the first one, before the version"),
        pytest.param(
            "version: 1\ntrust:\n- organization: self",
            "version: 1\ntrust:\n- organization: self\n" + ADDED.replace("  -", "-").replace("    ", "  "),
            id="not indented, and no line break at the end",
        ),
        pytest.param(
            "trust:\n  - {organization: self}  # us\nversion: 1\n",
            f"trust:\n  - {{organization: self}}  # us\n{ADDED}version: 1\n",
            id="in between",
        ),
        pytest.param(
            "trust:\n  - organization: self\n    reason: |\n      a\n\nversion: 1\n",
            f"trust:\n  - organization: self\n    reason: |\n      a\n\n{ADDED}version: 1\n",
            id="after a text block",
        ),
        pytest.param(
            "trust: [{organization: self}]\nversion: 1\n",
            'trust: [{organization: self}, {"account": "333344445555", "access": "READ", "reason": '
            '"the partner builds on our images", "expires": "2027-03-31"}]\nversion: 1\n',
            id="in brackets",
        ),
        pytest.param(
            '{"version": 1, "trust": []}\n',
            '{"version": 1, "trust": [{"account": "333344445555", "access": "READ", "reason": '
            '"the partner builds on our images", "expires": "2027-03-31"}]}\n',
            id="the first one, within brackets",
        ),
        pytest.param(
            "version: 1\r\ntrust:\r\n  - organization: self\r\n",
            "version: 1\r\ntrust:\r\n  - organization: self\r\n" + ADDED.replace("\n", "\r\n"),
            id="line breaks of Windows",
        ),
        pytest.param(
            "version: 1\ntrust: &x\n  - organization: self\n    repositories: &all ['*']\n",
            f"version: 1\ntrust: &x\n  - organization: self\n    repositories: &all ['*']\n{ADDED}",
            id="anchors",
        ),
    ],
)
def test_add_writes_as_the_file_is_written(run: Run, write: Write, text: str, expected: str) -> None:
    path = write(text.encode(), "trust.yaml")
    before = open_register(path, TODAY).trust.entries
    assert run("trust", "add", path, *ENTRY).status == 0
    assert Path(path).read_bytes().decode() == expected
    assert open_register(path, TODAY).trust.entries[:-1] == before


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_add_to_a_json_register(run: Run, write: Write, indent: int | str | None) -> None:
    old = {"trust": [{"organization": "self", "reason": "é"}], "version": 1}
    path = write(json.dumps(old, indent=indent, ensure_ascii=False) + "\n", "trust.json")
    assert run("trust", "add", path, *ENTRY, "--repository", "base/*", "--owner", "us", "--access", "WRITE").status == 0
    new = {
        "account": "333344445555",
        "access": "WRITE",
        "repositories": ["base/*"],
        "reason": "the partner builds on our images",
        "owner": "us",
        "expires": "2027-03-31",
    }
    longer = {"trust": [*old["trust"], new], "version": 1}  # type: ignore[misc]
    assert Path(path).read_text() == json.dumps(longer, indent=indent, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", ["trust.yaml", "trust.json"])
def test_add_starts_a_register(run: Run, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    assert (
        run("trust", "add", path, "--service", "lambda.amazonaws.com", "--reason", "a", "--expires", "never").status
        == 0
    )
    (entry,) = open_register(path, TODAY).trust.entries
    assert (entry.name, entry.expires) == ("lambda.amazonaws.com", None)


@pytest.mark.parametrize("name", ["trust.yaml", "trust.json"])
def test_add_starts_a_register_in_an_empty_file(run: Run, write: Write, name: str) -> None:
    path = write("\n", name)
    assert run("trust", "add", path, *ENTRY).status == 0
    assert len(open_register(path, TODAY).trust.entries) == 1


def test_add_names_a_folder_that_is_not_there(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    result = run("trust", "add", str(folder / "trust.yaml"), *ENTRY)
    assert (result.status, result.out) == (3, "")
    assert result.err == sentence("locking.cannot_write_no_folder", value=folder / "trust.yaml", folder=folder)


def test_the_register_is_trust_yaml_unless_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("trust", "add", *ENTRY).status == 0
    assert run("trust", "expiring").out == "trust.yaml: 0 of 1 entry ends within 30 days, by 2026-07-30\n"


def test_the_register_may_be_named_as_the_other_commands_name_it(run: Run, write: Write) -> None:
    path = write(REGISTER, "register.yaml")
    for task in (("lint",), ("expiring", "--within", "15d")):
        assert run("trust", *task, "--trust", path).out == run("trust", *task, path).out
    assert run("trust", "lint", path, "--trust", path).status == 3


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param(["add"], "required", id="nobody"),
        pytest.param(["add", *ENTRY, "--service", "a"], "not allowed with", id="two"),
        pytest.param(["add", *ENTRY, "--expires", "soon"], sentence("trust_entries.expires_soon_not_day"), id="no day"),
        pytest.param(["add", *ENTRY, "--expires", "2026-06-29"], "`2026-06-29` is over", id="a day that is over"),
        pytest.param(["add", *ENTRY, "--account", "42"], "--account: `42`: expected an account", id="no account"),
        pytest.param(["add", *ENTRY, "--repository", "A B"], sentence("trust_entries.not_repository"), id="no name"),
        pytest.param(["add", *ENTRY, "--account", "222233334444", "--repository", "x", "--expires", "2026-07-01"],
                     ":5:5: trust[0] trusts account `222233334444` with this already", id="what is there"),
        pytest.param(["add", *ENTRY, "--reason", " "], "--reason: is blank: expected a text", id="a blank reason"),
        pytest.param(["add", *ENTRY, "--owner", ""], "--owner: is blank: expected a text", id="a blank owner"),
        pytest.param(["add", *ENTRY, "--expires", "2027"], sentence("options.not_day_expected_one"), id="a year"),
        pytest.param(["add", *ENTRY, "--expires", "2027-02-30"], "no calendar has it", id="no such day"),
        pytest.param(["add", *ENTRY, "--expires", "20270331"], sentence("trust_entries.not_day"), id="another form"),
        pytest.param(["expiring", "--within", "soon"], "`soon` is not a time", id="no time"),
        pytest.param(["expiring", "--within", "2026-06-29"], "`2026-06-29` is over", id="a time that is over"),
        pytest.param([], "TASK", id="nothing"),
    ],
)  # fmt: skip
def test_bad_usage_changes_nothing(run: Run, write: Write, argv: list[str], complaint: str) -> None:
    path = write(REGISTER, "trust.yaml")
    result = run("trust", *argv, *([path] if argv else []))
    assert (result.status, result.out) == (3, "")
    assert complaint in result.err
    assert "in quotes" not in result.err, "which is for a file"
    assert Path(path).read_text() == REGISTER


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version: 1\ntrust:\n  - &all {organization: self}\n  - *all\n", id="an alias at the end"),
    ],
)
def test_a_form_that_cannot_be_added_to_is_left_alone(run: Run, write: Write, text: str) -> None:
    path = write(text, "trust.yaml")
    result = run("trust", "add", path, *ENTRY)
    assert result.status == 3
    assert sentence("register_edit.form_no_entry_can") in result.err
    assert 'ecr-crossaccount: - account: "333344445555"\n' in result.err
    assert Path(path).read_text() == text


def test_what_has_expired_can_be_renewed(run: Run, write: Write) -> None:
    path = write(REGISTER.replace("2026-07-15", "2026-01-15"), "trust.yaml")
    argv = ("--account", "222233334444", "--repository", "x", "--reason", "again", "--expires", "2026-07-01")
    assert run("trust", "add", path, *argv).status == 0


@given(some.text(min_size=1), some.text())
def test_any_reason_is_written_so_that_it_reads_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, reason: str, owner: str
) -> None:
    from ecr_crossaccount.products.cli.register_edit import with_entry

    path = tmp_path_factory.mktemp("any") / "trust.yaml"
    path.write_text(REGISTER)
    register = open_register(str(path), TODAY)
    fields = {"account": "333344445555", "reason": reason, "owner": owner, "expires": date(2027, 3, 31)}
    try:
        reason.encode()
        owner.encode()
    except UnicodeEncodeError:
        return
    path.write_text(with_entry(register, fields, TODAY), newline="")
    entry = open_register(str(path), TODAY).trust.entries[-1]
    assert (entry.reason, entry.owner) == (reason, owner)


@pytest.mark.parametrize(
    "given, written",
    [("90d", "2026-09-28"), ("12w", "2026-09-22"), ("0d", "2026-06-30"), ("2027-03-31", "2027-03-31"), ("never", None)],
)
def test_a_last_day_may_be_so_many_days_away_and_is_said_back(
    run: Run, write: Write, given: str, written: str | None
) -> None:
    path = write("version: 1\ntrust: []\n", "trust.yaml")
    argv = ("--account", "333344445555", "--reason", "builds", "--owner", "us@example.com", "--expires", given)
    done = run("trust", "add", path, *argv)
    ends = f"until {written}" if written else "without a last day"
    assert done.out == f"{path}:3:5: trust[0]: added account 333344445555 READ {ends}\n"
    assert f"expires: {written or 'never'}" in Path(path).read_text()
    assert run("trust", "lint", path).status == 0


@pytest.mark.parametrize(
    "service, hint",
    [
        pytest.param("lamda.amazonaws.com", " (did you mean `lambda.amazonaws.com`?)", id="a letter left out"),
        pytest.param("lambda.amazonaws.co", " (did you mean `lambda.amazonaws.com`?)", id="another ending"),
        pytest.param("qqqqq.amazonaws.com", "", id="nothing like it"),
    ],
)
def test_add_doubts_a_service_that_is_not_known(run: Run, tmp_path: Path, service: str, hint: str) -> None:
    file = str(tmp_path / "trust.yaml")
    done = run("trust", "add", file, "--service", service, "--reason", "pulls", "--expires", "never")
    doubt = sentence("mistyped.not_known_name_aws", service=service, hint=hint)
    assert (done.status, done.err) == (0, f"ecr-crossaccount: note: {doubt}\n")
    assert service in Path(file).read_text("utf-8"), "the name may be new"


@pytest.mark.parametrize(
    "service",
    [
        "lambda.amazonaws.com",
        "lambda.amazonaws.com.cn",
        "lambda.eu-central-1.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "replication.ecr.amazonaws.com",
    ],
)
def test_add_doubts_no_service_that_is_known(run: Run, tmp_path: Path, service: str) -> None:
    file = str(tmp_path / "trust.yaml")
    assert run("trust", "add", file, "--service", service, "--reason", "pulls", "--expires", "never").err == ""


@pytest.mark.parametrize("wider, narrower", [(["*"], ["a"]), (["a", "b"], ["b"])])
def test_lint_compares_the_roles_of_entries(run: Run, write: Write, wider: list[str], narrower: list[str]) -> None:
    whole = {"github": "acme/infra", "reason": "a", "owner": "us", "expires": "never"}
    register = {"version": 1, "trust": [{**whole, "role": narrower}, {**whole, "role": wider}]}
    result = run("trust", "lint", "--format", "json", write(register, "trust.json"))
    assert [one["at"] for one in result.json["remarks"]] == ["trust[0]"]


def test_add_takes_a_role(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "trust.yaml")
    told = run(
        "trust", "add", path, "--github", "acme/infra", "--role", "ci/*", "--reason", "deploys", "--expires", "30d"
    )
    assert "added github acme/infra by ci/* READ until" in told.out
    shown = run("trust", "expiring", path, "--within", "60d", "--format", "json").json["expiring"]
    assert [(one["github"], one["role"]) for one in shown] == [("acme/infra", ["ci/*"])]
