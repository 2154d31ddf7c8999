"""Lists and a register trust the same principals in the rule, the hook, the alarms and the command."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ecr_crossaccount.judgement.values.trust import Trust
from ecr_crossaccount.products.alerts.function import Settings as AlertSettings
from ecr_crossaccount.products.alerts.function import TrustByAccount, Writes
from ecr_crossaccount.products.cli.register import open_register
from ecr_crossaccount.products.hook.evaluation import Settings as HookSettings
from ecr_crossaccount.products.hook.evaluation import source_of, trust_now
from ecr_crossaccount.products.rule.parameters import Parameters
from ecr_crossaccount.products.rule.registered import Registered
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register.lists import LISTS, members_of

from tests.events import ACCOUNT, REGION
from tests.register.conftest import BUCKET, Clock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLACE = f"s3://{BUCKET}/trust.json"
FRIEND, OTHER = {"account": "222233334444"}, {"account": "333344445555", "repositories": ["base/*"]}
OVER = {"account": "444455556666", "expires": "2026-11-26"}
ROWS = [
    pytest.param({}, None, "nobody", id="neither"),
    pytest.param({"trustedOrganizations": "none"}, None, "nobody", id="no organization"),
    pytest.param({"trustedAccounts": "222233334444,333344445555"}, None, "2 entries of the parameters", id="lists"),
    pytest.param({}, [FRIEND, OTHER], f"2 entries of {PLACE}", id="a register"),
    pytest.param(
        {"trustedAccounts": "555566667777", "trustedWriteAccounts": "222233334444"},
        [FRIEND, OVER],
        f"2 entries of the parameters, 2 entries of {PLACE}",
        id="both, an account in each, and an entry that has ended",
    ),
    pytest.param(
        {"trustedOrganizations": "o-a1b2c3d4e5", "trustedServices": "lambda.amazonaws.com"},
        [],
        f"2 entries of the parameters, 0 entries of {PLACE}",
        id="lists and an empty register",
    ),
]


def circles(trust: Trust) -> object:
    return (
        trust.circles("o-ownownowno"),
        trust.about("base/python").circles(None),
        trust.about("team/web").circles(None),
    )


@pytest.mark.parametrize("lists, entries, told", ROWS)
def test_all_four_trust_the_same_and_say_so(
    lists: dict[str, str], entries: list[object] | None, told: str, s3: S3Client, tmp_path: Path
) -> None:
    clock, register = Clock(), {} if entries is None else {"trustRegister": PLACE}
    if entries is not None:
        s3.put_object(Bucket=BUCKET, Key="trust.json", Body=json.dumps({"version": 1, "trust": entries}))
    rule = Parameters.parse(lists | register, clock().date())
    rule = rule if rule.register is None else Registered(clock).apply(rule, rule.register)
    hook = trust_now(source_of(HookSettings(REGION, lists=lists, register=register.get("trustRegister", "")), clock))
    settings = AlertSettings("", "", lists | register, Writes.NONE, timedelta(), timedelta())
    alarms = TrustByAccount(settings, client_of, clock).trust_of_account(ACCOUNT)
    assert (rule.told, hook.told) == (told, told)

    listed = [
        {LISTS[name][0]: one, "access": LISTS[name][1].value} for name in LISTS for one in members_of(lists, name)
    ]
    file = tmp_path / "trust.json"
    file.write_text(json.dumps({"version": 1, "trust": [*listed, *(entries or [])]}), encoding="utf-8")
    command = open_register(str(file), clock().date()).trust
    assert circles(rule.trust) == circles(hook.trust) == circles(alarms.trust) == circles(command)
