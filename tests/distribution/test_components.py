"""Every library has a known licence and its text, otherwise no release is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from distribution.bill import bill
from distribution.components import Library, libraries
from organization.artefacts import Artefact


def installed(folder: Path, name: str, *fields: str, text: str | None = "LICENSE") -> Path:
    """Write the files that pip installs for a library into a folder, and return the folder."""
    place = folder / f"{name}-1.0.dist-info"
    place.mkdir(parents=True)
    lines = ("Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *fields)
    (place / "METADATA").write_text("\n".join(lines) + "\n")
    if text:
        (place / text).parent.mkdir(exist_ok=True)
        (place / text).write_text("Permission is hereby granted")
    return folder


CLASSIFIER = "Classifier: License :: OSI Approved :: "


@pytest.mark.parametrize(
    "fields, known",
    [
        (["License-Expression: BSD-2-Clause", "License: see the file"], "BSD-2-Clause"),
        (["License: Apache License 2.0", f"{CLASSIFIER}Apache Software License"], "Apache-2.0"),
        (["Classifier: Programming Language :: Python", f"{CLASSIFIER}MIT License"], "MIT"),
    ],
)
def test_a_licence_is_said_in_the_words_of_spdx(tmp_path: Path, fields: list[str], known: str) -> None:
    assert libraries(installed(tmp_path, "some_library", *fields)) == [Library("some-library", "1.0", known, ())]


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["License-Expression: GPL-3.0-only"],
        ["License-Expression: GPL-3.0-only", f"{CLASSIFIER}MIT License"],
        ["License: Dual License", f"{CLASSIFIER}MIT License"],
        [f"{CLASSIFIER}MIT License", f"{CLASSIFIER}GNU General Public License (GPL)"],
        ["License-Expression: MIT OR GPL-3.0-only"],
    ],
)
def test_a_licence_that_is_not_known_or_not_permitted_makes_no_release(tmp_path: Path, fields: list[str]) -> None:
    with pytest.raises(ValueError, match=r"some-library 1\.0: `.*` is not among the licences"):
        libraries(installed(tmp_path, "some_library", *fields))


def test_a_licence_without_its_text_makes_no_release(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the text of its licence is not in some_library-1\.0\.dist-info"):
        libraries(installed(tmp_path, "some_library", "License: MIT", text=None))


def test_a_bill_is_valid_has_who_needs_whom_and_is_always_the_same(tmp_path: Path) -> None:
    installed(tmp_path, "one", "License: MIT", "Requires-Dist: two>=1", "Requires-Dist: three; extra == 'more'")
    installed(tmp_path, "two", "License: Apache-2.0", "Requires-Dist: elsewhere", text="licenses/LICENSE.txt")
    subject = Artefact("functions/some.zip", b"PK")
    made = bill("ecr-crossaccount-some", subject, libraries(tmp_path))
    assert made == bill("ecr-crossaccount-some", subject, libraries(tmp_path))
    assert made.key == "sbom/ecr-crossaccount-some.cdx.json"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made.content.decode()) is None
    read = json.loads(made.content)
    assert [(one["name"], one["licenses"][0]["expression"]) for one in read["components"]] == [
        ("one", "MIT"),
        ("two", "Apache-2.0"),
    ]
    needs = {one["ref"]: one.get("dependsOn", []) for one in read["dependencies"]}
    assert needs["ecr-crossaccount-some"] == ["pkg:pypi/one@1.0"]
    assert needs["pkg:pypi/one@1.0"] == ["pkg:pypi/two@1.0"]
    assert read["metadata"]["component"]["hashes"][0]["content"] == subject.sha256
    assert "timestamp" not in read["metadata"]
