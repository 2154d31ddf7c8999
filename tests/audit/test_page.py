"""The page as a file: self-contained, and with nothing unexpected in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.cli.formats import page_findings
from typing_extensions import override

from tests.audit.conftest import EVERYBODY_MAY_ALL, OWNER, PARTNER, STRANGER, STRANGER_PULLS, policy, row
from tests.audit.pages import HOSTILE, IMAGE, ORDINARY, SCRIPT, write_page
from tests.cli.conftest import Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.wording import sentence

pytestmark = pytest.mark.usefixtures("run")


class _Parsed(HTMLParser):
    """Elements with their attributes, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.code: list[tuple[str, dict[str, str | None], str]] = []
        self.words = ""
        self._open: tuple[str, dict[str, str | None]] | None = None
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = (tag, dict(attrs)) if tag in ("script", "style") else None

    @override
    def handle_endtag(self, tag: str) -> None:
        self._open = None

    @override
    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.code.append((*self._open, data))
        else:
            self.words += f" {data}"

    @property
    def data(self) -> Any:  # noqa: ANN401 - JSON
        (found,) = (text for _, attributes, text in self.code if attributes.get("id") == "data")
        return json.loads(found)


def parsed(page: Path) -> _Parsed:
    return _Parsed(page.read_text(encoding="utf-8"))


