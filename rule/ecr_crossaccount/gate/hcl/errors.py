"""What ends an evaluation."""

from __future__ import annotations


class FailedError(ValueError):
    """Terraform would fail here too; `try` and `can` catch it, elsewhere the value is a hole."""


class NoFileError(FailedError):
    """Terraform would fail because a file that it reads is not there, or cannot be read; the message says which."""


class BeyondError(ValueError):
    """What Terraform works out and nobody here does: the value is a hole, for `try` and `can` too."""


class TooMuchError(RuntimeError):
    """An evaluation past its budget."""
