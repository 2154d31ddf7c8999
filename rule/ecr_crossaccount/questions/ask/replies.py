"""From the results of the searches to an answer: which result excludes others, and the reason in words.

The answer is plain, immutable values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from ...documents.document import Document, Effect, Form, Statement
from ...documents.problems import first_of
from ...judgement.conditions.operators import Mode, Roles
from ...judgement.context.keys import documented_name
from ...judgement.context.request import PrincipalType
from ...judgement.reasons import name_of, unknown_of
from ...judgement.values.verdict import Witness
from ...memo import by_value
from .completions import ActionGroup, Completions, Found, Speaking
from .kinds import certain_ways, possible_ways
from .question import Wanted


class Answer(StrEnum):
    """Whether a caller may do what the question is about.

    Each answer covers all possible requests of the caller with the condition keys that the question fixes.
    """

    ALLOWED = "allowed"
    """Every request is allowed, whatever its other values are."""
    DEPENDS = "depends"
    """Some requests are allowed and some are not."""
    PARTLY = "partly"
    """Everything together is never allowed, but a part of it is, or may be."""
    DENIED = "denied"
    """No request can be allowed."""
    UNDECIDED = "undecided"
    """The answer cannot be determined."""


IDENTITY = "identity-based policies"
"""Access within the owner's account depends on these too, besides the policy of the repository."""


@by_value
class Cited:
    """A statement of a policy, by its number, counted from 0.

    `policy` says which policy: `repository`, `registry` or `resource-control`.
    """

    number: int
    sid: str | None
    effect: str
    policy: str = "repository"

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        return {"policy": self.policy, "statement": self.number, "sid": self.sid, "effect": self.effect}


@by_value
class Dependence:
    """A condition key, or identity-based policies, on which an answer depends.

    `allowed` and `refused` are the key's values in the two examples. They are empty if the key is absent.
    """

    on: str
    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        return {"on": self.on, "allowed": list(self.allowed), "refused": list(self.refused)}


@by_value
class Reply:
    """The answer about actions that the policy treats equally, or about several such groups together.

    `by`: the statements that decide it. `allowed` and `refused`: a request that certainly is, if there is one.
    `depends`: the differences between the two. `reason`: a sentence for people.
    """

    answer: Answer
    actions: tuple[str, ...]
    by: tuple[Cited, ...]
    reason: str
    depends: tuple[Dependence, ...] = ()
    allowed: Witness | None = None
    refused: Witness | None = None

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        return {
            "answer": self.answer.value,
            "actions": list(self.actions),
            "by": [one.to_json() for one in self.by],
            "reason": self.reason,
            "depends": [dependence.to_json() for dependence in self.depends],
            "allowed": None if self.allowed is None else self.allowed.to_json(),
            "refused": None if self.refused is None else self.refused.to_json(),
        }


@by_value
class Answered:
    """The answer to a question about one repository. `single`: the answers about its actions, if they differ.

    `notes`: other remarks for the reader.
    """

    reply: Reply
    single: tuple[Reply, ...]
    notes: tuple[str, ...] = ()

    @property
    def answer(self) -> Answer:
        """The answer as a whole."""
        return self.reply.answer

    @property
    def lets_in(self) -> bool:
        """Whether some request in question is allowed, even if only for a part of the wanted actions."""
        return self.reply.answer in (Answer.ALLOWED, Answer.PARTLY) or self.reply.allowed is not None

    @property
    def keeps_out(self) -> bool:
        """Whether some request in question is certainly not allowed."""
        refusals = (Answer.DENIED, Answer.PARTLY)
        return self.reply.answer in refusals or self.reply.refused is not None

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        return {**self.reply.to_json(), "single": [reply.to_json() for reply in self.single], "notes": list(self.notes)}


_SHOWN = 3
_MANY = (
    "the policy distinguishes accounts or organizations that it does not name, so the answer is not the same for all "
    "of them"
)


def doubt(fate: ActionGroup, among: Completions) -> str:
    """Return a text that says what cannot be determined about the statements on some actions."""
    if not among.complete:
        return _MANY
    speaking = (*fate.allows, *fate.denies)
    reasons = [reason for one in speaking for reason in _reasons(one, among)]
    found = list(dict.fromkeys(reasons))
    return "; ".join(found[:_SHOWN]) or f"whether {statement_names(speaking)} apply together cannot be determined"


