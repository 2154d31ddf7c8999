"""Stacks inside stacks: templates in other files, inline templates of StackSets, and unread templates.

The exports of the stacks of one run are in the same account and Region for all.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ....documents.json import BadJsonError, is_unicode
from ....documents.pattern import OWNER, Hole, Holed
from ....documents.pattern import text_of as joined
from ....questions.change.owners import Owners
from ...files.files import file_text
from ...files.included import environment_of, uploaded_as
from ...files.marks import is_about_ecr
from ...files.values.documents import documents_inside, documents_of
from ...files.values.nodes import ABSENT, Fields, Node, map_values, plain
from ...found.context import Kept
from ...found.found import FoundPolicy, Harvest, Location, unread
from ...reading.files import UnreadableError, refusal
from ...reading.yaml_events import BadYamlError
from .indirect import by_its_code, overridden, read_calls, targets
from .resolve import Resolver
from .resources import text_written, unjudged_harvest, worlds
from .template import Template, is_template

_MOST_NESTED = 20
"""The deepest nesting of stacks in stacks."""
_TOO_DEEP = f"stacks are nested more than {_MOST_NESTED} levels deep, so it was not followed"
_MOST_FOLLOWED = 250
_MOST_OUTPUTS = 2_000
"""The most nested stacks of one template, and the most of their outputs that are looked up.

CloudFormation allows 2,500 operations in a hierarchy of stacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
_TOO_MANY = f"more than {_MOST_FOLLOWED} stacks are nested below one template: check the templates below by themselves"

Reader = Callable[[Template], Harvest]

_OTHERS_OF_ECR = re.compile(r"(?!AWS::|Custom::)[A-Za-z0-9]+::.*?(?:(?<![A-Z])ECR|Ecr)")
"""Types that third parties have registered, and that are about ECR."""


def stack_set(template: Template, key: Node, resource: Node, read: Reader) -> Harvest:
    """Read the template of AWS::CloudFormation::StackSet, which is deployed into other accounts."""
    body = resource.find("Properties").get("TemplateBody")
    where = targets(template, resource.find("Properties"))

    def read_there(one: Template) -> Harvest:
        account = where.accounts[0] if len(where.accounts) == 1 else None
        there = replace(from_another_account(one), account=account, region=where.region, exports=None)
        found = read(overridden(there, where.overrides))
        location = Location(account, where.region, "/".join((*template.prefix, str(key.value))))
        return deployed_into(found, None if account else Owners(where.accounts, each=True), location)

    if body is None and resource.find("Properties").get("TemplateURL") is not None:
        return _follow_template(template, key, resource, read_there)
    if body is None:
        return unjudged_harvest(template, key, "its template is not here: check that as well")
    resolved = Resolver(template).resolve(body)
    resolved = in_giver(resolved) if resolved else None
    text = resolved.value if resolved else None
    try:
        # If the body is an object, Fn::ToJsonString makes a text of it.
        at = text_written(body) or body
        roots = documents_inside(text, at) if isinstance(text, (str, Holed)) else (resolved or body,)
    except (BadJsonError, BadYamlError) as error:
        return unread(template.file, f"{key.value}: its TemplateBody is {error}", body.line)
    if not isinstance(text, (str, Holed, Fields)):
        return unjudged_harvest(template, key, "its TemplateBody is not known before deployment: check it where it is")
    inner = [
        Template(
            template.file,
            str(text),
            root,
            template.outputs,
            _resolve_parameters(template.by_default(), resource),
            (*template.prefix, str(key.value)),
            handed_on=_handed_on(template, resource),
            without_defaults=lambda: _resolve_parameters(template.drop_defaults(), resource),
        )
        for root in roots
        if is_template(root)
    ]
    return Harvest.from_parts(map(read_there, inner))


def deployed_into(found: Harvest, owners: Owners | None, location: Location) -> Harvest:
    """Return what a StackSet deploys. Resources of a StackSet inside it are deployed elsewhere."""

    def deploy(policy: FoundPolicy) -> FoundPolicy:
        own = policy.owners or (None if policy.account else owners)
        return replace(policy, location=policy.location or location, owners=own)

    return found.map_policies(deploy)


def from_another_account(template: Template) -> Template:
    """Return a template whose parameters are given in another account than that of its resources."""
    without = template.without_defaults

    def given_there(given: Mapping[str, Node]) -> Mapping[str, Node]:
        return {name: in_giver(value) for name, value in given.items()}

    return replace(
        template,
        given=given_there(template.given),
        without_defaults=None if without is None else lambda: given_there(without()),
    )


_GIVER: Mapping[str | Hole, Hole] = {OWNER: Hole("the account of the StackSet")}


def in_giver(node: Node) -> Node:
    """Return a value whose own account is that of a StackSet, and not one of the accounts of its resources."""
    return map_values(node, _in_giver)


def _in_giver(node: Node) -> Node:
    match node.value:
        case Hole() as hole:
            return replace(node, value=_GIVER.get(hole, hole))
        case Holed() as text:
            return replace(node, value=joined(_GIVER.get(part, part) for part in text.parts))
    return node


