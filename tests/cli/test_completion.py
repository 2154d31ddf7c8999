"""Completion: what bash offers while someone types."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from ecr_crossaccount.cli.completion import SHELLS
from ecr_crossaccount.cli.main import COMMANDS

from .conftest import Run


@pytest.fixture
def offered(run: Run, tmp_path: Path) -> object:
    """Return what is offered for the last word of a line."""
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").out)

    def offered(*words: str) -> list[str]:
        line = ["ecr-crossaccount", *words]
        asked = (
            f"source {shlex.quote(str(script))}\n"
            "function=$(complete -p ecr-crossaccount | sed 's/.*-F \\([^ ]*\\) .*/\\1/')\n"
            f"COMP_WORDS=({' '.join(map(shlex.quote, line))})\nCOMP_CWORD={len(words)}\n"
            '$function\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        done = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    return offered


def test_bash_completes_commands_options_values_and_files(offered: object, tmp_path: Path) -> None:
    assert callable(offered)
    (tmp_path / "register.yaml").touch()
    assert offered("guard") == ["guardrail"]
    assert offered("trust", "exp") == ["expiring"]
    assert offered("check", "--outp") == ["--output"]
    assert offered("check", "--format", "sar") == ["sarif"]
    assert offered("check", "--list") == ["--list-rules"]
    assert offered("check", "--excl") == ["--exclude"]
    assert offered("check", "--fail-on", "CRI") == ["CRITICAL"]
    assert offered("audit", "--format", "c") == ["csv"]
    assert offered("audit", "--baseline", "reg") == ["register.yaml"]
    assert offered("check", "--trust", "reg") == ["register.yaml"]
    assert offered("check", "reg") == ["register.yaml"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_every_command(run: Run, shell: str) -> None:
    result = run("completion", shell)
    assert result.status == 0
    assert all(command in result.out for command in COMMANDS)


def test_another_shell(run: Run) -> None:
    assert run("completion", "sh").status == 3
