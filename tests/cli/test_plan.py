"""`plan FILE` and `plan --jsonl`: the output for a person and for a program. Every input has an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ecr_crossaccount.products.cli.batch import plans
from hypothesis import given
from hypothesis import strategies as some

from tests.case_tables import ANY_DAY
from tests.plan_tables import PlanCase, plan_cases
from tests.profiles import examples
from tests.wording import sentence

from .conftest import NEIGHBOUR, OPEN, OWNER, SAFE, TODAY, UNDECIDED, Result, Run, Write, printed_by_aws
from .test_hostile_text import HOSTILE, assert_harmless

PARTNER, STRANGER = "222233334444", "333344445555"
FIELDS = ["id", "action", "policy", "changes", "invalid", "refused"]
LIST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Ours", "Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "ecr:*"},
        {
            "Sid": "Partners",
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{PARTNER}:root", f"arn:aws:iam::{STRANGER}:root"]},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        },
    ],
}
TRUST = f'version: 1\ntrust: [{{account: "{PARTNER}", reason: builds on our images}}]\n'


# --- files ---


def test_a_plan_is_told_from_change_to_policy(run: Run, write: Write) -> None:
    result = run("plan", "--owner", OWNER, "--trust", write(TRUST, "trust.yaml"), write(LIST))
    assert result.status == 1
    for part in (
        "set another policy",
        "Statement[1] `Partners`",
        f"change    READ removed from account {STRANGER}",
        f"because   account {STRANGER} can pull",
        f"change    READ kept for `arn:aws:iam::{PARTNER}:root`",
        f"because   the register trusts `{PARTNER}` (builds on our images)",
        f'-   "Principal": {{"AWS": ["arn:aws:iam::{PARTNER}:root", "arn:aws:iam::{STRANGER}:root"]}},',
        f'+   "Principal": {{"AWS": ["arn:aws:iam::{PARTNER}:root"]}},',
    ):
        assert part in result.out
    assert "Statement[0]" not in result.out, "it does not offend"


def test_the_policy_to_write_can_be_copied_as_it_stands(run: Run, write: Write) -> None:
    plan = ("plan", "--owner", OWNER, "--trust", write(TRUST, "trust.yaml"), write(LIST))
    assert "the policy to write" not in run(*plan).out, "what changes is shown once"
    written = run(*plan, "--format", "policy").json
    assert written["Statement"][0] == LIST["Statement"][0]
    assert written["Statement"][1]["Principal"] == {"AWS": [f"arn:aws:iam::{PARTNER}:root"]}
    assert run("judge", "--owner", OWNER, "--trust", write(TRUST, "trust.yaml"), write(written)).status == 0


def test_the_policy_of_a_single_statement_can_be_copied_too(run: Run, write: Write) -> None:
    policy = {"Version": "2012-10-17", "Id": "x", "Statement": LIST["Statement"][1]}
    plan = ("plan", "--owner", OWNER, "--trust", write(TRUST, "trust.yaml"), "--format", "policy")
    written = run(*plan, write(policy)).json
    assert list(written) == ["Version", "Id", "Statement"]
    assert written["Statement"]["Principal"] == {"AWS": [f"arn:aws:iam::{PARTNER}:root"]}


@pytest.mark.parametrize(
    "policy, argv, words",
    [
        pytest.param(SAFE, (), "nothing to do", id="compliant"),
        pytest.param(NEIGHBOUR, (), "delete the policy", id="nobody left"),
        pytest.param(OPEN, ("--strategy", "remove"), "delete the policy", id="removed"),
        pytest.param(LIST, ("--strategy", "delete"), "delete the policy", id="deleted"),
        pytest.param({"Statement": [{"Effect": "Permit"}]}, (), "no plan, nothing changes: an invalid", id="bad"),
    ],
)
def test_the_headline_says_what_to_do(
    run: Run, write: Write, policy: object, argv: tuple[str, ...], words: str
) -> None:
    result = run("plan", "--owner", OWNER, "--repository", "base/python", *argv, write(policy))
    assert f"(base/python of {OWNER}): {words}" in result.out.splitlines()[0]
    assert "the policy to write" not in result.out


@pytest.mark.parametrize(
    "policies, status",
    [
        pytest.param([SAFE], 0, id="compliant"),
        pytest.param([OPEN], 1, id="a grant"),
        pytest.param([UNDECIDED], 2, id="undecided only"),
        pytest.param([SAFE, UNDECIDED, OPEN], 1, id="the worst decides"),
        pytest.param([OPEN, "not JSON"], 3, id="one that could not be read"),
    ],
)
def test_the_status_says_how_the_policies_are(run: Run, write: Write, policies: list[object], status: int) -> None:
    files = [write(policy, f"{number}.json") for number, policy in enumerate(policies)]
    assert run("plan", "--owner", OWNER, *files).status == status


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param(["plan"], sentence("about.empty_expected_policy"), id="no file"),
        pytest.param(["plan", "--strategy", "burn", "-"], "`burn` is unknown", id="an unknown strategy"),
        pytest.param(
            ["plan", "--jsonl", "--strategy", "remove"],
            sentence("about.strategy_does_not_go"),
            id="strategy of a batch",
        ),
        pytest.param(
            ["plan", "--jsonl", "--format", "policy"],
            sentence("about.format_does_not_go"),
            id="form of a batch",
        ),
        pytest.param(["plan", "--owner", OWNER, "nowhere.json"], "nowhere.json: no such file", id="no such file"),
    ],
)
def test_bad_usage_is_3_and_says_what_is_wrong(run: Run, argv: list[str], complaint: str) -> None:
    result = run(*argv)
    assert result.status == 3
    assert complaint in result.err


def test_what_aws_prints_is_planned_as_deployed(run: Run, write: Write) -> None:
    stale = {"Effect": "Allow", "Principal": {"AWS": ["AROAEXAMPLEEXAMPLEEXA", OWNER]}, "Action": "ecr:PutImage"}
    open_too = {"Version": "2012-10-17", "Statement": [stale, *OPEN["Statement"]]}
    result = run("plan", "--format", "json", "--strategy", "remove", write(printed_by_aws(open_too)))
    (found,) = result.json["plans"]
    assert result.status == 1
    assert (found["action"], found["owner"], found["repository"]) == ("set", OWNER, "base/python")


def test_json_has_a_plan_for_every_file_and_every_error(run: Run, write: Write) -> None:
    result = run("plan", "--owner", OWNER, "--format", "json", write(OPEN, "a"), write(SAFE, "b"), write("{", "c"))
    assert [one["action"] for one in result.json["plans"]] == ["set", "none"]
    assert [error["file"][-1] for error in result.json["errors"]] == ["c"]


def test_trust_that_has_no_effect_for_want_of_something_is_noted(run: Run, write: Write) -> None:
    limited = TRUST.replace("}]", ', repositories: ["base/*"]}, {organization: self}]')
    argv = ["plan", "--owner", OWNER, "--trust", write(limited, "trust.yaml"), write(LIST)]
    out = run(*argv).out
    assert sentence("about.note_entry_register_some") in out
    assert "note      the register trusts `self`" in out
    assert len(run(*argv, "--format", "json").json["plans"][0]["notes"]) == 2
    known = run(*argv, "--repository", "base/python", "--organization", "o-a1b2c3d4e5").out
    assert "note      " not in known


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE.values()], ids=HOSTILE)
@pytest.mark.parametrize("place", ["Sid", "Condition", "Action"])
def test_no_element_of_a_policy_reaches_the_terminal_raw(run: Run, write: Write, place: str, text: str) -> None:
    statement: dict[str, object] = {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": [OWNER, STRANGER]}}
    statement["Action"] = "ecr:BatchGetImage"
    statement[place] = {"StringNotEquals": {"aws:PrincipalOrgID": text}} if place == "Condition" else text
    result = run("plan", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": [statement]}))
    assert_harmless(result.out)
    assert_harmless(result.err)


@pytest.mark.parametrize("depth", [900, 9_000, 60_000])
@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--strategy", "remove")], ids=" ".join)
def test_what_is_nested_without_end_is_answered_all_the_same(
    run: Run, write: Write, depth: int, options: tuple[str, ...]
) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    text = f'{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": {deep}}}]}}'
    result = run("plan", "--owner", OWNER, *options, write(text))
    assert result.status in (1, 3)
    assert "Traceback" not in result.err
    assert result.out or result.err


# --- require ---

PERIMETER = """\
Statement:
  - Sid: Perimeter
    Effect: Deny
    Principal: {AWS: "*"}
    Action: "*"
    Condition:
      StringNotEqualsIfExists: {"aws:PrincipalOrgID": "${ORG_ID}"}
      BoolIfExists: {"aws:PrincipalIsAWSService": "false"}
