"""Who outside may assume a role: the judgement's search, asked about a trust policy with STS's own table of keys.

Trust policies and identity policies are read with the grammar of resource policies. They are variants of it. A trust
policy also names federated principals. An identity policy names none, and applies to the role that has it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from ...documents.conditions import Base, Condition
from ...documents.document import Effect, Policy, Principals, Statement
from ...documents.document import Form as PrincipalForm
from ...documents.elements import read_json
from ...documents.json import RepeatedNames
from ...documents.parse import parse
from ...documents.problems import Problems
from ...judgement import reasons
from ...judgement.conditions.operators import Clause, Mode, Roles, clause, identity, key_condition
from ...judgement.context.request import RepositoryContext
from ...judgement.patterns.automaton import Budget, BudgetSpentError
from ...judgement.reasons import name_of
from ...judgement.search.callers import STEPS, Searches
from ...judgement.search.constraints import Allow, Doubt, Found, JudgementCache, NotExhausted
from ...judgement.search.denies import Deny
from ...judgement.search.outsiders import Search, outsiders
from ...judgement.values.actions import mask_of
from ...judgement.values.trust import TrustLevel
from ...judgement.values.verdict import Access, Kind, Witness
from ...memo import by_value
from .account import Text
from .sessions import ASSUME, FORMS, WRITTEN, CallMeanings, Form, asked_of_session, calls_of

_FEDERATED = "Federated"


class TrustStatement(NamedTuple):
    """A statement of a trust policy: its AWS principals and services, its federated principals, and its actions."""

    statement: Statement
    federated: tuple[str, ...]
    calls: int

    @property
    def is_allow(self) -> bool:
        """Whether it is an Allow."""
        return self.statement.effect is Effect.ALLOW


class TrustPolicy(NamedTuple):
    """A trust policy, and the reasons why parts of it could not be read."""

    statements: tuple[TrustStatement, ...]
    unread: tuple[str, ...]


def trust_policy(text: Text) -> TrustPolicy:
    """Read a trust policy."""
    read = _trust if isinstance(text.document, str) else _trust.__wrapped__
    return read(text.name, text.document)


@lru_cache(maxsize=4096)
def _trust(name: str, written: object) -> TrustPolicy:
    document, unread = _value(name, written)
    if unread is not None:
        return TrustPolicy((), (unread,))
    federated: dict[int, tuple[str, ...]] = {}
    alone: set[int] = set()
    items = _items(document)
    for number, item in enumerate(items):
        principal = item.get("Principal")
        if isinstance(principal, dict) and _FEDERATED in principal and not isinstance(principal, RepeatedNames):
            named = principal[_FEDERATED]
            texts = named if isinstance(named, list) else [named]
            federated[number] = tuple(str(text) for text in texts)
            others = {key: value for key, value in principal.items() if key != _FEDERATED}
            item["Principal"] = others or "*"
            if not others:
                alone.add(number)
    read = parse(_with_statements(document, items))
    statements = [
        statement._replace(principals=Principals()) if statement.number in alone else statement
        for statement in read.statements
    ]
    found = (
        TrustStatement(statement, federated.get(statement.number, ()), calls_of(statement.actions))
        for statement in statements
    )
    return TrustPolicy(tuple(found), tuple(_faults(name, document, read)))


class IdentityPolicy(NamedTuple):
    """An identity policy, and the reasons why parts of it could not be read."""

    name: str
    statements: tuple[Statement, ...]
    unread: tuple[str, ...]


def identity_policy(text: Text) -> IdentityPolicy:
    """Read an identity policy or a permissions boundary."""
    read = _identity if isinstance(text.document, str) else _identity.__wrapped__
    return read(text.name, text.document)


@lru_cache(maxsize=4096)
def _identity(name: str, written: object) -> IdentityPolicy:
    document, unread = _value(name, written)
    if unread is not None:
        return IdentityPolicy(name, (), (unread,))
    items = _items(document)
    faults = [
        f"{name}: $.Statement[{number}] names principals, which an identity policy does not have"
        for number, item in enumerate(items)
        if "Principal" in item or "NotPrincipal" in item
    ]
    for item in items:
        item["Principal"] = "*"
        item.pop("NotPrincipal", None)
    read: Policy = parse(_with_statements(document, items))
    faults += _faults(name, document, read)
    faults += [
        f"{name}: {statement.place} has no Resource" for statement in read.statements if statement.resources is None
    ]
    whole = tuple(statement for statement in read.statements if statement.resources is not None)
    return IdentityPolicy(name, whole, tuple(faults))


def _value(name: str, text: object) -> tuple[object, str | None]:
    """Return the JSON value of a text, or the reason why it has none. Anything else is a value."""
    if not isinstance(text, str):
        return text, None
    problems = Problems()
    value = read_json(text, problems)
    unread = "; ".join(f"{name}: {invalid.at} {invalid.reason}" for invalid in problems.found)
    return value, unread or (None if value is not None else f"{name} is empty")


def _faults(name: str, document: object, read: Policy) -> Iterator[str]:
    """Yield what IAM would not accept. An empty policy of a repository is none, but IAM stores no empty document."""
    yield from (f"{name}: {invalid.at} {invalid.reason}" for invalid in read.invalid)
    if not read.invalid and isinstance(document, dict) and "Statement" not in document:
        yield f"{name} has no statement"


def _items(document: object) -> list[dict[object, object]]:
    """Return copies of the statements. Other items are left to the reader of policies."""
    body = document.get("Statement") if isinstance(document, dict) else None
    items = body if isinstance(body, list) else [body]
    return [copy(item) for item in items if isinstance(item, dict)]  # which keeps that a name appears twice


def _with_statements(document: object, items: list[dict[object, object]]) -> object:
    """Return the document with these statements in place of its own, if it has only statements."""
    if not isinstance(document, dict) or isinstance(document, RepeatedNames):
        return document
    body = document.get("Statement")
    count = len(body) if isinstance(body, list) else 1
    if len(items) < count:
        return document
    found = copy(document)
    found["Statement"] = items
    return found


RANKS = {
    Access.READ: mask_of(["ecr:BatchGetImage"]),
    Access.WRITE: mask_of(["ecr:PutImage"]),
    Access.ADMIN: mask_of(["ecr:SetRepositoryPolicy"]),
}
"""An action for each access. A search for these finds who is not trusted with which access to a repository."""
_EVERY = sum(RANKS.values())


class Who(Enum):
    """The kinds of outsiders who assume a role."""

    PRINCIPAL = "principal"
    ACCOUNT = "account"
    ORGANIZATION = "organization"
    ANY_ACCOUNT = "any-account"
    GITHUB = "github"
    GITLAB = "gitlab"
    TERRAFORM = "terraform"
    COGNITO = "cognito"
    OIDC = "oidc"
    SAML = "saml"
    SERVICE = "service"
    ANYBODY = "anybody"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__


@by_value
class Outsider:
    """Someone outside. `name` is an ARN, an account, an organization, `*`, or what a web identity shows.

    That is an owner, an owner and a repository, an issuer and a subject, a provider of SAML, an identity pool of Amazon
    Cognito, or the issuer if any token will do.
    """

    kind: Who
    name: str


SOMEONE = Outsider(Who.UNKNOWN, "someone outside")


@by_value
class Entry:
    """A way to become a session of a role.

    - `ranks`: the accesses that the accounts and organizations of the register do not cover, as bits of RANKS.
    - `doubt`: why it is not certain, or None if it is. Then `witness` is the call.
    - `asked`: what the trust policy asks of the session.
    - `call`: the call, which can be tried again with values that a later request needs.
    - `provider`: the identity provider that starts the session, if any.
    """

    outsider: Outsider
    ranks: int
    form: Form
    statement: Statement | None
    witness: Witness | None = None
    doubt: str | None = None
    asked: tuple[Clause, ...] = ()
    call: Call | None = None
    provider: str | None = None


class _Outsiders(Search):
    """Services are told apart elsewhere: they do not choose the session that they start."""

    def services(self, known: Sequence[Found]) -> Iterator[Found | Doubt | NotExhausted]:  # noqa: ARG002
        return iter(())


@by_value
class Door:
    """A trust policy, prepared for the search.

    `denies` are the Denies of any action that the call needs. `circles`: whom the register trusts with each access.
    """

    context: RepositoryContext
    allows: tuple[TrustStatement, ...]
    denies: tuple[TrustStatement, ...]
    roles: Roles
    circles: tuple[TrustLevel, TrustLevel, TrustLevel]

    def entries(self) -> Iterator[Entry]:
        """Yield who outside can call `sts:AssumeRole`, and who perhaps can."""
        for form in FORMS:
            for call in self._calls(form):
                yield from call.entries()

    def _calls(self, form: Form) -> Iterator[Call]:
        """Yield the calls of a form, one for each combination of Allows that allow all of its actions."""
        for first in self._allowing(ASSUME):
            besides = [self._besides(first, action) for action in form.besides]
            for more in product(*besides):
                clauses = tuple(one for found in more for one in found.clauses)
                yield Call(self, form, first.statement, clauses, all(found.certain for found in more))

    def _allowing(self, action: int) -> list[TrustStatement]:
        return [allow for allow in self.allows if allow.calls & action]

    def _besides(self, first: TrustStatement, action: int) -> list[Met]:
        """Return what a caller must meet so that another action is allowed too, by any of the Allows."""
        if first.calls & action:
            return [Met(())]
        return [found for other in self._allowing(action) for found in self._met_by(other.statement)]

    def _met_by(self, statement: Statement) -> Iterator[Met]:
        own = tuple(clause(condition, Effect.ALLOW) for condition in statement.conditions)
        principals = statement.principals
        if principals.admits_anyone:
            yield Met(own, not principals.negated)
        for entry in () if principals.negated else principals.named:
            if entry.form is PrincipalForm.ACCOUNT:
                who: tuple[Condition, ...] = (
                    key_condition("aws:principalaccount", [entry.account], Base.STRING_EQUALS),
                )
            else:
                who = identity(entry, self.roles)
            yield Met((*own, *(clause(condition, Effect.ALLOW) for condition in who)))

    def denies_of_call(self, form: Form) -> list[Deny]:
        """Return the Denies of the actions that a call of a form needs."""
        needed = sum((ASSUME, *form.besides))
        hitting = [deny for deny in self.denies if deny.calls & needed and not deny.statement.empty_condition]
        return [_deny(statement.statement) for statement in hitting]


_BY_USERS_AND_ROLES = clause(
    key_condition("aws:principaltype", ["AssumedRole", "User"], Base.STRING_EQUALS), Effect.ALLOW
)
"""Neither root nor a federated user can call `sts:AssumeRole`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""


