"""The formats of `ask`: a module for each, which is imported when it is used and turns an AccessReport into text."""

from __future__ import annotations

from ...base.outputs import Form

FORMATS = {
    "text": Form(f"{__name__}.as_text"),
    "json": Form(f"{__name__}.as_json"),
    "csv": Form(f"{__name__}.as_csv", tells_notes=False),
}
"""The formats by their name on the command line."""
