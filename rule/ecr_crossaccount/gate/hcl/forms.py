"""Merge what a configuration makes with several values of its variables into one policy for each resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...policy.holes import Hole
from ...policy.parse import parse
from ...policy.problems import first_of
from ..found import FoundPolicy, Harvest, Otherwise

_SWITCHED_ON = "not created unless a variable changes: its `count` or `for_each` leaves it out by default"
_PLACEHOLDER = "not valid by default, so judged as it is if {}"
_MOST_NAMED = 4

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """What is made if `when` holds. `by_default`: whether it may hold while each variable with a default has it.

    `of`: the variables that have unusual values. `unsettled`: the variables that each policy depends on, by its
    resource. `opened`: whether the variables in `of` may have any value.
    """

    when: str
    found: Harvest
    of: frozenset[str] = frozenset()
    unsettled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_default: bool = False
    opened: bool = False

    def words(self, resource: str) -> str:
        """Return the condition in words, as far as it matters to a resource."""
        names = sorted(self.of & self.unsettled.get(resource, frozenset()))
        return not_at_default(names) if self.opened and names else self.when


def not_at_default(names: Sequence[str]) -> str:
    """Return, in words, that variables have other values than their defaults."""
    return f"{first_of([f'`{name}`' for name in names], _MOST_NAMED)} is not left at its default"


def in_all_forms(forms: Sequence[Form]) -> Harvest:
    """Return the first form's harvest with the other forms of each policy, and policies that only other forms make."""
    first, *others = forms
    policies = {key: _when(first.when, one) for key, one in _keyed(first.found).items()}
    filled: set[Key] = set()
    for form in others:
        for key, one in _keyed(form.found).items():
            usual = policies.get(key)
            if usual is None:
                policies[key] = _only(one, form)
            elif form.opened and _is_invalid(usual) and not _is_invalid(one):
                filled.add(key)
                policies[key] = _filled_in(usual, one, form)
            elif not form.of.isdisjoint(form.unsettled.get(one.resource, frozenset())):
                policies[key] = _also(usual, _unknown(one) if key in filled else one, form)
    return Harvest(
        tuple(policies.values()),
        errors=tuple(dict.fromkeys(error for form in forms for error in form.found.errors)),
        skipped=tuple(one for one in first.found.skipped if all(one in form.found.skipped for form in others)),
        followed=first.found.followed,
        suppressions=first.found.suppressions,
        declares=first.found.declares,
        unjudged=tuple(dict.fromkeys(one for form in forms for one in form.found.unjudged)),
        scopes=tuple(dict.fromkeys(one for form in forms for one in form.found.scopes)),
    )


def undefaulted(found: Harvest, usual: Harvest, variants: Mapping[str, Harvest]) -> Harvest:
    """Return the harvest. Each policy gets its value without the default of a variable, by the variable's name."""
    known = _keyed(usual)
    others = {name: _keyed(variant) for name, variant in variants.items()}
    policies = [
        replace(
            one,
            undefaulted={
                name: _instead(one, known[key], other[key])
                for name, other in others.items()
                if key in known and key in other and not _is_alike(other[key], known[key])
            },
        )
        for key, one in _keyed(found).items()
    ]
    return replace(found, policies=tuple(policies))


def _instead(found: FoundPolicy, usual: FoundPolicy, other: FoundPolicy) -> FoundPolicy:
    """Return a policy with another one in place of its usual form. Its additional forms stay."""
    besides = found.otherwise[len(usual.otherwise) :]
    return replace(
        found, policy=other.policy, when=other.when, statements=other.statements, otherwise=(*other.otherwise, *besides)
    )


def _keyed(found: Harvest) -> dict[Key, FoundPolicy]:
    """Return policies by resource. Several may have the same address if keys are unknown."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    keyed: dict[Key, FoundPolicy] = {}
    for one in found.policies:
        of = one.resource, one.kind.value
        keyed[*of, seen[of]] = one
        seen[of] += 1
    return keyed


def _only(found: FoundPolicy, form: Form) -> FoundPolicy:
    """Return a policy that the first form does not have."""
    return found if form.by_default else replace(found, notes=(*found.notes, _SWITCHED_ON))


def _also(usual: FoundPolicy, other: FoundPolicy, form: Form) -> FoundPolicy:
    """Return a policy with its value in another form."""
    if _is_alike(usual, other):
        return usual
    forms = _when(form.words(usual.resource), other)
    others = [Otherwise(forms.when, forms.policy, forms.statements), *forms.otherwise]
    return replace(usual, otherwise=(*usual.otherwise, *(replace(one, by_default=form.by_default) for one in others)))


def _when(words: str, found: FoundPolicy) -> FoundPolicy:
    """Return a policy that applies, in each of its forms, only if a condition holds."""
    forms = tuple(replace(one, when=_both(words, one.when)) for one in found.otherwise)
    return replace(found, when=_both(words, found.when), otherwise=forms) if words else found


def _both(words: str, others: str) -> str:
    return " and ".join(filter(None, (words, others)))


def _filled_in(usual: FoundPolicy, other: FoundPolicy, form: Form) -> FoundPolicy:
    """Return the valid policy in place of one that is invalid until a variable is given."""
    note = _PLACEHOLDER.format(form.words(usual.resource))
    return replace(other, names=usual.names, notes=(*other.notes, note))


def _unknown(found: FoundPolicy) -> FoundPolicy:
    """Return a policy with any content in place of an invalid one."""
    return replace(found, policy=Hole("policy"), statements=(), otherwise=()) if _is_invalid(found) else found


def _is_alike(one: FoundPolicy, other: FoundPolicy) -> bool:
    return [policy for _, policy in _forms(one)] == [policy for _, policy in _forms(other)]


def _forms(found: FoundPolicy) -> Iterator[tuple[str, object]]:
    yield found.when, found.policy
    yield from ((one.when, one.policy) for one in found.otherwise)


def _is_invalid(found: FoundPolicy) -> bool:
    return any(policy is not None and parse(policy).invalid for _, policy in _forms(found))
