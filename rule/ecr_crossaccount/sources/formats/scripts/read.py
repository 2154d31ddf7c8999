"""From a script, or shell code in another file, to the policies that its commands of the AWS CLI set.

A structure may be in shorthand syntax: `rules=[{destinations=[{region=…,registryId=…}]}]`.
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
https://docs.aws.amazon.com/cli/latest/reference/ecr/ and …/ecr-public/
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from ....documents.document import is_account
from ....documents.pattern import Hole, Holed, Text
from ....errors import InputError
from ....judgement.kinds.table import EXCHANGES, Field
from ....judgement.values.trust import names_under
from ....memo import by_value
from ...files.bare import CACHE_FIELDS, configuration_in
from ...files.files import File
from ...files.marks import (
    MENTION,
    POLICY_OPTION,
    PUBLIC_SETTERS,
    SETS_REGISTRY,
    SETTERS,
    TOO_LONG,
    check_of,
    mentions,
    not_read,
)
from ...files.strays import ReadPolicy, misplacements, names_of
from ...files.values.documents import parse_text, variables
from ...files.values.nodes import Fields, Lines, Node, Place, Stencil, parts_of, plain
from ...found.context import Context
from ...found.found import (
    SCOPE_SETTING,
    FoundPolicy,
    FoundScope,
    Harvest,
    Location,
    Unjudged,
    doubts_about_blank,
    owners_by,
    unjudged_at,
    unread,
)
from ..aws_provider.policies import read_policy
from .fragments import Fragment, inside, part_of, set_around, whole
from .words import Sources, Word, read_in

if TYPE_CHECKING:
    from .shell import Command, Script


_TOKEN = re.compile(
    r"""\s*(?: (?P<mark>[\[\]{},=]) | '(?P<single>(?:\\.|[^'\\])*)' | "(?P<double>(?:\\.|[^"\\])*)"
        | (?P<bare>[^\s\[\]{},='"\\@]+) )""",
    re.VERBOSE | re.DOTALL,
)
_MOST_NESTED = 8
_TEXT = "a text"


class _NoShorthandError(InputError):
    """The text is not in a shorthand syntax that is supported here."""


_Tokens = list[tuple[str, str]]
"""Marks and texts, in reverse order."""


def read_shorthand(text: Text) -> Node | None:
    """Return the structure in a text. None if it is not supported, for example if a value is in a file."""
    stencil = Stencil(text)
    try:
        tokens = list(_tokens(stencil.text))[::-1]
        pairs = _pairs(tokens, _MOST_NESTED)
    except _NoShorthandError:
        return None
    return None if tokens else stencil.node(Node(pairs))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    text = text.rstrip()
    while end < len(text):
        found = _TOKEN.match(text, end)
        if found is None:
            raise _NoShorthandError
        end = found.end()
        if found["mark"]:
            yield found["mark"], ""
        else:
            quoted = found[str(found.lastgroup)]
            yield _TEXT, found["bare"] or re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)


def _take(tokens: _Tokens, wanted: str) -> str:
    kind, text = tokens.pop() if tokens else ("", "")
    if kind != wanted:
        raise _NoShorthandError
    return text


def _is_next(tokens: _Tokens, mark: str) -> bool:
    if tokens and tokens[-1][0] == mark:
        tokens.pop()
        return True
    return False


def _pairs(tokens: _Tokens, depth: int) -> Fields:
    """Read `NAME=VALUE,…`."""
    pairs: list[tuple[Node, Node]] = []
    while not pairs or _is_next(tokens, ","):
        name = Node(_take(tokens, _TEXT))
        _take(tokens, "=")
        pairs.append((name, _value(tokens, depth)))
    return Fields(tuple(pairs))


def _value(tokens: _Tokens, depth: int) -> Node:
    if not depth:
        raise _NoShorthandError
    if _is_next(tokens, "{"):
        fields = _pairs(tokens, depth - 1)
        _take(tokens, "}")
        return Node(fields)
    if not _is_next(tokens, "["):
        return Node(_take(tokens, _TEXT))
    items: list[Node] = []
    if not _is_next(tokens, "]"):
        while not items or _is_next(tokens, ","):
            items.append(_value(tokens, depth - 1))
        _take(tokens, "]")
    return Node(tuple(items))


