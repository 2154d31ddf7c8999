"""The changes of mutants: every single edit of a module's syntax tree that could change the module's behavior.

Parts without behavior are excluded: annotations, docstrings, decorators, imports, assertions (`strict` of `zip` too),
messages (texts with a blank, f-strings, raised values), `repr`, and names for type checkers. Also excluded are edits
that would raise a TypeError wherever they run, such as a tuple that is unpacked one value short. Such edits show
nothing about the tests.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Change: TypeAlias = tuple[str, ast.AST | None]
"""The description of the edit, and the new node, or None to remove the old one."""

_INSTEAD: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_EMPTY = {
    "bool": ("True", "False"),
    "int": ("0",),
    "str": ("''",),
    "tuple": ("()",),
    "list": ("[]",),
    "dict": ("{}",),
} | {
    "frozenset": ("frozenset()",),
    "set": ("set()",),
}
_OTHER_FUNCTION = {"any": "all", "all": "any", "min": "max", "max": "min"}
_OTHER_METHOD = {"startswith": "endswith", "endswith": "startswith", "issubset": "issuperset", "issuperset": "issubset"}
_SMOOTHING = frozenset({"casefold", "lower", "upper", "strip", "lstrip", "rstrip"})
_REPLACING = frozenset({"replace", "_replace"})
_MANY = 3
_FOR_CHECKERS = frozenset({"TypeVar", "TypeAlias", "ParamSpec", "NewType"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. `above` are the ancestors of the changed node, the module first. `scope` names its place."""

    operator: str
    above: tuple[ast.AST, ...]
    field: str
    index: int | None
    new: ast.AST | None
    scope: str

    @property
    def old(self) -> ast.AST:
        """The original node."""
        value = getattr(self.above[-1], self.field)
        found: ast.AST = value if self.index is None else value[self.index]
        return found

    def apply(self) -> Callable[[], None]:
        """Change the tree in place, and return a function that undoes it."""
        parent = self.above[-1]
        fields = (self.field, "values") if isinstance(parent, ast.Dict) and self.new is None else (self.field,)
        before = {field: getattr(parent, field) for field in fields}
        for field, value in before.items():
            setattr(parent, field, self._after(value))
        return lambda: parent.__dict__.update(before)

    def _after(self, value: list[ast.AST] | ast.AST) -> list[ast.AST] | ast.AST | None:
        if not isinstance(value, list) or self.index is None:
            return self.new
        return [*value[: self.index], *([self.new] if self.new else []), *value[self.index + 1 :]]


def edits(tree: ast.Module) -> Iterator[Edit]:
    """Yield every edit of a module, in the order of its text. The result depends only on the text."""
    yield from _below(tree, (), "")


def _below(node: ast.AST, above: tuple[ast.AST, ...], scope: str) -> Iterator[Edit]:
    above = (*above, node)
    for field, index, child in _children(node):
        inside = _scope(scope, child)
        for operator, new in _changes(child, above, field):
            yield Edit(operator, above, field, index, _placed(new, child), inside)
        yield from _below(child, above, inside)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if _is_left_alone(node, field):
            continue
        nodes = enumerate(value) if isinstance(value, list) else [(None, value)]
        yield from ((field, at, one) for at, one in nodes if isinstance(one, ast.AST) and not _is_for_readers(one))


def _is_left_alone(node: ast.AST, field: str) -> bool:
    return (
        field in {"annotation", "returns", "decorator_list", "type_params", "format_spec", "bases", "targets"}
        or isinstance(node, (ast.JoinedStr, ast.Assert, ast.Import, ast.ImportFrom))
        or (isinstance(node, ast.Raise) and field in {"exc", "cause"})
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "zip" and field == "keywords")  # an assertion
    )


def _is_for_readers(node: ast.AST) -> bool:
    match node:
        case (
            ast.Expr(value=ast.Constant())  # a docstring
            | ast.Expr(value=ast.Call(func=ast.Name(id="assert_never")))
            | ast.If(test=ast.Name(id="TYPE_CHECKING"))
            | ast.Assign(targets=[ast.Name(id="__all__" | "__slots__" | "__match_args__")])
            | ast.Call(func=ast.Name(id="cast"))
            | ast.keyword(arg="section")  # of a page of documentation
            | ast.keyword(arg="repr")  # what a developer sees of a value
        ):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id=name))) | ast.AnnAssign(annotation=ast.Name(id=name)):
            return name in _FOR_CHECKERS
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(op=ast.BitOr()) | ast.Subscript()):
            bare = name.lstrip("_")
            return bare[:1].isupper() and not bare.isupper()  # a union or a generic type, by its name
    return False


def _scope(scope: str, node: ast.AST) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            return f"{scope}.{name}".lstrip(".")
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if not scope:
            return name
    return scope


def _placed(new: ast.AST | None, old: ast.AST) -> ast.AST | None:
    if new is not None and hasattr(old, "lineno"):
        ast.copy_location(new, old)
        ast.fix_missing_locations(new)
    return new


