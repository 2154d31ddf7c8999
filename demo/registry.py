"""The registry that the demo judges: nine repositories, each with a policy that is worth a look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

OWNER = "123456789012"
REGION = "eu-central-1"
PARAMETERS = {"trustedAccounts": "222233334444", "trustedOrganizations": "o-a1b2c3d4e5"}
"""Whom the rule trusts: a partner, for READ, and the organization; demo/trust.yaml says the same."""

POLICIES = Path(__file__).parent / "policies"


@dataclass(frozen=True, slots=True)
class Example:
    """A repository; `says` is its policy in a person's words."""

    name: str
    says: str

    @property
    def file(self) -> Path:
        """Where its policy is, if it has one."""
        return POLICIES / f"{self.name}.json"

    @property
    def policy(self) -> str | None:
        """The text of its policy."""
        return self.file.read_text(encoding="utf-8") if self.file.exists() else None


EXAMPLES = (
    Example("team/scratch", "no policy"),
    Example("team/api", "its own account pulls and pushes"),
    Example("team/web", "a sibling account pulls"),
    Example("base/python", "anybody, if of our organization"),
    Example("base/guarded", "anybody, but a Deny keeps to our organization"),
    Example("base/node", "anybody, if of our organization … IfExists"),
    Example("functions/resize", "AWS Lambda pulls, for whom is not said"),
    Example("partner/sdk", "a partner trusted to read has ecr:*"),
    Example("public/tools", "everything to everybody"),
)
