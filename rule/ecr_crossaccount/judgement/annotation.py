"""The text that AWS Config shows beside a result: the most severe finding, and how many more there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from ..documents.problems import Invalid
from .values.verdict import Grant, Severity, Undecided, Verdict

LIMIT = 256
"""Characters: https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html"""
_LARGEST_UNIT = "\uffff"
"""Above it, a character takes two UTF-16 units, and AWS may count two."""

_TRUST = "; trust: "

Finding: TypeAlias = Grant | Undecided | Invalid


def annotation(verdict: Verdict, problem: str | None = None, lacks: str = "") -> str:
    """Return the annotation of a verdict, or "" if it is compliant.

    `problem` is what limited the run. `lacks` says which required statements are missing.

    It has at most 256 printable characters, and words are not cut. If it is too long, the reason of the most severe
    finding loses words. The number of other findings stays.
    """
    findings: list[Finding] = [*verdict.grants, *verdict.undecided, *verdict.invalid]
    findings.sort(key=severity_of, reverse=True)
    if not findings:
        return _led_by(f"{Severity.LOW.name}: {lacks}", problem) if lacks else ""
    worst, *others = findings
    return _led_by(f"{severity_of(worst).name}: {_sentence(worst)}", _count_findings(others), lacks, problem)


def _led_by(sentence: str, *parts: str | None) -> str:
    """Return the parts as one text. If there is no room, the first sentence loses words."""
    tail = "".join(f"; {part}" for part in parts if part)
    return shorten(sentence, LIMIT - len(tail)) + tail


def with_trust(said: str, trust: str) -> str:
    """Return an annotation that also says which trust was used, if both fit."""
    whole = f"{said}{_TRUST}{trust}" if said else f"{_TRUST}{trust}".removeprefix("; ")
    return whole if len(whole) <= LIMIT else said


def without_trust(said: str) -> str:
    """Return an annotation without the trust that it says."""
    return "" if said.startswith(_TRUST.removeprefix("; ")) else said.rpartition(_TRUST)[0] or said


def rcp_annotation(verdict: Verdict) -> str:
    """Return the annotation of a result that is COMPLIANT only by resource control policies: what they close."""
    return shorten(f"closed by resource control policies alone: {annotation(verdict)}", LIMIT)


@lru_cache(maxsize=1024)  # many repositories of a registry have the same policy
def shorten(text: str, limit: int) -> str:
    """Return a text in at most `limit` printable characters, with an ellipsis at the end if words were removed."""
    whole = " ".join("".join(map(_harmless, text)).split())
    if len(whole) <= limit:
        return whole
    words = whole[: limit - 1].rpartition(" ")[0]  # leaves room for " …", and keeps the last word if it is complete
    return f"{words.rstrip(' ,;:(')} …"


def _harmless(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() and character <= _LARGEST_UNIT else "?"


def severity_of(finding: Finding) -> Severity:
    """Return the severity of a finding. Undecided and invalid are MEDIUM, and come after grants of that severity."""
    return finding.severity if isinstance(finding, Grant) else Severity.MEDIUM


def _sentence(finding: Finding) -> str:
    match finding:
        case Grant():
            return finding.reason
        case Undecided():
            return f"undecided: {finding.reason}"
    return f"invalid: {finding.at}: {finding.reason}"


def _count_findings(findings: Sequence[Finding]) -> str:
    """Return how many findings there are, for instance `2 more grants, 1 undecided`, or "" if there are none."""
    numbers = Counter(type(finding) for finding in findings)
    grants = "more grant" if numbers[Grant] == 1 else "more grants"
    words = {Grant: grants, Undecided: "undecided", Invalid: "invalid"}
    return ", ".join(f"{numbers[kind]} {word}" for kind, word in words.items() if numbers[kind])
