"""Resources that set policies without holding them: custom resources that call ECR, and StackSets.

Of a custom resource of the AWS CDK, the template has the complete call. Of others, it shows at most that there is one.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html

A StackSet deploys its template into other accounts and Regions, with other parameters.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-deploymenttargets.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-stackinstances.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from ....documents.document import is_account
from ....documents.pattern import Hole
from ....judgement.kinds.table import Field, Format, fields_in
from ....judgement.kinds.table import ResourceKind as Kind
from ....judgement.values.trust import names_under
from ....memo import by_value
from ...files.values.documents import parse_text
from ...files.values.nodes import ABSENT, Fields, Node, Place, plain, statements_of, text_in
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


# --- StackSets ---


_FILTERS_WITHOUT_UNITS = (None, "NONE", "INTERSECTION", "UNION")


@by_value
class Targets:
    """Where a StackSet is deployed.

    `accounts`: all accounts, or empty if some are unknown. `region`: the only Region, or None if there may be others.
    `overrides`: for each group of instances, the parameters with another value there, or None if these are unknown.
    """

    accounts: tuple[str, ...]
    region: str | None
    overrides: tuple[Mapping[str, Node] | None, ...]


def targets(template: Template, properties: Node) -> Targets:
    """Return where a StackSet with these properties is deployed. `properties` may be any value."""
    # Defaults do not count, because the StackSet may be deployed with other accounts.
    open_template = template.drop_defaults()
    groups = list(_resolve_items(open_template, properties.get("StackInstancesGroup")))
    joins = any(_joins(item) for item in _resolve_items(open_template, properties.get("AutoDeployment")))
    accounts = dict.fromkeys(account for group in groups for account in _accounts(group, joins=joins))
    regions = {region for group in groups for region in _known_texts(group.find("Regions"))}
    known = tuple(text for text in accounts if text is not None)
    region = next(iter(regions)) if len(regions) == 1 else None
    return Targets(known if len(known) == len(accounts) else (), region, tuple(map(_overrides, groups)))


def _resolve_items(template: Template, written: Node | None) -> Iterator[Node]:
    """Yield a value, or the items of a list, in every world."""
    for world in worlds(template, written) if written is not None else ():
        if world.resolved is not None:
            yield from world.resolved.items or (world.resolved,)


def _joins(deployment: Node) -> bool:
    """Return whether accounts that join an organizational unit later may get the template too."""
    enabled = deployment.get("Enabled")
    return isinstance(deployment.value, Hole) or (enabled is not None and _text_of(enabled) != "false")


def _accounts(group: Node, *, joins: bool) -> Iterable[str | None]:
    """Return the accounts of a group of instances, None for those that are unknown."""
    where = group.find("DeploymentTargets")
    units, rule = where.get("OrganizationalUnitIds"), where.get("AccountFilterType")
    kind = None if rule is None else _text_of(rule)
    if where.get("AccountsUrl") is not None:
        return (None,)
    if units is None or units.value == ():
        listed = kind in _FILTERS_WITHOUT_UNITS
    else:
        listed = kind == "INTERSECTION" and not joins
    accounts = _known_texts(where.find("Accounts")) if listed else ()
    return [account if account and is_account(account) else None for account in accounts] or (None,)


def _known_texts(node: Node) -> list[str | None]:
    """Return the texts of a list. An unknown text is None, and an unknown list is a list with None."""
    return [_text_of(one) for one in node.items] or [None]


def _text_of(node: Node) -> str | None:
    """Return the text of a scalar; None if it is unknown, and for any other value."""
    text = text_in(node)
    return text if isinstance(text, str) else None


def _overrides(group: Node) -> Mapping[str, Node] | None:
    written = group.find("ParameterOverrides")
    if isinstance(group.value, Hole) or (written is not ABSENT and not isinstance(written.value, tuple)):
        return None
    given = {_text_of(item.find("ParameterKey")): item.find("ParameterValue") for item in written.items}
    return None if None in given else {str(name): value for name, value in given.items()}


def overridden(template: Template, overrides: Iterable[Mapping[str, Node] | None]) -> Template:
    """Return the template of a StackSet whose parameters have the values of any group of instances.

    A parameter that a group overrides has one of a few values, or any value if one of them is unknown.
    """
    groups = list(overrides)
    names = set(template.parameters) if None in groups else {name for group in groups if group for name in group}
    declared = {name: _declare_parameter(template, name, groups) for name in names & template.parameters.keys()}
    if not declared:
        return template
    without = template.without_defaults

    def undeclared_values(given: Mapping[str, Node]) -> Mapping[str, Node]:
        return {name: value for name, value in given.items() if name not in declared}

    return replace(
        template,
        root=_with_parameters(template.root, declared),
        given=undeclared_values(template.given),
        without_defaults=None if without is None else lambda: undeclared_values(without()),
        handed_on={name: values for name, values in template.handed_on.items() if name not in declared},
    )


def _declare_parameter(template: Template, name: str, groups: Iterable[Mapping[str, Node] | None]) -> Node:
    """Return the declaration of a parameter that has one of the groups' values, and no default."""
    written = template.parameters[name]
    values = [value for group in groups for value in _values(template, name, group)]
    kept = tuple((key, value) for key, value in written.pairs if key.value not in ("Default", "AllowedValues"))
    texts = dict.fromkeys(values)
    if None in texts:
        return written.but(Fields(kept))
    allowed = tuple(written.but(text) for text in texts)
    return written.but(Fields((*kept, (written.but("AllowedValues"), written.but(allowed)))))


def _values(template: Template, name: str, group: Mapping[str, Node] | None) -> Iterator[str | None]:
    """Yield the values that a parameter can have in one group of instances, None for an unknown one."""
    if group is None:
        yield None
    elif name in group:
        yield _text_of(group[name])
    elif name in template.given:
        undefaulted = {} if template.without_defaults is None else template.without_defaults()
        yield _text_of(undefaulted.get(name, template.given[name]))
    else:
        default = template.parameters[name].get("Default")
        yield None if default is None else _text_of(default)


def _with_parameters(root: Node, declared: Mapping[str, Node]) -> Node:
    """Return a template with other declarations of some parameters."""
    section = root.find("Parameters")
    parameters = section.but(_with_values(section, declared))
    return root.but(_with_values(root, {"Parameters": parameters}))


def _with_values(node: Node, others: Mapping[str, Node]) -> Fields:
    """Return the fields of an object, some of them with other values."""
    return Fields(tuple((key, others.get(str(key.value), value)) for key, value in node.pairs))
