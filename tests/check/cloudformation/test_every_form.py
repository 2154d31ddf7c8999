"""Each function with each kind of argument, and each source of a variable, compared with what is recorded."""

from __future__ import annotations

import json

import pytest

from tests.check.grids import as_read

from . import every_form, every_variable

_FORMS = json.loads(every_form.RECORDED.read_text("utf-8"))
_VARIABLES = json.loads(every_variable.RECORDED.read_text("utf-8"))


def test_every_row_is_recorded() -> None:
    assert list(_FORMS) == [*every_form.EVERY], "make answers"
    assert list(_VARIABLES) == [*every_variable.SOURCES], "make answers"


@pytest.mark.parametrize("form", every_form.EVERY)
def test_a_function_comes_to_what_is_recorded(form: str) -> None:
    assert as_read(every_form.answers(every_form.EVERY[form])) == _FORMS[form], "if that is meant, make answers"


@pytest.mark.parametrize("source", every_variable.SOURCES)
def test_a_variable_comes_to_what_is_recorded(source: str) -> None:
    assert as_read(every_variable.answers(source)) == _VARIABLES[source], "if that is meant, make answers"
