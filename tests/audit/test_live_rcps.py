"""`audit --rcp @live`: access under the policies that AWS Organizations has attached, for each account."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from tests.audit.conftest import EVERYBODY_MAY_ALL, OWNER, PARTNER, REGION, STRANGER, Furnish, row
from tests.audit.test_organization import MINE, accounts
from tests.audit.test_rcps import CLOSED, OWN, STRANGER_LISTS, rcp
from tests.cli.conftest import Result, Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.fakes import FakeConfigService, FakeOrganizations, models
from tests.fakes.organizations import RCP, ROOT, unit
from tests.wording import sentence

__all__ = ["accounts"]

MANAGER = "999988887777"
DENY = json.dumps(rcp())
UPPER, LOWER = unit(1), unit(2)
LIVE = ("audit", "--rcp", "@live", "--format", "json")
Command = Callable[[int], tuple[str, ...]]
_CALL, _CREDENTIALS = "_make_api_call", "_get_credentials"
PERHAPS = sentence("control_policies.resource_control_policy")


@pytest.fixture
def organization(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOrganizations]:
    """An organization with OWNER below two units, and without attached policies."""
    with FakeOrganizations(MANAGER) as service:
        service.account(OWNER, UPPER, LOWER)
        monkeypatch.setenv("AWS_ENDPOINT_URL_ORGANIZATIONS", service.url)
        yield service


@pytest.fixture
def app(furnish: Furnish) -> None:
    """A repository whose images STRANGER can list."""
    furnish({"app": STRANGER_LISTS})


def left(answer: Result) -> str:
    (one,) = answer.json["repositories"]
    assert one["compliance"] == "NON_COMPLIANT", "the verdict stays that of the policies"
    return str(one["under_rcp"]["compliance"])


def undetermined(answer: Result) -> str:
    """Assert that access is reported neither as given nor as denied, and return the reason."""
    assert answer.status == 3
    (one,), (error,) = answer.json["repositories"], answer.json["errors"]
    assert (one["compliance"], error["about"]) == ("NON_COMPLIANT", "resource_control_policies")
    under = one["under_rcp"]
    assert (under["compliance"], under["external"], under["grants"]) == ("NON_COMPLIANT", False, [])
    assert [doubt["reason"].startswith(PERHAPS) for doubt in under["undecided"]] == [True]
    reason = str(error["reason"]).partition(": ")[2]
    assert under["notes"][-1] == sentence("control_policies.left_cannot_determined", reason=reason)
    return reason


@pytest.mark.usefixtures("app")
class TestWhatApplies:
    @pytest.mark.parametrize("target", [ROOT, UPPER, LOWER, OWNER])
    def test_a_policy_at_the_account_or_anywhere_above_it_closes(
        self, run: Run, organization: FakeOrganizations, target: str
    ) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000", "Only ours"), target)
        answer = run(*LIVE)
        assert (answer.status, left(answer), answer.json["errors"]) == (1, "COMPLIANT", [])
        assert run(*LIVE, "ECR_CROSSACCOUNT_COUNT_RCPS=true").status == 0
        assert answer.json["resource_control_policies"] == [
            {
                "account": OWNER,
                "policies": [{"id": "p-closes0000", "name": "Only ours"}],
                "unread": None,
                "management_account": False,
            }
        ]

    @pytest.mark.parametrize("target", [unit(7), STRANGER, MANAGER])
    def test_one_that_is_elsewhere_closes_nothing(self, run: Run, organization: FakeOrganizations, target: str) -> None:
        organization.account(STRANGER, unit(7))
        organization.attach(organization.policy(DENY, "p-closes0000"), target)
        answer = run(*LIVE, "ECR_CROSSACCOUNT_COUNT_RCPS=true")
        assert (answer.status, left(answer), answer.json["errors"]) == (1, "NON_COMPLIANT", [])

    def test_units_without_policies_are_nothing_unusual(self, run: Run, organization: FakeOrganizations) -> None:
        answer = run(*LIVE, "ECR_CROSSACCOUNT_COUNT_RCPS=true")
        assert (answer.status, left(answer), answer.json["errors"]) == (1, "NON_COMPLIANT", [])
        assert answer.json["repositories"][0]["under_rcp"]["external"]
        assert "  none applies to 1 account\n" in run("audit", "--rcp", "@live").out
        assert "DescribePolicy" not in organization.count(), "the one that is attached everywhere changes nothing"

    def test_what_only_the_service_control_policies_deny_is_open(
        self, run: Run, organization: FakeOrganizations
    ) -> None:
        scp = organization.policy(DENY, "p-scp0000000", type_="SERVICE_CONTROL_POLICY")
        organization.attach(scp, ROOT, OWNER)
        assert left(run(*LIVE)) == "NON_COMPLIANT"

    def test_one_that_is_attached_twice_is_read_and_named_once(self, run: Run, organization: FakeOrganizations) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000", "Twice"), ROOT, LOWER, OWNER)
        answer = run(*LIVE)
        assert left(answer) == "COMPLIANT"
        assert [len(one["policies"]) for one in answer.json["resource_control_policies"]] == [1]
        assert organization.count()["DescribePolicy"] == 1

    def test_all_pages_are_read(self, run: Run, organization: FakeOrganizations) -> None:
        organization.page_size = 1
        harmless = json.dumps(rcp(StringEquals={"aws:PrincipalAccount": "000000000000"}))
        for number in range(3):
            organization.attach(organization.policy(harmless, f"p-harmless00{number}"), LOWER)
        organization.attach(organization.policy(DENY, "p-closes0000"), LOWER)
        assert left(run(*LIVE)) == "COMPLIANT"

    def test_where_they_are_not_enabled_none_applies(self, run: Run, organization: FakeOrganizations) -> None:
        organization.status = None
        organization.attach(organization.policy(DENY, "p-closes0000"), ROOT)  # and detached with the type
        answer = run(*LIVE)
        assert (answer.status, left(answer), answer.json["errors"]) == (1, "NON_COMPLIANT", [])
        assert "ListPoliciesForTarget" not in organization.count()

    def test_the_management_account_is_spared(self, run: Run, organization: FakeOrganizations) -> None:
        organization.management = OWNER
        organization.attach(organization.policy(DENY, "p-closes0000"), ROOT, OWNER)
        answer = run(*LIVE, "ECR_CROSSACCOUNT_COUNT_RCPS=true")
        assert (answer.status, left(answer), answer.json["errors"]) == (1, "NON_COMPLIANT", [])
        (one,) = answer.json["repositories"]
        assert one["under_rcp"]["notes"][-1].startswith(
            sentence("control_policies.management_account_organization", owner=OWNER)
        )
        assert answer.json["resource_control_policies"][0]["management_account"]
        assert f"  none applies to {OWNER}, the management account\n" in run("audit", "--rcp", "@live").out

    def test_every_form_says_what_is_left(self, run: Run, organization: FakeOrganizations, tmp_path: Path) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000", "Only ours"), ROOT)
        page = tmp_path / "page.html"
        text = run("audit", "--rcp", "@live", "--format", "text", "--format", f"html={page}").out.partition(
            sentence("audit_text.under_resource_control")
        )
        assert text[2].startswith("  `Only ours` (p-closes0000) applies to 1 account\n  nobody is left: app\n")
        assert "<li>`Only ours` (p-closes0000) applies to 1 account</li>" in page.read_text(encoding="utf-8")
        table = run("audit", "--rcp", "@live", "--format", "csv")
        assert [one["under_rcp"] for one in csv.DictReader(io.StringIO(table.out))] == [CLOSED]
        assert sentence("control.note_rcp_live") in table.err
        assert '"underRcp"' in run("audit", "--rcp", "@live", "--format", "sarif").out


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AWS Organizations name a parent as it never would."""
    monkeypatch.setattr(models, "UNCHECKED", {"ListParents"})


