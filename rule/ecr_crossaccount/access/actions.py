"""Which ECR actions reach a repository through its policy, and how far.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..policy.document import Actions
from ..policy.holes import Hole, Holed, Text
from ..policy.pattern import Wild, pattern
from .conditions.comparisons import string_tokens
from .patterns.charset import ANY, GENERIC
from .patterns.tokens import matches
from .verdict import Access

_TABLE = {
    Access.READ: """
        BatchCheckLayerAvailability BatchGetImage BatchGetRepositoryScanningConfiguration
        DescribeImageReplicationStatus DescribeImages DescribeImageScanFindings DescribeImageSigningStatus
        DescribeRepositories GetDownloadUrlForLayer GetImageCopyStatus GetLifecyclePolicy GetLifecyclePolicyPreview
        GetRepositoryPolicy ListImages ListImageReferrers ListTagsForResource""",
    Access.WRITE: """
        BatchDeleteImage BatchImportUpstreamImage CompleteLayerUpload InitiateLayerUpload PutImage ReplicateImage
        StartImageScan StartLifecyclePolicyPreview TagResource UntagResource UpdateImageStorageClass
        UploadLayerPart""",
    Access.ADMIN: """
        SetRepositoryPolicy DeleteRepositoryPolicy DeleteRepository PutLifecyclePolicy DeleteLifecyclePolicy
        PutImageScanningConfiguration PutImageTagMutability""",
}
_REGISTRY_LEVEL = frozenset(
    """
    GetAuthorizationToken CreateRepository CreatePullThroughCacheRule CreateRepositoryCreationTemplate
    DeletePullThroughCacheRule DeleteRegistryPolicy DeleteRepositoryCreationTemplate DeleteSigningConfiguration
    DeregisterPullTimeUpdateExclusion DescribePullThroughCacheRules DescribeRegistry
    DescribeReplicationBackfillResults DescribeRepositoryCreationTemplates GetAccountSetting GetRegistryPolicy
    GetRegistryScanningConfiguration GetSigningConfiguration ListPullTimeUpdateExclusions
    ListReplicationBackfills PutAccountSetting PutRegistryPolicy PutRegistryScanningConfiguration
    PutReplicationConfiguration PutSigningConfiguration RegisterPullTimeUpdateExclusion StartReplicationBackfill
    StopReplicationBackfill UpdatePullThroughCacheRule UpdateRepositoryCreationTemplate
    ValidatePullThroughCacheRule
""".lower().split()
)
"""A repository policy cannot grant these: they concern the registry, whatever pattern matches them."""

_OF_REGISTRY = {
    Access.READ: """
        DescribePullThroughCacheRules DescribeReplicationBackfillResults ListReplicationBackfills
        ValidatePullThroughCacheRule""",
    Access.WRITE: """
        CreateRepository DeletePullThroughCacheRule StartReplicationBackfill StopReplicationBackfill
        UpdatePullThroughCacheRule CreatePullThroughCacheRule""",
}
"""What a registry policy can grant besides: the operations that take a registryId, so that another account can name
the registry that it means.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
"""

_HARMLESS = """
    BatchCheckLayerAvailability BatchGetRepositoryScanningConfiguration DescribeImageReplicationStatus
    DescribeImageSigningStatus DescribeRepositories GetImageCopyStatus GetLifecyclePolicy
    GetRepositoryPolicy ListTagsForResource
"""
"""READ that tells of a repository's settings and of nothing that its images hold."""

NAMES: tuple[str, ...] = tuple(name for text in _TABLE.values() for name in text.split())
"""The actions on a repository; the place of a name is its bit in a set of actions."""
_ALL = (*NAMES, *(name for text in _OF_REGISTRY.values() for name in text.split()))

_SERVICE = "ecr:"
_LOWER = tuple(f"{_SERVICE}{name.lower()}" for name in _ALL)
_BITS = {name: 1 << place for place, name in enumerate(_LOWER)}
_WRITTEN = tuple((1 << place, f"{_SERVICE}{name}") for place, name in enumerate(_ALL))


def _bits(names: str) -> int:
    return sum(_BITS[f"ecr:{name.lower()}"] for name in names.split())


