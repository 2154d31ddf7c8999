"""What can someone outside do to this ECR repository?

verdict = judge(policy, Repository(account="111122223333"), Trust.nobody())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .documents.pattern import Hole, Holed
    from .documents.problems import Invalid
    from .errors import EcrCrossAccountError, RequiredError, TrustError
    from .judgement.admission import Origin
    from .judgement.beside import RegistryPolicy, Scope
    from .judgement.judge import Repository, judge
    from .judgement.values.members import Members
    from .judgement.values.trust import Trust
    from .judgement.values.verdict import Access, Compliance, Grant, Kind, Severity, Undecided, Verdict, Witness
    from .questions.plan.outcome import Action, Change, Plan, Strategy
    from .questions.plan.plan import plan
    from .questions.plan.required import Required

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
    ".judgement.beside": ("RegistryPolicy", "Scope"),
    ".judgement.judge": ("Repository", "judge"),
    ".judgement.admission": ("Origin",),
    ".judgement.values.members": ("Members",),
    ".judgement.values.trust": ("Trust",),
    ".judgement.values.verdict": (
        *("Access", "Compliance", "Grant", "Kind"),
        *("Severity", "Undecided", "Verdict", "Witness"),
    ),
    ".errors": ("EcrCrossAccountError", "RequiredError", "TrustError"),
    ".documents.pattern": ("Hole", "Holed"),
    ".documents.problems": ("Invalid",),
    ".questions.plan.outcome": ("Action", "Change", "Plan", "Strategy"),
    ".questions.plan.plan": ("plan",),
    ".questions.plan.required": ("Required",),
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
