"""Replacements for the policies of a report that a file contains as written."""

from __future__ import annotations

from .....judgement.values.resource_kind import ResourceKind as Kind
from .....questions.plan.outcome import Action
from .....sources.check.findings import Finding
from .....sources.check.rewrite import Rewrite, rewrite
from .....sources.files.files import text_of
from .....sources.reading.files import STANDARD_INPUT, UnreadableError


class Fixes:
    """Plans for findings and reads their files, each once."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._known: dict[int, tuple[Finding, Rewrite | None]] = {}

    def of(self, finding: Finding) -> Rewrite | None:
        """Return the replacement for the policy of a finding, or None if it cannot be determined from here."""
        known = self._known.get(id(finding))
        if known is None:
            known = self._known[id(finding)] = (finding, self._fix(finding))
        return known[1]

    def _fix(self, finding: Finding) -> Rewrite | None:
        found = finding.found
        # A plan cannot narrow a template's policies of other kinds.
        if found.kind is not Kind.REPOSITORY or found.otherwise or not isinstance(found.policy, dict):
            return None
        if finding.state.owners is not None:
            return None
        text = self._text_of(found.at.file)
        if not text:
            return None
        planned = finding.plan()
        if planned.action is not Action.SET or planned.policy is None:
            return None
        return rewrite(text, found.at, found.policy, planned.policy)

    def _text_of(self, file: str) -> str:
        if file not in self._files:
            self._files[file] = _read(file)
        return self._files[file]


def _read(file: str) -> str:
    try:
        return "" if file == STANDARD_INPUT else text_of(file)
    except UnreadableError:
        return ""
