"""From the values that a search found to one request that can be replayed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol, assert_never

from ...memo import looked_up
from ..conditions.operators import Clause, Demand, Mode, Truth, answer, for_request
from ..context.caller import USUAL
from ..context.domains import Assignment, Constraint, Strings, Values
from ..context.keys import documented_name, is_multivalued
from ..context.request import (
    ANY_VALUE,
    SOME_ACCOUNT,
    Contains,
    Fixed,
    NobodysCustomer,
    PrincipalRequest,
    PrincipalType,
    RepositoryContext,
    RequestKind,
    ServiceRequest,
    Unsure,
    settled_answer,
)
from ..context.shapes import PLAIN, SERVICE_NAMES
from ..context.typed_domains import Lists
from ..patterns.charsets import GENERIC
from ..patterns.comparisons import Unknown
from ..values.verdict import Witness
from .constraints import Constraints
from .solver import Solver

_RUN = re.compile(f"{GENERIC}+")
_Filling = tuple[str, str, str, str]
"""Values for identities that the policy does not name: an account, an organization, a unique id, and any other text."""
_FILLINGS: tuple[_Filling, ...] = (
    ("999988887777", "z9y8x7w6v5", "EXAMPLEZ9Y8X7W6V5", "qq9z"),
    ("343434565656", "k3j5h7g9f2", "K3J5H7G9F2K3J5H7G", "k7x3"),
    ("120948753026", "m4n6b8v0c1", "Q0R2S4T6U8V1W3X5Y", "w2e4"),
    ("808080909090", "t1t2t3t4t5", "ZZZZ1111YYYY2222X", "a0b9"),
    ("271828459045", "p0o9i8u7y6", "A1B2C3D4E5F6G7H8J", "j5l1"),
)


_TRIES = 12


def _fillings(taken: frozenset[str]) -> Iterator[_Filling]:
    """Yield, without end, fillings that the policy and trust do not contain."""
    spread = (serial * 618_033_988_749 % 10**12 for serial in itertools.count(1))
    more = ((f"{number:012}", f"q{number % 10**9:09}", f"{number:017}", "qq9z") for number in spread)
    every = itertools.chain(_FILLINGS, more)
    return (one for one in every if taken.isdisjoint((one[0], f"o-{one[1]}")))


@lru_cache(maxsize=1024)
def _fill_text(text: str, filling: _Filling) -> str:
    """Replace generic characters with a real text. Cached, because the same few texts are in most witnesses."""

    def real(found: re.Match[str]) -> str:
        length = found.end() - found.start()
        match length:
            case 9:
                return filling[0][:9]
            case 12:
                return filling[0]
            case 10:
                return filling[1]
            case 17:
                return filling[2]
        return (filling[3] * length)[:length]

    return _RUN.sub(real, text)


@lru_cache(maxsize=64)
def _everybodys(repository: RepositoryContext) -> Mapping[str, Values]:
    moment = repository.floor.isoformat().replace("+00:00", "Z")
    return {
        "aws:securetransport": ("true",),
        "aws:currenttime": (moment,),
        "aws:epochtime": (str(int(repository.floor.timestamp())),),
        "aws:resourceaccount": (repository.owner,),
        "aws:requestedregion": (repository.region,) if repository.region else None,
        "aws:resourceorgid": (repository.organization,) if repository.organization else None,
    }


def _arn_and_id(request: PrincipalRequest) -> tuple[str, str]:
    start, unknown = f"arn:{request.repository.partition}", GENERIC * 17
    match request.principal_type:
        case PrincipalType.ROLE:
            return f"{start}:iam::{request.account}:role/{USUAL}", f"AROA{unknown}:{USUAL}"
        case PrincipalType.USER:
            return f"{start}:iam::{request.account}:user/{USUAL}", f"AIDA{unknown}"
        case PrincipalType.FEDERATED:
            return f"{start}:sts::{request.account}:federated-user/{USUAL}", f"{request.account}:{USUAL}"
        case PrincipalType.ROOT:
            return f"{start}:iam::{request.account}:root", request.account
        case _:
            assert_never(request.principal_type)


def _principals(request: PrincipalRequest) -> dict[str, Values]:
    arn, userid = _arn_and_id(request)
    return {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (request.account,),
        "aws:principaltype": (request.principal_type.value,),
        "aws:userid": (userid,),
        "aws:username": (USUAL,) if request.principal_type is PrincipalType.USER else None,
        "aws:principalisawsservice": ("false",),
        "aws:viaawsservice": ("true" if request.network_path.via else "false",),
    }


def _usual(request: RequestKind) -> dict[str, Values]:
    """Return the values in a request of a kind in which no clause requires anything particular."""
    if isinstance(request, PrincipalRequest):
        address: dict[str, Values] = {"aws:sourceip": (_ADDRESS,)} if request.network_path.address else {}
        return {**_principals(request), **address, **_everybodys(request.repository)}
    service = (request.service,)
    own: dict[str, Values] = {
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": service,
        "aws:principalservicenameslist": service,
        "aws:sourceaccount": (request.account,),
    }
    return {**own, **_everybodys(request.repository)}


_Entry = tuple[str, str | tuple[str, ...]] | None
"""A key in its spelling, and its value or values. None for an absent key."""


@lru_cache(maxsize=256)
def _usual_entries(request: RequestKind, filling: _Filling) -> tuple[Mapping[str, Values], Mapping[str, _Entry]]:
    """Return the usual values in a request of a kind, with real identities, and their form in a witness."""
    real = _real(_usual(request), filling)
    return real, _entries(real, {})


def _entries(context: Mapping[str, Values], spelling: Mapping[str, str]) -> dict[str, _Entry]:
    """Return the keys of a request in the form of a witness, by their lower-case form."""
    found: dict[str, _Entry] = {}
    for key, values in context.items():
        name, many = _as_shown(spelling.get(key) or key)
        found[key] = None if values is None else (name, values if many else values[0])
    return found


def _shown_by(solver: Solver, values: Assignment) -> RequestKind:
    """Return the kind of request that a witness shows. For "some other account", it has the account that was found."""
    request = solver.request
    if isinstance(request, ServiceRequest) or request.account != SOME_ACCOUNT:
        return request
    account = values.get("aws:principalaccount") or solver.default("aws:principalaccount") or ("",)
    return request._replace(account=account[0])


def _of_federated(request: RequestKind, values: Assignment) -> dict[str, Values]:
    """Return the unique id of a federated user, if its ARN was found. Both have the same name."""
    arn = values.get("aws:principalarn")
    if isinstance(request, ServiceRequest) or request.principal_type is not PrincipalType.FEDERATED or arn is None:
        return {}
    return {"aws:userid": (f"{request.account}:{arn[0].rpartition('/')[2]}",)}


def _of_membership_and_way(solver: Solver) -> dict[str, Values]:
    """Return the values in a request that show the caller's organization and the VPC endpoint."""
    request = solver.request
    if isinstance(request, ServiceRequest):
        return {}
    shown = _OF_ORGANIZATION if request.organization is not None else ()
    shown += _OF_ENDPOINT if request.network_path.endpoint else ()
    return {key: solver.default(key) for key in shown}


