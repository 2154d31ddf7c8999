"""Data of an unknown kind, and what AWS prints: a row for each name, form and bound that decides what is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.documents.pattern import Hole
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.sources.files.bare import (
    configuration_in,
    is_of_another_service,
    kind_of,
    registry_policy,
    speaks_of_ecr,
)
from ecr_crossaccount.sources.files.strays import misplacements
from ecr_crossaccount.sources.files.values.nodes import Node, node_of
from ecr_crossaccount.sources.found.context import Context

from tests.check.conftest import Look
from tests.cli.conftest import OWNER
from tests.wording import sentence

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
POLICY = {"Statement": [STATEMENT]}
OTHER = "222233334444"


def texts_around(value: object, depth: int) -> object:
    for _ in range(depth):
        value = json.dumps(value)
    return value


@pytest.mark.parametrize("depth", range(6))
@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize("value", [POLICY, STATEMENT], ids=["policy", "statement"])
def test_a_policy_in_texts_is_found_however_deep(look: Look, value: object, suffix: str, depth: int) -> None:
    for named in ("", f"x.{suffix}"):
        found = look({f"x.{suffix}": {"a": {"b": texts_around(value, depth)}}}, named)
        assert [(one.resource, one.line) for one in found.unjudged] == [("b", 1)]


@pytest.mark.parametrize("depth", range(6))
@pytest.mark.parametrize("sid", ["a", "Principal", "ecr:x"])
def test_a_policy_of_another_service_in_texts_is_none_as_far_as_they_are_read(look: Look, sid: str, depth: int) -> None:
    value = texts_around({"Statement": [STATEMENT | {"Action": "s3:*", "Sid": sid}]}, depth)
    assert len(look({"x.json": {"a": value}}, "x.json").unjudged) == (depth > 3 and sid == "ecr:x")


TYPES = [
    *("ecr_repository", "ecr_repository_policy", "ecr_registry_policy", "ecr_lifecycle_policy"),
    *("ecr_repository_creation_template", "ecr_replication_configuration", "ecr_pull_through_cache_rule"),
    *("ecrpublic_repository", "ecrpublic_repository_policy"),
]


@pytest.mark.parametrize("provider", ["aws", "awscc"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_source_in_a_text_is_found(look: Look, provider: str, kind: str) -> None:
    text = f'resource "{provider}_{kind}" "x" {{}}'
    found = look({"x.json": {"a": [{"source": text}, {"source": text.replace("ecr", "eks")}]}}, "x.json")
    assert [(one.resource, one.line) for one in found.unjudged] == [("source", 1)]


CALLS = [
    *("ecr:setRepositoryPolicy", "ecrpublic:setRepositoryPolicy", "ecr:putRegistryPolicy"),
    *("ecr:putReplicationConfiguration", "ecr:createRepositoryCreationTemplate"),
    *("ecr:updateRepositoryCreationTemplate", "ecr:createPullThroughCacheRule"),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_of_a_state_machine_is_found_beside_a_policy(look: Look, call: str) -> None:
    task = {"Resource": f"arn:aws:states:::aws-sdk:{call}"}
    for more, names in (({}, [call]), ({"p": POLICY}, ["p", call])):
        found = look(
            {"x.json": {"States": [{"A": task}, {"B": {"Resource": "arn:aws:states:::aws-sdk:ecr:x"}}], **more}}
        )
        assert [one.resource for one in found.unjudged] == names


def test_a_file_that_is_one_text_and_mentions_a_policy(look: Look) -> None:
    words = "Effect Principal ecr:x"
    for text, count in ((words, 1), (words.replace("Effect", ""), 0), (words.replace("ecr:x", "s3:x"), 0)):
        found = look({"x.yaml": f"# one\n{text}\n"}, "x.yaml").unjudged
        assert [(one.line, one.column, one.resource) for one in found] == [(2, 1, "policy")] * count
        assert all(one.reason.startswith("the file reads as one text") for one in found)


def test_prose_in_data_is_no_policy(look: Look) -> None:
    prose = "Effect and Principal\n  of ecr:x"
    assert look({"x.json": {"a": prose, "b": texts_around(prose, 1)}}, "x.json").unjudged == ()
    assert misplacements([("x", node_of(prose))], "policy", "X") == ()


# --- fields beside the right one ---

NAMES = {
    **dict.fromkeys(("policy", "Policy", "POLICY", "p_o_l_i_c_y"), "`{}`, where X does not look"),
    **dict.fromkeys(("polciy", "polcy", "Polici", "policys"), sentence("strays.may_mistyped_policy")),
    **dict.fromkeys(("policyRef", "purge_policy", "name", "po"), ""),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["x", {"a": "b"}, ["a"], None, "", {}, []], ids=repr)
def test_a_name_that_is_like_the_right_one(name: str, value: object) -> None:
    doubts = misplacements([(name, node_of(value))], "a.policy", "X")
    wanted = NAMES[name].format(name) if value not in (None, "", {}, []) else ""
    assert [wanted in one for one in doubts] == [True] * bool(wanted)


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    "name, told",
    [
        *((name, False) for name in ("description", "metadata", "resourceTags", "status", "tags", "tags_all", "Tags")),
        *((name, True) for name in ("x", "document", "tag", "labels", "describe", "meta")),
    ],
)
def test_a_policy_in_a_field_is_told_unless_the_field_is_prose(name: str, depth: int, *, told: bool) -> None:
    doubts = misplacements([(name, node_of(texts_around(POLICY, depth)))] * 2, "policy", "X")
    assert doubts == ((sentence("strays.policy_where_does", name=name),) if told else ())


# --- what AWS prints ---


def printed(**fields: object) -> dict[str, object]:
    return {"registryId": OTHER, "repositoryName": "base", "policyText": json.dumps(POLICY), **fields}


def templates(*several: object, **fields: object) -> dict[str, object]:
    return {"registryId": OTHER, "repositoryCreationTemplates": list(several), **fields}


TEMPLATE = {"prefix": "a", "repositoryPolicy": json.dumps(POLICY)}
NO_TEXTS = "expected texts, as `aws ecr get-repository-policy` prints them"
NO_ACCOUNT = sentence("judge.registryid_not_account_expected")
NO_LIST = sentence("bare.not_list_objects")
NO_TEXT: list[object] = [{"a": "b"}, ["a"], None]
ACTIONS: list[object] = ["ecr:x", "ECR:x", "ecr-public:x", ["s3:x", "ecr:x"], "*", "e*:x", "ec?:x"]
NO_LISTS: list[object] = [None, "x", {"a": "b"}, [TEMPLATE, "x"], [{}]]
NO_PREFIX: list[object] = ["", None, {"a": "b"}]
WRONG: list[tuple[object, str]] = [
    *((printed(registryId=one), NO_TEXTS) for one in NO_TEXT),
    *((printed(repositoryName=one), NO_TEXTS) for one in NO_TEXT),
    *((printed(registryId=one), NO_ACCOUNT.format(one)) for one in ("1" * 11, "1" * 13, "x", "")),
    *((printed(policyText=one), "its `policyText` is blank") for one in ("", "  ", "null", "{}", " {}\n")),
    *((printed(policyText=one), "`policyText` is not a text") for one in (POLICY, [POLICY], None)),
    *((templates(registryId=one), NO_ACCOUNT.format(one)) for one in ("1" * 11, "1" * 13, "x", "")),
    *((templates(registryId=one), sentence("judge.not_account_expected_digits")) for one in NO_TEXT),
    *((templates(repositoryCreationTemplates=one), NO_LIST) for one in NO_LISTS),
    *((templates(TEMPLATE, **{one: "x"}), "it ends before the last page") for one in ("nextToken", "NextToken")),
    *((templates(TEMPLATE, {"prefix": one}), "a template has no `prefix`") for one in NO_PREFIX),
    (templates({"a": "b"}), "a template has no `prefix`"),
    (templates(TEMPLATE, {"prefix": "b", "polcy": "x"}), sentence("bare.unknown_field_polcy")),
]


@pytest.mark.parametrize("content, reason", WRONG, ids=[f"{number}" for number in range(len(WRONG))])
def test_what_aws_does_not_print_is_an_error_at_its_line(look: Look, content: object, reason: str) -> None:
    text = json.dumps(content, indent=0)
    (error,) = look({"x.json": text}, "x.json").errors
    assert reason in error.reason
    assert error.line is not None
    assert (error.line > 1) is not reason.startswith((NO_LIST, "`policyText` is not"))


FIELDS = "appliedFor createdAt customRoleArn description encryptionConfiguration imageTagMutability lifecyclePolicy"
MORE_FIELDS = "imageTagMutabilityExclusionFilters prefix repositoryPolicy resourceTags updatedAt"


@pytest.mark.parametrize("field", f"{FIELDS} {MORE_FIELDS}".split())
def test_each_field_of_a_template_is_known(look: Look, field: str) -> None:
    found = look({"x.json": templates({"prefix": "a", field: "a"})}, "x.json")
    assert (len(found.policies), found.errors) == (1, ())


@pytest.mark.parametrize("field", ["nextToken", "NextToken"])
def test_the_last_page_may_have_a_token_that_is_null(look: Look, field: str) -> None:
    found = look({"x.json": templates(TEMPLATE, **{field: None})}, "x.json")
    assert [(one.resource, one.kind) for one in found.policies] == [("a", Kind.CREATION_TEMPLATE)]


@pytest.mark.parametrize("content", [printed(), templates(TEMPLATE)], ids=["policy", "templates"])
@pytest.mark.parametrize("given, noted", [(OWNER, True), (OTHER, False), (None, False)])
def test_the_account_that_aws_prints_counts(
    look: Look, content: dict[str, object], given: str | None, *, noted: bool
) -> None:
    (found,) = look({"x.json": content}, "x.json", account=given).policies
    note = sentence("bare.registryid_not_given_account_judged", other=OTHER, given=given)
    assert (found.account, found.notes) == (OTHER, (note,) if noted else ())
    without = {name: value for name, value in content.items() if name != "registryId"}
    (found,) = look({"x.json": without}, "x.json", account=given).policies
    assert (found.account, found.notes) == (given, ())


def test_the_policy_of_a_registry_has_no_repository(look: Look) -> None:
    (found,) = look({"x.json": {"registryId": OTHER, "policyText": json.dumps(POLICY)}}, "x.json").policies
    assert (found.resource, found.kind, found.names) == ("registry", Kind.REGISTRY, ("*",))
    (found,) = look({"x.json": printed(repositoryName="")}, "x.json").policies
    assert (found.resource, found.kind, found.names) == ("registry", Kind.REPOSITORY, ("*",))


REGISTRY = {"Statement": [{**STATEMENT, "Resource": "*"}]}
EXPECTED = sentence("bare.expected_policy_output")
NOT_ONE: dict[str, tuple[object, str]] = {
    "other data": ({"a": "b"}, EXPECTED),
    "of another service": ({"Statement": [{**STATEMENT, "Action": "s3:*"}]}, EXPECTED),
    "an error": ({"policyText": ""}, "its `policyText` is blank"),
    "no JSON": ('{"a": [', ""),
    "two documents": ("a: b\n---\na: b\n", f"not one document: {EXPECTED}"),
    "of a repository": (printed(), f"it is of a repository: {EXPECTED}"),
    "of templates": (templates(TEMPLATE), f"it is of a repository: {EXPECTED}"),
    "of no template": (templates(), EXPECTED),
    "of two templates": (templates(TEMPLATE, TEMPLATE), EXPECTED),
    "public": ({"Statement": [{**STATEMENT, "Action": "ecr-public:*"}]}, f"it is of a repository: {EXPECTED}"),
}


@pytest.mark.parametrize("content, reason", NOT_ONE.values(), ids=NOT_ONE)
def test_a_file_without_one_registry_policy(tmp_path: Path, content: object, reason: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    with pytest.raises(InputError) as raised:
        registry_policy(str(path), Context())
    assert str(raised.value).startswith(reason)


@pytest.mark.parametrize("content", [REGISTRY, POLICY, {"policyText": json.dumps(POLICY)}])
def test_a_file_with_one_registry_policy(tmp_path: Path, content: object) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content), "utf-8")
    assert registry_policy(str(path), Context()).kind is Kind.REGISTRY


# --- what a policy is for ---


def of(**fields: object) -> dict[str, object]:
    return {name: value for name, value in {**STATEMENT, **fields}.items() if value is not None}


HERE: list[object] = ["arn:aws:ecr:x", ["*", "arn:aws:ecr:x"], "ARN:AWS:ECR:X"]
ELSEWHERE: list[object] = ["*", "arn:aws:s3:::x", []]
ABOUT: list[tuple[dict[str, object], bool]] = [
    *((of(Action=one), True) for one in ACTIONS),
    *((of(Action=one), True) for one in ("ecr-pub*:x", "?cr:x", "*c*:x", "ecr?public:x")),
    *((of(Action=one), False) for one in ("s3:x", "ecrx:x", "ecr", "xecr:x", "s*:x", "ec??:x", "e?:x", "x?cr:x")),
    *((of(Action=None, NotAction=one), True) for one in ("ecr:x", "*")),
    (of(Action=None, NotAction="s3:x"), False),
    (of(Action=None), False),
    (of(Principal=None), False),
    (of(Principal=None, NotPrincipal="*"), True),
    *((of(Action="*", Resource=one), True) for one in HERE),
    *((of(Action="*", Resource=one), False) for one in ELSEWHERE),
    (of(Action="*", NotResource="arn:aws:ecr:x"), True),
    (of(Action="*", NotResource="*"), False),
    (of(Action="ecr:x", Resource="*"), True),
    (of(Action="s3:x", Resource="arn:aws:ecr:x"), False),
]


@pytest.mark.parametrize("statement, about", ABOUT, ids=[json.dumps(one) for one, _ in ABOUT])
def test_whether_a_statement_is_about_ecr(statement: dict[str, object], *, about: bool) -> None:
    assert speaks_of_ecr(node_of({"Statement": ["x", statement]})) is about
    assert speaks_of_ecr(node_of({"Statement": statement})) is about


ANOTHER: list[tuple[object, bool]] = [
    *(
        ({"Statement": of(Action=one)}, True)
        for one in ("s3:x", "S3:x", ["s3:x", "sqs:x"], "s*:x", "ecr-x:y", "ecrx:y")
    ),
    *(
        ({"Statement": of(Action=one)}, False)
        for one in ("ecr:x", "*", "e*:x", "ecr?public:x", "s3", ["s3:x", "ecr:x"])
    ),
    ({"Statement": []}, False),
    ({"Version": "x", "Id": "x", "Statement": of(Action="s3:x", Sid="x", Condition={}, Resource="*")}, True),
    ({"Other": "x", "Statement": of(Action="s3:x")}, False),
    ({"Statement": of(Action="s3:x", Other="x")}, False),
    ({"Statement": of(Action="s3:x", Principal=None)}, False),
    ({"Statement": of(Action="s3:x", Principal=None, NotPrincipal="*")}, True),
    ({"Statement": of(Action=None, NotAction="s3:x")}, False),
    ({"Statement": [of(Action="s3:x"), of()]}, False),
]


@pytest.mark.parametrize("policy, other", ANOTHER, ids=[json.dumps(one) for one, _ in ANOTHER])
def test_whether_a_policy_is_of_another_service(policy: object, *, other: bool) -> None:
    assert is_of_another_service(node_of(policy)) is other


KINDS: list[tuple[Any, Kind]] = [
    ([], Kind.REPOSITORY),
    ([of()], Kind.REPOSITORY),
    ([of(Resource="*")], Kind.REGISTRY),
    ([of(NotResource="*")], Kind.REGISTRY),
    ([of(Resource="*"), of()], Kind.REPOSITORY),
    ([of(Resource="*"), "x"], Kind.REGISTRY),
    *(([of(Action=one)], Kind.PUBLIC_REPOSITORY) for one in ("ecr-public:x", "ecr-*:x", "ECR-PUBLIC:x")),
    *(([of(Action=one)], Kind.REPOSITORY) for one in ("ecr*:x", "*:x", "*", "ecr-public", "ecr:x")),
    ([of(), of(Action=None, NotAction=["ecr:x", "ecr-public:x"])], Kind.PUBLIC_REPOSITORY),
]


@pytest.mark.parametrize("statements, kind", KINDS, ids=[json.dumps(one) for one, _ in KINDS])
def test_the_kind_of_a_policy(statements: list[object], kind: Kind) -> None:
    assert kind_of(node_of({"Statement": statements})) is kind


LIKE = {"effect": "Allow", "principal": "*", "action": "ecr:x"}
ALMOST: list[tuple[Any, bool, bool]] = [
    ({"Version": "x"}, True, False),
    ({"Id": "x"}, True, False),
    ({"Version": "x", "Other": "x"}, False, False),
    ({}, False, False),
    ({"x": LIKE}, True, True),
    ({"x": ["y", LIKE]}, True, True),
    *(({"x": {**LIKE, "action": one}}, True, True) for one in ("ECR:x", "ecr-public:x", "ecr", ["s3:x", "ecr:x"])),
    *(({"x": {**LIKE, "action": one}}, True, False) for one in ("s3:x", "ecrx:x", "ecr-x:y", ["s3:x"])),
    *(({"x": {name: "ecr:x" for name in LIKE if name != left}}, False, False) for left in LIKE),
    ({"x": {"Effect": "x", "notPrincipal": "*", "notAction": "ecr:x"}}, True, True),
    ({"x": {"y": LIKE}}, False, False),
]


@pytest.mark.parametrize("content, named, walked", ALMOST, ids=[json.dumps(one) for one, *_ in ALMOST])
def test_a_policy_without_its_statement(look: Look, content: dict[str, object], *, named: bool, walked: bool) -> None:
    for name, judged in (("x.json", named), ("", walked)):
        found = look({"x.json": {**content, "AWS::": ""} if not name else content}, name)
        assert [one.resource for one in found.policies] == ["policy"] * judged


@pytest.mark.parametrize(
    "value, configuration",
    [
        ([], {"rules": []}),
        ((), {"rules": []}),
        ([1], 1),
        ((1,), 1),
        ([1, 2], Hole("x")),
        (None, Hole("x")),
        ("", Hole("x")),
        ({}, {}),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_the_configuration_in_a_field(value: object, configuration: object) -> None:
    assert configuration_in(value, "x") == configuration


def test_a_node_without_fields_is_no_policy() -> None:
    assert not speaks_of_ecr(Node(None))