@pytest.mark.usefixtures("app")
class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        "operation",
        ["DescribeOrganization", "ListRoots", "ListParents", "ListPoliciesForTarget", "DescribePolicy"],
    )
    @pytest.mark.parametrize(
        "code, says",
        [
            (
                "AccessDeniedException",
                sentence("attached.allow_organizations_audit"),
            ),
            ("TooManyRequestsException", "{} was throttled repeatedly"),
            ("ServiceException", "{} failed (ServiceException): as the test asked; audit again"),
        ],
    )
    def test_closes_nothing_and_is_not_taken_for_absent(
        self, run: Run, organization: FakeOrganizations, operation: str, code: str, says: str
    ) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000"), ROOT)
        organization.fail(operation, code)
        assert says.format(operation) in undetermined(run(*LIVE, "ECR_CROSSACCOUNT_COUNT_RCPS=true"))

    def test_text_and_standard_error_say_so(self, run: Run, organization: FakeOrganizations, tmp_path: Path) -> None:
        organization.fail("ListRoots", "AccessDeniedException")
        answer = run("audit", "--rcp", "@live", "--format", "text", "--format", f"html={tmp_path / 'page.html'}")
        assert sentence("audit_parts.compliant_not_their_worst") in answer.out
        under = answer.out.partition(sentence("audit_text.under_resource_control"))[2]
        assert under.startswith(sentence("audit_text.not_everything_applies_account"))
        assert "nobody is left" not in answer.out
        assert sentence("control_policies.resource_control_policies", owner=OWNER) in answer.err
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert sentence("audit_text.not_everything_applies_account_could") in page

    def test_no_form_calls_it_open_or_closed(self, run: Run, organization: FakeOrganizations, tmp_path: Path) -> None:
        organization.fail("ListRoots", "AccessDeniedException")
        page = tmp_path / "page.html"
        table = run("audit", "--rcp", "@live", "--format", "csv", "--format", f"html={page}")
        cells = [one["under_rcp"] for one in csv.DictReader(io.StringIO(table.out)) if one["under_rcp"]]
        said = f"cannot be determined: {PERHAPS}account {STRANGER} can call ListImages"
        assert [one.startswith(said) for one in cells] == [True]
        assert f'"under":"{said}' in page.read_text(encoding="utf-8")
        log = json.loads(run("audit", "--rcp", "@live", "--format", "sarif").out)
        (found,) = log["runs"][0]["results"]
        assert sentence("audit_text.under_resource_control_policies", said=said) in found["message"]["text"]
        (event, *_) = map(json.loads, run("audit", "--rcp", "@live", "--format", "ocsf").out.splitlines())
        assert event["unmapped"]["under_rcp"]["grants"] == []

    def test_what_the_policies_that_were_read_close_stays_closed(
        self, run: Run, organization: FakeOrganizations
    ) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000"), ROOT)
        organization.fail("ListPoliciesForTarget", "AccessDeniedException", LOWER)
        answer = run(*LIVE, "ECR_CROSSACCOUNT_COUNT_RCPS=true")
        assert (answer.status, left(answer)) == (3, "COMPLIANT")
        (error,) = answer.json["errors"]
        assert f"those attached to `{LOWER}`: ListPoliciesForTarget was refused" in error["reason"]

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            "[]",
            '{"Version": "2012-10-17", "Statement": []} {}',
            json.dumps(rcp() | {"Version": "2030-01-01"}),
            json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}),
            json.dumps({"Version": "2012-10-17", "Statement": [rcp()["Statement"][0] | {"NewElement": "*"}]}),  # type: ignore[index]
            DENY + " " * 6000,
        ],
    )
    def test_a_policy_that_cannot_be_understood_may_deny_anything(
        self, run: Run, organization: FakeOrganizations, text: str
    ) -> None:
        organization.attach(organization.policy(text, "p-strange0000"), UPPER)
        reason = undetermined(run(*LIVE, "ECR_CROSSACCOUNT_COUNT_RCPS=true"))
        assert reason.startswith(sentence("attached.strange_cannot_understood"))

    def test_a_policy_that_is_deleted_meanwhile(self, run: Run, organization: FakeOrganizations) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000"), UPPER)

        def delete(operation: str, _: object) -> None:
            if operation == "DescribePolicy":
                organization.policies.pop("p-closes0000", None)

        organization.before = delete
        assert "PolicyNotFoundException" in undetermined(run(*LIVE))

    def test_an_account_that_is_moved_meanwhile(self, run: Run, organization: FakeOrganizations) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000"), LOWER)

        def move(operation: str, _: object) -> None:
            if operation == "DescribePolicy":
                organization.account(OWNER, unit(3))

        organization.before = move
        assert undetermined(run(*LIVE)) == sentence("attached.moved_while_policies")

    def test_an_account_that_leaves_meanwhile(self, run: Run, organization: FakeOrganizations) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000"), LOWER)

        def leave(operation: str, _: object) -> None:
            if operation == "DescribePolicy":
                organization.parents.pop(OWNER, None)

        organization.before = leave
        assert undetermined(run(*LIVE)).startswith(sentence("attached.current_parent_unknown"))

    def test_an_account_of_another_organization(self, run: Run, organization: FakeOrganizations) -> None:
        del organization.parents[OWNER]
        assert sentence("attached.not_organization_credentials") in undetermined(run(*LIVE))

    def test_credentials_of_no_organization(self, run: Run, organization: FakeOrganizations) -> None:
        organization.fail("DescribeOrganization", "AWSOrganizationsNotInUseException")
        reason = undetermined(run(*LIVE))
        assert reason.startswith(sentence("attached.account_credentials_no_organization"))
        assert reason.endswith("or without --rcp @live")

    @pytest.mark.parametrize("status", ["PENDING_ENABLE", "PENDING_DISABLE"])
    def test_while_they_are_being_enabled_or_disabled(
        self, run: Run, organization: FakeOrganizations, status: str
    ) -> None:
        organization.status = status
        assert sentence("attached.being_enabled_disabled", status=status) in undetermined(run(*LIVE))

    @pytest.mark.parametrize(
        "name, answer, says",
        [
            (
                "DescribeOrganization",
                {"Organization": {"Id": "o-a1b2c3d4e5"}},
                sentence("attached.does_not_say_account"),
            ),
            ("ListRoots", {"Roots": [{"Id": ROOT}]}, "`Roots[0].PolicyTypes` is missing"),
            ("ListRoots", {"Roots": []}, sentence("attached.listroots_does_not_list", root=ROOT)),
            ("ListParents", {"Parents": []}, "does not tell one parent"),
            ("ListParents", {"Parents": [{"Id": ROOT}, {"Id": LOWER}]}, "does not tell one parent"),
            ("ListParents", {"Parents": [{"Id": "ou-../r-ab12"}]}, "does not tell one parent"),
            ("ListParents", {"Parents": [{"Id": LOWER}]}, "ListParents returns a loop"),
            ("ListPoliciesForTarget", {}, "`Policies` is missing"),
            ("ListPoliciesForTarget", {"Policies": [{"Id": "p-closes0000"}]}, "`Policies[0].Type` is missing"),
            (
                "ListPoliciesForTarget",
                {"Policies": [{"Id": "p-closes0000", "Type": "SERVICE_CONTROL_POLICY"}]},
                sentence("attached.answers_policies_type"),
            ),
            ("ListPoliciesForTarget", {"Policies": [], "NextToken": "1"}, "the next page is the same one"),
            ("DescribePolicy", {"Policy": {"PolicySummary": {"Id": "p-closes0000"}}}, "`Policy.Content` is missing"),
        ],
    )
    @pytest.mark.usefixtures("unchecked")
    def test_an_answer_that_says_too_little(
        self, run: Run, organization: FakeOrganizations, name: str, answer: object, says: str
    ) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000"), ROOT)
        organization.instead[name] = answer
        assert says in undetermined(run(*LIVE))

    def test_a_hiccup_is_sat_out(self, run: Run, organization: FakeOrganizations) -> None:
        organization.attach(organization.policy(DENY, "p-closes0000"), ROOT)
        organization.fail("ListPoliciesForTarget", "TooManyRequestsException", LOWER)
        patience = iter(range(5))

        def recover(operation: str, asked: dict[str, Any]) -> None:
            if operation == "ListPoliciesForTarget" and asked["TargetId"] == LOWER and next(patience, None) is None:
                organization.recover()

        organization.before = recover
        answer = run(*LIVE)
        assert (answer.json["errors"], left(answer)) == ([], "COMPLIANT")


