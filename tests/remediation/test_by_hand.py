"""`ecr-crossaccount remediate`: the same from a terminal, with the caller's credentials."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.main import main
from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend

from tests.fakes.ecr import as_written
from tests.fakes.models import ServiceError
from tests.remediation.by_hand import BACKUP, REGISTER, Keyboard, Terminal, backup_of
from tests.remediation.conftest import Account
from tests.remediation.events import called
from tests.remediation.interpreter import Execution
from tests.remediation.test_branches import ANYBODY, PARTNER, STRANGER, of, refuse
from tests.wording import sentence

pytestmark = pytest.mark.slow


def test_it_shows_asks_backs_up_writes_and_judges_again(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = terminal(typed="y\n")
    assert (ran.status, ran.err) == (0, "")
    shown = [
        ran.out.index(text) for text in ("set another policy", "no use seen", "write it? [y/N]", BACKUP, "COMPLIANT")
    ]
    assert shown == sorted(shown)
    assert re.search(r'^ +- +"Sid": "Stranger"', ran.out, re.MULTILINE)
    assert account.policy() == of(PARTNER)
    backup = json.loads(Path(BACKUP).read_text(encoding="utf-8"))
    assert as_written(backup["policy"]) == of(PARTNER, STRANGER)
    assert (backup["verdict"]["compliance"], backup["plan"]["action"]) == ("NON_COMPLIANT", "set")


def test_what_it_prints_undoes_it(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    (undo,) = re.findall(r"^to undo it: ecr-crossaccount (.+)$", terminal("--yes").out, re.MULTILINE)
    account.trail.fault = ServiceError("AccessDeniedException", "a restore that only widens needs no history")
    ran = terminal(*undo.split(), "--backup", "again.json", typed="yes\n")
    assert ran.status == 0, "what was asked is done, whatever the policy opens"
    assert ran.out.index("account 999988887777 gets READ, WRITE, ADMIN") < ran.out.index("put it back? [y/N]")
    assert account.policy() == of(PARTNER, STRANGER)
    assert as_written(json.loads(Path("again.json").read_text(encoding="utf-8"))["policy"]) == of(PARTNER)


@pytest.mark.parametrize("statements", [(ANYBODY,), (PARTNER, ANYBODY), (PARTNER, STRANGER, ANYBODY)])
def test_a_wildcard_comes_back_without_a_history_too(
    account: Account, terminal: Terminal, statements: tuple[Mapping[str, object], ...]
) -> None:
    account.furnish(of(*statements))
    terminal("--yes")
    account.trail.fault = ServiceError("AccessDeniedException", "no")
    ran = terminal("restore", BACKUP, "--yes")
    assert (ran.status, account.policy()) == (0, of(*statements))


def test_what_undoes_it_goes_where_the_run_went(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(PARTNER, STRANGER))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    ran = terminal("--yes", "--backup", "the old one.json", "--region", "eu-central-1")
    _, _, undo = ran.out.rstrip("\n").rpartition("to undo it: ")
    assert undo == "ecr-crossaccount restore 'the old one.json'"
    assert terminal(*shlex.split(undo)[1:], "--yes").status == 0
    assert account.policy() == of(PARTNER, STRANGER)


def test_a_backup_made_by_hand_is_none_that_the_document_takes(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    terminal("--yes")
    key = "111122223333/eu-central-1/team/base/2026-11-25_12.00.00-0a1b.json"
    body = Path(BACKUP).read_bytes()
    put = account.s3.put_object(Bucket="backups", Key=key, Body=body, ChecksumAlgorithm="SHA256")
    ran = account.restore(Execution(outputs={"backUp.Key": key, "backUp.Version": put["VersionId"]}), DryRun="true")
    assert (ran.status, account.policy()) == ("Failed", of(PARTNER))
    assert sentence("read_backup.not_where_run_hand") in ran.message


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "yikes\n"])
def test_whatever_is_no_yes_writes_nothing(account: Account, terminal: Terminal, typed: str) -> None:
    account.furnish(of(STRANGER))
    ran = terminal(typed=typed)
    assert ran.status == 1
    assert "nothing was written" in ran.out
    assert account.policy() == of(STRANGER)
    assert not Path(BACKUP).exists()


def test_an_interruption_at_the_question_writes_nothing(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: Keyboard) -> str:
        raise KeyboardInterrupt

    account.furnish(of(STRANGER))
    monkeypatch.setattr(Keyboard, "readline", interrupt)
    assert terminal(typed="y\n").status == 130
    assert account.policy() == of(STRANGER)
    assert list(Path.cwd().glob("*.json")) == []


def test_where_nobody_can_answer_nothing_is_written(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    ran = terminal()
    assert (ran.status, "give --yes, or --dry-run" in ran.err) == (3, True)
    assert account.policy() == of(STRANGER)


def test_a_dry_run_shows_all_and_writes_nothing(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    account.trail.events = [called("BatchGetImage")]
    ran = terminal("--dry-run")
    assert ran.status == 1
    assert "account 999988887777: ecr:BatchGetImage, 1 call" in ran.out
    assert "a dry run: nothing was written" in ran.out
    assert account.policy() == of(PARTNER, STRANGER)


def test_access_in_use_is_cut_only_by_force(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    account.trail.events = [called("BatchGetImage")]
    ran = terminal("--yes")
    assert (ran.status, account.policy()) == (1, of(STRANGER))
    assert "account 999988887777: ecr:BatchGetImage, 1 call, the last on 2026-11-20T08:00:00Z" in ran.out
    assert sentence("remediate.add_accounts_should") in ran.err
    assert terminal("--yes", "--force").status == 0
    assert account.policy() is None


def test_a_history_that_cannot_be_read_stops_it_too(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    account.trail.fault = ServiceError("AccessDeniedException", "no")
    ran = terminal("--yes")
    assert (ran.status, account.policy()) == (1, of(STRANGER))
    assert "cannot be determined: CloudTrail answered" in ran.out
    assert sentence("remediate.make_recent_use") in ran.err


def test_use_before_the_days_asked_for_does_not_count(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    account.trail.events = [called("BatchGetImage")]
    assert terminal("--yes", "--usage", "2").status == 0


@pytest.mark.parametrize("days", ["0", "91", "13w", "2099-01-01"])
def test_days_that_cloudtrail_does_not_keep_are_refused(account: Account, terminal: Terminal, days: str) -> None:
    account.furnish(of(STRANGER))
    ran = terminal("--yes", f"--usage={days}")
    assert (ran.status, account.policy()) == (3, of(STRANGER))
    assert sentence("options.usage_cloudtrail_keeps_days") in ran.err


@pytest.mark.parametrize("days", ["x", "-1", "٣", "30.5", "2026-02-30"])
def test_what_is_no_time_is_refused(
    account: Account, terminal: Terminal, capsys: pytest.CaptureFixture[str], days: str
) -> None:
    account.furnish(of(STRANGER))
    with pytest.raises(SystemExit, match="3"):
        terminal("--yes", f"--usage={days}")
    assert re.search("is not a (time|day)", capsys.readouterr().err)


def test_a_name_that_no_repository_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="3"):
        main(["remediate", "Team Base"])
    assert sentence("trust_entries.team_base_not_repository") in capsys.readouterr().err


def test_a_member_of_the_organization_keeps_what_the_organization_keeps(
    account: Account, terminal: Terminal, tmp_path: Path
) -> None:
    account.furnish(of(ANYBODY))
    (tmp_path / "trust.yaml").write_text(f"{REGISTER}  - organization: o-a1b2c3d4e5\n", encoding="utf-8")
    account.trail.events = [called("BatchGetImage")]
    ran = terminal("--yes")
    assert sentence("find_use.kept_only_account") in ran.out
    assert account.policy() == of(ANYBODY)
    members = {
        "version": 1,
        "organization": "o-a1b2c3d4e5",
        "listed": "2026-11-25T00:00:00Z",
        "accounts": [{"account": "999988887777"}],
    }
    (tmp_path / "members.json").write_text(json.dumps(members), encoding="utf-8")
    assert terminal("--yes", "--trust", "members.json").status == 0
    assert "o-a1b2c3d4e5" in json.dumps(account.policy())


def test_who_trusts_self_and_may_not_know_it_says_which_it_is(
    account: Account, terminal: Terminal, tmp_path: Path
) -> None:
    account.furnish(of(ANYBODY))
    (tmp_path / "trust.yaml").write_text("version: 1\ntrust:\n  - organization: self\n", encoding="utf-8")
    assert terminal("--yes", "--organization", "o-a1b2c3d4e5").status == 0
    assert "o-a1b2c3d4e5" in json.dumps(account.policy())


@pytest.mark.parametrize("policy", [None, of(PARTNER)])
def test_where_there_is_nothing_to_do_nothing_is_asked(account: Account, terminal: Terminal, policy: object) -> None:
    account.furnish(policy)  # type: ignore[arg-type]
    ran = terminal()
    assert (ran.status, account.trail.requests) == (0, [])
    assert "nothing to do" in ran.out


def test_a_repository_that_is_not_there_is_named(account: Account, terminal: Terminal) -> None:
    ran = terminal("--yes", name="team/none")
    assert (ran.status, ran.err) == (3, "ecr-crossaccount: no repository `team/none` in eu-central-1 of this account\n")
    assert account.trail.requests == []


def test_what_aws_refuses_is_said_in_a_line(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(STRANGER))

    def get_repository_policy(*_: object, **__: object) -> object:
        raise JsonRESTError("AccessDeniedException", "User is not authorized")

    monkeypatch.setattr(ECRBackend, "get_repository_policy", get_repository_policy)
    ran = terminal("--yes")
    assert (ran.status, ran.out) == (3, "")
    said = "GetRepositoryPolicy was refused (AccessDeniedException): User is not authorized"
    assert ran.err == f"ecr-crossaccount: {said}\n"


def test_a_refusal_is_told_and_nothing_was_written(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = PARTNER | {"Principal": {"AWS": "arn:aws:iam::222233334444:role/gone"}}
    account.furnish(of(role, STRANGER))
    refuse(monkeypatch, times=9)
    ran = terminal("--yes")
    assert (ran.status, account.policy()) == (3, of(role, STRANGER))
    assert "it names `arn:aws:iam::222233334444:role/gone`" in ran.err


def test_what_ecr_stores_otherwise_stays_and_the_way_back_is_told(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(PARTNER, STRANGER))
    monkeypatch.setattr("ecr_crossaccount.products.cli.live.format_policy", lambda _: json.dumps(of(PARTNER, ANYBODY)))
    ran = terminal("--yes")
    assert (ran.status, account.policy()) == (3, of(PARTNER, ANYBODY))
    assert sentence("live.ecr_stored_not_compliant") in ran.err
    assert sentence("remediate.put_old_policy", backup=BACKUP) in ran.err


def test_restoring_dry_shows_what_it_would_open(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    terminal("--yes")
    ran = terminal("restore", BACKUP, "--dry-run")
    assert (ran.status, account.policy()) == (0, of(PARTNER))
    assert "account 999988887777 gets" in ran.out


def test_restoring_does_not_take_access_that_is_in_use(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    Path("old.json").write_text(backup_of(policy=json.dumps(of(PARTNER))), encoding="utf-8")
    account.trail.events = [called("PutImage")]
    ran = terminal("restore", "old.json", "--yes")
    assert (ran.status, account.policy()) == (3, of(PARTNER, STRANGER))
    assert "account 999988887777: ecr:PutImage, 1 call" in ran.out
    assert sentence("restore.nothing_written_choose") in ran.err
    assert terminal("restore", "old.json", "--yes", "--force").status == 0
    assert account.policy() == of(PARTNER)


def test_no_region_and_no_such_profile_are_said(
    account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.furnish(of(STRANGER))
    with monkeypatch.context() as named:
        named.setenv("AWS_PROFILE", "nobody")
        assert "no profile `nobody`" in terminal().err
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "no Region: give --region" in terminal().err
    assert terminal("--region", "eu-central-1", "--yes").status == 0


def test_hostile_text_is_shown_as_escapes(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER | {"Sid": "\u202egnp.exe\x1b[2J"}))
    account.trail.events = [called("BatchGetImage", userIdentity={"invokedBy": "\x1b[2Jlambda.amazonaws.com"})]
    ran = terminal("--dry-run", "--strategy", "delete")
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


# --- require ---

PERIMETER = {
    "Sid": "NoPushes",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "ecr:PutImage",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:PrincipalAccount": "111122223333"},
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    },
}


def test_what_is_required_is_written_and_what_stays_open_is_its_status(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    Path("required.json").write_text(json.dumps([PERIMETER]), encoding="utf-8")
    ran = terminal("--strategy", "require", "--required", "required.json", "--yes")
    assert (ran.status, ran.err) == (1, "")
    assert sentence("plan.insert_required_statements") in ran.out
    assert "what ECR has now is NON_COMPLIANT" in ran.out
    written = account.policy()
    assert written is not None
    assert written["Statement"] == [*of(PARTNER, STRANGER)["Statement"], PERIMETER]
    again = terminal("--strategy", "require", "--required", "required.json", "--yes")
    assert (again.status, account.policy()) == (1, written)
    assert "nothing to insert" in again.out


def test_what_is_required_is_written_where_nothing_is_open(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER))
    Path("required.json").write_text(json.dumps([PERIMETER]), encoding="utf-8")
    ran = terminal("--strategy", "require", "--required", "required.json", "--yes")
    assert (ran.status, ran.err) == (0, "")
    assert "what ECR has now is COMPLIANT" in ran.out


def test_what_would_lock_out_the_owner_is_not_written(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER))
    lock = {"Sid": "Lock", "Effect": "Deny", "Principal": "*", "Action": "*"}
    Path("required.json").write_text(json.dumps([lock]), encoding="utf-8")
    ran = terminal("--strategy", "require", "--required", "required.json", "--cut-trusted", "--yes")
    assert (ran.status, account.policy()) == (1, of(PARTNER))
    assert sentence("require.could_change_delete") in ran.out


def test_the_statements_are_read_before_anything_is_asked(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER))
    ran = terminal("--strategy", "require", "--required", "nowhere.json", "--yes")
    assert (ran.status, ran.out) == (3, "")
    assert "cannot read `nowhere.json`" in ran.err


# --- remove only unused access ---

READER = {"Sid": "Reader", "Effect": "Allow", "Principal": {"AWS": "333344445555"}, "Action": "ecr:*"}


def test_only_access_that_was_not_used_is_taken(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER, READER))
    account.trail.events = [called("BatchGetImage", "333344445555", at="2026-09-01T08:00:00Z")]
    ran = terminal("--keep-used", "--yes")
    assert (ran.status, ran.err) == (1, "")
    assert "333344445555: ecr:BatchGetImage, 1 call, the last on 2026-09-01T08:00:00Z" in ran.out
    assert sentence("remediate.ask_accounts_before") in ran.out
    assert "what ECR has now is NON_COMPLIANT" in ran.out
    kept = account.policy()["Statement"]
    assert kept[0] == PARTNER
    (reader,) = kept[1:]
    assert (reader["Principal"], "ecr:BatchGetImage" in reader["Action"]) == ({"AWS": "333344445555"}, True)
    assert not any("Put" in action or "Set" in action for action in reader["Action"])


def test_a_push_keeps_what_writing_takes_and_no_administration(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    account.trail.events = [called("PutImage")]
    assert terminal("--keep-used", "--yes").status == 1
    (kept,) = account.policy()["Statement"]
    assert {"ecr:BatchGetImage", "ecr:PutImage"} <= set(kept["Action"])
    assert "ecr:SetRepositoryPolicy" not in kept["Action"]


def test_of_what_everybody_may_do_those_keep_it_who_did(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, ANYBODY))
    account.trail.events = [called("BatchGetImage", "333344445555")]
    assert terminal("--keep-used", "--yes").status == 1
    named = json.dumps(account.policy())
    assert "333344445555" in named
    assert '"Principal": "*"' not in named


def test_a_service_that_was_seen_keeps_its_access(account: Account, terminal: Terminal) -> None:
    functions = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "ecr:BatchGetImage"}
    account.furnish(of(functions, STRANGER))
    by_lambda = {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
    account.trail.events = [called("BatchGetImage", userIdentity=by_lambda)]
    ran = terminal("--keep-used", "--yes")
    assert (ran.status, account.policy()) == (1, of(functions))
    assert "lambda.amazonaws.com: ecr:BatchGetImage, 1 call" in ran.out


def test_where_all_of_it_is_used_nothing_is_taken(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    account.trail.events = [called("SetRepositoryPolicy"), called("BatchGetImage")]
    ran = terminal("--keep-used", "--yes")
    assert (ran.status, "nothing to remove" in ran.out) == (1, True)
    assert account.policy() == of(STRANGER)


def test_a_history_that_cannot_be_read_takes_nothing_even_by_force(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    account.trail.fault = ServiceError("AccessDeniedException", "no")
    ran = terminal("--keep-used", "--yes", "--force")
    assert (ran.status, account.policy()) == (1, of(STRANGER))
    assert "nothing is taken: who uses `team/base` cannot be determined" in ran.err


def test_a_call_by_nobody_that_the_event_names_takes_nothing(account: Account, terminal: Terminal) -> None:
    account.furnish(of(STRANGER))
    account.trail.events = [called("BatchGetImage", userIdentity={"type": "AWSAccount"})]
    ran = terminal("--keep-used", "--yes", "--force")
    assert (ran.status, account.policy()) == (1, of(STRANGER))
    assert sentence("live.nothing_taken_whether") in ran.err


def test_without_any_use_it_takes_all_that_is_not_trusted(account: Account, terminal: Terminal) -> None:
    account.furnish(of(PARTNER, STRANGER))
    ran = terminal("--keep-used", "--yes")
    assert (ran.status, account.policy()) == (0, of(PARTNER))
    assert sentence("remediate.last_days_plan") in ran.out


@pytest.mark.parametrize("words", [("--strategy", "remove")])
def test_used_access_is_kept_by_narrowing_alone(account: Account, terminal: Terminal, words: tuple[str, str]) -> None:
    account.furnish(of(STRANGER))
    ran = terminal("--keep-used", *words)
    assert (ran.status, sentence("remediate.keep_used_strategy") in ran.err) == (3, True)


@pytest.mark.usefixtures("open_registry")
class TestTheRegistryPolicy:
    """It is unchanged. The access that it leaves open is reported, also by the exit status."""

    @pytest.mark.parametrize("policy", [None, of(PARTNER)])
    def test_where_the_own_policy_is_fine_it_is_not_called_shut(
        self, account: Account, terminal: Terminal, policy: object
    ) -> None:
        account.furnish(policy)  # type: ignore[arg-type]
        ran = terminal()
        assert ran.status == 1
        assert sentence("left.registry_policy_still_grants") in " ".join(ran.out.split())

    def test_after_the_own_policy_is_narrowed_neither(self, account: Account, terminal: Terminal) -> None:
        account.furnish(of(PARTNER, STRANGER))
        ran = terminal("--yes")
        assert (ran.status, account.policy()) == (1, of(PARTNER))
        assert sentence("remediate.ecr_now_compliant") in ran.out
        (undo,) = re.findall(r"^to undo it: ecr-crossaccount (.+)$", ran.out, re.MULTILINE)
        assert (
            sentence("left.registry_policy_still_grants_access")
            in terminal(*undo.split(), "--yes", "--backup", "b.json").err
        )

    def test_where_someone_says_no_or_only_looks_as_well(self, account: Account, terminal: Terminal) -> None:
        account.furnish(of(PARTNER, STRANGER))
        assert terminal("--dry-run").status == 1
        assert terminal(typed="n\n").status == 1

    @pytest.mark.parametrize("operation", ["get_registry_policy", "get_account_setting"])
    def test_one_that_may_not_be_read_leaves_it_undecided(
        self, account: Account, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, operation: str
    ) -> None:
        from moto.ecr.responses import ECRResponse

        def refused(_: object) -> str:
            raise JsonRESTError("AccessDeniedException", "no")

        monkeypatch.setattr(ECRResponse, operation, refused, raising=False)
        account.furnish(of(PARTNER))
        ran = terminal()
        assert ran.status == 2
        action = "ecr:GetRegistryPolicy" if operation == "get_registry_policy" else "ecr:GetAccountSetting"
        assert f"allow {action}" in " ".join(ran.out.split())
