"""From a script, or shell code in another file, to the policies that its commands set."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

from ...files.files import File
from ...files.marks import MENTION, POLICY_OPTION, TOO_LONG, mentions, not_read
from ...files.values.documents import variables
from ...files.values.nodes import Lines, Node, parts_of
from ...found.context import Context
from ...found.found import Harvest, Unjudged, unread
from .commands import MENTION_IN_BYTES, Caller, call_of
from .fragments import Fragment, inside, part_of, set_around, whole
from .words import Sources, Word

if TYPE_CHECKING:
    from .shell import Command, Script

_GIVEN = "it rests on variables that this file sets ({}): another step or a run may set others"
_MOST_NESTED = 3
"""The deepest nesting of shell code in shell code."""

_PRINTS = frozenset({"echo", "printf", "logger"})
"""Commands that only print their words."""


def read_as_text(file: File, context: Context) -> Harvest | None:
    """Return the policies that a script sets; None if it sets none."""
    if file.name.lower().endswith(FOREIGN) or re.match(_FOREIGN_SHELL, file.text):
        return Harvest(unjudged=tuple(_find_mentions(file, file.text)))
    fragments = whole(file)
    found = Harvest.from_parts(_until_too_long(_fragment(fragment, context) for fragment in fragments))
    lines = {
        line for fragment in fragments for line in range(fragment.line, fragment.line + fragment.text.count("\n") + 1)
    }
    written = file.text.split("\n")
    left = (
        mention
        for mention in _find_mentions(file, file.text)
        if mention.line not in lines and not written[mention.line - 1].lstrip().startswith("#")
    )
    return found + Harvest(unjudged=tuple(left))


FOREIGN = (".ps1", ".psm1", ".bat", ".cmd", ".fish", "jenkinsfile", ".groovy")
"""The suffixes of scripts in other languages. Commands in them are found, but not read."""
_FOREIGN_SHELL = r"#!.*\b(?:fish|pwsh)\b"


def _find_mentions(file: File, text: str) -> Iterator[Unjudged]:
    lines = Lines(text)
    for found in MENTION.finditer(text):
        yield Unjudged(file.name, *lines.place(found.start()), found[0], not_read(found[0]))


def reading(_: tuple[Node, ...], file: File, context: Context) -> Callable[[Node], Harvest | None]:
    """Return a function that reads the shell code in a document of a file. It returns None if there is none."""

    def read(root: Node) -> Harvest | None:
        found = list(_until_too_long(_in_data(root, file, context, {})))
        return Harvest.from_parts(found) if found else None

    return read


def _until_too_long(found: Iterable[Harvest]) -> Iterator[Harvest]:
    """Yield the results for a file up to the first fragment that is too long, so that this costs its time only once."""
    for harvest in found:
        yield harvest
        if any(error.reason == TOO_LONG for error in harvest.errors):
            return


def _in_data(node: Node, file: File, context: Context, given: Mapping[str, str]) -> Iterator[Harvest]:
    """Yield the results for the texts in a document, and for lists that are the words of a command."""
    if node.text is not None:
        if mentions(node.text):
            yield _fragment(inside(file, node, given), context)
        return
    call = call_of(tuple(_word(item, file) for item in node.items if item.text is not None))
    if call is not None:
        sources = Sources(file.name, "", file.text)
        found = Caller(file, context, sources).harvest(call, node.place(file.name))
        yield found + Harvest(followed=tuple(sources.followed))
        return
    given = set_around(node, given, file.text)
    for item in (*(value for _, value in node.fields), *node.items):
        yield from _in_data(item, file, context, given)


def _word(node: Node, file: File) -> Word:
    at = node.place(file.name)
    return Word(tuple((part, at) for part in parts_of(variables(node.text or "")) if part != ""), at)


def _fragment(fragment: Fragment, context: Context, nested: int = 0) -> Harvest:
    """Return the results for the commands of a text. Commands that cannot be read are reported as unjudged."""
    from .shell import Script, TooLongError

    try:
        script = Script(fragment)
    except TooLongError:
        return unread(fragment.file.name, TOO_LONG, fragment.line)
    found: list[Harvest] = []
    seen = [*script.comments()]
    for command in script.commands():
        harvest = _command(command, script, fragment.file, context, nested)
        if harvest is not None:
            found.append(_add_note(harvest, fragment.used))
            seen.append((command.start, command.end))
    return Harvest.from_parts(
        [*found, Harvest(unjudged=tuple(_unseen_commands(script, seen)), followed=tuple(script.sources.followed))]
    )


def _add_note(found: Harvest, used: list[str]) -> Harvest:
    """Return what a command sets, with a note that it rests on variables that the file sets."""
    note = _GIVEN.format(", ".join(f"`{text}`" for text in dict.fromkeys(used)))
    return found.add_notes(note) if used else found


def _unseen_commands(script: Script, seen: list[tuple[int, int]]) -> Iterator[Unjudged]:
    """Yield the commands outside the bytes that were `seen`. If there are none, yield options that only they have."""
    starts = [start for start, _ in sorted(seen)]
    ends = [0, *accumulate((end for _, end in sorted(seen)), max)]
    for sign in (MENTION_IN_BYTES, re.compile(POLICY_OPTION.encode())):
        found = [one for one in sign.finditer(script.data) if ends[bisect_right(starts, one.start())] <= one.start()]
        for one in found:
            at = script.place(one.start())
            yield Unjudged(at.file, at.line, at.column, one[0].decode(), not_read(one[0].decode()))
        if found:
            return


def _command(command: Command, script: Script, file: File, context: Context, nested: int) -> Harvest | None:
    """Return the result for a command. None if it is not relevant, or could not be read."""
    call = None if command.broken else call_of(command.words)
    if call is not None:
        caller = Caller(file, context, script.sources)
        return caller.harvest(call, script.place(command.start))
    runs = bool(command.words) and command.words[0].text not in _PRINTS
    inner = [word for word in command.words if mentions(word.text or "")] if runs else []
    if command.broken or not inner or nested >= _MOST_NESTED:
        return None
    parts = (part_of(file, str(word.text), word.at) for word in inner)
    return Harvest.from_parts(_fragment(part, context, nested + 1) for part in parts)
