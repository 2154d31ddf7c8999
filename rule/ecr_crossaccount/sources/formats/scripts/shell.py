"""Shell scripts: their commands, and the expanded words, as far as the script itself determines them.

They are parsed by tree-sitter with its grammar of bash, https://github.com/tree-sitter/tree-sitter-bash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from ....documents.pattern import Hole
from ....errors import InputError
from ....memo import by_value
from ...files.files import parse_syntax
from ...files.values.documents import name_of
from ...files.values.nodes import Lines, Place
from .fragments import Fragment
from .words import SCRIPT_FOLDER, Name, Part, Parts, Sources, Variables, Word, Write

_PARSER = Parser(Language(tree_sitter_bash.language()))
_LONGEST = 20_480
"""The longest value of a variable, in characters and holes. ECR takes policies of 10,240."""

_MOST_NODES = 100_000
"""The most parts of a script. A script of 5,000 lines has about 50,000."""

_WORDS = frozenset({"word", "string", "raw_string", "ansi_c_string", "concatenation", "number", "simple_expansion"})
_WORDS |= {"expansion", "command_substitution", "translated_string", "brace_expression", "arithmetic_expansion"}
_PUT_IN = frozenset({"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"})
_ESCAPED = {
    "word": re.compile(r"\\(.)", re.DOTALL),
    "number": re.compile(r"\\(.)", re.DOTALL),
    "string": re.compile(r"\\([$`\"\\\n])"),
    "heredoc_body": re.compile(r"\\([$`\\\n])"),
}
_LEFT = re.compile(r"\\.|\$(?:[A-Za-z_]\w*|[0-9@*#?$!-]|\{[^}]*\}|\([^)]*\))|`[^`]*`", re.DOTALL)
"""An expansion that the grammar does not find, such as `$1` after another one in a heredoc; and what escapes one."""
_C_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"'}
_READ_FILE = 2
"""The number of words in `cat FILE`."""
_WITH_FORMAT = 2
_WRITES = re.compile(r"1?>(?![>&])|2>")
_ASIDE = re.compile(r"2>|1?>\s*/dev/null\b")

_THIS = r"""["']?(?:\$0|\$\{0\}|\$\{?BASH_SOURCE(?:\[0\])?\}?)["']?"""
_THIS_FILE = rf"(?:{_THIS}|[\"']?\$\((?:readlink\s+-f|realpath)\s+{_THIS}\)[\"']?)"
_ITS_FOLDER = rf"[\"']?\$\(\s*dirname\s+(?:--\s+)?{_THIS_FILE}\s*\)[\"']?"
_BESIDE = re.compile(
    rf"{_ITS_FOLDER}|\$\{{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}}"
    rf"|\$\(\s*cd\s+(?:-P\s+|--\s+)?{_ITS_FOLDER}\s*(?:&?>\s*/dev/null(?:\s+2>&1)?\s*)?(?:&&|;)\s*pwd(?:\s+-P)?\s*\)"
)
"""An expansion whose value is the folder of the script."""


@by_value
class Command:
    """A command. `broken`: whether the grammar could not parse part of it. `start` and `end`: its bytes."""

    words: tuple[Word, ...]
    broken: bool
    start: int
    end: int


class TooLongError(InputError):
    """A script with too many parts to be read."""


class Script:
    """A script with its variables. Raises TooLongError."""

    def __init__(self, fragment: Fragment) -> None:
        self.data = fragment.text.encode()
        self._fragment = fragment
        self._lines = Lines(self.data)
        root = parse_syntax(_PARSER, self.data)
        if root is None:
            raise TooLongError
        self._nodes = list(islice(_walk(root), _MOST_NODES + 1))
        if len(self._nodes) > _MOST_NODES:
            raise TooLongError
        self._variables = Variables(self._nodes, self.data)
        self._known: dict[int, Parts] = {}
        self.sources = Sources(
            fragment.file.name,
            fragment.text,
            fragment.file.text,
            at=lambda byte: root.descendant_for_byte_range(byte, byte),
            variables=self._variables,
            given=fragment.given,
        )
        self.sources.writes.extend(self._find_writes())

    def commands(self) -> Iterator[Command]:
        """Yield the commands, at any depth."""
        for node in self._nodes:
            if node.type == "command":
                yield Command(tuple(self._words(node)), node.has_error, node.start_byte, node.end_byte)

    def comments(self) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each comment, in bytes."""
        return ((node.start_byte, node.end_byte) for node in self._nodes if node.type == "comment")

    def place(self, offset: int) -> Place:
        """Return the place of a byte."""
        line, column = self._lines.place(offset)
        return self._fragment.place(line - 1, column - 1)

    # --- words ---

    def _words(self, command: Node) -> Iterator[Word]:
        for child in command.named_children:
            if child.type == "command_name" or child.type in _WORDS:
                word = child.named_children[0] if child.type == "command_name" and child.named_children else child
                yield self._word(word)

    def _word(self, node: Node) -> Word:
        return Word(tuple(self._parts(node)), self._node_place(node), self._raw(node), node.start_byte)

    def _raw(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def _node_place(self, node: Node) -> Place:
        return self.place(node.start_byte)

    def _hole(self, node: Node, name: str | None = None) -> Part:
        return Hole(name_of(self._raw(node) if name is None else name)), self._node_place(node)

    def _parts(self, node: Node) -> Iterator[Part]:
        match node.type:
            case "word" | "number" | "string" | "heredoc_body":
                yield from self._parts_in_quotes(node)
            case "raw_string":
                yield from self._literal(node.start_byte + 1, node.end_byte - 1, None)
            case "ansi_c_string":
                yield self._ansi(node)
            case "concatenation":
                for child in node.named_children:
                    yield from self._parts(child)
            case "simple_expansion":
                yield from self._variable(self._raw(node)[1:], node)
            case "expansion" | "command_substitution" if _BESIDE.fullmatch(self._raw(node)):
                yield SCRIPT_FOLDER, self._node_place(node)
            case "expansion":
                yield from self._variable(self._raw(node)[2:-1], node)
            case "command_substitution":
                yield from self._command_output(node) or (self._hole(node),)
            case _:
                yield self._hole(node)

    def _parts_in_quotes(self, node: Node) -> Iterator[Part]:
        """Yield the parts of a text in which a dollar sign and a backslash have a meaning."""
        quotes = 1 if node.type == "string" else 0
        here, end = node.start_byte + quotes, node.end_byte - quotes
        if node.type == "heredoc_body" and self._is_raw(node):
            yield from self._literal(here, end, None)
            return
        for child in node.named_children:
            if child.type in _PUT_IN:
                yield from self._literal(here, child.start_byte, _ESCAPED[node.type])
                yield from self._parts(child)
                here = child.end_byte
        yield from self._literal(here, end, _ESCAPED[node.type])

    def _is_raw(self, body: Node) -> bool:
        """Return whether a heredoc is literal: its delimiter is in quotes."""
        starts = [
            child for child in (body.parent.named_children if body.parent else ()) if child.type == "heredoc_start"
        ]
        return any(quote in self._raw(start) for start in starts for quote in "'\"\\")

    def _literal(self, start: int, end: int, escapes: re.Pattern[str] | None) -> Iterator[Part]:
        """Yield the parts of a literal text: the pieces between escapes, and the escaped characters."""
        text = self.data[start:end].decode(errors="replace")
        here = 0
        if escapes is not None:
            left = (one for one in _LEFT.finditer(text) if not one[0].startswith("\\"))
            expansion = next(left, None)
            if expansion is not None:
                first, after = (len(text[:cut].encode()) for cut in (expansion.start(), expansion.end()))
                yield from self._literal(start, start + first, escapes)
                yield Hole(name_of(expansion[0].strip("${}()`"))), self.place(start + first)
                yield from self._literal(start + after, end, escapes)
                return
        for found in escapes.finditer(text) if escapes is not None else ():
            yield from self._piece(text, start, here, found.start())
            if found[1] != "\n":
                yield from self._piece(text, start, found.start(1), found.end())
            here = found.end()
        yield from self._piece(text, start, here, len(text))

    def _piece(self, text: str, start: int, begin: int, end: int) -> Iterator[Part]:
        """Yield the parts of a piece of the text that begins at the byte `start`."""
        for offset, part in self._fragment.pieces(text[begin:end]):
            if part != "":
                yield part, self.place(start + len(text[: begin + offset].encode()))

    def _ansi(self, node: Node) -> Part:
        """Return a text of `$'…'`, or a hole if it has unsupported escapes."""
        text = self._raw(node)[2:-1]
        if re.search(r"\\(?![nt\\'\"])", re.sub(r"\\\\", "", text)):
            return self._hole(node)
        return re.sub(r"\\(.)", lambda found: _C_ESCAPES[found[1]], text), self._node_place(node)

    # --- expansions ---

    def _variable(self, name: str, use: Node) -> Parts:
        """Return the value of a variable at the place where it is used."""
        value = self._variables.value(name, use)
        given = self._fragment.given.get(name)
        if given is not None and not self._variables.is_set(name, use):
            self._fragment.used.append(name)
            return ((given, self._node_place(use)),)
        if value is None:
            return (self._hole(use, name),)
        if value.id not in self._known:
            self._known[value.id] = tuple(self._parts(value))
        found = self._known[value.id]
        known = sum(len(part) if isinstance(part, str) else 1 for part, _ in found) <= _LONGEST
        return found if known else (self._hole(use, name),)

    def _command_output(self, node: Node) -> Parts | None:
        """Return the output of `$(cat <<EOF …)`, `$(cat FILE)` and `$(< FILE)`; None for other commands."""
        inner = node.named_children[0] if len(node.named_children) == 1 else None
        if inner is None:
            return None
        if inner.type == "redirected_statement":
            body = heredoc(inner) if self._is_cat(inner.named_children[0]) else None
            return _strip_newlines(tuple(self._parts(body))) if body is not None else None
        if inner.type == "file_redirect" and self._raw(inner).startswith("<"):
            return self.sources.content(self._word(inner.named_children[-1]))
        words = list(self._words(inner)) if inner.type == "command" else []
        reads = len(words) == _READ_FILE and words[0].text == "cat"
        return self.sources.content(words[1]) if reads else None

    def _is_cat(self, command: Node) -> bool:
        return command.type == "command" and [word.text for word in self._words(command)] == ["cat"]

    def _find_writes(self) -> Iterator[Write]:
        """Yield the statements that write a whole file whose content is in the script."""
        for node in self._nodes:
            found = self._write(node) if node.type == "redirected_statement" else None
            if found is not None:
                target, content = found
                word = self._word(target)
                start = len(self.data[: target.start_byte].decode(errors="replace"))
                span = (start, start + len(self._raw(target)))
                yield Write(node, Name.from_word(word, word.text), span, content)

    def _write(self, statement: Node) -> tuple[Node, Parts] | None:
        """Return the name of the file that a statement writes, and its content."""
        command, *redirects = statement.named_children
        words = [*self._words(command)] if command.type == "command" else []
        inner = [
            two for redirect in redirects if redirect.type == "heredoc_redirect" for two in redirect.named_children
        ]
        files = [redirect for redirect in (*redirects, *inner) if redirect.type == "file_redirect"]
        targets = [file.named_children[-1] for file in files if not _ASIDE.match(self._raw(file))]
        piped = [node for node in inner if node.type == "pipeline"]
        body = heredoc(statement)
        content: Parts | None = None if body is None else tuple(self._parts(body))
        if piped and self._is_cat(command):
            targets += self._tee_targets(piped[0])
        elif words and words[0].text == "tee":
            targets += self._arguments(command)
        elif body is None:
            content = _echo_output(words)
        elif not self._is_cat(command):
            content = None
        plain = all(_WRITES.match(self._raw(file)) for file in files)
        return (targets[0], content) if content is not None and len(targets) == 1 and plain else None

    def _tee_targets(self, pipeline: Node) -> Iterator[Node]:
        """Yield the names of the files that `| tee FILE` writes."""
        commands = [node for node in _walk(pipeline) if node.type == "command"]
        for command in commands:
            names = [*self._arguments(command)]
            is_tee = len(commands) == 1 and self._raw(command.named_children[0]) == "tee"
            yield from names if is_tee else [*names, *names]

    def _arguments(self, command: Node) -> Iterator[Node]:
        return (child for child in command.named_children if child.type in _WORDS)


def _echo_output(words: list[Word]) -> Parts | None:
    """Return what `echo TEXT` and `printf FORMAT TEXT` print; None for other commands, and for escapes."""
    name, said = (words[0].text, words[1:]) if words else (None, [])
    if name == "echo" and said and said[0].text == "-n":
        said = said[1:]
    if name == "printf" and len(said) == _WITH_FORMAT and said[0].text in ("%s", "%s\\n"):
        said = said[1:]
    elif name != "echo" or (said and said[0].start.startswith("-")):
        return None
    parts: list[Part] = []
    for word in said:
        parts += [*(((" ", None),) if parts else ()), *word.parts]
    escapes = any(isinstance(part, str) and "\\" in part for part, _ in parts)
    return None if escapes or not parts else tuple(parts)


def _walk(root: Node) -> Iterator[Node]:
    """Yield a node and all below it, in order, without recursion."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def heredoc(statement: Node) -> Node | None:
    """Return the body of a statement's heredoc; None unless there is exactly one."""
    redirects = [child for child in statement.named_children if child.type == "heredoc_redirect"]
    bodies = [child for redirect in redirects for child in redirect.named_children if child.type == "heredoc_body"]
    return bodies[0] if len(bodies) == 1 else None


def _strip_newlines(parts: Parts) -> Parts:
    """Return a text without newlines at its end, as `$(…)` gives it."""
    if parts and isinstance(parts[-1][0], str):
        return (*parts[:-1], (parts[-1][0].rstrip("\n"), parts[-1][1]))
    return parts
