"""The batch forms: one JSON object per line in, one JSON object per line out, in the same order and without delay.

The README has an example of each. Every line gets an answer, whatever it contains. A policy that cannot be judged is
NON_COMPLIANT, and a policy that cannot be planned stays unchanged; `invalid` has the reason. An internal error in a
line is also an answer. After all lines are answered, the batch then ends with the exit status of a crash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ...documents.problems import Invalid
from ...errors import InternalError
from ...judgement.grants import NOBODY
from ...judgement.judge import judge
from ...judgement.values.verdict import Verdict
from ...questions.plan.outcome import Action, Plan
from ...questions.plan.plan import plan
from ...questions.plan.required import Required
from .base.program import reason
from .batch_lines import BESIDE, FIELDS, OF_PLANS, WHOLE, BatchQuestion, Faulty, Lines


class UnansweredError(InternalError):
    """Some lines of a batch met an internal error. All other lines are answered."""

    def __init__(self, first: int, why: Exception, lines: int) -> None:
        more = f" (and {lines - 1} more)" if lines > 1 else ""
        super().__init__(f"line {first} was not judged: {reason(why)}{more}")


def answers(lines: Iterable[bytes], today: date) -> Iterator[str]:
    """Yield the answer of `judge` to each line, without a line break, as soon as the line is read.

    Raises UnansweredError after the last line, if any line met an internal error.
    """
    return _answer_lines(lines, Lines(today, FIELDS | BESIDE), _verdict)


def plans(lines: Iterable[bytes], today: date) -> Iterator[str]:
    """Yield the answer of `plan` to each line. Same order, timing and errors as `answers`."""
    return _answer_lines(lines, Lines(today, FIELDS | OF_PLANS), _plan)


def _answer_lines(
    lines: Iterable[bytes], reader: Lines, answer: Callable[[BatchQuestion | Faulty], Verdict | _Judged | Plan]
) -> Iterator[str]:
    crashed: list[int] = []
    first: Exception | None = None
    for number, line in enumerate(lines, start=1):
        asked: BatchQuestion | Faulty = Faulty(None, ())
        try:
            asked = reader.read(line)
            text = _write_answer(asked, answer(asked))
        except Exception as error:  # noqa: BLE001 - the other lines are answered before it is reported
            crashed.append(number)
            first = first or error
            fault = Invalid(WHOLE, f"not judged, for an internal error: {reason(error)}")
            text = _write_answer(asked, answer(Faulty(asked.identity, (fault,))))
        yield text
    if first is not None:
        raise UnansweredError(crashed[0], first, len(crashed)) from first


def _write_answer(asked: BatchQuestion | Faulty, answer: Verdict | _Judged | Plan) -> str:
    return json.dumps({"id": asked.identity, **answer.to_json()})


@dataclass(frozen=True, slots=True)
class _Judged:
    """The verdict of a line, and the verdict under its resource control policies, if it has any."""

    verdict: Verdict
    under_rcps: Verdict

    def to_json(self) -> dict[str, object]:
        return {**self.verdict.to_json(), "under_rcp": self.under_rcps.to_json()}


def _verdict(asked: BatchQuestion | Faulty) -> Verdict | _Judged:
    if isinstance(asked, Faulty):
        return replace(NOBODY, invalid=asked.faults)
    verdict = _told_by(asked)
    return _Judged(verdict, _told_by(asked, rcps=asked.rcps)) if asked.rcps else verdict


_BLANK = "`policy` is blank and not null: judged as a repository without a policy. Check that it was read"


def _is_blank(policy: object) -> bool:
    """Return whether a policy is an empty text or an empty object, which may mean that its reader failed."""
    return policy is not None and (not policy or (isinstance(policy, str) and not policy.strip()))


def _told_by(asked: BatchQuestion, **beside: Any) -> Verdict:  # noqa: ANN401 - other arguments of `judge`
    if asked.registry is not None:
        beside["registry"] = asked.registry
    verdict = judge(asked.policy, asked.repository, asked.trust, asked.origin, **beside)
    if _is_blank(asked.policy):
        verdict = replace(verdict, notes=(*verdict.notes, _BLANK))
    return replace(verdict, invalid=(*asked.distrust, *verdict.invalid)) if asked.distrust else verdict


def _plan(asked: BatchQuestion | Faulty) -> Plan:
    faults: tuple[Invalid, ...] = asked.faults if isinstance(asked, Faulty) else asked.distrust
    if faults or isinstance(asked, Faulty):
        # With an invalid register, the trusted principals are unknown, so a plan must not remove anyone's access.
        return Plan(Action.NONE, None, (), faults, f"nothing was planned: {_describe_fault(faults[0])}")
    line = asked.line
    strategy, cut_trusted = str(line.get("strategy", "narrow")), bool(line.get("cut_trusted", False))
    required = None if asked.required is None else Required.parse(asked.required)
    return plan(
        asked.policy, asked.repository, asked.trust, strategy, asked.origin, required=required, cut_trusted=cut_trusted
    )


def _describe_fault(fault: Invalid) -> str:
    """Return the text of a fault, with its place unless that is only the line as a whole."""
    return fault.reason if fault.at == WHOLE else f"{fault.at}: {fault.reason}"
