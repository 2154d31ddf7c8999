"""The images that a registry exchanges with registries of other accounts: replication, and pull-through caches.

The owner of a replica can read it, so the account of a destination needs trust for READ. The owner of a cache's
upstream decides which images are pulled through the cache. So that account needs trust for WRITE to the repositories of
the cache.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...documents.document import is_account
from ...documents.json import RepeatedNames
from ...documents.pattern import OWNER, Hole, Holed, Text, holes_in
from ...documents.problems import Invalid, quote
from ..admission import Origin
from ..judge import Repository
from ..values.trust import Trust, contains, names_under, trust_in
from ..values.verdict import Access, Grant, Kind, Severity, Undecided, Verdict, Witness

_HOST = re.compile(r"(?:https?://)?([0-9]{12})\.dkr[.-]ecr", re.IGNORECASE)
_MAY_BE_HOST = re.compile(r"(?:https?://)?(?:[0-9]{0,12}|[0-9]{12}\.(?!azurecr).*)", re.IGNORECASE | re.DOTALL)
"""The start of the host of an ECR registry, if the rest of the host is unknown."""

_NOT_ECR = re.compile(r"\.(?!(?:d|dk)?$|dkr).", re.IGNORECASE)
"""The text that follows an unknown name in the host of another registry, such as Azure's."""

_SPEAKS_OF_ECR = re.compile(r"\bdkr[.-]ecr\b", re.IGNORECASE)
"""A part of the host of an ECR registry, anywhere in the text."""

_ECR = "ecr"
_SERVICE_ROLE = "role/aws-service-role/replication.ecr.amazonaws.com/AWSServiceRoleForECRReplication"

Registry = str | Hole | Holed | None
"""The account of a registry, or None if it is not an ECR registry."""

Part = Grant | Undecided | Invalid
Flow = tuple[Registry, Text]
"""The account that exchanges images, and the pattern of the repositories' names, with holes where they are unknown."""


class Exchanged(NamedTuple):
    """A part of the verdict, and the flows of images that it is about: none if they are unknown."""

    part: Part
    flows: tuple[Flow, ...] = ()


def judge_replication(
    configuration: object, registry: Repository, trust: Trust, _origin: Origin = Origin.PROPOSED
) -> Verdict:
    """Decide which accounts receive copies of images through a replication configuration.

    `configuration`: `{"Rules": […]}`, with the names as CloudFormation, the API or Terraform write them. Never raises
    because of its content.
    """
    notes = (_DELETES,) if any(_deletes(rule) for rule in _items(_field(configuration, "rule"))) else ()
    return _verdict(parts_of_replication(configuration, registry, trust), Access.READ, notes)


def judge_cache(rule: object, registry: Repository, trust: Trust, _origin: Origin = Origin.PROPOSED) -> Verdict:
    """Decide which account chooses the images that are pulled through a cache.

    `rule`: the fields of a pull-through cache rule, with names as in `judge_replication`. Never raises because of its
    content.
    """
    is_elsewhere = not isinstance(rule, Hole) and _upstream_in(rule) is None
    return _verdict(parts_of_cache(rule, registry, trust), Access.WRITE, (_NOT_JUDGED,) if is_elsewhere else ())


def includes(known: Flow, other: Flow) -> bool:
    """Return whether one flow certainly includes another. An unknown name includes only itself."""
    (account, pattern), (other_account, name) = known, other
    return account == other_account and contains(pattern, name)


def upstream_of(url: object) -> Registry:
    """Return the account of the registry in a URL. If it is unknown, return a hole."""
    if not isinstance(url, (str, Hole, Holed)):
        return Hole("an upstream registry")
    first, *rest = url.parts if isinstance(url, Holed) else (url,)
    if isinstance(first, Hole):
        after = rest[0] if rest else ""
        return None if isinstance(after, str) and _NOT_ECR.match(after) else first
    found = _HOST.match(first)
    if found:
        return found[1]
    if _SPEAKS_OF_ECR.search(first):
        return Hole("an upstream registry")
    return url if rest and _MAY_BE_HOST.fullmatch(first) else None


def _verdict(exchanged: Iterator[Exchanged], access: Access, notes: tuple[str, ...]) -> Verdict:
    parts = [one.part for one in exchanged]
    grants = tuple(part for part in parts if isinstance(part, Grant))
    return Verdict(
        external=bool(grants),
        public=False,
        service=False,
        access=(access,) if grants else (),
        undecided=tuple(part for part in parts if isinstance(part, Undecided)),
        invalid=tuple(part for part in parts if isinstance(part, Invalid)),
        notes=notes,
        explain=lambda: grants,
    )


