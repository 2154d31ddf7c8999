"""Replication and caches in plans and states, and the registries that they reach."""

from __future__ import annotations

from typing import Any

import pytest

from tests.check.terraform.plans import Json, Planned, plan, said, text
from tests.cli.conftest import OWNER, Run, Write
from tests.wording import sentence

PARTNER = "222233334444"
KIND, ADDRESS = "aws_ecr_replication_configuration", "aws_ecr_replication_configuration.this"
CACHE = "aws_ecr_pull_through_cache_rule"


def replicating(*registries: str) -> Json:
    destinations = [{"region": "eu-west-1", "registry_id": one} for one in registries]
    rule = {"destination": destinations, "repository_filter": []}
    return {"registry_id": OWNER, "replication_configuration": [{"rule": [rule]}]}


def caching(url: str) -> Json:
    return {"ecr_repository_prefix": "vendor", "upstream_registry_url": url, "registry_id": OWNER}


def told(run: Run, write: Write, document: object, *options: str) -> list[Json]:
    answer = run("check", "--format", "json", "--account", OWNER, *options, write(text(document), "file.json")).json
    assert answer["unjudged"] == answer["errors"] == answer["skipped"] == []
    return answer["policies"]  # type: ignore[no-any-return] # from JSON


def state(values: Json, kind: str = KIND) -> Json:
    resource = {"address": f"{kind}.this", "mode": "managed", "type": kind, "name": "this", "values": values}
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.5",
        "values": {"root_module": {"resources": [resource]}},
    }


def raw(values: Json, kind: str = KIND) -> Json:
    resource = {"mode": "managed", "type": kind, "name": "this", "instances": [{"attributes": values}]}
    return {"version": 4, "terraform_version": "1.9.5", "serial": 3, "lineage": "x", "resources": [resource]}


def planned(values: Json, kind: str = KIND) -> Json:
    return plan(Planned(f"{kind}.this", values))


FORMS = pytest.mark.parametrize("form", [planned, state, raw])


@FORMS
def test_who_gets_copies_by_a_plan_or_state(run: Run, write: Write, form: Any) -> None:  # noqa: ANN401 - one of three
    (own,) = told(run, write, form(replicating(OWNER)))
    assert (own["resource"], own["kind"], own["compliance"]) == (ADDRESS, "replication", "COMPLIANT")
    (open_,) = told(run, write, form(replicating(OWNER, PARTNER, PARTNER)))
    assert [(one["grantee"], one["access"]) for one in open_["grants"]] == [(PARTNER, ["READ"])]


@FORMS
def test_trust_for_read_covers_a_destination(run: Run, write: Write, form: Any) -> None:  # noqa: ANN401 - one of three
    entry = f"{{account: '{PARTNER}', repositories: ['base/*'], reason: mirrors, owner: x@example.com}}"
    trust = write(f"version: 1\ntrust: [{entry}]\n", "trust.yaml")
    filtered = replicating(PARTNER)
    filtered["replication_configuration"][0]["rule"][0]["repository_filter"] = [
        {"filter": "base/", "filter_type": "PREFIX_MATCH"}
    ]
    (fine,) = told(run, write, form(filtered), "--trust", trust)
    assert fine["compliance"] == "COMPLIANT"
    (open_,) = told(run, write, form(replicating(PARTNER)), "--trust", trust)
    assert open_["external"]


def test_a_registry_that_is_known_after_apply_is_undecided(run: Run, write: Write) -> None:
    unknown = {"replication_configuration": [{"rule": [{"destination": [{"registry_id": True}]}]}]}
    destination = {"registry_id": said("data.aws_organizations_organization.this.accounts")}
    expressions = {"replication_configuration": [{"rule": [{"destination": [destination]}]}]}
    (found,) = told(run, write, plan(Planned(ADDRESS, {}, unknown, expressions)))
    assert [one["reason"] for one in found["undecided"]] == [sentence("exchanges.rule_replicates_registry")]


@pytest.mark.parametrize(
    "unknown",
    [
        {"replication_configuration": True},
        {"replication_configuration": [{"rule": True}]},
        {"replication_configuration": [{"rule": [{"destination": True}]}]},
        {},
    ],
)
def test_rules_that_are_not_known_are_undecided(run: Run, write: Write, unknown: Json) -> None:
    (found,) = told(run, write, plan(Planned(ADDRESS, {}, unknown)))
    assert (bool(found["undecided"]), found["external"]) == (True, False)


@pytest.mark.parametrize("configuration", [None, [{}], [{"rule": None}], [{"rule": [{}]}], "x", [{"rule": []}] * 2])
@FORMS
def test_what_cannot_be_read_is_never_compliant(run: Run, write: Write, form: Any, configuration: object) -> None:  # noqa: ANN401 - one of three
    (found,) = told(run, write, form({"replication_configuration": configuration}))
    assert found["compliance"] == "NON_COMPLIANT"


@FORMS
def test_no_configuration_replicates_nowhere(run: Run, write: Write, form: Any) -> None:  # noqa: ANN401 - one of three
    (found,) = told(run, write, form({"replication_configuration": []}))
    assert found["compliance"] == "COMPLIANT"


def test_what_is_deleted_is_not_said(run: Run, write: Write) -> None:
    gone = Planned(ADDRESS, None, before=replicating(PARTNER), actions=("delete",))
    assert told(run, write, plan(gone)) == []


@FORMS
def test_who_chooses_what_is_cached(run: Run, write: Write, form: Any) -> None:  # noqa: ANN401 - one of three
    (open_,) = told(run, write, form(caching(f"{PARTNER}.dkr.ecr.eu-west-1.amazonaws.com"), CACHE))
    assert [(one["grantee"], one["access"]) for one in open_["grants"]] == [(PARTNER, ["WRITE"])]
    assert "`vendor/*`" in open_["grants"][0]["reason"]
    (public,) = told(run, write, form(caching("public.ecr.aws"), CACHE))
    assert (public["compliance"], len(public["notes"])) == ("COMPLIANT", 1)
    (unsaid,) = told(run, write, form({"ecr_repository_prefix": "vendor"}, CACHE))
    assert unsaid["undecided"]


def test_an_upstream_that_is_known_after_apply_is_undecided(run: Run, write: Write) -> None:
    (found,) = told(run, write, plan(Planned(f"{CACHE}.this", {}, {"upstream_registry_url": True})))
    assert found["undecided"]
