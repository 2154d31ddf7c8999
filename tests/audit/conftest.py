from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture, for the tests here
from tests.fakes import FakeConfigService
from tests.pauses import skip_pauses

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

OWNER = "111122223333"
REGION = "eu-central-1"
PARTNER = "222233334444"
STRANGER = "444455556666"
ORGANIZATION = "o-a1b2c3d4e5"


def policy(principal: object, *actions: str, **statement: object) -> dict[str, Any]:
    """Return a policy with one statement."""
    one = {"Sid": "One", "Effect": "Allow", "Principal": principal, "Action": actions or ("ecr:BatchGetImage",)}
    return {"Version": "2012-10-17", "Statement": [one | statement]}


PARTNER_PULLS = policy({"AWS": PARTNER})
STRANGER_PULLS = policy({"AWS": STRANGER})
EVERYBODY_MAY_ALL = policy("*", "ecr:*")
MEMBERS_PULL = policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})


SAFE = json.dumps(policy("*", "ecr:*", Effect="Deny"))


def row(name: str, text: object = SAFE, *, account: str = OWNER, region: str = REGION) -> dict[str, Any]:
    """Return a repository as an advanced query of AWS Config has it; `text` is its RepositoryPolicyText."""
    arn = f"arn:aws:ecr:{region}:{account}:repository/{name}"
    configuration = {"RepositoryName": name, "Arn": arn, "RepositoryPolicyText": text, "Tags": []}
    return {"accountId": account, "awsRegion": region, "arn": arn, "resourceId": name, "configuration": configuration}


@pytest.fixture
def config() -> Iterator[FakeConfigService]:
    with FakeConfigService(aggregators={"all": {"OrganizationAggregationSource": {"RoleArn": "…"}}}) as service:
        yield service


@pytest.fixture(autouse=True)
def aws(config: FakeConfigService, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS without a network and without pauses."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL_CONFIG_SERVICE", config.url)
    monkeypatch.setenv("MOTO_ACCOUNT_ID", OWNER)
    skip_pauses(monkeypatch)
    with mock_aws():
        yield


@pytest.fixture(autouse=True)
def scope(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set ECR's answer for the scope of registry policies, which moto does not have.

    It is V2, as in every new registry.
    """

    def scope(value: str) -> None:
        answer = json.dumps({"name": "REGISTRY_POLICY_SCOPE", "value": value})
        monkeypatch.setattr(ECRResponse, "get_account_setting", lambda _: answer, raising=False)

    scope("V2")
    return scope


Stamp = Callable[..., None]


def paged(monkeypatch: pytest.MonkeyPatch, operation: str, field: str) -> Callable[..., None]:
    """Return a function that sets ECR's rows for a call that moto does not have, in one Region, with one row a page."""

    def serve(rows: list[Mapping[str, object]], region: str = REGION) -> None:
        def answer(response: ECRResponse) -> str:
            if response.region != region:
                return json.dumps({field: []})
            place = int(json.loads(response.body).get("nextToken", 0))
            more = {"nextToken": str(place + 1)} if place + 1 < len(rows) else {}
            return json.dumps({field: rows[place : place + 1], **more})

        monkeypatch.setattr(ECRResponse, operation, answer, raising=False)

    serve([])
    return serve


@pytest.fixture(autouse=True)
def stamp(monkeypatch: pytest.MonkeyPatch) -> Stamp:
    """Set ECR's creation templates, by prefix. At first there are none."""
    serve = paged(monkeypatch, "describe_repository_creation_templates", "repositoryCreationTemplates")

    def stamp(templates: Mapping[str, object], region: str = REGION) -> None:
        rows: list[Mapping[str, object]] = [
            {"prefix": prefix, **({"repositoryPolicy": json.dumps(text)} if text is not None else {})}
            for prefix, text in templates.items()
        ]
        serve(rows, region)

    return stamp


Cache = Callable[..., None]


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Set ECR's pull-through caches, by prefix, each with its upstream. At first there are none."""
    serve = paged(monkeypatch, "describe_pull_through_cache_rules", "pullThroughCacheRules")

    def cache(upstreams: Mapping[str, Mapping[str, object]], region: str = REGION) -> None:
        serve([{"ecrRepositoryPrefix": one, "createdAt": 1.5, **said} for one, said in upstreams.items()], region)

    return cache


Replicate = Callable[..., None]


@pytest.fixture
def replicate() -> Replicate:
    """Set the replication rules of a registry. Each is a list of destinations and a list of prefixes."""

    def replicate(*rules: tuple[list[tuple[str, str]], list[str]], region: str = REGION) -> None:
        ecr_backends[OWNER][region].replication_config = {
            "rules": [
                {
                    "destinations": [{"region": where, "registryId": account} for account, where in destinations],
                    "repositoryFilters": [{"filter": one, "filterType": "PREFIX_MATCH"} for one in prefixes],
                }
                for destinations, prefixes in rules
            ]
        }

    return replicate


@pytest.fixture
def ecr() -> ECRClient:
    return boto3.client("ecr")


Furnish = Callable[..., None]


@pytest.fixture
def furnish() -> Furnish:
    """Create repositories with policies. None means no policy."""

    def furnish(policies: Mapping[str, object], region: str = REGION) -> None:
        client = boto3.client("ecr", region_name=region)
        for name, document in policies.items():
            client.create_repository(repositoryName=name)
            if document is not None:
                client.set_repository_policy(repositoryName=name, policyText=json.dumps(document))

    return furnish


@pytest.fixture
def trust(tmp_path: Path) -> Callable[..., str]:
    """Write a register with these entries, and return its path."""

    def trust(*entries: Mapping[str, object]) -> str:
        path = tmp_path / "trust.json"
        path.write_text(json.dumps({"version": 1, "trust": entries}), encoding="utf-8")
        return str(path)

    return trust


Refuse = Callable[..., None]
_CALL = "_make_api_call"


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Let AWS refuse an operation, in one Region or for one repository if these are given."""

    def refuse(operation: str, code: str, *, region: str | None = None, repository: str | None = None) -> None:
        before: Callable[..., object] = getattr(BaseClient, _CALL)

        def call(client: BaseClient, name: str, parameters: dict[str, Any]) -> object:
            is_meant = name == operation and region in (None, client.meta.region_name)
            if is_meant and repository in (None, parameters.get("repositoryName")):
                raise ClientError({"Error": {"Code": code, "Message": "as\nthe test asked"}}, name)
            return before(client, name, parameters)

        monkeypatch.setattr(BaseClient, _CALL, call)

    return refuse
