"""The ECR actions that a policy can grant on a repository, and the access that each of them gives.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import or_

from ...documents.document import Actions
from ...documents.pattern import Holed, Part, Text, pattern
from ...memo import looked_up
from ..patterns.charsets import GENERIC
from ..patterns.tokens import Names
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
"""A repository policy cannot grant these, whatever pattern matches them. They apply to the registry."""

_OF_REGISTRY = {
    Access.READ: """
        DescribePullThroughCacheRules DescribeReplicationBackfillResults ListReplicationBackfills
        ValidatePullThroughCacheRule""",
    Access.WRITE: """
        CreateRepository DeletePullThroughCacheRule StartReplicationBackfill StopReplicationBackfill
        UpdatePullThroughCacheRule CreatePullThroughCacheRule""",
}
"""The actions that a registry policy can grant in addition.

They are the operations that take a registryId, with which another account can name the registry.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
"""

_OPENING = """
    SetRepositoryPolicy DeleteRepositoryPolicy PutRegistryPolicy DeleteRegistryPolicy PutAccountSetting
    CreateRepositoryCreationTemplate UpdateRepositoryCreationTemplate PutReplicationConfiguration
    StartReplicationBackfill CreatePullThroughCacheRule UpdatePullThroughCacheRule
"""
OPENING = tuple(f"ecr:{name}" for name in _OPENING.split())
"""The actions that can open a registry to others, or remove a Deny that protects it.

They change the policies of repositories, of the registry, and of repositories that do not exist yet. They also change
which registries get copies of images, and from which one a cache takes its images.
"""
OPENING_PUBLIC = ("ecr-public:SetRepositoryPolicy", "ecr-public:DeleteRepositoryPolicy")
"""The same actions of ECR Public. They change who can push the images that everyone pulls."""

_HARMLESS = """
    BatchCheckLayerAvailability BatchGetRepositoryScanningConfiguration DescribeImageReplicationStatus
    DescribeImageSigningStatus DescribeRepositories GetImageCopyStatus GetLifecyclePolicy
    GetRepositoryPolicy ListTagsForResource
"""
"""READ actions that show settings of a repository, and no content of its images."""

NAMES: tuple[str, ...] = tuple(name for text in _TABLE.values() for name in text.split())
"""The actions on a repository. The position of a name is its bit in a set of actions."""
_ALL = (*NAMES, *(name for text in _OF_REGISTRY.values() for name in text.split()))

_SERVICE = "ecr:"
_LOWER = tuple(f"{_SERVICE}{name.lower()}" for name in _ALL)
_BITS = {name: 1 << place for place, name in enumerate(_LOWER)}
_WRITTEN = tuple((1 << place, f"{_SERVICE}{name}") for place, name in enumerate(_ALL))
KNOWN = frozenset(name for _, name in _WRITTEN)
"""Every known action, with its service, as AWS writes it."""


def _bits(names: str) -> int:
    return sum(_BITS[f"ecr:{name.lower()}"] for name in names.split())


MASKS: dict[Access, int] = {access: _bits(names) for access, names in _TABLE.items()}
EVERY = sum(MASKS.values())
"""All actions on a repository, as a set."""
BESIDES: dict[Access, int] = {access: _bits(names) for access, names in _OF_REGISTRY.items()}
CONTRADICTED = _bits("CreatePullThroughCacheRule")
"""AWS's pages contradict each other about this action.

One says that registry policies can grant it, and another one that only identity-based policies can.
"""
EVERY_OF_REGISTRY = (EVERY | sum(BESIDES.values())) & ~CONTRADICTED
HARMLESS = _bits(_HARMLESS) | BESIDES[Access.READ]
OF_SERVICE_LINKED_ROLES = _bits("ReplicateImage BatchImportUpstreamImage")
"""The actions that ECR's service-linked roles call, for replication and for pull-through caches.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/using-service-linked-roles.html
"""
SCOPE_V1 = OF_SERVICE_LINKED_ROLES
"""The actions on a repository to which a registry policy of scope V1 applies. The third one is ecr:CreateRepository.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""
SCOPE_V1_OF_REGISTRY = SCOPE_V1 | _bits("CreateRepository")
"""The actions to which a registry policy of scope V1 applies, on a repository or on the registry."""
PERHAPS_OF_SERVICE_LINKED_ROLES = _bits("BatchGetImage GetDownloadUrlForLayer GetImageCopyStatus")
"""Other actions that a cache calls upstream, perhaps with its service-linked role. It pushes only to its own registry.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSECRPullThroughCache_ServiceRolePolicy.html
"""
TAG_RESOURCE = _bits("TagResource")
CREATE_REPOSITORY = _bits("CreateRepository")
UNTAG_RESOURCE = _bits("UntagResource")
OUTSIDE_THE_TABLE = -1 << len(_ALL)
"""Every action that is not in the table, as a set."""


