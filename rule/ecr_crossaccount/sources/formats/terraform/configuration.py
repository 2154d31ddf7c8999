"""The configuration in a plan. It has no expressions, only the references of each expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...files.values.nodes import Fields, Node, plain
from .addresses import Address, parse_address
from .unknown import references

_DOCUMENT = "data.aws_iam_policy_document."
_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):")
_INSTANCE = ("each.", "count.")
_MOST_HOPS = 50
_NOTHING = (None, "", (), Fields())
_CREDENTIALS = frozenset(
    {
        "access_key",
        "allowed_account_ids",
        "assume_role",
        "assume_role_with_web_identity",
        "profile",
        "secret_key",
        "shared_credentials_file",
        "shared_credentials_files",
        "token",
    }
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's configuration, as far as it is written out: its alias, its account and its Region.

    `credentials`: the arguments that determine its account, as written. They are equal if the arguments are equal.
    """

    alias: str | None
    account: str | None
    region: str | None
    credentials: object = None


class Configuration:
    """The references in a plan's configuration. `variables`: the values of the root module's variables."""

    def __init__(self, root: Node | None, variables: Node | None = None) -> None:
        self._root = root
        self._variables = variables
        self._modules: dict[tuple[str, ...], dict[str, Node]] = {}

    def said(self, address: Address) -> Node | None:
        """Return the expressions of a resource, by attribute."""
        block = self._block(address)
        return block.get("expressions") if block is not None else None

    def provider_of(self, address: Address) -> Provider | None:
        """Return the provider of a resource."""
        block = self._block(address)
        key = block.get("provider_config_key") if block is not None else None
        return self._provider(key.text) if key is not None and key.text else None

    def shares_credentials(self, provider: Provider) -> bool:
        """Return whether a provider uses the credentials of the default one."""
        usual = self._provider("aws")
        return provider.credentials == (usual.credentials if usual is not None else {})

    def _provider(self, key: str) -> Provider | None:
        listed = self._root.get("provider_config") if self._root is not None else None
        entry = listed.get(key) if listed is not None else None
        return _provider(entry) if entry is not None else None

    def documents(self, address: Address, expression: Node | None) -> tuple[str, ...]:
        """Return the addresses of the policy documents in an expression. Empty if it has any other part."""
        try:
            ends = list(self._ends(address, references(expression), _MOST_HOPS))
            found = [_document(here, one, here.key if each else "") for here, one, each in ends]
        except _ElseError:
            return ()
        return tuple(dict.fromkeys(found))

    def arns(self, address: Address, expression: Node | None) -> tuple[Address, ...]:
        """Return the resources whose ARNs an expression refers to. Empty if it has any other part."""
        try:
            ends = list(self._ends(address, references(expression), _MOST_HOPS))
        except _ElseError:
            return ()
        found = [_owner_of_arn(here, one) for here, one, _ in ends]
        return tuple(one for one in found if one is not None) if None not in found else ()

    def _ends(self, here: Address, listed: tuple[str, ...], hops: int) -> Iterator[tuple[Address, str, bool]]:
        """Yield each final reference of an expression, with its module and whether it differs between instances."""
        if not hops:
            raise _ElseError
        whole = [one for one in listed if not any(other.startswith((f"{one}.", f"{one}[")) for other in listed)]
        per_instance = any(one.startswith(_INSTANCE) for one in whole)
        for one in whole:
            if one.startswith("var.") and here.modules:
                yield from self._through_call(here, one, hops)
            elif one.startswith("var."):
                given = self._variables.get(one.split(".")[1]) if self._variables is not None else None
                _ignore(given.get("value") if given is not None else None)
            elif one.startswith("module."):
                yield from self._through_output(here, one, hops)
            elif not one.startswith(_INSTANCE):
                yield here, one, per_instance

    def _through_call(self, here: Address, variable: str, hops: int) -> Iterator[tuple[Address, str, bool]]:
        """Follow a module's variable to the value in the module call."""
        above, key, name = here.modules[:-1], here.modules[-1][1], variable.split(".")[1]
        call = self._call(here.calls)
        said = call.get("expressions") if call is not None else None
        expression = said.get(name) if said is not None else None
        if expression is None:
            module = self._module(here.calls)
            declared = module.get("variables") if module is not None else None
            declaration = declared.get(name) if declared is not None else None
            _ignore(declaration.get("default") if declaration is not None else None)
        else:
            yield from self._through(Address(above, "module", "call", key), expression, hops)

    def _through(self, here: Address, expression: Node, hops: int) -> Iterator[tuple[Address, str, bool]]:
        """Follow an expression. If it has no references, the plan shows its value only if it is a constant."""
        listed = references(expression)
        if listed:
            yield from self._ends(here, listed, hops - 1)
        else:
            _ignore(expression.get("constant_value"))

    def _through_output(self, here: Address, output: str, hops: int) -> Iterator[tuple[Address, str, bool]]:
        """Follow the output of a module to its expression."""
        found = re.fullmatch(r"module\.([^.\[]+)(\[[^\]]*\])?\.([^.\[]+).*", output)
        if found is None:
            raise _ElseError
        inside = (*here.modules, (found[1], found[2] or ""))
        module = self._module((*here.calls, found[1]))
        outputs = module.get("outputs") if module is not None else None
        said = outputs.get(found[3]) if outputs is not None else None
        expression = said.get("expression") if said is not None else None
        if expression is None:
            raise _ElseError
        yield from self._through(Address(inside, "module", "output"), expression, hops)

    def _block(self, address: Address) -> Node | None:
        blocks = self._modules.get(address.calls)
        if blocks is None:
            module = self._module(address.calls)
            listed = module.get("resources") if module is not None else None
            named = ((one.get("address"), one) for one in (listed.items if listed is not None else ()))
            blocks = {name.text: one for name, one in named if name is not None and name.text}
            self._modules[address.calls] = blocks
        return blocks.get(address.block)

    def _module(self, calls: tuple[str, ...]) -> Node | None:
        if not calls:
            return self._root.get("root_module") if self._root is not None else None
        call = self._call(calls)
        return call.get("module") if call is not None else None

    def _call(self, calls: tuple[str, ...]) -> Node | None:
        above = self._module(calls[:-1])
        listed = above.get("module_calls") if above is not None else None
        return listed.get(calls[-1]) if listed is not None else None


