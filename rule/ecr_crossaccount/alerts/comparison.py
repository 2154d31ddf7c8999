"""The access that a policy gives and the previous one did not give.

The comparison is about access, not text: the same access through another statement is not new. If the two policies
cannot be compared, all open access counts as new, because silence must mean that nothing opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from .. import Grant, Kind, Severity, Undecided, Verdict
from ..access.search.findings import ANY_SERVICE
from ..policy.problems import Invalid
from ..policy.texts import texts_in
from ..remedy.written import document_of, statements_of

_FOR_ANYBODY = "for any account"
_OF_WHAT = ("Resource", "NotResource", "repositoryFilters")
_ARN_PARTS = 6
_MEMBERSHIP = frozenset({("StringEquals", "aws:principalaccount"), ("StringEquals", "aws:principalorgid")})
"""Conditions that every principal of the named account or organization meets."""


class Because(Enum):
    """Why access counts as new."""

    NEW = "the previous policy did not allow it"
    DENY_GONE = "the previous policy had a Deny that this one does not have, so everything that is open is reported"
    UNKNOWN = "what was there before is not known, so everything that is open is reported"
    SCOPE = "the registry's policy holds for every action from now on, so everything that it opens is reported"
    BACKFILL = "existing images are copied too, even if they were replicated before"
    LATE = "the changes of this policy did not arrive in order, so everything that is open is reported"


@dataclass(frozen=True, slots=True)
class Finding:
    """Access that is open, or an element that cannot be decided."""

    severity: Severity
    sentence: str
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and its policy. `statements` are as written, in the order in which the verdict numbers them.

    `version` is the policy's. The rules of a replication, and the single rule of a cache, also count as statements.
    """

    verdict: Verdict
    statements: tuple[object, ...] = ()
    version: object = None

    @classmethod
    def of_policy(cls, text: str | None, verdict: Verdict) -> Judged:
        """Return a verdict with its policy, given the policy's text, or None for no policy."""
        document = None if text is None else document_of(text)
        if document is None:
            return cls(verdict)
        return cls(verdict, tuple(statements_of(document)), document.get("Version"))


@dataclass(frozen=True, slots=True)
class Opened:
    """The new findings, most severe first, and why they count as new."""

    findings: tuple[Finding, ...]
    because: Because

    @property
    def severity(self) -> Severity:
        """The highest severity. There must be at least one finding."""
        return max(one.severity for one in self.findings)


def everything(after: Judged, because: Because) -> Opened:
    """Return everything that a policy leaves open."""
    verdict = after.verdict
    findings = [*map(_granted, verdict.grants), *map(_doubtful, verdict.undecided), *map(_faulty, verdict.invalid)]
    return Opened(tuple(sorted(findings, key=lambda one: -one.severity)), because)


def opened(before: Judged | None, after: Judged) -> Opened:
    """Return what a policy leaves open and the previous one did not.

    `before` is None if the previous one is unknown.
    """
    if before is None:
        return everything(after, Because.UNKNOWN)
    try:
        then, now = _Shapes.of(before), _Shapes.of(after)
    except RecursionError:  # a policy can be nested too deeply
        return everything(after, Because.UNKNOWN)
    if then.denies - now.denies:
        return everything(after, Because.DENY_GONE)
    new = _Newness(before, after, then, now)
    verdict = after.verdict
    findings = [
        *(_granted(one) for one in verdict.grants if new.is_granted(one)),
        *(_doubtful(one) for one in verdict.undecided if new.is_doubtful(one)),
        *(_faulty(one) for one in verdict.invalid if not new.is_same_policy),
    ]
    return Opened(tuple(sorted(findings, key=lambda one: -one.severity)), Because.NEW)


def _granted(grant: Grant) -> Finding:
    return Finding(grant.severity, grant.reason, grant)


def _doubtful(doubt: Undecided) -> Finding:
    return Finding(Severity.MEDIUM, f"undecided: {doubt.reason}")


def _faulty(fault: Invalid) -> Finding:
    return Finding(Severity.MEDIUM, f"invalid: {fault.at}: {fault.reason}")


