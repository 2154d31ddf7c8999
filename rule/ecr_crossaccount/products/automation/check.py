"""Judges the policy that Amazon ECR has stored. The policy stays, whatever the result."""

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from .ask import ask
from .read_policy import asked_about, read
from .stop import StepError
from .texts import inert


def check(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: return `Compliance` and `Report` of the stored policy. Raises StepError.

    `Compliance` is NOT_APPLICABLE if the repository no longer exists, and NON_COMPLIANT if only the registry policy
    leaves it open.
    """
    stays = f"it stays; the policy before is in the backup `{events['Backup']}`"
    try:
        found = read(events["Repository"])
        if found["State"] == "Gone":
            return {"Compliance": "NOT_APPLICABLE", "Report": "the repository is gone"}
        request = {"Task": "judge", "Strategy": events.get("Strategy", ""), **asked_about(found)}
        verdict = ask(events["PlanFunction"], request)
    except (ClientError, BotoCoreError, StepError) as error:
        raise StepError(inert(f"the policy was written, and could not be checked: {error}; {stays}")) from error
    if verdict["Compliance"] != "COMPLIANT":
        raise StepError(inert(f"the policy that was written is not compliant: {verdict['Report']}; {stays}"))
    left = verdict["LeftOpen"]
    if left:
        said = f"the policy that was written is compliant, and the repository is not closed. {left}"
        return {"Compliance": "NON_COMPLIANT", "Report": inert(said)}
    return {"Compliance": verdict["Compliance"], "Report": inert(verdict["Report"])}
