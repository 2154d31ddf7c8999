"""Replication and caches in plans and states: said where they reach a registry of another account, or may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import OWNER, Run, Write
from tests.gate.terraform.plans import Json, Planned, plan, said, text

OUTSIDE = "replicates images to registry `222233334444`: check that you trust that account"
KIND, ADDRESS = "aws_ecr_replication_configuration", "aws_ecr_replication_configuration.this"


def replicating(*registries: str) -> Json:
    destinations = [{"region": "eu-west-1", "registry_id": one} for one in registries]
    rule = {"destination": destinations, "repository_filter": []}
    return {"registry_id": OWNER, "replication_configuration": [{"rule": [rule]}]}


def told(run: Run, write: Write, document: object) -> list[tuple[str, str]]:
    answer = run("check", "--format", "json", "--account", OWNER, write(text(document), "file.json")).json
    assert answer["policies"] == answer["errors"] == answer["skipped"] == []
    return [(one["resource"], one["reason"]) for one in answer["unjudged"]]


def state(values: Json) -> Json:
    resource = {"address": ADDRESS, "mode": "managed", "type": KIND, "name": "this", "values": values}
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.5",
        "values": {"root_module": {"resources": [resource]}},
    }


def raw(values: Json) -> Json:
    resource = {"mode": "managed", "type": KIND, "name": "this", "instances": [{"attributes": values}]}
    return {"version": 4, "terraform_version": "1.9.5", "serial": 3, "lineage": "x", "resources": [resource]}


def planned(values: Json) -> Json:
    return plan(Planned(ADDRESS, values))


@pytest.mark.parametrize("form", [planned, state, raw])
def test_what_a_plan_or_state_replicates_to_another_registry_is_said(run: Run, write: Write, form: Any) -> None:  # noqa: ANN401 - one of three
    assert told(run, write, form(replicating(OWNER))) == []
    assert told(run, write, form(replicating(OWNER, "222233334444", "222233334444"))) == [(ADDRESS, OUTSIDE)]


def test_a_registry_that_is_known_after_apply_is_said_to_be_open(run: Run, write: Write) -> None:
    unknown = {"replication_configuration": [{"rule": [{"destination": [{"registry_id": True}]}]}]}
    destination = {"registry_id": said("data.aws_organizations_organization.this.accounts")}
    expressions = {"replication_configuration": [{"rule": [{"destination": [destination]}]}]}
    ((_, reason),) = told(run, write, plan(Planned(ADDRESS, {}, unknown, expressions)))
    assert reason.startswith(
        "replicates images to registry `<data.aws_organizations_organization.this.accounts>`, which is not known"
    )


def test_what_is_deleted_is_not_said(run: Run, write: Write) -> None:
    gone = Planned(ADDRESS, None, before=replicating("222233334444"), actions=("delete",))
    assert told(run, write, plan(gone)) == []


def test_a_cache_of_another_account_is_said_and_a_public_one_is_not(run: Run, write: Write) -> None:
    kind = "aws_ecr_pull_through_cache_rule"
    partner = Planned(f"{kind}.partner", {"upstream_registry_url": "222233334444.dkr.ecr.eu-west-1.amazonaws.com"})
    public = Planned(f"{kind}.public", {"upstream_registry_url": "public.ecr.aws"})
    reason = "caches images of registry `222233334444`: check that you trust that account"
    assert told(run, write, plan(partner, public)) == [(f"{kind}.partner", reason)]
