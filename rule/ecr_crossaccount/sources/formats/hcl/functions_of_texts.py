"""Terraform functions for texts, which may have holes, with Go's regular expressions and data in texts.

https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping

from ....documents.pattern import Hole, Holed
from ....documents.pattern import text_of as joined
from ...files.values.documents import read_yaml
from ...files.values.nodes import REGION, Place, parts_of, plain, split_at
from ...files.values.partial import Conditional, Encoded, Prose, Value, first_hole, is_known, json_text, text_of
from ...reading.yaml_events import BadYamlError
from ..aws_provider.policies import decode_json, read_policy
from .operators import BeyondError, FailedError, items, number_of
from .operators import as_text as _text

_LONGEST_PATTERN = 500
_MOST_TRIES = 20_000_000
_CLASS = r"\[\^?\]?[^\]]*\]"
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\s",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}
_LAST = r"(^|[^\\])\$(?=$|\)|\|)"
_LOOP = r"[*+]|\{\d*,?\d*\}"
_REPEATED_GROUP = r"\)[*+{]"


def compile_pattern(pattern: str, text: str) -> re.Pattern[str]:
    """Return a regular expression whose time on a text is certainly bounded. Raises BeyondError for others."""
    bare = re.sub(_CLASS, "x", re.sub(r"\\.", "x", pattern))
    loops = len(re.findall(_LOOP, bare))
    if (
        re.search(_REPEATED_GROUP, bare)
        or (len(text) + 1) ** (loops + 1) > _MOST_TRIES
        or len(pattern) > _LONGEST_PATTERN
    ):
        raise BeyondError("a regular expression that could take too long")
    try:
        return re.compile(_in_python(pattern), re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise BeyondError("a regular expression that is not valid") from None


def _in_python(pattern: str) -> str:
    """Return a regular expression of Go's in Python's syntax. Raises BeyondError."""
    for name, characters in _CLASSES.items():
        pattern = pattern.replace(f"[:{name}:]", characters)
    if "[:" in pattern or "\\p" in pattern or "\\Q" in pattern:
        raise BeyondError("a character class that is not supported")
    # Python's `$` also matches before a newline at the end.
    return re.sub(_LAST, r"\1\\Z", pattern).replace("\\z", "\\Z")


def captures(found: re.Match[str]) -> Value:
    """Return what a match captures, by name or in order, or all of it."""
    if found.groupdict():
        return found.groupdict()
    return list(found.groups()) if found.groups() else found[0]


def regex(pattern: str, text: str) -> Value:
    """Return the first match of a regular expression. Raises FailedError if there is none."""
    found = compile_pattern(pattern, text).search(text)
    if found is None:
        raise FailedError("nothing matches")
    return captures(found)


_VERB = re.compile(r"%(?:(%)|([-+ 0#]*)(\[\d+\])?(\d*(?:\.\d+)?)(\[\d+\])?([a-zA-Z]))")
_DIGITS = re.compile(r"\d{1,9}")
_WIDEST = 200
_LONGEST = 1_000_000


def each_part(value: Value, change: Callable[[str], str]) -> Value:
    """Return a text with its known parts changed, character by character."""
    return joined(change(part) if isinstance(part, str) else part for part in parts_of(_text(value)))


def at_ends(value: Value, first: Callable[[str], str], last: Callable[[str], str]) -> Value:
    """Return a text with its ends changed. The places of its parts stay."""
    bare: list[tuple[str | Hole, Place | None]] = [(part, None) for part in parts_of(_text(value))]
    pairs = list(value.parts) if isinstance(value, Prose) else bare
    if isinstance(pairs[-1][0], str):
        pairs[-1] = (last(pairs[-1][0]), pairs[-1][1])
    if isinstance(pairs[0][0], str):
        before = pairs[0][0]
        after = first(before)
        # A place is where a part begins. If the beginning of the text is removed, its first part has no place.
        pairs[0] = (after, pairs[0][1] if after == before else None)
    return Prose(tuple(pairs)) if isinstance(value, Prose) else joined(part for part, _ in pairs)


def without_affix(value: Value, affix: Value, *, at_end: bool) -> Value:
    """Return a text without an affix, or a hole if the hole in the text decides whether it has the whole affix."""
    sought, parts = _text(affix), parts_of(_text(value))
    if not isinstance(sought, str):
        return first_hole(sought, "an affix")
    known, has = (parts[-1], sought.endswith) if at_end else (parts[0], sought.startswith)
    if len(parts) > 1 and isinstance(known, str) and known != sought and has(known):
        return first_hole(value, "a text without an affix")
    if at_end:
        return at_ends(value, str, lambda text: text.removesuffix(sought))
    return at_ends(value, lambda text: text.removeprefix(sought), str)


def indent(spaces: Value, value: Value) -> Value:
    """Return a text with every line indented except the first."""
    start = "\n" + " " * min(64, int(number_of(spaces)))
    return each_part(value, lambda text: text.replace("\n", start))


def substr(text: str, start: Value, size: Value) -> str:
    """Return a part of a text."""
    first, count = int(number_of(start)), int(number_of(size))
    first = max(0, first + len(text)) if first < 0 else first
    return text[first:] if count < 0 else text[first : first + count]


def replace(value: Value, old: Value, new: Value) -> Value:
    """Return a text with `old` replaced by `new`. In slashes, `old` is a regular expression."""
    sought, by = text_of(old), _text(new)
    if not isinstance(sought, str):
        return first_hole(sought, "replace(…)")
    text = _text(value)
    pattern = sought[1:-1] if len(sought) > 1 and sought[0] == sought[-1] == "/" else None
    if pattern is not None:
        if not isinstance(text, str) or not isinstance(by, str):
            return first_hole([text, by], "replace(…)")
        _limit(text, by)
        return compile_pattern(pattern, text).sub(_template_of(by), text)
    if not sought or (not isinstance(text, str) and len(sought) != 1):
        return first_hole(text, "replace(…)")
    _limit(str(text), str(by))
    return joined(_replace_text(parts_of(text), sought, parts_of(by)))


def _limit(text: str, by: str) -> None:
    """Reject a text that would be too long. Raises BeyondError."""
    if len(text) * len(by) > _LONGEST:
        raise BeyondError("a text that is too long")


def _replace_text(parts: tuple[str | Hole, ...], old: str, new: tuple[str | Hole, ...]) -> list[str | Hole]:
    found: list[str | Hole] = []
    for part in parts:
        if isinstance(part, Hole):
            found.append(part)
            continue
        for index, piece in enumerate(part.split(old)):
            found += [*new, piece] if index else [piece]
    return found


def _template_of(text: str) -> str:
    return re.sub(r"\\?\$\{?(\w+)\}?", r"\\g<\1>", text.replace("\\", "\\\\"))


def join(separator: Value, *lists: Value) -> Value:
    """Return the elements of lists as one text."""
    between = _text(separator)
    parts: list[str | Hole] = []
    for index, item in enumerate(one for listed in lists for one in items(listed)):
        if index:
            parts += parts_of(between)
        # The number of elements is unknown, and therefore the separators beside it are too.
        parts += [item.hole] if isinstance(item, Conditional) else parts_of(_text(item))
    return joined(parts)


def arn_parts(text: str) -> Mapping[str, Value]:
    """Return the parts of an ARN, with the names of the AWS provider's function."""
    names = ("partition", "service", "region", "account_id", "resource")
    start, *parts = text.split(":", 5)
    if start != "arn" or len(parts) != len(names):
        raise FailedError("a text that is not an ARN")
    return dict(zip(names, parts, strict=True))


