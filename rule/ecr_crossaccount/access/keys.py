"""The context-key table: what each key can hold in a request from outside, and who decides it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (global keys)
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html (keys of sessions)
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html (ecr)
A key that stands in no row is unsure: AWS adds global keys every year, and "unknown means absent" would make each
of them a false COMPLIANT.
"""

from __future__ import annotations

from collections.abc import Callable

from .automaton import Token, Tokens, literal
from .charset import (
    ANY,
    DIGIT,
    GENERIC,
    HOST,
    LABEL,
    LOWER,
    NAME,
    PART,
    PATH,
    TAG,
    TEXT,
    UNKNOWN,
    UPPER,
    WORD,
)
from .domains import NAME_IN_PATH, PLAIN, Domain, Options, Reading, SourceArns, Strings
from .lists import REQUEST_TAG, TAG_KEYS, TAG_NAMES, Lists, RequestTags
from .scene import Contains, Deputy, Fixed, Meaning, NobodysCustomer, Outsider, Scene, Sort, Tagging, Unsure
from .typed import Addresses, Numbers, Times

ABSENT = Fixed(None)


def _one(*values: str) -> Fixed:
    return Fixed(values)


def _some(charset: object) -> Tokens:
    return (Token(charset=charset), Token(charset=charset, star=True))  # type: ignore[arg-type]


def _times(count: int, charset: object) -> Tokens:
    return (Token(charset=charset),) * count  # type: ignore[arg-type]


_ANY_TEXT: Tokens = (Token(charset=TEXT, star=True),)
_NAMES = _some(NAME)
_PATHS: Tokens = (Token(charset=PATH, star=True), *literal("/"), *_NAMES)
_TAG_VALUE: Tokens = (Token(charset=TAG, star=True),)
_REGION: Tokens = (Token(charset=LABEL, star=True),)
USUAL = "outsider"
_ID = 17
"""Characters behind the prefix of a unique id, as in `AROA` and 17 more."""


# --- the principal ---------------------------------------------------------------------------------------------------


def _arn(scene: Outsider, service: str, resource: str) -> str:
    return f"arn:{scene.place.partition}:{service}::{scene.account}:{resource}"


def _principal(scene: Outsider) -> Domain | Fixed:
    """`aws:PrincipalArn`, with the keys that show the same name."""
    key = "aws:principalarn"
    match scene.sort:
        case Sort.ROOT:
            return _one(_arn(scene, "iam", "root"))
        case Sort.FEDERATED:
            own = _arn(scene, "sts", "federated-user/")
            return Strings({key: Reading(own), "aws:userid": Reading(f"{scene.account}:")}, (_NAMES,), usual=USUAL)
        case Sort.USER:
            own = _arn(scene, "iam", "user/")
            return Strings({key: Reading(own), "aws:username": NAME_IN_PATH}, (_NAMES, _PATHS), usual=USUAL)
        case Sort.ROLE:
            return Strings({key: Reading(_arn(scene, "iam", "role/"))}, (_NAMES, _PATHS), usual=USUAL)


def _userid(scene: Outsider) -> Meaning:
    key = {"aws:userid": PLAIN}
    match scene.sort:
        case Sort.ROOT:
            return _one(scene.account)
        case Sort.FEDERATED:
            return _principal(scene)
        case Sort.USER:
            unknown, real = (literal("AIDA") + _times(_ID, charset) for charset in (UNKNOWN, UPPER))
            return Strings(key, (unknown,), unsure=(real,))
        case Sort.ROLE:
            ending = literal(":") + _NAMES
            unknown, real = (literal("AROA") + _times(_ID, charset) + ending for charset in (UNKNOWN, UPPER))
            return Strings(key, (unknown,), unsure=(real,))


def _username(scene: Outsider) -> Meaning:
    return _principal(scene) if scene.sort is Sort.USER else ABSENT


def _org_path(organization: str, charset: object) -> tuple[Tokens, ...]:
    """Paths of an organization: its root, and up to five levels of units below."""
    root = literal(f"{organization}/r-") + _times(4, charset)
    unit = (*literal("ou-"), *_times(4, charset))
    if charset is not UNKNOWN:
        root += (Token(charset=charset, star=True),)  # type: ignore[arg-type]
        unit += (Token(charset=charset, star=True),)  # type: ignore[arg-type]
    unit += (*literal("-"), *_times(8, charset))
    if charset is not UNKNOWN:
        unit += (Token(charset=charset, star=True),)  # type: ignore[arg-type]
    return tuple((*root, *literal("/"), *((*unit, *literal("/")) * depth)) for depth in range(6))


