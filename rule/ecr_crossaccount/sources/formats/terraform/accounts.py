"""The account and Region of a plan's resources, as far as the plan shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ....documents.holes import Hole
from ...files.values.nodes import Node
from ...files.values.partial import Value
from ...found.context import Context
from ...found.found import Location
from .addresses import Address
from .configuration import Configuration

_ACCOUNT = re.compile(r"[0-9]{12}")
_ANOTHER = "the plan is of account {}, not of the given account {}: it is judged as one of {}"
_ALIAS = "made by the provider `{}`, whose account the plan does not tell: judged for any owner"


class Accounts:
    """The accounts, Regions and locations of a plan's resources."""

    def __init__(self, configuration: Configuration, prior: Mapping[str, Node], context: Context) -> None:
        self._configuration = configuration
        self._context = context
        self._caller = _caller(prior)

    def owner(self, address: Address, attributes: Mapping[str, Value]) -> tuple[str | Hole | None, tuple[str, ...]]:
        """Return the owner if it is not the given account, as a hole if it is unknown, and notes about it."""
        provider = self._configuration.provider_of(address)
        given = self._context.account
        if provider is not None and provider.alias is not None and not self._configuration.shares_credentials(provider):
            if provider.account is not None:
                return provider.account, ()
            own = _account(attributes.get("registry_id"))
            if own is None:
                name = f"aws.{provider.alias}"
                return Hole(f"the account of the provider {name}"), (_ALIAS.format(name),)
        plan = _account(attributes.get("registry_id")) or (provider.account if provider else None) or self._caller
        if given is None or plan is None or plan == given:
            return (plan if given is None else None), ()
        return None, (_ANOTHER.format(plan, given, given),)

    def known(self, address: Address) -> str | None:
        """Return the account that a resource is created in, or None if its provider does not show it."""
        account, _ = self.owner(address, {})
        return None if isinstance(account, Hole) else account or self._context.account

    def region(self, address: Address, attributes: Mapping[str, Value]) -> str | None:
        """Return the Region of a resource, or of its provider. None if neither names one."""
        said = attributes.get("region")
        if isinstance(said, str) and said:
            return said
        provider = self._configuration.provider_of(address)
        return provider.region if provider is not None and provider.alias is not None else None

    def location(self, address: Address, attributes: Mapping[str, Value]) -> Location | None:
        """Return where a resource is created, or None for the location of the plan's deployment."""
        said, provider = attributes.get("region"), self._configuration.provider_of(address)
        is_usual = provider is None or provider.alias is None
        account = self._context.account if is_usual else self.known(address)
        if isinstance(said, str) and said:
            return Location(account, said, "" if account is not None else str(said))
        if said is not None:
            return Location(account, None, f"{address}.region")
        if provider is None or (is_usual and provider.region is None):
            return None
        by = "" if account is not None and provider.region is not None else f"aws.{provider.alias}"
        return Location(account, provider.region, by)


def _caller(prior: Mapping[str, Node]) -> str | None:
    """Return the account that made the plan, if the plan has it."""
    for address, node in prior.items():
        if "data.aws_caller_identity." in address:
            values = node.get("values")
            account = values.get("account_id") if values is not None else None
            if account is not None and _account(account.text):
                return account.text
    return None


def _account(value: Value) -> str | None:
    return value if isinstance(value, str) and _ACCOUNT.fullmatch(value) else None
