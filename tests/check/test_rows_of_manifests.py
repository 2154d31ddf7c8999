"""Manifests of Kubernetes: each field, annotation, reference and holder, by what a change of it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.case_tables import OWNER
from tests.check.conftest import Look
from tests.check.told import CLOSED, ELSEWHERE, OPEN, OPEN_BASE, STRAY, THEIRS, told, unusual
from tests.wording import sentence

UPJET, COMMUNITY = "ecr.aws.upbound.io/v1beta1", "ecr.aws.crossplane.io/v1beta1"
ACK = "ecr.services.k8s.aws/v1alpha1"
PROVIDER: Mapping[str, object] = {"region": "eu-west-1", "repository": "base", "policy": json.dumps(OPEN)}


USUAL: Mapping[str, object] = {**OPEN_BASE, "resource": "RepositoryPolicy/p"}


def policy(
    provider: Mapping[str, object] = PROVIDER,
    group: str = UPJET,
    kind: str = "RepositoryPolicy",
    **more: Any,  # noqa: ANN401 - parts of a manifest
) -> dict[str, Any]:
    """Return a manifest. `more`: `metadata`, `spec` and others, over the usual ones."""
    metadata = {"name": "p", **more.pop("metadata", {})}
    inside = dict(provider) if group == ACK else {"forProvider": dict(provider)}
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": {**inside, **more.pop("spec", {})}, **more}


def given(**more: object) -> dict[str, Any]:
    """Return a manifest with other fields for the provider; None removes one."""
    return policy({name: value for name, value in {**PROVIDER, **more}.items() if value is not None})


def differs(look: Look, manifest: object) -> dict[str, object]:
    """Return what is found in a manifest and not in the usual one."""
    return unusual(told(look({"a.json": manifest})), USUAL)


APPLIED = sentence("resource.check_applied_kubectl")
NO_POLICY = sentence("resource.no_policy_here_set", applied=APPLIED)
REFERS = sentence("resource.policy_elsewhere", applied=APPLIED)
SEEMS = sentence("resource.seems_policy_policies", applied=APPLIED)
NO_SPEC = sentence("resource.repository_without_policy")
UNKNOWN = sentence("resource.not_known_here_policy")
PUT = sentence("resource.manifest_puts_not_given", theirs=THEIRS, owner=OWNER)
PROSE = sentence("kubernetes.text_patch_changes")

ROWS: Mapping[str, tuple[object, Mapping[str, object]]] = {
    "another registry": (given(registryId=THEIRS), {"account": THEIRS, "notes": [PUT]}),
    "its own registry": (given(registryId=OWNER), {}),
    "a registry that is none": (given(registryId="22223333444"), {}),
    "a longer registry": (given(registryId=f"{THEIRS}5"), {}),
    "a registry that is not known": (given(registryId="{{ x }}"), {"account": None, "owners": "<x>"}),
    "a registry in part": (given(registryId="2222{{ x }}"), {"account": None, "owners": "<2222<x>>"}),
    "no registry": (given(registryId=""), {}),
    "a registry, spelled as others do": (given(registryID=THEIRS), {"account": THEIRS, "notes": [PUT]}),
    "two registries": (given(registryId=THEIRS, registryID=OWNER), {"account": THEIRS, "notes": [PUT]}),
    "an owner in an annotation": (
        policy(metadata={"annotations": {"services.k8s.aws/owner-account-id": THEIRS}}),
        {"account": THEIRS, "notes": [PUT]},
    ),
    "another annotation": (policy(metadata={"annotations": {"services.k8s.aws/owner": THEIRS}}), {}),
    "a registry above an annotation": (
        policy(
            {**PROVIDER, "registryId": OWNER}, metadata={"annotations": {"services.k8s.aws/owner-account-id": THEIRS}}
        ),
        {},
    ),
    "another Region": (given(region="us-east-1"), {"region": "us-east-1"}),
    "no Region": (given(region=None), {"region": None}),
    "a Region that is not known": (given(region="{{ x }}"), {"region": None, "location": (OWNER, None, " <x>")}),
    "a Region in an annotation": (policy(metadata={"annotations": {"services.k8s.aws/region": "us-east-1"}}), {}),
    "only a Region in an annotation": (
        policy({**PROVIDER, "region": None}, metadata={"annotations": {"services.k8s.aws/region": "us-east-1"}}),
        {"region": "us-east-1"},
    ),
    "other credentials": (
        policy(spec={"providerConfigRef": {"name": "theirs"}}),
        {"location": (None, "eu-west-1", "theirs")},
    ),
    "the usual credentials": (policy(spec={"providerConfigRef": {"name": "default"}}), {}),
    "credentials without a name": (policy(spec={"providerConfigRef": {}}), {}),
    "credentials that are not known": (policy(spec={"providerConfigRef": {"name": 5}}), {}),
    "other credentials and a registry": (
        policy({**PROVIDER, "registryId": THEIRS}, spec={"providerConfigRef": {"name": "theirs"}}),
        {"account": THEIRS, "notes": [PUT]},
    ),
    "other credentials and an unknown Region": (
        policy({**PROVIDER, "region": "{{ x }}"}, spec={"providerConfigRef": {"name": "theirs"}}),
        {"region": None, "location": (None, None, "theirs <x>")},
    ),
    "other credentials and no Region": (
        policy({**PROVIDER, "region": None}, spec={"providerConfigRef": {"name": "theirs"}}),
        {"region": None, "location": (None, None, "theirs")},
    ),
    "a registry and a Region that is not known": (
        policy({**PROVIDER, "region": "{{ x }}", "registryId": THEIRS}),
        {"account": THEIRS, "region": None, "location": (THEIRS, None, " <x>"), "notes": [PUT]},
    ),
    "an initial policy": (
        policy({"region": "eu-west-1", "repository": "base"}, spec={"initProvider": {"policy": json.dumps(OPEN)}}),
        {},
    ),
    "an initial policy below another": (policy(spec={"initProvider": {"policy": json.dumps(CLOSED)}}), {}),
    "an initial policy below a blank one": (
        policy({**PROVIDER, "policy": ""}, spec={"initProvider": {"policy": json.dumps(CLOSED)}}),
        {"policy": "closed"},
    ),
    "an initial policy below none": (
        policy({**PROVIDER, "policy": None}, spec={"initProvider": {"policy": json.dumps(CLOSED)}}),
        {"policy": "closed"},
    ),
    "a provider that is no object": (
        policy(spec={"forProvider": "x"}),
        {
            "policy": "<spec>",
            "names": ["*"],
            "account": None,
            "region": None,
            "location": (OWNER, None, " <spec>"),
            "owners": "<registryId>",
        },
    ),
    "a provider that is not known": (
        policy(spec={"forProvider": "{{ x }}"}),
        {
            "policy": "<spec>",
            "names": ["*"],
            "account": None,
            "region": None,
            "location": (OWNER, None, " <spec>"),
            "owners": "<registryId>",
        },
    ),
    "a provider that is nothing": (policy(spec={"forProvider": None}), {"unjudged": ("RepositoryPolicy/p", NO_POLICY)}),
    "no provider beside an initial one": (
        policy(spec={"forProvider": None, "initProvider": dict(PROVIDER)}),
        {},
    ),
    "a spec that is not known": (
        {**policy(), "spec": "{{ x }}"},
        {
            "policy": "<spec>",
            "names": ["*"],
            "account": None,
            "region": None,
            "location": (OWNER, None, " <spec>"),
            "owners": "<registryId>",
        },
    ),
    "a spec that is nothing": ({**policy(), "spec": None}, {"unjudged": ("RepositoryPolicy/p", NO_POLICY)}),
    "a spec that is no object": (
        {**policy(), "spec": [1]},
        {
            "policy": "<spec>",
            "names": ["*"],
            "account": None,
            "region": None,
            "location": (OWNER, None, " <spec>"),
            "owners": "<registryId>",
        },
    ),
    "an object": (given(policy=OPEN), {}),
    "misspelled": (
        policy({**PROVIDER, "policy": None, "policyy": json.dumps(OPEN)}),
        {"unjudged": ("RepositoryPolicy/p", NO_POLICY)},
    ),
    "misspelled beside a policy": (
        given(Policy=json.dumps(OPEN)),
        {"doubts": [ELSEWHERE.format("Policy", "Crossplane", "policy")]},
    ),
    "a policy beside the provider": (
        policy(spec={"policy": json.dumps(OPEN)}),
        {"doubts": [ELSEWHERE.format("policy", "Crossplane", "spec.forProvider.policy")]},
    ),
    "a policy beside the spec": (
        policy(policy=json.dumps(OPEN)),
        {"doubts": [ELSEWHERE.format("policy", "Crossplane", "spec.forProvider.policy")]},
    ),
    "a policy in the status": (policy(status={"policy": json.dumps(OPEN)}), {}),
    "a policy in another field of the repository": (
        given(repository=json.dumps(OPEN)),
        {"names": ['{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}']},
    ),
    "a namespace": (policy(metadata={"namespace": "n"}), {"resource": "RepositoryPolicy/n/p"}),
    "a name that is generated": (
        policy(metadata={"name": None, "generateName": "g-"}),
        {"resource": "RepositoryPolicy/g-*"},
    ),
    "a name and another that is generated": (policy(metadata={"generateName": "g-"}), {}),
    "no name": (policy(metadata={"name": None}), {"resource": "RepositoryPolicy"}),
    "a name that is no text": (policy(metadata={"name": [1]}), {"resource": "RepositoryPolicy"}),
    "a name that is not known": (policy(metadata={"name": "{{ x }}"}), {"resource": "RepositoryPolicy/<x>"}),
    "no repository": (given(repository=None), {"names": ["*"]}),
    "a repository that is not known": (given(repository="{{ x }}"), {"names": ["*"]}),
    "a reference without the repository": (given(repository=None, repositoryRef={"name": "r"}), {"names": ["*"]}),
    "a repository and a reference": (given(repositoryRef={"name": "r"}), {}),
    "a policy by reference": (
        given(policy=None, policyRef={"name": "x"}),
        {"unjudged": ("RepositoryPolicy/p", REFERS.format("policyRef"))},
    ),
    "a policy by a selector": (
        given(policy=None, policySelector={"name": "x"}),
        {"unjudged": ("RepositoryPolicy/p", REFERS.format("policySelector"))},
    ),
    "a policy by a secret": (
        given(policy=None, policySecretRef={"name": "x"}),
        {"unjudged": ("RepositoryPolicy/p", REFERS.format("policySecretRef"))},
    ),
    "a policy by a value": (
        given(policy=None, policyValueFrom={"name": "x"}),
        {"unjudged": ("RepositoryPolicy/p", REFERS.format("policyValueFrom"))},
    ),
    "a policy from elsewhere": (
        given(policy=None, policyFrom={"name": "x"}),
        {"unjudged": ("RepositoryPolicy/p", REFERS.format("policyFrom"))},
    ),
    "no policy": (given(policy=None), {"unjudged": ("RepositoryPolicy/p", NO_POLICY)}),
    "a policy and a reference": (given(policyRef={"name": "x"}), {}),
    "a version that is not known": (
        policy(group="ecr.aws.upbound.io/v9"),
        {"unjudged": ("RepositoryPolicy/p", UNKNOWN.format("ecr.aws.upbound.io/v9 RepositoryPolicy"))},
    ),
    "no version": (
        policy(group="ecr.aws.upbound.io"),
        {"unjudged": ("RepositoryPolicy/p", UNKNOWN.format("ecr.aws.upbound.io/ RepositoryPolicy"))},
    ),
    "a kind that is not known": (
        policy(kind="Brand"),
        {"unjudged": ("Brand/p", UNKNOWN.format("ecr.aws.upbound.io/v1beta1 Brand"))},
    ),
    "a kind that is no text": (
        {**policy(), "kind": 5},
        {"unjudged": ("?/p", UNKNOWN.format("ecr.aws.upbound.io/v1beta1 ?"))},
    ),
    "a registry policy": (policy(kind="RegistryPolicy"), {"resource": "RegistryPolicy/p", "names": ["*"]}),
    "a registry policy without a policy": (
        policy({"region": "us-east-1"}, kind="RegistryPolicy"),
        {"unjudged": ("RegistryPolicy/p", NO_POLICY), "registry": (OWNER, "us-east-1", "")},
    ),
    "a registry policy of a registry without a policy": (
        policy({"region": "us-east-1", "registryId": THEIRS}, kind="RegistryPolicy"),
        {"unjudged": ("RegistryPolicy/p", NO_POLICY), "registry": (THEIRS, "us-east-1", "")},
    ),
    "a registry policy without anything": (
        policy({"region": None}, kind="RegistryPolicy"),
        {"unjudged": ("RegistryPolicy/p", NO_POLICY), "registry": (OWNER, "eu-west-1", "")},
    ),
    "a registry policy by other credentials": (
        policy({}, kind="RegistryPolicy", spec={"providerConfigRef": {"name": "theirs"}}),
        {"unjudged": ("RegistryPolicy/p", NO_POLICY), "registry": (None, None, "theirs")},
    ),
    "a registry policy of an unknown version": (
        policy(kind="RegistryPolicy", group="ecr.aws.upbound.io/v9"),
        {
            "unjudged": ("RegistryPolicy/p", UNKNOWN.format("ecr.aws.upbound.io/v9 RegistryPolicy")),
            "registry": (OWNER, "eu-west-1", ""),
        },
    ),
    "a repository": (policy({"region": "eu-west-1"}, kind="Repository"), {"skipped": [NO_SPEC]}),
    "a repository with a policy": (policy(kind="Repository"), {"unjudged": ("Repository/p", SEEMS)}),
    "a lifecycle policy": (policy(kind="LifecyclePolicy"), {"nothing": True}),
    "a scanning configuration": (policy(kind="RegistryScanningConfiguration"), {"nothing": True}),
    "the community's lifecycle policy": (policy(kind="LifecyclePolicy", group=COMMUNITY), {"nothing": True}),
    "the community's repository": (policy({}, kind="Repository", group=COMMUNITY), {"skipped": [NO_SPEC]}),
    "a template": (
        policy({"prefix": "base", "repositoryPolicy": json.dumps(OPEN)}, kind="RepositoryCreationTemplate"),
        {"resource": "RepositoryCreationTemplate/p", "names": ["base/*"], "region": None},
    ),
    "a template of a prefix that is not known": (
        policy({"prefix": "{{ x }}", "repositoryPolicy": json.dumps(OPEN)}, kind="RepositoryCreationTemplate"),
        {"resource": "RepositoryCreationTemplate/p", "names": ["*/*"], "region": None},
    ),
    "a template without a policy": (
        policy({"prefix": "base"}, kind="RepositoryCreationTemplate"),
        {"resource": "RepositoryCreationTemplate/p", "policy": None, "names": ["base/*"], "region": None},
    ),
    "a template by reference": (
        policy(
            {"prefix": "base", "repositoryPolicyRef": {}, "repositoryPolicySelector": {"x": 1}},
            kind="RepositoryCreationTemplate",
        ),
        {"unjudged": ("RepositoryCreationTemplate/p", REFERS.format("repositoryPolicyRef"))},
    ),
    "the community's raw policy": (
        policy({"repositoryName": "base", "rawPolicy": json.dumps(OPEN)}, group=COMMUNITY),
        {"region": None},
    ),
    "the community's two policies": (
        policy(
            {"repositoryName": "base", "rawPolicy": json.dumps(OPEN), "policy": {"statements": []}}, group=COMMUNITY
        ),
        {"region": None},
    ),
    "the community's policy": (
        policy({"repositoryName": "base", "policy": {"statements": []}}, group=COMMUNITY),
        {"policy": {"Version": "2012-10-17", "Statement": []}, "region": None},
    ),
    "a raw policy of another": (
        policy({"repository": "base", "rawPolicy": json.dumps(OPEN)}),
        {"unjudged": ("RepositoryPolicy/p", NO_POLICY)},
    ),
    "ACK": (
        policy({"name": "base", "policy": json.dumps(OPEN)}, group=ACK, kind="Repository"),
        {"resource": "Repository/p", "region": None},
    ),
    "ACK without a name": (
        policy({"policy": json.dumps(OPEN)}, group=ACK, kind="Repository"),
        {"resource": "Repository/p", "names": ["*"], "region": None},
    ),
    "ACK without a policy": (
        policy({"name": "base"}, group=ACK, kind="Repository"),
        {"resource": "Repository/p", "policy": None, "region": None},
    ),
    "ACK without either": (policy({}, group=ACK, kind="Repository"), {"unjudged": ("Repository/p", NO_POLICY)}),
    "ACK that adopts": (
        policy(
            {"name": "base"},
            group=ACK,
            kind="Repository",
            metadata={"annotations": {"services.k8s.aws/adoption-policy": "adopt"}},
        ),
        {"unjudged": ("Repository/p", NO_POLICY)},
    ),
    "ACK with a policy beside": (
        policy({"name": "base"}, group=ACK, kind="Repository", policy=json.dumps(OPEN)),
        {
            "resource": "Repository/p",
            "policy": None,
            "region": None,
            "doubts": [ELSEWHERE.format("policy", "ACK", "spec.policy")],
        },
    ),
    "ACK with a policy misspelled": (
        policy({"name": "base", "polici": json.dumps(OPEN)}, group=ACK, kind="Repository"),
        {
            "resource": "Repository/p",
            "policy": None,
            "region": None,
            "doubts": [ELSEWHERE.format("polici", "ACK", "policy")],
        },
    ),
    "ACK with a provider": (
        policy({"name": "base", "forProvider": {"policy": json.dumps(OPEN)}}, group=ACK, kind="Repository"),
        {
            "resource": "Repository/p",
            "policy": None,
            "region": None,
            "doubts": [ELSEWHERE.format("forProvider", "ACK", "policy")],
        },
    ),
    "ACK's template without a policy": (
        policy({"prefix": "base"}, group=ACK, kind="RepositoryCreationTemplate"),
        {"resource": "RepositoryCreationTemplate/p", "policy": None, "names": ["base/*"], "region": None},
    ),
    "ACK's template that adopts": (
        policy(
            {"prefix": "base"},
            group=ACK,
            kind="RepositoryCreationTemplate",
            metadata={"annotations": {"services.k8s.aws/adoption-policy": "adopt"}},
        ),
        {"unjudged": ("RepositoryCreationTemplate/p", NO_POLICY)},
    ),
    "a replication": (
        policy({"replicationConfiguration": {"rules": []}}, kind="ReplicationConfiguration"),
        {"resource": "ReplicationConfiguration/p", "policy": {"rules": []}, "names": ["*"], "region": None},
    ),
    "a replication without a configuration": (
        policy({}, kind="ReplicationConfiguration"),
        {
            "resource": "ReplicationConfiguration/p",
            "policy": "<replicationConfiguration>",
            "names": ["*"],
            "region": None,
        },
    ),
    "a cache": (
        policy({"ecrRepositoryPrefix": "base", "upstreamRegistryUrl": "x"}, kind="PullThroughCacheRule"),
        {
            "resource": "PullThroughCacheRule/p",
            "policy": {"ecrRepositoryPrefix": "base", "upstreamRegistryUrl": "x"},
            "names": ["base/*"],
            "region": None,
        },
    ),
    "a cache without a registry": (
        policy({"ecrRepositoryPrefix": "base"}, kind="PullThroughCacheRule"),
        {
            "resource": "PullThroughCacheRule/p",
            "policy": {"ecrRepositoryPrefix": "base"},
            "names": ["base/*"],
            "region": None,
        },
    ),
    "in a list": ({"kind": "List", "items": [policy()]}, {}),
    "in a list with a name": (
        {"kind": "List", "metadata": {"name": "l"}, "items": [policy()]},
        {"resource": "List/l/RepositoryPolicy/p"},
    ),
    "in a list without a kind": ({"metadata": {"name": "l"}, "items": [policy()]}, {}),
    "in another field": (
        {"kind": "X", "metadata": {"name": "x"}, "spec": {"other": policy()}},
        {"resource": "X/x/RepositoryPolicy/p"},
    ),
    "named in a Composition": (
        {"kind": "X", "spec": {"resources": [{"name": "called", "base": policy(metadata={"name": None})}]}},
        {"resource": "RepositoryPolicy/called"},
    ),
    "in a status": ({"kind": "X", "status": {"other": policy()}}, {"unjudged": ("policy", STRAY)}),
    "as it was applied": (
        {
            "kind": "X",
            "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(policy())}},
        },
        {"unjudged": ("kubectl.kubernetes.io/last-applied-configuration", STRAY)},
    ),
    "in a text": (
        {"kind": "X", "metadata": {"name": "x"}, "data": json.dumps(policy())},
        {"resource": "X/x/RepositoryPolicy/p"},
    ),
    "in a text that is broken": (
        {"kind": "X", "metadata": {"name": "x"}, "data": json.dumps(policy())[:-1]},
        {"unjudged": ("X/x", PROSE)},
    ),
    "in a text that is broken without a name": (
        {"kind": "X", "data": json.dumps(policy())[:-1]},
        {"unjudged": ("text", PROSE)},
    ),
    "a mention in a text": ({"kind": "X", "data": "ecr.aws.upbound.io"}, {"nothing": True}),
    "a mention beside a version in a text": (
        {"kind": "X", "data": "apiVersion: v1 # ecr.aws.upbound.io"},
        {"nothing": True},
    ),
    "an API version of others in a text": (
        {"kind": "X", "data": "apiVersion: [ # sns.aws.upbound.io"},
        {"nothing": True},
    ),
    "a target": (
        {"kind": "X", "patches": [{"target": {"group": "ecr.aws.upbound.io"}}]},
        {"unjudged": ("text", PROSE)},
    ),
    "another target": (
        {"kind": "X", "apiVersion": "ecr.aws.upbound", "patches": [{"target": {"group": "sns.aws.upbound.io"}}]},
        {"nothing": True},
    ),
    "a target without a group": (
        {"kind": "X", "patches": [{"target": {"kind": "ecr.aws.upbound.io"}}]},
        {"nothing": True},
    ),
    "a base without fields": (
        {"kind": "X", "base": {"apiVersion": UPJET, "kind": "RepositoryPolicy"}},
        {"unjudged": ("RepositoryPolicy", NO_POLICY)},
    ),
    "a manifest without fields": (
        {"kind": "X", "manifest": {"apiVersion": UPJET, "kind": "RepositoryPolicy"}},
        {"unjudged": ("RepositoryPolicy", NO_POLICY)},
    ),
    "a template without fields": (
        {"kind": "X", "template": {"apiVersion": UPJET, "kind": "RepositoryPolicy"}},
        {"unjudged": ("RepositoryPolicy", NO_POLICY)},
    ),
    "an item without fields": (
        {"kind": "X", "items": [{"apiVersion": UPJET, "kind": "RepositoryPolicy"}]},
        {"unjudged": ("RepositoryPolicy", NO_POLICY)},
    ),
    "a reference": (
        {"kind": "X", "ref": {"apiVersion": UPJET, "kind": "RepositoryPolicy", "name": "x"}},
        {"nothing": True},
    ),
    "a reference with metadata": (
        {"kind": "X", "ref": {"apiVersion": UPJET, "kind": "RepositoryPolicy", "metadata": {}}},
        {"unjudged": ("RepositoryPolicy", NO_POLICY)},
    ),
    "a reference with a spec": (
        {"kind": "X", "ref": {"apiVersion": UPJET, "kind": "RepositoryPolicy", "spec": {}}},
        {"unjudged": ("RepositoryPolicy", NO_POLICY)},
    ),
    "a description of resources": (
        {"kind": "CustomResourceDefinition", "spec": policy()},
        {"unjudged": ("policy", STRAY)},
    ),
    "a description of a service": ({"kind": "APIService", "spec": policy()}, {"unjudged": ("policy", STRAY)}),
    "a role of a cluster": ({"kind": "ClusterRole", "spec": policy()}, {"unjudged": ("policy", STRAY)}),
    "a role": ({"kind": "Role", "spec": policy()}, {"unjudged": ("policy", STRAY)}),
    "a kind like a role": ({"kind": "Roles", "spec": policy()}, {}),
    "no kind": ({**policy(), "kind": None}, {"unjudged": ("?/p", UNKNOWN.format("ecr.aws.upbound.io/v1beta1 ?"))}),
    "a group in the middle": (policy(group="x.ecr.aws.upbound.io/v1beta1"), {"unjudged": ("policy", STRAY)}),
    "the version of another group": (policy(group="sns.aws.upbound.io/v1beta1"), {"unjudged": ("policy", STRAY)}),
}
"""A manifest, and what is found in it that is not found in the usual one."""


@pytest.mark.parametrize("row", ROWS)
def test_a_manifest(look: Look, row: str) -> None:
    manifest, expected = ROWS[row]
    assert differs(look, manifest) == expected


# --- kustomizations ---

SETS = {"spec": {"forProvider": {"policy": json.dumps(CLOSED)}}}
OPS = [{"op": "replace", "path": "/spec/forProvider/policy", "value": json.dumps(CLOSED)}]
NAMED = {"apiVersion": UPJET, "kind": "RepositoryPolicy", "metadata": {"name": "p"}, **SETS}


def kustomization(*patches: object, section: str = "patches", **more: object) -> dict[str, object]:
    return {"kustomization.yaml": {"resources": ["a.json"], section: [*patches], **more}, "a.json": policy()}


def target(**target: str) -> dict[str, object]:
    return kustomization({"target": target, "patch": json.dumps(SETS)})


def part(**changes: object) -> dict[str, object]:
    """Return a kustomization with a part of a resource that has some fields changed; None removes one."""
    written = {name: value for name, value in {**NAMED, **changes}.items() if value is not None}
    return kustomization({"patch": json.dumps(written)})


def built(look: Look, files: Mapping[str, object]) -> list[str]:
    """Return the policies that a kustomization and its bases make, and the names of unjudged resources."""
    found = look(files, next(one for one in files if "ustomization" in one))
    policies: list[Any] = [one.policy for one in found.policies]
    judged = ["open" if one == OPEN else "closed" if one == CLOSED else str(one) for one in policies]
    return [*judged, *(left.resource for left in found.unjudged)]


FOR = {"target": {"kind": "RepositoryPolicy"}}
CLOSES = {**FOR, "patch": json.dumps(OPS)}
ALONE: Any = kustomization(CLOSES)["kustomization.yaml"]
IN_LINES = f"  kind: RepositoryPolicy\n  spec: {{forProvider: {{policy: '{json.dumps(CLOSED)}'}}}}\n"
NOT_HERE = "<a patch that is not here>"
BUILT: Mapping[str, tuple[Mapping[str, object], list[str]]] = {
    "a part for its target": (target(kind="RepositoryPolicy"), ["closed", "open"]),
    "no target": (target(), ["closed", "open"]),
    "another kind": (target(kind="Repository"), ["open"]),
    "a group": (target(group="ecr.aws.upbound.io"), ["closed", "open"]),
    "another group": (target(group="ecr.aws.m.upbound.io"), ["open"]),
    "a version": (target(version="v1beta1"), ["closed", "open"]),
    "another version": (target(version="v1beta2"), ["open"]),
    "a name": (target(name="p"), ["closed", "open"]),
    "another name": (target(name="q"), ["open"]),
    "a pattern of names": (target(name="p.*"), ["closed", "open"]),
    "a pattern of a part of names": (target(name=""), ["closed", "open"]),
    "a pattern of longer names": (target(name="p.+"), ["open"]),
    "a pattern that is none": (target(name="["), ["closed", "open"]),
    "a namespace": (target(namespace="n"), ["open"]),
    "the namespace": ({**target(namespace="n"), "a.json": policy(metadata={"namespace": "n"})}, ["closed", "open"]),
    "all": (
        target(group="ecr.aws.upbound.io", version="v1beta1", kind="RepositoryPolicy", name="p"),
        ["closed", "open"],
    ),
    "all but one": (target(group="ecr.aws.upbound.io", version="v1beta1", kind="RepositoryPolicy", name="q"), ["open"]),
    "operations": (kustomization(CLOSES), ["closed", "open"]),
    "operations on another": (kustomization({"target": {"kind": "Repository"}, "patch": json.dumps(OPS)}), ["open"]),
    "operations of the older kind": (kustomization(CLOSES, section="patchesJson6902"), ["closed", "open"]),
    "operations in a file": ({**kustomization({**FOR, "path": "x.json"}), "x.json": OPS}, ["closed", "open"]),
    "operations in a file of another folder": (
        {**kustomization({**FOR, "path": "x/x.json"}), "x/x.json": OPS},
        ["closed", "open"],
    ),
    "operations in a file that is not here": (kustomization({**FOR, "path": "x.json"}), [NOT_HERE, "open"]),
    "operations on another in a missing file": (
        kustomization({"target": {"kind": "Repository"}, "path": "x.json"}),
        ["open"],
    ),
    "operations in a broken file": ({**kustomization({**FOR, "path": "x.json"}), "x.json": "["}, [NOT_HERE, "open"]),
    "operations in an empty file": ({**kustomization({**FOR, "path": "x.json"}), "x.json": ""}, [NOT_HERE, "open"]),
    "operations that are not there": (kustomization(FOR), [NOT_HERE, "open"]),
    "operations that are broken": (kustomization({**FOR, "patch": "["}), [NOT_HERE, "open"]),
    "operations that are blank": (kustomization({**FOR, "patch": ""}), [NOT_HERE, "open"]),
    "two patches": (
        kustomization({**FOR, "patch": json.dumps({"spec": {"forProvider": {"policy": "{}"}}})}, CLOSES),
        ["closed", "open"],
    ),
    "two patches, the last of another": (
        kustomization(CLOSES, {"target": {"kind": "Repository"}, "patch": json.dumps({"spec": None})}),
        ["closed", "open"],
    ),
    "a part by its own name": (part(), ["closed", "open"]),
    "a part of another name": (part(metadata={"name": "q"}), ["open"]),
    "a part without a name": (part(metadata=None), ["closed", "open"]),
    "a part without a kind": (part(kind=None), ["closed", "open"]),
    "a part of another kind": (part(kind="Repository"), ["open"]),
    "a part without a version": (part(apiVersion=None), ["closed", "open"]),
    "a part of another version": (part(apiVersion="ecr.aws.upbound.io/v1beta2"), ["open"]),
    "a part in a text": (
        {
            "kustomization.yaml": f"resources: [a.json]\npatchesStrategicMerge:\n- |-\n{IN_LINES}",
            "a.json": policy(),
        },
        ["closed", "open"],
    ),
    "a part in a file": (
        {**kustomization("x.json", section="patchesStrategicMerge"), "x.json": NAMED},
        ["closed", "open"],
    ),
    "a part in a file that is not here": (kustomization("x.json", section="patchesStrategicMerge"), [NOT_HERE, "open"]),
    "a part that removes the policy": (
        kustomization({**FOR, "patch": json.dumps({"spec": {"forProvider": {"policy": None}}})}),
        ["open", "Kustomization/RepositoryPolicy/p"],
    ),
    "a part that removes the resource": (
        kustomization({**FOR, "patch": json.dumps({"$patch": "delete"})}),
        [sentence("kustomize.patch_not_understood"), "open"],
    ),
    "a base of the older kind": ({**kustomization(CLOSES, resources=[], bases=["a.json"])}, ["closed", "open"]),
    "a base in a folder": (
        {
            **kustomization(CLOSES, resources=["b"]),
            "b/kustomization.yaml": {"resources": ["c.json"]},
            "b/c.json": policy(),
        },
        ["closed", "open"],
    ),
    "a base in a folder with the other suffix": (
        {
            **kustomization(CLOSES, resources=["b"]),
            "b/kustomization.yml": {"resources": ["c.json"]},
            "b/c.json": policy(),
        },
        ["closed", "open"],
    ),
    "a base in a folder without a suffix": (
        {**kustomization(CLOSES, resources=["b"]), "b/Kustomization": {"resources": ["c.json"]}, "b/c.json": policy()},
        ["closed", "open"],
    ),
    "a base in a folder with its own patch": (
        {
            **kustomization({"target": {"kind": "Other"}, "patch": json.dumps(OPS)}, resources=["b"]),
            "b/kustomization.yaml": {"resources": ["c.json"], "patches": [CLOSES]},
            "b/c.json": policy(),
        },
        ["closed", "open"],
    ),
    "a folder without a kustomization": ({**kustomization(CLOSES, resources=["b"]), "b/c.json": policy()}, []),
    "a resource that is not here": (kustomization(CLOSES, resources=["b.json"]), []),
    "a resource that is no text": (kustomization(CLOSES, resources=[{"a": 1}, "a.json"]), ["closed", "open"]),
    "a broken resource": ({**kustomization(CLOSES, resources=["b.json", "a.json"]), "b.json": "{"}, ["closed", "open"]),
    "a resource without a kind": (
        {**kustomization({"target": {"name": "p"}, "patch": json.dumps(OPS)}), "a.json": {**policy(), "kind": None}},
        ["Kustomization/?/p", "?/p"],
    ),
    "a list": (
        {**kustomization(CLOSES), "a.json": {"kind": "List", "items": [policy(), policy(metadata={"name": "q"})]}},
        ["closed", "closed", "open", "open"],
    ),
    "a list of a kind": (
        {**kustomization(CLOSES), "a.json": {"kind": "RepositoryPolicyList", "items": [policy()]}},
        ["closed", "open"],
    ),
    "items of another kind": ({**kustomization(CLOSES), "a.json": {"kind": "Other", "items": [policy()]}}, ["open"]),
    "by the kind of the file": (
        {"my-kustomization.json": {"kind": "Kustomization", **ALONE}, "a.json": policy()},
        ["closed"],
    ),
    "by the kind of a component": (
        {"my-kustomization.json": {"kind": "Component", **ALONE}, "a.json": policy()},
        ["closed"],
    ),
    "by another kind": ({"kustomization.yaml": {"kind": "Other", **ALONE}, "a.json": policy()}, ["open"]),
    "by another name": ({"my-kustomization.json": ALONE, "a.json": policy()}, []),
    "with the other suffix": ({"kustomization.yml": ALONE, "a.json": policy()}, ["closed", "open"]),
    "a vanished field by other means": (
        kustomization(CLOSES, replacements=[{"x": 1}], vars=[1]),
        ["closed", "open", "Kustomization"],
    ),
    "nothing by other means": (kustomization(CLOSES, replacements=[], vars=None), ["closed", "open"]),
}
"""A kustomization with its files, and the policies: first those that it changes."""


@pytest.mark.parametrize("row", BUILT)
def test_a_kustomization(look: Look, row: str) -> None:
    files, expected = BUILT[row]
    assert built(look, files) == expected


@pytest.mark.parametrize("levels, expected", [(1, ["closed"]), (10, ["closed"]), (11, [])])
def test_bases_of_bases(look: Look, levels: int, expected: list[str]) -> None:
    files: dict[str, object] = {"kustomization.yaml": {"resources": ["b"], "patches": [CLOSES]}}
    for level in range(1, levels + 1):
        last = level == levels
        files[f"{'b/' * level}kustomization.yaml"] = {"resources": ["a.json" if last else "b"]}
    files[f"{'b/' * levels}a.json"] = policy()
    assert built(look, files)[: len(expected) or 1] in (expected, [*expected, "open"])


def test_the_files_of_patches_are_followed(look: Look) -> None:
    inline, filed = {**FOR, "patch": json.dumps(OPS)}, {**FOR, "path": "x.json"}
    for patch, names in ((inline, []), (filed, ["x.json"])):
        found = look({**kustomization(patch), "x.json": OPS}, "kustomization.yaml")
        followed = [one.rpartition("/")[2] for one in found.followed]
        assert [one for one in followed if one != "a.json"] == names


# --- charts and names ---

TEMPLATE = "chart/templates/a.yaml"
MANIFEST = f"""apiVersion: {UPJET}
kind: RepositoryPolicy
metadata: {{name: p}}
spec:
  forProvider:
    policy: '{json.dumps(OPEN)}'
    repository: VALUE