class ActionSets:
    """Converts action patterns to sets of actions, as bit masks.

    A set has actions of the table. It can also have actions that are not in the table and that an Allow names
    literally, or would name once a hole is filled. Those get bits of their own, above the bits of the table, and count
    as WRITE. Read all Allows before the Denies. `reach` are the actions of the table that a policy can grant.
    """

    __slots__ = ("_others", "_reach")

    def __init__(self, reach: int = EVERY) -> None:
        self._others: dict[str, Text] = {}
        self._reach = reach

    def allowed_actions(self, actions: Actions) -> tuple[int, int]:
        """Return the actions that an Allow certainly names, and those that it may name.

        The second set assumes the worst values for its holes.
        """
        known, filled, unlisted, new = _taken_apart(actions)
        if actions.negated:
            return self._reach & ~(known | filled), self._reach & ~known
        known, filled = known & self._reach, filled & self._reach
        for name in unlisted:
            known |= self._bit(name)
        for text in new:
            filled |= self._bit(text)
        return known, known | filled

    def denied_actions(self, actions: Actions) -> int:
        """Return the actions that a Deny certainly names."""
        known, filled, *_ = _taken_apart(actions)
        if not actions.negated:
            return known | self._others_like(actions)
        return (self._reach & ~(known | filled)) | self._others_unlike(actions)

    @property
    def others(self) -> tuple[Text, ...]:
        """The actions read so far that are not in the table."""
        return tuple(self._others.values())

    def bit_of(self, name: str) -> int:
        """Return the bit of an action that is in the table or that was read, such as `ecr:PutImage`."""
        return _BITS.get(name.lower()) or self._bit(name)

    def _bit(self, name: Text) -> int:
        """Return the bit of an action that is not in the table."""
        key = str(name).lower()
        self._others.setdefault(key, name)
        return 1 << len(_ALL) + list(self._others).index(key)

    def _others_like(self, actions: Actions) -> int:
        """Return the actions outside the table that an element names, whatever the values of their holes are."""
        if not self._others:
            return 0
        empty, filled = _fillings(self.others)
        written = [_parts(text.lower()) for text in actions.patterns if isinstance(text, str)]
        return reduce(or_, [empty.matching(one) & filled.matching(one) for one in written], 0) << len(_ALL)

    def _others_unlike(self, actions: Actions) -> int:
        """Return the actions outside the table that an element names with no value of any hole.

        This covers the holes in the actions and in the element.
        """
        if not all(isinstance(text, str) for text in actions.patterns):
            return 0
        literal = sum(1 << len(_ALL) + place for place, one in enumerate(self.others) if isinstance(one, str))
        return literal & ~self._others_like(actions)

    def names(self, mask: int) -> tuple[str, ...]:
        """Return the actions of a set, such as `ecr:PutImage`, in the order of the table."""
        others = mask >> len(_ALL)
        return (*_names(mask), *[str(one) for place, one in enumerate(self.others) if others >> place & 1])


def unlisted_matches(names: Iterable[Text], text: str) -> tuple[str, ...]:
    """Return the actions outside the table that a pattern matches, or may match once holes are filled."""
    found = [str(one) for one in names if _may_be_like(text.lower(), one)]
    return tuple(dict.fromkeys(one for one in found if one.lower() not in _BITS))


def _may_be_like(text: str, name: Text) -> bool:
    """Return whether a pattern may match an action.

    If the action has holes, only the text before the first one counts.
    """
    if isinstance(name, str):
        return bool(Names([name.lower()]).matching(_parts(text)))
    start = name.parts[0].lower() if isinstance(name.parts[0], str) else ""
    lead = text.replace("?", "*").partition("*")[0]
    return start.startswith(lead) or lead.startswith(start)


@lru_cache(maxsize=1024)
def _names(mask: int) -> tuple[str, ...]:
    return tuple([name for place in range(0, len(_ALL), _EIGHT) for name in _names_from(place, mask >> place & 0xFF)])


