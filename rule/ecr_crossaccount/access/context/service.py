"""Condition keys that tell of an AWS service that calls, and of the account that it acts for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..patterns.charset import ANY, DIGIT, LABEL
from ..patterns.tokens import exactly, literal, star
from .domains import Options, SourceArns, Strings
from .key import ABSENT
from .principal import paths_of
from .readings import PLAIN
from .request import Contains, Fixed, Meaning, NobodysCustomer, ServiceRequest
from .shapes import ANY_RESOURCE, ANY_TEXT, PLAIN_RESOURCE, REGION_OF_ARN, SERVICE_OF_ARN, WORDS, beginning

_WELL_KNOWN = ("lambda", "codebuild", "sagemaker")
"""Services of whose resources it is known that their names hold no colons: of SageMaker, none do.

Whether Lambda and CodeBuild ever send the ARN of a version, an alias or a build, which has one more field, is not
documented.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html (FunctionArn)
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html (name)
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html (resource types)
"""


def is_well_known(service: str) -> bool:
    """Whether the ARNs that a service, given by its principal, acts for are known to the last character."""
    return service.partition(".")[0] in _WELL_KNOWN


def source_arn(request: ServiceRequest, key: str) -> Meaning:
    """A resource of the account that the service acts for, which nobody knows all names of but of a few services."""
    return _arns_of(request.account, request.repository.partition, key, well_known=is_well_known(request.service))


@lru_cache(maxsize=256)
def _arns_of(number: str, partition: str, key: str, *, well_known: bool) -> SourceArns:
    start, account = f"arn:{partition}:", literal(f":{number}:")
    function = literal(f"{start}lambda:") + REGION_OF_ARN + account + literal("function:") + WORDS
    project = literal(f"{start}codebuild:") + REGION_OF_ARN + account + literal("project/") + WORDS
    build = literal(f"{start}codebuild:") + REGION_OF_ARN + account + literal("build/") + WORDS + literal(":") + WORDS
    of_sagemaker = literal(f"{start}sagemaker:") + REGION_OF_ARN + account + PLAIN_RESOURCE
    qualified = function + literal(":") + WORDS
    service = literal(start) + SERVICE_OF_ARN + literal(":")
    other = service + star(LABEL) + account
    numbered = service + exactly(DIGIT) + star(ANY)  # no region begins with a digit, as an account number does
    known = tuple(beginning(f"{start}{name}:") for name in _WELL_KNOWN)
    no_account = service + literal("::") + ANY_TEXT
    values = {key: PLAIN}
    usual = f"{start}lambda:us-east-1:{number}:function:outsider"
    return SourceArns(
        known=Strings(values, (function, project, of_sagemaker), optional=True, usual=usual, unsure=(qualified, build)),
        plain=Strings(values, (other + PLAIN_RESOURCE,), never=(numbered,)),
        any_name=Strings(values, (other + ANY_RESOURCE,), never=(numbered,)),
        elsewhere=Strings(values, (other + ANY_RESOURCE,), never=(*known, numbered)),
        unsure=Strings(values, (no_account,), never=known),
        well_known=well_known,
    )


def source_organization(request: ServiceRequest, key: str) -> Meaning:
    """The organization of the account that the service acts for, or nothing."""
    return Options(key, ((request.organization,), None)) if request.organization else ABSENT


def source_account(request: ServiceRequest, key: str) -> Meaning:
    """The account that the service acts for, or nothing: not every integration says."""
    return Options(key, ((request.account,), None))


def source_paths(request: ServiceRequest, key: str) -> Meaning:
    """The place of that account in its organization, or nothing."""
    return paths_of(key, request.organization, fresh=request.fresh, optional=True)


def name(request: ServiceRequest, _key: str) -> Meaning:
    """`aws:PrincipalServiceName`."""
    return Fixed((request.service,))


def names(request: ServiceRequest, _key: str) -> Meaning:
    """`aws:PrincipalServiceNamesList`: the name that is known, and others of the same service, but of no other one."""
    return Contains(request.service, _others_names(request.service))


_NAMES = (
    ("lambda", "edgelambda", "replicator.lambda"),
    ("codebuild",),
    ("sagemaker",),
    ("ecs", "ecs-tasks"),
    ("ecr", "replication.ecr", "pullthroughcache.ecr"),
    ("apprunner", "build.apprunner", "tasks.apprunner"),
    ("batch",),
    ("events",),
    ("config",),
    ("cloudtrail",),
    ("s3",),
)
"""Some services by the names of their principals, all those of a service together: each may have others.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
"""
_IN_SOME_REGION = re.compile(r"\.[a-z]{2}(?:-[a-z]+)+-[0-9]+(?=\.amazonaws\.com)")
_ENDING = r"(?:\.[a-z]{2}(?:-[a-z]+)+-[0-9]+)?\.amazonaws\.com(?:\.cn)?"


@lru_cache(maxsize=64)
def _others_names(service: str) -> re.Pattern[str]:
    """What matches the names of services that are not the one with this name; nothing, if it is not known which."""
    own = _IN_SOME_REGION.sub("", service).partition(".amazonaws.com")[0]
    others = [name for group in _NAMES if own not in group for name in group] if any(own in g for g in _NAMES) else []
    return re.compile(f"(?:{'|'.join(map(re.escape, others))}){_ENDING}" if others else "(?!)")


def nobodys_customer(_request: ServiceRequest, _key: str) -> Meaning:
    """Absent, or something that is no customer's."""
    return NobodysCustomer(_PRINCIPALS)


_PRINCIPALS = re.compile(r"[0-9]{12}(?:$|[:*?])|arn:[^:*?]*:(?:iam|sts)::[0-9]|A[A-Z]{3}[A-Z0-9]{12,}")
"""Accounts, ARNs and unique ids of customers' principals."""


def type_of_nobody(_request: ServiceRequest, _key: str) -> Meaning:
    """`aws:PrincipalType`: for a service no page gives one, and these are those of customers.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    """
    return NobodysCustomer(_TYPES)


_TYPES = re.compile(r"(?:Account|User|FederatedUser)$")


def transport(_request: ServiceRequest, key: str) -> Meaning:
    """`aws:SecureTransport`: true, as every endpoint of ECR speaks HTTPS alone, unless AWS holds it back.

    https://docs.aws.amazon.com/general/latest/gr/ecr.html#ecr_region
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/infrastructure-security.html (TLS is required)
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html (and may be redacted)
    """
    return Options(key, (("true",),), (None,))


def sends_itself(_request: ServiceRequest, _key: str) -> Meaning:
    """`aws:ViaAWSService`: true only where a service uses the credentials of someone else."""
    return Fixed(("false",))


def is_service(_request: ServiceRequest, _key: str) -> Meaning:
    """`aws:PrincipalIsAWSService`."""
    return Fixed(("true",))
