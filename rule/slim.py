"""Makes an artefact small and quick to start. The Makefile calls it with the folder that `sam build` fills.

It removes content that the functions do not need: documentation in the models of services and what makes texts for
`help()` from it, parts of the libraries that nothing imports, and the transfer of files. It adds byte code, so that a
cold start compiles nothing: byte code replaces the sources of the libraries, and is added to those of the rule. Byte
code works only with one version of Python, so no other version generates it.
"""

from __future__ import annotations

import compileall
import gzip
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

RUNTIME = (3, 13)
"""The version of Python in template.yaml."""
_READ = "clientContextParams"
"""The only part of a model whose documentation botocore reads when it creates a client. S3's model has one."""
OPERATIONS = {
    "config": {
        "DescribeConfigurationRecorderStatus",
        "DescribeConfigurationRecorders",
        "DescribeRemediationExceptions",
        "GetComplianceDetailsByConfigRule",
        "GetResourceConfigHistory",
        "PutEvaluations",
        "SelectResourceConfig",
    },
    "dynamodb": {"GetItem", "PutItem"},
    "ecr-public": {"GetRepositoryPolicy"},
    "organizations": {"DescribeOrganization", "ListAccounts"},
    "s3": {
        "GetObject",
        "HeadBucket",
        "ListObjectsV2",
        "PutObject",
    },  # HeadBucket: botocore calls it to find the Region of a bucket
    "securityhub": {"BatchImportFindings", "GetFindings"},
    "sns": {"Publish"},
    "ssm": {"GetParameter", "GetParameters"},
}
"""The operations that are called, for services with many others."""
UNUSED = (
    "botocore/stub.py",
    "dateutil/rrule.py",  # only for iCalendar
    "dateutil/tz/win.py",
    "dateutil/zoneinfo/dateutil-zoneinfo.tar.gz",
    "urllib3/contrib/pyopenssl.py",  # only with pyOpenSSL, which no function has
    "urllib3/contrib/socks.py",
)
"""Files of the libraries that no function imports."""
OURS = ("ecr_crossaccount", "alerts.py", "handler.py", "membership.py")

TRANSFER_MANAGER = '''
"""In place of s3transfer: boto3 looks this up when it is imported, and this function transfers no files."""


class TransferConfig:
    """Has the attribute by which boto3 tells versions apart."""

    UNSET_DEFAULT = object()
'''

HELP = '''
"""In place of the texts that `help()` shows for clients and resources: nobody asks for help in a function."""


def _no_text(*_parts, **_named):
    return ""


{names} = _no_text
'''

# The build sets arbitrary times. An artefact's sources do not change, so byte code need not be checked against them.
_UNCHECKED = PycInvalidationMode.UNCHECKED_HASH


def main() -> None:
    """Slim the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    shorten_models(folder / "botocore" / "data")
    shorten_endpoints(folder / "botocore" / "data")
    for one in UNUSED:
        (folder / one).unlink(missing_ok=True)
    shutil.rmtree(folder / "urllib3" / "contrib" / "emscripten", ignore_errors=True)
    leave_out_transfers(folder / "s3transfer")
    for library in ("boto3", "botocore"):
        leave_out_help(folder / library / "docs")
    if sys.version_info[:2] == RUNTIME:
        compile_all(folder)
    else:
        sys.stderr.write(f"slim: no byte code by Python {sys.version.split()[0]}: cold starts take twice as long\n")


def shorten_models(data: Path) -> None:
    """Remove documentation from the models of services, and decompress them, because the archive is compressed."""
    for file in [*data.rglob("*.json.gz"), *data.rglob("*.json")]:
        read = gzip.open if file.suffix == ".gz" else open
        with read(file, "rt", encoding="utf-8") as text:
            model = json.load(text)
        file.unlink()
        file.with_name(file.name.removesuffix(".gz")).write_text(
            json.dumps(_reduce_model(_without_words(model), file.relative_to(data).parts[0]), separators=(",", ":")),
            encoding="utf-8",
        )


def shorten_endpoints(data: Path) -> None:
    """Remove services without a model in the artefact from the list of endpoints."""
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_text(encoding="utf-8"))
    kept = {name for model in data.glob("*/*/service-2.json") for name in _names_of(model)}
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: one for name, one in services.items() if name in kept}
    file.write_text(json.dumps(endpoints, separators=(",", ":")), encoding="utf-8")


def leave_out_transfers(library: Path) -> None:
    """Remove s3transfer if it is there, except the names that boto3 looks up on import."""
    if library.is_dir():
        shutil.rmtree(library)
        library.mkdir()
        (library / "__init__.py").touch()
        (library / "manager.py").write_text(TRANSFER_MANAGER.lstrip(), encoding="utf-8")


def leave_out_help(docs: Path) -> None:
    """Remove a library's texts for `help()` if they are there, except the names that are looked up on import."""
    for path in docs.iterdir() if docs.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name == "docstring.py":
            names = re.findall(r"^class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            path.write_text(HELP.lstrip().format(names=" = ".join(names)), encoding="utf-8")
        elif path.name == "__init__.py":
            path.write_text("", encoding="utf-8")
        elif path.name != "utils.py":  # has handlers of events
            path.unlink()


def _names_of(model: Path) -> tuple[str, str]:
    """Return the names that botocore may look up a service's endpoints with: the folder's and the model's."""
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
    return key == "documentation" and isinstance(value, str)  # a member may have this name, and is not text


def _reduce_model(model: Any, service: str) -> object:  # noqa: ANN401 - JSON
    """Return a model with only the operations that are called, if the service is in OPERATIONS."""
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
    """Write byte code: for libraries without docstrings, in place of the sources; for the rule beside them."""
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
