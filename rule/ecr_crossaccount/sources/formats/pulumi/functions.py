"""Pulumi's resource types as Terraform's, and the functions in its programs in YAML, `fn::…`.

AWS is made from Terraform's provider, and AWS Native is like awscc.
https://www.pulumi.com/registry/packages/aws/ and https://www.pulumi.com/registry/packages/aws-native/
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from ....documents.pattern import Hole, Holed
from ....documents.pattern import text_of as joined
from ...files.files import File, file_text
from ...files.marks import PULUMI
from ...files.values.nodes import REGION, Fields, Node, parts_of
from ...files.values.partial import Encoded, Placed, Value
from ...files.values.partial import text_of as as_text
from ...files.values.templated import name_of
from ...found.context import Context
from ...reading.files import UnreadableError
from ..aws_provider.document import document
from ..aws_provider.policies import decode_json

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


class CallingProgram(Protocol):
    """The program that calls a function. `followed`: a list that receives the files that functions read."""

    @property
    def file(self) -> File:
        """The file of the program."""

    @property
    def context(self) -> Context:
        """The user's settings besides the files."""

    @property
    def followed(self) -> list[str]:
        """The files that were read."""

    def value(self, node: Node, steps: int) -> Value:
        """Return the value of an expression."""


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


def call(program: CallingProgram, name: str, argument: Node, steps: int) -> Value:  # noqa: PLR0911 - a table of functions
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
    """Return the value in a JSON text."""
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


def _file(program: CallingProgram, name: Value, hole: Hole) -> Value:
    """Return the text of a file beside the program."""
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


def _invoke(program: CallingProgram, argument: Node, hole: Hole, steps: int) -> Value:
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


def _package_result(program: CallingProgram, name: str, given: Value, hole: Hole) -> Value:
    """Return the result of a package's function."""
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
