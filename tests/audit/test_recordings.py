"""Several recordings of one repository: which one counts, and that the order of files and rows changes no verdict."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.products.audit.judging import Auditor
from ecr_crossaccount.products.audit.recordings import recording_of, settle_recordings
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    OWNER,
    PARTNER_PULLS,
    REGION,
    STRANGER_PULLS,
    policy,
    row,
)
from tests.cli.conftest import TODAY, Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.fakes import FakeConfigService
from tests.wording import sentence

OPEN, STRANGER, PARTNER = (json.dumps(one) for one in (EVERYBODY_MAY_ALL, STRANGER_PULLS, PARTNER_PULLS))
OWN = json.dumps(policy({"AWS": OWNER}))
TIME = "configurationItemCaptureTime"
EARLY, LATE = "2026-06-01T09:00:00.000Z", "2026-06-01T10:00:00.000Z"


def at(time: object, text: object, name: str = "app", **more: object) -> dict[str, Any]:
    """Return a recording of a repository. It has no time if `time` is None."""
    return row(name, text) | ({} if time is None else {TIME: time}) | more


def query(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"Results": [json.dumps(one) for one in rows]}


def audited(run: Run, *files: str) -> Any:  # noqa: ANN401 - JSON
    return run("audit", "--format", "json", *files).json


def outcome(report: Any) -> object:  # noqa: ANN401 - JSON
    """Return the parts of a report that must not depend on any order."""
    repositories = [{**one, "notes": None} for one in report["repositories"]]
    return repositories, sorted(error["reason"] for error in report["errors"])


SAME_MOMENT = [
    pytest.param(at(None, OPEN), at(None, OWN), id="no times"),
    pytest.param(at(LATE, OPEN), at(LATE, OWN), id="one time"),
    pytest.param(at(LATE, OPEN), at(None, OWN), id="a time for the open one"),
    pytest.param(at(None, OPEN), at(LATE, OWN), id="a time for the closed one"),
    pytest.param(at("yesterday", OPEN), at(LATE, OWN), id="a time that is none"),
    pytest.param(at("2026-06-02", OPEN), at(LATE, OWN), id="a day without a time"),
    pytest.param(at(LATE, OPEN), at("2026-06-01T12:00:00+02:00", OWN), id="one time in two zones"),
    pytest.param(at(LATE, OPEN), at(1_780_308_000, OWN), id="one time, in seconds"),
    pytest.param(at(LATE, OPEN), at(1_780_308_000_000, OWN), id="one time, in milliseconds"),
    pytest.param(at(LATE, OPEN), at("1780308000.0", OWN), id="one time, in seconds as a text"),
    pytest.param(at(LATE, OPEN), at("2026-06-01T10:00:00", OWN), id="one time, once without a zone"),
]


@pytest.mark.parametrize("opened, closed", SAME_MOMENT)
def test_where_nothing_tells_which_is_the_latest_the_worst_counts_and_it_is_said(
    run: Run, write: Write, opened: dict[str, Any], closed: dict[str, Any]
) -> None:
    one, two = write(query(opened), "one.json"), write(query(closed), "two.json")
    for files in ((one, two), (two, one)):
        report = audited(run, *files)
        (app,) = report["repositories"]
        assert (app["compliance"], app["severity"]) == ("NON_COMPLIANT", "CRITICAL")
        (note,) = [note for note in app["notes"] if note.startswith("recorded several times")]
        assert f"`{one}` row 1" in note
        assert f"`{two}` row 1" in note


@pytest.mark.parametrize(
    "late",
    [
        "2026-06-01T09:00:00.001Z",
        "2026-06-01T11:00:01+02:00",
        "2026-06-01 09:00:01",
        1_780_304_401,
        1_780_304_400_500,
        "1780304400.5",
    ],
)
def test_the_latest_counts_however_its_time_is_written(run: Run, write: Write, late: object) -> None:
    one, two = write(query(at(EARLY, OPEN)), "one.json"), write(query(at(late, OWN)), "two.json")
    for files in ((one, two), (two, one)):
        (app,) = audited(run, *files)["repositories"]
        assert (app["compliance"], app["notes"]) == ("COMPLIANT", [])


@pytest.mark.parametrize("time", [True, [], {}, "", float("nan"), float("inf"), 1e300, -1e18, "9" * 400, "24:99", None])
def test_what_is_no_time_is_none(time: object) -> None:
    found = recording_of(at(time, OPEN), "here")
    assert found is not None
    assert found.moment is None


def test_the_same_policy_in_other_words_is_no_doubt(run: Run, write: Write) -> None:
    again = {"Statement": [{**policy({"AWS": f"arn:aws:iam::{OWNER}:root"})["Statement"][0]}], "Version": "2012-10-17"}
    file = write(query(at(None, OWN), at(None, json.dumps(again, indent=2))))
    (app,) = audited(run, file)["repositories"]
    assert (app["compliance"], app["notes"]) == ("COMPLIANT", [])


def test_a_name_that_stands_twice_is_not_taken_for_the_same_policy(run: Run, write: Write) -> None:
    denied = policy("*", "ecr:*", Effect="Deny")
    twice = json.dumps(denied).replace('"Effect": "Deny"', '"Effect": "Allow", "Effect": "Deny"')
    for rows in permutations([at(None, json.dumps(denied)), at(None, twice)]):
        (app,) = audited(run, write(query(*rows)))["repositories"]
        assert app["compliance"] == "NON_COMPLIANT"


def test_what_the_other_recording_opens_is_in_the_notes(run: Run, write: Write) -> None:
    file = write(query(at(None, STRANGER), at(None, OPEN), at(None, PARTNER)))
    (app,) = audited(run, file)["repositories"]
    others = [note for note in app["notes"] if note.startswith("another recording: ")]
    assert app["severity"] == "CRITICAL"
    assert ["444455556666" in note or "222233334444" in note for note in others] == [True, True]


def test_one_that_was_deleted_at_the_same_moment_is_judged(run: Run, write: Write) -> None:
    file = write({"configurationItems": [at(LATE, OPEN), at(LATE, {}, configurationItemStatus="ResourceDeleted")]})
    (app,) = audited(run, file)["repositories"]
    assert app["compliance"] == "NON_COMPLIANT"
    assert "deleted" in app["notes"][-1]


def test_a_recording_that_does_not_show_the_policy_is_an_error_unless_another_of_its_moment_does(
    run: Run, write: Write
) -> None:
    blind = at(LATE, None)
    del blind["configuration"]["RepositoryPolicyText"]
    for rows in permutations([at(LATE, OWN), blind]):
        report = audited(run, write(query(*rows)))
        assert ([one["compliance"] for one in report["repositories"]], report["errors"]) == (["COMPLIANT"], [])
    undated = {key: value for key, value in blind.items() if key != TIME}
    report = audited(run, write(query(at(LATE, OWN), undated)))
    assert (len(report["repositories"]), len(report["errors"])) == (1, 1)


@pytest.mark.parametrize("time", [None, LATE])
def test_a_blank_beside_a_policy_of_the_same_moment_hides_nothing(run: Run, write: Write, time: object) -> None:
    for rows in permutations([at(time, OPEN), at(time, {})]):
        report = audited(run, write(query(*rows)))
        assert [one["severity"] for one in report["repositories"]] == ["CRITICAL"]
        assert len(report["errors"]) == (time is None)


def test_a_later_blank_is_not_read_and_a_later_policy_makes_an_earlier_blank_good(run: Run, write: Write) -> None:
    blank_since = audited(run, write(query(at(EARLY, OPEN), at(LATE, {}))))
    assert (blank_since["repositories"], len(blank_since["errors"])) == ([], 1)
    shown_since = audited(run, write(query(at(EARLY, {}), at(LATE, OWN))))
    assert ([one["compliance"] for one in shown_since["repositories"]], shown_since["errors"]) == (["COMPLIANT"], [])


def test_an_aggregator_with_two_rows_of_one_repository_is_no_other(run: Run, config: FakeConfigService) -> None:
    config.inventory += [at(None, OWN), at(None, OPEN), at(LATE, OWN, "dated"), at(EARLY, OPEN, "dated")]
    report = run("audit", "aggregator:all", "--format", "json").json
    assert [(one["name"], one["compliance"]) for one in report["repositories"]] == [
        ("app", "NON_COMPLIANT"),
        ("dated", "COMPLIANT"),
    ]
    assert "row 1 (no time), row 2 (no time)" in report["repositories"][0]["notes"][-1]
    (request,) = [asked for name, asked in config.calls if name == "SelectAggregateResourceConfig"]
    assert TIME in request["Expression"]


def test_text_and_page_say_so_too(run: Run, write: Write, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    file = write(query(at(None, OPEN), at(None, OWN)))
    answer = run("audit", file, "--format", "text", "--format", f"html={page}")
    reason = sentence("items.recorded_several_times")
    assert f"AMBIGUOUS {reason}: the worst counts" in answer.out
    assert f"app: `{file}` row 1 (no time), `{file}` row 2 (no time)" in answer.out
    assert "select `configurationItemCaptureTime`" in answer.out
    assert "recorded several times" in page.read_text(encoding="utf-8")


@given(st.data())
def test_no_order_of_files_and_rows_changes_a_verdict(data: st.DataObject) -> None:
    """The law, tested on the report itself."""
    times = st.sampled_from([None, "soon", EARLY, LATE, "2026-06-01T12:00:00+02:00", 1_780_308_000, 7.5])
    texts = st.sampled_from([OPEN, STRANGER, PARTNER, OWN, {}, "", "no policy", json.loads(OWN), [1], 7])
    status = st.sampled_from([{}, {"configurationItemStatus": "ResourceDeleted"}])
    rows = st.tuples(times, texts, st.sampled_from("ab"), status).map(lambda one: at(*one[:3], **one[3]))
    recorded = data.draw(st.lists(rows, min_size=1, max_size=6))
    shuffled = data.draw(st.permutations(list(enumerate(recorded))))

    def judged(order: list[tuple[int, dict[str, Any]]]) -> object:
        auditor = Auditor(Trust.nobody(), None)
        found = [recording_of(one, f"row {number}") for number, one in order]
        auditor.take(settle_recordings(one for one in found if one is not None))
        report = auditor.report("files", TODAY, (), 30).to_json()
        return {**report, "errors": None}, sorted(map(str, report["errors"]))  # type: ignore[call-overload]

    assert judged(list(enumerate(recorded))) == judged(shuffled)


WEIRD: list[object] = [None, 0, -1, 1e308, True, "", "x", "\x1b[31m\n", "`", [], [[]], {}, {"a": {"b": []}}, ["a", 1]]
DEEP: object = json.loads("[" * 500 + "]" * 500)
FIELDS = [
    "accountId",
    "awsAccountId",
    "awsRegion",
    "arn",
    "ARN",
    "resourceId",
    "resourceType",
    "configuration",
    "configurationItemStatus",
    "tags",
    TIME,
]


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_another_type_never_ends_the_audit(run: Run, write: Write, field: str) -> None:
    rows = [at(LATE, OPEN, f"r{number}", **{field: value}) for number, value in enumerate([*WEIRD, DEEP])]
    answer = run("audit", "--format", "json", write({"configurationItems": [*rows, at(LATE, OPEN)]}))
    assert "app" in [one["name"] for one in answer.json["repositories"]]
    shown = run("audit", write({"configurationItems": [*rows, at(LATE, OPEN)]}))
    assert all(character.isprintable() for character in (shown.out + shown.err).replace("\n", ""))


@pytest.mark.parametrize("field", ["RepositoryPolicyText", "Arn", "Tags", "RepositoryName"])
def test_a_field_of_the_configuration_of_another_type_never_ends_the_audit(
    run: Run, write: Write, field: str, tmp_path: Path
) -> None:
    rows = [at(LATE, OPEN, f"r{number}") for number in range(len(WEIRD) + 1)]
    for one, value in zip(rows, [*WEIRD, DEEP], strict=True):
        one["configuration"][field] = value
        del one["arn"]
    file = write({"configurationItems": [*rows, at(LATE, OPEN)]})
    trust = write({"version": 1, "trust": [{"account": "222233334444"}]}, "trust.json")
    page = str(tmp_path / "page.html")
    answer = run("audit", "--format", "json", file, "--trust", trust, "--format", f"html={page}")
    assert "app" in [one["name"] for one in answer.json["repositories"]]
    assert f":{REGION}:" in answer.out


@pytest.mark.parametrize(
    "name", ["unprocessedResourceKeys", "UnprocessedResourceIdentifiers", "NextToken", "nextToken"]
)
@pytest.mark.parametrize("value", [7, "x", {"a": 1}, [DEEP]])
def test_what_an_answer_says_is_missing_is_an_error(run: Run, write: Write, name: str, value: object) -> None:
    answer = run("audit", "--format", "json", write({"Results": [], name: value}))
    assert (answer.status, len(answer.json["errors"])) == (3, 1)
