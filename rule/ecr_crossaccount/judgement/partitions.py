"""The partitions that a repository may be in when its Region is not known.

An ARN of another partition matches no caller. So if a policy for China is judged for the commercial partition, its
conditions seem to allow no one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from ..documents.document import Statement
from ..documents.pattern import Pattern
from ..documents.principals import PARTITIONS
from .patterns.comparisons import STRINGS, comparison
from .patterns.tokens import AnyOf, Tokens
from .resources import possible_blocks


def other_partitions(statements: Sequence[Statement], partition: str) -> Iterator[str]:
    """Yield one partition of each kind that conditions and Resources distinguish from `partition`, in a stable order.

    There is no other one if a Principal element has an ARN: ECR would not accept one of another partition.
    """
    if any(entry.partition for statement in statements for entry in statement.principals.named):
        return
    patterns = dict.fromkeys(_patterns(statements))
    seen = {_read_by(patterns, partition)}
    for name in sorted(PARTITIONS):
        read = _read_by(patterns, name)
        if read not in seen:
            seen.add(read)
            yield name


def _patterns(statements: Iterable[Statement]) -> Iterator[Tokens | AnyOf]:
    for statement in statements:
        if statement.resources is not None:
            yield from (block.tokens for block in possible_blocks(statement.resources))
        for condition in statement.conditions:
            base = condition.operator.base
            texts = (value for value in condition.values if isinstance(value, Pattern) and base in STRINGS)
            yield from (comparison(base, value.parts).tokens for value in texts)


def _read_by(patterns: Iterable[Tokens | AnyOf], partition: str) -> Hashable:
    """Return where the patterns are after the beginning of an ARN. Equal places match equal rests."""
    return tuple([one.after(f"arn:{partition}:") for one in patterns])
