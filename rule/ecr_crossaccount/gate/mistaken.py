"""Files that are given where another kind is expected: what they seem to be, and which command takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..policy.json_grammar import BadJsonError
from ..policy.strict_json import value_of


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: the names on its uppermost level, any one of them, and what to do with it."""

    what: str
    names: frozenset[str]
    use: str


_CHECK = "`ecr-crossaccount check` judges the policies in it"
REGISTER = "a trust register"
POLICY = "a policy"
_KINDS = (
    _Kind(
        "a report of an audit",
        frozenset({"audited"}),
        "`ecr-crossaccount trust from-audit` drafts a register from it, and `audit --since` compares with it",
    ),
    _Kind(REGISTER, frozenset({"trust"}), "give it with `--trust`"),
    _Kind("a template", frozenset({"AWSTemplateFormatVersion", "Resources"}), _CHECK),
    _Kind(
        "a plan or state of Terraform", frozenset({"resource_changes", "planned_values", "terraform_version"}), _CHECK
    ),
    _Kind(
        "an inventory of AWS Config",
        frozenset({"Results", "configurationItems", "baseConfigurationItems", "BaseConfigurationItems"}),
        "`ecr-crossaccount audit --inventory` judges the policies in it",
    ),
    _Kind(POLICY, frozenset({"Statement", "policyText"}), "`ecr-crossaccount judge` judges it"),
)
_NAME = re.compile(r"^([A-Za-z_]\w*)\s*:", re.MULTILINE)
"""A name on the uppermost level of YAML."""


def seems(text: str, *, but: str) -> str:
    """Say what a text seems to be instead of what it was to be, and what to do with it; empty if that is not known."""
    names = set(_names_in(text))
    found = next((one for one in _KINDS if not one.names.isdisjoint(names)), None)
    return "" if found is None or found.what == but else f"it seems to be {found.what}: {found.use}"


def _names_in(text: str) -> Iterable[str]:
    if not text.lstrip().startswith("{"):
        return _NAME.findall(text)
    try:
        value = value_of(text)
    except BadJsonError:
        return ()
    return value if isinstance(value, dict) else ()
