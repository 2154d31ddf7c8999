"""The first step of *restore*: the current repository, what the backup's policy opens, and who uses what it cuts."""

import json
from collections.abc import Mapping
from typing import Any

from .approved import unless_approved_otherwise
from .ask import ask
from .read_backup import policy_stored
from .read_policy import asked_about, read
from .recent_use import recent_use, unless_in_use
from .stop import StepError
from .texts import inert, inert_json, pack_facts


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
    facts = _facts_of_backup(found, wanted, use, events)
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
    """Raise StepError if the policy of the backup is not compliant."""
    if verdict["Compliance"] != "COMPLIANT":
        raise StepError(
            inert(
                "the policy is unchanged, because that of the backup is not compliant; add the intended access to the "
                f"trust in the stack's parameters, then restore: {verdict['Report']}"
            )
        )


def _facts_of_backup(
    found: Mapping[str, str], wanted: str, use: Mapping[str, str], events: Mapping[str, Any]
) -> dict[str, str]:
    """Return the input of the steps that write, which is also what an approval covers."""
    replacing = {"replaced_by": events["Key"], "replaced_by_version": events["Version"]}
    read_now = {name: found[name] for name in ("Policy", "Account")}
    return {**read_now, "Wanted": wanted, "Record": json.dumps(replacing), "Use": use["Status"]}
