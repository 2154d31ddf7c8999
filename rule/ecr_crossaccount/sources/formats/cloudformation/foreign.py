"""Variables of the Serverless Framework, which it fills in before CloudFormation reads the template.

https://www.serverless.com/framework/docs/guides/variables
https://www.serverless.com/framework/docs/guides/variables#reference-properties-in-other-files
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import field, replace
from typing import Protocol

from ....documents.json import BadJsonError
from ....documents.pattern import Hole, Holed, Text, text_of
from ....memo import by_value
from ...files.files import file_text
from ...files.values.documents import documents_of, move_places
from ...files.values.nodes import Fields, Node, Stencil, fillings, parts_of, replace_matches, text_in
from ...reading.files import UnreadableError, is_file, list_folder
from ...reading.yaml_events import BadYamlError

_START = re.compile(r"\$\{\s*(?:[a-z][a-zA-Z0-9]*(?:\(|:(?!:))|\$\{)")
"""The beginning of a variable of the framework. `${Name}` and `${AWS::Region}` are CloudFormation's."""
_OF_IAM = re.compile(r"\$\{\s*aws:[A-Z]")
FILE = re.compile(r"file\((.*)\)(?:\s*:\s*(.*))?", re.DOTALL)
"""A source that is a file, perhaps with the address of a value in it."""
_MARKED = r"\$\{\s*(?:self|opt|sls|param|file|env|ssm|cf|s3)[:(]"
_NAMES = r"\b[a-z][a-zA-Z0-9]*:[\w./~-]+"
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
STAGE = "opt:stage"
"""The option for the stage of a deployment."""


def is_marked(text: str) -> bool:
    """Return whether a text has variables of the framework."""
    return re.search(_MARKED, text) is not None


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of the variables in a text, such as `opt:stage`. The user can give their values."""
    return (*dict.fromkeys(re.findall(_NAMES, text)), STAGE) if is_marked(text) else ()


def plain_name(name: str) -> str:
    """Return the name of an input without its default."""
    return name.partition(",")[0]


def alone(text: str) -> str | None:
    """Return the content of a text that is one variable, or None."""
    text = text.strip()
    spans = list(variables_in(text))
    return text[2:-1] if spans == [(0, len(text))] else None


def variables_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each variable of a text begins and ends. Variables inside others are not among them."""
    here = 0
    while found := _START.search(text, here):
        here = found.end()
        if _OF_IAM.match(text, found.start()):
            continue
        end = _end(text, found.start() + 2)
        if end is None:
            return
        here = end
        yield found.start(), end


def _end(text: str, start: int) -> int | None:
    """Return the end of a variable whose content begins at `start`; None if it has none."""
    depth, here = 1, start
    while here < len(text):
        quoted = _QUOTED.match(text, here) if depth == 1 else None
        if quoted:
            here = quoted.end()
            continue
        depth += text.startswith("${", here) - (text[here] == "}")
        here += 1
        if not depth:
            return here
    return None


def sources_of(inner: str) -> Iterator[str]:
    """Yield the sources of a variable, which commas separate."""
    depth, begin, here = 0, 0, 0
    while here < len(inner):
        quoted = _QUOTED.match(inner, here)
        if quoted:
            here = quoted.end()
            continue
        depth += (inner[here] in "({") - (inner[here] in ")}")
        if inner[here] == "," and not depth:
            yield inner[begin:here].strip()
            begin = here + 1
        here += 1
    yield inner[begin:].strip()


def pieces_of(text: Text, separator: str) -> list[Text | Hole]:
    """Return the pieces of a text between separators."""
    pieces: list[list[str | Hole]] = [[]]
    for part in parts_of(text):
        first, *others = part.split(separator) if isinstance(part, str) else (part,)
        pieces[-1].append(first)
        pieces += [[one] for one in others]
    found = [text_of(piece) for piece in pieces]
    return [one.parts[0] if isinstance(one, Holed) and len(one.parts) == 1 else one for one in found]


def member(node: Node, step: str) -> Node | None:
    """Return a field of an object or an item of a list, or None."""
    if step.isdecimal() and node.items:
        return node.items[int(step)] if int(step) < len(node.items) else None
    return node.get(step)


def may_have(node: Node | None, steps: Sequence[Text | Hole]) -> bool:
    """Return whether a value may have something at a path."""
    for step in steps:
        if node is None or not isinstance(step, str) or not isinstance(node.value, (Fields, tuple)):
            return node is not None and (node.text is None or is_marked(node.text) or not isinstance(step, str))
        node = member(node, step)
    return node is not None and node.value is not None


