"""From the values that a search found to one request that can be replayed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import assert_never

from .attempt import Attempt, Problem
from .callers import USUAL
from .charset import GENERIC
from .clause import Clause
from .comparisons import Unknown, resolve
from .domains import MULTIVALUED, Assignment, Values
from .ground import Ground
from .keys import NAMES
from .operators import Answer, answer
from .scene import SOME_ACCOUNT, Contains, Deputy, NobodysCustomer, Outsider, Place, Scene, Sort, Unsure, settled
from .verdict import Witness

_RUN = re.compile(f"{GENERIC}+")
_FILLINGS = (
    ("999988887777", "z9y8x7w6v5", "EXAMPLEZ9Y8X7W6V5", "qq9z"),
    ("343434565656", "k3j5h7g9f2", "K3J5H7G9F2K3J5H7G", "k7x3"),
    ("120948753026", "m4n6b8v0c1", "Q0R2S4T6U8V1W3X5Y", "w2e4"),
    ("808080909090", "t1t2t3t4t5", "ZZZZ1111YYYY2222X", "a0b9"),
    ("271828459045", "p0o9i8u7y6", "A1B2C3D4E5F6G7H8J", "j5l1"),
)


def _filled(text: str, filling: tuple[str, str, str, str]) -> str:
    """Replace what nobody chooses by something real: an account, an organization, a unique id, any other."""

    def real(found: re.Match[str]) -> str:
        length = found.end() - found.start()
        match length:
            case 12:
                return filling[0]
            case 10:
                return filling[1]
            case 17:
                return filling[2]
        return (filling[3] * length)[:length]

    return _RUN.sub(real, text)


@lru_cache(maxsize=64)
def _everybodys(place: Place) -> Mapping[str, Values]:
    moment = place.floor.isoformat().replace("+00:00", "Z")
    return {
        "aws:securetransport": ("true",),
        "aws:currenttime": (moment,),
        "aws:epochtime": (str(int(place.floor.timestamp())),),
        "aws:resourceaccount": (place.owner,),
        "aws:requestedregion": (place.region,) if place.region else None,
        "aws:resourceorgid": (place.organization,) if place.organization else None,
    }


@lru_cache(maxsize=64)
def _tags(place: Place) -> Mapping[str, Values]:
    """The repository's tags, but for names that differ in case alone: which of those counts cannot be told."""
    names = Counter(name.lower() for name, _ in place.tags)
    sure = [(name.lower(), value) for name, value in place.tags if names[name.lower()] == 1]
    return {f"{prefix}:resourcetag/{name}": (value,) for name, value in sure for prefix in ("aws", "ecr")}


def _arn_and_id(scene: Outsider) -> tuple[str, str]:
    start, unknown = f"arn:{scene.place.partition}", GENERIC * 17
    match scene.sort:
        case Sort.ROLE:
            return f"{start}:iam::{scene.account}:role/{USUAL}", f"AROA{unknown}:{USUAL}"
        case Sort.USER:
            return f"{start}:iam::{scene.account}:user/{USUAL}", f"AIDA{unknown}"
        case Sort.FEDERATED:
            return f"{start}:sts::{scene.account}:federated-user/{USUAL}", f"{scene.account}:{USUAL}"
        case Sort.ROOT:
            return f"{start}:iam::{scene.account}:root", scene.account
        case _:
            assert_never(scene.sort)


def _principals(scene: Outsider) -> dict[str, Values]:
    arn, userid = _arn_and_id(scene)
    return {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (scene.account,),
        "aws:principaltype": (scene.sort.value,),
        "aws:userid": (userid,),
        "aws:username": (USUAL,) if scene.sort is Sort.USER else None,
        "aws:principalisawsservice": ("false",),
        "aws:viaawsservice": ("true" if scene.route.via else "false",),
    }


def _usual(attempt: Attempt, values: Assignment) -> dict[str, Values]:
    """What a request of the attempt's kind carries where nothing particular is asked of it."""
    scene = attempt.scene
    if isinstance(scene, Deputy):
        service = (scene.service,)
        own: dict[str, Values] = {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": service,
            "aws:principalservicenameslist": service,
            "aws:sourceaccount": (scene.account,),
        }
        return {**own, **_everybodys(scene.place)}
    if scene.account == SOME_ACCOUNT:
        account = values.get("aws:principalaccount") or attempt.default("aws:principalaccount") or ("",)
        scene = scene._replace(account=account[0])
    found = _principals(scene)
    if scene.organization is not None:
        found |= {key: attempt.default(key) for key in ("aws:principalorgid", "aws:principalorgpaths")}
    if scene.route.address:
        found["aws:sourceip"] = ("198.51.100.7",)
    if scene.route.endpoint:
        found |= {key: attempt.default(key) for key in ("aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce")}
    return {**found, **_everybodys(scene.place)}


def witness(
    attempt: Attempt, problem: Problem, values: dict[str, Values], action: str, ground: Ground
) -> Witness | None:
    """Return the request as a person would send it, checked once more as it stands; None if it would not do.

    Keys are spelt as the policy does that asks about them; of the repository's tags, a request shows no others.
    """
    attempt.memo.budget.spend(20)
    asked = ground.spelling
    tags = _tags(ground.place)
    context = {**_usual(attempt, values), **{key: tags[key] for key in tags if key in asked}, **values}
    generic = {key: found for key, found in context.items() if found is not None and GENERIC in "".join(found)}
    free = (one for one in _FILLINGS if ground.taken.isdisjoint((one[0], f"o-{one[1]}")))
    for filling in free:
        real = context | {key: tuple(_filled(text, filling) for text in found) for key, found in generic.items()}
        if _confirmed(attempt, problem, real):
            return _written(attempt.scene, real, asked, action, filling)
    return None


def _written(
    scene: Scene,
    context: dict[str, Values],
    spelling: Mapping[str, str],
    action: str,
    filling: tuple[str, str, str, str],
) -> Witness:
    shown: dict[str, str | tuple[str, ...]] = {}
    for key, values in context.items():
        if values is not None:
            many = key in MULTIVALUED
            shown[NAMES.get(key) or spelling.get(key) or key] = values if many else values[0]
    if isinstance(scene, Deputy):
        return Witness(scene.service, action, shown)
    principal = (context.get("aws:principalarn") or (_filled(scene.account, filling),))[0]
    return Witness(principal, action, shown)


def _confirmed(attempt: Attempt, problem: Problem, context: dict[str, Values]) -> bool:
    """Evaluate the statement and every Deny on the finished request, variables included."""

    def lookup(key: str) -> str | Unknown | None:
        if key in context and key not in MULTIVALUED:
            values = context[key]
            return None if values is None else values[0]
        return Unknown.SEVERAL if key in MULTIVALUED else attempt.lookup(key)

    def holds(one: Clause) -> Answer:
        found = attempt.meaning(one.key)
        test = one.test or resolve(one.condition, lookup, one.effect)
        if isinstance(found, (Unsure, Contains, NobodysCustomer)):
            return settled(found, test)
        return answer(test, context.get(one.key), many=one.key in MULTIVALUED)

    whole = problem.whole or problem
    return (
        all(holds(one) is Answer.YES for one in whole.allow)
        and not any(holds(one) is Answer.YES for one in problem.outside)
        and all(any(holds(one) is not Answer.YES for one in part.clauses) for part in whole.denies)
    )