def split(separator: Value, value: Value) -> Value:
    """Return the parts of a text between separators."""
    text, between = _text(value), _text(separator)
    if not isinstance(text, str) or not isinstance(between, str):
        return first_hole([text, between], "split(…)")
    return (text.split(between) if between else list(text)) if text else ([""] if between else [])


# --- format ---


def format_text(pattern: Value, *arguments: Value) -> Value:
    """Return a text with values in place of its verbs."""
    text = _text(pattern)
    if not isinstance(text, str):
        return first_hole(text, "format(…)")
    parts: list[str | Hole] = []
    taken = 0
    for found in split_at(_VERB, text):
        if isinstance(found, str) or found[1]:
            parts.append(found if isinstance(found, str) else "%")
            continue
        number = found[3] or found[5]
        taken = int(number[1:-1]) if number else taken + 1
        if not 1 <= taken <= len(arguments):
            raise FailedError("`format` has a verb without a value")
        parts += parts_of(_format_value(found[6], found[2] + found[4], arguments[taken - 1]))
    return joined(parts)


def _format_value(verb: str, width: str, value: Value) -> str | Hole | Holed:
    if verb == "q":
        return json_text(_text(value))
    if verb == "v" and isinstance(value, (list, Mapping)):
        return json_text(value)
    if not is_known(value):
        return _text(value) if verb in "sv" and not width else first_hole(value, "format(…)")
    if sum(map(int, _DIGITS.findall(width))) > _WIDEST:
        raise BeyondError("a text that is too long")
    if verb in "sv":
        return f"%{width}s" % _text(value)
    if verb == "t":
        return str(_text(value))
    if verb in "dbxXof":
        number = number_of(value)
        whole = int(number)
        return f"{whole:b}" if verb == "b" else f"%{width}{verb}" % (number if verb == "f" else whole)
    raise BeyondError(f"`%{verb}` is not known here")