def _org_paths(key: str, organization: str | None, *, fresh: bool, optional: bool = False) -> Meaning:
    if organization is None:
        return Fixed(None, many=True)
    shapes = _org_path(organization, UNKNOWN if fresh else LOWER)
    return Strings({key: PLAIN}, shapes, optional=optional, many=True)


def _principal_tag(scene: Outsider, key: str) -> Meaning:
    if scene.sort is Sort.ROOT:
        return ABSENT
    return Strings({key: PLAIN}, (_TAG_VALUE,), optional=True)


# --- sessions --------------------------------------------------------------------------------------------------------


def _session_arn(*kinds: tuple[str, Tokens]) -> Callable[[Outsider, str], Meaning]:
    """An ARN in the caller's own account, present on some role sessions."""

    def meaning(scene: Outsider, key: str) -> Meaning:
        if scene.sort is not Sort.ROLE:
            return ABSENT
        start = f"arn:{scene.place.partition}:"
        account = literal(f":{scene.account}:")
        shapes = tuple((*literal(start + service), *_REGION, *account, *resource) for service, resource in kinds)
        return Strings({key: PLAIN}, shapes, optional=True)

    return meaning


def _session_text(shape: Tokens, unsure: tuple[Tokens, ...] = ()) -> Callable[[Outsider, str], Meaning]:
    def meaning(scene: Outsider, key: str) -> Meaning:
        if scene.sort is not Sort.ROLE:
            return ABSENT
        return Strings({key: PLAIN}, (shape,), optional=True, unsure=unsure)

    return meaning


_PRESENCE_ONLY = _session_text(_some(UNKNOWN), (_ANY_TEXT,))
"""Of these an outsider chooses whether they are there, and not what they hold."""

_CHOSEN_TEXT = _session_text(_ANY_TEXT)


def _assumed_root(scene: Outsider, key: str) -> Meaning:
    if scene.sort not in (Sort.ROLE, Sort.ROOT):
        return ABSENT
    return Options(key, (None, ("true",), ("false",)))


def _instance_address(scene: Outsider, key: str) -> Meaning:
    return Addresses(key, private=True, optional=True) if scene.sort is Sort.ROLE else ABSENT


_SESSION_KEYS: dict[str, Callable[[Outsider, str], Meaning]] = {
    "ec2:sourceinstancearn": _session_arn(("ec2:", (*literal("instance/"), *_some(LABEL)))),
    "ssm:sourceinstancearn": _session_arn(
        ("ec2:", (*literal("instance/"), *_some(LABEL))), ("ssm:", (*literal("managed-instance/"), *_some(LABEL)))
    ),
    "lambda:sourcefunctionarn": _session_arn(("lambda:", (*literal("function:"), *_some(WORD)))),
    "codebuild:buildarn": _session_arn(
        ("codebuild:", (*literal("build/"), *_some(WORD), *literal(":"), *_some(WORD)))
    ),
    "codebuild:projectarn": _session_arn(("codebuild:", (*literal("project/"), *_some(WORD)))),
    "aws:chatbotsourcearn": _session_arn(("chatbot:", _some(PART))),
    "aws:signinsessionarn": _session_arn(("signin:", _some(PART))),
    "aws:federatedprovider": _CHOSEN_TEXT,
    "aws:assumedroot": _assumed_root,
    "aws:ec2instancesourcevpc": _session_text((*literal("vpc-"), *_some(LABEL))),
    "aws:ec2instancesourceprivateipv4": _instance_address,
    "ec2:roledelivery": _PRESENCE_ONLY,
    "glue:roleassumedby": _PRESENCE_ONLY,
    "glue:credentialissuingservice": _PRESENCE_ONLY,
    "identitystore:userid": _PRESENCE_ONLY,
    "saml:namequalifier": _PRESENCE_ONLY,
    "saml:sub": _CHOSEN_TEXT,
    "saml:sub_type": _CHOSEN_TEXT,
}
_ISSUER_KEYS = {"sub": _PRESENCE_ONLY, "aud": _CHOSEN_TEXT, "amr": _CHOSEN_TEXT, "id": _CHOSEN_TEXT}
"""Behind the name of an OpenID Connect issuer, as in `accounts.google.com:aud`."""


