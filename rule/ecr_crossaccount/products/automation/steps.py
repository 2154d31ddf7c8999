"""What several steps of an Automation document share: approval, the planning function, texts, and the end of a run.

Systems Manager replaces text in double braces wherever it evaluates a document, including the values of outputs:
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-documents.html. A policy's Sid, ARN or condition
may have such braces. So the input of a later step is packed, and text for a person has no double braces.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping

import boto3
from botocore.config import Config


class StepError(Exception):
    """The run ends here. The message says why, and what the policy is now."""


def end(events: Mapping[str, str], _context: object) -> dict[str, str]:
    """Run the step: return `Message`, so that the console shows how the run ended."""
    return {"Message": events["Message"]}


_OPENING = re.compile(r"\{(?=\{)")
"""A brace before another. Each pair of braces begins with one."""
LARGEST = 1_048_576
"""The most bytes of an unpacked text. The largest text that is ever packed has about a tenth."""


def pack_facts(facts: Mapping[str, str]) -> str:
    """Return facts for a later step, in only letters, digits, `+`, `/` and `=`."""
    return base64.b64encode(zlib.compress(json.dumps(facts).encode())).decode()


def unpack_facts(text: str) -> dict[str, str]:
    """Return what was packed. Raises ValueError, zlib.error."""
    unzip = zlib.decompressobj()
    found: dict[str, str] = json.loads(unzip.decompress(base64.b64decode(text, validate=True), LARGEST))
    return found


def inert(text: str) -> str:
    """Return a text for people in which Systems Manager finds nothing to replace: `{ {` for two braces."""
    return _OPENING.sub("{ ", text)


def inert_json(text: str) -> str:
    """Return a JSON text with the same meaning without double braces. JSON has two in a row only in strings."""
    return _OPENING.sub(r"\\u007b", text)


_MATTERS = {
    "Policy": "the policy that the repository has",
    "Wanted": "the policy that would be written",
    "Use": "the recent use of the removed access",
    "Required": "the required statements or the principals that they deny",
}


def unless_approved_otherwise(facts: Mapping[str, str], approved: str | None) -> None:
    """Raise StepError if `approved`, the packed facts of the step before the approval, differ from `facts`."""
    then = unpack_facts(approved) if approved else facts
    changed = [what for name, what in _MATTERS.items() if then.get(name) != facts.get(name)]
    if changed:
        raise StepError(
            f"the policy is unchanged: since the approval was asked for, {' and '.join(changed)} changed; start again"
        )


SECONDS = 90
"""How long to wait for an answer. The function ends after 60 seconds."""


def ask(function: str, request: Mapping[str, str]) -> dict[str, str]:
    """Return the function's answer, with every field as text. Raises StepError, ClientError, BotoCoreError."""
    patience = Config(read_timeout=SECONDS, retries={"mode": "standard", "total_max_attempts": 3})
    told = boto3.client("lambda", config=patience).invoke(FunctionName=function, Payload=json.dumps(request).encode())
    text = told["Payload"].read().decode(errors="replace")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = text
    if told.get("FunctionError") or not isinstance(answer, dict) or "Compliance" not in answer:
        problem = answer.get("errorMessage", text) if isinstance(answer, dict) else text
        raise StepError(f"the planning function gave no answer: {problem}")
    return {name: str(value) for name, value in answer.items()}
