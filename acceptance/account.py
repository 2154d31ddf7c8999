"""Checks that an account is a sandbox: the named one, without leftovers of a run, and not used by people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from ecr_crossaccount.products.rule.recorder import problem_of

from . import stack
from .clients import Clients
from .errors import AWS_ERRORS, MissingError, RefusedError, code_of, one_line
from .sandbox import NAME, PREFIX, RULE, USUAL_RULE, Sandbox

MOST_REPOSITORIES = 25
"""The most repositories of other users in a registry of a sandbox."""
_LEFT = "if an earlier run left it, remove it with `make acceptance ARGS=--tear-down`"
_NOT_IN_ORGANIZATION = "AWSOrganizationsNotInUseException"
_PRODUCTION = ("prod", "live")


def check_caller(clients: Clients, account: str) -> str:
    """Return the partition of the credentials if they are of `account`. Raises RefusedError."""
    try:
        identity = clients.sts.get_caller_identity()
    except AWS_ERRORS as error:
        raise RefusedError(
            [f"sts:GetCallerIdentity does not say whose credentials these are: {one_line(error)}"]
        ) from None
    if identity["Account"] != account:
        raise RefusedError(
            [f"you named account `{account}`, and the credentials are of `{identity['Account']}`: sign in to yours"]
        )
    return identity["Arn"].split(":")[1]


def check_sandbox(clients: Clients, sandbox: Sandbox) -> None:
    """Raise RefusedError with all reasons against a run in this account. A failed check is also a reason."""
    reasons = [reason for what, check in _CHECKS.items() for reason in _asked(what, check, clients, sandbox)]
    if reasons:
        raise RefusedError(reasons)


def _asked(
    what: str, check: Callable[[Clients, Sandbox], Iterator[str]], clients: Clients, sandbox: Sandbox
) -> list[str]:
    try:
        return list(check(clients, sandbox))
    except AWS_ERRORS as error:
        return [f"cannot tell {what}: {one_line(error)}"]


def _stack(clients: Clients, _: Sandbox) -> Iterator[str]:
    now = stack.status(clients)
    if now is not None:
        yield f"there is a stack `{NAME}` ({now}): {_LEFT}"


def _rule(clients: Clients, _: Sandbox) -> Iterator[str]:
    for name in (RULE, USUAL_RULE):
        with suppress(clients.config.exceptions.NoSuchConfigRuleException):
            clients.config.describe_config_rules(ConfigRuleNames=[name])
            yield f"AWS Config has a rule `{name}` here: this account uses ecr-crossaccount already"


def _repositories(clients: Clients, _: Sandbox) -> Iterator[str]:
    pages = clients.ecr.get_paginator("describe_repositories").paginate()
    there = [one["repositoryName"] for page in pages for one in page["repositories"]]
    ours = [name for name in there if name.startswith(PREFIX)]
    if ours:
        yield f"there are repositories under `{PREFIX}` ({len(ours)}, for instance `{ours[0]}`): {_LEFT}"
    if len(there) - len(ours) > MOST_REPOSITORIES:
        yield (
            f"the registry has {len(there) - len(ours)} repositories of its own, more than {MOST_REPOSITORIES}:"
            " people work in this account"
        )


def _registry_policy(clients: Clients, _: Sandbox) -> Iterator[str]:
    with suppress(clients.ecr.exceptions.RegistryPolicyNotFoundException):
        clients.ecr.get_registry_policy()
        yield "the registry has a policy, which would count in the result of every repository"


def _buckets(clients: Clients, _: Sandbox) -> Iterator[str]:
    there = buckets(clients)
    if there:
        yield f"there are buckets `{NAME}-…` ({len(there)}): {_LEFT}"


def _recorder(clients: Clients, _: Sandbox) -> Iterator[str]:
    problem = problem_of(clients.config)
    if problem is not None:
        yield f"AWS Config does not record repositories as they change: {problem} (docs/acceptance.md)"


def _organization(clients: Clients, sandbox: Sandbox) -> Iterator[str]:
    try:
        organization = clients.organizations.describe_organization()["Organization"]
    except clients.organizations.exceptions.ClientError as error:
        if code_of(error) == _NOT_IN_ORGANIZATION:
            return
        raise
    if organization.get("MasterAccountId") == sandbox.account:
        yield "this is the management account of an organization, which is no sandbox"


def _alias(clients: Clients, _: Sandbox) -> Iterator[str]:
    for alias in clients.iam.list_account_aliases()["AccountAliases"]:
        if any(word in alias.lower().split("-") or alias.lower().startswith(word) for word in _PRODUCTION):
            yield f"the account is called `{alias}`, which sounds like production"


_CHECKS: Mapping[str, Callable[[Clients, Sandbox], Iterator[str]]] = {
    "whether the stack is there": _stack,
    "whether the rule is there": _rule,
    "which repositories there are": _repositories,
    "whether the registry has a policy": _registry_policy,
    "which buckets there are": _buckets,
    "what AWS Config records": _recorder,
    "whether this is an organization's management account": _organization,
    "what the account is called": _alias,
}


def buckets(clients: Clients) -> list[str]:
    """Return the account's buckets with the name prefix of a run. Raises ClientError, BotoCoreError."""
    pages = clients.s3.get_paginator("list_buckets").paginate(Prefix=f"{NAME}-")
    return [one["Name"] for page in pages for one in page.get("Buckets", []) if one["Name"].startswith(f"{NAME}-")]


def recorder_role(clients: Clients) -> str:
    """Return the role that AWS Config records with. Raises ClientError, BotoCoreError, MissingError."""
    for recorder in clients.config.describe_configuration_recorders()["ConfigurationRecorders"]:
        if role := recorder.get("roleARN"):
            return role
    raise MissingError("AWS Config's recorder does not say which role it uses")
