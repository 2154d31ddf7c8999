"""Repositories in files: what the AWS CLI prints of AWS Config, and the snapshots that Config delivers.

Known by what they hold:

- `Results`, rows as JSON texts: `aws configservice select-resource-config` and `select-aggregate-resource-config`;
  recordings of these that keep the answer under `data` too;
- `configurationItems`: `get-resource-config-history`, and a snapshot (gzip too);
- `baseConfigurationItems`, `BaseConfigurationItems`: `batch-get-resource-config` and its aggregate kin.

A file may hold several, one after the other, as a shell's loop over accounts leaves them.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path

from .config_items import Gone, item_of
from .items import Item, Unread

STANDARD_INPUT = "-"
"""The path that means standard input."""

LARGEST = 1_073_741_824
"""Bytes of a file, unpacked; 100,000 repositories with a policy of usual length are some 200,000,000."""

_SPACE = re.compile(r"\s*")
_GZIP = b"\x1f\x8b"
_ITEMS = ("Results", "configurationItems", "baseConfigurationItems", "BaseConfigurationItems")
_UNPROCESSED = ("unprocessedResourceKeys", "UnprocessedResourceIdentifiers")
_MORE = ("NextToken", "nextToken")
_EXPECTED = (
    "no inventory: expected what `aws configservice select-aggregate-resource-config` prints, "
    "with `resourceId`, `arn` and `configuration` selected"
)


Found = Item | Unread | Gone


@dataclass(frozen=True, slots=True)
class _Recording:
    """What an answer says of one repository, and when that was recorded, where it says so."""

    time: str
    found: Found


def read(paths: Iterable[Path]) -> Iterator[Item | Unread]:
    """Read the inventories in files; what is wrong with one is an answer like the others, and names the file.

    Of several recordings of a repository the latest counts.
    """
    latest: dict[str, _Recording] = {}
    for path in paths:
        for recording in _recordings(path):
            found = recording.found
            if found.arn is None:
                yield Unread(f"{path}: {found.reason}")
            elif found.arn not in latest or recording.time > latest[found.arn].time:
                latest[found.arn] = recording
    yield from (recording.found for recording in latest.values() if not isinstance(recording.found, Gone))


def _recordings(path: Path) -> Iterator[_Recording]:
    try:
        answers = list(_documents(_text(path)))
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        yield _Recording("", Unread(_why(error)))
        return
    if not answers:
        yield _Recording("", Unread("empty"))
    for answer in answers:
        yield from _answer(answer)


def _text(path: Path) -> str:
    with _opened(path) as file:
        # A pipe can be read but once, so it is looked at and not read.
        is_packed = file.peek(2)[:2] == _GZIP
        with gzip.open(file) if is_packed else nullcontext(file) as stream:
            data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"larger than {LARGEST:,} bytes")
    return data.decode(json.detect_encoding(data)).lstrip("\ufeff")


def _opened(path: Path) -> BufferedReader:
    if str(path) == STANDARD_INPUT:
        return BufferedReader(BytesIO(sys.stdin.buffer.read(LARGEST + 1)))
    return path.open("rb")


def _documents(text: str) -> Iterator[object]:
    """Yield the JSON values that stand one after the other."""
    decoder = json.JSONDecoder()
    at = _after_space(text, 0)
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        yield value
        at = _after_space(text, end)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _why(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"not JSON at line {error.lineno} column {error.colno}: {error.msg.lower()}"
        case UnicodeDecodeError():
            return "not text in UTF-8"
        case OSError() if error.strerror:
            return error.strerror
        case RecursionError():
            return "nested too deeply"
        case EOFError() | zlib.error() | gzip.BadGzipFile():
            return f"a gzip file that ends too early or is damaged: {error}"
        case _:
            return str(error)


def _answer(answer: object) -> Iterator[_Recording]:
    if isinstance(answer, Mapping) and isinstance(answer.get("data"), Mapping):
        answer = answer["data"]
    lists = [answer[name] for name in _ITEMS if name in answer] if isinstance(answer, Mapping) else []
    if not isinstance(answer, Mapping) or not lists or not all(isinstance(rows, list) for rows in lists):
        yield _Recording("", Unread(_EXPECTED))
        return
    for number, row in enumerate((row for rows in lists for row in rows), start=1):
        yield from _row(number, row)
    for name in _UNPROCESSED:
        for key in answer.get(name) or ():
            yield _Recording("", Unread(f"AWS Config did not process {json.dumps(key)}"))
    if any(answer.get(name) for name in _MORE):
        yield _Recording("", Unread("it ends before the last page, as its `NextToken` says: repositories are missing"))


def _row(number: int, row: object) -> Iterator[_Recording]:
    if isinstance(row, str):
        try:
            row = json.loads(row)
        except (ValueError, RecursionError) as error:
            yield _Recording("", Unread(f"row {number}: {_why(error)}"))
            return
    if not isinstance(row, Mapping):
        yield _Recording("", Unread(f"row {number} is no object"))
        return
    found = item_of(row)
    if isinstance(found, Unread) and found.arn is None:
        found = Unread(f"row {number}: {found.reason}")
    if found is not None:
        yield _Recording(str(row.get("configurationItemCaptureTime") or ""), found)
