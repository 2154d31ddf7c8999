"""The policy of a public repository. Everyone can pull, whatever the policy says. The policy decides who can push.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...documents.document import Actions, Policy, Statement
from ...documents.parse import parse
from ...documents.pattern import Holed, Text, pattern, pattern_of
from ..admission import Origin
from ..judge import Repository, context_of
from ..judgement import verdict_of
from ..patterns.charsets import ANY
from ..patterns.comparisons import string_tokens
from ..patterns.tokens import matches
from ..values.trust import Trust
from ..values.verdict import Grant, Verdict, Witness

_PRIVATE, _PUBLIC = "ecr:", "ecr-public:"
_NAMES = """
    BatchDeleteImage CompleteLayerUpload DeleteRepository DeleteRepositoryPolicy InitiateLayerUpload PutImage
    PutRepositoryCatalogData SetRepositoryPolicy TagResource UntagResource UploadLayerPart
"""
_CHANGING = tuple(_NAMES.split())
"""The actions on a public repository that are not open to everyone."""


def judge_public(policy: object, repository: Repository, trust: Trust, origin: Origin = Origin.PROPOSED) -> Verdict:
    """Decide what outsiders can change in a public repository through its policy.

    Never raises because of its content.
    """
    read = parse(policy)
    narrowed = Policy(tuple(map(changing, read.statements)), read.invalid)
    about = trust.about(repository.name).naming(policy, repository.organization)
    context = context_of(repository, trust, tuple(sorted(repository.tags.items())))
    verdict = verdict_of(narrowed, context, about, origin)
    return replace(verdict, explain=lambda: tuple(map(with_public_names, verdict.grants)))


def changing(statement: Statement) -> Statement:
    """Return a statement with the changing actions that it names, under the names that the judgement knows."""
    actions = statement.actions
    holed = [text for text in actions.patterns if isinstance(text, Holed)]
    written = {name for name in _CHANGING if _is_named(name, actions.patterns)}
    perhaps = {text: {name for name in _CHANGING if _may_name(text, name)} - written for text in holed}
    certain = written if not actions.negated else set(_CHANGING) - written.union(*perhaps.values())
    patterns: list[Text] = [f"{_PRIVATE}{name}" for name in _CHANGING if name in certain]
    # NotAction may name what a hole may exempt, and an action that is not in the list.
    private = _anything if actions.negated else _private
    patterns += [private(text) for text, names in perhaps.items() if names]
    return statement._replace(actions=Actions(negated=False, patterns=tuple(patterns)))


def _is_named(name: str, patterns: Iterable[Text]) -> bool:
    whole = f"{_PUBLIC}{name}".lower()
    return any(isinstance(text, str) and _matches_name(text.lower(), whole) for text in patterns)


def _matches_name(text: str, name: str) -> bool:
    return matches(string_tokens(pattern(text, wild=True, variables=False).parts, ANY), name)


def _may_name(text: Holed, name: str) -> bool:
    return _matches_name(pattern_of(text).lower(), f"{_PUBLIC}{name}".lower())


@dataclass(frozen=True, slots=True)
class _Renamed(Holed):
    """An action with holes under the name of the judgement. Messages show it as `written`."""

    written: Holed

    def __str__(self) -> str:
        return str(self.written)


def _anything(text: Holed) -> Holed:
    return _Renamed(text.holes[:1], text)


def _private(text: Holed) -> Holed:
    """Return an action that may be one of a public repository, with the service of the judgement.

    If holes are in the service, or it is not certain where the service ends, only the known end of the action counts.
    """
    first, last = text.parts[0], text.parts[-1]
    if isinstance(first, str) and ":" in first:
        return _Renamed((f"{_PRIVATE}{first.partition(':')[2]}", *text.parts[1:]), text)
    end = last.rpartition(":")[2] if isinstance(last, str) else ""
    return _Renamed((text.holes[0], *((end,) if end else ())), text)


def with_public_names(grant: Grant) -> Grant:
    """Return a grant with the names of actions as in the policy."""
    witness = grant.witness
    return replace(
        grant,
        actions=tuple(_public(name) for name in grant.actions),
        reason=grant.reason.replace(f" {_PRIVATE}", f" {_PUBLIC}"),
        witness=Witness(witness.principal, _public(witness.action), witness.context),
    )


def _public(action: str) -> str:
    return _PUBLIC + action.removeprefix(_PRIVATE)
