"""The opinions of the engine and of Access Analyzer about one policy: who outside the account has access?"""

from __future__ import annotations

from collections.abc import Sequence

from ecr_crossaccount import Trust, Verdict

from .cases import verdict
from .previews import Found
from .record import Agreement, Comparison
from .sandbox import Sandbox
from .subjects import ANALYZER

NOBODY, SOMEBODY, EVERYBODY = "nobody outside", "someone outside", "everybody"
CANNOT_TELL = "the engine cannot decide, and says so"


def compared(case: str, sandbox: Sandbox, repository: str, policy: str | None, found: Sequence[Found]) -> Comparison:
    """Compare a preview's findings with the engine's verdict. Like Access Analyzer, it must trust no one here."""
    ours = verdict(sandbox, repository, policy, Trust.nobody())
    said, seen = _ours(ours), _theirs(found)
    is_about_services = ours.service or any(one.services for one in found)
    agreement, why = _judged(ours, said, seen, is_about_services=is_about_services)
    return Comparison(case, ANALYZER, said, seen, agreement, why and f"{why}. {_reasons(ours, found)}".strip())


def _judged(ours: Verdict, said: str, seen: str, *, is_about_services: bool) -> tuple[Agreement, str]:
    if said == seen == NOBODY and is_about_services:
        return Agreement.NOT_COMPARED, "Services are left out on both sides"
    if said == seen:
        return Agreement.AGREES, ""
    if (ours.undecided or ours.invalid) and not ours.external:
        return Agreement.EXPLAINED, CANNOT_TELL
    return Agreement.DIFFERS, "Nothing explains this"


def _ours(ours: Verdict) -> str:
    return EVERYBODY if ours.public else SOMEBODY if ours.external else NOBODY


def _theirs(found: Sequence[Found]) -> str:
    """Return the result of a preview. Services are ignored, because it is not documented whether they are reported."""
    others = [one for one in found if not one.services]
    return EVERYBODY if any(one.public for one in others) else SOMEBODY if others else NOBODY


def _reasons(ours: Verdict, found: Sequence[Found]) -> str:
    """Return the grantees that each side names."""
    engine = "; ".join(grant.reason for grant in ours.grants) or "nothing"
    theirs = "; ".join(f"{', '.join(one.principal)} ({', '.join(one.actions)})" for one in found) or "nothing"
    return f"The engine names: {engine}. Access Analyzer names: {theirs}"
