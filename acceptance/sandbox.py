"""The account and Region of a run, and the names of all that it makes there."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "ecr-crossaccount-acceptance"
"""The stack, the analyzer, the tag of all that a run makes, and the first part of every bucket's name."""
PREFIX = f"{NAME}/"
"""The first part of every repository's name."""
RULE = NAME
"""The rule of a run's stack."""
USUAL_RULE = "ecr-repository-cross-account-access-check"
"""The rule of a stack that someone uses."""
REPOSITORY = "AWS::ECR::Repository"

PARTNER, STRANGER = "127311923021", "054676820928"
"""Accounts that exist, for ECR takes no policy that names one that does not. They are AWS's own: Elastic Load
Balancing's in us-east-1 and eu-central-1, as its user guide lists them.

https://github.com/awsdocs/elb-application-load-balancers-user-guide/blob/4b8b6d0/doc_source/enable-access-logging.md
"""
PERIOD_SECONDS = 3600
"""How often the stack's rule judges every repository: the shortest that there is, so that a run sees it."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where a run is made. The stack trusts the account `partner` for reading, and not the account `stranger`."""

    account: str
    region: str
    partition: str = "aws"
    partner: str = PARTNER
    stranger: str = STRANGER

    @property
    def parameters(self) -> dict[str, str]:
        """The stack's parameters: a remediation is started by hand alone, and then writes."""
        return {
            "RuleName": RULE,
            "TrustedOrganizations": "none",
            "TrustedAccounts": self.partner,
            "Remediation": "Manual",
            "RemediationDryRun": "false",
            "LogRetentionDays": "1",
            "MaximumExecutionFrequency": "One_Hour",
        }

    @property
    def trusting_parameters(self) -> dict[str, str]:
        """The same for a stack that trusts the partner for writing as well."""
        return {**self.parameters, "TrustedWriteAccounts": self.partner}

    @property
    def rule_parameters(self) -> dict[str, str]:
        """The same, as the rule gets it."""
        return {"trustedOrganizations": "none", "trustedAccounts": self.partner}

    @property
    def artefacts(self) -> str:
        """The bucket that `sam deploy` uploads to."""
        return f"{NAME}-{self.account}-{self.region}"

    def repository(self, case: str) -> str:
        """Return the name of a case's repository."""
        return f"{PREFIX}{case}"

    def arn(self, repository: str) -> str:
        """Return the ARN of a repository."""
        return f"arn:{self.partition}:ecr:{self.region}:{self.account}:repository/{repository}"
