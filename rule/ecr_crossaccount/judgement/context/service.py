"""Condition keys about an AWS service that calls, and about the account that it acts for.

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
"""Services whose resources are known to have no colons in their names. For SageMaker, this is true of all resources.

AWS does not document whether Lambda and CodeBuild ever send the ARN of a version, an alias or a build, which has one
more field.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html (FunctionArn)
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html (name)
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html (resource types)
"""


def is_well_known(service: str) -> bool:
    """Return whether the ARNs for which a service acts are known completely. `service` is its service principal."""
    return service.partition(".")[0] in _WELL_KNOWN


def source_arn(request: ServiceRequest, key: str) -> Meaning:
    """Return the domain of a resource of the account that the service acts for.

    Only a few services' names are known.
    """
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
    numbered = service + exactly(DIGIT) + star(ANY)  # a Region does not begin with a digit, and an account number does
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
    """Return the options of the organization of the account that the service acts for, or absence."""
    return Options(key, ((request.organization,), None)) if request.organization else ABSENT


def source_account(request: ServiceRequest, key: str) -> Meaning:
    """Return the options of the account that the service acts for. It can be absent: not every integration sends it."""
    return Options(key, ((request.account,), None))


def source_paths(request: ServiceRequest, key: str) -> Meaning:
    """Return the domain of the path of that account in its organization. It can be absent."""
    return paths_of(key, request.organization, fresh=request.fresh, optional=True)


def service_name(request: ServiceRequest, _key: str) -> Meaning:
    """Return the value of `aws:PrincipalServiceName`."""
    return Fixed((request.service,))


def service_names(request: ServiceRequest, _key: str) -> Meaning:
    """Return the meaning of `aws:PrincipalServiceNamesList`: the known name, and others of the same service."""
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
"""Some services by the names of their principals, with all known names of a service together. Each may have others.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
"""
_IN_SOME_REGION = re.compile(r"\.[a-z]{2}(?:-[a-z]+)+-[0-9]+(?=\.amazonaws\.com)")
_ENDING = r"(?:\.[a-z]{2}(?:-[a-z]+)+-[0-9]+)?\.amazonaws\.com(?:\.cn)?"


@lru_cache(maxsize=64)
def _others_names(service: str) -> re.Pattern[str]:
    """Return a pattern for the names of all other known services. It matches nothing if this service is unknown."""
    own = _IN_SOME_REGION.sub("", service).partition(".amazonaws.com")[0]
    others = [name for group in _NAMES if own not in group for name in group] if any(own in g for g in _NAMES) else []
    return re.compile(f"(?:{'|'.join(map(re.escape, others))}){_ENDING}" if others else "(?!)")


def nobodys_customer(_request: ServiceRequest, _key: str) -> Meaning:
    """Return the meaning of a key that is absent, or has a value that is not a customer's."""
    return NobodysCustomer(_PRINCIPALS)


_PRINCIPALS = re.compile(r"[0-9]{12}(?:$|[:*?])|arn:[^:*?]*:(?:iam|sts)::[0-9]|A[A-Z]{3}[A-Z0-9]{12,}")
"""Accounts, ARNs and unique ids of customers' principals."""


def type_of_nobody(_request: ServiceRequest, _key: str) -> Meaning:
    """Return the meaning of `aws:PrincipalType`. No page gives a type for a service, and these types are of customers.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    """
    return NobodysCustomer(_TYPES)


_TYPES = re.compile(r"(?:Account|User|FederatedUser)$")


def service_transport(_request: ServiceRequest, key: str) -> Meaning:
    """Return the options of `aws:SecureTransport`.

    It is true, because every endpoint of ECR uses only HTTPS, unless AWS omits it.

    https://docs.aws.amazon.com/general/latest/gr/ecr.html#ecr_region
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/infrastructure-security.html (TLS is required)
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html (and may be redacted)
    """
    return Options(key, (("true",),), (None,))


def referer(_request: ServiceRequest, key: str) -> Meaning:
    """Return the domain of `aws:referer`: absent, or perhaps any text.

    A policy of Amazon SES's guide grants by the account that SES sends in it. Other services may send it too.
    https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
    https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ses-actions/lib/s3.ts
    """
    return Strings({key: PLAIN}, (), optional=True, unsure=(star(ANY),))


def sends_itself(_request: ServiceRequest, _key: str) -> Meaning:
    """Return the value of `aws:ViaAWSService`. It is true only if a service uses the credentials of someone else."""
    return Fixed(("false",))


def is_service(_request: ServiceRequest, _key: str) -> Meaning:
    """Return the value of `aws:PrincipalIsAWSService`."""
    return Fixed(("true",))
