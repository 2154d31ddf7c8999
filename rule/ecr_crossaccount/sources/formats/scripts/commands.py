"""The AWS CLI commands that open ECR resources, and the policies that they set.

A structure may be in shorthand syntax: `rules=[{destinations=[{region=…,registryId=…}]}]`.
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html

https://docs.aws.amazon.com/cli/latest/reference/ecr/ and …/ecr-public/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from ....documents.document import is_account
from ....documents.pattern import Hole, Holed, Text
from ....errors import InputError
from ....judgement.kinds.table import EXCHANGES, Field
from ....judgement.values.trust import names_under
from ....memo import by_value
from ...files.bare import CACHE_FIELDS, configuration_in
from ...files.files import File
from ...files.marks import MENTION, PUBLIC_SETTERS, SETS_REGISTRY, SETTERS, check_of, not_read
from ...files.strays import ReadPolicy, misplacements, names_of
from ...files.values.documents import parse_text
from ...files.values.nodes import Fields, Node, Place, Stencil, plain
from ...found.context import Context
from ...found.found import (
    ANY_NAME,
    SCOPE_SETTING,
    FoundPolicy,
    FoundScope,
    Harvest,
    Location,
    doubts_about_blank,
    owners_by,
    unjudged_at,
)
from ..aws_provider.policies import read_policy
from .words import Sources, Word, read_in

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
        kind = str(found.lastgroup)
        quoted = kind in ("single", "double")
        yield (
            (found[kind], "")
            if kind == "mark"
            else (
                _TEXT,
                re.sub(r"\\(.)", r"\1", found[kind], flags=re.DOTALL) if quoted else found[kind],
            )
        )


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


MENTION_IN_BYTES = re.compile(MENTION.pattern.encode())

_SETS_SCOPE = "put-account-setting"
_CAMEL = re.compile(r"_([a-z])")
_INPUTS = ("--cli-input-json", "--cli-input-yaml")
_ELSEWHERE = re.compile(r"AWS_(?:DEFAULT_)?(?:REGION|PROFILE)|aws configure|assume-role")
"""Signs that account or Region change for the commands that follow."""

_UNKNOWN = "its policy, `{}`, is not known from here: {}"


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
            return self._unjudged_harvest(call, policy.at, _UNKNOWN.format(policy, check_of(call.name)))
        return Harvest((self._make_policy(call, setter, read_policy(word.prose, word.at), word.at, at),))

    def _scope(self, call: Call, at: Place) -> Harvest:
        """Return the scope of registry policies that a command sets. Empty for a command that sets something else."""
        name, value = call.options.get("--name"), call.options.get("--value")
        if name is not None and name.text not in (None, SCOPE_SETTING):
            return Harvest()
        is_known = name is not None and name.text is not None and value is not None and not call.rest
        known = value.text if is_known and value is not None else None
        return Harvest(scopes=(FoundScope(known, location=self._location(call, at), may_not_run=True),))

    def _make_policy(self, call: Call, setter: Field, read: ReadPolicy, policy_at: Place, at: Place) -> FoundPolicy:
        registry, region = call.options.get("--registry-id"), call.options.get("--region")
        account = registry.text if registry is not None else None
        return FoundPolicy(
            policy_at,
            self._resource(call),
            setter.kind,
            read.policy,
            read.statements,
            names=_names(call, setter),
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
        registry = there if call.name == SETS_REGISTRY else None
        return unjudged_at(at, self._resource(call), reason, registry)

    def _input(self, call: Call, setter: Field, given: Word, at: Place) -> Harvest:
        """Return the policy in the input of `--cli-input-json`."""
        word = read_in(given, self.sources)
        root = _node(word) if word is not None else Node(None)
        policy = root.get(setter.input)
        if policy is None:
            return self._unjudged_harvest(call, given.at, not_read(call.name))
        name = root.get("repositoryName") or root.get("prefix")
        found = self._make_policy(call, setter, ReadPolicy(plain(parse_text(policy))), given.at, at)
        names = names_of(name, names_under) if setter.prefix else names_of(name)
        resource = f"{call.name} {name.value}" if name is not None else call.name
        return Harvest((replace(found, names=names, resource=resource),))

    def _exchange(self, call: Call, setter: Field, at: Place) -> FoundPolicy:
        """Return a replication or a cache. The command's options override its input. Unknown parts are holes."""
        given = next((call.options[name] for name in _INPUTS if name in call.options), None)
        root = self._value(given) if given is not None else Node(None)
        if setter.prefix is None:
            said = call.options.get(setter.policy)
            value = self._value(said) if said is not None else _field(root, setter.input)
            policy = configuration_in(plain(value) if value is not None else None, setter.input)
            names: tuple[str, ...] = ANY_NAME
        else:
            fields = {name: _of_cache(call, root, name) for name in CACHE_FIELDS}
            policy = {name: plain(value) for name, value in fields.items() if value is not None}
            names = names_of(fields["ecr_repository_prefix"], names_under)
        word = call.options.get(setter.policy) or given
        found = self._make_policy(call, setter, ReadPolicy(policy), word.at if word is not None else at, at)
        return replace(found, names=names)

    def _value(self, given: Word) -> Node:
        """Return the value of an argument, in JSON or in the shorthand of the AWS CLI. A hole if it is unknown."""
        word = read_in(given, self.sources)
        if word is None:
            return Node(Hole(str(given)))
        node = _node(word)
        if not isinstance(node.value, (str, Holed)):
            return node
        return read_shorthand(node.value) or Node(Hole(str(given)))


def _of_cache(call: Call, root: Node, name: str) -> Node | None:
    """Return a field of a cache, from its option or from the input."""
    word = call.options.get(f"--{name.replace('_', '-')}")
    if word is not None:
        return Node(word.value)
    return _field(root, _CAMEL.sub(lambda found: found[1].upper(), name))


def _field(root: Node, name: str) -> Node | None:
    """Return a field of the input, or a hole if the input is unknown."""
    return root if isinstance(root.value, Hole) else root.get(name)


def _node(word: Word) -> Node:
    """Return the JSON value of a word, or the word itself if it is not JSON."""
    return parse_text(Node(word.value, word.at.line, word.at.column))


def _names(call: Call, setter: Field) -> tuple[str, ...]:
    word = call.options.get(setter.name or setter.prefix or "")
    if word is None:
        return ANY_NAME
    node = Node(word.value)
    return names_of(node, names_under) if setter.prefix else names_of(node)


@lru_cache(maxsize=1)
def _is_elsewhere(script: str) -> bool:
    """Return whether a script chooses an account or a Region for its commands."""
    return _ELSEWHERE.search(script) is not None
