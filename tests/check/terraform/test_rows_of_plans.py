"""The accounts, Regions and expressions of a plan, one case a row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount.sources.files.files import File
from ecr_crossaccount.sources.files.values.documents import read_json
from ecr_crossaccount.sources.files.values.nodes import ABSENT, Node
from ecr_crossaccount.sources.formats.terraform.configuration import Address, Configuration, Partial, parse_address
from ecr_crossaccount.sources.formats.terraform.read import mistaken, read
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import Harvest

from tests.check.hcl.test_expressions import shown
from tests.check.terraform.plans import Json, Planned, plan, said
from tests.cli.conftest import OWNER

OTHER, THIRD = "222233334444", "333344445555"
POLICY = "aws_ecr_repository_policy.this"
OPEN = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})


def look(document: object, **context: Any) -> Harvest:  # noqa: ANN401 - its fields
    text = json.dumps(document)
    found = read(read_json(text), File("p.json", text, named=True), Context(**context))
    assert found is not None
    return found


def const(value: object) -> Json:
    return {"constant_value": value}


def role(account: str) -> Json:
    return {"assume_role": [{"role_arn": const(f"arn:aws:iam::{account}:role/r")}]}


def made(after: Json, *, usual: Json, alias: Json | None = None, caller: str = "", is_unknown: object = False) -> Json:
    """Return a plan of a policy. `alias`: the arguments of its own provider, `usual`: those of the default one."""
    unknown = {"region": True} if is_unknown else {}
    values = {"repository": "x", "policy": OPEN, **after}
    document = plan(Planned(POLICY, values, unknown, provider="aws" if alias is None else "aws.o"))
    providers = document["configuration"]["provider_config"]
    providers["aws"]["expressions"] = usual
    if alias is not None:
        providers["aws.o"] = {"name": "aws", "alias": "o", "expressions": alias}
    if caller:
        identity = {"address": "data.aws_caller_identity.me", "values": {"account_id": caller}}
        document["prior_state"] = {"values": {"root_module": {"resources": [identity]}}}
    return document


PROFILE, EAST = {"profile": said("var.p")}, {"region": const("us-east-1")}
USUAL: list[tuple[Json, Json, str, str | None, int, str | None]] = [
    ({}, {}, "", None, 0, None),
    ({"registry_id": OTHER}, {}, "", OTHER, 1, None),
    ({"registry_id": OWNER}, {}, "", OWNER, 0, None),
    ({"registry_id": OTHER[1:]}, {}, "", None, 0, None),
    ({"registry_id": f"{OTHER}5"}, {}, "", None, 0, None),
    ({}, {}, OTHER, OTHER, 1, None),
    ({}, {}, "x", None, 0, None),
    ({"registry_id": OTHER}, {}, THIRD, OTHER, 1, None),
    ({}, role(OTHER), "", OTHER, 1, None),
    ({}, role(OTHER), THIRD, OTHER, 1, None),
    ({"registry_id": THIRD}, role(OTHER), "", THIRD, 1, None),
    ({}, {"allowed_account_ids": const([OTHER])}, "", OTHER, 1, None),
    ({}, {"allowed_account_ids": const([OTHER, OWNER])}, "", None, 0, None),
    ({}, {"allowed_account_ids": said("var.x")}, "", None, 0, None),
    ({}, {"assume_role": []}, "", None, 0, None),
    ({}, EAST, "", None, 0, "us-east-1"),
]
"""Attributes, the default provider, who made the plan; the account without a given one, the notes with it, a Region."""


@pytest.mark.parametrize("after, usual, caller, account, notes, region", USUAL, ids=range(len(USUAL)))
def test_the_account_of_the_default_provider(  # noqa: PLR0913, PLR0917 - the columns of a row
    after: Json, usual: Json, caller: str, account: str | None, notes: int, region: str | None
) -> None:
    document = made(after, usual=usual, caller=caller)
    (free,), (given,) = look(document).policies, look(document, account=OWNER).policies
    assert (free.account, len(free.notes), free.owners, free.region) == (account, 0, None, None)
    assert (given.account, len(given.notes), given.owners) == (None, notes, None)
    where = [one.location and (one.location.account, one.location.region, one.location.by) for one in (free, given)]
    aws = "aws.None" if region else ""
    assert where == ([None, None] if region is None else [(None, region, aws), (OWNER, region, "")])


OWN: list[tuple[Json, Json, Json, str | None, str | None, tuple[str | None, str | None, str], bool]] = [
    ({}, {}, {}, None, None, (OWNER, None, "aws.o"), False),
    ({}, EAST, {}, None, "us-east-1", (OWNER, "us-east-1", ""), False),
    ({}, {"region": said("var.r")}, {}, None, None, (OWNER, None, "aws.o"), False),
    ({}, role(OTHER), {}, OTHER, None, (OTHER, None, "aws.o"), False),
    ({}, {**role(OTHER), **EAST}, {}, OTHER, "us-east-1", (OTHER, "us-east-1", ""), False),
    ({}, role(OTHER), role(OTHER), None, None, (OWNER, None, "aws.o"), False),
    ({"region": "us-east-2"}, {**role(OTHER), **EAST}, {}, OTHER, "us-east-2", (OTHER, "us-east-2", ""), False),
    ({"region": "us-east-2"}, EAST, {}, None, "us-east-2", (OWNER, "us-east-2", ""), False),
    ({"region": ""}, {}, {}, None, None, (OWNER, None, f"{POLICY}.region"), False),
    ({}, PROFILE, {}, None, None, (None, None, "aws.o"), True),
    ({}, {**PROFILE, **EAST}, {}, None, "us-east-1", (None, "us-east-1", "aws.o"), True),
    ({"region": "us-east-2"}, PROFILE, {}, None, "us-east-2", (None, "us-east-2", "us-east-2"), True),
    ({}, PROFILE, PROFILE, None, None, (OWNER, None, "aws.o"), False),
    ({}, {"profile": const("a")}, {"profile": const("b")}, None, None, (None, None, "aws.o"), True),
    ({}, {"max_retries": const(1)}, {}, None, None, (OWNER, None, "aws.o"), False),
    *(
        ({}, {name: const("a")}, {}, None, None, (None, None, "aws.o"), True)
        for name in [
            "access_key",
            "allowed_account_ids",
            "assume_role",
            "assume_role_with_web_identity",
            "profile",
            "secret_key",
            "shared_credentials_file",
            "shared_credentials_files",
            "token",
        ]
    ),
]
"""Attributes, the policy's own provider, the default one; the account, the Region, the location, whether it is open."""


