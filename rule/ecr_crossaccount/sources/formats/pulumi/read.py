"""From a Pulumi program, a preview or a state to the policies that it makes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from ....documents.pattern import Hole, Holed
from ....questions.change.owners import Owners
from ...files.files import File, file_text
from ...files.strays import place, policy_of, strays
from ...files.values.nodes import Fields, Node, Place
from ...files.values.partial import Value
from ...found.context import Context
from ...found.found import Harvest, Skipped, Unjudged
from ...reading.files import UnreadableError, list_folder
from ..aws_provider.policies import ReadPolicy, read_policy
from ..aws_provider.resources import REQUIRED
from . import preview
from .functions import is_ours, snake
from .preview import ACCOUNT, Resource, harvest, policy_input
from .program import Program, option

_ROLE = re.compile(r"arn:[\w-]+:iam::([0-9]{12}):role/.*")
_WITHOUT_CREDENTIALS = frozenset({"region", "defaultTags", "ignoreTags", "maxRetries", "retryMode"})
"""The inputs of a provider that do not decide in whose account it works."""
_OTHER = "made by the provider `{}`, whose account the program does not tell: judged for any owner"
_DEFAULTS = "it rests on defaults of the configuration ({}): a stack may set other values"
_OF_RESOURCES = frozenset({"type", "name", "defaultProvider", "properties", "options", "get"})
_EXISTS = "{}: it is read and not made, so its policy is not the program's"


def reading(_: tuple[Node, ...], file: File, context: Context) -> Callable[[Node], Harvest | None]:
    """Return a function that reads the policies of a document. It returns None if the document has no ECR resource."""

    def read(root: Node) -> Harvest | None:
        found = [part for program in _programs(root, file, context) for part in _resources(program)]
        printed = preview.read_preview(root, file, context)
        return printed if not found else Harvest.from_parts(found)

    return read


def read_as_text(_file: File, _context: Context) -> None:
    """Return None: nothing is reported about text that is not valid data."""


def _programs(root: Node, file: File, context: Context) -> Iterator[Program]:
    """Yield a program and the components that a file defines."""
    components = root.get("components")
    for node in (root, *(value for _, value in (components.fields if components is not None else ()))):
        if node.get("resources") is not None and isinstance(node.get("resources").value, Fields):  # type: ignore[union-attr] # checked before
            yield Program(node, file, context, _stacks(file.name))


def _stacks(name: str) -> str | None:
    """Return the text of the stacks' configuration files beside a program. None if a file cannot be read.

    A file that cannot be read, or one in a folder that cannot be listed, may contain anything.
    """
    folder = os.path.dirname(name) or "."  # noqa: PTH120 - `-` has none
    try:
        found = (text for text in list_folder(folder) if fnmatchcase(text, "Pulumi.*.y*ml"))
        return "\n".join(file_text(os.path.join(folder, text)) for text in found)  # noqa: PTH118 - the same reason
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnreadableError):
        return None


def _resources(program: Program) -> Iterator[Harvest]:
    for key, node in program.root.get("resources").value.pairs:  # type: ignore[union-attr] # a program has resources
        kind = node.get("type")
        if kind is not None and kind.text is not None and is_ours(kind.text):
            yield _resource(program, key, node, kind.text)
        elif (stray := strays(node, program.file)) is not None:
            at, name = place(program.file, key), str(key.value)
            yield Harvest(unjudged=(Unjudged(at.file, at.line, at.column, name, stray.unjudged[0].reason),))


def _resource(program: Program, key: Node, node: Node, kind: str) -> Harvest:
    name = str(key.value)
    if node.get("get") is not None:
        return Harvest(skipped=(Skipped(program.file.name, _EXISTS.format(name)),))
    said = node.get("properties")
    properties = program.value(said) if said is not None else {}
    if not isinstance(properties, dict):
        properties = {}
    beside = tuple((name, program.value(value)) for name, value in node.fields if name not in _OF_RESOURCES)
    wanted = policy_input(kind)
    pair = _pair(said, wanted)
    unknown = said is not None and not isinstance(said.value, Fields)
    program.used.clear()
    if unknown or _is_call(said) or (pair is None and wanted in REQUIRED):
        policy = ReadPolicy(Hole(wanted or "properties"))
    else:
        policy = _policy(program, pair[1] if pair else None)
    account, region, owners = _provider(program, node)
    chosen = option(node, "provider")
    resource = Resource(
        name,
        kind,
        properties,
        place(program.file, key),
        place(program.file, pair[1] if pair else key),
        policy,
        heads=(place(program.file, pair[0]),) if pair else (),
        account=account,
        region=region,
        notes=(*(() if owners is None else (_OTHER.format(owners.hole.name),)), *_rests_on(program)),
        provider="" if chosen is None else chosen.text or "a provider",
        owners=owners,
        beside=beside,
    )
    return harvest(resource, program.context.account) + Harvest(
        followed=tuple(program.followed), declares=tuple(program.section("config", "configuration"))
    )


def _is_call(said: Node | None) -> bool:
    return said is not None and any(name.lower().startswith("fn::") for name, _ in said.fields)


def _pair(said: Node | None, wanted: str | None) -> tuple[Node, Node] | None:
    """Return the name and the value of the input that holds a policy."""
    pairs = said.value.pairs if said is not None and isinstance(said.value, Fields) else ()
    return next(((key, value) for key, value in reversed(pairs) if snake(str(key.value)) == wanted), None)


def _policy(program: Program, said: Node | None) -> ReadPolicy:
    if said is None:
        return ReadPolicy(None)
    written = program.origin(said)
    value: Value = program.value(written)
    if written.text is not None and isinstance(value, (str, Hole, Holed)):
        known = Node(value, written.line, written.column, written.block)
        read = policy_of(written, known, program.file)
        return ReadPolicy(read.policy, read.statements)
    return read_policy(value, Place(program.file.name, written.line, written.column))


def _rests_on(program: Program) -> Iterator[str]:
    if program.used:
        yield _DEFAULTS.format(", ".join(f"`{name}`" for name in dict.fromkeys(program.used)))


def _provider(program: Program, node: Node) -> tuple[str | None, str | None, Owners | None]:
    """Return account and Region of a resource's provider, and the owners if it may have another account."""
    chosen = option(node, "provider")
    if chosen is None:
        return None, None, None
    name = (chosen.text or "").strip("${} ")
    provider = program.section("resources").get(name)
    said = provider.get("properties") if provider is not None else None
    values = program.value(said) if said is not None else {}
    values = values if isinstance(values, dict) else {}
    account, region = _account(values), values.get("region")
    is_usual = said is not None and values.keys() <= _WITHOUT_CREDENTIALS
    owners = None if account is not None or is_usual else Owners(hole=Hole(name or "?"))
    return account, region if isinstance(region, str) else None, owners


def _account(provider: dict[str, Value]) -> str | None:
    """Return the account that a provider works in, if it names one."""
    allowed = provider.get("allowedAccountIds")
    if isinstance(allowed, list) and len(allowed) == 1 and ACCOUNT.fullmatch(str(allowed[0])):
        return str(allowed[0])
    roles = provider.get("assumeRoles")
    role = provider.get("assumeRole") or (roles[-1] if isinstance(roles, list) and roles else None)
    arn = role.get("roleArn") if isinstance(role, dict) else None
    found = _ROLE.fullmatch(arn) if isinstance(arn, str) else None
    return found[1] if found else None
