"""Makes an artefact small and quick to start; the Makefile calls it with the folder that `sam build` fills.

What it takes out is for people or for other programs: the words of the services' models, the time zones of a library
whose caller reads UTC, the transfers of files that nobody here transfers. What it puts in is byte code, so that a cold
start compiles nothing: of the libraries instead of their sources, of the rule beside them. Byte code is for one Python
only, so nothing of it is made by another.
"""

from __future__ import annotations

import compileall
import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

RUNTIME = (3, 13)
"""The Python that template.yaml names."""
_READ = "clientContextParams"
"""The part of a model whose documentation botocore reads when a client is made; S3's has one."""
OPERATIONS = {
    "s3": {
        "GetObject",
        "HeadBucket",
        "ListObjectsV2",
        "PutObject",
    },  # HeadBucket: botocore asks it in which Region a bucket is
    "securityhub": {"BatchImportFindings"},
    "ssm": {"GetParameter", "GetParameters"},
}
"""What is called of services whose models are larger than all others together."""
OURS = ("ecr_crossaccount", "alerts.py", "handler.py", "membership.py")

TRANSFER_MANAGER = '''
"""In place of s3transfer: boto3 looks this up when it is imported, and this function transfers no files."""


class TransferConfig:
    """Has the attribute by which boto3 tells versions apart."""

    UNSET_DEFAULT = object()
'''

# The build sets times at will; an artefact's sources do not change, so nobody needs to compare.
_UNCHECKED = PycInvalidationMode.UNCHECKED_HASH


def main() -> None:
    """Slim the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    shorten_models(folder / "botocore" / "data")
    shorten_endpoints(folder / "botocore" / "data")
    (folder / "dateutil" / "zoneinfo" / "dateutil-zoneinfo.tar.gz").unlink(missing_ok=True)
    shutil.rmtree(folder / "urllib3" / "contrib" / "emscripten", ignore_errors=True)
    leave_out_transfers(folder / "s3transfer")
    if sys.version_info[:2] == RUNTIME:
        compile_all(folder)
    else:
        sys.stderr.write(f"slim: no byte code by Python {sys.version.split()[0]}: cold starts take twice as long\n")


def shorten_models(data: Path) -> None:
    """Take the documentation out of the models of services, and the compression, which the archive has of its own."""
    for file in [*data.rglob("*.json.gz"), *data.rglob("*.json")]:
        read = gzip.open if file.suffix == ".gz" else open
        with read(file, "rt", encoding="utf-8") as text:
            model = json.load(text)
        file.unlink()
        file.with_name(file.name.removesuffix(".gz")).write_text(
            json.dumps(_called(_without_words(model), file.relative_to(data).parts[0]), separators=(",", ":")),
            encoding="utf-8",
        )


def shorten_endpoints(data: Path) -> None:
    """Take the services out of the list of endpoints that the artefact has no model of."""
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_text(encoding="utf-8"))
    kept = {name for model in data.glob("*/*/service-2.json") for name in _names_of(model)}
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: one for name, one in services.items() if name in kept}
    file.write_text(json.dumps(endpoints, separators=(",", ":")), encoding="utf-8")


def leave_out_transfers(library: Path) -> None:
    """Leave nothing of s3transfer, where it is, but what boto3 looks up when it is imported."""
    if library.is_dir():
        shutil.rmtree(library)
        library.mkdir()
        (library / "__init__.py").touch()
        (library / "manager.py").write_text(TRANSFER_MANAGER.lstrip(), encoding="utf-8")


def _names_of(model: Path) -> tuple[str, str]:
    """Return by which names botocore looks for the endpoints of a service: its folder's, and its model's."""
    metadata = json.loads(model.read_text(encoding="utf-8"))["metadata"]
    return model.parents[1].name, metadata["endpointPrefix"]


def _without_words(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: one if key == _READ else _without_words(one)
            for key, one in value.items()
            if not _is_documentation(key, one)
        }
    return [_without_words(one) for one in value] if isinstance(value, list) else value


def _is_documentation(key: str, value: object) -> bool:
    return key == "documentation" and isinstance(value, str)  # a member may bear the name, and is not text


def _called(model: Any, service: str) -> object:  # noqa: ANN401 - JSON
    """Return a model with the operations that are called, of a service that has many others."""
    if service not in OPERATIONS or "operations" not in model:
        return model
    operations = {name: one for name, one in model["operations"].items() if name in OPERATIONS[service]}
    needed: set[str] = set()
    waiting = [name for one in operations.values() for name in _shapes(one)]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _shapes(model["shapes"][name])
    shapes = {name: one for name, one in model["shapes"].items() if name in needed}
    return {**model, "operations": operations, "shapes": shapes}


def _shapes(value: object) -> Iterator[str]:
    """Yield the names of the shapes that a part of a model refers to."""
    if isinstance(value, dict):
        name = value.get("shape")
        if isinstance(name, str):
            yield name
        for one in value.values():
            yield from _shapes(one)
    elif isinstance(value, list):
        for one in value:
            yield from _shapes(one)


def compile_all(folder: Path) -> None:
    """Write byte code; of the libraries without docstrings, and in place of the sources."""
    for path in sorted(folder.iterdir()):
        ours = path.name in OURS
        compile_one = compileall.compile_dir if path.is_dir() else compileall.compile_file
        if path.is_dir() or path.suffix == ".py":
            compiled = compile_one(
                path,
                stripdir=folder,
                quiet=1,
                legacy=not ours,
                optimize=-1 if ours else 2,
                invalidation_mode=_UNCHECKED,
            )
            if not compiled:
                raise SystemExit(f"slim: `{path.name}` cannot be compiled, see above: its sources stay, and no release")
        if not ours:
            for source in [path] if path.suffix == ".py" else path.rglob("*.py"):
                source.unlink()


if __name__ == "__main__":
    main()
