"""AWS Config: an aggregator, and files with its answers."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest

from tests.audit.conftest import EVERYBODY_MAY_ALL, MEMBERS_PULL, ORGANIZATION, OWNER, STRANGER_PULLS, policy, row
from tests.cli.conftest import Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.fakes import FakeConfigService
from tests.wording import sentence

Trust = Callable[..., str]
OTHER = "123412341234"
OWN = json.dumps(policy({"AWS": OWNER}, "ecr:*"))
OPEN, MEMBERS, STRANGER = (json.dumps(one) for one in (EVERYBODY_MAY_ALL, MEMBERS_PULL, STRANGER_PULLS))


def names(answer: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - JSON
    return [(one["account"], one["name"], one["compliance"]) for one in answer["repositories"]]


class TestAggregator:
    def test_reads_a_hundred_repositories_of_all_accounts_a_call(self, run: Run, config: FakeConfigService) -> None:
        config.inventory += [row(f"r{number:03}", account=OTHER) for number in range(150)]
        config.inventory += [row("tools", OPEN)]
        answer = run("audit", "aggregator:all", "--format", "json")
        assert answer.status == 1
        assert len(answer.json["repositories"]) == 151
        assert answer.json["repositories"][0]["name"] == "tools"
        pages = [request for name, request in config.calls if name == "SelectAggregateResourceConfig"]
        assert [request["Limit"] for request in pages] == [100, 100]
        assert answer.json["audited"]["source"] == "aggregator `all`"

    def test_a_policy_that_config_lacks_is_an_error_and_never_compliant(
        self, run: Run, config: FakeConfigService
    ) -> None:
        lacking = row("lacking")
        del lacking["configuration"]["RepositoryPolicyText"]
        config.inventory += [lacking, row("known")]
        answer = run("audit", "aggregator:all", "--format", "json")
        assert answer.status == 3
        assert names(answer.json) == [(OWNER, "known", "COMPLIANT")]
        assert answer.json["errors"][0]["arn"].endswith("repository/lacking")
        assert sentence("recordings.not_recorded_whether_policy") in answer.json["errors"][0]["reason"]

    def test_self_is_the_organization_whose_accounts_it_has(
        self, run: Run, config: FakeConfigService, trust: Trust
    ) -> None:
        mine = boto3.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
        config.inventory += [row("base", MEMBERS.replace(ORGANIZATION, mine), account=OTHER)]
        assert run("audit", "aggregator:all", "--trust", trust({"organization": "self"})).status == 0

    def test_self_is_not_guessed_where_accounts_are_listed_one_by_one(
        self, run: Run, config: FakeConfigService, trust: Trust
    ) -> None:
        boto3.client("organizations").create_organization(FeatureSet="ALL")
        config.aggregators["some"] = {"AccountAggregationSources": [{"AccountIds": [OTHER]}]}
        config.inventory += [row("base", MEMBERS, account=OTHER)]
        register = trust({"organization": "self"})
        answer = run("audit", "aggregator:some", "--trust", register)
        assert (answer.status, sentence("sources.their_organization_not_known") in answer.err) == (3, True)
        given = run("audit", "aggregator:some", "--trust", register, "--organization", ORGANIZATION)
        assert given.status == 0

    def test_a_page_that_fails_leaves_what_was_read(self, run: Run, config: FakeConfigService) -> None:
        config.inventory += [row(f"r{number:03}") for number in range(150)]
        config.page_size = 40
        answer = run("audit", "aggregator:all", "--format", "json")
        assert len(answer.json["repositories"]) == 150
        config.fail("SelectAggregateResourceConfig", "AccessDeniedException", times=2)
        answer = run("audit", "aggregator:all", "--format", "json")
        assert answer.status == 3
        assert "nothing was read: SelectAggregateResourceConfig was refused" in answer.out

    def test_pages_after_one_that_fails_are_an_error(self, run: Run, config: FakeConfigService) -> None:
        config.inventory += [row(f"r{number:03}") for number in range(150)]
        config.fail("SelectAggregateResourceConfig", "InvalidNextTokenException", after=1)
        answer = run("audit", "aggregator:all", "--format", "json")
        assert (answer.status, len(answer.json["repositories"])) == (3, 100)
        assert "only the first 100 repositories were read" in answer.json["errors"][0]["reason"]

    def test_an_aggregator_that_there_is_not_is_named(self, run: Run, trust: Trust) -> None:
        answer = run("audit", "aggregator:none")
        assert "aggregator `none`: nothing was read" in answer.err
        assert "NoSuchConfigurationAggregatorException" in answer.err
        assert "DescribeConfig" in run("audit", "aggregator:none", "--trust", trust({"organization": "self"})).err

    def test_how_many_there_are_is_asked_only_if_somebody_watches(
        self, run: Run, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config.inventory += [row("one"), row("two")]
        run("audit", "aggregator:all")
        assert len(config.calls) == 1
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        assert "2/2" in run("audit", "aggregator:all").err

    @pytest.mark.parametrize(
        "text, says", [("{", sentence("inventory.row_aggregator_not_json")), ("7", "is not an object")]
    )
    def test_a_row_that_is_none_is_an_error(self, run: Run, config: FakeConfigService, text: str, says: str) -> None:
        config.answers["SelectAggregateResourceConfig"] = lambda _: {"Results": [text]}
        answer = run("audit", "aggregator:all")
        assert (answer.status, says in answer.err) == (3, True)


class TestInventory:
    @pytest.mark.parametrize(
        "shaped",
        [
            lambda rows: {"Results": [json.dumps(one) for one in rows], "QueryInfo": {}},
            lambda rows: {"status_code": 200, "data": {"Results": [json.dumps(one) for one in rows]}},
            lambda rows: {"configurationItems": [_recorded(one) for one in rows]},
            lambda rows: {"baseConfigurationItems": [_recorded(one) for one in rows], "unprocessedResourceKeys": []},
            lambda rows: {"BaseConfigurationItems": [_recorded(one) for one in rows]},
        ],
        ids=["query", "recording", "snapshot", "batch", "aggregate batch"],
    )
    def test_every_answer_of_config_is_read(self, run: Run, write: Write, shaped: Callable[..., object]) -> None:
        file = write(shaped([row("a", OPEN), row("b"), row("c", account=OTHER)]))
        answer = run("audit", file, "--format", "json")
        assert names(answer.json) == [
            (OWNER, "a", "NON_COMPLIANT"),
            (OWNER, "b", "COMPLIANT"),
            (OTHER, "c", "COMPLIANT"),
        ]
        assert answer.status == 1

    def test_a_row_without_an_arn_has_it_in_its_configuration(self, run: Run, write: Write) -> None:
        bare = row("a", OPEN, account=OTHER)
        answer = run("audit", "--format", "json", write(_query(_only(bare, "resourceId", "configuration"))))
        assert names(answer.json) == [(OTHER, "a", "NON_COMPLIANT")]

    def test_several_answers_in_one_file_and_several_files_are_one_report(self, run: Run, write: Write) -> None:
        one = write("\n".join(json.dumps(_query(row(name))) for name in "ab"), "one.json")
        two = write(gzip.compress(json.dumps(_query(row("c"))).encode()), "two.json.gz")
        answer = run("audit", one, two, "--format", "json")
        assert [name for _, name, _ in names(answer.json)] == ["a", "b", "c"]

    def test_of_several_recordings_the_latest_counts(self, run: Run, write: Write) -> None:
        def at(hour: int, one: dict[str, Any], **more: object) -> dict[str, Any]:
            return _recorded(one) | {"configurationItemCaptureTime": f"2026-06-01T{hour:02}:00:00Z"} | more

        items = [
            at(9, row("opened")),
            at(10, row("opened", OPEN)),
            at(8, row("opened")),
            at(10, row("deleted"), configurationItemStatus="ResourceDeleted"),
            at(9, row("deleted", OPEN)),
        ]
        answer = run("audit", write({"configurationItems": items}), "--format", "json")
        assert names(answer.json) == [(OWNER, "opened", "NON_COMPLIANT")]

    def test_resources_of_other_kinds_are_passed_over(self, run: Run, write: Write) -> None:
        items = [{"resourceType": "AWS::S3::Bucket", "resourceId": "b"}, _recorded(row("a"))]
        answer = run("audit", write({"configurationItems": items}), "--format", "json")
        assert (answer.status, names(answer.json)) == (0, [(OWNER, "a", "COMPLIANT")])

    @pytest.mark.parametrize("kind", [None, 7, [], {}])
    def test_a_kind_that_is_none_hides_no_repository(self, run: Run, write: Write, kind: object) -> None:
        item = _recorded(row("a", OPEN)) | {"resourceType": kind}
        answer = run("audit", write({"configurationItems": [item]}), "--format", "json")
        assert (answer.status, names(answer.json)) == (1, [(OWNER, "a", "NON_COMPLIANT")])

    @pytest.mark.parametrize("shaped", [lambda it: it, json.dumps], ids=["object", "text"])
    def test_a_recorded_registry_policy_is_judged_as_the_account_s_is(
        self, run: Run, write: Write, shaped: Callable[[object], object]
    ) -> None:
        arn = f"arn:aws:ecr:eu-central-1:{OWNER}:repository/*"
        statement = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:*", "Resource": arn}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        item = {"resourceType": "AWS::ECR::RegistryPolicy", "accountId": OWNER, "awsRegion": "eu-central-1"}
        recorded = {**item, "configuration": shaped({"RegistryId": OWNER, "PolicyText": policy})}
        answer = run("audit", write({"configurationItems": [recorded]}), "--format", "json")
        ((registry,), repositories) = answer.json["registries"], answer.json["repositories"]
        assert (answer.status, registry["arn"], registry["kind"], repositories) == (1, arn, "registry", [])
        assert {one["grantee"] for one in registry["grants"]} == {"222233334444"}

    @pytest.mark.parametrize("registry_first", [True, False])
    def test_a_recorded_registry_policy_counts_for_repositories_wherever_it_stands(
        self, run: Run, write: Write, *, registry_first: bool
    ) -> None:
        recorded = [_registry_allowing("ecr:ReplicateImage"), {"resourceType": "AWS::ECR::Repository", **row("a", OWN)}]
        elsewhere = {"resourceType": "AWS::ECR::Repository", **row("a", OWN, region="eu-west-1")}
        items = [elsewhere, *(recorded if registry_first else reversed(recorded))]
        answer = run("audit", write({"configurationItems": items}), "--format", "json")
        near, far = answer.json["repositories"]
        assert [one["document"] for one in near["grants"]] == ["registry"]
        assert far["compliance"] == "COMPLIANT"

    def test_what_depends_on_a_scope_that_is_not_recorded_is_undecided(self, run: Run, write: Write) -> None:
        items = [{"resourceType": "AWS::ECR::Repository", **row("a", OWN)}, _registry_allowing("ecr:BatchGetImage")]
        answer = run("audit", write({"configurationItems": items}), "--format", "json")
        (one,) = answer.json["repositories"]
        assert (one["external"], len(one["undecided"])) == (False, 1)

    def test_a_registry_policy_recorded_twice_differently_makes_repositories_undecided(
        self, run: Run, write: Write
    ) -> None:
        twice = [_registry_allowing("ecr:ReplicateImage"), _registry_allowing("ecr:BatchImportUpstreamImage")]
        items = [{"resourceType": "AWS::ECR::Repository", **row("a", OWN)}, *twice]
        answer = run("audit", write({"configurationItems": items}), "--format", "json")
        (one,) = answer.json["repositories"]
        assert "recorded several times" in one["undecided"][0]["reason"]

    @pytest.mark.parametrize("configuration", [None, {}, {"PolicyText": None}, {"PolicyText": ""}, "null", "{"])
    def test_a_registry_policy_that_is_not_recorded_is_an_error(
        self, run: Run, write: Write, configuration: object
    ) -> None:
        item = {"resourceType": "AWS::ECR::RegistryPolicy", "accountId": OWNER, "awsRegion": "eu-central-1"}
        items = write({"configurationItems": [{**item, "configuration": configuration}]})
        answer = run("audit", items, "--format", "json")
        assert (answer.status, answer.json["registries"], len(answer.json["errors"])) == (3, [], 1)

    @pytest.mark.parametrize("configuration", [None, {}, {"PolicyText": None}, {"PolicyText": ""}, "null", "{", 7])
    @pytest.mark.parametrize("registry_first", [True, False])
    def test_where_a_registry_policy_is_not_recorded_its_repositories_are_undecided(
        self, run: Run, write: Write, configuration: object, *, registry_first: bool
    ) -> None:
        unread = {**_registry_allowing("ecr:*"), "configuration": configuration}
        items = [{"resourceType": "AWS::ECR::Repository", **row("a")}, unread]
        elsewhere = {"resourceType": "AWS::ECR::Repository", **row("a", region="eu-west-1")}
        ordered = [elsewhere, *(reversed(items) if registry_first else items)]
        answer = run("audit", write({"configurationItems": ordered}), "--format", "json")
        near, far = answer.json["repositories"]
        assert (answer.status, near["compliance"], far["compliance"]) == (3, "NON_COMPLIANT", "COMPLIANT")
        assert sentence("beside.access_registry_policy_gives") in near["undecided"][0]["reason"]
        assert "audit its account itself" in near["undecided"][0]["reason"]

    def test_of_registries_that_it_does_not_hold_it_says_once_that_they_may_count(
        self, run: Run, write: Write, tmp_path: Path
    ) -> None:
        page = tmp_path / "page.html"
        items = [row(name, region=region) for name in "ab" for region in ("eu-central-1", "eu-west-1")]
        held = write({"configurationItems": [{"resourceType": "AWS::ECR::Repository", **one} for one in items]})
        answer = run("audit", held, "--format", "text", "--format", f"html={page}")
        said = "policies of 2 registries were not read"
        assert (answer.status, answer.out.count(said), page.read_text(encoding="utf-8").count(said)) == (0, 1, 1)
        both = {"configurationItems": [_registry_denying(), _registry_denying() | {"awsRegion": "eu-west-1"}]}
        for form in ("csv", "sarif", "ocsf"):
            assert said in run("audit", held, "--format", form).err
        whole = run("audit", held, write(both, "registries.json"), "--format", "json")
        alone = run("audit", held, "--format", "json")
        assert [one.json["audited"]["unseen_registries"] for one in (whole, alone)] == [0, 2]

    @pytest.mark.parametrize(
        "region, says",
        [(None, "has no `awsRegion`"), ("", "has no `awsRegion`"), ("EU", "not a Region"), (7, "no `awsRegion`")],
    )
    def test_a_registry_policy_of_an_unknown_region_counts_in_each(
        self, run: Run, write: Write, region: object, says: str
    ) -> None:
        somewhere = {**_registry_allowing("ecr:*"), "awsRegion": region}
        items = [{"resourceType": "AWS::ECR::Repository", **row("a")}, somewhere]
        answer = run("audit", write({"configurationItems": items}), "--format", "json")
        (one,) = answer.json["repositories"]
        assert (answer.status, one["compliance"], len(answer.json["errors"])) == (3, "NON_COMPLIANT", 1)
        assert says in one["undecided"][0]["reason"]

    @pytest.mark.parametrize(
        "damage",
        [
            {"accountId": None},
            {"accountId": ""},
            {"accountId": 7},
            {"accountId": "1234"},
            {"accountId": None, "awsRegion": None},
            {"arn": "arn:aws:ecr:eu-central-1:222233334444:registry"},
            {"accountId": None, "resourceType": None},
            {"accountId": None, "configuration": json.dumps({"PolicyText": {}}), "resourceType": None},
            {"accountId": None, "configuration": "{"},
        ],
    )
    @pytest.mark.parametrize("registry_first", [True, False])
    def test_a_registry_policy_of_an_unknown_account_counts_in_each(
        self, run: Run, write: Write, damage: dict[str, object], *, registry_first: bool
    ) -> None:
        somewhere = {**_registry_allowing("ecr:*"), **damage}
        items = [{"resourceType": "AWS::ECR::Repository", **row("a")}, _registry_denying(), somewhere]
        elsewhere = {"resourceType": "AWS::ECR::Repository", **row("a", region="eu-west-1")}
        ordered = [elsewhere, *(reversed(items) if registry_first else items)]
        answer = run("audit", write({"configurationItems": ordered}), "--format", "json")
        near, far = answer.json["repositories"]
        assert (answer.status, near["compliance"], len(answer.json["errors"])) == (3, "NON_COMPLIANT", 1)
        assert sentence("recordings.nothing_says_registry") in near["undecided"][0]["reason"]
        assert far["compliance"] == ("NON_COMPLIANT" if "awsRegion" in damage else "COMPLIANT")

    @pytest.mark.parametrize(
        "text",
        ['{"resourceType": "AWS::ECR::RegistryPolicy", "acc', '{"resourceId": "1", "configuration": {"PolicyText"'],
    )
    def test_a_row_that_is_no_json_may_be_any_registry_s(self, run: Run, write: Write, text: str) -> None:
        held = write({"Results": [json.dumps(row("a")), text]})
        answer = run("audit", held, "--format", "json")
        assert [one["compliance"] for one in answer.json["repositories"]] == ["NON_COMPLIANT"]
        cut = write({"Results": [json.dumps(row("a")), json.dumps(row("b", OWN))[:-9]]}, "cut.json")
        answer = run("audit", cut, "--format", "json")
        assert (answer.status, [one["compliance"] for one in answer.json["repositories"]]) == (3, ["COMPLIANT"])

    @pytest.mark.parametrize("unread_first", [True, False])
    def test_a_registry_policy_of_which_one_of_two_recordings_cannot_be_read_is_not_known(
        self, run: Run, write: Write, *, unread_first: bool
    ) -> None:
        policies = [{**_registry_allowing("ecr:*"), "configuration": {}}, _registry_denying()]
        items = [{"resourceType": "AWS::ECR::Repository", **row("a", OWN)}, *policies[:: 1 if unread_first else -1]]
        answer = run("audit", write({"configurationItems": items}), "--format", "json")
        (one,) = answer.json["repositories"]
        assert (answer.status, one["compliance"]) == (3, "NON_COMPLIANT")

    @pytest.mark.parametrize("region", ["EU-CENTRAL-1", "eu", "eu-central-1 "])
    def test_a_region_that_is_none_is_an_error(self, run: Run, write: Write, region: str) -> None:
        answer = run("audit", write(_query(row("a", OPEN) | {"awsRegion": region})), "--format", "json")
        assert (answer.status, answer.json["repositories"]) == (3, [])
        assert answer.json["errors"][0]["reason"].endswith(f"`{region}` is not a Region")

    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
    def test_standard_input_and_a_pipe(self, run: Run, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
        data = pack(json.dumps(_query(row("a"))).encode())
        answer = run("audit", "-", stdin=data)
        assert (answer.status, answer.out.splitlines()[0][:34]) == (0, "1 repository from standard input (")
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = Thread(target=pipe.write_bytes, args=(data,))
        writer.start()
        answer = run("audit", str(pipe), "--format", "json")
        writer.join()
        assert (answer.status, names(answer.json)) == (0, [(OWNER, "a", "COMPLIANT")])

    @pytest.mark.parametrize(
        "content, says",
        [
            (b"\xff\xfe\xff", "not text in UTF-16 at byte 2"),
            (b"\xff", "not text in UTF-8 at byte 0"),
            ("", "empty"),
            ("{", "not JSON at line 1 column 2"),
            ('{"Results": []} x', "not JSON at line 1 column 17"),
            ("[" * 100_000, "nested too deeply"),
            (gzip.compress(b"{}", mtime=0)[:-9], sentence("json_window.gzip_file_ends")),
            ("[]", sentence("inventory.not_inventory_expected_output")),
            ({"Results": {}}, "not an inventory: expected the output"),
            ({"repositories": []}, "not an inventory: expected the output"),
            ({"Results": ["{"]}, "row 1: not JSON at line 1"),
            ({"Results": ["7"]}, "row 1 is not an object"),
            ({"Results": ["{}"]}, sentence("recordings.row_no_configuration_item")),
            ({"Results": ['{"resourceId": "a"}']}, sentence("recordings.row_no_configuration_item_not")),
            ({"Results": ['{"resourceId": "a", "configuration": "{"}']}, "row 1: no configuration item"),
            ({"Results": [], "NextToken": "x"}, "it ends before the last page"),
            ({"baseConfigurationItems": [], "unprocessedResourceKeys": [{"resourceId": "a"}]}, "did not process"),
        ],
    )
    def test_what_cannot_be_read_is_an_error_with_its_place(
        self, run: Run, write: Write, content: object, says: str
    ) -> None:
        bad, good = write(content, "bad.json"), write(_query(row("a")), "good.json")
        answer = run("audit", bad, good, "--format", "json")
        assert answer.status == 3
        assert [error["reason"].startswith(f"{bad}: ") for error in answer.json["errors"]] == [True]
        assert says in answer.json["errors"][0]["reason"]
        assert names(answer.json) == [(OWNER, "a", "COMPLIANT")]

    def test_a_file_that_is_not_there_is_an_error(self, run: Run, tmp_path: Path) -> None:
        answer = run("audit", str(tmp_path / "none.json"), "--format", "json")
        assert (answer.status, "no such file" in answer.json["errors"][0]["reason"]) == (3, True)

    def test_self_trusts_nobody_unless_it_is_given(self, run: Run, write: Write, trust: Trust) -> None:
        file, register = write(_query(row("a", MEMBERS)), "one.json"), trust({"organization": "self"})
        assert run("audit", file, "--trust", register).status == 3
        assert run("audit", file, "--trust", register, "--organization", ORGANIZATION).status == 0


def _recorded(one: dict[str, Any]) -> dict[str, Any]:
    """Return the same repository as a configuration item, whose configuration is a text."""
    return one | {"resourceType": "AWS::ECR::Repository", "configuration": json.dumps(one["configuration"])}


def _query(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"Results": [json.dumps(one) for one in rows], "QueryInfo": {"SelectFields": []}}


def _only(one: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {field: one[field] for field in fields}


def _registry_allowing(action: str) -> dict[str, object]:
    """Return the configuration item of a registry policy that allows one account an action on every repository."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": action, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    where = {"resourceType": "AWS::ECR::RegistryPolicy", "accountId": OWNER, "awsRegion": "eu-central-1"}
    return {**where, "configuration": {"RegistryId": OWNER, "PolicyText": policy}}


