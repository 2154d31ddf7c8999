"""The page of log lines: the descriptions in log_lines.yaml, which a test compares with the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from ecr_crossaccount.sources.aws.metrics import DIMENSIONS, Figure

from website.tables import one_line, table

Json = Mapping[str, Any]

ROOT = Path(__file__).parents[1]
CODE = ROOT / "rule"
_TABLE = Path(__file__).with_name("log_lines.yaml")
_LEVELS = {"info": "INFO", "info_shortened": "INFO", "warning": "WARN", "error": "ERROR"}
_BINDS = ("bind_fields", "also")
_LOG = "ecr_crossaccount/sources/aws/log.py"
_HEAD = """\
<!-- Written by `make reference` from website/log_lines.yaml; a test compares it with the code. -->

# Log lines

Every line that the functions log. Each line is one JSON object with `timestamp`, `level` and `message`. All characters
beyond ASCII are escaped, so text that someone outside chose cannot break or reverse a line. `…` is text that differs
from line to line. Unless a row says otherwise, `reason` is the error, `repository` its name and `number` how many there
are.

[Operate](operate.md#log) has queries for CloudWatch Logs Insights. A
[minor version can change](stability.md#what-a-minor-version-can-change) messages and fields. To react to a fault, use
an [alarm](operate.md#alarms) or a [metric](metrics.md)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that the code writes. `message` has `…` for variable parts, or is None if it is made elsewhere."""

    place: str
    message: str | None
    level: str
    fields: frozenset[str]


def said() -> Json:
    """Return the content of log_lines.yaml."""
    read: Json = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return read


def page() -> str:
    """Return the page."""
    read = said()
    parts = [_HEAD]
    names = {one["id"]: one["name"] for one in read["functions"]}
    for one in read["functions"]:
        bound = sorted(bound_in(one["bound"]), key=list(read["fields"]).index)
        parts += [f"## {one['name']}", one["about"]]
        if bound:
            parts.append("Every line also has:\n\n" + "\n".join(_of_every_line(read["fields"], bound)))
            parts.append("The lines:")
        parts.append("\n".join(_item(line) for line in read["lines"] if one["id"] == line["in"][0]))
        elsewhere: dict[str, list[str]] = {}
        for line in read["lines"]:
            if one["id"] in line["in"][1:]:
                elsewhere.setdefault(names[line["in"][0]], []).append(f"`{line['message']}`")
        for name, messages in elsewhere.items():
            parts.append(f"As in [{name}](#{anchor(name)}): {', '.join(messages)}.")
    parts += ["## Progress", "How far a scheduled run is:", table(("field", "value"), _cells(read["progress"]))]
    return "\n\n".join(parts) + "\n"


def _of_every_line(meanings: Json, bound: list[str]) -> Iterator[str]:
    """Return an item for each meaning: a field without one shares the next one."""
    together: list[str] = []
    for name in bound:
        together.append(f"`{name}`")
        if meanings[name]:
            yield f"- {', '.join(together)}: {meanings[name]}"
            together = []


def anchor(heading: str) -> str:
    """Return the fragment of a heading on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _item(line: Json) -> str:
    fields = [f"`{name}` ({meaning})" if meaning else f"`{name}`" for name, meaning in line["fields"].items()]
    fields += ["the [progress](#progress)"] if line.get("progress") else []
    return f"- `{line['message']}` ({line['level']}): {one_line(line['when'])}. Fields: {', '.join(fields)}"


def _cells(fields: Json) -> Iterator[tuple[str, ...]]:
    return ((f"`{name}`", meaning) for name, meaning in fields.items())


def fields_of(line: Json) -> frozenset[str]:
    """Return the names of the fields of a line."""
    return frozenset({*line["fields"], *(said()["progress"] if line.get("progress") else ())})


# --- what the code writes ---


def written() -> list[Line]:
    """Return every line that the code of the functions writes."""
    return [line for path in sorted(CODE.rglob("*.py")) for line in _in_module(path)]


def bound_in(modules: list[str]) -> set[str]:
    """Return the fields that modules add to every line that is written while they run."""
    found = set()
    for name in modules:
        (path,) = (path for path in sorted(CODE.rglob("*.py")) if path.as_posix().endswith(f"/{name}"))
        for call in _calls(path):
            if _attribute_of_log(call.func) in _BINDS:
                found |= _fields(call, path)
    return found


def _in_module(path: Path) -> Iterator[Line]:
    tree = _tree(path)
    names = {
        target.id: {level for part in ast.walk(node.value) if (level := _LEVELS.get(_attribute_of_log(part) or ""))}
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in _calls(path):
        level = _LEVELS.get(_attribute_of_log(call.func) or "")
        if isinstance(call.func, ast.Name):
            own = _LEVELS.get(call.func.id) if path.as_posix().endswith(_LOG) else None
            level = own or " or ".join(sorted(names.get(call.func.id, ()), reverse=True))
        if level:
            place = f"{path.relative_to(CODE).as_posix()}:{call.lineno}"
            message = text_of(call.args[0], _constants(tree))
            yield Line(
                place, message, " or ".join(sorted(level.split(" or "), reverse=True)), frozenset(_fields(call, path))
            )


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call))


def _attribute_of_log(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "log":
        return node.attr
    return None


def text_of(node: ast.AST, constants: Mapping[str, str]) -> str | None:
    """Return a text in the code, with `…` for inserted values, or None for other expressions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part, constants) or "" for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return constants.get(ast.unparse(node.value), "…")
    if isinstance(node, ast.BinOp):
        left, right = text_of(node.left, constants), text_of(node.right, constants)
        return None if left is None or right is None else left + right
    return None


def texts() -> set[str]:
    """Return every text with inserted values in the code. The text that `+=` adds in the next line belongs to it."""
    found: set[str] = set()
    for path in sorted(CODE.rglob("*.py")):
        nodes = list(ast.walk(_tree(path)))
        found |= {text_of(node, {}) or "" for node in nodes if isinstance(node, ast.JoinedStr)}
        constants = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
        found |= {text.replace("{}", "…") for text in constants if "({})" in text}
        for begun, added in pairwise(nodes):
            if isinstance(begun, ast.Assign) and isinstance(added, ast.AugAssign):
                first, second = text_of(begun.value, {}), text_of(added.value, {})
                found = found - {first or "", second or ""} | {(first or "") + (second or "")}
    return found


def _constants(tree: ast.Module) -> Mapping[str, str]:
    return {
        ast.unparse(node.targets[0]): str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _fields(call: ast.Call, path: Path) -> set[str]:
    found: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg is not None:
            found.add(keyword.arg)
        elif isinstance(keyword.value, ast.IfExp):
            found |= _keys(keyword.value)
        else:
            found |= _spread(ast.unparse(keyword.value), path)
    return found


_MADE = {
    "sweep.standing()": (("products/rule/sweep.py", "standing"),),
    "self.standing()": (("products/rule/sweep.py", "standing"),),
    "told": (("sources/register/listing.py", "write_members"),),
}
"""The module and function that make the fields which a call spreads (`**told`). They may depend on the module."""
_HELD = {
    "parameters.provenance": ("register", "resourceControlPolicies", "requiredStatements"),
    "products/alerts/function.py found.held.provenance": ("register",),
    "products/rule/registered.py held.provenance": ("register",),
    "products/hook/evaluation.py provenance": ("register",),
    "products/automation/planner.py held.provenance": ("requiredStatements",),
}
"""The names of the content whose `Held.provenance` a call spreads."""
_METRICS = "_metric_fields(counts, whose)"


def _spread(expression: str, path: Path) -> set[str]:
    """Return the fields that a call spreads. Raises ValueError if `_MADE` does not name their function."""
    if expression == _METRICS:
        return {"_aws", "FunctionName", *DIMENSIONS, *(figure.value for figure in Figure)}
    place = path.relative_to(CODE / "ecr_crossaccount").as_posix() if "ecr_crossaccount" in path.parts else path.name
    held = _HELD.get(f"{place} {expression}", _HELD.get(expression, ()))
    if held:
        return {f"{name}{end}" for name in held for end in ("", "Version", "Sha256")}
    made = _MADE.get(f"{place} {expression}", _MADE.get(expression))
    if made is None:
        raise ValueError(
            f"{place} logs `**{expression}`: say in `_MADE` of website/log_lines.py where its fields are made"
        )
    return {key for module, function in made for key in _returned(CODE / "ecr_crossaccount" / module, function)}


def _returned(path: Path, function: str) -> set[str]:
    (found,) = (one for one in ast.walk(_tree(path)) if isinstance(one, ast.FunctionDef) and one.name == function)
    returns = (one.value for one in ast.walk(found) if isinstance(one, ast.Return) and isinstance(one.value, ast.Dict))
    return {key for value in returns for key in _keys(value)}


def _keys(node: ast.AST) -> set[str]:
    """Return the keys of dictionaries in an expression, only of the outermost."""
    if isinstance(node, ast.IfExp):
        return _keys(node.body) | _keys(node.orelse)
    if isinstance(node, ast.Dict):
        return {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    return set()
