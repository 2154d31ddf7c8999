"""What a change does not open: the policy before had given it already, by a statement that let in as many."""

from __future__ import annotations

from collections.abc import Iterator

from ..access.fences import denies_of
from ..access.verdict import Grant
from ..gate.findings import Finding
from ..gate.found import EXCHANGES
from ..gate.results import Result
from ..gate.values.holed import holes_in
from ..policy.document import Policy, Statement
from ..policy.parse import parse
from ..policy.principals import Principals
from ..policy.texts import statements_in


def is_known(result: Result, before: Finding | None) -> bool:
    """Tell whether something that is wrong was so before the change; `before` is None where nobody knows."""
    if before is None or not _is_comparable(result, before):
        return False
    if result.finding.found.kind in EXCHANGES:
        return _is_same_exchange(result, before)
    new, old = parse(result.finding.found.policy), parse(before.found.policy)
    if result.grant is None:
        # What is not understood is not compared, but with itself.
        return new == old
    if not denies_of(old) <= denies_of(new):
        return False
    return any(_covers(grant, result.grant, old, new) for grant in before.verdict.grants)


def _is_comparable(result: Result, before: Finding) -> bool:
    new, old = result.finding.found, before.found
    if new.otherwise or old.otherwise:
        return False  # of a policy with several forms, a statement's number says nothing about the others
    if new.names != old.names:
        return False  # another resource takes its place, and nobody got into that
    # The same reference may be to another value by now.
    return not any(any(holes_in(one)) for one in _matters(new.policy, result))


def _matters(policy: object, result: Result) -> Iterator[object]:
    """Yield what of a policy decides about a result: of a grant by one, its statement and all that is no Allow."""
    if result.grant is None or result.finding.found.kind in EXCHANGES:
        yield policy
        return
    for number, one in enumerate(statements_in(policy)):
        if number == result.grant.statement or not (isinstance(one, dict) and one.get("Effect") == "Allow"):
            yield one


def _is_same_exchange(result: Result, before: Finding) -> bool:
    """Tell whether the same rule was there: it says itself whom it is for, and for which repositories."""
    new, old = result.finding.found.policy, before.found.policy
    if new == old:
        return True
    rules, others = (one.get("Rules") if isinstance(one, dict) else None for one in (new, old))
    number = result.statement
    if number is None or not isinstance(rules, list) or not isinstance(others, list):
        return False
    return rules[number] in others


def _covers(known: Grant, other: Grant, old: Policy, new: Policy) -> bool:
    if (known.kind, known.grantee) != (other.kind, other.grantee) or known.public < other.public:
        return False
    one, two = _statement(old, known.statement), _statement(new, other.statement)
    if one is None or two is None or not set(other.actions) <= set(known.actions):
        return False
    alike = (one.conditions, one.empty_condition, one.holes, one.resources)
    return alike == (two.conditions, two.empty_condition, two.holes, two.resources) and _names_all(
        one.principals, two.principals
    )


def _statement(policy: Policy, number: int) -> Statement | None:
    return next((one for one in policy.statements if one.number == number), None)


def _names_all(old: Principals, new: Principals) -> bool:
    """Tell whether everybody whom a statement names was named before."""
    if old.negated or new.negated:
        return old == new
    if old.everyone:
        return True
    lists = (
        (new.named, old.named),
        (new.services, old.services),
        (new.ids, old.ids),
        (new.unknown, old.unknown),
        (new.unknown_services, old.unknown_services),
    )
    everybody = new.everyone or (new.any_aws and not old.any_aws)
    return not everybody and all(set(one) <= set(other) for one, other in lists)
