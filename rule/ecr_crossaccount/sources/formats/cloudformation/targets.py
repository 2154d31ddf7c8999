"""Where a StackSet deploys its template: the accounts, the Regions, and the parameters there.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-deploymenttargets.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-stackinstances.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ....documents.document import is_account
from ....documents.pattern import Hole
from ....memo import by_value
from ...files.values.nodes import ABSENT, Fields, Node, text_in
from .resources import worlds
from .template import Template

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
    regions = {region for group in groups for region in _texts(group.find("Regions"))}
    known = tuple(text for text in accounts if text is not None)
    return Targets(known if len(known) == len(accounts) else (), _only(regions), tuple(map(_overrides, groups)))


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
    accounts = _texts(where.find("Accounts")) if listed else ()
    return [account if account and is_account(account) else None for account in accounts] or (None,)


def _texts(node: Node) -> list[str | None]:
    """Return the texts of a list. An unknown text is None, and an unknown list is a list with None."""
    return [_text_of(one) for one in node.items] or [None]


def _text_of(node: Node) -> str | None:
    """Return the text of a scalar; None if it is unknown, and for any other value."""
    text = text_in(node)
    return text if isinstance(text, str) else None


def _only(values: set[str | None]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


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
