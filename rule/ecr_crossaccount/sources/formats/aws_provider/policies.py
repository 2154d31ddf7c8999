"""From the value of a policy attribute to the input of the judgement, with the place of each statement.

The account of an ARN is known before the resource exists: it is the account of the provider.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ....documents.json import BadJsonError, RepeatedNames
from ....documents.pattern import Hole, Holed
from ....documents.pattern import text_of as joined
from ...files.strays import ReadPolicy
from ...files.values.documents import read_json
from ...files.values.nodes import Node, Place, Stencil, plain, statements_of
from ...files.values.partial import Conditional, Either, Encoded, Placed, Prose, Value, is_known, text_of, ways
from ...found.found import Otherwise

ARNS: Mapping[str, tuple[str, str]] = {
    "aws_iam_role": ("iam::{account}:role{path}", "name"),
    "aws_iam_user": ("iam::{account}:user{path}", "name"),
    "aws_ecr_repository": ("ecr:{region}:{account}:repository/", "name"),
    "aws_lambda_function": ("lambda:{region}:{account}:function:", "function_name"),
    "aws_codebuild_project": ("codebuild:{region}:{account}:project/", "name"),
    "aws_codepipeline": ("codepipeline:{region}:{account}:", "name"),
    "aws_apprunner_service": ("apprunner:{region}:{account}:service/", "service_name"),
    "aws_sagemaker_domain": ("sagemaker:{region}:{account}:domain/", "id"),
}
"""By type: the beginning of the ARN, and the attribute that follows it."""


def account_of_role(arn: str) -> str | None:
    """Return the account in the ARN of a role, or None for another text."""
    found = re.match(r"arn:[a-z-]+:iam::([0-9]{12}):", arn)
    return found and found[1]


def pieces_of(shape: str) -> list[str]:
    """Return a shape as its pieces, including placeholders such as `{account}`."""
    return [piece for piece in shape.replace("{", "|{").replace("}", "}|").split("|") if piece]


_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringNotEquals", "StringNotLike", "Bool", "Null")

Parts = tuple[tuple[str | Hole, Place | None], ...]


def read_policy(value: Value, at: Place) -> ReadPolicy:
    """Read the value of a policy attribute at the place `at`. Parts that cannot be determined are holes."""
    (when, first), *others = ways(value)
    read = _read(first, at)
    otherwise = [
        Otherwise(words, policy.policy, policy.statements) for words, other in others for policy in [_read(other, at)]
    ]
    return replace(read, when=when, otherwise=tuple(otherwise))


def _read(value: Value, at: Place) -> ReadPolicy:  # noqa: PLR0911 - a table of the forms of a value
    match value:
        case None:
            return ReadPolicy(None)
        case Either():
            return ReadPolicy(value.hole)
        case Encoded():
            return _structure(value.value, at)
        case Mapping():
            return _structure(value, at)
        case Prose():
            return _text(value.parts, at)
        case str():
            return _text(((value, None),), at)
        case Holed():
            return _text(tuple((part, None) for part in value.parts), at)
        case Hole():
            return ReadPolicy(value)
    return ReadPolicy(json.dumps(value, default=str))


def _structure(value: Value, at: Place) -> ReadPolicy:
    """Read a policy that is a value, not a text."""
    if not isinstance(value, Mapping):
        return _read(value, at) if isinstance(value, Holed) else ReadPolicy(as_policy(value))
    body = value.get("Statement")
    statements = body if isinstance(body, (list, tuple)) else [body]
    places = tuple(_statement_place(statement, at) for statement in statements)
    return ReadPolicy(as_policy(value), places)


def _statement_place(statement: Value, at: Place) -> Place:
    inner = statement.value if isinstance(statement, Conditional) else statement
    return inner.at or at if isinstance(inner, Placed) else at


def as_policy(value: Value) -> object:
    """Return a value in the form that the policy reader takes: dicts, lists, texts, holes."""
    match value:
        case Conditional():
            return _perhaps(value)
        case Prose() | Encoded() | Either():
            return text_of(value)
        case RepeatedNames():
            return value
        case Mapping():
            # A field that may be missing is a hole, because it may be there or not.
            return {name: one.hole if isinstance(one, Conditional) else as_policy(one) for name, one in value.items()}
        case list() | tuple():
            return [as_policy(item) for item in value]
    return value


def _perhaps(element: Conditional) -> object:
    """Return an element that may be missing. A statement then applies only under an unknown condition."""
    value = as_policy(element.value)
    if isinstance(value, dict) and ("Effect" in value or "Action" in value):
        return on_condition(value, element.hole)
    return element.hole if is_known(element.value) else value


def on_condition(statement: Mapping[str, object], hole: Hole) -> dict[str, object]:
    """Return a statement with an unknown condition, because it may not exist."""
    block = statement.get("Condition", {})
    if not isinstance(block, Mapping):
        return {**statement, "Condition": hole}
    free = next((name for name in _OPERATORS if name not in block), None)
    return {**statement, "Condition": {**block, free: hole} if free else hole}


# --- texts ---


def _text(parts: Parts, at: Place) -> ReadPolicy:
    """Read a JSON text that may contain holes."""
    whole = joined(part for part, _ in parts)
    if not str(whole).strip():
        return ReadPolicy(None)
    quoted = list(_quote_holes(parts))
    stencil = Stencil(joined(part for part, _ in quoted))
    try:
        root = read_json(stencil.text)
    except BadJsonError:
        # For a text without holes, the policy reader reports the fault and its place.
        return ReadPolicy(whole)
    places = tuple(_places(quoted, stencil.text, root, at))
    return ReadPolicy(whole if isinstance(whole, str) else plain(stencil.node(root)), places)


def _quote_holes(parts: Parts) -> Iterator[tuple[str | Hole, Place | None]]:
    """Yield the parts with quotes around each hole that is a whole value, as JSON texts have them."""
    inside = False
    for part, place in parts:
        if isinstance(part, Hole):
            yield from ((part, place),) if inside else (('"', None), (part, place), ('"', None))
        else:
            yield part, place
            inside ^= sum(found[0] == '"' for found in _QUOTE.finditer(part)) % 2 == 1


def _places(parts: Iterable[tuple[str | Hole, Place | None]], text: str, root: Node, at: Place) -> Iterator[Place]:
    """Yield the place of each statement. A hole is one character of the text."""
    starts: list[tuple[int, Place]] = []
    here = 0
    for part, place in parts:
        if place is not None:
            starts.append((here, place))
        here += len(part) if isinstance(part, str) else 1
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    for statement in statements_of(root):
        offset = lines[statement.line - 1] + statement.column - 1
        start, known = next(((start, one) for start, one in reversed(starts) if start <= offset), (0, None))
        yield at if known is None else _place_after_text(known, text[start:offset])


def _place_after_text(place: Place, text: str) -> Place:
    lines = text.count("\n")
    column = len(text) - text.rfind("\n") if lines else place.column + len(text)
    return Place(place.file, place.line + lines, column)


def decode_json(text: str) -> object:
    """Return the value in a JSON text without holes. If the text is not JSON, return a hole."""
    try:
        return plain(read_json(text))
    except BadJsonError:
        return Hole("a policy that is not JSON")
