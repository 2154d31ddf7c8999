"""Adding an entry to a register without changing a character of the rest.

Entries are inserted as text. A YAML library that writes what it has read keeps comments, but it moves those at the end.
It also sets spaces, quotes and line breaks its own way. People review every change of this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ...judgement.values.trust_entries import Entry
from .register import RegisterError, RegisterFile, read_text

Fields = Mapping[str, object]
"""The fields of an entry, in the order in which they are written."""

NEW_REGISTER = "version: 1\ntrust: []\n"


def with_entry(register: RegisterFile, fields: Fields, today: date) -> str:
    """Return the text of `register` with one more entry at its end. Raises RegisterError.

    The result is read back to check that it trusts what `register` did, and the new entry.
    """
    text = _json_with(register, fields) if register.is_json else _yaml_with(register.text, fields)
    read = _entries_in(text, register, today)
    if not read or read[:-1] != register.trust.entries:
        reason = f"`{register.path}` has a form to which no entry can be added safely: add it by hand"
        raise RegisterError(reason, *entry_lines(fields))
    return text


def _entries_in(text: str, register: RegisterFile, today: date) -> tuple[Entry, ...]:
    try:
        return read_text(register.path, text, register.encoding, today).trust.entries
    except RegisterError:
        return ()


def entry_lines(fields: Fields) -> list[str]:
    """Return the lines of an entry in YAML, as an item of a list."""
    lines = [f"{name}: {_written(name, value)}" for name, value in fields.items()]
    return [("  " if number else "- ") + line for number, line in enumerate(lines)]


_PLAIN = frozenset({"access", "expires"})
"""Fields whose values YAML reads the same with and without quotes."""


def _written(name: str, value: object) -> str:
    if name in _PLAIN:
        return str(value)
    # Invisible characters become escapes. All other characters stay as the author typed them.
    return "".join(one if one.isprintable() else rf"\U{ord(one):08x}" for one in json.dumps(value, ensure_ascii=False))


def _yaml_with(text: str, fields: Fields) -> str:
    node, in_flow = _entries_of(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    start, end = node.start_mark.index, node.end_mark.index
    if not node.value and in_flow:
        return f"{text[:start]}[{json.dumps(dict(fields), default=str)}]{text[end:]}"
    if not node.value:  # `[]`
        return text[:start].rstrip() + newline + _block(fields, 2, newline).rstrip() + text[end:]
    if node.flow_style:
        last = node.value[-1].end_mark.index
        return f"{text[:last]}, {json.dumps(dict(fields), default=str)}{text[last:]}"
    at = _end_of_line(text, _last_of(node))
    before = text[:at] if text[:at].endswith("\n") else text[:at] + newline
    return before + _block(fields, _indent_of(text, node), newline) + text[at:]


def _indent_of(text: str, node: Any) -> int:  # noqa: ANN401 - PyYAML's nodes have no types
    """Return the column of a list's dashes."""
    dash = text.rindex("-", 0, node.value[0].start_mark.index)
    return dash - (text.rfind("\n", 0, dash) + 1)


def _entries_of(text: str) -> tuple[Any, bool]:
    """Return the node of the entries, and whether the whole register is in brackets.

    It uses PyYAML's nodes because they have the end of each value. `yaml_text` has read the register before, so it is
    valid.
    """
    import yaml

    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    return next(value for name, value in root.value if name.value == "trust"), root.flow_style


def _last_of(node: Any) -> Any:  # noqa: ANN401 - PyYAML's nodes have no types
    """Return the innermost last value of a collection, because only its end mark is the end of the text."""
    while not node.flow_style and isinstance(node.value, list) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
        if isinstance(node.value, str):
            break
    return node


def _end_of_line(text: str, node: Any) -> int:  # noqa: ANN401 - PyYAML's nodes have no types
    """Return the start of the line after a value and the comment that may follow it."""
    end = int(node.end_mark.index)
    if getattr(node, "style", None) in ("|", ">"):  # its end mark is after its line break
        return end
    line_break = text.find("\n", end)
    return len(text) if line_break < 0 else line_break + 1


def _block(fields: Fields, indent: int, newline: str) -> str:
    return "".join(" " * indent + line + newline for line in entry_lines(fields))


def _json_with(register: RegisterFile, fields: Fields) -> str:
    value: Any = register.value
    entry = {name: str(field) if isinstance(field, date) else field for name, field in fields.items()}
    longer = {**value, "trust": [*value["trust"], entry]}
    first = re.search(r"\n([ \t]+)", register.text)
    ending = "\n" if register.text.endswith("\n") else ""
    return json.dumps(longer, indent=first[1] if first else None, ensure_ascii=False) + ending
