"""The AWS CLI and the SAM CLI without the time that each start takes to import them.

`python -m tests.guides.imported SOCKET` imports both once. For each command it forks, and the new process is the
command: it has its arguments, folder, environment and files, and runs the script that pip has installed. What a user
types on PATH is a small program that passes these on, waits, and ends with the same status.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

SCRIPTS = ("aws", "sam")
_IMPORTED = (
    "awscli.clidriver",
    "awscli.handlers",
    "boto3",
    "samcli.cli.main",
    "samcli.commands.build.build_context",
    "samcli.commands.delete.delete_context",
    "samcli.commands.deploy.deploy_context",
    "samcli.commands.package.package_context",
)
_FILES = (0, 1, 2)
_LARGEST = 1 << 20

_PASSES_ON = """\
#!{python} -IS
import json, os, socket, sys
asked = json.dumps([{script!r}, sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect({address!r})
    socket.send_fds(server, [asked], [0, 1, 2])
    sys.exit(server.recv(1)[0])
"""


@contextmanager
def imported(folder: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Serve the scripts of this Python's environment, and yield the folder with the programs that ask for them."""
    folder.mkdir()
    address = str(folder / "socket")
    for name in SCRIPTS:
        script = Path(sys.executable).with_name(name)
        text = _PASSES_ON.format(python=sys.executable, script=str(script), address=address)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    command = [sys.executable, "-m", __spec__.name, address]
    with subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"listening\n"
        try:
            yield folder
        finally:
            server.terminate()


def serve(address: str) -> None:
    """Answer until the process is ended."""
    before = dict(os.environ)
    for name in _IMPORTED:
        import_module(name)
    changed = {name: value for name, value in os.environ.items() if before.get(name) != value}  # by the imports
    signal.signal(signal.SIGCHLD, _forget)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(address)
        server.listen()
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        while True:
            asker, _ = server.accept()
            with asker:
                if not os.fork():
                    _become(asker, changed)


def _forget(*_: object) -> None:
    """Take note of the commands that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(asker: socket.socket, changed: Mapping[str, str]) -> None:
    """Be the command that is asked for, to its end."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asked, files, _, _ = socket.recv_fds(asker, _LARGEST, len(_FILES))
        script, arguments, folder, environment = json.loads(asked)
        for file, its in zip(files, _FILES, strict=True):
            os.dup2(file, its)
            os.close(file)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", 1)  # noqa: SIM115 - to the end
        os.chdir(folder)
        os.environ.clear()
        os.environ.update({**environment, **changed})
        sys.argv = [script, *arguments]
        runpy.run_path(script, run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python ends
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        asker.send(bytes([status]))
        os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
