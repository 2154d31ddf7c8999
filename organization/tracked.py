"""`make release`: makes a release of the commit at HEAD, in a folder of its own, and refuses if the tree differs.

So no file gets into a release that is not in its commit: neither a change, nor a file that Git ignores.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NAMED = 10
"""The most changes that the message names."""


def main(arguments: list[str]) -> int:
    """Make a release with the options of `organization`, and return its exit status."""
    changes = _git("status", "--porcelain", "--untracked-files=all").decode(errors="replace").splitlines()
    if changes:
        more = f"\nand {len(changes) - _NAMED} more" if len(changes) > _NAMED else ""
        listed = "\n".join(changes[:_NAMED])
        sys.stderr.write(f"make release: the working tree differs from its commit: commit or remove\n{listed}{more}\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(_git("archive", "--format=tar", "HEAD"))) as tracked:
            tracked.extractall(folder, filter="data")
        command = [sys.executable, "-P", "-m", "organization", "--output", str(ROOT / "build" / "release"), *arguments]
        paths = os.pathsep.join((folder, str(Path(folder, "rule"))))
        return subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=False).returncode


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
