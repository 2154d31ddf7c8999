"""Every row of the table of condition keys with every operator: in an Allow, in a service's Allow, and in a Deny.

`operators_on_keys.json` has the answers: a text for each key and place, with a digit for each column. A digit is the
sum of 1 if an account outside has access, 2 if any account has, 4 if a service has, and 8 if something is undecided. So
`0` is COMPLIANT. `steps` are those of the work budget that all of them take.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ecr_crossaccount import Repository, Trust, Verdict, judge
from ecr_crossaccount.judgement.context.table import KEYS

from tests.judgement.policies import OTHER, OWNER, allow, deny, policy
from tests.judgement.work import counted

CELLS = Path(__file__).with_name("operators_on_keys.json")

_VALUES = {
    "aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/ci",
    "aws:PrincipalAccount": OTHER,
    "aws:PrincipalOrgPaths": "o-named000001/r-ab12/ou-ab12-11111111/",
    "aws:PrincipalOrgID": "o-named000001",
    "aws:PrincipalServiceName": "lambda.amazonaws.com",
    "aws:PrincipalServiceNamesList": "lambda.amazonaws.com",
    "aws:PrincipalType": "User",
    "aws:userid": f"{OTHER}:ci",
    "aws:FederatedProvider": f"arn:aws:iam::{OTHER}:saml-provider/x",
    "aws:SignInSessionArn": f"arn:aws:signin:eu-west-1:{OTHER}:session",
    "aws:ChatbotSourceArn": f"arn:aws:chatbot::{OTHER}:chat",
    "aws:Ec2InstanceSourceVpc": "vpc-0123456789abcdef0",
    "aws:Ec2InstanceSourcePrivateIPv4": "10.1.2.3",
    "ec2:RoleDelivery": "2.0",
    "ec2:SourceInstanceArn": f"arn:aws:ec2:eu-west-1:{OTHER}:instance/i-1",
    "glue:RoleAssumedBy": "glue.amazonaws.com",
    "glue:CredentialIssuingService": "glue.amazonaws.com",
    "codebuild:BuildArn": f"arn:aws:codebuild:eu-west-1:{OTHER}:build/b:1",
    "codebuild:ProjectArn": f"arn:aws:codebuild:eu-west-1:{OTHER}:project/p",
    "lambda:SourceFunctionArn": f"arn:aws:lambda:eu-west-1:{OTHER}:function:f",
    "ssm:SourceInstanceArn": f"arn:aws:ssm:eu-west-1:{OTHER}:managed-instance/i",
    "token.actions.githubusercontent.com:sub": "repo:octo/app:ref:refs/heads/main",
    "aws:SourceIp": "203.0.113.9",
    "aws:SourceVpc": "vpc-0123456789abcdef0",
    "aws:SourceVpcArn": f"arn:aws:ec2:eu-west-1:{OTHER}:vpc/vpc-0123456789abcdef0",
    "aws:SourceVpce": "vpce-0123456789abcdef0",
    "aws:VpceAccount": OTHER,
    "aws:VpceOrgID": "o-named000001",
    "aws:VpceOrgPaths": "o-named000001/r-ab12/",
    "aws:VpcSourceIp": "10.1.2.3",
    "aws:ResourceAccount": OWNER,
    "aws:ResourceOrgID": "o-ownorg00001",
    "aws:ResourceOrgPaths": "o-ownorg00001/r-ab12/",
    "aws:CalledVia": "cloudformation.amazonaws.com",
    "aws:CalledViaFirst": "cloudformation.amazonaws.com",
    "aws:CalledViaLast": "cloudformation.amazonaws.com",
    "aws:CalledViaAWSMCP": "aws-mcp.amazonaws.com",
    "aws:CurrentTime": "2030-01-01T00:00:00Z",
    "aws:EpochTime": "1893456000",
    "aws:RequestedRegion": "eu-west-1",
    "aws:SourceAccount": OTHER,
    "aws:SourceArn": f"arn:aws:lambda:eu-west-1:{OTHER}:function:f",
    "aws:SourceOrgID": "o-named000001",
    "aws:SourceOrgPaths": "o-named000001/r-ab12/",
}
"""A value of each key that has a form of its own. `ci` is one of any other."""


def _values(key: str) -> Mapping[str, object]:
    """Return what each type of operators compares a key with."""
    text = _VALUES.get(key, "ci")
    arn = text if text.startswith("arn:") else f"arn:aws:iam::{OTHER}:role/*"
    return {
        "String": text,
        "Upper": text.upper(),
        "Like": f"{text[:-2]}*",
        "End": f"*{text[-3:]}",
        "Any": "*",
        "Nothing": [],
        "Arn": arn,
        "Numeric": "3600",
        "Account": "300000000000",
        "Date": "2030-01-01T00:00:00Z",
        "Bool": "true",
        "False": "false",
        "Ip": "203.0.113.0/24",
        "Everywhere": "0.0.0.0/0",
    }


COLUMNS = (
    *(("StringEquals", "String"), ("StringNotEquals", "String"), ("StringEqualsIgnoreCase", "String")),
    *(("StringNotEqualsIgnoreCase", "String"), ("StringLike", "Like"), ("StringNotLike", "Like")),
    *(("StringLike", "Any"), ("StringNotLike", "Any"), ("ArnLike", "Arn"), ("ArnNotEquals", "Arn")),
    *(("NumericEquals", "Numeric"), ("NumericNotEquals", "Numeric"), ("NumericLessThan", "Numeric")),
    *(("NumericGreaterThanEquals", "Numeric"), ("DateNotEquals", "Date"), ("DateLessThan", "Date")),
    *(("DateGreaterThan", "Date"), ("Bool", "Bool"), ("Bool", "False"), ("IpAddress", "Ip"), ("NotIpAddress", "Ip")),
    *(("IpAddress", "Everywhere"), ("BinaryEquals", "String"), ("Null", "Bool"), ("Null", "False")),
    *(("StringEqualsIfExists", "String"), ("StringNotLikeIfExists", "Like"), ("BoolIfExists", "False")),
    *(("NumericLessThanIfExists", "Numeric"), ("IpAddressIfExists", "Ip"), ("ArnLikeIfExists", "Arn")),
    *(("ForAllValues:StringEquals", "String"), ("ForAnyValue:StringEquals", "String")),
    *(("ForAllValues:StringNotLike", "Like"), ("ForAnyValue:StringNotLike", "Like")),
    *(("ForAnyValue:StringLike", "Any"), ("ForAllValues:StringLikeIfExists", "Like")),
    *(("StringEquals", "Nothing"), ("ForAllValues:StringLike", "Nothing"), ("ForAnyValue:StringNotEquals", "Nothing")),
)
"""Each operator, and the value that it compares with."""

_FEW = (
    *(("StringEquals", "String"), ("StringNotEquals", "String"), ("StringEqualsIgnoreCase", "Upper")),
    *(("StringLike", "End"), ("StringNotLike", "Like"), ("ArnLike", "Arn"), ("NumericLessThan", "Account")),
    *(("DateGreaterThan", "Date"), ("Null", "Bool"), ("Null", "False"), ("ForAnyValue:StringLike", "Like")),
    ("ForAllValues:StringEquals", "Nothing"),
)
RELATED = (
    ("aws:PrincipalArn", "aws:PrincipalArn"),
    ("aws:PrincipalArn", "aws:PrincipalAccount"),
    ("aws:PrincipalArn", "aws:username"),
    ("aws:PrincipalArn", "aws:userid"),
    ("aws:PrincipalAccount", "aws:PrincipalAccount"),
    ("aws:userid", "aws:userid"),
    ("aws:PrincipalOrgID", "aws:PrincipalOrgID"),
    ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
    ("aws:PrincipalTag/team", "aws:PrincipalTag/team"),
    ("aws:PrincipalType", "aws:userid"),
    ("aws:SourceVpc", "aws:SourceVpcArn"),
    ("aws:SourceIp", "aws:SourceVpce"),
    ("aws:CurrentTime", "aws:EpochTime"),
    ("aws:RequestTag/team", "aws:TagKeys"),
    ("aws:CalledVia", "aws:CalledViaFirst"),
    ("aws:SourceAccount", "aws:SourceArn"),
    ("aws:SourceArn", "aws:SourceArn"),
    ("aws:SourceOrgID", "aws:SourceOrgPaths"),
    ("aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"),
    ("aws:ResourceTag/team", "ecr:ResourceTag/team"),
)
"""Keys that show the same thing, or a key and itself: conditions on both must be met together."""

VARIABLES = (
    *("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalTag/team", "aws:username"),
    *("aws:userid", "aws:SourceAccount", "aws:SourceVpc", "aws:ResourceAccount", "aws:ResourceTag/team"),
    *("aws:PrincipalServiceName", "aws:SourceIdentity", "aws:CurrentTime", "aws:SourceArn", "aws:CalledVia"),
)
"""Keys whose values policy variables stand for."""
_COMPARED = (
    *("aws:PrincipalAccount", "aws:PrincipalTag/team", "aws:PrincipalArn", "aws:SourceArn", "aws:ResourceTag/team"),
    *("aws:RequestTag/team", "aws:PrincipalOrgPaths", "aws:userid"),
)
_FORMS = (
    *(("StringEquals", "${{{}}}"), ("StringNotEquals", "${{{}}}"), ("StringLike", "*:${{{}}}:*")),
    *(("StringEqualsIgnoreCase", "${{{}}}"), ("StringLike", "2*${{{}, 'ci'}}"), ("ArnLike", "arn:aws:*:*:${{{}}}:*")),
)

REPOSITORY = Repository(OWNER, "app", region="eu-west-1", organization="o-ownorg00001", tags={"team": "ci"})


def named(row: str) -> str:
    """Return a key of a row."""
    return f"accounts.google.com{row}" if row[0] == ":" else f"{row}team" if row[-1] in "/:" else row


def policies(key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a policy for each place and column."""
    for operator, value in COLUMNS:
        condition = {operator: {key: _values(key)[value]}}
        actions = ["ecr:BatchGetImage", "ecr:TagResource"] if "tag" in key.lower() else "ecr:BatchGetImage"
        yield "allow", policy(allow({"AWS": "*"}, actions, condition))
        yield "service", policy(allow({"Service": "lambda.amazonaws.com"}, actions, condition))
        yield "deny", policy(allow("*", actions), deny("*", "*", condition))


