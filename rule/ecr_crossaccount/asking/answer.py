"""What a question about access is answered: plain, immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..access.verdict import Witness


class Answer(StrEnum):
    """Whether a caller may do what he wants.

    Each speaks of all requests that there can be by whom the question names, with the condition keys that it fixes.
    """

    ALLOWED = "allowed"
    """Every one of them is allowed, whatever the rest is."""
    DEPENDS = "depends"
    """Some are allowed and some are not."""
    PARTLY = "partly"
    """Never all that it takes together, but some of it is, or may be."""
    DENIED = "denied"
    """None of them may be allowed."""
    UNDECIDED = "undecided"
    """It cannot be determined."""


IDENTITY = "identity-based policies"
"""On what access within the owner's account depends, besides the policy of the repository."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A statement of a policy, by its number from 0 on.

    `policy` says which: `repository`, `registry` or `resource-control`.
    """

    number: int
    sid: str | None
    effect: str
    policy: str = "repository"

    def to_json(self) -> dict[str, object]:
        """Return it ready for `json.dumps`."""
        return {"policy": self.policy, "statement": self.number, "sid": self.sid, "effect": self.effect}


@dataclass(frozen=True, slots=True)
class Dependence:
    """A condition key, or identity-based policies, on which an answer depends.

    `allowed` and `refused` are its values in the two examples, none where it is absent.
    """

    on: str
    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return it ready for `json.dumps`."""
        return {"on": self.on, "allowed": list(self.allowed), "refused": list(self.refused)}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer about some actions that fare alike, or about several together.

    `by`: the statements that decide it. `allowed` and `refused`: a request that certainly is, if there is one.
    `depends`: what differs between the two. `reason` is for a person.
    """

    answer: Answer
    actions: tuple[str, ...]
    by: tuple[Cited, ...]
    reason: str
    depends: tuple[Dependence, ...] = ()
    allowed: Witness | None = None
    refused: Witness | None = None

    def to_json(self) -> dict[str, object]:
        """Return it ready for `json.dumps`."""
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
    """The answer to a question about one repository; `single` are those about its actions, where they differ.

    `notes` are what a reader should know besides.
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
        """Whether some request that is asked about gets in, if only with a part of what is wanted."""
        return self.reply.answer in (Answer.ALLOWED, Answer.PARTLY) or self.reply.allowed is not None

    @property
    def keeps_out(self) -> bool:
        """Whether some request that is asked about certainly does not get in."""
        refusals = (Answer.DENIED, Answer.PARTLY)
        return self.reply.answer in refusals or self.reply.refused is not None

    def to_json(self) -> dict[str, object]:
        """Return it ready for `json.dumps`."""
        return {**self.reply.to_json(), "single": [one.to_json() for one in self.single], "notes": list(self.notes)}


def request_json(request: Witness | None) -> Mapping[str, object] | None:
    """Return a request ready for `json.dumps`."""
    if request is None:
        return None
    context = {key: value if isinstance(value, str) else list(value) for key, value in request.context.items()}
    return {"principal": request.principal, "action": request.action, "context": context}
