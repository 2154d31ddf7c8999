"""Outside pulls and pushes in CloudTrail. The events have the format of its documentation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.audit.conftest import OWNER, PARTNER, PARTNER_PULLS, REGION, STRANGER, Furnish, policy
from tests.cli.conftest import Run
from tests.fakes.calls import Proceed, around_calls
from tests.wording import sentence

ARN = f"arn:aws:ecr:{REGION}:{OWNER}:repository/base/python"
Serve = Callable[..., list[dict[str, Any]]]


def event(name: str, day: int, caller: str | None = PARTNER, **fields: object) -> dict[str, Any]:
    """Return an event on a day in June."""
    return {
        "eventSource": "ecr.amazonaws.com",
        "eventName": name,
        "eventTime": f"2026-06-{day:02}T10:00:00Z",
        "eventID": f"{name}-{day}",
        "userIdentity": {"type": "AWSAccount", "accountId": caller},
        "requestParameters": {"repositoryName": "base/python", "registryId": OWNER},
        "resources": [{"ARN": ARN, "accountId": OWNER}],
        **fields,
    }


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serve LookupEvents, which moto does not have, with two events a page. Returns the list of requests."""
    asked: list[dict[str, Any]] = []

    def serve(*events: Mapping[str, Any] | str, refuse_in: str | None = None) -> list[dict[str, Any]]:
        def call(client: BaseClient, operation: str, request: dict[str, Any], proceed: Proceed) -> object:
            if operation != "LookupEvents":
                return proceed()
            asked.append(dict(request))
            if client.meta.region_name == refuse_in:
                raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
            wanted = request["LookupAttributes"][0]["AttributeValue"]
            found = [one for one in events if isinstance(one, str) or one["eventName"] == wanted]
            start = int(request.get("NextToken", 0))
            page = [
                {"CloudTrailEvent": one if isinstance(one, str) else json.dumps(one)}
                for one in found[start : start + 2]
            ]
            return {"Events": page} | ({"NextToken": str(start + 2)} if start + 2 < len(found) else {})

        around_calls(monkeypatch, call)
        return asked

    return serve


def usage(run: Run, *argv: str) -> Any:  # noqa: ANN401 - JSON
    return run("audit", "--usage", "30", "--format", "json", *argv).json


def test_it_tells_the_last_pull_and_push_of_each_account(run: Run, serve: Serve) -> None:
    asked = serve(
        event("BatchGetImage", 20),
        event("BatchGetImage", 9),
        event("GetDownloadUrlForLayer", 21),
        event("BatchGetImage", 3, STRANGER),
        event("PutImage", 12, STRANGER),
    )
    found = usage(run)["usage"]
    partner, stranger = found["callers"]
    last = {"last_pull": "2026-06-21T10:00:00Z", "last_push": None}
    assert partner == {"caller": PARTNER, **last, "repositories": [{"arn": ARN, **last}]}
    assert (stranger["last_pull"], stranger["last_push"]) == ("2026-06-03T10:00:00Z", "2026-06-12T10:00:00Z")
    assert (found["days"], found["partial"]) == (30, [])
    assert asked[0]["StartTime"] == datetime(2026, 5, 31, tzinfo=UTC)
    assert {request["MaxResults"] for request in asked} == {50}


@pytest.mark.parametrize(
    "one",
    [
        event("BatchGetImage", 3, OWNER),
        event("BatchGetImage", 3, errorCode="AccessDenied"),
        event("BatchGetImage", 3, eventSource="ecr-public.amazonaws.com"),
        event("BatchGetImage", 3, requestParameters={"registryId": STRANGER}, resources=[]),
    ],
    ids=["the owner's own", "refused", "of public repositories", "of another registry"],
)
def test_what_is_no_use_from_outside_is_passed_over(run: Run, serve: Serve, one: dict[str, Any]) -> None:
    serve(one)
    assert usage(run)["usage"]["callers"] == []


@pytest.mark.parametrize(
    "fields, arn",
    [
        ({"requestParameters": None}, ARN),
        ({"requestParameters": None, "resources": None}, None),
        ({"requestParameters": None, "resources": [{"ARN": None}, 1]}, None),
        ({"requestParameters": None, "resources": [{"arn": ARN}]}, ARN),
    ],
)
def test_the_repository_is_found_where_the_event_has_it(
    run: Run, serve: Serve, fields: dict[str, Any], arn: str | None
) -> None:
    serve(event("BatchGetImage", 3, **fields))
    assert [one["arn"] for one in usage(run)["usage"]["callers"][0]["repositories"]] == [arn]


def test_history_that_cannot_be_read_is_an_error(run: Run, serve: Serve, furnish: Furnish) -> None:
    furnish({"base/python": None})
    serve(event("BatchGetImage", 3), refuse_in="us-east-1")
    answer = run("audit", "--usage", "9", "--format", "json", "--region", REGION, "--region", "us-east-1")
    assert answer.status == 3
    (error,) = answer.json["errors"]
    assert (error["region"], len(answer.json["usage"]["callers"])) == ("us-east-1", 1)
    assert error["reason"].startswith(sentence("usage.use_unknown_lookupevents"))


