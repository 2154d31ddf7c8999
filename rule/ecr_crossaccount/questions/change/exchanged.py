"""Replication and pull-through caches, compared with another state: the flows of images that only one of them has."""

from __future__ import annotations

from dataclasses import replace

from ...documents.problems import Invalid
from ...judgement.kinds.exchanges import Exchanged, cached, includes, replicated
from ...judgement.values.resource_kind import ResourceKind
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Grant, Undecided
from .answer import Change, Opened
from .states import State

_BEYOND = "{} does not say so of all these images"
_TRUSTED = "{} is judged with a register that trusts it"


def exchanged(before: State, old: object, after: State, new: object, names: tuple[str, str]) -> Opened:
    """Return the exchanges of images that are open after a change and were not before.

    Flows that the register of the state before covers were not open there. `names`: both states, in messages.
    """
    was, now = (name.replace("policy", "configuration") for name in names)
    known = [flow for one in _parts(before, old) for flow in one.flows]
    parts = [
        one
        for one in _parts(after, new)
        if not one.flows or not all(any(includes(other, flow) for other in known) for flow in one.flows)
    ]
    trusted = [flow for one in _parts(replace(before, trust=Trust.nobody()), old) for flow in one.flows]
    changes = []
    for one in parts:
        if isinstance(one.part, Grant):
            is_trusted = all(any(includes(other, flow) for other in trusted) for flow in one.flows)
            changes.append(Change(one.part, (_TRUSTED if is_trusted else _BEYOND).format(was), is_trusted))
    faults = tuple(one.part for one in parts if isinstance(one.part, Invalid))
    gone = (one.part for one in _parts(before, old) if isinstance(one.part, Invalid))
    doubts = [f"in {now}, {one.part.reason}" for one in parts if isinstance(one.part, Undecided)]
    doubts += [f"in {name}, {one.at}: {one.reason}" for name, each in ((now, faults), (was, gone)) for one in each]
    return Opened(tuple(changes), tuple(Undecided(None, reason) for reason in doubts), faults)


def _parts(state: State, configuration: object) -> list[Exchanged]:
    if configuration is None:
        return []
    ask = replicated if state.kind is ResourceKind.REPLICATION else cached
    return list(ask(configuration, state.repository, state.trusted))
