"""What the parts of a plan raise."""

from __future__ import annotations


class CannotSayError(Exception):
    """What is meant cannot be written as a policy; the message says why."""
