"""A simulated AWS inside this process, on 127.0.0.1: moto serves ECR and S3, and fakes serve the rest."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.fakes import FakeCloudTrail, FakeConfigService, FakeFunctions
from tests.fakes.moto_server import moto_server

from .registry import OWNER, REGION, Example

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


@contextmanager
def cloud(seconds: Callable[[], float], planner: Callable[[Mapping[str, str]], object]) -> Iterator[FakeConfigService]:
    """Start the servers, and send every AWS client of this process only to them.

    `seconds` is the clock that CloudTrail counts requests with; its history is empty. `planner` is the stack's
    function.
    """
    # A line for each request would hide what the demo shows.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        moto_server() as port,
        FakeConfigService() as config,
        FakeCloudTrail(seconds) as trail,
        FakeFunctions(planner=planner) as functions,
        _environment(f"http://127.0.0.1:{port}", config.url, trail.url, functions.url),
    ):
        yield config


@contextmanager
def _environment(everything: str, config: str, trail: str, functions: str) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": everything,
        "AWS_ENDPOINT_URL_CONFIG_SERVICE": config,
        "AWS_ENDPOINT_URL_CLOUDTRAIL": trail,
        "AWS_ENDPOINT_URL_LAMBDA": functions,
        "MOTO_ACCOUNT_ID": OWNER,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "SERVED_ACCOUNTS": OWNER,
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def furnish(ecr: ECRClient, examples: Iterable[Example]) -> None:
    """Create the repositories with their policies."""
    for example in examples:
        ecr.create_repository(repositoryName=example.name)
        if example.policy is not None:
            ecr.set_repository_policy(repositoryName=example.name, policyText=example.policy)
