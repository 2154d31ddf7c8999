"""Moto over HTTP on this machine, for clients of other processes and for those that ask by URL."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from moto.ecr.responses import ECRResponse
from moto.server import ThreadedMotoServer


def answer_what_moto_does_not() -> None:
    """Let ECR say that there are no creation templates and caches: moto does not know of them, and would fail."""
    ECRResponse.describe_repository_creation_templates = lambda _: '{"repositoryCreationTemplates": []}'  # type: ignore[attr-defined] # it is new
    ECRResponse.describe_pull_through_cache_rules = lambda _: '{"pullThroughCacheRules": []}'  # type: ignore[attr-defined] # it is new


@contextmanager
def moto_server() -> Iterator[int]:
    """Serve an AWS in which nothing is, and answer its port on 127.0.0.1."""
    answer_what_moto_does_not()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        # What moto keeps it keeps for the process: an earlier server may have left something.
        empty(port)
        yield port
    finally:
        server.stop()


def empty(port: int) -> None:
    """Let moto forget all that was made."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request):  # noqa: S310 - this machine
        pass
