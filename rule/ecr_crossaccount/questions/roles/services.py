"""Issuers of web identities, and services, in trust policies: who starts sessions through them.

A subject says who its owner is up to the first literal slash, and strangers choose the rest. So the owner is found by
the subject's grammar, and never by a prefix. If a wildcard may match a part of the owner's name, anyone has access.

https://docs.github.com/en/actions/reference/security/oidc
https://docs.gitlab.com/ci/cloud_services/aws/
https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html

A principal gives a service a role with `iam:PassRole`, and can do that only with a role of the same account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://repost.aws/knowledge-center/iam-passrole-error
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...documents.conditions import Base, Condition, Quantifier
from ...documents.document import SERVICE, Effect, Statement
from ...documents.pattern import Pattern
from ...documents.problems import first_of, quote
from ...judgement.conditions.operators import clause
from ...judgement.reasons import name_of
from ...judgement.search.candidates import accounts_in
from ...judgement.values.verdict import Witness
from ...memo import by_value
from .outsiders import SOMEONE, Entry, Outsider, TrustStatement, Who
from .sessions import ASSUME, SESSION_NAME, SOURCE, TAG, WEB_IDENTITY, WRITTEN, Form, asked_of_session

_PROVIDER = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):oidc-provider/(.+)", re.DOTALL)


@by_value
class Issuer:
    """An issuer that many organizations share.

    - `scheme`: the start of every subject. `owner`: a text after it that fixes the owner, from its first character.
    - `one`: the same for one repository or project of the owner.
    - `example`: the subject of a stranger.
    """

    host: str
    kind: Who
    scheme: str
    owner: re.Pattern[str]
    one: re.Pattern[str]
    example: str


SHARED = {
    one.host: one
    for one in (
        Issuer(
            "token.actions.githubusercontent.com",
            Who.GITHUB,
            "repo:",
            re.compile(r"([A-Za-z0-9_.-]+)[@/]"),  # `@` is in no name: the owner's id follows it
            re.compile(r"([A-Za-z0-9_.-]+)(?:@[0-9]+)?/([A-Za-z0-9_.-]+)(?:@[0-9]+)?:"),
            "repo:someone/anything:ref:refs/heads/main",
        ),
        Issuer(
            "gitlab.com",
            Who.GITLAB,
            "project_path:",
            re.compile(r"([A-Za-z0-9_.-]+)/"),
            re.compile(r"([A-Za-z0-9_.-]+)/([A-Za-z0-9_./-]+):"),
            "project_path:someone/anything:ref_type:branch:ref:main",
        ),
        Issuer(
            "app.terraform.io",
            Who.TERRAFORM,
            "organization:",
            re.compile(r"([A-Za-z0-9_-]+):"),
            re.compile(r"(?!)"),
            "organization:someone:project:anything:workspace:anything:run_phase:apply",
        ),
    )
}


COGNITO = "cognito-identity.amazonaws.com"
_BUILT_IN = (COGNITO, "accounts.google.com", "graph.facebook.com", "www.amazon.com")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated"""
Doubt = tuple[Outsider, str]
"""Someone who may have access, and why that is not certain."""


def web_entries(
    statement: TrustStatement, owner: str, denies: Iterable[TrustStatement], ranks: int
) -> Iterator[Entry | Doubt]:
    """Yield whom a statement allows with a web identity, or who may be allowed and why that is not known."""
    for provider in statement.federated:
        found = _PROVIDER.fullmatch(provider)
        host = found[2] if found and found[1] == owner else provider if provider in _BUILT_IN else None
        if host is None:
            yield SOMEONE, f"{name_of(statement.statement)} allows whom {quote(provider)} knows"
        elif host == COGNITO:
            yield from _of_pools(statement, denies, ranks)
        elif host in SHARED:
            for outsider in _admit_outsiders(statement, provider, SHARED[host], denies):
                if isinstance(outsider, _Admitted):
                    yield _entry(statement, provider, SHARED[host], outsider, ranks)
                else:
                    yield _make_outsider(statement, host), outsider
        else:
            yield from _of_issuer(statement, host)