"""
CHART = {"chart/Chart.yaml": "name: c\n", "chart/values.yaml": "a: {b: base}\n"}


def test_a_value_of_a_chart(look: Look) -> None:
    many = {f"chart/values-{number}.yaml": "" for number in range(31)}
    rows: list[tuple[Mapping[str, str], str, list[str]]] = [
        ({}, "'{{ .Values.a.b }}'", ["base"]),
        ({}, "'{{.Values.a.b}}'", ["base"]),
        ({}, "'x{{ .Values.a.b | quote }}'", ['x"base"']),
        ({}, "{{ .Values.a.b }}", ["*"]),
        ({}, "'{{ .Values.a.c }}'", ["*"]),
        ({}, "'{{ .Values.a }}'", ["*"]),
        ({"chart/values.yaml": "a: {b: two words}\n"}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/values.yaml": "a: {b: ''}\n"}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/values.yaml": "a: ["}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/values.yaml": "\0"}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/values.yaml": "x: 1\n---\na: {b: base}\n"}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/values-prod.yaml": "a: {b: other}\n"}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/values-prod.yml": "a: {b: other}\n"}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/ci/values-prod.yml": "a: {b: other}\n"}, "'{{ .Values.a.b }}'", ["*"]),
        ({"chart/values-prod.yaml": "a: {b: base}\n"}, "'{{ .Values.a.b }}'", ["base"]),
        ({"chart/values-prod.yaml": "x: {b: other}\n"}, "'{{ .Values.a.b }}'", ["base"]),
        ({"chart/values-prod.json": "a: {b: other}\n"}, "'{{ .Values.a.b }}'", ["base"]),
        ({"chart/prod.yaml": "a: {b: other}\n"}, "'{{ .Values.a.b }}'", ["base"]),
        ({"chart/templates/values.yaml": "a: {b: other}\n"}, "'{{ .Values.a.b }}'", ["base"]),
        (many, "'{{ .Values.a.b }}'", ["base"]),
        ({**many, "chart/values-31.yaml": ""}, "'{{ .Values.a.b }}'", ["*"]),
        ({"charts/Chart.yaml": ""}, "'{{ .Values.a.b }}'", ["base"]),
    ]
    for files, value, names in rows:
        found = look({**CHART, TEMPLATE: MANIFEST.replace("VALUE", value), **files}).policies
        assert [list(one.names) for one in found] == [names], (files, value)
        notes = [] if names == ["*"] else [RESTS.format("`Values.a.b`")]
        assert [list(one.notes) for one in found] == [notes], (files, value)


RESTS = sentence("kubernetes.rests_values_chart")


def test_a_template_outside_of_a_chart_has_no_values(look: Look) -> None:
    text = MANIFEST.replace("VALUE", "'{{ .Values.a.b }}'")
    inside = {"x/charts/c/Chart.yaml": "", "x/charts/c/values.yaml": "a: {b: base}\n"}
    rows: list[tuple[Mapping[str, str], str, list[str]]] = [
        ({"chart/values.yaml": "a: {b: base}\n"}, TEMPLATE, ["*"]),
        (CHART, "chart/a.yaml", ["*"]),
        (CHART, "chart/templates/more/a.yaml", ["base"]),
        (inside, "x/charts/c/templates/a.yaml", ["base"]),
        ({**inside, "x/Chart.yaml": ""}, "x/charts/c/templates/a.yaml", ["*"]),
    ]
    for files, name, names in rows:
        found = look({**files, name: text}).policies
        assert [list(one.names) for one in found] == [names], (files, name)


UNRENDERED: Mapping[str, tuple[str, list[tuple[str, int]]]] = {
    "a kind": ("apiVersion: ecr.aws.upbound.io/v1\nkind: RepositoryPolicy\n", [("RepositoryPolicy", 3)]),
    "a kind in quotes": ("apiVersion: ecr.aws.upbound.io/v1\n\"kind\": 'Repo'\n", [("Repo", 3)]),
    "a kind before": ("kind: RepositoryPolicy\napiVersion: ecr.aws.upbound.io/v1\n", [("ecr.aws.upbound.io", 4)]),
    "a kind nearby": (f"apiVersion: ecr.aws.upbound.io#{'x' * 191}\nkind: R\n", [("R", 3)]),
    "a kind too far": (f"apiVersion: ecr.aws.upbound.io#{'x' * 192}\nkind: R\n", [("ecr.aws.upbound.io", 3)]),
    "another group": ("apiVersion: sns.aws.upbound.io/v1\nkind: R\n", []),
}


@pytest.mark.parametrize("row", UNRENDERED)
def test_a_template_that_is_no_data(look: Look, row: str) -> None:
    text, expected = UNRENDERED[row]
    found = look({"a.yaml": f"{{{{ if .Values.x }}}}\n{text}{{{{ end }}}}: [\n"})
    assert [(one.resource, one.line) for one in found.unjudged] == [(name, line - 1) for name, line in expected]


REPOSITORY = policy({"region": "eu-west-1"}, kind="Repository", metadata={"name": "r"})
EXTERNAL = {"annotations": {"crossplane.io/external-name": "external"}}
BY_NAME: Mapping[str, tuple[list[object], list[str]]] = {
    "a name": ([REPOSITORY], ["r"]),
    "an external name": ([policy({}, kind="Repository", metadata={"name": "r", **EXTERNAL})], ["external"]),
    "another name": ([policy({}, kind="Repository", metadata={"name": "s", **EXTERNAL})], ["*"]),
    "another namespace": ([policy({}, kind="Repository", metadata={"name": "r", "namespace": "n"})], ["*"]),
    "another group": ([policy({}, kind="Repository", group=COMMUNITY, metadata={"name": "r"})], ["*"]),
    "another kind": ([policy({}, kind="LifecyclePolicy", metadata={"name": "r"})], ["*"]),
    "a repository in another resource": ([{"kind": "X", "metadata": {"name": "x"}, "spec": {"a": REPOSITORY}}], ["*"]),
    "a repository in a list": ([{"kind": "List", "items": [REPOSITORY]}], ["r"]),
    "nothing": ([], ["*"]),
}


@pytest.mark.parametrize("row", BY_NAME)
def test_a_repository_that_a_policy_refers_to(look: Look, row: str) -> None:
    others, expected = BY_NAME[row]
    refers = given(repository=None, repositoryRef={"name": "r"})
    text = "\n---\n".join(map(json.dumps, [refers, *others]))
    assert [list(one.names) for one in look({"a.yaml": text}).policies] == [expected]


@pytest.mark.parametrize("namespace, expected", [("n", ["r"]), ("m", ["*"]), (None, ["*"])])
def test_a_repository_in_a_namespace(look: Look, namespace: str | None, expected: list[str]) -> None:
    refers = policy({**PROVIDER, "repository": None, "repositoryRef": {"name": "r"}}, metadata={"namespace": "n"})
    repository = policy({}, kind="Repository", metadata={"name": "r", "namespace": namespace})
    found = look({"a.yaml": f"{json.dumps(refers)}\n---\n{json.dumps(repository)}"})
    assert [list(one.names) for one in found.policies] == [expected]


def test_a_field_that_appears_twice(look: Look) -> None:
    text = json.dumps(given(repository=None)).replace(
        '"region"', f'"policy": {json.dumps(json.dumps(CLOSED))}, "region"'
    )
    (found,) = look({"a.yaml": text}).policies
    assert (list(found.doubts), len(found.heads)) == ([sentence("exchanges.policy_appears_more")], 2)
