"""The values of the attributes of the AWS provider's resources: policies, replications, caches, names and settings."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.sources.files.values.nodes import REGION, Place
from ecr_crossaccount.sources.files.values.partial import (
    Case,
    Conditional,
    Encoded,
    NotThere,
    Placed,
    Prose,
    Question,
    Value,
    either,
)
from ecr_crossaccount.sources.formats.aws_provider.policies import read_policy
from ecr_crossaccount.sources.formats.aws_provider.resources import (
    CARRIERS,
    Resource,
    decisive,
    found_policy,
    is_read,
    made_by_cloud_control,
    misplaced_in,
    names_of,
    read_exchange,
    scope_of,
    what_is_missing,
)

from tests.check.hcl.test_expressions import shown
from tests.wording import sentence

X, Y = Hole("x"), Hole("y")
AT, FIRST, SECOND, THIRD = Place("a.tf", 9, 9), Place("b.tf", 1, 5), Place("b.tf", 4, 1), Place("b.tf", 7, 3)
Q = Question("q", "q holds", "q fails")
TEXT = '{"Statement":[{"Sid":"1"},{"Sid":"2"}]}'


def prose(*parts: tuple[str | Hole, Place | None]) -> Prose:
    return Prose(parts)


POLICIES: list[tuple[Value, object, list[tuple[int, int]]]] = [
    (None, None, []),
    ("", None, []),
    (Encoded("x"), "x", []),
    (5, "5", []),
    (True, "true", []),
    ([1], "[1]", []),
    (X, "<x>", []),
    (Encoded(X), "<x>", []),
    (Encoded(Holed(("a", X))), "a<x>", []),
    ({"Statement": {"Sid": "1"}}, {"Statement": {"Sid": "1"}}, [(9, 9)]),
    ({"a": 1}, {"a": 1}, [(9, 9)]),
    (
        {
            "Statement": [
                Placed({"Sid": "1"}, FIRST),
                Conditional(Placed({"Sid": "2"}, SECOND), X),
                Conditional({"Sid": "2"}, X),
                X,
            ]
        },
        {"Statement": [{"Sid": "1"}, "<x>", "<x>", "<x>"]},
        [(1, 5), (4, 1), (9, 9), (9, 9)],
    ),
    (Encoded({"Statement": ({"Action": "a"},)}), {"Statement": [{"Action": "a"}]}, [(9, 9)]),
    (" \n", None, []),
    (TEXT, TEXT, [(9, 9), (9, 9)]),
    ("{", "{", []),
    ("[]", "[]", []),
    (prose((TEXT, FIRST)), TEXT, [(1, 19), (1, 31)]),
    (
        prose(('{"Statement":[\n', FIRST), ('{"Sid":"1"},\n  {"Sid":"2"}]}', SECOND)),
        '{"Statement":[\n{"Sid":"1"},\n  {"Sid":"2"}]}',
        [(4, 1), (5, 3)],
    ),
    (
        prose(('{"Statement":[\n', FIRST), ('{"Sid":"1"},\n  {"Sid":"2"}]}', None)),
        '{"Statement":[\n{"Sid":"1"},\n  {"Sid":"2"}]}',
        [(2, 1), (3, 3)],
    ),
    (
        prose(('{"Statement":[\n{"Sid":"1"},\n\n  {"Sid":"2"}]}', FIRST)),
        '{"Statement":[\n{"Sid":"1"},\n\n  {"Sid":"2"}]}',
        [(2, 1), (4, 3)],
    ),
    (
        prose(('{"Statement":[{"Sid":', None), (X, None), ('},{"Sid":"a', SECOND), (Y, None), ('b"}]}', None)),
        {"Statement": [{"Sid": "<x>"}, {"Sid": "a<y>b"}]},
        [(9, 9), (4, 3)],
    ),
    (
        Holed(('{"Statement":[{"Sid":', X, ',"a":"b\\"', Y, '"}]}')),
        {"Statement": [{"Sid": "<x>", "a": 'b"<y>'}]},
        [(9, 9)],
    ),
    (prose(('{"Statement":', None), (X, THIRD), ("}", None)), {"Statement": "<x>"}, [(9, 9)]),
    (prose(('{"Statement":[', None), (X, THIRD), ("{}", None)), '{"Statement":[<x>{}', []),
    (Prose(((X, FIRST),)), "<x>", []),
    (
        {
            "Statement": [
                Conditional({"Effect": "Allow"}, X),
                Conditional({"Action": "a"}, X),
                Conditional({"b": 1}, X),
                Conditional({"b": Y}, X),
                Conditional("v", X),
            ],
            "Id": Conditional("i", X),
            "V": Encoded([1]),
            "W": Prose((("w", None),)),
            "E": Encoded({}, yaml=True),
            "T": ("a",),
        },
        {
            "Statement": [
                {"Effect": "Allow", "Condition": {"StringEquals": "<x>"}},
                {"Action": "a", "Condition": {"StringEquals": "<x>"}},
                "<x>",
                {"b": "<y>"},
                "<x>",
            ],
            "Id": "<x>",
            "V": "[1]",
            "W": "w",
            "E": "<yamlencode(…)>",
            "T": ["a"],
        },
        [(9, 9), (9, 9), (9, 9), (9, 9), (9, 9)],
    ),
    ({"Statement": [Placed({"Sid": "1"}, None)]}, {"Statement": [{"Sid": "1"}]}, [(9, 9)]),
    (Encoded(Holed(('{"Statement":[', X, "]}"))), {"Statement": ["<x>"]}, [(9, 9)]),
    ({"Id": [either(Question(one, "", ""), "a", "b", X) for one in range(6)]}, {"Id": ["<x>"] * 6}, [(9, 9)]),
    ({"Statement": Conditional({"Effect": "Allow"}, X)}, {"Statement": "<x>"}, [(9, 9)]),
    (Holed(('{"a":"b', X, "c", Y, 'd"}')), {"a": "b<x>c<y>d"}, []),
    ([X], '["<x>"]', []),
]
"""A value, the policy in it, and the line and the column of each statement. Those of the attribute are 9 and 9."""


@pytest.mark.parametrize("value, expected, places", POLICIES, ids=range(len(POLICIES)))
def test_the_policy_in_a_value(value: Value, expected: object, places: list[tuple[int, int]]) -> None:
    found = read_policy(value, AT)
    assert shown(found.policy) == expected
    assert [(one.line, one.column) for one in found.statements] == places
    assert {one.file for one in found.statements} <= {"b.tf", "a.tf"}
    assert (found.when, found.otherwise) == ("", ())


def test_a_policy_that_depends_on_a_question() -> None:
    found = read_policy(either(Q, TEXT, {"Statement": [Placed({"Sid": "3"}, SECOND)]}, X), AT)
    (other,) = found.otherwise
    assert (found.policy, found.statements, found.when) == (TEXT, (AT, AT), "q holds")
    assert (other.policy, other.statements, other.when) == ({"Statement": [{"Sid": "3"}]}, (SECOND,), "q fails")


# --- replications and caches ---

REPLICATION, CACHE = CARRIERS["aws_ecr_replication_configuration"], CARRIERS["aws_ecr_pull_through_cache_rule"]
THERE, NOT_THERE = sentence("resources.each_resource_depends"), sentence("resources.no_resource_depends_exists")
TO = {"registry_id": "1"}


def replicating(*destinations: Value, **more: Value) -> Placed:
    return Placed({"destination": list(destinations), **more}, FIRST)


EXCHANGES: list[tuple[Value, list[tuple[str, object]]]] = [
    ({"rule": [replicating(TO)]}, [("", {"rule": [{"destination": [TO]}]})]),
    ([{"rule": [replicating(TO)]}], [("", {"rule": [{"destination": [TO]}]})]),
    ([], [("", {"rules": []})]),
    ([{}, {}], [("", "<replication_configuration>")]),
    (None, [("", "<replication_configuration>")]),
    ("", [("", "<replication_configuration>")]),
    (X, [("", "<x>")]),
    ({"rule": (replicating(Prose((("a", None),))),)}, [("", {"rule": [{"destination": ["a"]}]})]),
    (
        {"rule": [replicating(TO), Conditional(replicating(TO, TO), X)]},
        [
            (THERE, {"rule": [{"destination": [TO]}, {"destination": [TO, TO]}]}),
            (NOT_THERE, {"rule": [{"destination": [TO]}]}),
        ],
    ),
    (
        {"rule": [replicating(TO, Conditional(TO, X))]},
        [(THERE, {"rule": [{"destination": [TO, TO]}]}), (NOT_THERE, {"rule": [{"destination": [TO]}]})],
    ),
    (
        {"rule": [replicating(Conditional(TO, X))]},
        [(THERE, {"rule": [{"destination": [TO]}]}), (NOT_THERE, {"rule": []})],
    ),
    (
        {"Rules": [{"Destinations": (Conditional(TO, X),)}]},
        [(THERE, {"Rules": [{"Destinations": [TO]}]}), (NOT_THERE, {"Rules": []})],
    ),
    (
        {"rule": [replicating(TO, repository_filter=["a", Conditional("b", X)])]},
        [
            (THERE, {"rule": [{"destination": [TO], "repository_filter": ["a", "<x>"]}]}),
            (NOT_THERE, {"rule": [{"destination": [TO], "repository_filter": ["a", "<x>"]}]}),
        ],
    ),
    (
        {"rule": [replicating(), Conditional(replicating(TO), X)]},
        [(THERE, {"rule": [{"destination": []}, {"destination": [TO]}]}), (NOT_THERE, {"rule": [{"destination": []}]})],
    ),
    (
        {"rule": [replicating(TO, repository_filters=(Conditional("b", X),))]},
        [
            (THERE, {"rule": [{"destination": [TO], "repository_filters": ["<x>"]}]}),
            (NOT_THERE, {"rule": [{"destination": [TO], "repository_filters": ["<x>"]}]}),
        ],
    ),
    (
        {"rule": Conditional([], X), "other": [Conditional("a", Y)]},
        [(THERE, {"rule": "<x>", "other": ["a"]}), (NOT_THERE, {"rule": "<x>", "other": []})],
    ),
    (
        either(Q, {"rule": [Conditional(replicating(TO), X)]}, [], X),
        [
            (f"q holds and {THERE}", {"rule": [{"destination": [TO]}]}),
            (f"q holds and {NOT_THERE}", {"rule": []}),
            ("q fails", {"rules": []}),
        ],
    ),
    (
        {"rule": [Conditional(replicating(TO), X, (Case(Q, holds=True),))]},
        [("q holds", {"rule": [{"destination": [TO]}]}), ("q fails", {"rule": []})],
    ),
]
"""The value of a replication configuration, and its forms, each with the words for its condition."""


@pytest.mark.parametrize("value, forms", EXCHANGES, ids=range(len(EXCHANGES)))
def test_the_forms_of_a_replication(value: Value, forms: list[tuple[str, object]]) -> None:
    found = read_exchange(REPLICATION, value, AT)
    others = [(one.when, shown(one.policy)) for one in found.otherwise]
    assert [(found.when, shown(found.policy)), *others] == forms


def test_a_replication_is_read_without_places() -> None:
    value = {"rule": (replicating(Prose((("a", FIRST),))),)}
    assert read_exchange(REPLICATION, value, AT).policy == {"rule": [{"destination": ["a"]}]}


RULES: list[tuple[Value, tuple[Place, ...]]] = [
    ({"rule": [replicating(), {}, Placed({}, None), Placed({}, THIRD)]}, (FIRST, AT, AT, THIRD)),
    ([{"rules": (replicating(),)}], (FIRST,)),
    ({"Rules": [replicating()]}, (FIRST,)),
    ({"rul": [replicating()]}, ()),
    ([{"rule": [replicating()]}, {}], ()),
    ({"rule": X}, ()),
    ([], ()),
    (X, ()),
]


@pytest.mark.parametrize("value, places", RULES, ids=range(len(RULES)))
def test_the_places_of_rules(value: Value, places: tuple[Place, ...]) -> None:
    assert read_exchange(REPLICATION, value, AT).statements == places
    assert read_exchange(CACHE, value, AT).statements == ()


def test_a_cache_is_what_its_fields_say() -> None:
    fields: dict[str, Value] = {
        "ecr_repository_prefix": "a", "upstream_registry": "b", "upstream_registry_url": "c", "custom_role_arn": "d",
    }  # fmt: skip
    resource = Resource("x", "aws_ecr_pull_through_cache_rule", {**fields, "registry_id": "1"}, AT, FIRST)
    found = found_policy(resource)
    assert (found.policy, found.names, found.resource_at, found.doubts) == (fields, ("a/*",), FIRST, ())
    assert found_policy(Resource("x", resource.type, {}, AT, AT)).policy == {}


@pytest.mark.parametrize(
    "value, expected",
    [
        ({"region": "a", "b": {"region": "c", "regions": "d"}}, {"b": {"regions": "d"}}),
        (({"region": "a"}, [{"region": "a", "e": 1}]), [{}, [{"e": 1}]]),
        (Conditional({"region": "a", "e": 1}, X), "{'e': 1}?"),
        ("region", "region"),
    ],
)
def test_regions_do_not_decide(value: Value, expected: object) -> None:
    assert shown(decisive(value)) == expected


# --- names ---

NAMED, TEMPLATE, REGISTRY = (
    "aws_ecr_repository_policy",
    "aws_ecr_repository_creation_template",
    "aws_ecr_registry_policy",
)
NAMES: list[tuple[str, dict[str, Value], str, str | None]] = [
    (NAMED, {"repository": "a"}, "a", None),
    (NAMED, {"repository": ""}, "*", None),
    (NAMED, {"repository": None}, "*", None),
    (NAMED, {"repository": 5}, "*", None),
    (NAMED, {}, "*", None),
    (NAMED, {"repository": X}, "*", "<x>"),
    (NAMED, {"repository": Holed(("a/", X))}, "a/*", "a/<x>"),
    (NAMED, {"repository": Prose((("a", None), (X, None)))}, "a*", "a<x>"),
    (TEMPLATE, {"prefix": "a"}, "a/*", None),
    (TEMPLATE, {"prefix": "a/"}, "a/*", None),
    (TEMPLATE, {"prefix": "ROOT"}, "*", None),
    (TEMPLATE, {"prefix": X}, "*", "<x>"),
    (TEMPLATE, {"prefix": Holed(("a", X))}, "a*/*", "a<x>/*"),
    (TEMPLATE, {"prefix": ""}, "*", "<prefix>"),
    (TEMPLATE, {}, "*", "<prefix>"),
    (REGISTRY, {"repository": "a"}, "*", None),
]


@pytest.mark.parametrize("kind, attributes, pattern, called", NAMES, ids=range(len(NAMES)))
def test_the_names_that_a_policy_is_for(
    kind: str, attributes: dict[str, Value], pattern: str, called: str | None
) -> None:
    found = found_policy(Resource("r", kind, attributes, AT, AT))
    assert (found.names, [*map(str, found.called)]) == ((pattern,), [] if called is None else [called])
    assert len(names_of(CARRIERS[kind], attributes)) == 1


@pytest.mark.parametrize(
    "said, expected",
    [
        (["REPLICATION", Prose((("CREATE_ON_PUSH", None),))], ("REPLICATION", "CREATE_ON_PUSH")),
        (("REPLICATION",), ("REPLICATION",)),
        (["REPLICATION", X], None),
        ([], None),
        ("REPLICATION", None),
        (None, None),
    ],
)
def test_what_a_creation_template_is_applied_for(said: Value, expected: object) -> None:
    assert found_policy(Resource("r", TEMPLATE, {"applied_for": said}, AT, AT)).applied_for == expected
    assert found_policy(Resource("r", NAMED, {"applied_for": said}, AT, AT)).applied_for is None


@pytest.mark.parametrize(
    "kind, number", [(NAMED, 1), ("awscc_ecr_registry_policy", 1), (TEMPLATE, 0), ("awscc_ecr_repository", 0)]
)
def test_a_policy_that_is_blank_is_in_doubt_if_it_is_required(kind: str, number: int) -> None:
    for value in ("", " ", None):
        attributes = {CARRIERS[kind].policy: value}
        assert len(found_policy(Resource("r", kind, attributes, AT, AT)).doubts) == number


# --- settings, and resources of other types ---

SCOPES: list[tuple[Value, Value, object]] = [
    ("REGISTRY_POLICY_SCOPE", "V2", "V2"),
    ("REGISTRY_POLICY_SCOPE", X, None),
    ("REGISTRY_POLICY_SCOPE", None, None),
    ("BASIC_SCAN_TYPE_VERSION", "V2", "another"),
    (X, "V2", None),
    (None, "V2", None),
]


@pytest.mark.parametrize("name, value, expected", SCOPES)
def test_the_scope_in_a_setting(name: Value, value: Value, expected: object) -> None:
    found = scope_of({"name": name, "value": value})
    assert (found.value if found else "another") == expected


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("AWS::ECR::Repository", [False]),
        ("AWS::ECR::RegistryPolicy", [True]),
        (Prose((("AWS::ECR::RegistryPolicy", None),)), [True]),
        ("AWS::ECS::Service", []),
        (X, []),
        (None, []),
    ],
)
def test_a_resource_of_cloud_control(kind: Value, expected: list[bool]) -> None:
    found = made_by_cloud_control("r", {"type_name": kind}, FIRST)
    assert [one.registry is not None for one in found.unjudged] == expected
    assert [(one.file, one.line, one.column, one.resource) for one in found.unjudged] == [
        ("b.tf", 1, 5, "r") for _ in expected
    ]


READ = """aws_ecr_repository_policy awscc_ecr_registry_policy aws_ecrpublic_repository_policy aws_cloudformation_stack
awscc_cloudformation_stack aws_cloudformation_stack_set awscc_cloudformation_stack_set aws_ecr_new awscc_ecr_new
aws_ecrpublic_new aws_ecr_account_setting awscc_ecr_repository aws_ecr_pull_through_cache_rule"""
NOT_READ = """aws_ecr_lifecycle_policy aws_ecr_pull_time_update_exclusion aws_ecr_registry_scanning_configuration
aws_ecr_repository aws_ecrpublic_repository awscc_ecr_pull_time_update_exclusion
awscc_ecr_registry_scanning_configuration awscc_ecr_signing_configuration aws_iam_role my_aws_ecr_x aws_cloudformation_x
aws_cloudcontrolapi_resource"""


def test_the_types_that_are_read() -> None:
    assert {one: is_read(one) for one in (*READ.split(), *NOT_READ.split())} == {
        **dict.fromkeys(READ.split(), True),
        **dict.fromkeys(NOT_READ.split(), False),
    }


ELSEWHERE: list[tuple[str, dict[str, Value], int]] = [
    (NAMED, {"policy": TEXT, "repository": TEXT}, 0),
    (NAMED, {"Policy": TEXT}, 1),
    (NAMED, {"policyx": "x"}, 1),
    (NAMED, {"other": TEXT.replace('"1"', '"1","Effect":"Allow","Action":"ecr:*","Principal":"*"')}, 1),
    (NAMED, {"other": "x"}, 0),
    (NAMED, {"policys": either(Q, None, "x", X)}, 1),
    (TEMPLATE, {"prefix": TEXT, "repository_policy": TEXT}, 0),
    (TEMPLATE, {"repository_policys": "x"}, 1),
    ("aws_ecr_replication_configuration", {"replication_configurations": "x"}, 0),
    ("aws_ecr_pull_through_cache_rule", {"policy": "x"}, 0),
]


@pytest.mark.parametrize("kind, attributes, number", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_another_argument_that_may_hold_the_policy(kind: str, attributes: dict[str, Value], number: int) -> None:
    assert len(misplaced_in(kind, attributes)) == number


def test_another_argument_is_told_in_the_spelling_of_the_file() -> None:
    assert misplaced_in(NAMED, {"POLICY": "x"}, str.upper, "Other") == ()
    (told,) = misplaced_in(NAMED, {"POLICYS": "x"}, str.upper, "Other")
    assert all(one in told for one in ("`POLICYS`", "`POLICY`", "Other"))


MISSING: list[tuple[Value, str | None]] = [
    ("a", None),
    (REGION, None),
    (NotThere("a.json"), None),
    ([X, REGION, NotThere("a.json"), {"a": X}], "`x`"),
    ([Y, X], "`y`, `x`"),
    ([Hole(one) for one in "abc"], "`a`, `b`, `c`"),
    ([Hole(one) for one in "abcd"], "`a`, `b`, `c` and 1 more"),
    (Encoded([X]), "`x`"),
]


@pytest.mark.parametrize("value, expected", MISSING, ids=range(len(MISSING)))
def test_the_names_of_what_is_missing(value: Value, expected: str | None) -> None:
    assert what_is_missing(value) == expected
