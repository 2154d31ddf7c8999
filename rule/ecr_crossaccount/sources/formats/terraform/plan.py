"""A Terraform plan, as `terraform show -json` prints it, with the account and Region of its resources as far as shown.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

from ....documents.document import is_account
from ....documents.pattern import Hole
from ....documents.pattern import text_of as joined
from ....judgement.kinds.table import EXCHANGES
from ....memo import by_value
from ....questions.change.owners import Owners
from ...files.files import File
from ...files.strays import ReadPolicy
from ...files.values.documents import policy_in
from ...files.values.nodes import ABSENT, REGION, Node, Place, plain
from ...files.values.partial import Question, Value, either, holes_in
from ...found.context import Context
from ...found.found import NOTHING, FoundPolicy, Harvest, Location
from ..aws_provider.document import document
from ..aws_provider.policies import ARNS, pieces_of, read_policy
from ..aws_provider.resources import (
    ACCOUNT_SETTING,
    CARRIERS,
    CLOUD_CONTROL,
    REQUIRED,
    STACKS,
    Resource,
    found_policy,
    is_read,
    made_by_cloud_control,
    scope_of,
    unknown,
)
from ..aws_provider.stacks import stack
from .configuration import Address, Configuration, Partial, address_in, parse_address, reference
from .state import resources_in

_ANOTHER = "the plan is of account {}, not of the given account {}: it is judged as one of {}"
_ALIAS = "made by the provider `{}`, whose account the plan does not tell: judged for any owner"


class Accounts:
    """The accounts, Regions and locations of a plan's resources."""

    def __init__(self, configuration: Configuration, prior: Mapping[str, Node], context: Context) -> None:
        self._configuration = configuration
        self._context = context
        self._caller = _caller(prior)

    def owner(self, address: Address, attributes: Mapping[str, Value]) -> tuple[str | Hole | None, tuple[str, ...]]:
        """Return the owner if it is not the given account, as a hole if it is unknown, and notes about it."""
        provider = self._configuration.provider_of(address)
        given = self._context.account
        if provider is not None and provider.alias is not None and not self._configuration.shares_credentials(provider):
            if provider.account is not None:
                return provider.account, ()
            own = _account(attributes.get("registry_id"))
            if own is None:
                name = f"aws.{provider.alias}"
                return Hole(f"the account of the provider {name}"), (_ALIAS.format(name),)
        plan = _account(attributes.get("registry_id")) or (provider.account if provider else None) or self._caller
        if given is None or plan is None or plan == given:
            return (plan if given is None else None), ()
        return None, (_ANOTHER.format(plan, given, given),)

    def account_of(self, address: Address) -> str | None:
        """Return the account that a resource is created in, or None if its provider does not show it."""
        account, _ = self.owner(address, {})
        return None if isinstance(account, Hole) else account or self._context.account

    def region(self, address: Address, attributes: Mapping[str, Value]) -> str | None:
        """Return the Region of a resource, or of its provider. None if neither names one."""
        said = attributes.get("region")
        if isinstance(said, str) and said:
            return said
        provider = self._configuration.provider_of(address)
        return provider.region if provider is not None and provider.alias is not None else None

    def location(self, address: Address, attributes: Mapping[str, Value]) -> Location | None:
        """Return where a resource is created, or None for the location of the plan's deployment."""
        said, provider = attributes.get("region"), self._configuration.provider_of(address)
        is_usual = provider is None or provider.alias is None
        account = self._context.account if is_usual else self.account_of(address)
        if isinstance(said, str) and said:
            return Location(account, said, "" if account is not None else str(said))
        if said is not None:
            return Location(account, None, f"{address}.region")
        if provider is None or (is_usual and provider.region is None):
            return None
        by = "" if account is not None and provider.region is not None else f"aws.{provider.alias}"
        return Location(account, provider.region, by)