@pytest.mark.usefixtures("app")
def test_a_name_that_deceives_the_terminal_is_shown_as_what_it_is(
    run: Run, organization: FakeOrganizations, tmp_path: Path
) -> None:
    hostile = "\x1b[2J\u202e<script>`\r\nnobody is left: everything"
    organization.attach(organization.policy(DENY, "p-closes0000", hostile), ROOT)
    answer = run("audit", "--rcp", "@live", "--format", "text", "--format", f"html={tmp_path / 'page.html'}")
    assert "\\x1b[2J\\u202e<script>`\\r\\nnobody is left: everything` (p-closes0000)" in answer.out
    assert not {"\x1b", "\u202e", "\r"} & {*answer.out}
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>`" not in page
    (one,) = json.loads(run(*LIVE).out)["resource_control_policies"]
    assert one["policies"][0]["name"] == hostile, "for programs it is the name as it is"
    organization.policies["p-closes0000"]["Content"] = '{"Version": "\u202e\x1b[2J"}'
    assert not {"\x1b", "\u202e"} & {*run("audit", "--rcp", "@live").err}


class TestManyAccounts:
    """An inventory with more accounts than are read one by one."""

    UNITS = 40

    @pytest.fixture
    def command(self, organization: FakeOrganizations, write: Write) -> Command:
        """Return an audit of that many accounts, each with an open repository. A policy closes those of unit 0."""

        def command(count: int) -> tuple[str, ...]:
            numbers = [f"{100_000_000_000 + number}" for number in range(count)]
            for number, account in enumerate(numbers):
                organization.account(account, unit(100), unit(number % self.UNITS))
            organization.attach(organization.policy(DENY, "p-closes0000"), unit(0))
            rows = [json.dumps(row("app", json.dumps(STRANGER_LISTS), account=account)) for account in numbers]
            return (*LIVE, write({"Results": rows}, "inventory.json"))

        return command

    @staticmethod
    def closed(answer: Result) -> int:
        return sum(one["under_rcp"]["compliance"] == "COMPLIANT" for one in answer.json["repositories"])

    def test_each_place_is_asked_once_and_the_organization_is_listed(
        self, run: Run, organization: FakeOrganizations, command: Command
    ) -> None:
        count = 400
        answer = run(*command(count))
        assert (answer.json["errors"], self.closed(answer)) == ([], count // self.UNITS)
        everywhere = 1 + 1 + self.UNITS + count
        in_pages = 1 + -(-len([one for one in organization.parents if one.isdecimal()]) // organization.page_size)
        assert organization.count() == {
            "DescribeOrganization": 1,
            "ListRoots": 2,  # because each list begins with an empty page here
            "ListAccounts": 2 * in_pages,
            "ListPoliciesForTarget": 2 * everywhere,
            "DescribePolicy": 1,
        }
        assert organization.most_at_once <= 4

    def test_where_nothing_gets_through_the_rest_is_not_asked(
        self, run: Run, organization: FakeOrganizations, command: Command
    ) -> None:
        organization.fail("ListPoliciesForTarget", "TooManyRequestsException")
        answer = run(*command(500))
        rows = answer.json["repositories"]
        assert (answer.status, self.closed(answer), [one for one in rows if one["under_rcp"]["grants"]]) == (3, 0, [])
        assert organization.count()["ListPoliciesForTarget"] < 500, "each call is tried eight times"

    def test_one_reason_of_many_accounts_is_one_error(
        self, run: Run, organization: FakeOrganizations, command: Command
    ) -> None:
        organization.fail("ListAccounts", "AccessDeniedException")
        answer = run(*command(60))
        (error,) = answer.json["errors"]
        assert error["account"] is None
        assert error["reason"].startswith(sentence("control_policies.resource_control_policies_accounts"))

    def test_where_paths_are_not_told_parents_are_asked(
        self, run: Run, organization: FakeOrganizations, command: Command
    ) -> None:
        organization.with_paths = False
        answer = run(*command(80))
        assert (answer.json["errors"], self.closed(answer)) == ([], 2)
        assert organization.count()["ListParents"] == 2 * 2 * (80 + self.UNITS + 1), "a list has two pages here"

    def test_an_account_that_the_organization_does_not_have_is_not_known(
        self, run: Run, organization: FakeOrganizations, command: Command
    ) -> None:
        asked = command(60)
        del organization.parents["100000000000"]
        (error,) = run(*asked).json["errors"]
        assert sentence("attached.account_not_organization") in error["reason"]

    @pytest.mark.parametrize("answer", [{}, {"Accounts": [None]}, {"Accounts": [], "NextToken": "1"}])
    def test_a_list_that_is_not_whole_is_none(
        self, run: Run, organization: FakeOrganizations, command: Command, answer: object
    ) -> None:
        organization.instead["ListAccounts"] = answer
        done = run(*command(60))
        (error,) = done.json["errors"]
        assert (done.status, self.closed(done), "ListAccounts" in error["reason"]) == (3, 0, True)


def test_accounts_are_told_apart_with_an_aggregator(
    run: Run, organization: FakeOrganizations, config: FakeConfigService
) -> None:
    organization.account(PARTNER, UPPER)
    organization.attach(organization.policy(DENY, "p-closes0000"), LOWER)
    config.inventory += [row("a", json.dumps(STRANGER_LISTS)), row("a", json.dumps(STRANGER_LISTS), account=PARTNER)]
    answer = run(*LIVE, "aggregator:all", "ECR_CROSSACCOUNT_COUNT_RCPS=true")
    found = {one["account"]: one["under_rcp"]["compliance"] for one in answer.json["repositories"]}
    assert (answer.status, found) == (1, {OWNER: "COMPLIANT", PARTNER: "NON_COMPLIANT"})


def test_with_a_role_the_organization_is_asked_with_the_callers_own_credentials(
    run: Run, accounts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before: Callable[..., object] = getattr(BaseClient, _CALL)
    keys: set[str] = set()

    def call(client: Any, name: str, parameters: dict[str, Any]) -> object:  # noqa: ANN401 - of any service
        if client.meta.service_model.service_name == "organizations":
            keys.add(getattr(client, _CREDENTIALS)().access_key)
        return before(client, name, parameters)

    monkeypatch.setattr(BaseClient, _CALL, call)
    organizations: Any = boto3.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType=RCP)
    deny = json.dumps(rcp(StringLike={"aws:PrincipalAccount": "*"}))
    made = organizations.create_policy(Content=deny, Description="", Name="All", Type=RCP)["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=made["Id"], TargetId=root)
    answer = run(*LIVE, "role:Audit")
    assert answer.json["errors"] == []
    told = {one["account"]: one for one in answer.json["resource_control_policies"]}
    assert {account: [one["name"] for one in rows["policies"]] for account, rows in told.items()} == {
        MINE: [],
        **{one: ["All"] for one in accounts},
    }
    assert told[MINE]["management_account"]
    assert keys == {os.environ["AWS_ACCESS_KEY_ID"]}


def test_a_compliant_repository_stays_so_whatever_could_not_be_read(
    run: Run, organization: FakeOrganizations, furnish: Furnish
) -> None:
    furnish({"own": OWN})
    organization.fail("ListRoots", "AccessDeniedException")
    answer = run(*LIVE)
    (one,) = answer.json["repositories"]
    assert (answer.status, one["compliance"], one["under_rcp"]["compliance"]) == (3, "COMPLIANT", "COMPLIANT")


def test_nothing_is_asked_where_nothing_was_found(run: Run, organization: FakeOrganizations) -> None:
    answer = run(*LIVE)
    assert (answer.status, answer.json["resource_control_policies"], organization.calls) == (0, [], [])


@pytest.mark.usefixtures("app")
def test_without_the_option_organizations_is_not_asked(run: Run, organization: FakeOrganizations) -> None:
    answer = run("audit", "--format", "json")
    assert "resource_control_policies" not in answer.json
    assert organization.calls == []


@pytest.mark.usefixtures("organization")
def test_an_inventory_has_a_region_only_for_them(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    held = write({"Results": [json.dumps(row("app", json.dumps(EVERYBODY_MAY_ALL)))]}, "inventory.json")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "no Region: give --region" in run(*LIVE, held).err
    assert run(*LIVE, held, "--region", REGION).json["errors"] == []
    assert "leave out --region" in run("audit", held, "--region", REGION).err


@pytest.mark.parametrize(
    "options, says",
    [
        (("--rcp", "@live", "--rcp", "FILE"), sentence("audit.rcp_live_reads")),
    ],
)
def test_what_does_not_go_together(run: Run, write: Write, options: tuple[str, ...], says: str) -> None:
    control = write(rcp(), "rcp.json")
    answer = run("audit", *(control if one == "FILE" else one for one in options))
    assert (answer.status, answer.out, says in answer.err) == (3, "", True)


@pytest.mark.parametrize("answer", [{}, {"Accounts": [None]}])
def test_a_list_of_accounts_that_says_nothing_is_an_error_of_aws(
    run: Run, organization: FakeOrganizations, answer: object
) -> None:
    organization.instead["ListAccounts"] = answer
    done = run("audit", "role:Audit")
    assert (done.status, done.out) == (3, "")
    assert sentence("listing.accounts_organization_answer") in done.err
