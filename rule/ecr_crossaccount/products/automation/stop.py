"""The end of a run that writes nothing."""

from collections.abc import Mapping


class StepError(Exception):
    """The run ends here. The message says why, and what the policy is now."""


def end(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: return `Message`, so that the console shows how the run ended."""
    return {"Message": events["Message"]}
