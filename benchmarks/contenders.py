"""Everybody who answers about a policy text here, each called as its own users call it.

The peers are imported when they are asked for: they live in an environment of their own, requirements/bench.txt.
"""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Callable
from datetime import date
from types import ModuleType

from .corpus import ORGANIZATION, OWNER, REGISTER
from .corpus.words import REGIONS, TRUSTED

Answer = Callable[[str], object]
"""Takes a policy's text and gives an answer of the contender's own kind."""

TODAY = date(2026, 1, 1)
"""No run depends on the day when it is made."""

OURS = "ecr-crossaccount"
CUSTODIAN = "c7n PolicyChecker"
UNIVERSE = "policyuniverse"
FLOOR = "json.loads"


def ours() -> Answer:
    """`judge` for one repository of the owner, with the register that words.py describes."""
    engine = importlib.import_module("ecr_crossaccount")
    judge, deployed, trust = engine.judge, engine.Origin.DEPLOYED, engine.Trust.parse(REGISTER, today=TODAY)
    repository = engine.Repository(OWNER, "base/python", REGIONS[0], organization=ORGANIZATION)
    return lambda text: judge(text, repository, trust, deployed)


def explained() -> Answer:
    """`judge`, and then the grants of its verdict: their witnesses and reasons are written when someone reads them."""
    judge = ours()
    return lambda text: getattr(judge(text), "grants", ())


def planning() -> Answer:
    """`plan` for the same repository and register, which judges what it finds and all that it considers."""
    engine = importlib.import_module("ecr_crossaccount")
    plan, trust = engine.plan, engine.Trust.parse(REGISTER, today=TODAY)
    repository = engine.Repository(OWNER, "base/python", REGIONS[0], organization=ORGANIZATION)
    return lambda text: plan(text, repository, trust, "narrow", engine.Origin.DEPLOYED)


def custodian() -> Answer:
    """The checker of cloud-custodian's filter `cross-account` on `aws.ecr`.

    The configuration is what `CrossAccountAccessFilter.process` builds for a policy file that whitelists the
    same accounts and organization; as there, one checker serves every repository. Its warnings about keys
    that it does not know are turned off: writing them out would be counted against it.
    """
    logging.getLogger("custodian.iamaccess").setLevel(logging.ERROR)
    configuration = custodian_configuration({OWNER, *TRUSTED}, {ORGANIZATION})
    check: Answer = _module("c7n.filters.iamaccess").PolicyChecker(configuration).check
    return check


def custodian_configuration(accounts: set[str], organizations: set[str]) -> dict[str, object]:
    """What the filter `cross-account` gives its checker, for these accounts and organizations on its whitelist."""
    return {
        "allowed_accounts": accounts,
        "allowed_vpc": set(),
        "allowed_vpce": set(),
        "allowed_orgid": organizations,
        "allowed_org_units": set(),
        "check_actions": (),
        "everyone_only": False,
        "whitelist_conditions": {"aws:userid", "aws:username"},
        "whitelist_patterns": [],
        "return_allowed": False,
    }


def policyuniverse() -> Answer:
    """Both questions that policyuniverse answers about a resource policy: is it public, and who is let in."""
    logging.getLogger("policyuniverse").setLevel(logging.WARNING)
    parse = _module("policyuniverse.policy").Policy

    def answer(text: str) -> object:
        policy = parse(json.loads(text))
        return policy.is_internet_accessible(), policy.whos_allowed()

    return answer


def floor() -> Answer:
    """Reading the JSON and asking nothing: nobody who starts from text can be faster."""
    return json.loads


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        message = f"cannot import `{name}`: run `make bench`, or install requirements/bench.txt into this environment"
        raise SystemExit(message) from missing
