"""How text that strangers may have written passes from step to step of an Automation document.

Systems Manager fills in what stands between double braces wherever it evaluates a document, the values of outputs
included: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-documents.html. A policy's Sid, ARN
or condition may hold such braces, so what one step leaves for another is packed, and what a person reads has none.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping

_OPENING = re.compile(r"\{(?=\{)")
"""A brace before another: each pair of braces begins with one."""
LARGEST = 1_048_576
"""Bytes that a packed text may have when unpacked; the largest that is ever packed has about a tenth."""


def packed(facts: Mapping[str, str]) -> str:
    """Return facts for a later step, in letters, digits, `+`, `/` and `=` alone."""
    return base64.b64encode(zlib.compress(json.dumps(facts).encode())).decode()


def unpacked(text: str) -> dict[str, str]:
    """Return what was packed. Raises ValueError, zlib.error."""
    unzip = zlib.decompressobj()
    found: dict[str, str] = json.loads(unzip.decompress(base64.b64decode(text, validate=True), LARGEST))
    return found


def inert(text: str) -> str:
    """Return a text for people in which Systems Manager finds nothing to fill in: `{ {` in the place of two braces."""
    return _OPENING.sub("{ ", text)


def inert_json(text: str) -> str:
    """Return a JSON text of the same meaning without double braces: JSON has two in a row only inside of strings."""
    return _OPENING.sub(r"\\u007b", text)
