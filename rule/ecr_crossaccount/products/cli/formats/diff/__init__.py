"""The formats of a comparison: a module for each, which is imported when it is used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...base.outputs import Form, Output, Outputs
from ...base.program import complain

if TYPE_CHECKING:
    from .....sources.check.differences import Comparison

FORMATS = {
    "text": Form(f"{__name__}.as_text", tells_errors=False),
    "json": Form(f"{__name__}.as_json"),
    "markdown": Form(f"{__name__}.as_markdown"),
}
"""The formats by their name on the command line."""


def show_all(found: Comparison, wanted: Iterable[Output] | None) -> None:
    """Show a comparison in each requested format.

    Errors of reading also go to standard error, each reason once, unless the format on standard output shows them.
    """
    outputs: Outputs[Comparison] = Outputs(wanted, FORMATS)
    outputs.show(found)
    if outputs.tell_errors:
        return
    from .....sources.check.results import in_places
    from ..groups import grouped
    from .told import placed

    for reason, alike in grouped(found.errors, lambda one: one[1].reason):
        places = [placed(name, error.file, error.where) for name, error in alike]
        if len(places) == 1:
            complain(f"{places[0]}: {reason}")
        else:
            complain(in_places(reason, places))