# --- statements that say the same ---


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The statements of a policy, written so that statements with the same meaning are the same text."""

    listed: tuple[str, ...]
    denies: frozenset[str]

    @classmethod
    def of(cls, policy: Judged) -> _Shapes:
        listed = tuple(_shape(one, policy.version) for one in policy.statements)
        pairs = zip(listed, policy.statements, strict=True)
        return cls(listed, frozenset(shape for shape, one in pairs if _is_deny(one)))


def _shape(statement: object, version: object) -> str:
    """Return a statement as text, without its Sid. The version is part of it, because variables depend on it."""
    if isinstance(statement, Mapping):
        statement = {name: value for name, value in statement.items() if name != "Sid"}
    return json.dumps([version, _normal(statement)], sort_keys=True)


def _normal(value: object) -> object:
    """Return a JSON value with lists in a fixed order, and a single entry without its list."""
    if isinstance(value, Mapping):
        return {str(name): _normal(one) for name, one in value.items()}
    if isinstance(value, list):
        entries = sorted((_normal(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
        return entries[0] if len(entries) == 1 else entries
    return value


def _is_deny(statement: object) -> bool:
    return isinstance(statement, Mapping) and statement.get("Effect") == "Deny"


# --- access that was there before ---


@dataclass(frozen=True, slots=True)
class _Newness:
    """Decides what is new if no Deny was removed."""

    before: Judged
    after: Judged
    then: _Shapes
    now: _Shapes

    @property
    def is_same_policy(self) -> bool:
        """Whether both policies mean the same."""
        return bool(self.now.listed) and sorted(self.now.listed) == sorted(self.then.listed)

    def is_doubtful(self, doubt: Undecided) -> bool:
        """Return whether an undecided result is new: its statement was not in the previous policy."""
        return not (self.is_same_policy if doubt.statement is None else self._stood(doubt.statement))

    def is_granted(self, grant: Grant) -> bool:
        """Return whether access is new."""
        if self._stood(grant.statement):
            return False
        resource = _resource(self.after, grant.statement)
        known = [
            action
            for old in self.before.verdict.grants
            if _resource(self.before, old.statement) == resource and self._covers(old, grant)
            for action in old.actions
        ]
        return not set(grant.actions) <= set(known)

    def _stood(self, number: int) -> bool:
        return number < len(self.now.listed) and self.now.listed[number] in self.then.listed

    def _covers(self, old: Grant, new: Grant) -> bool:
        """Return whether everyone who has access through `new` had it through `old`.

        If the statement does not write out its grantee, the grantee is an example of many. Then no other grant is known
        to cover it.
        """
        was, now = _statement(self.before, old.statement), _statement(self.after, new.statement)
        if not _asks_no_more(was, now, new.grantee) or (_asks(was) and self.before.version != self.after.version):
            return False
        if new.kind is Kind.SERVICE:
            service = new.grantee.partition(" for ")[0]
            covering = [f"{one} {_FOR_ANYBODY}" for one in (service, ANY_SERVICE)]
            return old.kind is Kind.SERVICE and old.grantee in covering
        if old.kind is Kind.ANY and old.public:
            return True
        named = old.kind is new.kind and old.grantee == new.grantee and new.kind is not Kind.ANY
        return named and _writes_out(now, new.grantee) and _names_all(was, now, new.grantee)


def _statement(policy: Judged, number: int) -> object:
    return policy.statements[number] if number < len(policy.statements) else None


def _resource(policy: Judged, number: int) -> str:
    """Return the repositories that a statement applies to, as text.

    It is "" in a repository's policy, which cannot name any.
    """
    statement = _statement(policy, number)
    if not isinstance(statement, Mapping):
        return ""
    return "".join(_shape(statement[name], name) for name in _OF_WHAT if name in statement)


def _asks(statement: object) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the values of a statement's condition, by operator and key."""
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    operators = condition.items() if isinstance(condition, Mapping) else ()
    return {
        (operator, key): frozenset(_normal_values(values))
        for operator, keys in operators
        if isinstance(keys, Mapping)
        for key, values in keys.items()
    }


def _normal_values(values: object) -> Iterator[str]:
    yield from (json.dumps(one, sort_keys=True) for one in (values if isinstance(values, list) else [values]))


def _asks_no_more(was: object, now: object, grantee: str) -> bool:
    """Return whether every request of a grantee that the new statement allows met the condition of the old one."""
    if isinstance(was, Mapping) and "NotPrincipal" in was:  # NotPrincipal excluded someone
        return False
    met = _asks(now)
    return all(
        ((asked[0], asked[1].lower()) in _MEMBERSHIP and json.dumps(grantee) in values)
        # A shorter list of values matches fewer requests, except for an operator that denies them.
        or (asked in met and (met[asked] == values or ("not" not in asked[0].lower() and met[asked] <= values)))
        for asked, values in _asks(was).items()
    )


def _names_all(was: object, now: object, grantee: str) -> bool:
    """Return whether a statement named the grantee as a whole, or each principal of it that the new statement names."""
    if not isinstance(was, Mapping) or not isinstance(now, Mapping) or "destinations" in now:
        return True
    before, after = set(texts_in(was.get("Principal"))), set(texts_in(now.get("Principal")))
    is_whole = any(one in ("*", grantee) or one.endswith(f":{grantee}:root") for one in before)
    return is_whole or {one for one in after if one == "*" or grantee in one} <= before


def _writes_out(statement: object, grantee: str) -> bool:
    """Return whether a statement names an account or an organization explicitly."""
    if not isinstance(statement, Mapping):
        return False
    principals = set(texts_in(statement.get("Principal")))
    arns = [text.split(":") for text in principals if text.startswith("arn:")]
    accounts = {arn[4] for arn in arns if len(arn) >= _ARN_PARTS}
    others = (text for name in ("Condition", "destinations") for text in texts_in(statement.get(name)))
    return grantee in principals | accounts | set(others)
