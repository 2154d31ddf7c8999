"""The roles of an account, with everything that decides who may assume them and what they may do.

Nothing is missing silently: what could not be read is in `unread`, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...documents.problems import quote

_SERVICE_LINKED, _IDENTITY_CENTER = "/aws-service-role/", "/aws-reserved/sso.amazonaws.com/"


@dataclass(frozen=True, slots=True)
class Text:
    """A policy document: its text or its JSON object. `name` is how a person finds it."""

    name: str
    document: object


@dataclass(frozen=True, slots=True)
class Role:
    """A role.

    - `trust`: its trust policy, or None if the answer does not have it.
    - `policies`: its identity policies, inline and managed, each in the version that counts.
    - `boundary`: its permissions boundary, if it has one that was read.
    - `tags`: None if they are unknown.
    - `unread`: why a part of its permissions is not known. `unbounded`: why its boundary is not known.
    """

    arn: str
    id: str = ""
    trust: Text | None = None
    policies: tuple[Text, ...] = ()
    boundary: Text | None = None
    tags: Mapping[str, str] | None = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    unbounded: str | None = None

    @property
    def account(self) -> str:
        """The account of the role."""
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The partition of the role."""
        return self.arn.split(":")[1]

    @property
    def name(self) -> str:
        """The name of the role, without its path."""
        return self.arn.rpartition("/")[2]

    @property
    def shown(self) -> str:
        """The role as a sentence shows it, with its path."""
        return quote(self.arn.partition(":role/")[2])

    @property
    def is_service_linked(self) -> bool:
        """Whether only the service that it belongs to can assume it. No other role can have that path.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
        """
        return f":role{_SERVICE_LINKED}" in self.arn

    @property
    def is_of_identity_center(self) -> bool:
        """Whether IAM Identity Center decides who has sessions. The path says so, because a name can be copied.

        https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
        """
        return f":role{_IDENTITY_CENTER}" in self.arn
