"""From the results of the searches to an answer: which result excludes others, and the reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...documents.document import Effect
from ...documents.principals import Form
from ...judgement.conditions.clause import Roles
from ...judgement.conditions.operators import Mode
from ...judgement.context.keys import documented
from ...judgement.context.request import PrincipalType
from ...judgement.values.verdict import Witness
from .answer import IDENTITY, Answer, Cited, Dependence, Reply
from .completions import ActionGroup, Completions, Found, Speaking
from .doubts import doubt, named, statements_of
from .wanted import Wanted
from .ways import certain_ways, possible_ways


@dataclass(frozen=True, slots=True)
class Replies:
    """Answers about the requests that a question leaves open."""

    open: Completions
    roles: Roles

    def about(self, fate: ActionGroup) -> Reply:
        """Answer the question about actions that the policy treats equally, for a caller outside the owner account."""
        if self.open.complete and self.open.allowed((fate,), Mode.MAY) is None:
            return self._denied(fate)
        if self.open.complete and self._never_refused(fate):
            return self._allowed(fate)
        granted = self.open.allowed((fate,), Mode.MUST)
        refused = self.open.denied(fate, Mode.MUST) or self.open.not_granted(fate, Mode.MUST)
        if granted is not None and refused is not None:
            return self._depending(fate.actions, (*granted.by, *refused.by), granted, refused.example)
        by = _cited((*fate.allows, *fate.denies))
        reason = doubt(fate, self.open)
        return Reply(Answer.UNDECIDED, fate.actions, by, reason, (), _example(granted), _example(refused))

    def within(self, fate: ActionGroup) -> Reply:
        """Answer it for a caller in the owner's account. An identity-based policy may allow what this policy does not.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
        """
        if self.open.not_denied(fate) is None:
            by = [one for one in fate.denies if one.certain]
            return Reply(Answer.DENIED, fate.actions, _cited(by), f"{_do(by, 'deny')} it")
        if self._never_refused(fate):
            direct = replace(fate, allows=tuple(self._named_directly(fate.allows)))
            return self._allowed(direct) if self._never_refused(direct) else self._left_to_iam(fate)
        granted, refused = self.open.allowed((fate,), Mode.MUST), self.open.denied(fate, Mode.MUST)
        by = [one for found in (granted, refused) if found is not None for one in found.by]
        reason = f"the repository's policy alone does not decide this: {IDENTITY} of the account may allow it"
        if self.open.denied(fate, Mode.MAY) is not None:
            reason += f", unless {_do(fate.denies, 'deny')} it"
        on = (Dependence(IDENTITY), *self._differences(_example(granted), _example(refused)))
        return Reply(Answer.DEPENDS, fate.actions, _cited(by), reason, on, _example(granted), _example(refused))

    def _named_directly(self, allows: Iterable[Speaking]) -> Iterator[Speaking]:
        """Yield the Allows that include the caller other than by naming the account.

        An Allow to the account's root ARN leaves it to the account's IAM policies who has the access.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
        """
        caller = self.open.caller
        for one in allows:
            principals = one.statement.statement.principals
            named = tuple([entry for entry in principals.named if entry.form is not Form.ACCOUNT])
            if principals.negated or len(named) == len(principals.named) or caller.types == (PrincipalType.ROOT,):
                yield one
                continue
            statement = one.statement.statement._replace(principals=principals._replace(named=named))
            ways = tuple(possible_ways(statement, caller, self.roles))
            if ways:
                yield Speaking(one.statement, tuple(certain_ways(statement, caller, self.roles)), ways)

    def _left_to_iam(self, fate: ActionGroup) -> Reply:
        reply = self._allowed(fate)
        granted = self.open.allowed((fate,), Mode.MUST)
        reason = f"{reply.reason} to the account: it depends on the IAM policies of {self.open.caller.text}"
        depends = (Dependence(IDENTITY),)
        return replace(reply, answer=Answer.DEPENDS, reason=reason, depends=depends, allowed=_example(granted))

    def _never_refused(self, fate: ActionGroup) -> bool:
        return self.open.denied(fate, Mode.MAY) is None and self.open.not_granted(fate, Mode.MAY) is None

    def _allowed(self, fate: ActionGroup) -> Reply:
        """Return the reply with the Allow that allows it: a single one that is enough alone, if there is one."""
        alone = [one for one in fate.allows if self.open.not_granted(fate, Mode.MAY, by=(one,)) is None]
        by = alone[:1] or fate.allows
        return Reply(Answer.ALLOWED, fate.actions, _cited(by), f"{_do(by, 'allow')} it")

    def _denied(self, fate: ActionGroup) -> Reply:
        """Return the reply with the Deny that denies it, or with the reason that no statement allows it."""
        if self.open.allowed((replace(fate, denies=()),), Mode.MAY) is None:
            return Reply(Answer.DENIED, fate.actions, (), "no statement allows it")
        each = [one for one in fate.denies if self.open.allowed((replace(fate, denies=(one,)),), Mode.MAY) is None]
        by = each[:1] or [one for one in fate.denies if one.certain]
        return Reply(Answer.DENIED, fate.actions, _cited(by), f"{_do(by, 'deny')} it")

    def about_all(self, fates: Sequence[ActionGroup], single: Sequence[Reply], wanted: Wanted) -> Reply:
        """Answer the question about actions that are needed together, none of them denied alone."""
        granted = self.open.allowed(fates, Mode.MUST)
        every = _cited(one for fate in fates for one in (*fate.allows, *fate.denies))
        if granted is None and self.open.complete and self.open.allowed(fates, Mode.MAY) is None:
            reason = (
                f"no single request can do everything that a {wanted.text} needs: the conditions of its actions "
                "exclude each other"
            )
            return Reply(Answer.PARTLY, wanted.actions, every, reason)
        refusing = next((one for one in single if one.refused is not None), None)
        if granted is not None and refusing is not None:
            found = self._depending(wanted.actions, granted.by, granted, refusing.refused)
            return replace(found, by=tuple(dict.fromkeys((*found.by, *refusing.by))))
        reason = next(one.reason for one in single if one.answer is not Answer.ALLOWED)
        return Reply(Answer.UNDECIDED, wanted.actions, every, reason, (), _example(granted))

    def _depending(
        self, actions: tuple[str, ...], by: Sequence[Speaking], granted: Found, refused: Witness | None
    ) -> Reply:
        depends = tuple(self._differences(granted.example, refused))
        denies = [one for one in by if one.statement.statement.effect is Effect.DENY]
        whether = _do(denies, "deny") if denies else _do(by, "allow")
        reason = f"whether {whether} it depends on {', '.join(one.on for one in depends)}"
        return Reply(Answer.DEPENDS, actions, _cited(by), reason, depends, granted.example, refused)

    def _differences(self, granted: Witness | None, refused: Witness | None) -> Iterator[Dependence]:
        """Yield the keys that the statements ask about and that differ between two requests."""
        if granted is None or refused is None:
            return
        one, other = _held(granted), _held(refused)
        for key, spelt in sorted(self.open.spelling.items()):
            if one.get(key) != other.get(key):
                yield Dependence(documented(spelt or key), one.get(key, ()), other.get(key, ()))


def _held(request: Witness) -> dict[str, tuple[str, ...]]:
    return {key.lower(): request.values(key) for key in request.context}


def _cited(speaking: Iterable[Speaking]) -> tuple[Cited, ...]:
    return tuple([Cited(one.number, one.sid, one.effect.value, one.document.value) for one in statements_of(speaking)])


def _example(found: Found | None) -> Witness | None:
    return None if found is None else found.example


def _do(speaking: Sequence[Speaking], verb: str) -> str:
    """Return a clause with the statements as its subject and `verb` as its verb."""
    return f"{named(speaking)} {verb if len(statements_of(speaking)) > 1 else _SINGULAR[verb]}"


_SINGULAR = {"allow": "allows", "deny": "denies"}
