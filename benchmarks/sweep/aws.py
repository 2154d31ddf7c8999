"""AWS over HTTP, in a process of its own: each call takes the time that the real one may take, and has its limits.

`python -m benchmarks.sweep.aws REPOSITORIES SCALE INVENTORY RATE` prints its port, and ends with its standard
input. INVENTORY is `Account`'s. RATE is how many policies a second ECR gives, 0 for as many as are asked for.
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
"""How long a call takes; AWS publishes no figures, these are on the slow side of what is seen. Others: 100 ms."""
OTHERS = 100

THROTTLED = "throttled"
"""Among the operations: how many calls were refused for coming too fast."""

STATISTICS = "Statistics"
"""Not AWS's: answers how often each operation was called since it was asked last."""

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"x-amz-target: *\S*?([A-Za-z]+)\r", re.IGNORECASE)


class Server:
    """The APIs of one account; time is stretched or shrunk by `scale`."""

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
        """Tell whether ECR takes another call: so many a second, and as many at once after a pause."""
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
