"""Inventories of any size: read in pieces, judged by several processes, written row by row, with the same result."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Self

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.products.audit import processes, rows
from ecr_crossaccount.products.audit.inventory import Raw, read
from ecr_crossaccount.products.audit.judging import Auditor
from ecr_crossaccount.products.audit.processes import Task, judge_all
from ecr_crossaccount.products.audit.report import AuditReport
from ecr_crossaccount.products.cli.base.json_text import render_json
from ecr_crossaccount.products.cli.formats import audit_reports
from ecr_crossaccount.sources.reading import json_window

from benchmarks.corpus import ORGANIZATION, REGISTER
from benchmarks.inventory import Inventory
from tests.audit.conftest import EVERYBODY_MAY_ALL, STRANGER_PULLS, row
from tests.cli.conftest import TODAY, Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.wording import sentence

ALL_OF_IT = 10**9
ROWS = 700


@pytest.fixture(scope="module")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inventory of many accounts, with unusual rows among them."""
    path = tmp_path_factory.mktemp("organization") / "inventory.json"
    Inventory(ROWS).write(path)
    value = json.loads(path.read_text(encoding="utf-8"))
    first, second = (json.loads(text) for text in value["Results"][:2])
    later = "2026-11-21T00:00:00Z"
    value["Results"] += [
        "{",
        json.dumps(row("blank", {})),
        json.dumps(row("lacking") | {"configuration": {}}),
        json.dumps(row("none\u202e\x1b[31m", json.dumps(EVERYBODY_MAY_ALL))),
        json.dumps(row("object", EVERYBODY_MAY_ALL)),
        json.dumps(first | {"configuration": {"RepositoryPolicyText": json.dumps(STRANGER_PULLS)}}),
        json.dumps(second | {"configurationItemCaptureTime": later, "configurationItemStatus": "ResourceDeleted"}),
        json.dumps({"resourceType": "AWS::S3::Bucket", "resourceId": "b"}),
    ]
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def report_of(path: Path, processes_: int | None = 1) -> AuditReport:
    trust = Trust.parse(REGISTER, today=TODAY)
    auditor = Auditor(trust, ORGANIZATION)
    judge_all(read([path]), auditor, Task(trust, ORGANIZATION, blank_is_none=False), processes_)
    return auditor.report("files", TODAY, (), 30)


