"""From a Pulumi program, a preview or a state to the policies that it makes, or why one is not judged.

Previews and states are the output of `pulumi preview --json` and `pulumi stack export`.
https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from fnmatch import fnmatchcase

from ....documents.document import is_account
from ....documents.pattern import Hole, Holed
from ....judgement.admission import Origin
from ....judgement.kinds.table import EXCHANGES
from ....memo import by_value
from ....questions.change.owners import Owners
from ...files.files import File, file_text
from ...files.strays import ReadPolicy, misplacements, policy_of, strays
from ...files.values.nodes import ABSENT, Fields, Node, Place, node_of, plain
from ...files.values.partial import Value
from ...found.context import Context
from ...found.found import NOTHING, Harvest, Location, Skipped, unjudged_at
from ...reading.files import UnreadableError, list_folder
from ..aws_provider.policies import as_policy, read_policy
from ..aws_provider.resources import ACCOUNT_SETTING, CARRIERS, REQUIRED, found_policy, is_read, misplaced_in, unknown
from ..aws_provider.resources import Resource as Carried
from .program import Program, camel, is_ours, option, snake, terraform_type

_READER = "Pulumi"


@by_value
class Resource:
    """A resource. `inputs`: its inputs. `policy`: the value of the input that holds its policy, already read.

    `heads`: the places of the policy's name. `provider`: the provider that it names. `beside`: the fields beside the
    inputs, which have no effect.
    """

    name: str
    type: str
    inputs: Mapping[str, Value]
    at: Place
    policy_at: Place
    policy: ReadPolicy | None = None
    heads: tuple[Place, ...] = ()
    account: str | None = None
    region: str | None = None
    notes: tuple[str, ...] = field(default=())
    origin: Origin = Origin.PROPOSED
    provider: str = ""
    owners: Owners | None = None
    beside: tuple[tuple[str, Value], ...] = ()


def policy_input(kind: str) -> str | None:
    """Return the input that holds the policy of a type, in Terraform's spelling. None if it has none."""
    carrier = CARRIERS.get(terraform_type(kind) or "")
    return carrier.policy if carrier is not None else None


def harvest(resource: Resource, owner: str | None) -> Harvest:
    """Return the policy of a resource, or why it is not judged. Empty for a resource that gives no access.

    `owner`: the account of the deployment, if known.
    """
    kind = terraform_type(resource.type)
    if not is_ours(resource.type) or kind is None:
        return NOTHING
    if kind == ACCOUNT_SETTING:
        return NOTHING
    if kind not in CARRIERS:
        is_ecr = is_read(kind) or not kind.startswith("aws")
        return unknown(resource.name, resource.type, resource.at) if is_ecr else NOTHING
    attributes = {snake(name): value for name, value in resource.inputs.items()}
    region = attributes.get("region")
    found = found_policy(
        Carried(
            resource.name,
            kind,
            attributes,
            resource.policy_at,
            resource.at,
            resource.policy,
            account=resource.account,
            region=_region(resource, region),
            origin=resource.origin,
            notes=resource.notes,
            misplaced=tuple(_misplacements(resource, kind)),
        )
    )
    location = _location(resource, region, owner)
    return Harvest((replace(found, heads=resource.heads, location=location, owners=resource.owners),))


def _misplacements(resource: Resource, kind: str) -> Iterator[str]:
    """Yield why something else may be meant to be the policy: another input, or a field beside the inputs."""
    yield from misplaced_in(kind, resource.inputs, camel, _READER)
    if CARRIERS[kind].kind not in EXCHANGES:
        beside = ((name, node_of(as_policy(value))) for name, value in resource.beside)
        yield from misplacements(beside, f"properties.{camel(CARRIERS[kind].policy)}", _READER)


def _region(resource: Resource, said: Value) -> str | None:
    """Return the Region of a resource: its own, else that of its provider; None if it is not known."""
    if said in (None, ""):
        return resource.region
    return said if isinstance(said, str) else None


def _location(resource: Resource, region: Value, owner: str | None) -> Location | None:
    """Return where a resource is deployed, or None for the location of the deployment."""
    known = _region(resource, region)
    by = resource.provider or ("its region" if region is not None and known is None else "")
    if not by:
        return None
    account = resource.account if resource.provider else resource.account or owner
    return Location(account, known, "" if account and known else by)


_UNKNOWN_START = "04da6b54-80e4-46f7-96ec-"
"""The start of each text that represents a value known after the update. The rest distinguishes texts from numbers."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The field that marks an object as a secret, an output or a reference."""

_MASKED = frozenset({"[secret]", "[unknown]"})
_GONE = frozenset(
    {"delete", "delete-replaced", "discard-replaced", "remove-pending-replace", "read-discard", "discard"}
)
"""The operations after which a resource does not exist."""


def read_preview(root: Node, file: File, context: Context) -> Harvest | None:
    """Return the policies in a preview or a state; None if the document is neither."""
    steps = root.get("steps")
    if steps is not None and any(item.get("urn") is not None for item in steps.items):
        planned = [item.get("newState") for item in steps.items if item.find("op").text not in _GONE]
        states = [state for state in planned if state is not None]
        return Harvest.from_parts(_resource_in_state(state, file, context, Origin.PROPOSED) for state in states)
    resources = _state(root)
    if resources is None:
        return None
    return Harvest.from_parts(_resource_in_state(item, file, context, Origin.DEPLOYED) for item in resources.items)


def _state(root: Node) -> Node | None:
    paths = (("deployment", "resources"), ("checkpoint", "latest", "resources"))
    return next((found for path in paths if (found := root.find(*path)) is not ABSENT), None)


