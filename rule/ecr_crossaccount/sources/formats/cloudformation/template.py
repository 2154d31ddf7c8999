"""One template, and what is known about its deployment.

A macro changes a part of a template before it is deployed, in a way that is unknown here. One in the Transform section
gets the whole template. `Fn::Transform` gets the fields beside it, and may return anything in their place.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from ....documents.document import partition_of
from ....documents.pattern import OWNER, Hole
from ...files.values.nodes import REGION, Fields, Node, plain, text_in
from .foreign import Outer

_FUNCTION, _SHORT = "Fn::Transform", "Transform"
INCLUDE = "AWS::Include"
_OF_AWS = "AWS::"
"""The beginning of the names of AWS's own macros. Except `AWS::Include`, they change no ECR resource."""


def macro_in(node: Node) -> Node | None:
    """Return the macro that gets the fields of an object, or None. JSON may name it by the short form, `Transform`."""
    whole, short = node.get(_FUNCTION), node.get(_SHORT)
    if whole is None and short is not None and short.find("Name").text is not None:
        return short
    return whole


def is_macro(name: str, value: Node) -> bool:
    """Return whether a field of an object is a macro."""
    return macro_in(Node(Fields(((Node(name), value),)))) is not None


def of_template(root: Node) -> Iterator[Node]:
    """Yield the macros that get the whole template, or all of its resources."""
    yield from _of_root(root)
    yield from _among_resources(root)


def adding(root: Node) -> Iterator[Node]:
    """Yield the macros that add resources, or whole sections, which are not here."""
    yield from (node for node in _of_root(root) if name_of(node) == INCLUDE)
    yield from _among_resources(root)


def _of_root(root: Node) -> Iterator[Node]:
    section = root.find(_SHORT)
    every = section.value if isinstance(section.value, tuple) else (section,)
    yield from (node for node in (*every, root.get(_FUNCTION)) if node and node.value is not None)


def _among_resources(root: Node) -> Iterator[Node]:
    found = macro_in(root.find("Resources"))
    if found is not None:
        yield found


def of_resource(resource: Node) -> Iterator[Node]:
    """Yield the macros that get the fields of a resource, its properties, or the parameters that it passes on."""
    properties = resource.find("Properties")
    for node in (resource, properties, properties.find("Parameters")):
        found = macro_in(node)
        if found is not None:
            yield found


def name_of(macro: Node) -> str:
    """Return the name of a macro, `?` if it is unknown."""
    return (macro.get("Name") or macro).text or "?"


def is_own(macro: Node) -> bool:
    """Return whether a macro is one of the user, whose effect cannot be determined."""
    return not name_of(macro).startswith(_OF_AWS)


def render_macro(macro: Node) -> str:
    """Return how a message calls a macro."""
    return f"the macro `{name_of(macro)}`" if is_own(macro) else name_of(macro)


_FOREIGN = r"[a-z][a-zA-Z0-9]*:"
"""The beginning of a variable of another tool, such as `opt:stage`."""


class _Every:
    """A container of all names."""

    def __contains__(self, _: object) -> bool:
        return True


_STORED = r"AWS::SSM::Parameter::Value<.*>"
_LISTS = r"CommaDelimitedList|List<.*>"
_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}
"""The domain suffix of AWS in a partition, by botocore's partitions.json. In other partitions it is amazonaws.com."""


def suffix_of(partition: str) -> str:
    """Return the value of `AWS::URLSuffix` in a partition."""
    return _SUFFIXES.get(partition, "amazonaws.com")


class KnownExports(Protocol):
    """The exports of the stacks of one run."""

    def value(self, name: str, importer: Template) -> tuple[Node, bool] | None:
        """Return the value of an export, and whether it depends on a default there. None if it is unknown."""


KnownOutputs = Callable[["Template", str, str], "tuple[Node, bool] | None"]
"""Returns an output of a stack that a template nests, as KnownExports do."""