# --- replication ---

_DELETES = "deletions are replicated as well; which permission a destination must grant for that is not documented"


_OFF = (None, False, "false", "DISABLED")


def _deletes(rule: object) -> bool:
    """Return whether deletions are or may be replicated. In CloudFormation, that is `{"Enabled": true}`."""
    said = _field(rule, "deletereplication")
    return (_field(said, "enabled") if isinstance(said, Mapping) else said) not in _OFF


def parts_of_replication(configuration: object, registry: Repository, trust: Trust) -> Iterator[Exchanged]:
    """Yield what a replication configuration sends to registries outside, and why the rest is uncertain."""
    yield from map(Exchanged, _find_repeats(configuration))
    rules = _field(configuration, "rule")
    if isinstance(configuration, Hole) or isinstance(rules, Hole):
        unknown = rules or configuration
        yield Exchanged(_open("the destination is not known before deployment", unknown))
    elif not isinstance(configuration, Mapping) or not isinstance(rules, (list, tuple)):
        yield Exchanged(Invalid("$.Rules", "expected a list of rules"))
    else:
        for number, rule in enumerate(rules):
            yield from _by_rule(number, rule, registry, trust)


def _open(said: str, value: object) -> Undecided:
    """Return the doubt about a value with holes."""
    return Undecided(None, f"{said}: {value}", settled_by=tuple(holes_in(value)) or None)


def _by_rule(number: int, rule: object, registry: Repository, trust: Trust) -> Iterator[Exchanged]:
    destinations = _field(rule, "destination")
    if isinstance(rule, Hole) or isinstance(destinations, Hole):
        yield Exchanged(_open(f"the destination of rule {number} is unknown", destinations or rule))
        return
    if not isinstance(destinations, (list, tuple)) or not destinations:
        yield Exchanged(Invalid(f"$.Rules[{number}].Destinations", "expected a list of destinations"))
        return
    filters = _names(_field(rule, "repositoryfilter"))
    names = tuple(map(_pattern, filters))
    inside = _inside(trust, names, Access.READ, registry)
    accounts = [_destination(destination) for destination in destinations]
    for place, account in enumerate(accounts):
        if account in accounts[:place]:
            continue
        if account == OWNER or (isinstance(account, str) and account in inside):
            continue
        if isinstance(account, str) and is_account(account):
            part: Part = _replica(number, account, names, registry)
        elif isinstance(account, (Hole, Holed)):
            part = _open(f"rule {number} replicates to a registry that is not known", account)
        else:
            where = f"$.Rules[{number}].Destinations[{place}].RegistryId"
            yield Exchanged(Invalid(where, f"{quote(account)} is not an account: expected 12 digits"))
            continue
        yield Exchanged(part, tuple((account, name) for name in filters))


def _inside(trust: Trust, names: tuple[str, ...], access: Access, registry: Repository) -> frozenset[str]:
    """Return the owner, and the accounts that are trusted with this access to every repository of these names."""
    about = trust_in(trust, names).about("*")
    return about.circles(registry.organization)[access.rank].accounts | {registry.account}


def _destination(destination: object) -> object:
    if isinstance(destination, Hole):
        return destination
    value = _field(destination, "registryid")
    if isinstance(value, Holed) and value.parts == (OWNER,):
        return OWNER
    return f"{value:012}" if isinstance(value, int) and not isinstance(value, bool) else value


def _names(filters: object) -> tuple[Text, ...]:
    """Return the patterns of the repositories that a rule applies to, with holes where they are unknown."""
    if isinstance(filters, Hole):
        return (Holed((filters,)),)
    if not isinstance(filters, (list, tuple)) or not filters:
        return ("*",)
    return tuple(_starting(one if isinstance(one, Hole) else _field(one, "filter")) for one in filters)


def _starting(prefix: object) -> Text:
    """Return the pattern of the names that start with a prefix. A filter that cannot be read may apply to any name."""
    if isinstance(prefix, str):
        return f"{prefix}*"
    parts = prefix.parts if isinstance(prefix, Holed) else (prefix if isinstance(prefix, Hole) else Hole(f"{prefix}"),)
    return Holed((*parts, "*"))


def _pattern(name: Text) -> str:
    """Return a pattern for names with `*` in place of all of it if a part is unknown."""
    return name if isinstance(name, str) else "*"


