"""The state of an item: as it is judged, and as a report records it, so that a later audit can compare it exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...documents.holes import Text
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository
from ...judgement.values.named import names_under
from ...judgement.values.resource_kind import PREFIXED
from ...judgement.values.resource_kind import ResourceKind as Kind
from ...judgement.values.trust import Trust
from ...questions.change.recorded import Record
from ...questions.change.states import ANY_NAME, Form, State
from .items import Item

_ARN_PARTS = 6
_IN_ROW = frozenset({"account", "region", "partition", "name", "names", "origin"})
"""The parts of a state that follow from the other fields of its row, so that repositories can share the rest."""

Json = Mapping[str, Any]


def partition_of(arn: str) -> str:
    """Return the partition in an ARN."""
    parts = arn.split(":", _ARN_PARTS - 1)
    return parts[1] if len(parts) == _ARN_PARTS and parts[1] else "aws"


def repository_of(item: Item, organization: str | None) -> Repository:
    """Return the repository of an item.

    `organization` is its owner's, if known. Raises ValueError for a bad account.
    """
    return Repository(
        item.account,
        names_under(item.name)[0] if item.kind in PREFIXED else item.name,
        region=item.region or None,
        partition=partition_of(item.arn),
        organization=organization,
        tags=item.tags or {},
        tags_known=item.tags is not None,
    )


def _names_of(item: Item) -> tuple[Text, ...]:
    """Return the patterns of the repositories that an item applies to, if it does not name a single one."""
    return names_under(item.name) if item.kind in PREFIXED else ANY_NAME


def state_of(item: Item, repository: Repository, trust: Trust, registry: RegistryPolicy | None = None) -> State:
    """Return the state of an item. `registry`: the policy of its registry, if that counts."""
    scope = item.scope if item.kind is Kind.REGISTRY else Scope.V2
    form = Form(item.policy, registry=registry, scope=scope)
    return State(item.kind, repository, trust, (form,), _names_of(item), origin=Origin.DEPLOYED)


def written(state: State, record: Record) -> dict[str, Any]:
    """Return the field `state` of a row."""
    return {name: one for name, one in record.written(state).items() if name not in _IN_ROW}


def item_in(row: Json) -> Item:
    """Return the item of a row in a report. Raises LookupError, TypeError or ValueError if the row names none."""
    arn, account, region, name = (text(row[field]) for field in ("arn", "account", "region", "name"))
    return Item(arn, account, region, name, None, kind=Kind(row["kind"]))


def state_in(row: Json, item: Item, record: Record) -> State:
    """Return the state in a row of a report. Raises one of the errors that `earlier_in` catches if it has none."""
    about = repository_of(item, None)
    known = {"account": about.account, "region": about.region, "partition": about.partition, "name": about.name}
    whole = {**row["state"], **known, "names": list(_names_of(item)), "origin": Origin.DEPLOYED.value}
    state = record.state(whole, item.kind)
    tags, organization = state.repository.tags, state.repository.organization
    for one in (*tags, *tags.values(), *state.doubts, *([] if organization is None else [organization])):
        text(one)
    if len(state.forms) != 1:
        raise ValueError(state)
    return state


def text(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a text. Raises TypeError for another value."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value
