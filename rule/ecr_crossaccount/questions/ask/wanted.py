"""What a caller wants to do: an action, the actions that a pattern matches, or a word for several actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from ...documents.document import Actions
from ...documents.holes import Text
from ...documents.problems import quoted
from ...errors import QuestionError, closest
from ...judgement.values.actions import MASKS, NAMES, ActionSets, beyond
from ...judgement.values.verdict import Access

_SERVICE = "ecr:"
_PREFIXED = tuple(f"{_SERVICE}{name}" for name in NAMES)


class Needs(Enum):
    """Whether all of several actions are needed, or any one of them."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The actions in question, such as `ecr:PutImage`, in the order of the table. `text` is what the user wrote.

    `telling` has the actions that are useful alone. A caller who may do none of them can do nothing that is wanted.
    `pattern` is the pattern that they match, or None for a word.
    """

    text: str
    actions: tuple[str, ...]
    needs: Needs
    telling: frozenset[str]
    pattern: str | None = None

    def reaching(self, names: Iterable[Text]) -> Wanted:
        """Return it with the actions in `names` that match its pattern.

        They are not in the table, but AWS may know them.
        """
        more = () if self.pattern is None else beyond(names, self.pattern)
        return replace(self, actions=(*self.actions, *more), telling=self.telling.union(more))


WORDS = {
    "pull": ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
    "push": (
        "ecr:BatchCheckLayerAvailability",
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ),
}
"""All actions that a pull and a push need.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
"""

_TELL_NOTHING = frozenset({"ecr:BatchCheckLayerAvailability"})
"""The actions that a push needs, but that push nothing."""

ADMIN = "admin"
"""The word for any one of the ADMIN actions. Each of them alone gives control over the repository."""


def wanted_of(text: str) -> Wanted:
    """Read the wanted actions. Raises QuestionError.

    An action that is not in the table is an error, because "denied" would be a wrong answer.
    """
    word = text.lower()
    if word in WORDS:
        return Wanted(word, WORDS[word], Needs.ALL, frozenset(WORDS[word]) - _TELL_NOTHING)
    sets = ActionSets()
    if word == ADMIN:
        return _any_of(word, sets.names(MASKS[Access.ADMIN]))
    pattern = text if ":" in text else f"{_SERVICE}{text}"
    names = sets.names(sets.allowed(Actions(negated=False, patterns=(pattern,)))[0])
    found = tuple(name for name in names if name in _PREFIXED)
    if not found:
        raise QuestionError(_refusal(text, pattern))
    return _any_of(text, found, pattern)


def _any_of(text: str, actions: tuple[str, ...], pattern: str | None = None) -> Wanted:
    return Wanted(text, actions, Needs.ANY, frozenset(actions), pattern)


def _refusal(text: str, pattern: str) -> str:
    meant = closest(text, (*WORDS, ADMIN)) or closest(pattern, _PREFIXED)
    hint = f" (did you mean `{meant}`?)" if meant else ""
    return (
        f"{quoted(text)} is not a known action on a repository{hint}: expected one such as `ecr:PutImage`, "
        "a pattern such as `ecr:Put*`, or pull, push or admin"
    )
