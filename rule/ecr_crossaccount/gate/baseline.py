"""The findings of an earlier run, so that only new findings fail.

A baseline is the JSON output of an earlier check. Two findings are the same if file, resource, grantee, Sid and access
are the same; the line does not count. More access than before is a new finding. For a replication or a cache, the
reason counts too: a wider filter is a new finding.
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
    """Return the findings of the check whose JSON is in `path`. Raises BaselineError."""
    try:
        answer: Any = strict_value_of(text_of(path, named=True))
        return frozenset(identity for policy in answer["policies"] for identity in _in_policy(policy))
    except UnreadableError as error:
        raise BaselineError(f"cannot read the baseline `{path}`: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        expected = "expected the output of `ecr-crossaccount check --format json`"
        raise BaselineError(f"`{path}` is not a baseline: {expected}") from None


def _in_policy(policy: Mapping[str, list[Mapping[str, object]]]) -> Iterator[Identity]:
    # The worst statement may be in another file than the resource. The policy is identified by the resource's file.
    file = policy.get("declared_in", policy["file"])
    where = (PurePath(str(file)).as_posix(), str(policy["resource"]), str(policy["kind"]))
    yield from identities_in(policy, where)


def identities_in(verdict: Mapping[str, list[Mapping[str, object]]], where: Identity) -> Iterator[Identity]:
    """Yield the identities of the findings in a JSON verdict. `where` is the policy's identity, and ends with its kind.

    Raises LookupError, TypeError or AttributeError if the value is not a verdict.
    """
    for grant in verdict["grants"]:
        elsewhere = grant.get("document") == _REGISTRY != where[-1]
        document = (_REGISTRY,) if elsewhere else ()
        # Only the reason names the repositories whose images are copied.
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
