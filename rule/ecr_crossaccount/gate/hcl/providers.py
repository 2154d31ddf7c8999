"""Whose account the providers of a module work in: by the role that they assume, or by the credentials they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ..found import Location
from ..values.partial import text_of
from . import tree
from .evaluate import value_of
from .naming import spelled
from .scope import Scope
from .tree import Block

DEFAULT = "aws"
"""The provider of every resource that names none."""

_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):")
_CREDENTIALS = ("profile", "access_key", "secret_key", "token", "shared_credentials_file", "shared_credentials_files")
_ASSUMED = ("assume_role", "assume_role_with_web_identity")


def accounts_of(providers: Iterable[Block], owner: str | None, scope: Scope) -> dict[str, str | None]:
    """Return the account of each provider that a root module configures; the default one is the user's, `owner`."""
    blocks = {_name(block, scope): block for block in providers if block.labels[0] == DEFAULT}
    usual = _credentials(blocks[DEFAULT]) if DEFAULT in blocks else ()
    found: dict[str, str | None] = {}
    for name, block in blocks.items():
        found[name] = owner if _credentials(block) == usual else _assumed(block, scope)
    return {**found, DEFAULT: owner}


def locations_of(
    providers: Iterable[Block], accounts: Mapping[str, str | None], scope: Scope
) -> dict[str, Location | None]:
    """Return where each provider of a root module works, None for where the deployment goes anyway.

    The default one's Region is the deployment's where it is not written out; another one's is too if it is the same.
    """
    blocks = {_name(block, scope): block for block in providers if block.labels[0] == DEFAULT}
    usual = _region(blocks.get(DEFAULT), scope)
    found: dict[str, Location | None] = {}
    for name in {**dict.fromkeys(blocks), DEFAULT: None}:
        account, region = accounts.get(name), _region(blocks.get(name), scope)
        is_unknown = account is None and accounts.get(DEFAULT) is not None
        if region == usual and not is_unknown and not isinstance(usual, str):
            found[name] = None if account == accounts.get(DEFAULT) else Location(account, None)
        else:
            known = region if isinstance(region, str) else None
            found[name] = Location(account, known, name if is_unknown or known is None else "")
    return found


def _region(provider: Block | None, scope: Scope) -> str | tuple[str, ...]:
    """Return the Region of a provider, or how it is written, in a tuple, where that is not known."""
    said = None if provider is None else provider.attributes.get("region")
    value = None if said is None else text_of(value_of(said, scope))
    if isinstance(value, str):
        return value
    return () if said is None else (said.source,)


def accounts_in_call(block: Block, accounts: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the accounts of the providers that a called module has: the default one, and those handed in."""
    return _in_call(block, accounts)


def locations_in_call(block: Block, locations: Mapping[str, Location | None]) -> dict[str, Location | None]:
    """Return where they work, likewise; of one that is not known here, that it is not known."""
    return _in_call(
        block, {**locations, **{name: Location(None, None, name) for name in _handed(block) - locations.keys()}}
    )


_Known = TypeVar("_Known")


def _in_call(block: Block, known: Mapping[str, _Known | None]) -> dict[str, _Known | None]:
    found = {DEFAULT: known.get(DEFAULT)}
    said = block.attributes.get("providers")
    if said is not None and isinstance(said.expression, tree.ObjectOf):
        for name, value in said.expression.pairs:
            found[_spelled(name)] = known.get(_spelled(value))
    return found


def _handed(block: Block) -> set[str]:
    """Return the providers that a call hands in, as the caller calls them."""
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
    """Return the name of the provider that makes a resource."""
    said = block.attributes.get("provider")
    return DEFAULT if said is None else _spelled(said.expression)


def _name(block: Block, scope: Scope) -> str:
    alias = block.attributes.get("alias")
    return DEFAULT if alias is None else f"{block.labels[0]}.{text_of(value_of(alias, scope))}"


def _credentials(block: Block) -> tuple[object, ...]:
    """Return what decides whose a provider is, as it is written."""
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
