"""Condition keys that say the same whoever asks: the repository's, those of time, and the tags of the call."""

from __future__ import annotations

from ..patterns.charset import LOWER
from ..patterns.tokens import literal
from .key import ABSENT
from .lists import TAG_NAMES, RequestTags
from .request import Fixed, Meaning, PrincipalRequest, RequestKind, Tagging, Unsure
from .shapes import REGION, TAG_VALUE, organization_paths
from .typed_domains import Times

_REGIONS, _TAGS = (REGION,), (TAG_VALUE,)


def time(request: RequestKind, _key: str) -> Meaning:
    """`aws:CurrentTime` and `aws:EpochTime`: from the first day on that the judgement counts."""
    return Times("aws:currenttime", "aws:epochtime", request.repository.floor)


def transport(_request: PrincipalRequest, _key: str) -> Meaning:
    """`aws:SecureTransport`: every endpoint of ECR speaks HTTPS alone.

    https://docs.aws.amazon.com/general/latest/gr/ecr.html#ecr_region
    """
    return Fixed(("true",))


def region(request: RequestKind, _key: str) -> Meaning:
    """`aws:RequestedRegion`."""
    repository = request.repository
    return Fixed((repository.region,)) if repository.region else Unsure(present=True, single=True, shapes=_REGIONS)


def owner(request: RequestKind, _key: str) -> Meaning:
    """`aws:ResourceAccount`."""
    return Fixed((request.repository.owner,))


def owners_organization(request: RequestKind, _key: str) -> Meaning:
    """`aws:ResourceOrgID`, where it is given."""
    repository = request.repository
    return Fixed((repository.organization,)) if repository.organization else Unsure(single=True)


def owners_paths(request: RequestKind, _key: str) -> Meaning:
    """`aws:ResourceOrgPaths`: the owner's place in its organization, or some place in it, as far as that is given."""
    if request.repository.path:
        return Fixed((request.repository.path,), many=True)
    organization = request.repository.organization
    return Unsure(present=True, shapes=organization_paths(organization, LOWER)) if organization else Unsure()


def tag(request: RequestKind, key: str) -> Meaning:
    """One tag of the repository, by its name without regard to case."""
    if not request.repository.tags_known:
        return Unsure(single=True, shapes=_TAGS)
    name = key.partition("/")[2]
    values = [value for other, value in request.repository.tags if other.lower() == name]
    if len(values) > 1:
        return Unsure(present=True, single=True, shapes=tuple(map(literal, values)))
    return Fixed(tuple(values) or None)


def request_tag(request: RequestKind, _key: str) -> Meaning:
    """`aws:RequestTag/…`: TagResource alone carries values."""
    if request.tagging is not Tagging.TAG:
        return ABSENT
    return RequestTags() if isinstance(request, PrincipalRequest) else Unsure(single=True)


def tag_names(request: RequestKind, _key: str) -> Meaning:
    """`aws:TagKeys`: TagResource and UntagResource carry names."""
    if request.tagging is Tagging.NONE:
        return ABSENT
    if not isinstance(request, PrincipalRequest):
        return Unsure()
    return RequestTags() if request.tagging is Tagging.TAG else TAG_NAMES
