"""Variables of the Serverless Framework, which it fills in before CloudFormation reads the template.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...policy.holes import Hole, Text
from ..values.holed import parts_of, replaced, text_in
from ..values.nodes import Fields, Node
from .template import Template

_VARIABLE = re.compile(r"\$\{(?!AWS::|aws:[A-Z])[^{}]*\}|#\{AWS::[A-Za-z]+\}")
"""Variables of the framework. `${aws:PrincipalTag/team}` is IAM's, and `${AWS::Region}` is CloudFormation's."""

_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"|(true|false|[0-9]+)")
_MOST_ROUNDS = 10
"""The deepest nesting of variables in variables or in their values."""

_LONGEST = 10_240
"""The longest text, and the longest value in it, in characters. It is the limit of ECR for a policy."""


def filled_in(text: Text, template: Template) -> Text:
    """Return a text with the values of its variables. Unknown ones become holes."""
    for _ in range(_MOST_ROUNDS):
        before = text
        if "{" not in str(text) or len(str(text)) > _LONGEST:
            break
        text = replaced(text, _VARIABLE, lambda found: _value(found, template))
        if text == before:
            break
    return replaced(text, _VARIABLE, lambda found: Hole(found.strip("${}")))


def pointed_to(text: str, template: Template) -> Node | None:
    """Return the object or list for a text that consists of a single variable, or None."""
    found = re.fullmatch(r"\$\{\s*self:([^{},]+)\}", text.strip())
    node = _at(template.outer, found[1]) if found and template.outer else None
    return node if node is not None and isinstance(node.value, (tuple, Fields)) else None


def _value(variable: str, template: Template) -> Text | Hole:
    """Return the value of a variable: that of the first of its sources that has one."""
    if variable.startswith("#"):
        pseudo = template.pseudo(variable.strip("#{}"))
        return text_in(pseudo) or Hole(variable)
    for source in variable[2:-1].split(","):
        for value in _of_source(source.strip(), template):
            return value if len(str(value)) <= _LONGEST else Hole(source.strip())
    return Hole(variable.strip("${}"))


def _of_source(source: str, template: Template) -> Iterator[Text | Hole]:
    """Yield the value of a source, or nothing if the next source applies. An option counts as not given."""
    kind, _, name = source.partition(":")
    literal = _LITERAL.fullmatch(source)
    if literal:
        yield next(one for one in literal.groups() if one is not None)
    elif kind == "self":
        found = _at(template.outer, name)
        if found is not None and found.value is not None:
            text = text_in(found)
            yield Hole(source) if text is None else text
    elif source in _KNOWN:
        value = text_in(template.pseudo(_KNOWN[source]))
        yield Hole(source) if value is None else value
    elif source == "sls:stage":
        stage = text_in(_at(template.outer, "provider.stage"))
        yield "dev" if stage is None else stage
    elif kind != "opt":
        yield Hole(source)


_KNOWN = {"aws:accountId": "AWS::AccountId", "aws:region": "AWS::Region"}


def _at(node: Node | None, path: str) -> Node | None:
    """Return the value at a path of names and list indexes with dots, or None."""
    for step in path.strip().split("."):
        if node is None:
            return None
        place = int(step) if step.isdecimal() and node.items else None
        node = node.get(step) if place is None else node.items[place] if place < len(node.items) else None
    return node


def parts_filled_in(text: Text | Hole, template: Template) -> tuple[str | Hole, ...]:
    """Return the parts of a text after its variables are filled in."""
    return (text,) if isinstance(text, Hole) else parts_of(filled_in(text, template))
