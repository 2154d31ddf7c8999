"""The output of `pulumi preview --json` and `pulumi stack export`, and the files in which Pulumi keeps its states.

https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
"""

from __future__ import annotations

from collections.abc import Iterator

from ....documents.holes import Hole
from ....judgement.admission import Origin
from ...files.files import File
from ...files.strays import place, policy_of
from ...files.values.nodes import Fields, Node, plain
from ...found.context import Context
from ...found.found import Harvest
from ..aws_provider.policies import ReadPolicy
from ..aws_provider.resources import REQUIRED
from .resources import ACCOUNT, Resource, harvest, policy_input
from .types import is_ours, snake

_UNKNOWN_START = "04da6b54-80e4-46f7-96ec-"
"""The start of each text that represents a value known after the update. The rest distinguishes texts from numbers."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The field that marks an object as a secret, an output or a reference."""

_MASKED = frozenset({"[secret]", "[unknown]"})
_GONE = frozenset(
    {"delete", "delete-replaced", "discard-replaced", "remove-pending-replace", "read-discard", "discard"}
)
"""The operations after which a resource does not exist."""


def read(root: Node, file: File, context: Context) -> Harvest | None:
    """Return the policies in a preview or a state; None if the document is neither."""
    steps = root.get("steps")
    if steps is not None and any(one.get("urn") is not None for one in steps.items):
        return Harvest.of(_step(one, file, context) for one in steps.items)
    resources = _state(root)
    if resources is None:
        return None
    return Harvest.of(_resource(one, file, context, Origin.DEPLOYED) for one in resources.items)


def _state(root: Node) -> Node | None:
    """Return the resources of a state or a checkpoint."""
    for path in (("deployment", "resources"), ("checkpoint", "latest", "resources")):
        node: Node | None = root
        for name in path:
            node = node.get(name) if node is not None else None
        if node is not None:
            return node
    return None


def _step(step: Node, file: File, context: Context) -> Harvest:
    op, state = step.get("op"), step.get("newState")
    gone = op is not None and op.text in _GONE
    return Harvest() if gone or state is None else _resource(state, file, context, Origin.PROPOSED)


def _resource(state: Node, file: File, context: Context, origin: Origin) -> Harvest:
    kind, urn, deleted = state.get("type"), state.get("urn"), state.get("delete")
    if kind is None or kind.text is None or not is_ours(kind.text) or (deleted is not None and deleted.value is True):
        return Harvest()
    inputs = state.get("inputs") or state.but(Fields())
    known = _known(inputs)
    values = {name: plain(value) for name, value in known.fields}
    wanted = policy_input(kind.text)
    said = next((value for name, value in inputs.fields if snake(name) == wanted), None)
    found = next((value for name, value in known.fields if snake(name) == wanted), None)
    written = policy_of(said, found, file)
    # An input that is missing may have been removed, as secrets are.
    missing = found is None and wanted in REQUIRED
    policy = ReadPolicy(Hole(str(wanted)) if missing else written.policy, written.statements)
    resource = Resource(
        (urn.text if urn is not None and urn.text else kind.text).rpartition("::")[2],
        kind.text,
        values,
        place(file, state),
        place(file, said or state),
        policy,
        account=_account(state),
        notes=tuple(_notes(_account(state), context)),
        origin=origin,
        provider=_provider(state),
    )
    return harvest(resource, context.account)


def _provider(state: Node) -> str:
    """Return the provider of a resource, or "" for the default provider."""
    said = state.get("provider")
    name = said.text.rpartition("::")[0].rpartition("::")[2] if said is not None and said.text else ""
    return "" if name.startswith("default") else name


def _account(state: Node) -> str | None:
    """Return the owner, as far as the outputs of an earlier deployment show it."""
    outputs = state.get("outputs")
    registry = outputs.get("registryId") if outputs is not None else None
    return registry.text if registry is not None and registry.text and ACCOUNT.fullmatch(registry.text) else None


def _notes(account: str | None, context: Context) -> Iterator[str]:
    if account is not None and context.account not in (None, account):
        yield f"Pulumi has it in {account}, not in the given account {context.account}"


def _known(node: Node) -> Node:
    """Return a value with holes for unknown and secret parts."""
    match node.value:
        case str() as text if text in _MASKED or _UNKNOWN_START in text:
            return node.but(Hole("known after the update" if _UNKNOWN_START in text else "secret"))
        case Fields() as fields:
            if node.get(_SIGNATURE) is not None:
                return node.but(Hole("secret"))
            return node.but(Fields(tuple((name, _known(value)) for name, value in fields.pairs)))
        case tuple() as items:
            return node.but(tuple(_known(item) for item in items))
    return node
