"""AWS over HTTP, in a separate process: each call takes as long as the real one, and has the same limits.

`python -m benchmarks.sweep.aws REPOSITORIES SCALE INVENTORY RATE` prints its port, and ends with its standard input.
INVENTORY is `Account`'s. RATE is the number of policies a second that ECR returns, or 0 for no limit.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from typing import Any

from .account import Account, RefusedError

MILLISECONDS = {
    "DescribeRepositories": 300,
    "GetRepositoryPolicy": 40,
    "ListTagsForResource": 40,
    "GetComplianceDetailsByConfigRule": 200,
    "SelectResourceConfig": 350,
    "PutEvaluations": 250,
}
"""How long a call takes. AWS publishes no figures, so these are slow compared with observed ones. Others: 100 ms."""
OTHERS = 100

THROTTLED = "throttled"
"""The key of the number of calls that were throttled, among the operations."""

STATISTICS = "Statistics"
"""An operation that is not in AWS. It returns how often each operation was called since the last request."""

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"x-amz-target: *\S*?([A-Za-z]+)\r", re.IGNORECASE)


class Server:
    """The APIs of one account. Times are multiplied by `scale`."""

    def __init__(self, account: Account, scale: float, rate: float) -> None:
        self._account = account
        self._scale = scale
        self._rate = rate
        self._calls: Counter[str] = Counter()
        self._tokens, self._filled = rate, time.monotonic()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length, target = _LENGTH.search(head), _TARGET.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                operation = target[1].decode() if target else ""
                status, answer = await self._answer(operation, json.loads(body or b"{}"))
                text = json.dumps(answer).encode()
                writer.write(
                    b"HTTP/1.1 %d X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n"
                    % (status, len(text))
                    + text
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _admits(self) -> bool:
        """Return whether ECR accepts another call. The limit is a rate per second, with a burst of the same size."""
        if not self._rate:
            return True
        now = time.monotonic()
        self._tokens = min(self._tokens + (now - self._filled) * self._rate, self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def _answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation == STATISTICS:
            calls, self._calls = self._calls, Counter()
            return 200, dict(calls)
        self._calls[operation] += 1
        if operation == "GetRepositoryPolicy" and not self._admits():
            self._calls[THROTTLED] += 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        answer = getattr(self._account, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower(), None)
        if answer is None:
            return 400, {"__type": "UnknownOperationException", "message": operation}
        await asyncio.sleep(MILLISECONDS.get(operation, OTHERS) / 1000 * self._scale)
        try:
            return 200, answer(request)
        except RefusedError as error:
            return 400, {"__type": error.code, "message": str(error)}


async def _main(repositories: int, scale: float, rate: float, inventory: str) -> None:
    server = Server(Account(repositories, inventory), scale, rate)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    sys.stdout.write(f"{listening.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    _repositories, _scale, _inventory, _rate = sys.argv[1:]
    asyncio.run(_main(int(_repositories), float(_scale), float(_rate), _inventory))
