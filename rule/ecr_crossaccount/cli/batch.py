"""The batch forms: a JSON object a line in, a JSON object a line out, in the same order and at once.

The README has an example of each. Every line is answered, whatever it holds: what cannot be judged is NON_COMPLIANT,
and what cannot be planned is left as it is, with the reason under `invalid`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from .. import Action, Invalid, Plan, judge, plan
from ..access.verdict import Verdict
from .batch_lines import FIELDS, Asked, Faulty, Lines


def answers(lines: Iterable[bytes], today: date) -> Iterator[str]:
    """Yield the answer of `judge` to each of `lines`, texts without a line break, as soon as the line is there."""
    reader = Lines(today)
    for line in lines:
        asked = reader.read(line)
        yield json.dumps({"id": asked.identity, **_verdict(asked).to_json()})


def plans(lines: Iterable[bytes], today: date) -> Iterator[str]:
    """Yield the answer of `plan` to each of `lines`, likewise."""
    reader = Lines(today, FIELDS | {"strategy"})
    for line in lines:
        asked = reader.read(line)
        yield json.dumps({"id": asked.identity, **_plan(asked).to_json()})


def _verdict(asked: Asked | Faulty) -> Verdict:
    if isinstance(asked, Faulty):
        return Verdict(
            external=False,
            public=False,
            service=False,
            access=(),
            undecided=(),
            invalid=asked.faults,
            notes=(),
            explain=tuple,
        )
    verdict = judge(asked.policy, asked.repository, asked.trust, asked.origin)
    return replace(verdict, invalid=(*asked.distrust, *verdict.invalid)) if asked.distrust else verdict


def _plan(asked: Asked | Faulty) -> Plan:
    faults: tuple[Invalid, ...] = asked.faults if isinstance(asked, Faulty) else asked.distrust
    if faults or isinstance(asked, Faulty):
        # Whom a faulty register means to trust is not known: nothing may be taken from anybody by it.
        return Plan(Action.NONE, None, (), faults, f"the line cannot be read: {faults[0].at}: {faults[0].reason}")
    return plan(asked.policy, asked.repository, asked.trust, str(asked.line.get("strategy", "narrow")), asked.origin)
