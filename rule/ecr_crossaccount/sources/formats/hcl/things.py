"""Resources and data sources: attributes that are written or known before apply, and holes for all others.

The account of a resource is that of its provider: by the role that it assumes, or by the credentials that it shares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from ....documents.pattern import OWNER, Hole, Holed
from ....documents.pattern import text_of as joined
from ....memo import by_value
from ....questions.change.owners import Owners
from ...files.values.nodes import REGION, parts_of
from ...files.values.partial import Conditional, Value, text_of
from ...found.context import Context
from ...found.found import Location
from ..aws_provider.document import document
from ..aws_provider.policies import ARNS, account_of_role, pieces_of
from . import tree
from .evaluate import Instance, contents, fill_template, value_of
from .tree import Block, Scope, literal_text, spell

DEFAULT = "aws"
"""The provider of every resource that names none."""

Account = str | Hole
"""An account. An unknown one is a hole, which is the same for everything in the account."""

_CREDENTIALS = ("profile", "access_key", "secret_key", "token", "shared_credentials_file", "shared_credentials_files")
_ASSUMED = ("assume_role", "assume_role_with_web_identity")


def accounts_of(providers: Iterable[Block], owner: str | None, scope: Scope) -> dict[str, Account]:
    """Return the account of each provider of a root module. That of the default provider is `owner`, if given."""
    blocks = {_name(block, scope): block for block in providers if block.labels[0] == DEFAULT}
    usual = _credentials(blocks[DEFAULT]) if DEFAULT in blocks else ()
    default = owner or (_assumed_account(blocks[DEFAULT], scope) if DEFAULT in blocks else None) or OWNER
    found: dict[str, Account] = {}
    for name, block in blocks.items():
        found[name] = (
            default if _credentials(block) == usual else _assumed_account(block, scope) or unknown_account(name)
        )
    return {**found, DEFAULT: default}


def unknown_account(provider: str) -> Hole:
    """Return the unknown account of a provider. Everything that it makes is in the same account."""
    return Hole(f"the account of the provider {provider}")


def if_known(account: Account | None) -> str | None:
    """Return an account if it is known."""
    return account if isinstance(account, str) else None


def owners_of(account: Account) -> Owners | None:
    """Return the owners in an unknown account of a provider. None for a known account, and for the deployment's."""
    return Owners(hole=account) if isinstance(account, Hole) and account != OWNER else None


def locations_of(
    providers: Iterable[Block], accounts: Mapping[str, Account], scope: Scope
) -> dict[str, Location | None]:
    """Return the location of each provider of a root module, None for that of the deployment.

    If the default provider's Region is not written out, it is that of the deployment. Another provider with the same
    Region argument has the same Region.
    """
    blocks = {_name(block, scope): block for block in providers if block.labels[0] == DEFAULT}
    usual = _region(blocks.get(DEFAULT), scope)
    found: dict[str, Location | None] = {}
    for name in {**dict.fromkeys(blocks), DEFAULT: None}:
        account, region = accounts[name], _region(blocks.get(name), scope)
        is_unknown = isinstance(account, Hole) and account != accounts[DEFAULT]
        if region == usual and not is_unknown and not isinstance(usual, str):
            found[name] = None if account == accounts[DEFAULT] else Location(if_known(account), None)
        else:
            known = region if isinstance(region, str) else None
            found[name] = Location(if_known(account), known, name if is_unknown or known is None else "")
    return found


def _region(provider: Block | None, scope: Scope) -> str | tuple[str, ...]:
    """Return the Region of a provider. If it is unknown, return its expression as a tuple."""
    said = None if provider is None else provider.attributes.get("region")
    value = None if said is None else text_of(value_of(said, scope))
    if isinstance(value, str):
        return value
    return () if said is None else (said.source,)


def accounts_in_call(block: Block, accounts: Mapping[str, Account]) -> dict[str, Account]:
    """Return the accounts of a called module's providers: the default one, and those that are passed."""
    return {name: one or OWNER for name, one in _in_call(block, accounts, unknown_account).items()}


def locations_in_call(block: Block, locations: Mapping[str, Location | None]) -> dict[str, Location | None]:
    """Return the locations of a called module's providers. A provider that is unknown here has an unknown location."""
    return _in_call(block, locations, lambda name: Location(None, None, name))


_Known = TypeVar("_Known")


