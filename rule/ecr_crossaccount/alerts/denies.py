"""What a Deny kept out, once it is gone: of a registry's policy, and of a repository's where the registry's allows.

Either policy's Deny holds whatever the other one allows, so that less text can let more people in.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .. import Compliance, RegistryPolicy, Repository, Severity, Trust, Verdict, judge
from ..access.registry import judge_registry
from ..access.verdict import Grant
from ..policy.document import NEW_VERSION, Document, Effect, Statement
from ..policy.parse import parse
from ..remedy.written import document_of, statements_of
from .comparison import Because, Finding, Judged, everything
from .subject import Stated

_EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
"""The most that the policies of repositories could allow."""
_UNKNOWN = "what the registry's policy denied before is not known"
_GONE = "a Deny of the registry's policy is gone"
_THEN = "whether the policy of a repository gives the access that it prevented cannot be determined from here"


def may_be_gone(before: Stated | None, after: Stated) -> bool:
    """Tell whether the policy before may have had a Deny that this one has not; None: nobody knows it."""
    if before is None:
        return True
    then, now = _denies(before), _denies(after)
    return bool(then - now) or bool(before.text is not None and parse(before.text).invalid)


def of_registry(before: Stated | None, after: Stated, trust: Trust, registry: Repository) -> tuple[Finding, ...]:
    """Return what may have opened because a registry's policy denies less; nothing if it still keeps outsiders out."""
    if not may_be_gone(before, after) or _is_fence(after, trust, registry):
        return ()
    why = _UNKNOWN if before is None else _GONE
    return (Finding(Severity.MEDIUM, f"undecided: {why}: {_THEN}"),)


def of_repository(after: Stated, registry: Stated, trust: Trust, repository: Repository) -> tuple[Finding, ...]:
    """Return whom the registry's policy lets into a repository, given what the repository's own policy denies."""
    document = None if registry.text is None else document_of(registry.text)
    if document is None:
        return ()
    arn = f"arn:{repository.partition}:ecr:{repository.region}:{repository.account}:repository/{repository.name}"
    own = [{**one, "Resource": arn} for one in _denying(after)]
    others = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "NotResource": arn}
    policy = json.dumps({**document, "Statement": [*statements_of(document), *own, others]})
    found = everything(Judged(judge_registry(policy, repository, trust, registry.origin)), Because.DENY_GONE)
    return tuple(replace(one, sentence=f"by the registry's policy: {one.sentence}") for one in found.findings)


def under_registry(
    findings: Iterable[Finding], after: Stated, registry: RegistryPolicy, trust: Trust, repository: Repository
) -> tuple[Finding, ...]:
    """Return what is open under what the registry's policy denies; what it certainly closes is told as such, LOW.

    What it closes opens again when that Deny goes, of which the repository's policy tells nothing.
    """
    denying = _denying(Stated(registry.document if isinstance(registry.document, str) else None))
    policy = json.dumps({"Version": NEW_VERSION, "Statement": denying})
    if not denying:
        return tuple(findings)
    only = replace(registry, document=policy)
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


def _denies(policy: Stated) -> frozenset[Statement]:
    statements: Iterable[Statement] = () if policy.text is None else parse(policy.text).statements
    return frozenset(one._replace(number=0, sid=None) for one in statements if one.effect is Effect.DENY)


def _denying(policy: Stated) -> list[Mapping[str, object]]:
    document = None if policy.text is None else document_of(policy.text)
    statements = [] if document is None else statements_of(document)
    return [one for one in statements if isinstance(one, Mapping) and one.get("Effect") == "Deny"]


def _is_fence(policy: Stated, trust: Trust, registry: Repository) -> bool:
    """Tell whether what a registry's policy denies keeps everybody out who is not trusted, whatever others allow."""
    fenced = json.dumps({"Version": NEW_VERSION, "Statement": [_EVERYTHING, *_denying(policy)]})
    return judge_registry(fenced, registry, trust, policy.origin).compliance is Compliance.COMPLIANT
