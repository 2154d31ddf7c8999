"""Condition keys about the network path of a request: its address, its VPC endpoint, and services that forwarded it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
"""

from __future__ import annotations

from functools import lru_cache

from ..patterns.charset import ANY, LABEL, LOWER
from ..patterns.tokens import Tokens, literal, star
from ..values.trust_entries import glob
from .domains import Options, Strings
from .lists import Lists
from .readings import ONE_OF_LIST, PLAIN, Reading
from .request import SOME_ACCOUNT, SOME_ORGANIZATION, Fixed, Meaning, PrincipalRequest, ServiceRequest
from .shapes import ACCOUNT, HOST_NAME, ORGANIZATION, REGION, VPC, VPC_ENDPOINT, beginning, organization_paths
from .typed_domains import Addresses


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


def called_via_one(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of the first or the last service in `aws:CalledVia`."""
    return Strings({key: PLAIN}, (HOST_NAME,), optional=True, usual="cloudformation.amazonaws.com")


def called_via_mcp(_request: PrincipalRequest, key: str) -> Meaning:
    """Return the domain of AWS's MCP service that forwarded the request, if there was one."""
    return Strings({key: PLAIN}, (HOST_NAME,), optional=True, usual="aws-mcp.amazonaws.com")


def via_mcp(request: PrincipalRequest, key: str) -> Meaning:
    """Return the options of `aws:ViaAWSMCPService`. AWS's pages differ on whether it is false or absent otherwise."""
    return Options(key, (("true",),), _NO_MCP) if request.network_path.via else Options(key, (), _NO_MCP)


def no_mcp(_request: ServiceRequest, key: str) -> Meaning:
    """Return the options of the same key if a service itself calls."""
    return Options(key, (), _NO_MCP)


_NO_MCP = (None, ("false",))


def via_service(request: PrincipalRequest, _key: str) -> Meaning:
    """Return the value of `aws:ViaAWSService`."""
    return Fixed(("true" if request.network_path.via else "false",))