def test_the_browser_may_run_this_script_and_this_style_and_nothing_else(tmp_path: Path) -> None:
    page = parsed(write_page(tmp_path, HOSTILE))
    (policy,) = (a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    directives = dict(part.split(" ", 1) for part in str(policy).split("; "))
    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    hashes = {
        tag: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for tag, attributes, text in page.code
        if attributes.get("type") != "application/json"
    }
    assert (directives["script-src"], directives["style-src"]) == (hashes["script"], hashes["style"])
    assert directives["require-trusted-types-for"] == "'script'"
    assert len(page.code) == 3


def test_it_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    page = parsed(write_page(tmp_path, ORDINARY))
    links = [a.get(name) for _, a in page.elements for name in ("href", "src", "action", "srcset") if name in a]
    assert {str(link)[0] for link in links} == {"#"}
    assert not any(name.startswith("on") or name == "style" for _, a in page.elements for name in a)
    assert not re.search(r"@import|url\((?!#)|https?:", "".join(text for tag, _, text in page.code if tag == "style"))


def test_what_is_hostile_is_text(tmp_path: Path) -> None:
    page = parsed(write_page(tmp_path, HOSTILE))
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert SCRIPT in page.words
    assert IMAGE in page.words
    assert "{{ 7 * 7 }}" in [one["name"] for one in page.data["repositories"]]
    assert r"\u202egnp.exe" in json.dumps(page.data["repositories"]).replace("\\\\", "\\")


def repository_of(data: Any, finding: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the repository that has a finding."""
    return next(one for one in data["repositories"] if data["findings"].index(finding) in one["findings"])


def test_what_several_repositories_share_stands_there_once(tmp_path: Path) -> None:
    data = parsed(write_page(tmp_path, {f"r{number}": STRANGER_PULLS for number in range(30)}, accounts=3)).data
    assert [len(data[name]) for name in ("repositories", "findings", "policies", "plans")] == [30, 1, 1, 1]
    assert {one["account"] for one in data["repositories"]} == {"111122223333", "111122223334", "111122223335"}


def test_what_is_too_much_is_counted_and_the_worst_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_findings, "MOST_FINDINGS", 3)
    policies = {f"r{number}": STRANGER_PULLS for number in range(4)} | {"open": EVERYBODY_MAY_ALL}
    page = parsed(write_page(tmp_path, policies))
    worst = {one["name"] for one in page.data["repositories"]}
    assert (len(worst), "open" in worst) == (2, True)
    assert "The table has the worst findings. 3 more are in the JSON and CSV forms of the report." in page.words
    assert "more are in the JSON" not in parsed(write_page(tmp_path, {"one": STRANGER_PULLS})).words


def test_a_plan_that_is_not_worked_out_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_findings, "MOST_PLANS", 1)
    page = parsed(write_page(tmp_path, {"a": STRANGER_PULLS, "b": EVERYBODY_MAY_ALL}))
    plans = {one["name"]: page.data["plans"][one["plan"]] for one in page.data["repositories"]}
    assert "lines" in plans["b"]
    assert "ecr-crossaccount plan --owner" in plans["a"]["says"]


def test_it_has_the_headline_the_approvals_and_everything_for_a_section(tmp_path: Path) -> None:
    page = parsed(write_page(tmp_path, ORDINARY))
    assert "3 of 7 repositories give external access without approval" in page.words
    assert "nobody needs it" in page.words
    data = page.data
    stranger = next(one for one in data["findings"] if STRANGER in one["who"])
    repository = repository_of(data, stranger)
    shown = data["policies"][repository["policy"]]
    marked = [line for line, number in zip(shown["lines"], shown["statements"], strict=True) if number == 0]
    assert "".join(line.strip() for line in marked).startswith('{"Sid": "One"')
    assert "may call ecr:BatchGetImage" in stranger["witness"]
    assert stranger["entry"][0] == f'- account: "{STRANGER}"'
    plan = data["plans"][repository["plan"]]
    assert "aws:PrincipalOrgID" in "".join(plan["lines"])
    assert plan["changes"][0]["reason"]
    partner = next(one for one in data["findings"] if PARTNER in one["who"] and one["state"] == "open")
    tightened = data["plans"][repository_of(data, partner)["plan"]]
    assert "ecr:*" not in "".join(tightened["lines"])
    assert {one["state"] for one in data["findings"]} == {"open", "undecided", "invalid", "approved"}


def test_a_plan_of_which_nothing_is_left_says_so(tmp_path: Path) -> None:
    data = parsed(write_page(tmp_path, {"one": policy({"AWS": STRANGER}, "ecr:PutImage")})).data
    assert data["plans"][0]["says"] == sentence("findings.no_statement_left_delete")


def test_a_plan_that_is_refused_says_why(tmp_path: Path) -> None:
    data = parsed(write_page(tmp_path, {"one": policy("*", NotPrincipal=1)})).data
    assert sentence("findings.no_narrower_policy_can") in data["plans"][0]["says"]


def test_a_policy_that_is_none_is_shown_as_it_stands(tmp_path: Path, run: Run, write: Write) -> None:
    deep = '{"Statement": ' + "[" * 100_000 + "]" * 100_000 + "}"
    twice = '{"Statement": [],\n"Statement": []}'
    rows = [row(f"r{number}", text) for number, text in enumerate(("not JSON", twice, deep, "\n" * 700 + "{"))]
    page = tmp_path / "page.html"
    run("audit", write({"Results": [json.dumps(one) for one in rows]}), "--format", "text", "--format", f"html={page}")
    shown = [one["lines"] for one in parsed(page).data["policies"]]
    assert shown[0] == ["not JSON"]
    assert shown[1] == ['{"Statement": [],', '"Statement": []}']
    assert shown[2] == [deep]
    assert shown[3][-1] == "… and 101 more lines"


def test_without_findings_it_says_so(tmp_path: Path) -> None:
    page = parsed(write_page(tmp_path, {"one": None}))
    assert "No external access without approval" in page.words
    assert "No policy gives external access, approved or not." in page.words
    assert "Who reaches what" not in page.words


def test_it_says_nothing_about_a_policy_that_was_not_read(tmp_path: Path, run: Run, write: Write) -> None:
    read, unread = row("one"), row("two")
    del unread["configuration"]["RepositoryPolicyText"]
    page = tmp_path / "page.html"
    inventory = write({"Results": [json.dumps(read), json.dumps(unread)]})
    run("audit", inventory, "--format", "text", "--format", f"html={page}")
    words = parsed(page).words
    assert "None in what was read." in words
    assert "No policy gives" not in words


def test_an_account_without_repositories_has_a_page_too(tmp_path: Path) -> None:
    words = parsed(write_page(tmp_path, {})).words
    assert "Read from " in words
    assert sentence("audit.no_repository_found_nothing") in words
    assert "Nothing was judged." in words
    assert "external access without" not in words
    assert "No policy gives" not in words


def test_what_nobody_needs_is_explained_where_there_is_such_an_approval(tmp_path: Path) -> None:
    explained = "“Nobody” is about what was read for this page"
    assert explained in parsed(write_page(tmp_path, dict(ORDINARY))).words
    needed = {**ORDINARY, "base/lambda": policy({"Service": "lambda.amazonaws.com"})}
    assert explained not in parsed(write_page(tmp_path, needed)).words


def test_what_was_not_read_and_what_changed_are_told(tmp_path: Path, run: Run, write: Write) -> None:
    first, second = row("one", None), row("two", json.dumps(STRANGER_PULLS))
    del first["configuration"]["RepositoryPolicyText"]
    inventory = write({"Results": [json.dumps(first)]}, "now.json")
    earlier = write(run("audit", write({"Results": [json.dumps(second)]}, "then.json"), "--format", "json").json)
    page = tmp_path / "page.html"
    run("audit", inventory, "--since", earlier, "--format", "text", "--format", f"html={page}")
    words = parsed(page).words
    assert sentence("audit_parts.no_external_access_without") in words
    assert sentence("recordings.arn_aws_ecr", owner=OWNER) in words
    assert "Since 2026-06-30" in words
    assert sentence("audit_text.not_compared_because_not_read_two") in words
    run(
        "audit",
        inventory,
        "--since",
        write(run("audit", inventory, "--format", "json").json),
        "--format",
        f"html={page}",
    )
    assert "Nothing has changed." in parsed(page).words


def test_the_picture_stays_one_however_many_there_are(tmp_path: Path) -> None:
    many = {f"team{number % 30}/service-{number}": policy({"AWS": f"{300000000000 + number}"}) for number in range(200)}
    many |= {f"team{number}/any": policy({"Service": f"s{number}.amazonaws.com"}, "ecr:*") for number in range(12)}
    many |= {f"team{number}/all": policy({"AWS": "300000000000"}, "ecr:PutImage") for number in range(30)}
    many |= {f"team{number}/one": policy({"AWS": "300000000000"}) for number in range(30)}
    one = parsed(write_page(tmp_path, many))
    nodes = [a for tag, a in one.elements if tag == "svg" and a.get("class") == "bar"]
    assert len(nodes) == 20
    assert "AWS services for any account" in one.words
    assert "192 others outside" in one.words
    assert "21 other groups" in one.words
    paths = [a for tag, a in one.elements if tag == "path"]
    assert len(paths) <= 100
    heights = [float(str(a["height"])) for a in nodes]
    assert sum(heights) < 1200
    several = parsed(write_page(tmp_path, many, accounts=40))
    assert "account 111122223340" in several.words


def test_a_message_is_escaped_before_its_backticks_become_code(tmp_path: Path, run: Run, write: Write) -> None:
    first = row(f"`{IMAGE}`", None)
    del first["configuration"]["RepositoryPolicyText"]
    inventory, page = write({"Results": [json.dumps(first)]}, "now.json"), tmp_path / "page.html"
    run("audit", inventory, "--format", "text", "--format", f"html={page}")
    one = parsed(page)
    assert IMAGE in one.words
    assert not [tag for tag, _ in one.elements if tag == "img"]


def test_it_is_not_written_where_it_cannot_be(run: Run, write: Write) -> None:
    inventory = write({"Results": [json.dumps(row("one"))]})
    answer = run("audit", inventory, "--format", "html=/nowhere/page.html")
    assert (answer.status, answer.out) == (3, "")
    assert "cannot write `/nowhere/page.html`" in answer.err
