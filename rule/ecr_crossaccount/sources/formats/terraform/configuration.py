"""The configuration in a plan, with Terraform's addresses, and the values of a resource that are known.

The configuration has no expressions, only the references of each expression. An address is in parts, such as
`module.a["x"].data.aws_iam_policy_document.this[0]`. A value is that of `after`, with a hole for each in
`after_unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest

from ....documents.pattern import Hole
from ....errors import InternalError
from ....memo import by_value
from ...files.values.nodes import ABSENT, Fields, Node, plain
from ...files.values.partial import Placed, Value
from ..aws_provider.policies import account_of_role

_STEP = re.compile(r'([^.\["]+)(\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?(?:\.|$)')


@by_value
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
        return self.sibling_address(self.block, self.key)

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


Guess = Callable[[Node], Value]
"""Returns an unknown value as far as the configuration determines it, or None."""


@by_value
class Partial:
    """A reader for the values of one resource of a plan in a file. `guess`: called for each unknown value."""

    file: str
    guess: Guess = lambda _: None

    def value(self, after: Node, unknown: Node, said: Node, name: str) -> Value:
        """Return a value. `said`: its expression in the configuration, whose references name the holes."""
        if unknown.value is True:
            return self.guess(said) or Hole(reference(said) or name)
        if isinstance(after.value, Fields) or unknown.fields:
            return self._object(after, unknown, said, name)
        if isinstance(after.value, tuple) or unknown.items:
            return self._list(after, unknown, said, name)
        return plain(after)

    def _object(self, after: Node, unknown: Node, said: Node, name: str) -> Placed:
        names = dict.fromkeys(key for node in (after, unknown) for key, _ in node.fields)
        pairs = [
            (key, self.value(after.find(key), unknown.find(key), said.find(key), f"{name}.{key}")) for key in names
        ]
        return Placed(pairs, None if after is ABSENT else after.place(self.file))

    def _list(self, after: Node, unknown: Node, said: Node, name: str) -> list[Value]:
        # Of an argument, the expression of an item is that of the whole.
        said_each = (said,) * max(len(after.items), len(unknown.items)) if said.get("references") else said.items
        every = zip_longest(after.items, unknown.items, fillvalue=ABSENT)
        return [
            self.value(known, doubt, said_each[index] if index < len(said_each) else ABSENT, f"{name}[{index}]")
            for index, (known, doubt) in enumerate(every)
        ]


def reference(said: Node) -> str | None:
    """Return the first reference of an expression in the configuration."""
    return next(iter(references(said)), None)


def references(said: Node) -> tuple[str, ...]:
    """Return the references of an expression in the configuration, in order."""
    return tuple(item.text for item in said.find("references").items if item.text)


def attributes_of(values: Node, file: str) -> Mapping[str, Value]:
    """Return the attributes of a resource in a state, where every value is known."""
    value = Partial(file).value(values, ABSENT, ABSENT, "")
    return value if isinstance(value, Mapping) else {}


_DOCUMENT = "data.aws_iam_policy_document."
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


@by_value
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

    def __init__(self, root: Node, variables: Node = ABSENT) -> None:
        self._root = root
        self._variables = variables
        self._modules: dict[tuple[str, ...], dict[str, Node]] = {}

    def expressions_of(self, address: Address) -> Node:
        """Return the expressions of a resource, by attribute. ABSENT if the configuration does not have it."""
        return self._block(address).find("expressions")

    def provider_of(self, address: Address) -> Provider | None:
        """Return the provider of a resource."""
        key = self._block(address).find("provider_config_key").text
        return self._provider(key) if key else None

    def shares_credentials(self, provider: Provider) -> bool:
        """Return whether a provider uses the credentials of the default one."""
        usual = self._provider("aws")
        return provider.credentials == (usual.credentials if usual is not None else {})

    def _provider(self, key: str) -> Provider | None:
        entry = self._root.find("provider_config", key)
        return None if entry is ABSENT else _provider(entry)

    def documents(self, address: Address, expression: Node) -> tuple[str, ...]:
        """Return the addresses of the policy documents in an expression. Empty if it has any other part."""
        try:
            ends = list(self._ends(address, references(expression), _MOST_HOPS))
            found = [_document(here, one, here.key if each else "") for here, one, each in ends]
        except _ElseError:
            return ()
        return tuple(dict.fromkeys(found))

    def arns(self, address: Address, expression: Node) -> tuple[Address, ...]:
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
                _ignore(self._variables.find(text.split(".")[1], "value"))
            elif text.startswith("module."):
                yield from self._through_output(here, text, hops)
            elif not text.startswith(_INSTANCE):
                yield here, text, per_instance

    def _through_call(self, here: Address, variable: str, hops: int) -> Iterator[tuple[Address, str, bool]]:
        """Follow a module's variable to the value in the module call."""
        above, key, name = here.modules[:-1], here.modules[-1][1], variable.split(".")[1]
        expression = self._call(here.calls).find("expressions", name)
        if expression is ABSENT:
            _ignore(self._module(here.calls).find("variables", name, "default"))
        else:
            yield from self._follow_expression(Address(above, "module", "call", key), expression, hops)

    def _follow_expression(self, here: Address, expression: Node, hops: int) -> Iterator[tuple[Address, str, bool]]:
        """Follow an expression. If it has no references, the plan shows its value only if it is a constant."""
        listed = references(expression)
        if listed:
            yield from self._ends(here, listed, hops - 1)
        else:
            _ignore(expression.find("constant_value"))

    def _through_output(self, here: Address, output: str, hops: int) -> Iterator[tuple[Address, str, bool]]:
        """Follow the output of a module to its expression."""
        found = re.fullmatch(r"module\.([^.\[]+)(\[[^\]]*\])?\.([^.\[]+).*", output)
        if found is None:
            raise _ElseError
        inside = (*here.modules, (found[1], found[2] or ""))
        expression = self._module((*here.calls, found[1])).find("outputs", found[3], "expression")
        if expression is ABSENT:
            raise _ElseError
        yield from self._follow_expression(Address(inside, "module", "output"), expression, hops)

    def _block(self, address: Address) -> Node:
        if address.calls not in self._modules:
            listed = self._module(address.calls).find("resources").items
            self._modules[address.calls] = {name: item for item in listed if (name := item.find("address").text)}
        return self._modules[address.calls].get(address.block, ABSENT)

    def _module(self, calls: tuple[str, ...]) -> Node:
        return self._call(calls).find("module") if calls else self._root.find("root_module")

    def _call(self, calls: tuple[str, ...]) -> Node:
        return self._module(calls[:-1]).find("module_calls", calls[-1])


class _ElseError(InternalError):
    """An expression with parts other than policy documents."""


def _ignore(constant: Node) -> None:
    """Accept a constant that may select a policy but is not one. Raises _ElseError for any other constant."""
    if constant is ABSENT or not (isinstance(constant.value, (bool, int, float)) or constant.value in _NOTHING):
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
    said = entry.find("expressions")
    roles = [one.find("role_arn", "constant_value").text or "" for one in said.find("assume_role").items]
    role = account_of_role(roles[0]) if roles else None
    allowed = [one.text for one in said.find("allowed_account_ids", "constant_value").items]
    only = allowed[0] if len(allowed) == 1 else None
    region = said.find("region", "constant_value").text
    credentials = {name: plain(node) for name, node in said.fields if name in _CREDENTIALS}
    return Provider(entry.find("alias").text, role or only, region, credentials)


def address_in(node: Node) -> Address | None:
    """Return the address of a resource of a plan or state."""
    text = node.find("address").text
    return parse_address(text) if text else None
