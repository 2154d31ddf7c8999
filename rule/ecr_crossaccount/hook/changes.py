"""The resources of ECR that a change set would create, change or delete, judged before any of it happens.

A template alone leaves open what its parameters are; what CloudFormation says that a resource will be like leaves open
what is known after the change alone, the ARN of a new role for one. Either can decide where the other cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..access.verdict import Compliance
from ..gate.cloudformation.read import read_alone
from ..gate.cloudformation.template import Template, is_template
from ..gate.cloudformation.unjudged import LETS_NOBODY_IN
from ..gate.findings import Finding
from ..gate.found import FoundPolicy, Harvest
from ..gate.values.documents import documents
from ..gate.values.json_nodes import BadJsonError
from ..gate.values.nodes import Node, twice_in
from ..gate.values.yaml_nodes import BadYamlError
from ..policy.problems import quoted
from ..policy.strict_json import strict_value_of
from .judging import Place, finding, findings_of, no_outputs
from .request import Action, Json, RequestError

_ECR = "AWS::ECR::"
_AFTERWARDS, _STORED = "{{changeSet:", "{{resolve:changeSet:"
"""What stands for a value that is known after the change: read as any other reference to what is stored elsewhere."""

_HIDDEN = "****"
"""What CloudFormation shows of a parameter with NoEcho."""

_ACTIONS = {
    "CREATE": Action.CREATE,
    "ADD": Action.CREATE,
    "IMPORT": Action.CREATE,
    "UPDATE": Action.UPDATE,
    "MODIFY": Action.UPDATE,
    "DYNAMIC": Action.UPDATE,
    "DELETE": Action.DELETE,
    "REMOVE": Action.DELETE,
}
"""By the words of hooks and those of DescribeChangeSet."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource. `properties` and `previous` of it are None where CloudFormation does not say them."""

    action: Action
    kind: str
    name: str
    properties: Json | None
    previous: Json | None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What a change set would do: its changes of ECR, and the policies of its template by their resources."""

    changes: tuple[Change, ...]
    policies: Mapping[str, FoundPolicy]

    @classmethod
    def parse(cls, payload: bytes, place: Place) -> ChangeSet:
        """Read the payload of a request. Raises RequestError."""
        value = _json(payload)
        template, changed = value.get("template"), value.get("changedResources")
        if not isinstance(changed, list):
            return cls._of_template(_harvest(template, place))
        changes = tuple(_changes(changed))
        if all(one.action is Action.DELETE for one in changes):
            return cls(changes, {})
        try:
            policies = _harvest(template, place).policies
        except RequestError:
            if any(one.properties is None and one.action is not Action.DELETE for one in changes):
                raise
            policies = ()
        return cls(changes, {one.resource: one for one in policies})

    @classmethod
    def _of_template(cls, harvest: Harvest) -> ChangeSet:
        """Return everything in a template as if it were new: nothing says what of it changes."""
        absent = [one.reason for one in harvest.skipped if one.absent]
        for reason in [*(one.reason for one in harvest.unjudged), *absent]:
            raise RequestError(f"not all of the template can be judged: {reason}")
        changes = (Change(Action.CREATE, "", one.resource, None, None) for one in harvest.policies)
        return cls(tuple(changes), {one.resource: one for one in harvest.policies})

    def findings(self, change: Change, place: Place) -> tuple[Finding, ...]:
        """Judge what a resource will be. Raises RequestError where nothing says what that is."""
        policy = self.policies.get(change.name)
        by_template = () if policy is None else (finding(policy, place),)
        if by_template and change.properties is None:
            return by_template
        if change.properties is None and change.kind not in LETS_NOBODY_IN:
            raise RequestError(f"nothing says what {quoted(change.name)} will be like")
        by_context = findings_of(change.kind, change.name, change.properties or {}, place)
        opens = any(one.verdict.grants for one in by_context)
        return by_template if by_template and _is_decided(by_template[0]) and not opens else by_context


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


def _harvest(text: object, place: Place) -> Harvest:
    """Return what a template holds, with no default of a parameter taken for its value."""
    if not isinstance(text, str):
        raise RequestError("the payload has no template")
    try:
        roots = documents(text)
    except (BadJsonError, BadYamlError) as error:
        raise RequestError(f"the template is {error}") from None
    if len(roots) != 1 or not is_template(roots[0]):
        raise RequestError("the template is none")
    template = Template("", text, roots[0], no_outputs, account=place.account, region=place.region)
    found = read_alone(template.undefaulted())
    if found.errors:
        raise RequestError(f"the template cannot be read: {found.errors[0].message}")
    _refuse_doubtful(template, found)
    return found


def _refuse_doubtful(template: Template, found: Harvest) -> None:
    """Raise RequestError where a resource may be another than the one that stands in a template by its name."""
    for name in twice_in(template.root.get("Resources") or Node(None)):
        raise RequestError(f"{quoted(name)} appears more than once in the template's Resources")
    if any("AWS::Include" in one.reason for one in found.unjudged):
        raise RequestError("what AWS::Include adds to the template is not here")


def _changes(changed: list[object]) -> Iterator[Change]:
    for one in changed:
        fields = one if isinstance(one, dict) else {}
        kind, name = fields.get("resourceType"), fields.get("logicalResourceId")
        if not isinstance(kind, str) or not isinstance(name, str):
            raise RequestError("a changed resource has no type or no name")
        if kind.startswith(_ECR):
            action = _ACTIONS.get(str(fields.get("action")).upper())
            if action is None:
                raise RequestError(f"{quoted(fields.get('action'))} is not an action of a change set")
            after, before = (_properties(fields.get(context)) for context in ("afterContext", "beforeContext"))
            yield Change(action, kind, name, after, before)


def _properties(context: object) -> Json | None:
    """Return the properties in a context, which is a JSON text; None where there is none."""
    if not isinstance(context, str):
        return None
    try:
        value = strict_value_of(context.replace(_AFTERWARDS, _STORED).replace(_HIDDEN, f"{_STORED}NoEcho}}}}"))
    except BadJsonError:
        return None
    properties = value.get("Properties") if isinstance(value, dict) else None
    return properties if isinstance(properties, dict) else None
