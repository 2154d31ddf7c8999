"""The test policies, one for each repository: cases.json, with the run's accounts inserted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ecr_crossaccount import Origin, Repository, Trust, Verdict, judge

from .sandbox import Sandbox

_FILE = Path(__file__).with_name("cases.json")


@dataclass(frozen=True, slots=True)
class Case:
    """A policy and what it shows. `policy` has names in angle brackets in place of the run's accounts and roles.

    `readable` is whether the rule may read the policy. If not, its result says so.
    """

    name: str
    shows: str
    policy: str | None
    expect: str
    readable: bool = True

    def filled(self, names: Mapping[str, str]) -> str | None:
        """Return the policy's text with the names replaced, or None if there is no policy. Raises KeyError."""
        if self.policy is None:
            return None
        text = self.policy
        while "<" in text:
            before, _, rest = text.partition("<")
            name, _, after = rest.partition(">")
            text = f"{before}{names[name]}{after}"
        return text


def cases() -> tuple[Case, ...]:
    """Return the cases in the order of the file."""
    return tuple(_case(**one) for one in json.loads(_FILE.read_text(encoding="utf-8")))


def _case(policy: object, **fields: object) -> Case:
    return Case(policy=None if policy is None else json.dumps(policy), **fields)  # type: ignore[arg-type]  # the file's own fields


def names(sandbox: Sandbox, recorder_role: str, rule_role: str) -> dict[str, str]:
    """Return the values for the names in the policies."""
    return {
        "PARTITION": sandbox.partition,
        "ACCOUNT": sandbox.account,
        "PARTNER": sandbox.partner,
        "STRANGER": sandbox.stranger,
        "RECORDER_ROLE": recorder_role,
        "RULE_ROLE": rule_role,
    }


def verdict(sandbox: Sandbox, repository: str, policy: str | None, trust: Trust) -> Verdict:
    """Return the verdict of this checkout's engine on a repository's policy."""
    return judge(policy, where(sandbox, repository), trust, Origin.DEPLOYED)


def where(sandbox: Sandbox, repository: str) -> Repository:
    """Return a repository for the engine. The stack's trust does not need the account's organization."""
    return Repository(sandbox.account, repository, region=sandbox.region, partition=sandbox.partition, tags_known=True)