class Met(NamedTuple):
    """What a caller must meet. Not `certain` if the caller must also be none of some principals."""

    clauses: tuple[Clause, ...]
    certain: bool = True


def _deny(statement: Statement) -> Deny:
    clauses = tuple(clause(condition, Effect.DENY) for condition in statement.conditions)
    return Deny(statement, clauses, _EVERY, _EVERY, bool(statement.holes))


@by_value
class Call:
    """A call of `sts:AssumeRole` in one form, under one Allow. `besides`: what its other actions require."""

    door: Door
    form: Form
    statement: Statement
    besides: tuple[Clause, ...]
    certain: bool = True

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All conditions of the call."""
        return (
            *(clause(condition, Effect.ALLOW) for condition in self.statement.conditions),
            *self.besides,
            _BY_USERS_AND_ROLES,
        )

    def entries(self, pins: tuple[Clause, ...] = ()) -> Iterator[Entry]:
        """Yield who can send the call, and who perhaps can. `pins` are values that the call must have."""
        clauses = (*self.clauses, *pins)
        allow = Allow(self.statement, clauses, _EVERY, _EVERY)
        asked = asked_of_session(clauses)
        findings: list[tuple[int, Found]] = []
        cache = JudgementCache(Budget(STEPS), CallMeanings(self.form))
        denies = self.door.denies_of_call(self.form)
        circles = self.door.circles
        searches = Searches(self.door.context, circles, denies, self.door.roles, lambda _: WRITTEN[ASSUME], cache)
        try:
            for case in searches.cases(allow, _EVERY, Mode.MUST):
                everyone = outsiders(_Outsiders(case, Mode.MUST))
                findings += [(case.actions, one) for one in everyone if isinstance(one, Found)]
            doubts = [*self._doubts(searches, allow, findings)]
        except BudgetSpentError:
            doubts = [(_EVERY, reasons.budget(self.statement))]
        for mask, found in findings:
            outsider = _outsider(found, self.statement.principals)
            doubt = None if self.certain else f"{name_of(self.statement)} is not the only one that must allow the call"
            yield Entry(outsider, mask, self.form, self.statement, found.witness, doubt, asked, self)
        for mask, reason in doubts:
            yield Entry(SOMEONE, mask, self.form, self.statement, None, reason, asked, self)

    def _doubts(
        self, searches: Searches, allow: Allow, findings: Iterable[tuple[int, Found]]
    ) -> Iterator[tuple[int, str]]:
        for case in searches.cases(allow, _EVERY, Mode.MAY):
            known = [found for held, found in findings if not case.actions & ~held]
            doubt = next(outsiders(_Outsiders(case, Mode.MAY), known), None)
            if isinstance(doubt, Doubt):
                denies = [deny.statement for deny in self.door.denies_of_call(self.form)]
                yield case.actions, reasons.doubt(self.statement, doubt, denies)


def _outsider(found: Found, principals: Principals) -> Outsider:
    """Return who was found. A user or a role that a statement names is told as such."""
    if found.kind is Kind.ANY:
        return Outsider(Who.ANY_ACCOUNT, "*")
    if found.kind is Kind.ORGANIZATION:
        return Outsider(Who.ORGANIZATION, found.grantee)
    by = (found.witness.principal, found.witness.context.get("aws:PrincipalArn"))
    named = [entry for entry in principals.named if entry.account == found.grantee]
    if principals.negated or any(entry.form is PrincipalForm.ACCOUNT for entry in named):
        return Outsider(Who.ACCOUNT, found.grantee)
    entry = next((one for one in named if one.source in by), None)
    return Outsider(Who.ACCOUNT, found.grantee) if entry is None else Outsider(Who.PRINCIPAL, entry.source)
