"""Patches of a Composition of Crossplane: what becomes of a resource, as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ecr_crossaccount import Hole
from ecr_crossaccount.sources.files.values.nodes import plain
from ecr_crossaccount.sources.formats.kubernetes.crossplane import apply_patch, patches_of, sets_in

from tests.check.test_every_row import node_of
from tests.check.told import shown

SPEC: dict[str, Any] = {"a": "1", "l": [{"n": "1"}, {"n": "2"}], "e": []}
BEFORE: Any = {"spec": SPEC}


def to(path: str, *, required: bool = True, **more: object) -> dict[str, object]:
    policy = {"policy": {"fromFieldPath": "Required"}} if required else {}
    return {"fromFieldPath": "x", "toFieldPath": path, **policy, **more}


def changed(*transforms: object) -> dict[str, object]:
    return to("spec.a", transforms=list(transforms))


def formatted(form: str, **more: object) -> dict[str, object]:
    return {"type": "string", "string": {"fmt": form, **more}}


def combined(form: str, *paths: str, required: bool = True) -> dict[str, object]:
    variables = [{"fromFieldPath": path} if path else {} for path in paths]
    combine = {"variables": variables, "string": {"fmt": form}}
    return {**to("spec.a", required=required), "type": "CombineFromComposite", "combine": combine}


def a(value: object) -> dict[str, object]:
    """Return the resource with another value for `spec.a`."""
    return {"spec": {**SPEC, "a": value}}


def nested(depth: int) -> object:
    return "<x>" if depth == 0 else {"z": nested(depth - 1)}


MAP = {"type": "map", "map": {}}
ROWS: Mapping[str, tuple[list[dict[str, object]], object]] = {
    "a field": ([to("spec.a")], a("<x>")),
    "a field that may stay": ([to("spec.a", required=False)], a("<x>")),
    "the same field": ([{"fromFieldPath": "spec.a"}], a("<spec.a>")),
    "a new field": ([to("spec.b")], {"spec": {**SPEC, "b": "<x>"}}),
    "a field in a new one": ([to("spec.b.c")], {"spec": {**SPEC, "b": {"c": "<x>"}}}),
    "two fields in a new one": ([to("spec.b.c"), to("spec.b.d")], {"spec": {**SPEC, "b": {"c": "<x>", "d": "<x>"}}}),
    "a field in one that is not known": ([to("spec.b"), to("spec.b.c")], {"spec": {**SPEC, "b": "<x>"}}),
    "single quotes": ([to("spec['a']")], a("<x>")),
    "double quotes": ([to('spec["a"]')], a("<x>")),
    "no quotes": ([to("spec[a]")], a("<x>")),
    "brackets first": ([to("[spec].a")], a("<x>")),
    "an item": ([to("spec.l[0].n")], {"spec": {**SPEC, "l": [{"n": "<x>"}, {"n": "2"}]}}),
    "the last item": ([to("spec.l[1]")], {"spec": {**SPEC, "l": [{"n": "1"}, "<x>"]}}),
    "a new item": ([to("spec.l[2].n")], {"spec": {**SPEC, "l": [{"n": "1"}, {"n": "2"}, {"n": "<x>"}]}}),
    "an item beyond": ([to("spec.l[3].n")], {"spec": {**SPEC, "l": "<x>"}}),
    "each item": ([to("spec.l[*].n")], {"spec": {**SPEC, "l": [{"n": "<x>"}, {"n": "<x>"}]}}),
    "the first item": ([to("spec.e[0]")], {"spec": {**SPEC, "e": ["<x>"]}}),
    "a field of a list": ([to("spec.l.n")], {"spec": {**SPEC, "l": "<x>"}}),
    "a field of a text": ([to("spec.a.b")], a("<x>")),
    "an item of nothing": ([to("spec.b[0]")], {"spec": {**SPEC, "b": "<x>"}}),
    "each field": ([to("spec[*]")], {"spec": "<<x>>"}),
    "no path": ([to("")], {**BEFORE, "x": "<x>"}),
    "a path with nothing in it": ([to("spec..a")], "<x>"),
    "a bracket that is not closed": ([to("spec.a[")], "<x>"),
    "a bracket that is not opened": ([to("]")], "<x>"),
    "spaces in brackets": ([to("spec[ 'a' ]")], "<x>"),
    "a deep path": ([to(".".join("z" * 60))], {**BEFORE, "z": nested(59)}),
    "a path that is too deep": ([to(".".join("z" * 61))], "<x>"),
    "from the composite": ([to("spec.a", type="FromCompositeFieldPath")], a("<x>")),
    "from the environment": ([to("spec.a", type="FromEnvironmentFieldPath")], a("<x>")),
    "to the composite": ([to("spec.a", type="ToCompositeFieldPath")], BEFORE),
    "to the environment": ([to("spec.a", type="ToEnvironmentFieldPath")], BEFORE),
    "combined to the composite": ([to("spec.a", type="CombineToComposite")], BEFORE),
    "combined to the environment": ([to("spec.a", type="CombineToEnvironment")], BEFORE),
    "of another kind": ([to("spec.a", type="FromTheMoon")], "<x>"),
    "a set": ([{"type": "PatchSet", "patchSetName": "s"}], a("<x>")),
    "a set that is not there": ([{"type": "PatchSet", "patchSetName": "t"}], "<patch set t>"),
    "a set without a name": ([{"type": "PatchSet"}], "<patch set None>"),
    "no transforms": ([changed()], a("<x>")),
    "a format": ([changed(formatted("a-%s"))], a("a-<x>")),
    "a format by its type": ([changed(formatted("a-%s-b", type="Format"))], a("a-<x>-b")),
    "a number": ([changed(formatted("%d%%"))], a("<x>%")),
    "any value": ([changed(formatted("a-%v"))], a("a-<x>")),
    "another verb": ([changed(formatted("a-%x"))], a("<x>")),
    "two verbs": ([changed(formatted("%s-%s"))], a("<x>")),
    "no verb": ([changed(formatted("plain"))], a("<x>")),
    "no format": ([changed({"type": "string"})], a("<x>")),
    "a conversion": ([changed(formatted("a-%s", type="Convert"))], a("<x>")),
    "a map": ([changed(MAP)], a("<x>")),
    "a map and a format": ([changed(MAP, formatted("a-%s"))], a("a-<x>")),
    "a format and a map": ([changed(formatted("a-%s"), MAP)], a("<x>")),
    "a format that may stay": ([{**changed(formatted("a-%s")), "policy": {}}], a("<a-<x>>")),
    "combined": ([combined("%s:%s", "x", "y")], a("<x>:<y>")),
    "combined with a verb too many": ([combined("%s:%s", "x")], a("<x>")),
    "combined from nowhere": ([combined("a-%s", "")], a("a-<?>")),
    "combined without variables": ([{**combined(""), "combine": {}}], a("<patch>")),
    "combined that may stay": ([combined("a-%s", "x", required=False)], a("<a-<x>>")),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_patch(row: str) -> None:
    patches, expected = ROWS[row]
    found = node_of(BEFORE)
    sets = sets_in(node_of({"patchSets": [{"name": "s", "patches": [to("spec.a")]}]}))
    for patch in patches_of(node_of({"patches": patches}), sets):
        found = apply_patch(found, patch)
    assert shown(plain(found)) == expected


def test_patches_that_are_no_list_may_change_anything() -> None:
    for written, expected in (("x", [Hole("patches")]), (None, []), ([], [])):
        assert [one.value for one in patches_of(node_of({"patches": written}), {})] == expected
