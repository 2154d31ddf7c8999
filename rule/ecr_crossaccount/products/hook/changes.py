"""Judges the ECR resources of a change set before it creates, changes or deletes them.

A template alone does not have the values of its parameters. CloudFormation's preview of a resource does not have values
that are known only after the change, such as the ARN of a new role. Either can decide what the other cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...documents.json import BadJsonError, strict_value_of
from ...documents.problems import quote
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.verdict import Compliance
from ...memo import by_value
from ...sources.check.findings import Finding, judge_policy
from ...sources.files.values.documents import documents
from ...sources.files.values.nodes import Node, twice_in
from ...sources.formats.cloudformation.read import read_alone
from ...sources.formats.cloudformation.resources import LETS_NOBODY_IN, is_of_ecr
from ...sources.formats.cloudformation.template import Template, adding, is_template, render_macro
from ...sources.found.context import Context
from ...sources.found.found import FoundPolicy, Harvest
from ...sources.reading.yaml_events import BadYamlError
from .judging import check_type, findings_of, no_outputs
from .request import Action, Json, RequestError, Resource, is_made_elsewhere, unseen

_ACTIONS = {
    "CREATE": Action.CREATE,
    "ADD": Action.CREATE,
    "IMPORT": Action.CREATE,
    "UPDATE": Action.UPDATE,
    "MODIFY": Action.UPDATE,
    "DYNAMIC": Action.UPDATE,
    "SYNCWITHACTUAL": Action.UPDATE,
    "DELETE": Action.DELETE,
    "REMOVE": Action.DELETE,
}
"""By the words of hooks and those of DescribeChangeSet.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Resource.html
"""

# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RegisterType.html, and custom resources
_TYPE = re.compile(r"[A-Za-z0-9]{2,64}(?:::[A-Za-z0-9]{2,64}){2,3}|Custom::[A-Za-z0-9_@-]+")


@by_value
class ChangeSet:
    """What a change set would do.

    - `changes`: the changes of ECR resources.
    - `policies`: the ECR policies in the template, by resource.
    - `unseen`: what cannot be judged because it is not in the payload, one sentence each.
    """

    changes: tuple[Resource, ...]
    policies: Mapping[str, tuple[FoundPolicy, ...]]
    unseen: tuple[str, ...]

    @classmethod
    def parse(cls, payload: bytes, place: Context, *, resources_are_judged: bool) -> ChangeSet:
        """Read the payload of a request. Raises RequestError.

        `resources_are_judged`: whether the hook is also called for the resources of stacks.
        """
        value = _json(payload)
        template, changed = value.get("template"), value.get("changedResources")
        if not isinstance(changed, (list, type(None))):
            raise RequestError("the payload's `changedResources` is not a list")
        if not changed:
            return cls._of_template(*_harvest(template, place), judged=resources_are_judged)
        listed = tuple(_changes(changed))
        if all(change.action is Action.DELETE and is_of_ecr(change.kind) for change in listed):
            return cls(listed, {}, ())
        unread: tuple[str, ...] = ()
        try:
            found = _harvest(template, place)[1]
        except RequestError as error:
            if any(_needs_template(change) for change in listed):
                raise
            found, unread = Harvest(), (f"{error}, so the list of changes alone counts",)
        policies = _by_resource(found)
        # For calls that set a policy, only the template has the policy.
        calls = (
            replace(change, properties=None)
            for change in listed
            if not is_of_ecr(change.kind) and change.name in policies
        )
        changes = (*(change for change in listed if is_of_ecr(change.kind)), *calls)
        kinds = {change.name: change.kind for change in listed}
        reasons = {one.resource: one.reason for one in found.unjudged}
        return cls(changes, policies, (*unread, *unseen(kinds, reasons, judged=resources_are_judged)))

    @classmethod
    def _of_template(cls, template: Template, harvest: Harvest, *, judged: bool) -> ChangeSet:
        """Return everything in a template as new, because the payload does not say what changes."""
        kinds = {name: (one.get("Type") or Node(None)).text or "" for name, one in template.resources.items()}
        not_here = tuple(unseen(kinds, {}, judged=judged))
        reasons = [one.reason for one in harvest.unjudged if not is_made_elsewhere(kinds.get(one.resource, ""))]
        for reason in [*reasons, *(skipped.reason for skipped in harvest.skipped if skipped.absent)]:
            raise RequestError(f"not all of the template can be judged: {reason}")
        for policy in harvest.policies:
            if policy.kind is Kind.REGISTRY:
                raise RequestError(f"nothing says what {quote(policy.resource)} denies before the change")
        policies = _by_resource(harvest)
        return cls(tuple(Resource(Action.CREATE, "", name, None, None) for name in policies), policies, not_here)

    def findings(self, change: Resource, place: Context) -> tuple[Finding, ...]:
        """Judge a resource after the change. Raises RequestError if its properties are unknown."""
        policies = self.policies.get(change.name, ())
        by_template = tuple(judge_policy(policy, place) for policy in policies)
        if by_template and change.properties is None:
            return by_template
        if change.properties is None and change.kind not in LETS_NOBODY_IN:
            raise RequestError(f"nothing says what {quote(change.name)} will be like")
        by_context = findings_of(change.kind, change.name, change.properties or {}, place)
        if any(one.verdict.grants for one in by_context):
            return by_context
        lacks = any(map(_always_has_one, policies)) and any(one.found.policy is None for one in by_context)
        return by_template if by_template and (lacks or all(map(_is_decided, by_template))) else by_context


def _by_resource(harvest: Harvest) -> Mapping[str, tuple[FoundPolicy, ...]]:
    found: dict[str, tuple[FoundPolicy, ...]] = {}
    for policy in harvest.policies:
        found[policy.resource] = (*found.get(policy.resource, ()), policy)
    return found


def _needs_template(change: Resource) -> bool:
    if change.action is Action.DELETE:
        return False
    return change.properties is None if is_of_ecr(change.kind) else not change.kind.startswith("AWS::")


def _always_has_one(policy: FoundPolicy) -> bool:
    """Return whether a resource has a policy for all parameters. A preview without a policy is then incomplete."""
    return policy.policy is not None and all(one.policy is not None for one in policy.otherwise)


def _is_decided(one: Finding) -> bool:
    return one.verdict.compliance is Compliance.COMPLIANT or not (one.verdict.undecided or one.verdict.invalid)


def _json(payload: bytes) -> Json:
    try:
        value = strict_value_of(payload.decode("utf-8-sig"))
    except (UnicodeDecodeError, BadJsonError):
        raise RequestError("the payload is not JSON") from None
    if not isinstance(value, dict):
        raise RequestError("the payload is not an object")
    return value


def _harvest(text: object, place: Context) -> tuple[Template, Harvest]:
    """Return a template and its contents. Defaults of parameters do not count as their values."""
    if not isinstance(text, str):
        raise RequestError("the payload has no template")
    try:
        roots = documents(text)
    except (BadJsonError, BadYamlError) as error:
        raise RequestError(f"the template is {error}") from None
    if len(roots) != 1 or not is_template(roots[0]):
        raise RequestError("the template is not one of CloudFormation")
    template = Template("", text, roots[0], no_outputs, account=place.account, region=place.region)
    try:
        found = read_alone(template.drop_defaults())
    except RecursionError:
        raise RequestError("the template is nested too deeply to be read") from None
    if found.errors:
        raise RequestError(f"the template cannot be read: {found.errors[0].reason}")
    for name in twice_in(template.root.get("Resources") or Node(None)):
        raise RequestError(f"{quote(name)} appears more than once in the template's Resources")
    for node in adding(template.root):
        raise RequestError(f"what {render_macro(node)} adds to the template is not here")
    return template, found


def _changes(changed: list[object]) -> Iterator[Resource]:
    for one in changed:
        fields = one if isinstance(one, dict) else {}
        kind, name = fields.get("resourceType"), fields.get("logicalResourceId")
        if not isinstance(kind, str) or not isinstance(name, str):
            raise RequestError("a changed resource has no type or no name")
        if not _TYPE.fullmatch(kind):
            raise RequestError(f"{quote(kind)} is not a type of a resource")
        if is_of_ecr(kind):
            check_type(kind)
        action = _ACTIONS.get(str(fields.get("action")).upper().replace("_", ""))
        if action is None:
            raise RequestError(f"{quote(fields.get('action'))} is not an action of a change set")
        after, before = (_properties(fields.get(context)) for context in ("afterContext", "beforeContext"))
        yield Resource(action, kind, name, after, before)


def _properties(context: object) -> Json | None:
    """Return the properties in a context, which is a JSON text, or None if there are none."""
    if not isinstance(context, str):
        return None
    try:
        value = strict_value_of(context)
    except BadJsonError:
        return None
    properties = value.get("Properties") if isinstance(value, dict) else None
    return properties if isinstance(properties, dict) else None
