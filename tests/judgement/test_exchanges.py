"""Replication and pull-through caches: which account gets images, and which chooses them."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from ecr_crossaccount import Access, Compliance, Hole, Holed, Repository, Severity, Trust, Verdict
from ecr_crossaccount.documents.json import RepeatedNames
from ecr_crossaccount.documents.pattern import OWNER as OWN_ACCOUNT
from ecr_crossaccount.judgement.kinds.exchanges import (
    Flow,
    includes,
    judge_cache,
    judge_replication,
    upstream_of,
)
from ecr_crossaccount.judgement.kinds.exchanges import parts_of_cache as cached_parts
from ecr_crossaccount.judgement.kinds.exchanges import parts_of_replication as replicated_parts

from tests.wording import sentence

OWNER, PARTNER, OTHER = "111122223333", "222233334444", "333344445555"
REGISTRY = Repository(OWNER, region="eu-central-1", organization="o-a1b2c3d4e5")
TODAY = date(2026, 11, 27)


def trust(*entries: dict[str, Any]) -> Trust:
    return Trust.parse({"version": 1, "trust": list(entries)}, today=TODAY)


def to(*accounts: object, **fields: object) -> dict[str, object]:
    return {"Destinations": [{"Region": "eu-west-1", "RegistryId": one} for one in accounts], **fields}


def under(*prefixes: object) -> list[dict[str, object]]:
    return [{"Filter": one, "FilterType": "PREFIX_MATCH"} for one in prefixes]


def replicated(*rules: object, trusted: Trust | None = None) -> Verdict:
    return judge_replication({"Rules": list(rules)}, REGISTRY, trusted or Trust.nobody())


def cached(trusted: Trust | None = None, /, **fields: object) -> Verdict:
    rule = {"EcrRepositoryPrefix": "vendor", "UpstreamRegistryUrl": f"{PARTNER}.dkr.ecr.eu-west-1.amazonaws.com"}
    return judge_cache(rule | fields, REGISTRY, trusted or Trust.nobody())


def fine(verdict: Verdict) -> bool:
    assert verdict.external is bool(verdict.grants)
    return verdict.compliance is Compliance.COMPLIANT


def test_a_replica_in_another_account_is_read_there() -> None:
    verdict = replicated(to(OWNER), to(OWNER, PARTNER))
    (grant,) = verdict.grants
    assert (grant.statement, grant.grantee, grant.public, grant.access, grant.severity) == (
        1,
        PARTNER,
        False,
        (Access.READ,),
        Severity.MEDIUM,
    )
    assert (verdict.external, verdict.public, verdict.access) == (True, False, (Access.READ,))
    assert grant.reason == sentence("exchanges.account_gets_copy_rule", partner=PARTNER)
    assert grant.witness.principal.startswith(f"arn:aws:iam::{OWNER}:role/aws-service-role/replication.ecr.")
    assert dict(grant.witness.context) == {"aws:ResourceAccount": PARTNER}


def test_the_own_registry_in_another_region_and_no_rule_at_all_are_fine() -> None:
    assert fine(replicated())
    assert fine(replicated(to(OWNER), to(OWN_ACCOUNT), to(Holed((OWN_ACCOUNT,)))))


def test_trust_for_read_covers_a_replica() -> None:
    assert fine(replicated(to(PARTNER), trusted=trust({"account": PARTNER})))
    assert not fine(replicated(to(PARTNER), trusted=trust({"account": OTHER})))
    assert not fine(replicated(to(PARTNER), trusted=trust({"organization": "self"})))
    assert not fine(replicated(to(PARTNER), trusted=trust({"account": PARTNER, "expires": "2026-11-26"})))


def test_trust_in_some_repositories_covers_a_rule_for_those_alone() -> None:
    some = trust({"account": PARTNER, "repositories": ["base/*"]})
    assert fine(replicated(to(PARTNER, RepositoryFilters=under("base/")), trusted=some))
    assert fine(replicated(to(PARTNER, RepositoryFilters=tuple(under("base/"))), trusted=some))
    assert fine(replicated(to(PARTNER, RepositoryFilters=under("base/a", "base/b")), trusted=some))
    assert not fine(replicated(to(PARTNER, RepositoryFilters=under("base")), trusted=some))
    assert not fine(replicated(to(PARTNER, RepositoryFilters=under("base/", "team/")), trusted=some))
    assert not fine(replicated(to(PARTNER), trusted=some))
    assert not fine(replicated(to(PARTNER, RepositoryFilters=[]), trusted=some))
    assert not fine(replicated(to(PARTNER, RepositoryFilters=Hole("Filters")), trusted=some))
    assert not fine(replicated(to(PARTNER, RepositoryFilters=under(Hole("Prefix"))), trusted=some))
    (grant,) = replicated(to(PARTNER, RepositoryFilters=under("base/", "team/")), trusted=some).grants
    assert "the images of `base/*` and `team/*`: rule 0" in grant.reason


def test_an_account_is_told_once_a_rule() -> None:
    verdict = replicated(to(PARTNER, PARTNER, OTHER), to(PARTNER))
    assert [(grant.statement, grant.grantee) for grant in verdict.grants] == [(0, PARTNER), (0, OTHER), (1, PARTNER)]


@pytest.mark.parametrize(
    "rule, reason",
    [
        (to(Hole("Partner")), sentence("exchanges.rule_replicates_registry_partner")),
        (to(Holed(("2222", Hole("Rest")))), sentence("exchanges.rule_replicates_registry_rest")),
        ({"Destinations": [Hole("Destination")]}, sentence("exchanges.rule_replicates_registry_destination")),
        ({"Destinations": Hole("All")}, sentence("exchanges.destination_rule_unknown")),
        (Hole("Rule"), sentence("exchanges.destination_rule_unknown_rule")),
    ],
)
def test_a_destination_that_is_not_known_is_undecided(rule: object, reason: str) -> None:
    verdict = replicated(rule)
    assert [one.reason for one in verdict.undecided] == [reason]
    assert not fine(verdict)


@pytest.mark.parametrize("configuration", [Hole("All"), {"Rules": Hole("All")}])
def test_rules_that_are_not_known_are_undecided(configuration: object) -> None:
    verdict = judge_replication(configuration, REGISTRY, Trust.nobody())
    assert [one.reason for one in verdict.undecided] == [sentence("exchanges.destination_not_known_before")]


@pytest.mark.parametrize("configuration", [None, "rules", [], {}, {"Rules": "all"}, {"Rules": None}])
def test_a_configuration_without_rules_is_invalid(configuration: object) -> None:
    verdict = judge_replication(configuration, REGISTRY, Trust.nobody())
    assert [one.at for one in verdict.invalid] == ["$.Rules"]
    assert not fine(verdict)


@pytest.mark.parametrize("rule", [None, "rule", {}, {"Destinations": []}, {"Destinations": {"RegistryId": PARTNER}}])
def test_a_rule_without_destinations_is_invalid(rule: object) -> None:
    assert [one.at for one in replicated(rule).invalid] == ["$.Rules[0].Destinations"]


@pytest.mark.parametrize("account", [None, "me", True, 1.5, [PARTNER], "\uff12" * 12])
def test_a_registry_that_is_no_account_is_invalid(account: object) -> None:
    assert [one.at for one in replicated(to(OWNER, account)).invalid] == ["$.Rules[0].Destinations[1].RegistryId"]


def test_an_account_may_be_a_number_without_its_zeros() -> None:
    (grant,) = replicated(to(22233334444)).grants
    assert grant.grantee == "022233334444"


def test_names_are_read_as_the_api_and_terraform_write_them() -> None:
    as_api = {"rules": [{"destinations": [{"region": "eu-west-1", "registryId": PARTNER}]}]}
    as_terraform = {"rule": [{"destination": [{"region": "eu-west-1", "registry_id": PARTNER}]}]}
    for configuration in (as_api, as_terraform):
        assert [one.grantee for one in judge_replication(configuration, REGISTRY, Trust.nobody()).grants] == [PARTNER]
    filtered = {"rule": [{**as_terraform["rule"][0], "repository_filter": [{"filter": "base/"}]}]}
    some = trust({"account": PARTNER, "repositories": ["base/*"]})
    assert fine(judge_replication(filtered, REGISTRY, some))


def test_a_name_that_stands_twice_is_undecided() -> None:
    twice = RepeatedNames([("RegistryId", PARTNER), ("RegistryId", OWNER)])
    verdict = replicated({"Destinations": [twice]})
    assert [one.reason for one in verdict.undecided] == [sentence("exchanges.registryid_appears_more")]


@pytest.mark.parametrize(
    "value, told",
    [
        (True, 1),
        ("ENABLED", 1),
        (Hole("Deletes"), 1),
        ({"Enabled": True}, 1),
        ({"enabled": Hole("Deletes")}, 1),
        (False, 0),
        ("DISABLED", 0),
        ({"Enabled": False}, 0),
        ({}, 0),
    ],
)
def test_that_deletions_are_replicated_is_noted(value: object, told: int) -> None:
    verdict = replicated(to(OWNER), to(OWNER, DeleteReplication=value))
    assert len(verdict.notes) == told
    assert fine(verdict)


def test_the_owner_of_the_upstream_chooses_what_is_pulled() -> None:
    verdict = cached()
    (grant,) = verdict.grants
    assert (grant.grantee, grant.access, grant.severity) == (PARTNER, (Access.WRITE,), Severity.CRITICAL)
    assert (grant.statement, grant.sid) == (0, None)
    assert grant.reason == sentence("exchanges.account_chooses_images_vendor", partner=PARTNER)
    assert grant.witness.principal == f"arn:aws:iam::{PARTNER}:root"


def test_trust_for_write_covers_an_upstream() -> None:
    assert fine(cached(trust({"account": PARTNER, "access": "WRITE"})))
    assert fine(cached(trust({"account": PARTNER, "access": "WRITE", "repositories": ["vendor/*"]})))
    assert not fine(cached(trust({"account": PARTNER})))
    assert not fine(cached(trust({"account": PARTNER, "access": "WRITE", "repositories": ["team/*"]})))


@pytest.mark.parametrize("prefix", ["ROOT", None, Hole("Prefix")])
def test_a_cache_for_all_names_needs_trust_for_all(prefix: object) -> None:
    everywhere = {"account": PARTNER, "access": "WRITE"}
    assert fine(cached(trust(everywhere), EcrRepositoryPrefix=prefix))
    assert not fine(cached(trust(everywhere | {"repositories": ["vendor/*"]}), EcrRepositoryPrefix=prefix))
    (grant,) = cached(EcrRepositoryPrefix=prefix).grants
    assert sentence("exchanges.chooses_images_every") in grant.reason


@pytest.mark.parametrize("url", [f"{OWNER}.dkr.ecr.eu-west-1.amazonaws.com", OWN_ACCOUNT])
def test_the_own_registry_may_be_the_upstream(url: object) -> None:
    verdict = cached(UpstreamRegistryUrl=url, UpstreamRegistry="ecr")
    assert fine(verdict)
    assert verdict.notes == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"UpstreamRegistryUrl": "registry-1.docker.io"},
        {"UpstreamRegistryUrl": "public.ecr.aws"},
        {"UpstreamRegistryUrl": Holed((Hole("Name"), ".azurecr.io"))},
        {"UpstreamRegistryUrl": Hole("Url"), "UpstreamRegistry": "docker-hub"},
    ],
)
def test_another_upstream_is_noted_and_not_judged(fields: dict[str, object]) -> None:
    verdict = cached(None, **fields)
    assert fine(verdict)
    assert verdict.notes == (sentence("exchanges.upstream_not_private_registry"),)


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"UpstreamRegistryUrl": Hole("Url")}, "<Url>"),
        ({"UpstreamRegistryUrl": Hole("Url"), "UpstreamRegistry": "ecr"}, "<Url>"),
        ({"UpstreamRegistryUrl": Hole("Url"), "UpstreamRegistry": "ECR"}, "<Url>"),
        ({"UpstreamRegistryUrl": Hole("Url"), "UpstreamRegistry": Hole("Kind")}, "<Url>"),
        ({"UpstreamRegistryUrl": None}, "<an upstream registry>"),
        ({"UpstreamRegistryUrl": 1}, "<an upstream registry>"),
        ({"UpstreamRegistryUrl": "registry.example.com", "UpstreamRegistry": "ecr"}, "<UpstreamRegistryUrl>"),
        ({"UpstreamRegistryUrl": Holed((Hole("Account"), ".dkr.ecr.eu-west-1.amazonaws.com"))}, "<Account>"),
        ({"UpstreamRegistryUrl": Holed(("https://2222", Hole("Rest")))}, "https://2222<Rest>"),
    ],
)
def test_an_upstream_that_is_not_known_is_undecided(fields: dict[str, object], told: str) -> None:
    verdict = cached(None, **fields)
    assert [one.reason for one in verdict.undecided] == [sentence("exchanges.caches_images_registry", told=told)]
    assert not fine(verdict)


def test_the_url_of_a_private_registry_counts_whatever_the_rule_calls_it() -> None:
    assert not fine(cached(None, UpstreamRegistry="docker-hub"))


def test_a_rule_that_is_not_known_is_undecided() -> None:
    verdict = judge_cache(Hole("Rule"), REGISTRY, Trust.nobody())
    assert [one.reason for one in verdict.undecided] == [sentence("exchanges.rule_not_known_before")]
    assert not fine(judge_cache(None, REGISTRY, Trust.nobody()))


def test_the_role_must_be_the_registrys_own() -> None:
    trusted = trust({"account": PARTNER, "access": "WRITE"})
    assert fine(cached(trusted, CustomRoleArn=f"arn:aws:iam::{OWNER}:role/pull"))
    assert fine(cached(trusted, CustomRoleArn=Hole("Role")))
    assert fine(cached(trusted, CustomRoleArn=f"arn:aws:iam::{PARTNER}")), "what is not an ARN is nobody's"
    verdict = cached(trusted, CustomRoleArn=f"arn:aws:iam::{PARTNER}:role/pull")
    assert [one.at for one in verdict.invalid] == ["$.CustomRoleArn"]


def test_hosts_of_other_partitions_and_of_dual_stack_are_hosts_of_ecr() -> None:
    assert upstream_of(f"https://{PARTNER}.dkr.ecr.cn-north-1.amazonaws.com.cn") == PARTNER
    assert upstream_of(f"{PARTNER}.dkr-ecr.eu-west-1.on.aws") == PARTNER
    assert upstream_of(f"HTTPS://{PARTNER}.DKR.ECR.eu-west-1.amazonaws.com") == PARTNER


@pytest.mark.parametrize(
    "url",
    [
        Holed((Hole("Account"), ".", Hole("Domain"))),
        Holed((Hole("Account"), ".d", Hole("Rest"))),
        Holed((f"{PARTNER}.", Hole("Domain"))),
        Holed((f"https://{PARTNER}.dkr", Hole("Rest"))),
        Holed((f"{PARTNER}.d\n", Hole("Rest"))),
        Holed((f"{PARTNER}.dkr.", Hole("Service"), ".eu-west-1.amazonaws.com")),
        f" {PARTNER}.dkr.ecr.eu-west-1.amazonaws.com",
        f"//{PARTNER}.dkr.ecr.eu-west-1.amazonaws.com",
    ],
)
def test_an_upstream_that_may_be_a_registry_of_ecr_is_undecided(url: object) -> None:
    verdict = cached(UpstreamRegistryUrl=url)
    assert verdict.undecided
    assert not fine(verdict)


@pytest.mark.parametrize("url", ["", PARTNER, f"https://{PARTNER}", f"{PARTNER}.example.com"])
def test_a_number_without_a_host_of_ecr_is_no_registry_of_ecr(url: str) -> None:
    assert upstream_of(url) is None


def test_azures_registry_is_none_of_ecr_whatever_its_name() -> None:
    assert fine(cached(UpstreamRegistryUrl=Holed((Hole("Name"), ".azurecr.io"))))
    assert fine(cached(UpstreamRegistryUrl=Holed((f"{PARTNER}.azurecr", Hole("Rest")))))


def test_a_name_in_two_spellings_is_undecided() -> None:
    both = {"Rules": [to(PARTNER)], "rule": []}
    assert judge_replication(both, REGISTRY, Trust.nobody()).undecided
    assert not fine(replicated(to(PARTNER, destination=[{"RegistryId": OWNER}])))
    assert not fine(cached(upstream_registry_url="public.ecr.aws"))


PARTNERS = f"{PARTNER}.dkr.ecr.eu-west-1.amazonaws.com"


def names(*prefixes: object) -> list[object]:
    """Return the patterns of the names that the filters of a rule apply to."""
    rule = to(PARTNER, RepositoryFilters=[{"Filter": one, "FilterType": "PREFIX_MATCH"} for one in prefixes])
    parts = replicated_parts({"Rules": [rule]}, REGISTRY, Trust.nobody())
    return [name for one in parts for _, name in one.flows]


def test_the_flows_of_a_replication_have_holes_where_they_are_unknown() -> None:
    assert names("base/", "b") == ["base/*", "b*"]
    assert names() == ["*"]
    assert names(Hole("P"), Holed(("a", Hole("P")))) == [Holed((Hole("P"), "*")), Holed(("a", Hole("P"), "*"))]
    assert names(7) == [Holed((Hole("7"), "*"))]
    parts = replicated_parts({"Rules": [to(PARTNER, RepositoryFilters=Hole("F"))]}, REGISTRY, Trust.nobody())
    assert [one.flows for one in parts] == [((PARTNER, Holed((Hole("F"),))),)]
    parts = replicated_parts({"Rules": [to(PARTNER, RepositoryFilters=[Hole("F")])]}, REGISTRY, Trust.nobody())
    assert [one.flows for one in parts] == [((PARTNER, Holed((Hole("F"), "*"))),)]


@pytest.mark.parametrize("prefix, name", [("team", "team/*"), ("ROOT", "*"), (Hole("P"), Holed((Hole("P"), "*")))])
def test_the_flows_of_a_cache_are_those_below_its_prefix(prefix: object, name: object) -> None:
    rule = {"EcrRepositoryPrefix": prefix, "UpstreamRegistryUrl": PARTNERS}
    assert [one.flows for one in cached_parts(rule, REGISTRY, Trust.nobody())] == [((PARTNER, name),)]
    unknown = {"EcrRepositoryPrefix": prefix, "UpstreamRegistryUrl": Hole("Url")}
    assert [one.flows for one in cached_parts(unknown, REGISTRY, Trust.nobody())] == [((Hole("Url"), name),)]


@pytest.mark.parametrize(
    "known, other, is_within",
    [
        ((PARTNER, "*"), (PARTNER, "base/*"), True),
        ((PARTNER, "base/*"), (PARTNER, "base/python*"), True),
        ((PARTNER, "base/*"), (PARTNER, Holed(("base/", Hole("P"), "*"))), True),
        ((PARTNER, "base/*"), (PARTNER, "*"), False),
        ((PARTNER, "base/*"), (OTHER, "base/*"), False),
        ((PARTNER, "base/*"), (PARTNER, Holed((Hole("P"), "*"))), False),
        ((PARTNER, Holed((Hole("P"), "*"))), (PARTNER, "base/*"), False),
        ((PARTNER, Holed((Hole("P"), "*"))), (PARTNER, Holed((Hole("P"), "*"))), True),
        ((Hole("A"), "*"), (Hole("A"), "base/*"), True),
        ((Hole("A"), "*"), (Hole("B"), "base/*"), False),
    ],
)
def test_what_one_flow_includes(known: Flow, other: Flow, is_within: bool) -> None:  # noqa: FBT001 - a table
    assert includes(known, other) is is_within


def test_the_whole_answer_about_a_replica() -> None:
    assert replicated(to(PARTNER, RepositoryFilters=under("base/"), DeleteReplication=True)).to_json() == {
        "compliance": "NON_COMPLIANT",
        "external": True,
        "public": False,
        "service": False,
        "access": ["READ"],
        "grants": [
            {
                "statement": 0,
                "document": "repository",
                "sid": None,
                "grantee": PARTNER,
                "kind": "account",
                "public": False,
                "access": ["READ"],
                "actions": ["ecr:ReplicateImage"],
                "severity": "MEDIUM",
                "reason": sentence("exchanges.account_gets_copy_base", partner=PARTNER),
                "witness": {
                    "principal": (
                        f"arn:aws:iam::{OWNER}:role/aws-service-role/replication.ecr.amazonaws.com/"
                        "AWSServiceRoleForECRReplication"
                    ),
                    "action": "ecr:ReplicateImage",
                    "context": {"aws:ResourceAccount": PARTNER},
                },
            }
        ],
        "undecided": [],
        "invalid": [],
        "notes": [sentence("exchanges.deletions_replicated_well")],
    }


def test_the_whole_answer_about_a_cache() -> None:
    assert cached().to_json() == {
        "compliance": "NON_COMPLIANT",
        "external": True,
        "public": False,
        "service": False,
        "access": ["WRITE"],
        "grants": [
            {
                "statement": 0,
                "document": "repository",
                "sid": None,
                "grantee": PARTNER,
                "kind": "account",
                "public": False,
                "access": ["WRITE"],
                "actions": ["ecr:BatchImportUpstreamImage"],
                "severity": "CRITICAL",
                "reason": sentence("exchanges.account_chooses_images_vendor", partner=PARTNER),
                "witness": {
                    "principal": f"arn:aws:iam::{PARTNER}:root",
                    "action": "ecr:PutImage",
                    "context": {"aws:ResourceAccount": PARTNER},
                },
            }
        ],
        "undecided": [],
        "invalid": [],
        "notes": [],
    }


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


_CONFIGURATIONS: list[dict[str, Any]] = [
    {"Rules": [to(PARTNER, OTHER, OWNER), to(OTHER, RepositoryFilters=under("base/", "b"), DeleteReplication=True)]},
    {"Rules": [to(PARTNER, DeleteReplication={"Enabled": True}), {"Destinations": []}, to(None)], "rule": []},
    {"Rules": [to(Hole("A"), RepositoryFilters=Hole("F")), to(PARTNER, RepositoryFilters=[Hole("F")])]},
]


@pytest.mark.parametrize("configuration", _CONFIGURATIONS)
def test_a_configuration_in_other_containers_gets_the_same_answer(configuration: dict[str, Any]) -> None:
    known, found = (judge_replication(one, REGISTRY, Trust.nobody()) for one in (configuration, _frozen(configuration)))
    assert found.to_json() == known.to_json()


_SPELLINGS = ("registry_id", "RegistryId", "registryId", "REGISTRYID")


@pytest.mark.parametrize("name", _SPELLINGS)
def test_a_field_is_read_in_any_spelling(name: str) -> None:
    found = judge_replication({"rules": [{"destination": [{name: PARTNER}]}]}, REGISTRY, Trust.nobody())
    assert [one.grantee for one in found.grants] == [PARTNER]


@pytest.mark.parametrize("said", [None, False, "false", "DISABLED"])
def test_what_says_that_deletions_are_not_replicated_is_no_note(said: object) -> None:
    assert replicated(to(OWNER, DeleteReplication=said)).notes == ()
    assert replicated(to(OWNER, DeleteReplication={"Enabled": said})).notes == ()


_REST = Hole("Rest")


@pytest.mark.parametrize(
    "url, account",
    [
        (f"http://{PARTNER}.dkr.ecr.eu-west-1.amazonaws.com", PARTNER),
        (f"{PARTNER}.dkr-ecr.eu-west-1.on.aws/path", PARTNER),
        (f"{PARTNER}.DKR-ECR.x", PARTNER),
        (f"{PARTNER}.dkrxecr.eu-west-1.amazonaws.com", None),
        (f"{PARTNER}1.dkr.ecr.eu-west-1.amazonaws.com", Hole("an upstream registry")),
        ("https:/example.com/dkr.ecr/x", Hole("an upstream registry")),
        ("https://example.com/DKR-ECR", Hole("an upstream registry")),
        ("https://example.com/xdkr.ecr", None),
        ("https://example.com/dkr.ecrx", None),
        (Holed((f"{PARTNER}.dkr.ecr.", _REST)), PARTNER),
        (Holed(("HTTPS://2222", _REST)), Holed(("HTTPS://2222", _REST))),
        (Holed(("http://", _REST)), Holed(("http://", _REST))),
        (Holed(("2", _REST)), Holed(("2", _REST))),
        (Holed((PARTNER, _REST)), Holed((PARTNER, _REST))),
        (Holed((f"{PARTNER}1", _REST)), None),
        (Holed(("2222a", _REST)), None),
        (Holed(("registry.", _REST)), None),
        (Holed((f"{PARTNER}.x", _REST)), Holed((f"{PARTNER}.x", _REST))),
        (Holed((f"{PARTNER}.azurecr", _REST)), None),
        (Holed((f"{PARTNER}.AzureCR.", _REST)), None),
        (Holed((f"{PARTNER}.azure", _REST)), Holed((f"{PARTNER}.azure", _REST))),
        (Holed((_REST,)), _REST),
        (Holed((_REST, ".azurecr.io")), None),
        (Holed((_REST, ".AZURECR.IO")), None),
        (Holed((_REST, ".d")), _REST),
        (Holed((_REST, ".dk")), _REST),
        (Holed((_REST, ".dx")), None),
        (Holed((_REST, ".DKR.ecr.eu-west-1.amazonaws.com")), _REST),
        (Holed((_REST, "example.com")), _REST),
        (Holed((_REST, ".")), _REST),
        (Holed((_REST, Hole("More"), ".azurecr.io")), _REST),
        (_REST, _REST),
        (None, Hole("an upstream registry")),
        (["x"], Hole("an upstream registry")),
    ],
    ids=str,
)
def test_the_account_in_a_url(url: object, account: object) -> None:
    assert upstream_of(url) == account
