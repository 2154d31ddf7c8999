"""What is known of one condition key: the columns of the table of keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, Flag, auto

from .request import Fixed, Meaning, NetworkPath, PrincipalRequest, PrincipalType, ServiceRequest

GLOBAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
FEDERATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"
ECR = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"
GITHUB = "https://docs.github.com/en/actions/reference/security/oidc"
"""The pages that say when a key is there, and what it holds."""


class Type(Enum):
    """The types of values, by the operators that AWS gives for them."""

    STRING = "String"
    ARN = "ARN"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Boolean"
    IP = "IP address"


class SetBy(Enum):
    """Who decides what a key holds. AWS writes all of them; of these values it takes the caller's or service's word."""

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
    """The account that calls, or that a service acts for."""
    ORGANIZATION = auto()
    """The organization of that account."""
    TYPE = auto()
    """The type of principal: another type can hold values that a role's session cannot."""
    ROUTE = auto()
    """Whether the request comes from an address or through a VPC endpoint."""
    FORWARDED = auto()
    """Whether a service passes the request on."""
    TRUST = auto()
    """Whom trust covers: of what they own, it cannot be determined whether an outsider may choose it."""
    TAGS = auto()
    """What the action says of tags."""
    SERVICE = auto()
    """Which service calls."""
    KNOWN_ARNS = auto()
    """Whether the ARNs of the resources that the service acts for are known."""


class Shows(Enum):
    """Whom a key shows: searches ask for those that conditions on it tell apart."""

    ACCOUNT = "an account's number"
    OF_ACCOUNT = "an ARN or an id with an account's number in it"
    ORGANIZATION = "an organization's id"
    OF_ORGANIZATION = "a path with an organization's id in it"
    SERVICE = "a service's name"


class Way(Enum):
    """The ways of a request on which a key is there at all."""

    ANY = "any way"
    ADDRESS = "from an address, not through a VPC endpoint"
    ENDPOINT = "through a VPC endpoint"
    FORWARDED = "if a service passes it on"

    def fits(self, path: NetworkPath) -> bool:
        """Tell whether a request goes this way."""
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
    """The key is never there."""
    return ABSENT


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A row of the table.

    `name` is spelt as AWS does. One that ends in `/` or `:` stands for all that begin so; one that begins with `:`
    for this claim of any OpenID Connect issuer, as in `accounts.google.com:sub`.

    `caller` and `service` give the values that AWS may send, a superset: what the key means in the request of an AWS
    principal, and in a service's own. Where `service` is None, no page says what a service's request holds.
    `held_by` and `way` are the principals and ways with which the key can be there; on all others it is absent.
    `present` and `values` say the same to a reader, `of_service` where a service's own call holds something else;
    `page` and `section` are where AWS says so.
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
        """What the key means where it is not there."""
        return Fixed(None, many=True) if self.many else ABSENT

    @property
    def source(self) -> str:
        """The page and its section."""
        if self.section or self.page != GLOBAL:
            return self.page + (f"#{self.section}" if self.section else "")
        return f"{self.page}#condition-keys-{self.name.removeprefix('aws:').rstrip('/').lower()}"