def _changes(node: ast.AST, above: tuple[ast.AST, ...], field: str) -> Iterator[Change]:
    """Yield the ways to change one node in its place."""
    yield from ((f"{type(node).__name__} to {other.__name__}", other()) for other in _INSTEAD.get(type(node), ()))
    if isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, (ast.BoolOp, ast.BinOp, ast.UnaryOp)):
        yield from _operands(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.stmt):
        yield from _statements(node, above, field)
    if field == "test" or (field == "guard" and isinstance(node, ast.expr)) or field == "ifs":
        yield from _conditions(node, field)
    if _can_be_left_out(above, field):
        yield "element removed", None


def _constants(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int):
        yield "one more", ast.Constant(value + 1)
        if value > 0:
            yield "one less", ast.Constant(value - 1)
    elif isinstance(value, str) and not any(character.isspace() for character in value):
        yield "string", ast.Constant(f"XX{value}")


def _operands(node: ast.BoolOp | ast.BinOp | ast.UnaryOp) -> Iterator[Change]:
    match node:
        case ast.BoolOp(op=op, values=values):
            for at in range(len(values)):
                rest = [*values[:at], *values[at + 1 :]]
                yield "operand removed", rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.BinOp(left=left, op=ast.Add() | ast.BitOr() | ast.BitAnd(), right=right):
            yield "operand removed", left
            yield "operand removed", right
        case ast.BinOp(left=left, op=ast.Sub()):
            yield "operand removed", left
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not removed", operand


def _calls(node: ast.Call) -> Iterator[Change]:
    match node.func:
        case ast.Name(id=name) if name in _OTHER_FUNCTION:
            yield "other function", ast.Call(ast.Name(_OTHER_FUNCTION[name], ast.Load()), node.args, node.keywords)
        case ast.Attribute(value=value, attr=name) if name in _OTHER_METHOD:
            yield "other method", ast.Call(ast.Attribute(value, _OTHER_METHOD[name], ast.Load()), node.args, [])
        case ast.Attribute(value=value, attr=name) if name in _SMOOTHING and not node.args:
            yield "call removed", value
    if isinstance(node.func, (ast.Name, ast.Attribute)) and ast.unparse(node.func).split(".")[-1] in _REPLACING:
        for at in range(len(node.keywords)):
            rest = [*node.keywords[:at], *node.keywords[at + 1 :]]
            yield "argument removed", ast.Call(node.func, node.args, rest)


def _statements(node: ast.stmt, above: tuple[ast.AST, ...], field: str) -> Iterator[Change]:
    match node:
        case ast.Return(value=ast.expr() as value):
            for text in _empty_for(above):
                if text != ast.unparse(value):
                    yield "other result", ast.Return(ast.parse(text, mode="eval").body)
        case ast.For(target=target, body=body, orelse=orelse):
            yield "no turn of the loop", ast.For(target, ast.Tuple([], ast.Load()), body, orelse)
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "statement removed", ast.Pass()
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break() | ast.Delete():
            if field in {"body", "orelse", "finalbody"}:
                yield "statement removed", ast.Pass()


def _conditions(node: ast.AST, field: str) -> Iterator[Change]:
    if field == "ifs":
        yield "condition removed", None
    turned = isinstance(node, ast.Compare) and len(node.ops) == 1
    if isinstance(node, ast.expr) and not turned and not isinstance(node, (ast.BoolOp, ast.UnaryOp)):
        yield "condition negated", ast.UnaryOp(ast.Not(), node)


def _empty_for(above: tuple[ast.AST, ...]) -> Iterator[str]:
    """Yield other values that a function may return, by its annotation."""
    function = next((one for one in reversed(above) if isinstance(one, ast.FunctionDef)), None)
    if function is None or function.returns is None:
        return
    for part in ast.unparse(function.returns).split(" | "):
        yield from _EMPTY.get(part.split("[")[0], ("None",) if part == "None" else ())


def _can_be_left_out(above: tuple[ast.AST, ...], field: str) -> bool:
    match above[-1]:
        case ast.List(ctx=ast.Load()) | ast.Set() if field == "elts":
            return True
        case ast.Dict() if field == "keys":
            return True
        case ast.Tuple(ctx=ast.Load(), elts=elts) if field == "elts":
            return not _has_a_fixed_length(elts, above[-2])
        case ast.Match(cases=cases) if field == "cases":
            return len(cases) > 1
        case ast.MatchOr():
            return True
    return False


def _has_a_fixed_length(elements: list[ast.expr], parent: ast.AST) -> bool:
    """Return whether a tuple looks like a row of fields: of mixed types, in a table, looked up or returned."""
    match parent:
        case ast.Tuple() | ast.List() | ast.Set() | ast.Subscript() | ast.Call(func=ast.Attribute()):
            return True
        case ast.Return() | ast.Assign() | ast.Yield() | ast.Compare() if len(elements) < _MANY:
            return True
    return len({type(one) for one in elements}) > 1
