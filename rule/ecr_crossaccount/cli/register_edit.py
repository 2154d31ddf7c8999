"""One more entry in a register, and not a character of the rest changed.

Entries are put in as text: a YAML library that writes what it has read keeps comments, but moves those at the end
and sets spaces, quotes and line breaks its own way, in a file whose every change is reviewed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ..access.trust import Entry
from .register import RegisterError, RegisterFile, read_text

Fields = Mapping[str, object]
"""An entry as the register has it, in the order in which it is to stand there."""

NEW_REGISTER = "version: 1\ntrust: []\n"


def with_entry(register: RegisterFile, fields: Fields, today: date) -> str:
    """Return the text of `register` with one more entry at its end. Raises RegisterError.

    The result has been read back: it trusts what `register` did, and the new entry.
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
    """Return the lines of an entry in YAML, as it stands in a list."""
    lines = [f"{name}: {_written(name, value)}" for name, value in fields.items()]
    return [("  " if number else "- ") + line for number, line in enumerate(lines)]


_PLAIN = frozenset({"access", "expires"})
"""Fields whose values YAML reads alike with and without quotes."""


def _written(name: str, value: object) -> str:
    if name in _PLAIN:
        return str(value)
    # What nobody sees is better read as an escape; everything else stays as its author typed it.
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
    """Return the node of the entries, and whether the whole register stands in brackets.

    By PyYAML's nodes, which know where a value ends; the register has been read by `yaml_text`, so none surprises it.
    """
    import yaml

    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    return next(value for name, value in root.value if name.value == "trust"), root.flow_style


def _last_of(node: Any) -> Any:  # noqa: ANN401 - likewise
    """Return the innermost last value of a collection: only that ends where its text does."""
    while not node.flow_style and isinstance(node.value, list) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
        if isinstance(node.value, str):
            break
    return node


def _end_of_line(text: str, node: Any) -> int:  # noqa: ANN401 - likewise
    """Return where the line after a value begins, behind a comment on its own."""
    end = int(node.end_mark.index)
    if getattr(node, "style", None) in ("|", ">"):  # ends with its line break
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