_ADDRESS = "198.51.100.7"
_OF_ORGANIZATION: tuple[str, ...] = ("aws:principalorgid", "aws:principalorgpaths")
_OF_ENDPOINT: tuple[str, ...] = ("aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce")


class WitnessSubject(Protocol):
    """The subject of a witness. `AllowContext` implements it for one Allow.

    `spelling`: the tested keys in the spelling to use, or empty for AWS's spelling. `taken`: accounts and organizations
    that the witness must not show for "someone else".
    """

    @property
    def spelling(self) -> Mapping[str, str]: ...  # noqa: D102 - see the class

    @property
    def taken(self) -> frozenset[str]: ...  # noqa: D102 - see the class


def witness(
    solver: Solver, problem: Constraints, values: dict[str, Values], action: str, asked_by: WitnessSubject
) -> Witness | None:
    """Return the request as a person would send it, checked once more in this form. Return None if the check fails.

    Keys have the spelling of the policy that asks about them. Of the repository's tags, the request shows only those.
    """
    asked = asked_by.spelling
    known = _settled_values(solver, asked)
    request = _shown_by(solver, values)
    particular = {**_of_membership_and_way(solver), **_of_federated(request, values), **known, **values}
    names = _names_besides(solver, problem)
    compared = [
        len(clause.condition.values) if clause.test is None else clause.test.price for clause in problem.clauses
    ]
    price = 3 * len(compared) + sum(compared)
    for filling in itertools.islice(_fillings(asked_by.taken), _TRIES):
        solver.cache.budget.spend(20 + price)
        usual, entries = _usual_entries(request, filling)
        besides = {key: (*(usual[key] or ()), *more) for key, more in names.items()}
        real = _real({**particular, **besides}, filling)
        if _is_confirmed(solver, problem, {**usual, **real}):
            return _write_witness(request, {**entries, **_entries(real, asked)}, action)
    return None


