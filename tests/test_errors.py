"""Every exception of the package is an error of the input, of AWS or of the program, and has a name of its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import ecr_crossaccount
from ecr_crossaccount.errors import AwsError, EcrCrossAccountError, InputError, InternalError
from ecr_crossaccount.products.automation.steps import StepError

FAMILIES = (InputError, AwsError, InternalError)
SCRIPTS = StepError
"""The errors of the scripts in the Automation documents, which run without the package."""


def exceptions() -> list[type[BaseException]]:
    """Return the exception classes that the package defines."""
    found = []
    for module in pkgutil.walk_packages(ecr_crossaccount.__path__, "ecr_crossaccount."):
        if not module.name.endswith(("__main__", ".cdk")):  # the plug-in needs the CDK, and has no errors of its own
            names = vars(importlib.import_module(module.name)).values()
            found += [
                kind
                for kind in names
                if isinstance(kind, type) and issubclass(kind, BaseException) and kind.__module__ == module.name
            ]
    return found


def test_every_exception_belongs_to_one_family_and_has_its_own_name() -> None:
    found = exceptions()
    others = [kind for kind in found if sum(issubclass(kind, family) for family in (*FAMILIES, SCRIPTS)) != 1]
    assert others == [EcrCrossAccountError]
    assert {name: times for name, times in Counter(kind.__name__ for kind in found).items() if times > 1} == {}
    assert all(kind.__name__.endswith("Error") for kind in found)
