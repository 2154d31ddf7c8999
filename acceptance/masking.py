"""A report that can be shown to anybody: account numbers and organizations become words."""

from __future__ import annotations

import re

from .sandbox import Sandbox

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ORGANIZATION = re.compile(r"(?<![A-Za-z0-9-])o-[a-z0-9]{10,32}")
OF_CASES = "o-a1b2c3d4e5"
"""The organization that the cases name, which is nobody's."""


class Mask:
    """Replaces the sandbox's account by `SANDBOX`, the two others of the cases by their parts, and any further one.

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
        """Return a text without numbers of accounts, and without organizations but the one of the cases."""
        masked = _ACCOUNT.sub(lambda found: self._word(found[0], "ACCOUNT"), text)
        return _ORGANIZATION.sub(lambda found: self._word(found[0], "ORGANIZATION"), masked)

    def _word(self, value: str, kind: str) -> str:
        return self._words.setdefault(value, f"{kind}-{len(self._words)}")


def unmasked(text: str) -> str:
    """Return a text as it is."""
    return text
