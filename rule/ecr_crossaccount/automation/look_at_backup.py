"""What *restore* finds: the repository as it is now, the backup, and what the backup's policy would open."""

import json
from collections.abc import Mapping

from .approved import unless_approved_otherwise
from .ask import ask
from .read_backup import policy_stored
from .read_policy import read
from .stop import StoppedError
from .texts import inert, inert_json, packed


def look_at_backup(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Answer the step: `Next` is Write or End, `Report` what the policy opens, `Facts` are for the steps that write.

    After an approval, `Approved` holds the facts that it was about. Raises StoppedError where the run must not go on,
    BackupError, ClientError, BotoCoreError, AnswerError.
    """
    name = events["Repository"]
    found = read(name)
    if found["State"] == "Gone":
        raise StoppedError(f"there is no repository `{name}`: nothing was written")
    wanted = policy_stored({**events, "Account": found["Account"]})
    request = {name: found[name] for name in ("Arn", "Tags", "Organization")}
    verdict = ask(events["PlanFunction"], {"Task": "judge", "Policy": wanted, **request})
    replacing = {"replaced_by": events["Key"], "replaced_by_version": events["Version"]}
    facts = {
        "Policy": found["Policy"],
        "Account": found["Account"],
        "Wanted": wanted,
        "Record": json.dumps(replacing),
    }
    shown = {
        "Compliance": verdict["Compliance"],
        "Report": inert(verdict["Report"]),
        "Wanted": inert_json(wanted),
        "Facts": packed(facts),
    }
    if events["DryRun"] != "false":
        return {"Next": "End", "Message": "a dry run: nothing was changed", **shown}
    if verdict["Compliance"] != "COMPLIANT":
        raise StoppedError(
            inert(
                "the policy is unchanged, because that of the backup is not compliant; trust in the stack's parameters "
                f"those who are meant to get in, then restore: {verdict['Report']}"
            )
        )
    unless_approved_otherwise(facts, events.get("Approved"))
    return {"Next": "Write", "Message": "the policy may be written", **shown}
