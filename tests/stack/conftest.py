from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """The template with its short intrinsics written out."""
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="session")
def expanded(template: dict[str, Any]) -> dict[str, Any]:
    """The template as CloudFormation sees it, after the SAM transform."""
    import copy

    from samtranslator.translator.transform import transform

    packaged = copy.deepcopy(template)
    packaged["Resources"]["RuleFunction"]["Properties"]["CodeUri"] = "s3://artefacts/function.zip"
    result: dict[str, Any] = transform(packaged, {}, None)
    return result
