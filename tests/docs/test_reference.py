"""The reference made from templates and code lists exactly what exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from ecr_crossaccount.judgement.values.verdict import Severity
from ecr_crossaccount.products.rule.parameters import Parameters
from ecr_crossaccount.sources.aws import metrics
from ecr_crossaccount.sources.aws.metrics import Metric
from rdklib import InvalidParametersError

from tests.docs.markdown import ROOT, page
from tests.stability.promises import recorded
from website import log_lines, templates
from website.written import WRITTEN


@pytest.mark.parametrize("name, made", WRITTEN.items())
def test_a_page_is_what_templates_and_code_say(name: str, made: Callable[[], str]) -> None:
    assert page(name).path.read_text(encoding="utf-8") == made(), "run `make reference`"


# --- parameters and outputs ---


def test_every_parameter_and_output_of_every_template_is_listed() -> None:
    """The lists match the promised ones, and the files, which are read by a different parser."""
    stacks = recorded()["stacks"]
    for kind, name in (("Parameters", "docs/parameters.md"), ("Outputs", "docs/outputs.md")):
        listed = _listed(name)
        assert {one.removesuffix(".yaml") for one in listed} == {
            name for name, one in stacks.items() if one[kind.lower()]
        }
        for stack, one in stacks.items():
            assert [found for found in one[kind.lower()] if found not in listed.get(f"{stack}.yaml", ())] == [], stack
        for one in templates.templates():
            section = (ROOT / one.source).read_text(encoding="utf-8").partition(f"\n{kind}:\n")[2]
            own = re.findall(r"^  (\w+):$", re.split(r"^\w", section, flags=re.MULTILINE)[0], re.MULTILINE)
            assert [found for found in own if found not in listed.get(one.file, ())] == [], one.source


def _listed(name: str) -> dict[str, list[str]]:
    """Return the names in the first columns of a page and in its lines `As in`, by heading."""
    text = page(name).path.read_text(encoding="utf-8")
    sections = re.split(r"^## (.*)$", text, flags=re.MULTILINE)[1:]
    return {
        heading: [
            *re.findall(r"^(?:\||-) `([^`]+)`(?: \||:| \()", body, flags=re.MULTILINE),
            *(name for line in re.findall(r"^As in .*$", body, re.MULTILINE) for name in re.findall(r"`(\w+)`", line)),
        ]
        for heading, body in zip(sections[::2], sections[1::2], strict=True)
    }


def test_the_page_on_deployment_explains_each_parameter_of_the_rule_and_no_other() -> None:
    """AWS Config's own parameters, of a rule that is defined in another template."""
    text = page("docs/deploy.md").path.read_text(encoding="utf-8")
    section = text.partition("\n## The rule's own parameters\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^- ([A-Za-z, ]+): ", section, re.MULTILINE)
    named = {name for row in rows for name in row.split(", ")}
    with pytest.raises(InvalidParametersError, match="it has ") as refused:
        Parameters.parse({"nothing-of-ours": ""}, date(2026, 11, 27))
    assert named == set(str(refused.value).partition("it has ")[2].split("; ")[0].split(", "))


def test_an_output_says_on_which_parameters_it_depends() -> None:
    text = page("docs/outputs.md").path.read_text(encoding="utf-8")
    account = text.partition("\n## account.yaml\n")[2].partition("\n## ")[0]
    depends = dict(re.findall(r"^- `(\w+)` \(depends on ([^)]+)\)", account, re.MULTILINE))
    assert depends["AlarmTopicArn"] == "`AlarmTopic`"
    assert depends["RemediationIsByHand"] == "the Region, `Remediation`"
    assert depends["BackupBucketName"] == "`Remediation`"


def test_a_template_that_someone_deploys_has_a_description_and_a_guide() -> None:
    for one in templates.templates():
        assert str(one.content["Description"])[0].isupper()
        assert (ROOT / one.source).is_file()


# --- metrics ---


