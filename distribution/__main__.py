"""Build wheel and source distribution into an existing folder: `python -m distribution FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from distribution.python import built

built(Path(sys.argv[1]))
