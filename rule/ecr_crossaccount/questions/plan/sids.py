"""Sids for the statements of a plan: the author's own, or a name that says what the statement allows, and to whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, count

from ...documents.holes import Text
from ...documents.principals import Named, aws_principal
from ...judgement.values.actions import MASKS, ActionSets
from ...judgement.values.trust_entries import Subject
from ...judgement.values.verdict import Access
from .narrow import Part
from .written import Style, Written

_LONGEST_NAME = 40
_NO_NAME = frozenset({"", "None", "null"})
"""What programs write if a statement has no name."""
_PULL = frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})
_PUSH = frozenset({"ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"})
_OF_PUSHING = frozenset({"ecr:BatchCheckLayerAvailability"})
"""A read action that a push also needs: it checks which layers exist."""
_OF_READING = frozenset(ActionSets().names(MASKS[Access.READ]))
_WORDS = {
    Subject.ORGANIZATION: "Organization",
    Subject.ORGANIZATION_PATH: "OrganizationPath",
    Subject.VPC: "Vpc",
    Subject.VPC_ENDPOINT: "VpcEndpoint",
}


class Sids:
    """The Sids of a policy's statements, each of them unique.

    IAM allows letters and digits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """

    def __init__(self, owner: str, sids: Sequence[object], style: Style) -> None:
        self._owner = owner
        self._style = style
        self._given = [sid for sid in sids if isinstance(sid, str)]
        self._taken = set(self._given)

    def named(self, parts: Sequence[Part]) -> list[Written]:
        """Return the statements that one became. The first keeps its Sid, and the others get one that describes them.

        A single statement without a Sid does not need one. If the policy must be short, no Sid is added.
        """
        if not parts:
            return []
        first, *rest = parts
        if self._is_kept(first.written) or not (rest or "Sid" in first.written):
            return [first.written, *map(self._with_sid, rest)]
        return [self._with_sid(part) for part in parts]

    def _is_kept(self, statement: Written) -> bool:
        sid = statement.get("Sid")
        if isinstance(sid, str):
            return sid not in _NO_NAME and self._given.count(sid) == 1
        return sid is not None

    def _with_sid(self, part: Part) -> Written:
        if self._style is Style.SHORT:
            return _without_sid(part.written)
        name = _fresh(_sid(part, self._owner), self._taken)
        self._taken.add(name)
        return {"Sid": name, **_without_sid(part.written)}


def _without_sid(statement: Written) -> Written:
    return {name: value for name, value in statement.items() if name != "Sid"}


def _fresh(sid: str, taken: Collection[str]) -> str:
    numbered = (f"{sid}{number}" for number in count(2))
    return next(name for name in chain((sid,), numbered) if name not in taken)


def _sid(part: Part, owner: str) -> str:
    return _purpose(part) + _grantee(part, owner)


def _purpose(part: Part) -> str:
    ranks = part.block.ranks
    if Access.ADMIN.rank in ranks:
        return "Manage"
    sets = ActionSets()
    names = frozenset(sets.names(sets.allowed(part.actions)[1]))
    pushes = not names.isdisjoint(_PUSH)
    if Access.WRITE.rank not in ranks:
        return _reading(names)
    if Access.READ.rank not in ranks or (pushes and names & _OF_READING <= _OF_PUSHING):
        return "Push" if pushes else "Write"
    return f"{_reading(names)}And{'Push' if pushes else 'Write'}"


def _reading(names: Collection[str]) -> str:
    return "Read" if _PULL.isdisjoint(names) else "Pull"


def _grantee(part: Part, owner: str) -> str:
    block, limit = part.block, part.block.limit
    if limit is None:
        return "" if block.whole is not None else "From" + "And".join(_names(block.aws, block.services, owner))
    who = f"From{_service(block.services)}For" if limit.is_of_services else "From"
    if limit.subject is Subject.ACCOUNT:
        return who + _accounts(limit.values, owner)
    return who + _counted(_WORDS[limit.subject], len(limit.values))


def _names(aws: Sequence[Text], services: Sequence[Text], owner: str) -> Iterator[str]:
    if aws:
        entries = [aws_principal(text) if isinstance(text, str) else None for text in aws]
        accounts = dict.fromkeys(entry.account if isinstance(entry, Named) else "" for entry in entries)
        yield _accounts(tuple(accounts), owner)
    if services:
        yield _service(services)


def _accounts(names: Sequence[str], owner: str) -> str:
    if len(names) > 1:
        return "Accounts"
    return "Owner" if names[0] == owner else f"Account{names[0]}"


def _service(services: Sequence[Text]) -> str:
    name = services[0] if len(services) == 1 and isinstance(services[0], str) else ""
    words = re.findall(r"[A-Za-z0-9]+", name.partition(".amazon")[0])
    return "".join(map(str.capitalize, words))[:_LONGEST_NAME] or "Services"


def _counted(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
