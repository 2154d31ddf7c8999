"""The registry that the demo judges: nine repositories, each with an instructive policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OWNER = "123456789012"
REGION: Literal["eu-central-1"] = "eu-central-1"
PARAMETERS = {"trustedAccounts": "222233334444", "trustedOrganizations": "o-a1b2c3d4e5"}
"""The rule's trust: a partner, for READ, and the organization. demo/trust.yaml has the same content."""

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "demo" / "policies"


@dataclass(frozen=True, slots=True)
class Example:
    """A repository. `says` describes its policy in words."""

    name: str
    says: str

    @property
    def file(self) -> Path:
        """The path of its policy, if it has one."""
        return POLICIES / f"{self.name}.json"

    @property
    def policy(self) -> str | None:
        """The text of its policy."""
        return self.file.read_text(encoding="utf-8") if self.file.exists() else None


EXAMPLES = (
    Example("team/scratch", "no policy"),
    Example("team/api", "its own account may pull and push"),
    Example("team/web", "a sibling account may pull"),
    Example("base/python", "all pull, if of our organization"),
    Example("base/guarded", "all pull; a Deny stops outsiders"),
    Example("base/node", "all pull, if … IfExists"),
    Example("functions/resize", "Lambda pulls: for whom?"),
    Example("partner/sdk", "a partner, trusted to read, may all"),
    Example("public/tools", "anybody may do anything"),
)