def _reasons(one: Speaking, among: Completions) -> Iterator[str]:
    statement = one.statement.statement
    whether = f"whether {name_of(statement)} ({statement.effect.value}) applies"
    holes = unknown_of(statement)
    if holes:
        yield f"{whether} depends on unknown values: {first_of(holes, _SHOWN)}"
    keys = dict.fromkeys(clause.condition.key for clause in one.statement.clauses if not among.is_certain(clause))
    if keys:
        yield f"{whether} depends on {', '.join(keys)}, whose value in such a request cannot be determined"
    if not holes and one.certain != one.possible:
        yield f"{whether} cannot be determined: it is not known whether its Principal includes this caller"


def statement_names(speaking: Sequence[Speaking]) -> str:
    """Return the names of some statements for a sentence, each once."""
    return first_of([name_of(statement) for statement in statements_of(speaking)], _SHOWN)


def statements_of(speaking: Iterable[Speaking]) -> list[Statement]:
    """Return the statements, each once, in the order of the policies."""
    found = {id(one.statement.statement): one.statement.statement for one in speaking}
    return sorted(found.values(), key=lambda one: (_DOCUMENTS.index(one.document), one.number))


_DOCUMENTS = tuple(Document)


@by_value
class Replies:
    """Answers about the requests that a question leaves open."""

    open: Completions
    roles: Roles

    def reply_to_outsider(self, fate: ActionGroup) -> Reply:
        """Answer the question about actions that the policy treats equally, for a caller outside the owner account."""
        if self.open.complete and self.open.allowed_request((fate,), Mode.MAY) is None:
            return self._denied_reply(fate)
        if self.open.complete and self._never_refused(fate):
            return self._allowed_reply(fate)
        granted = self.open.allowed_request((fate,), Mode.MUST)
        refused = self.open.denied_request(fate, Mode.MUST) or self.open.not_granted(fate, Mode.MUST)
        if granted is not None and refused is not None:
            return self._depending(fate.actions, (*granted.by, *refused.by), granted, refused.example)
        by = _cite((*fate.allows, *fate.denies))
        reason = doubt(fate, self.open)
        return Reply(Answer.UNDECIDED, fate.actions, by, reason, (), _example(granted), _example(refused))

    def reply_to_owner(self, fate: ActionGroup) -> Reply:
        """Answer it for a caller in the owner's account. An identity-based policy may allow what this policy does not.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
        """
        if self.open.not_denied(fate) is None:
            by = [deny for deny in fate.denies if deny.certain]
            return Reply(Answer.DENIED, fate.actions, _cite(by), f"{_do(by, 'deny')} it")
        if self._never_refused(fate):
            direct = replace(fate, allows=tuple(self._named_directly(fate.allows)))
            return self._allowed_reply(direct) if self._never_refused(direct) else self._left_to_iam(fate)
        granted, refused = self.open.allowed_request((fate,), Mode.MUST), self.open.denied_request(fate, Mode.MUST)
        by = [one for found in (granted, refused) if found is not None for one in found.by]
        reason = f"the repository's policy alone does not decide this: {IDENTITY} of the account may allow it"
        if self.open.denied_request(fate, Mode.MAY) is not None:
            reason += f", unless {_do(fate.denies, 'deny')} it"
        on = (Dependence(IDENTITY), *self._differences(_example(granted), _example(refused)))
        return Reply(Answer.DEPENDS, fate.actions, _cite(by), reason, on, _example(granted), _example(refused))

    def _named_directly(self, allows: Iterable[Speaking]) -> Iterator[Speaking]:
        """Yield the Allows that include the caller other than by naming the account.

        An Allow to the account's root ARN leaves it to the account's IAM policies who has the access.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
        """
        caller = self.open.caller
        for allow in allows:
            principals = allow.statement.statement.principals
            named = tuple([entry for entry in principals.named if entry.form is not Form.ACCOUNT])
            if principals.negated or len(named) == len(principals.named) or caller.types == (PrincipalType.ROOT,):
                yield allow
                continue
            statement = allow.statement.statement._replace(principals=principals._replace(named=named))
            ways = tuple(possible_ways(statement, caller, self.roles))
            if ways:
                yield Speaking(allow.statement, tuple(certain_ways(statement, caller, self.roles)), ways)

    def _left_to_iam(self, fate: ActionGroup) -> Reply:
        reply = self._allowed_reply(fate)
        granted = self.open.allowed_request((fate,), Mode.MUST)
        reason = f"{reply.reason} to the account: it depends on the IAM policies of {self.open.caller.text}"
        depends = (Dependence(IDENTITY),)
        return replace(reply, answer=Answer.DEPENDS, reason=reason, depends=depends, allowed=_example(granted))

    def _never_refused(self, fate: ActionGroup) -> bool:
        return self.open.denied_request(fate, Mode.MAY) is None and self.open.not_granted(fate, Mode.MAY) is None

    def _allowed_reply(self, fate: ActionGroup) -> Reply:
        """Return the reply with the Allow that allows it: a single one that is enough alone, if there is one."""
        alone = [allow for allow in fate.allows if self.open.not_granted(fate, Mode.MAY, by=(allow,)) is None]
        by = alone[:1] or fate.allows
        return Reply(Answer.ALLOWED, fate.actions, _cite(by), f"{_do(by, 'allow')} it")

    def _denied_reply(self, fate: ActionGroup) -> Reply:
        """Return the reply with the Deny that denies it, or with the reason that no statement allows it."""
        if self.open.allowed_request((replace(fate, denies=()),), Mode.MAY) is None:
            return Reply(Answer.DENIED, fate.actions, (), "no statement allows it")
        each = [
            deny
            for deny in fate.denies
            if self.open.allowed_request((replace(fate, denies=(deny,)),), Mode.MAY) is None
        ]
        by = each[:1] or [deny for deny in fate.denies if deny.certain]
        return Reply(Answer.DENIED, fate.actions, _cite(by), f"{_do(by, 'deny')} it")

    def about_all(self, fates: Sequence[ActionGroup], single: Sequence[Reply], wanted: Wanted) -> Reply:
        """Answer the question about actions that are needed together, none of them denied alone."""
        granted = self.open.allowed_request(fates, Mode.MUST)
        every = _cite(allow for fate in fates for allow in (*fate.allows, *fate.denies))
        if granted is None and self.open.complete and self.open.allowed_request(fates, Mode.MAY) is None:
            reason = (
                f"no single request can do everything that a {wanted.text} needs: the conditions of its actions "
                "exclude each other"
            )
            return Reply(Answer.PARTLY, wanted.actions, every, reason)
        refusing = next((reply for reply in single if reply.refused is not None), None)
        if granted is not None and refusing is not None:
            found = self._depending(wanted.actions, granted.by, granted, refusing.refused)
            return replace(found, by=tuple(dict.fromkeys((*found.by, *refusing.by))))
        reason = next(reply.reason for reply in single if reply.answer is not Answer.ALLOWED)
        return Reply(Answer.UNDECIDED, wanted.actions, every, reason, (), _example(granted))

    def _depending(
        self, actions: tuple[str, ...], by: Sequence[Speaking], granted: Found, refused: Witness | None
    ) -> Reply:
        depends = tuple(self._differences(granted.example, refused))
        denies = [one for one in by if one.statement.statement.effect is Effect.DENY]
        whether = _do(denies, "deny") if denies else _do(by, "allow")
        reason = f"whether {whether} it depends on {', '.join(dependence.on for dependence in depends)}"
        return Reply(Answer.DEPENDS, actions, _cite(by), reason, depends, granted.example, refused)

    def _differences(self, granted: Witness | None, refused: Witness | None) -> Iterator[Dependence]:
        """Yield the keys that the statements ask about and that differ between two requests."""
        if granted is None or refused is None:
            return
        one, other = _context_values(granted), _context_values(refused)
        for key, spelt in sorted(self.open.spelling.items()):
            if one.get(key) != other.get(key):
                yield Dependence(documented_name(spelt or key), one.get(key, ()), other.get(key, ()))


def _context_values(request: Witness) -> dict[str, tuple[str, ...]]:
    return {key.lower(): request.values(key) for key in request.context}


def _cite(speaking: Iterable[Speaking]) -> tuple[Cited, ...]:
    return tuple(
        [
            Cited(statement.number, statement.sid, statement.effect.value, statement.document.value)
            for statement in statements_of(speaking)
        ]
    )


def _example(found: Found | None) -> Witness | None:
    return None if found is None else found.example


def _do(speaking: Sequence[Speaking], verb: str) -> str:
    """Return a clause with the statements as its subject and `verb` as its verb."""
    return f"{statement_names(speaking)} {verb if len(statements_of(speaking)) > 1 else _SINGULAR[verb]}"


_SINGULAR = {"allow": "allows", "deny": "denies"}
