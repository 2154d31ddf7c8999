"""The formats, and what writes a folder of each from a seed."""

from __future__ import annotations

from collections.abc import Callable

from tests.check.hiding import terraform
from tests.check.hiding.ansible import Play
from tests.check.hiding.cloudformation import Template
from tests.check.hiding.hider import Folder
from tests.check.hiding.kubernetes import Manifests
from tests.check.hiding.scripts import Script
from tests.check.hiding.serverless import Service

HIDERS: dict[str, Callable[[int], Folder]] = {
    "CloudFormation": lambda seed: Template(seed).folder(),
    "Terraform": terraform.folder,
    "Terragrunt": lambda seed: terraform.Unit(seed).folder(),
    "Serverless": lambda seed: Service(seed).folder(),
    "Ansible": lambda seed: Play(seed).folder(),
    "Kubernetes": lambda seed: Manifests(seed).folder(),
    "scripts": lambda seed: Script(seed).folder(),
}


def shown(folder: Folder) -> str:
    """Return a folder for a message."""
    files = "\n".join(f"--- {name}\n{text}" for name, text in folder.written(as_json=False).items())
    return f"hidden by {', '.join(folder.hidden)}\n{files}"
