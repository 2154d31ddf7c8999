"""`judge` with the documents that decide together with the policy, as options and in a batch."""

from __future__ import annotations

import json
import os

import pytest

from tests.case_tables import Case, cases_beside
from tests.wording import sentence

from .conftest import OWNER, SAFE, Run, Write

REGISTRY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Partner\u001b[2J",
            "Effect": "Allow",
            "Principal": {"AWS": "333344445555"},
            "Action": "ecr:PutImage",
            "Resource": "*",
        }
    ],
}
NEIGHBOUR = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:ListImages"},
}
RCP = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"},
}
CONTROLLED = ("judge", "--owner", OWNER, "--repository", "base", "--region", "eu-west-1")


@pytest.mark.parametrize("case", cases_beside(), ids=lambda case: case.name)
def test_a_line_says_the_documents_itself(run: Run, case: Case) -> None:
    found = run("judge", "--jsonl", stdin=case.batch_line() + "\n").json
    assert case.expect.differences(found["under_rcp"] if case.rcps else found) == []


@pytest.mark.parametrize(
    "fields, at",
    [
        ({"registry_scope": "V3", "registry_policy": None}, "registry_scope"),
        ({"registry_scope": "V2"}, "registry_scope"),
        ({"rcps": {}}, "rcps"),
    ],
)
def test_a_line_that_says_them_wrongly_is_not_judged(run: Run, fields: dict[str, object], at: str) -> None:
    line = json.dumps({"id": 1, "policy": None, "owner": OWNER, "trust": [], **fields})
    found = run("judge", "--jsonl", stdin=line + "\n").json
    assert [one["at"] for one in found["invalid"]] == [at]
    assert found["compliance"] == "NON_COMPLIANT"


def test_plans_know_no_other_documents(run: Run) -> None:
    line = json.dumps({"policy": None, "owner": OWNER, "trust": [], "registry_policy": None})
    assert run("plan", "--jsonl", stdin=line + "\n").json["invalid"][0]["at"] == "registry_policy"


def test_the_registry_policy_counts_and_each_statement_says_where_it_stands(run: Run, write: Write) -> None:
    files = write(NEIGHBOUR), write(REGISTRY, "registry.json")
    done = run(*CONTROLLED, "--registry-policy", files[1], "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2", files[0])
    assert done.status == 1
    assert "\u001b" not in done.out
    assert sentence("reasons.statement_registry_policy_2") in done.out
    assert "account 333344445555 gets WRITE" in done.out
    assert "  Statement[0]\n" in done.out
    assert "account 222233334444 gets READ" in done.out


def test_a_scope_that_is_not_known_is_undecided(run: Run, write: Write) -> None:
    done = run(*CONTROLLED, "--registry-policy", write(REGISTRY, "registry.json"), write(SAFE))
    assert done.status == 2
    assert sentence("beside.statement_registry_policy") in done.out
    assert (
        "give `registry-scope:` in ecr-crossaccount.yaml, as `aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE`"
        in " ".join(done.out.split())
    )
    line: dict[str, object] = {"policy": None, "owner": OWNER, "trust": [], "registry_policy": REGISTRY}
    (doubt,) = run("judge", "--jsonl", stdin=json.dumps(line) + "\n").json["undecided"]
    assert "give `registry_scope`" in doubt["reason"]


def test_both_documents_together_are_compliant(run: Run, write: Write) -> None:
    printed = {"registryId": OWNER, "policyText": json.dumps({**REGISTRY, "Statement": []})}
    done = run(*CONTROLLED, "--registry-policy", write(printed, "registry.json"), write(SAFE))
    assert done.status == 0
    assert sentence("judge.no_untrusted_external_access") in done.out


@pytest.mark.parametrize("command", ["judge", "plan", "ask", "check"])
def test_a_second_registry_policy_does_not_hide_the_first(run: Run, write: Write, command: str) -> None:
    open_, closed = write(REGISTRY, "open.json"), write({**REGISTRY, "Statement": []}, "closed.json")
    whose = "--account" if command == "check" else "--owner"
    done = run(command, "--registry-policy", open_, "--registry-policy", closed, whose, OWNER, write(SAFE))
    assert (done.status, done.out) == (3, "")
    assert sentence("ask.registry_policy_registry", closed=closed, open=open_) in done.err


def test_the_same_registry_policy_may_be_named_twice(run: Run, write: Write) -> None:
    named = ("--registry-policy", write(REGISTRY, "registry.json"))
    assert run(*CONTROLLED, *named, *named, "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2", write(SAFE)).status == 1


def test_a_registry_policy_of_another_account_is_refused(run: Run, write: Write) -> None:
    printed = {"registryId": "444455556666", "policyText": json.dumps(REGISTRY)}
    done = run(*CONTROLLED, "--registry-policy", write(printed, "registry.json"), write(SAFE))
    assert done.status == 3
    assert sentence("beside.registry_policy") in done.err


