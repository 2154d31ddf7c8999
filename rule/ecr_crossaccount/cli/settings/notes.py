"""What a run says of the settings behind its answer."""

from __future__ import annotations

from ...provenance import Provenance
from ..program import complain


def note_settings(provenance: Provenance) -> None:
    """Say on standard error which settings that stand beside the code can have loosened the answer."""
    if provenance.beside_the_code:
        complain(f"note: settings can loosen this result: {provenance.beside_the_code}")
