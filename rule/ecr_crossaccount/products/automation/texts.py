"""How text that strangers may have written passes between the steps of an Automation document.

Systems Manager replaces text in double braces wherever it evaluates a document, including the values of outputs:
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-documents.html. A policy's Sid, ARN or condition
may have such braces. So the input of a later step is packed, and text for a person has no double braces.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping

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
