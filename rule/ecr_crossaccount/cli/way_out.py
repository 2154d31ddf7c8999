"""What a person can do about a grant: remove it, tighten it, or keep it and write down why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .. import Access, Repository
from ..access.verdict import Grant, Kind

_PULL = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer"
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_ORGANIZATION_PATH = re.compile(r"o-[a-z0-9]{10,32}/[a-z0-9/*?-]+")
_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")


@dataclass(frozen=True, slots=True)
class WayOut:
    """The three ways out for the grants of one statement; `entries` are lines for the trust register."""

    remove: str
    tighten: tuple[str, ...]
    entries: tuple[str, ...]


def way_out(grants: Sequence[Grant], repository: Repository) -> WayOut:
    """Return what can be done about `grants`, which one statement gives."""
    return WayOut(
        "delete the statement, if nobody outside needs it",
        tuple(dict.fromkeys(_tightenings(grants, repository))),
        tuple(line for grant in grants for line in _entry(grant, repository)),
    )


def _tightenings(grants: Sequence[Grant], repository: Repository) -> Iterator[str]:
    kinds = {grant.kind for grant in grants}
    if Kind.ANY in kinds:
        # No service carries an organization: this one condition keeps them out as well.
        mine = repository.organization or "o-…"
        yield f"name the accounts in Principal, or make the Condition {_equals('aws:PrincipalOrgID', mine)}"
    elif Kind.SERVICE in kinds:
        yield f"make the Condition {_equals('aws:SourceAccount', repository.account)}"
    if any(grant.access != (Access.READ,) for grant in grants):
        yield f"allow only what is needed; a pull needs no more than {_PULL}"


def _equals(key: str, value: str) -> str:
    return json.dumps({"StringEquals": {key: value}}, ensure_ascii=False)


def _entry(grant: Grant, repository: Repository) -> Iterator[str]:
    """Yield the lines of the register entry that covers `grant`, none where no entry could."""
    subject = _subject(grant)
    if subject is None:
        return
    field, name = subject
    access = max(grant.access, key=lambda one: one.rank)
    yield f"- {field}: {json.dumps(name)}"
    yield f"  access: {access.value}"
    if repository.name != "*":
        yield f"  repositories: [{json.dumps(repository.name)}]"
    # Not to be pasted unread: the register refuses the date until a person has chosen one.
    yield "  reason: WHY"
    yield "  owner: WHOM-TO-ASK@example.com"
    yield "  expires: YYYY-MM-DD"


def _subject(grant: Grant) -> tuple[str, str] | None:
    """Return the register's field and name for the grantee, None for one that no entry can name."""
    match grant.kind:
        case Kind.ACCOUNT if _ACCOUNT.fullmatch(grant.grantee):
            return "account", grant.grantee
        case Kind.ORGANIZATION if _ORGANIZATION.fullmatch(grant.grantee):
            return "organization", grant.grantee
        case Kind.ORGANIZATION if _ORGANIZATION_PATH.fullmatch(grant.grantee):
            return "organization_path", grant.grantee
        case Kind.SERVICE:
            return _service(grant.grantee)
        case _:
            return None


def _service(grantee: str) -> tuple[str, str] | None:
    """A service that acts for one account is covered by trust in that account."""
    name, _, whom = grantee.partition(" for ")
    if _ACCOUNT.fullmatch(whom):
        return "account", whom
    return ("service", name) if _SERVICE.fullmatch(name) else None
