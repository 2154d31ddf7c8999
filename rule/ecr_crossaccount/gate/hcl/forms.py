"""What a configuration makes for several values of its variables, put together: one policy for each resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...policy.parse import parse
from ..found import FoundPolicy, Harvest, Otherwise

_SWITCHED_ON = "not created unless a variable changes: its `count` or `for_each` leaves it out by default"
_PLACEHOLDER = "not valid by default, so judged as if a value were given: {}"

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Form:
    """What is made if `when` holds. `by_default`: whether it may hold if nobody gives a variable that has a default.

    `opened`: the variables that have other values than their defaults; `unsettled`: those that each policy depends on.
    """

    when: str
    found: Harvest
    unsettled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    by_default: bool = False


def in_all_forms(forms: Sequence[Form]) -> Harvest:
    """Return what is made in the first form, with what else it may be; what others alone make is told as well."""
    first, *others = forms
    policies = {key: _when(first.when, one) for key, one in _keyed(first.found).items()}
    for form in others:
        for key, one in _keyed(form.found).items():
            policies[key] = _also(policies[key], one, form) if key in policies else _only(one, form)
    return Harvest(
        tuple(policies.values()),
        errors=tuple(dict.fromkeys(error for form in forms for error in form.found.errors)),
        skipped=tuple(one for one in first.found.skipped if all(one in form.found.skipped for form in others)),
        followed=first.found.followed,
        suppressions=first.found.suppressions,
        declares=first.found.declares,
        unjudged=tuple(dict.fromkeys(one for form in forms for one in form.found.unjudged)),
    )


def undefaulted(found: Harvest, usual: Harvest, variants: Mapping[str, Harvest]) -> Harvest:
    """Return what is found, each policy with what it is where the default of a variable does not count, by its name."""
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
    """Return a policy with another one in the place of the usual; what it may be besides stays."""
    besides = found.otherwise[len(usual.otherwise) :]
    return replace(
        found, policy=other.policy, when=other.when, statements=other.statements, otherwise=(*other.otherwise, *besides)
    )


def _keyed(found: Harvest) -> dict[Key, FoundPolicy]:
    """Return policies by what they are of; several may have the same address, where keys are not known."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    keyed: dict[Key, FoundPolicy] = {}
    for one in found.policies:
        of = one.resource, one.kind.value
        keyed[*of, seen[of]] = one
        seen[of] += 1
    return keyed


def _only(found: FoundPolicy, form: Form) -> FoundPolicy:
    """Return a policy that the first form has not."""
    return found if form.by_default else replace(found, notes=(*found.notes, _SWITCHED_ON))


def _also(usual: FoundPolicy, other: FoundPolicy, form: Form) -> FoundPolicy:
    """Return a policy that is another one in a form. One that is not valid until a variable is given is that one."""
    if _is_alike(usual, other):
        return usual
    if form.opened and _is_invalid(usual) and not _is_invalid(other):
        return replace(other, names=usual.names, notes=(*other.notes, _PLACEHOLDER.format(form.when)))
    forms = _when(_words(form, usual.resource), other)
    others = [Otherwise(forms.when, forms.policy, forms.statements), *forms.otherwise]
    return replace(usual, otherwise=(*usual.otherwise, *(replace(one, by_default=form.by_default) for one in others)))


def _when(words: str, found: FoundPolicy) -> FoundPolicy:
    """Return a policy that is so, in each of its forms, only if something holds."""
    forms = tuple(replace(one, when=_both(words, one.when)) for one in found.otherwise)
    return replace(found, when=_both(words, found.when), otherwise=forms) if words else found


def _both(words: str, others: str) -> str:
    return " and ".join(filter(None, (words, others)))


def _words(form: Form, resource: str) -> str:
    names = sorted(form.opened & form.unsettled.get(resource, frozenset()))
    return " or ".join(f"`{name}`" for name in names) + " is not left at its default" if names else form.when


def _is_alike(one: FoundPolicy, other: FoundPolicy) -> bool:
    return [policy for _, policy in _forms(one)] == [policy for _, policy in _forms(other)]


def _forms(found: FoundPolicy) -> Iterator[tuple[str, object]]:
    yield found.when, found.policy
    yield from ((one.when, one.policy) for one in found.otherwise)


def _is_invalid(found: FoundPolicy) -> bool:
    return any(policy is not None and parse(policy).invalid for _, policy in _forms(found))