class _ElseError(Exception):
    """An expression with parts other than policy documents."""


def _ignore(constant: Node | None) -> None:
    """Accept a constant that may select a policy but is not one. Raises _ElseError for any other constant."""
    if constant is None or not (isinstance(constant.value, (bool, int, float)) or constant.value in _NOTHING):
        raise _ElseError


def _document(here: Address, reference: str, key: str) -> str:
    """Return the address of the document in a reference, without the attribute. Raises _ElseError."""
    found = re.match(r'data\.aws_iam_policy_document\.([^.\[]+)(\[(?:"(?:[^"\\]|\\.)*"|[0-9]+)\])?', reference)
    if found is None:
        raise _ElseError
    return here.beside(f"{_DOCUMENT}{found[1]}", found[2] or key)


def _owner_of_arn(here: Address, reference: str) -> Address | None:
    """Return the resource whose ARN a reference names, without the instance."""
    found = re.fullmatch(r'([a-z0-9_]+)\.([^.\[]+)(?:\[(?:"(?:[^"\\]|\\.)*"|[0-9]+)\])?\.arn', reference)
    return Address(here.modules, found[1], found[2]) if found else None


def _provider(entry: Node) -> Provider:
    alias, said = entry.get("alias"), entry.get("expressions")
    role = _role(said.get("assume_role") if said is not None else None)
    allowed = _constant(said.get("allowed_account_ids") if said is not None else None)
    only = allowed.items[0].text if allowed is not None and len(allowed.items) == 1 else None
    region = _constant(said.get("region") if said is not None else None)
    credentials = {
        name: plain(node) for name, node in (said.fields if said is not None else ()) if name in _CREDENTIALS
    }
    name = alias.text if alias is not None else None
    return Provider(name, role or only, region.text if region else None, credentials)


def _role(blocks: Node | None) -> str | None:
    """Return the account of the role that a provider assumes, if it is written out."""
    role = _constant(blocks.items[0].get("role_arn")) if blocks is not None and blocks.items else None
    found = _ROLE.match(role.text) if role is not None and role.text else None
    return found[1] if found else None


def _constant(expression: Node | None) -> Node | None:
    return expression.get("constant_value") if expression is not None else None


def address_in(node: Node) -> Address | None:
    """Return the address of a resource of a plan or state."""
    text = node.get("address")
    return parse_address(text.text) if text is not None and text.text else None
