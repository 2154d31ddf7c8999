"""Replacing a policy: what counts as the same policy, and what happens if AWS does not answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from ecr_crossaccount.products.automation.write_policy import NotWrittenError, meaning, replace_policy

from tests.wording import sentence

Json = dict[str, Any]

OLD, NEW, OTHER = ('{"Statement": []}', '{"Statement": [{"Sid": "New"}]}', '{"Statement": [{"Sid": "Other"}]}')


def refusal(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "SetRepositoryPolicy")


class Ecr:
    """ECR with one repository. It first gives the queued answers, then the usual ones."""

    def __init__(
        self, policy: str | None, *writing: Exception | None, after: Callable[[Ecr], None] | None = None
    ) -> None:
        self.policy = policy
        self.reading: list[Exception | None] = []
        self._writing = list(writing)
        self._after = after

    def get_repository_policy(self, **_: str) -> Json:
        error = self.reading.pop(0) if self.reading else None
        if error:
            raise error
        if self.policy is None:
            raise refusal("RepositoryPolicyNotFoundException")
        return {"policyText": self.policy}

    def set_repository_policy(self, repositoryName: str, policyText: str) -> Json:  # noqa: ARG002, N803 - boto3's names
        return self._write(policyText)

    def delete_repository_policy(self, repositoryName: str) -> Json:  # noqa: ARG002, N803 - boto3's names
        return self._write(None)

    def _write(self, policy: str | None) -> Json:
        error = self._writing.pop(0) if self._writing else None
        if self._after:
            self._after(self)
        if error:
            raise error
        self.policy = policy
        return {}


def replace(ecr: Any, expected: str = OLD, wanted: str = NEW) -> tuple[str, list[float]]:  # noqa: ANN401 - a fake
    slept: list[float] = []
    return replace_policy(ecr, "team/base", expected, wanted, slept.append), slept


def test_what_is_expected_is_replaced() -> None:
    ecr = Ecr(OLD)
    assert replace(ecr) == ("Written", [])
    assert ecr.policy == NEW


def test_no_policy_is_a_policy_to_be_expected_and_wanted() -> None:
    ecr = Ecr(None)
    assert replace(ecr, expected="null")[0] == "Written"
    assert replace(ecr, expected=NEW, wanted="null")[0] == "Deleted"
    assert ecr.policy is None
    assert replace(ecr, expected=NEW, wanted="null")[0] == "Unchanged"


def test_what_somebody_else_wrote_is_left() -> None:
    ecr = Ecr(OTHER)
    with pytest.raises(NotWrittenError, match=re.escape(sentence("write_policy.changed_meanwhile_left"))):
        replace(ecr)
    assert ecr.policy == OTHER


def test_it_is_compared_again_before_each_attempt() -> None:
    def meanwhile(ecr: Ecr) -> None:
        ecr.policy = OTHER

    ecr = Ecr(OLD, refusal("InvalidParameterException", "Principal not found"), after=meanwhile)
    with pytest.raises(NotWrittenError, match="was changed meanwhile"):
        replace(ecr)
    assert ecr.policy == OTHER


def test_a_principal_that_is_not_known_yet_is_waited_for() -> None:
    ecr = Ecr(OLD, *[refusal("InvalidParameterException", "Principal not found")] * 3)
    assert replace(ecr) == ("Written", [5, 10, 20])


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidParameterException"])
def test_another_refusal_is_told_at_once(code: str) -> None:
    with pytest.raises(NotWrittenError, match=f"`team/base`: .*{code}.*; nothing was written"):
        replace(Ecr(OLD, refusal(code)))


def test_an_answer_that_was_lost_after_a_success_is_a_success() -> None:
    def arrived(ecr: Ecr) -> None:
        ecr.policy = NEW

    assert replace(Ecr(OLD, ReadTimeoutError(endpoint_url="https://ecr"), after=arrived))[0] == "Written"


def test_no_answer_and_no_success_is_a_failure() -> None:
    with pytest.raises(NotWrittenError, match="nothing was written"):
        replace(Ecr(OLD, ReadTimeoutError(endpoint_url="https://ecr")))


def test_what_cannot_be_told_is_said() -> None:
    ecr = Ecr(OLD, ReadTimeoutError(endpoint_url="https://ecr"))
    ecr.reading = [None, ReadTimeoutError(endpoint_url="https://ecr")]
    with pytest.raises(NotWrittenError, match="and the policy cannot be read"):
        replace(ecr)


@pytest.mark.parametrize("when", [0, 1])
def test_a_repository_that_is_gone_is_no_failure(when: int) -> None:
    ecr = Ecr(OLD, *[refusal("RepositoryNotFoundException")] * when)
    ecr.reading = [None] * when + [refusal("RepositoryNotFoundException")]
    assert replace(ecr)[0] == "Gone"


def test_a_refusal_names_the_principals_that_it_can_be_about() -> None:
    principals = ["222233334444", "arn:aws:iam::222233334444:root", "arn:aws:iam::222233334444:role/gone", "*"]
    statements = [
        {"Principal": {"AWS": principals}},
        {"NotPrincipal": "*"},
        {"Principal": {"Service": "x.amazonaws.com"}},
    ]
    wanted = json.dumps({"Statement": statements})
    refused = [refusal("InvalidParameterException", "Principal not found")] * 4
    with pytest.raises(NotWrittenError, match="; it names `arn:aws:iam::222233334444:role/gone`; nothing was written"):
        replace(Ecr(OLD, *refused), wanted=wanted)
    deleted = wanted.replace("arn:aws:iam::222233334444:role/gone", "AROAEXAMPLEEXAMPLE123")
    with pytest.raises(NotWrittenError, match="; deleted: `AROAEXAMPLEEXAMPLE123`; nothing"):
        replace(Ecr(OLD, *refused), wanted=deleted)
    whole = json.dumps({"Statement": {"Principal": {"AWS": "222233334444"}}})
    with pytest.raises(NotWrittenError, match="Principal not found; nothing was written"):
        replace(Ecr(OLD, *refused), wanted=whole)


@pytest.mark.parametrize(
    "one, other",
    [
        ('{"a": ["x", "y"]}', '{ "a" : ["y","x"] }'),
        ('{"a": ["x"]}', '{"a": "x"}'),
        ('{"a": ["x", "x", "y"]}', '{"a": ["y", "x"]}'),
        ('{"Statement": [{"Sid": "A"}, {"Sid": "B"}]}', '{"Statement": [{"Sid": "B"}, {"Sid": "A"}]}'),
        ('{"Statement": {"Sid": "A"}}', '{"Statement": [{"Sid": "A"}]}'),
        ('{"Principal": {"AWS": "222233334444"}}', '{"Principal": {"AWS": ["arn:aws:iam::222233334444:root"]}}'),
        ('{"Principal": {"AWS": "222233334444"}}', '{"Principal": {"AWS": "arn:aws-cn:iam::222233334444:root"}}'),
        ('{"Condition": {"Bool": {"k": true}}}', '{"Condition": {"Bool": {"k": "true"}}}'),
        ('{"Condition": {"NumericEquals": {"k": [5]}}}', '{"Condition": {"NumericEquals": {"k": "5"}}}'),
    ],
)
def test_texts_that_say_the_same_mean_the_same(one: str, other: str) -> None:
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ('{"a": ["x"]}', '{"a": ["x", "y"]}'),
        ('{"Principal": {"AWS": "222233334444"}}', '{"Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}}'),
        ('{"Principal": {"AWS": "222233334444"}}', '{"Principal": {"AWS": "arn:aws:iam::222233334444:role/ci"}}'),
        ('{"Principal": "*"}', '{"Principal": {"AWS": "*"}}'),
        (
            '{"Condition": {"ArnEquals": {"aws:PrincipalArn": "222233334444"}}}',
            '{"Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::222233334444:root"}}}',
        ),
        ('{"Statement": []}', "null"),
        ('{"Effect": "Allow"}', '{"Effect": "Deny"}'),
    ],
)
def test_texts_that_differ_do_not(one: str, other: str) -> None:
    assert meaning(one) != meaning(other)
