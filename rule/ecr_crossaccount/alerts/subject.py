"""What a call has changed, and to what: a policy, and of which repository, registry or template it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from .. import Origin, Repository, Trust, Verdict, judge
from ..access.judge import reads_tags
from ..access.public import judge_public
from ..access.registry import judge_registry
from ..policy.principals import partition_of
from .errors import RecordError
from .record import Record, object_of, text_of


class Kind(Enum):
    """What has a policy."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    TEMPLATE = "creation template"
    PUBLIC = "public repository"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose policy it is. `name`: the repository's, the template's prefix, empty for the registry."""

    kind: Kind
    account: str
    region: str
    name: str

    @property
    def partition(self) -> str:
        """The partition that its Region is in."""
        return partition_of(self.region)

    @property
    def key(self) -> str:
        """What it is called where something is remembered of it."""
        return f"{self.kind.name}#{self.account}#{self.region}#{self.name}"

    @property
    def called(self) -> str:
        """What a person calls it."""
        name = f" `{self.name}`" if self.name else ""
        return f"ECR {self.kind.value}{name} of account {self.account} in {self.region}"


@dataclass(frozen=True, slots=True)
class Stated:
    """A policy at one time: its text, None where there is none, and whether ECR wrote it or the caller."""

    text: str | None
    origin: Origin = Origin.DEPLOYED


NO_POLICY = Stated(None)


@dataclass(frozen=True, slots=True)
class Change:
    """A policy that was replaced. `after` is None where the record does not say by what.

    `at`: when, for the order of changes; a repository is made before anything else befalls it in the same second.
    """

    subject: Subject
    after: Stated | None
    at: datetime


def change_of(record: Record) -> Change | None:
    """Return which policy a call has changed, None for a call that changes none. Raises RecordError."""
    change = _CHANGES.get(record.name)
    return None if change is None else change(record)


def judged(subject: Subject, policy: Stated, trust: Trust, about: Repository) -> Verdict:
    """Judge a policy as what it is of. `about`: the subject as the judgement takes it, with what is known besides."""
    match subject.kind:
        case Kind.REGISTRY:
            return judge_registry(policy.text, about, trust, policy.origin)
        case Kind.PUBLIC:
            return judge_public(policy.text, about, trust, policy.origin)
        case Kind.REPOSITORY | Kind.TEMPLATE:
            return judge(policy.text, about, trust, policy.origin)


def asks_for_tags(subject: Subject, *policies: Stated | None) -> bool:
    """Tell whether the tags of a repository may decide about one of some policies."""
    texts = [one.text for one in policies if one is not None and one.text is not None]
    return subject.kind is Kind.REPOSITORY and any(map(reads_tags, texts))


def about(subject: Subject, organization: str | None, tags: Mapping[str, str] | None) -> Repository:
    """Return a subject as the judgement takes it; `tags` is None where they are not known.

    A template's policy is judged for a repository whose name is not known: nobody knows what it will be stamped on.
    """
    return Repository(
        subject.account,
        subject.name if subject.kind in (Kind.REPOSITORY, Kind.PUBLIC) else "*",
        region=subject.region,
        partition=subject.partition,
        organization=organization,
        tags=tags or {},
        tags_known=tags is not None,
    )


def _repository(record: Record) -> Subject:
    if record.repository is None:
        raise RecordError(f"the record of {record.name} names no repository")
    kind = Kind.PUBLIC if record.is_public else Kind.REPOSITORY
    return Subject(kind, record.owner, record.region, record.repository)


def _registry(record: Record) -> Subject:
    return Subject(Kind.REGISTRY, record.owner, record.region, "")


def _template(record: Record) -> Subject:
    prefix = text_of(record.request, "prefix") or text_of(_answered(record), "prefix")
    if prefix is None:
        raise RecordError(f"the record of {record.name} names no prefix")
    return Subject(Kind.TEMPLATE, record.owner, record.region, prefix)


def _answered(record: Record) -> Mapping[str, object]:
    return object_of(record.response, "repositoryCreationTemplate")


def _written(record: Record, name: str) -> Stated | None:
    """Return a policy as ECR answered it, else as the caller wrote it, None where the record has neither.

    CloudTrail leaves out what is too long.
    """
    stored, asked = text_of(record.response, name), text_of(record.request, name)
    if stored is not None:
        return Stated(stored)
    return None if asked is None else Stated(asked, Origin.PROPOSED)


def _stamped(record: Record) -> Stated | None:
    """Return the policy of a template after the call. An update keeps the one that it does not speak of."""
    stored, asked = text_of(_answered(record), "repositoryPolicy"), text_of(record.request, "repositoryPolicy")
    if stored is not None:
        return Stated(stored)
    if asked is not None:
        return Stated(asked, Origin.PROPOSED)
    is_new = record.name == "CreateRepositoryCreationTemplate" and text_of(record.request, "prefix") is not None
    return NO_POLICY if is_new else None


def _emptied(record: Record) -> Change:
    return Change(_repository(record), NO_POLICY, record.at)


_MOMENT = timedelta(milliseconds=1)
_CHANGES: Mapping[str, Callable[[Record], Change]] = {
    "SetRepositoryPolicy": lambda record: Change(_repository(record), _written(record, "policyText"), record.at),
    "DeleteRepositoryPolicy": _emptied,
    # A repository that is made anew under a name starts without what is remembered of the one before.
    "DeleteRepository": _emptied,
    "CreateRepository": lambda record: Change(_repository(record), NO_POLICY, record.at - _MOMENT),
    "PutRegistryPolicy": lambda record: Change(_registry(record), _written(record, "policyText"), record.at),
    "DeleteRegistryPolicy": lambda record: Change(_registry(record), NO_POLICY, record.at),
    "CreateRepositoryCreationTemplate": lambda record: Change(_template(record), _stamped(record), record.at),
    "UpdateRepositoryCreationTemplate": lambda record: Change(_template(record), _stamped(record), record.at),
    "DeleteRepositoryCreationTemplate": lambda record: Change(_template(record), NO_POLICY, record.at),
}
CHANGES = frozenset(_CHANGES)
"""The calls after which a policy is another."""