_SETS_SCOPE = "put-account-setting"
_INPUTS = ("--cli-input-json", "--cli-input-yaml")


@by_value
class Call:
    """A command with its options. `rest`: unknown words that the shell may expand to more options."""

    name: str
    service: str
    options: Mapping[str, Word]
    rest: tuple[Word, ...] = ()


def call_of(words: tuple[Word, ...]) -> Call | None:
    """Return the command in some words; None if it is not one of those here."""
    texts = [word.text for word in words]
    start = next((number for number, text in enumerate(texts) if text in SETTERS or text == _SETS_SCOPE), None)
    if start is None:
        return None
    service = "ecr-public" if "ecr-public" in texts[:start] else "ecr"
    options: dict[str, Word] = {}
    rest: list[Word] = []
    waiting = [*words[:start], *words[start + 1 :]]
    while waiting:
        word = waiting.pop(0)
        name, equals, _ = word.start.partition("=")
        if not word.start.startswith("--"):
            rest += [word] if word.start == "" and word.parts else []
        elif equals:
            options[name] = word.drop_start(len(name) + 1)
        elif waiting and not waiting[0].start.startswith("--"):
            options[name] = waiting.pop(0)
    return Call(str(texts[start]), service, options, tuple(rest))


@by_value
class Caller:
    """A reader for the calls in a file."""

    file: File
    context: Context
    sources: Sources

    def harvest(self, call: Call, at: Place) -> Harvest:
        """Return the policy that a call sets, or why it is not judged."""
        if call.name == _SETS_SCOPE:
            return self._scope(call, at)
        setters = PUBLIC_SETTERS if call.service == "ecr-public" else SETTERS
        setter = setters.get(call.name, SETTERS[call.name])
        if setter.kind in EXCHANGES:
            return Harvest((self._exchange(call, setter, at),))
        given = next((call.options[name] for name in _INPUTS if name in call.options), None)
        policy = call.options.get(setter.policy)
        if policy is None and given is not None:
            return self._input(call, setter, given, at)
        if policy is None:
            others = ((name, Node(word.value)) for name, word in call.options.items())
            elsewhere = misplacements(others, setter.policy, "the AWS CLI")
            known = setter.optional and not (call.rest or elsewhere)
            return Harvest() if known else self._unjudged_harvest(call, at, not_read(call.name))
        word = read_in(policy, self.sources)
        if word is None or word.is_hole:
            reason = f"its policy, `{policy}`, is not known from here: {check_of(call.name)}"
            return self._unjudged_harvest(call, policy.at, reason)
        return Harvest((self._make_policy(call, setter, read_policy(word.prose, word.at), word.at, at),))

    def _scope(self, call: Call, at: Place) -> Harvest:
        """Return the scope of registry policies that a command sets. Empty for a command that sets something else."""
        name, value = call.options.get("--name"), call.options.get("--value")
        if name is not None and name.text not in (None, SCOPE_SETTING):
            return Harvest()
        known = value.text if value and name and name.text is not None and not call.rest else None
        return Harvest(scopes=(FoundScope(known, location=self._location(call, at), may_not_run=True),))

    def _make_policy(self, call: Call, setter: Field, read: ReadPolicy, policy_at: Place, at: Place) -> FoundPolicy:
        registry, region = call.options.get("--registry-id"), call.options.get("--region")
        account = registry.text if registry is not None else None
        name = call.options.get(setter.name or setter.prefix or "")
        return FoundPolicy(
            policy_at,
            self._resource(call),
            setter.kind,
            read.policy,
            read.statements,
            names=_names(setter, Node(name.value) if name is not None else None),
            account=account if account is not None and is_account(account) else None,
            region=region.text if region is not None else None,
            owners=owners_by(registry and registry.value),
            notes=tuple(self._notes(registry)),
            doubts=(
                *(f"`{word}` may hold other arguments" for word in call.rest),
                *(() if setter.optional else doubts_about_blank(read.policy, read.otherwise)),
            ),
            resource_at=at,
            perhaps="the script runs that command, and none after it that changes it",
            location=self._location(call, at),
        )

    def _location(self, call: Call, at: Place) -> Location | None:
        """Return where a call sets a policy, or None for the location of the deployment."""
        registry, region, profile = (call.options.get(text) for text in ("--registry-id", "--region", "--profile"))
        by = " ".join(str(word) for word in (registry, region, profile) if word is not None)
        if not by and not _is_elsewhere(self.file.text):
            return None
        account = registry.text if registry is not None else self.context.account
        known = region.text if region is not None else None
        is_owner = profile is None and account is not None and is_account(account)
        return Location(account if is_owner else None, known, "" if is_owner and known else by or f"line {at.line}")

    def _notes(self, registry: Word | None) -> Iterator[str]:
        if registry is not None and registry.text is None:
            yield f"its registry is `{registry}`, which is not known: it is judged for any owner"
        elif registry is not None and self.context.account not in (None, registry.text):
            yield f"the command sets it in {registry.text}, not in the given account {self.context.account}"

    def _resource(self, call: Call) -> str:
        options = ("--repository-name", "--prefix", "--ecr-repository-prefix")
        named = next((f" {call.options[text]}" for text in options if text in call.options), "")
        return f"{call.name}{named}"

    def _unjudged_harvest(self, call: Call, at: Place, reason: str) -> Harvest:
        there = self._location(call, at) or Location(self.context.account, self.context.region)
        return unjudged_at(at, self._resource(call), reason, there if call.name == SETS_REGISTRY else None)

    def _input(self, call: Call, setter: Field, given: Word, at: Place) -> Harvest:
        """Return the policy in the input of `--cli-input-json`."""
        word = read_in(given, self.sources)
        root = _node(word) if word is not None else Node(None)
        policy = root.get(setter.input)
        if policy is None:
            return self._unjudged_harvest(call, given.at, not_read(call.name))
        name = root.get("repositoryName") or root.get("prefix")
        found = self._make_policy(call, setter, ReadPolicy(plain(parse_text(policy))), given.at, at)
        resource = f"{call.name} {name.value}" if name is not None else call.name
        return Harvest((replace(found, names=_names(setter, name), resource=resource),))

    def _exchange(self, call: Call, setter: Field, at: Place) -> FoundPolicy:
        """Return a replication or a cache. The command's options override its input. Unknown parts are holes."""
        given = next((call.options[name] for name in _INPUTS if name in call.options), None)
        root = self._value(given) if given is not None else Node(None)
        if setter.prefix is None:
            said = call.options.get(setter.policy)
            value = self._value(said) if said is not None else _field(root, setter.input)
            policy = configuration_in(plain(value) if value is not None else None, setter.input)
            prefix = None
        else:
            fields: dict[str, Node | None] = {}
            for name in CACHE_FIELDS:
                option = call.options.get(f"--{name.replace('_', '-')}")
                camel = re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
                fields[name] = Node(option.value) if option is not None else _field(root, camel)
            policy = {name: plain(value) for name, value in fields.items() if value is not None}
            prefix = fields["ecr_repository_prefix"]
        word = call.options.get(setter.policy) or given
        found = self._make_policy(call, setter, ReadPolicy(policy), word.at if word is not None else at, at)
        return replace(found, names=_names(setter, prefix))

    def _value(self, given: Word) -> Node:
        """Return the value of an argument, in JSON or in the shorthand of the AWS CLI. A hole if it is unknown."""
        word = read_in(given, self.sources)
        hole = Node(Hole(str(given)))
        node = hole if word is None else _node(word)
        return read_shorthand(node.value) or hole if isinstance(node.value, (str, Holed)) else node


