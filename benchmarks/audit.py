"""`make bench-audit`: the audit of an account's registry, beside the minimum of calls and beside Cloud Custodian.

Each contender runs as a fresh process against the same server: moto, on 127.0.0.1. One more audit runs while the server
refuses three calls in ten. README.md has the details.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from .corpus import ORGANIZATION, OWNER, REGIONS, REGISTER, mixed
from .corpus.words import TRUSTED
from .figures import Figure, Result, status_of, table
from .limited_moto import REFUSED

_ROOT = Path(__file__).parents[1]
_CUSTODIAN = _ROOT / ".venv-bench" / "bin" / "custodian"
_REGION = REGIONS[0]
_AT_ONCE = 16
OURS, BARE, PEER = "ecr-crossaccount audit", "bare concurrent fetch", "Cloud Custodian cross-account"
THROTTLED = "ecr-crossaccount audit, 30 % throttled"
_REFUSED = {THROTTLED: 0.3}
"""The share of the calls that the server refuses to a contender. 0 for a contender that is not here."""

_FETCH = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore.config import Config

ecr = boto3.client("ecr", config=Config(max_pool_connections={_AT_ONCE}, retries={{"mode": "adaptive"}}))

def policy(name):
    try:
        return ecr.get_repository_policy(repositoryName=name)["policyText"]
    except ecr.exceptions.RepositoryPolicyNotFoundException:
        return None

pages = ecr.get_paginator("describe_repositories").paginate(PaginationConfig={{"PageSize": 1000}})
names = [repository["repositoryName"] for page in pages for repository in page["repositories"]]
with ThreadPoolExecutor({_AT_ONCE}) as executor:
    print(sum(text is not None for text in executor.map(policy, names)))
"""
"""The minimum work: list the repositories, and read the policy of each, several at a time."""

Contender = Callable[[], None]


def main() -> int:
    """Return 0, or 1 if --check was given and a limit is exceeded."""
    options = _options()
    result = _result(rounds_of(options.repositories, options.rounds), options.repositories)
    sys.stdout.write(table([result], options.slack) + "\n")
    return status_of([result], options.slack, check=options.check)


def rounds_of(repositories: int, rounds: int) -> list[dict[str, float]]:
    """Return the seconds of each contender for a registry of this size, by round."""
    with tempfile.TemporaryDirectory() as folder, _server() as environment:
        _furnish(environment, repositories)
        contenders = _contenders(Path(folder), environment)
        return [_round(contenders, number) for number in range(rounds)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--repositories", type=int, default=2_000, help="how many there are (default: 2000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often everybody runs (default: 5)")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    parser.add_argument("--slack", type=float, default=1.0, help="stretch the limits for a shared machine")
    return parser.parse_args()


@contextmanager
def _server() -> Iterator[dict[str, str]]:
    """Serve ECR on 127.0.0.1. Yields an environment that sends every client only there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = kept | {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_ACCOUNT_ID": OWNER,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "PYTHONPATH": str(_ROOT / "rule"),
    }
    command = [sys.executable, "-m", "benchmarks.limited_moto"]
    with subprocess.Popen(
        command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            assert server.stdout is not None
            url = next(found[0] for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
            drain = ThreadPoolExecutor(1)
            drain.submit(lambda: [None for _ in server.stdout or ()])
            yield environment | {"AWS_ENDPOINT_URL": url}
        finally:
            server.terminate()
            server.wait()
            drain.shutdown()


def _furnish(environment: dict[str, str], count: int) -> None:
    """Create repositories with the registry's mix of policies. One in ten has no policy."""
    ecr = boto3.client(
        "ecr",
        region_name=_REGION,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="bench",
        aws_secret_access_key="bench",  # noqa: S106 - moto needs a value
        config=Config(max_pool_connections=_AT_ONCE),
    )
    policies = [text for _, text in mixed("audit", count)]

    def create(number: int) -> None:
        name = f"team/service-{number:05}"
        ecr.create_repository(repositoryName=name)
        if number % 10:
            ecr.set_repository_policy(repositoryName=name, policyText=policies[number])

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(create, range(count)))


def _contenders(folder: Path, environment: dict[str, str]) -> dict[str, Contender]:
    trust = folder / "trust.json"
    trust.write_text(json.dumps(REGISTER), encoding="utf-8")
    custody = folder / "custody.json"
    checks = {"type": "cross-account", "whitelist": [OWNER, *TRUSTED], "whitelist_orgids": [ORGANIZATION]}
    policies = [{"name": "ecr", "resource": "aws.ecr", "filters": [checks]}]
    custody.write_text(json.dumps({"policies": policies}), encoding="utf-8")
    python = sys.executable
    audit = ["audit", "--format", "json", "--trust", str(trust)]
    os.environ["ECR_CROSSACCOUNT_CONCURRENCY"] = str(_AT_ONCE)
    custodian = ["run", "--output-dir", str(folder / "out"), "--region", _REGION, "--cache-period", "0", str(custody)]
    ours = [python, "-m", "ecr_crossaccount", *audit, "--organization", ORGANIZATION]
    commands = {
        OURS: (ours, {0, 1}),
        THROTTLED: (ours, {0, 1}),
        BARE: ([python, "-c", _FETCH], {0}),
        PEER: ([str(_CUSTODIAN), *custodian], {0}),
    }
    return {
        name: _runner(command, accepted, environment, _REFUSED.get(name, 0))
        for name, (command, accepted) in commands.items()
    }


def _runner(command: list[str], accepted: set[int], environment: dict[str, str], refused: float) -> Contender:
    limit = Request(f"{environment['AWS_ENDPOINT_URL']}{REFUSED}{refused}", method="PUT")  # noqa: S310 - this machine

    def run() -> None:
        with urlopen(limit):  # noqa: S310 - this machine
            pass
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode not in accepted:
            raise SystemExit(f"`{' '.join(command[:3])} …` ended with {done.returncode}:\n{done.stderr[-2000:]}")

    return run


def _round(contenders: dict[str, Contender], number: int) -> dict[str, float]:
    """Return the seconds of each contender. The order rotates from round to round."""
    names = list(contenders)
    first = number % len(names)
    seconds = {}
    for name in names[first:] + names[:first]:
        start = perf_counter()
        contenders[name]()
        seconds[name] = perf_counter() - start
    return seconds


def _result(rounds: list[dict[str, float]], repositories: int) -> Result:
    figures = [
        Figure(f"{OURS} / {BARE}", median(r[OURS] / r[BARE] for r in rounds), "x", 1.15),
        Figure(f"{OURS} / {PEER}", median(r[OURS] / r[PEER] for r in rounds), "x", 0.6),
        Figure(f"{THROTTLED} / not", median(r[THROTTLED] / r[OURS] for r in rounds), "x", 3.0),
    ]
    figures += [Figure(f"{name}, all repositories", median(r[name] for r in rounds), "s") for name in rounds[0]]
    return Result("audit", f"{repositories:,} repositories behind moto; {len(rounds)} rounds", tuple(figures))


if __name__ == "__main__":
    sys.exit(main())
