"""Files whose content a script passes to a command: beside it, in the working folder, or written by the script."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ....documents.holes import Hole
from ...files.files import file_text
from ...files.values.nodes import Place, parts_of
from ...files.values.templated import variables
from ...reading.files import UnreadableError, is_file
from .variables import Variables, is_passed, may_run_between
from .words import Parts, Word

if TYPE_CHECKING:
    from tree_sitter import Node

SCRIPT_FOLDER = Hole("the folder of the script")
"""The value of `$(dirname "$0")` and similar expressions."""
_WORKING_FOLDER = frozenset({"PWD", "$(pwd)"})

_FILE = re.compile(r"fileb?://")
_HARMLESS = re.compile(
    r"""(?:fileb?://|(?<![\w-])cat\s+|<\s*|(?<![\w-])test\s+-[a-z]\s+|\[\s+(?:!\s+)?-[a-z]\s+)
        ['"]?(?:\$\([^()]*(?:\([^()]*\)[^()]*)?\)|[^\s'"()])*['"]?\Z
    | (?<![\w-])(?:rm|ls|chmod|echo|printf)\s[^;|&>]*\Z | \A\s*\#.*\Z""",
    re.VERBOSE,
)
"""The text in a line before the name of a file that a script does not change: it reads, removes or only names it."""
_LONGEST_LINE = 1000

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_EXPANSION = re.compile(r"\$\{[^}]*\}|\$\w+|\$\$")
_CHANGES = re.compile(r"\$[({]?[0-9@*#?!(-]|`|\$\{?(?:RANDOM|SECONDS|LINENO|SRANDOM|EPOCH\w*)\b")
"""Expansions that may have another value each time."""
_SHORTEST = 4
"""The fewest literal characters of a name that identify a file."""


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a file: as it is written, without quotes, and its text if it is known."""

    source: str
    text: str | None

    @staticmethod
    def of(word: Word, text: str | None) -> Name:
        """Return the name that a word gives. `text`: the known name."""
        source = re.sub(r"\$\{(\w+)\}", r"$\1", re.sub("[\"']", "", word.source))
        return Name(_FILE.sub("", source), None if text is None else os.path.normpath(text))

    def is_same(self, other: Name) -> bool:
        """Return whether two names are one, as long as the variables in them do not change."""
        if self.text is not None and other.text is not None:
            return self.text == other.text
        return (
            "$" in self.source
            and self.source == other.source
            and _CHANGES.search(self.source.replace("$$", "")) is None
        )

    @property
    def variables(self) -> list[str]:
        """The variables in the name, if it is not known."""
        return _VARIABLE.findall(self.source) if self.text is None else []

    @property
    def base(self) -> str:
        """The name in its folder, if it is known, or as it is written."""
        return (self.text or self.source).rpartition("/")[2]

    @property
    def signs(self) -> Iterator[str]:
        """The patterns of every text that may mean the file: the longest literal part of its name, or its variables."""
        last = self.source.rpartition("/")[2]
        literal = max(_EXPANSION.split(last), key=len)
        if len(literal) >= _SHORTEST or "$" not in last:
            yield rf"(?<![\w.-]){re.escape(literal)}" if last.startswith(literal) else re.escape(literal)
        else:
            yield from (rf"\$\{{?{name}\b" for name in _VARIABLE.findall(last) or ["?"])
        if self.base != last:
            yield rf"(?<![\w.-]){re.escape(self.base)}"


@dataclass(frozen=True, slots=True)
class Write:
    """A statement that writes a whole file. `span`: the characters of its name in the script."""

    node: Node
    name: Name
    span: tuple[int, int]
    content: Parts


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a script. `text`: the script, in a file with the text `around`.

    `writes`: what it writes. `at`: returns the node at a byte. `variables`: those of the script. `given`: those that
    the file sets. `followed`: the files that were read.
    """

    script: str
    text: str
    around: str
    writes: list[Write] = field(default_factory=list)
    at: Callable[[int], Node | None] = lambda _: None
    variables: Variables | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    followed: list[str] = field(default_factory=list)

    def content(self, word: Word) -> Parts | None:
        """Return the content of the file that a word names; None if it cannot be determined."""
        text, beside = _known(word)
        name = Name.of(word, text)
        writes = [one for one in self.writes if one.name.is_same(name)]
        if self._is_changed([name, *(one.name for one in writes)], writes):
            return None
        if writes:
            return self._written(writes, name, word.byte)
        paths = {os.path.realpath(path): path for path in self._paths(text, beside=beside)} if text else {}
        return self._read(next(iter(paths.values()))) if len(paths) == 1 else None

    def _written(self, writes: list[Write], name: Name, byte: int) -> Parts | None:
        """Return what the last statement wrote that certainly ran before a use of the file."""
        use = self.at(byte)
        before = [one for one in writes if use is not None and one.node.end_byte <= use.start_byte]
        passed = [one for one in before if use is not None and is_passed(one.node, use)]
        if use is None or self.variables is None or not passed:
            return None
        last = passed[-1]
        others = any(may_run_between(one.node, last.node, use) for one in writes if one is not last)
        same = all(self.variables.is_same(one, last.node, use) for one in (*name.variables, *last.name.variables))
        return last.content if same and not others else None

    def _is_changed(self, names: list[Name], writes: list[Write]) -> bool:
        """Return whether anything but the statements of `writes` may change a file."""
        given = [
            one for one, value in self.given.items() if any(f"/{value}".endswith(f"/{name.base}") for name in names)
        ]
        around = [rf"\$[({{]*\s*(?:env\.)?{re.escape(one)}\b" for one in given]
        signs = "|".join(dict.fromkeys([*around, *(one for name in names for one in name.signs)]))
        assigned = "|".join(dict.fromkeys([*given, *(one for name in names for one in _VARIABLE.findall(name.source))]))
        sets = re.compile(rf"(?<!\w)(?:{assigned})['\"]?\s*(?::|:*=)\s*['\"]?[^\s'\"]*\Z") if assigned else None
        here, whole = (list(_mentions(text, re.compile(signs), sets)) for text in (self.text, self.around))
        changes = [one for one in here if not any(start <= one < end for start, end in (one.span for one in writes))]
        return bool(changes) or len(whole) > len(here)

    def _paths(self, name: str, *, beside: bool) -> Iterator[str]:
        """Yield where a file may be: beside the script, or below the working folder."""
        # An absolute path is one of the machine that runs the script.
        if Path(name).is_absolute():
            return
        near = os.path.join(os.path.dirname(self.script), name)  # noqa: PTH118, PTH120 - keeps `./a` as the user wrote it
        for path in (near,) if beside else (near, name):
            if is_file(path):
                yield path

    def _read(self, path: str) -> Parts | None:
        try:
            text = file_text(path)
        except UnreadableError:
            return None
        self.followed.append(path)
        value = variables(text)
        return ((text, Place(path)),) if isinstance(value, str) else tuple((part, None) for part in parts_of(value))