def _field(root: Node, name: str) -> Node | None:
    """Return a field of the input, or a hole if the input is unknown."""
    return root if isinstance(root.value, Hole) else root.get(name)


def _node(word: Word) -> Node:
    """Return the JSON value of a word, or the word itself if it is not JSON."""
    return parse_text(Node(word.value, word.at.line, word.at.column))


def _names(setter: Field, name: Node | None) -> tuple[str, ...]:
    return names_of(name, names_under) if setter.prefix else names_of(name)


@lru_cache(maxsize=1)
def _is_elsewhere(script: str) -> bool:
    """Return whether a script chooses an account or a Region for its commands."""
    return re.search(r"AWS_(?:DEFAULT_)?(?:REGION|PROFILE)|aws configure|assume-role", script) is not None


_GIVEN = "it rests on variables that this file sets ({}): another step or a run may set others"
_DEEPEST = 3
"""The deepest nesting of shell code in shell code."""

_PRINTS = frozenset({"echo", "printf", "logger"})
"""Commands that only print their words."""


def read_as_text(file: File, context: Context) -> Harvest | None:
    """Return the policies that a script sets; None if it sets none."""
    if file.name.lower().endswith(FOREIGN) or re.match(_FOREIGN_SHELL, file.text):
        return Harvest(unjudged=tuple(_find_mentions(file)))
    fragments = whole(file)
    found = Harvest.from_parts(_until_too_long(_fragment(fragment, context) for fragment in fragments))
    rows = ((fragment.line, fragment.line + fragment.text.count("\n") + 1) for fragment in fragments)
    lines = {line for first, end in rows for line in range(first, end)}
    written = file.text.split("\n")
    left = (one for one in _find_mentions(file) if one.line not in lines)
    missed = (one for one in left if not written[one.line - 1].lstrip().startswith("#"))
    return found + Harvest(unjudged=tuple(missed))


