"""Two policies of one resource as two states of it, compared in both directions."""

from __future__ import annotations

from functools import partial

from ecr_crossaccount import Origin, Repository, Trust
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.questions.change import opening
from ecr_crossaccount.questions.change.answer import Difference
from ecr_crossaccount.questions.change.states import Form, State

PROPOSED = (Origin.PROPOSED, Origin.PROPOSED)


def _difference(  # noqa: PLR0913, PLR0917 - everything that the result depends on
    kind: ResourceKind,
    old: object,
    new: object,
    repository: Repository,
    trust: Trust,
    origins: tuple[Origin, Origin] = PROPOSED,
) -> Difference:
    before, after = (
        State(kind, repository, trust, (Form(policy),), origin=origin)
        for policy, origin in zip((old, new), origins, strict=True)
    )
    return opening.difference(before, after)


difference = partial(_difference, ResourceKind.REPOSITORY)
registry_difference = partial(_difference, ResourceKind.REGISTRY)
public_difference = partial(_difference, ResourceKind.PUBLIC_REPOSITORY)
replication_difference = partial(_difference, ResourceKind.REPLICATION)
cache_difference = partial(_difference, ResourceKind.PULL_THROUGH_CACHE)
