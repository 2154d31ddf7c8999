"""The partitions that a repository may be in when its Region is not known.

An ARN of another partition matches no caller. So if a policy for China is judged for the commercial partition, its
conditions seem to allow no one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ..policy.document import Statement
from ..policy.pattern import Pattern
from ..policy.principals import PARTITIONS

_HEAD = re.compile(r"arn:([a-z*?-]+):")


def other_partitions(statements: Sequence[Statement], partition: str) -> Iterator[str]:
    """Yield the other partitions than `partition` that conditions and Resources name, in a stable order."""
    named = {head for one in statements for source in _sources(one) for head in _HEAD.findall(source)}
    others = [head for head in named if not fnmatchcase(partition, head)]
    yield from (name for name in sorted(PARTITIONS) if any(fnmatchcase(name, head) for head in others))


def _sources(statement: Statement) -> Iterator[str]:
    """Yield the texts of a statement that may be ARNs."""
    if statement.resources is not None:
        yield from (value.source for value in statement.resources.patterns)
    for condition in statement.conditions:
        yield from (value.source for value in condition.values if isinstance(value, Pattern))
