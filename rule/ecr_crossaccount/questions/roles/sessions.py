"""A session of a role that someone outside has, the calls that make one, and STS's own table of condition keys.

Under the table of Amazon ECR, all keys of `sts:` are absent, so a condition on an ExternalId could never be met. Here
they are what the caller sends. All other keys mean the same as in a call of Amazon ECR.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_operations
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from ...documents.conditions import Base, Quantifier
from ...documents.document import Actions
from ...documents.pattern import pattern
from ...judgement.conditions.operators import Clause, Mode
from ...judgement.context import call, keys
from ...judgement.context.caller import free
from ...judgement.context.domains import Assignment, Constraint, Strings, are_met
from ...judgement.context.keys import SharedMeanings
from ...judgement.context.request import ABSENT, Fixed, Meaning, PrincipalRequest, RequestKind, SetBy, Settled, Unsure
from ...judgement.context.shapes import LATER_TAG_VALUE, NAMES, PLAIN, REGION, TAG_VALUE, Reading
from ...judgement.context.typed_domains import TAG_KEYS, TAG_NAMES, Lists, RequestTags, Times
from ...judgement.patterns.automaton import Budget
from ...judgement.patterns.tokens import Names
from ...memo import by_identity, by_value
from .account import Role

ASSUME, WEB_IDENTITY, SAML, TAG, SOURCE = (1 << place for place in range(5))
"""The actions of STS that a trust policy allows, as bits."""
WRITTEN = {
    ASSUME: "sts:AssumeRole",
    WEB_IDENTITY: "sts:AssumeRoleWithWebIdentity",
    SAML: "sts:AssumeRoleWithSAML",
    TAG: "sts:TagSession",
    SOURCE: "sts:SetSourceIdentity",
}
_NAMES = Names(name.lower() for name in WRITTEN.values())
_EVERY = sum(WRITTEN)


@lru_cache(maxsize=1024)
def calls_of(actions: Actions) -> int:
    """Return the actions of STS that an element names."""
    found = 0
    for text in actions.patterns:
        found |= _NAMES.matching(pattern(str(text).lower(), wild=True, variables=False).parts)
    return _EVERY & ~found if actions.negated else found


class Form(NamedTuple):
    """One form of a call: whether it passes session tags, and whether it sets a source identity.

    A call with tags also needs `sts:TagSession`, and one with a source identity `sts:SetSourceIdentity`. Otherwise, the
    whole call fails.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    """

    tagged: bool = False
    sourced: bool = False

    @property
    def besides(self) -> tuple[int, ...]:
        """The actions that the call needs besides its own."""
        return (*([TAG] if self.tagged else ()), *self.without_tags)

    @property
    def without_tags(self) -> tuple[int, ...]:
        """The same, if tags need none."""
        return (SOURCE,) if self.sourced else ()


FORMS = tuple(Form(tagged, sourced) for tagged in (False, True) for sourced in (False, True))

ANY_FORMS = (Form(tagged=True), Form(tagged=True, sourced=True))
"""The forms of a call about which nothing is known. With tags, a session can have all that one without them has."""

SESSION_NAME, SOURCE_IDENTITY, OWN_SOURCE = "sts:rolesessionname", "sts:sourceidentity", "aws:sourceidentity"
TRANSITIVE, REQUEST_TAG = "sts:transitivetagkeys", "aws:requesttag/"
Rule = Callable[[Form, RequestKind, str], Meaning]


def _source_identity(form: Form, _request: RequestKind, key: str) -> Meaning:
    return Strings({key: PLAIN}, (NAMES,), usual="someone") if form.sourced else ABSENT


def _inherited_source(form: Form, _request: RequestKind, key: str) -> Meaning:
    """Return the source identity of the caller's own session.

    The caller must be allowed to pass it on, and sends no other.
    """
    return Strings({key: PLAIN}, (), optional=True, unsure=(NAMES,)) if form.sourced else ABSENT


def _tags(form: Form, _request: RequestKind, _key: str) -> Meaning:
    return RequestTags() if form.tagged else ABSENT


def _transitive(form: Form, _request: RequestKind, key: str) -> Meaning:
    """Return no names for certain. Others are perhaps possible: each must be the name of a tag in the same call.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    if not form.tagged:
        return Fixed(None, many=True)
    names = TAG_NAMES.elements
    return Lists(names._replace(readings={key: PLAIN}, shapes=(), unsure=(*names.shapes, *names.unsure)))