def _in_call(block: Block, known: Mapping[str, _Known], unknown: Callable[[str], _Known]) -> dict[str, _Known | None]:
    """Return a value for each provider of a called module. `unknown`: returns that of one the caller does not have."""
    said = block.attributes.get("providers")
    pairs = said.expression.pairs if said is not None and isinstance(said.expression, tree.ObjectOf) else ()
    handed = {_provider_name(name): _provider_name(value) for name, value in pairs}
    found = {name: known[value] if value in known else unknown(value) for name, value in handed.items()}
    return {DEFAULT: known.get(DEFAULT), **found}


def _provider_name(expression: tree.Expression) -> str:
    """Return a provider's name, which older sources write in quotes."""
    name = literal_text(expression)
    return spell(expression) if name is None else name


def provider_of(block: Block) -> str:
    """Return the name of a resource's provider."""
    said = block.attributes.get("provider")
    return DEFAULT if said is None else _provider_name(said.expression)


def _name(block: Block, scope: Scope) -> str:
    alias = block.attributes.get("alias")
    return DEFAULT if alias is None else f"{block.labels[0]}.{text_of(value_of(alias, scope))}"


def _credentials(block: Block) -> tuple[object, ...]:
    """Return the arguments that determine a provider's account, as written."""
    said = [(name, block.attributes[name].source) for name in _CREDENTIALS if name in block.attributes]
    inner = [one for one in block.blocks if one.type in (*_ASSUMED, "dynamic")]
    roles = [one.attributes["role_arn"].source if "role_arn" in one.attributes else "" for one in inner]
    return (*said, *(one.type for one in inner), *roles)


def _assumed_account(block: Block, scope: Scope) -> str | None:
    for inner in block.blocks:
        role = inner.attributes.get("role_arn") if inner.type in _ASSUMED else None
        found = account_of_role(str(text_of(value_of(role, scope)))) if role is not None else None
        if found:
            return found
    return None


_SAME: Mapping[tuple[str, str], str] = {
    ("aws_ecr_repository", "id"): "name",
    ("aws_ecrpublic_repository", "id"): "repository_name",
    ("aws_iam_role", "id"): "name",
    ("aws_iam_user", "id"): "name",
    ("terraform_data", "output"): "input",
}


_ALIAS = "made by the provider `{}`, whose account is not known here: judged for any owner"


UNKNOWN_PROVIDER = Location(None, None, "a provider that is not here")


class Surroundings(Protocol):
    """The module of a resource. `accounts` and `lent` are those of Module."""

    @property
    def scope(self) -> Scope:
        """The scope of the module's own expressions."""

    @property
    def context(self) -> Context:
        """The user's settings besides the files."""

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The account of each of the module's providers, by name."""

    @property
    def locations(self) -> Mapping[str, Location | None]:
        """The location of each provider, None for that of the deployment."""

    @property
    def lent(self) -> bool:
        """Whether the caller passes the providers."""

    def once(self, name: tuple[str, ...], find: Callable[[], Value]) -> Value:
        """Return a name's value. It is computed at the first call, and is a hole if it depends on itself."""


@by_value
class ResourceThing:
    """One instance of a resource or data source."""

    module: Surroundings
    block: Block
    instance: Instance
    address: str

    def attribute(self, name: str) -> Value:
        """Return an attribute."""
        where = f"{self.block.at.file}:{self.block.at.line}"
        return self.module.once(
            ("attribute", self.address, name, where, self.instance.identity), lambda: attribute_of(self, name)
        )

    @property
    def provider(self) -> str:
        """The name of its provider."""
        return provider_of(self.block)

    @property
    def owner(self) -> Account:
        """The account that it is in."""
        name = self.provider if self.provider.partition(".")[0] == DEFAULT else DEFAULT
        return self.module.accounts.get(name) or unknown_account(name)

    @property
    def is_foreign(self) -> bool:
        """Whether its account is, or may be, different from the user's own."""
        return self.owner != (self.module.context.account or OWNER)

    @property
    def account(self) -> str | None:
        """The account that owns it, if its provider uses a known account other than the user's."""
        return if_known(self.owner) if self.is_foreign else None

    @property
    def owners(self) -> Owners | None:
        """Those who may own it, if the account of its provider is unknown."""
        return owners_of(self.owner)

    @property
    def location(self) -> Location | None:
        """Where it is deployed, or None for the location of the deployment."""
        name = self.provider
        known = self.module.locations.get(DEFAULT if name.partition(".")[0] != DEFAULT else name, UNKNOWN_PROVIDER)
        said = self.attribute("region") if "region" in self.block.attributes else None
        if said is None or isinstance(said, Hole):
            return known if said is None else Location(None, None, said.name)
        account = self.module.context.account if known is None else known.account
        return Location(account, str(said), "" if known is None or known.account is not None else name)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes about its account."""
        return () if self.owners is None else (_ALIAS.format(self.provider),)


def attribute_of(thing: ResourceThing, name: str) -> Value:  # noqa: PLR0911 - from the most certain to a hole
    """Return an attribute: the block's, one that the type determines, or a hole."""
    said = thing.block.attributes.get(name)
    if said is not None:
        return value_of(said, thing.instance.scope(thing.module.scope))
    kind = thing.block.labels[0]
    if thing.block.type == "data":
        found = _data(thing, kind, name)
        if found is not None:
            return found
    if (kind, name) == ("template_file", "rendered"):
        return _fill_data_template(thing)
    same = _SAME.get((kind, name))
    if same is not None:
        return thing.attribute(same)
    if name == "arn" and kind in ARNS:
        return _arn(thing, *ARNS[kind])
    if (kind, name) == ("aws_ecr_repository", "registry_id"):
        return thing.owner
    if kind == "aws_organizations_organization" and name == "id":
        return thing.module.context.organization or Hole(f"{thing.address}.{name}")
    return Hole(f"{thing.address}.{name}")