MASKS: dict[Access, int] = {access: _bits(names) for access, names in _TABLE.items()}
EVERY = sum(MASKS.values())
"""The actions on a repository, as a set."""
BESIDES: dict[Access, int] = {access: _bits(names) for access, names in _OF_REGISTRY.items()}
CONTRADICTED = _bits("CreatePullThroughCacheRule")
"""What AWS says of it differs from page to page: that registry policies grant it, and that identities alone can."""
EVERY_OF_REGISTRY = (EVERY | sum(BESIDES.values())) & ~CONTRADICTED
HARMLESS = _bits(_HARMLESS) | BESIDES[Access.READ]
OF_SERVICE_LINKED_ROLES = _bits("ReplicateImage BatchImportUpstreamImage")
"""What the service-linked roles of ECR call, of replication and of pull-through caches.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/using-service-linked-roles.html
"""
SCOPE_V1 = OF_SERVICE_LINKED_ROLES
"""The actions on a repository on which a registry policy of scope V1 counts; the third is ecr:CreateRepository.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""
PERHAPS_OF_SERVICE_LINKED_ROLES = _bits("BatchGetImage GetDownloadUrlForLayer GetImageCopyStatus")
"""What else a cache calls upstream, perhaps with its service-linked role; it pushes into its own registry alone.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSECRPullThroughCache_ServiceRolePolicy.html
"""
TAG_RESOURCE = _bits("TagResource")
UNTAG_RESOURCE = _bits("UntagResource")


class ActionSets:
    """Turns action patterns into sets of actions, as bit masks.

    A set holds actions of the table, and actions that an Allow writes out literally and no table names, or would, once
    a hole is filled: those get bits of their own, above the table's, and count as WRITE. Allows are to be read before
    Denies. `reach` are the actions of the table that a policy can grant.
    """

    __slots__ = ("_others", "_reach")

    def __init__(self, reach: int = EVERY) -> None:
        self._others: list[Text] = []
        self._reach = reach

    def allowed(self, actions: Actions) -> tuple[int, int]:
        """The actions that an Allow names for certain, and those that it names if holes are filled for the worst."""
        known, filled, unlisted, new = _taken_apart(actions)
        if actions.negated:
            return self._reach & ~(known | filled), self._reach & ~known
        known, filled = known & self._reach, filled & self._reach
        for name in unlisted:
            known |= self._bit(name)
        for text in new:
            filled |= self._bit(text)
        return known, known | filled

    def denied(self, actions: Actions) -> int:
        """The actions that a Deny names for certain."""
        known, filled, *_ = _taken_apart(actions)
        if not actions.negated:
            return known | self._others_like(actions)
        return (self._reach & ~(known | filled)) | self._others_unlike(actions)

    @property
    def others(self) -> tuple[Text, ...]:
        """The actions that no table names and that have been read so far."""
        return tuple(self._others)

    def bit_of(self, name: str) -> int:
        """The bit of an action that the table names or that has been read, written `ecr:PutImage`."""
        return _BITS.get(name.lower()) or 1 << len(_ALL) + [str(one) for one in self._others].index(name)

    def _bit(self, name: Text) -> int:
        """The bit of an action that no table names."""
        known = [str(other).lower() for other in self._others]
        if str(name).lower() not in known:
            self._others.append(name)
            return 1 << len(_ALL) + len(known)
        return 1 << len(_ALL) + known.index(str(name).lower())

    def _others_like(self, actions: Actions) -> int:
        """The actions that no table names and that an element names, whatever fills their holes."""
        written = [text.lower() for text in actions.patterns if isinstance(text, str)]
        return sum(
            1 << len(_ALL) + place
            for place, other in enumerate(self._others)
            if any(all(_like(text, filling) for filling in _fillings(other)) for text in written)
        )

    def _others_unlike(self, actions: Actions) -> int:
        """The actions that no table names and that an element names by no filling of a hole, theirs or its own."""
        if not all(isinstance(text, str) for text in actions.patterns):
            return 0
        literal = sum(1 << len(_ALL) + place for place, one in enumerate(self._others) if isinstance(one, str))
        return literal & ~self._others_like(actions)

    def names(self, mask: int) -> tuple[str, ...]:
        """The actions of a set, written `ecr:PutImage`, in the table's order."""
        others = mask >> len(_ALL)
        return (*_names(mask), *[str(one) for place, one in enumerate(self._others) if others >> place & 1])


def beyond(names: Iterable[Text], text: str) -> tuple[str, ...]:
    """Return those of some actions that no table names and that a pattern matches, or may once holes are filled."""
    found = [str(one) for one in names if _may_be_like(text.lower(), one)]
    return tuple(dict.fromkeys(one for one in found if one.lower() not in _BITS))


def _may_be_like(text: str, name: Text) -> bool:
    """Whether a pattern may match an action; where that has holes, what is before the first one tells."""
    if isinstance(name, str):
        return _like(text, name.lower())
    start = name.parts[0].lower() if isinstance(name.parts[0], str) else ""
    lead = text.replace("?", "*").partition("*")[0]
    return start.startswith(lead) or lead.startswith(start)


@lru_cache(maxsize=1024)
def _names(mask: int) -> tuple[str, ...]:
    return tuple([name for place in range(0, len(_ALL), _EIGHT) for name in _names_from(place, mask >> place & 0xFF)])


_EIGHT = 8
"""Actions whose names are looked up together: sets differ, and of eight there are few."""


@lru_cache(maxsize=2048)
def _names_from(place: int, mask: int) -> tuple[str, ...]:
    return tuple([name for bit, name in _WRITTEN[place : place + _EIGHT] if mask << place & bit])


