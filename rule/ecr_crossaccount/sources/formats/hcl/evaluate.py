"""Evaluate expressions and blocks. Parts that only Terraform can know are holes.

The value of a block has the attributes, and inner blocks as lists. `dynamic` blocks are expanded. `count` and
`for_each` give the number of instances, and their keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from ....documents.pattern import Hole
from ....documents.pattern import text_of as joined
from ....memo import by_value
from ...files.files import file_text
from ...files.values.nodes import Place, parts_of
from ...files.values.partial import (
    Conditional,
    Either,
    NotThere,
    Placed,
    Prose,
    Question,
    Value,
    first_hole,
    is_known,
    text_of,
)
from ...reading.files import UnreadableError
from . import tree
from .grammar import read_template
from .operators import (
    FailedError,
    NoFileError,
    as_text,
    attribute,
    element,
    items_of,
    number_of,
    operation,
    truth,
    unify,
)
from .tree import Argument, Block, Expression, Scope, Step, question, spell, spelled_key, spread

_LONGEST_NAME = 60


def evaluate(expression: Expression, scope: Scope) -> Value:  # noqa: C901, PLR0911 - one case for each expression
    """Return the value of an expression. Raises FailedError if Terraform would fail, or TooMuchError."""
    scope.budget.spend()
    match expression:
        case tree.Literal():
            return expression.value
        case tree.Template():
            return scope.budget.weigh(template(expression, scope))
        case tree.Name():
            return _value_of_name(expression, (), scope)
        case tree.Access():
            return _access(expression, scope)
        case tree.Call():
            return _call(expression, scope)
        case tree.ListOf():
            return scope.budget.weigh([evaluate(item, scope) for item in expression.items])
        case tree.ObjectOf():
            return scope.budget.weigh(_object(expression, scope))
        case tree.For():
            return _for_object(expression, scope) if expression.name is not None else list(_for_list(expression, scope))
        case tree.ConditionalExpression():
            return _conditional(expression, scope)
        case tree.Operation():
            return operation(
                expression.operator, lambda: evaluate(expression.left, scope), lambda: evaluate(expression.right, scope)
            )
        case tree.Negation():
            return _negation(expression, scope)


# --- names and steps ---


def _value_of_name(name: tree.Name, steps: tuple[Step, ...], scope: Scope) -> Value:
    if name.name in scope.symbols:
        return walk(scope.symbols[name.name], steps, name.name, scope)
    value, rest = scope.names.lookup(name.name, steps)
    taken = steps[: len(steps) - len(rest)]
    return walk(value, rest, spell(tree.Access(name, taken)), scope)


def _access(access: tree.Access, scope: Scope) -> Value:
    if isinstance(access.of, tree.Name):
        return _value_of_name(access.of, access.steps, scope)
    return walk(evaluate(access.of, scope), access.steps, spell(access.of), scope)


def walk(value: Value, steps: tuple[Step, ...], name: str, scope: Scope) -> Value:
    """Return the value at some steps from a value. `name`: its name in the source. Raises FailedError."""
    for index, step in enumerate(steps):
        match step:
            case tree.Attribute():
                value, name = attribute(value, step.name, name), f"{name}.{step.name}"
            case tree.Index():
                key = text_of(evaluate(step.key, scope))
                name = f"{name}[{spelled_key(step.key)}]"
                value = Hole(name) if scope.tried and not is_known(key) else element(value, key, name)
            case tree.Splat():
                value = _splat(value, step.steps, name, scope)
                return walk(value, steps[index + 1 :], f"{name}[*]", scope)
    return value


def _splat(value: Value, steps: tuple[Step, ...], name: str, scope: Scope) -> Value:
    if value is None:
        return []
    if isinstance(value, (Hole, Either)):
        hole = value.hole if isinstance(value, Either) else value
        return [Conditional(walk(hole, steps, name, scope), hole)]
    items = value if isinstance(value, list) else [value]
    pairs = ((item, walk(item.value if isinstance(item, Conditional) else item, steps, name, scope)) for item in items)
    return [item.but(value) if isinstance(item, Conditional) else value for item, value in pairs]


# --- collections ---


def _object(expression: tree.ObjectOf, scope: Scope) -> Value:
    pairs: list[tuple[str, Value]] = []
    for name, value in expression.pairs:
        key = as_text(evaluate(name, scope))
        if not isinstance(key, str):
            return first_hole(key, spell(name))
        pairs.append((key, evaluate(value, scope)))
    return Placed(pairs, expression.at)


def _rounds(expression: tree.For, scope: Scope) -> Iterator[tuple[Scope, Conditional | None]]:
    """Yield the scope of each round of a loop, and the condition if the round may be missing."""
    for key, item, perhaps in items_of(evaluate(expression.over, scope)):
        symbols = {expression.item: item} if expression.key is None else {expression.key: key, expression.item: item}
        inside = scope.binding(**symbols)
        if expression.test is not None:
            test = truth(evaluate(expression.test, inside))
            if test is False:
                continue
            if isinstance(test, Hole):
                yield inside, Conditional(item, perhaps.hole if perhaps is not None else test)
                continue
        yield inside, perhaps


def _for_list(expression: tree.For, scope: Scope) -> Iterator[Value]:
    for inside, perhaps in _rounds(expression, scope):
        value = evaluate(expression.value, inside)
        yield value if perhaps is None else perhaps.but(value)


def _for_object(expression: tree.For, scope: Scope) -> Value:
    found: dict[str, Value] = {}
    assert expression.name is not None  # noqa: S101 - the caller has checked it
    for inside, perhaps in _rounds(expression, scope):
        key = as_text(evaluate(expression.name, inside))
        if not isinstance(key, str):
            return perhaps.hole if perhaps is not None else first_hole(key, spell(expression.over))
        value = evaluate(expression.value, inside)
        if expression.groups:
            gathered = found.setdefault(key, [])
            assert isinstance(gathered, list)  # noqa: S101 - made in the line above
            gathered.append(value if perhaps is None else perhaps.but(value))
        else:
            found[key] = value if perhaps is None else perhaps.but(value)
    return found


# --- texts and choices ---


def template(expression: tree.Template, scope: Scope) -> Value:
    """Return the value of a template. A single `${…}` returns its value, of any type."""
    if len(expression.parts) == 1 and not expression.prose and isinstance(expression.parts[0], tree.Interpolation):
        return evaluate(expression.parts[0].expression, scope)
    parts = list(_template_parts(expression, scope))
    make = _prose if expression.prose else _text
    return spread([part for part, _ in parts], lambda values: make(values, [place for _, place in parts]))


def _prose(values: list[Value], places: list[Place | None]) -> Prose:
    return Prose(tuple(piece for value, place in zip(values, places, strict=True) for piece in _pieces(value, place)))


def _text(values: list[Value], places: list[Place | None]) -> Value:
    return joined(part for part, _ in _prose(values, places).parts)


def _pieces(value: Value, place: Place | None) -> Iterator[tuple[str | Hole, Place | None]]:
    """Yield the parts of a value in a text. Raises FailedError."""
    if isinstance(value, Prose):
        yield from value.parts
    else:
        yield from ((part, place) for part in parts_of(as_text(value)))


def _template_parts(expression: tree.Template, scope: Scope) -> Iterator[tuple[Value, Place | None]]:
    for part in expression.parts:
        scope.budget.spend()
        match part:
            case tree.Piece():
                yield part.text, part.at
            case tree.Interpolation():
                yield evaluate(part.expression, scope), None
            case tree.If():
                yield from _written_if(part, scope)
            case tree.Loop():
                yield from _written_loop(part, scope)


def _written_if(part: tree.If, scope: Scope) -> Iterator[tuple[Value, Place | None]]:
    test = truth(evaluate(part.test, scope))
    if isinstance(test, Hole):
        yes, no = (template(one, scope) for one in (part.yes, part.no))
        yield unify(yes, no, test, question(part.test, test, scope)), None
    else:
        yield from _template_parts(part.yes if test else part.no, scope)


def _written_loop(part: tree.Loop, scope: Scope) -> Iterator[tuple[Value, Place | None]]:
    for key, item, perhaps in items_of(evaluate(part.over, scope)):
        if perhaps is not None:
            yield perhaps.hole, None
            continue
        symbols = {part.item: item} if part.key is None else {part.key: key, part.item: item}
        yield from _template_parts(part.body, scope.binding(**symbols))


def _conditional(expression: tree.ConditionalExpression, scope: Scope) -> Value:
    test = truth(evaluate(expression.test, scope))
    if not isinstance(test, Hole):
        return evaluate(expression.yes if test else expression.no, scope)
    yes, no = attempt(expression.yes, scope, test), attempt(expression.no, scope, test)
    return unify(yes, no, test, question(expression.test, test, scope))


def attempt(expression: Expression, scope: Scope, otherwise: Value) -> Value:
    """Return the value of an expression, or `otherwise` if Terraform would fail."""
    try:
        return evaluate(expression, scope)
    except NoFileError as error:
        return NotThere(str(error))
    except FailedError:
        return otherwise


def value_of(said: Argument, scope: Scope) -> Value:
    """Return the value of an attribute, or a hole if Terraform would fail."""
    return attempt(said.expression, scope, Hole(_hole_name(said)))


def _hole_name(said: Argument) -> str:
    """Return a name for an attribute whose value cannot be determined: its expression, or its source text."""
    name = spell(said.expression)
    return name if "…" not in name else " ".join(said.source.split())[:_LONGEST_NAME]


def _negation(expression: tree.Negation, scope: Scope) -> Value:
    value = evaluate(expression.of, scope)
    if expression.operator == "!":
        test = truth(value)
        return test if isinstance(test, Hole) else not test
    if not is_known(value):
        return first_hole(value, spell(expression.of))
    return -number_of(value)


def _call(expression: tree.Call, scope: Scope) -> Value:
    if expression.name == "try":
        return _try(expression.arguments or (tree.Literal(None),), scope)
    if expression.name == "can":
        return _can(expression, scope)
    arguments = [evaluate(argument, scope) for argument in expression.arguments]
    if expression.expands and arguments:
        last = arguments.pop()
        if isinstance(last, Hole):
            return last
        if not isinstance(last, list):
            raise FailedError("`...` follows a value that is not a list")
        if any(isinstance(one, Conditional) for one in last):
            return first_hole(last, spell(expression))
        arguments += last
    if scope.tried and expression.name == "lookup" and not is_known(arguments[1:]):
        return first_hole(arguments[1:], "lookup(…)")
    return scope.budget.weigh(scope.names.call(expression.name, arguments, scope))


def _try(arguments: Sequence[Expression], scope: Scope) -> Value:
    """Return the value of the first argument that does not fail. If an argument may fail, its value is a hole.

    A file that is not here may be there when Terraform runs.
    """
    first, *others = arguments
    if not others:
        return evaluate(first, scope)
    try:
        return evaluate(first, scope.trying())
    except NoFileError as error:
        hole = NotThere(str(error))
        there = Question(error.path, f"`{error.path}` is there", f"`{error.path}` is not there")
        return unify(hole, _try(others, scope), hole, there)
    except FailedError:
        return _try(others, scope)


def _can(expression: tree.Call, scope: Scope) -> Value:
    try:
        value = evaluate(expression.arguments[0], scope.trying())
    except NoFileError as error:
        return NotThere(str(error))
    except (FailedError, IndexError):
        return False
    return True if is_known(value) else first_hole(value, "can(…)")


_META = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})


def contents(block: Block, scope: Scope) -> Placed:
    """Return attributes and inner blocks. Each inner block has its place."""
    pairs: dict[str, Value] = {name: value_of(said, scope) for name, said in block.attributes.items()}
    for inner in block.blocks:
        if inner.type in _META:
            continue
        if inner.type == "dynamic" and inner.labels:
            found, kind = list(_unroll_block(inner, scope)), inner.labels[0]
        else:
            found, kind = [contents(inner, scope)], inner.type
        listed = pairs.setdefault(kind, [])
        if isinstance(listed, list):
            listed += found
    return Placed(pairs, block.at)


def _unroll_block(block: Block, scope: Scope) -> Iterator[Value]:
    content = next(block.inner("content"), None)
    each = block.attributes.get("for_each")
    if content is None or each is None:
        return
    named = block.attributes.get("iterator")
    iterator = spell(named.expression) if named is not None else block.labels[0]
    value = value_of(each, scope)
    try:
        for key, item, perhaps in items_of(value):
            inside = scope.binding(**{iterator: {"key": key, "value": item}})
            made = contents(content, inside)
            yield made if perhaps is None else perhaps.but(made)
    except FailedError:
        return


MOST = 500
"""The most instances of one block. If there are more, their number counts as unknown."""


@by_value
class Instance:
    """An instance of a block.

    `key`: the end of its address. `name`: the key itself, None if the block has none or it is unknown. `is_certain`:
    whether it certainly exists.
    """

    key: str = ""
    name: str | int | None = None
    symbols: Mapping[str, Value] = field(default_factory=dict)
    is_certain: bool = True

    @property
    def identity(self) -> str:
        """An identifier that is unique among the instances of its block, even without a known key."""
        return self.key if self.name is not None or not self.symbols else repr(self.symbols)

    def scope(self, module: Scope) -> Scope:
        """Return the scope of the block's expressions, inside that of its module."""
        return module.binding(**self.symbols)


