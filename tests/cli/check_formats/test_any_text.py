"""With any name of a file, a resource and a Sid, each format stays valid for its readers."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace

from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.products.cli.formats.choices import CHECK_FORMATS
from ecr_crossaccount.sources.check.findings import Report, report_of
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import FoundPolicy, Harvest, Skipped, Unjudged, Unread
from ecr_crossaccount.sources.found.remarks import Remark
from hypothesis import example, given
from hypothesis import strategies as some

from tests.cli.conftest import OWNER
from tests.wording import sentence

from .test_other_formats import commands, tokens
from .test_sarif import validator

HTML = {"<code>", "</code>", "</details>", sentence("markdown.details_summary_why")}
NASTY = some.sampled_from(
    ["|", "`", "``", "\\|", "](", "<b>", "&lt;", "@me", "::error::", "%0A", "\n", "]]>", "=1", "\x00", "\ud800"]
)
# A file name that is not UTF-8 has bytes as these lone surrogates, and no others.
AS_BYTES = {0xD800 + code: 0xDC80 + code % 0x80 for code in range(0x800)}
text = some.lists(NASTY | some.text(max_size=4), min_size=1, max_size=6).map("".join)


def rendered(report: Report, name: str) -> str:
    """Return a report in a format, as a file would contain it."""
    shown = "".join(CHECK_FORMATS[name].text(report))
    return shown.encode("utf-8", "backslashreplace").decode()


def report(file: str, resource: str, sid: str) -> Report:
    """Return a report with an open policy, an unjudged one, an unreadable file, a skipped file and a remark."""
    statement = {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = FoundPolicy(Place(file, 3, 5), resource, Kind.REPOSITORY, policy, (Place(file, 4, 7),))
    unjudged = Unjudged(file, 7, 3, resource, sid)
    harvest = Harvest((found,), (Unread(file, 1, sid),), (Skipped(file, resource),), unjudged=(unjudged,))
    return replace(report_of(harvest, Context(OWNER)), remarks=(Remark(sid, Place(file)),))


@given(text.map(lambda name: name.translate(AS_BYTES)), text, text)
@example("a\\|<img src=x>|`", "[x](javascript:1)", "=cmd|' /C calc'!A0")
def test_any_text_stays_in_its_place(file: str, resource: str, sid: str) -> None:
    told = report(file, resource, sid)
    wrong = sum(len(one.verdict.grants) + len(one.verdict.invalid) for one in told.findings)

    assert not list(validator().iter_errors(json.loads(rendered(told, "sarif"))))
    assert len(json.loads(rendered(told, "gitlab"))) == wrong + 3
    assert len(json.loads(rendered(told, "json"))["policies"]) == 1

    junit = ET.fromstring(rendered(told, "junit"))
    assert [element.tag for element in junit.iter()] == [
        "testsuites", "testsuite", "testcase", "skipped", "testcase", "failure", "testcase", "error",
        "testcase", "skipped", "testcase", "skipped",
    ]  # fmt: skip
    assert len(commands(rendered(told, "github"))) == wrong + 3

    assert rendered(told, "lines").count("\n") == wrong + 3
    assert rendered(told, "lines").replace("\n", "").isprintable()

    rows = list(csv.reader(io.StringIO(rendered(told, "csv"), newline="")))
    assert len(rows) == 1 + wrong + 4
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]

    page = list(tokens(rendered(told, "markdown")))
    assert not {"link_open", "image", "em_open"} & {one.type for one in page}
    assert {one.content.strip() for one in page if one.type in ("html_inline", "html_block")} <= HTML
    assert [one.type for one in page].count("td_open") == 5 * wrong

    assert rendered(told, "text").replace("\n", "").isprintable()
