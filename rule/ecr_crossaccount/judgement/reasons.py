"""The sentences of a verdict: who can do what, through which statement, and why nothing stops it.

The Denies of a policy may not stop a request that is allowed, and the sentence says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard, assert_never

from ..documents.conditions import Base, Condition, Value, Word, Year
from ..documents.document import Document, Effect, Principals, Statement
from ..documents.pattern import Hole, Holed, Pattern
from ..documents.problems import first_of, quote
from .conditions.operators import Clause, Truth, answer, for_request
from .context.keys import NAMES, documented_name, is_multivalued, is_of_principal, is_of_repository, row
from .context.request import RequestKind, ServiceRequest, Shows, Tagging
from .search.candidates import is_seen
from .search.constraints import Doubt, Found
from .search.denies import Deny
from .values.actions import ActionSets
from .values.trust import Trust
from .values.trust_entries import Entry, Subject
from .values.verdict import Grant, Kind, SettledBy, Settles, Undecided, Verdict

_SHOWN = 2
_OF_PRINCIPALS = "does not count, because its `AWS`: `*` may not mean services"


def name_of(statement: Statement) -> str:
    """Return the name of a statement for a sentence: its Sid, else its number, counted from 0.

    If it is not from the repository's own policy, the document follows.
    """
    name = f"statement {quote(statement.sid)}" if statement.sid else f"statement {statement.number}"
    return f"{name}{_OF[statement.document]}"


_OF = {
    Document.REPOSITORY: "",
    Document.REGISTRY: " of the registry policy",
    Document.RESOURCE_CONTROL: " of a resource control policy",
}


def gaps(denies: Iterable[Deny], found: Found) -> str:
    """Return why the Denies that restrict callers do not apply to any account or to a service.

    Empty if there are none.
    """
    about = [
        deny
        for deny in denies
        if (not deny.clauses or not all(is_of_repository(clause.key) for clause in deny.clauses))
        and _restricts(deny.statement.principals, found)
    ]
    told = [f"{name_of(deny.statement)} (Deny) {_reason(deny, found)}" for deny in about[:_SHOWN]]
    return first_of([*told, *(name_of(deny.statement) for deny in about[_SHOWN:])], _SHOWN)


def _restricts(principals: Principals, found: Found) -> bool:
    """Return whether a Deny for these principals is about the caller."""
    return principals.admits_anyone or found.tried[0] in principals.services


def _reason(deny: Deny, found: Found) -> str:
    principals = deny.statement.principals
    listed = found.tried[0] in principals.services
    if principals.negated and (listed or principals.is_wild):
        return "does not apply to the principals that its NotPrincipal names"
    if found.kind is Kind.SERVICE and not (principals.negated or principals.everyone or listed):
        return _OF_PRINCIPALS
    return _unmet(deny.clauses, found)


def _unmet(clauses: Sequence[Clause], found: Found) -> str:
    context = {key.lower(): found.witness.values(key) for key in found.witness.context}
    known = (
        clause for clause in clauses if clause.key in NAMES or clause.key in context or is_of_principal(clause.key)
    )
    unmet = [clause for clause in known if _answer(clause, context) is Truth.NO]
    if unmet:
        return f"does not apply, because {_conditions(unmet)} not met"
    return f"does not count, because whether {_conditions(clauses)} met cannot be decided"


def _answer(one: Clause, context: Mapping[str, tuple[str, ...]]) -> Truth:
    def lookup(key: str) -> str | None:
        values = context.get(key)
        return values[0] if values else None

    return answer(for_request(one, lookup), context.get(one.key), many=is_multivalued(one.key))


def _conditions(clauses: Iterable[Clause]) -> str:
    keys = list(dict.fromkeys(documented_name(clause.condition.key) for clause in clauses))
    return f"its condition on {keys[0]} is" if len(keys) == 1 else f"its conditions on {first_of(keys, _SHOWN)} are"


_PULL = frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})
_CACHE = "ecr:BatchImportUpstreamImage"
_VERBS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"ecr:SetRepositoryPolicy"}), "take over the repository"),
    (frozenset({"ecr:DeleteRepository"}), "delete the repository"),
    (frozenset({"ecr:PutImage"}), "push"),
    (frozenset({"ecr:BatchDeleteImage"}), "delete images"),
    (_PULL, "pull"),
)
_TELLING = (
    "ecr:PutImage",
    "ecr:BatchDeleteImage",
    "ecr:SetRepositoryPolicy",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)


def telling_action(names: Sequence[str]) -> str:
    """Return the action of a set that a person understands best, for a witness."""
    return next((name for name in _TELLING if name in names), names[-1])


_TELLING_BITS = [(ActionSets().bit_of(name), name) for name in _TELLING]


def telling_of(sets: ActionSets, mask: int) -> str:
    """Return the same as `telling_action` for a set of actions, given as its bits."""
    for bit, name in _TELLING_BITS:
        if mask & bit:
            return name
    return sets.names(mask)[-1]


def obscurity(action: str) -> int:
    """Return how hard an action is to understand. All actions that explain little have the same value."""
    return _TELLING.index(action) if action in _TELLING else len(_TELLING)


def abilities(names: Iterable[str]) -> str:
    """Return a text that says what a caller can do with a set of actions."""
    held = frozenset(names)
    verbs = [verb for needed, verb in _VERBS if needed & held]
    if _CACHE in held and "ecr:PutImage" not in held:
        verbs.append("fill a pull-through cache")
    if not verbs:
        return f"call {first_of(sorted(name.removeprefix('ecr:') for name in held), 3)}"
    return verbs[0] if len(verbs) == 1 else f"{', '.join(verbs[:-1])} and {verbs[-1]}"


def _subject(found: Found, own: str | None) -> str:
    match found.kind:
        case Kind.ANY:
            return found.grantee
        case Kind.ACCOUNT:
            return f"account {found.grantee}"
        case Kind.ORGANIZATION if found.grantee.startswith("an "):
            return f"any account of {found.grantee}"
        case Kind.ORGANIZATION:
            return f"any account of {'your ' if found.grantee == own else ''}organization {found.grantee}"
        case Kind.SERVICE:
            service, _, whom = found.grantee.rpartition(" for ")
            return f"{service}, acting for {_whom(whom)},"
        case _:
            assert_never(found.kind)


def _whom(source: str) -> str:
    """Return the account or organization that a service acts for, in words."""
    if source.startswith("an"):
        return source
    return f"organization {source}" if source.startswith("o-") else f"account {source}"


def _allows(statement: Statement) -> str:
    shown = first_of([str(text) for text in statement.actions.patterns], 3)
    what = shown if not statement.actions.negated else f"everything but {shown}" if shown else "everything"
    return f"{name_of(statement)} allows {what} to {_principals(statement)}"


def _principals(statement: Statement) -> str:
    principals = statement.principals
    if principals.negated:
        return "everyone that NotPrincipal does not name"
    if principals.is_wild:
        return "`*`"
    listed = [entry.source for entry in principals.named] + list(principals.services)
    return first_of(listed, 2)


def _keys(conditions: Iterable[Condition]) -> str:
    """Return the keys of conditions as AWS writes them, each once."""
    return ", ".join(dict.fromkeys([documented_name(condition.key) for condition in conditions]))


def _why(statement: Statement, found: Found, gap: str) -> str:
    conditions = statement.conditions
    if found.kind is Kind.SERVICE:
        if not conditions:
            return gap or "no condition says which account the service may act for"
        return f"its conditions on {_keys(conditions)} do not confine the source to you"
    if not conditions:
        return (gap or "nothing confines the caller") if found.kind is Kind.ANY else "trust does not cover it"
    keys = _keys(conditions)
    if found.public:
        return f"its conditions on {keys} can be met from any account{gap and f'; {gap}'}"
    if found.kind is Kind.ANY:
        return f"its conditions on {keys} confine the network and not the account"
    return f"its conditions on {keys} allow it, and trust does not cover it"


def grant(  # noqa: PLR0913 - what a sentence is about
    statement: Statement,
    found: Found,
    names: Sequence[str],
    trust: Trust,
    denies: Iterable[Deny],
    *,
    organization: str | None,
) -> str:
    """Return a sentence: who gets what through which statement, and why nothing stops it.

    `denies` are the Denies of the same actions, and `organization` is that of the owner account.
    """
    why = _why(statement, found, gaps(denies, found))
    who = _subject(found, organization)
    sentence = f"{who} can {abilities(names)}: {_allows(statement)}, and {why}{_membership(found, trust)}"
    expired = _expired_entry(found, trust)
    return f"{sentence}; its approval expired on {expired.expires}" if expired else sentence


def _membership(found: Found, trust: Trust) -> str:
    """Return a text if an account is a known member of an organization. Membership alone does not make it trusted."""
    members = trust.members
    if members is None or found.kind is not Kind.ACCOUNT or found.grantee not in members.paths:
        return ""
    return f"; it is a member of the organization {members.organization}"


def _expired_entry(found: Found, trust: Trust) -> Entry | None:
    past = [one for one in trust.entries if one.expires is not None and not one.roles and trust.is_expired(one)]
    if not past:
        return None
    words = found.grantee.split(" for ")
    return next((entry for entry in past if entry.subject in _SUBJECTS[found.kind] and entry.name in words), None)


_SUBJECTS: dict[Kind, tuple[Subject, ...]] = {
    Kind.ACCOUNT: (Subject.ACCOUNT,),
    Kind.ORGANIZATION: (Subject.ORGANIZATION,),
    Kind.SERVICE: (Subject.SERVICE, Subject.ACCOUNT),
    Kind.ANY: (),
}


def stale(statement: Statement, unique_id: str) -> str:
    """Return the note about a deleted principal."""
    return f"stale principal: {name_of(statement)} names {quote(unique_id)}, which was deleted and grants nothing"


def remarks(statement: Statement) -> Iterator[str]:
    """Yield the note about each value of a condition that its author cannot mean."""
    for condition in statement.conditions:
        for value in condition.values:
            found = _remark(condition, value)
            if found:
                text, why = found
                key = documented_name(condition.key)
                yield f"{name_of(statement)} compares {key} with {quote(text)}, which is {why}"


_IDS = {Shows.ACCOUNT: re.compile("[0-9]{12}"), Shows.ORGANIZATION: re.compile("o-[a-z0-9]{10,32}")}
_UNITS = ("ou-", "r-")


def _remark(condition: Condition, value: Value) -> tuple[str, str] | None:
    """Return a text, and what is wrong with it."""
    if isinstance(value, Word):
        operator = condition.operator.base.value
        return value.text, f"neither `true` nor `false`: what {operator} does with it is not documented"
    about = row(condition.name)
    if about is None or about.shows not in _IDS or not isinstance(value, Pattern):
        return None
    text = value.source
    compared = text.lower() if condition.operator.base is Base.STRING_EQUALS_IGNORE_CASE else text
    if value.parts != (text,) or _IDS[about.shows].fullmatch(compared):
        return None
    hint = "; to name a unit, use a key for paths, such as aws:PrincipalOrgPaths" if text.startswith(_UNITS) else ""
    return text, f"not {about.shows.value}: no request has it{hint}"


def resource(statement: Statement, *, certain: bool) -> str:
    """Return the note about a Resource in a policy that ECR has stored."""
    found = f"{name_of(statement)} has a Resource, which a repository policy does not need"
    if statement.effect is Effect.DENY and not certain:
        return f"{found}: it may not name this repository, so the Deny does not count; remove the Resource"
    return f"{found}: it is ignored; remove it"


def regional(vpc: str) -> str:
    """Return the note about what an approval of a VPC does not cover."""
    return (
        f"{quote(vpc)} is trusted: VPC ids are unique only within a Region, "
        "so its condition should also name the Region"
    )


NO_ORGANIZATION = (
    "`self` in the trust register trusts nobody here: the organization of the owner account is unknown "
    "(--organization, or `organization` in the settings, names it)"
)
"""The note if an entry has no effect because the owner's organization is unknown or there is none."""


