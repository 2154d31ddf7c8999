"""From a manifest to the policies that it makes, or why there is none, with the values that a Helm chart gives to it.

https://helm.sh/docs/chart_template_guide/values_files/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from itertools import islice
from pathlib import Path

from ....documents.document import is_account
from ....documents.json import place_in
from ....documents.pattern import Hole, Holed, Text
from ....judgement.kinds.table import EXCHANGES, Field
from ....judgement.values.trust import names_under
from ....memo import by_value
from ....questions.change.owners import Owners
from ...files.bare import configuration_in
from ...files.files import File, file_text
from ...files.marks import KUBERNETES, KUSTOMIZING, may_kustomize
from ...files.strays import ReadPolicy, misplacements, names_of, policy_of
from ...files.values.documents import expressions_to_holes, move_places, read_yaml, variables
from ...files.values.nodes import ABSENT, Fields, Node, Place, plain
from ...found.context import Context
from ...found.found import (
    ANY_NAME,
    ELSEWHERE,
    NOTHING,
    FoundPolicy,
    Harvest,
    Location,
    Skipped,
    Unjudged,
    owners_by,
    unjudged_at,
)
from ...reading.files import UnreadableError, files_like, is_file
from ...reading.yaml_events import BadYamlError
from .crossplane import document
from .kustomize import KIND, build_resources, is_kustomization
from .walk import GROUPS, REGISTRY_POLICY, Family, Found, Group, Manifest, Names, Role, group_of, manifests

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
        known = known or Parameters(())
        account, region = self._account(known) or self.context.account, known.text("region") or self.context.region
        there = self._location(known, self._account(known)) or Location(account, region)
        registry = there if self._kind == REGISTRY_POLICY else None
        return unjudged_at(self.manifest.written.place(self.file.name), self.resource, reason, registry)

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


_CHART, _TEMPLATES, _PARTS = "Chart.yaml", "templates", "charts"
_VALUE = re.compile(r"\{\{\s*\.Values((?:\.\w+)+)\s*(\|\s*quote\s*)?\}\}")
_PLAIN = re.compile(r"[\w./:@*+=,-]+")
_MOST_FILES = 32


@by_value
class Chart:
    """The values that all value files of a chart agree on, by path (`.partner`). `used`: those that a text has."""

    values: Mapping[str, str] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)

    def opener(self, text: str) -> Text | Hole:
        """Return a text with the known values, and a hole for each other expression."""
        return variables(_VALUE.sub(self._value, text))

    def _value(self, found: re.Match[str]) -> str:
        value = self.values.get(found[1])
        if value is None:
            return found[0]
        self.used.append(f"Values{found[1]}")
        return f'"{value}"' if found[2] else value


def chart_of(template: str) -> Chart:
    """Return the chart of a template. It has no values if the file is not in one, or if another chart sets them."""
    for folder in Path(template).parents:
        if folder.name == _TEMPLATES and is_file(str(folder.parent / _CHART)):
            chart = folder.parent
            inside = chart.parent.name == _PARTS and is_file(str(chart.parent.parent / _CHART))
            return Chart() if inside else Chart(_agreed_values(chart))
    return Chart()


def _agreed_values(chart: Path) -> Mapping[str, str]:
    """Return the values in `values.yaml` that no other value file of the chart changes."""
    names = (one for end in ("yaml", "yml") for one in map(Path, files_like(str(chart), f"**/*values*.{end}")))
    files = list(islice((name for name in names if _TEMPLATES not in name.relative_to(chart).parts), _MOST_FILES + 1))
    usual = chart / "values.yaml"
    if usual not in files or len(files) > _MOST_FILES:
        return {}
    try:
        said = {file: _scalars(file) for file in files}
    except (UnreadableError, BadYamlError):
        return {}
    own = said.pop(usual)
    return {path: value for path, value in own.items() if all(one.get(path, value) == value for one in said.values())}


def _scalars(path: Path) -> Mapping[str, str]:
    """Return the texts in a file of values, by path. One that may be more than one word is empty."""
    documents = read_yaml(file_text(str(path)))
    found: dict[str, str] = {}
    waiting = [("", document) for document in documents[:1]]
    while waiting:
        path_, node = waiting.pop()
        waiting += [(f"{path_}.{name}", value) for name, value in node.fields]
        found[path_] = node.text if node.text is not None and _PLAIN.fullmatch(node.text) else ""
    return {name: value for name, value in found.items() if value}


_PROSE = (
    "a text or a patch that changes Amazon ECR and is not read: render it, and check the result with "
    "`ecr-crossaccount check -`"
)
_RENDER = "a template that changes Amazon ECR and is not read: `helm template … | ecr-crossaccount check -`"
_VALUES = "it rests on the values of its chart ({}): `--values` or `--set` may give others"

_NOT_BUILT = (
    "it changes resources of Amazon ECR by `{}`, which are not read: `kustomize build … | ecr-crossaccount check -`"
)
_KIND = re.compile(r"^\s*[\"']?kind[\"']?:\s*[\"']?([A-Za-z]+)", re.MULTILINE)
_NEAR = 200
"""The number of characters after the API group that are searched for the kind of a resource."""


def reading(roots: tuple[Node, ...], file: File, context: Context) -> Callable[[Node], Harvest | None]:
    """Return a function that reads the policies of a document. It returns None if the document has no ECR resource."""
    names = Names(roots)

    def read(root: Node) -> Harvest | None:
        changes = is_kustomization(root, file.name) and may_kustomize(file.text)
        built = _kustomization(root, file, context) if changes else None
        if built is not None:
            return built
        if root.get("apiVersion") is None and not KUBERNETES.search(file.text):
            return None
        chart = chart_of(file.name) if "{{" in file.text else Chart()
        found = [_read(manifest, file, context, names) for manifest in manifests(root, chart.opener)]
        if not found:
            return None
        made = Harvest.from_parts(found)
        note = _VALUES.format(", ".join(f"`{text}`" for text in dict.fromkeys(chart.used)))
        return made.add_notes(note) if chart.used else made

    return read


def read_as_text(file: File, _: Context) -> Harvest | None:
    """Return the result for a chart's template. None if the file is not one, or makes no ECR resource."""
    if not (KUBERNETES.search(file.text) and "{{" in file.text):
        return None
    found = [_unjudged_resource(file, place) for place in KUBERNETES.finditer(file.text)]
    return Harvest(unjudged=tuple(dict.fromkeys(found)))


