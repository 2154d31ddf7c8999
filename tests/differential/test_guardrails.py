"""The guardrails as iam-simulate evaluates them: with a wide-open policy, and with a caller that may do everything."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.questions.guardrails import resource_control_policy, service_control_policy

from tests.differential.simulator import Question, Simulator
from tests.properties.oracle import Request, Value
from tests.properties.world import OWNER, Policy

pytestmark = pytest.mark.node

OURS, THEIRS = "o-ownorg00001", "o-theirs00001"
OPEN: Policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
REGISTER = {
    "version": 1,
    "trust": [
        {"account": "222233334444"},
        {"organization": THEIRS},
        {"organization_path": "o-another0001/r-ab12/*"},
        {"vpc_endpoint": "vpce-0123456789abcdef0"},
        {"service": "codebuild.amazonaws.com"},
    ],
}
RCP = resource_control_policy(Trust.parse(REGISTER), OURS).document
SCP = service_control_policy(["platform/ecr-admin"]).document
STRANGER = "999988887777"


def caller(account: str, **context: Value) -> Request:
    own: dict[str, Value] = {"aws:PrincipalAccount": account, "aws:PrincipalIsAWSService": "false"}
    named = {f"aws:{name}": value for name, value in context.items()}
    return Request(f"arn:aws:iam::{account}:role/someone", "ecr:BatchGetImage", {**own, **named})


def service(name: str, **context: Value) -> Request:
    own: dict[str, Value] = {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": name}
    return Request(name, "ecr:BatchGetImage", {**own, **{f"aws:{key}": value for key, value in context.items()}})


@pytest.mark.parametrize(
    "request_, answer",
    [
        pytest.param(caller(STRANGER), "ExplicitlyDenied", id="in no organization"),
        pytest.param(caller(STRANGER, PrincipalOrgID="o-strange0001"), "ExplicitlyDenied", id="another organization"),
        pytest.param(caller(OWNER, PrincipalOrgID=OURS), "Allowed", id="the owner"),
        pytest.param(caller("333344445555", PrincipalOrgID=OURS), "Allowed", id="our organization"),
        pytest.param(caller("222233334444"), "Allowed", id="a trusted account"),
        pytest.param(caller(STRANGER, PrincipalOrgID=THEIRS), "Allowed", id="a trusted organization"),
        pytest.param(
            caller(STRANGER, PrincipalOrgID="o-another0001", PrincipalOrgPaths=("o-another0001/r-ab12/ou-ab12-1/",)),
            "Allowed",
            id="a trusted path",
        ),
        pytest.param(
            caller(STRANGER, PrincipalOrgID="o-another0001", PrincipalOrgPaths=("o-another0001/r-cd34/",)),
            "ExplicitlyDenied",
            id="another path of its organization",
        ),
        pytest.param(caller(STRANGER, SourceVpce="vpce-0123456789abcdef0"), "Allowed", id="a trusted endpoint"),
        pytest.param(service("lambda.amazonaws.com", SourceAccount="222233334444"), "Allowed", id="for a trusted one"),
        pytest.param(service("lambda.amazonaws.com", SourceAccount=STRANGER), "ExplicitlyDenied", id="for a stranger"),
        pytest.param(
            service("lambda.amazonaws.com", SourceAccount="333344445555", SourceOrgID=OURS), "Allowed", id="for us"
        ),
        pytest.param(service("codebuild.amazonaws.com", SourceAccount=STRANGER), "Allowed", id="a trusted service"),
        pytest.param(service("lambda.amazonaws.com"), "Allowed", id="for nobody that it names"),
    ],
)
def test_a_request_from_outside(simulator: Simulator, request_: Request, answer: str) -> None:
    assert next(simulator.answers([Question(OPEN, OWNER, request_, rcp=RCP)])) == answer


@pytest.mark.parametrize(
    "role, action, answer",
    [
        ("platform/ecr-admin", "ecr:SetRepositoryPolicy", "Allowed"),
        ("platform/deployer", "ecr:SetRepositoryPolicy", "ExplicitlyDenied"),
        ("ecr-admin", "ecr:SetRepositoryPolicy", "ExplicitlyDenied"),
        ("platform/deployer", "ecr:DeleteRepositoryPolicy", "ExplicitlyDenied"),
        ("platform/deployer", "ecr:PutImage", "Allowed"),
    ],
)
def test_a_role_of_the_owner(simulator: Simulator, role: str, action: str, answer: str) -> None:
    arn = f"arn:aws:iam::{OWNER}:role/{role}"
    context: dict[str, Value] = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": OWNER}
    asked = Question(OPEN, OWNER, Request(arn, action, context), scp=SCP)
    assert next(simulator.answers([asked])) == answer
