"""What a baseline and `--since` call new, gone, or not determined: one notion of the same access for both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.ecr.models import ecr_backends

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    ORGANIZATION,
    OWNER,
    PARTNER,
    PARTNER_PULLS,
    REGION,
    SAFE,
    STRANGER,
    STRANGER_PULLS,
    Furnish,
    Refuse,
    policy,
    row,
)
from tests.cli.conftest import Result, Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.wording import sentence

Trust = Callable[..., str]
Policies = Mapping[str, object]
PULL = ("ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer")
UNKNOWN = {"StringEquals": {"aws:SomeKeyOfTomorrow": "x"}}
MEMBERS = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
UNTIL = {"DateLessThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}}
OWN = {"AWS": OWNER}
CI = policy({"AWS": f"arn:aws:iam::{STRANGER}:role/ci"})


def several(*policies: Mapping[str, Any]) -> dict[str, Any]:
    """Return one policy with the statements of several."""
    return {"Version": "2012-10-17", "Statement": [one for each in policies for one in each["Statement"]]}


class Audits:
    """Two audits of inventories, with options for the second."""

    def __init__(self, run: Run, write: Write) -> None:
        self._run = run
        self._write = write

    def first(self, *rows: dict[str, Any], trust: str | None = None) -> str:
        """Return the path of the first report."""
        return self._write(self.run(*rows, *(("--trust", trust) if trust else ())).json, "earlier.json")

    def run(self, *argv: Any, form: str = "json") -> Result:  # noqa: ANN401 - rows and options
        rows = [json.dumps(one) for one in argv if isinstance(one, dict)]
        options = [one for one in argv if isinstance(one, str)]
        return self._run("audit", self._write({"Results": rows}, "now.json"), "--format", form, *options)

    def changes(self, before: object, after: object, *argv: str, trust: str | None = None) -> Any:  # noqa: ANN401
        earlier = self.first(one("one", before), trust=trust)
        return self.run(one("one", after), "--since", earlier, *argv).json["changes"]

    def known(self, before: object, after: object, *argv: str, trust: str | None = None) -> int:
        """Return the status of the second audit, with the first as its baseline."""
        earlier = self.first(one("one", before), trust=trust)
        return self.run(one("one", after), "--baseline", earlier, *argv).status


def one(name: str, document: object, **place: str) -> dict[str, Any]:
    return row(name, SAFE if document is None else json.dumps(document), **place)


def arn(name: str, region: str = REGION) -> str:
    return f"arn:aws:ecr:{region}:{OWNER}:repository/{name}"


@pytest.fixture
def audits(run: Run, write: Write) -> Audits:
    return Audits(run, write)


OPENED = {
    "a pull, where only the repository was described": (
        policy({"AWS": STRANGER}, "ecr:DescribeRepositories"),
        policy({"AWS": STRANGER}, *PULL),
    ),
    "a push, where only tags could be set": (
        policy({"AWS": STRANGER}, "ecr:TagResource"),
        policy({"AWS": STRANGER}, "ecr:PutImage"),
    ),
    "the whole account, where a role was named": (CI, STRANGER_PULLS),
    "access without its condition": (policy("*", Condition=MEMBERS), policy("*")),
    "access without its end": (policy({"AWS": STRANGER}, Condition=UNTIL), STRANGER_PULLS),
    "a second statement of the same name": (
        policy({"AWS": STRANGER}, "ecr:PutImage"),
        several(policy({"AWS": STRANGER}, "ecr:PutImage"), policy({"AWS": STRANGER}, "ecr:SetRepositoryPolicy")),
    ),
    "another account beside one that is known": (STRANGER_PULLS, policy({"AWS": [STRANGER, PARTNER]})),
}


@pytest.mark.parametrize("case", OPENED)
def test_what_is_opened_is_new(audits: Audits, case: str) -> None:
    before, after = OPENED[case]
    found = audits.changes(before, after)
    assert {change["before"] for change in found["new"]} == {"refused"}
    assert audits.known(before, after) == 1


UNCERTAIN = {
    "more actions, if a key of tomorrow has a value": (
        policy("*", "ecr:DescribeRepositories", Condition=UNKNOWN),
        policy("*", "ecr:*", Condition=UNKNOWN),
    ),
    "a statement beside a red one": (
        STRANGER_PULLS,
        several(STRANGER_PULLS, policy("*", "ecr:PutImage", Condition=UNKNOWN)),
    ),
    "an invalid statement beside a red one": (
        STRANGER_PULLS,
        several(STRANGER_PULLS, policy({"AWS": "nobody"}, "ecr:PutImage")),
    ),
}


@pytest.mark.parametrize("case", UNCERTAIN)
def test_what_may_be_opened_is_undecided(audits: Audits, case: str) -> None:
    before, after = UNCERTAIN[case]
    found = audits.changes(before, after)
    assert (found["new"], found["gone"]) == ([], [])
    assert {doubt["change"] for doubt in found["undecided"]} == {"new"}
    assert audits.known(before, after) != 0
    earlier = audits.first(one("one", before))
    text = audits.run(one("one", after), "--since", earlier, form="text").out
    assert "\n  ? " in text
    assert "nothing has changed" not in text


SAME = {
    "nothing": (STRANGER_PULLS, STRANGER_PULLS),
    "the order and the names of statements": (
        several(STRANGER_PULLS, policy("*", "ecr:PutImage", Condition=UNKNOWN, Sid="Two")),
        several(policy("*", "ecr:PutImage", Condition=UNKNOWN, Sid="Three"), STRANGER_PULLS),
    ),
    "the spelling of an account": (policy({"AWS": f"arn:aws:iam::{STRANGER}:root"}), policy({"AWS": [STRANGER]})),
    "an invalid statement": (policy({"AWS": "nobody"}), policy({"AWS": "nobody"}, Sid="Two")),
}


@pytest.mark.parametrize("case", SAME)
def test_what_is_the_same_is_silent(audits: Audits, case: str) -> None:
    before, after = SAME[case]
    assert audits.known(before, after) == 0
    earlier = audits.first(one("one", before))
    assert audits.run(one("one", after), "--since", earlier, form="text").out.count("  nothing has changed\n") == 1


NARROWED = {
    "everyone to one account": (policy("*", *PULL), policy({"AWS": STRANGER}, *PULL)),
    "an account to its role": (STRANGER_PULLS, CI),
    "an added condition": (policy("*"), policy("*", Condition=MEMBERS)),
    "one of two accounts": (policy({"AWS": [STRANGER, PARTNER]}), PARTNER_PULLS),
}


@pytest.mark.parametrize("case", NARROWED)
def test_what_is_narrowed_is_known_and_gone(audits: Audits, case: str) -> None:
    before, after = NARROWED[case]
    assert audits.known(before, after) == 0
    found = audits.changes(before, after)
    assert (found["new"], found["undecided"]) == ([], [])
    assert {change["now"] for change in found["gone"]} == {"refused"}


@pytest.mark.parametrize(
    "before, after",
    [
        pytest.param(STRANGER_PULLS, policy("*"), id="a wider grant includes it"),
        pytest.param(CI, STRANGER_PULLS, id="so does the whole account"),
    ],
)
def test_access_that_the_policy_still_gives_has_not_ended(audits: Audits, before: object, after: object) -> None:
    found = audits.changes(before, after)
    assert (found["gone"], found["undecided"]) == ([], [])


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(policy({"AWS": STRANGER}, Condition=UNKNOWN), id="undecided"),
        pytest.param(policy({"AWS": [STRANGER, "nobody"]}), id="invalid"),
    ],
)
def test_access_that_cannot_be_judged_any_more_is_not_called_ended(audits: Audits, after: object) -> None:
    found = audits.changes(STRANGER_PULLS, after)
    assert (found["new"], found["gone"]) == ([], [])
    assert found["undecided"]


class TestDays:
    """The same policy on two days."""

    def test_access_with_an_end_has_ended_after_it(self, audits: Audits, monkeypatch: pytest.MonkeyPatch) -> None:
        dated = policy({"AWS": STRANGER}, Condition={"DateLessThan": {"aws:CurrentTime": "2026-07-15T00:00:00Z"}})
        earlier = audits.first(one("aa", dated))
        monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.today", lambda: date(2026, 8, 1))
        found = audits.run(one("aa", dated), "--since", earlier).json["changes"]
        assert (found["new"], [change["grantee"] for change in found["gone"]]) == ([], [STRANGER])

    def test_another_result_of_the_same_policy_is_told(self, audits: Audits, write: Write) -> None:
        report = json.loads(Path(audits.first(one("aa", None))).read_text("utf-8"))
        report["repositories"][0]["compliance"] = "NON_COMPLIANT"
        text = audits.run(one("aa", None), "--since", write(report, "edited.json"), form="text").out
        assert text.endswith(sentence("audit_text.compliant_now_non"))


class TestTrust:
    def test_an_approval_that_is_lost_is_new(self, audits: Audits, trust: Trust) -> None:
        register = trust({"account": PARTNER})
        (change,) = audits.changes(PARTNER_PULLS, PARTNER_PULLS, trust=register)["new"]
        assert (change["grantee"], change["before"]) == (PARTNER, "approved")
        assert audits.known(PARTNER_PULLS, PARTNER_PULLS, trust=register) == 1

    def test_what_else_the_register_trusts_is_not_recorded(self, audits: Audits, trust: Trust) -> None:
        register = trust({"account": PARTNER, "access": "WRITE"}, {"account": STRANGER, "repositories": ["other"]})
        earlier = json.loads(Path(audits.first(one("one", PARTNER_PULLS), trust=register)).read_text("utf-8"))
        assert earlier["recorded"]["registers"] == [[{"account": PARTNER, "access": "WRITE"}]]

    def test_approved_access_that_nobody_had_is_told(self, audits: Audits, trust: Trust) -> None:
        members = policy("*", *PULL, Condition=MEMBERS)
        option = ("--trust", trust({"organization": ORGANIZATION}))
        found = audits.changes(several(policy("*", PULL[0], Condition=MEMBERS), CI), members, *option)
        (approved,) = found["approved"]
        assert (approved["grantee"], approved["actions"]) == (ORGANIZATION, sorted(PULL[1:]))
        assert [change["grantee"] for change in found["gone"]] == [ORGANIZATION, STRANGER]

    def test_whether_approved_access_is_new_may_be_undecided(self, audits: Audits, trust: Trust) -> None:
        option = ("--trust", trust({"account": PARTNER}))
        before = policy({"AWS": PARTNER}, Condition={"StringEquals": {"aws:AnotherKeyOfTomorrow": "x"}})
        found = audits.changes(before, PARTNER_PULLS, *option, trust=option[1])
        assert (found["new"], found["gone"], found["approved"]) == ([], [], [])
        assert [doubt["change"] for doubt in found["undecided"]] == ["approved"]


class TestLostPermissions:
    """The second audit may read less than the first one."""

    @pytest.fixture
    def since(self, run: Run, tmp_path: Path) -> Callable[[], str]:
        def since() -> str:
            path = tmp_path / "earlier.json"
            path.write_text(run("audit", "--format", "json", "--region", REGION).out, encoding="utf-8")
            return str(path)

        return since

    def test_tags_that_are_not_read_any_more(
        self, run: Run, furnish: Furnish, refuse: Refuse, since: Callable[[], str]
    ) -> None:
        asks = {"StringEquals": {"aws:ResourceTag/open": "yes"}}
        furnish({"aa": policy("*", Condition=asks)})
        boto3.client("ecr").tag_resource(resourceArn=arn("aa"), tags=[{"Key": "open", "Value": "yes"}])
        earlier = since()
        refuse("ListTagsForResource", "AccessDeniedException")
        found = run("audit", "--format", "json", "--since", earlier).json["changes"]
        assert (found["new"], found["gone"]) == ([], [])
        assert [(doubt["arn"], doubt["change"]) for doubt in found["undecided"]] == [(arn("aa"), "gone")]
        assert "nothing has changed" not in run("audit", "--since", earlier).out

    def test_a_scope_that_is_not_read_any_more(
        self, run: Run, furnish: Furnish, refuse: Refuse, since: Callable[[], str]
    ) -> None:
        furnish({"aa": None})
        statement = {**STRANGER_PULLS["Statement"][0], "Resource": arn("*")}
        ecr_backends[OWNER][REGION].registry_policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        earlier = since()
        refuse("GetAccountSetting", "AccessDeniedException")
        found = run("audit", "--format", "json", "--since", earlier).json["changes"]
        assert found["gone"] == []
        assert {doubt["arn"] for doubt in found["undecided"]} >= {arn("aa")}

    def test_a_registry_policy_that_an_inventory_does_not_have(
        self, run: Run, furnish: Furnish, write: Write, since: Callable[[], str]
    ) -> None:
        furnish({"aa": None})
        statement = {**STRANGER_PULLS["Statement"][0], "Resource": arn("*")}
        ecr_backends[OWNER][REGION].registry_policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        earlier, inventory = since(), write({"Results": [json.dumps(one("aa", policy(OWN)))]}, "now.json")
        found = run("audit", "--format", "json", inventory, "--since", earlier).json["changes"]
        assert (found["gone"], found["vanished"], found["not_compared"]) == ([], [], [arn("*")])
        assert [doubt["arn"] for doubt in found["undecided"]] == [arn("aa")]


class TestPlaces:
    def test_a_region_counts_only_for_the_account_whose_region_was_read(self, audits: Audits) -> None:
        other = {"account": "123412341234", "region": "us-east-1"}
        earlier = audits.first(one("aa", None), one("bb", STRANGER_PULLS, region="us-east-1"), one("cc", None, **other))
        found = audits.run(one("aa", None), one("cc", None, **other), "--since", earlier).json["changes"]
        assert (found["gone"], found["vanished"]) == ([], [])
        assert found["not_compared"] == [arn("bb", "us-east-1")]

    def test_a_repository_that_the_earlier_audit_did_not_read_is_not_called_new(self, audits: Audits) -> None:
        earlier = audits.first(one("aa", None))
        now = (one("aa", None), one("bb", None), one("cc", STRANGER_PULLS, region="us-east-1"))
        found = audits.run(*now, "--since", earlier).json["changes"]
        assert (found["appeared"], found["not_read_before"]) == ([arn("bb")], [arn("cc", "us-east-1")])
        assert [change["arn"] for change in found["new"]] == [arn("cc", "us-east-1")]
        text = audits.run(*now, "--since", earlier, form="text").out
        assert sentence("audit_text.not_read_earlier_audit") in text

    def test_the_last_repository_of_a_region_that_was_read_has_been_deleted(
        self, run: Run, furnish: Furnish, tmp_path: Path
    ) -> None:
        furnish({"aa": STRANGER_PULLS})
        earlier = tmp_path / "earlier.json"
        earlier.write_text(run("audit", "--format", "json").out, encoding="utf-8")
        boto3.client("ecr").delete_repository(repositoryName="aa")
        found = run("audit", "--format", "json", "--since", str(earlier)).json["changes"]
        assert (found["vanished"], found["not_compared"]) == ([arn("aa")], [])
        assert [change["grantee"] for change in found["gone"]] == [STRANGER]


def test_of_several_recordings_it_is_not_known_which_access_has_ended(audits: Audits) -> None:
    earlier = audits.first(one("aa", several(STRANGER_PULLS, PARTNER_PULLS)))
    found = audits.run(one("aa", STRANGER_PULLS), one("aa", PARTNER_PULLS), "--since", earlier).json["changes"]
    assert (found["new"], found["gone"]) == ([], [])
    assert "recorded several times" in found["undecided"][0]["reason"]


class TestOldReports:
    """A report of an earlier version has no states: access is compared by its actions."""

    @pytest.fixture
    def old(self, audits: Audits, write: Write) -> Callable[..., str]:
        def old(*rows: dict[str, Any], trust: str | None = None) -> str:
            report = json.loads(Path(audits.first(*rows, trust=trust)).read_text("utf-8"))
            del report["recorded"], report["audited"]["read"]
            for each in report["repositories"]:
                del each["state"]
            return write(report, "old.json")

        return old

    @pytest.mark.parametrize("option", ["--baseline", "--since"])
    def test_every_run_says_so(self, audits: Audits, old: Callable[..., str], option: str) -> None:
        earlier = old(one("aa", None))
        done = audits.run(one("aa", None), option, earlier)
        assert sentence("audit.note_report_does", earlier=earlier) in done.err
        assert audits.run(one("aa", None), option, audits.first(one("aa", None))).err == ""

    @pytest.mark.parametrize("case", [*OPENED][:2])
    def test_another_action_of_the_same_level_is_new(self, audits: Audits, old: Callable[..., str], case: str) -> None:
        before, after = OPENED[case]
        earlier = old(one("aa", before))
        assert audits.run(one("aa", after), "--baseline", earlier).status == 1
        found = audits.run(one("aa", after), "--since", earlier).json["changes"]
        assert [change["before"] for change in found["new"]] == ["refused"]
        assert found["gone"] == []
        assert [doubt["change"] for doubt in found["undecided"]] == ["gone"]

    def test_the_same_actions_are_known(self, audits: Audits, old: Callable[..., str]) -> None:
        documents = {"aa": EVERYBODY_MAY_ALL, "bb": policy("*", Condition=UNKNOWN), "cc": policy({"AWS": "nobody"})}
        rows = [one(name, document) for name, document in documents.items()]
        earlier = old(*rows)
        assert audits.run(*rows, "--baseline", earlier).status == 0
        assert audits.run(*rows, "--since", earlier, form="text").out.count("  nothing has changed\n") == 1

    def test_a_new_doubt_is_undecided(self, audits: Audits, old: Callable[..., str]) -> None:
        before, after = UNCERTAIN["a statement beside a red one"]
        found = audits.run(one("aa", after), "--since", old(one("aa", before))).json["changes"]
        assert [doubt["change"] for doubt in found["undecided"]] == ["new"]

    def test_access_has_ended_where_none_is_left(self, audits: Audits, old: Callable[..., str]) -> None:
        earlier = old(one("aa", STRANGER_PULLS), one("bb", STRANGER_PULLS), one("cc", None))
        found = audits.run(one("aa", None), one("cc", None), "--since", earlier).json["changes"]
        assert [(change["arn"], change["now"]) for change in found["gone"]] == [
            (arn("aa"), "refused"),
            (arn("bb"), "refused"),
        ]

    def test_approvals_are_compared_too(self, audits: Audits, old: Callable[..., str], trust: Trust) -> None:
        register = trust({"account": PARTNER})
        earlier = old(one("aa", PARTNER_PULLS), one("bb", None), trust=register)
        found = audits.run(one("aa", PARTNER_PULLS), one("bb", PARTNER_PULLS), "--trust", register, "--since", earlier)
        assert [(change["arn"], change["before"]) for change in found.json["changes"]["approved"]] == [
            (arn("bb"), "refused")
        ]
        lost = audits.run(one("aa", PARTNER_PULLS), one("bb", None), "--since", earlier).json["changes"]
        assert [(change["arn"], change["before"]) for change in lost["new"]] == [(arn("aa"), "approved")]

    def test_a_registry_policy_that_is_not_read_any_more_is_not_compared(
        self, run: Run, furnish: Furnish, refuse: Refuse, tmp_path: Path
    ) -> None:
        furnish({"aa": STRANGER_PULLS})
        report = run("audit", "--format", "json").json
        del report["repositories"][0]["state"]
        earlier = tmp_path / "old.json"
        earlier.write_text(json.dumps(report), encoding="utf-8")
        boto3.client("ecr").delete_repository_policy(repositoryName="aa")
        refuse("GetRegistryPolicy", "AccessDeniedException")
        found = run("audit", "--format", "json", "--since", str(earlier)).json["changes"]
        assert (found["gone"], found["not_compared"]) == ([], [arn("aa")])
