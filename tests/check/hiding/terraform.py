"""Terraform, and Terragrunt units that give the inputs of a module."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass

from tests.check.hcl.hidden import Block, Hidden, some
from tests.check.hiding.hider import Folder, Hider


def folder(seed: int) -> Folder:
    """Return a folder of Terraform sources."""
    chance = random.Random(seed)  # noqa: S311 - a test's own, the same every time
    case = some(chance)
    syntax = chance.choice(("json", "arrays"))
    return Folder(dict(case.texts("hcl")), case.answers, (case.name, syntax), case.rests, in_json=case.texts(syntax))


# --- Terragrunt ---

_Values = Mapping[str, str]
_INCLUDE = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'


@dataclass(slots=True)
class Unit(Hider):
    """A unit that opens a module, whose inputs each come by another way."""

    def folder(self) -> Folder:
        """Return the folder."""
        case = self._case()
        texts = self._texts(case)
        groups: tuple[dict[str, str], ...] = ({}, {}, {})
        for name, text in texts.items():
            self.one_of(*groups)[name] = text
        way = self.one_of(self._merged, self._parent, self._file, self._unknown)
        self.names += [case.name, way.__name__]
        unit = f'terraform {{\n  source = "../../module"\n}}\n{way(*groups)}'
        module = {f"module/{name}": text for name, text in case.texts("hcl").items()}
        return Folder({"live/unit/terragrunt.hcl": unit, **module, **self.files}, (), tuple(self.names))

    def _case(self) -> Hidden:
        """Return a configuration whose inputs can all be given by a caller."""
        while True:
            case = some(self.chance)
            if case.answers and not any(name.endswith(".tfvars") for name in case.files):
                return case

    def _texts(self, case: Hidden) -> dict[str, str]:
        """Return the expression of each value that opens the module."""
        blocks = [one for found in case.files.values() if not isinstance(found, str) for one in found]
        kinds = {one.labels[0]: str(one.attributes.get("type", "")) for one in blocks if _is_variable(one)}
        opening = case.answers[-1].parameters
        return {name: json.dumps(text) if kinds[name] == "string" else text for name, text in opening.items()}

    def _merged(self, before: _Values, own: _Values, after: _Values) -> str:
        return (
            f"locals {{\n  more = {_object(after)}\n}}\ninputs = merge({_object(before)}, {_object(own)}, local.more)\n"
        )

    def _parent(self, before: _Values, own: _Values, after: _Values) -> str:
        self.files["root.hcl"] = f"inputs = merge({_object(before)}, {_object(after)})\n"
        return f"{_INCLUDE}inputs = {_object(own)}\n"

    def _file(self, before: _Values, own: _Values, after: _Values) -> str:
        self.files["live/unit/terraform.tfvars"] = "".join(f"{name} = {text}\n" for name, text in after.items())
        return f"inputs = merge({_object(before)}, {_object(own)})\n"

    def _unknown(self, before: _Values, own: _Values, _: _Values) -> str:
        more = self.one_of('read_terragrunt_config("x.hcl").inputs', "local.gone")
        return f"inputs = merge({_object(before)}, {_object(own)}, {more})\n"


def _object(values: _Values) -> str:
    return "{ " + ", ".join(f"{name} = {text}" for name, text in values.items()) + " }"


def _is_variable(block: Block) -> bool:
    return block.kind == "variable" and bool(block.labels)
