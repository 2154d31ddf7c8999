from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Origin, Repository, Trust, judge
from ecr_crossaccount.judgement.annotation import LIMIT, annotation, rcp_annotation, shorten, with_trust, without_trust
from hypothesis import given
from hypothesis import strategies as st

from tests.wording import sentence

OWNER = Repository("111122223333", tags_known=True)


def told(*statements: dict[str, Any], problem: str | None = None) -> str:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return annotation(judge(policy, OWNER, Trust.nobody(), Origin.DEPLOYED), problem)


def allow(principal: object, action: object = "ecr:BatchGetImage", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action} | more


UNDECIDED = allow("*", Sid="Perhaps", Condition={"StringEquals": {"aws:SomethingNew": "x"}})
INVALID = {"Effect": "Deny", "Principal": "*", "Action": "ecr:TagResource", "Reason": "none"}


def test_the_trust_is_said_where_it_fits() -> None:
    fits = "x" * (LIMIT - len("; trust: nobody"))
    assert with_trust(fits, "nobody") == f"{fits}; trust: nobody"
    assert with_trust(f"{fits}x", "nobody") == f"{fits}x"
    assert with_trust("", "nobody") == "trust: nobody"


@pytest.mark.parametrize("said", ["", sentence("annotation.closed_resource_control_policies_alone"), "a; trust: b"])
def test_an_annotation_without_its_trust_is_what_it_was(said: str) -> None:
    assert without_trust(with_trust(said, "1 entry of the parameters")) == said


def test_an_annotation_that_says_no_trust_stays_as_it_is() -> None:
    assert without_trust("HIGH: open") == "HIGH: open"


def test_compliant_has_nothing_to_say() -> None:
    assert told(allow({"AWS": "111122223333"})) == ""


def test_it_leads_with_severity_who_what_and_by_which_statement() -> None:
    said = told(allow({"AWS": "222233334444"}, "ecr:PutImage", Sid="Push"))
    assert said.startswith("CRITICAL: account 222233334444 can push: statement `Push` allows ecr:PutImage")


def test_the_worst_comes_first_and_the_others_are_counted() -> None:
    said = told(
        UNDECIDED,
        INVALID,
        allow({"AWS": "222233334444"}, "ecr:DescribeRepositories"),
        allow({"AWS": "333344445555"}, "ecr:PutImage"),
        allow({"AWS": "444455556666"}),
    )
    assert said.startswith("CRITICAL: account 333344445555 can push")
    assert said.endswith("; 2 more grants, 1 undecided, 1 invalid")


def test_one_other_grant_is_one() -> None:
    assert told(allow({"AWS": "222233334444"}), allow({"AWS": "333344445555"})).endswith("; 1 more grant")


def test_what_is_undecided_comes_before_a_low_grant() -> None:
    said = told(allow({"AWS": "222233334444"}, "ecr:DescribeRepositories"), UNDECIDED)
    assert said.startswith("MEDIUM: undecided: ")
    assert "Perhaps" in said
    assert said.endswith("; 1 more grant")


def test_what_is_invalid_is_named_with_its_place() -> None:
    assert told(INVALID).startswith("MEDIUM: invalid: $.Statement[0]")


@pytest.mark.parametrize("length", range(200, 240))
def test_all_the_room_there_is_is_used(length: int) -> None:
    """AWS Config takes 256 characters: an annotation that fits is whole, and one of 257 loses its last word."""
    statement = INVALID | {"Reason": "none", "Sid": "s"}
    said = told(statement, problem="x" * length)
    whole = f"{told(statement)}; {'x' * length}"
    assert said.endswith("x" * length)
    assert (said == whole) == (len(whole) <= 256)
    assert len(said) <= 256


def test_what_resource_control_policies_close_is_told() -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("*")]})
    said = rcp_annotation(judge(policy, OWNER, Trust.nobody()))
    assert said.startswith(sentence("annotation.closed_resource_control"))
    assert len(said) <= 256


def test_what_a_register_requires_and_the_policy_lacks_comes_last_or_alone() -> None:
    lacks = "lacks 1 required statement"
    assert annotation(judge(None, OWNER, Trust.nobody()), None, lacks) == f"LOW: {lacks}"
    assert annotation(judge(None, OWNER, Trust.nobody()), "a problem", lacks) == f"LOW: {lacks}; a problem"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("*")]})
    said = annotation(judge(policy, OWNER, Trust.nobody()), "a problem", lacks)
    assert said.startswith("HIGH: any AWS account can pull")
    assert said.endswith("; 1 more grant; lacks 1 required statement; a problem")


def test_a_problem_of_the_run_stays_to_the_end() -> None:
    said = told(allow("*", ["ecr:" + "A" * 60 for _ in range(9)]), problem="`self` trusts nobody: refused")
    assert said.endswith("; `self` trusts nobody: refused")
    assert len(said) <= 256


@pytest.mark.parametrize(
    "sid", ["line\nbreak", "bell\a", "\x1b[31mred", "\u202egnp.exe", "zero\u200bwidth", "\U0001f600" * 200, "\ud800"]
)
def test_a_hostile_statement_id_does_no_harm(sid: str) -> None:
    said = told(allow("*", Sid=sid))
    assert said.startswith("HIGH: any AWS account can pull")
    assert_harmless(said)


@given(st.text(max_size=600), st.integers(min_value=8, max_value=300))
def test_shortening_keeps_whole_words_and_nothing_else(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert_harmless(short)
    assert len(short) <= limit
    words = short.removesuffix(" …").rstrip(" ,;:(").split(" ")
    whole = shorten(text, 10_000).split(" ")
    assert [word.rstrip(" ,;:(") for word in whole[: len(words)]] == [
        word.rstrip(" ,;:(") for word in words
    ] or words == [""]


@given(
    st.lists(
        st.builds(
            allow,
            st.sampled_from(
                ["*", {"AWS": "222233334444"}, {"AWS": ["arn:aws:iam::222233334444:role/" + "r" * 60] * 2}]
            ),
            st.text() | st.lists(st.text()),
            Sid=st.text(),
        ),
        max_size=9,
    )
)
def test_every_annotation_keeps_to_what_config_accepts(statements: list[dict[str, Any]]) -> None:
    said = told(*statements)
    assert len(said.encode("utf-16-le")) // 2 <= 256
    assert_harmless(said)


def assert_harmless(text: str) -> None:
    assert text.isprintable()
    assert "  " not in text
    text.encode("utf-8")