def _data(thing: ResourceThing, kind: str, name: str) -> Value:  # noqa: PLR0911 - a table of data sources
    context = thing.module.context
    match kind, name:
        case "aws_iam_policy_document", "json" | "minified_json":
            block = contents(thing.block, thing.instance.scope(thing.module.scope))
            return document(block, block.at)
        case "aws_caller_identity", "account_id" | "id":
            return thing.owner
        case "aws_caller_identity", "arn":
            return joined(("arn:", context.partition, ":iam::", thing.owner, ":", Hole(f"{thing.address}.arn")))
        case "aws_iam_roles", "arns":
            hole = Hole(f"{thing.address}.arns")
            return [Conditional(joined(("arn:", context.partition, ":iam::", thing.owner, ":role/", hole)), hole)]
        case "aws_iam_session_context", "issuer_arn":
            # The role behind a session is in the session's account. Which role it is, is unknown.
            session = thing.attribute("arn")
            return session if isinstance(session, Holed) else None
        case "local_file" | "local_sensitive_file", "content" if _is_read_at_once(thing.block):
            return thing.module.scope.names.call("file", [thing.attribute("filename")], thing.module.scope)
        case "aws_partition", "partition" | "id":
            return context.partition
        case "aws_partition", "dns_suffix":
            return "amazonaws.com.cn" if context.partition == "aws-cn" else "amazonaws.com"
        case "aws_region", "name" | "id" | "region":
            return _region_of(thing)
    return None


def _is_read_at_once(block: Block) -> bool:
    """Return whether a data source depends on nothing that may write its file during apply."""
    said = block.attributes.get("filename")
    names = tree.parts(said.expression) if said is not None else ()
    is_fixed = all(name.name == "path" for name in names if isinstance(name, tree.Name))
    return is_fixed and "depends_on" not in block.attributes


def _fill_data_template(thing: ResourceThing) -> Value:
    template, given = thing.attribute("template"), _vars(thing)
    text = text_of(template)
    if not isinstance(text, str):
        return text if isinstance(text, Hole) else Hole(f"{thing.address}.rendered")
    known = given if isinstance(given, Mapping) else {}
    return fill_template(text, thing.block.at.file, known, thing.module.scope)


def _vars(thing: ResourceThing) -> Value:
    """Return the variables of a `template_file`. They are an attribute, or a block in Terraform 0.11."""
    block = next(thing.block.inner("vars"), None)
    if block is None:
        return thing.attribute("vars")
    return contents(block, thing.instance.scope(thing.module.scope))


def _region_of(thing: ResourceThing) -> str | Hole | None:
    """Return the Region of a resource, or None if its provider is not the default one."""
    usual = thing.provider == DEFAULT and not thing.module.lent
    return (thing.module.context.region or REGION) if usual else None


def _arn(thing: ResourceThing, shape: str, last: str) -> Value:
    path = text_of(thing.attribute("path")) if "{path}" in shape and "path" in thing.block.attributes else "/"
    name = text_of(thing.attribute(last))
    known: dict[str, tuple[str | Hole, ...]] = {
        "{account}": (thing.owner,),
        "{region}": (_region_of(thing) or Hole("aws_region"),),
        "{path}": parts_of(path) if isinstance(path, (str, Hole, Holed)) else ("/",),
    }
    start = (part for piece in pieces_of(shape) for part in known.get(piece, (piece,)))
    end = parts_of(name) if isinstance(name, (str, Hole, Holed)) else (Hole(f"{thing.address}.{last}"),)
    return joined(("arn:", thing.module.context.partition, ":", *start, *end))
