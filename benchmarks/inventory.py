"""An organization's inventory of any size, as a query of AWS Config prints it, written row by row.

It has 200 policies, a few of them much more common, as if teams shared modules. A policy that names an owner names the
account that it is in. With `distinct`, no two repositories have the same policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .corpus import OWNER, STAGES, TEAMS, mixed, source

_POLICIES = 200
_REGIONS = ("eu-central-1", "us-east-1")
_IN_EACH = 50
_FIRST_ACCOUNT = 100_000_000_000
_STEP = 31_337
"""The distance between two account numbers. Neither the register nor another account's policy names these accounts."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Repositories: 50 in each of two Regions of each account. `distinct` gives each policy its own Sid."""

    repositories: int
    distinct: bool = False

    def rows(self) -> Iterator[str]:
        """Yield the rows, each a JSON text."""
        rng = source(f"scale {self.repositories}")
        policies = [text for _, text in mixed("scale", _POLICIES)]
        for place in range(self.repositories):
            where, number = divmod(place, _IN_EACH)
            account = str(_FIRST_ACCOUNT + where // len(_REGIONS) * _STEP)
            region = _REGIONS[where % len(_REGIONS)]
            text = policies[min(int(rng.expovariate(0.02)), _POLICIES - 1)].replace(OWNER, account)
            name = f"{rng.choice((*TEAMS, 'base'))}/{rng.choice(STAGES)}-{number}"
            yield json.dumps(_row(account, region, name, self._own(text, place)))

    def _own(self, text: str, place: int) -> str:
        """Return the policy, changed so that no other repository has it if the inventory is distinct."""
        if not self.distinct:
            return text
        head, middle, rest = text.partition('"Sid"')
        quote, _, tail = rest.partition('"')
        return f'{head}{middle}{quote}"r{place}{tail}'

    def write(self, path: Path) -> None:
        """Write the inventory as `aws configservice select-aggregate-resource-config` prints it."""
        with path.open("w", encoding="utf-8") as file:
            file.write('{\n    "Results": [\n')
            for place, row in enumerate(self.rows()):
                file.write((",\n" if place else "") + f"        {json.dumps(row)}")
            file.write('\n    ],\n    "QueryInfo": {\n        "SelectFields": []\n    }\n}\n')


def _row(account: str, region: str, name: str, policy: str) -> dict[str, object]:
    arn = f"arn:aws:ecr:{region}:{account}:repository/{name}"
    configuration = {
        "RepositoryName": name,
        "Arn": arn,
        "RepositoryUri": f"{account}.dkr.ecr.{region}.amazonaws.com/{name}",
        "ImageTagMutability": "IMMUTABLE",
        "EncryptionConfiguration": {"EncryptionType": "AES256"},
        "RepositoryPolicyText": policy,
        "Tags": [{"Key": "team", "Value": name.partition("/")[0]}],
    }
    return {
        "accountId": account,
        "awsRegion": region,
        "arn": arn,
        "resourceId": name,
        "configuration": configuration,
        "configurationItemCaptureTime": "2026-11-20T08:15:42.318Z",
    }
