"""Access that a change does not open: a statement of the previous policy already gave it, to all of its principals."""

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
    """Return whether a result was already there before the change. `before` is None if that is unknown."""
    if before is None or not _is_comparable(result, before):
        return False
    if result.finding.found.kind in EXCHANGES:
        return _is_same_exchange(result, before)
    new, old = parse(result.finding.found.policy), parse(before.found.policy)
    if result.grant is None:
        # An undecided or invalid policy is only equal to itself.
        return new == old
    if not denies_of(old) <= denies_of(new):
        return False
    return any(_covers(grant, result.grant, old, new) for grant in before.verdict.grants)


def _is_comparable(result: Result, before: Finding) -> bool:
    new, old = result.finding.found, before.found
    if new.otherwise or old.otherwise:
        return False  # a statement's number applies to only one of several forms
    if new.names != old.names:
        return False  # a different resource replaces it, and nothing was open there
    # The same reference may now have a different value.
    return not any(any(holes_in(one)) for one in _matters(new.policy, result))


def _matters(policy: object, result: Result) -> Iterator[object]:
    """Yield the parts of a policy that decide about a result.

    For a grant, its statement and all except other Allows.
    """
    if result.grant is None or result.finding.found.kind in EXCHANGES:
        yield policy
        return
    for number, one in enumerate(statements_in(policy)):
        if number == result.grant.statement or not (isinstance(one, dict) and one.get("Effect") == "Allow"):
            yield one


def _is_same_exchange(result: Result, before: Finding) -> bool:
    """Return whether the same rule was there. A rule itself names its registry and its repositories."""
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
    """Return whether everyone that a statement names was named before."""
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
