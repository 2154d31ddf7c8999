"""AWS Lambda's own runtime interface emulator, with an artefact from `sam build`.

The AWS SAM CLI contains the emulator. `awslambdaric` is the runtime interface client of AWS's Python runtime.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

import samcli.local.rapid

_ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 20
_STARTS = 3
_ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Function:
    """A function in the emulator. Its log is a file."""

    port: int
    log: Path

    def invoke(self, event: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Return the function's answer, or Lambda's answer for an error: `errorType` and `errorMessage`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_SECONDS)
        with closing(connection):
            connection.request("POST", _INVOCATIONS, json.dumps(event))
            return json.loads(connection.getresponse().read())

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines that the function itself wrote to its log."""
        written = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in written if line.startswith('{"timestamp"')]


@contextmanager
def emulated(artefact: Path, handler: str, log: Path, **environment: str) -> Iterator[Function]:
    """Run a function of the artefact until the block ends. It gets nothing from this process's environment."""
    with log.open("wb") as output:
        process, port = _started(artefact, handler, output, environment)
        try:
            yield Function(port, log)
        finally:
            _ended(process)


def _started(
    artefact: Path, handler: str, output: IO[bytes], environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Return the emulator and its port. Another process may take the ports first, so it tries again."""
    for _ in range(_STARTS):
        port, api_port = _free_port(), _free_port()
        process = _emulating(artefact, handler, output, environment, (port, api_port))
        if _answers(port, process):
            return process, port
        _ended(process)
    raise RuntimeError(f"the emulator did not start, {_STARTS} times")


def _emulating(
    artefact: Path, handler: str, output: IO[bytes], environment: Mapping[str, str], ports: tuple[int, int]
) -> subprocess.Popen[bytes]:
    port, api_port = ports
    command = [
        str(_emulator()),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{api_port}",
        sys.executable,
        "-m",
        "awslambdaric",
        handler,
    ]
    variables = {
        "PATH": os.environ["PATH"],
        "LAMBDA_TASK_ROOT": str(artefact),
        # The artefact is first: what is missing in it must not be found elsewhere, except the client itself.
        "PYTHONPATH": str(artefact),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        **environment,
    }
    return subprocess.Popen(command, cwd=artefact, env=variables, stdout=output, stderr=subprocess.STDOUT)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _emulator() -> Path:
    (folder,) = samcli.local.rapid.__path__
    binary = Path(folder) / f"aws-lambda-rie-{_ARCHITECTURES[platform.machine()]}"
    binary.chmod(binary.stat().st_mode | 0o111)
    return binary


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the emulator listens, and return whether it did before its end or the time limit."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process.poll() is None
        time.sleep(0.05)
    return False
