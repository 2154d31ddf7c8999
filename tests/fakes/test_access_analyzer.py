from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.fakes.access_analyzer import MODEL, FakeAccessAnalyzer

OWNER = "111122223333"
ARN = f"arn:aws:ecr:eu-central-1:{OWNER}:repository/base/python"

Client = Any
"""A client of boto3 for a service without installed types."""


@pytest.fixture
def fake() -> Iterator[FakeAccessAnalyzer]:
    with FakeAccessAnalyzer(OWNER, "eu-central-1", page_size=2) as service:
        yield service


@pytest.fixture
def client(fake: FakeAccessAnalyzer) -> Client:
    return boto3.client(
        "accessanalyzer",
        region_name="eu-central-1",
        endpoint_url=fake.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_findings_come_in_pages_and_as_filtered(fake: FakeAccessAnalyzer, client: Client) -> None:
    analyzer = fake.analyzer()
    for number in range(5):
        fake.find(analyzer, ARN, f"22223333444{number}", "ecr:BatchGetImage", status="ARCHIVED" if number else "ACTIVE")
    pages = [*client.get_paginator("list_findings").paginate(analyzerArn=analyzer)]
    assert [len(page["findings"]) for page in pages] == [2, 2, 1]
    (active,) = client.list_findings(analyzerArn=analyzer, filter={"status": {"eq": ["ACTIVE"]}})["findings"]
    assert (active["principal"], active["analyzedAt"].year) == ({"AWS": "222233334440"}, 2026)


def test_analyzers_and_resources_are_found(fake: FakeAccessAnalyzer, client: Client) -> None:
    analyzer, unused = fake.analyzer(), fake.analyzer("unused", "ACCOUNT_UNUSED_ACCESS")
    fake.analyze(analyzer, ARN)
    assert [one["arn"] for one in client.list_analyzers()["analyzers"]] == [analyzer, unused]
    assert [one["arn"] for one in client.list_analyzers(type="ACCOUNT")["analyzers"]] == [analyzer]
    (listed,) = client.list_analyzed_resources(analyzerArn=analyzer)["analyzedResources"]
    assert listed["resourceArn"] == ARN
    assert client.get_analyzed_resource(analyzerArn=analyzer, resourceArn=ARN)["resource"]["isPublic"] is False
    assert client.list_analyzed_resources(analyzerArn=unused)["analyzedResources"] == []


@pytest.mark.parametrize(
    "operation, request_, expected",
    [
        ("list_findings", {"analyzerArn": "{}-none"}, "ResourceNotFoundException"),
        ("list_findings", {"analyzerArn": "{}", "nextToken": "analyzers-2"}, "ValidationException"),
        ("list_findings", {"analyzerArn": "{}", "maxResults": "many"}, "ValidationException"),
        ("list_findings", {}, "ValidationException"),
        ("list_analyzers", {"type": "EVERYTHING"}, "ValidationException"),
        ("get_analyzed_resource", {"analyzerArn": "{}", "resourceArn": ARN}, "ResourceNotFoundException"),
        ("get_finding_v2", {"analyzerArn": "{}", "id": "1"}, "ValidationException"),
    ],
)
def test_what_the_service_refuses_is_refused(
    fake: FakeAccessAnalyzer, client: Client, operation: str, request_: dict[str, str], expected: str
) -> None:
    analyzer = fake.analyzer()
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**{name: text.format(analyzer) for name, text in request_.items()})
    assert code(error) == expected


def test_findings_of_an_analyzer_of_unused_access_are_refused(fake: FakeAccessAnalyzer, client: Client) -> None:
    with pytest.raises(ClientError, match="only for external access analyzers"):
        client.list_findings(analyzerArn=fake.analyzer("unused", "ACCOUNT_UNUSED_ACCESS"))


def test_faults_come_when_asked_for(fake: FakeAccessAnalyzer, client: Client) -> None:
    fake.fail("ListAnalyzers", "ThrottlingException", status=429, after=1)
    client.list_analyzers()
    with pytest.raises(ClientError) as error:
        client.list_analyzers()
    assert code(error) == "ThrottlingException"
    assert client.list_analyzers()["analyzers"] == []


def test_an_answer_that_the_service_could_not_give_is_seen(fake: FakeAccessAnalyzer) -> None:
    analyzer = fake.analyzer()
    fake.find(analyzer, ARN, None, status="PERHAPS")
    with pytest.raises(AssertionError, match="`PERHAPS` is none of ACTIVE, ARCHIVED"):
        MODEL.check("ListFindings", fake.answer("ListFindings", {"analyzerArn": analyzer}))


def previewed(client: Client, analyzer: str, policy: str = "{}") -> str:
    configurations = {ARN: {"ecrRepository": {"repositoryPolicy": policy}}}
    identifier: str = client.create_access_preview(analyzerArn=analyzer, configurations=configurations)["id"]
    return identifier


def test_a_preview_is_made_first_and_then_found_in(fake: FakeAccessAnalyzer, client: Client) -> None:
    analyzer = client.create_analyzer(analyzerName="mine", type="ACCOUNT")["arn"]
    found = {"principal": {"AWS": "222233334444"}, "action": ["ecr:BatchGetImage"], "condition": {}, "isPublic": False}
    fake.opinion = lambda arn, policy: [found] if (arn, policy) == (ARN, "{}") else []
    preview = {"accessPreviewId": previewed(client, analyzer), "analyzerArn": analyzer}
    with pytest.raises(ClientError) as error:
        client.list_access_preview_findings(**preview)
    assert code(error) == "ConflictException"
    statuses = [client.get_access_preview(**preview)["accessPreview"]["status"] for _ in range(2)]
    assert statuses == ["CREATING", "COMPLETED"]
    (finding,) = client.list_access_preview_findings(**preview)["findings"]
    assert (finding["resource"], finding["principal"], finding["changeType"]) == (ARN, found["principal"], "NEW")


def test_what_is_not_there_is_not_previewed(fake: FakeAccessAnalyzer, client: Client) -> None:
    with pytest.raises(ClientError) as error:
        previewed(client, "arn:aws:access-analyzer:eu-central-1:111122223333:analyzer/none")
    assert code(error) == "ResourceNotFoundException"
    analyzer = fake.analyzer()
    with pytest.raises(ClientError) as error:
        client.get_access_preview(accessPreviewId="0" * 8 + "-0000-0000-0000-" + "0" * 12, analyzerArn=analyzer)
    assert code(error) == "ResourceNotFoundException"


def test_a_region_has_one_analyzer_of_a_type_until_it_is_deleted(client: Client) -> None:
    client.create_analyzer(analyzerName="mine", type="ACCOUNT")
    with pytest.raises(ClientError) as error:
        client.create_analyzer(analyzerName="another", type="ACCOUNT")
    assert code(error) == "ServiceQuotaExceededException"
    client.delete_analyzer(analyzerName="mine")
    assert client.list_analyzers()["analyzers"] == []
    with pytest.raises(ClientError):
        client.delete_analyzer(analyzerName="mine")
