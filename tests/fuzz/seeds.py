"""The starting points of a fuzzer: the tables of cases, the sample events, and the words in both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.events import load
from tests.properties.world import KEYS, OPERATORS

_TESTS = Path(__file__).parents[1]

WORDS: Sequence[object] = (
    *("Version", "2012-10-17", "2008-10-17", "Id", "Statement", "Sid", "Effect", "Allow", "Deny", "Resource"),
    *("Principal", "NotPrincipal", "AWS", "Service", "Federated", "*", "Action", "NotAction", "ecr:*", "Condition"),
    *("ecr:BatchGetImage", "e?r:Put*", "ForAnyValue:StringLike", "ForAllValues:StringEqualsIfExists", "Null"),
    *(name for names in OPERATORS.values() for name in names),
    *(key.name for key in KEYS),
    *("${aws:username}", "${*}", "${", "arn:aws:iam::222233334444:role/ci", "111122223333", "o-a1b2c3d4e5"),
    *("\x1b[2J", "\u202e", "\u2028", "\x00", "\ud800", "[red]", "<script>", "=1+1", "`", "\uffff", "\U0001f600"),
    *("ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification", "ScheduledNotification"),
    *("configurationItem", "configurationItemSummary", "configurationItemStatus", "ResourceDeleted", "awsAccountId"),
    *("RepositoryPolicyText", "Tags", "tags", "resourceId", "resourceType", "AWS::ECR::Repository", "eventLeftScope"),
    *("trustedAccounts", "trustedOrganizations", "self", "none", "ExecutionRoleName", "AssumeRoleMode", "true", ","),
    *(None, True, False, 0, -1, 10**40, 1e308, "", [], {}, [[]], [{}]),
)


def policies() -> Iterator[str]:
    """Yield the policy of every case."""
    for file in sorted((_TESTS / "cases").glob("*.json")):
        for case in json.loads(file.read_text(encoding="utf-8")):
            yield case["policy"] if isinstance(case["policy"], str) else json.dumps(case["policy"])


def events() -> Iterator[str]:
    """Yield every sample event."""
    for file in sorted((_TESTS / "events").glob("*.json")):
        loaded = load(file.stem)
        if isinstance(loaded, dict):
            yield json.dumps(loaded)


def invoking_events() -> Iterator[str]:
    """Yield the texts in every sample event."""
    for text in events():
        yield str(json.loads(text).get("invokingEvent", ""))


def parameters() -> Iterator[str]:
    """Yield parameters of every kind."""
    yield json.dumps({"trustedAccounts": "222233334444, 333344445555", "trustedOrganizations": "self,o-a1b2c3d4e5"})
    yield json.dumps({"trustedOrganizationPaths": "o-a1b2c3d4e5/r-ab12/*", "trustedServices": "lambda.amazonaws.com"})
    yield json.dumps({"ExecutionRoleName": "path/role", "ExecutionRoleRegion": "eu-west-1", "AssumeRoleMode": "true"})


SEEDS = {"policy": policies, "event": events, "invoking_event": invoking_events, "parameters": parameters}
