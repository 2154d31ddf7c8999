"""The answer to a question about access, as plain, immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...judgement.values.verdict import Witness


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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
            "depends": [one.to_json() for one in self.depends],
            "allowed": request_json(self.allowed),
            "refused": request_json(self.refused),
        }


@dataclass(frozen=True, slots=True)
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
        return {**self.reply.to_json(), "single": [one.to_json() for one in self.single], "notes": list(self.notes)}


def request_json(request: Witness | None) -> Mapping[str, object] | None:
    """Return a request as its fields, ready for `json.dumps`."""
    if request is None:
        return None
    context = {key: value if isinstance(value, str) else list(value) for key, value in request.context.items()}
    return {"principal": request.principal, "action": request.action, "context": context}
