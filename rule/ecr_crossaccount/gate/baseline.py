"""What an earlier run had found: only what is new fails.

A baseline is the JSON of an earlier check. A finding is the same if file, resource, grantee, Sid and
access are, wherever it stands now; more access than before is new. Of a replication or a cache, what it says counts
too: a wider filter is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from ..policy.document import Document
from ..policy.strict_json import strict_value_of
from ..reading.files import UnreadableError
from .files import text_of
from .findings import Identity
from .found import EXCHANGES

_REGISTRY = Document.REGISTRY.value


class BaselineError(ValueError):
    """A file that is not a baseline; the message says why."""


def read_baseline(path: str) -> frozenset[Identity]:
    """Return what the check whose JSON is in `path` had found. Raises BaselineError."""
    try:
        answer: Any = strict_value_of(text_of(path, named=True))
        return frozenset(identity for policy in answer["policies"] for identity in _in_policy(policy))
    except UnreadableError as error:
        raise BaselineError(f"cannot read the baseline `{path}`: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        expected = "expected the output of `ecr-crossaccount check --format json`"
        raise BaselineError(f"`{path}` is not a baseline: {expected}") from None


def _in_policy(policy: Mapping[str, list[Mapping[str, object]]]) -> Iterator[Identity]:
    # The worst statement may stand in another file than the resource, which is what the policy is known by.
    file = policy.get("declared_in", policy["file"])
    where = (PurePath(str(file)).as_posix(), str(policy["resource"]), str(policy["kind"]))
    yield from identities_in(policy, where)


def identities_in(verdict: Mapping[str, list[Mapping[str, object]]], where: Identity) -> Iterator[Identity]:
    """Yield what a verdict in JSON had found, of a policy that is by `where`, whose last part is the policy's kind.

    Raises LookupError, TypeError, AttributeError for what is no verdict.
    """
    for grant in verdict["grants"]:
        elsewhere = grant.get("document") == _REGISTRY != where[-1]
        document = (_REGISTRY,) if elsewhere else ()
        # Of which repositories images go, only the reason says.
        what = (grant["reason"],) if where[-1] in EXCHANGES else ()
        for access in _list(grant["access"]):
            yield (*where, *document, grant["kind"], grant["grantee"], grant["sid"], *what, access)
    for one in verdict["undecided"]:
        yield (*where, "undecided", one["reason"])
    for fault in verdict["invalid"]:
        yield (*where, "invalid", f"{fault['at']}: {fault['reason']}")


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value