def _unjudged_resource(file: File, found: re.Match[str]) -> Unjudged:
    """Return the result for a resource of a template, named as far as its first lines show."""
    line, column = place_in(file.text, found.start())
    kind = _KIND.search(file.text, found.end(), found.end() + _NEAR)
    what = kind[1] if kind else found[0]
    return Unjudged(file.name, line, column, what, _RENDER, ELSEWHERE if what == REGISTRY_POLICY else None)


def _kustomization(root: Node, file: File, context: Context) -> Harvest | None:
    """Return the ECR resources that a kustomization changes. None if it has none, or they are not here."""
    built = [(one, group_of(one), by) for one, by in build_resources(root, file.name)]
    ours = [(one, group, by) for one, group, by in built if group is not None or isinstance(one.value, Hole)]
    if not ours:
        return None
    others = [name for name in KUSTOMIZING if root.find(name).value not in (None, ())]
    unread = (Unjudged(file.name, root.line, root.column, KIND, _NOT_BUILT.format(name)) for name in others[:1])
    names = Names(tuple(manifest for manifest, _, _ in ours))
    # The values come from several files. The place of the patch stands for all of them.
    here = replace(file, text="")
    found: list[Harvest] = []
    for one, group, by in ours:
        if by is not None and group is not None:
            moved = move_places(one, by.at)
            manifest = Manifest(moved, expressions_to_holes(moved), group, (KIND,))
            found.append(Reading(manifest, here, context, names).harvest())
    followed = tuple(dict.fromkeys(by.file for _, _, by in ours if by is not None and by.file))
    return Harvest.from_parts([*found, Harvest(unjudged=tuple(unread), followed=followed)])


def _read(one: Found, file: File, context: Context, names: Names) -> Harvest:
    if isinstance(one, Manifest):
        return Reading(one, file, context, names).harvest()
    return unjudged_at(one.at.place(file.name), "/".join(one.above) or "text", _PROSE)
