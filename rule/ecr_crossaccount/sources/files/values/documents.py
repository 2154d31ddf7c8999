"""The text of a template, YAML or JSON, as data with places; and a policy that is a text inside a file.

YAML has CloudFormation's short intrinsic functions in their long form. Scalars are text whatever they look like,
because CloudFormation passes them on as text: `Version: 2012-10-17` is not a date and `012345678901` is not an octal
number.

Another program may fill in a text: `{{ … }}` of Helm and Ansible, and `${…}` of many tools. Each expression is a hole.
A text with statements (`{% if %}`, `{{ if }}`) is one hole, because it is unknown which of its parts remain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate, pairwise

import yaml

from ....documents.json import BadJsonError, Field, scan
from ....documents.pattern import Hole, Holed, Text, text_of
from ....errors import InternalError
from ...reading.yaml_events import Limits, Place, read
from .nodes import Fields, Node, Scalar, Stencil, split_at, statements_of


def read_json(text: str) -> Node:
    """Return the value in `text`. Raises BadJsonError."""
    return scan(text, _JsonNodes())


class _JsonNodes:
    """A builder of nodes. A name that appears twice in an object is kept twice."""

    def scalar(self, value: Scalar, line: int, column: int) -> Node:
        return Node(value, line, column)

    def items(self, items: list[Node], line: int, column: int) -> Node:
        return Node(tuple(items), line, column)

    def fields(self, fields: list[Field[Node]], line: int, column: int) -> Node:
        return Node(Fields(tuple((Node(name, *at), value) for name, at, value in fields)), line, column)


LIMITS = Limits(deepest=100, most=500_000)

_TRUTHS = frozenset({"True", "TRUE", "False", "FALSE"})
"""Spellings of Booleans, which CloudFormation passes on as `true` and `false`."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS_OF_YAML = "tag:yaml.org,2002:"
_MERGE = "<<"
_WHOLE_NAMES = frozenset({"!Ref", "!Condition"})
"""Tags whose long form does not begin with `Fn::`."""


def read_yaml(text: str) -> tuple[Node, ...]:
    """Return the documents in `text`. Raises BadYamlError."""
    return tuple(read(text, _YamlNodes(), LIMITS))


class _YamlNodes:
    """A builder of nodes. A name that appears twice in an object is kept twice."""

    def scalar(self, event: yaml.ScalarEvent, place: Place) -> Node:
        plain = bool(event.implicit[0]) and event.tag is None
        value: Scalar = None if plain and event.value in _NULLS else str(event.value)
        if plain and value in _TRUTHS:
            value = str(value).lower()
        return _apply_tag(Node(value, *place, block=event.style in ("|", ">")), event.tag)

    def items(self, items: list[Node], tag: str | None, place: Place) -> Node:
        return _apply_tag(Node(tuple(items), *place), tag)

    def fields(self, fields: list[tuple[Node, Node]], tag: str | None, place: Place) -> Node:
        return _apply_tag(Node(_merge_pairs(fields), *place), tag)

    def repeat(self, known: Node, _anchor: str, _place: Place) -> Node:
        return known


def _merge_pairs(pairs: list[tuple[Node, Node]]) -> Fields:
    """Return an object with the fields that `<<` merges into it."""
    if _MERGE not in [name.value for name, _ in pairs]:
        return Fields(tuple(pairs))
    merged = [(name, value) for name, value in pairs if name.value != _MERGE]
    sources = [item for name, value in pairs if name.value == _MERGE for item in value.items or (value,)]
    for source in sources:
        known = {str(name.value) for name, _ in merged}
        more = source.value.pairs if isinstance(source.value, Fields) else ()
        merged += [(name, value) for name, value in more if str(name.value) not in known]
    return Fields(tuple(merged))