@pytest.mark.parametrize("after, alias, usual, account, region, where, is_open", OWN, ids=range(len(OWN)))
def test_the_account_of_another_provider(  # noqa: PLR0913, PLR0917 - the columns of a row
    after: Json,
    alias: Json,
    usual: Json,
    account: str | None,
    region: str | None,
    where: tuple[str | None, str | None, str],
    is_open: object,
) -> None:
    (found,) = look(made(after, usual=usual, alias=alias), account=OWNER).policies
    location = found.location
    assert location is not None
    assert (found.account, found.region, bool(found.owners)) == (account, region, is_open)
    assert (location.account, location.region, location.by) == where
    assert any("`aws.o`" in note for note in found.notes) == is_open


@pytest.mark.parametrize("alias", [None, {}, EAST])
def test_a_region_that_is_known_after_apply(alias: Json | None) -> None:
    for options, account in (({}, None), ({"account": OWNER}, OWNER)):
        (found,) = look(made({}, usual={}, alias=alias, is_unknown=True), **options).policies
        location = found.location
        assert location is not None
        assert (location.account, location.region, location.by) == (account, None, f"{POLICY}.region")


# --- addresses ---

ADDRESSES: list[tuple[str, Address | None]] = [
    ("a.b", Address((), "a", "b")),
    ("a.b[0]", Address((), "a", "b", "[0]")),
    ('a.b["x.y"]', Address((), "a", "b", '["x.y"]')),
    ('a.b["x\\"]y"]', Address((), "a", "b", '["x\\"]y"]')),
    ("data.a.b", Address((), "a", "b", data=True)),
    ("module.m.a.b", Address((("m", ""),), "a", "b")),
    ('module.m["k"].module.n[0].data.a.b[1]', Address((("m", '["k"]'), ("n", "[0]")), "a", "b", "[1]", data=True)),
    ("module.m", Address((), "module", "m")),
    ("module.m.a", None),
    ("a", None),
    ("a.b.c", None),
    ("a[0].b", None),
    ("", None),
    (".a.b", None),
    ("a..b", None),
    ("a.b[", None),
    ("a.b]c[", None),
    ("a.b.[", None),
]