def format_list(pattern: Value, *arguments: Value) -> Value:
    """Return a list of texts, one for each index of the lists among the arguments."""
    lists = [argument for argument in arguments if isinstance(argument, list)]
    if not lists and any(isinstance(argument, Hole) for argument in arguments):
        # The form of the elements is known, and their number is not.
        return [Conditional(format_text(pattern, *arguments), first_hole(list(arguments), "formatlist(…)"))]
    size = len(lists[0]) if lists else 1
    if any(len(one) != size for one in lists):
        if any(isinstance(item, Conditional) for one in lists for item in one):
            return first_hole(lists, "formatlist(…)")
        raise FailedError("`formatlist` of lists of different lengths")
    return [_format_round(pattern, arguments, number) for number in range(size)]


def _format_round(pattern: Value, arguments: tuple[Value, ...], number: int) -> Value:
    taken = [_element(argument, number) for argument in arguments]
    doubts = [one for one in taken if isinstance(one, Conditional)]
    text = format_text(pattern, *(one.value if isinstance(one, Conditional) else one for one in taken))
    if len(doubts) == 1:
        return doubts[0].but(text)
    return Conditional(text, doubts[0].hole) if doubts else text


def _element(argument: Value, number: int) -> Value:
    """Return the value of an argument for an index. An unknown argument may be a list, unless it is the Region."""
    if isinstance(argument, Hole) and argument != REGION:
        return Hole(f"{argument.name}[{number}]")
    return argument[number] if isinstance(argument, list) else argument


def decoded_json(value: Value) -> Value:
    """Return the value in a JSON text. Raises FailedError."""
    if isinstance(value, Encoded) and not value.yaml:
        return value.value
    text = text_of(value)
    if isinstance(text, (Hole, Holed)):
        found = read_policy(text, Place("")).policy
        return first_hole(found, "jsondecode(…)") if isinstance(found, (Hole, Holed)) else found
    if not isinstance(text, str):
        raise FailedError("a value that is not text has no JSON")
    found = decode_json(text)
    if isinstance(found, Hole):
        raise FailedError("a text that is not JSON")
    return found


def decoded_yaml(value: Value) -> Value:
    """Return the value in a YAML text. Raises FailedError."""
    if isinstance(value, Encoded):
        return value.value
    if not is_known(value):
        return first_hole(value, "yamldecode(…)")
    text = text_of(value)
    if not isinstance(text, str):
        raise FailedError("a value that is not text has no YAML")
    try:
        documents = read_yaml(text)
    except BadYamlError:
        raise FailedError("a text that is not YAML") from None
    if len(documents) != 1:
        raise FailedError("not one document of YAML")
    return plain(documents[0])


def decoded_csv(text: str) -> Value:
    """Return the rows of a CSV text as objects. Raises FailedError.

    https://developer.hashicorp.com/terraform/language/functions/csvdecode
    """
    try:
        names, *rows = (row for row in csv.reader(io.StringIO(text), strict=True) if row)
        return [dict(zip(names, row, strict=True)) for row in rows]
    except (csv.Error, ValueError):
        raise FailedError("a text that is not CSV") from None
