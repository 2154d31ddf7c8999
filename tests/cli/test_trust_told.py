"""Every report says which trust it used."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.conftest import OWNER, Run, Write

PULL = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}]}
REGISTER = "version: 1\ntrust:\n  - account: '222233334444'\n  - account: '333344445555'\n"
INVENTORY = "demo/inventory.json"
COMMANDS = [
    pytest.param(("check", "--account", OWNER), "{policy}", ("text", "json", "markdown"), id="check"),
    pytest.param(("judge", "--account", OWNER), "{policy}", ("text", "json"), id="judge"),
    pytest.param(("plan", "--account", OWNER), "{policy}", ("text", "json"), id="plan"),
    pytest.param(("diff", "--account", OWNER), "{policy} {policy}", ("text", "json", "markdown"), id="diff"),
    pytest.param(("ask", "--account", OWNER, "--can", "pull"), "{policy}", ("text", "json"), id="ask"),
    pytest.param(("audit",), "{inventory}", ("text", "json", "html"), id="audit"),
]


@pytest.mark.parametrize("command, files, forms", COMMANDS)
def test_a_report_says_which_trust_it_used(
    run: Run, write: Write, command: tuple[str, ...], files: str, forms: tuple[str, ...]
) -> None:
    register = write(REGISTER, "register.yaml")
    named = files.format(policy=write(PULL, "policy.json"), inventory=INVENTORY).split()
    for form in forms:
        with_it = run(*command, *named, "--trust", register, "--format", form).out
        without = run(*command, *named, "--no-trust", "--format", form).out
        if form == "json":
            digest = sha256(Path(register).read_bytes()).hexdigest()
            assert json.loads(with_it)["register"] == {"file": register, "sha256": digest, "entries": 2}
            assert json.loads(without)["register"] is None
        else:
            assert "2 entries" in with_it
            assert "nobody" in without.lower().partition("trust")[2]
