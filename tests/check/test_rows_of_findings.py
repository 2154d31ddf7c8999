"""Findings: their identity, what a baseline has of them, where they are, and what accepts them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.documents.document import Document
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.judgement.judge import Repository, judge
from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.judgement.values.verdict import Kind, Undecided
from ecr_crossaccount.questions.change.answer import Change, Opened
from ecr_crossaccount.sources.check.baseline import as_approved, mark_known_results, new_owners, read_baseline
from ecr_crossaccount.sources.check.findings import Finding, Report, report_of
from ecr_crossaccount.sources.check.results import accepted_in, faults_of, new_in, results_in, results_of
from ecr_crossaccount.sources.check.rules import RULES, rule_of
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.found.context import Context, Exclusion, Owners
from ecr_crossaccount.sources.found.found import Harvest, Skipped, Suppression, Unjudged, Unread
from ecr_crossaccount.sources.found.remarks import Remark, far_away, for_others, in_comments, undeclared_errors

from tests.check.conftest import Look
from tests.cli.conftest import OWNER
from tests.wording import sentence

TEMPLATE = """\
Resources:
  Grants:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Statement:
        - {Effect: Deny, Principal: '*', Action: 'ecr:DeleteRepository'}
        - {Sid: A, Effect: Allow, Principal: {AWS: '222233334444'}, Action: ['ecr:BatchGetImage', 'ecr:PutImage']}
  Undecided:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Statement:
        - {Effect: Deny, Principal: '*', Action: 'ecr:DeleteRepository'}
        - {Effect: Allow, Principal: '*', Action: 'ecr:BatchGetImage', Condition: {StringEquals: {'aws:New': x}}}
  Invalid:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Statement:
        - {Effect: Deny, Principal: '*', Action: 'ecr:DeleteRepository'}
        - {Effect: Allow, Principal: {AWS: x}, Action: 'ecr:BatchGetImage'}
  Copies:
    Type: AWS::ECR::ReplicationConfiguration
    Properties:
      ReplicationConfiguration:
        Rules: [{Destinations: [{Region: eu-west-1, RegistryId: '444455556666'}]}]
"""
REGISTRY = """\
  Registry:
    Type: AWS::ECR::RegistryPolicy
    Properties:
      PolicyText:
        Statement:
        - {Effect: Deny, Principal: '*', Action: 'ecr:DeleteRepository', Resource: '*'}
        - {Sid: B, Effect: Allow, Principal: {AWS: '333344445555'}, Action: 'ecr:ReplicateImage', Resource: '*'}