def _of_issuer(statement: TrustStatement, host: str) -> Iterator[Doubt]:
    """Yield the subjects that a statement allows. Who has a token with one, only the issuer knows."""
    for subject in _values(statement.statement, f"{host}:sub") or ["*"]:
        name = f"{name_of(statement.statement)} allows the subject {quote(subject)} of {quote(host)}"
        why = "the administrator of the issuer decides who that is"
        yield Outsider(Who.OIDC, f"{host} {subject}"), f"{name}: {why}; an entry `oidc` of the register can approve it"


def _make_outsider(statement: TrustStatement, host: str) -> Outsider:
    subjects = _values(statement.statement, f"{host}:sub")
    return Outsider(Who.OIDC, f"{host} {subjects[0] if len(subjects) == 1 else '*'}")


def _values(statement: Statement, key: str) -> list[str]:
    """Return the texts that a key must match, any of them, or nothing if that is not known."""
    found = [condition for condition in statement.conditions if condition.name == key.lower()]
    if len(found) != 1 or found[0].operator.negated or found[0].operator.base not in _TEXTS:
        return []
    values = [value.source for value in found[0].values if isinstance(value, Pattern) and not value.variables]
    return values if len(values) == len(found[0].values) else []


def _of_pools(statement: TrustStatement, denies: Iterable[TrustStatement], ranks: int) -> Iterator[Entry | Doubt]:
    """Yield the identity pools of Amazon Cognito. Anyone can make one in an account of their own.

    `aud` is the pool, and `amr` has `unauthenticated`, or `authenticated` and the provider.
    https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
    """
    own = statement.statement
    name = f"{name_of(own)} allows identities of Amazon Cognito"
    pools = _values(own, f"{COGNITO}:aud")
    asked = {condition.name.rpartition(":")[2] for condition in own.conditions if condition.name.startswith(COGNITO)}
    if pools:
        guests = any("unauthenticated" in value for value in _values(own, f"{COGNITO}:amr"))
        who = "anyone who knows its id" if guests else "anyone who can sign in there"
        for pool in pools:
            yield Outsider(Who.COGNITO, pool), f"{name} with the pool {quote(pool)}: {who} has access"
    elif asked - {"amr"} or len(own.conditions) > len(asked) or any(_concerns(deny, COGNITO) for deny in denies):
        keys = first_of([*dict.fromkeys(condition.key for condition in own.conditions)], 3)
        yield SOMEONE, f"{name}: whose depends on {keys or 'a Deny that cannot be decided'}"
    else:
        methods = _values(own, f"{COGNITO}:amr") or ["authenticated"]
        pool = "eu-central-1:00000000-0000-0000-0000-000000000000"
        context: dict[str, str | tuple[str, ...]] = {
            f"{COGNITO}:aud": pool,
            f"{COGNITO}:amr": (_fill_wildcards(methods[0]),),
        }
        witness = Witness("an identity of someone's own pool", WRITTEN[WEB_IDENTITY], context)
        yield Entry(Outsider(Who.ANYBODY, COGNITO), ranks, Form(), own, witness, None, (), None, COGNITO)


@by_value
class _Admitted:
    outsider: Outsider
    subject: str


def _entry(statement: TrustStatement, provider: str, issuer: Issuer, one: _Admitted, ranks: int) -> Entry:
    """Return the entry of someone with a token. Its tags and source identity are the issuer's, and these have none."""
    own = statement.statement
    audiences = (value for each in own.conditions if each.name == f"{issuer.host}:aud" for value in each.values)
    audience = next((value.source for value in audiences if isinstance(value, Pattern)), "sts.amazonaws.com")
    context = {f"{issuer.host}:sub": one.subject, f"{issuer.host}:aud": _fill_wildcards(audience)}
    asked = asked_of_session(clause(each, Effect.ALLOW) for each in own.conditions if each.name == SESSION_NAME)
    witness = Witness(one.subject, WRITTEN[WEB_IDENTITY], context)
    return Entry(one.outsider, ranks, Form(), own, witness, None, asked, None, provider)


def _fill_wildcards(text: str) -> str:
    return text.replace("*", "x").replace("?", "x")


