"""The first step of *remediate* and *restore*: the repository now, the change, and who uses what it cuts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .find_use import recent_use, unless_in_use
from .steps import (
    StepError,
    ask,
    asked_about,
    inert,
    inert_json,
    pack_facts,
    policy_stored,
    read,
    unless_approved_otherwise,
)


def look(events: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Run the step: `Next` is Write or End, `Message` the reason, and `Facts` the input of the steps that write.

    After an approval, `Approved` has the approved facts. Raises StepError if the run must stop, ClientError,
    BotoCoreError.
    """
    name = events["Repository"]
    found = read(name)
    if found["State"] == "Gone":
        return _outputs("End", "Gone", f"`{name}` is gone: nothing was changed")
    plan = ask(events["PlanFunction"], _request(found, events))
    report = plan["Report"]
    if plan["Decision"] == "CannotNarrow":
        raise StepError(inert(f"the policy is unchanged: {report}"))
    if plan["Decision"] != "Change":
        # A repository without a policy may still have required statements missing.
        is_none = (found["State"], plan["Decision"]) == ("NoPolicy", "Compliant")
        said = f"`{name}` has no policy" if is_none else report
        return _outputs("End", found["State"] if is_none else plan["Decision"], f"nothing was changed: {said}")
    use = recent_use(found, plan["Cuts"], events)
    planned = {name: plan.get(name, "-") for name in ("Wanted", "Record", "Required")}
    facts = _facts(found, planned, use)
    shown = _for_people(plan, use) | {"Facts": pack_facts(facts)}
    if events["DryRun"] != "false":
        return _outputs("End", "Change", f"a dry run: nothing was changed. {use['Report']}") | shown
    unless_in_use(use, events["Force"])
    unless_approved_otherwise(facts, events.get("Approved"))
    return _outputs("Write", "Change", "the policy may be written") | shown


def _request(found: Mapping[str, str], events: Mapping[str, Any]) -> dict[str, str]:
    settings = {name: events[name] for name in ("Strategy", "MinimumSeverity", "CutTrusted")}
    return {"Task": "plan", **asked_about(found), **settings}


def _facts(found: Mapping[str, str], planned: Mapping[str, str], use: Mapping[str, str]) -> dict[str, str]:
    """Return the input of the steps that write, which is also what an approval covers."""
    return {"Policy": found["Policy"], "Account": found["Account"], **planned, "Use": use["Status"]}


def _for_people(plan: Mapping[str, str], use: Mapping[str, str]) -> dict[str, str]:
    return {
        "Report": inert(plan["Report"]),
        "Headline": inert(plan["Headline"]),
        "Wanted": inert_json(plan["Wanted"]),
        "Use": inert(use["Report"]),
    }


def _outputs(following: str, decision: str, message: str) -> dict[str, str]:
    """Return the outputs of the step. A missing text is `-`, because an output must not be empty."""
    missing = dict.fromkeys(("Report", "Headline", "Wanted", "Use", "Facts"), "-")
    return {"Next": following, "Decision": decision, "Message": inert(message), **missing}


def look_at_backup(events: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Run the step: `Next` is Write or End, `Report` what the policy opens, `Use` who uses what it cuts.

    `Facts` are the input of the steps that write. After an approval, `Approved` has the approved facts. Raises
    StepError if the run must stop, ClientError, BotoCoreError.
    """
    name = events["Repository"]
    found = read(name)
    if found["State"] == "Gone":
        raise StepError(f"there is no repository `{name}`: nothing was written")
    wanted = policy_stored({**events, "Account": found["Account"]})
    verdict = ask(events["PlanFunction"], {"Task": "restore", "Wanted": wanted, **asked_about(found)})
    dry = events["DryRun"] != "false"
    if not dry:
        _unless_open(verdict)
    use = recent_use(found, verdict["Cuts"], events)
    replacing = {"replaced_by": events["Key"], "replaced_by_version": events["Version"]}
    facts = _facts(found, {"Wanted": wanted, "Record": json.dumps(replacing)}, use)
    shown = {
        "Compliance": "NON_COMPLIANT" if verdict["LeftOpen"] else verdict["Compliance"],
        "Report": inert(verdict["Report"]),
        "Use": inert(use["Report"]),
        "Wanted": inert_json(wanted),
        "Facts": pack_facts(facts),
    }
    if dry:
        return {"Next": "End", "Message": "a dry run: nothing was changed", **shown}
    unless_in_use(use, events["Force"])
    unless_approved_otherwise(facts, events.get("Approved"))
    return {"Next": "Write", "Message": "the policy may be written", **shown}


def _unless_open(verdict: Mapping[str, str]) -> None:
    if verdict["Compliance"] != "COMPLIANT":
        raise StepError(
            inert(
                "the policy is unchanged, because that of the backup is not compliant; add the intended access to the "
                f"trust in the stack's parameters, then restore: {verdict['Report']}"
            )
        )
