"""What CloudFormation does and moto does not: the SAM transform, included files, and two resources of AWS Config.

moto stores the stacks. Before it gets a template, the transform `AWS::Serverless-2016-10-31` is applied and each
`AWS::Include` is filled in, as CloudFormation does. Parameters that keep their earlier value get it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import boto3
import yaml
from moto.cloudformation import models, parsing
from moto.cloudformation.models import cloudformation_backends
from moto.core.common_models import CloudFormationModel
from moto.s3.models import FakeBucket as MotoBucket
from moto.ssm.models import Document as MotoDocument
from samtranslator.translator.transform import transform
from typing_extensions import override

from organization.sources import parsed
from tests.fakes.overlay import Forward, Request, Response

Json = dict[str, Any]

_SUBSTITUTED = re.compile(r"\$\{([A-Za-z0-9]+)\}")
_WITH_TEMPLATE = frozenset({"CreateStack", "UpdateStack", "CreateChangeSet"})


def update_as_cloudformation_does() -> None:
    """Let an update of a stack change what depends on its parameters, and only resources that exist.

    moto misses a parameter that the list form of `Fn::Sub` names. It fails on a resource whose condition is false, and
    forgets one that it cannot update.
    """
    update, references = parsing.parse_and_update_resource, parsing.get_references_from_template
    if update.__module__ != parsing.__name__:
        return  # patched before

    def update_if_it_is_there(logical_id: str, written: Any, resources: Any, **where: str) -> Any:  # noqa: ANN401 - moto's
        known = resources[logical_id]
        return known if known is None else update(logical_id, written, resources, **where) or known

    def every_reference(template: Any) -> Any:  # noqa: ANN401 - moto's
        return [*references(template), *_SUBSTITUTED.findall(json.dumps(template))]

    parsing.parse_and_update_resource = update_if_it_is_there  # type: ignore[assignment] # without types
    parsing.get_references_from_template = every_reference


def cloudformation(request: Request, forward: Forward) -> Response:
    """Answer a call to CloudFormation."""
    fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    if fields.get("Action") in _WITH_TEMPLATE:
        template = fields.pop("TemplateBody", "") or _at(fields.pop("TemplateURL"))
        fields["TemplateBody"] = json.dumps(_processed(parsed(template), fields["StackName"]))
        _keep_values(fields)
        request = replace(request, body=urlencode(fields).encode())
    answer = forward(request)
    if fields.get("Action") == "ExecuteChangeSet":
        _show_outputs()
    return answer


class _Templates:
    """moto's template reader. Templates are JSON here, which PyYAML reads a hundred times slower than `json`."""

    Loader = yaml.Loader
    add_multi_constructor = staticmethod(yaml.add_multi_constructor)

    @staticmethod
    def load(text: str, Loader: type[yaml.Loader]) -> object:  # noqa: N803 - PyYAML's name
        try:
            return json.loads(text)
        except ValueError:
            return yaml.load(text, Loader)  # noqa: S506 - moto's choice


models.yaml = _Templates  # type: ignore[attr-defined, assignment] # moto uses no more of the module


def _show_outputs() -> None:
    """Let stacks show the outputs of the new template of a change set. moto shows those of the previous one."""
    for stack in {id(one): one for region in cloudformation_backends.values() for one in _stacks(region)}.values():
        stack._parse_template()  # noqa: SLF001 - moto has no other way
        stack.output_map = stack._create_output_map()  # noqa: SLF001 - as above


def _stacks(regions: Mapping[str, Any]) -> Iterator[Any]:
    for backend in regions.values():
        yield from backend.stacks.values()


def _processed(template: Json, stack: str) -> Json:
    found: Json = transform(template, {}, None) if "Transform" in template else template
    for name, resource in found["Resources"].items():
        properties = resource.setdefault("Properties", {})
        if properties.get("FifoQueue"):  # CloudFormation adds a FIFO queue's suffix, moto does not
            properties["QueueName"] = f"{stack}-{name}.fifo"
        if resource["Type"] == "AWS::Lambda::Function":
            parameters = set(found.get("Parameters", {}))
            properties["Environment"] = _with_references(properties.get("Environment", {}), parameters)
        if resource["Type"] == "AWS::SSM::Document":  # CloudFormation's default, which moto does not have
            properties.setdefault("DocumentFormat", "JSON")
            properties["Content"] = _included(properties["Content"])
    return found


def _with_references(value: Any, parameters: set[str]) -> Any:  # noqa: ANN401 - JSON
    """Return a value whose substitutions list their parameters.

    Otherwise moto does not see that an update changes it.
    """
    if isinstance(value, dict) and isinstance(value.get("Fn::Sub"), str):
        named = sorted(parameters & set(_SUBSTITUTED.findall(value["Fn::Sub"])))
        return {"Fn::Sub": [value["Fn::Sub"], {name: {"Ref": name} for name in named}]}
    if isinstance(value, dict):
        return {name: _with_references(one, parameters) for name, one in value.items()}
    return value