def instances(block: Block, scope: Scope) -> Iterator[Instance]:
    """Yield the instances of a block in the scope of its module. If their number is unknown, yield one."""
    count, each = block.attributes.get("count"), block.attributes.get("for_each")
    if count is not None:
        yield from _instances_by_count(text_of(value_of(count, scope)))
    elif each is not None:
        yield from _instances_by_key(value_of(each, scope))
    else:
        yield Instance()


def _instances_by_count(value: Value) -> Iterator[Instance]:
    try:
        number = int(number_of(value)) if is_known(value) else None
    except FailedError:
        number = None
    if number is None or number > MOST:
        # If there are any, the first exists.
        yield Instance("[0]", symbols={"count": {"index": Hole("count.index")}}, is_certain=False)
        return
    for index in range(number):
        yield Instance(f"[{index}]", index, {"count": {"index": index}})


def _instances_by_key(value: Value) -> Iterator[Instance]:
    try:
        found = list(items_of(value))
    except FailedError:
        found = [(Hole("each.key"), Hole("each.value"), None)]
    if len(found) > MOST:
        found = [(Hole("each.key"), Hole("each.value"), None)]
    for key, item, perhaps in found:
        # Terraform does not accept a list here. If a set was meant, its elements are the keys.
        name = text_of(item if isinstance(value, list) else key)
        if isinstance(name, str):
            suffix = f"[{json.dumps(name, ensure_ascii=False)}]"
            yield Instance(suffix, name, {"each": {"key": name, "value": item}}, is_certain=perhaps is None)
        else:
            each = name if isinstance(value, list) else Hole("each.key")
            yield Instance(symbols={"each": {"key": each, "value": item}}, is_certain=False)


def fill_template(text: str, path: str, given: Mapping[str, Value], scope: Scope) -> Value:
    """Return a template filled in. Raises FailedError."""
    said = read_template(text, path)
    if said is None:
        raise FailedError(f"`{path}` is not a template")
    return evaluate(said.expression, Scope(scope.names, scope.budget, dict(given)))


def content(path: str) -> str:
    """Return the text of a file. Raises NoFileError."""
    try:
        return file_text(path)
    except UnreadableError as error:
        raise NoFileError(path, str(error)) from None


def content_with_places(path: str) -> Prose:
    """Return the text of a file, each line with its place. Raises FailedError."""
    lines = content(path).splitlines(keepends=True)
    return Prose(tuple((line, Place(path, number)) for number, line in enumerate(lines, start=1)))
