"""YAML as plain data, with the place of every value, for files that people write by hand.

Only null, true, false and short decimal numbers are not text. So `account: 012345678901` is not an octal number, and a
day is not an object. A repeated name is an error, and no tag constructs an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field, replace

import yaml

from ....memo import by_value
from ....sources.reading.yaml_events import BadYamlError, Limits, Place, read

LIMITS = Limits(deepest=50, most=200_000, documents=1)

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")
"""Too short to match an account number."""

_WORDS: dict[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
_TEXT_TAG = "tag:yaml.org,2002:str"


@by_value
class YamlText:
    """A document's value with JSON's types, and the place of each value by its path, such as `trust[2].account`."""

    value: object
    places: dict[str, Place]


def read_yaml(text: str) -> YamlText:
    """Return the value in `text`. Raises BadYamlError."""
    documents = read(text, _Parts(), LIMITS)
    if not documents:
        return YamlText(None, {})
    return YamlText(documents[0].value, {"": documents[0].place, **dict(documents[0].places(""))})


@by_value
class _Part:
    """A value with its place.

    `name` is the text of a scalar; `inner` has the members of a collection, by relative path.

    `alias` is the name of the anchor that it repeats.
    """

    value: object
    place: Place
    name: str | None = None
    inner: tuple[tuple[str, Place, _Part], ...] = field(default=())
    alias: str | None = None

    def places(self, path: str) -> Iterator[tuple[str, Place]]:
        """Yield the path and the place of everything inside. The place of a mapping's value is that of its name."""
        for step, place, part in self.inner:
            here = f"{path}{step}" if path or step.startswith("[") else step[1:]
            yield here, place
            yield from part.places(here)


class _Parts:
    def scalar(self, event: yaml.ScalarEvent, place: Place) -> _Part:
        return _Part(_meaning(event, place), place, str(event.value))

    def items(self, items: list[_Part], tag: str | None, place: Place) -> _Part:
        _refuse_tag(tag, place)
        inner = tuple((f"[{number}]", one.place, one) for number, one in enumerate(items))
        return _Part([item.value for item in items], place, inner=inner)

    def fields(self, fields: list[tuple[_Part, _Part]], tag: str | None, place: Place) -> _Part:
        _refuse_tag(tag, place)
        made: dict[str, object] = {}
        for key, value in fields:
            if key.alias is not None:
                raise BadYamlError(f"an alias, `*{key.alias}`, in place of a name", *key.place)
            if key.name is None:
                raise BadYamlError("a mapping or list in place of a name", *key.place)
            name = key.name
            if name in made:
                raise BadYamlError(f"`{name}` appears twice", *key.place)
            made[name] = value.value
        return _Part(made, place, inner=tuple((f".{key.name}", key.place, value) for key, value in fields))

    def repeat(self, known: _Part, anchor: str, place: Place) -> _Part:
        return replace(known, place=place, alias=anchor)


def _refuse_tag(tag: str | None, place: Place) -> None:
    if tag is not None:
        raise BadYamlError(f"a tag, `{tag}`, where plain data are expected", *place)


def _meaning(event: yaml.ScalarEvent, place: Place) -> object:
    if event.tag not in (None, "!", _TEXT_TAG):
        _refuse_tag(event.tag, place)
    is_plain = event.implicit[0]
    if is_plain and event.value in _WORDS:
        return _WORDS[event.value]
    if is_plain and _NUMBER.fullmatch(event.value):
        return int(event.value)
    return str(event.value)
