"""The access of a policy that is meant for those inside, which a plan keeps.

Narrowing removes two kinds of trusted access, because nothing shows that they are meant. One is AWS services that have
access by a wildcard, unless trust names them or the statement tests a key that only a service has. The other is
accounts in a list that the register does not name, beside one that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.properties.oracle import Request
from tests.properties.outsiders import RANKS, access_of, in_force
from tests.properties.world import OWNER, Policy, Statement, as_list, conditions_of
from tests.strategies import Situation

_OF_SERVICES = frozenset(
    {
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
    }
)


def meant(situation: Situation, request: Request) -> Policy:
    """Return the policy without the access that it gives to a caller like this one and that is not meant."""
    of = _of_service if request.is_service else _of_account
    found = [
        meaning
        for statement in situation.statements
        for meaning in ([statement] if statement["Effect"] != "Allow" else of(statement, situation, request))
    ]
    return {**situation.policy, "Statement": found}


def _of_service(statement: Statement, situation: Situation, request: Request) -> Iterator[Statement]:
    principal = statement.get("Principal")
    lists = principal if isinstance(principal, dict) else {}
    excepted = statement.get("NotPrincipal")
    is_wild = principal == "*" or "*" in as_list(lists.get("AWS", [])) or excepted is not None
    leaves_services = isinstance(excepted, dict) and "*" in as_list(excepted.get("AWS", []))
    if not is_wild or leaves_services or _asks_services(statement) or _names_service(situation, request):
        yield statement
    elif "Service" in lists:
        yield {**statement, "Principal": {"Service": lists["Service"]}}


def _asks_services(statement: Statement) -> bool:
    return any(
        name.lower() in _OF_SERVICES and not (name.lower() == "aws:principalisawsservice" and values == ["false"])
        for _, name, values in conditions_of(statement)
    )


def _of_account(statement: Statement, situation: Situation, _: Request) -> Iterator[Statement]:
    principal = statement.get("Principal")
    entries = as_list(principal.get("AWS", [])) if isinstance(principal, dict) else []
    if "*" in entries or not any(_is_inside(entry, situation) for entry in entries):
        yield statement
        return
    left = [entry for entry in entries if _is_inside(entry, situation) or _account(entry) is None]
    yield {**statement, "Principal": {**statement["Principal"], "AWS": left}}


def _is_inside(entry: object, situation: Situation) -> bool:
    account = _account(entry)
    return account == OWNER or any(
        known.get("account") == account and in_force(known, situation) for known in situation.entries if account
    )


def _account(entry: object) -> str | None:
    found = re.search(r"(?:^|:)([0-9]{12})(?::|$)", entry) if isinstance(entry, str) else None
    return found[1] if found else None


def _names_service(situation: Situation, request: Request) -> bool:
    return any(
        entry.get("service") == request.principal
        and in_force(entry, situation)
        and RANKS[entry.get("access", "READ")] >= RANKS[access_of(request.action)]
        for entry in situation.entries
    )
