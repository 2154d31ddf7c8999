"""`judge --jsonl`: every line is answered, in order, whatever it contains."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.batch import answers
from hypothesis import given
from hypothesis import strategies as some

from tests.wording import sentence

from .conftest import NEIGHBOUR, OPEN, OWNER, SAFE, TODAY, Run, Spawn, Write, command

FIELDS = ["id", "compliance", "external", "public", "service", "access", "grants", "undecided", "invalid", "notes"]


def answer_to(line: bytes | str | dict[str, object]) -> dict[str, object]:
    """Return the answer to one line."""
    data = line if isinstance(line, bytes) else line.encode() if isinstance(line, str) else json.dumps(line).encode()
    (answer,) = answers([data], TODAY)
    value = json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert list(value) == FIELDS
    assert isinstance(value, dict)
    return value


def places_of(answer: dict[str, object]) -> list[str]:
    """Return the places that an answer calls invalid."""
    assert isinstance(answer["invalid"], list)
    return [problem["at"] for problem in answer["invalid"]]


def line(**fields: object) -> dict[str, object]:
    """Return a valid line, except for `fields`."""
    return {"id": "a", "policy": OPEN, "owner": OWNER, "trust": [], **fields}


def test_a_policy_as_text_as_an_object_and_none_at_all() -> None:
    as_object, as_text = answer_to(line()), answer_to(line(policy=json.dumps(OPEN)))
    assert as_object == as_text
    assert as_object["compliance"] == "NON_COMPLIANT"
    assert as_object["public"] is True
    assert as_object["access"] == ["READ", "WRITE", "ADMIN"]
    assert answer_to(line(policy=None))["compliance"] == "COMPLIANT"


@pytest.mark.parametrize("policy", ["", " \n", {}])
def test_a_blank_policy_has_a_note_because_its_reader_may_have_failed(policy: object) -> None:
    answer = answer_to(line(policy=policy))
    assert answer["compliance"] == "COMPLIANT"
    assert answer["notes"] == [sentence("batch.policy_blank_not_null")]
    assert answer_to(line(policy=None))["notes"] == []


def test_a_line_may_carry_all_circumstances() -> None:
    answer = answer_to(
        line(
            policy=NEIGHBOUR,
            partition="aws",
            region="eu-central-1",
            repository="base/python",
            owner_organization="o-a1b2c3d4e5",
            tags={"team": "base"},
            origin="deployed",
            trust=[{"account": "222233334444", "repositories": ["base/*"], "reason": "CI", "expires": "2026-06-30"}],
        )
    )
    assert answer["compliance"] == "COMPLIANT"


def test_an_approval_ends_with_its_last_day() -> None:
    expired = answer_to(line(policy=NEIGHBOUR, trust=[{"account": "222233334444", "expires": "2026-06-29"}]))
    assert expired["compliance"] == "NON_COMPLIANT"
    assert "2026-06-29" in json.dumps(expired["grants"])


def test_the_origin_is_proposed_unless_the_line_says_deployed() -> None:
    stale = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLEEXA"}, "Action": "ecr:PutImage"}}
    assert answer_to(line(policy=stale))["undecided"]
    assert answer_to(line(policy=stale, origin="deployed"))["compliance"] == "COMPLIANT"


def test_tags_are_known_when_the_line_has_them_be_they_none() -> None:
    condition = {"StringEquals": {"aws:ResourceTag/open": "yes"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": statement}
    assert answer_to(line(policy=policy))["undecided"]
    assert answer_to(line(policy=policy, tags={}))["compliance"] == "COMPLIANT"
    assert answer_to(line(policy=policy, tags={"open": "yes"}))["public"] is True


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty line"),
        pytest.param("nonsense", id="not JSON"),
        pytest.param('{"id": 1', id="half a line"),
        pytest.param("[]", id="a list"),
        pytest.param("null", id="null"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"\xed\xa0\x80", id="a surrogate in UTF-8"),
        pytest.param("[" * 200_000, id="nested without end"),
        pytest.param("1" * 5_000, id="a number without end"),
    ],
)
def test_what_is_no_line_is_answered_too(text: str | bytes) -> None:
    answer = answer_to(text)
    assert answer["id"] is None
    assert answer["compliance"] == "NON_COMPLIANT"
    assert places_of(answer) == ["line"]


@pytest.mark.parametrize(
    "fields, places",
    [
        pytest.param({"owner": "1234"}, ["owner"], id="a short owner"),
        pytest.param({"owner": 111122223333}, ["owner"], id="an owner that is a number"),
        pytest.param({"owner": "١١١١٢٢٢٢٣٣٣٣"}, ["owner"], id="digits of another script"),
        pytest.param({"owner": None}, ["owner"], id="no owner"),
        pytest.param({"ownr": OWNER}, ["ownr"], id="an unknown field"),
        pytest.param({"owner_organization": "o-"}, ["owner_organization"], id="no organization id"),
        pytest.param({"origin": "somewhere"}, ["origin"], id="an unknown origin"),
        pytest.param({"origin": None}, ["origin"], id="null for an origin"),
        pytest.param(
            {"region": 1, "partition": [], "repository": {}}, ["partition", "region", "repository"], id="types"
        ),
        pytest.param(
            {"region": "eu-central-1", "partition": "aws-cn"}, ["partition"], id="the partition of another Region"
        ),
        pytest.param({"tags": []}, ["tags"], id="tags that are not an object"),
        pytest.param({"tags": {"a": 1}}, ["tags.a"], id="a tag that is not text"),
        pytest.param({"id": float("nan")}, ["id"], id="an id that is not a JSON number"),
        pytest.param({"owner": "", "tags": None, "x": 0}, ["x", "owner", "tags"], id="everything at once"),
    ],
)
def test_a_faulty_line_is_not_judged_and_says_where_it_is_faulty(fields: dict[str, object], places: list[str]) -> None:
    answer = answer_to(line(**fields))
    assert answer["compliance"] == "NON_COMPLIANT"
    assert answer["grants"] == []
    assert places_of(answer) == places


def test_a_missing_policy_is_not_the_same_as_none() -> None:
    assert places_of(answer_to({"id": 1, "owner": OWNER})) == ["policy"]


def test_a_name_that_stands_twice_is_a_fault() -> None:
    assert places_of(answer_to('{"owner": "111122223333", "owner": "222233334444", "policy": null}')) == ["owner"]
    twice = (
        '{"owner": "111122223333", "policy": null, "trust": [{"account": "222233334444", "account": "333344445555"}]}'
    )
    assert places_of(answer_to(twice)) == ["trust[0].account"]
    in_policy = '{"owner": "111122223333", "policy": {"Statement": [], "Statement": []}}'
    assert answer_to(in_policy)["compliance"] == "NON_COMPLIANT"


@pytest.mark.parametrize(
    "trust, place",
    [
        pytest.param([{"account": "222233334444"}, {"account": 222233334444}], "trust[1].account", id="a number"),
        pytest.param([{"account": "222233334444", "acess": "READ"}], "trust[0]", id="an unknown field"),
        pytest.param([{"account": "222233334444", "expires": "soon"}], "trust[0].expires", id="no day"),
        pytest.param("222233334444", "trust", id="no list"),
        pytest.param(None, "trust", id="null"),
        pytest.param({"version": 1, "trust": []}, "trust", id="a register in place of its entries"),
    ],
)
def test_bad_trust_trusts_nobody_and_says_so(trust: object, place: str) -> None:
    answer = answer_to(line(policy=NEIGHBOUR, trust=trust))
    assert answer["external"] is True, "judged as if nobody were trusted"
    assert any(at.startswith(place) for at in places_of(answer))
    safe = answer_to(line(policy=SAFE, trust=trust))
    assert safe["compliance"] == "NON_COMPLIANT"


@pytest.mark.parametrize("identity", ["a", 7, None, True, 1.5, [1, {"a": "b"}], "\ud800", "\u2028"])
def test_the_id_comes_back_as_it_was(identity: object) -> None:
    assert answer_to(line(id=identity))["id"] == identity


def test_every_answer_is_one_line_of_ascii(run: Run) -> None:
    sid = "a\u2028\u2029\x85\n"
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}],
    }
    result = run("judge", "--jsonl", stdin=json.dumps(line(policy=policy)))
    assert result.out.isascii()
    assert result.out.count("\n") == 1
    assert result.status == 0


def test_one_answer_a_line_in_their_order(run: Run) -> None:
    lines = [json.dumps(line(id=number)) if number % 3 else "not JSON" for number in range(30)]
    result = run("judge", "--jsonl", stdin="\r\n".join(lines) + "\n\n")
    identities = [json.loads(text)["id"] for text in result.out.splitlines()]
    assert identities == [number if number % 3 else None for number in range(30)] + [None]
    assert result.status == 0


def test_a_byte_order_mark_and_files(run: Run, write: Write) -> None:
    files = [write(b"\xef\xbb\xbf" + json.dumps(line(id=number)).encode(), f"{number}.jsonl") for number in range(2)]
    result = run("judge", "--jsonl", *files)
    assert [json.loads(text)["id"] for text in result.out.splitlines()] == [0, 1]


def test_no_input_no_output(spawn: Spawn) -> None:
    done = spawn("judge", "--jsonl")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == sentence("about.note_no_line_read").encode()


def test_a_line_is_answered_before_the_next_one_is_there() -> None:
    with subprocess.Popen(command("judge", "--jsonl"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps(line(id=number)).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)
names = some.sampled_from(
    ["id", "policy", "owner", "partition", "region", "repository", "owner_organization", "tags", "origin", "trust"]
)


@given(some.binary(max_size=200))
def test_no_bytes_go_unanswered(data: bytes) -> None:
    answer_to(data.replace(b"\n", b" "))


@given(some.dictionaries(names, json_values), some.booleans())
def test_no_object_goes_unanswered(fields: dict[str, object], whole: bool) -> None:  # noqa: FBT001 - drawn
    answer_to(line(**fields) if whole else fields)


def test_a_line_without_an_end_is_answered_and_the_next_one_too(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing could read all of `/dev/zero`, so a megabyte is the longest line here."""
    monkeypatch.setattr("ecr_crossaccount.products.cli.about.LONGEST_LINE", 1_048_576)
    monkeypatch.setattr("ecr_crossaccount.products.cli.batch.LONGEST_LINE", 1_048_576)
    whole = json.dumps(line(id="longest"))
    whole += " " * (1_048_576 - len(whole))
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join([json.dumps(line(id=1)), whole, whole + " ", "x" * 5_000_000, json.dumps(line(id=2))]))
    answers = [json.loads(one) for one in run("judge", "--jsonl", str(batch)).out.splitlines()]
    assert [one["id"] for one in answers] == [1, "longest", None, None, 2]
    assert [one["invalid"] for one in answers[2:4]] == [[{"at": "line", "reason": "longer than 1 MB"}]] * 2


