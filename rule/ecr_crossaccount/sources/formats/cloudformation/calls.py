"""Resources that call the API of ECR: the policies that they set, as far as the template shows them.

For the AWS CDK's custom resources, the template has the complete call. For others, it shows at most that there is one.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial

from ....documents.pattern import Hole
from ....judgement.kinds.table import Field, Format, fields_in
from ....judgement.kinds.table import ResourceKind as Kind
from ....judgement.values.trust import names_under
from ...files.values.documents import parse_text
from ...files.values.nodes import ABSENT, Node, Place, plain, statements_of
from ...found.found import ANY_NAME, FoundPolicy, Harvest, Otherwise, alike
from .resources import World, undefaulted_too, unjudged_harvest, worlds
from .template import Template

_CALLS = {name.lower(): field for name, field in fields_in(Format.API).items()}
_PUBLIC_CALLS = {name.lower(): field for name, field in fields_in(Format.API_PUBLIC).items()}
_WITHOUT_ACCESS = (
    r"(?:get|describe|list|batch|delete|tag|untag|startimagescan|startlifecycle|validate)[a-z]*"
    r"|createrepository|putlifecyclepolicy|putimage(?:scanningconfiguration|tagmutability)?"
    r"|putregistryscanningconfiguration|putaccountsetting|put(?:registry|repository)catalogdata"
)
"""Calls of ECR that give no access."""

_HARMLESS = frozenset({"Custom::ECRAutoDeleteImages"})
"""Custom resources of the AWS CDK that are about ECR and give no access."""

_EVENTS = ("Create", "Update")
_SPEAKS_OF_ECR = re.compile(r"\becr\b|ecr:|(?:repository|registry)_?policy", re.IGNORECASE)
_SETS_POLICIES = re.compile(
    r"(?:aws-sdk:ecr:|(?<!ecr:)(?<!ecr-public:))\b(?:set[-_]?repository[-_]?policy|put[-_]?registry[-_]?policy)\b",
    re.IGNORECASE,
)
"""A call in a program, and not an action in an IAM policy."""


def read_calls(template: Template, key: Node, resource: Node) -> Harvest:
    """Return the policies that a custom resource sets by its calls, each different policy once."""
    if resource.find("Type").text in _HARMLESS:
        return Harvest()
    found: list[FoundPolicy] = []
    others: list[Harvest] = []
    written = [one for event in _EVENTS if (one := resource.find("Properties", event)) is not ABSENT]
    for one in written:
        if any(_call_of(call) for call in _calls(template, one)):
            policy = undefaulted_too(template, partial(_policy, key=key, written=one))
            found += [policy] if all(policy.forms != other.forms for other in found) else []
        else:
            others += [_other(template, key, call, resource) for call in _calls(template, one)]
    if not written and _speaks_of_ecr(resource):
        return unjudged_harvest(template, key, "its function may set ECR policies: check what that does")
    return Harvest.from_parts([Harvest(tuple(found)), *others])


def by_its_code(template: Template, key: Node, resource: Node) -> Harvest:
    """Return the result for a resource of another service whose code calls ECR to set a policy."""
    if not _may_set_policies(template.text):
        return Harvest()
    call = next((found[0] for text in _texts(resource) if (found := _SETS_POLICIES.search(text))), None)
    if call is None:
        return Harvest()
    return unjudged_harvest(template, key, f"it calls `{call}` when it runs: check which policies it sets")


@lru_cache(maxsize=1)
def _may_set_policies(text: str) -> bool:
    """Return whether a file may have such a call. It is cached for the resources of one template."""
    letters = text.casefold().replace("-", "").replace("_", "")
    return "setrepositorypolicy" in letters or "putregistrypolicy" in letters


def _other(template: Template, key: Node, call: Node, resource: Node) -> Harvest:
    """Return the result for a call that sets no policy. A call that gives no access gives an empty harvest."""
    service, action = _names_of(call)
    if not (service and action):
        reason = "what it calls is not known before deployment: check which access that gives to others"
        return unjudged_harvest(template, key, reason) if _speaks_of_ecr(resource) else Harvest()
    if "ecr" not in service or re.fullmatch(_WITHOUT_ACCESS, action):
        return Harvest()
    return unjudged_harvest(template, key, f"it calls `{action}` of ECR: check which access that gives to others")


def _speaks_of_ecr(resource: Node) -> bool:
    return any(_SPEAKS_OF_ECR.search(text) for text in _texts(resource))


def _texts(node: Node) -> Iterator[str]:
    """Yield every text in a value, including names."""
    for name, value in node.fields:
        yield name
        yield from _texts(value)
    for item in node.items:
        yield from _texts(item)
    if node.text is not None:
        yield node.text


def _calls(template: Template, written: Node) -> Iterator[Node]:
    """Yield the call that a custom resource makes, in each world."""
    yield from (parse_text(world.resolved) for world in worlds(template, written) if world.resolved is not None)


def _call_of(call: Node) -> Field | None:
    """Return the description of a call that sets a policy, or None for any other call."""
    service, action = _names_of(call)
    public = _PUBLIC_CALLS.get(action) if "public" in service else None
    return public or _CALLS.get(action) if "ecr" in service else None


def _policy(template: Template, key: Node, written: Node) -> tuple[FoundPolicy, frozenset[str]]:
    """Return the policy that a call sets, and the inputs with a default that it depends on."""
    at = written.place(template.file)
    every = worlds(template, written)
    calls = [(world, parse_text(world.resolved)) for world in every if world.resolved is not None]
    known = [(call, field) for _, call in calls if (field := _call_of(call)) is not None]
    first, *others = alike(_reading(one, call, at) for one, call in calls)
    names = dict.fromkeys(name for call, field in known for name in _names(call, field))
    found = FoundPolicy(
        at,
        "/".join((*template.prefix, str(key.value))),
        known[0][1].kind if known else Kind.REPOSITORY,
        first.policy,
        first.statements,
        names=tuple(names) or ANY_NAME,
        account=template.account,
        region=template.region,
        notes=template.notes,
        when=first.when,
        ways=first.ways,
        otherwise=tuple(others),
    )
    return found, frozenset(name for world in every for name in world.rests_on)


def _reading(world: World, call: Node, at: Place) -> Otherwise:
    """Return the policy that a call sets in one world. A call that sets none there leaves the policy unknown."""
    known = _call_of(call)
    given = _policy_argument(call, known)
    policy = Node(Hole((known.policy if known else None) or "parameters")) if given is None else parse_text(given)
    statements = (at,) * len(statements_of(policy))
    return Otherwise(world.when, plain(policy), statements, world.by_default, world.beyond, world.ways)


def _policy_argument(call: Node, known: Field | None) -> Node | None:
    parameters = call.get("parameters")
    if known is None or parameters is None:
        return None
    return parameters.get(known.policy) if known.policy else parameters


def _names_of(call: Node) -> tuple[str, str]:
    """Return service and action of a call in lower case, for either version of the SDK."""
    service, action = ((call.find(name).text or "").lower() for name in ("service", "action"))
    return service, action.removesuffix("command")


def _names(call: Node, known: Field) -> tuple[str, ...]:
    name = call.find("parameters", known.name or known.prefix or "").text
    if not name:
        return ANY_NAME
    return names_under(name) if known.prefix else (name,)
