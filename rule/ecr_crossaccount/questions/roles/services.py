"""Services in trust policies: those that start sessions only for principals of the role's own account.

A principal gives such a service a role with `iam:PassRole`, and can do that only with a role of the same account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://repost.aws/knowledge-center/iam-passrole-error
"""

from __future__ import annotations

from collections.abc import Iterator

from ...documents.conditions import Base, Condition
from ...documents.document import SERVICE, Statement
from ...documents.pattern import Pattern
from ...documents.problems import quote
from ...judgement.reasons import name_of
from ...judgement.search.candidates import accounts_in
from .calls import ASSUME, SOURCE, TAG
from .outsiders import SOMEONE, Outsider, Who
from .statements import TrustStatement

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
    wide = principals.everyone or principals.any_aws or principals.negated
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
    return SERVICE.fullmatch(service) is not None and (name in _INSIDE or first in _INSIDE)


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