def test_a_batch_that_cannot_be_read_says_why(run: Run) -> None:
    for name, reason in {"nowhere": "no such file or directory", ".": "is a directory"}.items():
        assert run("judge", "--jsonl", name).err == f"ecr-crossaccount: cannot read `{name}`: {reason}\n"


MEMBERS = {
    "version": 1,
    "organization": "o-a1b2c3d4e5",
    "listed": "2026-06-30T20:00:00Z",
    "accounts": [{"account": "222233334444"}],
}
OF_MEMBERS = {"trust": [{"organization": "self", "members": True}], "owner_organization": "o-a1b2c3d4e5"}


def test_a_line_may_list_the_members_of_an_organization() -> None:
    asked = line(policy=NEIGHBOUR, **OF_MEMBERS)
    assert answer_to(asked)["compliance"] == "NON_COMPLIANT"
    assert answer_to(asked | {"members": MEMBERS})["compliance"] == "COMPLIANT"


@pytest.mark.parametrize(
    "members, place",
    [
        ({}, "members.version"),
        (MEMBERS | {"organization": "x"}, "members.organization"),
        (MEMBERS | {"listed": "2026-06-22T00:00:00Z"}, "members.listed"),
        (MEMBERS | {"listed": "2026-07-02T00:00:00Z"}, "members.listed"),
        ([], "members.$"),
        ("all", "members.$"),
    ],
)
def test_a_list_of_members_that_is_of_no_use_covers_nobody_and_is_a_fault(members: object, place: str) -> None:
    answer = answer_to(line(policy=NEIGHBOUR, members=members, **OF_MEMBERS))
    assert answer["compliance"] == "NON_COMPLIANT"
    assert place in places_of(answer)
    assert place in places_of(answer_to(line(policy=SAFE, members=members, **OF_MEMBERS)))


def test_members_without_an_entry_that_asks_for_them_change_nothing() -> None:
    asked = line(policy=NEIGHBOUR, trust=[{"organization": "self"}], owner_organization="o-a1b2c3d4e5")
    assert answer_to(asked | {"members": MEMBERS})["compliance"] == "NON_COMPLIANT"
