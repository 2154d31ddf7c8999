"""The user's credentials, and one client for each service that a run calls. boto3 decides the endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

_SETTINGS = Config(
    retries={"mode": "adaptive", "total_max_attempts": 6},
    connect_timeout=10,
    read_timeout=60,
    user_agent_extra="ecr-crossaccount/acceptance",
)


@dataclass(frozen=True, slots=True)
class Clients:
    """The boto3 clients of one Region. `steps`, `analyzer` and `cloudwatch` have no types here."""

    sts: STSClient
    iam: IAMClient
    organizations: OrganizationsClient
    cloudformation: CloudFormationClient
    s3: S3Client
    ecr: ECRClient
    config: ConfigServiceClient
    functions: LambdaClient
    ssm: SSMClient
    steps: Any
    analyzer: Any
    cloudwatch: Any

    @classmethod
    def of(cls, session: boto3.Session, region: str) -> Self:
        """Create the clients, without a call."""

        def client(service: str) -> Any:  # noqa: ANN401 - of any service
            return session.client(service, region_name=region, config=_SETTINGS)  # type: ignore[call-overload]  # a name, not a literal

        return cls(
            sts=client("sts"),
            iam=client("iam"),
            organizations=client("organizations"),
            cloudformation=client("cloudformation"),
            s3=client("s3"),
            ecr=client("ecr"),
            config=client("config"),
            functions=client("lambda"),
            ssm=client("ssm"),
            steps=client("stepfunctions"),
            analyzer=client("accessanalyzer"),
            cloudwatch=client("cloudwatch"),
        )
