"""One ECR resource in a manifest: its policy, or why there is none to judge."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from ....documents.document import is_account
from ....documents.pattern import Hole, Holed
from ....judgement.kinds.table import EXCHANGES, Field
from ....judgement.values.trust import names_under
from ....memo import by_value
from ....questions.change.owners import Owners
from ...files.bare import configuration_in
from ...files.files import File
from ...files.strays import ReadPolicy, misplacements, names_of, policy_of
from ...files.values.nodes import ABSENT, Fields, Node, Place, plain
from ...found.context import Context
from ...found.found import ANY_NAME, NOTHING, FoundPolicy, Harvest, Location, Skipped, owners_by, unjudged_at
from .crossplane import document
from .walk import GROUPS, REGISTRY_POLICY, Family, Group, Manifest, Names, Role

_OWNER = "services.k8s.aws/owner-account-id"
_REGION = "services.k8s.aws/region"
_ADOPTION = "services.k8s.aws/adoption-policy"
_LAYERS = frozenset({"forProvider", "initProvider"})
_OF_MANIFESTS = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_REFERENCES = ("Ref", "Selector", "SecretRef", "ValueFrom", "From")

_UNKNOWN = "`{}` is not known here, so its policy was not looked for"
_NO_POLICY = "there is no policy here, so it is set or patched elsewhere: check what is applied, `kubectl get -o yaml`"
_REFERS = "its policy is elsewhere, by `{}`: check what is applied, `kubectl get -o yaml`"
_ELSEWHERE = (
    "it seems to have a policy, and policies of this kind are not read: check what is applied, `kubectl get -o yaml`"
)
_NO_SPEC = "without a policy of its own: a RepositoryPolicy opens it, if one does"


@by_value
class Parameters:
    """The parameters of a resource. The first layer that has a value counts."""

    layers: tuple[Node, ...]

    def get(self, name: str) -> Node | None:
        """Return a field, or a hole if its layer is unknown."""
        for layer in self.layers:
            if isinstance(layer.value, Hole):
                return layer
            value = layer.get(name)
            if value is not None and value.value not in (None, ""):
                return value
        return None

    def times(self, name: str) -> int:
        """Return how often a field appears in one layer."""
        counts = [sum(key == name for key, _ in layer.fields) for layer in self.layers]
        return max(counts, default=0)

    def text(self, name: str) -> str | None:
        """Return a field if it is a known text, or None."""
        return (self.get(name) or ABSENT).text


def _layers(resource: Node, family: Family) -> Parameters:
    """Return the parameters of a resource.

    Crossplane uses `initProvider` only for fields that `forProvider` does not set.
    """
    spec = resource if isinstance(resource.value, Hole) else resource.get("spec")
    if spec is None or family is Family.ACK or not isinstance(spec.value, Fields):
        return Parameters(_existing_layer(spec))
    return Parameters((*_existing_layer(spec.get("forProvider")), *_existing_layer(spec.get("initProvider"))))


def _existing_layer(layer: Node | None) -> tuple[Node, ...]:
    """Return a layer if it exists. A layer that is not an object becomes a hole."""
    if layer is None or layer.value is None:
        return ()
    return (layer if isinstance(layer.value, (Fields, Hole)) else layer.but(Hole("spec")),)


def _render_name(name: Node) -> str:
    return str(name.value) if isinstance(name.value, (str, Hole, Holed)) else ""


@by_value
class Reading:
    """A resource that is being read."""

    manifest: Manifest
    file: File
    context: Context
    beside: Names

    def harvest(self) -> Harvest:
        """Return the policy of the resource, or why it is not judged."""
        group = GROUPS.get(self.manifest.group)
        form = group.kinds.get(self._kind) if group is not None and self._version in group.versions else None
        if group is None or form is None:
            return self._unjudged_harvest(_UNKNOWN.format(f"{self.manifest.group}/{self._version} {self._kind}"))
        written, known = (_layers(node, group.family) for node in (self.manifest.written, self.manifest.known))
        if not isinstance(form, Field):
            return self._read_without_policy(form, known)
        if form.kind in EXCHANGES:
            return Harvest((self._exchange(form, written, known),))
        return self._policy(group, form, written, known)

    # --- its name ---

    @property
    def _kind(self) -> str:
        return self.manifest.written.find("kind").text or "?"

    @property
    def _version(self) -> str:
        return (self.manifest.written.find("apiVersion").text or "").partition("/")[2]

    def _metadata(self, *names: str) -> Node:
        is_known = isinstance(self.manifest.known.value, Fields)
        return (self.manifest.known if is_known else self.manifest.written).find("metadata", *names)

    def _annotation(self, name: str) -> str | None:
        return self._metadata("annotations", name).text

    @property
    def resource(self) -> str:
        """The name of the resource in messages: kind, namespace and name, after the resources that contain it."""
        namespace, name, prefix = (self._metadata(text) for text in ("namespace", "name", "generateName"))
        called = _render_name(name) or (f"{_render_name(prefix)}*" if _render_name(prefix) else self.manifest.called)
        parts = (*self.manifest.above, self._kind, _render_name(namespace), called)
        return "/".join(part for part in parts if part)

    def _unjudged_harvest(self, reason: str, known: Parameters | None = None) -> Harvest:
        """Return why the policy of a resource with the parameters `known` is not judged."""
        registry = self._registry(known or Parameters(())) if self._kind == REGISTRY_POLICY else None
        return unjudged_at(self.manifest.written.place(self.file.name), self.resource, reason, registry)

    def _registry(self, known: Parameters) -> Location:
        """Return where a registry policy is deployed."""
        account, region = self._account(known) or self.context.account, known.text("region") or self.context.region
        return self._location(known, self._account(known)) or Location(account, region)

    # --- its policy ---

    def _policy(self, group: Group, form: Field, written: Parameters, known: Parameters) -> Harvest:
        name = form.policy
        if group.family is Family.COMMUNITY and known.get("rawPolicy") is not None:
            name = "rawPolicy"
        policy = known.get(name)
        if policy is None:
            missing = self._missing(group, form, known)
            if missing is not None:
                return self._unjudged_harvest(missing, known)
        said = written.get(name)
        if group.family is Family.COMMUNITY and name == "policy" and policy is not None:
            policy = document(policy)
        read = policy_of(said or policy, policy, self.file)
        return Harvest((self._make_policy(form, name, said or policy, read, known),))

    def _exchange(self, form: Field, written: Parameters, known: Parameters) -> FoundPolicy:
        """Return a replication or a cache. If a configuration is nowhere in the file, it is a hole."""
        if not form.whose:
            value = known.get(form.policy)
            policy = configuration_in(plain(value) if value is not None else None, form.policy)
            return self._make_policy(form, form.policy, written.get(form.policy), ReadPolicy(policy), known)
        fields = ((name, known.get(name)) for name in form.whose)
        said = {name: plain(value) for name, value in fields if value is not None}
        return self._make_policy(form, form.whose[1], None, ReadPolicy(said), known)

    def _make_policy(
        self, form: Field, name: str, said: Node | None, read: ReadPolicy, known: Parameters
    ) -> FoundPolicy:
        account = self._account(known)
        return FoundPolicy(
            (said or self.manifest.written).place(self.file.name),
            self.resource,
            form.kind,
            read.policy,
            read.statements,
            names=self._names(form, known),
            account=account,
            region=known.text("region") or self._annotation(_REGION),
            notes=tuple(self._notes(account)),
            doubts=(
                *(f"`{text}` appears more than once" for text in form.whose or (name,) if known.times(text) > 1),
                *(() if form.kind in EXCHANGES else self._elsewhere({name, *form.names}, name, known)),
            ),
            resource_at=self.manifest.written.place(self.file.name),
            heads=self._heads(name),
            location=self._location(known, account),
            owners=self._owners(known, account),
        )

    def _elsewhere(self, own: AbstractSet[str], name: str, known: Parameters) -> tuple[str, ...]:
        """Return why another field than the resource's `own` ones may be meant to hold the policy."""
        family, spec = GROUPS[self.manifest.group].family, self.manifest.known.find("spec")
        inside = [field for layer in known.layers for field in layer.fields if field[0] not in own]
        beside = [field for field in self.manifest.known.fields if field[0] not in _OF_MANIFESTS]
        if family is Family.ACK:
            return (*misplacements(inside, name, "ACK"), *misplacements(beside, f"spec.{name}", "ACK"))
        beside += [field for field in spec.fields if field[0] not in _LAYERS]
        return (
            *misplacements(inside, name, "Crossplane"),
            *misplacements(beside, f"spec.forProvider.{name}", "Crossplane"),
        )

    def _location(self, known: Parameters, account: str | None) -> Location | None:
        """Return the location if it depends on other credentials or on a Region that are unknown here."""
        name = self.manifest.written.find("spec", "providerConfigRef", "name").text
        by = "" if account is not None or name in (None, "default") else str(name)
        region, said = known.text("region") or self._annotation(_REGION), known.get("region")
        if not by and (region or said is None):
            return None
        owner = None if by else account or self.context.account
        return Location(owner, region, by if region or said is None else f"{by} {said.value}")

    def _heads(self, name: str) -> tuple[Place, ...]:
        layers = _layers(self.manifest.written, GROUPS[self.manifest.group].family).layers
        pairs = (pair for layer in layers for pair in layer.pairs)
        return tuple(key.place(self.file.name) for key, _ in pairs if key.value == name)

    def _missing(self, group: Group, form: Field, known: Parameters) -> str | None:
        """Return why a resource without a policy here may still have one, or None if it has none."""
        reference = next((f"{form.policy}{end}" for end in _REFERENCES if known.get(form.policy + end)), None)
        if reference is not None:
            return _REFERS.format(reference)
        if not form.optional and (group.family is not Family.ACK or known.get("name") is None):
            return _NO_POLICY
        return _NO_POLICY if self._annotation(_ADOPTION) is not None else None

    def _account(self, known: Parameters) -> str | None:
        named = known.text("registryId") or known.text("registryID") or self._annotation(_OWNER)
        return named if named is not None and is_account(named) else None

    def _owners(self, known: Parameters, account: str | None) -> Owners | None:
        """Return the owners if the resource names its registry, and the name is unknown."""
        said = known.get("registryId") or known.get("registryID")
        if account is not None or said is None:
            return None
        is_layer = said in known.layers  # then its other fields are unknown too
        return Owners(hole=Hole("registryId")) if is_layer else owners_by(said.value)

    def _notes(self, account: str | None) -> Iterator[str]:
        if account is not None and self.context.account not in (None, account):
            yield f"the manifest puts it into {account}, not into the given account {self.context.account}"

    def _names(self, form: Field, known: Parameters) -> tuple[str, ...]:
        if form.prefix is not None:
            return names_of(known.get(form.prefix), names_under)
        if form.name is None:
            return ANY_NAME
        named, reference = known.get(form.name), known.get(f"{form.name}Ref")
        return names_of(
            named or (self.beside.repository_name(self.manifest, reference) if reference is not None else None)
        )

    # --- resources without a policy ---

    def _read_without_policy(self, kind: Role, known: Parameters) -> Harvest:
        if kind is Role.REPOSITORY:
            elsewhere = self._elsewhere(frozenset(), "policy", known)
            if elsewhere:
                return self._unjudged_harvest(_ELSEWHERE)
            return Harvest(skipped=(Skipped(self.file.name, f"{self.resource}: {_NO_SPEC}"),))
        return NOTHING
