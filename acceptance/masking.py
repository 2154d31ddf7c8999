"""A report for publication: words replace account numbers and organizations."""

from __future__ import annotations

import re

from .sandbox import Sandbox

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ORGANIZATION = re.compile(r"(?<![A-Za-z0-9-])o-[a-z0-9]{10,32}")
_HIDDEN = {
    "UNIT": re.compile(r"(?<![A-Za-z0-9-])(?:ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})(?![A-Za-z0-9-])"),
    "PRINCIPAL": re.compile(r"(?<![A-Z0-9])A(?:ROA|IDA|GPA|SIA|KIA)[A-Z0-9]{12,}"),
    "SESSION": re.compile(r"(?<=:assumed-role/)[^\s\"'`,;)]+"),
}
"""Other things that name someone: units, unique ids of principals and keys, and sessions of roles."""
OF_CASES = "o-a1b2c3d4e5"
"""The organization in the cases, which does not exist."""


class Mask:
    """Replaces the accounts of the sandbox and of the cases by their roles, and each further account by a word.

    The same number becomes the same word everywhere in a report.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._words = {
            sandbox.account: "SANDBOX",
            sandbox.partner: "PARTNER",
            sandbox.stranger: "STRANGER",
            OF_CASES: OF_CASES,
        }

    def __call__(self, text: str) -> str:
        """Return a text without account numbers, and without organizations except the one of the cases.

        Units, sessions of roles and unique ids are hidden too.
        """
        masked = _ACCOUNT.sub(lambda found: self._word(found[0], "ACCOUNT"), text)
        for kind, pattern in _HIDDEN.items():
            masked = pattern.sub(lambda found, kind=kind: self._word(found[0], kind), masked)  # type: ignore[misc]  # bound now
        return _ORGANIZATION.sub(lambda found: self._word(found[0], "ORGANIZATION"), masked)

    def _word(self, value: str, kind: str) -> str:
        return self._words.setdefault(value, f"{kind}-{len(self._words)}")


def unmasked(text: str) -> str:
    """Return a text unchanged."""
    return text
