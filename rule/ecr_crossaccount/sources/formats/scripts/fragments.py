"""Shell code in files of every kind, with the place of each character."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import PurePath

from ....documents.pattern import Hole
from ....memo import by_value
from ...files.files import File
from ...files.values.documents import name_of
from ...files.values.nodes import Node, Place

_FIRST = 0xE000
_MOST = 6000
"""The first code point for private use that marks a placeholder in a text, and the number of them."""

_FILLED_IN = re.compile(r"\$?\{\{|\$\[\[|\{%")
"""Where the expressions begin that GitHub, GitLab and templates fill in before a shell reads the text."""
_ENDS = {"{{": "}}", "[[": "]]", "{%": "%}"}

_OF_MAKE = r"\$\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\$\{[^{}\n]*\}|\$[@<^?*%+]"
_MAKEFILES = r"(?:GNU)?makefile(?:\..*)?|.*\.(?:mk|make)"


@by_value
class Fragment:
    """A piece of shell code. `line` and `column`: where it begins. `indent`: the indentation of later lines.

    `marks`: the characters that represent expressions, which are filled in before a shell reads the text. `given`: the
    values of variables that the file around it sets. `used`: the names of those that were read.
    """

    file: File
    text: str
    line: int = 1
    column: int = 1
    indent: int = 0
    marks: Mapping[str, str | Hole] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)

    def place(self, row: int, column: int) -> Place:
        """Return the place of a character by its line and column in the text, counted from 0."""
        return Place(self.file.name, self.line + row, column + (self.indent + 1 if row else self.column))

    def pieces(self, text: str) -> Iterator[tuple[int, str | Hole]]:
        """Yield the parts of a piece of the text, with a hole for each mark. Each part has its offset in the piece."""
        here = 0
        for found in _MARKED.finditer(text):
            yield here, text[here : found.start()]
            yield found.start(), self.marks.get(found[1], Hole("?"))
            here = found.end()
        yield here, text[here:]


_ONE_WORD = re.compile(r"[\w./:@%+=,*-]+")
"""A value that means the same in and out of quotes."""

_MARKED = re.compile(f"([{chr(_FIRST)}-{chr(_FIRST + _MOST)}])\\1*")


def _filled_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each expression begins and ends, in one line. The text is searched once, however many begin in it."""
    nearest: dict[str, int] = {}
    here = 0
    for found in _FILLED_IN.finditer(text):
        start = found.end()
        for wanted in (_ENDS[found[0][-2:]], "\n"):
            if nearest.get(wanted, -1) < start:
                place = text.find(wanted, start)
                nearest[wanted] = len(text) if place < 0 else place
        end = nearest[_ENDS[found[0][-2:]]]
        if here <= found.start() and end < nearest["\n"]:
            here = end + 2
            yield found.start(), here


def _of_make(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(_OF_MAKE, text))


def _mark_expressions(
    fragment: Fragment, expressions: Callable[[str], Iterator[tuple[int, int]]] = _filled_in
) -> Fragment:
    """Return a fragment with marks for the expressions that are filled in."""
    marks: dict[str, str | Hole] = {}

    def mark(found: str) -> str:
        # Adjacent expressions have different marks, because a run of one mark is one expression.
        one = chr(_FIRST + len(marks) % _MOST)
        name = name_of(found.strip("${}[]()% "))
        value = fragment.given.get(name.removeprefix("env."), "")
        marks[one] = value if _ONE_WORD.fullmatch(value) else Hole(name)
        fragment.used.extend([name] if isinstance(marks[one], str) else [])
        return "".join("\n" if character == "\n" else one for character in found)

    made, here = "", 0
    for start, end in expressions(fragment.text):
        made += fragment.text[here:start] + mark(fragment.text[start:end])
        here = end
    return replace(fragment, text=made + fragment.text[here:], marks=marks)


def whole(file: File) -> list[Fragment]:
    """Return the text of a script, or the recipes of a makefile."""
    if re.fullmatch(_MAKEFILES, PurePath(file.name).name, flags=re.IGNORECASE):
        return list(_recipes(file))
    return [_mark_expressions(Fragment(file, file.text))]


