"""`audit --rcp`: the access of each repository under resource control policies, beside its verdict."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.audit.conftest import EVERYBODY_MAY_ALL, OWNER, PARTNER, STRANGER, policy, row
from tests.cli.conftest import Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.wording import sentence

STRANGER_LISTS = policy({"AWS": STRANGER}, "ecr:ListImages")
EVERYBODY_LISTS = policy("*", "ecr:ListImages")
OWN = policy({"AWS": OWNER}, "ecr:*")
CLOSED = sentence("verdict.no_untrusted_external_access")
PARTNER_PULLS = json.dumps(policy({"AWS": PARTNER}))


def rcp(*resources: str, **condition: object) -> dict[str, object]:
    """Return a policy that denies access to the resources, for STRANGER or under the condition."""
    who = condition or {"StringEquals": {"aws:PrincipalAccount": STRANGER}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": [*resources] or "*", "Condition": who}
    return {"Version": "2012-10-17", "Statement": [deny]}


@pytest.fixture
def audit(write: Write) -> Callable[..., tuple[str, ...]]:
    """Return the command for an audit of repositories with these policies, under a resource control policy."""

    def audit(control: object, **policies: object) -> tuple[str, ...]:
        rows = [json.dumps(row(name, json.dumps(one))) for name, one in policies.items()]
        held = write({"Results": rows}, "inventory.json")
        return "audit", held, *(("--rcp", write(control, "rcp.json")) if control else ())

    return audit


Audit = Callable[..., tuple[str, ...]]


def test_what_is_left_stands_beside_each_verdict(run: Run, audit: Audit) -> None:
    command = audit(rcp(), closed=STRANGER_LISTS, still=EVERYBODY_MAY_ALL, own=OWN)
    done = run(*command, "--format", "json")
    found = {one["name"]: (one["compliance"], one["under_rcp"]["compliance"]) for one in done.json["repositories"]}
    shut, opened = "COMPLIANT", "NON_COMPLIANT"
    assert found == {"closed": (opened, shut), "still": (opened, opened), "own": (shut, shut)}
    text = run(*command)
    assert (done.status, text.status) == (1, 1), "the verdict stays that of the policies"
    under = text.out.partition(sentence("audit_text.under_resource_control"))[2]
    assert under.startswith("  nobody is left: closed\n  still open: still\n")
    assert sentence("control.do_not_apply_repositories") in under


class TestOtherForms:
    @pytest.fixture
    def command(self, audit: Audit) -> tuple[str, ...]:
        return audit(rcp(), closed=STRANGER_LISTS, still=EVERYBODY_MAY_ALL, own=OWN)

    def test_each_row_of_a_table_says_what_is_left(self, run: Run, command: tuple[str, ...]) -> None:
        done = run(*command, "--format", "csv")
        rows = [*csv.DictReader(io.StringIO(done.out))]
        assert {
            one["repository"]: one["under_rcp"].partition(",")[0] for one in rows if one["repository"] != "still"
        } == {
            "closed": CLOSED,
            "own": CLOSED,
        }
        assert {
            one["under_rcp"].startswith("still open: any AWS account gets")
            for one in rows
            if one["repository"] == "still"
        } == {True}
        assert {one["compliance"] for one in rows if one["repository"] == "closed"} == {"NON_COMPLIANT"}
        assert sentence("control.do_not_apply_repositories") in done.err

    def test_a_log_says_it_in_message_and_properties(self, run: Run, command: tuple[str, ...]) -> None:
        log = json.loads(run(*command, "--format", "sarif").out)
        found = {one["locations"][0]["logicalLocations"][0]["name"]: one for one in log["runs"][0]["results"]}
        assert found["closed"]["message"]["text"].endswith(
            sentence("audit_text.under_resource_control_policies_2", closed=CLOSED)
        )
        assert found["closed"]["properties"]["underRcp"]["compliance"] == "COMPLIANT"
        assert found["still"]["properties"]["underRcp"]["compliance"] == "NON_COMPLIANT"

    def test_a_fingerprint_stays_what_it_was(self, run: Run, audit: Audit) -> None:
        def prints(*command: str) -> list[str]:
            log = json.loads(run(*command, "--format", "sarif").out)
            return [one["partialFingerprints"]["ecrCrossaccount/v1"] for one in log["runs"][0]["results"]]

        with_them = prints(*audit(rcp(), aa=STRANGER_LISTS))
        assert with_them == prints(*audit(None, aa=STRANGER_LISTS))

    def test_an_event_has_both_verdicts(self, run: Run, command: tuple[str, ...]) -> None:
        events = [json.loads(line) for line in run(*command, "--format", "ocsf").out.splitlines()]
        found = {one["resource"]["uid"].rpartition("/")[2]: one for one in events}
        verdicts = {name: one["unmapped"]["under_rcp"]["compliance"] for name, one in found.items()}
        assert verdicts == {"closed": "COMPLIANT", "still": "NON_COMPLIANT", "own": "COMPLIANT"}
        assert found["closed"]["compliance"]["status"] == "Fail", "the verdict stays that of the policies"
        assert found["closed"]["message"].endswith(
            sentence("audit_reports.under_resource_control_policies", closed=CLOSED)
        )

    def test_the_page_counts_them_and_says_it_of_each(self, run: Run, command: tuple[str, ...], tmp_path: Path) -> None:
        run(*command, "--format", "text", "--format", f"html={tmp_path / 'page.html'}")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert sentence("control_policies.closed_resource_control") in page
        assert sentence("control.do_not_apply_repositories_organization") in page
        data = json.loads(page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])
        left = {one["name"]: one["under"] for one in data["repositories"]}
        assert left["closed"] == CLOSED
        assert left["still"].startswith("still open: any AWS account gets")

    def test_without_them_no_form_speaks_of_them(self, run: Run, audit: Audit, tmp_path: Path) -> None:
        command = audit(None, aa=STRANGER_LISTS)
        for form in ("sarif", "ocsf"):
            assert "under" not in run(*command, "--format", form).out.lower().replace("underneath", "")
        (one,) = csv.DictReader(io.StringIO(run(*command, "--format", "csv").out))
        assert one["under_rcp"] == ""
        run(*command, "--format", "text", "--format", f"html={tmp_path / 'page.html'}")
        assert "rcps-title" not in (tmp_path / "page.html").read_text(encoding="utf-8")

    def test_where_nothing_is_open_the_page_says_so(self, run: Run, audit: Audit, tmp_path: Path) -> None:
        run(*audit(rcp(), own=OWN), "--format", "text", "--format", f"html={tmp_path / 'page.html'}")
        assert "There is nothing for them to close" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_exit_status_speaks_of_what_is_left_if_asked(run: Run, audit: Audit) -> None:
    assert run(*audit(rcp(), closed=STRANGER_LISTS), "ECR_CROSSACCOUNT_COUNT_RCPS=true").status == 0
    assert (
        run(*audit(rcp(), closed=STRANGER_LISTS, still=EVERYBODY_MAY_ALL), "ECR_CROSSACCOUNT_COUNT_RCPS=true").status
        == 1
    )


def test_two_repositories_of_one_policy_are_told_apart_by_name(run: Run, audit: Audit) -> None:
    named = rcp(f"arn:aws:ecr:eu-central-1:{OWNER}:repository/aa")
    done = run(
        *audit(named, aa=STRANGER_LISTS, bb=STRANGER_LISTS), "--format", "json", "ECR_CROSSACCOUNT_COUNT_RCPS=true"
    )
    left = [one["under_rcp"]["compliance"] for one in done.json["repositories"]]
    assert (done.status, left) == (1, ["COMPLIANT", "NON_COMPLIANT"])


def test_with_a_baseline_only_what_is_left_and_new_fails(run: Run, audit: Audit, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(run(*audit(rcp(), aa=EVERYBODY_LISTS), "--format", "json").out, encoding="utf-8")
    options = ("--baseline", str(baseline))
    later = audit(rcp(), aa=EVERYBODY_LISTS, bb=STRANGER_LISTS)
    assert [run(*later, *options).status, run(*later, *options, "ECR_CROSSACCOUNT_COUNT_RCPS=true").status] == [1, 0]


def test_of_several_recordings_what_is_left_is_not_known(run: Run, write: Write) -> None:
    rows = [row("a", json.dumps(STRANGER_LISTS)), row("a", PARTNER_PULLS)]
    held = write({"Results": [json.dumps(one) for one in rows]}, "inventory.json")
    everybody = rcp(StringNotEquals={"aws:PrincipalOrgID": "o-a1b2c3d4e5"})
    command = ("audit", held, "--rcp", write(everybody, "rcp.json"), "ECR_CROSSACCOUNT_COUNT_RCPS=true")
    done = run(*command, "--format", "json")
    (one,) = done.json["repositories"]
    assert (done.status != 0, one["under_rcp"]["compliance"]) == (True, "NON_COMPLIANT")
    assert "recorded several times" in one["under_rcp"]["undecided"][-1]["reason"]


def test_the_registry_policy_counts_and_has_no_such_verdict_of_its_own(run: Run, write: Write) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "ecr:ReplicateImage", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    where = {"resourceType": "AWS::ECR::RegistryPolicy", "accountId": OWNER, "awsRegion": "eu-central-1"}
    registry = {**where, "configuration": {"PolicyText": document}}
    held = {"configurationItems": [{"resourceType": "AWS::ECR::Repository", **row("a", json.dumps(OWN))}, registry]}
    options = ("--rcp", write(rcp(), "rcp.json"), "ECR_CROSSACCOUNT_COUNT_RCPS=true", "--format", "json")
    done = run("audit", write(held, "inventory.json"), *options)
    (one,), (whole,) = done.json["repositories"], done.json["registries"]
    assert (one["grants"][0]["document"], "under_rcp" in one, "under_rcp" in whole) == ("registry", True, False)
    assert done.status == 1, "what was not judged under them counts as it is"


def test_under_them_too_a_registry_policy_that_was_not_read_is_not_known(run: Run, write: Write) -> None:
    where = {"resourceType": "AWS::ECR::RegistryPolicy", "accountId": OWNER, "awsRegion": "eu-central-1"}
    unread = {**where, "configuration": {}}
    held = {"configurationItems": [{"resourceType": "AWS::ECR::Repository", **row("a", json.dumps(OWN))}, unread]}
    command = ("audit", write(held, "inventory.json"), "--rcp", write(rcp(), "rcp.json"))
    done = run(*command, "ECR_CROSSACCOUNT_COUNT_RCPS=true", "--format", "json")
    (one,) = done.json["repositories"]
    assert (done.status, one["under_rcp"]["compliance"]) == (3, "NON_COMPLIANT")
    assert "nobody is left" not in run(*command).out


@pytest.mark.parametrize("control", [{"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}, {}, []])
def test_one_that_organizations_would_not_accept_closes_nothing(run: Run, audit: Audit, control: object) -> None:
    command = audit(rcp(), aa=STRANGER_LISTS, own=OWN)
    Path(command[-1]).write_text(json.dumps(control), encoding="utf-8")
    done = run(*command, "ECR_CROSSACCOUNT_COUNT_RCPS=true")
    assert done.status != 0
    assert "nobody is left" not in done.out


def test_without_the_option_nothing_is_said_of_them(run: Run, audit: Audit) -> None:
    assert "resource control" not in run(*audit(None, aa=STRANGER_LISTS)).out
    assert "under_rcp" not in run(*audit(None, aa=STRANGER_LISTS), "--format", "json").out


@pytest.mark.parametrize("options, says", [(("--rcp", "none"), "--rcp none")])
def test_options_that_cannot_be_used_are_refused_before_anything_is_read(
    run: Run, options: tuple[str, ...], says: str
) -> None:
    done = run("audit", "/dev/null", *options)
    assert (done.status, done.out, says in done.err) == (3, "", True)