"""
OURS = "o-a1b2c3d4e5"
ORGANIZATION = f"version: 1\ntrust: [{{organization: {OURS}}}]\n"


@pytest.fixture
def require(run: Run, write: Write) -> Run:
    def required(policy: object, *options: str, required: object = PERIMETER) -> Result:
        argv = ["plan", "--strategy", "require", "--owner", OWNER, "--required", write(required, "required.yaml")]
        return run(*argv, *options, "--trust", write(ORGANIZATION, "trust.yaml"), write(policy))

    return required


FILLED = ("--parameter", f"ORG_ID={OURS}", "--organization", OURS)


def test_what_is_required_is_shown_with_whom_it_shuts_out_and_what_stays_open(require: Run) -> None:
    result = require(OPEN, *FILLED)
    assert result.status == 1
    parts = [
        sentence("plan.insert_required_statements"),
        "change    READ, WRITE, ADMIN removed from any AWS account",
        "because   the required statement `Perimeter` denies it: arn:aws:iam::999988887777:role/outsider may no longer",
        "change    required statement `Perimeter` added",
        "the policy to write",
        "what stays open",
        "any AWS service, acting for any account,",
        "--strategy narrow",
    ]
    places = [result.out.index(part) for part in parts]
    assert places == sorted(places)


def test_a_second_file_does_not_take_the_place_of_what_is_required(require: Run, write: Write) -> None:
    result = require(SAFE, *FILLED, "--required", write(PERIMETER, "other.yaml"))
    assert (result.status, result.out) == (3, "")
    assert sentence("ask.required_yaml_given") in result.err


@pytest.mark.parametrize(
    "policy, status, said",
    [
        pytest.param(SAFE, 1, sentence("plan.insert_required_statements_2"), id="compliant, but without it"),
        pytest.param(UNDECIDED, 1, "insert the required statements", id="undecided, and without it"),
        pytest.param("not JSON", 3, "", id="unreadable"),
    ],
)
def test_a_policy_without_what_is_required_is_not_done(require: Run, policy: object, status: int, said: str) -> None:
    result = require(policy, *FILLED)
    assert result.status == status
    assert said in result.out


@pytest.mark.parametrize(
    "policy, status, said",
    [
        pytest.param(SAFE, 0, "nothing to insert\n", id="compliant"),
        pytest.param(OPEN, 1, sentence("plan.nothing_insert_but"), id="open"),
        pytest.param(UNDECIDED, 2, "UNDECIDED", id="undecided"),
    ],
)
def test_a_policy_with_it_is_as_it_is_judged(require: Run, policy: dict[str, Any], status: int, said: str) -> None:
    deny = {"Sid": "NoTagging", "Effect": "Deny", "Principal": "*", "Action": "ecr:UntagResource"}
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    result = require({**policy, "Statement": [*statements, deny]}, required=[deny])
    assert result.status == status
    assert said in result.out


def test_whom_it_may_not_shut_out_is_said_and_can_be_accepted(require: Run) -> None:
    refused = require(OPEN, "--parameter", f"ORG_ID={OURS}")
    assert refused.status == 1
    assert sentence("require.no_plan_nothing_changes") in refused.out
    assert "what stays open" not in refused.out
    accepted = require(OPEN, "--parameter", f"ORG_ID={OURS}", "--cut-trusted")
    assert sentence("require.inside_access_removed_owner") in accepted.out


def test_what_is_open_afterwards_can_be_kept_as_code(require: Run) -> None:
    result = require(OPEN, *FILLED, "--format", "policy")
    assert (result.status, json.loads(result.out)["Statement"][-1]["Sid"]) == (1, "Perimeter")


@pytest.mark.parametrize(
    "required, options, said",
    [
        pytest.param(PERIMETER, (), "required.yaml:7:33: required[0].Condition", id="a placeholder"),
        pytest.param(
            PERIMETER, (*FILLED, "--parameter", "ORG_ID=x"), "--parameter ORG_ID=… is given twice", id="two values"
        ),
        pytest.param(
            PERIMETER, (*FILLED, "--parameter", "X=1"), "required.yaml:1:1: required: no statement has", id="no place"
        ),
        pytest.param("- Effect: Allow\n  Sid: A\n", (), "required.yaml:1:3: required[0]: ", id="a list"),
        pytest.param("[", (), "required.yaml: not JSON at line 1 column 2", id="half a file"),
        pytest.param("a: [", (), "required.yaml:2:1: not YAML", id="no YAML"),
        pytest.param("", (), "required[0]: ", id="nothing"),
        pytest.param("[]", (), sentence("required.required_no_statement_required"), id="an empty list"),
    ],
)
def test_what_cannot_be_required_is_3_with_its_place(
    require: Run, required: object, options: tuple[str, ...], said: str
) -> None:
    result = require(SAFE, *options, required=required)
    assert (result.status, result.out) == (3, "")
    assert said in result.err


@pytest.mark.parametrize(
    "argv, said",
    [
        (["--strategy", "require", "-"], "give --required FILE"),
        (["--strategy", "require", "--required", "nowhere.yaml", "-"], "cannot read `nowhere.yaml`"),
        (["--required", "x.yaml", "--strategy", "remove", "-"], sentence("about.required_does_not_go")),
        (["--parameter", "A=b", "-"], "--parameter goes with --required FILE"),
        (["--cut-trusted", "--strategy", "narrow", "-"], "--cut-trusted goes with --required FILE"),
        (["--jsonl", "--required", "x.yaml"], sentence("about.required_does_not_go_jsonl")),
        (["--jsonl", "--parameter", "A=b"], sentence("about.parameter_does_not_go")),
        (["--jsonl", "--cut-trusted"], sentence("about.cut_trusted_does")),
    ],
)
def test_options_that_do_not_go_together_are_3(run: Run, argv: list[str], said: str) -> None:
    result = run("plan", "--owner", OWNER, *argv) if "--jsonl" not in argv else run("plan", *argv)
    assert result.status == 3
    assert said in result.err


@pytest.mark.parametrize(
    "fields, places",
    [
        ({"strategy": "require"}, ["required"]),
        ({"strategy": "require", "required": None}, ["required"]),
        ({"strategy": "require", "required": []}, ["required"]),
        ({"strategy": "require", "required": [{"Sid": "A", "Effect": "Allow"}]}, ["required[0]", "required[0]"]),
        ({"required": []}, ["required"]),
        ({"cut_trusted": True}, ["cut_trusted"]),
        ({"strategy": "require", "required": [], "cut_trusted": "yes"}, ["cut_trusted", "required"]),
    ],
)
def test_a_line_that_requires_what_cannot_be_changes_nothing(fields: dict[str, object], places: list[str]) -> None:
    answer = answer_to(line(policy=OPEN, **fields))
    assert answer["action"] == "none"
    assert [one["at"] for one in answer["invalid"]] == places


# --- the batch form ---


def answer_to(line: bytes | dict[str, object]) -> dict[str, Any]:
    (answer,) = plans([line if isinstance(line, bytes) else json.dumps(line).encode()], TODAY)
    value = json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert list(value) == FIELDS
    assert isinstance(value, dict)
    return value


def line(**fields: object) -> dict[str, object]:
    return {"id": "a", "policy": LIST, "owner": OWNER, "trust": [{"account": PARTNER}], **fields}


def test_a_line_is_planned() -> None:
    answer = answer_to(line(id=7))
    assert (answer["id"], answer["action"], answer["refused"]) == (7, "set", None)
    assert [sorted(change) for change in answer["changes"]] == [["change", "reason", "sid", "statement"]] * 2
    assert {change["sid"] for change in answer["changes"]} == {"Partners"}
    assert answer_to(line(policy=json.dumps(LIST), id=7)) == answer


def test_a_line_may_say_the_strategy() -> None:
    assert answer_to(line(strategy="remove"))["policy"]["Statement"] == LIST["Statement"][:1]
    assert answer_to(line(strategy="delete"))["action"] == "delete"
    assert answer_to(line(strategy="narrow")) == answer_to(line())


@pytest.mark.parametrize(
    "fields, places",
    [
        pytest.param({"strategy": "burn"}, ["strategy"], id="an unknown strategy"),
        pytest.param({"strategy": None}, ["strategy"], id="null for a strategy"),
        pytest.param({"owner": "1"}, ["owner"], id="a short owner"),
        pytest.param({"trust": [{"account": 1}]}, ["trust[0].account"], id="a register that cannot be read"),
        pytest.param({"trust": [{"acount": PARTNER}]}, ["trust[0]"], id="an unknown field of trust"),
    ],
)
def test_nothing_is_planned_on_a_line_that_cannot_be_read(fields: dict[str, object], places: list[str]) -> None:
    answer = answer_to(line(**fields))
    assert (answer["action"], answer["policy"], answer["changes"]) == ("none", None, [])
    assert [one["at"] for one in answer["invalid"]] == places
    assert "nothing was planned: " in answer["refused"]


def test_what_json_cannot_say_is_not_said_back() -> None:
    nan = b'{"id": 1, "owner": "111122223333", "policy": {"Statement": [], "Id": NaN}}'
    deep = b'{"id": 1, "owner": "111122223333", "policy": {"Statement": [], "Id": %s}}' % (b"[" * 900 + b"]" * 900)
    for data in (nan, deep):
        answer = answer_to(data)
        assert answer["action"] == "none"
        assert answer["refused"]


def test_the_batch_ends_well_and_keeps_its_order(run: Run) -> None:
    lines = [json.dumps(line(id=number)) if number % 3 else "not JSON" for number in range(9)]
    result = run("plan", "--jsonl", stdin="\n".join(lines))
    assert result.status == 0
    assert [json.loads(text)["id"] for text in result.out.splitlines()] == [n if n % 3 else None for n in range(9)]


@given(some.dictionaries(some.sampled_from(["id", "policy", "owner", "strategy", "trust", "tags"]), some.text()))
@examples(100)
def test_no_object_goes_unanswered(fields: dict[str, object]) -> None:
    answer_to(line(**fields))


@given(some.binary(max_size=200))
@examples(50)
def test_no_bytes_go_unanswered(data: bytes) -> None:
    answer_to(data.replace(b"\n", b" "))


# --- the tables ---


@pytest.fixture(scope="module")
def answered() -> Mapping[str, Mapping[str, Any]]:
    lines = [json.dumps(case.batch_request()).encode() for case in plan_cases()]
    return {answer["id"]: answer for answer in map(json.loads, plans(lines, ANY_DAY))}


@pytest.mark.parametrize("case", plan_cases(), ids=lambda case: case.name)
def test_case_in_a_batch(answered: Mapping[str, Mapping[str, Any]], case: PlanCase) -> None:
    assert case.differences(answered[case.name]) == []


@pytest.mark.parametrize(
    "case", [case for case in plan_cases() if isinstance(case.policy, dict)], ids=lambda case: case.name
)
def test_case_as_a_file(run: Run, write: Write, case: PlanCase) -> None:
    options = ["--owner", case.owner, "--strategy", case.strategy]
    if "partition" in case.row:
        options.append(f"ECR_CROSSACCOUNT_PARTITION={case.row['partition']}")
    for field in ("repository", "region", "organization"):
        if field in case.row:
            options += [f"--{field}", case.row[field]]
    for key, value in case.row.get("tags", {}).items():
        options += ["--tag", f"{key}={value}"]
    options += ["--trust", write(case.register, "trust.json")]
    if case.strategy == "require":
        options += ["--required", write(case.row["required"], "required.json")]
        options += ["--cut-trusted"] if case.row.get("cut_trusted") else []
    stored = {"policyText": json.dumps(case.policy)}
    result = run("plan", "--format", "json", *options, write(stored if case.origin == "deployed" else case.policy))
    (answer,) = result.json["plans"]
    assert case.differences(answer) == []
