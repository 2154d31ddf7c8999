"""Runs in an artefact. Prints one line a round: the seconds of our handler and of an rdklib rule that does nothing.

Both get the same event and the same AWS, which is simulated below botocore so that neither waits.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from time import perf_counter
from typing import Any

_EVENT = Path(__file__).parents[1] / "tests" / "events" / "change-policy-text.json"
_CALLS = 20
_REPLICATION = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "Replication",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": "arn:aws:ecr:eu-central-1:111122223333:repository/mirror/*",
    },
}
_ANSWERS: dict[str, dict[str, object]] = {
    "config-service.PutEvaluations": {"FailedEvaluations": []},
    "ecr.GetRegistryPolicy": {"registryId": "111122223333", "policyText": json.dumps(_REPLICATION)},
    "ecr.GetAccountSetting": {"name": "REGISTRY_POLICY_SCOPE", "value": "V2"},
    "organizations.DescribeOrganization": {
        "Organization": {
            "Id": "o-a1b2c3d4e5",
            "Arn": "arn:aws:organizations::777788889999:organization/o-a1b2c3d4e5",
            "FeatureSet": "ALL",
            "MasterAccountArn": "arn:aws:organizations::777788889999:account/o-a1b2c3d4e5/777788889999",
            "MasterAccountId": "777788889999",
            "MasterAccountEmail": "cloud@example.com",
        }
    },
}
"""What AWS answers in an account of an organization, whose registry has a policy."""


class _Body:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body


def main(folder: str, rounds: int) -> None:
    """Run the measurement. Only the artefact and the standard library can be imported."""
    sys.path.insert(0, folder)
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "SERVED_ACCOUNTS": "111122223333"}
    import boto3
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    def answer(request: Any, event_name: str, **_: object) -> Any:  # noqa: ANN401 - botocore's
        body = json.dumps(_ANSWERS[event_name.removeprefix("before-send.")]).encode()
        return AWSResponse(request.url, 200, HTTPHeaders(), _Body(body))

    boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    session.events.register("before-send", answer)
    ours, theirs = _ours(), _theirs()
    for one in (ours, theirs):
        _seconds(one)  # the first invocation of a container is not a warm one
    for _ in range(rounds):
        print(_seconds(ours), _seconds(theirs))


def _ours() -> Callable[[], object]:
    from handler import lambda_handler

    event = json.loads(_EVENT.read_text(encoding="utf-8"))
    return lambda: lambda_handler(event, None)


def _theirs() -> Callable[[], object]:
    from rdklib import ComplianceType, ConfigRule, Evaluation, Evaluator

    class LooksAtNothing(ConfigRule):  # type: ignore[misc] # rdklib has no type information
        def evaluate_change(self, *_: object) -> list[Evaluation]:
            return [Evaluation(ComplianceType.COMPLIANT)]

    event = json.loads(_EVENT.read_text(encoding="utf-8"))
    event["ruleParameters"] = json.dumps({"AssumeRoleMode": "False"})  # our handler does not assume a role either
    return lambda: Evaluator(LooksAtNothing(), ["AWS::ECR::Repository"]).handle(event, None)


def _seconds(answer: Callable[[], object]) -> float:
    """Return the seconds of one call, the mean of several."""
    answered: object = None
    with redirect_stdout(io.StringIO()):
        start = perf_counter()
        for _ in range(_CALLS):
            answered = answer()
        taken = perf_counter() - start
    if not isinstance(answered, list):
        raise SystemExit(f"the event was not answered: {answered}")
    return taken / _CALLS


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