def test_every_metric_is_listed_and_every_listed_metric_is_sent() -> None:
    listed = _listed("docs/metrics.md")
    assert listed["The rule"] == [one.value for one in Metric]
    assert listed["Figures in the log only"] == [one.value for one in metrics.Figure]
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "rule").rglob("*.py"))
    of_findings = Severity.__members__ if "count(Metric[severity.name])" in code else ()
    sent = {*re.findall(r"Metric\.([A-Z_]+)\b", code), *of_findings}
    assert [one.name for one in Metric if one.name not in sent] == []


def test_every_name_of_a_metric_in_a_template_is_listed() -> None:
    listed = {name for names in _listed("docs/metrics.md").values() for name in names}
    for path in (ROOT / "template.yaml", *sorted((ROOT / "organization").glob("*.yaml"))):
        text = path.read_text(encoding="utf-8")
        ours = re.findall(r"Namespace: EcrCrossAccount\n\s*MetricName: (?:!Sub )?(\S+)", text)
        assert [name for name in ours if name not in listed] == [], path.name


def test_every_alarm_on_a_metric_of_ours_is_beside_it() -> None:
    text = page("docs/metrics.md").path.read_text(encoding="utf-8")
    ours = {name for _, name, alarm in templates.alarms() if alarm["Namespace"] == metrics.NAMESPACE}
    assert "SweepDidNotRun" in ours
    assert [name for name in ours if f"{name} (`" not in text] == []


# --- log lines ---

LINES = log_lines.said()["lines"]
_MADE = re.compile(r"^(?:the|organizations:).*(?:cannot be (?:used|read)|was refused)")


def test_every_line_that_the_code_writes_is_listed_with_its_level_and_fields() -> None:
    listed = {(line["message"], line["level"], log_lines.fields_of(line)) for line in LINES if not _is_made(line)}
    written = {(one.message, one.level, one.fields) for one in log_lines.written() if one.message is not None}
    assert written == listed


def _is_made(line: log_lines.Json) -> bool:
    return "made_elsewhere" in line


def test_a_message_that_another_module_makes_is_listed_for_each_module_that_logs_it() -> None:
    written: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for one in log_lines.written():
        if one.message is None:
            module = one.place.rsplit(":", 1)[0].removeprefix("ecr_crossaccount/")
            written.setdefault(module, set()).add((one.level, one.fields))
    listed: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for line in LINES:
        for module in line.get("made_elsewhere", ()):
            listed.setdefault(module, set()).add((line["level"], log_lines.fields_of(line)))
    assert written == listed


def test_each_such_message_is_listed_and_made() -> None:
    made = {text for text in log_lines.texts() if _MADE.match(text)}
    listed = {line["message"] for line in LINES if _is_made(line)}
    assert listed <= made
    of_files = ("the trust register", "the list of members", "the required statements")
    assert {text for text in made if text.startswith(of_files)} <= listed


def test_every_field_of_every_line_of_a_function_is_explained_and_every_function_exists() -> None:
    said = log_lines.said()
    bound = {name for one in said["functions"] for name in log_lines.bound_in(one["bound"])}
    assert bound == set(said["fields"])
    known = {one["id"] for one in said["functions"]}
    assert {name for line in LINES for name in line["in"]} == known


def test_a_line_that_is_not_listed_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code reader finds a call in any spelling."""
    code = tmp_path / "rule"
    code.mkdir()
    (code / "new.py").write_text(
        "_DAYS = 3\n"
        "def f(x):\n"
        '    log.info(f"{x} of {_DAYS} days", a=1)\n'
        "    tell = log.error if x else log.info\n"
        '    tell("told", **({"b": 2} if x else {}))\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(log_lines, "CODE", code)
    assert [(one.message, one.level, *one.fields) for one in log_lines.written()] == [
        ("… of 3 days", "INFO", "a"),
        ("told", "INFO or ERROR", "b"),
    ]
    (code / "new.py").with_name("other.py").write_text("log.error('x', **unknown)\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.py logs `\*\*unknown`: say in `_MADE`"):
        log_lines.written()
