"""The access that a change of policy takes away, and from which principals, to look for their recent use.

Also the access that a registry policy leaves open to a repository, whatever the repository's own policy is.

Trust does not matter here: a principal may use trusted access, and a plan that removes or deletes takes it away too. A
plan leaves every Deny unchanged, but the policy of a backup may have others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from ...documents.document import NO_POLICY, Document, Effect, Form, Policy, Statement
from ...documents.parse import parse
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy
from ...judgement.judge import Repository, judge
from ...judgement.values.actions import NAMES, ActionSets, access_of_names
from ...judgement.values.trust import Trust, TrustLevel
from ...judgement.values.verdict import Access, Grant, Kind, Verdict
from ...memo import by_value
from ...questions.plan.outcome import document_of, statements_of

_TELLTALES = {
    "ecr:BatchCheckLayerAvailability": "ecr:PutImage",
    "ecr:InitiateLayerUpload": "ecr:PutImage",
    "ecr:UploadLayerPart": "ecr:PutImage",
    "ecr:CompleteLayerUpload": "ecr:PutImage",
}
"""Calls of a push, which ends with the call that shows the same use.

There are many more of these calls. At two requests a second, the history of a busy registry could not be read with
them. A pull has none: a client that knows the digests of layers downloads them without the manifest.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html
"""
_NEEDED = {**_TELLTALES, "ecr:GetDownloadUrlForLayer": "ecr:BatchGetImage"}
"""Each call makes the other one useful: a manifest needs its layers."""
_ANY_SERVICE = "any AWS service"
_EQUALS, _ORGANIZATION = "StringEquals", "aws:principalorgid"
_ANYBODY = ("any", _ANY_SERVICE)

Actions = dict[str, set[str]]
"""Actions by grantee: an account's number, a service's name, `any`, `organization` or `any AWS service`."""


@by_value
class Cuts:
    """The access that a change of policy takes away.

    - `cut`: what a principal may have had through a statement that is removed or changed.
    - `kept`: what is allowed afterwards for every request.
    - `conditional`: what is allowed afterwards for some requests.
    - `ask`: the events to look for.
    """

    ask: tuple[str, ...]
    cut: Mapping[str, list[str]]
    kept: Mapping[str, list[str]]
    conditional: Mapping[str, list[str]]

    def to_json(self) -> dict[str, object]:
        """Return the input of `find_use`.

        Grantees with the same actions share one item, so that many need little space.
        """
        parts = {"cut": self.cut, "kept": self.kept, "conditional": self.conditional}
        return {"ask": list(self.ask), **{name: _groups(part) for name, part in parts.items()}}


def cuts(old: object, new: object, repository: Repository, organizations: frozenset[str]) -> Cuts:
    """Compare two policies of a repository. A policy is None if there is none.

    `organizations` are the trusted ones. It may be known that an account is in one of them, but not in which one. So a
    statement keeps something for `organization` only if it allows all of them. The policy of a backup may name others.
    """
    before, after = (judge(policy, repository, Trust.nobody(), Origin.DEPLOYED) for policy in (old, new))
    then, now = (NO_POLICY if policy is None else parse(policy) for policy in (old, new))
    denies_no_more = _version(old) == _version(new) and all(denial in _denials(then) for denial in _denials(now))
    untouched = {json.dumps(statement, sort_keys=True) for statement in _statements(new)} if denies_no_more else set()
    changed = {at for at, one in enumerate(_statements(old)) if json.dumps(one, sort_keys=True) not in untouched}
    cut = _access_of((grant for grant in before.grants if grant.statement in changed), range(len(_statements(old))))
    unclear = _unclear(before, then, changed)
    for who in _ANYBODY if unclear else ():
        cut[who] = cut.get(who, set()) | unclear
    kept = _remainder(now, after, cut) if denies_no_more else {}
    members = _no_wider(new, old, changed) & _letting_in(after, organizations) if denies_no_more else ()
    conditional = _access_of(after.grants, members) | _services(now, cut)
    return Cuts(_questions(cut), _as_lists(cut), _as_lists(kept), _as_lists(conditional))


def keeping(found: Cuts, circles: Iterable[TrustLevel]) -> Cuts:
    """Return the cuts by a policy that is proven to keep everything that trust covers.

    `circles` are what the register trusts, for each kind of access. Accounts keep it by their number, and members of
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
    return replace(found, kept=_as_lists(kept), conditional=_as_lists(conditional))


def _unclear(verdict: Verdict, policy: Policy, changed: set[int]) -> set[str]:
    """Return the actions that a statement may have allowed, if it cannot be determined whether it did."""
    undecided = {one.statement for one in verdict.undecided} & {None, *changed}
    if verdict.invalid or None in undecided:
        return {f"ecr:{name}" for name in NAMES}
    sets, statements = ActionSets(), [s for s in policy.statements if s.number in undecided]
    return {action for s in statements for action in sets.names(sets.allowed_actions(s.actions)[1])}


