"""The error of an audit. Its module needs no AWS SDK."""

from __future__ import annotations

from ...errors import EcrCrossAccountError


class AuditError(EcrCrossAccountError):
    """An error that leaves an audit without a result. The message says why."""