def _included(content: Json) -> Json:
    if "Fn::Transform" not in content:
        return content
    assert content["Fn::Transform"]["Name"] == "AWS::Include"
    return parsed(_at(content["Fn::Transform"]["Parameters"]["Location"]))


def _at(location: str) -> str:
    """Return the object at an address, `s3://BUCKET/KEY` or `https://HOST/BUCKET/KEY`."""
    parts = urlsplit(location)
    bucket, key = (parts.netloc, parts.path[1:]) if parts.scheme == "s3" else parts.path[1:].partition("/")[::2]
    return boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def _keep_values(fields: dict[str, str]) -> None:
    kept = [name for name in fields if name.endswith(".UsePreviousValue")]
    if not kept:
        return
    stack = boto3.client("cloudformation").describe_stacks(StackName=fields["StackName"])["Stacks"][0]
    values = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    for name in kept:
        del fields[name]
        start = name.removesuffix("UsePreviousValue")
        fields[f"{start}ParameterValue"] = values[fields[f"{start}ParameterKey"]]


@dataclass(slots=True)
class Declared:
    """The current rules and remediation configurations of the stacks, by the rule's name, with their properties."""

    rules: dict[str, Json] = field(default_factory=dict)
    remediations: dict[str, Json] = field(default_factory=dict)


class _Config(CloudFormationModel):
    """A resource of AWS Config, which moto's own CloudFormation ignores."""

    declared: ClassVar[Declared] = Declared()

    def __init__(self, name: str) -> None:
        self.physical_resource_id = name

    @staticmethod
    @override
    def cloudformation_name_type() -> str:
        return ""

    @classmethod
    @override
    def has_cfn_attr(cls, attr: str) -> bool:
        return True

    @override
    def is_created(self) -> bool:
        return True

    @classmethod
    def kept(cls) -> dict[str, Json]:
        raise NotImplementedError

    @classmethod
    @override
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> _Config:
        properties: Mapping[str, Any] = cloudformation_json["Properties"]
        name = properties["ConfigRuleName"]
        cls.kept()[name] = dict(properties)
        return cls(name)

    @classmethod
    @override
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Json,
        account_id: str,
        region_name: str,
    ) -> _Config:
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    @classmethod
    @override
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str
    ) -> None:
        cls.kept().pop(resource_name, None)


class _Rule(_Config):
    @staticmethod
    @override
    def cloudformation_type() -> str:
        return "AWS::Config::ConfigRule"

    @classmethod
    @override
    def kept(cls) -> dict[str, Json]:
        return cls.declared.rules

    def get_cfn_attribute(self, attribute: str) -> str:
        assert attribute == "Arn"
        return f"arn:aws:config:eu-central-1:111122223333:config-rule/{self.physical_resource_id}"


class _Remediation(_Config):
    @staticmethod
    @override
    def cloudformation_type() -> str:
        return "AWS::Config::RemediationConfiguration"

    @classmethod
    @override
    def kept(cls) -> dict[str, Json]:
        return cls.declared.remediations


def _without_nothing(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _without_nothing(one) for name, one in value.items()}
    return [_without_nothing(one) for one in value if one is not None] if isinstance(value, list) else value


class _Document(MotoDocument):
    """A document of Systems Manager. moto stores it as in the template: not as text, with `AWS::NoValue` in lists."""

    @classmethod
    @override
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> MotoDocument:
        properties = cloudformation_json["Properties"]
        as_text = {
            **cloudformation_json,
            "Properties": {**properties, "Content": json.dumps(_without_nothing(properties["Content"]))},
        }
        return super().create_from_cloudformation_json(resource_name, as_text, account_id, region_name, **kwargs)


class _Bucket(MotoBucket):
    """A bucket of S3 with versioning, which moto ignores."""

    @classmethod
    @override
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> MotoBucket:
        bucket: MotoBucket = super().create_from_cloudformation_json(
            resource_name, cloudformation_json, account_id, region_name, **kwargs
        )
        bucket.versioning_status = cloudformation_json["Properties"].get("VersioningConfiguration", {}).get("Status")
        return bucket


_update = parsing.parse_and_update_resource


def _updated(
    logical_id: str,
    resource_json: Json,
    resources_map: Any,  # noqa: ANN401 - moto's
    account_id: str,
    region_name: str,
) -> Any:  # noqa: ANN401 - moto's
    """Update a resource, unless its condition excludes it from the stack. moto would update it and fail."""
    condition = resource_json.get("Condition")
    if condition and not resources_map.lazy_condition_map[condition]:
        return None
    return _update(logical_id, resource_json, resources_map, account_id=account_id, region_name=region_name)


def declare() -> Declared:
    """Add AWS Config's resources to moto's CloudFormation from now on, and return what stacks declare."""
    parsing.parse_and_update_resource = _updated
    models = {model.cloudformation_type(): model for model in (_Rule, _Remediation, _Document, _Bucket)}
    parsing.get_model_map().update(models)
    parsing.get_name_type_map().update(
        {"AWS::Config::ConfigRule": "ConfigRuleName", "AWS::Config::RemediationConfiguration": ""}
    )
    _Config.declared = Declared()
    return _Config.declared
