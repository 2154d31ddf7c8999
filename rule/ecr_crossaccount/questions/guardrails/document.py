"""The document of a guardrail, within the syntax and the length that AWS Organizations accepts.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ...documents.parse import parse
from ...errors import EcrCrossAccountError

LARGEST = 5_120
"""The most characters, spaces included, of a resource or service control policy.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

Statement = Mapping[str, object]


class Kind(Enum):
    """The two policy types of AWS Organizations that can guard a registry."""

    RCP = "resource control policy"
    SCP = "service control policy"


class GuardrailError(EcrCrossAccountError, ValueError):
    """A guardrail that cannot be made as requested. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A policy that AWS Organizations accepts. `notes` says what to know before you attach it."""

    kind: Kind
    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problems = tuple(problems_of(self.kind, self.minified))
        if problems:
            raise GuardrailError(f"no {self.kind.value} that AWS would accept: {'; '.join(problems)}")

    @property
    def document(self) -> dict[str, object]:
        """The policy as a JSON value."""
        return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in self.statements]}

    @property
    def minified(self) -> str:
        """The policy as its shortest text."""
        return json.dumps(self.document, separators=(",", ":"))

    @property
    def readable(self) -> str | None:
        """The policy with line breaks, or None if it is too long with them."""
        text = json.dumps(self.document, indent=2)
        return text if len(text) <= LARGEST else None


_ELEMENTS = {
    Kind.RCP: frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"}),
    Kind.SCP: frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}),
}
_SID = re.compile(r"[A-Za-z0-9]+")


def problems_of(kind: Kind, text: str) -> Iterator[str]:
    """Yield the reasons why AWS Organizations would refuse `text` as a policy of this kind."""
    if len(text) > LARGEST:
        yield f"it has {len(text):,} characters of at most {LARGEST:,}"
    policy = json.loads(text)
    for number, statement in enumerate(policy["Statement"]):
        yield from (f"Statement[{number}] {problem}" for problem in _problems_of(kind, statement))
    # `parse` checks everything that the two kinds share with a repository policy.
    shared = {**policy, "Statement": [_as_its_statement(statement) for statement in policy["Statement"]]}
    yield from (f"{one.at}: {one.reason}" for one in parse(shared).invalid)


def _problems_of(kind: Kind, statement: Statement) -> Iterator[str]:
    for name in statement:
        if name not in _ELEMENTS[kind]:
            yield f"has `{name}`, which a {kind.value} cannot have"
    if statement.get("Effect") != "Deny":
        yield "does not deny"
    if kind is Kind.RCP and statement.get("Principal") != "*":
        yield "names a Principal other than `*`"
    if not _SID.fullmatch(str(statement.get("Sid", ""))):
        yield "has no Sid of letters and digits"
    if not {"Resource", "NotResource"} & statement.keys():
        yield "has no Resource"
    for action in _strings(statement.get("Action")):
        if ":" not in action:
            yield f"has an action, `{action}`, without its service"


def _strings(value: object) -> Sequence[str]:
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def _as_its_statement(statement: Statement) -> dict[str, object]:
    kept = {name: value for name, value in statement.items() if name not in ("Resource", "NotResource")}
    return {"Principal": "*", **kept}
