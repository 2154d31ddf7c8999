"""What can be opened: the policy of a repository, registry or template, a replication, or a pull-through cache."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .. import Origin, Repository, Trust, Verdict, judge
from ..access.exchanges import judge_cache, judge_replication
from ..access.judge import reads_tags
from ..access.named import names_under, trust_in
from ..access.public import judge_public
from ..access.registry import judge_registry
from ..policy.principals import partition_of


class Kind(Enum):
    """What has a policy, or another configuration that decides who has access."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    TEMPLATE = "creation template"
    PUBLIC = "public repository"
    REPLICATION = "replication"
    CACHE = "pull-through cache"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a policy belongs to.

    `name` is the repository, the prefix of a template or cache, or empty for a registry.
    """

    kind: Kind
    account: str
    region: str
    name: str

    @property
    def partition(self) -> str:
        """The partition of the Region."""
        return partition_of(self.region)

    @property
    def key(self) -> str:
        """The key under which the subject is remembered."""
        return f"{self.kind.name}#{self.account}#{self.region}#{self.name}"

    @property
    def called(self) -> str:
        """The name of the subject for a person."""
        name = f" `{self.name}`" if self.name else ""
        return f"ECR {self.kind.value}{name} of account {self.account} in {self.region}"


@dataclass(frozen=True, slots=True)
class Stated:
    """A policy at one time: its text, or None if there is none, and whether ECR or the caller wrote it.

    For a replication or a cache, the text is the JSON of its configuration.
    """

    text: str | None
    origin: Origin = Origin.DEPLOYED


NO_POLICY = Stated(None)


def judged(subject: Subject, policy: Stated, trust: Trust, about: Repository) -> Verdict:
    """Judge the policy of a subject.

    `about` is the subject as the judgement takes it, with its tags and organization.
    """
    text, origin = policy.text, policy.origin
    match subject.kind:
        case Kind.REPOSITORY:
            return judge(text, about, trust, origin)
        case Kind.REGISTRY:
            return judge_registry(text, about, trust, origin)
        # of the repositories that the template will apply to, only the beginning of the name is known
        case Kind.TEMPLATE:
            return judge(text, about, trust_in(trust, names_under(subject.name)), origin)
        case Kind.PUBLIC:
            return judge_public(text, about, trust, origin)
        case Kind.REPLICATION:
            return judge_replication(json.loads(text or '{"rules":[]}'), about, trust, origin)
        case Kind.CACHE:
            return judge(None, about, trust) if text is None else judge_cache(json.loads(text), about, trust, origin)


def asks_for_tags(subject: Subject, *policies: Stated | None) -> bool:
    """Return whether the tags of a repository may decide about one of the policies."""
    texts = [one.text for one in policies if one is not None and one.text is not None]
    return subject.kind is Kind.REPOSITORY and any(map(reads_tags, texts))


def about(subject: Subject, organization: str | None, tags: Mapping[str, str] | None) -> Repository:
    """Return a subject as the judgement takes it. `tags` is None if they are unknown."""
    return Repository(
        subject.account,
        subject.name if subject.kind in (Kind.REPOSITORY, Kind.PUBLIC) else "*",
        region=subject.region,
        partition=subject.partition,
        organization=organization,
        tags=tags or {},
        tags_known=tags is not None,
    )