def _recipes(file: File) -> Iterator[Fragment]:
    """Yield the recipes of a makefile, each with its continuation lines. `$$` is a `$` of the shell."""
    lines = file.text.split("\n")
    given = _set_by_make(file.text)
    number = 0
    while number < len(lines):
        start = number
        while lines[number].endswith("\\") and number + 1 < len(lines):
            number += 1
        number += 1
        if lines[start].startswith("\t"):
            text = "\n".join(line.removeprefix("\t") for line in lines[start:number])
            made = _mark_expressions(
                Fragment(file, text.replace("$$", _DOLLAR), start + 1, 2, 1, given=given), _of_make
            )
            yield replace(made, text=made.text.replace(_DOLLAR, "$"))


def _set_by_make(text: str) -> Mapping[str, str]:
    """Return the variables of a makefile that it sets exactly once, to a literal text."""
    if re.search(_SETS_OTHERS, text, flags=re.MULTILINE) is not None:
        return {}
    names = Counter(found[1] for found in _SETS.finditer(text))
    said = {
        found[1]: found[2].partition("#")[0].strip() for found in re.finditer(_SETS_SURELY, text, flags=re.MULTILINE)
    }
    return {name: value for name, value in said.items() if names[name] == 1 and "$" not in value}


_SETS = re.compile(r"(?<![\w$({])([A-Za-z_]\w*)[ \t]*(?:[:+?!]|::|:::)?=")
_SETS_SURELY = r"^(?:export[ \t]+|override[ \t]+)?([A-Za-z_]\w*)[ \t]*(?:|:|::|:::)=[ \t]*(.*[^\\\n])$"
_SETS_OTHERS = r"^[ \t]*(?:-?include|sinclude|define|undefine)\b|\$[({](?:eval|call)\b"
"""What sets variables of a makefile: any, for certain, and by other means."""

_DOLLAR = "\uf8ff"
"""Represents the shell's `$` while expressions of make are searched."""


def part_of(file: File, text: str, at: Place) -> Fragment:
    """Return the shell code in a word of a script, at one place."""
    return _mark_expressions(Fragment(file, text, at.line, at.column))


def inside(file: File, node: Node, given: Mapping[str, str]) -> Fragment:
    """Return the shell code in a text of a data file. `given`: the variables that the file sets for it."""
    text = node.text or ""
    if not node.block:
        return _mark_expressions(Fragment(file, text, node.line, node.column, given=given))
    lines = file.text.split("\n")[node.line :]
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip())
    return _mark_expressions(Fragment(file, text, node.line + 1, indent + 1, indent, given=given))


def set_around(node: Node, given: Mapping[str, str], text: str) -> Mapping[str, str]:
    """Return the variables that a part of a workflow or a pipeline sets for the scripts in it, with those around it.

    `text`: that of the file. A variable that something else in the file may set is left out.
    """
    own = {name: value.text or "" for environment in _ENVIRONMENTS for name, value in node.find(environment).fields}
    if not own or re.search(_SETS_ELSEWHERE, text, flags=re.MULTILINE) is not None:
        return given
    literal = {name: value for name, value in own.items() if value != "" and "$" not in value}
    kept = {name: value for name, value in literal.items() if not re.search(rf"(?<![\w-]){re.escape(name)}=", text)}
    if node.get("variables") is not None:
        times = {name: len(re.findall(rf"(?<![\w-]){re.escape(name)}[\"']?\s*:", text)) for name in kept}
        kept = {name: value for name, value in kept.items() if times[name] <= 1}
    return {**{name: value for name, value in given.items() if name not in own}, **kept}


_ENVIRONMENTS = ("env", "variables")
"""The fields of GitHub, GitLab and Azure Pipelines for variables of the scripts inside."""

_SETS_ELSEWHERE = r"GITHUB_ENV|setvariable|\b(?:source|eval|dotenv|extends)\b|^\s*-?\s*\.\s"
"""What may set any variable of a workflow or a pipeline."""
