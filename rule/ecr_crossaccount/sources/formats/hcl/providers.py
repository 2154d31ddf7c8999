"""The account of each provider of a module: by the role that it assumes, or by the credentials that it shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ....documents.holes import OWNER, Hole
from ....questions.change.owners import Owners
from ...files.values.partial import text_of
from ...found.found import Location
from . import tree
from .evaluate import value_of
from .naming import spelled
from .scope import Scope
from .tree import Block

DEFAULT = "aws"
"""The provider of every resource that names none."""

Account = str | Hole
"""An account. An unknown one is a hole, which is the same for everything in the account."""

_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):")
_CREDENTIALS = ("profile", "access_key", "secret_key", "token", "shared_credentials_file", "shared_credentials_files")
_ASSUMED = ("assume_role", "assume_role_with_web_identity")


def accounts_of(providers: Iterable[Block], owner: str | None, scope: Scope) -> dict[str, Account]:
    """Return the account of each provider of a root module. That of the default provider is `owner`, if given."""
    blocks = {_name(block, scope): block for block in providers if block.labels[0] == DEFAULT}
    usual = _credentials(blocks[DEFAULT]) if DEFAULT in blocks else ()
    default = owner or (_assumed(blocks[DEFAULT], scope) if DEFAULT in blocks else None) or OWNER
    found: dict[str, Account] = {}
    for name, block in blocks.items():
        found[name] = default if _credentials(block) == usual else _assumed(block, scope) or unknown_account(name)
    return {**found, DEFAULT: default}


def unknown_account(provider: str) -> Hole:
    """Return the unknown account of a provider. Everything that it makes is in the same account."""
    return Hole(f"the account of the provider {provider}")


def if_known(account: Account | None) -> str | None:
    """Return an account if it is known."""
    return account if isinstance(account, str) else None


def owners_of(account: Account) -> Owners | None:
    """Return the owners in an unknown account of a provider. None for a known account, and for the deployment's."""
    return Owners(hole=account) if isinstance(account, Hole) and account != OWNER else None


def locations_of(
    providers: Iterable[Block], accounts: Mapping[str, Account], scope: Scope
) -> dict[str, Location | None]:
    """Return the location of each provider of a root module, None for that of the deployment.

    If the default provider's Region is not written out, it is that of the deployment. Another provider with the same
    Region argument has the same Region.
    """
    blocks = {_name(block, scope): block for block in providers if block.labels[0] == DEFAULT}
    usual = _region(blocks.get(DEFAULT), scope)
    found: dict[str, Location | None] = {}
    for name in {**dict.fromkeys(blocks), DEFAULT: None}:
        account, region = accounts[name], _region(blocks.get(name), scope)
        is_unknown = isinstance(account, Hole) and account != accounts[DEFAULT]
        if region == usual and not is_unknown and not isinstance(usual, str):
            found[name] = None if account == accounts[DEFAULT] else Location(if_known(account), None)
        else:
            known = region if isinstance(region, str) else None
            found[name] = Location(if_known(account), known, name if is_unknown or known is None else "")
    return found


def _region(provider: Block | None, scope: Scope) -> str | tuple[str, ...]:
    """Return the Region of a provider. If it is unknown, return its expression as a tuple."""
    said = None if provider is None else provider.attributes.get("region")
    value = None if said is None else text_of(value_of(said, scope))
    if isinstance(value, str):
        return value
    return () if said is None else (said.source,)


def accounts_in_call(block: Block, accounts: Mapping[str, Account]) -> dict[str, Account]:
    """Return the accounts of a called module's providers: the default one, and those that are passed."""
    known = {**accounts, **{name: unknown_account(name) for name in _handed(block) - accounts.keys()}}
    return {name: one or OWNER for name, one in _in_call(block, known).items()}


def locations_in_call(block: Block, locations: Mapping[str, Location | None]) -> dict[str, Location | None]:
    """Return the locations of a called module's providers. A provider that is unknown here has an unknown location."""
    return _in_call(
        block, {**locations, **{name: Location(None, None, name) for name in _handed(block) - locations.keys()}}
    )


_Known = TypeVar("_Known")


def _in_call(block: Block, known: Mapping[str, _Known]) -> dict[str, _Known | None]:
    found = {DEFAULT: known.get(DEFAULT)}
    said = block.attributes.get("providers")
    if said is not None and isinstance(said.expression, tree.ObjectOf):
        for name, value in said.expression.pairs:
            found[_spelled(name)] = known.get(_spelled(value))
    return found


def _handed(block: Block) -> set[str]:
    """Return the providers that a call passes, by their names in the caller."""
    said = block.attributes.get("providers")
    pairs = said.expression.pairs if said is not None and isinstance(said.expression, tree.ObjectOf) else ()
    return {_spelled(value) for _, value in pairs}


def _spelled(expression: tree.Expression) -> str:
    """Return a provider's name, which older sources write in quotes."""
    if isinstance(expression, tree.Literal):
        return str(expression.value)
    if isinstance(expression, tree.Template):
        return "".join(part.text for part in expression.parts if isinstance(part, tree.Piece))
    return spelled(expression)


def provider_of(block: Block) -> str:
    """Return the name of a resource's provider."""
    said = block.attributes.get("provider")
    return DEFAULT if said is None else _spelled(said.expression)


def _name(block: Block, scope: Scope) -> str:
    alias = block.attributes.get("alias")
    return DEFAULT if alias is None else f"{block.labels[0]}.{text_of(value_of(alias, scope))}"


def _credentials(block: Block) -> tuple[object, ...]:
    """Return the arguments that determine a provider's account, as written."""
    said = [(name, block.attributes[name].source) for name in _CREDENTIALS if name in block.attributes]
    inner = [one for one in block.blocks if one.type in (*_ASSUMED, "dynamic")]
    roles = [one.attributes["role_arn"].source if "role_arn" in one.attributes else "" for one in inner]
    return (*said, *(one.type for one in inner), *roles)


def _assumed(block: Block, scope: Scope) -> str | None:
    for inner in block.blocks:
        role = inner.attributes.get("role_arn") if inner.type in _ASSUMED else None
        found = _ROLE.match(str(text_of(value_of(role, scope)))) if role is not None else None
        if found:
            return found[1]
    return None
