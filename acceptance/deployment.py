"""Building and deploying the stack as in the README, with the AWS SAM CLI: the port and its implementation."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .errors import DeploymentError
from .sandbox import NAME, Sandbox

ROOT = Path(__file__).parents[1]
_CONFIGURATION = Path(__file__).with_name("samconfig.toml")
_SECONDS = 1800
_LAST_LINES = 12


class Deployment(Protocol):
    """Deploys the stack of this folder in an account."""

    def deploy(self, sandbox: Sandbox, parameters: Mapping[str, str]) -> None:
        """Build and deploy. The bucket for the artefacts must exist. Raises DeploymentError."""
        ...


@dataclass(slots=True)
class SamCli:
    """The command `sam`, with the credentials of this process. `build` is the folder that it fills once."""

    sam: str
    build: Path
    _is_built: bool = field(default=False, init=False)

    def deploy(self, sandbox: Sandbox, parameters: Mapping[str, str]) -> None:
        """Run `sam build` once, then `sam deploy`. Raises DeploymentError with the end of the output."""
        if not self._is_built:
            cache = ("--cached", "--cache-dir", str(self.build.parent / "cache"))
            self._run("build", "--build-dir", str(self.build), *cache)
            self._is_built = True
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        self._run(
            *("deploy", "--template-file", str(self.build / "template.yaml"), "--region", sandbox.region),
            *("--stack-name", NAME, "--s3-bucket", sandbox.artefacts, "--tags", f"{NAME}=run"),
            *("--parameter-overrides", *overrides),
        )

    def _run(self, *arguments: str) -> None:
        # Its own file, so that a user's answers to `sam deploy --guided` have no effect here.
        command = [self.sam, *arguments, "--config-file", str(_CONFIGURATION)]
        try:
            done = subprocess.run(  # noqa: S603 - this project's own command
                command,
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DeploymentError(f"`sam {arguments[0]}` could not be run: {error}") from error
        if done.returncode:
            said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
            raise DeploymentError(f"`sam {arguments[0]}` failed: {' / '.join(said[-_LAST_LINES:])}")