def _replica(number: int, account: str, names: tuple[str, ...], registry: Repository) -> Grant:
    what = "every repository" if names == ("*",) else " and ".join(f"`{name}`" for name in names)
    role = f"arn:{registry.partition}:iam::{registry.account}:{_SERVICE_ROLE}"
    return Grant(
        number,
        None,
        account,
        Kind.ACCOUNT,
        public=False,
        access=(Access.READ,),
        actions=("ecr:ReplicateImage",),
        severity=Severity.MEDIUM,
        reason=f"account {account} gets a copy of the images of {what}: rule {number} replicates them to its registry, "
        "and trust does not cover it",
        witness=Witness(role, "ecr:ReplicateImage", {"aws:ResourceAccount": account}),
    )


# --- pull-through caches ---


_NOT_JUDGED = "its upstream is not a private registry of Amazon ECR: who can push there is not judged"


def parts_of_cache(rule: object, registry: Repository, trust: Trust) -> Iterator[Exchanged]:
    """Yield the images that a pull-through cache takes from a registry outside, and why the rest is uncertain."""
    yield from map(Exchanged, _find_repeats(rule))
    if isinstance(rule, Hole):
        yield Exchanged(_open("its rule is not known before deployment", rule))
        return
    account, names = _upstream_in(rule), _names_by_prefix(_field(rule, "ecrrepositoryprefix"))
    flows = tuple((account, name) for name in names)
    if isinstance(account, str):
        yield from (Exchanged(part, flows) for part in _from_account(account, rule, registry, trust))
    elif account not in (None, OWNER):
        yield Exchanged(_open("it caches images of a registry that is not known", account), flows)


def _upstream_in(rule: object) -> Registry:
    """Return the account of the upstream.

    The rule must give the upstream's URL, and can also give its type.
    """
    kind, account = _field(rule, "upstreamregistry"), upstream_of(_field(rule, "upstreamregistryurl"))
    is_ecr = isinstance(kind, str) and kind.lower() == _ECR
    if account is None and is_ecr:
        return Hole("UpstreamRegistryUrl")
    if isinstance(account, (Hole, Holed)) and isinstance(kind, str) and not is_ecr:
        return None
    return account


def _from_account(account: str, rule: object, registry: Repository, trust: Trust) -> Iterator[Part]:
    role = _field(rule, "customrolearn")
    owner = role.split(":")[4] if isinstance(role, str) and role.count(":") > 4 else registry.account  # noqa: PLR2004
    if owner != registry.account:
        yield Invalid(
            "$.CustomRoleArn", f"{quote(role)} is another account's role: ECR takes one of the registry's own"
        )
    names = tuple(map(_pattern, _names_by_prefix(_field(rule, "ecrrepositoryprefix"))))
    if account not in _inside(trust, names, Access.WRITE, registry):
        yield _upstream(account, names[0], registry)


def _names_by_prefix(prefix: object) -> tuple[Text, ...]:
    if isinstance(prefix, str):
        return names_under(prefix)
    return (_starting(prefix),)


def _upstream(account: str, names: str, registry: Repository) -> Grant:
    what = "every repository" if names == "*" else f"`{names}`"
    return Grant(
        0,
        None,
        account,
        Kind.ACCOUNT,
        public=False,
        access=(Access.WRITE,),
        actions=("ecr:BatchImportUpstreamImage",),
        severity=Severity.CRITICAL,
        reason=f"account {account} chooses the images of {what}: they are pulled through from its registry, and no "
        "trust for WRITE covers it",
        witness=Witness(
            f"arn:{registry.partition}:iam::{account}:root", "ecr:PutImage", {"aws:ResourceAccount": account}
        ),
    )


# --- reading ---


def _field(value: object, name: str) -> object:
    """Return a field by its name in any spelling: `Rules`, `rules` and Terraform's `rule` are the same."""
    if not isinstance(value, Mapping):
        return None
    found = [one for key, one in value.items() if _fold_key(key) == name]
    return found[-1] if found else None


def _fold_key(key: object) -> str:
    return str(key).replace("_", "").lower().removesuffix("s")


def _items(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def _find_repeats(value: object) -> Iterator[Undecided]:
    """Yield a doubt for each object in which a name appears twice, because it is unknown which one counts."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, RepeatedNames):
            yield Undecided(None, f"{quote(one.names[0])} appears more than once")
        elif isinstance(one, Mapping) and len({_fold_key(key) for key in one}) < len(one):
            yield Undecided(None, "a name appears more than once, spelled differently")
        rest += one.values() if isinstance(one, Mapping) else _items(one)
