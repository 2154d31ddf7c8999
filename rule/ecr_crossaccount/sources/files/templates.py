"""Files that a program fills in before they are data. The gate reports that they make an ECR policy, not which one."""

from __future__ import annotations

import re

from ...documents.json_grammar import place_in
from ..found.found import NOTHING, Harvest, Unjudged
from .files import TEMPLATE_SUFFIXES, File

_MAKES = re.compile(
    r"\"aws(?:cc)?_ecr(?:public)?_(?:repository|registry)_policy\"|RepositoryPolicyText|AWS::ECR::RegistryPolicy"
)
_POLICY = re.compile(r"\A\s*\{(?=.*\"Statement\")(?=.*\"(?:Not)?Principal\").*?\becr(?:-public)?:[A-Z*]", re.DOTALL)
"""A file that is a policy. In other templates, policies of roles may also have principals and ECR actions."""

_UNFILLED = (
    "a template that makes an ECR policy and is not read: render it, and check the result with "
    "`ecr-crossaccount check -`"
)


def unfilled(file: File) -> Harvest:
    """Return the result for a template that no reader knows. A script, or a template without a policy, gives none."""
    found = _MAKES.search(file.text) or _POLICY.match(file.text)
    if found is None or not file.name.lower().endswith(TEMPLATE_SUFFIXES):
        return NOTHING
    return Harvest(unjudged=(Unjudged(file.name, *place_in(file.text, found.start()), "template", _UNFILLED),))