@pytest.mark.parametrize("text, expected", ADDRESSES, ids=[text for text, _ in ADDRESSES])
def test_an_address(text: str, expected: Address | None) -> None:
    assert parse_address(text) == expected
    assert expected is None or str(expected) == text


def test_the_parts_of_an_address() -> None:
    address = parse_address('module.m["k"].module.n.data.a.b[1]')
    assert address is not None
    assert (address.calls, address.block) == (("m", "n"), "data.a.b")
    assert address.sibling_address("c.d") == 'module.m["k"].module.n.c.d'
    assert address.sibling_address("c.d", "[0]") == 'module.m["k"].module.n.c.d[0]'


# --- values ---

X = {"references": ["var.x", "var.y"]}
VALUES: list[tuple[object, object, object, object]] = [
    (1, None, None, 1),
    (1, "", None, 1),
    (None, True, None, "<n>"),
    (None, True, X, "<var.x>"),
    (1, True, X, "<var.x>"),
    (None, True, {"references": []}, "<n>"),
    ({"a": 1}, {"b": True}, {"b": X}, {"a": 1, "b": "<var.x>"}),
    ({"a": 1}, {"a": True}, None, {"a": "<n.a>"}),
    (None, {"a": {"b": True}}, None, {"a": {"b": "<n.a.b>"}}),
    ({}, {}, None, {}),
    (None, {}, None, None),
    ([], [], None, []),
    (None, [], None, None),
    ([1, None], [False, True], None, [1, "<n[1]>"]),
    ([1], [False, True], X, [1, "<var.x>"]),
    (None, [True], None, ["<n[0]>"]),
    ([1, 2], [], None, [1, 2]),
    ([{}, {}], [{"a": True}, {"a": True}], [{"a": X}], [{"a": "<var.x>"}, {"a": "<n[1].a>"}]),
]
"""A value after apply, what of it is unknown, its expressions in the configuration, and what it comes to."""


def node(value: object) -> Node:
    return ABSENT if value is None else read_json(json.dumps(value))


@pytest.mark.parametrize("after, unknown, expressions, expected", VALUES, ids=range(len(VALUES)))
def test_a_value_after_apply(after: object, unknown: object, expressions: object, expected: object) -> None:
    found = Partial("p.json").value(node(after), node(unknown), node(expressions), "n")
    assert shown(found) == expected
    guessed = Partial("p.json", lambda _: "guess").value(node(after), node(unknown), node(expressions), "n")
    assert ("guess" in str(shown(guessed))) == ("<" in str(expected))


# --- what expressions refer to ---

