"""Policies for measurements. The same seed gives the same texts, and another seed gives entirely different ones."""

from .adversarial import adversarial
from .nasty import long, nasty
from .ordinary import mixed, plain
from .words import LIMIT, ORGANIZATION, OWNER, REGIONS, REGISTER, STAGES, TEAMS, Policies, anew, source

__all__ = [
    "LIMIT",
    "ORGANIZATION",
    "OWNER",
    "REGIONS",
    "REGISTER",
    "STAGES",
    "TEAMS",
    "Policies",
    "adversarial",
    "anew",
    "long",
    "mixed",
    "nasty",
    "plain",
    "source",
]
