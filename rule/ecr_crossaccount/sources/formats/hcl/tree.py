"""The HCL syntax that is evaluated here, and what an evaluation has: names, a budget, and undecided conditions.

Of two conditions it is known when they are the same, and which values there are in both cases.
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Protocol

from ....documents.pattern import Hole
from ....memo import by_value
from ...files.values.nodes import Place
from ...files.values.partial import Case, Either, NotThere, Question, Value, apply_answer, parts_in
from .operators import FailedError, NoFileError, TooMuchError, unify


@by_value
class Literal:
    """A number, a word such as `true`, or `null`."""

    value: object


@by_value
class Piece:
    """A literal part of a template, with its escapes resolved."""

    text: str
    at: Place


@by_value
class Interpolation:
    """`${…}`. `strips`: whether to remove the spaces before and after it."""

    expression: Expression
    strips: tuple[bool, bool] = (False, False)


@by_value
class If:
    """`%{ if … }…%{ else }…%{ endif }`."""

    test: Expression
    yes: Template
    no: Template
    strips: tuple[bool, bool] = (False, False)


@by_value
class Loop:
    """`%{ for … in … }…%{ endfor }`."""

    key: str | None
    item: str
    over: Expression
    body: Template
    strips: tuple[bool, bool] = (False, False)


Part = Piece | Interpolation | If | Loop


@by_value
class Template:
    """A text in parts. `prose`: whether it has several lines, so that places inside it matter."""

    parts: tuple[Part, ...]
    prose: bool = False


@by_value
class Attribute:
    """A step `.name`."""

    name: str


@by_value
class Index:
    """A step `[key]`."""

    key: Expression


@by_value
class Splat:
    """`[*]` or `.*`, with the steps for each element."""

    steps: tuple[Step, ...]


Step = Attribute | Index | Splat


@by_value
class Name:
    """A name: a root such as `var`, `local` or `each`, or a symbol of a loop."""

    name: str


@dataclass(frozen=True, slots=True)
class Access:
    """A value and the steps into it."""

    of: Expression
    steps: tuple[Step, ...]


@by_value
class Call:
    """A function call. `expands`: whether the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    expands: bool = False


@by_value
class ListOf:
    """`[…, …]`."""

    items: tuple[Expression, ...]


@by_value
class ObjectOf:
    """`{ … = … }`. A bare name is a Literal text."""

    pairs: tuple[tuple[Expression, Expression], ...]
    at: Place


@by_value
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


@by_value
class ConditionalExpression:
    """`test ? yes : no`."""

    test: Expression
    yes: Expression
    no: Expression


@by_value
class Operation:
    """Two operands and the operator between them."""

    operator: str
    left: Expression
    right: Expression


@by_value
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


@by_value
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


@by_value
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


def literal_text(expression: Expression) -> str | None:
    """Return a name that is written as a word or in quotes; None for any other expression."""
    match expression:
        case Literal():
            return str(expression.value)
        case Template():
            return "".join(part.text for part in expression.parts if isinstance(part, Piece))
    return None


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


STEPS = 400_000
_CHARACTERS = 64
"""The evaluations that one resource may cost. The largest real configurations take a few thousand."""


class Names(Protocol):
    """The values of a module's names."""

    def lookup(self, root: str, steps: tuple[Step, ...]) -> tuple[Value, tuple[Step, ...]]:
        """Return the value of a name and its first steps, and the remaining steps."""

    def call(self, name: str, arguments: list[Value], scope: Scope) -> Value:
        """Return the result of a function."""


@dataclass(slots=True)
class Budget:
    """The number of evaluations left, for each resource and in total, so that every evaluation ends."""

    left: int = STEPS
    whole: int = 10 * STEPS

    def renew(self) -> None:
        """Start the budget of the next resource."""
        self.whole -= STEPS - max(0, self.left)
        self.left = min(STEPS, self.whole)

    def spend(self, steps: int = 1) -> None:
        """Count steps. Raises TooMuchError if too many are taken."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchError

    def weigh(self, value: Value) -> Value:
        """Count the parts of a value, repeated ones each time, and return it. Raises TooMuchError."""
        waiting = [value]
        while waiting:
            one = waiting.pop()
            self.spend()
            if isinstance(one, str):
                self.spend(len(one) // _CHARACTERS)
            else:
                waiting += parts_in(one)
        return value


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of an expression: its module's names, and the symbols of loops and instances.

    `tried`: whether it is inside a `try` or `can`.
    """

    names: Names
    budget: Budget
    symbols: Mapping[str, Value] = field(default_factory=dict)
    tried: bool = False

    def binding(self, **symbols: Value) -> Scope:
        """Return the scope inside a loop."""
        return Scope(self.names, self.budget, {**self.symbols, **symbols}, self.tried)

    def trying(self) -> Scope:
        """Return the scope of an expression inside `try` or `can`."""
        return Scope(self.names, self.budget, self.symbols, tried=True)


_MOST = 8
"""The most forms of one value. If there are more, it is a hole."""


def question(test: Expression, hole: Hole, scope: Scope) -> Question:
    """Return the question for a condition. In one module, equal conditions give the same question.

    A condition that uses a loop's symbols never equals another one.
    """
    shape = _shape(test)
    bound = any(isinstance(part, Name) and part.name in scope.symbols for part in parts(test))
    of = object() if bound else (scope.names, shape)
    return Question(of, f"the condition on `{hole.name}` holds", f"the condition on `{hole.name}` does not hold")


def _shape(part: object) -> object:
    """Return an expression without its places, for a comparison."""
    if isinstance(part, tuple):
        return tuple(map(_shape, part))
    if isinstance(part, Place):
        return None
    if is_dataclass(part):
        return (type(part), *(_shape(getattr(part, one.name)) for one in fields(part)))
    return type(part), part


def spread(values: Sequence[Value], make: Callable[[list[Value]], Value]) -> Value:
    """Return the result of `make`. Each value that is one of two is tried both ways. Raises FailedError."""
    forms = 1
    for value in values:
        forms *= value.forms if isinstance(value, Either) else 1
    return _spread(
        [value.hole if isinstance(value, Either) else value for value in values] if forms > _MOST else list(values),
        make,
    )


def _spread(values: list[Value], make: Callable[[list[Value]], Value]) -> Value:
    either = next((value for value in values if isinstance(value, Either)), None)
    if either is None:
        return make(values)
    yes, no = (_in_case(values, make, Case(either.question, holds), either.hole) for holds in (True, False))
    return unify(yes, no, either.hole, either.question)


def _in_case(values: list[Value], make: Callable[[list[Value]], Value], case: Case, hole: Hole) -> Value:
    try:
        return _spread([apply_answer(value, case) for value in values], make)
    except NoFileError as error:
        return NotThere(str(error))
    except FailedError:
        return hole
