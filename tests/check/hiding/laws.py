"""The law of hiding, put to a folder: what `check`, `diff` and the hook say about an open policy with hidden parts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ecr_crossaccount import Compliance, Trust
from ecr_crossaccount.judgement.beside import Scope
from ecr_crossaccount.products.hook.evaluation import Settings, evaluate
from ecr_crossaccount.sources.check.changed import Files, relative
from ecr_crossaccount.sources.check.differences import comparison_of
from ecr_crossaccount.sources.check.findings import Finding, Report, report_of
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import NOTHING, Harvest
from ecr_crossaccount.sources.register.lists import TrustNow

from tests.case_tables import OWNER
from tests.check.hiding.hider import Answer, Folder
from tests.events import hook

_ASKED: dict[str, Any] = hook.load("change-set-create")
_KNOWN_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"
_NO_ANSWER = Answer()


def write(folder: Folder, at: Path, *, as_json: bool = False) -> Path:
    """Write the files of a folder."""
    for name, text in folder.written(as_json=as_json).items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return at


def faults(folder: Folder, at: Path) -> Iterator[str]:
    """Yield how a folder breaks the law. `at`: an empty folder for its files."""
    context, found = found_in(write(folder, at / "new"), _NO_ANSWER)
    said = report_of(found, context)
    if not is_told(folder, said):
        yield "check: silent"
    if not _differs(folder, at, found, context):
        yield "diff: silent"
    for answer in folder.answers:
        context, known = found_in(at / "new", answer)
        yield from (f"{answer}: {one} is worse" for one in _worse(said, report_of(known, context)))
    context, found = found_in(write(folder, at / "json", as_json=True), _NO_ANSWER)
    if words_of(said) != words_of(report_of(found, context)):
        yield "JSON: not the same"
    if folder.template:
        yield from (f"hook: {name}" for name, payload in _payloads(folder) if not _is_stopped(payload))


def found_in(at: Path, answer: Answer) -> tuple[Context, Harvest]:
    """Return what is found in a folder, with values for its inputs."""
    context = Context(
        account=OWNER,
        region="eu-west-1",
        parameters=answer.parameters,
        var_files=tuple(str(at / name) for name in answer.files),
        registry_scope=Scope.V2,
    )
    return context, harvest([str(at)], context)


# --- check ---


def is_told(folder: Folder, report: Report) -> bool:
    """Return whether the status is not 0 with `--strict`. A note on a default counts only where the folder has one."""
    if any(map(is_open, report.findings)) or report.errors or report.unknown:
        return True
    return folder.rests and any(map(rests, report.findings))


def is_open(one: Finding) -> bool:
    """Return whether a policy does not pass."""
    return one.verdict.compliance is not Compliance.COMPLIANT


def rests(one: Finding) -> bool:
    """Return whether a note says that a verdict rests on a default, or on a value in a file beside it."""
    return any("rests on " in note or "assumes the default of " in note for note in one.verdict.notes)


def _worse(said: Report, known: Report) -> Iterator[str]:
    """Yield the resources that pass, and do not with the values that are known."""
    passing = {one.found.resource for one in said.findings if not is_open(one) and not rests(one)}
    passing -= {one.found.resource for one in said.findings if is_open(one)}
    yield from sorted({one.found.resource for one in known.findings if is_open(one)} & passing)


def words_of(report: Report) -> Sequence[object]:
    """Return the results for each resource, apart from places."""
    return sorted(
        (
            one.found.resource,
            sorted(f"{grant.grantee} {grant.access}" for grant in one.verdict.grants),
            bool(one.verdict.undecided),
            bool(one.verdict.invalid),
            rests(one),
        )
        for one in report.findings
    )


# --- diff ---


def _differs(folder: Folder, at: Path, found: Harvest, context: Context) -> bool:
    """Return whether a comparison with an empty folder says that something is opened, unknown or rests on a default."""
    old, new = at / "old", at / "new"
    old.mkdir()
    before = Files(NOTHING, context, relative(str(old)), root=str(old))
    after = Files(found, context, relative(str(new)), root=str(new))
    comparison = comparison_of(before, after)
    told = [one for one in comparison.compared if not one.difference.is_none]
    notes = [note for one in comparison.compared for note in one.notes if folder.rests]
    return bool(told or notes or comparison.errors or comparison.unknown)


# --- the hook ---


def _payloads(folder: Folder) -> Iterator[tuple[str, Any]]:
    """Yield change sets: without a preview, and with one in which whatever a function returns is known later."""
    template = folder.files[folder.template]
    text = folder.written(as_json=False)[folder.template]
    yield "a template", {"template": text}
    resources = template["Resources"]
    for name, is_shown in (("a change", False), ("a preview", True)):
        changed = [
            {
                "logicalResourceId": resource,
                "resourceType": one["Type"],
                "action": "CREATE",
                "beforeContext": None,
                "afterContext": json.dumps({"Properties": _previewed(one["Properties"])}) if is_shown else None,
            }
            for resource, one in resources.items()
            if resource in ("Hidden", "Closed")
        ]
        yield name, {"template": text, "changedResources": changed}


def _previewed(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value with a placeholder for each function in it."""
    if isinstance(value, dict):
        if any(name in ("Ref", "Condition") or name.startswith("Fn::") for name in value if len(value) == 1):
            return _KNOWN_LATER
        return {name: _previewed(one) for name, one in value.items()}
    return [_previewed(one) for one in value] if isinstance(value, list) else value


def _is_stopped(payload: Any) -> bool:  # noqa: ANN401 - JSON
    answer = evaluate(_ASKED, Settings("eu-west-1"), TrustNow(Trust.nobody()), lambda _: json.dumps(payload).encode())
    return answer["hookStatus"] == "FAILED"
