"""Files that are given where another kind is expected: what they seem to be, and which command takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...documents.json_grammar import BadJsonError
from ...documents.strict_json import value_of


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: the names at its top level that identify it, and how to use it.

    `lacks`: what is missing if the gate does not recognize such a file. It is empty for a kind that the gate never
    reads.
    """

    what: str
    names: frozenset[str]
    use: str
    lacks: str = ""


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
    _Kind("a template", frozenset({"AWSTemplateFormatVersion", "Resources"}), _CHECK, "it has no resources"),
    _Kind(
        "a plan or state of Terraform",
        frozenset({"resource_changes", "planned_values", "terraform_version"}),
        _CHECK,
        "it is not complete",
    ),
    _Kind(
        "an inventory of AWS Config",
        frozenset({"Results", "configurationItems", "baseConfigurationItems", "BaseConfigurationItems"}),
        "`ecr-crossaccount audit --inventory` judges the policies in it",
    ),
    _Kind(POLICY, frozenset({"Statement", "policyText"}), "`ecr-crossaccount judge` judges it"),
)
_NAME = re.compile(r"^([A-Za-z_]\w*)\s*:", re.MULTILINE)
"""A name at the top level of YAML."""
_BEFORE = ("#", "---", "%")
"""The beginnings of YAML lines that may come before the first name."""


def seems(text: str, *, but: str) -> str:
    """Return what a text seems to be instead of the expected kind, and how to use it. Empty if unknown."""
    found = _kind_of(text)
    return "" if found is None or found.what == but else f"it seems to be {found.what}: {found.use}"


def seems_to_the_gate(text: str) -> str:
    """Return what a text seems to be that the gate does not recognize, and how to use it or what is missing.

    Empty if unknown.
    """
    found = _kind_of(text)
    if found is None or not found.lacks:
        return seems(text, but=POLICY)
    return f"it seems to be {found.what}, but {found.lacks}"


def _kind_of(text: str) -> _Kind | None:
    names = set(_names_in(text))
    return next((one for one in _KINDS if not one.names.isdisjoint(names)), None)


def _names_in(text: str) -> Iterable[str]:
    if not text.lstrip().startswith("{"):
        return _NAME.findall(text) if _begins_with_a_name(text) else ()
    try:
        value = value_of(text)
    except BadJsonError:
        return ()
    return value if isinstance(value, dict) else ()


def _begins_with_a_name(text: str) -> bool:
    """Return whether a text is YAML, and not prose that contains YAML, such as a page with an example."""
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(_BEFORE)), "")
    return _NAME.match(first) is not None
