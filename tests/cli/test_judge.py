"""`judge FILE`: the output for a person and for a program."""

from __future__ import annotations

import json

import pytest

from tests.wording import sentence

from .conftest import NEIGHBOUR, OPEN, OWNER, SAFE, UNDECIDED, Run, Write, printed_by_aws

ORGANIZATION = "o-a1b2c3d4e5"


def test_a_grant_is_told_from_severity_to_way_out(run: Run, write: Write) -> None:
    out = run("judge", "--owner", OWNER, "--organization", ORGANIZATION, write(OPEN)).out
    for part in (
        "NON_COMPLIANT",
        "Statement[0] `AllowAll`",
        '"Action": "ecr:*"',
        "CRITICAL",
        "any AWS account gets READ, WRITE, ADMIN",
        "nothing confines the caller",
        "may call ecr:PutImage",
        "remove: ",
        f'make the Condition {{"StringEquals": {{"aws:PrincipalOrgID": "{ORGANIZATION}"}}}}',
    ):
        assert part in out
    assert "keep: " not in out, "no register entry can trust everybody"


def test_a_compliant_policy_takes_one_line_and_one_about_trust(run: Run, write: Write) -> None:
    file = write(SAFE)
    told, trust = run("judge", "--owner", OWNER, "--repository", "base/python", file).out.splitlines()
    assert told == sentence("remediate.base_python_compliant", file=file, owner=OWNER)
    assert trust == "trust     nobody"


def test_the_entry_to_keep_a_grant_is_accepted_once_it_is_filled_in(run: Run, write: Write) -> None:
    policy = write(NEIGHBOUR)
    out = run("judge", "--owner", OWNER, "--repository", "base/python", policy).out
    entry = [line.strip() for line in out.splitlines()]
    start = entry.index('- account: "222233334444"')
    lines = ["version: 1", "trust:", "  " + entry[start], *("    " + line for line in entry[start + 1 : start + 6])]
    draft = "\n".join(lines)

    arguments = ["judge", "--owner", OWNER, "--repository", "base/python", policy, "--trust"]
    as_pasted = run(*arguments, write(draft, "draft.yaml"))
    assert as_pasted.status == 3
    assert "`YYYY-MM-DD`" in as_pasted.err
    assert run(*arguments, write(draft.replace("YYYY-MM-DD", "2027-03-31"), "trust.yaml")).status == 0


@pytest.mark.parametrize(
    "principal, entry",
    [
        pytest.param({"Service": "lambda.amazonaws.com"}, '- service: "lambda.amazonaws.com"', id="a service"),
        pytest.param({"AWS": "222233334444"}, '- account: "222233334444"', id="an account"),
    ],
)
def test_the_entry_names_the_grantee_as_the_register_does(
    run: Run, write: Write, principal: object, entry: str
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "ecr:PutImage"}
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": statement})).out
    assert entry in out
    assert "access: WRITE" in out
    assert "repositories:" not in out, "nobody said which repository"


def test_an_organization_is_kept_by_its_id(run: Run, write: Write) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "ecr:BatchGetImage",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
    }
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": statement})).out
    assert f'- organization: "{ORGANIZATION}"' in out
    assert f"aws:PrincipalOrgID {ORGANIZATION}" in out