def _tag_of_role(form: Form, request: RequestKind, key: str) -> Meaning:
    """Return the role's tag, which a transitive tag of the call with that name replaces."""
    return Unsure(single=True) if form.tagged else call.resource_tag(request, key)


def _unknown(_form: Form, _request: RequestKind, _key: str) -> Meaning:
    return Unsure(single=True)


_ROWS: dict[str, Rule] = {
    # The caller sends it, so it confines nobody in the account that the policy trusts.
    "sts:externalid": lambda _form, request, key: free(request, key),
    SESSION_NAME: lambda _form, _request, key: Strings({key: PLAIN}, (NAMES,), usual="session"),
    SOURCE_IDENTITY: _source_identity,
    OWN_SOURCE: _inherited_source,
    TAG_KEYS: _tags,
    TRANSITIVE: _transitive,
    # The caller chooses an endpoint of STS.
    "aws:requestedregion": lambda _form, _request, key: Strings({key: PLAIN}, (REGION,), usual="us-east-1"),
}
_STARTS: dict[str, Rule] = {
    REQUEST_TAG: _tags,
    "aws:resourcetag/": _tag_of_role,
    "iam:resourcetag/": _tag_of_role,
    "sts:": _unknown,
    "iam:": _unknown,
    "ecr:": _unknown,
}


def rule_of(key: str) -> Rule | None:
    """Return STS's own rule for a key, or None if it means the same as in a call of Amazon ECR."""
    return _ROWS.get(key) or next((rule for start, rule in _STARTS.items() if key.startswith(start)), None)


class CallMeanings(SharedMeanings):
    """The meanings of keys in one form of the call, for callers outside the account."""

    __slots__ = ("_form", "_own")

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form
        self._own: dict[str, Meaning] = {}

    def meaning(self, request: RequestKind, key: str) -> Meaning:
        """Return the meaning of a key. Keys that depend on each other share one domain."""
        rule = rule_of(key)
        if rule is None:
            return super().meaning(request, key)
        found = self._own.get(key)
        if found is None:
            found = rule(self._form, request, key)
            if not isinstance(found, Settled) and found.key != key:
                found = self.meaning(request, found.key)
            self._own[key] = found
        return found


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


@by_value
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


def _name(session: Session, _request: PrincipalRequest, _key: str) -> Meaning:
    """Return the domain of the session's name, and of the id that ends with it."""
    if not session.role.id:
        return Unsure(present=True, single=True)
    return Strings({_USERID: Reading(f"{session.role.id}:"), OWN_NAME: PLAIN}, (NAMES,), usual="session")


_OWN: dict[str, Callable[[Session, PrincipalRequest, str], Meaning]] = {
    "aws:principalarn": lambda session, _request, _key: Fixed((session.role.arn,)),
    _USERID: _name,
    OWN_NAME: _name,
    "aws:principalorgid": lambda _, request, key: call.owners_organization(request, key),
    "aws:principalorgpaths": lambda _, request, key: call.owners_paths(request, key),
    "aws:tokenissuetime": lambda _session, _request, key: Times(key, None, None),
    "aws:federatedprovider": lambda session, _request, _key: (
        ABSENT if session.provider is None else Fixed((session.provider,))
    ),
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
        row = keys.row(key)
        if row is None or row.set_by is not SetBy.SESSION:
            return None
        if key.startswith(_OF_COMPUTE) or key in _NEVER:
            return ABSENT
        return Unsure(single=not row.many)
