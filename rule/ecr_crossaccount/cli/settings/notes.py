"""What a run says of the settings behind its answer."""

from __future__ import annotations

from dataclasses import replace

from ...provenance import Provenance
from ..program import complain
from .holding import WORKING_FOLDER


def note_settings(provenance: Provenance) -> None:
    """Say on standard error which settings that stand beside the code can have loosened the answer.

    A register that was found in the working folder is left out: that was said when it was taken.
    """
    others = replace(provenance, settings=tuple(one for one in provenance.settings if one.source != WORKING_FOLDER))
    if others.beside_the_code:
        complain(f"note: settings can loosen this result: {others.beside_the_code}")
