"""ECR policies that are not judged: where no tool reads them, or longer than Amazon ECR accepts.

Data of an unknown kind, ignored fields and data files may hold policies. They are reported, so that none is missed. A
resource that seems to have no policy may be meant to have one, in a mistyped field or in a field beside the right one.
The effect of such a file is unknown.

Amazon ECR refuses a policy that is too long:
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from ...documents.json import BadJsonError, value_of
from ...documents.pattern import Hole, Holed
from ...judgement.kinds.table import EXCHANGES
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ...questions.plan.outcome import LONGEST_POLICY
from ..found.context import Context
from ..found.found import ANY_NAME, FoundPolicy, Harvest, Otherwise, Skipped, Unjudged, Unread
from ..found.states import location_of
from ..reading.files import MEGABYTE
from ..reading.yaml_events import BadYamlError
from .bare import is_statement_of_ecr, speaks_of_ecr
from .files import File
from .included import is_construct_tree
from .marks import CALLED_WHEN_RUN, SERVICE_CALL, is_about_ecr
from .values.documents import documents_inside, parse_text, places_of
from .values.nodes import Fields, Node, Place, parts_of, plain

_STRAY = (
    "an ECR policy in a kind of file that is not read: check the file that sets it, or save the policy as a file and "
    "check that"
)
_TEXT = (
    "the file reads as one text, not as data, and mentions a policy of ECR: write the policy as JSON, which has no "
    "comments, or as YAML"
)
_TREE = "the construct tree of the CDK, which is not deployed: the templates beside it are judged"
_SOURCE = re.compile(
    r'resource\s+\\*"aws(?:cc)?_ecr(?:public)?_'
    r'(?:\w*(?:policy|repository)|repository_creation_template|replication_configuration|pull_through_cache_rule)\\*"'
)
"""A resource of Terraform in a text. In a text in a text, a backslash is before each quotation mark."""
_SIGNS = re.compile(rf"Principal|{_SOURCE.pattern}")
_MOST_NESTED = 3
"""The deepest nesting of texts in texts that is read. What is deeper may be a policy."""


def strays(root: Node, file: File) -> Harvest | None:
    """Return the result for a document that no reader knows, or None if it contains no ECR policy."""
    calls = tuple(_calls_in(root, file)) if SERVICE_CALL.search(file.text) else ()
    if not _SIGNS.search(file.text):
        return Harvest(unjudged=calls) if calls else None
    if is_construct_tree(root, file.name):
        return Harvest(skipped=(Skipped(file.name, _TREE),))
    found = tuple(Unjudged(file.name, at.line, at.column, name, _STRAY) for name, at in policies_in(root, "policy"))
    if not found and root.text is not None and _may_be_one(root.text):
        found = (Unjudged(file.name, root.line, root.column, "policy", _TEXT),)
    return Harvest(unjudged=found + calls) if found or calls else None


def _calls_in(node: Node, file: File) -> Iterator[Unjudged]:
    """Yield the calls of ECR that a state machine or a schedule makes."""
    for item in (*(value for _, value in node.fields), *node.items):
        yield from _calls_in(item, file)
    for found in SERVICE_CALL.finditer(node.text or ""):
        yield Unjudged(file.name, node.line, node.column, found["call"], CALLED_WHEN_RUN)


def policies_in(node: Node, name: str, depth: int = 0) -> Iterator[tuple[str, Node]]:
    """Yield the policies in a value, and sources that make one, each with the name of its field.

    `depth`: the number of texts around the value.
    """
    if (node.get("Statement") is not None and speaks_of_ecr(node)) or is_statement_of_ecr(node):
        yield name, node
        return
    for field, value in node.fields:
        yield from policies_in(value, field, depth)
    for item in node.items:
        yield from policies_in(item, name, depth)
    text = node.text or ""
    if not _SIGNS.search(text):
        return
    deeper = any(any(policies_in(one, name, depth + 1)) for one in _inside(node)) if depth < _MOST_NESTED else None
    if _SOURCE.search(text) or (_may_be_one(text) if deeper is None else deeper):
        yield name, node


def _may_be_one(text: str) -> bool:
    return "Effect" in text and is_about_ecr(text)


def _inside(node: Node) -> tuple[Node, ...]:
    """Return the documents in a text, except the text itself: prose reads as one text again."""
    try:
        return tuple(document for document in documents_inside(node.text or "", node) if document.text != node.text)
    except (BadJsonError, BadYamlError):
        return ()


_ELSEWHERE = "a policy is in `{}`, where {} does not look for it: expected it in `{}`"
_NEARLY = "`{}` may be a mistyped `{}`, where {} looks for the policy"

_PROSE = frozenset({"description", "metadata", "resourcetags", "status", "tags", "tagsall"})
"""Fields that may hold any text and are never policy arguments, in the spelling of `_bare`."""

_NEAR = 0.8
"""Names with a higher likeness are one name, mistyped. `polciy` is `policy`; `policyRef` and `purge_policy` are not."""

_NOT_OF_A_NAME = re.compile(r"[^a-z0-9]")


def misplacements(others: Iterable[tuple[str, Node]], expected: str, reader: str) -> tuple[str, ...]:
    """Return why the policy of an ECR resource cannot be determined.

    `others`: its fields, except the one that is `expected` to hold the policy, which may be a path with dots. `reader`:
    the tool that looks for the policy there.
    """
    return tuple(dict.fromkeys(_doubts(others, expected, reader)))


def _doubts(others: Iterable[tuple[str, Node]], expected: str, reader: str) -> Iterator[str]:
    for name, value in others:
        likeness = _likeness(name, expected.rpartition(".")[2]) if value.value not in (None, "", (), Fields()) else 0.0
        if likeness == 1 or (_bare(name) not in _PROSE and any(policies_in(parse_text(value), name))):
            yield _ELSEWHERE.format(name, reader, expected)
        elif likeness > _NEAR:
            yield _NEARLY.format(name, expected, reader)


def _bare(name: str) -> str:
    return _NOT_OF_A_NAME.sub("", name.lower())


@lru_cache(maxsize=256)
def _likeness(name: str, other: str) -> float:
    """Return the likeness of two names. It is 1 if they differ at most in case."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - only needed if a resource has unexpected fields

    return SequenceMatcher(None, _bare(name), _bare(other), autojunk=False).ratio()


