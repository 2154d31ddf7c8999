"""The sentences of a verdict: who can do what, by which statement, and why nothing stops it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..policy.document import Statement
from ..policy.pattern import Pattern
from ..policy.problems import quoted
from .clause import Clause
from .findings import Doubt, Found
from .scene import Deputy
from .trust import Entry, Subject, Trust
from .verdict import Kind


def name_of(statement: Statement) -> str:
    """How a statement is called in a sentence: by its Sid, else by its number, from 0 on."""
    return f"statement {quoted(statement.sid)}" if statement.sid else f"statement {statement.number}"


_PULL = frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})
_CACHE = "ecr:BatchImportUpstreamImage"
_VERBS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"ecr:SetRepositoryPolicy"}), "take the repository over"),
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
    """The action of a set that a person understands best, to show in a witness."""
    return next((name for name in _TELLING if name in names), names[-1])


def abilities(names: Iterable[str]) -> str:
    """Say what a set of actions is good for."""
    held = frozenset(names)
    verbs = [verb for needed, verb in _VERBS if needed & held]
    if _CACHE in held and "ecr:PutImage" not in held:
        verbs.append("fill a pull-through cache")
    if not verbs:
        shown = sorted(name.removeprefix("ecr:") for name in held)
        return f"call {', '.join(shown[:3])}" + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
    return verbs[0] if len(verbs) == 1 else f"{', '.join(verbs[:-1])} and {verbs[-1]}"


def _subject(found: Found) -> str:
    match found.kind:
        case Kind.ANY:
            return "any AWS account"
        case Kind.ACCOUNT:
            return f"account {found.grantee}"
        case Kind.ORGANIZATION if found.grantee.startswith("an "):
            return f"any account of {found.grantee}"
        case Kind.ORGANIZATION:
            return f"any account of organization {found.grantee}"
        case Kind.SERVICE:
            service, _, whom = found.grantee.rpartition(" for ")
            return f"{service}, acting for {whom if whom == 'any account' else f'account {whom}'},"


def _allows(statement: Statement) -> str:
    written = [str(text) for text in statement.actions.patterns]
    shown = ", ".join(written[:3]) + (f" and {len(written) - 3} more" if len(written) > 3 else "")
    what = f"everything but {shown}" if statement.actions.negated else shown
    return f"{name_of(statement)} allows {what} to {_principals(statement)}"


def _principals(statement: Statement) -> str:
    principals = statement.principals
    if principals.negated:
        return "everybody that NotPrincipal does not name"
    if principals.everyone or principals.any_aws:
        return "`*`"
    listed = [entry.source for entry in principals.named] + list(principals.services)
    return ", ".join(listed[:2]) + (f" and {len(listed) - 2} more" if len(listed) > 2 else "")


def _keys(clauses: Iterable[Clause]) -> str:
    return ", ".join(dict.fromkeys(one.condition.key for one in clauses))


def _why(statement: Statement, found: Found) -> str:
    conditions = statement.conditions
    if found.kind is Kind.SERVICE:
        if not conditions:
            return "nothing says for which account the service may act"
        return (
            f"its conditions on {', '.join(dict.fromkeys(c.key for c in conditions))} do not confine the source to you"
        )
    if not conditions:
        return "nothing confines the caller" if found.kind is Kind.ANY else "trust does not cover it"
    keys = ", ".join(dict.fromkeys(condition.key for condition in conditions))
    if found.kind is Kind.ANY:
        return f"its conditions on {keys} can be met from any account"
    return f"its conditions on {keys} let it in, and trust does not cover it"


def grant(statement: Statement, found: Found, names: Sequence[str], trust: Trust) -> str:
    """Say who gets what by which statement, and why nothing stops it."""
    sentence = f"{_subject(found)} can {abilities(names)}: {_allows(statement)}, and {_why(statement, found)}"
    expired = _expired(found, trust)
    return f"{sentence}; its approval expired on {expired.expires}" if expired else sentence


def _expired(found: Found, trust: Trust) -> Entry | None:
    subjects = {
        Kind.ACCOUNT: (Subject.ACCOUNT,),
        Kind.ORGANIZATION: (Subject.ORGANIZATION,),
        Kind.SERVICE: (Subject.SERVICE, Subject.ACCOUNT),
        Kind.ANY: (),
    }[found.kind]
    words = found.grantee.split(" for ")
    past = [entry for entry in trust.entries if trust.expired(entry)]
    return next((entry for entry in past if entry.subject in subjects and entry.name in words), None)


def stale(statement: Statement, unique_id: str) -> str:
    """Note a principal that was deleted."""
    return f"stale principal: {name_of(statement)} names {quoted(unique_id)}, which was deleted and grants nothing"


def regional(vpc: str) -> str:
    """Note what an approval of a VPC does not say."""
    return (
        f"{quoted(vpc)} is trusted: ids of VPCs are unique per region only, so its condition should name the Region too"
    )


def budget(statement: Statement) -> str:
    """Say that the work budget did not suffice."""
    return f"{name_of(statement)} is too intricate to be decided within the work budget"


def doubt(statement: Statement, found: Doubt) -> str:
    """Say on what it depends whether an Allow lets somebody in."""
    holes = [str(hole) for hole in statement.holes] + [str(text) for text in statement.principals.unknown]
    holes += [str(text) for text in statement.principals.unknown_services]
    holes += [
        value.source for c in statement.conditions for value in c.values if isinstance(value, Pattern) and value.holes
    ]
    who = "an AWS service" if isinstance(found.scene, Deputy) else "somebody outside"
    if holes:
        return f"whether {name_of(statement)} lets {who} in depends on what is not known yet: {', '.join(holes[:3])}"
    if statement.principals.ids and not isinstance(found.scene, Deputy):
        shown = ", ".join(quoted(one.id) for one in statement.principals.ids[:2])
        return f"{name_of(statement)} names {shown}: whose principal that is cannot be told"
    keys = _keys(found.clauses) or ", ".join(dict.fromkeys(c.key for c in statement.conditions))
    if not keys:
        return f"whether {name_of(statement)} lets {who} in depends on a Deny that cannot be decided"
    return f"whether {name_of(statement)} lets {who} in depends on {keys}, of which nobody can tell what a request from outside holds"
