"""A row of the table of condition keys: everything that is known about one key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, Flag, auto

from .request import Fixed, Meaning, NetworkPath, PrincipalRequest, PrincipalType, ServiceRequest

GLOBAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
FEDERATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"
ECR = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"
GITHUB = "https://docs.github.com/en/actions/reference/security/oidc"
"""The pages that say when a key is present, and which values it has."""


class Type(Enum):
    """The types of values, by the operators that AWS gives for them."""

    STRING = "String"
    ARN = "ARN"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Boolean"
    IP = "IP address"


class SetBy(Enum):
    """Who decides a key's value. AWS writes all of them. For some values it relies on the caller or the service."""

    PRINCIPAL = "AWS, by who calls"
    SESSION = "AWS, by how the session was made"
    NETWORK = "AWS, by the way of the request"
    RESOURCE = "AWS, by the repository"
    REQUEST = "AWS, by the request"
    CALLER = "the caller"
    SERVICE = "the calling service"


class Depends(Flag):
    """What the meaning of a key depends on, in a kind of request."""

    NOTHING = 0
    ACCOUNT = auto()
    """The account of the caller, or the account that a service acts for."""
    ORGANIZATION = auto()
    """The organization of that account."""
    TYPE = auto()
    """The type of principal. Some types can have values that a role's session cannot have."""
    ROUTE = auto()
    """Whether the request comes from an address or through a VPC endpoint."""
    FORWARDED = auto()
    """Whether a service forwards the request."""
    TRUST = auto()
    """The identities that trust covers. It cannot be determined whether an outsider can choose values that they own."""
    TAGS = auto()
    """The tags that the action takes."""
    SERVICE = auto()
    """The service that calls."""
    KNOWN_ARNS = auto()
    """Whether the ARNs of the resources that the service acts for are known."""


class Shows(Enum):
    """The identity that a key shows. Searches use those identities that conditions on the key distinguish."""

    ACCOUNT = "an account's number"
    OF_ACCOUNT = "an ARN or an id with an account's number in it"
    ORGANIZATION = "an organization's id"
    OF_ORGANIZATION = "a path with an organization's id in it"
    SERVICE = "a service's name"


class Way(Enum):
    """The network paths on which a key can be present."""

    ANY = "any way"
    ADDRESS = "from an address, not through a VPC endpoint"
    ENDPOINT = "through a VPC endpoint"
    FORWARDED = "if a service passes it on"

    def fits(self, path: NetworkPath) -> bool:
        """Return whether a network path is of this kind."""
        match self:
            case Way.ADDRESS:
                return path.address
            case Way.ENDPOINT:
                return path.endpoint
            case Way.FORWARDED:
                return path.via
        return True


CallerRule = Callable[[PrincipalRequest, str], Meaning]
ServiceRule = Callable[[ServiceRequest, str], Meaning]

ABSENT = Fixed(None)
EVERYBODY = frozenset(PrincipalType)
ROLES = frozenset({PrincipalType.ROLE})


def absent(_request: object, _key: str) -> Meaning:
    """Return the meaning of a key that is never present."""
    return ABSENT


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A row of the table.

    - `name`: spelled as in AWS's documentation. A name that ends in `/` or `:` covers all keys that begin with it. A
      name that begins with `:` covers this claim of any OpenID Connect issuer, as in `accounts.google.com:sub`.
    - `caller` and `service`: the values that AWS may send, as a superset: in the request of an AWS principal, and in a
      service's own request. If `service` is None, no page says what a service's request has.
    - `held_by` and `way`: the principals and network paths with which the key can be present. On all others it is
      absent.
    - `present` and `values`: the same for a reader. `of_service`: the values in a service's own call, if they differ.
    - `page` and `section`: where AWS documents it.
    """

    name: str
    type: Type
    set_by: SetBy
    present: str
    values: str
    caller: CallerRule
    service: ServiceRule | None = None
    depends: Depends = Depends.NOTHING
    shows: Shows | None = None
    many: bool = False
    held_by: frozenset[PrincipalType] = EVERYBODY
    way: Way = Way.ANY
    section: str = ""
    page: str = GLOBAL
    of_service: str = ""

    @property
    def absent(self) -> Fixed:
        """The meaning of the key if it is absent."""
        return Fixed(None, many=True) if self.many else ABSENT

    @property
    def source(self) -> str:
        """The page and its section."""
        if self.section or self.page != GLOBAL:
            return self.page + (f"#{self.section}" if self.section else "")
        return f"{self.page}#condition-keys-{self.name.removeprefix('aws:').rstrip('/').lower()}"