# --- the network -----------------------------------------------------------------------------------------------------


def _source_ip(scene: Outsider) -> Meaning:
    return Addresses("aws:sourceip") if scene.route.address else ABSENT


def _vpc(scene: Outsider) -> Meaning:
    """`aws:SourceVpcArn` and the id in it, `aws:SourceVpc`."""
    if not scene.route.endpoint:
        return ABSENT
    start = literal(f"arn:{scene.place.partition}:ec2:")
    account = (*literal(":"), *_times(12, DIGIT), *literal(":vpc/"))
    shape = (*start, *_some(LABEL), *account, *literal("vpc-"), *_some(LABEL))
    lead = (*literal("arn:"), Token(charset=ANY, star=True), *literal(":vpc/"))
    readings = {"aws:sourcevpcarn": PLAIN, "aws:sourcevpc": Reading(leads=(lead,), charset=LABEL)}
    usual = f"arn:{scene.place.partition}:ec2:us-east-1:999988887777:vpc/vpc-0e1d2c3b4a5f60718"
    return Strings(readings, (shape,), usual=usual)


def _endpoint(scene: Outsider, key: str) -> Meaning:
    if not scene.route.endpoint:
        return ABSENT
    return Strings({key: PLAIN}, ((*literal("vpce-"), *_some(LABEL)),), usual="vpce-0a9b8c7d6e5f43210")


def _endpoint_account(scene: Outsider, key: str) -> Meaning:
    if not scene.route.endpoint:
        return ABSENT
    accounts, _, _ = scene.foreign
    return Strings({key: PLAIN}, (_times(12, DIGIT),), refused=tuple(map(literal, accounts)))


_ORGANIZATION = (*literal("o-"), *_times(10, LOWER), Token(charset=LOWER, star=True))


def _endpoint_organization(scene: Outsider, key: str) -> Meaning:
    if not scene.route.endpoint:
        return ABSENT
    _, organizations, _ = scene.foreign
    refused = tuple(map(literal, organizations))
    return Strings({key: PLAIN}, (_ORGANIZATION,), optional=True, refused=refused)


def _endpoint_paths(scene: Outsider, key: str) -> Meaning:
    if not scene.route.endpoint:
        return Fixed(None, many=True)
    _, organizations, paths = scene.foreign
    anything = (Token(charset=ANY, star=True),)
    refused = (*((*literal(f"{name}/"), *anything) for name in organizations), *map(_like, paths))
    shapes = tuple((*_ORGANIZATION, *tail[len("x") :]) for tail in _org_path("x", LOWER))
    return Strings({key: PLAIN}, shapes, optional=True, many=True, refused=tuple(refused))


def _like(path: str) -> Tokens:
    from .trust import glob

    return glob(path)


_SERVICE_NAME = (*_some(HOST), *literal(".amazonaws.com"))


def _called_via(scene: Outsider, key: str) -> Meaning:
    if not scene.route.via:
        return Fixed(None, many=True)
    return Lists(Strings({key: PLAIN}, (_SERVICE_NAME, _some(HOST))))


# --- the service and its source --------------------------------------------------------------------------------------


def _source_arn(scene: Deputy) -> Meaning:
    """`aws:SourceArn`: a resource of the account that the service acts for. Function ARNs are known by heart."""
    key = {"aws:sourcearn": PLAIN}
    start = f"arn:{scene.place.partition}:"
    middle = (*_REGION, *literal(f":{scene.account}:"))
    function = (*literal(f"{start}lambda:"), *middle, *literal("function:"), *_some(WORD))
    other = (*literal(start), *_some(LABEL), *literal(":"), *middle)
    functions = ((*literal(start), *literal("lambda:"), Token(charset=ANY, star=True)),)
    no_account = (*literal(start), *_some(LABEL), *literal("::"), *literal(":"), *_ANY_TEXT)
    return SourceArns(
        Strings(key, (function, (*function, *literal(":"), *_some(WORD))), optional=True),
        Strings(key, ((*other, *_some(PART)),), never=functions),
        Strings(key, ((*other, *_some(TEXT)),), never=functions),
        Strings(key, (no_account,), never=functions),
    )


