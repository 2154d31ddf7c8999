"""The Automation documents have a valid size for Systems Manager, and their scripts are complete."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from remediation.__main__ import DOCUMENTS
from remediation.scripts import script
from tests.remediation.document import ACCOUNT, APPROVAL, LARGEST_DOCUMENT, as_sent, deployed
from tests.stack.cloudformation import ROOT

ROOM = 8_192
"""Bytes that stay free, so that the next change of a document can still be deployed."""
STEPS = [
    (document.stem, step["name"], step["inputs"])
    for document in DOCUMENTS
    for step in deployed(document, **APPROVAL)["mainSteps"]
    if "Script" in step["inputs"]
]
BIN = Path(sys.executable).parent
MODULE = '''
"""What it is about."""
import json
import os
from typing import TYPE_CHECKING, NamedTuple, Any

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

DEPTH: int = 2
"""Why it is two."""
OTHER = os.sep


class Pair(NamedTuple):
    """Two."""

    left: "Any"
    right: int = DEPTH


class Wrong(Exception):
    """Nothing but a name."""


def first(events: dict[str, str], _context: object) -> "Pair":  # a remark
    """Answer."""
    texts: list[str] = []
    try:
        return helper(events, *texts)
    except Wrong:
        return Pair(json.dumps(f"it's {events['a']}"))


def second(events: "ECRClient", *rest: int, **more: int) -> None:
    """Answer otherwise."""
    OTHER


def helper(events: object, *rest: str) -> "Pair":
    raise Wrong
'''


def test_only_what_the_handler_comes_to_is_left_and_only_what_runs() -> None:
    assert script(MODULE, "first") == (
        "import json\n"
        "from typing import NamedTuple\n\n"
        "DEPTH = 2\n\n\n"
        "class Pair(NamedTuple):\n  left: 'Any'\n  right: int = DEPTH\n\n\n"
        "class Wrong(Exception):\n  pass\n\n\n"
        "def first(events, _context):\n"
        "  texts = []\n"
        "  try:\n    return helper(events, *texts)\n"
        "  except Wrong:\n    return Pair(json.dumps(f\"it's {events['a']}\"))\n\n\n"
        "def helper(events, *rest):\n  raise Wrong\n"
    )


def test_a_handler_that_the_module_has_not_is_an_error() -> None:
    with pytest.raises(LookupError, match="third"):
        script(MODULE, "third")


@pytest.mark.parametrize("statement", ["print()", "if first:\n    pass", "DEPTH += 1", "del OTHER"])
def test_what_a_module_does_beside_defining_is_not_left_out_in_silence(statement: str) -> None:
    with pytest.raises(ValueError, match=r"line \d+: `.*` is no import, definition or assignment"):
        script(f"{MODULE}\n\n{statement}\n", "first")


def test_what_a_module_imports_from_its_neighbours_stands_in_its_script() -> None:
    module = "import json\nfrom .steps import inert\n\ndef first(events, _):\n    return inert(json.dumps(events))"
    made = script(module, "first")
    assert made.startswith("import json\nimport re\n")
    assert "\ndef inert(text):\n" in made
    assert "pack_facts" not in made


def test_a_name_that_two_modules_define_otherwise_is_an_error() -> None:
    with pytest.raises(ValueError, match="`inert` is defined twice"):
        script("from .steps import inert\n\n\ndef inert(text):\n    return text\n", "inert")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_fits_with_room_to_spare_in_the_form_in_which_cloudformation_may_send_it(path: Path) -> None:
    sent = as_sent(deployed(path, **APPROVAL))
    assert sent.isascii()
    assert len(sent) <= LARGEST_DOCUMENT - ROOM


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_fits_with_the_longest_values_that_a_stack_may_give_it(path: Path) -> None:
    longest: dict[str, Any] = {
        "Remediation": "AutomaticWithApproval",
        "RemediationApprovalTopic": f"arn:aws-us-gov:sns:us-gov-east-1:{ACCOUNT}:Automation{'x' * 246}",
        "RemediationApprovers": [f"arn:aws-us-gov:iam::{ACCOUNT}:role/{'x' * 512}"] * 10,
        "RemediationOrganizationAccounts": [ACCOUNT] * 25,
    }
    assert len(as_sent(deployed(path, **longest))) <= LARGEST_DOCUMENT - ROOM // 4


@pytest.mark.parametrize("document, step, inputs", STEPS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_script_is_python_3_11_with_every_name_that_it_uses_and_none_that_it_does_not(
    document: str, step: str, inputs: dict[str, str]
) -> None:
    command = [
        str(BIN / "ruff"),
        "check",
        "--isolated",
        "--select=F",
        "--target-version=py311",
        "--stdin-filename",
        "s.py",
        "-",
    ]
    checked = subprocess.run(command, input=inputs["Script"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, f"{document} {step}: {checked.stdout}"
    assert f"\ndef {inputs['Handler']}(" in inputs["Script"]