def test_what_is_left_under_resource_control_policies_is_said_beside(run: Run, write: Write) -> None:
    done = run(*CONTROLLED, "--rcp", write(RCP, "rcp.json"), write(NEIGHBOUR))
    assert done.status == 1, "the policy's verdict stays"
    assert "account 222233334444 gets READ" in done.out
    assert sentence("audit_reports.under_resource_control") in done.out
    assert "service-linked roles" in done.out
    assert "management account" in done.out


def test_the_exit_status_speaks_of_what_is_left_if_asked(run: Run, write: Write) -> None:
    policy, rcp = write(NEIGHBOUR), write(RCP, "rcp.json")
    done = run(*CONTROLLED, "--rcp", rcp, "ECR_CROSSACCOUNT_COUNT_RCPS=true", "--format", "json", policy)
    assert done.status == 0
    [found] = done.json["policies"]
    assert (found["compliance"], found["under_rcp"]["compliance"]) == ("NON_COMPLIANT", "COMPLIANT")


def test_a_pull_that_a_service_linked_role_may_make_is_not_called_closed(run: Run, write: Write) -> None:
    pulls = {**NEIGHBOUR, "Statement": {**NEIGHBOUR["Statement"], "Action": "ecr:BatchGetImage"}}  # type: ignore[dict-item]
    done = run(*CONTROLLED, "--rcp", write(RCP, "rcp.json"), "ECR_CROSSACCOUNT_COUNT_RCPS=true", write(pulls))
    assert done.status == 2
    assert "nobody is left" not in done.out
    assert "UNDECIDED" in done.out


def test_a_policy_that_organizations_would_refuse_is_named_by_its_file(run: Run, write: Write) -> None:
    good, bad = write(RCP, "good.json"), write({**RCP, "Version": "2008-10-17"}, "bad.json")
    done = run(*CONTROLLED, "--rcp", good, "--rcp", bad, write(NEIGHBOUR))
    (note,) = [line for line in done.err.splitlines() if "--rcp" in line]
    assert sentence("control.note_rcp_version", bad=bad) in note
    assert note.endswith("denies nothing here. Results call it `resource-control:1`")
    assert run(*CONTROLLED, "--rcp", good, write(NEIGHBOUR)).err == ""


def test_a_compliant_policy_is_not_called_open_under_one_that_cannot_be_read(run: Run, write: Write) -> None:
    bad = write({**RCP, "Version": "2008-10-17"}, "bad.json")
    done = run(*CONTROLLED, "--rcp", bad, write(SAFE))
    assert done.status == 0
    assert sentence("audit_reports.under_resource_control_cannot") in done.out
    assert "still open" not in done.out


def test_what_is_still_open_under_them_is_listed(run: Run, write: Write) -> None:
    broken = {"Version": "2012-10-17", "Statement": [{**RCP["Statement"], "Action": "s3:*"}, {"Effect": "Deny"}]}  # type: ignore[dict-item]
    tomorrow = {"Statement": {**NEIGHBOUR["Statement"], "Condition": {"StringEquals": {"aws:Tomorrow": "x"}}}}  # type: ignore[dict-item]
    both = {"Version": "2012-10-17", "Statement": [NEIGHBOUR["Statement"], tomorrow["Statement"]]}
    done = run(*CONTROLLED, "--rcp", write(broken, "rcp.json"), "ECR_CROSSACCOUNT_COUNT_RCPS=true", write(both))
    assert done.status == 1
    left = done.out.partition(sentence("audit_reports.under_resource_control_policies_2"))[2]
    assert left.startswith("still open\n")
    assert "MEDIUM" in left
    assert "UNDECIDED" in left
    assert "INVALID   resource-control:0:$.Statement[1]" in left


@pytest.mark.parametrize(
    "options, message",
    [
        (("--rcp", "."), sentence("beside.rcp_folder_name")),
        (
            ("--rcp", os.devnull),
            sentence("beside.empty_expected_resource"),
        ),
        (("--registry-policy", "."), sentence("beside.registry_policy_folder")),
        (
            ("--registry-policy", os.devnull),
            sentence("beside.empty_expected_registry"),
        ),
        (("--rcp", "missing.json"), "--rcp missing.json"),
        (("--registry-policy", "missing.json"), "--registry-policy missing.json"),
    ],
)
def test_options_that_cannot_be_used_are_refused(
    run: Run, write: Write, options: tuple[str, ...], message: str
) -> None:
    done = run(*CONTROLLED, *options, write(SAFE))
    assert done.status == 3
    assert message in done.err


@pytest.mark.parametrize("option", [("--rcp", "x"), ("--registry-policy", "x")])
def test_a_batch_says_them_line_by_line(run: Run, option: tuple[str, ...]) -> None:
    done = run("judge", "--jsonl", *option, stdin="")
    assert done.status == 3
    assert f"{option[0]} does not go with --jsonl" in done.err


