"""Replaces a policy after a backup of it, only if the policy is still the expected one, and judges the result.

SetRepositoryPolicy replaces everything and has no version check. So the current policy is compared just before. The new
policy stays, whatever the judgement of it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .steps import NO_POLICY, StepError, ask, asked_about, inert, read, unpack_facts

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


VERSION = 1


def back_up(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: write the backup to the bucket. `Key` and `Version` identify it."""
    now = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%d_%H.%M.%S")
    facts = {**events, **unpack_facts(events["Facts"]), "Now": now}
    key = f"{facts['Account']}/{facts['Region']}/{facts['Repository']}/{now}-{facts['Execution']}.json"
    answer = boto3.client("s3").put_object(
        Bucket=facts["Bucket"],
        Key=key,
        Body=backup(facts).encode(),
        ContentType="application/json",
        ChecksumAlgorithm="SHA256",  # *restore* needs it, and a bucket with object lock too
        ExpectedBucketOwner=facts["Account"],
    )
    return {"Key": key, "Version": answer.get("VersionId", "null")}


def backup(facts: Mapping[str, str]) -> str:
    """Return the text of a backup: the repository, the policy as it was read, the verdict on it and the plan."""
    written = {
        "version": VERSION,
        "account": facts["Account"],
        "region": facts["Region"],
        "repository": facts["Repository"],
        "time": facts["Now"],
        "execution": facts["Execution"],
        "policy": facts["Policy"],
        **json.loads(facts["Record"]),
    }
    return json.dumps(written, indent=2) + "\n"


PAUSES = (5, 10, 20)
"""Seconds before a refused principal is tried again. IAM takes a while to make a new role known everywhere."""
DELETED_PRINCIPAL = re.compile(r"A(?:ROA|IDA|GPA|IPA|NPA|KIA)[A-Z0-9]{12,124}")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes"""
ROOT = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):root")


class NotWrittenError(StepError):
    """The policy is not the wanted one. The message says why, and what the policy is now."""


class UncheckedError(NotWrittenError):
    """The policy may be the wanted one, but it cannot be read to verify this."""


def write_policy(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: write the policy that `Facts` want. `Outcome` is Written, Deleted, Unchanged or Gone."""
    facts = unpack_facts(events["Facts"])
    try:
        outcome = replace_policy(
            boto3.client("ecr"), events["Repository"], facts["Policy"], facts["Wanted"], time.sleep
        )
    except NotWrittenError as error:
        raise type(error)(inert(str(error))) from error
    return {"Outcome": outcome}


def replace_policy(ecr: ECRClient, name: str, expected: str, wanted: str, sleep: Callable[[float], None]) -> str:
    """Replace a policy and return the outcome. Raises NotWrittenError."""
    for pause in (*PAUSES, None):
        live = current(ecr, name)
        if live is None:
            return "Gone"
        if meaning(live) == meaning(wanted):
            return "Unchanged"
        if meaning(live) != meaning(expected):
            done = "deleted" if meaning(live) is None else "changed"
            raise NotWrittenError(f"the policy of `{name}` was {done} meanwhile: it was left as it is now; run again")
        try:
            return _write(ecr, name, wanted)
        except ClientError as error:
            if pause is None or not _refuses_principal(error):
                return _after_error(ecr, name, wanted, error)
            sleep(pause)
        except BotoCoreError as error:
            return _after_error(ecr, name, wanted, error)
    raise AssertionError("the last attempt returns or raises")


def current(ecr: ECRClient, name: str) -> str | None:
    """Return the text of the policy, `null` if there is none, or None if there is no repository. Raises ClientError."""
    try:
        return ecr.get_repository_policy(repositoryName=name)["policyText"]
    except ClientError as error:
        code = _code(error)
        if code == "RepositoryPolicyNotFoundException":
            return NO_POLICY
        if code == "RepositoryNotFoundException":
            return None
        raise


