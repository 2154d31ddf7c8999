"""The result of judging a policy, computed once for all repositories that differ only in their names and owners.

With it is the state of an item: as it is judged, and as a report records it, so that a later audit can compare it
exactly.

If you swap two account numbers in every input of a judgement, the result is the same with the two swapped. Only the
policy, the register and the owner of the repository contain account numbers. So the owner is replaced by a placeholder,
the policy is judged once, and the placeholder in the result is replaced by the owner.

This is valid only if numbers are compared as a whole. Three kinds of policies are judged unchanged: those with a
pattern that has a part of a number, with a numeric comparison, or with text that may hide a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ...documents.pattern import Text
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository, reads_tags
from ...judgement.kinds.table import PREFIXED
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import Trust, names_under
from ...judgement.values.verdict import Grant, Verdict
from ...memo import by_value
from ...questions.change.recorded import Record
from ...questions.change.states import ANY_NAME, Form, State
from .items import Item
from .trusted import Approvals, Trusted

_ARN_PARTS = 6
_IN_ROW = frozenset({"account", "region", "partition", "name", "names", "origin"})
"""The parts of a state that follow from the other fields of its row, so that repositories can share the rest."""

Json = Mapping[str, Any]


def partition_of(arn: str) -> str:
    """Return the partition in an ARN."""
    parts = arn.split(":", _ARN_PARTS - 1)
    return parts[1] if len(parts) == _ARN_PARTS and parts[1] else "aws"


def repository_of(item: Item, organization: str | None) -> Repository:
    """Return the repository of an item.

    `organization` is its owner's, if known. Raises ValueError for a bad account.
    """
    return Repository(
        item.account,
        names_under(item.name)[0] if item.kind in PREFIXED else item.name,
        region=item.region or None,
        partition=partition_of(item.arn),
        organization=organization,
        tags=item.tags or {},
        tags_known=item.tags is not None,
    )


def _names_of(item: Item) -> tuple[Text, ...]:
    """Return the patterns of the repositories that an item applies to, if it does not name a single one."""
    return names_under(item.name) if item.kind in PREFIXED else ANY_NAME


def state_of(item: Item, repository: Repository, trust: Trust, registry: RegistryPolicy | None = None) -> State:
    """Return the state of an item. `registry`: the policy of its registry, if that counts."""
    scope = item.scope if item.kind is Kind.REGISTRY else Scope.V2
    form = Form(item.policy, registry=registry, scope=scope)
    return State(item.kind, repository, trust, (form,), _names_of(item), origin=Origin.DEPLOYED)


def write_state(state: State, record: Record) -> dict[str, Any]:
    """Return the field `state` of a row."""
    return {name: one for name, one in record.write_state(state).items() if name not in _IN_ROW}


def item_in(row: Json) -> Item:
    """Return the item of a row in a report. Raises LookupError, TypeError or ValueError if the row names none."""
    arn, account, region, name = (text(row[field]) for field in ("arn", "account", "region", "name"))
    return Item(arn, account, region, name, None, kind=Kind(row["kind"]))


def state_in(row: Json, item: Item, record: Record) -> State:
    """Return the state in a row of a report. Raises one of the errors that `earlier_in` catches if it has none."""
    about = repository_of(item, None)
    known = {"account": about.account, "region": about.region, "partition": about.partition, "name": about.name}
    whole = {**row["state"], **known, "names": list(_names_of(item)), "origin": Origin.DEPLOYED.value}
    state = record.state(whole, item.kind)
    tags, organization = state.repository.tags, state.repository.organization
    for tag in (*tags, *tags.values(), *state.doubts, *([] if organization is None else [organization])):
        text(tag)
    if len(state.forms) != 1:
        raise ValueError(state)
    return state


def text(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a text. Raises TypeError for another value."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


STAND_IN = "613704829157"
"""The placeholder for the owner. The search never uses this account, so it appears nowhere else in a result."""

_USUAL = "999988887777"
"""The account in the context of usual requests (judgement/context/call.py). It always has a meaning of its own."""

_SIGNS = ("\\", "${", '"numeric', ":numeric", '"date', ":date")
"""An escape or a variable, and a numeric comparison, in small letters."""
_PARTLY = re.compile(
    r"[0-9][*?$]|[*?}][0-9]"  # part of a number, or a number before a variable
    r"|(?<![a-z0-9.-])[0-9.]+e[-+]?[0-9]"  # possibly a number in another notation
)
_CUT = re.compile(rf"{STAND_IN}(?:[0-9]|(?<=[0-9]{STAND_IN}))")
_BARE = re.compile(rf'(?:[\[,]|"\s*:)\s*-?{STAND_IN}')
"""A number without quotes. A number that begins with 0 is not JSON, but the placeholder would be."""


class Shapes:
    """Decides which policies can be judged once for all owners, under one register and organization."""

    def __init__(self, trust: Trust, organization: str | None) -> None:
        self._named = "\n".join([organization or "", *map(str, trust.entries)])
        # The unit of an account in an organization is looked up by the account number.
        self._none = trust.members is not None or STAND_IN in self._named

    def make_shape(self, policy: str, account: str) -> str | None:
        """Return a policy with the placeholder for its owner, or None if it must be judged unchanged."""
        if self._none or STAND_IN in policy or account == _USUAL or account in self._named:
            return None
        shape = policy.replace(account, STAND_IN)
        return shape if _is_whole(shape) else None


@lru_cache(maxsize=4096)
def _is_whole(shape: str) -> bool:
    """Return whether every comparison in a policy is of whole account numbers."""
    small = shape.lower()
    is_partly = any(sign in small for sign in _SIGNS) or _PARTLY.search(small)
    return not (is_partly or _CUT.search(shape) or _BARE.search(shape))


@by_value
class Outcome:
    """A policy, its verdict, and the entries of the register that it needs (`used`), including expired ones.

    - `owner`: the account, or STAND_IN if the outcome is the same for every owner.
    - `tags`: None if they are unknown or do not matter.
    - `scope`: the scope of a registry policy.
    - `registry`: the registry policy that the verdict includes, if any.
    - `places`: the places of several recordings, if this is the worst of them and the latest is unknown.
    """

    owner: str
    policy: object
    tags: Mapping[str, str] | None
    kind: Kind
    organization: str | None
    verdict: Verdict
    trusted: tuple[Trusted, ...]
    used: tuple[int, ...]
    note: str | None = None
    scope: Scope = Scope.UNKNOWN
    registry: RegistryPolicy | None = None
    places: str | None = None

    def for_account(self, account: str) -> Outcome:
        """Return the outcome for one owner, or for the placeholder itself."""
        if self.owner != STAND_IN or account == STAND_IN:
            return self
        naming = _Naming(account)
        return replace(
            self,
            owner=account,
            policy=naming.policy(self.policy),
            verdict=naming.verdict(self.verdict),
            trusted=tuple(naming.approval(one) for one in self.trusted),
        )


@by_value
class _Naming:
    """Replaces the placeholder for the owner by an account number."""

    account: str

    def text(self, text: str) -> str:
        return text.replace(STAND_IN, self.account)

    def policy(self, policy: object) -> object:
        if isinstance(policy, str):
            return self.text(policy)
        return None if policy is None else json.loads(self.text(json.dumps(policy)))

    def verdict(self, verdict: Verdict) -> Verdict:
        grants, text = verdict.grants, self.text
        return replace(
            verdict,
            undecided=tuple(replace(undecided, reason=text(undecided.reason)) for undecided in verdict.undecided),
            invalid=tuple(
                replace(invalid, at=text(invalid.at), reason=text(invalid.reason)) for invalid in verdict.invalid
            ),
            notes=tuple(map(text, verdict.notes)),
            explain=partial(tuple, tuple(map(self.grant, grants))),
        )

    def grant(self, grant: Grant) -> Grant:
        witness, text = grant.witness, self.text
        context = {
            key: text(value) if isinstance(value, str) else tuple(map(text, value))
            for key, value in witness.context.items()
        }
        return replace(
            grant,
            sid=grant.sid and text(grant.sid),
            grantee=text(grant.grantee),
            reason=text(grant.reason),
            witness=replace(
                witness, principal=text(witness.principal), context={text(key): context[key] for key in context}
            ),
        )

    def approval(self, one: Trusted) -> Trusted:
        return replace(one, sid=one.sid and self.text(one.sid), grantee=self.text(one.grantee))


class Key(NamedTuple):
    """The properties that repositories with the same outcome share.

    - `text`: the policy, or None if there is none.
    - `is_text`: whether the policy was read as text and not as an object.
    - `account`: the owner, or STAND_IN if it does not matter.
    - `tags`: None if the policy has no conditions on them.
    - `entries`: the register's entries for some repositories that cover this one.
    """

    text: str | None
    is_text: bool
    account: str
    partition: str
    region: str
    kind: Kind
    note: str | None
    scope: Scope
    tags: tuple[tuple[str, str], ...] | None
    entries: tuple[int, ...]


class Judge:
    """Judges items. `organization` is the one that `self` means in the register, if known."""

    def __init__(self, trust: Trust, organization: str | None) -> None:
        self.organization = organization
        self._trust = trust
        self._shapes = Shapes(trust, organization)
        self._approvals = {kind: Approvals(trust, kind) for kind in Kind}
        self._bounded = [(number, entry) for number, entry in enumerate(trust.entries) if entry.repositories != ("*",)]

    def key_of(self, item: Item) -> Key:
        """Return the key of an item's outcome.

        Raises TypeError, ValueError or RecursionError for a policy that is not a JSON value.
        """
        policy = item.policy
        is_text = isinstance(policy, str)
        text = policy if isinstance(policy, str) else json.dumps(policy) if policy is not None else None
        asks = text is not None and reads_tags(text)
        tags, account = item.tags if asks else None, item.account
        if text is not None and not asks and item.kind is Kind.REPOSITORY:
            shape = self._shapes.make_shape(text, account)
            if shape is not None:
                text, account = shape, STAND_IN
        covered = tuple(number for number, entry in self._bounded if entry.covers(item.name))
        tagged = None if tags is None else tuple(sorted(tags.items()))
        where = (account, partition_of(item.arn), item.region)
        return Key(text, is_text, *where, item.kind, item.note, item.scope, tagged, covered)

    def outcome(self, item: Item, key: Key | None = None) -> Outcome:
        """Judge an item. With its `key`, judge on behalf of all items that share the key."""
        if key is None:
            return self._judge_item(item, repository_of(item, self.organization))
        if key.account != STAND_IN:
            alone = item if key.tags is not None or item.tags is None else replace(item, tags=None)
            return self._judge_item(alone, repository_of(alone, self.organization))
        text = key.text or ""
        shape = replace(item, account=STAND_IN, policy=text if key.is_text else json.loads(text), tags=None)
        return self._judge_item(shape, repository_of(shape, self.organization))

    def _judge_item(self, item: Item, repository: Repository) -> Outcome:
        verdict = self._verdict(item, repository)
        approvals = self._approvals[item.kind]
        covered = approvals.covered_access(item.policy, repository, verdict)
        used = tuple(sorted({one.entry for one in covered}))
        trusted = tuple(one for one in covered if not approvals.has_expired(one.entry))
        about = (item.account, item.policy, item.tags, item.kind, self.organization)
        return Outcome(*about, verdict, trusted, used, item.note, item.scope)

    def judge_with_registry(self, item: Item, own: Outcome, registry: RegistryPolicy) -> Outcome:
        """Return the outcome of a repository under its registry policy. `own` is the outcome of its own policy alone.

        The access that the registry policy grants, and its approvals, are reported with the registry policy.
        """
        verdict = self._verdict(item, repository_of(item, self.organization), registry)
        return replace(own.for_account(item.account), tags=item.tags, verdict=verdict, registry=registry)

    def _verdict(self, item: Item, repository: Repository, registry: RegistryPolicy | None = None) -> Verdict:
        state = state_of(item, repository, self._trust, registry)
        verdict = state.verdict(*state.forms)
        notes = (*verdict.notes, item.note) if item.note else verdict.notes
        # The grants are computed in advance: a function that computes them cannot be sent to a process.
        return replace(verdict, notes=notes, explain=partial(tuple, verdict.grants))


def name_of(arn: str) -> tuple[str, str, str]:
    """Return the account, Region and name in the ARN of a repository, or empty strings for another text."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return "", "", ""
    return parts[4], parts[3], parts[5].removeprefix("repository/")
