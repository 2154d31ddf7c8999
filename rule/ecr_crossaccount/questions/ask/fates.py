"""Groups the wanted actions that the policy treats equally, because the same statements apply to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...judgement.conditions.clause import Roles
from ...judgement.context.request import Tagging
from ...judgement.context.tagging import ACTIONS_BY_TAGGING
from ...judgement.judgement import Prepared
from ...judgement.reasons import telling_action
from ...judgement.search.denies import Deny
from ...judgement.search.principal_match import Allow
from .caller import Caller
from .completions import ActionGroup, Speaking
from .ways import certain_ways, possible_ways


def fates_of(actions: Iterable[str], caller: Caller, prepared: Prepared) -> Iterator[ActionGroup]:
    """Split actions such as `ecr:PutImage` into groups that the policy treats equally, each with its statements."""
    alike: dict[object, tuple[list[str], Tagging, tuple[Speaking, ...], tuple[Speaking, ...]]] = {}
    for action in actions:
        bit = prepared.sets.bit_of(action)
        allows = tuple(_speaking(prepared.allows, bit, caller, prepared.roles))
        denies = tuple(_speaking(prepared.denies, bit, caller, prepared.roles))
        key = (_tagging(bit), *((id(one.statement), bool(one.certain)) for one in (*allows, *denies)))
        alike.setdefault(key, ([], _tagging(bit), allows, denies))[0].append(action)
    for names, tagging, allows, denies in alike.values():
        yield ActionGroup(tuple(names), telling_action(names), tagging, allows, denies)


def _tagging(bit: int) -> Tagging:
    return next(tagging for tagging, only in ACTIONS_BY_TAGGING.items() if bit & only)


def _speaking(statements: Iterable[Allow | Deny], bit: int, caller: Caller, roles: Roles) -> Iterator[Speaking]:
    """Yield the statements that may apply to an action and to the caller."""
    for one in statements:
        if one.perhaps & bit:
            possible = tuple(possible_ways(one.statement, caller, roles))
            is_certain = one.actions & bit and not one.statement.holes
            certain = tuple(certain_ways(one.statement, caller, roles)) if is_certain else ()
            if possible:
                yield Speaking(one, certain, possible)
