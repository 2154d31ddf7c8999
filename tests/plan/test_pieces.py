"""The pieces of a plan, each by itself: whom trust puts inside, actions that are cut, and how a policy is written."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ecr_crossaccount import Access, Hole, Holed
from ecr_crossaccount.documents.document import Actions
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.documents.pattern import holes_in
from ecr_crossaccount.judgement.values.actions import EVERY, NAMES, ActionSets, of_ranks
from ecr_crossaccount.judgement.values.trust import TrustLevel
from ecr_crossaccount.judgement.values.trust_entries import Subject
from ecr_crossaccount.questions.plan.blocks import without_deleted
from ecr_crossaccount.questions.plan.limits import Owner, Ranks, TrustedRanks, inside, one_of
from ecr_crossaccount.questions.plan.losses import intersect, of_access
from ecr_crossaccount.questions.plan.narrow import cut, ranks_of
from ecr_crossaccount.questions.plan.outcome import (
    CannotSayError,
    Style,
    document_of,
    one_or_many,
    plain,
    replace_elements,
    statements_of,
    text_of,
    with_statements,
    write_entries,
)

from tests.judgement.policies import OWNER, account, allow, deny, policy
from tests.wording import sentence

A, B = "222233334444", "333344445555"
ORG, OTHER_ORG = "o-a1b2c3d4e5", "o-z9y8x7w6v5"
ALL = frozenset({0, 1, 2})
P = Hole("P")

# --- whom trust puts inside ---

KINDS = ("organizations", "services", "vpcs", "endpoints", "accounts")


def trusted(
    circles: list[dict[str, Any]], every: Ranks = ALL, said: Ranks = frozenset(), home: str | None = None
) -> TrustedRanks:
    return inside(Owner(OWNER, home), [TrustLevel(**one) for one in circles], every, said)


@pytest.mark.parametrize("kind", KINDS)
def test_each_name_has_the_ranks_of_its_circles(kind: str) -> None:
    circles = [{kind: frozenset({"b", "a"})}, {kind: frozenset({"a"})}, {}]
    own = {OWNER: ALL} if kind == "accounts" else {}
    found = getattr(trusted(circles), kind)
    assert list(found.items()) == [*own.items(), ("a", {0, 1}), ("b", {0})]
    assert getattr(trusted(circles, frozenset({1, 2})), kind).get("b") is None
    for other in KINDS:
        if other not in (kind, "accounts"):
            assert getattr(trusted(circles), other) == {}


def test_a_path_has_what_its_organization_has_not() -> None:
    path, elsewhere = f"{ORG}/r-ab12/*", f"{OTHER_ORG}/r-ab12/*"
    circles: list[dict[str, Any]] = [
        {"organizations": frozenset({ORG}), "paths": (path, elsewhere)},
        {"paths": (path, elsewhere)},
        {"paths": (elsewhere,)},
    ]
    assert trusted(circles).paths == {path: {1}, elsewhere: {0, 1, 2}}


def test_the_owner_has_every_rank_whatever_its_entry_says() -> None:
    found = trusted([{"accounts": frozenset({OWNER, A})}, {}, {}])
    assert found.accounts == {OWNER: ALL, A: {0}}
    assert (found.of_account(OWNER), found.of_account(A), found.of_account(B)) == (ALL, frozenset({0}), frozenset())


def test_a_service_that_is_not_trusted_has_no_rank() -> None:
    found = trusted([{"services": frozenset({"a"})}, {}, {}])
    assert (found.of_service("a"), found.of_service("b")) == (frozenset({0}), frozenset())


@pytest.mark.parametrize(
    "home, ranks, is_member",
    [(None, 3, False), (ORG, 3, True), (ORG, 2, False), (ORG, 0, False), (OTHER_ORG, 3, False)],
)
def test_an_owner_is_a_member_where_the_organization_has_every_rank(
    home: str | None,
    ranks: int,
    is_member: bool,  # noqa: FBT001 - a column of the table
) -> None:
    circles = [{"organizations": frozenset({ORG} if rank < ranks else ()), "accounts": frozenset({A})} for rank in ALL]
    found = trusted(circles, home=home)
    assert found.is_owner_a_member is is_member
    assert found.callers == ({A: ALL} if is_member else {OWNER: ALL, A: ALL})


@pytest.mark.parametrize("kind", ["organizations", "paths", "vpcs", "endpoints", "accounts", "services"])
def test_who_is_trusted_without_a_name(kind: str) -> None:
    circles: list[dict[str, Any]] = [{kind: (f"{ORG}/*",) if kind == "paths" else frozenset({"a"})}, {}, {}]
    assert trusted(circles).has_groups is (kind not in ("accounts", "services"))


@pytest.mark.parametrize(
    "names, every, said, groups",
    [
        ({"a": {0, 1, 2}, "b": {0, 1, 2}}, ALL, (), [(ALL, ("a", "b"))]),
        ({"a": {0}, "b": {0, 1}}, ALL, (), [({0}, ("a", "b")), ({1}, ("b",))]),
        ({"a": {0, 1}, "b": {0, 1}}, ALL, (), [({0, 1}, ("a", "b"))]),
        ({"a": {0, 1, 2}, "b": {0, 2}}, ALL, (), [(ALL, ("a",)), ({0, 2}, ("b",))]),
        ({"a": {0, 1, 2}, "b": {0, 1}}, ALL, (0,), [(ALL, ("a",)), ({1}, ("b",))]),
        ({"a": {0, 1}, "b": {1}}, {0, 1}, (), [({0, 1}, ("a",)), ({1}, ("b",))]),
        ({"a": set()}, ALL, (), []),
        ({}, ALL, (), []),
    ],
)
def test_names_are_grouped_by_the_access_that_they_share(
    names: dict[str, set[int]], every: set[int], said: tuple[int, ...], groups: list[tuple[set[int], tuple[str, ...]]]
) -> None:
    within = trusted([], frozenset(every), frozenset(said))
    found = list(within.by_purpose({name: frozenset(ranks) for name, ranks in names.items()}))
    assert found == [(frozenset(ranks), sharing) for ranks, sharing in groups]


# --- limits ---


@pytest.mark.parametrize(
    "key, subject, of_services, of_callers",
    [
        ("aws:PrincipalOrgID", Subject.ORGANIZATION, False, True),
        ("aws:PrincipalOrgPaths", Subject.ORGANIZATION_PATH, False, True),
        ("aws:PrincipalAccount", Subject.ACCOUNT, False, True),
        ("aws:SourceVpc", Subject.VPC, False, False),
        ("aws:SourceVpce", Subject.VPC_ENDPOINT, False, False),
        ("aws:SourceAccount", Subject.ACCOUNT, True, False),
        ("aws:SourceOrgID", Subject.ORGANIZATION, True, False),
        ("aws:SourceOrgPaths", Subject.ORGANIZATION_PATH, True, False),
    ],
)
def test_who_meets_a_limit(key: str, subject: Subject, of_services: bool, of_callers: bool) -> None:  # noqa: FBT001
    limit = one_of(key, ["x"])
    assert (limit.subject, limit.is_of_services, limit.is_of_callers) == (subject, of_services, of_callers)


# --- actions ---


@pytest.mark.parametrize(
    "text, short",
    [
        ("ecr:*Image", ["ecr:BatchGetImage"]),
        ("ecr:*Layer*", ["ecr:BatchCheckLayer*", "ecr:GetDownloadUrlForLayer*"]),
        ("ecr:*Policy", ["ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy"]),
        ("ecr:*Repository*", ["ecr:BatchGetRepository*", "ecr:GetRepository*"]),
        ("ecr:B*", ["ecr:BatchCheck*", "ecr:BatchGet*"]),
    ],
)
def test_an_action_is_shortened_only_to_a_pattern_within_the_one_before(text: str, short: list[str]) -> None:
    assert [*cut(Actions(negated=False, patterns=(text,)), frozenset({0}), Style.SHORT)] == short


@pytest.mark.parametrize("rank", ALL)
@pytest.mark.parametrize("style", Style)
def test_a_wildcard_is_cut_to_the_actions_of_a_rank(rank: int, style: Style) -> None:
    ranks = frozenset({rank})
    every = Actions(negated=False, patterns=("ecr:*",))
    found = cut(every, ranks, style)
    assert ActionSets().allowed_actions(Actions(negated=False, patterns=found))[0] == of_ranks(ranks) & EVERY
    assert len(found) == len(set(found))
    assert any(str(one).endswith("*") for one in found) is (style is Style.SHORT)
    assert ranks_of(every) == ALL
    assert ranks_of(Actions(negated=False, patterns=found)) == ranks


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_kept_or_left_out_by_its_rank(name: str) -> None:
    text = f"ecr:{name}"
    one = Actions(negated=False, patterns=(text,))
    (rank,) = ranks_of(one)
    for other in ALL:
        ranks = frozenset({other})
        assert cut(one, ranks, Style.PLAIN) == ((text,) if other == rank else ())
        kept = cut(Actions(negated=True, patterns=(text,)), ranks, Style.PLAIN)
        assert ActionSets().allowed_actions(Actions(negated=False, patterns=kept))[0] == of_ranks(
            ranks
        ) & EVERY & ~_bits(text)


def _bits(text: str) -> int:
    return ActionSets().allowed_actions(Actions(negated=False, patterns=(text,)))[0]


@pytest.mark.parametrize(
    "patterns, ranks, expected",
    [
        (["ecr:PutImage", "ecr:Put*"], {1}, ("ecr:PutImage",)),
        (["ecr:Put*", "ecr:PutImage"], {1}, ("ecr:PutImage", "ecr:PutImage")),
        (["ecr:batchget*", "ecr:PutImage"], {0}, ("ecr:batchget*",)),
        (["ecr:GetAuthorizationToken", "ecr:ListImages"], {0}, ("ecr:ListImages",)),
        (["ecr:NobodyKnowsThisOne", "ecr:ListImages"], {0}, ("ecr:ListImages",)),
        (["ecr:NobodyKnowsThisOne", "ecr:ListImages"], {1}, ("ecr:NobodyKnowsThisOne",)),
        ([Holed(("ecr:Put", P))], {0, 1, 2}, (Holed(("ecr:Put", P)),)),
    ],
)
def test_what_is_covered_stays_as_written(patterns: list[Any], ranks: set[int], expected: tuple[object, ...]) -> None:
    assert cut(Actions(negated=False, patterns=tuple(patterns)), frozenset(ranks), Style.PLAIN) == expected


@pytest.mark.parametrize("negated", [False, True])
def test_an_action_that_is_not_known_yet_is_not_cut(negated: bool) -> None:  # noqa: FBT001 - a column of the table
    with pytest.raises(CannotSayError, match=re.escape(sentence("narrow.actions_allows_not_known"))):
        cut(Actions(negated=negated, patterns=("ecr:PutImage", Holed(("ecr:", P)))), frozenset({0}), Style.PLAIN)


# --- deleted principals ---

GONE, TOO = "AROAEXAMPLEID0000001", "AIDAEXAMPLEID0000001"


@pytest.mark.parametrize(
    "before, after",
    [
        ({"AWS": [A, GONE]}, {"AWS": [A]}),
        ({"AWS": [GONE, A, TOO, B]}, {"AWS": [A, B]}),
        ({"AWS": GONE}, None),
        ({"AWS": [GONE, TOO]}, None),
        ({"AWS": GONE, "Service": "a"}, {"Service": "a"}),
        ({"Service": "a", "AWS": [GONE, A]}, {"Service": "a", "AWS": [A]}),
    ],
)
def test_who_was_deleted_is_left_out(before: dict[str, Any], after: dict[str, Any] | None) -> None:
    left, gone = without_deleted(allow(before))
    assert left == ([] if after is None else [allow(after)])
    assert gone == [one for one in one_or_many(before["AWS"]) if one in (GONE, TOO)]


@pytest.mark.parametrize(
    "stays", [deny({"AWS": [A, GONE]}), allow("*"), allow({"AWS": [A]}), allow({"Service": GONE}), P]
)
def test_where_nobody_was_deleted_nothing_changes(stays: object) -> None:
    assert without_deleted(stays) == ([stays], [])


# --- how a policy is written ---


@pytest.mark.parametrize(
    "original, entries, expected",
    [
        ("x", ["a"], "a"),
        (["x"], ["a"], ["a"]),
        (("x",), ["a"], ["a"]),
        ("x", ["a", "b"], ["a", "b"]),
        ("x", [], []),
        ("x", [Holed((P,))], P),
        ("x", [Holed(("a", P))], Holed(("a", P))),
        (["x"], [Holed((P, P))], [Holed((P, P))]),
    ],
)
def test_entries_keep_the_form_of_their_author(original: object, entries: list[Any], expected: object) -> None:
    assert write_entries(original, entries) == expected


def test_one_entry_is_a_list_of_one() -> None:
    assert [one_or_many(value) for value in ("a", ["a", "b"], ("a",), [], None)] == [
        ["a"],
        ["a", "b"],
        ["a"],
        [],
        [None],
    ]


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, {"Sid": "S", "NotAction": "a"}),
        ({"NotAction": ("Action", "b")}, {"Sid": "S", "Action": "b"}),
        ({"Sid": ("Sid", "T")}, {"Sid": "T", "NotAction": "a"}),
        ({"Condition": ("Condition", {})}, {"Sid": "S", "NotAction": "a", "Condition": {}}),
    ],
)
def test_an_element_is_replaced_in_its_place(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(replace_elements({"Sid": "S", "NotAction": "a"}, changes).items()) == list(expected.items())


def test_a_single_statement_stays_outside_a_list_if_it_was() -> None:
    one, two = allow("*"), deny("*")
    assert with_statements({"Id": "i", "Statement": one}, [two]) == {"Id": "i", "Statement": two}
    assert with_statements({"Statement": one}, [one, two]) == {"Statement": [one, two]}
    assert with_statements({"Statement": [one]}, [two]) == {"Statement": [two]}
    assert with_statements({"Statement": (one,)}, [two]) == {"Statement": [two]}
    assert [statements_of({"Statement": body}) for body in (one, [one], (one,))] == [[one]] * 3
    assert statements_of({}) == []


@pytest.mark.parametrize("policy, expected", [('{"Id": "a"}', {"Id": "a"}), ({"Id": "a"}, {"Id": "a"}), ("[]", None)])
def test_a_policy_is_an_object(policy: object, expected: object) -> None:
    assert document_of(policy) == expected
    assert document_of(None) is None
    assert document_of([]) is None


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [1, x], lambda x: (x, "y"), lambda x: {"a": "b", "c": [x]}])
def test_a_hole_is_found_and_shown_wherever_it_is(wrap: Any) -> None:  # noqa: ANN401 - a function of any value
    for hole, shown in ((P, "<P>"), (Holed(("a", P)), "a<P>")):
        assert any(holes_in(wrap(hole)))
        assert plain(wrap(hole)) == plain(wrap(shown))
    assert not any(holes_in(wrap("<P>")))
    assert json.dumps(plain(wrap("<P>"))) == json.dumps(wrap("<P>"))


def test_a_text_is_short_unless_it_is_to_be_read() -> None:
    document = {"Id": "Zur\u00fcck", "Statement": [account(A, B), P]}
    assert text_of(document) == '{"Id":"Zur\u00fcck","Statement":[{"AWS":["222233334444","333344445555"]},"<P>"]}'
    assert text_of(document, Style.PLAIN) == json.dumps(plain(document), ensure_ascii=False)


@pytest.mark.parametrize(
    "actions, write",
    [
        (["ecr:BatchGetImage", Holed(("ecr:Get", P))], []),
        ([Holed(("ecr:Get", P))], []),
        (["ecr:BatchGetImage", "ecr:GetImageNew"], [("ecr:GetImageNew",)]),
        (["ecr:BatchGetImage"], []),
    ],
)
def test_the_access_that_an_action_would_give_that_is_not_known_is_that_of_the_known_ones(
    actions: list[object], write: list[object]
) -> None:
    statements = parse(policy(allow("*", actions))).statements
    assert [one.actions.patterns for one in of_access(statements, Access.WRITE)] == write
    both = intersect(statements[0], parse(policy(deny("*", "ecr:GetImageNew"))).statements[0])
    assert ([] if both is None else [both.actions.patterns]) == write