def _apply_tag(node: Node, tag: str | None) -> Node:
    """Return `!Sub x` as `{"Fn::Sub": x}`. YAML's own tags are ignored."""
    if tag is None or tag == "!" or tag.startswith(_TAGS_OF_YAML) or not tag.startswith("!"):
        return node
    if tag in _WHOLE_NAMES:
        name = tag[1:]
    else:
        name = f"Fn::{tag[1:]}"
        if tag == "!GetAtt" and isinstance(node.value, str):
            node = _attribute(node)
    return node.but(Fields(((node.but(name), node),)))


def _attribute(node: Node) -> Node:
    """Return `!GetAtt A.B` in its long form, a list of two."""
    resource, _, attribute = str(node.value).partition(".")
    return node.but((node.but(resource), node.but(attribute)))


def documents(text: Text) -> tuple[Node, ...]:
    """Return the documents in a text. Holes may be inside of values. Raises BadJsonError or BadYamlError.

    A text that begins like JSON is read as JSON, or as YAML if it is not valid JSON, because flow style looks the same.
    """
    if isinstance(text, str):
        return _documents(text)
    stencil = Stencil(text)
    return tuple(map(stencil.node, _documents(stencil.text)))


YAML_SUFFIXES = (".yaml", ".yml", ".template", ".cfn")
"""The suffixes of files in which a text that looks like JSON may be YAML in flow style."""

_JSON_SUFFIXES = (".json", ".jsonc", ".json5", ".tfstate", ".tfplan")
_OPENINGS = ("{", "[")


def documents_of(name: str, text: str) -> tuple[Node, ...]:
    """Return the documents in the text of a file. Raises BadJsonError or BadYamlError.

    Damaged JSON may be valid YAML with another meaning, which no service accepts. So a file with a JSON suffix is read
    only as JSON. A text that begins like JSON is read as YAML only if the suffix is one of YAML.
    """
    name = name.lower()
    begins_as_json = text.lstrip().startswith(_OPENINGS)
    if name.endswith(_JSON_SUFFIXES) or (begins_as_json and not name.endswith(YAML_SUFFIXES)):
        return (read_json(text),)
    return _documents(text)


def documents_inside(text: Text, at: Node) -> tuple[Node, ...]:
    """Return the documents in a text inside a file, with places in that file. Raises the errors of `documents`."""
    return tuple(move_places(root, at) for root in documents(text))


def move_places(root: Node, to: Node) -> Node:
    """Return a value that was read from the text `to`, with places in the file that contains this text."""
    # The indentation of a block text in the file is no longer known.
    line, column = to.line + int(to.block), 1 if to.block else to.column

    def each(node: Node) -> Node:
        match node.value:
            case Fields() as fields:
                value: object = Fields(tuple((each(name), each(one)) for name, one in fields.pairs))
            case tuple() as items:
                value = tuple(each(item) for item in items)
            case scalar:
                value = scalar
        return Node(value, line + node.line - 1 if to.block else line, column, node.block)  # type: ignore[arg-type]

    return each(root)


def _documents(text: str) -> tuple[Node, ...]:
    if not text.lstrip().startswith(_OPENINGS):
        return read_yaml(text)
    try:
        return (read_json(text),)
    except BadJsonError as error:
        try:
            return read_yaml(text)
        except ValueError:
            raise error from None


At = tuple[int, int]
"""Line and column, counted from 1."""

_REFERENCE = r"\$\{[^{}]*\}|\{\{[^{}]*\}\}"
"""References that CloudFormation and Pulumi, or Helm and Ansible, fill in later."""


def policy_in(text: Node, source: str) -> tuple[Node, tuple[At, ...]]:
    """Return the policy in `text`, a text of the file `source`, and the places of its statements.

    A text that is not JSON is returned unchanged, so that the judgement reports the fault.
    """
    root = parse_text(text)
    written = text.text
    return root, () if written is None or root is text else places_in(text, written, source)


