"""A mirror of the installed packages: wheels packed from the environment, for installers without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
BUILD_BACKEND = "hatchling"
_INSTALLERS_OWN = frozenset({"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"})


def fill(folder: Path) -> None:
    """Put the wheels of the command's dependencies, of the build backend and of pip into `folder`."""
    needed = [*_needs("ecr-crossaccount"), Requirement(BUILD_BACKEND), Requirement("pip")]
    for name in sorted(set(_closure(needed))):
        _pack(distribution(name), folder)


def _needs(name: str) -> list[Requirement]:
    """Return what an installed package requires here, without its extras."""
    every = map(Requirement, distribution(name).requires or [])
    return [one for one in every if one.marker is None or one.marker.evaluate({"extra": ""})]


def _closure(requirements: list[Requirement]) -> Iterator[str]:
    """Yield the names of all packages that the requirements need, including themselves."""
    seen: set[str] = set()
    rest = [*requirements]
    while rest:
        name = rest.pop().name
        if name in seen:
            continue
        seen.add(name)
        yield name
        rest += _needs(name)


def _pack(one: Distribution, folder: Path) -> None:
    name = re.sub(r"[-_.]+", "_", one.metadata["Name"])
    kept = [file for file in one.files or () if _is_packed(file.as_posix(), file.name)]
    record = next(file.parent / "RECORD" for file in one.files or () if file.name == "METADATA")
    with zipfile.ZipFile(folder / f"{name}-{one.version}-{_tags_of(one)}.whl", "w") as wheel:
        for file in kept:
            wheel.write(str(one.locate_file(file)), file.as_posix())
        listed = "".join(f"{file.as_posix()},,\n" for file in kept)
        wheel.writestr(record.as_posix(), f"{listed}{record.as_posix()},,\n")


def _tags_of(one: Distribution) -> str:
    """Return the tags of a wheel as in its name: `py2.py3-none-any` for `py2-none-any` and `py3-none-any`."""
    lines = (one.read_text("WHEEL") or "").splitlines()
    tags = [line.partition(": ")[2].split("-") for line in lines if line.startswith("Tag: ")]
    return "-".join(".".join(sorted(set(parts))) for parts in zip(*tags, strict=True))


def _is_packed(path: str, name: str) -> bool:
    return not path.startswith("..") and not path.endswith(".pyc") and name not in _INSTALLERS_OWN


def offline(mirror: Path, **more: str) -> dict[str, str]:
    """Return an environment in which pip knows only `mirror`."""
    own: Mapping[str, str] = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    path = os.pathsep.join((str(Path(sys.executable).parent), own["PATH"]))
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": mirror.as_uri(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # virtualenv would look for a newer pip in a process that outlives the test.
    virtualenv = {"VIRTUALENV_NO_PERIODIC_UPDATE": "1"}
    return {**own, **pip, **virtualenv, "PIP_NO_COMPILE": "1", "PATH": path, **more}


def build_wheel(folder: Path) -> Path:
    """Build the project's wheel into `folder`."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("ecr_crossaccount-*.whl")
    return wheel
