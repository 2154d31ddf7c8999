"""What a policy lets in that the one before it did not.

Access counts and not the text: the same access by another statement is nothing new. Where the two cannot be compared,
everything that is open counts as new: silence must mean that nothing opened.
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
"""What everybody of the account or organization that it names meets."""


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
    """Something that is open, or that cannot be decided."""

    severity: Severity
    sentence: str
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and what it is on: `statements` as they stand, in the places by which the verdict calls them.

    `version` is the policy's. The rules of a replication, and the one of a cache, are statements as well.
    """

    verdict: Verdict
    statements: tuple[object, ...] = ()
    version: object = None

    @classmethod
    def of_policy(cls, text: str | None, verdict: Verdict) -> Judged:
        """Return what a verdict is on, given the policy's text, None for no policy."""
        document = None if text is None else document_of(text)
        if document is None:
            return cls(verdict)
        return cls(verdict, tuple(statements_of(document)), document.get("Version"))


@dataclass(frozen=True, slots=True)
class Opened:
    """What is new, the worst first, and why it counts as new."""

    findings: tuple[Finding, ...]
    because: Because

    @property
    def severity(self) -> Severity:
        """The worst severity. Only for what has findings."""
        return max(one.severity for one in self.findings)


def everything(after: Judged, because: Because) -> Opened:
    """Return all that a policy leaves open."""
    verdict = after.verdict
    findings = [*map(_granted, verdict.grants), *map(_doubtful, verdict.undecided), *map(_faulty, verdict.invalid)]
    return Opened(tuple(sorted(findings, key=lambda one: -one.severity)), because)


def opened(before: Judged | None, after: Judged) -> Opened:
    """Return what a policy leaves open that the one before did not; None: nobody knows the one before."""
    if before is None:
        return everything(after, Because.UNKNOWN)
    try:
        then, now = _Shapes.of(before), _Shapes.of(after)
    except RecursionError:  # a policy may be nested without end
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
    """The statements of a policy, each written so that two which say the same are the same text."""

    listed: tuple[str, ...]
    denies: frozenset[str]

    @classmethod
    def of(cls, policy: Judged) -> _Shapes:
        listed = tuple(_shape(one, policy.version) for one in policy.statements)
        pairs = zip(listed, policy.statements, strict=True)
        return cls(listed, frozenset(shape for shape, one in pairs if _is_deny(one)))


def _shape(statement: object, version: object) -> str:
    """Write a statement without its Sid; the version decides what its variables mean."""
    if isinstance(statement, Mapping):
        statement = {name: value for name, value in statement.items() if name != "Sid"}
    return json.dumps([version, _normal(statement)], sort_keys=True)


def _normal(value: object) -> object:
    """Return a JSON value with lists in one order, and one entry without a list around it."""
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
    """Tells what is new, given that no Deny is gone."""

    before: Judged
    after: Judged
    then: _Shapes
    now: _Shapes

    @property
    def is_same_policy(self) -> bool:
        """Tell whether both policies say the same."""
        return bool(self.now.listed) and sorted(self.now.listed) == sorted(self.then.listed)

    def is_doubtful(self, doubt: Undecided) -> bool:
        """Tell whether something undecided is new: it is not where its statement stood there before."""
        return not (self.is_same_policy if doubt.statement is None else self._stood(doubt.statement))

    def is_granted(self, grant: Grant) -> bool:
        """Tell whether access is new."""
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
        """Tell whether everybody who gets in by one grant got in by another.

        A grant whose grantee the statement does not write out shows one of many: no other grant is known to cover it.
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
    """Return of which repositories a statement speaks, "" in a repository's policy, which cannot say it."""
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
    """Tell whether every request of a grantee that a statement lets in met the condition of the one before."""
    if isinstance(was, Mapping) and "NotPrincipal" in was:  # it kept someone out
        return False
    met = _asks(now)
    return all(
        ((asked[0], asked[1].lower()) in _MEMBERSHIP and json.dumps(grantee) in values)
        # Fewer values are met by less, but for an operator that denies them.
        or (asked in met and (met[asked] == values or ("not" not in asked[0].lower() and met[asked] <= values)))
        for asked, values in _asks(was).items()
    )


def _names_all(was: object, now: object, grantee: str) -> bool:
    """Tell whether a statement named the whole of a grantee, or each of its principals that another one names."""
    if not isinstance(was, Mapping) or not isinstance(now, Mapping) or "destinations" in now:
        return True
    before, after = set(texts_in(was.get("Principal"))), set(texts_in(now.get("Principal")))
    is_whole = any(one in ("*", grantee) or one.endswith(f":{grantee}:root") for one in before)
    return is_whole or {one for one in after if one == "*" or grantee in one} <= before


def _writes_out(statement: object, grantee: str) -> bool:
    """Tell whether a statement names an account or an organization and leaves no choice."""
    if not isinstance(statement, Mapping):
        return False
    principals = set(texts_in(statement.get("Principal")))
    arns = [text.split(":") for text in principals if text.startswith("arn:")]
    accounts = {arn[4] for arn in arns if len(arn) >= _ARN_PARTS}
    others = (text for name in ("Condition", "destinations") for text in texts_in(statement.get(name)))
    return grantee in principals | accounts | set(others)
