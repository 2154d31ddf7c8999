"""Condition keys about the call: its network path, the service that sends it, and what is the same for every caller.

The network path is the address, the VPC endpoint, and services that forwarded the request. The same for every caller
are the keys of the repository, of time, and the tags of the call.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

`aws:RequestTag` and `aws:TagKeys` are the tags that a request passes, so an operation without tags in its input has
neither. An action outside the table may have any.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag
https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-supported-iam-actions-tagging.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..patterns.charsets import ANY, DIGIT, LABEL, LOWER
from ..patterns.tokens import Tokens, exactly, literal, star
from ..values.actions import CREATE_REPOSITORY, OUTSIDE_THE_TABLE, TAG_RESOURCE, UNTAG_RESOURCE
from ..values.trust_entries import glob
from .caller import options, paths_of, text
from .domains import Options, SourceArns, Strings
from .request import (
    ABSENT,
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Contains,
    Fixed,
    Meaning,
    NobodysCustomer,
    PrincipalRequest,
    RequestKind,
    ServiceRequest,
    Tagging,
    Unsure,
)
from .shapes import (
    ACCOUNT,
    ANY_RESOURCE,
    ANY_TEXT,
    HOST_NAME,
    LATER_TAG_VALUE,
    ONE_OF_LIST,
    ORGANIZATION,
    PLAIN,
    PLAIN_RESOURCE,
    REGION,
    REGION_OF_ARN,
    SERVICE_OF_ARN,
    VPC,
    VPC_ENDPOINT,
    WORDS,
    Reading,
    beginning,
    organization_paths,
)
from .typed_domains import TAG_NAMES, Addresses, Lists, RequestTags, Times


def source_ip(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the caller's address."""
    return Addresses(key)


def _own(name: str) -> Tokens:
    """Return the caller's account or organization. If the search must find it, return its general shape."""
    return ACCOUNT if name == SOME_ACCOUNT else ORGANIZATION if name == SOME_ORGANIZATION else literal(name)


_VPC_LEAD = literal("arn:") + star(ANY) + literal(":vpc/")


_VPC_READINGS = {"aws:sourcevpcarn": PLAIN, "aws:sourcevpc": Reading(leads=(_VPC_LEAD,), charset=LABEL)}


def vpc(request: PrincipalRequest, _key: str) -> Meaning:
    """Return the domain of `aws:SourceVpcArn` and of the id in it, `aws:SourceVpc`."""
    partition = request.repository.partition
    usual = f"arn:{partition}:ec2:us-east-1:999988887777:vpc/vpc-0e1d2c3b4a5f60718"
    return Strings(_VPC_READINGS, _vpcs(partition, request.account), usual=usual)


@lru_cache(maxsize=1024)
def _vpcs(partition: str, account: str) -> tuple[Tokens, ...]:
    """Return the ARNs of VPCs in any account, and in the caller's own."""
    start = literal(f"arn:{partition}:ec2:") + REGION + literal(":")
    return tuple(start + owner + literal(":vpc/") + VPC for owner in (ACCOUNT, _own(account)))


