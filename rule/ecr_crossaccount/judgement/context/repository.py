"""Condition keys with the same value for every caller: those of the repository, of time, and the tags of the call."""

from __future__ import annotations

from ..patterns.charset import LOWER
from ..patterns.tokens import literal
from .key import ABSENT
from .lists import TAG_NAMES, RequestTags
from .request import Fixed, Meaning, PrincipalRequest, RequestKind, Tagging, Unsure
from .shapes import LATER_TAG_VALUE, REGION, organization_paths
from .typed_domains import Times

_REGIONS, _TAGS = (REGION,), (LATER_TAG_VALUE,)


def time(request: RequestKind, _key: str) -> Meaning:
    """Return the domain of `aws:CurrentTime` and `aws:EpochTime`, from the first day that the judgement covers."""
    return Times("aws:currenttime", "aws:epochtime", request.repository.floor)


def secure_transport(_request: PrincipalRequest, _key: str) -> Meaning:
    """Return the value of `aws:SecureTransport`. Every endpoint of ECR uses only HTTPS.

    https://docs.aws.amazon.com/general/latest/gr/ecr.html#ecr_region
    """
    return Fixed(("true",))


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
