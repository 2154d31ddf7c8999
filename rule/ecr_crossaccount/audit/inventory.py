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
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from ..policy.json_grammar import BadJsonError
from ..policy.strict_json import strict_value_of, values_in
from ..reading.files import MEGABYTE, STANDARD_INPUT, UnreadableError, decoded, named_or_input, whole
from .items import Unread
from .recordings import Recording, recording_of

LARGEST = 1024 * MEGABYTE
"""Bytes of a file, unpacked; 100,000 repositories with a policy of usual length are some 200,000,000."""

_GZIP = b"\x1f\x8b"
_ITEMS = ("Results", "configurationItems", "baseConfigurationItems", "BaseConfigurationItems")
_UNPROCESSED = ("unprocessedResourceKeys", "UnprocessedResourceIdentifiers")
_MORE = ("NextToken", "nextToken")
_EXPECTED = (
    "no inventory: expected what `aws configservice select-aggregate-resource-config` prints, "
    "with `resourceId`, `arn` and `configuration` selected"
)


def read(paths: Iterable[Path]) -> Iterator[Recording | Unread]:
    """Read the inventories in files; what is wrong with one is an answer like the others, and names the file."""
    for path in paths:
        for found in _recordings(path):
            yield replace(found, reason=f"{path}: {found.reason}") if isinstance(found, Unread) else found


def _recordings(path: Path) -> Iterator[Recording | Unread]:
    try:
        answers = list(values_in(_text(path)))
    except (UnreadableError, BadJsonError) as error:
        yield Unread(str(error))
        return
    if not answers:
        yield Unread("empty")
    name = "standard input" if str(path) == STANDARD_INPUT else f"`{path}`"
    for number, answer in enumerate(answers, start=1):
        yield from _answer(answer, f"{name} answer {number}" if len(answers) > 1 else name)


def _text(path: Path) -> str:
    with named_or_input(str(path)) as file:
        data = whole(file, LARGEST)
    if data.startswith(_GZIP):
        try:
            data = whole(gzip.GzipFile(fileobj=BytesIO(data)), LARGEST)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableError(f"a gzip file that ends too early or is damaged: {error}") from None
    return decoded(data)[0]


def _answer(answer: object, place: str) -> Iterator[Recording | Unread]:
    if isinstance(answer, Mapping) and isinstance(answer.get("data"), Mapping):
        answer = answer["data"]
    lists = [answer[name] for name in _ITEMS if name in answer] if isinstance(answer, Mapping) else []
    if not isinstance(answer, Mapping) or not lists or not all(isinstance(rows, list) for rows in lists):
        yield Unread(_EXPECTED)
        return
    for number, row in enumerate((row for rows in lists for row in rows), start=1):
        yield from _row(number, row, place)
    if any(answer.get(name) for name in _UNPROCESSED):
        yield Unread("AWS Config did not process all that it was asked for, as it says: repositories are missing")
    if any(answer.get(name) for name in _MORE):
        yield Unread("it ends before the last page, as its `NextToken` says: repositories are missing")


def _row(number: int, row: object, place: str) -> Iterator[Recording | Unread]:
    if isinstance(row, str):
        try:
            row = strict_value_of(row)
        except BadJsonError as error:
            yield Unread(f"row {number}: {error}")
            return
    if not isinstance(row, Mapping):
        yield Unread(f"row {number} is not an object")
        return
    recording = recording_of(row, f"{place} row {number}")
    if recording is not None and isinstance(recording.found, Unread) and recording.found.arn is None:
        yield Unread(f"row {number}: {recording.found.reason}")
    elif recording is not None:
        yield recording
