"""The access that a removed Deny had prevented, in a registry's policy or in a repository's policy.

A Deny in either policy applies whatever the other one allows. So a shorter policy can give more access.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from .. import RegistryPolicy, Repository, Severity, Trust, Verdict, judge
from ..access.fences import denies_alone, denies_of, is_fence
from ..access.verdict import Grant
from ..policy.document import Document
from ..policy.parse import parse
from ..remedy.written import document_of
from .comparison import Because, Finding, Judged, everything
from .subject import Stated

_UNKNOWN = "what the registry's policy denied before is not known"
_GONE = "a Deny of the registry's policy is gone"
_THEN = "whether the policy of a repository gives the access that it prevented cannot be determined from here"


def may_be_gone(before: Stated | None, after: Stated) -> bool:
    """Return whether the policy may have lost a Deny. `before` is None if the previous policy is unknown."""
    if before is None:
        return True
    then, now = parse(before.text), parse(after.text)
    return bool(denies_of(then) - denies_of(now)) or bool(then.invalid)


def of_registry(before: Stated | None, after: Stated, trust: Trust, registry: Repository) -> tuple[Finding, ...]:
    """Return what may have opened because a registry's policy denies less.

    Empty if it still keeps everyone outside out.
    """
    if not may_be_gone(before, after) or is_fence(document_of(after.text), registry, trust, after.origin):
        return ()
    why = _UNKNOWN if before is None else _GONE
    return (Finding(Severity.MEDIUM, f"undecided: {why}: {_THEN}"),)


def of_repository(after: Stated, registry: RegistryPolicy, trust: Trust, repository: Repository) -> tuple[Finding, ...]:
    """Return the access that the registry's policy gives to a repository, under the repository's own Denies."""
    own = None if after.text is None else denies_alone(document_of(after.text))
    policy = None if own is None else json.dumps(own)
    found = everything(Judged(judge(policy, repository, trust, after.origin, registry=registry)), Because.DENY_GONE)
    return tuple(replace(one, sentence=f"by the registry's policy: {one.sentence}") for one in found.findings)


def under_registry(
    findings: Iterable[Finding], after: Stated, registry: RegistryPolicy, trust: Trust, repository: Repository
) -> tuple[Finding, ...]:
    """Return the findings under the Denies of the registry's policy.

    Access that these certainly close has severity LOW.

    It opens again when such a Deny is removed, which does not show in the repository's policy.
    """
    denying = denies_alone(document_of(registry.document))
    if denying is None:
        return tuple(findings)
    only = replace(registry, document=json.dumps(denying))
    verdict = judge(after.text, repository, trust, after.origin, registry=only)
    if any(one.at.startswith(Document.REGISTRY.prefix) for one in verdict.invalid):
        return tuple(findings)
    return tuple(_under(one, verdict) for one in findings)


def _under(finding: Finding, verdict: Verdict) -> Finding:
    grant = finding.grant
    if grant is None or any(one.statement in (None, grant.statement) for one in verdict.undecided):
        return finding
    left = [one for one in verdict.grants if _is_same(one, grant)]
    if left:
        return finding if left[0].actions == grant.actions else Finding(left[0].severity, left[0].reason, left[0])
    return Finding(Severity.LOW, f"closed for now, by a Deny of the registry's policy: {finding.sentence}")


def _is_same(one: Grant, other: Grant) -> bool:
    return (one.statement, one.kind, one.grantee) == (other.statement, other.kind, other.grantee)