@by_value
class ReadPolicy:
    """A policy as `judge` takes it, and the place of each statement as far as known.

    `when` and `otherwise`: those of FoundPolicy.
    """

    policy: object
    statements: tuple[Place, ...] = ()
    when: str = ""
    otherwise: tuple[Otherwise, ...] = ()


def policy_of(written: Node | None, known: Node | None, file: File) -> ReadPolicy:
    """Return the policy of a data file. `written`: the value in the file. `known`: the same value with its holes."""
    if written is None or known is None:
        return ReadPolicy(None if known is None else plain(known))
    policy = parse_text(known)
    text = written if written.text is not None else None
    places = places_of(text, written, policy, known, file.text)
    return ReadPolicy(plain(policy), tuple(Place(file.name, *at) for at in places))


def names_of(name: Node | None, named: Callable[[str], tuple[str, ...]] = lambda name: (name,)) -> tuple[str, ...]:
    """Return the names of the repositories for a name, or for a prefix that `named` expands. Any name if unknown."""
    value = name.value if name is not None else None
    if not isinstance(value, (str, Holed)) or not value:
        return ANY_NAME
    return named("".join("*" if isinstance(part, Hole) else part for part in parts_of(value)))


_LONGEST_JSON = 2 * MEGABYTE
"""In characters. CloudFormation takes templates of at most 1 MB, white space included.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
_WRITTEN_BY_TOOLS = ('"format_version"', '"terraform_version"', '"pulumi:pulumi:Stack"')
"""What the plans and states of Terraform and Pulumi contain. They may be long."""
_TOO_LONG_JSON = "more than 2 MB of JSON, and neither a plan nor a state: split it into files, each of at most 1 MB"
_TOO_LONG = f"its policy has more than the {LONGEST_POLICY:,} characters that Amazon ECR accepts, so it was not judged"


def refusal(text: str) -> str | None:
    """Return why a data file is too long to be read, or None if it is read. YAML has limits of its own."""
    if len(text) <= _LONGEST_JSON or not text.lstrip().startswith(("{", "[")):
        return None
    return None if any(one in text for one in _WRITTEN_BY_TOOLS) else _TOO_LONG_JSON


def without_too_long(found: Harvest, context: Context) -> Harvest:
    """Return what was found, with an error for each policy that ECR would refuse because of its length."""
    refused = [
        policy for policy in found.policies if policy.kind not in EXCHANGES and any(map(_is_too_long, policy.forms))
    ]
    if not refused:
        return found
    kept = tuple(policy for policy in found.policies if not any(policy is other for other in refused))
    errors = tuple(_error(policy, context) for policy in refused)
    return replace(found, policies=kept, errors=(*found.errors, *errors))


def _error(found: FoundPolicy, context: Context) -> Unread:
    registry = location_of(found, context) if found.kind is Kind.REGISTRY else None
    return Unread(found.at.file, found.at.line, _TOO_LONG, registry)


def _is_too_long(policy: object) -> bool:
    """Return whether a policy is too long in any spelling: without white space, and if nothing unknown is in it."""
    if isinstance(policy, str):
        try:
            policy = value_of(policy) if len(policy) > LONGEST_POLICY else None
        except BadJsonError:
            return False
    length = 0
    for more in _lengths(policy):
        length += more
        if length > LONGEST_POLICY:
            return True
    return False


def _lengths(policy: object) -> Iterator[int]:
    """Yield the number of characters of each part of a policy, at least."""
    waiting = [policy]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield len(text) + 2
            case Holed(parts=parts):
                yield sum(len(part) for part in parts if isinstance(part, str)) + 2
            case Mapping() as fields:
                yield 1 + len(fields)
                waiting += [*fields, *fields.values()]
            case list() as items:
                yield 1 + len(items)
                waiting += items