def test_history_that_was_not_read_is_never_told_as_no_use(run: Run, serve: Serve, tmp_path: Path) -> None:
    serve(refuse_in=REGION)
    out = run("audit", "--usage", "9", "--format", "text", "--format", f"html={tmp_path / 'page.html'}").out
    assert sentence("audit_text.not_everything_read_use", region=REGION) in out
    assert "no use by anybody outside" not in out
    assert "Nobody outside was seen" not in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{", "7"])
def test_an_event_that_is_broken_is_an_error(run: Run, serve: Serve, text: str) -> None:
    serve(text)
    assert sentence("find_use.history_not_json_object") in usage(run)["errors"][0]["reason"]


DEEP: object = json.loads("[" * 500 + "]" * 500)


@pytest.mark.parametrize("value", [None, 0, True, "", "x", [], [[]], [{"ARN": {}}], {}, {"a": []}, DEEP])
def test_a_field_of_another_type_never_ends_the_audit(run: Run, serve: Serve, value: Any) -> None:  # noqa: ANN401 - any JSON
    fields = ("eventSource", "eventTime", "eventID", "userIdentity", "requestParameters", "resources", "errorCode")
    inner = ("repositoryName", "repositoryNames", "registryId", "resourceArn")
    serve(
        *(event("BatchGetImage", 3, **{field: value}) for field in fields),
        *(event("BatchGetImage", 4, requestParameters={field: value}) for field in inner),
        *(event("BatchGetImage", 5, userIdentity={field: value}) for field in ("accountId", "arn", "invokedBy")),
        *(event("BatchGetImage", 6, resources=[{field: value}]) for field in ("ARN", "accountId")),
        json.dumps(event("DescribeImages", 7)),
        event("BatchGetImage", 20),
    )
    answer = run("audit", "--usage", "30", "--format", "json")
    assert answer.status == 0
    assert PARTNER in [caller["caller"] for caller in answer.json["usage"]["callers"]]
    assert run("audit", "--usage", "30").status == 0


def test_an_event_that_is_nested_too_deeply_is_an_error(run: Run, serve: Serve) -> None:
    serve("[" * 100_000)
    assert sentence("find_use.history_not_json_object") in usage(run)["errors"][0]["reason"]


def test_a_long_history_is_read_in_part_and_says_so(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_crossaccount.products.audit.usage.MOST_PAGES", 1)
    serve(*(event("BatchGetImage", day) for day in (20, 19, 18)))
    found = usage(run)["usage"]
    assert found["partial"] == [{"region": REGION, "event": "BatchGetImage", "back_to": "2026-06-19T10:00:00Z"}]
    assert "of BatchGetImage only events after 2026-06-19T10:00:00Z were read" in run("audit", "--usage", "30").out


def test_a_person_reads_it_too(run: Run, serve: Serve, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    serve()
    assert sentence("audit_text.no_use_outside_seen") in run("audit", "--usage", "30").out
    serve(event("BatchGetImage", 20), event("PutImage", 12, requestParameters=None, resources=None))
    out = run("audit", "--usage", "30", "--format", "text", "--format", f"html={page}").out
    assert sentence("audit_text.seen_cloudtrail_last") in out
    assert (
        f"  account {PARTNER}: pulled base/python, last on 2026-06-20T10:00:00Z; pushed last on 2026-06-12T10:00:00Z\n"
    ) in out
    cells = f'<th scope="row">account {PARTNER}</th><td data-label="Last pull">2026-06-20T10:00:00Z</td>'
    assert cells in page.read_text(encoding="utf-8")


def test_a_day_may_be_given_in_place_of_days(run: Run, serve: Serve) -> None:
    serve(event("BatchGetImage", 20))
    assert run("audit", "--usage", "2026-05-31", "--format", "json").json["usage"]["days"] == 30
    assert run("audit", "--usage", "4w", "--format", "json").json["usage"]["days"] == 28


def test_a_terminal_sees_what_is_being_read(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve()
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert run("audit", "--usage", "30").status == 0


@pytest.mark.parametrize(
    "argv, says",
    [
        (("--usage", "91"), sentence("options.usage_cloudtrail_keeps")),
        (("--usage", "0"), "expected 1 to 90"),
        (("--usage", "2026-03-31"), sentence("options.day_before_today")),
        (("--usage", "2026-07-01"), "before today"),
        (("--usage", "30", "aggregator:all"), sentence("audit.usage_needs_audit")),
    ],
)
def test_bad_usage_says_what_would_be_right(run: Run, argv: tuple[str, ...], says: str) -> None:
    answer = run("audit", *argv)
    assert (answer.status, says in answer.err) == (3, True)


def test_access_of_which_no_use_was_seen_is_listed(run: Run, serve: Serve, furnish: Furnish) -> None:
    furnish({"base/python": PARTNER_PULLS, "base/node": PARTNER_PULLS, "team/x": policy({"AWS": STRANGER}, "ecr:*")})
    serve(event("BatchGetImage", 3), event("PutImage", 4, caller=PARTNER))
    unseen = usage(run)["usage"]["unseen"]
    assert [(one["arn"].rpartition("/")[2], one["account"], one["what"]) for one in unseen] == [
        ("node", PARTNER, "pull"),
        ("x", STRANGER, "pull"),
        ("x", STRANGER, "push"),
    ]
    text = run("audit", "--usage", "30").out
    assert sentence("audit_text.no_use_seen_does") in text
    assert f"account {PARTNER}: no pull of base/node" in text
    assert "unused" not in text


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"requestParameters": {}, "resources": []}, id="an event that names no repository"),
        pytest.param({"userIdentity": {"type": "AWSAccount"}}, id="an event that names no caller"),
    ],
)
def test_an_event_that_may_be_of_it_is_use(run: Run, serve: Serve, furnish: Furnish, fields: dict[str, Any]) -> None:
    furnish({"base/python": PARTNER_PULLS})
    serve(event("BatchGetImage", 3, **fields))
    assert usage(run)["usage"]["unseen"] == []


