"""From a template to its contents: its own ECR resources, and those of the stacks that it nests.

`Fn::ForEach` is unrolled and `AWS::Include` is put in before the rest of the template is read. A part of a template may
be in a file of another kind.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace

from ....documents.json import BadJsonError
from ....documents.pattern import Hole, Holed, text_of
from ....errors import InputError
from ....memo import by_value
from ...files.files import file_text
from ...files.values.documents import documents_of, move_places
from ...files.values.nodes import ABSENT, Fields, Node, parts_of, text_in, twice_in
from ...found.found import Harvest, Skipped, Unread, unread
from ...reading.files import UnreadableError
from ...reading.yaml_events import BadYamlError
from . import nested
from .resolve import Resolver
from .resources import is_left_out, is_of_ecr, is_ours, perhaps, policy_of, unjudged_harvest, without_policy
from .template import (
    INCLUDE,
    Template,
    adding,
    is_macro,
    is_own,
    macro_in,
    name_of,
    of_resource,
    of_template,
    render_macro,
)

LOOP = "Fn::ForEach::"
MOST_ROUNDS = 10_000
"""The most rounds of all loops of one template. CloudFormation stops at 500 resources."""

MOST_MADE = 10_000_000
"""The most characters and values that all loops of one template make.

CloudFormation takes templates of at most 1 MB.
"""


class _LoopError(InputError):
    """A loop that cannot be unrolled. `line`: where it is."""

    def __init__(self, reason: str, line: int) -> None:
        self.line = line
        super().__init__(reason)


def unroll_loops(template: Template, resolve: Callable[[Node], Node | None]) -> Template:
    """Return the template without loops. Raises _LoopError."""
    if LOOP not in template.text:
        return template
    return replace(template, root=_Unroller(resolve).unroll(template.root))


class _Unroller:
    def __init__(self, resolve: Callable[[Node], Node | None]) -> None:
        self._resolve = resolve
        self._rounds = 0
        self._made = 0

    def unroll(self, node: Node) -> Node:
        match node.value:
            case Fields() as fields:
                pairs: list[tuple[Node, Node]] = []
                for name, value in fields.pairs:
                    if str(name.value).startswith(LOOP):
                        pairs += self._rounds_of(value)
                    else:
                        pairs.append((name, self.unroll(value)))
                return Node(Fields(tuple(pairs)), node.line, node.column, node.block)
            case tuple() as items:
                return node.but(tuple(self.unroll(item) for item in items))
        return node

    def _rounds_of(self, loop: Node) -> list[tuple[Node, Node]]:
        """Return the fields that a loop makes. A loop has an identifier, a collection and a body."""
        if len(loop.items) != 3 or loop.items[0].text is None:
            raise _LoopError("not a loop: expected an identifier, a collection and an object", loop.line)
        identifier, body = loop.items[0].text, loop.items[2]
        pairs: list[tuple[Node, Node]] = []
        for item in self._collection(loop.items[1]):
            self._rounds += 1
            if self._rounds > MOST_ROUNDS:
                raise _LoopError(f"loops of more than {MOST_ROUNDS:,} rounds", loop.line)
            bound = self._bind_item(body, identifier, item)
            once = self.unroll(bound)
            if not isinstance(once.value, Fields):
                raise _LoopError("not a loop: the repeated value is not an object", loop.line)
            pairs += once.value.pairs
        return pairs

    def _collection(self, node: Node) -> tuple[Node, ...]:
        """Return the items of the collection, or one hole if they are unknown."""
        resolved = self._resolve(node)
        if resolved is None:
            return ()
        return resolved.items if isinstance(resolved.value, tuple) else (node.but(Hole("Fn::ForEach")),)

    def _bind_item(self, node: Node, identifier: str, item: Node) -> Node:
        """Return the body of a loop in one round, with the identifier replaced everywhere."""
        self._made += 1
        if self._made > MOST_MADE:
            raise _LoopError("loops that make more than a template may hold", node.line)
        match node.value:
            case Fields() as fields:
                if len(fields.pairs) == 1 and node.get("Ref") is not None and node.fields[0][1].text == identifier:
                    return node.but(item.value)
                pairs = (
                    (name.but(self._text(str(name.value), identifier, item)), self._bind_item(value, identifier, item))
                    for name, value in fields.pairs
                )
                return node.but(Fields(tuple((name.but(str(name.value)), value) for name, value in pairs)))
            case tuple() as items:
                return node.but(tuple(self._bind_item(one, identifier, item) for one in items))
            case str() as text:
                return Node(self._text(text, identifier, item), node.line, node.column, node.block)
        return node

    def _text(self, text: str, identifier: str, item: Node) -> str | Holed:
        value = text_in(item)
        pieces = text.replace(f"&{{{identifier}}}", f"${{{identifier}}}").split(f"${{{identifier}}}")
        self._made += len(text) + len(pieces) * len(str(value))
        if value is None or self._made > MOST_MADE:
            return text
        parts: list[str | Hole] = []
        for number, piece in enumerate(pieces):
            parts += [*(parts_of(value) if number else ()), piece]
        return text_of(parts)


def include_files(template: Template) -> tuple[Template, tuple[str, ...]]:
    """Return the template with the included files, and their paths. A file that is not here stays a macro."""
    if INCLUDE not in template.text:
        return template, ()
    files = _Files(template)
    return replace(template, root=files.put_in(template.root)), tuple(files.followed)


@by_value
class _Files:
    template: Template
    followed: list[str] = field(default_factory=list)

    def put_in(self, node: Node) -> Node:
        match node.value:
            case Fields() as fields:
                pairs: list[tuple[Node, Node]] = []
                for name, value in fields.pairs:
                    here = self._included_fields(value) if is_macro(str(name.value), value) else None
                    pairs += [(name, self.put_in(value))] if here is None else here.pairs
                return node.but(Fields(tuple(pairs)))
            case tuple() as items:
                return node.but(tuple(map(self.put_in, items)))
        return node

    def _included_fields(self, macro: Node) -> Fields | None:
        """Return the fields that a macro adds; None if they are not in a file here."""
        location = macro.find("Parameters", "Location")
        if name_of(macro) != INCLUDE or location is ABSENT:
            return None
        path = nested.file_of(self.template, location.text)
        try:
            roots = () if path is None else documents_of(path, file_text(path))
        except (UnreadableError, BadJsonError, BadYamlError):
            return None
        if path is None or len(roots) != 1 or not isinstance(roots[0].value, Fields):
            return None
        self.followed.append(path)
        # A finding in the file points to the macro, because a template has the places of one file.
        fields = move_places(roots[0], Node(None, macro.line, macro.column)).value
        return fields if isinstance(fields, Fields) else None


_ALONE = "Resource"
"""The name of a resource that is the only content of a file."""


def fragments(root: Node) -> tuple[Node, ...]:
    """Return the parts that can be read as templates: an object with Resources, or a group of resources as one."""
    if _is_resource(root):
        return (_template(root.but(Fields(((root.but(_ALONE), root),)))),)
    return tuple(_fragments(root, None))


def _template(resources: Node) -> Node:
    return resources.but(Fields(((resources.but("Resources"), resources),)))


def _fragments(node: Node, parent: Node | None) -> Iterator[Node]:
    ours = any(_is_resource(value) for _, value in node.fields)
    if ours and parent is not None and parent.get("Resources") is node:
        yield parent
        return
    if ours:
        yield _template(node)
        return
    for _, value in node.fields:
        yield from _fragments(value, node)
    for item in node.items:
        yield from _fragments(item, None)


def _is_resource(node: Node) -> bool:
    return is_ours(node.find("Type").text)


Follow = Callable[[Template, Node, Node, nested.Reader], Harvest]
"""Reads the stack that a resource nests."""

_MOST_NAMED = 8
_REFERRED_TO = ("Parameters", "Conditions", "Mappings")
"""The sections that resources refer to by name."""

_CHANGED = "the macro `{}` may change it before it is deployed"
_BESIDE = "the `Fn::Transform` beside it may change it before it is deployed"


def read(template: Template) -> Harvest:
    """Return the policies of a template and of the stacks nested in it."""
    whole, files = include_files(template)
    found = _read(whole, nested.READERS)
    return replace(found, followed=(*found.followed, *files)) if files else found


def read_alone(template: Template) -> Harvest:
    """Return the policies of a template, without opening any file for the stacks nested in it."""
    return _read(template, {})


def _read(template: Template, followed: Mapping[str, Follow]) -> Harvest:
    try:
        whole = unroll_loops(template, Resolver(template).resolve)
    except _LoopError as error:
        return unread(template.file, str(error), error.line)
    found = Harvest.from_parts([_report_macros(whole), *_resources(whole, followed)])
    if not template.prefix:
        found = replace(found, declares=tuple(whole.parameters), errors=(*_value_errors(whole), *found.errors))
    own = [name_of(node) for node in of_template(whole.root) if is_own(node)]
    doubts = [_CHANGED.format(text) for text in own[:1]]
    doubts += [f"`{name}` appears more than once in the template" for name in _twice(whole)]
    found = _add_doubts(found, doubts)
    making = [*own, *_making(whole)]
    if making and not found.policies:
        absent = f"the macro `{making[0]}` may add resources of ECR: check what it makes"
        found += Harvest(skipped=(Skipped(whole.file, absent, absent=True),))
    return found


def _add_doubts(found: Harvest, doubts: Iterable[str]) -> Harvest:
    """Return what was found, with reasons why its policies may be others."""
    doubts = tuple(doubts)
    return found.map_policies(lambda policy: replace(policy, doubts=(*policy.doubts, *doubts))) if doubts else found


def _making(template: Template) -> Iterator[str]:
    """Yield the macros that may make a resource of another type one of ECR."""
    every = (macro_in(resource) for resource in template.resources.values())
    yield from (name_of(node) for node in every if node is not None and is_own(node))


def _value_errors(template: Template) -> Iterator[Unread]:
    """Yield an error for each value that CloudFormation would reject.

    A condition on such a value would be decided wrongly.
    """
    for text, name, allowed in template.refused_values():
        listed = ", ".join(f"`{item.value}`" for item in allowed.items[:_MOST_NAMED])
        more = " and others" if len(allowed.items) > _MOST_NAMED else ""
        yield Unread(
            template.file, allowed.line, f"`{text}` is not a value that `{name}` can have: expected {listed}{more}"
        )


def _resources(template: Template, followed: Mapping[str, Follow]) -> Iterator[Harvest]:
    for section in (value for name, value in template.root.fields if name == "Resources"):
        if not isinstance(section.value, Fields):
            yield unread(template.file, "its Resources are not an object, so nothing in it can be read", section.line)
            return
        for name, resource in section.value.pairs:
            here = template.for_resource(str(name.value))
            found = _resource(here, name, resource, followed).with_perhaps(perhaps(here, resource))
            yield _add_doubts(found, [_BESIDE for _ in of_resource(resource)][:1])


def _twice(template: Template) -> Iterator[str]:
    """Yield the repeated sections, and the repeated names in sections that resources refer to."""
    yield from twice_in(template.root)
    for name in _REFERRED_TO:
        yield from twice_in(template.root.find(name))


def _resource(template: Template, key: Node, resource: Node, followed: Mapping[str, Follow]) -> Harvest:
    name = str(key.value)
    if is_macro(name, resource):
        return Harvest()
    kinds = [value.text for name, value in resource.fields if name == "Type"]
    text = next((kind for kind in kinds if is_ours(kind)), kinds[-1] if kinds else None)
    if text is None:
        return unjudged_harvest(template, key, "it has no Type here, so what it creates is unknown")
    if is_ours(text):
        return policy_of(template, key, resource, str(text))
    if is_of_ecr(str(text)):
        return Harvest() if is_left_out(template, resource) else without_policy(template, key, str(text))
    reader = followed.get(str(text))
    if reader is not None:
        return reader(template, key, resource, read)
    return nested.read_indirect_means(template, key, resource, str(text))


def _report_macros(template: Template) -> Harvest:
    """Return the result for the macros that add resources, or whole sections."""
    return Harvest.from_parts(
        unjudged_harvest(
            template,
            node.but("Fn::Transform"),
            f"what {render_macro(node)} adds is not here: check that as well",
        )
        for node in adding(template.root)
    )
