"""The registry policy that the hook reads when a repository's Deny goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber
from ecr_crossaccount import RegistryPolicy, Scope
from ecr_crossaccount.products.hook.judging import registry_policy

ACCOUNT = "111122223333"


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Return the answers of ECR to the function's client."""
    client: Any = botocore.session.get_session().create_client(
        "ecr", region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    monkeypatch.setattr("ecr_crossaccount.sources.aws.clients.client_of", lambda _: client)
    with Stubber(client) as stubber:
        yield stubber


def test_the_policy_is_read_with_its_scope(ecr: Stubber) -> None:
    ecr.add_response("get_registry_policy", {"registryId": ACCOUNT, "policyText": "{}"})
    ecr.add_response("get_account_setting", {"name": "REGISTRY_POLICY_SCOPE", "value": "V1"})
    assert registry_policy(ACCOUNT) == RegistryPolicy("{}", Scope.V1)


def test_a_registry_without_a_policy_has_none(ecr: Stubber) -> None:
    ecr.add_client_error("get_registry_policy", "RegistryPolicyNotFoundException")
    assert registry_policy(ACCOUNT) is None


@pytest.mark.parametrize("call", ["get_registry_policy", "get_account_setting"])
def test_what_ecr_does_not_show_is_unknown(ecr: Stubber, call: str) -> None:
    if call == "get_account_setting":
        ecr.add_response("get_registry_policy", {"registryId": ACCOUNT, "policyText": "{}"})
    ecr.add_client_error(call, "AccessDeniedException")
    found = registry_policy(ACCOUNT)
    assert found is not None
    assert "AccessDeniedException" in str(found.unread)