def test_a_history_that_was_not_read_to_the_end_lists_nothing(
    run: Run, serve: Serve, furnish: Furnish, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish({"base/python": PARTNER_PULLS})
    serve(refuse_in=REGION)
    assert usage(run)["usage"]["unseen"] == []
    monkeypatch.setattr("ecr_crossaccount.products.audit.usage.MOST_PAGES", 1)
    monkeypatch.setattr("ecr_crossaccount.products.audit.usage.SECONDS_A_REQUEST", 0)
    serve(*(event("BatchGetImage", day, caller=STRANGER) for day in range(9, 1, -1)))
    found = usage(run)["usage"]
    assert found["partial"]
    assert found["unseen"] == []


def test_an_entry_is_proposed_for_what_was_used(run: Run, serve: Serve, furnish: Furnish, tmp_path: Path) -> None:
    both = policy({"AWS": [PARTNER, STRANGER]}, "ecr:*")
    furnish({"base/python": both})
    serve(event("BatchGetImage", 3))
    report, register = tmp_path / "audit.json", tmp_path / "trust.yaml"
    report.write_text(run("audit", "--usage", "30", "--format", "json").out)
    drafted = run("trust", "from-audit", "--used", str(report), "--output", str(register))
    assert drafted.status == 0, drafted.err
    text = register.read_text()
    assert f'account: "{PARTNER}"' in text
    assert "access: READ" in text
    assert sentence("register_edit.last_pull_whether") in text
    assert sentence("register_edit.gets_admin_base", stranger=STRANGER) in text
    assert run("trust", "lint", str(register)).status == 3, "no entry counts before a person has filled it in"
    register.write_text(
        text.replace("WHY", "builds on it").replace("WHOM-TO-ASK", "platform").replace("YYYY-MM-DD", "2027-03-31")
    )
    assert run("trust", "lint", str(register)).status == 0
    live = tmp_path / "policy.json"
    live.write_text(json.dumps({"registryId": OWNER, "repositoryName": "base/python", "policyText": json.dumps(both)}))
    plan = run("plan", "--trust", str(register), "--format", "json", str(live)).json["plans"][0]
    assert STRANGER not in json.dumps(plan["policy"])
    assert PARTNER in json.dumps(plan["policy"])


def test_a_grant_to_a_service_is_drafted_as_it_is(run: Run, serve: Serve, furnish: Furnish, tmp_path: Path) -> None:
    furnish({"base/python": policy({"Service": "lambda.amazonaws.com"})})
    serve(refuse_in="nowhere")
    report = tmp_path / "audit.json"
    report.write_text(run("audit", "--usage", "30", "--format", "json").out)
    out = run("trust", "from-audit", "--used", str(report)).out
    assert "service: lambda.amazonaws.com" in out.replace('"', "")
    assert sentence("register_edit.whether_used_not_known") in out


def test_what_was_not_read_is_drafted_as_it_is(run: Run, serve: Serve, furnish: Furnish, tmp_path: Path) -> None:
    furnish({"base/python": PARTNER_PULLS})
    serve(refuse_in=REGION)
    report = tmp_path / "audit.json"
    report.write_text(run("audit", "--usage", "30", "--format", "json").out)
    out = run("trust", "from-audit", "--used", str(report)).out
    assert "its use is unknown" in out
    assert "access: READ" in out


@pytest.mark.parametrize("found", [None, {"days": 3}, {"callers": 1, "partial": [], "days": 1}, []])
def test_a_report_without_usage_drafts_nothing_by_use(run: Run, tmp_path: Path, found: object) -> None:
    report = tmp_path / "audit.json"
    report.write_text(json.dumps({"format": 1, "repositories": [], "usage": found}))
    done = run("trust", "from-audit", "--used", str(report))
    assert done.status == 3
    assert "--usage" in done.err
