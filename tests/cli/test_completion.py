"""Completion: what bash offers while a user types."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.completion import SHELLS
from ecr_crossaccount.products.cli.main import COMMANDS

from tests.docs.markdown import page

from .conftest import Run

BASH = os.environ.get("BASH_UNDER_TEST", "bash")
"""A different bash, such as the 3.2 of macOS."""
OFFERS = {
    "bash": ([BASH, "--norc", "-c"], "{line}\ncomplete -p ecr-crossaccount"),
    "zsh": (
        ["zsh", "-f", "-c"],
        "autoload -Uz compinit; compinit -u -D\n{line}\n[[ -n $_comps[ecr-crossaccount] ]] && print ecr-crossaccount",
    ),
    "fish": (["fish", "--no-config", "-c"], '{line}\ncomplete -C "ecr-crossaccount guard"'),
}
"""By shell: the command that starts it, and commands that print ours, or a built-in one, if the shell completes it."""


@pytest.fixture
def offered(run: Run, tmp_path: Path) -> object:
    """Return a function that returns the offers for the last word of a line."""
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
        done = subprocess.run([BASH, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    return offered


def test_bash_completes_commands_options_values_and_files(offered: object, tmp_path: Path) -> None:
    assert callable(offered)
    (tmp_path / "register.yaml").touch()
    assert offered("guard") == ["guardrail"]
    assert offered("trust", "exp") == ["expiring"]
    assert offered("check", "--form") == ["--format"]
    assert offered("check", "--format", "sar") == ["sarif"]
    assert offered("check", "--excl") == ["--exclude"]
    assert offered("check", "--fail-on", "CRI") == ["CRITICAL"]
    assert offered("audit", "--format", "c") == ["csv"]
    assert offered("audit", "--baseline", "reg") == ["register.yaml"]
    assert offered("check", "--trust", "reg") == ["register.yaml"]
    assert offered("check", "reg") == ["register.yaml"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_line_of_the_documentation_loads_it(shell: str, tmp_path: Path) -> None:
    start, commands = OFFERS[shell]
    if shutil.which(start[0]) is None:
        pytest.skip(f"{shell} is not on PATH")
    (block,) = (one for one in page("docs/integrations.md").blocks("shell") if "completion fish" in one.text)
    (line,) = (one.partition("    #")[0] for one in block.text.splitlines() if f"completion {shell}" in one)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*start, commands.format(line=line)],
        env={**os.environ, "PATH": path, "HOME": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ("guardrail" if shell == "fish" else "ecr-crossaccount") in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_every_command(run: Run, shell: str) -> None:
    result = run("completion", shell)
    assert result.status == 0
    assert all(command in result.out for command in COMMANDS)


def test_another_shell(run: Run) -> None:
    assert run("completion", "sh").status == 3
