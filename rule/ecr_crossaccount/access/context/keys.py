"""The context-key table: what each key can hold in a request from outside, and who decides it.

The rows stand in `principal`, `network` and `service`, each with its page of the guide; here are those that say the
same whoever asks. A key that stands in no row is unsure: AWS adds global keys every year, and "unknown means absent"
would make each of them a false COMPLIANT.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from collections.abc import Hashable

from .domains import Options
from .lists import REQUEST_TAG, TAG_KEYS, TAG_NAMES, RequestTags
from .network import FORWARDED, OF_TRUST, ROUTED
from .principal import ABSENT, CALLER, ISSUER, SESSION, principal_tag
from .request import (
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Fixed,
    Meaning,
    PrincipalRequest,
    PrincipalType,
    RequestKind,
    ServiceRequest,
    Tagging,
    Unsure,
)
from .service import SOURCE, is_well_known
from .typed_domains import Times

_ABSENT_PREFIXES = frozenset({"s3", "kms", "sts", "iam", "dynamodb"})
"""Services whose keys an ECR call never carries: a closed list, to be extended only with a source."""

_RESOURCE_TAGS = ("aws:resourcetag/", "ecr:resourcetag/")
_PRINCIPAL_TAG = "aws:principaltag/"
_COMMON = frozenset(
    {
        "aws:securetransport",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:currenttime",
        "aws:epochtime",
    }
)
_NO_SOURCE: dict[str, Meaning] = {
    "aws:sourceaccount": ABSENT,
    "aws:sourcearn": ABSENT,
    "aws:sourceorgid": ABSENT,
    "aws:sourceorgpaths": Fixed(None, many=True),
    "aws:principalservicename": ABSENT,
    "aws:principalservicenameslist": Fixed(None, many=True),
    "aws:principalisawsservice": Fixed(("false",)),
}
"""Keys of services: a principal who calls directly never carries them."""


def _resource_tag(request: RequestKind, tag: str) -> Meaning:
    if not request.repository.tags_known:
        return Unsure(single=True)
    values = [value for name, value in request.repository.tags if name.lower() == tag]
    if len(values) > 1:
        return Unsure(present=True, single=True)
    return Fixed(tuple(values) or None)


def _common(request: RequestKind, key: str) -> Meaning | None:
    """The keys that say the same whoever asks."""
    repository = request.repository
    match key:
        case "aws:currenttime" | "aws:epochtime":
            return Times("aws:currenttime", "aws:epochtime", repository.floor)
        case "aws:securetransport":
            return Options(key, (("true",),), unsure=(("false",),))
        case "aws:requestedregion":
            return Fixed((repository.region,)) if repository.region else Unsure(present=True, single=True)
        case "aws:resourceaccount":
            return Fixed((repository.owner,))
        case "aws:resourceorgid":
            return Fixed((repository.organization,)) if repository.organization else Unsure(single=True)
    return _resource_tags(request, key) or (ABSENT if key.partition(":")[0] in _ABSENT_PREFIXES else None)


def _resource_tags(request: RequestKind, key: str) -> Meaning | None:
    for prefix in _RESOURCE_TAGS:
        if key.startswith(prefix):
            return _resource_tag(request, key.removeprefix(prefix))
    return None


def _request_tags(request: RequestKind, key: str) -> Meaning | None:
    """The tags of the call: only TagResource and UntagResource carry any."""
    if key != TAG_KEYS and not key.startswith(REQUEST_TAG):
        return None
    if request.tagging is Tagging.NONE or (request.tagging is Tagging.UNTAG and key != TAG_KEYS):
        return Fixed(None, many=key == TAG_KEYS)
    if isinstance(request, ServiceRequest):
        return Unsure(single=key != TAG_KEYS)
    return RequestTags() if request.tagging is Tagging.TAG else TAG_NAMES


def meaning(request: RequestKind, key: str) -> Meaning:
    """Return what a key, in lower case, means in a request of this kind."""
    found = _common(request, key) or _request_tags(request, key)
    if found is not None:
        return found
    return _of_service(request, key) if isinstance(request, ServiceRequest) else _of_principal(request, key)


def _of_service(request: ServiceRequest, key: str) -> Meaning:
    row = SOURCE.get(key)
    return row(request, key) if row else Unsure(single=_is_single(key))


def _of_principal(request: PrincipalRequest, key: str) -> Meaning:
    if key in _NO_SOURCE:
        return _NO_SOURCE[key]
    if key.startswith(_PRINCIPAL_TAG):
        return principal_tag(request, key)
    issuer, _, claim = key.rpartition(":")
    row = CALLER.get(key) or ROUTED.get(key) or FORWARDED.get(key) or SESSION.get(key)
    if row is None and "." in issuer:
        row = ISSUER.get(claim)
    return row(request, key) if row else Unsure()


_MULTIVALUED = frozenset({"aws:calledvia", "aws:vpceorgpaths", "aws:resourceorgpaths"})


def _is_single(key: str) -> bool:
    """Whether a key is known to have one value at most."""
    rows = (CALLER, ROUTED, FORWARDED, SESSION)
    known = key.startswith(_PRINCIPAL_TAG) or any(key in row for row in rows)
    return known and key not in _MULTIVALUED


def is_of_repository(key: str) -> bool:
    """Tell whether a key says the same whoever asks: the repository, the time, the transport."""
    return key in _COMMON or key.startswith(_RESOURCE_TAGS)


_EARLY = _COMMON | frozenset({"aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", *_NO_SOURCE})


def is_early(key: str) -> bool:
    """Tell whether a key depends on account and organization at most, not on how a request is sent and by whom."""
    return key in _EARLY or key.startswith(_RESOURCE_TAGS)


_OF_TYPES = frozenset({"aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"})


def depends_on_type(key: str) -> bool:
    """Tell whether other types of principals can give a key values that a role's session cannot."""
    return key in _OF_TYPES