@dataclass(frozen=True)
class Template:
    """A template's sections, and its deployment as far as known.

    `text`: the text of the file, for places. `given`: the parameters that the user or a parent stack gives, resolved.
    `prefix`: the stacks that contain this one. `via`: the files of those stacks. `account` and `region`: those of the
    deployment, None if unknown. `outer`: the whole document, if the template is part of a file of another tool that
    fills in `${…}` itself. `elsewhere`: the file and the text of each resource that comes from another file.

    `settled`: whether each parameter has its default. `ignored`: the parameters, imports and variables whose defaults
    do not count. `alternatives`: whether a value that is one of a few is taken as each of them. `without_defaults`:
    returns `given` if no default of the parent counts. `handed_on`: the values that a given parameter may have.
    `outputs` and `exports`: look up outputs of nested stacks, and imports. `asking`: the nested stacks whose outputs
    are being looked up; a stack that asks for its own output gets None. `told_above`: whether the user has given
    parameters to a stack that contains this one. `nested`: how often nested templates were read, shared with them.
    """

    file: str
    text: str
    root: Node
    outputs: KnownOutputs
    given: Mapping[str, Node] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    account: str | None = None
    region: str | None = None
    notes: tuple[str, ...] = ()
    outer: Outer | None = None
    elsewhere: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    settled: bool = False
    ignored: Container[str] = frozenset()
    alternatives: bool = True
    without_defaults: Callable[[], Mapping[str, Node]] | None = None
    handed_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told_above: bool = False
    exports: KnownExports | None = None
    asking: set[str] = field(default_factory=set)
    nested: Counter[str] = field(default_factory=Counter)

    @property
    def is_told(self) -> bool:
        """Whether the user has specified how the template is deployed."""
        return self.told_above or (not self.prefix and not self.parameters.keys().isdisjoint(self.given))

    def deployed_like(self, other: Template) -> Template:
        """Return the template in the account and Region of another one."""
        return replace(self, account=other.account, region=other.region, exports=other.exports)

    def by_default(self) -> Template:
        """Return the template with the default of every parameter."""
        return replace(self, settled=True)

    def drop_defaults(self, names: Iterable[str] | None = None) -> Template:
        """Return the template without the defaults of the named parameters, or of all if no names are given."""
        return replace(self, ignored=_Every() if names is None else frozenset(names))

    def for_resource(self, name: str) -> Template:
        """Return the template with the file that contains a resource."""
        file, text = self.elsewhere.get(name, (self.file, self.text))
        return self if file == self.file else replace(self, file=file, text=text)

    @cached_property
    def parameters(self) -> dict[str, Node]:
        """The declared parameters by name, except those that a macro may change."""
        return {name: one for name, one in self._known_fields("Parameters") if macro_in(one) is None}

    @cached_property
    def conditions(self) -> dict[str, Node]:
        """The conditions by name, empty if a macro may change them."""
        return dict(self._known_fields("Conditions"))

    @cached_property
    def declared_outputs(self) -> dict[str, Node]:
        """The declared outputs by name, except those that a macro may change."""
        return {name: one for name, one in self._known_fields("Outputs") if macro_in(one) is None}

    @cached_property
    def mappings(self) -> Node:
        """The mappings, an object."""
        return self._section("Mappings")

    @cached_property
    def resources(self) -> dict[str, Node]:
        """The resources by logical ID, as written, before loops are unrolled."""
        return dict(self._section("Resources").fields)

    def _section(self, name: str) -> Node:
        return self.root.get(name) or Node(Fields())

    def _known_fields(self, name: str) -> tuple[tuple[str, Node], ...]:
        section = self._section(name)
        return section.fields if macro_in(section) is None else ()

    def pseudo(self, name: str) -> Node | None:
        """Return the value of a pseudo parameter; None for any other name."""
        partition = partition_of(self.region)
        match name:
            case "AWS::AccountId":
                return Node(self.account or OWNER)
            case "AWS::Region":
                return Node(self.region or REGION)
            case "AWS::Partition":
                return Node(partition)
            case "AWS::URLSuffix":
                return Node(suffix_of(partition))
            case "AWS::StackName" | "AWS::StackId" | "AWS::NotificationARNs":
                return Node(Hole(name))
        return None

    def parameter(self, name: str) -> Node | None:
        """Return the value of a parameter, a hole if it is unknown. None if no such parameter is declared."""
        declared = self.parameters.get(name)
        if declared is None:
            return None
        default = self.default(name)
        if default is None and self._is_given(name):
            return self._as_declared(name, self.given[name])
        if default is not None and self.settled and name not in self.ignored:
            return default
        known = self._undefaulted_given.get(name) if name in self.ignored else None
        return declared.but(Hole(name, f"--parameter {name}=…")) if known is None else self._as_declared(name, known)

    def default(self, name: str) -> Node | None:
        """Return the default of a parameter. None if it has none, or if a value is given that depends on no default."""
        declared = self.parameters.get(name)
        if declared is None:
            return None
        if self._is_given(name):
            known = self._undefaulted_given.get(name)
            alike = known is None or plain(known) == plain(self.given[name])
            return None if alike else self._as_declared(name, self.given[name])
        default = declared.get("Default")
        # The default of such a parameter is the name of a stored value.
        return None if default is None or self._is_stored(name) else self._as_declared(name, default)

    def _is_given(self, name: str) -> bool:
        return name in self.given and not (self.prefix and self._is_stored(name))

    def _is_stored(self, name: str) -> bool:
        return bool(re.fullmatch(_STORED, self._kind(name)))

    def _is_list(self, name: str) -> bool:
        return bool(re.fullmatch(_LISTS, self._kind(name)))

    def _kind(self, name: str) -> str:
        return _text(self.parameters[name].get("Type")) or "String"

    def _as_declared(self, name: str, value: Node) -> Node:
        return _as_list(value) if self._is_list(name) else value

    @cached_property
    def _undefaulted_given(self) -> Mapping[str, Node]:
        """The given parameters if no default of the parent counts."""
        return {} if self.without_defaults is None else self.without_defaults()

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the values that a parameter can have, if they are written out. Empty if it can have others."""
        return self._allowed_values(name) if self.alternatives else ()

    def is_limited(self, name: str) -> bool:
        """Return whether a parameter can have only a few values."""
        return bool(self._allowed_values(name))

    def _allowed_values(self, name: str) -> tuple[str, ...]:
        if name not in self.parameters or self._is_stored(name) or self._is_list(name):
            return ()
        allowed = self.parameters[name].get("AllowedValues")
        if allowed is None:
            return tuple(self.handed_on.get(name, ()))
        values = [None if item.value is None else _text(item) for item in allowed.items]
        return tuple(dict.fromkeys(value for value in values if value is not None)) if None not in values else ()

    def refused_values(self) -> Iterator[tuple[str, str, Node]]:
        """Yield each given value that its parameter cannot have, with the parameter and its allowed values."""
        for name, declared in self.parameters.items():
            given, allowed = self.parameter(name) if name in self.given else None, declared.get("AllowedValues")
            if given is None or allowed is None:
                continue
            for item in given.items or (given,):
                text = _text(item)
                if text is not None and not isinstance(item.value, Hole) and not self.allows(name, text):
                    yield text, name, allowed

    def is_input(self, name: str) -> bool:
        """Return whether a hole with this name is an input of the deployment itself."""
        if name in self.parameters or name.startswith("AWS::"):
            return True
        return self.outer is not None and re.match(_FOREIGN, name) is not None

    def allows(self, name: str, value: str) -> bool:
        """Return whether a parameter can have a value."""
        allowed = self.parameters[name].get("AllowedValues") if name in self.parameters else None
        return allowed is None or any(_text(item) in (value, None) for item in allowed.items)


def _text(node: Node | None) -> str | None:
    text = text_in(node)
    return None if text is None else str(text)


def _as_list(node: Node) -> Node:
    text = node.text
    if text is None:
        return node
    return node.but(tuple(node.but(item.strip()) for item in text.split(",")))


_KNOWN_KINDS = r"[A-Za-z0-9]+::[A-Za-z0-9:@]+"


def is_template(root: Node) -> bool:
    """Return whether an object is a template: it has a format version, or resources with types like `AWS::ECR::…`."""
    if root.get("AWSTemplateFormatVersion") is not None:
        return True
    resources = root.get("Resources")
    if resources is None or not isinstance(resources.value, Fields):
        return False
    kinds = (_text(one.get("Type")) for _, one in resources.fields)
    made = any(name.startswith("Fn::") or macro_in(one) for name, one in resources.fields)
    return made or any(kind and re.fullmatch(_KNOWN_KINDS, kind) for kind in kinds)
