"""docs/alerts.md says what the stack has and what the function sends."""

from __future__ import annotations

import re

from ecr_crossaccount.alerts.changes import CHANGES, SCOPE
from ecr_crossaccount.alerts.replicating import BACKFILL
from ecr_crossaccount.alerts.writes import WRITES
from samcli.yamlhelper import yaml_parse

from tests.alerts.conftest import Cloud
from tests.docs.markdown import ROOT, page
from tests.events.cloudtrail import delivered

ALERTS = page("docs/alerts.md")
TEXT = ALERTS.path.read_text(encoding="utf-8")
TEMPLATE = yaml_parse((ROOT / "organization" / "alerts.yaml").read_text(encoding="utf-8"))


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
    assert CHANGES | {BACKFILL, SCOPE} | (WRITES - of_settings) <= named


def test_every_parameter_is_explained() -> None:
    assert set(re.findall("[A-Z][A-Za-z]+", column("parameter"))) == set(TEMPLATE["Parameters"])


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
