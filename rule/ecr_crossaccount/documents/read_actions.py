"""Reads Action and NotAction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from .document import Actions
from .holes import Holed, Text
from .problems import quoted
from .reader import Reader

_ACTION = re.compile(r"\*+|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+")


def read_actions(reader: Reader, at: str, item: Mapping[object, object]) -> Actions | None:
    """Return the well-formed actions of a statement, or None if it has neither or both elements."""
    element = reader.one_of(at, item, "Action")
    if element is None:
        return None
    value, place, negated = item[element], f"{at}.{element}", element != "Action"
    texts = tuple(reader.strings(place, value))
    known = all_actions(texts)
    if known is not None:
        return known._replace(negated=True) if negated else known
    patterns: list[Text] = []
    for index, text in enumerate(texts):
        if isinstance(text, Holed) or (text is not None and _is_action(text)):
            patterns.append(text)
        elif text is not None:
            reason = f"{quoted(text)} is not an action: expected a form such as `ecr:BatchGetImage`"
            reader.fault(place, value, index, reason)
    return Actions(negated, tuple(patterns))


@lru_cache(maxsize=1024)
def _is_action(text: str) -> bool:
    return _ACTION.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def all_actions(texts: tuple[Text | None, ...]) -> Actions | None:
    """Return a list as an Action element, or None if an action in it is not well-formed.

    The result is cached because many policies have the same lists.
    """
    good = tuple(text for text in texts if isinstance(text, str) and _ACTION.fullmatch(text))
    return Actions(negated=False, patterns=good) if len(good) == len(texts) else None
