"""Condition keys that tell of the way of a request: its address, its VPC endpoint, the services it came through.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
"""

from __future__ import annotations

from ..patterns.charset import ANY, LABEL, LOWER
from ..patterns.tokens import Tokens, literal, star
from ..trust import glob
from .domains import PLAIN, Reading, Strings
from .lists import Lists
from .principal import ABSENT, Rows
from .request import SOME_ACCOUNT, SOME_ORGANIZATION, Fixed, Meaning, PrincipalRequest
from .shapes import ACCOUNT, HOST_NAME, ORGANIZATION, REGION, SERVICE_NAME, VPC, VPC_ENDPOINT, organization_paths
from .typed_domains import Addresses


def _source_ip(request: PrincipalRequest, key: str) -> Meaning:
    return Addresses(key) if request.network_path.address else ABSENT


def _own(name: str) -> Tokens:
    """The caller's own account or organization; one that is not asked for by its name is as good as any other."""
    return ACCOUNT if name == SOME_ACCOUNT else ORGANIZATION if name == SOME_ORGANIZATION else literal(name)


_VPC_LEAD = literal("arn:") + star(ANY) + literal(":vpc/")


def _vpc(request: PrincipalRequest, key: str) -> Meaning:
    """`aws:SourceVpcArn` and the id in it, `aws:SourceVpc`."""
    if not request.network_path.endpoint:
        return ABSENT
    start = literal(f"arn:{request.repository.partition}:ec2:") + REGION + literal(":")
    accounts = (ACCOUNT, _own(request.account))
    shapes = tuple(start + account + literal(":vpc/") + VPC for account in accounts)
    readings = {"aws:sourcevpcarn": PLAIN, "aws:sourcevpc": Reading(leads=(_VPC_LEAD,), charset=LABEL)}
    usual = f"arn:{request.repository.partition}:ec2:us-east-1:999988887777:vpc/vpc-0e1d2c3b4a5f60718"
    return Strings(readings, shapes, usual=usual)


def _endpoint(request: PrincipalRequest, key: str) -> Meaning:
    if not request.network_path.endpoint:
        return ABSENT
    return Strings({key: PLAIN}, (VPC_ENDPOINT,), usual="vpce-0a9b8c7d6e5f43210")


def _vpc_address(request: PrincipalRequest, key: str) -> Meaning:
    """The address in his own VPC that the request comes from; of IPv6 the page does not speak."""
    return Addresses(key, private=True, dual_stack=True) if request.network_path.endpoint else ABSENT


def _endpoint_account(request: PrincipalRequest, key: str) -> Meaning:
    """The outsider's own account, or any other but those inside: whether he has an endpoint there is not known."""
    if not request.network_path.endpoint:
        return ABSENT
    shapes = (ACCOUNT, _own(request.account))
    return Strings({key: PLAIN}, shapes, refused=tuple(map(literal, request.trusted.accounts)))


def _endpoint_organization(request: PrincipalRequest, key: str) -> Meaning:
    if not request.network_path.endpoint:
        return ABSENT
    shapes = (ORGANIZATION, _own(request.organization)) if request.organization else (ORGANIZATION,)
    whole = (path.removesuffix("/*") for path in request.trusted.paths if path.endswith("/*"))
    refused = tuple(map(literal, (*request.trusted.organizations, *(name for name in whole if "/" not in name))))
    return Strings({key: PLAIN}, shapes, optional=True, refused=refused)


def _endpoint_paths(request: PrincipalRequest, key: str) -> Meaning:
    if not request.network_path.endpoint:
        return Fixed(None, many=True)
    whole = tuple(literal(f"{name}/") + star(ANY) for name in request.trusted.organizations)
    refused = (*whole, *map(glob, request.trusted.paths))
    shapes = organization_paths(None, LOWER)
    return Strings({key: PLAIN}, shapes, optional=True, refused=refused)


def _called_via(request: PrincipalRequest, key: str) -> Meaning:
    """The services that forwarded the request; whether a direct call can name any is not documented."""
    shapes = (SERVICE_NAME, HOST_NAME)
    if not request.network_path.via:
        return Lists(Strings({key: PLAIN}, (), unsure=shapes))
    return Lists(Strings({key: PLAIN}, shapes, usual="cloudformation.amazonaws.com"))


def _called_via_one(request: PrincipalRequest, key: str) -> Meaning:
    """The first or the last of the services that forwarded the request, as `aws:CalledVia` has them."""
    shapes = (SERVICE_NAME, HOST_NAME)
    if not request.network_path.via:
        return Strings({key: PLAIN}, (), optional=True, unsure=shapes)
    return Strings({key: PLAIN}, shapes, optional=True, usual="cloudformation.amazonaws.com")


ROUTED: Rows = {
    "aws:sourceip": _source_ip,
    "aws:vpcsourceip": _vpc_address,
    "aws:sourcevpc": _vpc,
    "aws:sourcevpcarn": _vpc,
    "aws:sourcevpce": _endpoint,
    "aws:vpceaccount": _endpoint_account,
    "aws:vpceorgid": _endpoint_organization,
    "aws:vpceorgpaths": _endpoint_paths,
}
OF_TRUST = frozenset({"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
"""Keys of which nobody can tell whether an outsider may choose what trust covers."""
FORWARDED: Rows = {
    "aws:viaawsservice": lambda request, key: Fixed(("true" if request.network_path.via else "false",)),
    "aws:calledvia": _called_via,
    "aws:calledviafirst": _called_via_one,
    "aws:calledvialast": _called_via_one,
}
