"""The checks before moto refuse what AWS refuses. Without this, the guides would prove little."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.session import Session

from tests.guides.cloud import refused
from tests.guides.following import overridden
from tests.guides.strict import faults_of

ROLE: dict[str, Any] = {"Type": "AWS::IAM::Role", "Properties": {}}
NAMED: dict[str, Any] = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "mine"}}
TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic"}
STATED = {"Type": "String", "AllowedPattern": "[a-z]+", "AllowedValues": ["a", "b"], "MaxLength": 2}


def fields(action: str = "CreateStack", *capabilities: str, **parameters: str) -> dict[str, str]:
    found = {"Action": action} | {f"Capabilities.member.{n}": one for n, one in enumerate(capabilities, 1)}
    for number, (name, value) in enumerate(parameters.items(), 1):
        start = f"Parameters.member.{number}."
        found |= {f"{start}ParameterKey": name, f"{start}ParameterValue": value}
    return found


@pytest.mark.parametrize(
    "resource, given, code",
    [
        (ROLE, (), "InsufficientCapabilitiesException"),
        (ROLE, ("CAPABILITY_IAM",), None),
        (ROLE, ("CAPABILITY_NAMED_IAM",), None),
        (NAMED, ("CAPABILITY_IAM",), "InsufficientCapabilitiesException"),
        (NAMED, ("CAPABILITY_NAMED_IAM",), None),
        (TOPIC, (), None),
    ],
)
def test_roles_take_a_capability(resource: dict[str, Any], given: tuple[str, ...], code: str | None) -> None:
    found = list(refused({"Resources": {"One": resource}}, fields("CreateStack", *given)))
    assert [one for one, _ in found] == ([code] if code else [])


def test_macros_take_a_capability_unless_a_change_set_is_made() -> None:
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"One": TOPIC}}
    assert list(refused(template, fields("CreateStack")))
    assert not list(refused(template, fields("CreateStack", "CAPABILITY_AUTO_EXPAND")))
    assert not list(refused(template, fields("CreateChangeSet")))


@pytest.mark.parametrize(
    "declared, given, fault",
    [
        ({"One": STATED}, {"One": "a"}, None),
        ({"One": STATED}, {}, "must have values"),
        ({"One": STATED}, {"One": "a", "Two": "b"}, r"\[Two\] do not exist"),
        ({"One": STATED}, {"One": "A"}, "does not match"),
        ({"One": STATED}, {"One": "c"}, "is none of"),
        ({"One": {**STATED, "Type": "CommaDelimitedList"}}, {"One": "a,c"}, "`c` is none of"),
        ({"One": {"Type": "Number", "MaxValue": 3}}, {"One": "4"}, "out of range"),
    ],
)
def test_parameters_are_those_of_the_template(declared: Any, given: Any, fault: str | None) -> None:  # noqa: ANN401
    found = [text for _, text in refused({"Parameters": declared, "Resources": {}}, fields(**given))]
    if fault is None:
        assert found == []
    else:
        assert any(re.search(fault, one) for one in found), found


@pytest.mark.parametrize(
    "operation, given, fault",
    [
        ("ListHookResults", {"TargetType": "STACK", "TargetId": "x"}, None),
        ("ListHookResults", {"TargetType": "STACKS", "TargetId": "x"}, "is none of"),
        ("GetHookResult", {"HookResultId": "RESULT-ID"}, "does not match"),
        ("CreateStackSet", {"StackSetName": "x" * 300}, None),
        ("CreateStackSet", {"Capabilities": ["CAPABILITY_ALL"]}, r"Capabilities\[0\]: `CAPABILITY_ALL` is none of"),
    ],
)
def test_a_call_is_held_to_the_services_model(operation: str, given: Any, fault: str | None) -> None:  # noqa: ANN401
    shape = Session().get_service_model("cloudformation").operation_model(operation).input_shape
    found = "; ".join(faults_of(shape, given, operation))
    assert (found == "") is (fault is None)
    assert fault is None or re.search(fault, found)


def test_what_a_command_overrides_is_found() -> None:
    text = (
        "for x in y; do\n  aws cloudformation deploy --stack-name a=b --parameter-overrides One=1 \\\n    Two=2\ndone\n"
    )
    assert overridden(text) == {"One", "Two"}
    assert overridden("sam deploy --tags Owner=platform\n") == set()
