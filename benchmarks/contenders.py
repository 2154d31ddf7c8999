"""The tools that answer about a policy text, each called as its users call it.

The peers are imported on demand, because they have an environment of their own, requirements/bench.txt.
"""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import date
from types import ModuleType

from .corpus import ORGANIZATION, OWNER, REGISTER
from .corpus.words import REGIONS, TRUSTED

Answer = Callable[[str], object]
"""Takes a policy's text, and returns an answer in the contender's own form."""

TODAY = date(2026, 1, 1)
"""The day of every run, so that results do not depend on the current day."""

OURS = "ecr-crossaccount"
CUSTODIAN = "c7n PolicyChecker"
UNIVERSE = "policyuniverse"
FLOOR = "json.loads"


def ours() -> Answer:
    """Return `judge` for one repository of the owner, with the register of words.py."""
    engine = importlib.import_module("ecr_crossaccount")
    judge, deployed, trust = engine.judge, engine.Origin.DEPLOYED, engine.Trust.parse(REGISTER, today=TODAY)
    repository = engine.Repository(OWNER, "base/python", REGIONS[0], organization=ORGANIZATION)
    return lambda text: judge(text, repository, trust, deployed)


def explained() -> Answer:
    """Return `judge` followed by reading its grants. Their witnesses and reasons are computed on access."""
    judge = ours()
    return lambda text: getattr(judge(text), "grants", ())


def planning() -> Answer:
    """Return `plan` for the same repository and register. It judges the policy and all plans that it considers."""
    engine = importlib.import_module("ecr_crossaccount")
    plan, trust = engine.plan, engine.Trust.parse(REGISTER, today=TODAY)
    repository = engine.Repository(OWNER, "base/python", REGIONS[0], organization=ORGANIZATION)
    return lambda text: plan(text, repository, trust, "narrow", engine.Origin.DEPLOYED)


def comparing(before: Mapping[str, str]) -> Answer:
    """Return what a change opens for the same repository and register. `before` has the policy before each policy."""
    engine, states = importlib.import_module("ecr_crossaccount"), importlib.import_module(f"{_DIFFERENCE}.states")
    opened = importlib.import_module(f"{_DIFFERENCE}.opening").opened_access
    trust = engine.Trust.parse(REGISTER, today=TODAY)
    repository = engine.Repository(OWNER, "base/python", REGIONS[0], organization=ORGANIZATION)
    kind = importlib.import_module("ecr_crossaccount.judgement.kinds.table").ResourceKind.REPOSITORY

    def state(text: str) -> object:
        return states.State(kind, repository, trust, (states.Form(text),))

    return lambda text: opened(state(before[text]), state(text))


_DIFFERENCE = "ecr_crossaccount.questions.change"


def custodian() -> Answer:
    """Return the checker of cloud-custodian's filter `cross-account` on `aws.ecr`.

    The configuration is the one that `CrossAccountAccessFilter.process` builds for a policy file that whitelists the
    same accounts and organization. As there, one checker serves every repository. Its warnings about unknown keys are
    turned off, because writing them would count against it.
    """
    logging.getLogger("custodian.iamaccess").setLevel(logging.ERROR)
    configuration = custodian_configuration({OWNER, *TRUSTED}, {ORGANIZATION})
    check: Answer = _module("c7n.filters.iamaccess").PolicyChecker(configuration).check
    return check


def custodian_configuration(accounts: set[str], organizations: set[str]) -> dict[str, object]:
    """Return the configuration of the filter `cross-account` for its checker, with this whitelist."""
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
    """Return policyuniverse's answers about a resource policy: whether it is public, and who has access."""
    logging.getLogger("policyuniverse").setLevel(logging.WARNING)
    parse = _module("policyuniverse.policy").Policy

    def answer(text: str) -> object:
        policy = parse(json.loads(text))
        return policy.is_internet_accessible(), policy.whos_allowed()

    return answer


def floor() -> Answer:
    """Return JSON parsing alone, the lower bound for every tool that starts from text."""
    return json.loads


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        message = f"cannot import `{name}`: run `make bench`, or install requirements/bench.txt into this environment"
        raise SystemExit(message) from missing
