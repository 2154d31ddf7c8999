"""A document of a file as a template, and templates and fragments of them inside another document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ....documents.json import BadJsonError
from ...files.files import File
from ...files.included import environment_of
from ...files.values.documents import documents_inside
from ...files.values.nodes import Node
from ...found.context import Context
from ...found.found import Harvest, unread
from ...reading.yaml_events import BadYamlError
from .foreign_syntax import Outer, names_in
from .foreign_syntax import is_marked as is_filled_in
from .nested import Exports, output_of
from .read import read as read_template
from .serverless import read_parts
from .template import Template, is_template


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
    return _fragments(root, file, make_template) if printed is None else printed


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


def _fragments(root: Node, file: File, deployed: Callable[[Node], Template]) -> Harvest | None:
    """Return what fragments of templates in a file of another kind hold, or None if there are none."""
    found = read_parts(root, file.name, deployed) if "AWS::" in file.text or is_filled_in(file.text) else None
    return None if found is None else found + _names(file)


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
