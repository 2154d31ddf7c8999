"""The hook as an organization deploys it: without macros, with its code in the buckets of a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from organization.hooks import SOURCE, main, release
from organization.sources import template
from tests.organization.releases import Release

Json = dict[str, Any]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `sam build` leaves it, with a function that is a line long."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "HookFunction").mkdir()
    (folder / "HookFunction" / "hook.py").write_text("# hook\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def hook(built: Path) -> Json:
    parsed: Json = json.loads(Release.of(release(built)).stored("hook").content)
    return parsed


def macros(value: object) -> bool:
    if isinstance(value, list):
        return any(map(macros, value))
    return isinstance(value, dict) and bool({"Transform", "Fn::Transform"} & value.keys() or macros([*value.values()]))


def test_a_service_managed_stackset_takes_it(hook: Json) -> None:
    assert not macros(hook)
    assert len(json.dumps(hook)) < 1_000_000
    assert not [one for one in hook["Resources"].values() if one["Type"].startswith("AWS::Serverless::")]


def test_its_code_is_in_the_bucket_of_its_region(hook: Json, built: Path) -> None:
    (key,) = [key for key in Release.of(release(built)).files if key.startswith("functions/hook-")]
    code = hook["Resources"]["HookFunction"]["Properties"]["Code"]
    assert code == {"S3Bucket": {"Fn::Sub": "${CodeBuckets}-${AWS::Region}"}, "S3Key": key}
    assert "CodeBuckets" in hook["Parameters"]


def test_it_is_the_template_that_one_deploys_by_hand_otherwise(hook: Json) -> None:
    source = template(SOURCE)
    assert hook["Resources"].keys() == source["Resources"].keys()
    assert hook["Parameters"].keys() - {"CodeBuckets"} == source["Parameters"].keys()
    same = source["Resources"].keys() - {"HookFunction"}
    for name in same:
        assert hook["Resources"][name]["Properties"] == source["Resources"][name]["Properties"], name


def test_it_is_written_beside_the_rest_of_a_release(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "SHA256SUMS").touch()
    assert main(["--built", str(built), "--output", str(tmp_path)]) == 0
    written = capsys.readouterr().out.split()
    assert [key.partition("-")[0] for key in written] == ["functions/hook", "templates/hook"]
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {*written, "SHA256SUMS"}
