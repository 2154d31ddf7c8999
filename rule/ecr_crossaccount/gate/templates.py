"""Files that a program fills in before they are data: that one makes a policy of ECR is said, and not which."""

from __future__ import annotations

import re

from ..policy.json_grammar import place_in
from .files import TEMPLATE_SUFFIXES, File
from .found import NOTHING, Harvest, Unjudged

_MAKES = re.compile(
    r"\"aws(?:cc)?_ecr(?:public)?_(?:repository|registry)_policy\"|RepositoryPolicyText|AWS::ECR::RegistryPolicy"
)
_POLICY = re.compile(r"\A\s*\{(?=.*\"Statement\")(?=.*\"(?:Not)?Principal\").*?\becr(?:-public)?:[A-Z*]", re.DOTALL)
"""A policy by itself; of other templates, the policies of roles speak of principals and of ECR as well."""

_UNFILLED = (
    "a template that makes an ECR policy and is not read: render it, and check the result with "
    "`ecr-crossaccount check -`"
)


def unfilled(file: File) -> Harvest:
    """Return what to say of a template that no reader knows; nothing of a script, or of one that makes no policy."""
    found = _MAKES.search(file.text) or _POLICY.match(file.text)
    if found is None or not file.name.lower().endswith(TEMPLATE_SUFFIXES):
        return NOTHING
    return Harvest(unjudged=(Unjudged(file.name, *place_in(file.text, found.start()), "template", _UNFILLED),))
