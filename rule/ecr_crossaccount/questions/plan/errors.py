"""The exceptions that the parts of a plan raise."""

from __future__ import annotations


class CannotSayError(Exception):
    """The intended change cannot be written as a policy. The message says why."""
