"""Which ECR actions reach a repository through its policy, and how far.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..policy.document import Actions
from ..policy.holes import Hole, Holed, Text
from ..policy.pattern import Wild, pattern
from .automaton import matches
from .charset import ANY
from .operators import string_tokens
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
    name.lower()
    for name in """
        GetAuthorizationToken CreateRepository CreatePullThroughCacheRule CreateRepositoryCreationTemplate
        DeletePullThroughCacheRule DeleteRegistryPolicy DeleteRepositoryCreationTemplate DeleteSigningConfiguration
        DeregisterPullTimeUpdateExclusion DescribePullThroughCacheRules DescribeRegistry
        DescribeReplicationBackfillResults DescribeRepositoryCreationTemplates GetAccountSetting GetRegistryPolicy
        GetRegistryScanningConfiguration GetSigningConfiguration ListPullTimeUpdateExclusions
        ListReplicationBackfills PutAccountSetting PutRegistryPolicy PutRegistryScanningConfiguration
        PutReplicationConfiguration PutSigningConfiguration RegisterPullTimeUpdateExclusion
        StartReplicationBackfill StopReplicationBackfill UpdatePullThroughCacheRule
        UpdateRepositoryCreationTemplate ValidatePullThroughCacheRule""".split()
)
"""A repository policy cannot grant these: they concern the registry, whatever pattern matches them."""

_HARMLESS = frozenset(
    """
    BatchCheckLayerAvailability BatchGetRepositoryScanningConfiguration DescribeImageReplicationStatus
    DescribeImageSigningStatus DescribeRepositories GetImageCopyStatus GetLifecyclePolicy GetLifecyclePolicyPreview
    GetRepositoryPolicy ListTagsForResource""".split()
)

NAMES: tuple[str, ...] = tuple(name for text in _TABLE.values() for name in text.split())
"""The actions of the table; the place of a name is its bit in a set of actions."""

_LOWER = tuple(f"ecr:{name.lower()}" for name in NAMES)
_BITS = {name: 1 << place for place, name in enumerate(_LOWER)}


def _bits(names: str) -> int:
    return sum(_BITS[f"ecr:{name.lower()}"] for name in names.split())


MASKS: dict[Access, int] = {access: _bits(names) for access, names in _TABLE.items()}
EVERY = sum(MASKS.values())
HARMLESS = _bits(" ".join(_HARMLESS))
"""READ that tells of a repository's settings and of nothing that its images hold."""
TAG_RESOURCE = _bits("TagResource")
UNTAG_RESOURCE = _bits("UntagResource")


class ActionSets:
    """Turns action patterns into sets of actions, as bit masks.

    A set holds actions of the table, and actions that an Allow writes out literally and no table names: those get
    bits of their own, above the table's, and count as WRITE. Allows are to be read before Denies.
    """

    __slots__ = ("_others",)

    def __init__(self) -> None:
        self._others: list[str] = []

    def allowed(self, actions: Actions) -> int:
        """The actions that an Allow names for certain."""
        if actions.negated:
            return EVERY & ~(_known(actions) | _filled(actions))
        found = _known(actions)
        for text in actions.patterns:
            if isinstance(text, str):
                found |= self._bit(text)
        return found

    def possible(self, actions: Actions) -> int:
        """The actions that an Allow names if its holes are filled for the worst."""
        if actions.negated:
            return EVERY & ~_known(actions)
        return self.allowed(actions) | _filled(actions)

    def denied(self, actions: Actions) -> int:
        """The actions that a Deny names for certain."""
        named = _known(actions) | self._others_like(actions)
        if not actions.negated:
            return named
        every = EVERY | self._mask(len(self._others))
        return every & ~(named | _filled(actions))

    @staticmethod
    def _mask(others: int) -> int:
        return ((1 << others) - 1) << len(NAMES)

    def _bit(self, text: str) -> int:
        """The bit of an action that no table names, or nothing if it is known, registry-level or a pattern."""
        service, _, name = text.lower().partition(":")
        if service != "ecr" or f"ecr:{name}" in _BITS or name in _REGISTRY_LEVEL or "*" in name or "?" in name:
            return 0
        known = [other.lower() for other in self._others]
        if text.lower() not in known:
            self._others.append(f"ecr:{text.partition(':')[2]}")
            return 1 << len(NAMES) + len(known)
        return 1 << len(NAMES) + known.index(text.lower())

    def _others_like(self, actions: Actions) -> int:
        return sum(
            1 << len(NAMES) + place
            for place, other in enumerate(self._others)
            if any(_like(text.lower(), other.lower()) for text in actions.patterns if isinstance(text, str))
        )

    def names(self, mask: int) -> tuple[str, ...]:
        """The actions of a set, written `ecr:PutImage`, in the table's order."""
        others = mask >> len(NAMES)
        return (*_names(mask & EVERY), *(other for place, other in enumerate(self._others) if others >> place & 1))


@lru_cache(maxsize=1024)
def _names(mask: int) -> tuple[str, ...]:
    return tuple(f"ecr:{name}" for place, name in enumerate(NAMES) if mask >> place & 1)


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


def access_of(mask: int) -> tuple[Access, ...]:
    """The kinds of access that a set of actions holds; an action that no table names is WRITE."""
    return tuple(access for access in Access if mask & mask_of(access))


def mask_of(access: Access) -> int:
    """The set of all actions of one access."""
    return MASKS[access] | (-1 << len(NAMES) if access is Access.WRITE else 0)


def split(mask: int) -> Iterator[tuple[Access, int]]:
    """Yield the parts of a set of actions by access, leaving out empty ones."""
    for access in Access:
        part = mask & mask_of(access)
        if part:
            yield access, part


@lru_cache(maxsize=4096)
def _matching(text: str) -> int:
    if text in _BITS:
        return _BITS[text]
    if "*" not in text and "?" not in text:
        return 0
    tokens = string_tokens(pattern(text, wild=True, variables=False).parts, ANY)
    return sum(bit for name, bit in _BITS.items() if matches(tokens, name))


@lru_cache(maxsize=1024)
def _like(text: str, name: str) -> bool:
    return matches(string_tokens(pattern(text, wild=True, variables=False).parts, ANY), name)


def _matching_holed(text: Text) -> int:
    parts = pattern(text, wild=True, variables=False).parts
    filled = (
        Wild.ANY if isinstance(part, Hole) else part.lower() if isinstance(part, str) else part for part in parts
    )
    tokens = string_tokens(filled, ANY)
    return sum(bit for name, bit in _BITS.items() if matches(tokens, name))
