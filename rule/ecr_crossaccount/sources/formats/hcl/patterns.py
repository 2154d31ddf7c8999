"""Terraform's regular expressions, which are Go's, in Python.

https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re

from ...files.values.partial import Value
from .errors import BeyondError, FailedError

_LONGEST_PATTERN = 500
_MOST_TRIES = 20_000_000
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
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
_LAST = re.compile(r"(^|[^\\])\$(?=$|\)|\|)")
_LOOP = re.compile(r"[*+]|\{\d*,?\d*\}")
_REPEATED_GROUP = re.compile(r"\)[*+{]")


def compiled(pattern: str, text: str) -> re.Pattern[str]:
    """Return a regular expression whose time on a text is certainly bounded. Raises BeyondError for others."""
    bare = _CLASS.sub("x", re.sub(r"\\.", "x", pattern))
    loops = len(_LOOP.findall(bare))
    if _REPEATED_GROUP.search(bare) or (len(text) + 1) ** (loops + 1) > _MOST_TRIES or len(pattern) > _LONGEST_PATTERN:
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
    return _LAST.sub(r"\1\\Z", pattern).replace("\\z", "\\Z")


def _captured(found: re.Match[str]) -> Value:
    if found.groupdict():
        return found.groupdict()
    return list(found.groups()) if found.groups() else found[0]


def regex(pattern: str, text: str) -> Value:
    """Return the first match of a regular expression. Raises FailedError if there is none."""
    found = compiled(pattern, text).search(text)
    if found is None:
        raise FailedError("nothing matches")
    return _captured(found)


def regexall(pattern: str, text: str) -> Value:
    """Return all matches of a regular expression."""
    return [_captured(found) for found in compiled(pattern, text).finditer(text)]