def _groups(actions: Mapping[str, list[str]]) -> list[dict[str, list[str]]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for who, names in actions.items():
        groups[tuple(names)].append(who)
    return [{"who": who, "actions": list(names)} for names, who in groups.items()]


def _access_of(grants: Iterable[Grant], organizations: Container[int]) -> Actions:
    """Return the actions of each grantee.

    An organization counts by name only in the given statements, otherwise as `any`.
    """
    found: Actions = defaultdict(set)
    for grant in grants:
        is_one_of_many = grant.kind is Kind.ORGANIZATION and grant.statement not in organizations
        found[Kind.ANY.value if is_one_of_many else _who(grant)].update(grant.actions)
    return dict(found)


def _no_wider(new: object, old: object, changed: set[int]) -> set[int]:
    """Return the statements that require no more from a member of an organization than the changed statements did.

    A NotPrincipal leaves out members, so a statement with one is never among them.
    """
    asked = [_besides_membership(one) for at, one in enumerate(_statements(old)) if at in changed]
    statements = enumerate(_statements(new))
    for_all = ((at, one) for at, one in statements if not (isinstance(one, Mapping) and "NotPrincipal" in one))
    more = ((at, _besides_membership(one)) for at, one in for_all)
    return {at for at, one in more if not one or (asked and all(one == before for before in asked))}


def _letting_in(verdict: Verdict, organizations: frozenset[str]) -> set[int]:
    """Return the statements that allow all of the organizations, or none if there are no organizations."""
    named: dict[int, set[str]] = defaultdict(set)
    for grant in verdict.grants:
        if grant.kind is Kind.ORGANIZATION:
            named[grant.statement].add(grant.grantee)
    return {at for at, names in named.items() if organizations and organizations <= names}


def _besides_membership(statement: object) -> object:
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


def _remainder(policy: Policy, verdict: Verdict, cut: Actions) -> Actions:
    """Return what accounts and services may do in every request: named as a whole, and without a condition."""
    plain = {s.number: s for s in policy.statements if s.effect is Effect.ALLOW and not (s.conditions or s.holes)}
    sure = (grant for grant in verdict.grants if _names(plain.get(grant.statement), _who(grant)))
    everything = {action for actions in cut.values() for action in actions}
    return {who: _whole(actions, everything) for who, actions in _access_of(sure, ()).items()}


def _names(statement: Statement | None, who: str) -> bool:
    if statement is None or statement.empty_condition or statement.principals.negated:
        return False
    accounts = {entry.account for entry in statement.principals.named if entry.form is Form.ACCOUNT}
    return who in accounts or who in statement.principals.services


def _whole(actions: set[str], cut: set[str]) -> set[str]:
    """Leave out actions that are of no use alone."""
    lost = {whole for part, whole in _NEEDED.items() if part in cut and part not in actions}
    return actions - lost


def _services(policy: Policy, cut: Actions) -> Actions:
    """Return the services that still have access. They may continue at least for the owner account."""
    principals = [s.principals for s in policy.statements if s.effect is Effect.ALLOW]
    named = {name for principal in principals for name in principal.services}
    if any(principal.everyone or principal.any_aws or principal.negated for principal in principals):
        named |= {who for who in cut if who == _ANY_SERVICE or "." in who}
    return {name: cut[name] for name in named if name in cut}


def _denials(policy: Policy) -> list[Statement]:
    return [s._replace(number=0) for s in policy.statements if s.effect is Effect.DENY]


def _questions(cut: Actions) -> tuple[str, ...]:
    actions = {action for who in cut.values() for action in who}
    telling = {action for action in actions if _TELLTALES.get(action) not in actions}
    return tuple(sorted(action.partition(":")[2] for action in telling))


def _as_lists(actions: Actions) -> dict[str, list[str]]:
    return {who: sorted(names) for who, names in sorted(actions.items()) if names}


def _version(policy: object) -> object:
    """Return the version of a policy's language, which decides whether it has variables."""
    return (document_of(policy) or {}).get("Version", "2008-10-17")


def _statements(policy: object) -> list[object]:
    """Return the statements as written, in the order in which a verdict numbers them."""
    document = document_of(policy)
    return [] if document is None else statements_of(document)


@by_value
class Left:
    """Notes about the access that stays open, for a person. `is_open`: whether someone certainly has access."""

    notes: tuple[str, ...] = ()
    is_open: bool = False


def left_by_registry(
    policy: str | None, repository: Repository, trust: Trust, origin: Origin, registry: RegistryPolicy
) -> Left:
    """Return the access that the registry policy leaves open to a repository that has or will have its own policy."""
    verdict = judge(policy, repository, trust, origin, registry=registry)
    open_ = [grant.reason for grant in verdict.grants if grant.document is Document.REGISTRY]
    doubts = [undecided.reason for undecided in verdict.undecided if undecided.document is Document.REGISTRY]
    doubts += [
        f"{invalid.at}: {invalid.reason}"
        for invalid in verdict.invalid
        if invalid.at.startswith(Document.REGISTRY.prefix)
    ]
    notes = [f"the registry policy still grants access: {text}" for text in open_]
    notes += [f"what the registry policy grants cannot be decided: {doubt}" for doubt in doubts]
    if open_:
        notes.append("a change of the repository policy closes that only with a Deny: change the registry policy")
    return Left(tuple(notes), bool(open_))
