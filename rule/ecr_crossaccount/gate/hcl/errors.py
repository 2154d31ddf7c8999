"""What ends an evaluation."""

from __future__ import annotations


class FailedError(ValueError):
    """Terraform would fail here too; `try` and `can` catch it, elsewhere the value is a hole."""


class TooMuchError(RuntimeError):
    """An evaluation past its budget."""