def _write(ecr: ECRClient, name: str, wanted: str) -> str:
    if meaning(wanted) is None:
        ecr.delete_repository_policy(repositoryName=name)
        return "Deleted"
    ecr.set_repository_policy(repositoryName=name, policyText=wanted)
    return "Written"


def _after_error(ecr: ECRClient, name: str, wanted: str, error: Exception) -> str:
    """Return the outcome of a failed write. The write may have succeeded although its answer was lost."""
    try:
        live = current(ecr, name)
    except (ClientError, BotoCoreError) as unread:
        raise UncheckedError(f"writing failed ({error}), and the policy cannot be read: {unread}") from error
    if live is None:
        return "Gone"
    if meaning(live) == meaning(wanted):
        return "Deleted" if meaning(wanted) is None else "Written"
    raise NotWrittenError(
        f"Amazon ECR refused the policy of `{name}`: {error}{_suspects(error, wanted)}; nothing was written"
    )


def _refuses_principal(error: Exception) -> bool:
    return (
        isinstance(error, ClientError)
        and "principal" in str(error).lower()
        and _code(error) == "InvalidParameterException"
    )


def _suspects(error: Exception, wanted: str) -> str:
    """Return, as text, the principals that may be refused: deleted ones, otherwise all except whole accounts."""
    if not _refuses_principal(error):
        return ""
    principals = sorted(set(_principals(json.loads(wanted))))
    deleted = [principal for principal in principals if DELETED_PRINCIPAL.fullmatch(principal)]
    if deleted:
        return f"; deleted: {', '.join(f'`{text}`' for text in deleted)}"
    named = [
        principal
        for principal in principals
        if principal != "*" and not principal.isdigit() and not ROOT.fullmatch(principal)
    ]
    return f"; it names {', '.join(f'`{text}`' for text in named)}" if named else ""


def _principals(policy: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            listed = statement.get(element, {})
            values = listed.get("AWS", []) if isinstance(listed, dict) else listed
            yield from [values] if isinstance(values, str) else values


def meaning(text: str) -> object:
    """Return a value that is equal for policies with the same meaning. None if there is no policy.

    ECR does not keep a text as it was written. The order, single values in lists, and the form of an account may
    differ.
    """
    return _canonical(json.loads(text), "")


def _canonical(value: object, name: str) -> object:
    if isinstance(value, dict):
        inner = name if name in ("Principal", "NotPrincipal") else ""
        return {key: _canonical(one, inner or key) for key, one in value.items()}
    if isinstance(value, list):
        members = {json.dumps(_canonical(one, name), sort_keys=True) for one in value}
        return json.loads(members.pop()) if len(members) == 1 else sorted(members)
    if isinstance(value, str) and name in ("Principal", "NotPrincipal"):
        root = ROOT.fullmatch(value)
        return root[1] if root else value
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def check(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: return `Compliance` and `Report` of the stored policy. Raises StepError.

    `Compliance` is NOT_APPLICABLE if the repository no longer exists, and NON_COMPLIANT if only the registry policy
    leaves it open.
    """
    stays = f"it stays; the policy before is in the backup `{events['Backup']}`"
    try:
        found = read(events["Repository"])
        if found["State"] == "Gone":
            return {"Compliance": "NOT_APPLICABLE", "Report": "the repository is gone"}
        request = {"Task": "judge", "Strategy": events.get("Strategy", ""), **asked_about(found)}
        verdict = ask(events["PlanFunction"], request)
    except (ClientError, BotoCoreError, StepError) as error:
        raise StepError(inert(f"the policy was written, and could not be checked: {error}; {stays}")) from error
    if verdict["Compliance"] != "COMPLIANT":
        raise StepError(inert(f"the policy that was written is not compliant: {verdict['Report']}; {stays}"))
    left = verdict["LeftOpen"]
    if left:
        said = f"the policy that was written is compliant, and the repository is not closed. {left}"
        return {"Compliance": "NON_COMPLIANT", "Report": inert(said)}
    return {"Compliance": verdict["Compliance"], "Report": inert(verdict["Report"])}
