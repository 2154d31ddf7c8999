"""The text output of an audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    OWNER,
    PARTNER,
    PARTNER_PULLS,
    STRANGER_PULLS,
    Furnish,
    Refuse,
    policy,
)
from tests.cli.conftest import Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.cli.test_hostile_text import HOSTILE
from tests.wording import sentence

Trust = Callable[..., str]
UNDECIDED = policy("*", Condition={"StringEquals": {"aws:SomeKeyOfTomorrow": "x"}})


def test_a_summary_groups_what_is_alike_worst_first(run: Run, furnish: Furnish) -> None:
    furnish({f"team/{name}": STRANGER_PULLS for name in "abcdefg"} | {"public/tools": EVERYBODY_MAY_ALL, "own": None})
    out = run("audit").out
    lines = out.splitlines()
    assert lines[0] == f"9 repositories from Amazon ECR (account {OWNER}, Region eu-central-1) on 2026-06-30"
    assert lines[1] == sentence("audit_text.compliant_not_their_worst_critical")
    assert lines[4] == "CRITICAL  any AWS account gets READ, WRITE, ADMIN of public/tools"
    assert (
        "MEDIUM    account 444455556666 gets READ of 7 repositories: team/a, team/b, team/c, team/d, team/e and 2 more"
    ) in lines
    assert "rule      account-read, ecr-crossaccount explain account-read" in lines
    assert "because   account 444455556666 can pull: statement `One` allows" in out


def test_undecided_ones_are_counted_apart_and_the_text_ends_with_what_to_do(run: Run, furnish: Furnish) -> None:
    furnish({"shared": STRANGER_PULLS, "unclear": UNDECIDED, "wrong": policy({"AWS": "nobody"}), "own": None})
    *_, empty, page, draft = lines = run("audit").out.splitlines()
    assert lines[1] == sentence("audit_text.compliant_not_their_worst_undecided")
    assert run("audit", "--format", "json").json["summary"] | {"errors": 0} == {
        "repositories": 4,
        "compliant": 1,
        "non_compliant": 3,
        "severities": {"CRITICAL": 0, "HIGH": 0, "MEDIUM": 3, "LOW": 0},
        "undecided": 2,
        "errors": 0,
    }
    assert empty == ""
    assert "--format html=audit.html" in page
    assert "trust from-audit audit.json" in draft


def test_what_is_undecided_or_invalid_is_told(run: Run, furnish: Furnish) -> None:
    furnish({"unclear": UNDECIDED, "wrong": policy({"AWS": "nobody"})})
    answer = run("audit")
    assert "UNDECIDED whether statement `One` gives" in answer.out
    assert "INVALID   $.Statement[0].Principal.AWS" in answer.out
    assert "\nrule      undecided, ecr-crossaccount explain undecided\n" in answer.out
    assert "\nrule      invalid, ecr-crossaccount explain invalid\n" in answer.out
    assert answer.status == 1
    assert run("audit").out == answer.out


def test_only_undecided_ends_with_its_own_status(run: Run, furnish: Furnish) -> None:
    furnish({"unclear": UNDECIDED})
    assert run("audit").status == 2


def test_fail_on_lets_lesser_findings_pass_and_says_so(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({"shared": STRANGER_PULLS, "unclear": UNDECIDED})
    note = sentence("outputs.note_nothing_fails")
    passed = run("audit", "--fail-on", "high")
    assert (passed.status, passed.err) == (0, note)
    assert "MEDIUM    account 444455556666 gets READ of shared" in passed.out
    assert run("audit", "--fail-on", "MEDIUM").status == 1
    furnish({"open": EVERYBODY_MAY_ALL})
    assert run("audit", "--fail-on", "CRITICAL").status == 1
    refuse("GetRepositoryPolicy", "AccessDeniedException", repository="open")
    assert run("audit", "--fail-on", "CRITICAL").status == 3, "what was not read never passes"


def test_approvals_are_shown_with_their_word_and_what_needs_a_look(run: Run, furnish: Furnish, trust: Trust) -> None:
    furnish({"base/python": PARTNER_PULLS, "base/node": policy({"AWS": "333344445555"})})
    register = trust(
        {"account": PARTNER, "reason": "builds", "owner": "platform@example.com", "expires": "2026-07-15"},
        {"account": "333344445555", "expires": "2026-01-31"},
        {"service": "lambda.amazonaws.com"},
    )
    out = run("audit", "--trust", register).out
    word = "    trust[0], by platform@example.com, until 2026-07-15, builds\n"
    assert f"\nApproved\n  account {PARTNER} gets READ of base/python\n{word}" in out
    assert sentence("audit_text.approvals_end_within", partner=PARTNER, word=word) in out
    assert "\nApprovals that no policy here needs\n  service lambda.amazonaws.com, READ\n" in out
    assert "    trust[2], no owner named, no last day, no reason given\n" in out
    assert sentence("audit_text.approvals_expired_still") in out
    assert "trust[1], no owner named, until 2026-01-31, no reason given" in out
    assert "end within" not in run("audit", "--trust", register, "ECR_CROSSACCOUNT_EXPIRING=14").out


def test_an_approval_is_never_called_unneeded_by_policies_that_were_not_read(
    run: Run, furnish: Furnish, refuse: Refuse, trust: Trust
) -> None:
    furnish({"open": PARTNER_PULLS, "closed": None})
    refuse("GetRepositoryPolicy", "AccessDeniedException", repository="open")
    out = run("audit", "--trust", trust({"account": PARTNER})).out
    assert sentence("audit_text.approvals_no_policy_here", partner=PARTNER) in out


def test_where_no_policy_was_read_no_approval_is_called_unneeded(
    run: Run, write: Write, trust: Trust, tmp_path: Path
) -> None:
    words = ("audit", write("{", "inventory.json"), "--trust", trust({"account": PARTNER}))
    page = tmp_path / "page.html"
    done = run(*words, "--format", "text", "--format", f"html={page}")
    assert (done.status, "no policy here needs" in done.out) == (3, False)
    assert 'class="tag">nobody' not in page.read_text(encoding="utf-8")
    assert run(*words, "--format", "json").json["unused_trust"] == []


def test_names_carry_their_region_where_there_are_several(run: Run, furnish: Furnish) -> None:
    furnish({"one": STRANGER_PULLS})
    furnish({"two": STRANGER_PULLS}, "us-east-1")
    out = run("audit", "--region", "eu-central-1", "--region", "us-east-1").out
    assert "of eu-central-1/one, us-east-1/two" in out
    assert "2 Regions" in out


def test_nothing_found_is_not_told_as_if_it_had_been_judged(run: Run, furnish: Furnish) -> None:
    furnish({})
    found, strict = run("audit"), run("audit", "--strict")
    assert found.out.splitlines()[1:] == [sentence("audit.no_repository_found_nothing_judged_2")]
    told = sentence("audit.no_repository_found_nothing_check")
    assert (found.status, strict.status) == (0, 2)
    assert f"{told}`--strict` makes the status 2\n" in found.err
    assert f"{told}because of `--strict`, the status is 2\n" in strict.err


def test_strict_leaves_what_was_judged_as_it_is(run: Run, furnish: Furnish) -> None:
    furnish({"own": None})
    assert (run("audit", "--strict").status, run("audit", "--strict").err) == (0, "")
    furnish({"open": STRANGER_PULLS})
    assert run("audit", "--strict").status == 1


def test_what_could_not_be_read_is_not_told_as_if_it_had_been_judged(run: Run, write: Write) -> None:
    done = run("audit", "--strict", write("[]", "inventory.json"))
    assert (done.status, done.out.splitlines()[1]) == (3, sentence("audit_parts.nothing_judged_not_everything"))


def test_errors_go_to_standard_error_with_their_place(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({"one": None})
    refuse("GetRepositoryPolicy", "ThrottlingException")
    answer = run("audit")
    assert "1 not read" in answer.out
    assert answer.err.startswith(f"ecr-crossaccount: arn:aws:ecr:eu-central-1:{OWNER}:repository/one: ")


def test_nothing_in_a_policy_acts_on_the_terminal(run: Run, furnish: Furnish) -> None:
    for number, (raw, _) in enumerate(HOSTILE.values()):
        furnish({f"one{number}": policy({"AWS": PARTNER}, Sid=raw), f"two{number}": policy({"AWS": raw})})
    answer = run("audit")
    for character in (answer.out + answer.err).replace("\n", ""):
        assert character.isprintable()


def test_each_repository_of_a_group_has_its_own_reason(run: Run, furnish: Furnish) -> None:
    furnish(
        {
            "base/python": policy("*", Sid="OrgPull"),
            "base/node": policy("*", Sid="OrgPull"),
            "docs/site": policy("*", Sid="Everybody"),
        }
    )
    lines = run("audit").out.splitlines()
    at = 1 + lines.index("HIGH      any AWS account gets READ of base/node, base/python, docs/site")
    assert "statement `OrgPull`" in lines[at + 1]
    assert lines[at + 2].strip() == "of base/node, base/python"
    assert "statement `Everybody`" in lines[at + 3]
    assert lines[at + 4].strip() == "of docs/site"


def test_of_many_reasons_the_first_are_told_and_the_others_counted(run: Run, furnish: Furnish) -> None:
    furnish({f"r{number}": policy("*", Sid=f"Sid{number}") for number in range(8)})
    out = run("audit").out
    mine = out[out.index("any AWS account gets") :].partition("\n\n")[0]
    assert mine.count("because") == 5
    assert mine.endswith(sentence("ask.more_reasons_format"))


def test_what_is_not_known_of_self_is_not_called_unread(
    run: Run, furnish: Furnish, trust: Trust, refuse: Refuse
) -> None:
    furnish({"one": None})
    refuse("DescribeOrganization", "AccessDeniedException")
    answer = run("audit", "--trust", trust({"organization": "self"}))
    assert answer.status == 3
    assert answer.out.splitlines()[1] == sentence("audit_parts.compliant_not_everything_self")


def test_what_could_not_be_read_is_counted_by_what_it_is(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({name: policy("*", Condition={"StringEquals": {"aws:ResourceTag/a": "bb"}}) for name in ("one", "two")})
    refuse("ListTagsForResource", "AccessDeniedException")
    assert run("audit").out.splitlines()[1].endswith("; the tags of 2 not read")
    refuse("GetRepositoryPolicy", "ExpiredTokenException")
    assert run("audit", "ECR_CROSSACCOUNT_CONCURRENCY=1").out.splitlines()[1] == "  nothing was judged; 2 not read"
    refuse("DescribeRepositories", "AccessDeniedException")
    assert run("audit").out.splitlines()[1] == sentence("audit_parts.nothing_judged_not_everything")
