"""The end of a run that must not go on, with the reason."""

from collections.abc import Mapping
from typing import NoReturn


class StoppedError(Exception):
    """The run ends here, with the policy unchanged."""


def stop(events: Mapping[str, str], _context: object) -> NoReturn:
    """Answer the step: an error whose message is `Message`."""
    raise StoppedError(events["Message"])
