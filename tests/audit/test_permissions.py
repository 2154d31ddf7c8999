"""Least privilege: an audit of the own account makes exactly the calls that docs/audit.md lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.ecr.models import ecr_backends

from tests.audit.conftest import ORGANIZATION, OWNER, REGION, STRANGER_PULLS, Furnish, policy
from tests.audit.test_live_rcps import DENY, organization
from tests.audit.test_second_opinion import analyzer
from tests.audit.test_usage import Serve, serve
from tests.cli.conftest import Run
from tests.docs.markdown import page
from tests.fakes import FakeAccessAnalyzer, FakeOrganizations
from tests.permissions.conftest import called

__all__ = ["analyzer", "called", "organization", "serve"]

BY_TAGS = policy("*", Condition={"StringEquals": {"aws:ResourceTag/shared": "yes"}})
FREE = {"sts:GetCallerIdentity"}
"""It needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


def documented() -> list[dict[str, Any]]:
    (block,) = [one for one in page("docs/audit.md").blocks("json") if '"Sid": "Audit"' in one.text]
    statements: list[dict[str, Any]] = json.loads(block.text)["Statement"]
    return statements


def actions(*sids: str) -> set[str]:
    return {action for one in documented() if one["Sid"] in sids for action in _listed(one["Action"])}


def _listed(action: str | list[str]) -> Iterator[str]:
    yield from [action] if isinstance(action, str) else action


@pytest.fixture
def world(
    furnish: Furnish,
    analyzer: FakeAccessAnalyzer,
    organization: FakeOrganizations,
    serve: Serve,
    trust: Callable[..., str],
) -> str:
    """Create the resources of each call, and return a register that trusts the own organization."""
    furnish({"by-tags": BY_TAGS, "open": STRANGER_PULLS})
    analyzer.analyze(analyzer.analyzer(), f"arn:aws:ecr:{REGION}:{OWNER}:repository/open")
    organization.attach(organization.policy(DENY, "p-closes0000"), OWNER)
    serve()
    # Directly in moto's backend, because moto refuses what only the second version of registry policies accepts.
    ecr_backends[OWNER][REGION].registry_policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    return trust({"organization": "self"})


@pytest.mark.parametrize(
    "options, sids",
    [
        ((), ("Audit",)),
        (("--trust", "self"), ("Audit", "SelfInTheRegister")),
        (("--trust", "self", "--organization", ORGANIZATION), ("Audit",)),
        (
            (
                "--rcp",
                "@live",
            ),
            ("Audit", "LiveRcps"),
        ),
        (("--usage", "30"), ("Audit", "Usage")),
        (("--roles",), ("Audit", "Roles", "SelfInTheRegister")),
        (("--roles", "--organization", ORGANIZATION), ("Audit", "Roles")),
        (("--second-opinion", "access-analyzer"), ("Audit", "SecondOpinionAnalyzers", "SecondOpinion")),
    ],
)
def test_each_option_calls_what_its_statements_allow_and_nothing_else(
    world: str, run: Run, called: set[str], options: tuple[str, ...], sids: tuple[str, ...]
) -> None:
    run("audit", *(world if option == "self" else option for option in options))
    assert called - FREE == actions(*sids)


def test_every_statement_is_one_of_an_option() -> None:
    sids = {one["Sid"] for one in documented()}
    of_options = {"LiveRcps", "Roles", "SecondOpinion", "SecondOpinionAnalyzers", "Usage"}
    assert sids == {"Audit", "SelfInTheRegister", *of_options}


def test_no_action_is_a_pattern_and_none_changes_anything() -> None:
    every = actions(*(one["Sid"] for one in documented()))
    names = [action.partition(":")[2] for action in every]
    assert not [name for name in names if "*" in name or not name.startswith(("Describe", "Get", "List", "Lookup"))]


def test_only_what_takes_no_resource_is_allowed_on_every_analyzer() -> None:
    (other,) = [one for one in documented() if one["Sid"] == "SecondOpinion"]
    assert other["Resource"].startswith("arn:aws:access-analyzer:*:")
