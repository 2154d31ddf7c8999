"""The test that `rdk test-local` runs: an open policy and a closed one, without AWS."""

from __future__ import annotations

import json
import unittest
from types import SimpleNamespace
from typing import Any

from ecr_crossaccount.products.rule.rule import CrossAccountRule

OWNER, STRANGER = "111122223333", "222233334444"


class Clients:
    """Returns a client that makes no call."""

    def build_client(self, *_: object) -> Any:  # noqa: ANN401 - of any service
        """Return an object with the Region of a client."""
        return SimpleNamespace(meta=SimpleNamespace(region_name="eu-central-1"))


def judged(principal: str) -> str:
    """Return the compliance of a repository that allows a principal to pull."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "ecr:BatchGetImage"}
    item = {
        "resourceType": "AWS::ECR::Repository",
        "resourceId": "base/app",
        "awsAccountId": OWNER,
        "awsRegion": "eu-central-1",
        "ARN": f"arn:aws:ecr:eu-central-1:{OWNER}:repository/base/app",
        "configuration": {"RepositoryPolicyText": json.dumps({"Version": "2012-10-17", "Statement": statement})},
        "tags": {},
    }
    rule = CrossAccountRule()
    parameters = rule.evaluate_parameters({"trustedOrganizations": "none", "countRegistryPolicy": "false"})
    (evaluation,) = rule.evaluate_change({"accountId": OWNER}, Clients(), item, parameters)
    compliance: str = evaluation.complianceType
    return compliance


class TestChange(unittest.TestCase):
    """The principal decides the result of a change."""

    def test_who_is_outside_and_gets_in_is_found(self) -> None:
        """Another account may pull."""
        assert judged(STRANGER) == "NON_COMPLIANT"

    def test_who_is_inside_is_no_finding(self) -> None:
        """The owner's own account may pull."""
        assert judged(OWNER) == "COMPLIANT"


if __name__ == "__main__":
    unittest.main()
