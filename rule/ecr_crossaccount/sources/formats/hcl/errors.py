"""Errors that end an evaluation."""

from __future__ import annotations


class FailedError(ValueError):
    """Terraform would fail here too. `try` and `can` catch it; elsewhere the value is a hole."""


class NoFileError(FailedError):
    """Terraform would fail because a file is missing or cannot be read. `path`: that of the file."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} ({reason})")
        self.path = path


class BeyondError(ValueError):
    """An expression that only Terraform can evaluate. Its value is a hole, for `try` and `can` too."""


class TooMuchError(RuntimeError):
    """An evaluation that exceeds its budget."""
