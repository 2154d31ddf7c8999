"""AWS Config and STS of several accounts.

Results go to the account of the credentials, and roles to trusted callers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import Any

import pytest
from moto.core.exceptions import AccessDeniedError
from moto.iam.models import get_account_id_from, iam_backends
from moto.sts.models import STSBackend
from typing_extensions import override

from tests.fakes import FakeConfigService
from tests.fakes.config_service import handler_of
from tests.fakes.loopback import Loopback
from tests.fakes.models import ServiceError
from tests.organization.cloud import ADMINISTRATOR

Json = dict[str, Any]
Place = tuple[str, str]
"""An account and a Region."""

_SIGNED = re.compile(r"Credential=(?P<key>[^/]+)/[0-9]{8}/(?P<region>[a-z0-9-]+)/config/aws4_request")


class ConfigOfAccounts(Loopback):
    """One endpoint for AWS Config of all accounts and Regions. Each has its own result token."""

    def __init__(self, services: Mapping[Place, FakeConfigService]) -> None:
        self.services = services
        asked: ContextVar[Place] = ContextVar("asked")

        class Dispatch:
            def answer(self, operation: str, request: Json) -> Json:
                if asked.get() not in services:
                    raise ServiceError("AccessDeniedException", f"{asked.get()} has no AWS Config here")
                return services[asked.get()].answer(operation, request)

        base: Any = handler_of(Dispatch())

        class Handler(base):  # type: ignore[misc]  # made at run time
            @override
            def do_POST(self) -> None:
                signed = _SIGNED.search(self.headers["Authorization"])
                assert signed
                asked.set((get_account_id_from(signed["key"]), signed["region"]))
                super().do_POST()

        super().__init__(Handler)

    def shown(self) -> dict[Place, dict[str, str]]:
        """Return the results of Config in each account and Region that has any."""
        return {
            place: {name: one["ComplianceType"] for name, one in service.results.items()}
            for place, service in self.services.items()
            if service.results
        }

    def calls(self) -> list[Any]:
        return [call for service in self.services.values() for call in service.calls]


@contextmanager
def config_of(places: Iterable[Place]) -> Iterator[ConfigOfAccounts]:
    """Run AWS Config in these accounts and Regions."""
    with ExitStack() as running:
        services = {place: running.enter_context(FakeConfigService(tokens=[token_of(place)])) for place in places}
        yield running.enter_context(ConfigOfAccounts(services))


def token_of(place: Place) -> str:
    """Return the result token that only AWS Config of this account and Region accepts."""
    return "token-of-{}-in-{}".format(*place)


def keep_trust(monkeypatch: pytest.MonkeyPatch, caller: str, organization: str) -> list[str]:
    """Let STS give a role only if it exists and trusts the caller. Returns the list of requested roles.

    moto gives any role to anyone. The administrator of the tests has access everywhere.
    """
    asked: list[str] = []
    real = STSBackend.assume_role

    def assume_role(self: STSBackend, **arguments: Any) -> object:  # noqa: ANN401 - passed on
        arn: str = arguments["role_arn"]
        account = arn.split(":")[4]
        if arn != ADMINISTRATOR.format(account):
            asked.append(arn)
            roles = [one for one in iam_backends[account]["aws"].roles.values() if one.arn == arn]
            if not any(trusts(json.loads(one.assume_role_policy_document), caller, organization) for one in roles):
                raise AccessDeniedError(caller, "sts:AssumeRole")
        return real(self, **arguments)

    monkeypatch.setattr(STSBackend, "assume_role", assume_role)
    return asked


def trusts(policy: Json, caller: str, organization: str) -> bool:
    """Return whether a trust policy allows a role. Raises AssertionError for an unknown form."""
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")
    root = statement["Principal"]["AWS"]
    said = {"aws:PrincipalOrgID": organization, "aws:PrincipalArn": caller}
    matches: dict[str, Callable[[str, str], bool]] = {"StringEquals": str.__eq__, "ArnLike": fnmatchcase}
    return root.split(":")[4] == caller.split(":")[4] and all(
        matches[operator](said[key], value)
        for operator, keys in statement["Condition"].items()
        for key, value in keys.items()
    )
