"""From the values that a search found to one request that can be replayed."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
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
_Filling = tuple[str, str, str, str]
"""What is shown of somebody whom nobody named: an account, an organization, a unique id, and any other."""
_FILLINGS: tuple[_Filling, ...] = (
    ("999988887777", "z9y8x7w6v5", "EXAMPLEZ9Y8X7W6V5", "qq9z"),
    ("343434565656", "k3j5h7g9f2", "K3J5H7G9F2K3J5H7G", "k7x3"),
    ("120948753026", "m4n6b8v0c1", "Q0R2S4T6U8V1W3X5Y", "w2e4"),
    ("808080909090", "t1t2t3t4t5", "ZZZZ1111YYYY2222X", "a0b9"),
    ("271828459045", "p0o9i8u7y6", "A1B2C3D4E5F6G7H8J", "j5l1"),
)


_TRIES = 12


def _fillings(taken: frozenset[str]) -> Iterator[_Filling]:
    """Those of whom the policy and trust know nothing, without end."""
    spread = (serial * 618_033_988_749 % 10**12 for serial in itertools.count(1))
    more = ((f"{number:012}", f"q{number % 10**9:09}", f"{number:017}", "qq9z") for number in spread)
    every = itertools.chain(_FILLINGS, more)
    return (one for one in every if taken.isdisjoint((one[0], f"o-{one[1]}")))


def _filled(text: str, filling: _Filling) -> str:
    """Replace what nobody chooses by something real."""

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


def _usual(scene: Scene) -> dict[str, Values]:
    """What a direct request of a kind carries where nothing particular is asked of it."""
    if isinstance(scene, Outsider):
        return {**_principals(scene), "aws:sourceip": (_ADDRESS,), **_everybodys(scene.place)}
    service = (scene.service,)
    own: dict[str, Values] = {
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": service,
        "aws:principalservicenameslist": service,
        "aws:sourceaccount": (scene.account,),
    }
    return {**own, **_everybodys(scene.place)}


def _usual_for(attempt: Attempt, values: Assignment) -> dict[str, Values]:
    """What a request of the attempt's kind carries, and shows of its organization and way."""
    scene = attempt.scene
    if isinstance(scene, Deputy):
        return _usual(scene)
    if scene.account == SOME_ACCOUNT:
        account = values.get("aws:principalaccount") or attempt.default("aws:principalaccount") or ("",)
        scene = scene._replace(account=account[0])
    found = _usual(scene)
    if not scene.route.address:
        del found["aws:sourceip"]
    shown = _OF_ORGANIZATION if scene.organization is not None else ()
    shown += _OF_ENDPOINT if scene.route.endpoint else ()
    return found | {key: attempt.default(key) for key in shown}


_ADDRESS = "198.51.100.7"
_OF_ORGANIZATION: tuple[str, ...] = ("aws:principalorgid", "aws:principalorgpaths")
_OF_ENDPOINT: tuple[str, ...] = ("aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce")


def witness(
    attempt: Attempt, problem: Problem, values: dict[str, Values], action: str, ground: Ground
) -> Witness | None:
    """Return the request as a person would send it, checked once more as it stands; None if it would not do.

    Keys are spelt as the policy does that asks about them; of the repository's tags, a request shows no others.
    """
    asked = ground.spelling
    tags = _tags(ground.place)
    context = {**_usual_for(attempt, values), **{key: tags[key] for key in tags if key in asked}, **values}
    for filling in itertools.islice(_fillings(ground.taken), _TRIES):
        attempt.memo.budget.spend(20)
        real = _real(context, filling)
        if _confirmed(attempt, problem, real):
            return _written(attempt.scene, real, asked, action, filling)
    return None


def usual_witness(scene: Scene, values: Assignment, action: str, taken: frozenset[str]) -> Witness:
    """Return the request of a kind of which nothing is asked but `values`."""
    filling = next(_fillings(taken))
    return _written(scene, _real({**_usual(scene), **values}, filling), {}, action, filling)


def _real(context: dict[str, Values], filling: _Filling) -> dict[str, Values]:
    generic = {key: found for key, found in context.items() if found is not None and GENERIC in "".join(found)}
    return context | {key: tuple([_filled(text, filling) for text in found]) for key, found in generic.items()}


def _written(
    scene: Scene, context: Mapping[str, Values], spelling: Mapping[str, str], action: str, filling: _Filling
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
        and all(any(attempt.escape(one).met_by(holds(one)) for one in part.clauses) for part in whole.denies)
    )
