"""The remediation in the demo: the shipped Automation document, step by step, on each open repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
from ecr_crossaccount.products.automation.planner import answer
from ecr_crossaccount.products.automation.steps import repository, unpack_facts
from ecr_crossaccount.sources.register.lists import trust_of

from tests.remediation.document import Document
from tests.remediation.interpreter import Execution, World, run

from .registry import OWNER, PARAMETERS, REGION, ROOT, Example

BUCKET = "demo-backups"


@dataclass(frozen=True, slots=True)
class Cure:
    """The result of the document for a repository. `before` and `after` are its policies, None for no policy."""

    example: Example
    outcome: str
    changes: tuple[str, ...]
    before: Mapping[str, object]
    after: Mapping[str, object] | None
    backup: str


class Clinic:
    """Runs the document. `world` simulates everything except AWS: only its own waits advance the time."""

    def __init__(self) -> None:
        names = {"BackupBucket": BUCKET, "AutomationRole.Arn": f"arn:aws:iam::{OWNER}:role/automation"}
        self._document = Document.load(ROOT / "remediation" / "remediate.yaml", names)
        self._trust = trust_of(PARAMETERS, datetime.now(UTC).date())
        self.world = World(account=OWNER, region=REGION, now=f"{datetime.now(UTC):%Y-%m-%d_%H.%M.%S}")

    def open(self) -> None:
        """Create the bucket for backups."""
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def cure(self, example: Example) -> Cure:
        """Remediate a repository."""
        done = run(self._document, self.world, RepositoryName=example.name, DryRun="false")
        self.world.sleep(1)  # CloudTrail counts the requests of all runs together
        return _cure(example, done)

    def planned(self, request: Mapping[str, str]) -> object:
        """Answer as the planning function."""
        return answer(request, self._trust)


def _cure(example: Example, done: Execution) -> Cure:
    if done.status != "Success":
        raise RuntimeError(f"the demo's own repository `{example.name}` was not remediated: {done.message}")
    facts = unpack_facts(done.outputs["look.Facts"])
    stored = repository(boto3.client("ecr"), example.name)["Policy"]
    changes = json.loads(facts["Record"])["plan"]["changes"]
    return Cure(
        example,
        done.outputs["writePolicy.Outcome"],
        tuple(change["change"] for change in changes),
        json.loads(facts["Policy"]),
        json.loads(stored),
        done.outputs["backUp.Key"],
    )