def _resource_in_state(state: Node, file: File, context: Context, origin: Origin) -> Harvest:
    kind = state.find("type").text
    if kind is None or not is_ours(kind) or state.find("delete").value is True:
        return Harvest()
    inputs = state.get("inputs") or state.but(Fields())
    known = _unknowns_to_holes(inputs)
    values = {name: plain(value) for name, value in known.fields}
    wanted = policy_input(kind)
    said = next((value for name, value in inputs.fields if snake(name) == wanted), None)
    found = next((value for name, value in known.fields if snake(name) == wanted), None)
    # An input that is missing may have been removed, as secrets are.
    missing = found is None and wanted in REQUIRED
    policy = ReadPolicy(Hole(str(wanted))) if missing else policy_of(said, found, file)
    resource = Resource(
        (state.find("urn").text or kind).rpartition("::")[2],
        kind,
        values,
        state.place(file.name),
        (said or state).place(file.name),
        policy,
        account=_account_of_state(state),
        notes=tuple(_notes(_account_of_state(state), context)),
        origin=origin,
        provider=_provider_of_state(state),
    )
    return harvest(resource, context.account)


def _provider_of_state(state: Node) -> str:
    """Return the provider of a resource, or "" for the default provider."""
    name = (state.find("provider").text or "").rpartition("::")[0].rpartition("::")[2]
    return "" if name.startswith("default") else name


def _account_of_state(state: Node) -> str | None:
    """Return the owner, as far as the outputs of an earlier deployment show it."""
    registry = state.find("outputs", "registryId").text
    return registry if registry and is_account(registry) else None


def _notes(account: str | None, context: Context) -> Iterator[str]:
    if account is not None and context.account not in (None, account):
        yield f"Pulumi has it in {account}, not in the given account {context.account}"


def _unknowns_to_holes(node: Node) -> Node:
    """Return a value with holes for unknown and secret parts."""
    match node.value:
        case str() as text if text in _MASKED or _UNKNOWN_START in text:
            return node.but(Hole("known after the update" if _UNKNOWN_START in text else "secret"))
        case Fields() as fields:
            if node.get(_SIGNATURE) is not None:
                return node.but(Hole("secret"))
            return node.but(Fields(tuple((name, _unknowns_to_holes(value)) for name, value in fields.pairs)))
        case tuple() as items:
            return node.but(tuple(_unknowns_to_holes(item) for item in items))
    return node


_ROLE = r"arn:[\w-]+:iam::([0-9]{12}):role/.*"
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
        printed = read_preview(root, file, context)
        return printed if not found else Harvest.from_parts(found)

    return read


def read_as_text(_file: File, _context: Context) -> None:
    """Return None: nothing is reported about text that is not valid data."""


def _programs(root: Node, file: File, context: Context) -> Iterator[Program]:
    for node in (root, *(value for _, value in root.find("components").fields)):
        if isinstance(node.find("resources").value, Fields):
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
    for key, node in program.root.find("resources").pairs:
        kind = node.find("type").text
        if kind is not None and is_ours(kind):
            yield _resource(program, key, node, kind)
        elif (stray := strays(node, program.file)) is not None:
            yield unjudged_at(key.place(program.file.name), str(key.value), stray.unjudged[0].reason)


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
        key.place(program.file.name),
        (pair[1] if pair else key).place(program.file.name),
        policy,
        heads=(pair[0].place(program.file.name),) if pair else (),
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
    pairs = reversed((said or ABSENT).pairs)
    return next(((key, value) for key, value in pairs if snake(str(key.value)) == wanted), None)


def _policy(program: Program, said: Node | None) -> ReadPolicy:
    if said is None:
        return ReadPolicy(None)
    written = program.origin(said)
    value: Value = program.value(written)
    if written.text is not None and isinstance(value, (str, Hole, Holed)):
        known = Node(value, written.line, written.column, written.block)
        return policy_of(written, known, program.file)
    return read_policy(value, written.place(program.file.name))


def _rests_on(program: Program) -> Iterator[str]:
    if program.used:
        yield _DEFAULTS.format(", ".join(f"`{name}`" for name in dict.fromkeys(program.used)))


def _provider(program: Program, node: Node) -> tuple[str | None, str | None, Owners | None]:
    """Return account and Region of a resource's provider, and the owners if it may have another account."""
    chosen = option(node, "provider")
    if chosen is None:
        return None, None, None
    name = (chosen.text or "").strip("${} ")
    said = program.section("resources").get(name, ABSENT).get("properties")
    values = program.value(said) if said is not None else {}
    values = values if isinstance(values, dict) else {}
    account, region = _account(values), values.get("region")
    is_usual = said is not None and values.keys() <= _WITHOUT_CREDENTIALS
    owners = None if account is not None or is_usual else Owners(hole=Hole(name or "?"))
    return account, region if isinstance(region, str) else None, owners


def _account(provider: dict[str, Value]) -> str | None:
    """Return the account that a provider works in, if it names one."""
    allowed = provider.get("allowedAccountIds")
    if isinstance(allowed, list) and len(allowed) == 1 and is_account(str(allowed[0])):
        return str(allowed[0])
    roles = provider.get("assumeRoles")
    role = provider.get("assumeRole") or (roles[-1] if isinstance(roles, list) and roles else None)
    arn = role.get("roleArn") if isinstance(role, dict) else None
    found = re.fullmatch(_ROLE, arn) if isinstance(arn, str) else None
    return found[1] if found else None
