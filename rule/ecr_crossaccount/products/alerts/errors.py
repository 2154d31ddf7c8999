"""The errors between EventBridge and an alarm. Lambda sees them, tries again, and then keeps the event."""

from __future__ import annotations

from ...errors import EcrCrossAccountError


class RecordError(EcrCrossAccountError):
    """An event is not a CloudTrail record, or the record does not say what it is about."""


class NotSentError(EcrCrossAccountError):
    """The answer does not show that the topic accepted an alarm."""


class UnsettledError(EcrCrossAccountError):
    """Other changes of the same policy kept arriving in between."""
