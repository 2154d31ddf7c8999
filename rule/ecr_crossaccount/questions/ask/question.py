"""A question about access: who, what, and with which condition keys."""

from __future__ import annotations

from dataclasses import dataclass

from .caller import Caller
from .given import NOTHING_GIVEN, Given
from .wanted import Wanted


@dataclass(frozen=True, slots=True)
class Question:
    """Whether `caller` may do what is `wanted`, in requests that have the condition keys in `given`."""

    caller: Caller
    wanted: Wanted
    given: Given = NOTHING_GIVEN
