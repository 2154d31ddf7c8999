"""Pulumi: each part of a preview, a state and a program, by what a change of it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.case_tables import OWNER
from tests.check.conftest import Look
from tests.check.told import CLOSED, OPEN, OPEN_BASE, STRAY, THEIRS, told, unusual
from tests.wording import sentence

TYPE = "aws:ecr/repositoryPolicy:RepositoryPolicy"
URN = f"urn:pulumi:dev::app::{TYPE}::open"
INPUTS: Mapping[str, object] = {"repository": "base", "policy": json.dumps(OPEN)}
SIGNED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}
LATER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def state(**more: object) -> dict[str, object]:
    """Return a resource; None removes a field."""
    every = {"urn": URN, "type": TYPE, "inputs": dict(INPUTS), **more}
    return {
        "steps": [
            {"op": "create", "urn": URN, "newState": {name: one for name, one in every.items() if one is not None}}
        ]
    }


def inputs(**more: object) -> dict[str, object]:
    return state(inputs={name: one for name, one in {**INPUTS, **more}.items() if one is not None})


def stored(*path: str, **more: object) -> dict[str, object]:
    found: object = [{"urn": URN, "type": TYPE, "inputs": dict(INPUTS), **more}]
    for name in reversed(path):
        found = {name: found}
    return found  # type: ignore[return-value] # an object, as there is a path


def program(
    properties: object = None,
    options: object = None,
    beside: Mapping[str, object] | None = None,
    **more: Any,  # noqa: ANN401 - parts of a program
) -> dict[str, object]:
    """Return a program with a policy. `more`: its other resources and sections."""
    resource = {
        "type": more.pop("type", TYPE),
        "properties": INPUTS if properties is None else properties,
        **(beside or {}),
    }
    if options is not None:
        resource["options"] = options
    others = more.pop("resources", {})
    return {"name": "app", "runtime": "yaml", "resources": {"open": resource, **others}, **more}


def provided(**properties: object) -> dict[str, object]:
    """Return a program whose policy has a provider with these properties."""
    other = {"type": "pulumi:providers:aws", "properties": properties}
    return program(options={"provider": "${theirs}"}, resources={"theirs": other})


def valued(value: object, **more: Any) -> dict[str, object]:  # noqa: ANN401 - parts of a program
    """Return a program whose policy has one value."""
    return program({"repository": "base", "policy": {"fn::toJSON": {"Id": value}}}, **more)


USUAL: Mapping[str, object] = {**OPEN_BASE, "resource": "open", "region": None}


def differs(look: Look, file: Mapping[str, object]) -> dict[str, object]:
    """Return what is found in a file and is not usual. Names with a dot are files beside it."""
    name = "Pulumi.yaml" if "runtime" in file else "state.json"
    beside = {key: one for key, one in file.items() if "." in key}
    found = told(look({**beside, name: {key: one for key, one in file.items() if key not in beside}}, name))
    return unusual(found, USUAL)


PROVIDER = "urn:pulumi:dev::app::pulumi:providers:aws::theirs::id"
NEW = sentence("found.version_does_not_know")
KNOWN_LATER = "<known after the update>"
HAS = sentence("preview.pulumi_not_given_account", theirs=THEIRS, owner=OWNER)
OTHER = sentence("pulumi.made_provider_account")
DEFAULTS = sentence("pulumi.rests_defaults_configuration")
ANY_OWNER: Mapping[str, object] = {
    "account": None,
    "location": (None, None, "${theirs}"),
    "owners": "<theirs>",
    "notes": [OTHER.format("theirs")],
}
ROWS: Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
    "a step": (state(), {}),
    "no name": (state(urn=None), {"resource": "aws:ecr/repositoryPolicy:RepositoryPolicy"}),
    "a blank name": (state(urn=""), {"resource": "aws:ecr/repositoryPolicy:RepositoryPolicy"}),
    "no type": (state(type=None), {"nothing": True}),
    "another type": (state(type="aws:s3/bucketPolicy:BucketPolicy"), {"nothing": True}),
    "a type that is not known": (
        state(type="aws:ecr/brandNew:BrandNew"),
        {
            "unjudged": (
                "open",
                NEW.format("aws:ecr/brandNew:BrandNew"),
            )
        },
    ),
    "a type of others that is not known": (state(type="other:ecr/brandNew:BrandNew"), {"nothing": True}),
    "a type without access": (state(type="aws:ecr/lifecyclePolicy:LifecyclePolicy"), {"nothing": True}),
    "a setting": (state(type="aws:ecr/accountSetting:AccountSetting"), {"nothing": True}),
    "a repository of AWSX": (state(type="awsx:ecr:Repository"), {"nothing": True}),
    "an image of AWSX": (state(type="awsx:ecr:Image"), {"nothing": True}),
    "an image in a registry of AWSX": (state(type="awsx:ecr:RegistryImage"), {"nothing": True}),
    "another type of AWSX": (state(type="awsx:ecr:Other"), {"nothing": True}),
    "deleted": (state(delete=True), {"nothing": True}),
    "not deleted": (state(delete=False), {}),
    "no inputs": (state(inputs=None), {"policy": "<policy>", "names": ["*"]}),
    "no policy": (inputs(policy=None), {"policy": "<policy>"}),
    "a policy that is an object": (inputs(policy=OPEN), {}),
    "a secret policy": (inputs(policy="[secret]"), {"policy": "<secret>"}),
    "a policy that is unknown": (inputs(policy="[unknown]"), {"policy": "<secret>"}),
    "a policy known later": (inputs(policy=LATER), {"policy": KNOWN_LATER}),
    "a policy that is signed": (inputs(policy=SIGNED), {"policy": "<secret>"}),
    "a secret in a policy": (
        inputs(policy={"Id": ["[secret]", SIGNED, LATER, "x"]}),
        {"policy": {"Id": ["<secret>", "<secret>", KNOWN_LATER, "x"]}},
    ),
    "a text like a secret": (inputs(policy={"Id": "[secrets]"}), {"policy": {"Id": "[secrets]"}}),
    "a secret repository": (inputs(repository="[secret]"), {"names": ["*"]}),
    "a Region": (inputs(region="us-east-1"), {"region": "us-east-1"}),
    "a blank Region": (inputs(region=""), {"location": (OWNER, None, "its region")}),
    "a secret Region": (inputs(region="[secret]"), {"location": (OWNER, None, "its region")}),
    "outputs": (state(outputs={"registryId": THEIRS}), {"account": THEIRS, "notes": [HAS]}),
    "outputs of the owner": (state(outputs={"registryId": OWNER}), {}),
    "outputs without a registry": (state(outputs={"id": THEIRS}), {}),
    "outputs of no registry": (state(outputs={"registryId": "22223333444"}), {}),
    "outputs of a blank registry": (state(outputs={"registryId": ""}), {}),
    "the usual provider": (state(provider="urn:pulumi:dev::app::pulumi:providers:aws::default_6_0_0::id"), {}),
    "another provider": (state(provider=PROVIDER), {"location": (None, None, "theirs")}),
    "another provider and a Region": (
        state(provider=PROVIDER, inputs={**INPUTS, "region": "us-east-1"}),
        {"region": "us-east-1", "location": (None, "us-east-1", "theirs")},
    ),
    "another provider and a secret Region": (
        state(provider=PROVIDER, inputs={**INPUTS, "region": "[secret]"}),
        {"location": (None, None, "theirs")},
    ),
    "another provider and its account": (
        state(provider=PROVIDER, outputs={"registryId": THEIRS}),
        {"account": THEIRS, "location": (THEIRS, None, "theirs"), "notes": [HAS]},
    ),
    "another provider, its account and a Region": (
        state(provider=PROVIDER, outputs={"registryId": THEIRS}, inputs={**INPUTS, "region": "us-east-1"}),
        {"account": THEIRS, "region": "us-east-1", "location": (THEIRS, "us-east-1", ""), "notes": [HAS]},
    ),
    "a blank provider": (state(provider=""), {}),
    "an account and a secret Region": (
        state(outputs={"registryId": THEIRS}, inputs={**INPUTS, "region": "[secret]"}),
        {"account": THEIRS, "location": (THEIRS, None, "its region"), "notes": [HAS]},
    ),
    "a policy misspelled": (
        inputs(polici=json.dumps(OPEN)),
        {"doubts": [sentence("strays.policy_polici_where")]},
    ),
    "a policy in another input": (
        inputs(other=json.dumps(OPEN)),
        {"doubts": [sentence("strays.policy_other_where")]},
    ),
    "a deployment": (stored("deployment", "resources"), {}),
    "a checkpoint": (stored("checkpoint", "latest", "resources"), {}),
    "a part of a checkpoint": (stored("checkpoint", "resources"), {"unjudged": ("policy", STRAY)}),
    "another part of a checkpoint": (stored("latest", "resources"), {"unjudged": ("policy", STRAY)}),
    "a deployment that is deleted": (stored("deployment", "resources", delete=True), {"nothing": True}),
    "steps of others": (
        {"steps": [{"op": "create", "newState": {"type": TYPE, "inputs": {"policy": "x"}}}]},
        {"skipped": [sentence("dispatch.neither_template_nor")]},
    ),
    "a step without a state": ({"steps": [{"op": "create", "urn": URN}]}, {"nothing": True}),
    "a program": (program(), {}),
    "a policy that is read": (
        program(beside={"get": {"id": "x"}}),
        {"skipped": [sentence("pulumi.open_read_not_made")]},
    ),
    "no properties": (program({}), {"policy": "<policy>", "names": ["*"]}),
    "properties that are a text": (program("${x}"), {"policy": "<policy>", "names": ["*"]}),
    "properties that are a call": (
        program({"fn::invoke": {"function": "x:y"}}),
        {"policy": "<policy>", "names": ["*"]},
    ),
    "a call in upper case": (program({"Fn::Invoke": {"function": "x:y"}}), {"policy": "<policy>", "names": ["*"]}),
    "a policy beside the properties": (
        program({"repository": "base"}, beside={"policy": json.dumps(OPEN)}),
        {
            "policy": "<policy>",
            "doubts": [sentence("strays.policy_policy_where")],
        },
    ),
    "a policy beside another": (
        program(beside={"policy": json.dumps(CLOSED)}),
        {"doubts": [sentence("strays.policy_policy_where")]},
    ),
    "a name beside": (program(beside={"name": json.dumps(OPEN)}), {}),
    "a default provider beside": (program(beside={"defaultProvider": json.dumps(OPEN)}), {}),
    "a type of another": (program(type="aws:s3:BucketPolicy"), {"unjudged": ("policy", STRAY)}),
    "a policy in the properties of another": (program({"policy": OPEN}, type="x:y:Z"), {"unjudged": ("policy", STRAY)}),
    "options without a provider": (program(options={"protect": True}), {}),
    "a provider that is not here": (program(options={"provider": "${theirs}"}), ANY_OWNER),
    "a provider that is no text": (
        program(options={"provider": 5}),
        {"account": None, "location": (None, None, "a provider"), "owners": "<?>", "notes": [OTHER.format("?")]},
    ),
    "a provider with a Region": (
        provided(region="us-east-1"),
        {"region": "us-east-1", "location": (None, "us-east-1", "${theirs}")},
    ),
    "a provider with a Region that is not known": (provided(region="${x}"), {"location": (None, None, "${theirs}")}),
    "a provider with what is usual": (
        provided(region="us-east-1", defaultTags={}, ignoreTags={}, maxRetries=1, retryMode="x"),
        {"region": "us-east-1", "location": (None, "us-east-1", "${theirs}")},
    ),
    "a provider with default tags": (provided(defaultTags={}), {"location": (None, None, "${theirs}")}),
    "a provider with ignored tags": (provided(ignoreTags={}), {"location": (None, None, "${theirs}")}),
    "a provider with retries": (provided(maxRetries=5), {"location": (None, None, "${theirs}")}),
    "a provider with a mode of retries": (provided(retryMode="x"), {"location": (None, None, "${theirs}")}),
    "a provider with a profile": (provided(profile="x"), ANY_OWNER),
    "a provider with an account": (
        provided(allowedAccountIds=[THEIRS]),
        {"account": THEIRS, "location": (THEIRS, None, "${theirs}")},
    ),
    "a provider with an account and a Region": (
        provided(allowedAccountIds=[THEIRS], region="us-east-1"),
        {"account": THEIRS, "region": "us-east-1", "location": (THEIRS, "us-east-1", "")},
    ),
    "a provider with two accounts": (provided(allowedAccountIds=[THEIRS, OWNER]), ANY_OWNER),
    "a provider with no account": (provided(allowedAccountIds=["22223333444"]), ANY_OWNER),
    "a provider with a text of accounts": (provided(allowedAccountIds=THEIRS), ANY_OWNER),
    "a provider with a role": (
        provided(assumeRole={"roleArn": f"arn:aws:iam::{THEIRS}:role/x"}),
        {"account": THEIRS, "location": (THEIRS, None, "${theirs}")},
    ),
    "a provider with a role of a path": (
        provided(assumeRole={"roleArn": f"arn:aws-cn:iam::{THEIRS}:role/x/y"}),
        {"account": THEIRS, "location": (THEIRS, None, "${theirs}")},
    ),
    "a provider with no role": (provided(assumeRole={"roleArn": f"arn:aws:iam::{THEIRS}:user/x"}), ANY_OWNER),
    "a provider with a role that is not known": (provided(assumeRole={"roleArn": "${x}"}), ANY_OWNER),
    "a provider with roles": (
        provided(
            assumeRoles=[{"roleArn": f"arn:aws:iam::{OWNER}:role/x"}, {"roleArn": f"arn:aws:iam::{THEIRS}:role/x"}]
        ),
        {"account": THEIRS, "location": (THEIRS, None, "${theirs}")},
    ),
    "a provider with no roles": (provided(assumeRoles=[]), ANY_OWNER),
    "a provider without properties": (
        program(options={"provider": "${theirs}"}, resources={"theirs": {"type": "pulumi:providers:aws"}}),
        ANY_OWNER,
    ),
    "a variable": (valued("${v}", variables={"v": "x"}), {"policy": {"Id": "x"}}),
    "a variable in a text": (valued("a-${v}-b", variables={"v": "x"}), {"policy": {"Id": "a-x-b"}}),
    "a variable that is not here": (valued("a-${v}-b"), {"policy": {"Id": "a-<v>-b"}}),
    "a dollar sign": (valued("a-$${v}", variables={"v": "x"}), {"policy": {"Id": "a-${v}"}}),
    "a variable of IAM": (valued("${aws:username}"), {"policy": {"Id": "${aws:username}"}}),
    "an asterisk of IAM": (valued("${*}"), {"policy": {"Id": "${*}"}}),
    "a part of a variable": (valued("${v.a}", variables={"v": {"a": "x"}}), {"policy": {"Id": "x"}}),
    "an item of a variable": (valued("${v[1]}", variables={"v": ["x", "y"]}), {"policy": {"Id": "y"}}),
    "an item beyond": (valued("${v[2]}", variables={"v": ["x", "y"]}), {"policy": {"Id": "<v[2]>"}}),
    "a part in brackets": (valued('${v["a b"]}', variables={"v": {"a b": "x"}}), {"policy": {"Id": "x"}}),
    "a part of a part": (valued("${v.a[0].b}", variables={"v": {"a": [{"b": "x"}]}}), {"policy": {"Id": "x"}}),
    "a part that is not there": (valued("${v.b}", variables={"v": {"a": "x"}}), {"policy": {"Id": "<v.b>"}}),
    "a part of a text": (valued("${v.b}", variables={"v": "x"}), {"policy": {"Id": "<v.b>"}}),
    "a path that is broken": (valued("${v.a!}", variables={"v": {"a": "x"}}), {"policy": {"Id": "<v.a!>"}}),
    "an object in a text": (valued("a-${v}", variables={"v": {"a": "x"}}), {"policy": {"Id": "a-<v>"}}),
    "a variable of itself": (valued("${v}", variables={"v": "a${v}"}), {"policy": {"Id": "a<v>"}}),
    "a variable of another": (valued("${v}", variables={"v": "a${w}", "w": "x"}), {"policy": {"Id": "ax"}}),
    "a secret variable": (valued("${v}", variables={"v": {"fn::secret": "x"}}), {"policy": {"Id": "x"}}),
    "a default": (valued("${c}", config={"c": {"default": "x"}}), {"policy": {"Id": "x"}, "notes": [DEFAULTS]}),
    "a default that is plain": (valued("${c}", config={"c": "x"}), {"policy": {"Id": "x"}, "notes": [DEFAULTS]}),
    "a default of the older kind": (
        valued("${c}", configuration={"c": {"default": "x"}}),
        {"policy": {"Id": "x"}, "notes": [DEFAULTS]},
    ),
    "a secret default": (valued("${c}", config={"c": {"default": "x", "secret": True}}), {"policy": {"Id": "<c>"}}),
    "no default": (valued("${c}", config={"c": {"type": "string"}}), {"policy": {"Id": "<c>"}}),
    "a default that is a list": (valued("${c}", config={"c": {"default": ["x"]}}), {"policy": {"Id": "<c>"}}),
    "a default that a stack sets": (
        {**valued("${c}", config={"c": {"default": "x"}}), "Pulumi.dev.yaml": "config: {app:c: y}"},
        {"policy": {"Id": "<c>"}},
    ),
    "a default that a stack may set": (
        {**valued("${c}", config={"c": {"default": "x"}}), "Pulumi.dev.yml": "config: {app:c: y}"},
        {"policy": {"Id": "<c>"}},
    ),
    "a default that another file sets": (
        {**valued("${c}", config={"c": {"default": "x"}}), "Other.dev.yml": "config: {app:c: y}"},
        {"policy": {"Id": "x"}, "notes": [DEFAULTS]},
    ),
    "an input of a resource": (
        valued("${r.name}", resources={"r": {"type": "aws:iam:Role", "properties": {"name": "x"}}}),
        {"policy": {"Id": "x"}},
    ),
    "an ARN of a resource": (
        valued("${r.arn}", resources={"r": {"type": "aws:iam:Role"}}),
        {"policy": {"Id": "arn:aws:iam::111122223333:role/<r.arn>"}},
    ),
    "an identifier of a resource": (
        valued("${r.id}", resources={"r": {"type": "aws:iam:Role"}}),
        {"policy": {"Id": "<r.id>"}},
    ),
    "an ARN of a resource without a type": (
        valued("${r.arn}", resources={"r": {"properties": {}}}),
        {"policy": {"Id": "<r.arn>"}},
    ),
    "an ARN of a resource that has none": (
        valued("${r.arn}", resources={"r": {"type": "aws:sns:Topic"}}),
        {"policy": {"Id": "<r.arn>"}},
    ),
    "a part of an ARN": (
        valued("${r.arn.x}", resources={"r": {"type": "aws:iam:Role"}}),
        {"policy": {"Id": "<r.arn.x>"}},
    ),
    "joined": (valued({"fn::join": ["-", ["a", "${x}", "b"]]}), {"policy": {"Id": "a-<x>-b"}}),
    "joined from one": (valued({"fn::join": ["-", ["a"]]}), {"policy": {"Id": "a"}}),
    "joined of three": (valued({"fn::join": ["-", ["a"], "x"]}), {"policy": {"Id": "<fn::join>"}}),
    "joined of objects": (valued({"fn::join": ["-", ["a", {"b": 1}]]}), {"policy": {"Id": "<fn::join>"}}),
    "joined by a list": (valued({"fn::join": [["-"], ["a"]]}), {"policy": {"Id": "<fn::join>"}}),
    "joined of a text": (valued({"fn::join": ["-", "a"]}), {"policy": {"Id": "<fn::join>"}}),
    "selected beyond": (valued({"fn::select": [2, ["a", "b"]]}), {"policy": {"Id": "<fn::select>"}}),
    "selected last": (valued({"fn::select": [1, ["a", "b"]]}), {"policy": {"Id": "b"}}),
    "selected by a name": (valued({"fn::select": ["x", ["a", "b"]]}), {"policy": {"Id": "<fn::select>"}}),
    "selected from a text": (valued({"fn::select": [0, "a"]}), {"policy": {"Id": "<fn::select>"}}),
    "split": (valued({"fn::split": ["-", "a-b"]}), {"policy": {"Id": ["a", "b"]}}),
    "split by nothing": (valued({"fn::split": ["", "a-b"]}), {"policy": {"Id": "<fn::split>"}}),
    "split of a list": (valued({"fn::split": ["-", ["a"]]}), {"policy": {"Id": "<fn::split>"}}),
    "from JSON": (valued({"fn::fromJSON": '{"a": 1}'}), {"policy": {"Id": {"a": 1}}}),
    "from JSON and to it": (valued({"fn::fromJSON": {"fn::toJSON": {"a": "x"}}}), {"policy": {"Id": {"a": "x"}}}),
    "from JSON that is not known": (valued({"fn::fromJSON": "${x}"}), {"policy": {"Id": "<fn::fromJSON>"}}),
    "a file": ({**valued({"fn::readFile": "x.txt"}), "x.txt": "text"}, {"policy": {"Id": "text"}}),
    "a file that is not here": (valued({"fn::readFile": "x.txt"}), {"policy": {"Id": "<fn::readFile>"}}),
    "a file by its path": (valued({"fn::readFile": "/etc/hostname"}), {"policy": {"Id": "<fn::readFile>"}}),
    "an invocation without a function": (valued({"fn::invoke": {"return": "x"}}), {"policy": {"Id": "<fn::invoke>"}}),
    "an invocation with a provider": (
        valued({"fn::invoke": {"function": "aws:getRegion", "return": "name", "opts": {"provider": "x"}}}),
        {"policy": {"Id": "<fn::invoke>"}},
    ),
    "an invocation with other options": (
        valued({"fn::invoke": {"function": "aws:getRegion", "return": "name", "options": {"parent": "x"}}}),
        {"policy": {"Id": "eu-west-1"}},
    ),
    "an invocation in short": (
        valued("${i.name}", variables={"i": {"fn::aws:getRegion": {}}}),
        {"policy": {"Id": "eu-west-1"}},
    ),
    "an account in short": (
        valued("${i.accountId}", variables={"i": {"fn::aws:getCallerIdentity": {}}}),
        {"policy": {"Id": OWNER}},
    ),
    "a function in upper case": (valued({"Fn::Join": ["", ["a", "b"]]}), {"policy": {"Id": "ab"}}),
    "a function that is not known": (valued({"fn::brandNew": "x"}), {"policy": {"Id": "<fn::brandNew>"}}),
    "a function among fields": (
        valued({"fn::join": ["", ["a"]], "x": 1}),
        {"policy": {"Id": {"fn::join": ["", ["a"]], "x": 1}}},
    ),
    "a policy in a component": (
        {
            "name": "x",
            "runtime": "yaml",
            "components": {"c": {"resources": {"open": {"type": TYPE, "properties": dict(INPUTS)}}}},
        },
        {},
    ),
    "resources that are a list": (
        {"name": "x", "runtime": "yaml", "resources": [{"type": TYPE, "properties": dict(INPUTS)}]},
        {"unjudged": ("policy", STRAY)},
    ),
}
"""A file, with others beside it, and what is found in it that is not usual."""


@pytest.mark.parametrize("row", ROWS)
def test_a_file_of_pulumi(look: Look, row: str) -> None:
    file, expected = ROWS[row]
    assert differs(look, file) == expected
