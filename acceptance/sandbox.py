"""The account and Region of a run, and the names of everything that it creates there."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "ecr-crossaccount-acceptance"
"""The stack, the analyzer, the tag of all that a run creates, and the prefix of every bucket's name."""
PREFIX = f"{NAME}/"
"""The prefix of every repository's name."""
RULE = NAME
"""The rule of a run's stack."""
USUAL_RULE = "ecr-repository-cross-account-access-check"
"""The rule of a stack that someone uses."""
REPOSITORY = "AWS::ECR::Repository"

PARTNER, STRANGER = "127311923021", "054676820928"
"""Existing accounts, because ECR rejects a policy that names an account that does not exist.

They are AWS's own: those of Elastic Load Balancing in us-east-1 and eu-central-1, as its user guide lists them.

https://github.com/awsdocs/elb-application-load-balancers-user-guide/blob/4b8b6d0/doc_source/enable-access-logging.md
"""
PERIOD_SECONDS = 3600
"""How often the stack's rule judges every repository. This is the shortest period, so that a run sees it."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The place of a run. The stack trusts the account `partner` for reading, but not the account `stranger`."""

    account: str
    region: str
    partition: str = "aws"
    partner: str = PARTNER
    stranger: str = STRANGER

    @property
    def parameters(self) -> dict[str, str]:
        """The stack's parameters: a remediation is only started by a person, and then writes."""
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
        """The parameters of a stack that trusts the partner for writing too."""
        return {**self.parameters, "TrustedWriteAccounts": self.partner}

    @property
    def starting_parameters(self) -> dict[str, str]:
        """The parameters of a stack in which events start remediations, and none of these writes."""
        return {**self.parameters, "Remediation": "Automatic", "RemediationDryRun": "true"}

    @property
    def rule_parameters(self) -> dict[str, str]:
        """The same trust, in the form of the rule's parameters."""
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
