"""A session of a role of the account that someone outside has, and the meanings of condition keys in its calls.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_operations
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...documents.conditions import Base, Quantifier
from ...judgement.conditions.clause import Clause
from ...judgement.conditions.operators import Mode
from ...judgement.context import call, keys
from ...judgement.context.domains import Assignment, Constraint, Strings, are_met
from ...judgement.context.request import ABSENT, Fixed, Meaning, PrincipalRequest, SetBy, Unsure
from ...judgement.context.shapes import LATER_TAG_VALUE, NAMES, PLAIN, TAG_VALUE, Reading
from ...judgement.context.typed_domains import Times
from ...judgement.patterns.automaton import Budget
from ...memo import by_identity
from .account import Role
from .calls import OWN_SOURCE, REQUEST_TAG, SESSION_NAME, SOURCE_IDENTITY, Form, rule_of

PRINCIPAL_TAG = "aws:principaltag/"
OWN_NAME = "the session's name"
"""The key of the session's own name. `sts:RoleSessionName` is the name that it gives a next session."""
_USERID = "aws:userid"


@by_identity
class Session:
    """A session of a role.

    `asked` are the requirements of the trust policy on what the caller chose: the session's name, tags and source
    identity. `provider` is the identity provider that started it, if any.
    """

    role: Role
    form: Form
    asked: tuple[Clause, ...] = ()
    provider: str | None = None


def asked_of_session(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """Return the requirements of a call that are also true of the session, on the session's own keys."""
    return tuple(_session_clauses(clauses))


def _session_clauses(clauses: Iterable[Clause]) -> Iterator[Clause]:
    for clause in clauses:
        if clause.variables:
            continue
        if clause.key == SESSION_NAME:
            yield replace(clause, key=OWN_NAME)
        elif clause.key == SOURCE_IDENTITY and _needs_value(clause):
            yield replace(clause, key=OWN_SOURCE)
        elif clause.key.startswith(REQUEST_TAG) and _needs_value(clause):
            yield replace(clause, key=PRINCIPAL_TAG + clause.key.removeprefix(REQUEST_TAG))


def _needs_value(one: Clause) -> bool:
    """Return whether a requirement cannot be met by an absent key."""
    operator = one.condition.operator
    absent_is_enough = operator.negated or operator.if_exists or operator.quantifier is Quantifier.ALL
    return not absent_is_enough and operator.base is not Base.NULL


@dataclass(frozen=True, slots=True)
class SessionTag:
    """A tag of a session: one that the caller passed, or else the role's own."""

    key: str
    own: str | None
    passed: Strings

    def assign(self, asked: Sequence[Constraint], mode: Mode, budget: Budget) -> Assignment | None:
        """Return the role's own value, or one that the caller can pass."""
        budget.spend(1)
        own = {self.key: None if self.own is None else (self.own,)}
        return own if are_met(asked, own) else self.passed.assign(asked, mode, budget)


_OF_COMPUTE = ("ec2:", "lambda:", "codebuild:", "glue:", "ssm:", "aws:ec2instance")
"""Keys of sessions that AWS's compute services start. A session that someone started with STS has none of them."""
_NEVER = ("aws:assumedroot", "aws:chatbotsourcearn")


def _arn(session: Session, _request: PrincipalRequest, _key: str) -> Meaning:
    return Fixed((session.role.arn,))


def _name(session: Session, _request: PrincipalRequest, _key: str) -> Meaning:
    """Return the domain of the session's name, and of the id that ends with it."""
    if not session.role.id:
        return Unsure(present=True, single=True)
    return Strings({_USERID: Reading(f"{session.role.id}:"), OWN_NAME: PLAIN}, (NAMES,), usual="session")


def _issue_time(_session: Session, _request: PrincipalRequest, key: str) -> Meaning:
    return Times(key, None, None)


def _provider(session: Session, _request: PrincipalRequest, _key: str) -> Meaning:
    return ABSENT if session.provider is None else Fixed((session.provider,))


_OWN: dict[str, Callable[[Session, PrincipalRequest, str], Meaning]] = {
    "aws:principalarn": _arn,
    _USERID: _name,
    OWN_NAME: _name,
    "aws:principalorgid": lambda _, request, key: call.owners_organization(request, key),
    "aws:principalorgpaths": lambda _, request, key: call.owners_paths(request, key),
    "aws:tokenissuetime": _issue_time,
    "aws:federatedprovider": _provider,
}
"""The session's own keys. The account and organization are those of the role."""


class SessionMeanings(dict[str, Meaning]):
    """The meanings of keys in one kind of request by a session.

    `form`: the form of the call if the session assumes a next role, or None for a call of Amazon ECR.
    """

    def __init__(self, session: Session, request: PrincipalRequest, form: Form | None = None) -> None:
        super().__init__()
        self._session = session
        self._request = request
        self._form = form

    def __missing__(self, key: str) -> Meaning:
        """Return the meaning of a key when it is first needed. Keys that depend on each other share one domain."""
        found = self._of_session(key) or self._of_call(key)
        if isinstance(found, Strings) and found.key != key and found.key in found.readings:
            found = self[found.key]
        return self.setdefault(key, found)

    def _of_call(self, key: str) -> Meaning:
        rule = rule_of(key) if self._form is not None else None
        if rule is None or self._form is None:
            found = keys.meaning(self._request, key)
        else:
            found = rule(self._form, self._request, key)
        shared = getattr(found, "key", key)
        return found if shared == key else self[shared]

    def _of_session(self, key: str) -> Meaning | None:
        """Return the meaning of a key about the session, or None for a key about the call."""
        if key.startswith(PRINCIPAL_TAG):
            return self._tag(key)
        if key in (OWN_SOURCE, SOURCE_IDENTITY):
            return self._source(key)
        rule = _OWN.get(key)
        return self._of_start(key) if rule is None else rule(self._session, self._request, key)

    def _tag(self, key: str) -> Meaning:
        tags = self._session.role.tags
        if tags is None:
            return Unsure(single=True)
        name = key.removeprefix(PRINCIPAL_TAG)
        values = [value for other, value in tags.items() if other.lower() == name]
        own = values[0] if values else None
        if self._session.form.tagged:
            return SessionTag(key, own, Strings({key: PLAIN}, (TAG_VALUE,), unsure=(LATER_TAG_VALUE,)))
        return Fixed(None if own is None else (own,))

    def _source(self, key: str) -> Meaning | None:
        """Return the source identity of a session, which stays in a chain of roles."""
        if self._session.form.sourced and (key == OWN_SOURCE or self._form is not None):
            return Strings({OWN_SOURCE: PLAIN, SOURCE_IDENTITY: PLAIN}, (NAMES,), usual="someone")
        return ABSENT if key == OWN_SOURCE else None

    def _of_start(self, key: str) -> Meaning | None:
        """Return the meaning of a key about how the session was started."""
        row = keys.row(key)
        if row is None or row.set_by is not SetBy.SESSION:
            return None
        if key.startswith(_OF_COMPUTE) or key in _NEVER:
            return ABSENT
        return Unsure(single=not row.many)