def _source_account(scene: Deputy) -> Meaning:
    return Options("aws:sourceaccount", (None, (scene.account,)))


def _source_organization(scene: Deputy) -> Meaning:
    if scene.organization is None:
        return ABSENT
    return Options("aws:sourceorgid", (None, (scene.organization,)))


# --- everybody -------------------------------------------------------------------------------------------------------


def _resource_tag(scene: Scene, tag: str) -> Meaning:
    if not scene.place.tags_known:
        return Unsure()
    values = [value for name, value in scene.place.tags if name.lower() == tag]
    if len(values) > 1:
        return Unsure(present=True)
    return Fixed(tuple(values) or None)


def _known(value: str | None) -> Meaning:
    return Unsure() if value is None else _one(value)


_ABSENT_PREFIXES = frozenset({"s3", "kms", "sts", "iam", "dynamodb"})
"""Services whose keys an ECR call never carries: a closed list, to be extended only with a source."""


def _common(scene: Scene, key: str) -> Meaning | None:
    """The keys that say the same whoever asks."""
    place = scene.place
    match key:
        case "aws:currenttime" | "aws:epochtime":
            return Times("aws:currenttime", "aws:epochtime", place.floor)
        case "aws:securetransport":
            return Options(key, (("true",),), unsure=(("false",),))
        case "aws:requestedregion":
            return _one(place.region) if place.region else Unsure(present=True)
        case "aws:resourceaccount":
            return _one(place.owner)
        case "aws:resourceorgid":
            return _known(place.organization)
    for prefix in ("aws:resourcetag/", "ecr:resourcetag/"):
        if key.startswith(prefix):
            return _resource_tag(scene, key.removeprefix(prefix))
    if key.partition(":")[0] in _ABSENT_PREFIXES:
        return ABSENT
    return None


_NO_SOURCE = {
    "aws:sourceaccount": ABSENT,
    "aws:sourcearn": ABSENT,
    "aws:sourceorgid": ABSENT,
    "aws:sourceorgpaths": Fixed(None, many=True),
    "aws:principalservicename": ABSENT,
    "aws:principalservicenameslist": Fixed(None, many=True),
    "aws:principalisawsservice": _one("false"),
}
_OUTSIDER: dict[str, Callable[[Outsider], Meaning]] = {
    "aws:principalarn": _principal,
    "aws:principalaccount": lambda scene: _one(scene.account),
    "aws:principalorgid": lambda scene: Fixed(None if scene.organization is None else (scene.organization,)),
    "aws:principalorgpaths": lambda scene: _org_paths(
        "aws:principalorgpaths", scene.organization, fresh=scene.fresh
    ),
    "aws:principaltype": lambda scene: _one(scene.sort.value),
    "aws:userid": _userid,
    "aws:username": _username,
    "aws:sourceip": _source_ip,
    "aws:sourcevpc": _vpc,
    "aws:sourcevpcarn": _vpc,
    "aws:sourcevpce": lambda scene: _endpoint(scene, "aws:sourcevpce"),
    "aws:vpceaccount": lambda scene: _endpoint_account(scene, "aws:vpceaccount"),
    "aws:vpceorgid": lambda scene: _endpoint_organization(scene, "aws:vpceorgid"),
    "aws:vpceorgpaths": lambda scene: _endpoint_paths(scene, "aws:vpceorgpaths"),
    "aws:viaawsservice": lambda scene: _one("true" if scene.route.via else "false"),
    "aws:calledvia": lambda scene: _called_via(scene, "aws:calledvia"),
    "aws:useragent": lambda scene: Strings({"aws:useragent": PLAIN}, (_ANY_TEXT,), optional=True),
    "aws:referer": lambda scene: Strings({"aws:referer": PLAIN}, (_ANY_TEXT,), optional=True),
    "aws:sourceidentity": lambda scene: Strings({"aws:sourceidentity": PLAIN}, (_NAMES,), optional=True),
    "aws:multifactorauthpresent": lambda scene: Options(
        "aws:multifactorauthpresent", (None, ("true",), ("false",))
    ),
    "aws:multifactorauthage": lambda scene: Numbers("aws:multifactorauthage"),
    "aws:tokenissuetime": lambda scene: Times("aws:tokenissuetime", None, None, optional=True),
}
_DEPUTY: dict[str, Callable[[Deputy], Meaning]] = {
    "aws:sourceaccount": _source_account,
    "aws:sourcearn": _source_arn,
    "aws:sourceorgid": _source_organization,
    "aws:sourceorgpaths": lambda scene: _org_paths(
        "aws:sourceorgpaths", scene.organization, fresh=scene.fresh, optional=True
    ),
    "aws:principalisawsservice": lambda scene: _one("true"),
    "aws:principalservicename": lambda scene: _one(scene.service),
    "aws:principalservicenameslist": lambda scene: Contains(scene.service),
    "aws:principalorgid": lambda scene: ABSENT,
    "aws:principalorgpaths": lambda scene: Fixed(None, many=True),
    "aws:username": lambda scene: ABSENT,
    "aws:principalarn": lambda scene: NobodysCustomer(),
    "aws:principalaccount": lambda scene: NobodysCustomer(),
    "aws:userid": lambda scene: NobodysCustomer(),
}


