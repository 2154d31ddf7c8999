"""`make site`: assemble the pages in build/pages, and build the site in build/site with MkDocs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from website.assembly import ROOT, assemble


def main() -> int:
    """Build the site. Return MkDocs' exit status, which is not 0 if a link is broken."""
    pages = ROOT / "build" / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir(parents=True)
    assemble(pages)
    # Otherwise, it announces its successor on every start.
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--clean"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
