"""A repository as it is in AWS now, and what is done to it: by the functions that the Automation documents run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import Compliance, Plan, Trust, Verdict
from ..audit.clients import Caller
from ..audit.failures import AwsError, reason_of
from ..automation.back_up import backup
from ..automation.cuts import cuts
from ..automation.find_use import Clock, asked
from ..automation.planner import NO_POLICY, Question, written
from ..automation.read_backup import LARGEST, BackupError, policy_in
from ..automation.read_policy import organization, repository
from ..automation.write_policy import NotWrittenError, replaced
from ..errors import in_our_words
from . import clock
from .errors import InputError

_OUTCOMES = {
    "Written": "written",
    "Deleted": "the policy was deleted",
    "Unchanged": "it was written already",
    "Gone": "the repository is gone",
}
"""What `replaced` answers, for a person."""


@dataclass(frozen=True, slots=True)
class Live:
    """A repository that exists, with the policy that it has (`null` for none), as it was read."""

    caller: Caller
    region: str
    name: str
    facts: Mapping[str, str]

    @classmethod
    def read(cls, name: str, region: str | None, profile: str | None) -> Live:
        """Read a repository of the caller's account. Raises InputError, AuditError, ClientError, BotoCoreError."""
        caller = Caller(profile, 1)
        where = region or caller.region
        if where is None:
            raise InputError("no Region: give --region, or set AWS_REGION")
        facts = repository(caller.ecr(where), name)
        if facts["State"] == "Gone":
            raise InputError(f"no repository `{name}` in {where} of this account")
        return cls(caller, where, name, facts)

    @property
    def policy(self) -> str:
        """The text of the policy."""
        return self.facts["Policy"]

    def question(self, trust: Trust, own: str | None) -> Question:
        """Return the question about it; `own` is the account's organization where the caller names it."""
        known = own or (organization(self.caller.organizations(self.region)) if trust.names_self else "none")
        return Question.parse({**self.facts, "Organization": known}, trust)

    def use(self, question: Question, plan: Plan, days: int, members: Sequence[str]) -> dict[str, str]:
        """Ask CloudTrail who used what a plan cuts: `Status` and `Report`, as the document's step has them."""
        lost = cuts(self.policy, plan.policy, question.repository)
        request = {
            "Repository": self.name,
            "Account": self.facts["Account"],
            "Arn": self.facts["Arn"],
            "Cuts": json.dumps(lost.to_json()),
            "Days": str(days),
            "OrganizationAccounts": members,
        }
        passing = Clock(clock.monotonic, clock.sleep)
        return asked(self.caller.cloudtrail(self.region), request, clock.now(), passing)

    def wanted(self, plan: Plan) -> str:
        """Return the text that a plan wants written, `null` where the policy is to be deleted."""
        return NO_POLICY if plan.policy is None else written(plan.policy)

    def replace(self, wanted: str, expected: str | None = None) -> str:
        """Write a policy if the live one is still the one that was read, and say what became of it.

        Raises NotWrittenError, ClientError, BotoCoreError.
        """
        ecr = self.caller.ecr(self.region)
        return _OUTCOMES[replaced(ecr, self.name, expected or self.policy, wanted, clock.sleep)]

    def checked(self, question: Question, wanted: str) -> Verdict:
        """Judge what ECR has stored, and put the old policy back if it is not compliant. Raises NotWrittenError."""
        try:
            stored = repository(self.caller.ecr(self.region), self.name)["Policy"]
        except AwsError as error:
            self.replace(self.policy, expected=wanted)
            raise NotWrittenError(f"{reason_of(error)}: unchecked, so the old policy was put back") from error
        verdict = question.about(stored).verdict()
        if verdict.compliance is not Compliance.COMPLIANT:
            self.replace(self.policy, expected=wanted)
            raise NotWrittenError("what ECR stored is not compliant: the old policy was put back")
        return verdict

    def record(self, verdict: Verdict, plan: Plan) -> Mapping[str, object]:
        """Return what a backup tells besides the policy."""
        return {"verdict": verdict.to_json(), "plan": plan.to_json()}

    def as_backup(self, moment: str, record: Mapping[str, object]) -> str:
        """Return the policy as the text of a backup, which `--restore` and the document take."""
        return backup(
            {
                "Account": self.facts["Account"],
                "Region": self.region,
                "Repository": self.name,
                "Now": moment,
                "Execution": "by-hand",
                "Policy": self.policy,
                "Record": json.dumps(record),
            }
        )

    def backup(self, file: str) -> str:
        """Return the policy in a backup of this repository. Raises InputError."""
        try:
            with Path(file).open("rb") as stream:
                text = stream.read(LARGEST + 1)
            if len(text) > LARGEST:
                raise InputError(f"`{file}` has more than {LARGEST:,} bytes, so it is no backup")
            where = {"Account": self.facts["Account"], "Region": self.region, "Repository": self.name}
            return policy_in(text.decode(errors="replace"), file, where)
        except OSError as error:
            raise InputError(f"cannot read `{file}`: {in_our_words(error)}") from None
        except BackupError as error:
            raise InputError(str(error)) from None
