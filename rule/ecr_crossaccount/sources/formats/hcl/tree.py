"""The HCL syntax that is evaluated here: blocks, attributes and expressions, and the names of values in the source.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass

from ...files.values.nodes import Place


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a word such as `true`, or `null`."""

    value: object


@dataclass(frozen=True, slots=True)
class Piece:
    """A literal part of a template, with its escapes resolved."""

    text: str
    at: Place


@dataclass(frozen=True, slots=True)
class Interpolation:
    """`${…}`. `strips`: whether to remove the spaces before and after it."""

    expression: Expression
    strips: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class If:
    """`%{ if … }…%{ else }…%{ endif }`."""

    test: Expression
    yes: Template
    no: Template
    strips: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class Loop:
    """`%{ for … in … }…%{ endfor }`."""

    key: str | None
    item: str
    over: Expression
    body: Template
    strips: tuple[bool, bool] = (False, False)


Part = Piece | Interpolation | If | Loop


@dataclass(frozen=True, slots=True)
class Template:
    """A text in parts. `prose`: whether it has several lines, so that places inside it matter."""

    parts: tuple[Part, ...]
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Attribute:
    """A step `.name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """A step `[key]`."""

    key: Expression


@dataclass(frozen=True, slots=True)
class Splat:
    """`[*]` or `.*`, with the steps for each element."""

    steps: tuple[Step, ...]


Step = Attribute | Index | Splat


@dataclass(frozen=True, slots=True)
class Name:
    """A name: a root such as `var`, `local` or `each`, or a symbol of a loop."""

    name: str


@dataclass(frozen=True, slots=True)
class Access:
    """A value and the steps into it."""

    of: Expression
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function call. `expands`: whether the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    expands: bool = False


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[…, …]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """`{ … = … }`. A bare name is a Literal text."""

    pairs: tuple[tuple[Expression, Expression], ...]
    at: Place


@dataclass(frozen=True, slots=True)
class For:
    """`[for …]`, or with `name` `{for … : name => value}`.

    `groups`: whether values with the same name are collected in a list.
    """

    key: str | None
    item: str
    over: Expression
    value: Expression
    test: Expression | None
    name: Expression | None = None
    groups: bool = False


@dataclass(frozen=True, slots=True)
class ConditionalExpression:
    """`test ? yes : no`."""

    test: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and the operator between them."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negation:
    """`!…` or `-…`."""

    operator: str
    of: Expression


Expression = (
    Literal | Template | Name | Access | Call | ListOf | ObjectOf | For | ConditionalExpression | Operation | Negation
)


def parts(expression: object) -> Iterator[object]:
    """Yield an expression and all of its parts, in the order of the source."""
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += reversed(one)
        elif is_dataclass(one) and not isinstance(one, (Place, type)):
            yield one
            waiting += [getattr(one, each.name) for each in reversed(fields(one))]


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a block, `name = value`: its expression, and where its value begins."""

    expression: Expression
    at: Place
    source: str


Body = tuple[Mapping[str, Argument], tuple["Block", ...]]


class Block:
    """A block with its labels, attributes and inner blocks. Its contents are read when needed."""

    __slots__ = ("_body", "_read", "at", "labels", "type")

    def __init__(self, kind: str, labels: tuple[str, ...], at: Place, read: Callable[[], Body]) -> None:
        self.type = kind
        self.labels = labels
        self.at = at
        self._read = read
        self._body: Body | None = None

    @property
    def attributes(self) -> Mapping[str, Argument]:
        """The attributes of the block, by name."""
        return self._whole()[0]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The inner blocks, in order."""
        return self._whole()[1]

    def _whole(self) -> Body:
        if self._body is None:
            self._body = self._read()
        return self._body

    def inner(self, kind: str) -> Iterator[Block]:
        """Yield the inner blocks of a type."""
        return (block for block in self.blocks if block.type == kind)


@dataclass(frozen=True, slots=True)
class Source:
    """The contents of a file, and the faults in it: line, column and reason."""

    blocks: tuple[Block, ...]
    attributes: Mapping[str, Argument] = field(default_factory=dict)
    faults: tuple[tuple[int, int, str], ...] = ()


def spell(expression: Expression) -> str:
    """Return an expression as written, as far as it is a name."""
    match expression:
        case Name():
            return expression.name
        case Access():
            return spell(expression.of) + "".join(map(_spelled_step, expression.steps))
        case Call():
            return f"{expression.name}(…)"
    return "…"


def _spelled_step(step: Step) -> str:
    match step:
        case Attribute():
            return f".{step.name}"
        case Index():
            return f"[{spelled_key(step.key)}]"
        case Splat():
            return "[*]" + "".join(map(_spelled_step, step.steps))


def spelled_key(key: Expression) -> str:
    """Return an index as written."""
    if isinstance(key, Literal):
        return str(key.value)
    if isinstance(key, Template) and all(isinstance(part, Piece) for part in key.parts):
        return '"' + "".join(part.text for part in key.parts if isinstance(part, Piece)) + '"'
    return spell(key)
