"""Pulumi programs in YAML: the values of expressions and of functions, `fn::…`, as far as the program shows them.

https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/

AWS is made from Terraform's provider, and AWS Native is like awscc, so resource types are Terraform's.
https://www.pulumi.com/registry/packages/aws/ and https://www.pulumi.com/registry/packages/aws-native/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path

from ....documents.pattern import Hole, Holed
from ....documents.pattern import text_of as joined
from ....memo import by_value
from ...files.files import File, file_text
from ...files.marks import PULUMI
from ...files.values.documents import name_of
from ...files.values.nodes import ABSENT, REGION, Fields, Node, parts_of, split_at
from ...files.values.partial import Encoded, Placed, Value
from ...files.values.partial import text_of as as_text
from ...found.context import Context
from ...reading.files import UnreadableError
from ..aws_provider.document import document
from ..aws_provider.policies import ARNS, decode_json, pieces_of

_PREFIXES = {"aws": "aws", "aws-native": "awscc"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HARMLESS = frozenset({"awsx:ecr:Repository", "awsx:ecr:Image", "awsx:ecr:RegistryImage"})


def snake(name: str) -> str:
    """Return a name in Terraform's spelling."""
    return _CAMEL.sub("_", name).lower()


def camel(name: str) -> str:
    """Return a Terraform name in Pulumi's spelling."""
    first, *others = name.split("_")
    return "".join((first, *(text.capitalize() for text in others)))


def in_snake(value: Value) -> Value:
    """Return a value with all names in it in Terraform's spelling."""
    match value:
        case Mapping():
            return {snake(name): in_snake(one) for name, one in value.items()}
        case list() | tuple():
            return [in_snake(one) for one in value]
    return value


def token(text: str) -> str:
    """Return a type or a function without repeated names: `aws:ecr/policy:Policy` becomes `aws:ecr:Policy`."""
    package, _, rest = text.partition(":")
    module, _, name = rest.rpartition(":")
    parts = [package, module.partition("/")[0], name]
    return ":".join(part for part in parts if part and part != "index")


def terraform_type(text: str) -> str | None:
    """Return the Terraform type for a Pulumi type. None for a type that is not relevant here."""
    short = token(text)
    package, _, rest = short.partition(":")
    if short in _HARMLESS or not rest:
        return None
    module, _, name = rest.partition(":")
    return f"{_PREFIXES.get(package, package)}_{module}_{snake(name)}"


def is_ours(text: str) -> bool:
    """Return whether a type is one of ECR."""
    return PULUMI.match(text) is not None


_START = "fn::"
_PAIR = 2


def function_call(node: Node) -> tuple[str, Node] | None:
    """Return the function that an object calls, without `fn::`, and its argument. None if it calls none."""
    if len(node.fields) != 1 or not node.fields[0][0].lower().startswith(_START):
        return None
    name, argument = node.fields[0]
    return name[len(_START) :], argument


def secret(node: Node) -> Node | None:
    """Return the argument of `fn::secret`, or None for another value."""
    found = function_call(node)
    return found[1] if found is not None and found[0].lower() == "secret" else None


def call(program: Program, name: str, argument: Node, steps: int) -> Value:  # noqa: PLR0911 - a table of functions
    """Return the result of a function, or a hole if it cannot be determined."""
    hole = Hole(name_of(f"{_START}{name}"))
    match name.lower():
        case "tojson":
            return Encoded(program.value(argument, steps))
        case "fromjson":
            return _from_json(program.value(argument, steps), hole)
        case "secret":
            return program.value(argument, steps)
        case "join" | "select" | "split":
            given = program.value(argument, steps)
            return _of_two(name.lower(), given, hole) if isinstance(given, list) and len(given) == _PAIR else hole
        case "readfile":
            return _file(program, program.value(argument, steps), hole)
        case "invoke":
            return _invoke(program, argument, hole, steps)
    return _package_result(program, name, program.value(argument, steps), hole)


def _from_json(value: Value, hole: Hole) -> Value:
    if isinstance(value, Encoded):
        return value.value
    text = as_text(value)
    return decode_json(text) if isinstance(text, str) else hole


def _of_two(name: str, given: list[Value], hole: Hole) -> Value:
    """Return the result of a function with two arguments."""
    first, second = as_text(given[0]), given[1]
    if name == "join" and isinstance(first, str) and isinstance(second, list):
        texts = [as_text(one) for one in second]
        if all(isinstance(one, (str, Hole, Holed)) for one in texts):
            return joined(
                part
                for number, one in enumerate(texts)
                for part in (*((first,) if number else ()), *parts_of(one))  # type: ignore[arg-type] # they are texts
            )
    if name == "select" and isinstance(second, list) and str(first).isdecimal() and int(str(first)) < len(second):
        return second[int(str(first))]
    text = as_text(second)
    if name == "split" and isinstance(first, str) and first and isinstance(text, str):
        return list(text.split(first))
    return hole