_DATA = (".yml", ".yaml", ".json", ".tfstate")
"""The endings of files that the framework reads as data. It runs programs, and takes other files as text."""
_PROGRAMS = (".js", ".cjs", ".mjs", ".ts")


@by_value
class Outer:
    """The whole document that contains a template, and its file.

    `folder`: the folder of the service, which contains the files that variables may name. None if the document is not
    a service. `files`: the files that were read. `followed`: the files that are judged as part of this one.
    """

    root: Node
    file: str
    folder: str | None = None
    files: dict[str, Node | None] = field(default_factory=dict)
    followed: list[str] = field(default_factory=list)

    def path(self, name: str) -> str | None:
        """Return the file with a name, from the folder of the service. None if there is none that may be read."""
        if self.folder is None or "\0" in name:
            return None
        path = os.path.join(self.folder, name)  # noqa: PTH118 - keeps `./a` as the user wrote it
        return path if is_file(path) else None

    def names_in(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder below that of the service. Empty if it cannot be listed."""
        with suppress(OSError, ValueError):
            return () if self.folder is None else list_folder(os.path.join(self.folder, folder))  # noqa: PTH118
        return ()

    def content(self, path: str) -> Node | None:
        """Return the content of a file, or None if it cannot be read as data or text."""
        if path in self.files:
            return self.files[path]
        self.files[path] = None
        if not path.lower().endswith(_PROGRAMS):
            with suppress(UnreadableError, BadJsonError, BadYamlError):
                text = file_text(path)
                roots = documents_of(path, text) if path.lower().endswith(_DATA) else (Node(text),)
                self.files[path] = roots[0] if len(roots) == 1 else None
        return self.files[path]


def program_of(source: str) -> str | None:
    """Return the name of the program that a source runs, or None for another source."""
    found = FILE.fullmatch(source)
    name = found[1].strip().strip("'\"") if found else ""
    return name if name.lower().endswith(_PROGRAMS) else None


_PSEUDO = re.compile(r"#\{AWS::[A-Za-z]+\}")
"""A pseudo parameter in the spelling of a plugin, https://github.com/svdgraaf/serverless-pseudo-parameters."""
_LEFT = re.compile(r"\$\{(?!AWS::|aws:[A-Z])[^{}]*\}")
_LITERAL = r"'([^']*)'|\"([^\"]*)\"|(true|false|[0-9]+(?:\.[0-9]+)?)"
_TRUTH = r"strToBool\(\s*['\"]?(.*?)['\"]?\s*\)"

_MOST = 1_000
"""The most variables that are filled in for one value."""

_DEEPEST = 10
"""The deepest nesting of variables in variables or in their values."""

_LONGEST = 10_240
"""The longest text, and the longest value in it, in characters. It is the limit of ECR for a policy."""

_KNOWN = {"aws:accountId": "AWS::AccountId", "aws:region": "AWS::Region"}
_RESOURCES = "Resources"
"""The part of a file that contains everything that is judged in it."""


class World(Protocol):
    """What variables are filled in with: the inputs of a deployment in one world."""

    def input_value(self, name: str, default: Node | None) -> Node:
        """Return the value of an input such as an option, a hole if it is unknown."""

    def select_name(self, key: Holed | Hole, names: Sequence[str], *, others: bool) -> str | None:
        """Return the name that an unknown key is, or None if that is open.

        `others`: whether it may be none of the names. Then the result may be "".
        """

    def pseudo(self, name: str) -> Node | None:
        """Return the value of a pseudo parameter."""

    def as_key(self) -> AbstractContextManager[None]:
        """Take inputs as unknown inside the context, because a key may be each of the names that exist."""


@by_value
class Found:
    """The value of a variable. `file`: the file that contains it. `is_whole`: whether nothing else there is judged."""

    value: Node
    file: str
    is_whole: bool = False


class Variables:
    """The variables of one document in one world."""

    def __init__(self, outer: Outer, world: World) -> None:
        self._outer = outer
        self._world = world
        self._asking: set[str] = set()
        self._left = _MOST

    def whole(self, text: str) -> Found | None:
        """Return the value of a text that is one variable. None for another text, and if there is no value."""
        inner = alone(text)
        if inner is None:
            return None
        self._left = _MOST
        return self._value(inner, 0)

    def filled_in(self, text: Text) -> Text:
        """Return a text with the values of its variables. Unknown ones become holes."""
        found = self.in_sub(text)
        if "{" not in str(found):
            return found
        found = replace_matches(
            found, _PSEUDO, lambda name: text_in(self._world.pseudo(name.strip("#{}"))) or Hole(name)
        )
        return replace_matches(found, _LEFT, lambda name: Hole(name.strip("${}")))

    def in_sub(self, text: Text, depth: int = 0) -> Text:
        """Return the text of a Fn::Sub with the values of its variables. Names of CloudFormation stay."""
        if len(str(text)) > _LONGEST or "${" not in str(text):
            return text
        if not depth:
            self._left = _MOST
        stencil = Stencil(text)
        parts: list[str | Hole] = []
        end = 0
        for start, stop in variables_in(stencil.text):
            parts += parts_of(stencil.restore_holes(stencil.text[end:start]))
            parts += self._put_in(stencil, stencil.text[start + 2 : stop - 1], depth)
            end = stop
        return text_of([*parts, *parts_of(stencil.restore_holes(stencil.text[end:]))])

    def _put_in(self, stencil: Stencil, inner: str, depth: int) -> tuple[str | Hole, ...]:
        if any(mark in inner for mark in stencil.marks):
            return (Hole(str(stencil.restore_holes(inner))),)
        found = self._value(inner, depth)
        value = None if found is None else text_in(found.value)
        return (Hole(inner.strip()),) if value is None or len(str(value)) > _LONGEST else parts_of(value)

    def _value(self, inner: str, depth: int) -> Found | None:
        """Return the value of a variable: that of the first of its sources that has one."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0 or inner in self._asking:
            return self._unknown(inner)
        self._asking.add(inner)
        try:
            return self._first(list(sources_of(inner)), depth)
        finally:
            self._asking.discard(inner)

    def _first(self, sources: Sequence[str], depth: int) -> Found | None:
        for number, source in enumerate(sources):
            kind, _, name = source.partition(":")
            rest = sources[number + 1 :]
            if kind in ("opt", "sls", "param"):
                return self._input(kind, name.strip(), rest, depth)
            found = self._of_source(source, depth, others=bool(rest))
            if found is not None and found.value.value is not None:
                return found
        return None

    def _of_source(self, source: str, depth: int, *, others: bool) -> Found | None:
        """Return the value of a source, or None if the next source applies. `others`: whether there is one."""
        literal = re.fullmatch(_LITERAL, source) or re.fullmatch(_TRUTH, source, flags=re.DOTALL)
        file, inner = FILE.fullmatch(source), alone(source)
        if inner is not None:
            return self._value(inner, depth + 1)
        if source.startswith("self:"):
            return self._follow_path(self._value_here(self._outer.root), source[len("self:") :], depth, others=others)
        if file:
            return self._file(source, file, depth, others=others)
        if literal:
            return self._value_here(Node(self.in_sub(literal[literal.lastindex or 0], depth + 1)))
        known = self._world.pseudo(_KNOWN[source]) if source in _KNOWN else self._world.input_value(source, None)
        return None if known is None or source == "null" else self._value_here(known)

    def _value_here(self, value: Node) -> Found:
        return Found(value, self._outer.file)

    def _unknown(self, name: str) -> Found:
        return self._value_here(Node(Hole(name.strip())))

    # --- inputs of the deployment ---

    def _input(self, kind: str, name: str, rest: Sequence[str], depth: int) -> Found:
        """Return the value of an option, of the stage, or of a parameter. The next sources are its default."""
        if kind == "sls":
            return self._stage(depth) if name == "stage" else self._unknown(f"{kind}:{name}")
        default = self._parameter(name, depth) if kind == "param" else None
        default = self._first(rest, depth) if default is None else default
        if f"{kind}:{name}" == STAGE and _text(default) in (None, _text(self._default_stage(depth))):
            return self._stage(depth, default)
        value = None if default is None or isinstance(default.value.value, Hole) else default.value
        # Two defaults of one option are two inputs: if it is not given, they differ.
        differs = kind == "opt" and value is not None and _text(default) is not None
        called = f"{kind}:{name}, '{_text(default)}'" if differs else f"{kind}:{name}"
        found = self._world.input_value(called, value)
        return default if default is not None and found is value else self._value_here(found)

    def _stage(self, depth: int, default: Found | None = None) -> Found:
        default = self._default_stage(depth) if default is None else default
        known = isinstance(default.value.value, str)
        return self._value_here(self._world.input_value(STAGE, default.value if known else None))

    def _default_stage(self, depth: int) -> Found:
        """Return the stage if no option gives it."""
        text = self._outer.root.find("provider", "stage").text
        inner = None if text is None else alone(text)
        if inner is None:
            return self._value_here(Node(text or "dev"))
        sources = [source for source in sources_of(inner) if source not in ("opt:stage", "sls:stage")]
        return self._first(sources, depth + 1) or self._value_here(Node("dev"))

    def _parameter(self, name: str, depth: int) -> Found | None:
        """Return a parameter of the service: that of the stage, or the default one."""
        by_stage = {stage: value for stage, value in self._parameters(name) if value.value is not None}
        default = by_stage.pop("default", None)
        with self._world.as_key():
            stage = text_in(self._stage(depth).value)
        key = stage
        if isinstance(stage, Hole | Holed):
            key = self._world.select_name(stage, tuple(by_stage), others=True)
            if key is None and by_stage:
                return self._unknown(f"param:{name}")
        value = by_stage.get(str(key), default)
        return None if value is None else self._expand_variable(self._value_here(value), depth)

    def _parameters(self, name: str) -> Iterator[tuple[str, Node]]:
        """Yield a parameter in each stage, as `params` or `stages` of the service have it."""
        root = self._outer.root
        for stage, one in root.find("params").fields:
            yield stage, self._expand_variable(self._value_here(one), 0).value.find(name)
        yield from ((stage, one.find("params", name)) for stage, one in root.find("stages").fields)

    # --- values in documents ---

    def _expand_variable(self, found: Found, depth: int) -> Found:
        """Return the value behind a value that is one variable."""
        text = found.value.text
        if text is None:
            return found
        inner = alone(text)
        if inner is None:
            return Found(found.value.but(self.in_sub(text, depth + 1)), found.file)
        return self._value(inner, depth + 1) or self._unknown(inner)

    def _follow_path(self, found: Found, path: str, depth: int, *, others: bool) -> Found | None:
        """Return the value at a path of names and list indexes with dots, or None."""
        with self._world.as_key():
            pieces = pieces_of(self.in_sub(path.strip(), depth + 1), ".")
        steps = [piece.strip() if isinstance(piece, str) else piece for piece in pieces]
        for number, step in enumerate(steps):
            found = self._expand_variable(found, depth)
            node = found.value
            if isinstance(node.value, Hole):
                return found
            name: str | None = step if isinstance(step, str) else None
            if name is None and not isinstance(step, str):
                left = steps[number + 1 :]
                members = (*node.fields, *((str(index), item) for index, item in enumerate(node.items)))
                names = [one for one, value in members if others or may_have(value, left)]
                if not number or not names:
                    return self._unknown(f"self:{path}")
                name = self._world.select_name(step, names, others=others)
                if name is None:
                    return self._unknown(f"self:{path}")
            following = member(node, str(name))
            if following is None:
                return None
            found = Found(following, found.file)
        return self._expand_variable(found, depth)

    # --- files ---

    def _file(self, source: str, parts: re.Match[str], depth: int, *, others: bool) -> Found | None:
        """Return the value of `file(PATH):ADDRESS`."""
        with self._world.as_key():
            path = self.in_sub(parts[1].strip().strip("'\""), depth + 1)
        name = self._path(path, others=others)
        # A file that is not here may be there when the service is deployed.
        root = None if name is None else self._outer.content(name)
        if root is None or name is None:
            return self._unknown(source)
        if not parts[2]:
            return Found(root, name, is_whole=True)
        found = self._follow_path(Found(root, name), parts[2], depth, others=others)
        return found and replace(found, is_whole=parts[2].strip() == _RESOURCES)

    def _path(self, path: Text, *, others: bool) -> str | None:
        """Return the file that a path names. A path that is partly unknown is one of the files that exist."""
        if isinstance(path, str):
            return self._outer.path(path)
        *above, last = pieces_of(path, "/")
        if isinstance(last, str) or not all(isinstance(one, str) for one in above):
            return None
        names = self._outer.names_in("/".join(map(str, above)))
        chosen = self._world.select_name(last, names, others=others) if fillings(last, names) else None
        return self._outer.path("/".join((*map(str, above), chosen))) if chosen else None


def place_value(found: Found, at: Node, file: str) -> Node:
    """Return a value at the place of its variable in `file`, unless it is in that file itself."""
    return found.value if found.file == file else move_places(found.value, at)


def _text(found: Found | None) -> Text | Hole | None:
    return None if found is None else text_in(found.value)
