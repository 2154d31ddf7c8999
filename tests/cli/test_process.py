"""The command as a process: on a terminal, in a pipe, interrupted, and the modules that it loads."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.wording import sentence

from .conftest import OPEN, OWNER, SAFE, Spawn, Write, command, interruptible, printed_by_aws

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?[349][0-7](?:;[0-9;]*)?m")


def on_a_terminal(*argv: str, environment: Mapping[str, str] | None = None) -> str:
    """Run the command on a terminal of 80 columns and return what it shows."""
    ours, theirs = pty.openpty()
    settings = {**os.environ, "COLUMNS": "80", **(environment or {})}
    with subprocess.Popen(command(*argv), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=settings):
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # EIO is Linux's signal that the other side has closed
        return b""


def test_a_difference_keeps_its_signs_in_a_column_of_their_own(write: Write) -> None:
    condition = {"StringEqualsIfExists": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-f6g7h8i9j0"]}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Condition": condition}
    policy = write({"Statement": [statement]})
    shown = ESCAPE.sub("", on_a_terminal("plan", "--owner", OWNER, "--strategy", "remove", policy)).split("\n")
    first = next(number for number, line in enumerate(shown) if line.startswith('    -   "Condition": '))
    assert [line[:9] for line in shown[first : first + 3]] == ['    -   "', "        [", "    - }"]


def test_a_terminal_gets_colour_and_lines_that_fit(write: Write) -> None:
    shown = on_a_terminal("judge", "--owner", OWNER, write(OPEN))
    assert COLOUR.search(shown)
    lines = ESCAPE.sub("", shown).split("\n")
    assert "    CRITICAL  any AWS account gets READ, WRITE, ADMIN" in lines
    # The first line has the file's own name, which must not be cut.
    assert max(map(len, lines[1:])) <= 80


def test_what_is_wrapped_of_a_statement_stays_below_it(write: Write) -> None:
    statement = {"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage", "ecr:Get*"] * 2}
    shown = on_a_terminal("judge", "--owner", OWNER, write({"Statement": [statement]}))
    lines = ESCAPE.sub("", shown).split("\n")
    place = next(number for number, line in enumerate(lines) if line.startswith('      "Action": ['))
    assert lines[place + 1].startswith('      "')
    because = next(number for number, line in enumerate(lines) if "because" in line)
    assert lines[because + 1].startswith(" " * 14), "a hanging indent"


def test_no_color_is_obeyed(write: Write) -> None:
    shown = on_a_terminal("judge", "--owner", OWNER, write(OPEN), environment={"NO_COLOR": "1"})
    assert "CRITICAL" in shown
    assert not COLOUR.search(shown)


def test_a_pipe_gets_plain_text_and_whole_lines(spawn: Spawn, write: Write) -> None:
    done = spawn("judge", "--owner", OWNER, write(OPEN))
    out = done.stdout.decode()
    assert "\x1b" not in out
    assert re.search(r"^    because   any AWS account .*$", out, re.MULTILINE)
    assert not re.search(r" $", out, re.MULTILINE)


@pytest.mark.parametrize("columns", ["0", "00", "1"])
def test_a_width_that_no_terminal_has_does_not_hide_the_result(spawn: Spawn, write: Write, columns: str) -> None:
    done = spawn("judge", "--owner", OWNER, write(OPEN), environment={"COLUMNS": columns})
    assert done.returncode == 1
    assert b"any AWS account gets READ" in done.stdout
    shown = ESCAPE.sub("", on_a_terminal("judge", "--owner", OWNER, write(OPEN), environment={"COLUMNS": columns}))
    assert "any AWS account" in shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_a_character_sees_an_escape(spawn: Spawn, encoding: str) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{**OPEN["Statement"][0], "Sid": "日本"}]}  # type: ignore[dict-item]
    stdin = json.dumps(printed_by_aws(policy)).encode()
    done = spawn("judge", "-", stdin=stdin, environment={"PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert rb"\u65e5\u672c" in done.stdout


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = json.dumps({"policy": SAFE, "owner": OWNER}).encode() + b"\n"
    process = subprocess.Popen(
        command("judge", "--jsonl"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    with process.stdin, process.stderr:
        process.stdin.write(line)
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(line)
        process.stdin.flush()
        assert process.wait() == 141
        assert process.stderr.read() == b""


@pytest.mark.parametrize("name", ["text", "json", "sarif"])
def test_a_reader_that_is_gone_before_anything_is_shown_is_no_error(write: Write, name: str) -> None:
    ours, theirs = os.pipe()
    argv = command("check", "--account", OWNER, "--format", name, write(OPEN))
    with subprocess.Popen(argv, stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        os.close(ours)
        assert process.wait() == 141
        assert process.stderr
        assert process.stderr.read() == b""


@pytest.mark.parametrize("name", ["text", "json"])
def test_a_disk_that_is_full_is_said(write: Write, name: str) -> None:
    argv = command("check", "--account", OWNER, "--format", name, write(OPEN))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 3
    assert done.stderr == sentence("cli.cannot_write_result").encode()


def test_an_interrupt_is_quiet() -> None:
    process = subprocess.Popen(
        interruptible("judge", "--jsonl"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    with process.stdin, process.stdout, process.stderr:
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        process.stdout.readline()  # it has started
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read() == b""


def test_an_interrupted_check_leaves_no_half_a_report(tmp_path: Path) -> None:
    (tmp_path / "report.sarif").write_text("the last one")
    os.mkfifo(tmp_path / "policy.json")
    argv = ("check", "--account", OWNER, "--format", "sarif=report.sarif", "policy.json")
    process = subprocess.Popen(interruptible(*argv), cwd=tmp_path, stderr=subprocess.PIPE)
    assert process.stderr
    # Opening a pipe waits for its reader. From here on, the command waits for the rest of its input.
    with (tmp_path / "policy.json").open("wb"), process.stderr:
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read() == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["policy.json", "report.sarif"]
    assert (tmp_path / "report.sarif").read_text() == "the last one"


def modules_of(*argv: str) -> set[str]:
    """Return the modules that a run of the command loads."""
    code = (
        "import sys\n"
        "from ecr_crossaccount.products.cli.main import main\n"
        "try:\n"
        f"    main({list(argv)!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print('\\0' + ' '.join(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return set(done.stdout.decode().rpartition("\0")[2].split())


@pytest.mark.parametrize("argv", [("--help",), ("judge", "--help"), ("judge", "--jsonl")], ids=" ".join)
def test_nothing_is_loaded_that_is_not_used(argv: tuple[str, ...]) -> None:
    assert not {"rich", "yaml", "boto3", "rdklib"} & modules_of(*argv)


def test_help_loads_no_more_than_it_needs() -> None:
    """The time of `--help` is that of its imports. Modules are counted, because a time depends on the machine."""
    loaded = modules_of("--help")
    assert {name for name in loaded if name.startswith("ecr_crossaccount.products.cli.")} == {
        "ecr_crossaccount.products.cli.base",
        "ecr_crossaccount.products.cli.base.program",
        "ecr_crossaccount.products.cli.main",
    }
    assert not {name for name in loaded if name.startswith(("ecr_crossaccount.sources", "ecr_crossaccount.questions"))}
    known = sys.stdlib_module_names | {"ecr_crossaccount"}
    assert {name for name in loaded - modules_of_nothing() if name.partition(".")[0] not in known} == set()


def test_what_is_installed_ends_without_a_last_look_through_all_that_it_made() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, function = project["project"]["scripts"]["ecr-crossaccount"].partition(":")
    code = (
        "import gc, sys\n"
        f"from {module} import {function}\n"
        "sys.argv[1:] = ['completion', 'bash']\n"
        f"status = {function}()\n"
        "print('\\0', status, len(gc.get_objects()) < 1000 < gc.get_freeze_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.rpartition("\0")[2].split() == ["0", "True"]


def modules_of_nothing() -> set[str]:
    """Return the modules that Python itself loads here, such as the hooks of editable installs."""
    code = "import sys; print(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode().split())


def test_text_in_a_pipe_loads_neither_rich_nor_yaml_without_a_register(write: Write) -> None:
    assert not {"rich", "yaml"} & modules_of("judge", "--owner", OWNER, write(SAFE))


def test_the_installed_command_is_the_same(write: Write) -> None:
    installed = Path(sys.executable).with_name("ecr-crossaccount")
    done = subprocess.run([installed, "judge", "--owner", OWNER, write(SAFE)], capture_output=True, check=False)
    assert done.returncode == 0
    assert b"COMPLIANT" in done.stdout
