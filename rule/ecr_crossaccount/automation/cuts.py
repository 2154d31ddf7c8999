"""Whom a change of policy cuts off from what, so that their recent use can be looked for.

Trust does not matter here: someone may use what he is trusted with, and a plan that removes or deletes takes that too.
A plan leaves every Deny as it is; the policy of a backup may have others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from .. import Access, Grant, Kind, Origin, Repository, Trust, Verdict, judge
from ..access.actions import NAMES, ActionSets, access_of_names
from ..access.trust import Circle
from ..policy.document import NO_POLICY, Effect, Policy, Statement
from ..policy.parse import parse
from ..policy.principals import Form
from ..remedy.written import document_of, statements_of

_TELLTALES = {
    "ecr:GetDownloadUrlForLayer": "ecr:BatchGetImage",
    "ecr:BatchCheckLayerAvailability": "ecr:BatchGetImage",
    "ecr:InitiateLayerUpload": "ecr:PutImage",
    "ecr:UploadLayerPart": "ecr:PutImage",
    "ecr:CompleteLayerUpload": "ecr:PutImage",
}
"""Calls that go with one that tells of them: a pull begins with the manifest, a push ends with it. There are many more
of these, and at two requests a second the history of a busy registry could not be read with them."""
_ANY_SERVICE = "any AWS service"
_EQUALS, _ORGANIZATION = "StringEquals", "aws:principalorgid"
_ANYBODY = ("any", _ANY_SERVICE)

Actions = dict[str, set[str]]
"""Actions by grantee: an account's number, a service's name, `any`, `organization` or `any AWS service`."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """What a change of policy takes away.

    `cut`: what someone may have got by a statement that goes or changes. `kept`: what is allowed afterwards whatever
    the request, `conditional`: what is allowed to some requests. `ask`: the events to look for.
    """

    ask: tuple[str, ...]
    cut: Mapping[str, list[str]]
    kept: Mapping[str, list[str]]
    conditional: Mapping[str, list[str]]

    def to_json(self) -> dict[str, object]:
        """Return what `find_use` takes: grantees with the same actions together, so that many take little room."""
        parts = {"cut": self.cut, "kept": self.kept, "conditional": self.conditional}
        return {"ask": list(self.ask), **{name: _grouped(part) for name, part in parts.items()}}


def cuts(old: object, new: object, repository: Repository, organizations: frozenset[str]) -> Cuts:
    """Compare two policies of a repository; one is None where there is no policy.

    `organizations`: those that are trusted. Of an account it may be known that it is in one of them, and not in which:
    so a statement keeps something for `organization` only if it lets in all of them. The policy of a backup may name
    others.
    """
    before, after = (judge(policy, repository, Trust.nobody(), Origin.DEPLOYED) for policy in (old, new))
    then, now = (NO_POLICY if policy is None else parse(policy) for policy in (old, new))
    denies_no_more = _version(old) == _version(new) and all(one in _denials(then) for one in _denials(now))
    untouched = {json.dumps(one, sort_keys=True) for one in _written(new)} if denies_no_more else set()
    changed = {at for at, one in enumerate(_written(old)) if json.dumps(one, sort_keys=True) not in untouched}
    cut = _granted((grant for grant in before.grants if grant.statement in changed), range(len(_written(old))))
    unclear = _unclear(before, then, changed)
    for who in _ANYBODY if unclear else ():
        cut[who] = cut.get(who, set()) | unclear
    kept = _kept(now, after, cut) if denies_no_more else {}
    members = _confined(new, old, changed) & _letting_in(after, organizations) if denies_no_more else ()
    conditional = _granted(after.grants, members) | _services(now, cut)
    return Cuts(_asked(cut), _listed(cut), _listed(kept), _listed(conditional))


def keeping(found: Cuts, circles: Iterable[Circle]) -> Cuts:
    """Return cuts by a policy that is proven to keep all that trust covers.

    `circles`: those whom the register trusts, for each kind of access. Accounts keep it by their number, and members of
    every trusted organization by `organization`.
    """
    kept, conditional = ({who: set(names) for who, names in part.items()} for part in (found.kept, found.conditional))
    cut = {action for names in found.cut.values() for action in names}
    for access, circle in zip(Access, circles, strict=True):
        covered = {action for action in cut if access_of_names([action]) == (access,)}
        for account in circle.accounts:
            kept.setdefault(account, set()).update(covered)
        if circle.organizations:
            conditional.setdefault("organization", set()).update(covered)
    return replace(found, kept=_listed(kept), conditional=_listed(conditional))


def _unclear(verdict: Verdict, policy: Policy, changed: set[int]) -> set[str]:
    """Return the actions that someone may have got by a statement of which nobody can tell."""
    undecided = {one.statement for one in verdict.undecided} & {None, *changed}
    if verdict.invalid or None in undecided:
        return {f"ecr:{name}" for name in NAMES}
    statements = [s for s in policy.statements if s.number in undecided]
    return {action for s in statements for action in _allowed(s)}


def _allowed(statement: Statement) -> tuple[str, ...]:
    sets = ActionSets()
    return sets.names(sets.allowed(statement.actions)[1])


def _grouped(actions: Mapping[str, list[str]]) -> list[dict[str, list[str]]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for who, names in actions.items():
        groups[tuple(names)].append(who)
    return [{"who": who, "actions": list(names)} for names, who in groups.items()]


def _granted(grants: Iterable[Grant], organizations: Container[int]) -> Actions:
    """Return who got what; an organization goes by its name only in some statements, and is one of many in others."""
    found: Actions = defaultdict(set)
    for grant in grants:
        is_one_of_many = grant.kind is Kind.ORGANIZATION and grant.statement not in organizations
        found[Kind.ANY.value if is_one_of_many else _who(grant)].update(grant.actions)
    return dict(found)


def _confined(new: object, old: object, changed: set[int]) -> set[int]:
    """Return the statements that ask of a member of an organization no more than those did that change."""
    asked = [_besides_membership(one) for at, one in enumerate(_written(old)) if at in changed]
    more = ((at, _besides_membership(one)) for at, one in enumerate(_written(new)))
    return {at for at, one in more if not one or (asked and all(one == before for before in asked))}


def _letting_in(verdict: Verdict, organizations: frozenset[str]) -> set[int]:
    """Return the statements that let in every one of some organizations, if there are any."""
    named: dict[int, set[str]] = defaultdict(set)
    for grant in verdict.grants:
        if grant.kind is Kind.ORGANIZATION:
            named[grant.statement].add(grant.grantee)
    return {at for at, names in named.items() if organizations and organizations <= names}


def _besides_membership(statement: object) -> object:
    """Return the condition of a statement without the one on the organization."""
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    if not isinstance(condition, Mapping):
        return {}
    rest = {operator: keys for operator, keys in condition.items() if operator != _EQUALS}
    equals = condition.get(_EQUALS)
    keys = equals if isinstance(equals, Mapping) else {}
    others = {key: value for key, value in keys.items() if key.lower() != _ORGANIZATION}
    return {**rest, **({_EQUALS: others} if others else {})}


def _who(grant: Grant) -> str:
    match grant.kind:
        case Kind.SERVICE:
            return grant.grantee.partition(" for ")[0]
        case Kind.ACCOUNT:
            return grant.grantee
        case Kind.ANY | Kind.ORGANIZATION:
            return str(grant.kind.value)
        case _:
            assert_never(grant.kind)


def _kept(policy: Policy, verdict: Verdict, cut: Actions) -> Actions:
    """Return what accounts and services may do whatever the request: named as a whole, and without a condition."""
    plain = {s.number: s for s in policy.statements if s.effect is Effect.ALLOW and not (s.conditions or s.holes)}
    sure = (grant for grant in verdict.grants if _names(plain.get(grant.statement), _who(grant)))
    everything = {action for actions in cut.values() for action in actions}
    return {who: _whole(actions, everything) for who, actions in _granted(sure, ()).items()}


def _names(statement: Statement | None, who: str) -> bool:
    if statement is None or statement.empty_condition or statement.principals.negated:
        return False
    accounts = {entry.account for entry in statement.principals.named if entry.form is Form.ACCOUNT}
    return who in accounts or who in statement.principals.services


def _whole(actions: set[str], cut: set[str]) -> set[str]:
    """Leave out what is of no use any more: a manifest may still be read, but not the layers."""
    lost = {telltale for part, telltale in _TELLTALES.items() if part in cut and part not in actions}
    return actions - lost


def _services(policy: Policy, cut: Actions) -> Actions:
    """Return the services that are still let in: for the owner account, at least, they may go on."""
    principals = [s.principals for s in policy.statements if s.effect is Effect.ALLOW]
    named = {name for one in principals for name in one.services}
    if any(one.everyone or one.any_aws or one.negated for one in principals):
        named |= {who for who in cut if who == _ANY_SERVICE or "." in who}
    return {name: cut[name] for name in named if name in cut}


def _denials(policy: Policy) -> list[Statement]:
    return [s._replace(number=0) for s in policy.statements if s.effect is Effect.DENY]


def _asked(cut: Actions) -> tuple[str, ...]:
    actions = {action for who in cut.values() for action in who}
    telling = {action for action in actions if _TELLTALES.get(action) not in actions}
    return tuple(sorted(action.partition(":")[2] for action in telling))


def _listed(actions: Actions) -> dict[str, list[str]]:
    return {who: sorted(names) for who, names in sorted(actions.items()) if names}


def _version(policy: object) -> object:
    """Return the version of a policy's language, without which a variable is not one."""
    return (document_of(policy) or {}).get("Version", "2008-10-17")


def _written(policy: object) -> list[object]:
    """Return the statements as they stand, in the places that a verdict calls them by."""
    document = document_of(policy)
    return [] if document is None else statements_of(document)
