"""The components of a file, as a CycloneDX bill of materials: https://cyclonedx.org/docs/1.6/json/."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from distribution.components import Library
from distribution.project import LICENSE, NAME, VERSION
from organization.artefacts import Artefact


def bill(name: str, subject: Artefact, libraries: Iterable[Library]) -> Artefact:
    """Return the bill of materials of a file that contains, or is installed with, some libraries.

    It has no time of creation, so that the same file always has the same bill.
    """
    whole = Component(
        type=ComponentType.APPLICATION,
        name=name,
        version=VERSION,
        bom_ref=name,
        licenses=[LicenseExpression(LICENSE)],
        purl=PackageURL("pypi", None, NAME, VERSION) if name == NAME else None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=subject.sha256)],
    )
    parts = {one.name: _component(one) for one in libraries}
    made = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, subject.sha256), components=parts.values())
    made.metadata.component = whole
    needed = {name for one in libraries for name in one.needs}
    made.register_dependency(whole, [part for name, part in parts.items() if name not in needed])
    for one in libraries:
        made.register_dependency(parts[one.name], [parts[name] for name in one.needs])
    written = json.loads(JsonV1Dot6(made).output_as_string())
    del written["metadata"]["timestamp"]
    return Artefact(f"sbom/{name}.cdx.json", (json.dumps(written, indent=2, sort_keys=True) + "\n").encode())


def _component(library: Library) -> Component:
    address = PackageURL("pypi", None, library.name, library.version)
    return Component(
        name=library.name,
        version=library.version,
        bom_ref=str(address),
        licenses=[LicenseExpression(library.license)],
        purl=address,
    )