@pytest.mark.parametrize(
    "condition, entry",
    [
        pytest.param(
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/*"}},
            f'- organization_path: "{ORGANIZATION}/r-ab12/ou-ab12-11111111/*"',
            id="an organization path",
        ),
        pytest.param({"StringLike": {"aws:PrincipalOrgID": "o-a1*"}}, None, id="a pattern of organizations"),
        pytest.param(
            {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::4444*:role/x"}}, None, id="a pattern of accounts"
        ),
    ],
)
def test_only_what_the_policy_names_can_be_kept(
    run: Run, write: Write, condition: dict[str, object], entry: str | None
) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Condition": condition}
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": statement})).out
    if entry:
        assert entry in out
    else:
        assert "keep: " not in out, "the grant shows one made-up grantee of many"
        assert "instead of a pattern" in out


def test_trust_in_an_account_covers_the_service_that_acts_for_it(run: Run, write: Write) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "ecr:BatchGetImage",
        "Condition": {"StringEquals": {"aws:SourceAccount": "222233334444"}},
    }
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": statement})).out
    assert '- account: "222233334444"' in out


def test_a_condition_key_that_is_not_known_is_named_in_the_way_out(run: Run, write: Write) -> None:
    keys = {"aws:PrincipalOrgIdentifier": "o-a1b2c3d4e5", "aws:PrincipalTag/team": "base", "zzz:Q": "x"}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage", "Condition": {"StringEquals": keys}}
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": [statement]})).out
    assert [line.strip() for line in out.splitlines() if "is not a known condition key" in line] == [
        sentence("way_out.aws_not_known_condition"),
        sentence("way_out.zzz_not_known_condition"),
    ]


def test_an_action_that_is_not_known_is_named_in_the_way_out(run: Run, write: Write) -> None:
    actions = ["ecr:BatchGetImages", "ecr:batchgetimage", "ecr:CreateRepository", "ecr:Zzz"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": actions}
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": [statement]})).out
    told = sentence("way_out.not_known_action_counts")
    assert [line.strip() for line in out.splitlines() if told in line] == [
        f"tighten: replace `ecr:BatchGetImages`, {told} (did you mean `ecr:BatchGetImage`?)",
        f"tighten: replace `ecr:Zzz`, {told}",
    ]


def test_a_witness_says_which_keys_it_goes_without(run: Run, write: Write) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "ecr:BatchGetImage",
        "Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
    }
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": [statement]})).out
    assert "without aws:PrincipalOrgID" in out


def test_undecided_invalid_and_notes_say_what_to_do(run: Run, write: Write) -> None:
    stale = {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLEEXA"}, "Action": "ecr:PutImage"}
    broken = {"Effect": "Permit", "Principal": "*", "Action": "ecr:PutImage"}
    policy = {"Version": "2012-10-17", "Statement": [UNDECIDED["Statement"], stale, broken]}
    out = run("judge", write(printed_by_aws(policy))).out
    assert "UNDECIDED Statement[0]: " in out
    assert sentence("way_out.way_out_write_condition") in out
    assert sentence("parse.invalid_statement_effect") in out
    assert "correct it at that place" in out
    assert "note      stale principal" in out


def test_a_long_statement_is_cut_to_a_screen(run: Run, write: Write) -> None:
    accounts = [f"{number:012}" for number in range(1, 100)]
    statement = {"Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "ecr:BatchGetImage"}
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": [statement]})).out
    assert "more lines" in out
    assert out.count("Statement[0]") == 1


def test_a_statement_too_deep_to_show_is_judged_all_the_same(run: Run, write: Write) -> None:
    depth = 100
    statement = {**OPEN["Statement"][0], "Note": json.loads("[" * depth + "]" * depth)}  # type: ignore[dict-item]
    result = run("judge", "--owner", OWNER, write({"Statement": [statement]}))
    assert result.status == 1
    assert "CRITICAL" in result.out


def test_what_aws_prints_tells_owner_name_and_origin(run: Run, write: Write) -> None:
    answer = run("judge", "--format", "json", write(printed_by_aws(SAFE))).json
    (policy,) = answer["policies"]
    assert policy["owner"] == OWNER
    assert policy["repository"] == "base/python"

    stale = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLEEXA"}, "Action": "ecr:PutImage"}}
    assert run("judge", write(printed_by_aws(stale))).status == 0, "read back from AWS: left of a deleted principal"
    assert run("judge", "--owner", OWNER, write(stale)).status == 2, "a bare policy is a proposed one"


def test_standard_input(run: Run) -> None:
    assert run("judge", "-", stdin=json.dumps(printed_by_aws(OPEN))).status == 1
    assert run("judge", "--account", OWNER, "-", stdin=json.dumps(SAFE)).status == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_encodings_that_shells_write(run: Run, encoding: str) -> None:
    assert run("judge", "-", stdin=json.dumps(printed_by_aws(OPEN)).encode(encoding)).status == 1


def test_tags_are_known_once_one_is_given(run: Run, write: Write) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "ecr:BatchGetImage",
        "Condition": {"StringEquals": {"aws:ResourceTag/open": "yes"}},
    }
    file = write({"Version": "2012-10-17", "Statement": statement})
    assert run("judge", "--owner", OWNER, file).status == 2
    assert run("judge", "--owner", OWNER, "--tag", "open=no", file).status == 0
    assert run("judge", "--owner", OWNER, "--tag", "open=yes", "--tag", "team=a=b", file).status == 1


def test_json_lists_every_policy_and_every_file_that_could_not_be_read(run: Run, write: Write) -> None:
    good, bad = write(OPEN, "good.json"), write("{", "bad.json")
    result = run("judge", "--owner", OWNER, "--format", "json", good, bad)
    assert result.status == 3
    (policy,), (error,) = result.json["policies"], result.json["errors"]
    assert policy["file"] == good
    assert policy["compliance"] == "NON_COMPLIANT"
    assert policy["grants"][0]["witness"]["action"] == "ecr:PutImage"
    assert error["file"] == bad


def test_several_policies_are_summed_up(run: Run, write: Write) -> None:
    files = [write(SAFE, "a.json"), write(OPEN, "b.json"), write(SAFE, "c.json")]
    assert run("judge", "--owner", OWNER, *files).out.endswith(
        "\n\ntrust     nobody\n3 policies: 2 compliant, 1 non-compliant\n"
    )


def test_an_entry_that_may_cover_a_grant_if_only_the_name_were_known(run: Run, write: Write) -> None:
    register = write('version: 1\ntrust:\n  - {account: "222233334444", repositories: ["base/*"]}\n', "trust.yaml")
    note = sentence("about.note_entry_register")
    argv = ("judge", "--owner", OWNER, "--trust", register)
    unnamed = run(*argv, write(NEIGHBOUR))
    assert (unnamed.status, unnamed.err) == (1, f"{note}give --repository\n")
    assert run(*argv, "--format", "json", write(NEIGHBOUR)).err == unnamed.err
    assert run(*argv, write(SAFE)).err == ""
    assert run(*argv, "--repository", "team/web", write(NEIGHBOUR)).err == ""
    named = run(*argv, "--repository", "base/python", write(NEIGHBOUR))
    assert (named.status, named.err) == (0, "")
