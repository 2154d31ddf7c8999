"""docs/alerts.md describes what the stack has and what the function sends."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

from ecr_crossaccount.products.alerts.changes import CHANGES
from ecr_crossaccount.products.alerts.comparer import BACKFILL
from ecr_crossaccount.products.alerts.function import WRITES

from organization.sources import template
from tests.alerts.conftest import Cloud
from tests.docs.markdown import page
from tests.events.cloudtrail import delivered

ALERTS = page("docs/alerts.md")
TEXT = ALERTS.path.read_text(encoding="utf-8")
TEMPLATE = template("organization/alerts.yaml")


def column(head: str) -> str:
    """Return the first column of the table with that head."""
    (rows,) = (rows for rows in ALERTS.tables() if rows[0][0] == head)
    return " ".join(row[0] for row in rows[1:])


def test_the_example_is_what_is_sent(cloud: Cloud) -> None:
    cloud.handle(delivered("set-policy-public"))
    (block,) = ALERTS.blocks("text")
    assert block.text.strip() == cloud.last().email.strip()
    fields = re.findall("`([a-zA-Z]+)`", next(line for line in TEXT.splitlines() if line.startswith("The JSON")))
    assert set(cloud.last().json) - {"version"} <= set(fields)


def test_every_call_that_is_watched_is_named() -> None:
    named = set(re.findall("[A-Z][A-Za-z]+", column("call")))
    of_settings = {name for name in WRITES if "Lifecycle" in name or "Scanning" in name or "Mutability" in name}
    assert CHANGES | {BACKFILL} | (WRITES - of_settings) <= named


def test_every_permission_is_explained() -> None:
    (policy,) = TEMPLATE["Resources"]["AlertFunctionRole"]["Properties"]["Policies"]
    allowed = set(re.findall(r"'([a-z0-9-]+:[A-Z][A-Za-z*]+)'", str(policy).replace('"', "'")))
    of_lambda = {"logs:CreateLogStream", "logs:PutLogEvents"}
    allowed -= {"aws:RequestedRegion", "kms:ViaService"}
    assert set(re.findall("`([a-z-]+:[A-Za-z*]+)`", column("permission"))) == allowed - of_lambda


def test_alarms_and_outputs_are_the_stacks() -> None:
    alarms = [name for name, one in TEMPLATE["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"]
    for name in [*alarms, "TopicArn", "RoleArn"]:
        assert f"`{name}`" in TEXT
    assert {"TopicArn", "RoleArn"} <= set(TEMPLATE["Outputs"])


def test_the_policy_of_a_shared_topic_lets_in_all_who_publish_to_a_topic_of_the_stack() -> None:
    (block,) = [one.text for one in ALERTS.blocks("shell") if "publishers.json" in one.text]
    written = json.loads(block.partition("<<'EOF'\n")[2].partition("\nEOF\n")[0])
    by_role, by_alarm = written["Statement"]
    own = TEMPLATE["Resources"]["OwnTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    services = [one["Principal"]["Service"] for one in own if "Service" in one["Principal"]]
    assert [by_alarm["Principal"]["Service"]] == services == ["cloudwatch.amazonaws.com"]
    alarms = [one for one in TEMPLATE["Resources"].values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert {tuple(map(json.dumps, one["Properties"]["AlarmActions"])) for one in alarms} == {
        (json.dumps({"Fn::If": ["MakesTopic", {"Ref": "OwnTopic"}, {"Ref": "Topic"}]}),)
    }
    assert "aws:SourceOrgID" in by_alarm["Condition"]["StringEquals"]
    assert "aws:PrincipalOrgID" in by_role["Condition"]["StringEquals"]
    made = [
        "StackSet-ecr-crossaccount-alerts-eu-cent-AlertFunctionRole-1A2B",
        "ecr-crossaccount-alerts-AlertFunctionRole-1A2B",
    ]
    patterns = by_role["Condition"]["ArnLike"]["aws:PrincipalArn"]
    for name in made:
        assert any(fnmatchcase(f"arn:aws:iam::222233334444:role/{name}", pattern) for pattern in patterns)
    assert {one["Action"] for one in written["Statement"]} == {"sns:Publish"}
    assert {one["Resource"] for one in written["Statement"]} == {"arn:aws:sns:eu-central-1:111122223333:ecr-alarms"}
    assert "ParameterValue=arn:aws:sns:eu-central-1:111122223333:ecr-alarms" in page(
        "docs/organization.md"
    ).path.read_text("utf-8")