def _file(program: Program, name: Value, hole: Hole) -> Value:
    path = as_text(name)
    if not isinstance(path, str) or Path(path).is_absolute():
        return hole
    whole = os.path.join(os.path.dirname(program.file.name), path)  # noqa: PTH118, PTH120 - keeps `./a` as written
    try:
        text = file_text(whole)
    except UnreadableError:
        return hole
    program.followed.append(whole)
    return text


def _invoke(program: Program, argument: Node, hole: Hole, steps: int) -> Value:
    """Return the result of `fn::invoke`, or the part of it that `return` names."""
    function, given, part = argument.get("function"), argument.get("arguments"), argument.get("return")
    if function is None or function.text is None:
        return hole
    options = argument.get("options") or argument.get("opts")
    other = options is not None and options.get("provider") is not None
    answer = (
        hole if other else _package_result(program, function.text, program.value(given or Node(Fields()), steps), hole)
    )
    if part is None or not isinstance(answer, Mapping):
        return answer
    return answer.get(part.text or "", hole)


def _package_result(program: Program, name: str, given: Value, hole: Hole) -> Value:
    match token(name):
        case "aws:iam:getPolicyDocument" if isinstance(given, Mapping):
            policy = document(_blocks(given))
            return {"json": policy, "minifiedJson": policy}
        case "aws:getCallerIdentity" | "aws-native:getAccountId":
            return {"accountId": program.context.account or Hole("AWS::AccountId")}
        case "aws:getRegion" | "aws-native:getRegion":
            region = program.context.region or REGION
            return {"name": region, "id": region, "region": region}
        case "aws:getPartition" | "aws-native:getPartition":
            return {"partition": program.context.partition}
    return hole


def _blocks(given: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the arguments of a policy document with Terraform's names: blocks in the singular."""
    names = {snake(name): value for name, value in given.items()}
    statements = names.pop("statements", None)
    each = [_statement(statement) for statement in statements] if isinstance(statements, list) else statements
    return {**names, "statement": each}


def _statement(value: Value) -> Value:
    inner = in_snake(value)
    if not isinstance(inner, dict) or not isinstance(value, Placed):
        return inner
    inner["condition"] = inner.pop("conditions", None)
    return Placed(inner, value.at)


_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_ALONE = re.compile(r"\s*\$\{([^{}]*)\}\s*")
_ROOT = re.compile(r"[A-Za-z_][\w-]*")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]|\[\"([^\"]*)\"\]")
_OF_IAM = re.compile(r"[a-z0-9-]+:[A-Za-z]|[*?$]\Z")
"""The beginnings of IAM's own variables, which Pulumi would not understand."""

_MOST_STEPS = 40
"""The deepest nesting of expressions in expressions."""

_LONGEST = 65_536
"""The longest text that references can make, and the longest value, in characters. ECR takes policies of 10,240."""


