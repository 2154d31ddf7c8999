"""Fakes of AWS services that moto does not have."""

from tests.fakes.access_analyzer import FakeAccessAnalyzer
from tests.fakes.appconfig import Deployed, FakeAppConfigData
from tests.fakes.cloudtrail import FakeCloudTrail
from tests.fakes.config_service import RESULT_TOKEN, FakeConfigService
from tests.fakes.functions import FakeFunctions
from tests.fakes.organizations import FakeOrganizations

__all__ = [
    "RESULT_TOKEN",
    "Deployed",
    "FakeAccessAnalyzer",
    "FakeAppConfigData",
    "FakeCloudTrail",
    "FakeConfigService",
    "FakeFunctions",
    "FakeOrganizations",
]
