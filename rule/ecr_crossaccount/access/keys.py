"""The context-key table: what each key can hold in a request from outside, and who decides it.

The rows stand in `callers`, `routes` and `sources`, each with its page of the guide; here are those that say the
same whoever asks. A key that stands in no row is unsure: AWS adds global keys every year, and "unknown means absent"
would make each of them a false COMPLIANT.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from collections.abc import Hashable

from .callers import ABSENT, CALLER, ISSUER, SESSION, principal_tag
from .domains import Options
from .lists import REQUEST_TAG, TAG_KEYS, TAG_NAMES, RequestTags
from .routes import FORWARDED, OF_TRUST, ROUTED
from .scene import SOME_ACCOUNT, SOME_ORGANIZATION, Deputy, Fixed, Meaning, Outsider, Scene, Sort, Tagging, Unsure
from .sources import SOURCE, is_well_known
from .typed import Times

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


def _resource_tag(scene: Scene, tag: str) -> Meaning:
    if not scene.place.tags_known:
        return Unsure(single=True)
    values = [value for name, value in scene.place.tags if name.lower() == tag]
    if len(values) > 1:
        return Unsure(present=True, single=True)
    return Fixed(tuple(values) or None)


def _common(scene: Scene, key: str) -> Meaning | None:
    """The keys that say the same whoever asks."""
    place = scene.place
    match key:
        case "aws:currenttime" | "aws:epochtime":
            return Times("aws:currenttime", "aws:epochtime", place.floor)
        case "aws:securetransport":
            return Options(key, (("true",),), unsure=(("false",),))
        case "aws:requestedregion":
            return Fixed((place.region,)) if place.region else Unsure(present=True, single=True)
        case "aws:resourceaccount":
            return Fixed((place.owner,))
        case "aws:resourceorgid":
            return Fixed((place.organization,)) if place.organization else Unsure(single=True)
    return _resource_tags(scene, key) or (ABSENT if key.partition(":")[0] in _ABSENT_PREFIXES else None)


def _resource_tags(scene: Scene, key: str) -> Meaning | None:
    for prefix in _RESOURCE_TAGS:
        if key.startswith(prefix):
            return _resource_tag(scene, key.removeprefix(prefix))
    return None


def _request_tags(scene: Scene, key: str) -> Meaning | None:
    """The tags of the call: only TagResource and UntagResource carry any."""
    if key != TAG_KEYS and not key.startswith(REQUEST_TAG):
        return None
    if scene.tagging is Tagging.NONE or (scene.tagging is Tagging.UNTAG and key != TAG_KEYS):
        return Fixed(None, many=key == TAG_KEYS)
    if isinstance(scene, Deputy):
        return Unsure(single=key != TAG_KEYS)
    return RequestTags() if scene.tagging is Tagging.TAG else TAG_NAMES


def meaning(scene: Scene, key: str) -> Meaning:
    """Return what a key, in lower case, means in a request of this kind."""
    found = _common(scene, key) or _request_tags(scene, key)
    if found is not None:
        return found
    return _deputys(scene, key) if isinstance(scene, Deputy) else _outsiders(scene, key)


def _deputys(scene: Deputy, key: str) -> Meaning:
    row = SOURCE.get(key)
    return row(scene, key) if row else Unsure(single=_is_single(key))


def _outsiders(scene: Outsider, key: str) -> Meaning:
    if key in _NO_SOURCE:
        return _NO_SOURCE[key]
    if key.startswith(_PRINCIPAL_TAG):
        return principal_tag(scene, key)
    issuer, _, claim = key.rpartition(":")
    row = CALLER.get(key) or ROUTED.get(key) or FORWARDED.get(key) or SESSION.get(key)
    if row is None and "." in issuer:
        row = ISSUER.get(claim)
    return row(scene, key) if row else Unsure()


_MULTIVALUED = frozenset({"aws:calledvia", "aws:vpceorgpaths", "aws:resourceorgpaths"})


def _is_single(key: str) -> bool:
    """Whether a key is known to have one value at most."""
    rows = (CALLER, ROUTED, FORWARDED, SESSION)
    known = key.startswith(_PRINCIPAL_TAG) or any(key in row for row in rows)
    return known and key not in _MULTIVALUED


_EARLY = _COMMON | frozenset({"aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", *_NO_SOURCE})


def is_early(key: str) -> bool:
    """Tell whether a key depends on account and organization at most, not on how a request is sent and by whom."""
    return key in _EARLY or key.startswith(_RESOURCE_TAGS)


_OF_SORTS = frozenset({"aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"})


def depends_on_sort(key: str) -> bool:
    """Tell whether other sorts of principals can give a key values that a role's session cannot."""
    return key in _OF_SORTS


def is_bound(key: str) -> bool:
    """Tell whether a key moves with the caller's account, his organization, the sort of principal or the route."""
    return key in _BOUND or key in SESSION or key in ROUTED or key in FORWARDED or "." in key


_BOUND = _OF_SORTS | _EARLY - _COMMON
_OF_ORGANIZATION = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


def is_of_organization(key: str) -> bool:
    """Tell whether a key depends on the caller's organization and on nothing else of him."""
    return key in _OF_ORGANIZATION


def is_of_route(key: str) -> bool:
    """Tell whether a key depends on the way of the request."""
    return key in ROUTED or key in FORWARDED


def is_of_caller(key: str) -> bool:
    """Tell whether a key depends on the caller's account and the sort of principal, and on nothing else."""
    return key in _OF_SORTS or key in SESSION or key == "aws:principalaccount"


def facet(scene: Scene, key: str) -> Hashable:  # noqa: PLR0911 - a table
    """Return what a key's meaning depends on: in scenes with the same facet it means the same."""
    if key in _COMMON or key.startswith(_RESOURCE_TAGS):
        return None
    if isinstance(scene, Deputy):
        return _deputys_facet(scene, key)
    if key in ROUTED or key in FORWARDED:
        return (scene.route, scene.account, scene.organization, scene.inside if key in OF_TRUST else None)
    if key in _OF_ORGANIZATION:
        return (scene.organization, scene.fresh, scene.apart if scene.organization == SOME_ORGANIZATION else None)
    if key == TAG_KEYS or key.startswith(REQUEST_TAG):
        return scene.tagging
    if key in _OF_SORTS or key in SESSION or key == "aws:principalaccount":
        return (scene.account, scene.sort, scene.apart if scene.account == SOME_ACCOUNT else None)
    return scene.sort is Sort.ROOT, scene.sort is Sort.ROLE


def _deputys_facet(scene: Deputy, key: str) -> Hashable:
    if key == "aws:sourcearn":
        return (scene.account, is_well_known(scene.service))
    if key == "aws:sourceaccount":
        return scene.account
    if key in ("aws:sourceorgid", "aws:sourceorgpaths"):
        return (scene.organization, scene.fresh)
    if key in ("aws:principalservicename", "aws:principalservicenameslist"):
        return (scene.service, scene.tagging)
    return (_DEPUTY, scene.tagging)


_DEPUTY = "deputy"


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