def _request_tags(scene: Scene, key: str) -> Meaning | None:
    """The tags of the call: only TagResource and UntagResource carry any."""
    if key != TAG_KEYS and not key.startswith(REQUEST_TAG):
        return None
    if scene.tagging is Tagging.NONE or (scene.tagging is Tagging.UNTAG and key != TAG_KEYS):
        return Fixed(None, many=key == TAG_KEYS)
    if isinstance(scene, Deputy):
        return Unsure()
    return RequestTags() if scene.tagging is Tagging.TAG else TAG_NAMES


def meaning(scene: Scene, key: str) -> Meaning:
    """Return what a key, in lower case, means in a request of this kind."""
    found = _common(scene, key) or _request_tags(scene, key)
    if found is not None:
        return found
    if isinstance(scene, Deputy):
        row = _DEPUTY.get(key)
        return Unsure() if row is None else row(scene)
    return _outsiders(scene, key)


def _outsiders(scene: Outsider, key: str) -> Meaning:
    if key in _NO_SOURCE:
        return _NO_SOURCE[key]
    row = _OUTSIDER.get(key)
    if row is not None:
        return row(scene)
    if key.startswith("aws:principaltag/"):
        return _principal_tag(scene, key)
    issuer, _, claim = key.rpartition(":")
    session = _SESSION_KEYS.get(key) or (_ISSUER_KEYS.get(claim) if "." in issuer else None)
    return Unsure() if session is None else session(scene, key)


EARLY = frozenset({"aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", *_NO_SOURCE})
"""Keys that depend on the account and its organization alone, not on how and by whom of it a request is sent."""

ROUTED = frozenset(
    {
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    }
)
FORWARDED = frozenset({"aws:viaawsservice", "aws:calledvia"})


def is_early(key: str) -> bool:
    """Tell whether a key can be settled before it is decided how a request is sent."""
    return key in EARLY or key in _COMMON or key.startswith(("aws:resourcetag/", "ecr:resourcetag/"))


_COMMON = frozenset(
    {"aws:securetransport", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid", "aws:currenttime", "aws:epochtime"}
)


def depends_on_sort(key: str) -> bool:
    """Tell whether a key depends on the sort of principal."""
    return not is_early(key) and key not in ROUTED and key not in FORWARDED


NAMES: dict[str, str] = {}
"""How AWS writes the keys of this table, by their lower-case form."""

for _name in (
    "aws:PrincipalArn aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalType aws:userid "
    "aws:username aws:PrincipalIsAWSService aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:SourceIp "
    "aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths aws:ViaAWSService "
    "aws:CalledVia aws:UserAgent aws:Referer aws:SourceIdentity aws:MultiFactorAuthPresent aws:MultiFactorAuthAge "
    "aws:TokenIssueTime aws:CurrentTime aws:EpochTime aws:SecureTransport aws:RequestedRegion aws:ResourceAccount "
    "aws:ResourceOrgID aws:SourceAccount aws:SourceArn aws:SourceOrgID aws:SourceOrgPaths aws:TagKeys"
).split():
    NAMES[_name.lower()] = _name

_ = GENERIC