def parse_text(text: Node) -> Node:
    """Return the JSON in a text. Holes may be inside its strings or in place of values.

    A text that is not JSON is returned unchanged.
    """
    if isinstance(text.value, str):
        if not text.value.strip():
            return text
        try:
            return _with_place(read_json(text.value), text)
        except BadJsonError:
            return text
    if not isinstance(text.value, Holed):
        return text
    stencil = Stencil(text.value)
    try:
        return _with_place(stencil.node(read_json(_quote_holes(stencil))), text)
    except BadJsonError:
        return text


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _quote_holes(stencil: Stencil) -> str:
    """Return the stencilled text with quotes around each hole that is in place of a value."""
    marks = re.compile(f"[{stencil.marks}]")
    pieces = split_at(_STRING, stencil.text)
    return "".join(marks.sub(r'"\g<0>"', one) if isinstance(one, str) else one[0] for one in pieces)


def _with_place(root: Node, text: Node) -> Node:
    """Return a value from a text with the place of the text, because only this place in the file is known."""
    return Node(root.value, text.line, text.column)


def places_of(text: Node | None, written: Node, policy: Node, resolved: Node, source: str) -> tuple[At, ...]:
    """Return where the statements of a policy are: as objects of the file, or inside one of its texts.

    `policy`: the policy in `resolved`. `written`: the same value as the file has it. `text`: the text in the file, if
    the policy is a text.
    """
    statements = statements_of(policy)
    if policy is resolved:
        return tuple((statement.line, statement.column) for statement in statements)
    places = places_in(text, text.text, source) if text and text.text else ()
    return places if len(places) == len(statements) else ((written.line, written.column),) * len(statements)


def places_in(text: Node, written: str, source: str) -> tuple[At, ...]:
    """Return where the statements of the policy `written`, which begins at `text` in `source`, begin.

    It may contain `${…}` and `{{…}}`. Returns an empty tuple if it is not JSON.
    """
    try:
        root = read_json(re.sub(_REFERENCE, lambda found: "1" * len(found[0]), written))
    except BadJsonError:
        return ()
    starts = [0]
    for line in written.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    offsets = [starts[statement.line - 1] + statement.column - 1 for statement in statements_of(root)]
    return _in_source(text, written, offsets, source)


def _in_source(text: Node, written: str, offsets: list[int], source: str) -> tuple[At, ...]:
    """Follow the text through the file. The two differ only in spaces, quotes and escapes."""
    begin = sorted({0, *offsets})
    counts = accumulate((len(_bare(written[start:end])) for start, end in pairwise(begin)), initial=0)
    wanted = dict(zip(begin, counts, strict=True))
    line, column = text.line, text.column
    found: dict[int, At] = {}
    seen = 0
    lines = _lines(source)
    if text.block:
        line, column = line + 1, 1
    sought = _bare(written[: max(offsets, default=0) + 1])
    while seen < len(sought) and line <= len(lines):
        here = lines[line - 1]
        for place in range(column, len(here) + 1):
            character = here[place - 1]
            if character == sought[seen]:
                seen += 1
                found.setdefault(seen, (line, place))
                if seen == len(sought):
                    break
        line, column = line + 1, 1
    return tuple(found.get(wanted[offset] + 1, (text.line, text.column)) for offset in offsets)


@lru_cache(maxsize=1)
def _lines(source: str) -> list[str]:
    """Return the lines of a file. It is cached because many texts of one file are searched."""
    return source.split("\n")


def _bare(text: str) -> str:
    """Return `text` without spaces, quotes and backslashes, which quoting and folding may change."""
    return re.sub(r"[\s\"'\\]", "", text)


_LONGEST_NAME = 60
_LONGEST = 65_536
"""The longest text that is searched, in characters. ECR takes policies of 10,240."""

_GO_STATEMENT = r"-?\s*(?:if|else|end|range|with|define|block|template|break|continue)\b"
_TEMPLATE_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\'|`[^`]*+`')
_OF_IAM = r"[a-zA-Z0-9-]+:[A-Za-z]|[*?$]\Z"
"""The beginnings of IAM's own variables, such as `${aws:username}`. They stay unchanged."""

_BRACES = re.compile(r"\{\{|\{%|\{#")
_SHELL = re.compile(r"\{\{|\{%|\{#|\$\$\{|\$\{|\$\(|\$[A-Za-z_][A-Za-z0-9_]*")
_STATEMENTS = frozenset({"{%", "{#", "$${"})
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}", "${": "}", "$(": ")"}

