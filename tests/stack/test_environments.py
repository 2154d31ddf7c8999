"""No choice of parameters gives a function more environment than AWS Lambda takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.organization.releases import Release, functions
from tests.stack.environments import MOST, longest_environment

Json = dict[str, Any]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Json]:
    """Return every template of a release that has a function, by its key."""
    return Release.of_functions(functions(tmp_path_factory.mktemp("built"))).templates()


def test_whatever_the_parameters_lambda_takes_the_environment(templates: Mapping[str, Json]) -> None:
    longest = {
        f"{key}: {name}": longest_environment(template, name)
        for key, template in templates.items()
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function"
    }
    assert len(longest) == 7
    assert {name: length for name, length in longest.items() if length > MOST} == {}