"""
TODAY = date(2026, 6, 30)


@pytest.fixture
def report(look: Look) -> Callable[..., Report]:
    def report(text: str = TEMPLATE, **options: Any) -> Report:  # noqa: ANN401 - the fields of Context
        context = {"account": OWNER, "region": "eu-west-1", "today": TODAY, **options}
        return report_of(look({"t.yaml": text}, **context), Context(**context))

    return report


def finding_of(report: Report, resource: str) -> Finding:
    return next(one for one in report.findings if one.found.resource == resource)


# --- the baseline of a version without states ---


def old(report: Report) -> list[dict[str, Any]]:
    """Return the policies of a report as an earlier version printed them."""
    return [
        {
            "file": one.found.at.file,
            "resource": one.found.resource,
            "kind": one.found.kind.value,
            "grants": [
                {
                    "kind": grant.kind.value,
                    "grantee": grant.grantee,
                    "sid": grant.sid,
                    "actions": [*grant.actions],
                    "reason": grant.reason,
                    "document": grant.document.value,
                }
                for grant in one.verdict.grants
            ],
            "undecided": [{"reason": doubt.reason} for doubt in one.verdict.undecided],
            "invalid": [{"at": fault.at, "reason": fault.reason} for fault in one.verdict.invalid],
        }
        for one in report.findings
    ]


def known_in(report: Report, answer: object, folder: Path) -> dict[str, int]:
    """Return the number of results of each resource that a baseline has."""
    path = folder / "baseline.json"
    path.write_text(json.dumps(answer), "utf-8")
    after = mark_known_results(report, read_baseline(str(path)))
    return {one.found.resource: sum(each.is_known for each in results_in(one)) for one in after.findings}


CHANGES: list[tuple[str, str, Any, bool]] = [
    ("Grants", "grants", {}, True),
    *(("Grants", "grants", {field: "x"}, False) for field in ("kind", "grantee", "sid")),
    ("Grants", "grants", {"actions": ["ecr:BatchGetImage"]}, False),
    ("Grants", "grants", {"actions": ["ecr:BatchGetImage", "ecr:PutImage", "ecr:ListImages"]}, True),
    ("Grants", "grants", {"reason": "x"}, True),
    ("Grants", "grants", {"document": "x"}, True),
    ("Grants", "grants", {"document": Document.REGISTRY.value}, False),
    ("Copies", "grants", {}, True),
    *(("Copies", "grants", {field: "x"}, False) for field in ("kind", "grantee", "sid", "reason")),
    ("Undecided", "undecided", {}, True),
    ("Undecided", "undecided", {"reason": "x"}, False),
    ("Invalid", "invalid", {}, True),
    *(("Invalid", "invalid", {field: "x"}, False) for field in ("at", "reason")),
    *((name, "", {}, True) for name in ("Grants", "Copies", "Undecided", "Invalid")),
    *((name, "", {field: "x"}, False) for name in ("Grants", "Undecided", "Invalid") for field in ("file", "resource")),
    *((name, "", {"kind": "registry"}, False) for name in ("Grants", "Undecided", "Invalid")),
    *((name, "", {"declared_in": "x"}, False) for name in ("Grants", "Undecided", "Invalid")),
]


@pytest.mark.parametrize("case", CHANGES, ids=range(len(CHANGES)))
def test_what_a_baseline_of_an_earlier_version_knows(
    report: Callable[..., Report], tmp_path: Path, case: tuple[str, str, dict[str, object], bool]
) -> None:
    resource, part, change, known = case
    made = report()
    policies = old(made)
    policy = next(one for one in policies if one["resource"] == resource)
    (policy[part][0] if part else policy).update(change)
    assert known_in(made, {"policies": policies}, tmp_path)[resource] == known
    if "declared_in" in change:
        policy["declared_in"], policy["file"] = policy["file"], "x"
        assert known_in(made, {"policies": policies}, tmp_path)[resource] == 1


def test_a_baseline_of_an_earlier_version_knows_what_the_registry_opens(
    report: Callable[..., Report], tmp_path: Path
) -> None:
    made = report(TEMPLATE + REGISTRY)
    counts = {one.found.resource: len(list(results_in(one))) for one in made.findings}
    policies = old(made)
    assert known_in(made, {"policies": policies}, tmp_path) == counts
    for policy in policies:
        for grant in policy["grants"]:
            grant["document"] = Document.REPOSITORY.value
    known = known_in(made, {"policies": policies}, tmp_path)
    assert (known["Grants"], known["Registry"]) == (1, counts["Registry"])
    assert counts["Grants"] > 1


def test_the_findings_of_an_old_baseline_add_up(report: Callable[..., Report], tmp_path: Path) -> None:
    made = report()
    policies = old(made)
    one = next(one for one in policies if one["resource"] == "Grants")
    for action in ("ecr:BatchGetImage", "ecr:PutImage"):
        policies.append(copy.deepcopy(one))
        policies[-1]["grants"][0]["actions"] = [action]
    policies.remove(one)
    assert known_in(made, {"policies": policies}, tmp_path)["Grants"] == 1
    path = tmp_path / "baseline.json"
    assert read_baseline(str(path)).is_old
    path.write_text('{"policies": []}', "utf-8")
    assert not read_baseline(str(path)).is_old


POLICY = {"file": "x", "resource": "x", "kind": "x", "grants": [], "undecided": [], "invalid": []}
GRANT: dict[str, object] = {"kind": "x", "grantee": "x", "sid": None, "actions": [], "reason": "x"}
NO_BASELINE: list[object] = [
    *([], {}, "x", None, 1, {"policies": None}, {"policies": ["x"]}, {"policies": [], "recorded": "x"}),
    *({"policies": [{name: value for name, value in POLICY.items() if name != left}]} for left in POLICY),
    *(
        {"policies": [{**POLICY, "grants": [{name: value for name, value in GRANT.items() if name != left}]}]}
        for left in ("kind", "grantee", "sid", "actions")
    ),
    {"policies": [{**POLICY, "undecided": [{}]}]},
    *({"policies": [{**POLICY, "invalid": [{one: "x"}]}]} for one in ("at", "reason")),
    {"policies": [{**POLICY, "state": "x"}]},
]


@pytest.mark.parametrize("answer", NO_BASELINE, ids=json.dumps)
def test_other_files_are_no_baseline(tmp_path: Path, answer: object) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(answer), "utf-8")
    expected = sentence("inventory.expected_output_ecr")
    with pytest.raises(InputError) as raised:
        read_baseline(str(path))
    assert str(raised.value) == f"`{path}` is not a baseline: {expected}"


def test_a_file_that_cannot_be_read_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        read_baseline(str(tmp_path / "x.json"))
    assert str(raised.value).startswith(sentence("baseline.cannot_read_baseline", value=tmp_path / "x.json"))


def test_the_smallest_baseline(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"policies": [POLICY]}), "utf-8")
    assert read_baseline(str(tmp_path / "b.json")).states == {}


# --- suppressions ---

UNTIL = "ecr-crossaccount: ignore until {}: why"
LINE = "        - {Sid: A, Effect"


def suppressed(until: str, text: str = TEMPLATE) -> str:
    return text.replace(LINE, f"        # {UNTIL.format(until)}\n{LINE}")


APPROVALS = [
    # before, after, counts until, the note, the remark about the new one
    ("2026-07-05", "2026-07-05", "2026-07-05", True, None),
    ("2026-07-05", "2026-07-09", "2026-07-05", True, "which counts until 2026-07-05"),
    ("2026-07-09", "2026-07-05", "2026-07-05", True, None),
    (None, "2026-07-05", None, False, "which does not count"),
    ("2026-06-29", "2026-07-05", None, False, "which does not count"),
    ("2026-07-05", None, None, False, None),
]


@pytest.mark.parametrize("case", APPROVALS)
def test_a_suppression_counts_no_longer_than_before_the_change(
    tmp_path: Path, case: tuple[str | None, str | None, str | None, bool, str | None]
) -> None:
    before, after, until, noted, said = case
    from ecr_crossaccount.sources.formats.dispatch import harvest

    context = Context(account=OWNER, region="eu-west-1", today=TODAY)
    path = tmp_path / "t.yaml"
    reports = []
    for day in (before, after):
        path.write_text(TEMPLATE if day is None else suppressed(day), "utf-8")
        reports.append(report_of(harvest([str(path)], context), context))
    approved = as_approved(reports[1], reports[0])
    finding = finding_of(approved, "Grants")
    (result,) = results_in(finding)
    assert (None if result.suppression is None else str(result.suppression.until)) == until
    notes = [note for note in finding.verdict.notes if "suppressed until" in note]
    assert notes == ([f"statement 1 is suppressed until {after}: why"] if noted else [])
    line = 8 + (after is not None)
    remark = Remark(sentence("baseline.change_also_suppresses", after=after, said=said), Place(str(path), line, 11))
    assert approved.remarks == ((remark,) if said else ())


def test_of_two_approved_suppressions_the_one_that_ends_first_counts(report: Callable[..., Report]) -> None:
    made = report(suppressed("2026-07-09"))
    (finding,) = (one for one in made.findings if one.found.resource == "Grants")
    sooner = Suppression("t.yaml", 1, "why", date(2026, 7, 5))
    for several in (
        (finding, replace(finding, suppressions={None: sooner})),
        (replace(finding, suppressions={None: sooner}), finding),
    ):
        approved = as_approved(made, replace(made, findings=several))
        (result,) = results_in(finding_of(approved, "Grants"))
        assert result.suppression == sooner


def test_notes_say_what_a_suppression_does(report: Callable[..., Report]) -> None:
    for day, note in (
        ("2026-06-30", "statement 1 is suppressed until 2026-06-30: why"),
        ("2026-06-29", sentence("findings.statement_suppressed_until")),
    ):
        assert note in finding_of(report(suppressed(day)), "Grants").verdict.notes
    first = "        - {Effect: Deny"
    idle = TEMPLATE.replace(first, f"        # {UNTIL.format('2026-07-01')}\n{first}")
    for name in ("Grants", "Undecided", "Invalid"):
        assert finding_of(report(idle), name).verdict.notes[-1:] == (
            sentence("findings.statement_suppressed_until_need"),
        )
    whole = "  Grants:\n"
    at_all = TEMPLATE.replace(whole, f"  # {UNTIL.format('2026-07-01')}\n{whole}")
    assert "the policy is suppressed until 2026-07-01: why" in finding_of(report(at_all), "Grants").verdict.notes


DAYS = [(366, 0), (367, 1)]


@pytest.mark.parametrize("days, told", DAYS)
def test_a_suppression_that_is_far_away(days: int, told: int) -> None:
    one = Suppression("x.yaml", 3, "why", TODAY + timedelta(days=days))
    text = sentence("remarks.suppressed_until_further", until=one.until)
    assert list(far_away([one], TODAY)) == [Remark(text, Place("x.yaml", 3, 1))] * told
    assert list(far_away([one], None)) == []


EXPECTED = "expected `ecr-crossaccount: ignore until YYYY-MM-DD: REASON`"
GOOD = UNTIL.format("2026-07-01")
COMMENTS: list[tuple[str, object]] = [
    (f"# {GOOD}\na: b", (2, "why")),
    (f"// {GOOD}\na: b", (2, "why")),
    (f"  # {GOOD}\n\n# other\n// other\na: b", (5, "why")),
    (f"# {GOOD}", (1, "why")),
    (f"# {GOOD}\n\n#\n", (1, "why")),
    (f"a: b # {GOOD}\nc: d", (1, "why")),
    (f"a: b #{GOOD}\nc: d", (1, "why")),
    (f'a: "b" # {GOOD}', (1, "why")),
    (f'a: "b\\"c" # {GOOD}', (1, "why")),
    (f'a: "b # {GOOD}"', None),
    (f'a: "b\\" # {GOOD}"', None),
    (f"a: '# {GOOD}'", None),
    (f"a: b {GOOD}", None),
    (GOOD.replace(":", " ", 1), None),
    ("# ecr-crossaccount: x", (1, f"`x` suppresses nothing: {EXPECTED}")),
    ("# ecr-crossaccount: ignore", (1, f"`ignore` suppresses nothing: {EXPECTED}")),
    (
        "# ecr-crossaccount: ignore until 2026-07-1: x",
        (1, f"`ignore until 2026-07-1: x` suppresses nothing: {EXPECTED}"),
    ),
    (
        "# ecr-crossaccount: ignore until 2026-07-01:  ",
        (1, sentence("remarks.suppression_without_reason", expected=EXPECTED)),
    ),
    ("a\n# ecr-crossaccount: ignore until 2026-13-01: x", (2, f"`2026-13-01` is not a day: {EXPECTED}")),
]


@pytest.mark.parametrize("text, found", COMMENTS, ids=range(len(COMMENTS)))
def test_a_suppression_in_a_comment(text: str, found: object) -> None:
    told = [(one.line, one.reason) for one in in_comments("x", text)]
    assert told == ([] if found is None else [found])
    assert all(isinstance(one, Unread) == (EXPECTED in one.reason) for one in in_comments("x", text))


# --- the identity of a finding ---

SAME: list[tuple[str, str, bool]] = [
    ("Sid: A", "Sid: B", True),
    ("['ecr:BatchGetImage', 'ecr:PutImage']", "['ecr:PutImage', 'ecr:BatchGetImage']", True),
    ("{AWS: '222233334444'}", "{AWS: ['222233334444']}", True),
    ("Resources:\n", "# one\nResources:\n", True),
    (
        "- {Effect: Deny, Principal: '*', Action: 'ecr:DeleteRepository'}",
        "- {Sid: C, Effect: Deny, Principal: '*', Action: 'ecr:DeleteRepository'}",
        True,
    ),
    ("Action: 'ecr:DeleteRepository'", "Action: 'ecr:DeleteLifecyclePolicy'", False),
    ("{Effect: Deny, Principal: '*', Action", "{Effect: Allow, Principal: {AWS: '111122223333'}, Action", False),
    ("'ecr:PutImage'", "'ecr:UploadLayerPart'", False),
    ("222233334444", "222233334445", False),
    ("Grants:", "Others:", False),
]


@pytest.mark.parametrize("before, after, same", SAME, ids=range(len(SAME)))
def test_what_a_fingerprint_tells_apart(tmp_path: Path, before: str, after: str, *, same: bool) -> None:
    from ecr_crossaccount.sources.formats.dispatch import harvest

    context, prints = Context(account=OWNER), []
    for text in (TEMPLATE, TEMPLATE.replace(before, after)):
        (tmp_path / "t.yaml").write_text(text, "utf-8")
        made = report_of(harvest([str(tmp_path / "t.yaml")], context), context)
        prints.append(
            next(one.fingerprint for one in results_of(made) if one.finding.found.resource in ("Grants", "Others"))
        )
    assert (prints[0] == prints[1]) is same


def test_where_findings_are_and_what_they_say(report: Callable[..., Report]) -> None:
    made = report(TEMPLATE + REGISTRY)
    told = {
        (one.finding.found.resource, one.document.value, one.rule.id): (one.at.line, one.at.column, one.own_statement)
        for one in results_of(made)
    }
    own, other = Document.REPOSITORY.value, Document.REGISTRY.value
    assert told["Grants", own, "account-write"] == (8, 11, 1)
    assert told["Undecided", own, "undecided"] == (15, 11, 1)
    assert told["Invalid", own, "invalid"] == (22, 11, 1)
    assert told["Registry", other, "account-write"] == (34, 11, 1)
    assert told["Grants", other, "account-write"] == (6, 9, 1)
    for one in results_of(made):
        name, file = one.finding.found.resource, one.at.file
        by = sentence("reasons.statement_registry_policy_registry", file=file)
        doubt = "cannot be decided: " if one.rule.id == "undecided" else ""
        assert one.message == f"{name}: {f'by {by}: ' if one.is_elsewhere else ''}{doubt}{one.reason}"
        assert one.label == one.severity.name
        assert one.sid == (one.grant.sid if one.grant else None)
    assert [one.at.line for one in made.findings] == [8, 15, 22, 27, 34]


def test_a_rule_s_examples_are_what_it_is_about() -> None:
    """What to avoid breaks the rule, and what to prefer does not break one of that severity."""
    actions = {"write": "ecr:PutImage", "read": "ecr:BatchGetImage", "settings": "ecr:DescribeRepositories"}
    for rule in RULES:
        action = actions.get(rule.id.rpartition("-")[2], "ecr:BatchGetImage")
        base = {"Effect": "Allow", "Principal": "*", "Action": action}
        avoided, preferred = (
            judge({"Statement": [base | json.loads(f"{{{one}}}")]}, Repository(OWNER), Trust.nobody())
            for one in (rule.avoid, rule.prefer)
        )
        if rule.id in ("undecided", "invalid"):
            assert getattr(avoided, rule.id), rule.id
            assert not getattr(preferred, rule.id), rule.id
        else:
            assert rule.id in [rule_of(one).id for one in avoided.grants]
            assert (preferred.undecided, preferred.invalid) == ((), ()), rule.id
            if rule.id.endswith("-write"):
                assert rule.id not in [rule_of(one).id for one in preferred.grants]


# --- owners ---


def test_a_change_that_names_another_owner_is_told_once(look: Look) -> None:
    def printed(*accounts: str) -> Harvest:
        files = {
            f"{number}.json": {"registryId": one, "repositoryName": "a", "policyText": '{"Statement": []}'}
            for number, one in enumerate(accounts)
        }
        return look(files)

    other, third = "222233334444", "333344445555"
    for before, after, told in (
        ((OWNER,), (OWNER, other, other), [other]),
        ((other,), (OWNER, other, third), [third]),
        ((), (OWNER,), []),
        ((), (other, third), [other, third]),
    ):
        remarks = list(new_owners(printed(*before), printed(*after), Context(account=OWNER)))
        assert [one.message for one in remarks] == [sentence("baseline.change_also_names", one=one) for one in told]


OWNED: list[tuple[tuple[tuple[str, str], ...], str, str | None]] = [
    ((("a", "1"),), "a/x.json", "1"),
    ((("a/", "1"),), "a/x.json", "1"),
    ((("a/", "1"),), "a", None),
    ((("a", "1"),), "b/x.json", None),
    ((("a", "1"),), "../a/x.json", None),
    ((("a/*", "1"), ("a/b", "2")), "a/b/x.json", "2"),
    ((("a/b", "2"), ("a/*", "1")), "a/b/x.json", "2"),
    ((("a/*", "1"), ("a/*c", "2")), "a/bc/x.json", "2"),
    ((("a/*c", "2"), ("a/*", "1")), "a/bc/x.json", "2"),
    ((("a/?", "1"), ("a/*", "2")), "a/b/x.json", "2"),
    ((("a/*", "2"), ("a/?", "1")), "a/b/x.json", "1"),
    ((("a/b", "1"), ("longer", "2")), "a/b/longer", "1"),
    ((("x.json", "1"), ("a/[x]*", "2")), "a/x.json", "2"),
]


@pytest.mark.parametrize("patterns, path, account", OWNED, ids=range(len(OWNED)))
def test_whose_pattern_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    patterns: tuple[tuple[str, str], ...],
    path: str,
    account: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Owners(tuple((Exclusion.from_pattern(text), owner) for text, owner in patterns)).account_of(path) == account
    based = Owners(tuple((Exclusion.from_pattern(text, str(tmp_path)), owner) for text, owner in patterns))
    assert based.account_of(str(tmp_path / path)) == account


def test_how_many_findings_do_not_count(report: Callable[..., Report]) -> None:
    made = report(suppressed("2026-07-05"))
    results = list(results_of(made))
    assert accepted_in(results) == "1 suppressed: CRITICAL until 2026-07-05"
    assert accepted_in(results_of(report())) == ""
    keys = frozenset(one.key for one in results)
    known = replace(made, findings=tuple(replace(one, known=keys) for one in made.findings))
    assert accepted_in(results_of(known)) == "1 suppressed: CRITICAL until 2026-07-05, 3 known: 3 MEDIUM"


# --- suppressions of the registry's policy ---


def by_registry(made: Report) -> list[bool]:
    results = [one for one in results_in(finding_of(made, "Grants")) if one.is_elsewhere]
    return [one.suppression is not None for one in results]


SUPPRESSING = [
    ("  Registry:\n", True),
    ("        - {Effect: Deny, Principal: '*', Action: 'ecr:DeleteRepository', Resource: '*'}", False),
    ("        - {Sid: B,", True),
    ("  Grants:\n", True),
    ("        - {Sid: A,", False),
    ("  Copies:\n", False),
]


@pytest.mark.parametrize("line, held", SUPPRESSING)
@pytest.mark.parametrize("day, today", [("2026-06-30", True), ("2026-06-29", False)])
def test_a_suppression_of_what_the_registry_opens(
    report: Callable[..., Report], line: str, day: str, *, held: bool, today: bool
) -> None:
    text = TEMPLATE + REGISTRY
    assert line in text
    made = report(text.replace(line, f"  # {UNTIL.format(day)}\n{line}", 1))
    assert by_registry(made) == [held and today]
    if line.startswith("        - {Sid: B"):
        notes = finding_of(made, "Registry").verdict.notes
        assert any("suppressed until" in one for one in notes)
        assert not any("suppressed" in one for one in finding_of(made, "Grants").verdict.notes)


def test_the_first_of_two_registries_statements_is_not_the_second(report: Callable[..., Report]) -> None:
    two = REGISTRY + REGISTRY.replace("Registry:\n", "Second:\n", 1).replace("Sid: B", "Sid: C")
    last = "        - {Sid: C,"
    made = report((TEMPLATE + two).replace(last, f"        # {UNTIL.format('2026-07-01')}\n{last}"))
    assert sorted(by_registry(made)) == [False, True]


# --- what is new ---


def test_what_is_new_is_what_is_opened(report: Callable[..., Report]) -> None:
    text = TEMPLATE.replace(
        "Principal: {AWS: '222233334444'}", "Principal: {AWS: ['222233334444', '333344445555']}"
    ).replace(
        LINE, f"        - {{Sid: Z, Effect: Allow, Principal: {{AWS: '444455556666'}}, Action: 'ecr:PutImage'}}\n{LINE}"
    )
    results = list(results_in(finding_of(report(text), "Grants")))
    grants = [one.grant for one in results if one.grant is not None]
    assert len(grants) == len(results) == 3
    for number, grant in enumerate(grants):
        assert new_in(results, Opened((Change(grant),))) == [results[number]]
        doubt = Undecided(grant.statement, "x", grant=grant)
        assert new_in(results, Opened((), (doubt,))) == [results[number]]
        of_statement = [one for one in results if one.statement == grant.statement]
        for other in (replace(grant, grantee="x"), replace(grant, kind=Kind.SERVICE)):
            assert new_in(results, Opened((Change(other),))) == of_statement
        assert new_in(results, Opened((), (replace(doubt, grant=None),))) == of_statement
        for other in (replace(grant, statement=7), replace(grant, document=Document.REGISTRY)):
            assert new_in(results, Opened((Change(other),))) == results
    assert new_in(results, Opened()) == []
    assert new_in(results, Opened((Change(grants[0]), Change(grants[2])))) == [results[0], results[2]]


# --- the whole report ---


def test_faults_are_grouped_by_reason() -> None:
    errors = (Unread("a", 1, "x"), Unread("b", None, "y"), Unread("c", None, "x"), *(Unread(n, 2, "x") for n in "de"))
    first, second = faults_of(Report((), errors))
    assert (first.first, first.message) == (errors[0], "x (4 places: a:1, c, d:2 and 1 more)")
    assert (second.first, second.message) == (errors[1], "y")


def test_what_is_left_is_what_is_not_judged_or_not_here(report: Callable[..., Report]) -> None:
    unjudged, absent = Unjudged("a", 2, 3, "x", "why"), Skipped("b", "gone", absent=True)
    made = Report((), (), (absent, Skipped("c", "other")), (unjudged,))
    assert made.left == (unjudged, Unjudged("b", 1, 1, "not here", "gone"))
    assert made.unknown == (unjudged, absent)
    nothing = sentence("findings.no_policy_found_nothing_judged")
    assert (made.nothing, replace(made, unjudged=()).nothing) == ("", nothing)
    assert (Report((), (Unread("a", 1, "x"),)).nothing, report().nothing) == ("", "")


def test_an_action_that_is_misspelled_is_noted(report: Callable[..., Report]) -> None:
    note = sentence("findings.no_statement_action_amazon")
    for name in ("Grants", "Undecided", "Invalid"):
        assert note not in finding_of(report(), name).verdict.notes
    other = TEMPLATE.replace("ecr:", "erc:")
    assert [note in finding_of(report(other), name).verdict.notes for name in ("Grants", "Invalid")] == [True, False]


# --- parameters that nothing declares ---

NOT_DECLARED = sentence("remarks.not_declared_any_template")


@pytest.mark.parametrize("count", [0, 1, 8, 9])
def test_what_is_declared_instead(count: int) -> None:
    names = [f"P{number}" for number in range(count)]
    listed = ", ".join(f"`{one}`" for one in names[:8]) + (" and 1 more" if count > 8 else "")
    instead = f"declared are {listed}" if names else sentence("remarks.none_them_declares")
    context = Context(parameters={"Xyz": "1", **dict.fromkeys(names, "1")})
    assert list(undeclared_errors(context, names)) == [Unread("--parameter", None, NOT_DECLARED.format("Xyz", instead))]
    assert list(for_others(context, names)) == []


def test_a_parameter_from_settings_is_for_other_files_unless_it_is_like_one_here() -> None:
    settings = ("s.yaml", 3)
    context = Context(
        parameters=dict.fromkeys(("Xyz", "Abc", "Partnr", "Partner", "Uvw"), "1"),
        standing={**dict.fromkeys(("Xyz", "Abc", "Partnr", "Partner"), settings), "Uvw": ("t.yaml", 1)},
    )
    (error,) = undeclared_errors(context, ["Partner"])
    hint = "did you mean `Partner`? declared are `Partner`"
    assert error == Unread(*settings, NOT_DECLARED.format("Partnr", hint))
    assert [(one.file, one.reason) for one in for_others(context, ["Partner"])] == [
        ("s.yaml", sentence("remarks.parameters_xyz_abc")),
        ("t.yaml", sentence("remarks.parameters_uvw_not_declared")),
    ]
