"""The judgement: can anyone outside access this repository through this policy?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache

from ..documents.document import is_account, partition_of
from ..documents.parse import parse
from ..documents.pattern import Pattern
from .admission import Origin
from .beside import Beside, JudgeCall, RegistryPolicy, judge_with
from .context.keys import is_repositorys_tag
from .context.request import RepositoryContext
from .judgement import verdict_of
from .values.trust import Trust
from .values.verdict import Verdict

EARLIEST = date(2026, 11, 1)
"""No judgement is about an earlier date. If the caller gives no date, this one is used."""


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that a policy belongs to.

    - `account`: the owner, 12 digits.
    - `name`: `*` if it is unknown.
    - `partition`: the partition of the Region, if the Region is known and no other partition is given.
    - `organization`: the organization of the owner, if it is known.
    - `tags`: empty if they are unknown, unless `tags_known` says that the repository has none.
    - `other_tags`: whether it may have more tags than these.
    """

    account: str
    name: str = "*"
    region: str | None = None
    partition: str = "aws"
    organization: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    tags_known: bool = False
    other_tags: bool = False

    def __post_init__(self) -> None:
        if not is_account(self.account):
            raise ValueError(f"`{self.account}` is not an account: expected 12 digits")
        if self.region is not None and self.partition == "aws":
            object.__setattr__(self, "partition", partition_of(self.region))


def judge(  # noqa: PLR0913 - everything that a verdict depends on
    policy: object,
    repository: Repository,
    trust: Trust,
    origin: Origin = Origin.PROPOSED,
    *,
    registry: RegistryPolicy | None = None,
    rcps: Sequence[object] = (),
) -> Verdict:
    """Decide what outsiders can do to a repository through its policy.

    `policy` is its text, its JSON object, or None if there is none. Never raises because of its content. The verdict's
    `invalid` has what IAM would not accept, and `undecided` has what cannot be decided. The same policy gets the same
    verdict everywhere: work is counted in steps, and today's date is part of the trust.

    `registry` is the policy of the repository's registry, from the same origin. Without it, the verdict is about the
    repository's own policy alone. `rcps` are the resource control policies that apply to the owner's account, as texts
    or JSON objects. With them, the verdict is about the access that they do not deny.
    """
    if registry is not None or rcps:
        return _judge_with(policy, repository, trust, origin, Beside(registry, tuple(rcps)))
    tags = repository.tags
    unread = not tags or (isinstance(policy, str) and not reads_tags(policy))
    context = context_of(repository, trust, () if unread else tuple(sorted(tags.items())))
    about = trust.about(repository.name).naming(policy, repository.organization)
    if isinstance(policy, str):
        return _judge_text(policy, context, about, origin)
    return verdict_of(parse(policy), context, about, origin)


def _judge_with(policy: object, repository: Repository, trust: Trust, origin: Origin, beside: Beside) -> Verdict:
    documents = [policy, *beside.documents]
    context = context_for(documents, repository, trust)
    about = trust.about(repository.name).naming(documents, repository.organization)
    return judge_with(JudgeCall(policy, context, about, origin), repository.name, beside)


def context_for(documents: Iterable[object], repository: Repository, trust: Trust) -> RepositoryContext:
    """Return the repository's part of every request. It has the tags if one of the documents may ask about them."""
    reads = any(not isinstance(document, str) or reads_tags(document) for document in documents if document is not None)
    return context_of(repository, trust, tuple(sorted(repository.tags.items())) if reads else ())


def context_of(repository: Repository, trust: Trust, tags: tuple[tuple[str, str], ...]) -> RepositoryContext:
    """Return the repository's part of every request. `tags` are those that the policy may ask about."""
    return _shared_context(
        repository.account,
        repository.partition,
        repository.region,
        repository.organization,
        tags,
        (repository.tags_known or bool(repository.tags)) and not repository.other_tags,
        _floor(trust.today or EARLIEST),
        None if trust.members is None else trust.members.place_of(repository.account, repository.organization),
    )


_shared_context = lru_cache(maxsize=1024)(RepositoryContext)
"""Returns one object for all repositories that are equal in everything that matters, because it is a key of the
verdicts' cache."""


@lru_cache(maxsize=256)
def _floor(today: date) -> datetime:
    return datetime.combine(today, time(), UTC)


@lru_cache(maxsize=4096)
def reads_tags(policy: str) -> bool:
    """Return whether a verdict may depend on the repository's tags: whether a condition or a variable in one names one.

    The policy is asked, not its text, because JSON can write each character in several ways. A text without escapes and
    without the words has none of these keys, and most texts are such.
    """
    if "\\" not in policy and "resourcetag/" not in policy.lower():
        return False
    conditions = [condition for statement in parse(policy).statements for condition in statement.conditions]
    patterns = [value for condition in conditions for value in condition.values if isinstance(value, Pattern)]
    variables = [variable.key for pattern in patterns for variable in pattern.variables]
    return any(map(is_repositorys_tag, [*(condition.name for condition in conditions), *variables]))


@lru_cache(maxsize=4096)
def _judge_text(policy: str, context: RepositoryContext, trust: Trust, origin: Origin) -> Verdict:
    """Judge an identical text once for each owner and trust, because nothing else can change the verdict."""
    return verdict_of(policy, context, trust, origin)
