"""The function in a separate process, as AWS Lambda would run it: `python -m benchmarks.sweep.function PORT`.

It prints a line of JSON for each sweep: seconds from event to answer, processor seconds, peak memory, size of the log.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from .account import ACCOUNT, REGION, RULE, TOKEN

_LAMBDA_SECONDS = 900


class Sink(io.TextIOBase):
    """Counts what the function writes to its log."""

    def __init__(self) -> None:
        self.characters = 0

    def write(self, text: str) -> int:
        """Count a text."""
        self.characters += len(text)
        return len(text)


class Context:
    """The context that Lambda passes to the function."""

    aws_request_id = "benchmark"
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rule"

    def __init__(self) -> None:
        self._end = time.monotonic() + _LAMBDA_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""
        return round((self._end - time.monotonic()) * 1000)


def event(day: int) -> dict[str, Any]:
    """Return the event of Config's schedule on a day of November."""
    invoking = {
        "awsAccountId": ACCOUNT,
        "notificationCreationTime": f"2026-11-{day:02}T06:00:00.512Z",
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    }
    return {
        "version": "1.0",
        "accountId": ACCOUNT,
        "configRuleName": RULE,
        "configRuleArn": f"arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-a1b2c3",
        "invokingEvent": json.dumps(invoking),
        "ruleParameters": json.dumps({"trustedAccounts": "222233334444"}),
        "resultToken": TOKEN,
        "eventLeftScope": False,
    }


def main() -> None:
    """Sweep once for every line of standard input, which is a day."""
    from handler import lambda_handler  # noqa: PLC0415 - its clients are created here, so after the environment

    for line in sys.stdin:
        sink, started, used = Sink(), time.perf_counter(), time.process_time()
        with redirect_stdout(sink):
            answer = lambda_handler(event(int(line)), Context())
        measured = {
            "seconds": time.perf_counter() - started,
            "processor": time.process_time() - used,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "log": sink.characters,
            "answer": answer,
        }
        sys.stdout.write(json.dumps(measured) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    url = f"http://127.0.0.1:{sys.argv[1]}"
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    sys.path.insert(0, str(Path(__file__).parents[2] / "rule"))
    main()