_EIGHT = 8
"""The number of actions whose names are looked up together. Whole sets vary, but sets of eight repeat."""


@lru_cache(maxsize=2048)
def _names_from(place: int, mask: int) -> tuple[str, ...]:
    return tuple([name for bit, name in _WRITTEN[place : place + _EIGHT] if mask << place & bit])


@lru_cache(maxsize=1024)
def _taken_apart(actions: Actions) -> tuple[int, int, tuple[str, ...], tuple[Holed, ...]]:
    """Split patterns into two sets of actions in the table, and the actions outside it.

    Returns the actions that patterns match, those that patterns with holes may match, the literal actions outside the
    table, and the patterns with holes that may become such an action.
    """
    texts = [text for text in actions.patterns if isinstance(text, str)]
    holed = [text for text in actions.patterns if isinstance(text, Holed)]
    known = reduce(or_, [_matching(text.lower()) for text in texts], 0)
    perhaps = reduce(or_, [_matching_holed(text) for text in holed], 0)
    return known, perhaps, _unlisted_actions(texts), tuple(filter(_may_be_new, holed))


def _unlisted_actions(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the ECR actions that are written literally and are not in the table."""
    names = [text.partition(":") for text in texts if text.lower() not in _BITS and _is_literal(text)]
    return tuple([f"ecr:{name}" for service, _, name in names if service.lower() == "ecr" and _is_new(name.lower())])


def _is_literal(text: str) -> bool:
    return "*" not in text and "?" not in text


_FILLING = GENERIC * 64
"""A value for a hole in an action. A pattern that matches with this and with an empty hole matches with every value.

No pattern contains it literally, and it is longer than the text that the `?` of a pattern can match.
"""


@looked_up(most=64)
def _fillings(names: tuple[Text, ...]) -> tuple[Names, Names]:
    """Return actions in lower case, with their holes empty and with their holes filled."""
    parts = [(text,) if isinstance(text, str) else text.parts for text in names]
    empty, filled = (
        ["".join(one if isinstance(one, str) else filling for one in each).lower() for each in parts]
        for filling in ("", _FILLING)
    )
    return Names(empty), Names(filled)


def _may_be_new(text: Holed) -> bool:
    """Return whether a value of the hole can make this an ECR action that is not in the table.

    A pattern counts only for actions in the table.
    """
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


_PARTS = tuple(
    (access, mask | BESIDES.get(access, 0) | (OUTSIDE_THE_TABLE if access is Access.WRITE else 0))
    for access, mask in MASKS.items()
)
TAMPERING = sum(mask for access, mask in _PARTS if access is not Access.READ) & ~_bits(
    "StartImageScan StartLifecyclePolicyPreview"
)
"""WRITE and ADMIN, except actions that change no image, and every action that is not in the table."""


@lru_cache(maxsize=1024)
def access_of(mask: int) -> tuple[Access, ...]:
    """Return the access levels in a set of actions. An action that is not in the table is WRITE."""
    return tuple(access for access, part in _PARTS if mask & part)


def access_of_names(names: Iterable[str]) -> tuple[Access, ...]:
    """Return the access levels of actions such as `ecr:PutImage`."""
    return access_of(mask_of(names))


def mask_of(names: Iterable[str]) -> int:
    """Return actions as a set. Those that are not in the table share a bit."""
    return reduce(or_, (_BITS.get(name.lower(), 1 << len(_ALL)) for name in names), 0)


@lru_cache(maxsize=1024)
def split(mask: int) -> tuple[tuple[int, int], ...]:
    """Return the parts of a set of actions by the rank of their access, without empty parts."""
    return tuple((rank, mask & part) for rank, (_, part) in enumerate(_PARTS) if mask & part)


def of_ranks(ranks: Iterable[int]) -> int:
    """Return the set of all actions with access of these ranks, including those that are not in the table."""
    return sum(_PARTS[rank][1] for rank in {*ranks})


@lru_cache(maxsize=4096)
def _matching(text: str) -> int:
    return _BITS.get(text) or (0 if _is_literal(text) else _IN_TABLE.matching(_parts(text)))


_IN_TABLE = Names(_LOWER)


def _matching_holed(text: Holed) -> int:
    return _IN_TABLE.matching(part.lower() if isinstance(part, str) else part for part in _parts(text))


def _parts(text: Text) -> tuple[Part, ...]:
    return pattern(text, wild=True, variables=False).parts