def _admit_outsiders(
    statement: TrustStatement, provider: str, issuer: Issuer, denies: Iterable[TrustStatement]
) -> Iterator[_Admitted | str]:
    """Yield whom a statement allows with a token of a shared issuer, or why it is not known."""
    name = f"{name_of(statement.statement)} allows with a token of {issuer.host}"
    if any(_concerns(deny, provider) for deny in denies):
        yield f"whom {name} depends on a Deny that cannot be decided"
        return
    effects = [(condition, _effect(condition, issuer)) for condition in statement.statement.conditions]
    if any(effect == _NEVER for _, effect in effects):
        return
    unknown = dict.fromkeys(one.key for one, effect in effects if effect == _UNKNOWN)
    subjects = [one for one, effect in effects if effect == _SUBJECT]
    if unknown or len(subjects) > 1:
        yield f"whom {name} depends on {first_of([*unknown], 3) or 'several conditions on the subject'}"
    elif not subjects:
        yield _Admitted(Outsider(Who.ANYBODY, issuer.host), issuer.example)
    elif subjects[0].operator.negated:
        yield _besides(name, issuer, subjects[0])
    else:
        yield from dict.fromkeys(_of_value(name, issuer, value) for value in subjects[0].values)


def _concerns(deny: TrustStatement, provider: str) -> bool:
    principals = deny.statement.principals
    everyone = principals.admits_anyone
    return bool(deny.calls & WEB_IDENTITY) and (everyone or provider in deny.federated)


_ALWAYS, _NEVER, _SUBJECT, _UNKNOWN = "always", "never", "subject", "unknown"
_TEXTS = (Base.STRING_EQUALS, Base.STRING_LIKE)


def _effect(one: Condition, issuer: Issuer) -> str:
    """Return what a condition does to the tokens of an issuer. Each has a subject and an audience."""
    operator = one.operator
    host, _, claim = one.name.rpartition(":")
    if host == issuer.host and claim in ("sub", "aud") and operator.base is Base.NULL:
        return _ALWAYS if one.values == (False,) else _NEVER if one.values == (True,) else _UNKNOWN
    if operator.base not in _TEXTS or not one.values:
        return _UNKNOWN
    if host == issuer.host and claim == "sub":
        return _SUBJECT
    # IAM's provider lists the audiences, and the workflow that asks for a token chooses one of them.
    if (host == issuer.host and claim == "aud") or one.name == SESSION_NAME:
        doubtful = operator.negated or any(not isinstance(each, Pattern) or each.variables for each in one.values)
        return _UNKNOWN if doubtful else _ALWAYS
    if host in SHARED and host != issuer.host:
        absent_is_enough = operator.if_exists or operator.negated or operator.quantifier is Quantifier.ALL
        return _ALWAYS if absent_is_enough else _NEVER
    return _UNKNOWN


def _besides(name: str, issuer: Issuer, one: Condition) -> _Admitted | str:
    """Return that anyone has access, if a condition refuses only some owners."""
    starts = (_start(value) for value in one.values)
    if all(start is not None and issuer.owner.match(start.removeprefix(issuer.scheme)) for start in starts):
        return _Admitted(Outsider(Who.ANYBODY, issuer.host), issuer.example)
    return f"whom {name} depends on {one.key}"


def _start(value: object) -> str | None:
    """Return the text before the first wildcard, or None if it is not known."""
    if not isinstance(value, Pattern) or value.variables or value.holes:
        return None
    first = value.parts[0] if value.parts else ""
    return first if isinstance(first, str) else ""


def _of_value(name: str, issuer: Issuer, value: object) -> _Admitted | str:
    """Return whom one subject, or pattern of subjects, allows."""
    start = _start(value)
    if start is None or not isinstance(value, Pattern):
        return f"whom {name} depends on the value of a variable"
    subject = _fill_wildcards(value.source) if value.literal is None else value.literal
    if start.startswith(issuer.scheme):
        rest = start.removeprefix(issuer.scheme)
        found = issuer.one.match(rest) or issuer.owner.match(rest)
        if found is not None:
            return _Admitted(Outsider(issuer.kind, "/".join(found.groups())), subject)
    if value.literal is None and (start.startswith(issuer.scheme) or issuer.scheme.startswith(start)):
        return _Admitted(Outsider(Who.ANYBODY, issuer.host), subject)
    return f"whom {name} depends on the subject {quote(value.source)}, which is not of the usual form"


