"""The tasks of playbooks, roles and handlers that call the module, with the values that they inherit.

https://docs.ansible.com/ansible/latest/collections/community/aws/ecs_ecr_module.html
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ...files.values.nodes import Fields, Node
from .definitions import Level

SHORT_NAME = "ecs_ecr"
MODULE = re.compile(rf"(?:\w+\.\w+\.)?{SHORT_NAME}")
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

    def of(self, block: Node) -> Scope:
        """Return the scope inside a play, a block or a task."""
        said, defaults = block.get("vars"), block.get("module_defaults")
        level = Level.PLAY if block.get("hosts") is not None else Level.TASK
        own = {name: (level, value) for name, value in (said.fields if said is not None else ())}
        listed = defaults.fields if defaults is not None else ()
        named = (value for name, value in listed if MODULE.fullmatch(name))
        of_group = (value for name, value in listed if _GROUP.fullmatch(name))
        return Scope({**self.variables, **own}, (*named, *self.defaults), (*of_group, *self.of_group))


@dataclass(frozen=True, slots=True)
class Task:
    """A call of the module.

    `layers`: its arguments and inherited defaults; None if one is a text that cannot be parsed. `item`: what
    distinguishes it from the other rounds of its loop.
    """

    node: Node
    layers: tuple[Node, ...] | None
    scope: Scope
    item: str = ""

    def get(self, name: str) -> Node | None:
        """Return an argument from the nearest layer that has it."""
        found = (layer.get(name) for layer in self.layers or ())
        return next((one for one in found if one is not None), None)


_LOOPS = ("loop", "with_items", "with_list", "with_dict")
MOST_ROUNDS = 100
"""The most rounds of a loop that are judged one by one. In longer loops, the item is not known."""


def loop_of(task: Task) -> Node | None:
    """Return what a task is repeated for, or None if it is not repeated."""
    found = (task.node.get(name) for name in _LOOPS)
    return next((one for one in found if one is not None), None)


def rounds_of(task: Task, known: Node) -> Iterator[Task]:
    """Yield a task once for each item of its loop. `known`: the items, as far as they are known."""
    control = task.node.get("loop_control")
    named = control.get("loop_var") if control is not None else None
    name = (named.text if named is not None else None) or "item"
    items = known.items or tuple(map(_entry, _pairs(known)))
    if not 0 < len(items) <= MOST_ROUNDS:
        yield task
        return
    for number, item in enumerate(items, start=1):
        scope = replace(task.scope, variables={**task.scope.variables, name: (Level.LOOP, item)})
        yield replace(task, scope=scope, item=f"item {number}")


def _pairs(known: Node) -> tuple[tuple[Node, Node], ...]:
    return known.value.pairs if isinstance(known.value, Fields) else ()


def _entry(pair: tuple[Node, Node]) -> Node:
    name, value = pair
    return name.but(Fields(((name.but("key"), name), (name.but("value"), value))))


def tasks(root: Node, scope: Scope | None = None) -> Iterator[Task]:
    """Yield the calls of the module in a document, at any depth."""
    scope = scope or Scope()
    for item in root.items:
        yield from tasks(item, scope)
    if not isinstance(root.value, Fields):
        return
    inside = scope.of(root)
    called = _called(root)
    if called is not None:
        yield Task(root, _layers(root, called, inside), inside)
    for name, value in root.fields:
        if name not in ("vars", "module_defaults") and value is not called:
            yield from tasks(value, inside)


def _called(task: Node) -> Node | None:
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


def _layers(task: Node, called: Node, scope: Scope) -> tuple[Node, ...] | None:
    arguments = _arguments(called)
    if arguments is None:
        return None
    more = task.get("args")
    layers = (arguments, *((more,) if more is not None else ()), *scope.defaults, *scope.of_group)
    return layers if all(isinstance(one.value, Fields) or one.value is None for one in layers) else None


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
