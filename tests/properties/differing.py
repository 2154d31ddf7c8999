"""The differences of pairs of random policies, and whether a second, independent program agrees, as a figure.

`python -m tests.properties.differing 4000` compares that many, always the same ones. A word after the number selects
others.
"""

from __future__ import annotations

import sys
from collections import Counter

from hypothesis import strategies as st

from tests.profiles import sample
from tests.properties.agreement import allowed, difference_of, is_agreed_upon, refused
from tests.properties.mutations import pairs
from tests.properties.oracle import Request
from tests.properties.outsiders import outside_requests
from tests.strategies import Situation

Case = tuple[Situation, Situation, list[Request]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a policy before and after a change, and requests from outside that are aimed at both."""
    before, after = draw(pairs())
    requests = [draw(outside_requests(one)) for one in (before, after) for _ in range(3)]
    return before, after, requests


def wrong(case: Case, counts: Counter[str]) -> list[str]:
    """Compare a pair, count the result, and return the disagreements of the second program."""
    before, after, requests = case
    found = difference_of(before, after)
    if any(found.invalid):
        counts["not accepted by IAM"] += 1
        return []
    counts["compared"] += 1
    counts["opened"] += bool(found.opened.changes)
    counts["closed"] += bool(found.closed.changes)
    counts["undecided alone"] += bool(
        not found.opened.changes and not found.closed.changes and (found.opened.undecided or found.closed.undecided)
    )
    counts["nothing"] += found.is_none
    faults = []
    if is_agreed_upon(before) and is_agreed_upon(after):
        for changes, giver, other in ((found.opened.changes, after, before), (found.closed.changes, before, after)):
            for change in changes:
                counts["witnesses"] += 1
                witness = change.grant.witness
                request = Request(witness.principal, witness.action, witness.context)
                if allowed(giver, request) is not True or not refused(other, request):
                    faults.append(f"no witness: {request}")
    for request in requests:
        counts["requests"] += 1
        was, now = allowed(before, request), allowed(after, request)
        if now is True and was is not True and not (found.opened.changes or found.opened.undecided):
            faults.append(f"not told: {request}")
        if was is True and now is not True and not (found.closed.changes or found.closed.undecided):
            faults.append(f"not told: {request}")
    return [f"{fault}\n{before.policy}\n{after.policy}" for fault in faults]


def main(count: int, seed: str = "") -> int:
    """Print the results for that many pairs, and return the exit status."""
    counts: Counter[str] = Counter()
    faults = [fault for case in sample(cases(), count, seed=seed) for fault in wrong(case, counts)]
    for name, times in counts.items():
        print(f"{times:6}  {name}")
    print(f"{len(faults):6}  wrong")
    for fault in faults[:5]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