DELETING = json.loads(json.dumps(REGISTRY).replace("PutImage", "BatchDeleteImage"))
"""Allows an account an action that no service-linked role uses.

Resource control policies would not apply to such a role.
"""
TEMPLATE = {
    "Resources": {
        "Open": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": NEIGHBOUR}},
        "Shut": {"Type": "AWS::ECR::Repository"},
        "All": {"Type": "AWS::ECR::RegistryPolicy", "Properties": {"PolicyText": DELETING}},
    }
}


def test_check_says_what_is_left_of_each_repository_and_of_no_registry(run: Run, write: Write) -> None:
    place = ("--account", OWNER, "--region", "eu-west-1", "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2")
    arguments = ("check", *place, "--rcp", write(RCP, "rcp.json"))
    done = run(*arguments, "--format", "json", write(TEMPLATE, "template.json"))
    assert done.status == 1
    found = {one["resource"]: one for one in done.json["policies"]}
    assert (found["Open"]["compliance"], found["Open"]["under_rcp"]["compliance"]) == ("NON_COMPLIANT", "COMPLIANT")
    assert [one["document"] for one in found["Shut"]["grants"]] == ["registry"]
    assert found["Shut"]["under_rcp"]["compliance"] == "COMPLIANT"
    assert "under_rcp" not in found["All"]
    text = run(*arguments, write(TEMPLATE, "template.json")).out
    assert text.count(sentence("audit_reports.under_resource_control")) == 2
    table = run(*arguments, "--format", "csv", write(TEMPLATE, "template.json")).out
    assert table.count(sentence("verdict.no_untrusted_external_access_left")) > 1
    log = run(*arguments, "--format", "sarif", write(TEMPLATE, "template.json")).json
    assert {one["properties"].get("underRcp", {}).get("compliance") for one in log["runs"][0]["results"]} >= {
        "COMPLIANT"
    }


def test_check_fails_by_what_is_left_if_asked(run: Run, write: Write) -> None:
    template = {"Resources": {"Open": TEMPLATE["Resources"]["Open"]}}
    arguments = ("check", "--account", OWNER, "--rcp", write(RCP, "rcp.json"), write(template, "template.json"))
    assert run(*arguments).status == 1
    assert run(*arguments, "ECR_CROSSACCOUNT_COUNT_RCPS=true").status == 0
    registry = {"Resources": {"All": TEMPLATE["Resources"]["All"]}}
    arguments = ("check", "--account", OWNER, "--rcp", write(RCP, "rcp.json"), write(registry, "registry.json"))
    assert run(*arguments, "ECR_CROSSACCOUNT_COUNT_RCPS=true").status == 1, (
        "what was not judged under them counts as it is"
    )


OPENING = json.loads(json.dumps(REGISTRY).replace("PutImage", "BatchGetImage"))


class TestPlans:
    """A plan is about the repository's own policy. It says what the registry's policy leaves open."""

    PLAN = ("plan", "--owner", OWNER, "--repository", "base", "--region", "eu-west-1")

    def test_what_the_registry_policy_opens_stays_open_and_is_said(self, run: Run, write: Write) -> None:
        given = ("--registry-policy", write(OPENING, "registry.json"), "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2")
        for own in (SAFE, NEIGHBOUR):
            done = run(*self.PLAN, *given, write(own))
            assert done.status == 1
            out = " ".join(done.out.split())
            assert sentence("left.registry_policy_still") in out
            assert sentence("left.change_repository_policy") in out
        (planned,) = run(*self.PLAN, *given, "--format", "json", write(SAFE)).json["plans"]
        assert len(planned["notes"]) == 2

    def test_of_an_unknown_scope_it_is_undecided(self, run: Run, write: Write) -> None:
        done = run(*self.PLAN, "--registry-policy", write(OPENING, "registry.json"), write(SAFE))
        assert done.status == 2
        assert "give `registry-scope:` in ecr-crossaccount.yaml" in " ".join(done.out.split())

    def test_a_registry_policy_that_opens_nothing_changes_nothing(self, run: Run, write: Write) -> None:
        given = ("--registry-policy", write(RCP, "registry.json"), "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2")
        done = run(*self.PLAN, *given, write(SAFE))
        assert (done.status, done.out) == (0, run(*self.PLAN, write(SAFE)).out)

    def test_one_of_another_account_is_refused(self, run: Run, write: Write) -> None:
        printed = {"registryId": "444455556666", "policyText": json.dumps(OPENING)}
        done = run(*self.PLAN, "--registry-policy", write(printed, "registry.json"), write(SAFE))
        assert (done.status, sentence("beside.registry_policy") in done.err) == (3, True)
