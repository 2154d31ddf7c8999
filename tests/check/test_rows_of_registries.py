"""The registry policies that may apply to a repository: a row for each account, Region and scope that may decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ecr_crossaccount.documents.pattern import Hole, Holed
from ecr_crossaccount.judgement.beside import Scope
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.sources.files.values.nodes import REGION as HOLE_OF_REGION
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import NOWHERE, FoundPolicy, FoundScope, Harvest, Location, Unjudged, Unread
from ecr_crossaccount.sources.found.states import Registries, in_own_region, of_own_registry

from tests.wording import sentence

A, B = "111122223333", "222233334444"
HERE_OR_NOT: list[tuple[Any, Any, Any, str | None]] = [
    # the repository, the registry policy, the context; None if it does not apply, or else the doubt
    ({}, {}, {"account": A, "region": "r"}, ""),
    ({"account": A}, {"account": B}, {"region": "r"}, None),
    ({"account": A}, {"account": A}, {"region": "r"}, ""),
    ({"region": "r"}, {"region": "s"}, {"account": A}, None),
    ({"region": "r"}, {"region": "r"}, {"account": A}, ""),
    ({"account": A}, {}, {"region": "r"}, "give --account"),
    ({}, {"account": A}, {"region": "r"}, "give --account"),
    ({"region": "r"}, {}, {"account": A}, "give --region"),
    ({}, {"region": "r"}, {"account": A}, "give --region"),
    ({}, {}, {}, "give --account and --region"),
    ({"account": A, "region": "r"}, {}, {}, "give --account and --region"),
    ({}, {"account": A, "region": "r"}, {"account": B}, None),
    ({"deployed_with": "x"}, {"deployed_with": "x"}, {}, ""),
    ({"deployed_with": "x"}, {"deployed_with": "y"}, {}, "give --account and --region"),
    ({"deployed_with": "x", "account": A}, {"deployed_with": "x"}, {}, "give --account and --region"),
    (
        {"location": Location(None, "r", "z")},
        *({}, {"account": A, "region": "r"}),
        sentence("registries.account_one_them"),
    ),
    (
        {"location": Location(None, None, "z"), "deployed_with": "x"},
        {"location": Location(None, None, "z"), "deployed_with": "x"},
        {},
        "",
    ),
    (
        {"location": NOWHERE, "deployed_with": "x"},
        *({"location": NOWHERE, "deployed_with": "x"}, {}),
        "give --account and --region",
    ),
]


@pytest.mark.parametrize("case", HERE_OR_NOT, ids=range(len(HERE_OR_NOT)))
def test_whether_a_registry_policy_applies(
    case: tuple[dict[str, Any], dict[str, Any], dict[str, Any], str | None],
) -> None:
    repository, registry, context, doubt = case
    found = FoundPolicy(Place("a", 1), "Repo", ResourceKind.REPOSITORY, None, **{"deployed_with": "a", **repository})
    policy = FoundPolicy(Place("b", 2), "Registry", ResourceKind.REGISTRY, None, **{"deployed_with": "b", **registry})
    registries = Registries(Harvest((found, policy)), Context(**context))
    assert [one.doubt for one in registries.candidates_of(found)] == ([] if doubt is None else [doubt])
    assert registries.candidates_of(policy) == ()
    for kind in ResourceKind:
        assert bool(registries.candidates_of(replace(found, kind=kind))) == (
            doubt is not None and kind in (ResourceKind.REPOSITORY, ResourceKind.CREATION_TEMPLATE)
        )
    if doubt:
        (one,) = registries.candidates_of(found)
        assert one.chosen == sentence("registries.registry_policy_registry", doubt=doubt)


@pytest.mark.parametrize("count, unread", [(1, False), (8, False), (9, True)])
def test_of_too_many_registry_policies_none_is_known(count: int, *, unread: bool) -> None:
    found = FoundPolicy(Place("a", 1), "Repo", ResourceKind.REPOSITORY, None)
    policies = [replace(found, kind=ResourceKind.REGISTRY, resource=str(number)) for number in range(count)]
    several = Registries(Harvest((found, *policies)), Context(A, "r")).candidates_of(found)
    reason = sentence("registries.registry_policies_may")
    assert [one.unread for one in several] == ([reason] if unread else [None] * count)
    assert not any(one.doubt for one in several)


V1, V2, UNKNOWN = Scope.V1, Scope.V2, Scope.UNKNOWN
SCOPES: list[tuple[tuple[FoundScope, ...], Scope, Scope]] = [
    ((), UNKNOWN, UNKNOWN),
    ((), V2, V2),
    ((FoundScope("V1"),), V2, V2),
    ((FoundScope("V1"),), UNKNOWN, V1),
    ((FoundScope("V2"),), UNKNOWN, V2),
    ((FoundScope("V3"),), UNKNOWN, UNKNOWN),
    ((FoundScope(None),), UNKNOWN, UNKNOWN),
    ((FoundScope("V1"), FoundScope("V1")), UNKNOWN, V1),
    ((FoundScope("V1"), FoundScope("V2")), UNKNOWN, UNKNOWN),
    ((FoundScope("V1"), FoundScope("V2", account=B)), UNKNOWN, V1),
    ((FoundScope("V1", account=B),), UNKNOWN, UNKNOWN),
    ((FoundScope("V1", region="s"),), UNKNOWN, UNKNOWN),
    ((FoundScope("V1", location=NOWHERE),), UNKNOWN, UNKNOWN),
    ((FoundScope("V1"), FoundScope("V2", location=NOWHERE)), UNKNOWN, UNKNOWN),
    ((FoundScope("V1", may_not_run=True, deployed_with="b"),), UNKNOWN, V1),
    ((FoundScope("V1", may_not_run=True, deployed_with="a"),), UNKNOWN, UNKNOWN),
    ((FoundScope("V1", may_not_run=True, deployed_with="a"), FoundScope("V1")), UNKNOWN, V1),
]


@pytest.mark.parametrize("scopes, given, scope", SCOPES, ids=range(len(SCOPES)))
def test_the_scope_of_a_registry_policy(scopes: tuple[FoundScope, ...], given: Scope, scope: Scope) -> None:
    found = FoundPolicy(Place("a", 1), "Repo", ResourceKind.REPOSITORY, None, deployed_with="a")
    policy = FoundPolicy(Place("b", 2), "Registry", ResourceKind.REGISTRY, None, deployed_with="b")
    context = Context(A, "r", registry_scope=given)
    (one,) = Registries(Harvest((found, policy), scopes=scopes), context).candidates_of(found)
    assert one.scope is scope


def test_registry_policies_that_are_not_read_or_not_judged() -> None:
    found = FoundPolicy(Place("a", 1), "Repo", ResourceKind.REPOSITORY, None)
    here = Location(A, "r")
    errors = (Unread("e", 3, "why", here), Unread("f", None, "why", here), Unread("g", 1, "why"))
    left = Unjudged("u", 4, 5, "sets", "how", here)
    doubted = replace(found, kind=ResourceKind.REGISTRY, resource="Registry", doubts=("one", "two"))
    harvest = Harvest((found, doubted), errors, unjudged=(left, left, replace(left, registry=None)))
    several = Registries(harvest, Context(A, "r")).candidates_of(found)
    assert [(one.found.at, one.unread) for one in several] == [
        (Place("a", 1), "the policy that `Registry` in a sets is unknown: one"),
        (Place("e", 3), "e: why"),
        (Place("f", 1), "f: why"),
        (Place("u", 4, 5), "the policy that `sets` in u sets is unknown: how"),
    ]
    assert [one.is_certain for one in several] == [True, True, True, False]
    assert several[3].chosen == sentence("registries.registry_policy_sets")
    assert several[1].chosen == sentence("registries.registry_policy_policy")


@pytest.mark.parametrize(
    "registry, note",
    [
        ({"account": B, "region": "s"}, f"--registry-policy is of {B} in s"),
        ({"account": B}, f"--registry-policy is of {B} in r"),
        ({"account": A}, ""),
        ({}, ""),
    ],
)
def test_a_given_registry_policy_of_another_registry_is_noted(registry: dict[str, Any], note: str) -> None:
    found = FoundPolicy(Place("a", 1), "Repo", ResourceKind.REPOSITORY, None)
    given = FoundPolicy(Place("g", 1), "policy", ResourceKind.REGISTRY, None, **registry)
    registries = Registries(Harvest((found,)), Context(A, "r", registry=given))
    assert list(registries.notes_on(found)) == (
        [sentence("registries.policy_registry_not_given_2", note=note)] if note else []
    )
    assert list(registries.notes_on(replace(found, kind=ResourceKind.REPLICATION))) == []
    candidates = registries.candidates_of(found)
    assert [one.called for one in candidates] == ([] if note else [sentence("ask.registry_policy_registry_policy")])
    certain = replace(found, kind=ResourceKind.REGISTRY, resource="Registry")
    (one,) = Registries(Harvest((found, certain)), Context(A, "r", registry=given)).candidates_of(found)
    assert not one.is_given
    perhaps = replace(certain, perhaps="x")
    both = Registries(Harvest((found, perhaps)), Context(A, "r", registry=given)).candidates_of(found)
    assert [one.is_given for one in both] == ([False] if note else [True, False])


# --- the resources in a registry policy ---

REGION, ACCOUNT = Hole("AWS::Region"), Hole("account")


def arn(region: object, account: object, service: str = "ecr", start: str = "arn") -> Holed:
    return Holed((f"{start}:aws:{service}:", region, ":", account, ":repository/", Hole("x")))  # type: ignore[arg-type]


def allow(**fields: object) -> dict[str, object]:
    return {"Statement": [{"Effect": "Allow", **fields}]}


FILLED = Holed(("arn:aws:ecr:r:1:repository/", Hole("x")))
KEPT: list[object] = [
    *({"Statement": [{"Effect": "Deny", "Resource": arn(REGION, ACCOUNT)}]}, allow(NotResource=arn(REGION, ACCOUNT))),
    *(allow(Resource=arn(REGION, ACCOUNT, "s3")), allow(Resource=arn(REGION, ACCOUNT, start="a")), allow(Resource="*")),
    *(
        allow(Resource=[Holed(("arn:aws:ecr:", REGION))]),
        {"Statement": ["x"]},
        {"Statement": "x"},
        {"Id": "x"},
        "x",
        None,
    ),
]
CHANGED: list[tuple[object, object]] = [
    (allow(Resource=arn(REGION, ACCOUNT), Sid="x"), allow(Resource=[FILLED], Sid="x")),
    (allow(Resource=["*", arn(REGION, ACCOUNT)]), allow(Resource=["*", FILLED])),
    (allow(Resource=arn("r", ACCOUNT)), allow(Resource=[FILLED])),
    (allow(Resource=arn(REGION, "1")), allow(Resource=[FILLED])),
    (
        {"Id": "x", "Statement": {"Effect": "Allow", "Resource": arn(REGION, "1")}},
        {"Id": "x", **allow(Resource=[FILLED])},
    ),
]


@pytest.mark.parametrize("policy", KEPT, ids=repr)
def test_what_is_no_resource_of_the_own_registry_stays(policy: Any) -> None:  # noqa: ANN401 - a policy of any form
    after = of_own_registry(policy, "r", "1")
    resource = policy["Statement"][0].get("Resource") if policy in KEPT[2:6] else None
    listed = allow(Resource=resource if isinstance(resource, list) else [resource])
    assert after == (policy if resource is None else listed)


@pytest.mark.parametrize("policy, after", CHANGED, ids=range(len(CHANGED)))
def test_the_own_region_and_account_are_filled_in(policy: object, after: object) -> None:
    assert of_own_registry(policy, "r", "1") == after


@pytest.mark.parametrize("element", ["Resource", "NotResource", "Other"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_any_region_is_the_own_one(element: str, effect: str) -> None:
    policy = {"Statement": {"Effect": effect, element: Holed(("a:", HOLE_OF_REGION, ":b"))}}
    wanted = Holed(("a:", HOLE_OF_REGION, ":b")) if element == "Other" else "a:*:b"
    assert in_own_region(policy) == {"Statement": [{"Effect": effect, element: wanted}]}
    assert in_own_region({"Statement": ["x"]}) == {"Statement": ["x"]}


def test_what_is_related_by_one_of_two() -> None:
    found = FoundPolicy(Place("a", 1), "Repo", ResourceKind.REPOSITORY, None, deployed_with="a")
    unknown = sentence("registries.account_region_one")
    for mine, other in (({}, {"location": Location(None, None, "z")}), ({"location": Location(None, None, "z")}, {})):
        policy = replace(found, kind=ResourceKind.REGISTRY, deployed_with="b", **other)  # type: ignore[arg-type]
        repository = replace(found, **mine)  # type: ignore[arg-type]
        (one,) = Registries(Harvest((repository, policy)), Context()).candidates_of(repository)
        assert (one.doubt, one.is_certain) == (unknown, False)
    policy = replace(found, kind=ResourceKind.REGISTRY, deployed_with="b")
    for with_, scope in (("a", Scope.V1), ("b", Scope.V1), ("c", UNKNOWN)):
        scopes = (FoundScope("V1", deployed_with=with_),)
        (one,) = Registries(Harvest((found, policy), scopes=scopes), Context()).candidates_of(found)
        assert one.scope is scope
    assert list(Registries(Harvest((found,)), Context()).notes_on(found)) == []
