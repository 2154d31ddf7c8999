"""The strategy `require`: adds the statements that an organization requires, and proves what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf

from ...documents.document import NEW_VERSION, Effect, Policy, Statement
from ...documents.parse import parse
from ...documents.problems import Invalid, first_of
from ...judgement.admission import Origin
from ...judgement.judge import judge
from ...judgement.values.trust import Trust
from . import reasons
from .blocks import without_deleted
from .losses import Bench, Cut, Losses, OwnLosses, intersect, services_in
from .outcome import (
    Action,
    CannotSayError,
    Change,
    Plan,
    Written,
    document_of,
    refuse_too_long,
    sid_of,
    statements_of,
    text_of,
    with_statements,
)
from .required import Missing, Required, missing_from, without_idle

_MOST_NAMED = 4
_ADDED = "the organization requires it of every policy, and this one does not have it"
_REPLACED = "the organization requires another statement of this Sid"


def plan_required(policy: object, required: Required, bench: Bench, *, cut_trusted: bool) -> Plan:
    """Plan to add required statements to a policy.

    The plan is refused if it would give anyone untrusted access, or prevent the owner from changing the policy. Unless
    `cut_trusted` is set, it is also refused if it would shut out anyone inside.
    """
    verdict = judge(policy, bench.repository, bench.trust, bench.origin)
    document = document_of(policy)
    try:
        work = _Requiring(_begun(policy, document, verdict.invalid), required, bench)
        if not work.missing:
            return Plan(Action.NONE, document, after=verdict)
        return work.plan(cut_trusted=cut_trusted)
    except CannotSayError as error:
        return Plan(Action.NONE, document, (), verdict.invalid, str(error), after=verdict)


def _begun(policy: object, document: Written | None, invalid: Sequence[Invalid]) -> Written:
    """Return the policy to extend, or a new one if there is none."""
    if invalid:
        first = invalid[0]
        raise CannotSayError(f"nothing is put into a policy that is invalid: {first.at}: {first.reason}")
    if document:
        return document
    if parse(policy).statements:
        raise CannotSayError("the policy is not known yet, nor whether it has the required statements")
    return {"Version": NEW_VERSION, "Statement": []}


class _Requiring:
    """The work on one policy."""

    def __init__(self, document: Written, required: Required, bench: Bench) -> None:
        self._bench = bench
        self._is_deployed = bench.origin is Origin.DEPLOYED
        self._document, self._dropped = (
            without_idle(document, bench.repository) if self._is_deployed else (document, ())
        )
        self._written = statements_of(self._document)
        self.missing = missing_from(self._document, required)
        self._own = OwnLosses(bench, self._document)

    def plan(self, *, cut_trusted: bool) -> Plan:
        """Plan to add the missing statements. Raises CannotSayError if it cannot be proven that this does no harm."""
        instead = {one.instead: one.statement for one in self.missing}
        became = [self._became(number, one, instead) for number, one in enumerate(self._written)]
        added = [one.statement for one in self.missing if one.instead is None]
        statements = [*(part for parts in became for part in parts), *added]
        document = with_statements(self._document, statements)
        refuse_too_long(text_of(document))
        after = judge(document, self._bench.repository, self._bench.trust, self._bench.origin)
        self._refuse_lock_out(statements)
        changes, cut = self._proven(document, cut_trusted=cut_trusted)
        return Plan(Action.SET, document, changes, (), None, tuple(map(tuple, became)), after, tuple(map(_whom, cut)))

    def _became(self, number: int, written: object, instead: Mapping[int | None, Written]) -> list[object]:
        if number in instead:
            return [instead[number]]
        return without_deleted(written)[0] if self._is_deployed else [written]

    def _refuse_lock_out(self, statements: Sequence[object]) -> None:
        if self._own.is_locked(statements) and not self._own.is_locked(self._written):
            raise CannotSayError(
                "it is not certain that a principal of the owner account could change or delete the policy afterwards: "
                "do not deny ecr:SetRepositoryPolicy and ecr:DeleteRepositoryPolicy, or exempt the administrators. "
                "If the statement depends on the organization, give --organization"
            )

    def _proven(self, document: Written, *, cut_trusted: bool) -> tuple[tuple[Change, ...], list[Cut]]:
        """Return the changes, and the principals inside that lose access.

        Raises CannotSayError if someone outside may gain access. Unless `cut_trusted` is set, also if trusted access is
        lost.
        """
        repository = self._bench.repository
        trust = self._bench.trust.about(repository.name).naming(document, repository.organization)
        old, new = parse(self._document), parse(document)
        self._refuse_openings(old, new, trust)
        changes: list[Change] = []
        cut: list[Cut] = []
        for one in self.missing:
            losses = self._losses(one, old, new, trust)
            changes += losses.changes(one.sid)
            cut += [*losses.trusted_cuts(), *self._own.cut(one.statement, services_in(_allows(old)))]
        told = [_whom(one, one.example) for one in _unite_cuts(cut)]
        if cut and not cut_trusted:
            raise CannotSayError(
                f"it would deny access that is trusted or inside: {first_of(told, _MOST_NAMED)}; "
                "add an exception to the required statement, or accept the loss (--cut-trusted)"
            )
        changes += [*self._deletions(), *self._dropped]
        changes += [
            Change(None, None, f"inside access removed from {one.who}", one.example) for one in _unite_cuts(cut)
        ]
        for one in self.missing:
            done, why = ("added", _ADDED) if one.instead is None else ("replaces another statement", _REPLACED)
            changes.append(Change(one.instead, one.sid, f"required statement `{one.sid}` {done}", why))
        changes.sort(key=lambda change: inf if change.statement is None else change.statement)
        return tuple(changes), _unite_cuts(cut)

    def _losses(self, one: Missing, old: Policy, new: Policy, trust: Trust) -> Losses:
        deny = next(found for found in new.statements if found.sid == one.sid)
        gone = [found for found in _allows(old) if found.number == one.instead]
        allows = [found for found in _allows(old) if found.number != one.instead]
        return Losses(self._bench, deny, allows, _denying(old), gone, trust)

    def _refuse_openings(self, old: Policy, new: Policy, trust: Trust) -> None:
        """Raise CannotSayError if replacing a Deny may give access to someone outside that trust does not cover."""
        replaced = {one.instead for one in self.missing}
        for deny in _denying(old):
            if deny.number not in replaced:
                continue
            if deny.holes or not all(isinstance(text, str) for text in deny.actions.patterns):
                raise CannotSayError(f"statement {deny.number}, which would be replaced, is not known yet")
            met = [
                statement for statement in (intersect(allow, deny) for allow in _allows(new)) if statement is not None
            ]
            verdict = self._bench.verdict([*met, *_denying(new)], trust)
            if verdict.grants or verdict.undecided:
                raise CannotSayError(
                    f"statement {deny.number}, `{deny.sid}`, denies more than the required statement, and no other "
                    f"statement denies the rest: {reasons.still_open(verdict)}"
                )

    def _deletions(self) -> Iterator[Change]:
        for number, written in enumerate(self._written if self._is_deployed else ()):
            for entry in without_deleted(written)[1]:
                yield Change(number, sid_of(written), f"`{entry}` left out of Principal", reasons.DELETED)


def _allows(policy: Policy) -> list[Statement]:
    return [statement for statement in policy.statements if statement.effect is Effect.ALLOW]


def _denying(policy: Policy) -> list[Statement]:
    return [statement for statement in policy.statements if statement.effect is Effect.DENY]


def _unite_cuts(cut: Sequence[Cut]) -> list[Cut]:
    """Return each principal that loses access once, with everything that it loses."""
    found: dict[str, Cut] = {}
    for one in cut:
        known = found.get(one.who, one)
        found[one.who] = known._replace(access=tuple(dict.fromkeys((*known.access, *one.access))))
    return list(found.values())


def _whom(cut: Cut, *more: str) -> str:
    """Return the name of a principal that loses access, with the kinds of access if they are known."""
    told = ", ".join([*(access.value for access in cut.access), *more])
    return f"{cut.who} ({told})" if told else cut.who
