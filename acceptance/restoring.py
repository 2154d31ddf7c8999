"""The step that restores. It must be refused while the old policy is noncompliant, and succeed once it is trusted."""

from __future__ import annotations

from . import remediation, stack
from .errors import MissingError
from .live import live_policy
from .record import Agreement, Comparison
from .remediation import Json
from .remedying import same_policy
from .session import Session
from .subjects import NOT_RESTORED, RESTORE_CASE, RESTORED

_REFUSED, _DONE = "fails, the policy as it was", "succeeds, the policy that it had before"


def restore(session: Session) -> None:
    """Restore the backup of one repository twice: before and after the stack trusts the principals in its policy."""
    repository = session.sandbox.repository(RESTORE_CASE)
    key, version = _backup(session, repository)
    narrowed = live_policy(session.clients, repository)
    found = _restored(session, repository, key, version)
    now = live_policy(session.clients, repository)
    refused = found["AutomationExecutionStatus"] != remediation.SUCCESS and same_policy(now, narrowed)
    session.record.settle(_comparison(NOT_RESTORED, _REFUSED, refused, found))

    session.deployment.deploy(session.sandbox, session.sandbox.trusting_parameters)
    found = _restored(session, repository, key, version)
    now = live_policy(session.clients, repository)
    done = found["AutomationExecutionStatus"] == remediation.SUCCESS
    restored = same_policy(now, session.record.policies[RESTORE_CASE])
    session.record.settle(_comparison(RESTORED, _DONE, done and restored, found))


def _comparison(subject: str, wanted: str, came_so: bool, found: Json) -> Comparison:  # noqa: FBT001 - a comparison's result
    if came_so:
        return Comparison(RESTORE_CASE, subject, wanted, wanted, Agreement.AGREES, "")
    seen = f"it ended as {found['AutomationExecutionStatus']}, and the policy is not what it should be"
    return Comparison(RESTORE_CASE, subject, wanted, seen, Agreement.DIFFERS, str(found.get("FailureMessage", "")))


def _backup(session: Session, repository: str) -> tuple[str, str]:
    """Return key and version of a repository's newest backup. Raises ClientError, BotoCoreError, MissingError."""
    s3, sandbox = session.clients.s3, session.sandbox
    bucket = stack.output(session.clients, "BackupBucketName")
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket, Prefix=f"{sandbox.account}/{sandbox.region}/{repository}/", ExpectedBucketOwner=sandbox.account
    )
    found = [one for page in pages for one in page.get("Versions", [])]
    if not found:
        raise MissingError(f"no backup of `{repository}` is in the stack's bucket")
    newest = max(found, key=lambda one: one["LastModified"])
    return newest["Key"], newest["VersionId"]


def _restored(session: Session, repository: str, key: str, version: str) -> Json:
    outputs = stack.outputs(session.clients)
    document = stack.output(session.clients, "RestoreDocumentName")
    known = {
        "RepositoryName": repository,
        "BackupKey": key,
        "BackupVersion": version,
        "DryRun": "false",
        "AutomationAssumeRole": outputs["AutomationRoleArn"],
        "PlanFunction": outputs["PlanFunctionName"],
        "BackupBucket": outputs["BackupBucketName"],
    }
    takes = remediation.declared(session.clients, document)
    given = {name: value for name, value in known.items() if name in takes}
    return remediation.run(session.clients, session.clock, document, given)
