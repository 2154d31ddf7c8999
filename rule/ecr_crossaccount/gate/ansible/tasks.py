"""The tasks of playbooks, roles and handlers that call the module, with the values that they inherit.

https://docs.ansible.com/ansible/latest/collections/community/aws/ecs_ecr_module.html
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..values.nodes import Fields, Node

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
    """The values that a task inherits: variables, and defaults of the module and of its group, the nearest first."""

    variables: Mapping[str, Node] = field(default_factory=dict)
    defaults: tuple[Node, ...] = ()
    of_group: tuple[Node, ...] = ()

    def of(self, block: Node) -> Scope:
        """Return the scope inside a play, a block or a task."""
        said, defaults = block.get("vars"), block.get("module_defaults")
        own = dict(said.fields) if said is not None else {}
        listed = defaults.fields if defaults is not None else ()
        named = (value for name, value in listed if MODULE.fullmatch(name))
        of_group = (value for name, value in listed if _GROUP.fullmatch(name))
        return Scope({**self.variables, **own}, (*named, *self.defaults), (*of_group, *self.of_group))


@dataclass(frozen=True, slots=True)
class Task:
    """A call of the module.

    `layers`: its arguments and inherited defaults; None if one is a text that cannot be parsed.
    """

    node: Node
    layers: tuple[Node, ...] | None
    scope: Scope

    def get(self, name: str) -> Node | None:
        """Return an argument from the nearest layer that has it."""
        found = (layer.get(name) for layer in self.layers or ())
        return next((one for one in found if one is not None), None)


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


def changed(root: Node) -> Iterator[str]:
    """Yield the names of the variables that a document may set while it runs; `*` for any."""
    for name, value in root.fields:
        short = name.rpartition(".")[2]
        if short == "set_fact":
            yield from (one for one, _ in value.fields)
            yield from () if value.fields else ("*",)
        elif short == "include_vars" or name in ("vars_files", "vars_prompt"):
            yield "*"
        elif name == "register" and value.text is not None:
            yield value.text
        yield from changed(value)
    for item in root.items:
        yield from changed(item)
