"""The policy of a public repository. Everyone can pull, whatever the policy says. The policy decides who can push.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..policy.document import Actions, Policy, Statement
from ..policy.holes import Holed, Text
from ..policy.parse import parse
from ..policy.pattern import pattern
from .conditions.comparisons import string_tokens
from .judge import Repository, context_of
from .judgement import Origin, verdict_of
from .patterns.charset import ANY
from .patterns.tokens import matches
from .trust import Trust
from .verdict import Grant, Verdict, Witness

_PRIVATE, _PUBLIC = "ecr:", "ecr-public:"
_CHANGING = (
    "BatchDeleteImage",
    "CompleteLayerUpload",
    "DeleteRepository",
    "DeleteRepositoryPolicy",
    "InitiateLayerUpload",
    "PutImage",
    "PutRepositoryCatalogData",
    "SetRepositoryPolicy",
    "TagResource",
    "UntagResource",
    "UploadLayerPart",
)
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
    return replace(verdict, explain=lambda: tuple(map(named, verdict.grants)))


def changing(statement: Statement) -> Statement:
    """Return a statement with the changing actions that it names, under the names that the judgement knows."""
    actions = statement.actions
    named = [name for name in _CHANGING if _is_named(name, actions.patterns) is not actions.negated]
    holed = [_private(text) for text in actions.patterns if isinstance(text, Holed)]
    if actions.negated and holed:
        named = []  # such a hole may exempt any action
    patterns: list[Text] = [*(f"{_PRIVATE}{name}" for name in named), *holed]
    return statement._replace(actions=Actions(negated=False, patterns=tuple(patterns)))


def _is_named(name: str, patterns: Iterable[Text]) -> bool:
    whole = f"{_PUBLIC}{name}".lower()
    return any(isinstance(text, str) and _like(text.lower(), whole) for text in patterns)


def _like(text: str, name: str) -> bool:
    return matches(string_tokens(pattern(text, wild=True, variables=False).parts, ANY), name)


def _private(text: Holed) -> Holed:
    start = text.parts[0]
    if isinstance(start, str) and start.startswith(_PUBLIC):
        return Holed((_PRIVATE + start.removeprefix(_PUBLIC), *text.parts[1:]))
    return text


def named(grant: Grant) -> Grant:
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
