"""Changes since an earlier audit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import OWNER, PARTNER, PARTNER_PULLS, REGION, SAFE, STRANGER, STRANGER_PULLS, policy, row
from tests.cli.conftest import Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.wording import sentence

Trust = Callable[..., str]
Audit = Callable[..., Any]
PARTNER_MAY_ALL = policy({"AWS": PARTNER}, "ecr:*")


@pytest.fixture
def audit(run: Run, write: Write) -> Audit:
    """Audit repositories with these policies, compared with an earlier report if one is given."""

    def audit(policies: dict[str, object], *argv: str, since: object = None, form: str = "json") -> Any:  # noqa: ANN401
        rows = [json.dumps(row(name, SAFE if one is None else json.dumps(one))) for name, one in policies.items()]
        more = () if since is None else ("--since", write(since, "earlier.json"))
        answer = run("audit", write({"Results": rows}, "now.json"), "--format", form, *more, *argv)
        return answer.json if form == "json" else answer.out

    return audit


def arn(name: str) -> str:
    return f"arn:aws:ecr:{REGION}:{OWNER}:repository/{name}"


def test_nothing_has_changed_where_only_the_text_is_another(audit: Audit) -> None:
    earlier = audit({"one": STRANGER_PULLS})
    again = policy({"AWS": f"arn:aws:iam::{STRANGER}:root"}, Sid="Renamed")
    found = audit({"one": again}, since=earlier)["changes"]
    assert found == {
        "since": "2026-06-30",
        "new": [],
        "gone": [],
        "approved": [],
        "undecided": [],
        "appeared": [],
        "not_read_before": [],
        "vanished": [],
        "compliance": [],
        "not_compared": [],
    }
    assert "\nSince 2026-06-30\n  nothing has changed\n" in audit({"one": again}, since=earlier, form="text")


def test_new_access_is_told_and_so_is_what_is_over(audit: Audit) -> None:
    earlier = audit({"one": STRANGER_PULLS, "two": None, "three": PARTNER_PULLS})
    now = {"one": None, "two": STRANGER_PULLS, "three": PARTNER_MAY_ALL}
    found = audit(now, since=earlier)["changes"]
    pulls = {"kind": "account", "grantee": STRANGER, "access": ["READ"], "actions": ["ecr:BatchGetImage"]}
    assert found["new"][1:] == [pulls | {"arn": arn("two"), "before": "refused"}]
    assert found["new"][0]["access"] == ["READ", "WRITE", "ADMIN"]
    assert "ecr:BatchGetImage" not in found["new"][0]["actions"]
    assert found["gone"] == [pulls | {"arn": arn("one"), "now": "refused"}]
    assert found["compliance"] == [
        {"arn": arn("one"), "was": "NON_COMPLIANT", "is": "COMPLIANT"},
        {"arn": arn("two"), "was": "COMPLIANT", "is": "NON_COMPLIANT"},
    ]
    text = audit(now, since=earlier, form="text")
    assert f"  + account {STRANGER} gets READ of two, which is new\n" in text
    assert f"  - account {STRANGER} gets READ of one, which has ended\n" in text


def test_an_approval_that_ends_is_told_apart_from_a_policy_that_changes(audit: Audit, trust: Trust) -> None:
    policies = {"one": PARTNER_PULLS}
    approved = audit(policies, "--trust", trust({"account": PARTNER}))
    over = ("--trust", trust({"account": PARTNER, "expires": "2026-06-29"}))
    (change,) = audit(policies, *over, since=approved)["changes"]["new"]
    assert (change["grantee"], change["before"]) == (PARTNER, "approved")
    assert sentence("audit_text.approval_no_longer_counts") in audit(policies, *over, since=approved, form="text")


def test_access_that_was_approved_meanwhile_is_told_as_such(audit: Audit, trust: Trust) -> None:
    unapproved = audit({"one": PARTNER_PULLS, "two": None})
    policies, register = {"one": PARTNER_PULLS, "two": PARTNER_PULLS}, ("--trust", trust({"account": PARTNER}))
    found = audit(policies, *register, since=unapproved)["changes"]
    assert [(one["arn"], one["now"]) for one in found["gone"]] == [(arn("one"), "approved")]
    assert [(one["arn"], one["before"]) for one in found["approved"]] == [(arn("two"), "refused")]
    text = audit(policies, *register, since=unapproved, form="text")
    assert sentence("audit_text.account_gets_read", partner=PARTNER) in text
    assert sentence("audit_text.account_gets_read_two", partner=PARTNER) in text


def test_repositories_come_and_go(audit: Audit) -> None:
    earlier = audit({"kept": None, "deleted": STRANGER_PULLS})
    found = audit({"kept": None, "new": None}, since=earlier)["changes"]
    assert (found["appeared"], found["vanished"]) == ([arn("new")], [arn("deleted")])
    assert [one["arn"] for one in found["gone"]] == [arn("deleted")]
    text = audit({"kept": None, "new": None}, since=earlier, form="text")
    assert "  new repositories: new\n  deleted repositories: deleted\n" in text


@pytest.mark.parametrize(
    "elsewhere",
    [{"region": "us-east-1"}, {"account": "123412341234"}],
)
def test_what_was_not_read_this_time_is_not_called_gone(audit: Audit, elsewhere: dict[str, str]) -> None:
    earlier = audit({"one": None, "other": STRANGER_PULLS})
    earlier["repositories"][1] |= elsewhere
    found = audit({"one": None}, since=earlier)["changes"]
    assert (found["gone"], found["vanished"], found["not_compared"]) == ([], [], [arn("other")])
    assert sentence("audit_text.not_compared_because_not_read") in audit({"one": None}, since=earlier, form="text")


def test_neither_is_what_could_not_be_read(audit: Audit, run: Run, write: Write) -> None:
    earlier = write(audit({"one": None, "other": STRANGER_PULLS}), "earlier.json")
    lacking = row("other", None)
    del lacking["configuration"]["RepositoryPolicyText"]
    now = write({"Results": [json.dumps(row("one")), json.dumps(lacking)]}, "now.json")
    found = run("audit", now, "--format", "json", "--since", earlier).json["changes"]
    assert (found["gone"], found["not_compared"]) == ([], [arn("other")])


@pytest.mark.parametrize(
    "content, says",
    [
        ("[]", sentence("since.not_report_audit_expected")),
        ({"policies": []}, "not a report of an audit"),
        ({"format": 2, "audited": {}, "repositories": []}, sentence("since.report_format_expected")),
        ({"format": 1, "audited": {}, "repositories": [{}]}, "not a report of an audit"),
        ({"format": 1, "audited": 1, "repositories": []}, "not a report of an audit"),
        ("{", "not JSON at line 1"),
        (b"\xff", "not text in UTF-8"),
    ],
)
def test_what_is_no_report_is_refused_before_anything_is_read(
    run: Run, write: Write, content: object, says: str
) -> None:
    answer = run("audit", "nowhere", "--since", write(content, "earlier.json"))
    assert (answer.status, answer.out) == (3, "")
    assert says in answer.err


def test_a_report_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    assert "cannot read" in run("audit", "x", "--since", str(tmp_path / "none")).err


DEEP: object = json.loads("[" * 190 + "]" * 190)
FIELDS = ["arn", "account", "region", "name", "kind", "compliance", "grants", "trusted", "state"]
OF_A_STATE = ["register", "forms", "tags", "organization", "doubts", "applied_for"]
OF_A_FORM = ["policy", "if", "ways", "by_default", "region", "scope", "registry"]


@pytest.mark.parametrize("value", [None, 0, True, "", [], [7], {}, {"a": []}, DEEP], ids=lambda one: str(one)[:12])
def test_a_field_of_another_type_never_ends_the_audit(audit: Audit, run: Run, write: Write, value: object) -> None:
    """The report was edited by hand, or another program wrote it."""
    now = write({"Results": [json.dumps(row("one", json.dumps(STRANGER_PULLS)))]}, "inventory.json")
    report = json.dumps(audit({"one": STRANGER_PULLS, "two": PARTNER_PULLS}))
    for field in FIELDS:
        earlier = json.loads(report)
        earlier["repositories"][1][field] = value
        answer = run("audit", now, "--since", write(earlier, "edited.json"))
        assert answer.status in (1, 3)
        assert bool(answer.out) == (answer.status == 1)
    for option in ("--since", "--baseline"):
        for fields, place in ((OF_A_STATE, ()), (OF_A_FORM, ("forms", 0))):
            for field in fields:
                earlier = json.loads(report)
                state = earlier["repositories"][0]["state"]
                (state["forms"][0] if place else state)[field] = value
                answer = run("audit", now, option, write(earlier, "edited.json"))
                assert (answer.status in (0, 1, 2, 3), "internal error" in answer.err) == (True, False), field
        earlier = json.loads(report) | {"recorded": value}
        assert run("audit", now, option, write(earlier, "edited.json")).status in (1, 3)
    for field in ("statement", "kind", "grantee", "actions", "access"):
        for name in ("grants", "trusted"):
            earlier = json.loads(report)
            earlier["repositories"][0][name] = [earlier["repositories"][0]["grants"][0] | {field: value}]
            assert run("audit", now, "--since", write(earlier, "edited.json")).status == 1
            del earlier["repositories"][0]["state"]
            assert run("audit", now, "--since", write(earlier, "edited.json")).status in (1, 3)
    for field in ("audited", "repositories", "registries", "errors", "format"):
        earlier = json.loads(report) | {field: value}
        assert run("audit", now, "--since", write(earlier, "edited.json")).status in (1, 3)
    for field in ("source", "on", "accounts", "regions", "creation_templates", "read"):
        earlier = json.loads(report)
        earlier["audited"][field] = value
        assert run("audit", now, "--since", write(earlier, "edited.json")).status in (1, 3)


def test_a_report_that_is_nested_too_deeply_is_refused(run: Run, write: Write) -> None:
    now, earlier = write({"Results": []}, "inventory.json"), write("[" * 100_000, "earlier.json")
    answer = run("audit", now, "--since", earlier)
    assert (answer.status, answer.out) == (3, "")
    assert answer.err == sentence("json.not_json_line_column", earlier=earlier)
