"""Condition keys that say the same whoever asks: the repository's, those of time, and the tags of the call."""

from __future__ import annotations

from .domains import Options
from .key import ABSENT
from .lists import TAG_NAMES, RequestTags
from .request import Fixed, Meaning, PrincipalRequest, RequestKind, Tagging, Unsure
from .typed_domains import Times


def time(request: RequestKind, _key: str) -> Meaning:
    """`aws:CurrentTime` and `aws:EpochTime`: from the first day on that the judgement counts."""
    return Times("aws:currenttime", "aws:epochtime", request.repository.floor)


def transport(_request: RequestKind, key: str) -> Meaning:
    """`aws:SecureTransport`: whether plain HTTP gets through is not documented."""
    return Options(key, (("true",),), unsure=(("false",),))


def region(request: RequestKind, _key: str) -> Meaning:
    """`aws:RequestedRegion`."""
    repository = request.repository
    return Fixed((repository.region,)) if repository.region else Unsure(present=True, single=True)


def owner(request: RequestKind, _key: str) -> Meaning:
    """`aws:ResourceAccount`."""
    return Fixed((request.repository.owner,))


def owners_organization(request: RequestKind, _key: str) -> Meaning:
    """`aws:ResourceOrgID`, where it is given."""
    repository = request.repository
    return Fixed((repository.organization,)) if repository.organization else Unsure(single=True)


def owners_paths(_request: RequestKind, _key: str) -> Meaning:
    """`aws:ResourceOrgPaths`: nobody says where in its organization an account is."""
    return Unsure()


def tag(request: RequestKind, key: str) -> Meaning:
    """One tag of the repository, by its name without regard to case."""
    if not request.repository.tags_known:
        return Unsure(single=True)
    name = key.partition("/")[2]
    values = [value for other, value in request.repository.tags if other.lower() == name]
    if len(values) > 1:
        return Unsure(present=True, single=True)
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