D = "data.aws_iam_policy_document."
CALLS: Json = {
    "m": {
        "expressions": {"p": said(f"{D}a.json"), "c": const(1), "t": const("text"), "u": said("var.root")},
        "module": {
            "outputs": {
                "d": {"expression": said(f"{D}b.json")},
                "c": {"expression": const(5)},
                "t": {"expression": const("text")},
                "none": {},
            },
            "variables": {"default": {"default": None}, "filled": {"default": "text"}, "bare": {}},
        },
    }
}
VARIABLES = {"empty": {"value": ""}, "list": {"value": []}, "map": {"value": {}}, "one": {"value": 1.5}}
VARIABLES |= {"text": {"value": "x"}, "filled": {"value": ["x"]}, "root": {"value": False}}
REFERENCES: list[tuple[str, list[str], list[str]]] = [
    ("a.b", [f"{D}x.json"], [f"{D}x"]),
    ("a.b", [f"{D}x.json", f"{D}x"], [f"{D}x"]),
    ("a.b", [f"{D}x[0].json", f"{D}x[0]", f"{D}x"], [f"{D}x[0]"]),
    ("a.b", [f'{D}x["k"].json'], [f'{D}x["k"]']),
    ("a.b", [f"{D}x.json", f"{D}xx.json"], [f"{D}x", f"{D}xx"]),
    ("a.b", [], []),
    ("a.b", ["", f"{D}x.json"], [f"{D}x"]),
    ("a.b", ["local.x"], []),
    ("a.b", [f"{D}x.json", "local.x"], []),
    ('a.b["k"]', [f"{D}x", "each.key"], [f'{D}x["k"]']),
    ("a.b[1]", [f"{D}x", "count.index"], [f"{D}x[1]"]),
    ("a.b[1]", [f"{D}x", "path.root"], []),
    ("a.b[1]", [f"{D}x.json"], [f"{D}x"]),
    *(("a.b", [f"{D}x.json", f"var.{name}"], [f"{D}x"]) for name in ("empty", "list", "map", "one", "root")),
    *(("a.b", [f"{D}x.json", f"var.{name}"], []) for name in ("text", "filled", "nobody")),
    ("a.b", ["module.m.d"], [f"module.m.{D}b"]),
    ("a.b", ["module.m[0].d", "module.m[0]", "module.m"], [f"module.m[0].{D}b"]),
    ("a.b", ["module.m.d", f"{D}x.json"], [f"module.m.{D}b", f"{D}x"]),
    ("a.b", ["module.m.c", f"{D}x.json"], [f"{D}x"]),
    ("a.b", ["module.m.t", f"{D}x.json"], []),
    ("a.b", ["module.m.none"], []),
    ("a.b", ["module.m.nobody"], []),
    ("a.b", ["module.n.d"], []),
    ("a.b", ["module.m"], []),
    ("module.m.a.b", ["var.p"], [f"{D}a"]),
    ("module.m.a.b", [f"{D}x.json"], [f"module.m.{D}x"]),
    *(("module.m.a.b", [f"{D}x.json", f"var.{one}"], [f"module.m.{D}x"]) for one in ("c", "u", "default")),
    *(("module.m.a.b", [f"{D}x.json", f"var.{one}"], []) for one in ("t", "filled", "bare", "nobody")),
    ("module.n.a.b", ["var.p"], []),
]


@pytest.mark.parametrize("address, names, expected", REFERENCES, ids=range(len(REFERENCES)))
def test_the_documents_in_an_expression(address: str, names: list[str], expected: list[str]) -> None:
    here = parse_address(address)
    assert here is not None
    found = Configuration(node({"root_module": {"module_calls": CALLS}}), node(VARIABLES))
    assert [*found.documents(here, node(said(*names)))] == expected
    assert found.documents(here, ABSENT) == ()


ARNS: list[tuple[list[str], list[str]]] = [
    (["aws_iam_role.r.arn"], ["aws_iam_role.r"]),
    (["aws_iam_role.r.arn", "aws_iam_role.r"], ["aws_iam_role.r"]),
    (["aws_iam_role.r[0].arn"], ["aws_iam_role.r"]),
    (['aws_iam_role.r["a.b"].arn'], ["aws_iam_role.r"]),
    (["aws_iam_role.r.arn", "aws_iam_user.u.arn"], ["aws_iam_role.r", "aws_iam_user.u"]),
    (["aws_iam_role.r.name"], []),
    (["aws_iam_role.r.arn", "aws_iam_role.r.name"], []),
    (["data.aws_iam_role.r.arn"], []),
    (["aws_iam_role.r.arn.x"], []),
    (["aws_iam_role.r.arn", "local.x"], []),
    (["var.text"], []),
    ([], []),
]


@pytest.mark.parametrize("names, expected", ARNS, ids=range(len(ARNS)))
def test_the_resources_whose_arns_are_in_an_expression(names: list[str], expected: list[str]) -> None:
    here = Address((("m", "[0]"),), "a", "b")
    found = Configuration(ABSENT).arns(here, node(said(*names)))
    assert [str(one) for one in found] == [f"module.m[0].{one}" for one in expected]