class TestProcesses:
    def test_several_answer_what_one_does(self, monkeypatch: pytest.MonkeyPatch, organization: Path) -> None:
        alone = "".join(audit_reports.as_json(report_of(organization)))
        monkeypatch.setattr(processes, "AT_FIRST", 100)
        monkeypatch.setattr(processes, "BATCH", 50)
        assert "".join(audit_reports.as_json(report_of(organization, 2))) == alone

    def test_a_process_that_is_ended_ends_the_audit_with_a_reason(
        self, monkeypatch: pytest.MonkeyPatch, run: Run, organization: Path
    ) -> None:
        class Ended(ProcessPoolExecutor):
            def submit(self, *_: object, **__: object) -> Future[Any]:
                return super().submit(os._exit, 1)

        monkeypatch.setattr(processes, "AT_FIRST", 100)
        monkeypatch.setattr(processes, "ProcessPoolExecutor", Ended)
        answer = run("audit", str(organization), "ECR_CROSSACCOUNT_PROCESSES=2")
        assert (answer.status, answer.out) == (3, "")
        assert "a worker process was killed" in answer.err

    def test_where_there_cannot_be_another_process_this_one_judges(
        self, monkeypatch: pytest.MonkeyPatch, organization: Path
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError("no semaphores here")

        alone = "".join(audit_reports.as_json(report_of(organization)))
        monkeypatch.setattr(processes, "AT_FIRST", 100)
        monkeypatch.setattr(processes, "ProcessPoolExecutor", refuse)
        assert "".join(audit_reports.as_json(report_of(organization, 2))) == alone

    def test_a_policy_that_cannot_be_sent_is_judged_here(
        self, monkeypatch: pytest.MonkeyPatch, organization: Path
    ) -> None:
        alone = "".join(audit_reports.as_json(report_of(organization)))
        monkeypatch.setattr(processes, "pack_outcome", lambda _: None)
        worker = processes.Worker(Task(Trust.nobody(), None, blank_is_none=False))
        raws = [one for one in read([organization]) if isinstance(one, Raw)]
        answer = worker.judge_batch([*raws])
        assert (len(answer.undone) >= ROWS, answer.new) == (True, [])

        class Here:
            def __init__(self, *_: object) -> None:
                trust = Trust.parse(REGISTER, today=TODAY)
                self._worker = processes.Worker(Task(trust, ORGANIZATION, blank_is_none=False))

            def submit(self, _: object, batch: list[processes.Found]) -> Future[Any]:
                future: Future[Any] = Future()
                future.set_result(self._worker.judge_batch(batch))
                return future

            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None: ...

        monkeypatch.setattr(processes, "AT_FIRST", 100)
        monkeypatch.setattr(processes, "ProcessPoolExecutor", Here)
        assert "".join(audit_reports.as_json(report_of(organization, 2))) == alone


class TestJson:
    def test_row_by_row_it_is_what_it_is_as_a_whole(self, organization: Path) -> None:
        report = report_of(organization)
        assert "".join(audit_reports.as_json(report)) == render_json(report.to_json())

    def test_so_it_is_where_nothing_was_found(self, tmp_path: Path) -> None:
        path = tmp_path / "none.json"
        path.write_text('{"Results": []}', encoding="utf-8")
        report = report_of(path)
        assert "".join(audit_reports.as_json(report)) == render_json(report.to_json())

    def test_outcomes_that_are_kept_in_a_file_are_the_same(
        self, monkeypatch: pytest.MonkeyPatch, organization: Path
    ) -> None:
        alone = "".join(audit_reports.as_json(report_of(organization)))
        monkeypatch.setattr(rows, "AT_HAND", 1)
        monkeypatch.setattr(audit_reports, "AT_HAND", 1)
        assert "".join(audit_reports.as_json(report_of(organization))) == alone


class TestPieces:
    @pytest.mark.parametrize("size", [1, 97, 4096])
    def test_no_size_of_pieces_changes_what_is_read(
        self, monkeypatch: pytest.MonkeyPatch, organization: Path, size: int
    ) -> None:
        small = organization.with_name(f"small{size}.json")
        value = json.loads(organization.read_text(encoding="utf-8"))
        small.write_text(json.dumps({"Results": value["Results"][-12:], "NextToken": "x"}, indent=4), encoding="utf-8")
        monkeypatch.setattr(json_window, "PIECE", ALL_OF_IT)
        whole = [*read([small])]
        monkeypatch.setattr(json_window, "PIECE", size)
        assert [*read([small])] == whole
        assert len(whole) == 13

    def test_what_stands_before_a_fault_is_judged_and_the_fault_is_an_error(self, run: Run, write: Write) -> None:
        texts = [json.dumps(row(name, json.dumps(EVERYBODY_MAY_ALL))) for name in "abc"]
        text = json.dumps({"Results": texts}, indent=1)
        for end in range(text.index("Results") + 12, len(text), 40):
            answer = run("audit", "--format", "json", write(text[:end]))
            assert answer.status == 3
            assert any("not JSON at line" in one["reason"] for one in answer.json["errors"])

    def test_a_row_of_a_snapshot_that_nobody_can_tell_is_an_error_of_its_own(self, run: Run, write: Write) -> None:
        twice = json.dumps(row("a")).replace('"resourceId"', '"resourceId": "b", "resourceId"')
        file = write(f'{{"configurationItems": [{twice}, {json.dumps(row("b"))}]}}')
        answer = run("audit", "--format", "json", file)
        assert (answer.status, [one["name"] for one in answer.json["repositories"]]) == (3, ["b"])
        assert "row 1: not JSON" in answer.json["errors"][0]["reason"]

    def test_a_list_that_is_none_beside_one_that_is(self, run: Run, write: Write) -> None:
        file = write({"Results": 7, "configurationItems": [row("a")]})
        answer = run("audit", "--format", "json", file)
        assert (answer.status, len(answer.json["errors"])) == (3, 1)


def lowered(one: dict[str, Any]) -> dict[str, Any]:
    """Return a row as Amazon Athena has it: names in lower case, and the configuration as a text."""
    return {name.lower(): json.dumps(value) if isinstance(value, dict) else value for name, value in one.items()}


def as_csv(rows: list[dict[str, Any]]) -> str:
    file = io.StringIO()
    table = csv.DictWriter(file, [*dict.fromkeys(name for one in rows for name in one)], quoting=csv.QUOTE_ALL)
    table.writeheader()
    table.writerows(rows)
    return file.getvalue()


class TestAthena:
    ROWS = (row("a", json.dumps(EVERYBODY_MAY_ALL, indent=2)), row("b"), row("c", STRANGER_PULLS))

    @pytest.mark.parametrize(
        "shaped",
        [
            as_csv,
            lambda rows: as_csv(rows).replace("\r\n", "\n"),
            lambda rows: "\n".join(map(json.dumps, rows)),
            lambda rows: gzip.compress("\n".join(map(json.dumps, rows)).encode()),
        ],
        ids=["csv", "csv of unix", "json", "json, packed"],
    )
    def test_what_a_query_leaves_is_read(self, run: Run, write: Write, shaped: Callable[[Any], str | bytes]) -> None:
        answer = run("audit", "--format", "json", write(shaped([*map(lowered, self.ROWS)])))
        found = {one["name"]: one["compliance"] for one in answer.json["repositories"]}
        assert (answer.status, found) == (1, {"a": "NON_COMPLIANT", "b": "COMPLIANT", "c": "NON_COMPLIANT"})

    def test_a_row_of_it_that_is_cut_off_is_an_error(self, run: Run, write: Write) -> None:
        text = as_csv([*map(lowered, self.ROWS)])
        for end in (len(text) - 9, len(text) - 3, text.rindex('"c"')):
            answer = run("audit", "--format", "json", write(text[:end]))
            assert (answer.status, len(answer.json["errors"]) > 0) == (3, True)
            assert "c" not in [one["name"] for one in answer.json["repositories"]]

    @pytest.mark.parametrize("name", ["resourceid", "resourceId", "Configuration"])
    def test_a_column_that_stands_twice_is_an_error(self, run: Run, write: Write, name: str) -> None:
        one = lowered(row("a")) | {"another": json.dumps({"RepositoryPolicyText": EVERYBODY_MAY_ALL})}
        text = as_csv([one]).replace('"another"', f'"{name}"')
        answer = run("audit", "--format", "json", write(text))
        assert (answer.status, answer.json["repositories"], len(answer.json["errors"])) == (3, [], 1)
        line = json.dumps(one).replace('"another"', f'"{name}"')
        answer = run("audit", "--format", "json", write(line))
        assert (answer.status, answer.json["repositories"], len(answer.json["errors"])) == (3, [], 1)

    def test_a_line_without_end_is_an_error(self, run: Run, write: Write) -> None:
        answer = run("audit", "--format", "json", write('"resourceid","arn"\n"' + "x" * 18_000_000))
        assert (answer.status, sentence("inventory.line_more_than") in answer.json["errors"][0]["reason"]) == (
            3,
            True,
        )

    def test_nothing_but_a_header_is_no_green(self, run: Run, write: Write) -> None:
        answer = run("audit", write("accountid,resourceid\n"))
        assert sentence("audit.no_repository_found_nothing_judged") in answer.out

    def test_several_recordings_are_told_apart_by_their_row(self, run: Run, write: Write) -> None:
        rows = [row("a", json.dumps(EVERYBODY_MAY_ALL)), row("a")]
        file = write("\n".join(map(json.dumps, map(lowered, rows))))
        (one,) = run("audit", "--format", "json", file).json["repositories"]
        assert f"`{file}` row 1 (no time), `{file}` row 2 (no time)" in one["notes"][-1]


def test_the_longest_cell_is_read(run: Run, write: Write) -> None:
    wide = lowered(row("a")) | {"other": "x" * 300_000}
    answer = run("audit", "--format", "json", write(as_csv([wide])))
    assert (answer.status, len(answer.json["repositories"])) == (0, 1)


@pytest.fixture(autouse=True)
def csv_limit() -> Iterator[None]:
    before = csv.field_size_limit()
    yield
    csv.field_size_limit(before)
