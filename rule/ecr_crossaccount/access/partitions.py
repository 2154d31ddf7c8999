"""The partitions that a repository may be in when its Region is not known.

An ARN of another partition matches no caller. So if a policy for China is judged for the commercial partition, its
conditions seem to allow no one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ..policy.conditions import Value
from ..policy.document import Statement
from ..policy.pattern import Pattern
from ..policy.principals import PARTITIONS

_HEAD = re.compile(r"arn:([a-z*?-]+):")


def other_partitions(statements: Sequence[Statement], partition: str) -> Iterator[str]:
    """Yield the other partitions than `partition` that conditions and Resources name, in a stable order."""
    resources = [one.resources for one in statements if one.resources is not None]
    values: list[Value] = [value for one in statements for condition in one.conditions for value in condition.values]
    values += [value for one in resources for value in one.patterns]
    named = _HEAD.findall(" ".join([value.source for value in values if isinstance(value, Pattern)]))
    others = [head for head in dict.fromkeys(named) if head != partition and not fnmatchcase(partition, head)]
    if others:
        yield from (name for name in sorted(PARTITIONS) if any(fnmatchcase(name, head) for head in others))