def test_references_are_followed_up_to_fifty_times() -> None:
    def through(calls: int) -> tuple[str, ...]:
        outputs: Json = {"outputs": {"d": {"expression": said(f"{D}x.json")}}}
        for _ in range(calls - 1):
            outputs = {
                "module_calls": {"m": {"module": outputs}},
                "outputs": {"d": {"expression": said("module.m.d")}},
            }
        root = {"root_module": {"module_calls": {"m": {"module": outputs}}}}
        return Configuration(node(root)).documents(Address((), "a", "b"), node(said("module.m.d")))

    assert through(49) == (f"{'module.m.' * 49}{D}x",)
    assert through(50) == ()


# --- what a file is ---


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"@level":"info"}', "log"),
        (' {"@level"', "log"),
        ('{"@leve"', None),
        ("Terraform used the selected providers", "people"),
        ("\n OpenTofu used the selected providers", "people"),
        ("Terraform will perform", "people"),
        ("Terraform will", None),
        (" " * 200 + "Terraform will perform", None),
        (" " * 178 + "Terraform will perform", "people"),
        ("x Terraform will perform", None),
    ],
)
def test_a_text_that_is_printed_beside_a_plan(text: str, expected: str | None) -> None:
    found = mistaken(text)
    assert found is None if expected is None else expected in str(found)


KINDS: list[tuple[Json, str]] = [
    ({}, "other"),
    ({"format_version": "1.2"}, "nothing"),
    ({"format_version": "0.1"}, "nothing"),
    ({"format_version": "2.0"}, "errors"),
    ({"format_version": "10.0"}, "errors"),
    ({"format_version": 1}, "nothing"),
    ({"format_version": "1.2", "x": 1}, "other"),
    ({"format_version": "1.2", "terraform_version": "1"}, "nothing"),
    ({"terraform_version": "1"}, "other"),
    ({"format_version": "1.2", "configuration": {}}, "errors"),
    ({"format_version": "1.2", "planned_values": {}}, "nothing"),
    ({"format_version": "1.2", "resource_changes": []}, "nothing"),
    ({"format_version": "1.2", "resource_changes": [], "errored": True}, "errors"),
    ({"format_version": "1.2", "resource_changes": [], "errored": False}, "nothing"),
    ({"format_version": "1.2", "resource_changes": [], "complete": False}, "skipped"),
    ({"format_version": "1.2", "resource_changes": [], "complete": True}, "nothing"),
    ({"format_version": "1.2", "resource_changes": {}}, "errors"),
    ({"format_version": "1.2", "resource_changes": [{"change": {}}]}, "errors"),
    ({"format_version": "1.2", "resource_changes": [{"address": "a.b"}]}, "errors"),
    ({"format_version": "1.2", "values": {}}, "nothing"),
    ({"terraform_version": "1", "lineage": "x"}, "errors"),
    ({"terraform_version": "1", "lineage": "x", "version": 4}, "nothing"),
    ({"terraform_version": "1", "lineage": "x", "version": 3}, "errors"),
    ({"terraform_version": "1", "resources": [], "serial": 1, "version": 4}, "nothing"),
    ({"terraform_version": "1", "resources": [], "version": 4}, "other"),
    ({"terraform_version": "1", "serial": 1, "version": 4}, "other"),
    ({"lineage": "x", "resources": [], "serial": 1}, "other"),
    ({"terraform_version": "1", "lineage": "x", "version": 4, "resources": {}}, "errors"),
    ({"terraform_version": "1", "lineage": "x", "version": 4, "resources": [{}]}, "errors"),
    ({"terraform_version": "1", "lineage": "x", "version": 4, "resources": [{"instances": []}]}, "nothing"),
]


@pytest.mark.parametrize("document, expected", KINDS, ids=range(len(KINDS)))
def test_what_a_document_is(document: Json, expected: str) -> None:
    text = json.dumps(document)
    found = read(read_json(text), File("p.json", text, named=True), Context(OWNER))
    told = "other" if found is None else "nothing"
    for part in ("policies", "unjudged", "errors", "skipped"):
        if found is not None and getattr(found, part):
            told = part
    assert told == expected
