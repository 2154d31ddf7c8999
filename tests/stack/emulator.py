"""AWS Lambda's own runtime interface emulator, around an artefact as `sam build` leaves it.

The AWS SAM CLI carries the emulator; `awslambdaric` is the runtime interface client that AWS's Python runtime uses.
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
from typing import Any

import samcli.local.rapid

_ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 20
_ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Function:
    """A function that runs in the emulator; its log is a file."""

    port: int
    log: Path

    def invoke(self, event: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Return the function's answer, or what Lambda answers for it: `errorType` and `errorMessage`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_SECONDS)
        with closing(connection):
            connection.request("POST", _INVOCATIONS, json.dumps(event))
            return json.loads(connection.getresponse().read())

    def lines(self) -> list[dict[str, Any]]:
        """Return what the function itself wrote to its log."""
        written = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in written if line.startswith('{"timestamp"')]


@contextmanager
def emulated(artefact: Path, handler: str, log: Path, **environment: str) -> Iterator[Function]:
    """Run a function of the artefact until the block ends; nothing of this process's environment reaches it."""
    port, api_port = _free_port(), _free_port()
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
        # The artefact first: what it lacks must not be found elsewhere by accident, but the client itself must be.
        "PYTHONPATH": str(artefact),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
    } | environment
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=artefact, env=variables, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, process)
            yield Function(port, log)
        finally:
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


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the emulator did not start")
