"""From the tasks of a playbook or a role to the policies that they set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ....documents.document import is_account
from ....documents.pattern import Hole, Holed
from ....judgement.kinds.table import ResourceKind as Kind
from ....memo import by_value
from ...files.files import File, file_text
from ...files.strays import misplacements, names_of, policy_of
from ...files.values.nodes import Node
from ...found.context import Context
from ...found.found import FoundPolicy, Harvest, Location, Otherwise, Skipped, owners_by, unjudged_at
from .definitions import Definition, Project
from .tasks import Task, Values, loop_of, rounds_of, tasks, variables_in

_TRUE = frozenset({"true", "yes", "on", "1"})
_PURGES = ("purge_policy", "delete_policy")
_REGION = ("region", "aws_region", "ec2_region")
"""The names of the argument for the Region, and below those for whose credentials it takes.

https://docs.ansible.com/ansible/latest/collections/community/aws/ecs_ecr_module.html
"""
_CREDENTIALS = (
    *("profile", "aws_profile"),
    *("access_key", "aws_access_key_id", "aws_access_key", "ec2_access_key"),
)

_NOT_UNDERSTOOD = "its arguments are not understood: write them as an object"
_VARS = "its value comes from variables of the files here ({}): an inventory or `-e` may give another one"
_WHEN = "`{}` is that of {}"
_MOST_WORLDS = 32
"""The most combinations of values of variables. If there are more, a variable with several values is a hole."""

_DICTS = re.compile(r"\s*\|\s*(?:dict2items|list|flatten|unique)\s*\}\}")
_REGISTRY = "its `registry_id` is `{}`, which is not known: it is judged for any owner"
_LEFT = "the task sets no policy: one that the repository has already stays"


def reading(roots: tuple[Node, ...], file: File, context: Context) -> Callable[[Node], Harvest | None]:
    """Return a function that reads the policies of a document. It returns None if no task calls the module."""
    project = Project(file, roots)

    def read(root: Node) -> Harvest | None:
        found = [_Reading(task, file, context, project) for task in tasks(root)]
        return Harvest.from_parts(each.harvest() for one in found for each in one.rounds()) if found else None

    return read


def read_as_text(_file: File, _context: Context) -> None:
    """Return None: nothing is reported about text that is not valid data."""


@by_value
class _Reading:
    """A task that is being read. `project`: what the files around it say about its variables."""

    task: Task
    file: File
    context: Context
    project: Project

    def rounds(self) -> Iterator[_Reading]:
        """Yield the task once for each item of its loop, as far as these are known."""
        repeated = loop_of(self.task)
        if repeated is None:
            yield self
            return
        written = repeated.text
        by_name = written is not None and _DICTS.sub("", written) != written
        known = self._values().resolve(repeated.but(_DICTS.sub(" }}", written)) if by_name and written else repeated)
        yield from (replace(self, task=task) for task in rounds_of(self.task, known.value))

    def _values(self, assumed: Mapping[str, int] | None = None) -> Values:
        return Values(self.file, self.task.scope.variables, self.context.parameters, self.project, assumed or {})

    def harvest(self) -> Harvest:
        """Return the policy that the task sets, or why it is not judged."""
        at = self.task.node.place(self.file.name)
        values = self._values()
        if not self.task.layers:
            return unjudged_at(at, self._resource(values), _NOT_UNDERSTOOD)
        if self._text("state", values) == "absent":
            return Harvest(skipped=(Skipped(self.file.name, f"{self._resource(values)}: its state is `absent`"),))
        found = self._make_policy(values)
        # Those of `-e` need no declaration: it defines them.
        texts = (*self.project.texts, *map(file_text, values.followed))
        used = dict.fromkeys(name for text in texts for name in variables_in(text))
        return Harvest((found,), followed=tuple(values.followed), declares=(*self.task.scope.variables, *used))

    def _make_policy(self, values: Values) -> FoundPolicy:
        purges = any((self._text(name, values) or "").lower() in _TRUE for name in _PURGES)
        said = None if purges else self.task.get("policy")
        first, *others = self._forms(said, values)
        registry, region = self._first_argument(values, "registry_id"), self._first_argument(values, *_REGION)
        own = first.statements and first.statements[0].file == self.file.name
        found = FoundPolicy(
            (said or self.task.node).place(self.file.name),
            self._resource(values),
            Kind.REPOSITORY,
            first.policy,
            first.statements,
            names=names_of(self._value("name", values)),
            account=None if registry is None else _account(registry),
            owners=owners_by(registry and registry.value),
            region=None if region is None else region.text,
            location=self._location(registry, region, values),
            resource_at=self.task.node.place(self.file.name),
            heads=tuple(name.place(self.file.name) for name in self._heads()) if own or not first.statements else (),
            doubts=misplacements(self._others(values), "policy", "Ansible"),
            when=first.when,
            otherwise=tuple(others),
        )
        return replace(found, notes=tuple(self._notes(found, values, purges or said is not None)))

    def _forms(self, said: Node | None, values: Values) -> list[Otherwise]:
        """Return the policy for each combination of values that its variables may have, each different one once."""
        found: list[Otherwise] = []
        waiting: list[dict[str, int]] = [{}]
        words: dict[str, tuple[Definition, ...]] = {}
        while waiting:
            assumed = waiting.pop(0)
            there = self._values(assumed)
            known = there.resolve(said) if said is not None else None
            opened = next(iter(there.open), None)
            if opened is not None and len(waiting) + len(found) < _MOST_WORLDS:
                words[opened] = there.open[opened]
                waiting += [{**assumed, opened: index} for index in range(len(there.open[opened]))]
                continue
            values.used.extend(there.used)
            values.followed.extend(there.followed)
            read = policy_of(known.written, known.value, known.file) if known else policy_of(None, None, self.file)
            when = " and ".join(_WHEN.format(name, words[name][index].where) for name, index in assumed.items())
            if all(read.policy != one.policy for one in found):
                found.append(Otherwise(when, read.policy, read.statements))
        return found if len(found) > 1 else [replace(found[0], when="")]

    def _location(self, registry: Node | None, region: Node | None, values: Values) -> Location | None:
        """Return the location of the repository if a part of it is not known, else None."""
        chosen = registry if registry is not None else self._first_argument(values, *_CREDENTIALS)
        account = self.context.account if chosen is None else _account(chosen)
        known = self.context.region if region is None else region.text
        if (chosen is None or account is not None) and (region is None or known is not None):
            return None
        return Location(account, known, " ".join(str(node.value) for node in (chosen, region) if node is not None))

    def _first_argument(self, values: Values, *names: str) -> Node | None:
        """Return an argument, by the first of its names that has a value."""
        found = (self._value(name, values) for name in names)
        return next((node for node in found if node is not None and node.value not in (None, "")), None)

    def _others(self, values: Values) -> Iterator[tuple[str, Node]]:
        """Yield the arguments that set no policy."""
        for layer in self.task.layers:
            yield from ((name, values.resolve(value).value) for name, value in layer.fields if name != "policy")

    def _heads(self) -> Iterator[Node]:
        for layer in self.task.layers:
            yield from (name for name, _ in layer.pairs if name.value == "policy")

    def _notes(self, found: FoundPolicy, values: Values, sets: object) -> Iterator[str]:
        if not sets:
            yield _LEFT
        if values.used:
            yield _VARS.format(", ".join(f"`{name}`" for name in dict.fromkeys(values.used)))
        if found.account is not None and self.context.account not in (None, found.account):
            yield f"its `registry_id` is {found.account}, not the given account {self.context.account}"
        registry = self._first_argument(values, "registry_id")
        if registry is not None and isinstance(registry.value, (Hole, Holed)):
            yield _REGISTRY.format(registry.value)

    def _value(self, name: str, values: Values) -> Node | None:
        said = self.task.get(name)
        return values.resolve(said).value if said is not None else None

    def _text(self, name: str, values: Values) -> str | None:
        value = self._value(name, values)
        match value.value if value is not None else None:
            case bool() as truth:
                return str(truth).lower()
            case int() as number:
                return str(number)
            case str() as text:
                return text
        return None

    def _resource(self, values: Values) -> str:
        named = self.task.node.get("name")
        shown = named if named is not None and named.text else self._value("name", values)
        text = str(shown.value) if shown is not None and not isinstance(shown.value, tuple) else ""
        return ", ".join(one for one in (text or "ecs_ecr", self.task.item) if one)


def _account(said: Node) -> str | None:
    return text if is_account(text := str(said.value)) else None