def endpoint(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of a VPC endpoint's id."""
    return Strings({key: PLAIN}, (VPC_ENDPOINT,), usual="vpce-0a9b8c7d6e5f43210")


def vpc_address(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the request's address in the caller's own VPC, IPv4 or IPv6."""
    return Addresses(key, private=True)


def endpoint_account(request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the account that owns the endpoint: the outsider's own, or any other.

    It is unknown whether the outsider can have an endpoint in an account inside.
    """
    shapes = (ACCOUNT, _own(request.account))
    return Strings({key: PLAIN}, shapes, refused=tuple(map(literal, request.trusted.accounts)))


def endpoint_organization(request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the organization that owns the endpoint: the outsider's own, or any other.

    It is unknown whether the outsider can have an endpoint in an organization inside.
    """
    shapes = (ORGANIZATION, _own(request.organization)) if request.organization else (ORGANIZATION,)
    # The rest of a path below the root is not an organization's id, so the key never has it.
    whole = (path.removesuffix("/*") for path in request.trusted.paths)
    refused = tuple(map(literal, (*request.trusted.organizations, *whole)))
    return Strings({key: PLAIN}, shapes, optional=True, refused=refused)


def endpoint_paths(request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the path of the endpoint's owner: any, except that a path inside is uncertain."""
    whole = tuple([beginning(f"{name}/") for name in request.trusted.organizations])
    refused = (*whole, *map(glob, request.trusted.paths))
    shapes = organization_paths(None, LOWER)
    return Strings({key: ONE_OF_LIST}, shapes, optional=True, refused=refused)


def called_via(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the services that forwarded the request. Not all services appear in it."""
    return Lists(Strings({key: PLAIN}, (HOST_NAME,), usual="cloudformation.amazonaws.com"))


called_via_one = text(HOST_NAME, usual="cloudformation.amazonaws.com")
"""The rule for the first or the last service in `aws:CalledVia`."""
called_via_mcp = text(HOST_NAME, usual="aws-mcp.amazonaws.com")
"""The rule for AWS's MCP service that forwarded the request, if there was one."""


def via_mcp(request: PrincipalRequest, key: str) -> Meaning:
    """Return the options of `aws:ViaAWSMCPService`. AWS's pages differ on whether it is false or absent otherwise."""
    return (_through_mcp if request.network_path.via else no_mcp)(request, key)


_through_mcp, no_mcp = options(["true"], [None, "false"]), options([], [None, "false"])
"""The rules of the same key if a service forwards the request, and if it does not or calls itself."""


def via_service(request: PrincipalRequest, _key: str) -> Meaning:
    """Return the value of `aws:ViaAWSService`."""
    return Fixed(("true" if request.network_path.via else "false",))


_REGIONS, _TAGS = (REGION,), (LATER_TAG_VALUE,)


def time(request: RequestKind, _key: str) -> Meaning:
    """Return the domain of `aws:CurrentTime` and `aws:EpochTime`, from the first day that the judgement covers."""
    return Times("aws:currenttime", "aws:epochtime", request.repository.floor)


def region(request: RequestKind, _key: str) -> Meaning:
    """Return the meaning of `aws:RequestedRegion`."""
    repository = request.repository
    return Fixed((repository.region,)) if repository.region else Unsure(present=True, single=True, shapes=_REGIONS)


def owner(request: RequestKind, _key: str) -> Meaning:
    """Return the value of `aws:ResourceAccount`."""
    return Fixed((request.repository.owner,))


def owners_organization(request: RequestKind, _key: str) -> Meaning:
    """Return the meaning of `aws:ResourceOrgID`, which may be unknown."""
    repository = request.repository
    return Fixed((repository.organization,)) if repository.organization else Unsure(single=True)


def owners_paths(request: RequestKind, _key: str) -> Meaning:
    """Return the meaning of `aws:ResourceOrgPaths`.

    It is the owner's path if that is known. If only the organization is known, it is some path in it.
    """
    if request.repository.path:
        return Fixed((request.repository.path,), many=True)
    organization = request.repository.organization
    return Unsure(present=True, shapes=organization_paths(organization, LOWER)) if organization else Unsure()


def resource_tag(request: RequestKind, key: str) -> Meaning:
    """Return the meaning of one tag of the repository. Its name is compared without regard to case."""
    name = key.partition("/")[2]
    values = [value for other, value in request.repository.tags if other.lower() == name]
    if len(values) > 1:
        return Unsure(present=True, single=True, shapes=tuple(map(literal, values)))
    if not values and not request.repository.tags_known:
        return Unsure(single=True, shapes=_TAGS)
    return Fixed(tuple(values) or None)


def request_tag(request: RequestKind, _key: str) -> Meaning:
    """Return the meaning of `aws:RequestTag/…`. TagResource and CreateRepository take values."""
    if request.tagging in (Tagging.NONE, Tagging.UNTAG):
        return ABSENT
    return RequestTags() if _are_chosen(request) else Unsure(single=True)


def tag_names(request: RequestKind, _key: str) -> Meaning:
    """Return the meaning of `aws:TagKeys`. UntagResource takes names too."""
    if request.tagging is Tagging.NONE:
        return ABSENT
    if not _are_chosen(request):
        return Unsure()
    return TAG_NAMES if request.tagging is Tagging.UNTAG else RequestTags()


def _are_chosen(request: RequestKind) -> bool:
    """Return whether the caller chooses the tags in a call. Those of a service's own call are unknown."""
    return isinstance(request, PrincipalRequest) and request.tagging is not Tagging.UNKNOWN


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
_IN_SOME_REGION = r"\.[a-z]{2}(?:-[a-z]+)+-[0-9]+(?=\.amazonaws\.com)"
_ENDING = r"(?:\.[a-z]{2}(?:-[a-z]+)+-[0-9]+)?\.amazonaws\.com(?:\.cn)?"


@lru_cache(maxsize=64)
def _others_names(service: str) -> re.Pattern[str]:
    """Return a pattern for the names of all other known services. It matches nothing if this service is unknown."""
    own = re.sub(_IN_SOME_REGION, "", service).partition(".amazonaws.com")[0]
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


service_transport = options(["true"], [None])
"""The rule of `aws:SecureTransport`. It is true, because every endpoint of ECR uses only HTTPS, unless AWS omits it.

https://docs.aws.amazon.com/general/latest/gr/ecr.html#ecr_region
https://docs.aws.amazon.com/AmazonECR/latest/userguide/infrastructure-security.html (TLS is required)
https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html (and may be redacted)
"""
referer = text(odd=[star(ANY)])
"""The rule of `aws:referer`: absent, or perhaps any text.

A policy of Amazon SES's guide grants by the account that SES sends in it. Other services may send it too.
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-permissions.html
https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ses-actions/lib/s3.ts
"""

_CARRYING = {
    Tagging.TAG: TAG_RESOURCE,
    Tagging.CREATE: CREATE_REPOSITORY,
    Tagging.UNTAG: UNTAG_RESOURCE,
    Tagging.UNKNOWN: OUTSIDE_THE_TABLE,
}
ACTIONS_BY_TAGGING = {Tagging.NONE: ~sum(_CARRYING.values()), **_CARRYING}
"""The set of actions for each kind of tags in a call. Each action is in one of them."""