FOREIGN = (".ps1", ".psm1", ".bat", ".cmd", ".fish", "jenkinsfile", ".groovy")
"""The suffixes of scripts in other languages. Commands in them are found, but not read."""
_FOREIGN_SHELL = r"#!.*\b(?:fish|pwsh)\b"


def _find_mentions(file: File) -> Iterator[Unjudged]:
    lines = Lines(file.text)
    for found in MENTION.finditer(file.text):
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
            note = _GIVEN.format(", ".join(f"`{text}`" for text in dict.fromkeys(fragment.used)))
            found.append(harvest.add_notes(note) if fragment.used else harvest)
            seen.append((command.start, command.end))
    rest = Harvest(unjudged=tuple(_unseen_commands(script, seen)), followed=tuple(script.sources.followed))
    return Harvest.from_parts([*found, rest])


def _unseen_commands(script: Script, seen: list[tuple[int, int]]) -> Iterator[Unjudged]:
    """Yield the commands outside the bytes that were `seen`. If there are none, yield options that only they have."""
    starts = [start for start, _ in sorted(seen)]
    ends = [0, *accumulate((end for _, end in sorted(seen)), max)]
    for sign in (MENTION.pattern, POLICY_OPTION):
        every = re.finditer(sign.encode(), script.data)
        found = [one for one in every if ends[bisect_right(starts, one.start())] <= one.start()]
        for one in found:
            at = script.place(one.start())
            yield Unjudged(at.file, at.line, at.column, one[0].decode(), not_read(one[0].decode()))
        if found:
            return


def _command(command: Command, script: Script, file: File, context: Context, nested: int) -> Harvest | None:
    """Return the result for a command. None if it is not relevant, or could not be read."""
    call = None if command.broken else call_of(command.words)
    if call is not None:
        return Caller(file, context, script.sources).harvest(call, script.place(command.start))
    runs = bool(command.words) and command.words[0].text not in _PRINTS
    inner = [word for word in command.words if mentions(word.text or "")] if runs else []
    if command.broken or not inner or nested >= _DEEPEST:
        return None
    parts = (part_of(file, str(word.text), word.at) for word in inner)
    return Harvest.from_parts(_fragment(part, context, nested + 1) for part in parts)