def _settled_values(solver: Solver, keys: Iterable[str]) -> dict[str, Values]:
    """Return the values of keys that no one chooses.

    For an unknown key that is present, return one value of its shapes.
    """
    values: dict[str, Values] = {}
    for key in sorted(keys):
        found = solver.meanings[key]
        if isinstance(found, Fixed):
            values[key] = found.values
        elif isinstance(found, Unsure) and found.present and found.shapes is not ANY_VALUE:
            values[key] = (solver.cache.assign(solver.cache.unknown(key, found), (), Mode.MAY) or {}).get(key)
    return values


def _names_besides(solver: Solver, problem: Constraints) -> dict[str, tuple[str, ...]]:
    """Return, by key, names besides the known one that are needed so that a Deny does not certainly apply."""
    clauses = [clause for part in (problem.whole or problem).denies for clause in part.clauses]
    found = {clause.key: solver.meanings[clause.key] for clause in clauses}
    return {key: _besides(solver, one, key, clauses) for key, one in found.items() if isinstance(one, Contains)}


def _besides(solver: Solver, names: Contains, key: str, clauses: Iterable[Clause]) -> tuple[str, ...]:
    budget = solver.cache.budget
    tests = [clause.test for clause in clauses if clause.key == key and clause.test is not None]
    doubtful = [test for test in tests if settled_answer(names, test, budget) is Truth.UNKNOWN]
    asked = [Constraint(key, test, Demand.MAY_NOT) for test in doubtful]
    for shape in SERVICE_NAMES:
        elements = Strings({key: PLAIN}, (shape,), usual="other-name.amazonaws.com")
        found = (Lists(elements).assign(asked, Mode.MUST, budget) or {}).get(key) or ()
        if found and not any(map(names.never.fullmatch, found)):
            return found
    return ()


def usual_witness(request: RequestKind, values: Assignment, action: str, taken: frozenset[str]) -> Witness:
    """Return the request of a kind in which only `values` are required."""
    filling = next(_fillings(taken))
    _, entries = _usual_entries(request, filling)
    return _write_witness(request, {**entries, **_entries(_real(values, filling), {})}, action)


def _real(context: Mapping[str, Values], filling: _Filling) -> dict[str, Values]:
    generic = {key: found for key, found in context.items() if found is not None and GENERIC in "".join(found)}
    return {**context, **{key: tuple([_fill_text(text, filling) for text in found]) for key, found in generic.items()}}


@looked_up(most=1024)
def _as_shown(name: str) -> tuple[str, bool]:
    """Return the spelling of a key, given in any case, and whether it has several values."""
    return documented_name(name), is_multivalued(name.lower())


def _write_witness(request: RequestKind, entries: Mapping[str, _Entry], action: str) -> Witness:
    context = dict(filter(None, entries.values()))
    if isinstance(request, ServiceRequest):
        return Witness(request.service, action, context)
    return Witness(str(context["aws:PrincipalArn"]), action, context)


def _is_confirmed(solver: Solver, problem: Constraints, context: dict[str, Values]) -> bool:
    """Return whether the finished request matches the statement and no Deny, with all variables replaced."""

    def lookup(key: str) -> str | Unknown | None:
        if key in context and not is_multivalued(key):
            values = context[key]
            return None if values is None else values[0]
        return solver.lookup(key)

    def holds(one: Clause) -> Truth:
        found = solver.meanings[one.key]
        test = for_request(one, lookup)
        if isinstance(found, (Unsure, Contains, NobodysCustomer)):
            return settled_answer(found, test, solver.cache.budget)
        return answer(test, context.get(one.key), many=is_multivalued(one.key))

    whole = problem.whole or problem
    for clause in whole.allow:
        if holds(clause) is not Truth.YES:
            return False
    return all(any(solver.escape(clause).met_by(holds(clause)) for clause in part.clauses) for part in whole.denies)
