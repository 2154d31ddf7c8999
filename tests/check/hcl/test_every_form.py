"""Each function, operator and form of the language with each kind of value, compared with what is recorded."""

from __future__ import annotations

import json

import pytest

from tests.check.grids import as_read

from .every_form import RECORDED, answers, forms

_EXPECTED = json.loads(RECORDED.read_text("utf-8"))


def test_every_form_is_recorded() -> None:
    assert list(_EXPECTED) == [*forms()], "make answers"


@pytest.mark.parametrize("form", [*forms()])
def test_a_form_comes_to_what_is_recorded(form: str) -> None:
    assert as_read(answers(form)) == _EXPECTED[form], "if that is meant, make answers"