@by_value
class Program:
    """A program, or a component of one.

    `stacks`: the text of the stacks' configuration files, None if one of them cannot be read. `used`: the configuration
    defaults that values depend on. `followed`: the files that were read. `known`: the values of variables and of
    resource properties, each with the defaults that it depends on.
    """

    root: Node
    file: File
    context: Context
    stacks: str | None = ""
    used: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    known: dict[tuple[str, ...], tuple[Value, list[str]]] = field(default_factory=dict)

    def section(self, *names: str) -> Mapping[str, Node]:
        """Return a section, by the first of these names that exists."""
        found = next((one for name in names if (one := self.root.get(name)) is not None), None)
        return dict(found.fields) if found is not None else {}

    def origin(self, node: Node) -> Node:
        """Return the expression behind a value that is only a variable or a secret."""
        for _ in range(_MOST_STEPS):
            name = _ALONE.fullmatch((node.text or "").strip())
            variable = self.section("variables").get(name[1].strip()) if name else None
            hidden = secret(node)
            if variable is None and hidden is None:
                return node
            node = variable or hidden or node
        return node

    def value(self, node: Node, steps: int = _MOST_STEPS) -> Value:
        """Return the value of an expression."""
        if not steps:
            return Hole("…")
        match node.value:
            case str() as text:
                return self._text(text, steps)
            case Fields() as fields:
                called = function_call(node)
                if called is not None:
                    return call(self, *called, steps - 1)
                pairs = [(name, self.value(value, steps - 1)) for name, value in fields.items()]
                return Placed(pairs, node.place(self.file.name))
            case tuple() as items:
                return [self.value(item, steps - 1) for item in items]
        return node.value

    # --- texts ---

    def _text(self, text: str, steps: int) -> Value:
        alone = _ALONE.fullmatch(text)
        if alone and not _OF_IAM.match(alone[1]):
            return self._reference(alone[1].strip(), steps)
        parts: list[str | Hole] = []
        left = len(text) + _LONGEST
        for part in self._parts(text, steps):
            parts.append(part)
            left -= len(part) if isinstance(part, str) else 1
            if left < 0:
                return Hole("…")
        return joined(parts)

    def _parts(self, text: str, steps: int) -> Iterator[str | Hole]:
        for piece in split_at(_REFERENCE, text):
            if isinstance(piece, str):
                yield piece
            elif piece[1] is None or _OF_IAM.match(piece[1]):
                yield piece[0].removeprefix("$" if piece[1] is None else "")
            else:
                yield from self._put_in(piece[1].strip(), steps)

    def _put_in(self, expression: str, steps: int) -> Iterator[str | Hole]:
        value = as_text(self._reference(expression, steps))
        if isinstance(value, (str, Hole, Holed)):
            yield from parts_of(value)
        else:
            yield Hole(name_of(expression))

    def _reference(self, expression: str, steps: int) -> Value:
        """Return the value of `name.property[0]`."""
        root = _ROOT.match(expression)
        hole = Hole(name_of(expression))
        if root is None or not steps:
            return hole
        path = [found[1] or found[3] or int(found[2]) for found in _STEP.finditer(expression, root.end())]
        if "".join(found[0] for found in _STEP.finditer(expression, root.end())) != expression[root.end() :]:
            return hole
        variable = self.section("variables").get(root[0])
        if variable is not None:
            return _inside(self._remember_value((root[0],), variable, hole, steps), path, hole)
        if root[0] in self.section("resources") and len(path) == 1:
            return self._attribute(root[0], str(path[0]), hole, steps)
        return _inside(self._configuration_value(root[0], hole), path, hole)

    def _remember_value(self, name: tuple[str, ...], node: Node, hole: Hole, steps: int) -> Value:
        """Return the value of a variable or a property. It is computed once, and is a hole if it refers to itself."""
        if name not in self.known:
            self.known[name] = hole, []
            before = len(self.used)
            value = self.value(node, steps - 1)
            self.known[name] = (value if _is_short(value) else hole), self.used[before:]
        value, used = self.known[name]
        self.used.extend(used)
        return value

    # --- inputs of the program ---

    def _configuration_value(self, name: str, hole: Hole) -> Value:
        """Return a configuration value: the user's, or the default if no stack can set another one."""
        if name in self.context.parameters:
            return self.context.parameters[name]
        said = self.section("config", "configuration").get(name)
        default = said.get("default") if said is not None and isinstance(said.value, Fields) else said
        if default is None or not isinstance(default.value, (str, int)) or (said or ABSENT).get("secret") is not None:
            return hole
        if self.stacks is None or name in self.stacks:
            return hole
        self.used.append(name)
        return default.value

    def _attribute(self, resource: str, name: str, hole: Hole, steps: int) -> Value:
        """Return a property of a resource: its input, or an ARN whose account is known."""
        node = self.section("resources")[resource]
        given = node.find("properties").get(name)
        if given is not None:
            return self._remember_value((resource, name), given, hole, steps)
        shape = ARNS.get(terraform_type(node.find("type").text or "") or "")
        if name != "arn" or shape is None or option(node, "provider") is not None:
            return hole
        known = {
            "{account}": self.context.account or Hole("AWS::AccountId"),
            "{region}": self.context.region or REGION,
            "{path}": "/",
        }
        pieces = [known.get(piece, piece) for piece in pieces_of(shape[0])]
        return joined([f"arn:{self.context.partition}:", *pieces, hole])


def option(resource: Node, name: str) -> Node | None:
    """Return an option of a resource."""
    return resource.find("options").get(name)


def _is_short(value: Value) -> bool:
    """Return whether a value has a plausible length. A few names can make a value that does not fit in memory."""
    waiting, left = [value], _LONGEST
    while waiting and left > 0:
        one = waiting.pop()
        left -= len(str(one)) if isinstance(one, (str, Holed)) else 1
        if isinstance(one, Encoded):
            waiting.append(one.value)
        waiting += one.values() if isinstance(one, Mapping) else one if isinstance(one, list) else ()
    return left > 0


def _inside(value: Value, path: list[str | int], hole: Hole) -> Value:
    for step in path:
        found = _member(value, step)
        if found is None:
            return hole
        value = found
    return value


def _member(value: Value, step: str | int) -> Value:
    if isinstance(value, Mapping):
        return value.get(str(step))
    inside = isinstance(value, list) and isinstance(step, int) and step < len(value)
    return value[step] if inside else None  # type: ignore[index] # a list, as checked above
