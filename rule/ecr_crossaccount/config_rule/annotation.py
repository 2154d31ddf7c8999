"""The sentence that AWS Config shows beside a result: the worst first, and how much more there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from ..access.verdict import Grant, Severity, Undecided, Verdict
from ..policy.problems import Invalid

LIMIT = 256
"""Characters: https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html"""
_LARGEST_UNIT = "\uffff"
"""Beyond it a character takes two UTF-16 units, and AWS may count two."""

Finding: TypeAlias = Grant | Undecided | Invalid


def annotation(verdict: Verdict, problem: str | None = None, mark: str = "", lacks: str = "") -> str:
    """Return the annotation of a verdict, "" if it is compliant; `problem` is what kept the run from knowing more.

    `mark` ends it, if there is one: see `security_hub.mark`. `lacks` is what the policy lacks of what is required.

    At most 256 characters, all harmless to show, and no word cut: the reason of the worst finding loses words, not how
    many findings there are more.
    """
    findings: list[Finding] = [*verdict.grants, *verdict.undecided, *verdict.invalid]
    findings.sort(key=_severity, reverse=True)
    if not findings:
        return _led_by(f"{Severity.LOW.name}: {lacks}", problem, mark) if lacks else ""
    worst, *others = findings
    return _led_by(f"{_severity(worst).name}: {_sentence(worst)}", _counted(others), lacks, problem, mark)


def _led_by(sentence: str, *parts: str | None) -> str:
    """Return what there is to say, of which the sentence at its head loses words where there is no room."""
    tail = "".join(f"; {part}" for part in parts if part)
    return shortened(sentence, LIMIT - len(tail)) + tail


def closed(verdict: Verdict) -> str:
    """Return the annotation of a result that is COMPLIANT by resource control policies alone: what they close."""
    return shortened(f"closed by resource control policies alone: {annotation(verdict)}", LIMIT)


@lru_cache(maxsize=1024)  # many repositories of a registry have the same policy
def shortened(text: str, limit: int) -> str:
    """Return a text in at most `limit` harmless characters, ending in an ellipsis if words had to go."""
    whole = " ".join("".join(map(_harmless, text)).split())
    if len(whole) <= limit:
        return whole
    words = whole[: limit - 1].rpartition(" ")[0]  # leaves room for " …"; what ends at the last space is whole
    return f"{words.rstrip(' ,;:(')} …"


def _harmless(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() and character <= _LARGEST_UNIT else "?"


def _severity(finding: Finding) -> Severity:
    """Return how bad a finding is: what cannot be decided or read is MEDIUM, and told after grants that are as bad."""
    return finding.severity if isinstance(finding, Grant) else Severity.MEDIUM


def _sentence(finding: Finding) -> str:
    match finding:
        case Grant():
            return finding.reason
        case Undecided():
            return f"undecided: {finding.reason}"
        case Invalid():
            return f"invalid: {finding.at}: {finding.reason}"


def _counted(findings: Sequence[Finding]) -> str:
    """Return how many findings there are, for instance `2 more grants, 1 undecided`; "" if there are none."""
    numbers = Counter(type(finding) for finding in findings)
    grants = "more grant" if numbers[Grant] == 1 else "more grants"
    words = {Grant: grants, Undecided: "undecided", Invalid: "invalid"}
    return ", ".join(f"{numbers[kind]} {word}" for kind, word in words.items() if numbers[kind])
