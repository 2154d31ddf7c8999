"""Variables of the Serverless Framework, which it fills in before CloudFormation reads the template.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from ....documents.pattern import Hole, Holed, Text
from ....documents.pattern import text_of as joined
from ....memo import by_value
from ...files.values.documents import move_places
from ...files.values.nodes import Node, Stencil, parts_of, replace_matches, text_in
from .conditions import fillings
from .foreign_syntax import (
    FILE,
    STAGE,
    Outer,
    alone,
    may_have,
    member,
    members_of,
    pieces_of,
    sources_of,
    steps_of,
    variables_in,
)

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
        return None if inner is None else self._top(inner)

    def filled_in(self, text: Text) -> Text:
        """Return a text with the values of its variables. Unknown ones become holes."""
        found = self._fill_variables(text, 0)
        if "{" not in str(found):
            return found
        found = replace_matches(
            found, _PSEUDO, lambda name: text_in(self._world.pseudo(name.strip("#{}"))) or Hole(name)
        )
        return replace_matches(found, _LEFT, lambda name: Hole(name.strip("${}")))

    def in_sub(self, text: Text) -> Text:
        """Return the text of a Fn::Sub with the values of its variables. Names of CloudFormation stay."""
        return self._fill_variables(text, 0)

    # --- texts ---

    def _top(self, inner: str) -> Found | None:
        self._left = _MOST
        return self._value(inner, 0)

    def _fill_variables(self, text: Text, depth: int) -> Text:
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
        return joined([*parts, *parts_of(stencil.restore_holes(stencil.text[end:]))])

    def _put_in(self, stencil: Stencil, inner: str, depth: int) -> tuple[str | Hole, ...]:
        if any(mark in inner for mark in stencil.marks):
            return (Hole(str(stencil.restore_holes(inner))),)
        found = self._value(inner, depth)
        value = None if found is None else text_in(found.value)
        return (Hole(inner.strip()),) if value is None or len(str(value)) > _LONGEST else parts_of(value)

    # --- sources ---

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
            if kind in ("opt", "sls", "param") and "(" not in kind:
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
            return self._follow_path(
                Found(self._outer.root, self._outer.file), source[len("self:") :], depth, others=others
            )
        if file:
            return self._file(source, file, depth, others=others)
        if literal:
            text = next(group for group in literal.groups() if group is not None)
            return self._value_here(Node(self._fill_variables(text, depth + 1)))
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
        inner = None if found.value.text is None else alone(found.value.text)
        if inner is None:
            if found.value.text is None:
                return found
            return Found(found.value.but(self._fill_variables(found.value.text, depth + 1)), found.file)
        return self._value(inner, depth + 1) or self._unknown(inner)

    def _follow_path(self, found: Found, path: str, depth: int, *, others: bool) -> Found | None:
        """Return the value at a path of names and list indexes with dots, or None."""
        with self._world.as_key():
            steps = steps_of(self._fill_variables(path.strip(), depth + 1))
        for number, step in enumerate(steps):
            found = self._expand_variable(found, depth)
            node = found.value
            if isinstance(node.value, Hole):
                return found
            name: str | None = step if isinstance(step, str) else None
            if name is None and not isinstance(step, str):
                left = steps[number + 1 :]
                names = [one for one, value in members_of(node) if others or may_have(value, left)]
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
            path = self._fill_variables(parts[1].strip().strip("'\""), depth + 1)
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
