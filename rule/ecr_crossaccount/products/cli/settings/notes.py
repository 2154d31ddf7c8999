"""The note about the settings that a result depends on."""

from __future__ import annotations

from dataclasses import replace

from ....sources.check.provenance import Provenance
from ..base.program import complain
from .holding import WORKING_FOLDER


def note_settings(provenance: Provenance) -> None:
    """Write to standard error which settings beside the code may have loosened the result.

    A register that was found in the working folder is not repeated, because an earlier note names it.
    """
    others = replace(provenance, settings=tuple(one for one in provenance.settings if one.source != WORKING_FOLDER))
    if others.beside_the_code:
        complain(f"note: settings can loosen this result: {others.beside_the_code}")