def _registry_denying() -> dict[str, object]:
    """Return the configuration item of a registry policy that gives no access."""
    allowing = _registry_allowing("ecr:*")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
    return {**allowing, "configuration": {"PolicyText": {"Version": "2012-10-17", "Statement": [statement]}}}


@pytest.mark.parametrize(
    "changed, reason",
    [
        pytest.param({"awsRegion": "eu-west-1"}, "its ARN is `arn:aws:ecr:eu-central-1:", id="another Region"),
        pytest.param({"resourceId": "tools"}, "its ARN is `arn:aws:ecr:eu-central-1:", id="another name"),
        pytest.param({"arn": "arn:aws:s3:::base"}, "its ARN is `arn:aws:s3:::base`", id="another service"),
        pytest.param({"arn": "base"}, "its ARN is `base`", id="no ARN"),
        pytest.param(
            {"arn": f"arn:aws-cn:ecr:eu-central-1:{OWNER}:repository/base"},
            sentence("recordings.eu_central_not_region"),
            id="another partition",
        ),
    ],
)
def test_a_row_that_contradicts_itself_is_not_judged(
    run: Run, write: Write, changed: dict[str, object], reason: str
) -> None:
    found = run("audit", write(_query({**row("base"), **changed})), "--format", "json")
    assert (found.status, found.json["repositories"]) == (3, [])
    (error,) = found.json["errors"]
    assert reason in error["reason"]


@pytest.mark.parametrize(
    "rows", [[], [{"resourceType": "AWS::S3::Bucket", "resourceId": "b"}]], ids=["no row", "rows of another kind"]
)
def test_an_inventory_without_a_repository_says_that_nothing_was_judged(
    run: Run, write: Write, rows: list[dict[str, Any]]
) -> None:
    found_in = write(_query(*rows))
    found = run("audit", found_in)
    told = sentence("audit.note_no_repository_found")
    assert (found.status, told in found.err) == (0, True)
    assert run("audit", "--strict", found_in).status == 2
    assert "note:" not in run("audit", write(_query(row("base")))).err