def together(one: str, other: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a policy for each pair of operators on two keys."""
    for (first, value), (second, beside) in itertools.product(_FEW, repeat=2):
        condition: dict[str, dict[str, object]] = {first: {one: _values(one)[value]}}
        if first == second and one == other:
            continue
        condition[second] = {**condition.get(second, {}), other: _values(other)[beside]}
        actions = ["ecr:BatchGetImage", "ecr:TagResource"] if "Tag" in one else "ecr:BatchGetImage"
        yield "allow", policy(allow("*", actions, condition))


def varied(variable: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield policies that compare keys with a policy variable, in an Allow and in a Deny."""
    for key, (operator, form) in itertools.product(_COMPARED, _FORMS):
        condition = {operator: {key: form.format(variable)}}
        actions = ["ecr:BatchGetImage", "ecr:TagResource"] if "Tag" in key else "ecr:BatchGetImage"
        yield "allow", policy(allow("*", actions, condition))
        yield "deny", policy(allow("*", actions), deny("*", "*", condition))


def judged(document: dict[str, Any]) -> Verdict:
    return judge(document, REPOSITORY, Trust.nobody())


def digit(found: Verdict) -> str:
    return f"{found.external + 2 * found.public + 4 * found.service + 8 * bool(found.undecided):x}"


class Answers(NamedTuple):
    """Each policy with its place and its verdict, and the steps that they took together."""

    answered: list[tuple[str, dict[str, Any], Verdict]]
    steps: int


def answers(places: Iterable[tuple[str, dict[str, Any]]]) -> Answers:
    """Judge the policies."""
    with counted() as spent:
        answered = [(place, document, judged(document)) for place, document in places]
    return Answers(answered, sum(spent))


def cells(found: Answers) -> dict[str, object]:
    """Return the answers by place, and the steps."""
    digits: dict[str, str] = {}
    for place, _, one in found.answered:
        digits[place] = digits.get(place, "") + digit(one)
    return {**digits, "steps": found.steps}


def record() -> None:
    """Write the answers of today."""
    found = {one.name: cells(answers(policies(named(one.name)))) for one in KEYS}
    found |= {" and ".join(pair): cells(answers(together(*pair))) for pair in RELATED}
    found |= {f"${{{key}}}": cells(answers(varied(key))) for key in VARIABLES}
    rows = [f" {json.dumps(name)}: {json.dumps(of_places)}" for name, of_places in found.items()]
    CELLS.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")