@lru_cache(maxsize=1024)
def _taken_apart(actions: Actions) -> tuple[int, int, tuple[str, ...], tuple[Holed, ...]]:
    """The actions of the table that patterns match, those that holes may match; then what no table names.

    Those are literal ones, and those with holes that may become one.
    """
    new = tuple([text for text in actions.patterns if isinstance(text, Holed) and _may_be_new(text)])
    return _known(actions), _filled(actions), _unlisted(actions), new


def _unlisted(actions: Actions) -> tuple[str, ...]:
    """The ECR actions that are written out literally and that no table names."""
    unknown = [text for text in actions.patterns if isinstance(text, str) and text.lower() not in _BITS]
    names = [text.partition(":") for text in unknown if _is_literal(text)]
    return tuple([f"ecr:{name}" for service, _, name in names if service.lower() == "ecr" and _is_new(name.lower())])


def _is_literal(text: str) -> bool:
    return "*" not in text and "?" not in text


_FILLING = GENERIC * 64
"""What a hole in an action may be, besides nothing: a pattern that matches both matches every filling.

No pattern writes it out, and it is longer than what the `?` of a pattern stand for.
"""


def _fillings(text: Text) -> tuple[str, ...]:
    """An action with and without something in its holes, in small letters."""
    if isinstance(text, str):
        return (text.lower(),)
    filled = ("".join(one if isinstance(one, str) else filling for one in text.parts) for filling in ("", _FILLING))
    return tuple(one.lower() for one in filled)


def _may_be_new(text: Holed) -> bool:
    """Whether a filling writes out an ECR action that no table names; a pattern counts for those of the table alone."""
    if not all(_is_literal(part) for part in text.parts if isinstance(part, str)):
        return False
    first, last = text.parts[0], text.parts[-1]
    start = first.lower() if isinstance(first, str) else ""
    if not start.startswith(_SERVICE[: len(start)]):
        return False
    _, colon, name = last.lower().rpartition(":") if isinstance(last, str) else ("", "", "")
    return not colon or _is_new(name)


def _is_new(name: str) -> bool:
    return f"ecr:{name}" not in _BITS and name not in _REGISTRY_LEVEL


def _known(actions: Actions) -> int:
    found = 0
    for text in actions.patterns:
        if isinstance(text, str):
            found |= _matching(text.lower())
    return found


def _filled(actions: Actions) -> int:
    found = 0
    for text in actions.patterns:
        if isinstance(text, Holed):
            found |= _matching_holed(text)
    return found


_PARTS = tuple(
    (access, mask | BESIDES.get(access, 0) | (-1 << len(_ALL) if access is Access.WRITE else 0))
    for access, mask in MASKS.items()
)
TAMPERING = sum(mask for access, mask in _PARTS if access is not Access.READ) & ~_bits(
    "StartImageScan StartLifecyclePolicyPreview"
)
"""WRITE and ADMIN but for what changes no image, and every action that no table names."""


@lru_cache(maxsize=1024)
def access_of(mask: int) -> tuple[Access, ...]:
    """The kinds of access that a set of actions holds; an action that no table names is WRITE."""
    return tuple(access for access, part in _PARTS if mask & part)


def access_of_names(names: Iterable[str]) -> tuple[Access, ...]:
    """Return the kinds of access that actions written `ecr:PutImage` hold."""
    mask = 0
    for name in names:
        mask |= _BITS.get(name.lower(), 1 << len(_ALL))
    return access_of(mask)


@lru_cache(maxsize=1024)
def split(mask: int) -> tuple[tuple[int, int], ...]:
    """Return the parts of a set of actions by rank of access, leaving out empty ones."""
    return tuple((rank, mask & part) for rank, (_, part) in enumerate(_PARTS) if mask & part)


def of_ranks(ranks: Iterable[int]) -> int:
    """The set of every action whose access has one of some ranks, those that no table names included."""
    mask = 0
    for rank in ranks:
        mask |= _PARTS[rank][1]
    return mask


@lru_cache(maxsize=4096)
def _matching(text: str) -> int:
    if text in _BITS:
        return _BITS[text]
    if _is_literal(text):
        return 0
    tokens = string_tokens(pattern(text, wild=True, variables=False).parts, ANY)
    return sum(bit for name, bit in _BITS.items() if matches(tokens, name))


@lru_cache(maxsize=1024)
def _like(text: str, name: str) -> bool:
    return matches(string_tokens(pattern(text, wild=True, variables=False).parts, ANY), name)


def _matching_holed(text: Text) -> int:
    parts = pattern(text, wild=True, variables=False).parts
    filled = [Wild.ANY if isinstance(part, Hole) else part.lower() if isinstance(part, str) else part for part in parts]
    tokens = string_tokens(tuple(filled), ANY)
    return sum(bit for name, bit in _BITS.items() if matches(tokens, name))
