"""`aws_cloudformation_stack` and `aws_cloudformation_stack_set`: CloudFormation templates inside Terraform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ....documents.json import BadJsonError
from ....documents.pattern import Hole, Holed
from ....questions.change.owners import Owners
from ...files.values.documents import documents
from ...files.values.nodes import Node, Place
from ...files.values.partial import Encoded, Prose, Value, json_text, text_of
from ...found.context import Context
from ...found.found import FoundPolicy, Harvest, Location, unjudged_at, unread
from ...reading.yaml_events import BadYamlError
from ..cloudformation.nested import deployed_into, from_another_account, in_giver, output_of
from ..cloudformation.read import read as read_template
from ..cloudformation.template import Template, is_template
from .resources import STACK_SETS

_NOT_FOLLOWED = "its template is not a file here, and may hold ECR policies: check that as well"
_NO_TEMPLATE = "{}: its `template_body` is not a template"


def stack(  # noqa: PLR0913, PLR0917 - all that is known about it
    address: str,
    kind: str,
    attributes: Mapping[str, Value],
    at: Place,
    context: Context,
    owners: Owners | None = None,
) -> Harvest:
    """Return the policies in the template of a stack or a stack set.

    `at`: the place of the template's text. `owners`: set if the account of its provider is unknown.
    """
    body = attributes.get("template_body")
    text = json_text(body.value) if isinstance(body, Encoded) else text_of(body)
    if not isinstance(text, (str, Holed)) or not str(text).strip():
        return unjudged_at(at, address, _NOT_FOLLOWED)
    try:
        roots = documents(text)
    except (BadJsonError, BadYamlError) as error:
        return unread(at.file, f"{address}: {error}", at.line)
    if len(roots) != 1 or not is_template(roots[0]):
        return unread(at.file, _NO_TEMPLATE.format(address), at.line)
    given = _parameters(attributes.get("parameters"))
    template = Template(at.file, str(text), roots[0], output_of, given, prefix=(address,))
    if kind in STACK_SETS:
        template, owners = from_another_account(replace(template, root=in_giver(roots[0]))), Owners(each=True)
    elif owners is None:
        template = replace(template, account=context.account, region=context.region)
    # The provider may use another account or Region than that of the other resources.
    location = Location(None, None, address)
    found = deployed_into(read_template(template), owners, location)
    return _move_places(found, body, at)


def _parameters(value: Value) -> dict[str, Node]:
    if not isinstance(value, Mapping):
        return {}
    found = {name: text_of(one) for name, one in value.items()}
    scalars = (str, int, float, bool, Hole, Holed)
    return {name: Node(one if isinstance(one, scalars) else None) for name, one in found.items()}


def _move_places(found: Harvest, body: Value, at: Place) -> Harvest:
    """Return a harvest with places in the file that contains the text of the template, as far as known."""
    places = _Places(body, at)
    return replace(
        found,
        policies=tuple(places.policy(policy) for policy in found.policies),
        errors=tuple(replace(error, line=places.line(error.line)) for error in found.errors),
    )


class _Places:
    """The places in the file for the lines of the template's text."""

    def __init__(self, body: Value, at: Place) -> None:
        self._at = at
        self._lines = dict(_lines(body)) if isinstance(body, Prose) else {}

    def policy(self, found: FoundPolicy) -> FoundPolicy:
        """Return a policy with its places in the file."""
        return replace(
            found,
            at=self._place_in_file(found.at),
            statements=tuple(map(self._place_in_file, found.statements)),
            otherwise=tuple(
                replace(one, statements=tuple(map(self._place_in_file, one.statements))) for one in found.otherwise
            ),
            resource_at=self._place_in_file(found.resource_at) if found.resource_at else None,
        )

    def line(self, line: int | None) -> int:
        """Return the line in the file for a line of the text."""
        return self._place_in_file(Place("", line or 1)).line

    def _place_in_file(self, place: Place) -> Place:
        known = self._lines.get(place.line)
        return Place(known.file, known.line, known.column + place.column - 1) if known else self._at


def _lines(body: Prose) -> Iterator[tuple[int, Place | None]]:
    """Yield the number of each line of a text with the place where it begins, None if that is not known."""
    number, begins = 1, True
    for part, place in body.parts:
        text = part if isinstance(part, str) else ""
        if begins:
            yield number, place
        number += text.count("\n")
        begins = text.endswith("\n") if text else False