def read_indirect_means(template: Template, key: Node, resource: Node, kind: str) -> Harvest:
    """Return the result for a resource that may make or change ECR resources by other means. It is mostly empty."""
    if kind.endswith("::MODULE"):
        return unjudged_harvest(template, key, f"what the module `{kind}` makes is not here: check that as well")
    if kind == "AWS::ServiceCatalog::CloudFormationProvisionedProduct":
        return unjudged_harvest(
            template, key, "the template of the product of Service Catalog is not here: check that as well"
        )
    if _OTHERS_OF_ECR.match(kind):
        return unjudged_harvest(template, key, f"what the type `{kind}` makes is not known here: check that as well")
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        return read_calls(template, key, resource)
    return by_its_code(template, key, resource)


def _follow_template(template: Template, key: Node, resource: Node, read: Reader) -> Harvest:
    """Follow a nested stack to the file of its template, with the parameters passed."""
    location = _location(template, resource)
    name = str(key.value)
    path = file_of(template, location)
    if path is None:
        shown = f", `{location}`," if location else ""
        return unjudged_harvest(template, key, f"its template{shown} is not a file here: check that as well")
    fault = _fault(template, path)
    if fault is None and not _is_within(template, "stack", _MOST_FOLLOWED):
        fault = _TOO_MANY
    if fault is not None:
        return unread(template.file, f"{'/'.join((*template.prefix, name))}: {fault}", resource.line)
    try:
        inner = _inner(template, name, resource, path)
    except (UnreadableError, BadJsonError, BadYamlError) as error:
        return _report_unreadable(path, error) or unjudged_harvest(
            template, key, f"its template, `{location}`, cannot be read: {error}"
        )
    found = Harvest.from_parts(read(one) for one in inner)
    return replace(found, followed=(*found.followed, path))


def _report_unreadable(path: str, error: UnreadableError | BadJsonError | BadYamlError) -> Harvest | None:
    """Return the error for a template that is here and cannot be read.

    None if none is here, or if it is not about ECR.
    """
    if isinstance(error, UnreadableError):
        return unread(path, str(error)) if os.path.lexists(path) and refusal(path) is None else None
    return unread(path, str(error), error.line) if is_about_ecr(file_text(path)) else None


def _fault(template: Template, path: str) -> str | None:
    """Return why the template in a file cannot be nested in another one, or None."""
    if os.path.realpath(path) in map(os.path.realpath, (template.file, *template.via)):
        return "the stack nests itself"
    return _TOO_DEEP if len(template.via) >= _MOST_NESTED else None


def _is_within(template: Template, use: str, most: int) -> bool:
    """Count one more use of a nested template, and return whether there are not too many of them."""
    template.nested[use] += 1
    return template.nested[use] <= most


def _location(template: Template, resource: Node) -> str | Holed | Hole | None:
    """Return the location of a nested stack's template, or of its file as the CDK notes it."""
    # The TemplateURL of a stack of the CDK points to a bucket.
    asset, properties = resource.find("Metadata").get("aws:asset:path"), resource.find("Properties")
    return Resolver(template).text(asset or properties.get("TemplateURL") or properties.get("Location"))


def file_of(template: Template, location: object) -> str | None:
    """Return the file that a template's location names, or None if it is elsewhere."""
    uploaded = uploaded_as((*template.via, template.file)[0], str(location))
    if uploaded is not None:
        return uploaded
    if not isinstance(location, str) or re.match(r"[a-z0-9]+://", location):
        return None
    # No file system can have a file with such a name.
    if "\0" in location or not is_unicode(location):
        return None
    return str(Path(template.file).parent / location.removeprefix("file://"))


def _inner(template: Template, name: str, resource: Node, path: str) -> list[Template]:
    """Return the templates of a nested stack. Raises UnreadableError, BadJsonError or BadYamlError."""
    text = file_text(path)
    inner = replace(
        template,
        file=path,
        text=text,
        given=_resolve_parameters(template.by_default(), resource),
        handed_on=_handed_on(template, resource),
        without_defaults=lambda: _resolve_parameters(template.drop_defaults(), resource),
        told_above=template.is_told,
        prefix=(*template.prefix, name),
        via=(*template.via, template.file),
        asking=set(),
    )
    return [replace(inner, root=root) for root in documents_of(path, text) if is_template(root)]


def output_of(template: Template, name: str, output: str) -> tuple[Node, bool] | None:
    """Return an output of a nested stack, and whether it depends on a default. None if it is unknown here."""
    resource = template.resources.get(name)
    if resource is None or name in template.asking:
        return None
    location = _location(template, resource)
    path = file_of(template, location)
    if path is None or _fault(template, path) is not None or not _is_within(template, "output", _MOST_OUTPUTS):
        return None
    template.asking.add(name)
    try:
        values = (_value(one, output) for one in _inner(template, name, resource, path))
        return next((value for value in values if value is not None), None)
    except (UnreadableError, BadJsonError, BadYamlError):
        return None
    finally:
        template.asking.discard(name)


def _value(template: Template, output: str) -> tuple[Node, bool] | None:
    value = template.declared_outputs.get(output, ABSENT).get("Value")
    resolver = Resolver(template)
    resolved = resolver.resolve(value) if value else None
    return None if resolved is None else (resolved, bool(resolver.rests_on))


