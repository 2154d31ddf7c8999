"""What random changes of policies, their contexts and their forms open, as a figure.

`python -m tests.properties.differing 4000` compares that many pairs of states, and says whether a second, independent
program agrees. `python -m tests.properties.differing forms 1500` judges that many policies that have several forms.
The examples are always the same. A word after the number selects others.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from ecr_crossaccount.questions.change.answer import Opened
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.states import State
from ecr_crossaccount.questions.change.together import verdict_of_forms
from hypothesis import strategies as st

from tests.profiles import sample
from tests.properties.agreement import is_agreed_upon, refused
from tests.properties.opening import as_in, changes, is_open, lost_actions, several_forms, state_of
from tests.properties.oracle import Request
from tests.properties.outsiders import outside_requests
from tests.strategies import Situation

Case = tuple[Situation, Situation, list[Request]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw the situations before and after a change, and requests from outside that are aimed at both."""
    before, after = draw(changes())
    requests = [draw(outside_requests(one)) for one in (before, after) for _ in range(3)]
    return before, after, requests


def wrong(case: Case, counts: Counter[str]) -> list[str]:
    """Compare a pair in both directions, count the result, and return the disagreements of the second program."""
    before, after, requests = case
    states = state_of(before), state_of(after)
    sides = ((opened_access(*states), before, after), (opened_access(states[1], states[0]), after, before))
    if any(not _is_accepted(found) for found, _, _ in sides):
        counts["not accepted by IAM"] += 1
        return []
    counts["compared"] += 1
    counts["opened"] += bool(sides[0][0].changes)
    counts["closed"] += bool(sides[1][0].changes)
    counts["undecided alone"] += not any(found.changes for found, _, _ in sides) and any(
        found.undecided for found, _, _ in sides
    )
    counts["nothing"] += all(found.is_nothing for found, _, _ in sides)
    are_agreed = is_agreed_upon(before) and is_agreed_upon(after)
    faults = [fault for found, then, now in sides if are_agreed for fault in _old(found, then, now, counts)]
    for request in requests:
        counts["requests"] += 1
        for found, then, now in sides:
            if found.is_nothing and is_open(now, request) is True and is_open(then, request) is False:
                faults.append(f"not told: {request}")
    return [f"{fault}\n{before}\n{after}" for fault in faults]


def _is_accepted(found: Opened) -> bool:
    return not found.invalid and not any("IAM would not accept" in one.reason for one in found.undecided)


def _old(found: Opened, before: Situation, after: Situation, counts: Counter[str]) -> list[str]:
    """Return the witnesses that the second program does not allow after a change, or allows before it."""
    faults = []
    for change in found.changes:
        counts["witnesses"] += 1
        counts["witnesses that only trust had covered"] += change.by_trust
        witness = change.grant.witness
        request = Request(witness.principal, witness.action, witness.context)
        is_new = change.by_trust or refused(before, as_in(request, before))
        if is_open(after, request) is not True or not is_new:
            faults.append(f"no witness: {request}")
    return faults


def lost(state: State, counts: Counter[str]) -> list[str]:
    """Judge a policy with several forms, count the result, and return the actions of a form that are not reported."""
    whole = verdict_of_forms(state)
    counts[f"with {len(state.forms)} forms"] += 1
    counts["grants"] += len(whole.grants)
    counts["undecided results with a grant"] += sum(one.grant is not None for one in whole.undecided)
    counts["grants of one form"] += sum(len(state.verdict(form).grants) for form in state.forms)
    return [f"lost: {one}\n{state}" for one in lost_actions(state)]


def main(count: int, seed: str = "", *, forms: bool = False) -> int:
    """Print the results for that many examples, and return the exit status."""
    counts: Counter[str] = Counter()
    if forms:
        faults = [fault for state in sample(several_forms(), count, seed=seed) for fault in lost(state, counts)]
    else:
        faults = [fault for case in sample(cases(), count, seed=seed) for fault in wrong(case, counts)]
    return told(counts, faults)


def told(counts: Mapping[str, int], faults: Sequence[str]) -> int:
    """Print numbers and the first faults, and return the exit status."""
    for name, times in counts.items():
        print(f"{times:6}  {name}")
    print(f"{len(faults):6}  wrong")
    for fault in faults[:5]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    of_forms, arguments = sys.argv[1] == "forms", [one for one in sys.argv[1:] if one != "forms"]
    sys.exit(main(int(arguments[0]), *arguments[1:], forms=of_forms))
