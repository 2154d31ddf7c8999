"""What can be opened: a policy, or what a registry sends and takes; of which repository, registry or template it is."""

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
    """What has a policy, or another text that decides who gets in."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    TEMPLATE = "creation template"
    PUBLIC = "public repository"
    REPLICATION = "replication"
    CACHE = "pull-through cache"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose policy it is. `name`: the repository's, the prefix of a template or cache, empty for a whole registry."""

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
    """A policy at one time: its text, None where there is none, and whether ECR wrote it or the caller.

    Of a replication and of a cache the text is the JSON of its configuration.
    """

    text: str | None
    origin: Origin = Origin.DEPLOYED


NO_POLICY = Stated(None)


def judged(subject: Subject, policy: Stated, trust: Trust, about: Repository) -> Verdict:
    """Judge a policy as what it is of. `about`: the subject as the judgement takes it, with what is known besides."""
    text, origin = policy.text, policy.origin
    match subject.kind:
        case Kind.REPOSITORY:
            return judge(text, about, trust, origin)
        case Kind.REGISTRY:
            return judge_registry(text, about, trust, origin)
        case Kind.TEMPLATE:  # nobody knows the repositories that it will be stamped on, but for how their names begin
            return judge(text, about, trust_in(trust, names_under(subject.name)), origin)
        case Kind.PUBLIC:
            return judge_public(text, about, trust, origin)
        case Kind.REPLICATION:
            return judge_replication(json.loads(text or '{"rules":[]}'), about, trust, origin)
        case Kind.CACHE:
            return judge(None, about, trust) if text is None else judge_cache(json.loads(text), about, trust, origin)


def asks_for_tags(subject: Subject, *policies: Stated | None) -> bool:
    """Tell whether the tags of a repository may decide about one of some policies."""
    texts = [one.text for one in policies if one is not None and one.text is not None]
    return subject.kind is Kind.REPOSITORY and any(map(reads_tags, texts))


def about(subject: Subject, organization: str | None, tags: Mapping[str, str] | None) -> Repository:
    """Return a subject as the judgement takes it; `tags` is None where they are not known."""
    return Repository(
        subject.account,
        subject.name if subject.kind in (Kind.REPOSITORY, Kind.PUBLIC) else "*",
        region=subject.region,
        partition=subject.partition,
        organization=organization,
        tags=tags or {},
        tags_known=tags is not None,
    )