def _resolve_parameters(template: Template, resource: Node) -> Mapping[str, Node]:
    resolver = Resolver(template)
    resolved = ((name, resolver.resolve(value)) for name, value in _parameters(resource))
    return {name: value for name, value in resolved if value is not None}


def _parameters(resource: Node) -> Iterator[tuple[str, Node]]:
    """Yield the parameters that a nested stack is given, as written."""
    given = resource.find("Properties", "Parameters")
    yield from given.fields
    for item in given.items:
        value = item.get("ParameterValue")
        if value is not None:
            yield str(item.find("ParameterKey").text), value


def _handed_on(template: Template, resource: Node) -> Mapping[str, tuple[str, ...]]:
    """Return the values that each parameter passed to a nested stack can have, if all are written out here."""
    return {name: _values(template, value) for name, value in _parameters(resource)}


def _values(template: Template, written: Node) -> tuple[str, ...]:
    """Return the texts that a value can be in any deployment. Empty if it can be others."""
    ref = written.find("Ref").text
    if ref is not None:
        return template.choices(ref) if ref not in template.given or template.default(ref) else ()
    found = [world.resolved for world in worlds(template.drop_defaults(), written)]
    texts = [node.text for node in found if node is not None and node.text is not None]
    return tuple(dict.fromkeys(texts)) if len(texts) == len(found) > 1 else ()


READERS = {
    "AWS::CloudFormation::Stack": _follow_template,
    "AWS::Serverless::Application": _follow_template,
    "AWS::CloudFormation::StackSet": stack_set,
}

_MARK = "Export"
_MOST_IMPORTS = 20
"""The most stacks that an export is imported through."""
_MOST_KEPT = 1_000_000
"""The most characters of templates that are kept parsed, which takes about 30 times as much memory."""


class Exports:
    """The exports of the templates in some files. The files are read at the first import."""

    def __init__(self, files: Sequence[str], parameters: Mapping[str, str]) -> None:
        self._exporting = dict.fromkeys(files)
        self._names: dict[tuple[str | None, str | None], dict[str, dict[str, None]]] = {}
        self._kept = Kept[tuple[Template, ...]](_MOST_KEPT)
        self._parameters = parameters
        self._asking: set[str] = set()

    def value(self, name: str, importer: Template) -> tuple[Node, bool] | None:
        """Return the value of an export, and whether it depends on a default there.

        Returns None if no template here has it, or if several have it with different values, or if it is imported
        through too many stacks.
        """
        if name in self._asking or len(self._asking) >= _MOST_IMPORTS:
            return None
        self._asking.add(name)
        try:
            found = [(value, rests) for value, rests in self._values(name, importer) if value is not None]
        finally:
            self._asking.discard(name)
        values = [value for value, _ in found]
        if not found or any(isinstance(node.value, Hole) or plain(node) != plain(values[0]) for node in values):
            return None
        return values[0], any(rests for _, rests in found)

    def _values(self, name: str, importer: Template) -> Iterator[tuple[Node | None, bool]]:
        for file in self._files_by_name(importer).get(name, ()):
            for template in self._templates(file):
                exporter = template.deployed_like(importer)
                resolver = Resolver(exporter)
                for export, value in _exports(template):
                    account = environment_of(template.file).account
                    if resolver.text(export) == name and account in (None, importer.account):
                        yield resolver.resolve(value), bool(resolver.rests_on)

    def _files_by_name(self, importer: Template) -> Mapping[str, Iterable[str]]:
        """Return the files by the names of their exports, as these are in the account and Region of an importer."""
        where = importer.account, importer.region
        if where not in self._names:
            names = self._names[where] = {}
            for file in tuple(self._exporting):
                found = self._templates(file)
                for template in found:
                    resolver = Resolver(template.deployed_like(importer))
                    for export, _ in _exports(template):
                        names.setdefault(str(resolver.text(export)), {})[file] = None
                if not found:
                    del self._exporting[file]
        return self._names[where]

    def _templates(self, file: str) -> tuple[Template, ...]:
        """Return the templates of a file that export anything. Few are kept; other files are read again."""
        known = self._kept.get(file)
        if known is not None:
            return known
        found = tuple(self._read_templates(file))
        return self._kept.keep(file, found, sum(len(template.text) for template in found))

    def _read_templates(self, file: str) -> Iterator[Template]:
        """Yield the templates of a file that export anything. An unreadable file is reported elsewhere."""
        try:
            text = file_text(file)
            roots = documents_of(file, text) if _MARK in text else ()
        except (UnreadableError, BadJsonError, BadYamlError):
            return
        values = {**environment_of(file).parameters, **self._parameters}
        given = {name: Node(value) for name, value in values.items()}
        yield from (Template(file, text, root, output_of, given) for root in roots if is_template(root))


def _exports(template: Template) -> Iterator[tuple[Node | None, Node]]:
    for output in template.declared_outputs.values():
        export, value = output.get(_MARK), output.get("Value")
        if export is not None and value is not None:
            yield export.get("Name"), value
