"""The current replication and pull-through caches in ECR, judged as what registries send and receive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from moto.ecr.responses import ECRResponse

from tests.audit.conftest import (
    OWNER,
    PARTNER,
    REGION,
    STRANGER,
    Cache,
    Furnish,
    Refuse,
    Replicate,
    row,
)
from tests.cli.conftest import Run
from tests.fakes import models
from tests.wording import sentence

REPLICATION = f"arn:aws:ecr:{REGION}:{OWNER}:replication-configuration/*"
CACHE = f"arn:aws:ecr:{REGION}:{OWNER}:pull-through-cache-rule/"
TO_STRANGER: tuple[list[tuple[str, str]], list[str]] = ([(STRANGER, REGION)], [])
CALLS = {"replications": "DescribeRegistry", "pull_through_caches": "DescribePullThroughCacheRules"}


def upstream(account: str, kind: str | None = "ecr") -> dict[str, object]:
    url: dict[str, object] = {"upstreamRegistryUrl": f"{account}.dkr.ecr.eu-west-1.amazonaws.com"}
    return url if kind is None else {**url, "upstreamRegistry": kind}


Exchange = Callable[[str | None], None]


@pytest.fixture
def exchange(replicate: Replicate, cache: Cache) -> Exchange:
    """Let the registry send images to another and receive some from it. None ends both."""

    def exchange(other: str | None) -> None:
        replicate(*([([(other, REGION)], [])] if other else []))
        cache({"team": upstream(other)} if other else {})

    return exchange


class TestReplication:
    def test_copies_that_go_to_another_account_are_read_there(self, run: Run, replicate: Replicate) -> None:
        replicate(TO_STRANGER)
        done = run("audit", "--format", "json")
        assert done.status == 1
        (one,) = done.json["replications"]
        assert (one["arn"], one["name"], one["kind"]) == (REPLICATION, "*", "replication")
        assert (one["compliance"], one["severity"]) == ("NON_COMPLIANT", "MEDIUM")
        assert [(grant["grantee"], grant["access"]) for grant in one["grants"]] == [(STRANGER, ["READ"])]
        assert done.json["audited"]["replications"] is True

    def test_the_own_registry_in_another_region_is_inside(self, run: Run, replicate: Replicate) -> None:
        replicate(([(OWNER, "eu-west-1")], []))
        done = run("audit", "--format", "json")
        assert done.status == 0
        assert [one["compliance"] for one in done.json["replications"]] == ["COMPLIANT"]

    def test_a_registry_that_replicates_nothing_has_no_entry(self, run: Run) -> None:
        done = run("audit", "--format", "json")
        assert (done.status, done.json["replications"]) == (0, [])

    @pytest.mark.parametrize("prefixes, compliance", [(["team/"], "COMPLIANT"), ([], "NON_COMPLIANT")])
    def test_an_entry_counts_for_the_repositories_that_it_speaks_of(
        self, run: Run, replicate: Replicate, trust: Callable[..., str], prefixes: list[str], compliance: str
    ) -> None:
        register = trust({"account": STRANGER, "repositories": ["team/*"]})
        replicate(([(STRANGER, REGION)], prefixes))
        done = run("audit", "--format", "json", "--trust", register)
        (one,) = done.json["replications"]
        assert one["compliance"] == compliance
        assert [trusted["access"] for trusted in one["trusted"]] == ([["READ"]] if prefixes else [])
        assert done.json["trust"][0]["used_by"] == len(one["trusted"])

    def test_a_destination_without_a_registry_is_not_passed_over(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = {"registryId": OWNER, "replicationConfiguration": {"rules": [{"destinations": [{"region": REGION}]}]}}
        monkeypatch.setattr(ECRResponse, "describe_registry", lambda _: json.dumps(answer))
        monkeypatch.setattr(models, "UNCHECKED", {"DescribeRegistry"})
        done = run("audit", "--format", "json")
        assert done.status == 1
        assert [one["compliance"] for one in done.json["replications"]] == ["NON_COMPLIANT"]


class TestCaches:
    def test_each_is_judged_whatever_the_page(self, run: Run, cache: Cache) -> None:
        cache({"inner": upstream(OWNER), "theirs": upstream(STRANGER), "untold": upstream(STRANGER, None)})
        done = run("audit", "--format", "json")
        assert done.status == 1
        found = {one["name"]: one for one in done.json["pull_through_caches"]}
        assert {name: (one["arn"], one["compliance"], one["severity"]) for name, one in found.items()} == {
            "inner": (f"{CACHE}inner", "COMPLIANT", None),
            "theirs": (f"{CACHE}theirs", "NON_COMPLIANT", "CRITICAL"),
            "untold": (f"{CACHE}untold", "NON_COMPLIANT", "CRITICAL"),
        }
        assert found["theirs"]["grants"][0]["access"] == ["WRITE"]
        assert done.json["audited"]["pull_through_caches"] is True

    def test_an_upstream_that_is_no_registry_of_ecr_is_named_and_not_judged(self, run: Run, cache: Cache) -> None:
        cache({"hub": {"upstreamRegistryUrl": "registry-1.docker.io", "upstreamRegistry": "docker-hub"}})
        done = run("audit", "--format", "json")
        (one,) = done.json["pull_through_caches"]
        assert (done.status, one["compliance"]) == (0, "COMPLIANT")
        assert sentence("exchanges.not_private_registry_amazon") in one["notes"][0]

    @pytest.mark.parametrize("said", [{"upstreamRegistry": "ecr"}, {}])
    def test_an_upstream_that_is_not_told_is_undecided(self, run: Run, cache: Cache, said: dict[str, object]) -> None:
        cache({"team": said})
        done = run("audit", "--format", "json")
        (one,) = done.json["pull_through_caches"]
        assert (done.status, one["compliance"]) == (2, "NON_COMPLIANT")
        assert one["undecided"]

    def test_an_entry_needs_write_for_every_repository_below_the_prefix(
        self, run: Run, cache: Cache, trust: Callable[..., str]
    ) -> None:
        entry = {"account": PARTNER, "access": "WRITE", "repositories": ["team/*"]}
        register = trust(entry, {"account": STRANGER})
        cache({"team": upstream(PARTNER), "te": upstream(PARTNER), "read": upstream(STRANGER)})
        done = run("audit", "--format", "json", "--trust", register)
        found = {one["name"]: (one["compliance"], len(one["trusted"])) for one in done.json["pull_through_caches"]}
        assert found == {"team": ("COMPLIANT", 1), "te": ("NON_COMPLIANT", 0), "read": ("NON_COMPLIANT", 0)}


def test_every_form_has_them(run: Run, exchange: Exchange, tmp_path: Path) -> None:
    exchange(STRANGER)
    page = tmp_path / "page.html"
    text = " ".join(run("audit", "--format", "text", "--format", f"html={page}").out.split())
    assert f"account {STRANGER} gets READ of the replication configuration" in text
    assert f"account {STRANGER} gets WRITE of the pull-through cache team" in text
    table = run("audit", "--format", "csv").out
    assert f'"{REPLICATION}","{OWNER}","{REGION}","replication","replication"' in table
    assert f'"{CACHE}team","{OWNER}","{REGION}","team","pull-through-cache"' in table
    sarif = run("audit", "--format", "sarif").out
    assert REPLICATION in sarif
    assert f"{CACHE}team" in sarif
    events = [json.loads(line) for line in run("audit", "--format", "ocsf").out.splitlines()]
    assert {one["resource"]["type"] for one in events} == {
        "AWS::ECR::ReplicationConfiguration",
        "AWS::ECR::PullThroughCacheRule",
    }
    shown = page.read_text("utf-8")
    assert "No repository policy gives external access without approval, but a setting of a registry may" in shown
    assert sentence("page.replication_configuration_sends") in shown
    assert sentence("page.pull_through_cache") in shown
    assert "the pull-through cache team" in shown
    assert f'- account: \\"{STRANGER}\\"' in shown


def test_resource_control_policies_do_not_bear_on_them(run: Run, exchange: Exchange, tmp_path: Path) -> None:
    exchange(STRANGER)
    rcp = tmp_path / "rcp.json"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
    rcp.write_text(json.dumps({"Version": "2012-10-17", "Statement": [deny]}), encoding="utf-8")
    done = run("audit", "--rcp", str(rcp), "--format", "json")
    assert done.status == 1
    for one in (*done.json["replications"], *done.json["pull_through_caches"]):
        assert one["compliance"] == "NON_COMPLIANT"
        assert "under_rcp" not in one


@pytest.mark.parametrize("about", CALLS)
class TestFaults:
    def test_what_cannot_be_read_is_an_error_of_its_region(
        self, run: Run, furnish: Furnish, exchange: Exchange, refuse: Refuse, about: str
    ) -> None:
        furnish({"aa": None})
        furnish({"bb": None}, "eu-west-1")
        exchange(STRANGER)
        refuse(CALLS[about], "AccessDeniedException", region="eu-west-1")
        done = run("audit", "--region", REGION, "--region", "eu-west-1", "--format", "json")
        assert done.status == 3
        (error,) = done.json["errors"]
        assert (error["region"], error["arn"], error["about"]) == ("eu-west-1", None, about)
        assert f"{CALLS[about]} was refused" in error["reason"]
        assert error["reason"].endswith(f"allow ecr:{CALLS[about]} and audit again")
        assert [one["region"] for one in done.json[about]] == [REGION]
        assert len(done.json["repositories"]) == 2
        assert "not read" in run("audit", "--region", "eu-west-1").out

    def test_another_fault_says_to_audit_again(self, run: Run, refuse: Refuse, about: str) -> None:
        refuse(CALLS[about], "ThrottlingException")
        done = run("audit", "--format", "json")
        assert done.status == 3
        (error,) = done.json["errors"]
        assert error["reason"].endswith("; audit again")

    @pytest.mark.parametrize(
        "answer", ["{}", '{"replicationConfiguration": {}}', '{"pullThroughCacheRules": [{"createdAt": 1}]}']
    )
    def test_an_answer_that_says_nothing_is_an_error(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, about: str, answer: str
    ) -> None:
        name = {"replications": "describe_registry", "pull_through_caches": "describe_pull_through_cache_rules"}
        monkeypatch.setattr(ECRResponse, name[about], lambda _: answer, raising=False)
        done = run("audit", "--format", "json")
        assert done.status == 3
        (error,) = done.json["errors"]
        assert (error["about"], CALLS[about] in error["reason"]) == (about, True)


def test_a_page_that_fails_leaves_what_came_before_and_is_not_green(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(response: ECRResponse) -> str:
        if "nextToken" in json.loads(response.body):
            return "{}"
        return json.dumps(
            {"pullThroughCacheRules": [{"ecrRepositoryPrefix": "aa", **upstream(OWNER)}], "nextToken": "1"}
        )

    monkeypatch.setattr(ECRResponse, "describe_pull_through_cache_rules", answer, raising=False)
    done = run("audit", "--format", "json")
    assert done.status == 3
    assert [one["name"] for one in done.json["pull_through_caches"]] == ["aa"]
    assert [one["about"] for one in done.json["errors"]] == ["pull_through_caches"]


class TestSince:
    @pytest.fixture
    def earlier(self, run: Run, furnish: Furnish, exchange: Exchange, tmp_path: Path) -> str:
        """Return the report of an audit that found both."""
        furnish({"aa": None})
        exchange(STRANGER)
        earlier = tmp_path / "earlier.json"
        earlier.write_text(run("audit", "--format", "json").out, encoding="utf-8")
        return str(earlier)

    def test_what_is_gone_is_told(self, run: Run, exchange: Exchange, earlier: str) -> None:
        exchange(None)
        changes = run("audit", "--format", "json", "--since", earlier).json["changes"]
        gone = {one["arn"]: one["access"] for one in changes["gone"]}
        assert gone == {REPLICATION: ["READ"], f"{CACHE}team": ["WRITE"]}
        assert set(changes["vanished"]) == gone.keys()
        assert changes["not_compared"] == []

    @pytest.mark.parametrize("about", CALLS)
    def test_what_was_not_read_is_not_gone(
        self, run: Run, exchange: Exchange, refuse: Refuse, earlier: str, about: str
    ) -> None:
        exchange(None)
        refuse(CALLS[about], "AccessDeniedException")
        changes = run("audit", "--format", "json", "--since", earlier).json["changes"]
        arn = {"replications": REPLICATION, "pull_through_caches": f"{CACHE}team"}[about]
        assert changes["not_compared"] == [arn]
        assert arn not in {*changes["vanished"], *(one["arn"] for one in changes["gone"])}

    def test_a_baseline_knows_them(self, run: Run, exchange: Exchange, cache: Cache, tmp_path: Path) -> None:
        exchange(STRANGER)
        baseline = tmp_path / "baseline.json"
        baseline.write_text(run("audit", "--format", "json").out, encoding="utf-8")
        assert run("audit", "--baseline", str(baseline)).status == 0
        cache({"team": upstream(STRANGER), "other": upstream(STRANGER)})
        assert run("audit", "--baseline", str(baseline)).status == 1


def test_an_inventory_says_once_that_it_does_not_hold_them(
    run: Run, furnish: Furnish, replicate: Replicate, tmp_path: Path
) -> None:
    furnish({"aa": None})
    replicate(TO_STRANGER)
    inventory, earlier, page = tmp_path / "inventory.json", tmp_path / "earlier.json", tmp_path / "page.html"
    earlier.write_text(run("audit", "--format", "json").out, encoding="utf-8")
    inventory.write_text(json.dumps({"Results": [json.dumps(row("aa")), json.dumps(row("bb"))]}), encoding="utf-8")
    given = ("audit", str(inventory))
    said = "creation templates, replication and pull-through caches were not read"
    assert " ".join(run(*given, "--format", "text", "--format", f"html={page}").out.split()).count(said) == 1
    assert page.read_text("utf-8").count(said.capitalize()) == 1
    assert run(*given, "--format", "csv").err.count(said) == 1
    report = run(*given, "--format", "json", "--since", str(earlier)).json
    assert (report["audited"]["replications"], report["audited"]["pull_through_caches"]) == (False, False)
    assert (report["changes"]["gone"], report["changes"]["vanished"]) == ([], [])
    assert said not in run("audit").out


def test_a_question_about_what_exists_leaves_them_out(
    run: Run, furnish: Furnish, replicate: Replicate, refuse: Refuse
) -> None:
    furnish({"aa": None})
    replicate(TO_STRANGER)
    asked = ("ask", "--region", REGION, "--who", STRANGER, "--can", "ecr:BatchGetImage", "--format", "json")
    assert "replication" not in run(*asked).out
    for operation in CALLS.values():
        refuse(operation, "AccessDeniedException")
    assert run(*asked).status == 0


def test_hostile_prefixes_stay_text(run: Run, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "UNCHECKED", {"DescribePullThroughCacheRules"})
    cache({"<b>{0}\u202e": upstream(STRANGER)})
    page = tmp_path / "page.html"
    assert "\u202e" not in run("audit", "--format", "text", "--format", f"html={page}").out
    shown = page.read_text("utf-8")
    assert "\u202e" not in shown
    assert "<b>" not in shown
