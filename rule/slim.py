"""Makes an artefact small and quick to start; the Makefile calls it with the folder that `sam build` fills.

What it takes out is for people or for other programs: the words of the services' models, the time zones of a library
whose caller reads UTC. What it puts in is byte code, so that a cold start compiles nothing: of the libraries instead of
their sources, of the rule beside them. Byte code is for one Python only, so nothing of it is made by another.
"""

from __future__ import annotations

import compileall
import gzip
import json
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

RUNTIME = (3, 13)
"""The Python that template.yaml names."""
_READ = "clientContextParams"
"""The part of a model whose documentation botocore reads when a client is made; S3's has one."""
OURS = ("ecr_crossaccount", "handler.py")

# The build sets times at will; an artefact's sources do not change, so nobody needs to compare.
_UNCHECKED = PycInvalidationMode.UNCHECKED_HASH


def main() -> None:
    """Slim the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    shorten_models(folder / "botocore" / "data")
    (folder / "dateutil" / "zoneinfo" / "dateutil-zoneinfo.tar.gz").unlink(missing_ok=True)
    shutil.rmtree(folder / "urllib3" / "contrib" / "emscripten", ignore_errors=True)
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
            json.dumps(_without_words(model), separators=(",", ":")), encoding="utf-8"
        )


def _without_words(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: one if key == _READ else _without_words(one)
            for key, one in value.items()
            if not _is_documentation(key, one)
        }
    return [_without_words(one) for one in value] if isinstance(value, list) else value


def _is_documentation(key: str, value: object) -> bool:
    return key == "documentation" and isinstance(value, str)  # a member may bear the name, and is no text


def compile_all(folder: Path) -> None:
    """Write byte code; of the libraries without docstrings, and in place of the sources."""
    for path in sorted(folder.iterdir()):
        ours = path.name in OURS
        compile_one = compileall.compile_dir if path.is_dir() else compileall.compile_file
        if path.is_dir() or path.suffix == ".py":
            compile_one(
                path,
                stripdir=folder,
                quiet=1,
                legacy=not ours,
                optimize=-1 if ours else 2,
                invalidation_mode=_UNCHECKED,
            )
        if not ours:
            for source in [path] if path.suffix == ".py" else path.rglob("*.py"):
                source.unlink()


if __name__ == "__main__":
    main()