Opener = Callable[[str], "Text | Hole"]
"""Returns a text with a hole for each expression that is filled in."""


def name_of(text: str) -> str:
    """Return the name of a hole for an expression of another language."""
    return " ".join(text.split())[:_LONGEST_NAME]


class _WholeError(InternalError):
    """No part of the text is known. The whole text becomes a hole, named after its beginning."""


def braces(text: str) -> Text | Hole:
    """Return a text with a hole for each `{{ … }}`."""
    return _text_with_holes(text, _BRACES)


def variables(text: str) -> Text | Hole:
    """Return a text with a hole for each `{{ … }}`, `${…}`, `$(…)` and `$NAME`. IAM's own `${aws:…}` stay."""
    return _text_with_holes(text, _SHELL)


def _text_with_holes(text: str, openings: re.Pattern[str]) -> Text | Hole:
    if openings.search(text) is None:
        return text
    if len(text) > _LONGEST:
        return Hole(name_of(text))
    try:
        return text_of(_parts(text, openings))
    except _WholeError:
        return Hole(name_of(text))


def _parts(text: str, openings: re.Pattern[str]) -> Iterator[str | Hole]:
    """Yield the literal parts and the holes of a text. Raises _WholeError."""
    here = 0
    while found := openings.search(text, here):
        opening, before = found[0], text[here : found.start()]
        if opening in _STATEMENTS:
            raise _WholeError
        end = _end(text, found) if opening in _CLOSING else found.end()
        inner = text[found.end() : end]
        here = end + len(_CLOSING.get(opening, ""))
        if opening == "${" and re.match(_OF_IAM, inner):
            yield before + text[found.start() : here]
            continue
        if re.match(_GO_STATEMENT, inner):
            raise _WholeError
        yield before.rstrip() if inner.startswith("-") else before
        yield Hole(name_of(inner.strip("-~") or opening[1:]))
        here += len(text[here:]) - len(text[here:].lstrip()) if inner.endswith("-") else 0
    yield text[here:]


def _end(text: str, opening: re.Match[str]) -> int:
    """Return where the closing mark of an opening is, ignoring marks in quoted texts. Raises _WholeError."""
    closing = _CLOSING[opening[0]]
    here = opening.end()
    while here < len(text):
        if text.startswith(closing, here):
            return here
        quoted = _TEMPLATE_STRING.match(text, here)
        here = quoted.end() if quoted else here + 1
    raise _WholeError


def expressions_to_holes(node: Node, opener: Opener = variables) -> Node:
    """Return a value with a hole for each expression in any of its texts."""
    match node.value:
        case Fields() as fields:
            return _object(node, fields, opener)
        case tuple() as items:
            return node.but(tuple(expressions_to_holes(item, opener) for item in items))
        case str() as text:
            return Node(opener(text), node.line, node.column, node.block)
    return node


def _object(node: Node, fields: Fields, opener: Opener) -> Node:
    """Return an object, or a hole if one of its names is filled in.

    In YAML, `{{ x }}` without quotes is such an object.
    """
    name = name_filled_in(fields, opener)
    if name is not None:
        return node.but(Hole(name))
    return node.but(Fields(tuple((name, expressions_to_holes(value, opener)) for name, value in fields.pairs)))


def name_filled_in(fields: Fields, opener: Opener) -> str | None:
    """Return the first name of an object that is filled in or is not a text. None if all are known."""
    for name, _ in fields.pairs:
        if not isinstance(name.value, str) or not isinstance(opener(name.value), str):
            return name_of(" ".join(_words(name)))
    return None


def _words(node: Node) -> Iterator[str]:
    for name, value in node.value.pairs if isinstance(node.value, Fields) else ():
        yield from _words(name)
        yield from _words(value)
    for item in node.items:
        yield from _words(item)
    if isinstance(node.value, str):
        yield node.value
