"""The words of a command, in parts with places: variables of the script, and files whose content it passes.

A variable is known if it is set once, on every path to its use. A file is beside the script, in the working folder, or
written by the script.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from ....documents.pattern import Hole, Text, text_of
from ....memo import by_value
from ...files.files import file_text
from ...files.values.documents import variables
from ...files.values.nodes import Place, parts_of
from ...files.values.partial import Prose
from ...reading.files import UnreadableError, is_file

if TYPE_CHECKING:
    from tree_sitter import Node


_ASSIGNS = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?\+?=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOREIGN = frozenset({"source", ".", "eval"})
"""Commands that may set any variable. A reference, `declare -n`, may do so too."""

_SETTERS = frozenset({"read", "mapfile", "readarray", "printf", "getopts", "unset"})
_PREFIXES = frozenset({"builtin", "command"})
"""Words before the command that is run."""

_BRANCHES = frozenset({"elif_clause", "else_clause"})
_BLOCKS = _BRANCHES | {"program", "compound_statement", "do_group", "if_statement", "case_item"}
"""Blocks that run from beginning to end, except for their branches."""

_LOOPS = frozenset({"for_statement", "c_style_for_statement", "while_statement", "select_statement"})


class Variables:
    """The places where each variable of a script is set."""

    def __init__(self, nodes: Sequence[Node], data: bytes) -> None:
        self._data = data
        self._values: dict[str, list[Node | None]] = {}
        self._places: dict[str, list[Node]] = {}
        self._foreign: list[Node] = []
        for node in nodes:
            for name, value in self._set_by(node):
                self._values.setdefault(name, []).append(value)
                self._places.setdefault(name, []).append(node)

    def value(self, name: str, use: Node) -> Node | None:
        """Return the node with the value of a variable where it is used; None if it cannot be determined."""
        values = self._values.get(name, [])
        value = values[0] if len(values) == 1 else None
        if value is None or value.end_byte > use.start_byte or not is_passed(value, use):
            return None
        foreign = any(value.end_byte < place.start_byte < use.start_byte for place in self._foreign)
        return None if foreign else value

    def is_set(self, name: str, use: Node) -> bool:
        """Return whether the script may set a variable."""
        return name in self._values or any(place.start_byte < use.start_byte for place in self._foreign)

    def is_same(self, name: str, first: Node, use: Node) -> bool:
        """Return whether a variable, known or not, has the same value in `first` and at `use`."""
        return not any(may_run_between(one, first, use) for one in (*self._places.get(name, ()), *self._foreign))

    def _raw(self, node: Node) -> str:
        return self._data[node.start_byte : node.end_byte].decode(errors="replace")

    def _set_by(self, node: Node) -> Iterator[tuple[str, Node | None]]:
        """Yield the variables that a node sets, with the node of the value, or None if it is unknown."""
        match node.type:
            case "variable_assignment":
                yield self._assignment(node)
            case "for_statement" | "select_statement":
                variable = node.child_by_field_name("variable")
                yield self._raw(variable) if variable is not None else "", None
            case "command":
                yield from self._by_command(node)
            case "declaration_command":
                if any(self._raw(child).startswith("-") and "n" in self._raw(child) for child in node.named_children):
                    self._foreign.append(node)
            case "unset_command":
                yield from ((name, None) for name in _NAME.findall(self._raw(node)))

    def _assignment(self, node: Node) -> tuple[str, Node | None]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        plain = any(child.type == "=" for child in node.children)
        before_command = node.parent is not None and node.parent.type == "command"
        written = "" if name is None else self._raw(name)
        shown = _NAME.match(written)
        whole = shown is not None and shown[0] == written
        return (shown[0] if shown else ""), (value if plain and whole and not before_command else None)

    def _by_command(self, node: Node) -> Iterator[tuple[str, Node | None]]:
        words = [self._raw(child) for child in node.named_children]
        called = [self._raw(child) for child in node.named_children if child.type != "variable_assignment"]
        command, *arguments = [*itertools.dropwhile(_PREFIXES.__contains__, called)] or [""]
        if command in _FOREIGN:
            self._foreign.append(node)
        if command in _SETTERS:
            body = _read_body(node) if command == "read" else None
            names = [word for word in arguments if _NAME.fullmatch(word)]
            yield from ((name, body if names == [name] else None) for name in names)
        yield from ((found[1], None) for word in words for found in [_ASSIGNS.match(word)] if found)


def _read_body(command: Node) -> Node | None:
    around = command.parent.named_children if command.parent is not None else []
    found = [two for node in around if node.type == "heredoc_redirect" for two in node.named_children]
    bodies = [node for node in found if node.type == "heredoc_body"]
    return bodies[0] if len(bodies) == 1 else None


def is_passed(value: Node, use: Node) -> bool:
    """Return whether every path to `use` passes `value`: the block that contains `value` also contains `use`."""
    block = value.parent
    while block is not None and block.type in _PARTS:
        block = block.parent
    last, around = use, use.parent
    while block is not None and around is not None:
        if around.id == block.id:
            return block.type in _BLOCKS and last.type not in _BRANCHES
        last, around = around, around.parent
    return False


def may_run_between(node: Node, first: Node, use: Node) -> bool:
    """Return whether a node may run after `first`, which always runs before `use`, and before `use` itself."""
    if first.end_byte <= node.start_byte < use.start_byte:
        return True
    outer, inner = _function(node), _function(use)
    if inner is not None and _function(first) != inner:
        return True
    if outer is not None and outer != inner:
        return True
    again = (
        ancestor for ancestor in _ancestors(use) if ancestor.type in _LOOPS and ancestor.start_byte > first.start_byte
    )
    return any(one.end_byte >= node.end_byte > use.end_byte for one in again)


def _ancestors(node: Node) -> Iterator[Node]:
    around = node.parent
    while around is not None:
        yield around
        around = around.parent


def _function(node: Node) -> Node | None:
    return next((ancestor for ancestor in _ancestors(node) if ancestor.type == "function_definition"), None)


_PARTS = frozenset(
    {"variable_assignment", "variable_assignments", "declaration_command", "heredoc_redirect", "redirected_statement"}
)
"""Nodes around an assignment that do not make it conditional."""


Part = tuple[str | Hole, Place | None]
Parts = tuple[Part, ...]


@by_value
class Word:
    """A word of a command, as its parts with their places. `source`: as it is written. `byte`: where it begins."""

    parts: Parts
    at: Place
    source: str = ""
    byte: int = 0

    @property
    def value(self) -> Text:
        """The word as a text with holes."""
        return text_of(part for part, _ in self.parts)

    @property
    def text(self) -> str | None:
        """The word, or None if a part of it is unknown."""
        return self.value if isinstance(self.value, str) else None

    @property
    def is_hole(self) -> bool:
        """Whether the whole word is unknown."""
        return len(self.parts) == 1 and isinstance(self.parts[0][0], Hole)

    @property
    def start(self) -> str:
        """The beginning of the word, as far as it is known."""
        first = self.parts[0][0] if self.parts else ""
        return first if isinstance(first, str) else ""

    @property
    def prose(self) -> Prose:
        """The word as a text in which each part has its place."""
        return Prose(self.parts)

    def drop_start(self, length: int) -> Word:
        """Return the word without its first `length` characters, which are known."""
        (first, place), *rest = self.parts
        at = self.at if place is None else Place(place.file, place.line, place.column + length)
        kept = first[length:] if isinstance(first, str) else first
        return Word((*(((kept, at),) if kept else ()), *rest), at, self.source, self.byte)

    def __str__(self) -> str:
        return "".join(str(part) for part, _ in self.parts)


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
_EXPANSION = r"\$\{[^}]*\}|\$\w+|\$\$"
_CHANGES = re.compile(r"\$[({]?[0-9@*#?!(-]|`|\$\{?(?:RANDOM|SECONDS|LINENO|SRANDOM|EPOCH\w*)\b")
"""Expansions that may have another value each time."""
_SHORTEST = 4
"""The fewest literal characters of a name that identify a file."""


@by_value
class Name:
    """The name of a file: as it is written, without quotes, and its text if it is known."""

    source: str
    text: str | None

    @staticmethod
    def from_word(word: Word, text: str | None) -> Name:
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
        literal = max(re.split(_EXPANSION, last), key=len)
        if len(literal) >= _SHORTEST or "$" not in last:
            yield rf"(?<![\w.-]){re.escape(literal)}" if last.startswith(literal) else re.escape(literal)
        else:
            yield from (rf"\$\{{?{name}\b" for name in _VARIABLE.findall(last) or ["?"])
        if self.base != last:
            yield rf"(?<![\w.-]){re.escape(self.base)}"


@by_value
class Write:
    """A statement that writes a whole file. `span`: the characters of its name in the script."""

    node: Node
    name: Name
    span: tuple[int, int]
    content: Parts


@by_value
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
        text, beside = _file_name(word)
        name = Name.from_word(word, text)
        writes = [write for write in self.writes if write.name.is_same(name)]
        if self._is_changed([name, *(write.name for write in writes)], writes):
            return None
        if writes:
            return self._last_content(writes, name, word.byte)
        paths = {os.path.realpath(path): path for path in self._paths(text, beside=beside)} if text else {}
        return self._read(next(iter(paths.values()))) if len(paths) == 1 else None

    def _last_content(self, writes: list[Write], name: Name, byte: int) -> Parts | None:
        """Return what the last statement wrote that certainly ran before a use of the file."""
        use = self.at(byte)
        if use is None or self.variables is None:
            return None
        passed = [write for write in writes if write.node.end_byte <= use.start_byte and is_passed(write.node, use)]
        if not passed:
            return None
        last = passed[-1]
        others = any(may_run_between(write.node, last.node, use) for write in writes if write is not last)
        same = all(
            self.variables.is_same(variable, last.node, use) for variable in (*name.variables, *last.name.variables)
        )
        return last.content if same and not others else None

    def _is_changed(self, names: list[Name], writes: list[Write]) -> bool:
        """Return whether anything but the statements of `writes` may change a file."""
        given = [
            one for one, value in self.given.items() if any(f"/{value}".endswith(f"/{name.base}") for name in names)
        ]
        around = [rf"\$[({{]*\s*(?:env\.)?{re.escape(one)}\b" for one in given]
        signs = "|".join(dict.fromkeys([*around, *(sign for name in names for sign in name.signs)]))
        assigned = "|".join(dict.fromkeys([*given, *(one for name in names for one in _VARIABLE.findall(name.source))]))
        sets = re.compile(rf"(?<!\w)(?:{assigned})['\"]?\s*(?::|:*=)\s*['\"]?[^\s'\"]*\Z") if assigned else None
        here, whole = (list(_mentions(text, re.compile(signs), sets)) for text in (self.text, self.around))
        changes = [
            number
            for number in here
            if not any(start <= number < end for start, end in (write.span for write in writes))
        ]
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


def _file_name(word: Word) -> tuple[str | None, bool]:
    """Return the name of the file that a word names, and whether it is relative to the folder of the script."""
    (first, _), *rest = word.parts or (("", None),)
    if isinstance(first, Hole) and (first == SCRIPT_FOLDER or first.name in _WORKING_FOLDER):
        text = Word(tuple(rest), word.at).text
        known = text is not None and text.startswith("/")
        return (f".{text}" if known else None), first == SCRIPT_FOLDER
    return word.text, False


def read_in(word: Word, sources: Sources) -> Word | None:
    """Return a word, or the content of the file for `file://NAME`. None if it cannot be determined."""
    found = _FILE.match(word.start)
    if found is None:
        return None if word.start.startswith(("http://", "https://")) else word
    parts = sources.content(word.drop_start(found.end()))
    return Word(parts, next((at for _, at in parts if at is not None), word.at)) if parts else None
