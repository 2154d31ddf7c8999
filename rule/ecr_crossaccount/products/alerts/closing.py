"""How to close access that was opened: a shell command, and the address of the policy in the console."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from urllib.parse import quote

from ...judgement.beside import Scope
from ...judgement.judge import Repository
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import ResourceKind as Kind
from ...questions.plan.outcome import Action, Strategy, document_of
from ...questions.plan.plan import plan
from .subject import Stated, Subject

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


_WHOLE_POLICY = "deletes the whole policy, with trusted access and with Denies"
_DELETES = {
    Kind.REPOSITORY: _WHOLE_POLICY,
    Kind.REGISTRY: _WHOLE_POLICY,
    Kind.PUBLIC_REPOSITORY: _WHOLE_POLICY,
    Kind.CREATION_TEMPLATE: "deletes the template; repositories that were made from it keep their policy",
    Kind.REPLICATION: "ends all replication; what has been copied stays",
    Kind.PULL_THROUGH_CACHE: "deletes the cache's rule; what was pulled through it stays",
}


@dataclass(frozen=True, slots=True)
class Closing:
    """A command, quoted for a POSIX shell, on one line of ASCII, and its effect."""

    command: str
    effect: str


def closing(subject: Subject, before: Stated | None, after: Stated, trust: Trust, about: Repository) -> Closing:
    """Return the command that closes the access of a policy. `before` is the previous one, or None if it is unknown."""
    if subject.kind is Kind.REPOSITORY and after.text is not None:
        found = plan(after.text, about, trust, Strategy.NARROW, after.origin)
        if found.text is not None:
            return Closing(_set(subject, found.text), "sets the narrowest policy that keeps what is trusted")
        if found.action is Action.DELETE:
            return Closing(_delete(subject), "deletes the policy: trust covers no part of it")
    return putting_back(subject, before, after) or Closing(_delete(subject), _DELETES[subject.kind])


def putting_back(subject: Subject, before: Stated | None, after: Stated) -> Closing | None:
    """Return the command that restores the previous policy, or None if there is none or it is unknown."""
    is_cache = subject.kind is Kind.PULL_THROUGH_CACHE
    if before is None or before.text is None or document_of(before.text) is None or is_cache:
        return None
    if before.text != after.text or before.applied_for not in (None, after.applied_for):
        uses = () if before.applied_for is None else ("--applied-for", *before.applied_for)
        return Closing(_set(subject, before.text, *uses), "puts back what was there before")
    if before.scope in (Scope.UNKNOWN, after.scope):
        return None
    scope = before.scope.value
    command = _command(subject, "put-account-setting", "--name", "REGISTRY_POLICY_SCOPE", "--value", scope)
    return Closing(command, f"sets the scope of the registry's policy to {scope} again")


def look_at(subject: Subject) -> str | None:
    """Return the address of the policy in the AWS console, or None if the console of the partition is unknown.

    AWS names `ecr/private-registry/permissions`
    (https://docs.aws.amazon.com/omics/latest/dev/permissions-resource.html) and begins ECR's steps at
    `ecr/private-registry/repositories`. Many pages link to a repository's own page, but AWS's documentation does not
    have its address. An address that is not known from any link, such as that of a template, is not guessed. The first
    page of the registry leads there.
    """
    host = _CONSOLES.get(subject.partition)
    if host is None:
        return None
    region, name = subject.region, quote(subject.name, safe="/")
    page = {
        Kind.REPOSITORY: f"repositories/private/{subject.account}/{name}",
        Kind.PUBLIC_REPOSITORY: f"repositories/public/{subject.account}/{name}",
        Kind.REGISTRY: "private-registry/permissions",
    }.get(subject.kind, "private-registry/repositories")
    return f"https://{region}.{host}/ecr/{page}?region={region}"


def _set(subject: Subject, policy: str, *more: str) -> str:
    text = _ascii(policy)
    match subject.kind:
        case Kind.REPOSITORY | Kind.PUBLIC_REPOSITORY:
            return _command(subject, "set-repository-policy", *_named(subject), "--policy-text", text)
        case Kind.REGISTRY:
            return _command(subject, "put-registry-policy", "--policy-text", text)
        case Kind.CREATION_TEMPLATE:
            named = ("--prefix", subject.name, "--repository-policy", text)
            return _command(subject, "update-repository-creation-template", *named, *more)
        case Kind.REPLICATION:
            return _command(subject, "put-replication-configuration", "--replication-configuration", text)
        case Kind.PULL_THROUGH_CACHE:  # the upstream of a cache cannot be changed
            return _delete(subject)


def _delete(subject: Subject) -> str:
    match subject.kind:
        case Kind.REPOSITORY | Kind.PUBLIC_REPOSITORY:
            return _command(subject, "delete-repository-policy", *_named(subject))
        case Kind.REGISTRY:
            return _command(subject, "delete-registry-policy")
        case Kind.CREATION_TEMPLATE:
            return _command(subject, "delete-repository-creation-template", "--prefix", subject.name)
        case Kind.REPLICATION:
            nowhere = ("--replication-configuration", '{"rules":[]}')
            return _command(subject, "put-replication-configuration", *nowhere)
        case Kind.PULL_THROUGH_CACHE:
            return _command(subject, "delete-pull-through-cache-rule", "--ecr-repository-prefix", subject.name)


def _named(subject: Subject) -> tuple[str, ...]:
    return "--registry-id", subject.account, "--repository-name", subject.name


def _command(subject: Subject, operation: str, *arguments: str) -> str:
    service = "ecr-public" if subject.kind is Kind.PUBLIC_REPOSITORY else "ecr"
    return shlex.join(["aws", service, operation, "--region", subject.region, *arguments])


def _ascii(policy: str) -> str:
    """Return a policy's text on one line of ASCII, with the same meaning."""
    return json.dumps(json.loads(policy), separators=(",", ":"))
