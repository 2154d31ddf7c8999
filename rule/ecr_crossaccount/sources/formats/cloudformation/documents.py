"""A document of a file as a template, and templates and fragments of them inside another document.

A service of the Serverless Framework is one template, with the files that its resources are in.
https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ....documents.json import BadJsonError
from ....documents.pattern import Hole
from ...files.files import File, file_text
from ...files.included import environment_of
from ...files.marks import is_about_ecr
from ...files.strays import policies_in
from ...files.values.documents import documents_inside
from ...files.values.nodes import Fields, Node
from ...found.context import Context
from ...found.found import Harvest, Skipped, Unjudged, unjudged_at, unread
from ...reading.yaml_events import BadYamlError
from .foreign import Found, Outer, Variables, is_marked, names_in, place_value, program_of
from .foreign import is_marked as is_filled_in
from .nested import Exports, output_of
from .read import fragments, read
from .read import read as read_template
from .resolve import Resolver
from .template import Template, is_template

_SECTION = "resources"
_RESOURCES, _EXTENSIONS = "Resources", "extensions"
_REPLACED = frozenset({"Condition", "CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy"})
_UPDATED = frozenset({"Properties", "Metadata"})
"""The attributes of a resource that an extension replaces as a whole, and those in which it replaces fields.

https://github.com/serverless/serverless/blob/v3/lib/plugins/aws/package/lib/merge-custom-provider-resources.js
"""

_NOT_READ = "what `{}` gives is not read here: run `serverless package`, and check `.serverless`"
_NO_OBJECT = "a policy is in `{}`, which is a list: expected an object with a name for each resource"
_NOT_HERE = "what `{}` gives is not here: run `serverless package`, and check `.serverless`"

Deployed = Callable[[Node], Template]
"""Makes a template from an object, with everything known about its deployment."""


def read_parts(root: Node, file: str, deployed: Deployed) -> Harvest | None:
    """Return what the parts of templates in a document hold: resources of a service, or snippets. None if none."""
    service = _service(root, file, deployed)
    if service is None:
        found = [read(replace(deployed(fragment), outer=Outer(root, file))) for fragment in fragments(root)]
        return Harvest.from_parts(found) if found else None
    rest = root.but(Fields(tuple((name, value) for name, value in root.pairs if name.value != _SECTION)))
    others = (fragment for fragment in fragments(rest) if not service.has(fragment))
    parts = [service.harvest(deployed), *(read(replace(deployed(node), outer=service.outer)) for node in others)]
    return Harvest.from_parts(parts)


def _service(root: Node, file: str, deployed: Deployed) -> _Service | None:
    """Return the resources of a service, or None if a document is not one, or has no resources."""
    resources = root.get(_SECTION)
    if resources is None or root.get("service") is None or root.get("provider") is None:
        return None
    folder = os.path.dirname(file) or "."  # noqa: PTH120 - keeps `./a` as the user wrote it
    outer = Outer(root, file, folder)
    # Only what the user gives decides about the structure of a service.
    world = Resolver(replace(deployed(root).drop_defaults(), alternatives=False))
    service = _Service(outer, Variables(outer, world))
    service.take(resources)
    return service


@dataclass(slots=True)
class _Service:
    """The resources of a service while they are put together.

    `sections`: the other sections of the template. `resources`: the resources by name, with the file of each. `seen`:
    the resources as they are written. `missing`: the parts that are not here.
    """

    outer: Outer
    variables: Variables
    sections: dict[str, Node] = field(default_factory=dict)
    resources: dict[str, tuple[Node, Node, str]] = field(default_factory=dict)
    extensions: list[Node] = field(default_factory=list)
    seen: list[Node] = field(default_factory=list)
    missing: list[Harvest] = field(default_factory=list)

    def has(self, fragment: Node) -> bool:
        """Return whether all resources of a fragment are among those of the service."""
        found = fragment.find(_RESOURCES).fields
        return all(any(one is seen for seen in self.seen) for _, one in found)

    def harvest(self, deployed: Deployed) -> Harvest:
        """Return what the resources hold."""
        for extension in self.extensions:
            self._extend(extension)
        at = self.outer.root.get(_SECTION) or self.outer.root
        resources = Fields(tuple((key, value) for key, value, _ in self.resources.values()))
        pairs = [(at.but(name), value) for name, value in self.sections.items()]
        root = at.but(Fields((*pairs, (at.but(_RESOURCES), at.but(resources)))))
        files = {name: file for name, (_, _, file) in self.resources.items() if file != self.outer.file}
        elsewhere = {name: (file, file_text(file)) for name, file in files.items()}
        found = read(replace(deployed(root), outer=self.outer, elsewhere=elsewhere))
        names = tuple(name for _, text in elsewhere.values() for name in names_in(text))
        return Harvest.from_parts([found, *self.missing, Harvest(followed=tuple(self.outer.followed), declares=names)])

    def take(self, written: Node) -> None:
        """Add the resources of a service: one object, or a list of them."""
        whole = self._expand_variable(Found(written, self.outer.file), _SECTION)
        if whole is None:
            return
        for item in whole.value.items or (whole.value,):
            part = self._expand_variable(Found(item, whole.file), _SECTION)
            if part is not None:
                self._part(part)

    def _part(self, part: Found) -> None:
        self._hold_no_list(part, _SECTION)
        for name, written in part.value.fields:
            section = self._expand_variable(Found(written, part.file), name)
            if section is None:
                continue
            if name == _RESOURCES:
                self._hold_no_list(section, name)
                for key, resource in section.value.pairs:
                    self._resource(key, Found(resource, section.file))
            elif name == _EXTENSIONS:
                self.extensions.append(place_value(section, written, self.outer.file))
            else:
                value = place_value(section, written, self.outer.file)
                self.sections[name] = _merge_values(self.sections.get(name), value)

    def _hold_no_list(self, found: Found, name: str) -> None:
        """Report the policies in a list where an object is expected: their names would be numbers."""
        policies = [policy for item in found.value.items for policy in policies_in(item, name)]
        reason = _NO_OBJECT.format(name)
        left = (Unjudged(found.file, at.line, at.column, field, reason) for field, at in policies)
        self.missing.append(Harvest(unjudged=tuple(left)))

    def _resource(self, key: Node, written: Found) -> None:
        name = str(key.value)
        self.seen.append(written.value)
        found = self._expand_variable(written, name)
        if found is None:
            return
        value, file = self._with_values(found), found.file
        if file != written.file:
            key = place_value(Found(key, written.file), value, file)
        known = self.resources.get(name)
        if known is not None:
            key, first, there = known
            at = self.outer.file
            value = _merge_values(
                place_value(Found(first, there), self.outer.root, at), place_value(Found(value, file), first, at)
            )
            file = at
        self.resources[name] = key, value, file

    def _with_values(self, resource: Found) -> Node:
        """Return a resource whose Type and Properties are not variables, as far as they are known."""
        if not isinstance(resource.value.value, Fields):
            return resource.value
        pairs = []
        for name, value in resource.value.value.pairs:
            if name.value in ("Type", "Properties") and value.text is not None and is_marked(value.text):
                found = self.variables.whole(value.text)
                known = (
                    value.but(Hole(value.text.strip("${}")))
                    if found is None
                    else place_value(found, value, resource.file)
                )
                pairs.append((name, known))
            else:
                pairs.append((name, value))
        return resource.value.but(Fields(tuple(pairs)))

    def _expand_variable(self, written: Found, name: str) -> Found | None:
        """Return the object or list behind a value that is one variable. None if it is not here, which is told."""
        text = written.value.text
        if text is None:
            return written
        found = self.variables.whole(text)
        if found is None or not isinstance(found.value.value, (Fields, tuple)):
            self._miss(written, text, name)
            return None
        if found.is_whole:
            self.outer.followed.append(found.file)
        return found

    def _miss(self, written: Found, text: str, name: str) -> None:
        if not is_marked(text):
            return
        source = text.strip().removeprefix("${").removesuffix("}").strip()
        program = self.outer.path(program_of(source) or "")
        if program is not None and is_about_ecr(file_text(program)):
            self.missing.append(unjudged_at(written.value.place(written.file), name, _NOT_READ.format(source)))
        else:
            self.missing.append(Harvest(skipped=(Skipped(written.file, _NOT_HERE.format(source), absent=True),)))

    # --- extensions ---

    def _extend(self, extensions: Node) -> None:
        for name, extension in extensions.fields:
            known = self.resources.get(name)
            if known is None:
                continue
            key, resource, file = known
            value = _extend_resource(place_value(Found(resource, file), key, self.outer.file), extension)
            self.resources[name] = key, value, self.outer.file


def _extend_resource(resource: Node, extension: Node) -> Node:
    pairs = {str(name.value): (name, value) for name, value in resource.pairs}
    for name, value in extension.pairs:
        known = str(name.value)
        if known in _REPLACED:
            pairs[known] = name, value
        elif known in _UPDATED:
            _, old = pairs.get(known, (name, value.but(Fields())))
            merged = {str(key.value): (key, one) for key, one in (*old.pairs, *value.pairs)}
            is_known = isinstance(value.value, Fields) and isinstance(old.value, Fields)
            pairs[known] = name, value.but(Fields(tuple(merged.values())) if is_known else Hole(known))
    return resource.but(Fields(tuple(pairs.values())))


def _merge_values(old: Node | None, new: Node) -> Node:
    """Return two values merged as lodash does: objects by name, lists by index."""
    if old is None:
        return new
    if isinstance(old.value, Fields) and isinstance(new.value, Fields):
        pairs = {str(name.value): (name, value) for name, value in old.value.pairs}
        for name, value in new.value.pairs:
            known = pairs.get(str(name.value))
            pairs[str(name.value)] = name, _merge_values(known[1] if known else None, value)
        return old.but(Fields(tuple(pairs.values())))
    if isinstance(old.value, tuple) and isinstance(new.value, tuple):
        return old.but(tuple(_by_index(old.value, new.value)))
    either = (old, new)
    if any(isinstance(one.value, (Fields, tuple)) or is_marked(one.text or "") for one in either):
        return new.but(Hole("a value of several parts"))
    return new


def _by_index(old: tuple[Node, ...], new: tuple[Node, ...]) -> Iterator[Node]:
    for index in range(max(len(old), len(new))):
        if index >= len(new):
            yield old[index]
        else:
            yield _merge_values(old[index] if index < len(old) else None, new[index])


def read_whole(root: Node, file: File, context: Context, exports: Exports | None) -> Harvest | None:
    """Return what a template holds, or None for another document."""
    if not is_template(root):
        return None
    outer = Outer(root, file.name) if is_filled_in(file.text) else None
    return read_template(replace(_deployed_template(root, file, context, exports), outer=outer)) + _names(file)


def read_inside(root: Node, file: File, context: Context, exports: Exports | None) -> Harvest | None:
    """Return what templates and fragments of them inside a document of another kind hold, or None without any."""

    def make_template(one: Node) -> Template:
        return _deployed_template(one, file, context, exports)

    printed = _printed_template(root, file, make_template)
    if printed is not None or not ("AWS::" in file.text or is_filled_in(file.text)):
        return printed
    found = read_parts(root, file.name, make_template)
    return None if found is None else found + _names(file)


def _printed_template(root: Node, file: File, deployed: Callable[[Node], Template]) -> Harvest | None:
    """Return what a template holds that `aws cloudformation get-template` prints as text. None if there is none."""
    body = root.get("TemplateBody")
    if body is None or body.text is None:
        return None
    try:
        roots = [document for document in documents_inside(body.text, body) if is_template(document)]
    except (BadJsonError, BadYamlError) as error:
        return unread(file.name, f"its TemplateBody is {error}", body.line)
    return Harvest.from_parts(read_template(deployed(node)) for node in roots) if roots else None


def _names(file: File) -> Harvest:
    """Return the variables of another tool in a file, which the user can give values for."""
    return Harvest(declares=names_in(file.text))


def _deployed_template(root: Node, file: File, context: Context, exports: Exports | None) -> Template:
    """Return a template with what the CDK's manifest and the user specify about its deployment."""
    where = environment_of(file.name)
    given = {name: Node(value) for name, value in {**where.parameters, **context.parameters}.items()}
    account, region = where.account or context.account, where.region or context.region
    differs = where.account and context.account and where.account != context.account
    notes = (f"the CDK deploys it into {where.account}, not into {context.account}",) if differs else ()
    return Template(
        file.name, file.text, root, output_of, given, account=account, region=region, notes=notes, exports=exports
    )
