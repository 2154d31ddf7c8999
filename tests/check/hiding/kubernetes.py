"""Kubernetes: Crossplane and ACK, with compositions, patches, lists, texts, Helm charts and Kustomize."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import yaml

from tests.check.hiding.hider import CLOSED, Folder, Hider, Json

_POLICY = ("spec", "forProvider", "policy")


def crossplane(name: str, policy: Json) -> Json:
    """Return a manifest of Crossplane."""
    provider = {"repository": name, "region": "eu-west-1", "policy": policy}
    return {
        "apiVersion": "ecr.aws.upbound.io/v1beta1",
        "kind": "RepositoryPolicy",
        "metadata": {"name": name},
        "spec": {"forProvider": provider},
    }


def ack(name: str, policy: Json) -> Json:
    """Return a manifest of ACK."""
    return {
        "apiVersion": "ecr.services.k8s.aws/v1alpha1",
        "kind": "Repository",
        "metadata": {"name": name},
        "spec": {"name": name, "policy": policy},
    }


@dataclass(slots=True)
class Manifests(Hider):
    """Manifests that hide a policy, which is a text in them."""

    values: dict[str, Json] = field(default_factory=dict)

    def texts(self) -> Sequence[Callable[[str, str], Json]]:
        return (self._value, self._value_by_name, self._default, self._environment, self._unknown)

    def objects(self) -> Sequence[Callable[[Json, Json], Json]]:
        return ()

    def _value(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.values[name] = self.one_of(value, closed)
        return self.one_of(
            f"{{{{ .Values.{name} }}}}", f"{{{{- .Values.{name} -}}}}", f"{{{{ .Values.{name} | trim }}}}"
        )

    def _value_by_name(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.values[name] = {"dev": closed, "prod": value}
        return f"{{{{ index .Values.{name} .Values.stage }}}}"

    def _default(self, value: str, closed: str) -> Json:
        return self.one_of(
            f"{{{{ .Values.unset | default `{value}` }}}}", f"{{{{ .Values.unset | default `{closed}` }}}}"
        )

    def _environment(self, _: str, __: str) -> Json:
        return self.one_of("${WHO}", "$(WHO)", "${who}")

    def _unknown(self, value: str, closed: str) -> Json:
        return f"{{{{ if .Values.open }}}}{value}{{{{ else }}}}{closed}{{{{ end }}}}"

    # --- the whole ---

    def folder(self) -> Folder:
        """Return the folder."""
        made = self.one_of(crossplane, ack)
        policy = json.dumps(self.policy())
        around = self.one_of(
            "alone", "list", "config map", "object", "composition", "patched", "initial", "chart", "kustomize", "inline"
        )
        self.names.append(around)
        closed = made("closed", json.dumps(CLOSED))
        files = {"closed.yaml": closed, **getattr(self, f"_{around.replace(' ', '_')}")(made, policy, closed)}
        if self.values:
            files["values.yaml"] = self.values
        return Folder(files, (), tuple(self.names), rests=around == "chart")

    def _alone(self, made: Callable[[str, Json], Json], policy: str, _: Json) -> Json:
        return {"hidden.yaml": made("hidden", policy)}

    def _list(self, made: Callable[[str, Json], Json], policy: str, closed: Json) -> Json:
        return {"hidden.yaml": {"apiVersion": "v1", "kind": "List", "items": [closed, made("hidden", policy)]}}

    def _config_map(self, made: Callable[[str, Json], Json], policy: str, _: Json) -> Json:
        manifest = made("hidden", policy)
        data = {"hidden.yaml": self.one_of(json.dumps(manifest), yaml.safe_dump(manifest))}
        return {"hidden.yaml": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": data}}

    def _object(self, made: Callable[[str, Json], Json], policy: str, _: Json) -> Json:
        spec = {"forProvider": {"manifest": made("hidden", policy)}}
        return {"hidden.yaml": {"apiVersion": "kubernetes.crossplane.io/v1alpha2", "kind": "Object", "spec": spec}}

    def _composition(self, made: Callable[[str, Json], Json], policy: str, _: Json) -> Json:
        return self._composed({"name": "hidden", "base": made("hidden", policy)})

    def _patched(self, _: Callable[[str, Json], Json], policy: str, __: Json) -> Json:
        """Write a closed base whose policy a patch replaces, or changes in part."""
        patch = self.one_of(
            {"fromFieldPath": "spec.policy", "toFieldPath": ".".join(_POLICY)},
            {
                "type": "CombineFromComposite",
                "toFieldPath": ".".join(_POLICY),
                "combine": {
                    "variables": [{"fromFieldPath": "spec.who"}],
                    "strategy": "string",
                    "string": {"fmt": policy.replace("%", "%%").replace('"Allow"', '"Allow", "Sid": "%s"', 1)},
                },
            },
            {"type": "PatchSet", "patchSetName": "elsewhere"},
        )
        return self._composed({"name": "hidden", "base": crossplane("hidden", json.dumps(CLOSED)), "patches": [patch]})

    def _composed(self, resource: Json) -> Json:
        meta = {"apiVersion": "apiextensions.crossplane.io/v1", "kind": "Composition", "metadata": {"name": "x"}}
        if self.maybe():
            return {"hidden.yaml": {**meta, "spec": {"resources": [resource]}}}
        step = {"functionRef": {"name": "function-patch-and-transform"}, "input": {"resources": [resource]}}
        return {"hidden.yaml": {**meta, "spec": {"mode": "Pipeline", "pipeline": [step]}}}

    def _initial(self, _: Callable[[str, Json], Json], policy: str, __: Json) -> Json:
        manifest = crossplane("hidden", policy)
        manifest["spec"]["initProvider"] = {"policy": manifest["spec"]["forProvider"].pop("policy")}
        return {"hidden.yaml": manifest}

    def _chart(self, made: Callable[[str, Json], Json], policy: str, _: Json) -> Json:
        """Write a template of a chart, which is YAML before it is rendered, or is not."""
        text = yaml.safe_dump(made("hidden", policy), width=1000)
        way = self.one_of("plain", "conditional", "policy in values", "helper")
        self.names.append(way)
        if way == "conditional":
            text = f"{{{{- if .Values.enabled }}}}\n{text}{{{{- end }}}}\n"
        elif way == "policy in values":
            self.values["policy"] = policy
            text = yaml.safe_dump(made("hidden", "POLICY"), width=1000).replace(
                "POLICY",
                self.one_of("{{ .Values.policy | toJson }}", "'{{ .Values.policy }}'", "{{ .Values.policy | quote }}"),
            )
        elif way == "helper":
            self.files["templates/_helpers.tpl"] = f'{{{{- define "policy" -}}}}\n{policy}\n{{{{- end -}}}}\n'
            put_in = '{{ include "policy" . | quote }}'
            text = yaml.safe_dump(made("hidden", "POLICY"), width=1000).replace("POLICY", put_in)
        return {"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "templates/hidden.yaml": text, **self.files}

    def _kustomize(self, made: Callable[[str, Json], Json], policy: str, _: Json) -> Json:
        """Write a closed manifest that a patch in a file opens."""
        path = "/spec/policy" if made is ack else "/spec/forProvider/policy"
        patch = self.one_of(
            ("patch.yaml", [{"op": "replace", "path": path, "value": policy}]),
            ("patch.yaml", made("hidden", policy)),
            ("patch.json", json.dumps([{"op": self.one_of("add", "replace"), "path": path, "value": policy}])),
        )
        overlay = {"kind": "Kustomization", "resources": ["hidden.yaml"], "patches": [{"path": patch[0]}]}
        return {"hidden.yaml": made("hidden", json.dumps(CLOSED)), patch[0]: patch[1], "kustomization.yaml": overlay}

    def _inline(self, made: Callable[[str, Json], Json], policy: str, _: Json) -> Json:
        """Write a closed manifest that a patch inside a kustomization opens."""
        path = "/spec/policy" if made is ack else "/spec/forProvider/policy"
        patch = [{"op": "replace", "path": path, "value": policy}]
        any_one = made("x", "")
        group = any_one["apiVersion"].partition("/")[0]
        target = self.one_of({"kind": any_one["kind"]}, {"group": group}, {"name": "hidden"})
        written = self.one_of(json.dumps(patch), yaml.safe_dump(patch), yaml.safe_dump(made("hidden", policy)))
        patches = [{"target": target, "patch": written}]
        overlay = {"kind": "Kustomization", "resources": ["hidden.yaml"], "patches": patches}
        return {"hidden.yaml": made("hidden", json.dumps(CLOSED)), "kustomization.yaml": overlay}