def is_bound(key: str) -> bool:
    """Tell whether a key moves with the caller's account, his organization, the type of principal or the network."""
    return key in _BOUND or key in SESSION or key in ROUTED or key in FORWARDED or "." in key


_BOUND = _OF_TYPES | _EARLY - _COMMON
_OF_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


def is_of_organization(key: str) -> bool:
    """Tell whether a key depends on the caller's organization and on nothing else of him."""
    return key in _OF_ORGANIZATION


def is_of_network(key: str) -> bool:
    """Tell whether a key depends on the way of the request."""
    return key in ROUTED or key in FORWARDED


def is_of_caller(key: str) -> bool:
    """Tell whether a key depends on the caller's account and the type of principal, and on nothing else."""
    return key in _OF_TYPES or key in SESSION or key == "aws:principalaccount"


def facet(request: RequestKind, key: str) -> Hashable:  # noqa: PLR0911 - a table
    """Return what a key's meaning depends on: in requests with the same facet it means the same."""
    if is_of_repository(key):
        return None
    if isinstance(request, ServiceRequest):
        return _service_facet(request, key)
    if key in ROUTED or key in FORWARDED:
        return (
            request.network_path,
            request.account,
            request.organization,
            request.trusted if key in OF_TRUST else None,
        )
    if key in _OF_ORGANIZATION:
        return (
            request.organization,
            request.fresh,
            request.named_apart if request.organization == SOME_ORGANIZATION else None,
        )
    if key == TAG_KEYS or key.startswith(REQUEST_TAG):
        return request.tagging
    if key in _OF_TYPES or key in SESSION or key == "aws:principalaccount":
        return (
            request.account,
            request.principal_type,
            request.named_apart if request.account == SOME_ACCOUNT else None,
        )
    return request.principal_type is PrincipalType.ROOT, request.principal_type is PrincipalType.ROLE


def _service_facet(request: ServiceRequest, key: str) -> Hashable:
    if key == "aws:sourcearn":
        return (request.account, is_well_known(request.service))
    if key == "aws:sourceaccount":
        return request.account
    if key in ("aws:sourceorgid", "aws:sourceorgpaths"):
        return (request.organization, request.fresh)
    if key in ("aws:principalservicename", "aws:principalservicenameslist"):
        return (request.service, request.tagging)
    return (_SERVICE, request.tagging)


_SERVICE = "service"


def is_of_source(key: str) -> bool:
    """Tell whether a key moves with the account that a service acts for."""
    return key in ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")


_WRITTEN = """
    aws:PrincipalArn aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalType
    aws:userid aws:username aws:PrincipalIsAWSService aws:PrincipalServiceName aws:PrincipalServiceNamesList
    aws:SourceIp aws:VpcSourceIp aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:VpceAccount
    aws:VpceOrgID aws:VpceOrgPaths
    aws:ViaAWSService aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:UserAgent aws:Referer
    aws:SourceIdentity aws:MultiFactorAuthPresent
    aws:MultiFactorAuthAge aws:TokenIssueTime aws:CurrentTime aws:EpochTime aws:SecureTransport
    aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:SourceAccount aws:SourceArn aws:SourceOrgID
    aws:SourceOrgPaths aws:TagKeys
"""
NAMES = {name.lower(): name for name in _WRITTEN.split()}
"""How AWS writes the keys of these tables, by their lower-case form."""