_NAMES = """
    apigateway application-autoscaling apprunner autoscaling batch build.apprunner cloudformation codebuild
    codedeploy codepipeline config datapipeline dms ec2 ecs ecs-tasks eks eks-fargate-pods elasticbeanstalk
    elasticmapreduce events firehose glue imagebuilder lambda pipes pods.eks rds sagemaker scheduler spotfleet ssm
    states tasks.apprunner
"""
_INSIDE = frozenset(_NAMES.split())
"""Services that take a role with `iam:PassRole`, without `.amazonaws.com`."""
_SOURCES = ("aws:sourceaccount", "aws:sourcearn")
_IS_SERVICE = "aws:principalisawsservice"
_OF_SERVICES = (
    *_SOURCES,
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    _IS_SERVICE,
    "aws:principalservicename",
    "aws:principalservicenameslist",
)
"""Keys that only services send.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
_ANYWHERE = "rolesanywhere.amazonaws.com"
_NEEDED_ANYWHERE = ASSUME | TAG | SOURCE
"""https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"""


def doubts_about_services(every: tuple[TrustStatement, ...], owner: str) -> Iterator[tuple[Outsider, str]]:
    """Yield services, and why it is not certain that the services of a trust policy act for the account alone."""
    for statement in every:
        if not statement.calls & ASSUME:
            continue
        name = name_of(statement.statement)
        for service in statement.statement.principals.services:
            who = Outsider(Who.SERVICE, service)
            if service == _ANYWHERE:
                if _may_be_anywhere(every):
                    yield who, f"{name} allows anyone who has a certificate of a trust anchor of IAM Roles Anywhere"
            elif _acts_for_others(statement.statement, owner):
                yield who, f"{name} allows {quote(service)} to act for another account"
            elif not _is_inside(service):
                yield who, f"{name} allows {quote(service)}: for whom it acts is not known here"
        if _may_be_any(statement.statement):
            yield SOMEONE, f"{name} allows services by their conditions: for whom they act is not known here"


def services_inside(every: tuple[TrustStatement, ...], owner: str) -> Iterator[str]:
    """Yield the services of a trust policy that act for the account alone."""
    for statement in every:
        if statement.is_allow and statement.calls & ASSUME and not _acts_for_others(statement.statement, owner):
            yield from filter(_is_inside, statement.statement.principals.services)


def _may_be_any(statement: Statement) -> bool:
    """Return whether a statement is about services that it does not name: a condition asks what only they send."""
    principals = statement.principals
    wide = principals.admits_anyone
    return wide and any(
        condition.name in _OF_SERVICES and not _is_no_service(condition) for condition in statement.conditions
    )


def _is_no_service(one: Condition) -> bool:
    return one.name == _IS_SERVICE and one.values == (False,) and one.operator.base is Base.BOOL


def _may_be_anywhere(statements: tuple[TrustStatement, ...]) -> bool:
    """Return whether the statements allow all three actions that IAM Roles Anywhere needs."""
    calls = 0
    for statement in statements:
        principals = statement.statement.principals
        if _ANYWHERE in principals.services or principals.everyone or principals.negated:
            calls |= statement.calls
    return calls & _NEEDED_ANYWHERE == _NEEDED_ANYWHERE


def _is_inside(service: str) -> bool:
    """Return whether a service is in the list. In some Regions, the Region follows its name."""
    name = service.removesuffix(".cn").removesuffix(".amazonaws.com")
    first = name.rpartition(".")[0]
    return re.fullmatch(SERVICE, service) is not None and (name in _INSIDE or first in _INSIDE)


def _acts_for_others(statement: Statement, owner: str) -> bool:
    """Return whether a condition names another account as the one that a service acts for."""
    values = [
        value.source
        for condition in statement.conditions
        if condition.name in _SOURCES and not condition.operator.negated
        for value in condition.values
        if isinstance(value, Pattern)
    ]
    return any(account != owner for account in accounts_in(tuple(values)))
