"""The end of a run before anything was written, with the reason: as it should be, or as an error."""

from collections.abc import Mapping
from typing import NoReturn


class StoppedError(Exception):
    """The run ends here, with the policy unchanged."""


def end(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Answer the step: `Message`, so that the console shows how the run ended."""
    return {"Message": events["Message"]}


def stop(events: Mapping[str, str], _context: object) -> NoReturn:
    """Answer the step: an error whose message is `Message`."""
    raise StoppedError(events["Message"])
