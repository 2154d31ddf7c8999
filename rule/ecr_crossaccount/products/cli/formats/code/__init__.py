"""A policy in the form that a team keeps it in. Each form is a module; its text is read back and judged as proof."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, cast

from .....documents.parse import parse
from .....judgement.judge import Repository, judge
from .....judgement.values.trust import Trust
from .....judgement.values.verdict import Compliance
from ...base.errors import InputError

FORMS = ("json", "cloudformation", "terraform")
"""The forms by their name on the command line. Each is the module `as_NAME` in this package."""

Document = Mapping[str, object]


class Form(Protocol):
    """The interface of a form's module."""

    FILE: str
    """A file name from which readers recognize this form."""

    def render(self, policy: Document, repository: Repository) -> str:
        """Return a policy as text that ends with a line break. Raises InputError if the form cannot express it."""


def written(
    policy: Document,
    repository: Repository,
    trust: Trust,
    form: str,
    expected: Compliance = Compliance.COMPLIANT,
) -> str:
    """Return a policy in a form. The gate reads the same policy from it and judges it as `expected`.

    Raises InputError if it does not, because the form then cannot express the policy.
    """
    module = cast("Form", import_module(f".as_{form}", __package__))
    text = module.render(policy, repository)
    if _read_back(text, module.FILE, policy, repository, trust) is not expected:
        raise InputError(f"the policy cannot be written as {form} without changing its meaning: use --as json")
    return text


def _read_back(text: str, file: str, policy: Document, repository: Repository, trust: Trust) -> Compliance | None:
    """Return how the gate judges the policy in `text`, or None if it is not the same policy."""
    from .....sources.formats.dispatch import harvest
    from .....sources.found.context import Context

    with TemporaryDirectory() as folder:
        path = Path(folder, file)
        path.write_text(text, encoding="utf-8")
        read = harvest([str(path)], Context(repository.account, repository.region))
    if read.errors or len(read.policies) != 1:
        return None
    found = read.policies[0].policy
    is_same = parse(found).statements == parse(policy).statements
    return judge(found, repository, trust).compliance if is_same else None


def words_of(repository: Repository) -> list[str]:
    """Return the words of a repository's name, for a name in code. Without a name, return `repository`."""
    return re.findall(r"[a-z0-9]+", repository.name) or ["repository"]
