"""What can go wrong between EventBridge and an alarm. Lambda sees it, tries again, and then keeps the event."""

from __future__ import annotations

from ..errors import EcrCrossAccountError


class RecordError(EcrCrossAccountError):
    """An event that is no record of CloudTrail's, or a record that does not say what it is about."""


class NotSentError(EcrCrossAccountError):
    """The topic's answer does not say that it took an alarm."""


class UnsettledError(EcrCrossAccountError):
    """Other changes of the same policy came in between, again and again."""
