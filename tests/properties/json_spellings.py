"""Writes a JSON value in a random spelling, which every reader of JSON takes for the same value.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from decimal import Decimal

_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ALWAYS_ESCAPED = frozenset('"\\') | {chr(code) for code in range(0x20)}
_SPACES = ("", "", "", " ", "\n", "\t", "\r\n", " \t ")


class Writer:
    """One way to write JSON.

    `escapes` is the share of characters that are escaped without need. `slashes`: each slash is escaped, as PHP does.
    """

    def __init__(
        self,
        draw: random.Random,
        *,
        escapes: float | None = None,
        slashes: bool | None = None,
        shuffles: bool = False,
    ) -> None:
        self._draw = draw
        self._escapes = draw.choice((0.0, 0.02, 0.3, 1.0)) if escapes is None else escapes
        self._slashes = draw.choice((False, True)) if slashes is None else slashes
        self._spaces = draw.choice((("",), _SPACES))
        self._shuffles = shuffles

    def text(self, value: object) -> str:
        """Return a text of a value."""
        return self._space() + self._value(value) + self._space()

    def _value(self, value: object) -> str:
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._number(value)
        if isinstance(value, Mapping):
            return self._object(value)
        if isinstance(value, (list, tuple)):
            return self._within("[]", [self._value(one) for one in value])
        return json.dumps(value)

    def _object(self, fields: Mapping[str, object]) -> str:
        names = list(fields)
        if self._shuffles:
            self._draw.shuffle(names)
        colon = [self._space() + ":" + self._space() for _ in names]
        written = [
            self._string(name) + between + self._value(fields[name]) for name, between in zip(names, colon, strict=True)
        ]
        return self._within("{}", written)

    def _within(self, marks: str, parts: Iterable[str]) -> str:
        body = ",".join(self._space() + part + self._space() for part in parts)
        return marks[0] + (body or self._space()) + marks[1]

    def _space(self) -> str:
        return self._draw.choice(self._spaces)

    def _string(self, text: str) -> str:
        return f'"{"".join(map(self._character, text))}"'

    def _character(self, character: str) -> str:
        needed = character in _ALWAYS_ESCAPED or (character == "/" and self._slashes)
        if not needed and self._draw.random() >= self._escapes:
            return character
        if character in _SHORT and self._draw.random() < 0.8:
            return _SHORT[character]
        units = character.encode("utf-16-be")
        codes = (units[at : at + 2].hex() for at in range(0, len(units), 2))
        return "".join("\\u" + self._draw.choice((code, code.upper())) for code in codes)

    def _number(self, number: float) -> str:
        plain = f"{Decimal(repr(number)):f}"
        forms = [json.dumps(number), plain, f"{plain}e0", f"{plain}E+00"]
        forms.append(f"{plain}00" if "." in plain else f"{plain}.0")
        forms.append(f"{Decimal(plain).scaleb(3):f}e-3")
        forms.append(f"{Decimal(plain).scaleb(-2):f}E2")
        return self._draw.choice([one for one in forms if json.loads(one) == number])