NO_MEMBERS = (
    "`members: true` in the trust register covers nobody here: no list of the accounts of that organization is known"
)
"""The note if a reported account may be a member of a trusted organization."""


def budget(statement: Statement) -> str:
    """Return the reason that the work budget is not enough."""
    return f"{name_of(statement)} is too complex to decide within the work budget"


def elsewhere(partition: str, there: Verdict) -> Iterator[Undecided]:
    """Yield the first grant, or undecided statement, of the verdict for a repository in another partition."""
    found: list[Grant | Undecided] = [*there.grants, *there.undecided]
    for one in found[:1]:
        reason = f"the Region of the repository is not known, and in the partition `{partition}`: {one.reason}"
        yield Undecided(one.statement, reason, one.document, settled_by=Settles.REGION)


def unknown_of(statement: Statement) -> list[str]:
    """Return the unknown values in a statement, as its author wrote them."""
    found = _unknown(statement)
    return list(dict.fromkeys(one.source if isinstance(one, Pattern) else str(one) for one in found))


def holes_of(statements: Iterable[Statement]) -> tuple[Hole, ...]:
    """Return the holes in some statements."""
    return tuple(
        dict.fromkeys(hole for statement in statements for value in _unknown(statement) for hole in value.holes)
    )


def _unknown(statement: Statement) -> list[Holed | Pattern]:
    principals = statement.principals
    values = [value for condition in statement.conditions for value in condition.values]
    found: list[Holed | Pattern] = [*statement.holes, *principals.unknown, *principals.unknown_services]
    found += [text for text in statement.actions.patterns if isinstance(text, Holed)]
    found += [value for value in values if isinstance(value, Holed)]
    found += [value for value in values if isinstance(value, Pattern) and value.holes]
    return found


