"""Policies to measure with: the same seed gives the same texts, another seed gives none of them again."""

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
