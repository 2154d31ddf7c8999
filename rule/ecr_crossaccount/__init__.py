"""What can someone outside do to this ECR repository?

verdict = judge(policy, Repository(account="111122223333"), Trust.nobody())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .access.admission import Origin
    from .access.beside import RegistryPolicy, Scope
    from .access.judge import Repository, judge
    from .access.members import Members
    from .access.trust import Trust
    from .access.verdict import Access, Compliance, Grant, Kind, Severity, Undecided, Verdict, Witness
    from .errors import EcrCrossAccountError, RequiredError, TrustError
    from .policy.holes import Hole, Holed
    from .policy.problems import Invalid
    from .remedy.outcome import Action, Change, Plan, Strategy
    from .remedy.plan import plan
    from .remedy.required import Required

__all__ = [
    "Access",
    "Action",
    "Change",
    "Compliance",
    "EcrCrossAccountError",
    "Grant",
    "Hole",
    "Holed",
    "Invalid",
    "Kind",
    "Members",
    "Origin",
    "Plan",
    "RegistryPolicy",
    "Repository",
    "Required",
    "RequiredError",
    "Scope",
    "Severity",
    "Strategy",
    "Trust",
    "TrustError",
    "Undecided",
    "Verdict",
    "Witness",
    "judge",
    "plan",
]

_HOMES = {
    ".access.beside": ("RegistryPolicy", "Scope"),
    ".access.judge": ("Repository", "judge"),
    ".access.admission": ("Origin",),
    ".access.members": ("Members",),
    ".access.trust": ("Trust",),
    ".access.verdict": ("Access", "Compliance", "Grant", "Kind", "Severity", "Undecided", "Verdict", "Witness"),
    ".errors": ("EcrCrossAccountError", "RequiredError", "TrustError"),
    ".policy.holes": ("Hole", "Holed"),
    ".policy.problems": ("Invalid",),
    ".remedy.outcome": ("Action", "Change", "Plan", "Strategy"),
    ".remedy.plan": ("plan",),
    ".remedy.required": ("Required",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a name on first access, so that `ecr-crossaccount --help` does not wait for the engine."""
    if name not in _HOME:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    found: object = getattr(import_module(_HOME[name], __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
