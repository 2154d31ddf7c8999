"""The configuration in a plan, with Terraform's addresses, and the values of a resource that are known.

The configuration has no expressions, only the references of each expression. An address is in parts, such as
`module.a["x"].data.aws_iam_policy_document.this[0]`. A value is that of `after`, with a hole for each in
`after_unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ....documents.pattern import Hole
from ....errors import InternalError
from ...files.values.nodes import Fields, Node, Place, plain
from ...files.values.partial import Placed, Value

_STEP = re.compile(r'([^.\["]+)(\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?(?:\.|$)')


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address.

    `modules`: the names of the module calls, with their keys as written. `key`: the key of the instance, with its
    brackets.
    """

    modules: tuple[tuple[str, str], ...]
    type: str
    name: str
    key: str = ""
    data: bool = False

    @property
    def calls(self) -> tuple[str, ...]:
        """The names of the module calls, without keys, as in the configuration."""
        return tuple(name for name, _ in self.modules)

    @property
    def block(self) -> str:
        """The name of the block in its own module."""
        return f"{'data.' if self.data else ''}{self.type}.{self.name}"

    def __str__(self) -> str:
        module = "".join(f"module.{name}{key}." for name, key in self.modules)
        return f"{module}{self.block}{self.key}"

    def sibling_address(self, block: str, key: str = "") -> str:
        """Return the address of another block's instance in the same module instance."""
        module = "".join(f"module.{name}{key}." for name, key in self.modules)
        return f"{module}{block}{key}"


def parse_address(text: str) -> Address | None:
    """Return the parts of an address, or None if the text is not an address."""
    steps: list[tuple[str, str]] = []
    end = 0
    for found in _STEP.finditer(text):
        if found.start() != end:
            return None
        steps.append((found[1], found[2] or ""))
        end = found.end()
    if end != len(text):
        return None
    modules: list[tuple[str, str]] = []
    while len(steps) > 2 and steps[0][0] == "module":  # noqa: PLR2004 - the two steps of a call, and at least one more
        modules.append(steps[1])
        steps = steps[2:]
    data = bool(steps) and steps[0][0] == "data"
    match steps[1:] if data else steps:
        case [(kind, ""), (name, key)]:
            return Address(tuple(modules), kind, name, key, data)
    return None


Guess = Callable[[Node | None], Value]
"""Returns an unknown value as far as the configuration determines it, or None."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A reader for the values of one resource of a plan in a file. `guess`: called for each unknown value."""

    file: str
    guess: Guess = lambda _: None

    def value(self, after: Node | None, unknown: Node | None, said: Node | None, name: str) -> Value:
        """Return a value. `said`: its expression in the configuration, whose references name the holes."""
        if unknown is not None and unknown.value is True:
            return self.guess(said) or Hole(reference(said) or name)
        if (after is not None and isinstance(after.value, Fields)) or (unknown is not None and unknown.fields):
            return self._object(after, unknown, said, name)
        if (after is not None and isinstance(after.value, tuple)) or (unknown is not None and unknown.items):
            return self._list(after, unknown, said, name)
        return None if after is None else plain(after)

    def _object(self, after: Node | None, unknown: Node | None, said: Node | None, name: str) -> Placed:
        names = dict.fromkeys([key for node in (after, unknown) if node is not None for key, _ in node.fields])
        pairs = [
            (key, self.value(_field(after, key), _field(unknown, key), _field(said, key), f"{name}.{key}"))
            for key in names
        ]
        return Placed(pairs, Place(self.file, after.line, after.column) if after is not None else None)

    def _list(self, after: Node | None, unknown: Node | None, said: Node | None, name: str) -> list[Value]:
        known, doubts = (node.items if node is not None else () for node in (after, unknown))
        return [
            self.value(_item(known, index), _item(doubts, index), _item_expression(said, index), f"{name}[{index}]")
            for index in range(max(len(known), len(doubts)))
        ]


def _field(node: Node | None, name: str) -> Node | None:
    return node.get(name) if node is not None else None


def _item(items: tuple[Node, ...], index: int) -> Node | None:
    return items[index] if index < len(items) else None


def _item_expression(said: Node | None, index: int) -> Node | None:
    """Return the expression of an item: of a block by its index, of an argument the expression of the whole."""
    if said is None or said.get("references") is not None:
        return said
    return _item(said.items, index)


def reference(said: Node | None) -> str | None:
    """Return the first reference of an expression in the configuration."""
    found = references(said)
    return found[0] if found else None


def references(said: Node | None) -> tuple[str, ...]:
    """Return the references of an expression in the configuration, in order."""
    listed = said.get("references") if said is not None else None
    return tuple(item.text for item in (listed.items if listed else ()) if item.text)


def attributes_of(values: Node | None, file: str) -> Mapping[str, Value]:
    """Return the attributes of a resource in a state, where every value is known."""
    value = Partial(file).value(values, None, None, "")
    return value if isinstance(value, Mapping) else {}


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

    def expressions_of(self, address: Address) -> Node | None:
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
        whole = [text for text in listed if not any(other.startswith((f"{text}.", f"{text}[")) for other in listed)]
        per_instance = any(text.startswith(_INSTANCE) for text in whole)
        for text in whole:
            if text.startswith("var.") and here.modules:
                yield from self._through_call(here, text, hops)
            elif text.startswith("var."):
                given = self._variables.get(text.split(".")[1]) if self._variables is not None else None
                _ignore(given.get("value") if given is not None else None)
            elif text.startswith("module."):
                yield from self._through_output(here, text, hops)
            elif not text.startswith(_INSTANCE):
                yield here, text, per_instance

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
            yield from self._follow_expression(Address(above, "module", "call", key), expression, hops)

    def _follow_expression(self, here: Address, expression: Node, hops: int) -> Iterator[tuple[Address, str, bool]]:
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
        yield from self._follow_expression(Address(inside, "module", "output"), expression, hops)

    def _block(self, address: Address) -> Node | None:
        blocks = self._modules.get(address.calls)
        if blocks is None:
            module = self._module(address.calls)
            listed = module.get("resources") if module is not None else None
            named = ((item.get("address"), item) for item in (listed.items if listed is not None else ()))
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


class _ElseError(InternalError):
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
    return here.sibling_address(f"{_DOCUMENT}{found[1]}", found[2] or key)


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