def _caller(prior: Mapping[str, Node]) -> str | None:
    """Return the account that made the plan, if the plan has it."""
    for address, node in prior.items():
        if "data.aws_caller_identity." in address:
            account = node.find("values", "account_id").text
            if _account(account):
                return account
    return None


def _account(value: Value) -> str | None:
    return value if isinstance(value, str) and is_account(value) else None


_DOCUMENTS = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_FORGET = "Terraform only forgets it: it stays in AWS as it is"
_AT_APPLY = "its policy is taken from `{}`, which is read during apply"
_TAKEN = "`{}` is known only after apply, and is taken to be an ARN of the account where its resource is created"
_MOST_DOCUMENTS = 4
_REST = "\0"
"""Represents the rest of an ARN."""
_Tags = tuple[Mapping[str, str], bool]
"""The tags of a repository, and whether it may have others."""
_NO_TAGS: _Tags = ({}, False)


@by_value
class _Change:
    """A plan's change of one resource."""

    address: Address
    actions: tuple[str | None, ...]
    after: Node
    unknown: Node
    node: Node


class Plan:
    """A plan, and the resources that exist after it is applied."""

    def __init__(self, root: Node, file: File, context: Context) -> None:
        self._file = file
        self._context = context
        self._configuration = Configuration(root.find("configuration"), root.find("variables"))
        self._changes = {str(change.address): change for change in _changes(root)}
        self._planned = {str(one): node for one, node in resources_in(root.find("planned_values"))}
        self._prior = {str(one): node for one, node in resources_in(root.find("prior_state", "values"))}
        self._accounts = Accounts(self._configuration, self._prior, context)
        self._open: list[str] = []
        self._taken: set[str] = set()

    def harvest(self) -> Harvest:
        """Return the policies of every resource that exists after the plan is applied."""
        return Harvest.from_parts(self._harvests())

    def _harvests(self) -> Iterator[Harvest]:
        addresses = dict.fromkeys([*self._planned, *self._changes])
        for text in addresses:
            address = parse_address(text)
            if address is None or address.data or not (is_read(address.type) or address.type == CLOUD_CONTROL):
                continue
            change = self._change(text, address)
            if change.actions in (("delete",), ("read",)):
                continue
            if address.type in STACKS:
                yield self._stack(change)
            elif address.type == CLOUD_CONTROL:
                yield made_by_cloud_control(text, self._attributes(change), change.node.place(self._file.name))
            elif address.type == ACCOUNT_SETTING:
                yield self._setting(change)
            elif address.type not in CARRIERS:
                yield unknown(text, address.type, change.node.place(self._file.name))
            else:
                yield Harvest((self._policy(change),))

    def _change(self, text: str, address: Address) -> _Change:
        """Return the change of a resource. For a resource without one, return its planned values."""
        known = self._changes.get(text)
        if known is not None:
            return known
        node = self._planned[text]
        return _Change(address, ("no-op",), node.find("values"), ABSENT, node)

    def _policy(self, change: _Change) -> FoundPolicy:
        carrier = CARRIERS[change.address.type]
        attributes = self._attributes(change)
        node = change.after.get(carrier.policy)
        at = (node or change.node).place(self._file.name)
        account, notes = self._accounts.owner(change.address, attributes)
        tags, others = self._tags(attributes)
        read, note = (
            (None, ()) if carrier.kind in EXCHANGES else self._read(change, carrier.policy, node, attributes, at)
        )
        found = found_policy(
            Resource(
                str(change.address),
                change.address.type,
                attributes,
                read.statements[0] if read and read.statements and node is None else at,
                change.node.place(self._file.name),
                read,
                account=None if isinstance(account, Hole) else account,
                region=self._accounts.region(change.address, attributes),
                tags=tags,
                notes=(*notes, *note, *((_FORGET,) if change.actions == ("forget",) else ())),
            )
        )
        owners = Owners(hole=account) if isinstance(account, Hole) else None
        location = self._accounts.location(change.address, attributes)
        return replace(found, location=location, other_tags=others, owners=owners)

    def _setting(self, change: _Change) -> Harvest:
        """Return the scope of registry policies in an account setting."""
        attributes = self._attributes(change)
        found = scope_of(attributes)
        if found is None:
            return NOTHING
        account = self._accounts.account_of(change.address)
        region = self._accounts.region(change.address, attributes)
        location = self._accounts.location(change.address, attributes)
        return Harvest(scopes=(replace(found, account=account, region=region, location=location),))

    def _read(
        self, change: _Change, name: str, node: Node | None, attributes: Mapping[str, Value], at: Place
    ) -> tuple[ReadPolicy, tuple[str, ...]]:
        if node is not None and node.text:
            read, places = policy_in(node, self._file.text)
            policy = plain(read)
            return ReadPolicy(policy, tuple(Place(self._file.name, *place) for place in places)), ()
        value = self._value(change, name, attributes)
        if not isinstance(value, Hole):
            return read_policy(value, at), ()
        said = self._configuration.expressions_of(change.address)
        documents = self._configuration.documents(change.address, said.find(name))
        found = self._one_of(documents, value)
        if found is None:
            return ReadPolicy(value), ()
        taken = sorted({hole.name for hole in holes_in(found)} & self._taken)
        return read_policy(found, at), (_AT_APPLY.format("` or `".join(documents)), *map(_TAKEN.format, taken))

    def _one_of(self, documents: Sequence[str], hole: Hole) -> Value:
        """Return a value that is one of some documents, whichever it is. None if one of them is unknown."""
        found = [self._document(text) for text in documents]
        if not found or len(found) > _MOST_DOCUMENTS or any(one is None for one in found):
            return None
        *firsts, value = found
        for address, one in reversed(list(zip(documents, firsts, strict=False))):
            value = either(Question(address, f"it is `{address}`", f"it is not `{address}`"), one, value, hole)
        return value

    def _value(self, change: _Change, name: str, attributes: Mapping[str, Value]) -> Value:
        """Return a policy that the plan does not have as text: a hole, or None if no policy is set."""
        value = attributes.get(name)
        if value is not None and not isinstance(value, Hole):
            return value
        said = self._configuration.expressions_of(change.address)
        if said is not ABSENT and said.get(name) is None:
            # In a plan, computed attributes and attributes that are not set are both unknown.
            return None
        if value is None and (name in attributes or (name not in REQUIRED and said is ABSENT)):
            return None
        return value or Hole(f"{change.address}.{name}")

    def _attributes(self, change: _Change) -> Mapping[str, Value]:
        said = self._configuration.expressions_of(change.address)
        # A policy that refers to an ARN is not that ARN, but a principal in a document is.
        name, guess = self._file.name, partial(self._arn, change.address)
        reader = Partial(name, guess) if change.address.data else Partial(name)
        value = reader.value(change.after, change.unknown, said, str(change.address))
        return value if isinstance(value, Mapping) else {}

    def _arn(self, here: Address, expression: Node) -> Value:
        """Return the ARN that is an expression's only reference, as far as it is known before apply. Else None."""
        found = {self._arn_of(arn) for arn in self._configuration.arns(here, expression)}
        if len(found) != 1 or None in found:
            return None
        name = reference(expression) or "arn"
        self._taken.add(name)
        return joined(Hole(name) if piece == _REST else piece for piece in found.pop() or ())

    def _arn_of(self, address: Address) -> tuple[str | Hole, ...] | None:
        """Return the pieces of the ARN of a resource. None if its account or its format is unknown."""
        account = self._accounts.account_of(address)
        if address.type not in ARNS or account is None:
            return None
        known: dict[str, str | Hole] = {"{account}": account, "{path}": "/"}
        known["{region}"] = self._accounts.region(address, {}) or self._context.region or REGION
        pieces = pieces_of(ARNS[address.type][0])
        return ("arn:", self._context.partition, ":", *(known.get(piece, piece) for piece in pieces), _REST)

    def _document(self, address: str) -> Value:
        """Return a policy document, whether it has been read or will be read during apply. None if unknown."""
        address = self._only_instance(address)
        if address in self._open:
            return None
        change = self._changes.get(address)
        if change is None:
            node = self._planned.get(address) or self._prior.get(address, ABSENT)
            return node.find("values", "json").text
        self._open.append(address)
        try:
            attributes = dict(self._attributes(change))
            said = self._configuration.expressions_of(change.address)
            for name in _DOCUMENTS:
                if said.get(name) is not None:
                    attributes[name] = self._sources(change.address, said.find(name), attributes.get(name))
            return document(attributes, change.node.place(self._file.name))
        finally:
            self._open.pop()

    def _only_instance(self, address: str) -> str:
        """Return the address of a document's only instance, if the reference is a splat of the whole document."""
        listed = (self._changes, self._planned, self._prior)
        if any(address in one for one in listed):
            return address
        found = dict.fromkeys(text for each in listed for text in each if text.startswith(f"{address}["))
        return next(iter(found)) if len(found) == 1 else address

    def _sources(self, address: Address, expression: Node, value: Value) -> Value:
        """Return the documents that another one is made from, if the configuration shows which they are."""
        items = value if isinstance(value, list) else [value]
        if not any(isinstance(item, Hole) for item in items):
            return value
        found = [self._document(text) for text in self._configuration.documents(address, expression)]
        if len(found) != len(items) or any(one is None for one in found):
            return value
        return found if isinstance(value, list) else found[0]

    def _tags(self, attributes: Mapping[str, Value]) -> _Tags:
        """Return the tags of the repository that a policy is for, if the plan has it."""
        name = attributes.get("repository")
        return self._tags_by_name.get(name, _NO_TAGS) if isinstance(name, str) else _NO_TAGS

    @cached_property
    def _tags_by_name(self) -> dict[str, _Tags]:
        """The tags of every planned repository, by its name. Of several with the same name, those that all have."""
        found: dict[str, _Tags] = {}
        for text, node in self._planned.items():
            if ".aws_ecr_repository." not in f".{text}" or ".data." in f".{text}":
                continue
            name, tags = node.find("values", "name").text, node.find("values", "tags_all")
            if name and tags is not ABSENT:
                known = {key: value.text for key, value in tags.fields if value.text is not None}
                others = text not in self._changes or _may_be_more(self._changes[text].unknown)
                alike, more = found.get(name, (known, others))
                shared = dict(known.items() & alike.items())
                found[name] = shared, others or more or shared != known or shared != alike
        return found

    def _stack(self, change: _Change) -> Harvest:
        attributes = self._attributes(change)
        at = (change.after.get("template_body") or change.node).place(self._file.name)
        account, _ = self._accounts.owner(change.address, {})
        owners = Owners(hole=account) if isinstance(account, Hole) else None
        context = replace(self._context, account=self._accounts.account_of(change.address))
        return stack(str(change.address), change.address.type, attributes, at, context, owners)


def _may_be_more(unknown: Node) -> bool:
    """Return whether a repository may have tags that are known only after apply, which planned values leave out."""
    tags = unknown.find("tags_all")
    return tags.value is True or bool(tags.fields)


def _changes(root: Node) -> Iterator[_Change]:
    for node in _list_changes(root):
        address, change = address_in(node), node.get("change")
        if address is None or change is None or node.get("deposed") is not None:
            continue
        actions = tuple(item.text for item in change.find("actions").items)
        after = change.find("before" if actions == ("forget",) else "after")
        yield _Change(address, actions, after, change.find("after_unknown"), node)


def _list_changes(root: Node) -> Iterator[Node]:
    """Yield the changes of a plan, including deferred ones as far as they are known."""
    for name in ("deferred_changes", "resource_changes"):
        for node in root.find(name).items:
            yield node.get("resource_change") or node