def _mentions(text: str, signs: re.Pattern[str], given: re.Pattern[str] | None) -> Iterator[int]:
    """Yield where a text names a file and may change it."""
    for found in signs.finditer(text):
        begins = text.rfind("\n", 0, found.start()) + 1
        line = text[max(begins, found.start() - _LONGEST_LINE) : found.start()]
        if not _HARMLESS.search(line) and (given is None or not given.search(line)):
            yield found.start()


def _known(word: Word) -> tuple[str | None, bool]:
    """Return the name of the file that a word names, and whether it is relative to the folder of the script."""
    (first, _), *rest = word.parts or (("", None),)
    if isinstance(first, Hole) and rest and (first == SCRIPT_FOLDER or first.name in _WORKING_FOLDER):
        text = Word(tuple(rest), word.at).text
        known = text is not None and text.startswith("/")
        return (f".{text}" if known else None), first == SCRIPT_FOLDER
    return word.text, False


def read_in(word: Word, sources: Sources) -> Word | None:
    """Return a word, or the content of the file for `file://NAME`. None if it cannot be determined."""
    found = _FILE.match(word.start)
    if found is None:
        return None if word.start.startswith(("http://", "https://")) else word
    parts = sources.content(word.after(found.end()))
    return Word(parts, next((at for _, at in parts if at is not None), word.at)) if parts else None
