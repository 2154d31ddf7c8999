"""The end of a run that writes nothing."""

from collections.abc import Mapping


class StoppedError(Exception):
    """The run ends here, with the policy unchanged."""


def end(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: return `Message`, so that the console shows how the run ended."""
    return {"Message": events["Message"]}