def _may_be_no_service(request: RequestKind, statement: Statement) -> TypeGuard[ServiceRequest]:
    """Tell whether a request is that of a service which may not exist: the search made up, or read, its name."""
    if not isinstance(request, ServiceRequest) or request.service in statement.principals.services:
        return False
    return not is_seen(request.service)


_MEANING = {Word: "expected `true` or `false`", Year: "a year, or seconds since 1970"}


def settling(statement: Statement, found: Doubt, denies: Iterable[Statement]) -> SettledBy:
    """Return what settles the doubt that `doubt` says."""
    holes = holes_of([statement]) or holes_of(denies)
    if not holes and any(clause.condition.name.startswith(_TAG) for clause in found.clauses):
        return Settles.TAGS
    return holes or None


_TAG = "aws:resourcetag/"


def doubt(statement: Statement, found: Doubt, denies: Iterable[Statement]) -> str:
    """Return a text that says what it depends on whether an Allow gives access."""
    who = "an AWS service" if isinstance(found.request, ServiceRequest) else "someone outside"
    tagging = found.request.tagging
    allows = f"gives {who} access" if tagging is Tagging.NONE else f"lets {who} call {tagging.value}"
    holes = unknown_of(statement) or [*dict.fromkeys(hole for deny in denies for hole in unknown_of(deny))]
    if holes:
        return f"whether {name_of(statement)} {allows} depends on unknown values: {first_of(holes, 3)}"
    values = [value for clause in found.clauses for value in clause.condition.values]
    unread = [f"{quote(value.text)}: {_MEANING[type(value)]}" for value in values if isinstance(value, (Word, Year))]
    if unread:
        return f"whether {name_of(statement)} {allows} depends on {unread[0]}"
    if statement.principals.ids and not isinstance(found.request, ServiceRequest):
        shown = ", ".join(quote(identifier.id) for identifier in statement.principals.ids[:2])
        return f"{name_of(statement)} names {shown}: the account of that principal cannot be determined"
    keys = _keys(clause.condition for clause in found.clauses)
    if not keys and _may_be_no_service(found.request, statement):
        service = quote(found.request.service)
        return f"whether {name_of(statement)} {allows} depends on {service}, which may be the name of a service"
    if not keys:
        return f"whether {name_of(statement)} {allows} depends on a Deny that cannot be decided"
    return (
        f"whether {name_of(statement)} {allows} depends on {keys}, "
        "whose value in a request from outside cannot be determined"
    )
