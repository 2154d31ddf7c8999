"""The tasks of playbooks, roles and handlers that call the module, with the values of their arguments.

`{{ … }}` of Jinja is a hole, unless the files here say what it is.
https://docs.ansible.com/ansible/latest/collections/community/aws/ecs_ecr_module.html
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ....documents.pattern import Hole, Text
from ....documents.pattern import text_of as joined
from ....memo import by_value
from ...files.files import File, file_text
from ...files.marks import ANSIBLE
from ...files.values.documents import braces, name_filled_in, name_of
from ...files.values.nodes import Fields, Node, parts_of, plain, scalar_text
from ...reading.files import UnreadableError, is_file
from .definitions import Definition, Level, Project, in_scope

MODULE = re.compile(rf"(?:\w+\.\w+\.)?{ANSIBLE}")
"""The module, by its short name or with the name of a collection."""
_GROUP = re.compile(r"group/(?:\w+\.\w+\.)?aws")
"""The group of modules that it belongs to.

https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_module_defaults.html#module-defaults-groups
"""

_ACTIONS = frozenset({"action", "local_action"})


@dataclass(frozen=True, slots=True)
class Scope:
    """The values that a task inherits: variables with their precedence, and defaults, the nearest first.

    The defaults are those of the module, and of its group.
    """

    variables: Mapping[str, tuple[Level, Node]] = field(default_factory=dict)
    defaults: tuple[Node, ...] = ()
    of_group: tuple[Node, ...] = ()

    def enter_block(self, block: Node) -> Scope:
        """Return the scope inside a play, a block or a task."""
        level = Level.PLAY if block.get("hosts") is not None else Level.TASK
        own = {name: (level, value) for name, value in block.find("vars").fields}
        listed = block.find("module_defaults").fields
        named = (value for name, value in listed if MODULE.fullmatch(name))
        of_group = (value for name, value in listed if _GROUP.fullmatch(name))
        return Scope({**self.variables, **own}, (*named, *self.defaults), (*of_group, *self.of_group))


@by_value
class Task:
    """A call of the module.

    `layers`: its arguments and inherited defaults; none if one is a text that cannot be parsed. `item`: what
    distinguishes it from the other rounds of its loop.
    """

    node: Node
    layers: tuple[Node, ...]
    scope: Scope
    item: str = ""

    def get(self, name: str) -> Node | None:
        """Return an argument from the nearest layer that has it."""
        found = (layer.get(name) for layer in self.layers)
        return next((node for node in found if node is not None), None)


_LOOPS = ("loop", "with_items", "with_list", "with_dict")
MOST_ROUNDS = 100
"""The most rounds of a loop that are judged one by one. In longer loops, the item is not known."""


def loop_of(task: Task) -> Node | None:
    """Return what a task is repeated for, or None if it is not repeated."""
    found = (task.node.get(name) for name in _LOOPS)
    return next((node for node in found if node is not None), None)


def rounds_of(task: Task, known: Node) -> Iterator[Task]:
    """Yield a task once for each item of its loop. `known`: the items, as far as they are known."""
    name = task.node.find("loop_control", "loop_var").text or "item"
    items = known.items or tuple(
        name.but(Fields(((name.but("key"), name), (name.but("value"), value)))) for name, value in known.pairs
    )
    if not 0 < len(items) <= MOST_ROUNDS:
        yield task
        return
    for number, item in enumerate(items, start=1):
        scope = replace(task.scope, variables={**task.scope.variables, name: (Level.LOOP, item)})
        yield replace(task, scope=scope, item=f"item {number}")


def tasks(root: Node, scope: Scope | None = None) -> Iterator[Task]:
    """Yield the calls of the module in a document, at any depth."""
    scope = scope or Scope()
    for item in root.items:
        yield from tasks(item, scope)
    if not isinstance(root.value, Fields):
        return
    inside = scope.enter_block(root)
    called = _module_arguments(root)
    if called is not None:
        yield Task(root, _layers(root, called, inside), inside)
    for name, value in root.fields:
        if name not in ("vars", "module_defaults") and value is not called:
            yield from tasks(value, inside)


def _module_arguments(task: Node) -> Node | None:
    """Return the arguments that a task passes to the module; None if it calls another module."""
    for name, value in task.fields:
        if MODULE.fullmatch(name):
            return value
        if name in _ACTIONS:
            module = value.get("module")
            named = module.text if module is not None else (value.text or "").partition(" ")[0]
            if MODULE.fullmatch(named or ""):
                return value if module is not None else value.but((value.text or "").partition(" ")[2])
    return None


def _layers(task: Node, called: Node, scope: Scope) -> tuple[Node, ...]:
    arguments = _arguments(called)
    if arguments is None:
        return ()
    more = task.get("args")
    layers = (arguments, *((more,) if more is not None else ()), *scope.defaults, *scope.of_group)
    return layers if all(isinstance(layer.value, Fields) or layer.value is None for layer in layers) else ()


def _arguments(called: Node) -> Node | None:
    """Return the arguments as an object. Arguments in one line, such as `name=a policy=b`, are parsed."""
    if called.text is None:
        return called if isinstance(called.value, Fields) else called.but(Fields()) if called.value is None else None
    try:
        words = shlex.split(called.text)
    except ValueError:
        return None
    pairs = [word.partition("=") for word in words]
    if not all(equals for _, equals, _ in pairs):
        return None
    return called.but(Fields(tuple((called.but(name), called.but(value)) for name, _, value in pairs)))


_DEFAULT = r"\s*\|\s*(?:default|d)\(\s*(?:'([^']*)'|\"([^\"]*)\")\s*(?:,\s*true\s*)?\)"
_FILTERS = r"(?:\s*\|\s*(?:to_json|to_nice_json|from_json|string|trim|mandatory))*\s*"
_PATH = r"([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\s*(?:\d+|'[^']*'|\"[^\"]*\")\s*\])*)"
_VARIABLE = re.compile(rf"\{{\{{-?\s*{_PATH}(?:{_DEFAULT})?{_FILTERS}-?\}}\}}")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[\s*(?:(\d+)|'([^']*)'|\"([^\"]*)\")\s*\]")
_LOOKUP = (
    rf"\s*\{{\{{\s*(?:lookup|query|q)\(\s*['\"](?:ansible\.builtin\.)?(file|template)['\"]\s*,"
    rf"\s*['\"]([^'\"]+)['\"]\s*\){_FILTERS}\}}\}}\s*"
)
_STATEMENT = re.compile(r"\{%|\{#")
_FOLDERS = {"file": "files", "template": "templates"}
_UNSAFE = "Fn::unsafe"
"""The name of the tag `!unsafe`, whose text has no variables."""

_MOST_STEPS = 10
_MOST_INSIDE = 3
"""The deepest nesting of variables in the values of variables, and inside of objects."""

_LONGEST = 65_536
"""The longest text that variables make, in characters. ECR takes policies of 10,240."""

Scoped = Mapping[str, tuple[Level, Node]]


@by_value
class Known:
    """A value as far as it is known. `written`: the text in `file` that it comes from."""

    value: Node
    written: Node
    file: File


@by_value
class Values:
    """A reader for the values of a task, in one world.

    `given`: the user's values for variables. `project`: what the files here say about variables. `assumed`: of a
    variable with several possible values, the number of the one that it has. `open`: receives those that have none.
    `used` and `followed`: lists that receive the variables and the files that a value comes from.
    """

    file: File
    variables: Scoped
    given: Mapping[str, str]
    project: Project
    assumed: Mapping[str, int] = field(default_factory=dict)
    open: dict[str, tuple[Definition, ...]] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)

    def resolve(self, written: Node) -> Known:
        """Return a value as far as it is known."""
        return self._resolve(Known(written, written, self.file), _MOST_STEPS)

    def _resolve(self, one: Known, steps: int) -> Known:
        written = one.written
        text = written.text
        if text is None:
            return Known(self._whole(written, one.file, steps), written, one.file)
        looked_up, named = re.fullmatch(_LOOKUP, text), _VARIABLE.fullmatch(text.strip())
        if looked_up:
            return self._lookup(one, looked_up[1], looked_up[2])
        value = self._variable(named) if named and steps else None
        if value is not None and value.value.value is not None:
            return self._resolve(value, steps - 1)
        return Known(Node(self._text(text, steps), written.line, written.column, written.block), written, one.file)

    # --- variables ---

    def _variable(self, found: re.Match[str]) -> Known | None:
        """Return the value of a variable, or of a part of it. None if it is not known."""
        name, path = found[1], found[2]
        default = next((one for one in (found[3], found[4]) if one is not None), None)
        if name in self.given:
            return _inside(Known(Node(self.given[name]), Node(self.given[name]), self.file), path)
        candidates = self._candidates(name, default)
        if not candidates:
            return None
        index = self.assumed.get(name) if len(candidates) > 1 else 0
        if index is None:
            self.open[name] = candidates
            return None
        chosen = candidates[index]
        if chosen.value is None:
            return None
        if chosen.level is not Level.LOOP:
            self.used.append(name)
        return _inside(Known(chosen.value, chosen.value, chosen.file), path)

    def _candidates(self, name: str, default: str | None) -> tuple[Definition, ...]:
        """Return the different values that a variable may have."""
        here = in_scope(self.variables, name, self.file)
        if default is not None:
            here.append(Definition(Level.DEFAULT, Node(default), self.file))
        found: list[Definition] = []
        for definition in self.project.definitions_of(name, here):
            if all(_plain(definition) != _plain(other) for other in found):
                found.append(definition)
        return tuple(found)

    def _text(self, text: str, steps: int) -> Text | Hole:
        """Return a text with the values of its variables, and with holes for all other expressions."""
        if not steps or _STATEMENT.search(text) or len(text) > _LONGEST:
            return _open_expressions(text)
        parts: list[str | Hole] = []
        end = 0
        for found in _VARIABLE.finditer(text):
            value = self._variable(found)
            known = scalar_text(self._resolve(value, steps - 1).value.value) if value is not None else None  # type: ignore[arg-type]
            if known is None:
                continue
            parts += [*parts_of(_open_expressions(text[end : found.start()])), *parts_of(known)]
            end = found.end()
        made = joined([*parts, *parts_of(_open_expressions(text[end:]))]) if end else _open_expressions(text)
        return made if len(str(made)) <= _LONGEST else Hole(name_of(text))

    # --- objects ---

    def _whole(self, node: Node, file: File, steps: int) -> Node:
        """Return an object or a list with its variables filled in, and with holes."""
        left = min(steps - 1, _MOST_INSIDE)
        if left < 0:
            return node.but(Hole("…"))
        match node.value:
            case Fields(pairs=((name, value),)) if str(name.value).startswith("Fn::"):
                return value if name.value == _UNSAFE else node.but(Hole(str(name.value).removeprefix("Fn::")))
            case Fields() as fields:
                filled_in = name_filled_in(fields, braces)
                if filled_in is not None:
                    return node.but(Hole(filled_in))
                pairs = ((key, self._inner(value, file, left)) for key, value in fields.pairs)
                return node.but(Fields(tuple(pairs)))
            case tuple() as items:
                return node.but(tuple(self._inner(item, file, left) for item in items))
        return node

    def _inner(self, node: Node, file: File, steps: int) -> Node:
        if node.text is None:
            # Objects in objects are no step: only variables are.
            return self._whole(node, file, steps + 1)
        return self._resolve(Known(node, node, file), steps).value

    # --- files ---

    def _lookup(self, one: Known, kind: str, name: str) -> Known:
        """Return the content of a file that a lookup finds. A template has holes; a file is used unchanged."""
        paths = list(dict.fromkeys(map(os.path.realpath, self._paths(kind, name))))
        hole = Known(one.written.but(Hole(name_of(name))), one.written, one.file)
        if len(paths) != 1:
            return hole
        path = next(self._paths(kind, name))
        try:
            text = file_text(path)
        except UnreadableError:
            return hole
        self.followed.append(path)
        node = Node(text)
        value = Node(self._text(text, _MOST_STEPS)) if kind == "template" else node
        return Known(value, node, File(path, text, named=False))

    def _paths(self, kind: str, name: str) -> Iterator[str]:
        """Yield where a file may be: beside the playbook, or in the folder for such files of playbook or role."""
        if Path(name).is_absolute() or "{{" in name:
            return
        here = os.path.dirname(self.file.name)  # noqa: PTH120 - keeps `./a` as the user wrote it
        for start in (here, os.path.join(here, _FOLDERS[kind]), os.path.join(here, "..", _FOLDERS[kind])):  # noqa: PTH118
            path = os.path.join(start, name)  # noqa: PTH118
            if is_file(path):
                yield path


def _open_expressions(text: str) -> Text | Hole:
    """Return a text with a hole for each expression. `-e` gives the value of one that is only a variable."""
    found = braces(text)
    return _name_supply(found) if isinstance(found, str | Hole) else joined(map(_name_supply, parts_of(found)))


def _name_supply(part: str | Hole) -> str | Hole:
    if isinstance(part, Hole) and part.name.isidentifier():
        return Hole(part.name, f"--parameter {part.name}=…")
    return part


_EXPRESSION = re.compile(r"\{[{%](.*?)[}%]\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*")


def variables_in(text: str) -> Iterator[str]:
    """Yield the names in the expressions of a text. Those of filters are among them."""
    yield from (name for found in _EXPRESSION.findall(text) for name in _NAME.findall(found))


def _plain(one: Definition) -> object:
    return None if one.value is None else (plain(one.value),)


def _inside(known: Known, path: str) -> Known | None:
    """Return the value at a path in a value, or None if it is not there, or comes from another expression."""
    node: Node | None = known.value
    for found in _STEP.finditer(path):
        if node is None:
            return None
        if found[2] is not None:
            node = node.items[int(found[2])] if int(found[2]) < len(node.items) else None
        else:
            node = node.get(next(one for one in (found[1], found[3], found[4]) if one is not None))
    return None if node is None else Known(node, node, known.file)
