"""The change of a resource between two states of the files, in every form that its policy may have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from ecr_crossaccount.documents.pattern import Hole
from ecr_crossaccount.judgement.beside import Scope
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.questions.change.answer import Difference, Opened
from ecr_crossaccount.sources.check.changed import Files, relative
from ecr_crossaccount.sources.check.differences import Compared, comparison_of
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import FoundPolicy, Harvest, Otherwise, Skipped, Suppression, Unjudged, Unread

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, policy
from tests.wording import sentence

AT = Place("a.yaml", 3, 1)
DENY = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}
OWN = policy(allow(account(OWNER)))
ONE, ANOTHER = policy(allow(account(OTHER))), policy(allow(account(THIRD)))
MORE = policy(allow(account(OTHER), ["ecr:BatchGetImage", "ecr:ListImages"]))
FAULTY = policy({"Effect": "Allow", "Principal": {"AWS": OTHER}})


def found(document: object, **fields: Any) -> FoundPolicy:  # noqa: ANN401 - the fields of FoundPolicy
    return FoundPolicy(AT, "Base", Kind.REPOSITORY, document, names=("base",), **fields)


def either(one: object, other: object, **fields: Any) -> FoundPolicy:  # noqa: ANN401 - the fields of Otherwise
    return found(one, when="X", otherwise=(Otherwise("not X", other, **fields),))


def state(
    *policies: FoundPolicy,
    owner: str | None = OWNER,
    root: str = "",
    scope: Scope = Scope.UNKNOWN,
    **harvest: Any,  # noqa: ANN401 - the fields of Harvest
) -> Files:
    context = Context(account=owner, registry_scope=scope)
    return Files(Harvest(policies=policies, **harvest), context, relative(root))


def compared(before: FoundPolicy | None, after: FoundPolicy | None) -> Compared:
    old, new = (state(*(one,) if one is not None else ()) for one in (before, after))
    [only] = comparison_of(old, new).compared
    return only


def who(direction: Opened) -> tuple[list[str], list[str]]:
    """Return who certainly has access, and the condition of each doubt, or its whole reason if it has none."""
    doubts = [one.reason.partition(": ")[0] for one in direction.undecided]
    return [change.grant.grantee for change in direction.changes], doubts


def told(difference: Difference) -> tuple[object, object]:
    return who(difference.opened), who(difference.closed)


NOBODY: tuple[list[str], list[str]] = ([], [])
BEYOND = either(ONE, MORE, by_default=False, beyond=frozenset({Hole("P")}))


@pytest.mark.parametrize(
    "before, after, opened, closed",
    [
        (found(ONE), found(ANOTHER), ([THIRD], []), ([OTHER], [])),
        (None, found(ONE), ([OTHER], []), NOBODY),
        (found(ONE), None, NOBODY, ([OTHER], [])),
        # In every case, or in some of them.
        (None, either(ONE, ONE), ([OTHER], []), NOBODY),
        # In every case someone has access, but not the same account.
        (None, either(ONE, ANOTHER), ([OTHER, THIRD], []), NOBODY),
        (found(ONE), either(ONE, ANOTHER), ([], ["if not X"]), ([], ["if not X"])),
        (either(ONE, ANOTHER), None, NOBODY, ([OTHER, THIRD], [])),
        # The same condition before and after: each case separately.
        (either(ONE, ANOTHER), either(ONE, ANOTHER), NOBODY, NOBODY),
        (either(ONE, ONE), either(ONE, ANOTHER), ([], ["if not X"]), ([], ["if not X"])),
        (either(ONE, ANOTHER), found(ANOTHER, when="not X", otherwise=(Otherwise("X", ONE),)), NOBODY, NOBODY),
        # Different conditions: every pair of their cases is possible.
        (
            either(ONE, ANOTHER),
            replace(either(ONE, ANOTHER), when="Y"),
            ([], ["if not X", "if Y"]),
            ([], ["if not X", "if X"]),
        ),
        # A value other than the default may be anything, so no doubt is reported about it, but access is.
        (found(ONE), BEYOND, ([], ["if not X"]), NOBODY),
        (BEYOND, found(ONE), NOBODY, ([], ["if not X"])),
        (found(ONE), either(ONE, Hole("P"), by_default=False, beyond=frozenset({Hole("P")})), NOBODY, NOBODY),
        # What is undecided now, except what was undecided before.
        (found(ONE, doubts=("a", "b")), found(ONE, doubts=("a", "c")), ([], ["c", "b"]), ([], ["b", "c"])),
        (None, found(ONE, doubts=("a",)), ([OTHER], ["a"]), ([], ["a"])),
    ],
)
def test_who_gets_in_newly_or_no_longer(
    before: FoundPolicy | None, after: FoundPolicy | None, opened: object, closed: object
) -> None:
    assert told(compared(before, after).difference) == (opened, closed)


def test_what_opens_in_every_case_is_told_by_the_least_of_its_actions() -> None:
    for forms in ((ONE, MORE), (MORE, ONE)):
        [change] = compared(None, either(*forms)).difference.opened.changes
        assert change.grant.actions == ("ecr:BatchGetImage",)


def test_faults_are_those_of_the_old_and_of_the_new_policy_in_any_form() -> None:
    old, new = compared(either(ONE, FAULTY), either(FAULTY, ONE)).difference.invalid
    assert {one.at for one in old} == {one.at for one in new} == {"$.Statement[0]"}
    assert compared(either(ONE, FAULTY), found(ONE)).difference.invalid == (old, ())
    assert compared(found(ONE), either(ONE, FAULTY)).difference.invalid == ((), new)


def test_a_state_says_what_became_of_each_resource_and_where_its_statements_are() -> None:
    statements = (Place("a.yaml", 5, 7), Place("a.yaml", 9, 7))
    only = compared(None, found(ONE, statements=statements))
    assert (only.what, compared(found(ONE), None).what, compared(found(ONE), found(ONE)).what) == (
        "added",
        "removed",
        "changed",
    )
    assert [only.place_of(number, None) for number in (0, 1, 2, None)] == [*statements, AT, AT]


def test_what_rests_on_a_default_is_noted() -> None:
    partner = frozenset({"parameter `Partner`"})
    rests = found(ONE, undefaulted={partner: found(ANOTHER)})
    assert compared(found(ONE), rests).notes == (sentence("findings.assumes_default_parameter"),)
    assert compared(found(ONE), found(ONE, undefaulted={partner: found(ONE)})).notes == ()
    assert compared(rests, rests).notes == ()


def test_what_rests_on_a_default_of_the_registry_is_noted_too() -> None:
    deny = {**DENY, "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": OWNER}}}
    registry = replace(found(policy(deny)), resource="Registry", kind=Kind.REGISTRY)
    known = {frozenset({"`guard`"}): replace(registry, policy=policy({**deny, "Action": Hole("guard")}))}
    partner = {frozenset({"`partner`"}): found(ONE)}
    for base, names in ((found(ONE), "`guard`"), (found(OWN, undefaulted=partner), "`guard`, `partner`")):
        new = state(base, replace(registry, undefaulted=known), scope=Scope.V2)
        notes = [note for one in comparison_of(state(), new).compared for note in one.notes]
        options = " ".join(f"--parameter {name.strip('`')}=…" for name in names.split(", "))
        assert notes == [sentence("findings.assumes_default_confirm_2", names=names, options=options)]


def test_a_resource_that_moved_or_was_renamed_is_noted() -> None:
    moved = replace(found(ONE), at=Place("b.yaml", 1, 1))
    assert compared(found(ONE), moved).notes == (sentence("differences.base_yaml_same"),)
    named, unknown = replace(found(ONE), names=("tools", "apps")), replace(found(ONE), names=("*",))
    assert compared(found(ONE), named).notes == (sentence("differences.repository_called_base"),)
    assert compared(found(ONE), unknown).notes == (sentence("differences.repository_called_base_name"),)


def test_what_is_gone_from_a_file_that_was_not_read_in_full_may_be_there_still() -> None:
    reason = sentence("differences.could_not_read_full", other=OTHER)
    left = Unjudged("a.yaml", 7, 1, "Other", "is not judged")
    unread = Unread("b.yaml", 1, "is no YAML")
    for harvest, file in (({"errors": (unread,)}, "b.yaml"), ({"unjudged": (left,)}, "a.yaml")):
        [only] = comparison_of(state(found(ONE)), state(**harvest)).compared
        [doubt] = only.difference.closed.undecided
        assert doubt.reason.startswith(reason % file)
        assert not only.difference.closed.changes
        [only] = comparison_of(state(**harvest), state(found(ONE))).compared
        assert told(only.difference) == (([OTHER], []), NOBODY)
    elsewhere = replace(left, file="c.yaml")
    [only] = comparison_of(state(found(ONE)), state(unjudged=(elsewhere,))).compared
    assert told(only.difference) == (NOBODY, ([OTHER], []))


def test_an_unknown_owner_is_not_the_same_as_a_known_one() -> None:
    nobodys = state(found(ONE), owner=None)
    answer = comparison_of(nobodys, state(found(ONE)), ("HEAD~1", "HEAD"))
    assert [one.what for one in answer.compared] == ["added", "removed"]
    own = comparison_of(nobodys, state(replace(found(ONE), account=THIRD), owner=None))
    assert [(one.what, one.repository.account) for one in own.compared][:1] == [("added", THIRD)]


def test_with_an_unknown_owner_a_new_account_is_new_unless_it_is_the_owner() -> None:
    [same] = comparison_of(state(found(ONE), owner=None), state(found(ONE), owner=None)).compared
    assert same.difference.is_none
    answer = comparison_of(state(found(None), owner=None), state(found(ONE), owner=None))
    [only] = answer.compared
    [doubt] = only.difference.opened.undecided
    assert doubt.reason.startswith(sentence("way_out.owner_not_account_3", other=OTHER))
    assert answer.lacks_owner
    assert not comparison_of(state(found(None)), state(found(ONE))).lacks_owner


def test_what_was_not_judged_is_told_unless_it_stays_as_it_is() -> None:
    left, absent = Unjudged("a.yaml", 7, 1, "Other", "is not judged"), Skipped("m.tf", "is not here", absent=True)
    here, passed_over = replace(left, line=9), Skipped("c.yaml", "is excluded")
    old = state(unjudged=(left,), skipped=(absent, passed_over))
    same = comparison_of(old, state(unjudged=(here,), skipped=(absent,)))
    assert same.unknown == ()
    assert comparison_of(old, state()).unknown == (("OLD", left), ("OLD", absent))
    assert comparison_of(state(), old).unknown == (("NEW", left), ("NEW", absent))
    other = comparison_of(old, state(unjudged=(replace(left, reason="is judged elsewhere"),), skipped=(absent,)))
    assert [(name, one.reason) for name, one in other.unknown] == [
        ("OLD", "is not judged"),
        ("NEW", "is judged elsewhere"),
    ]


def test_only_a_suppression_that_is_new_is_told() -> None:
    one = Suppression("a.yaml", 3, "agreed", date(2030, 1, 1))
    other = replace(one, reason="agreed with others")
    old, both = state(suppressions=(one,)), state(suppressions=(replace(one, line=9), other))
    until = sentence("differences.change_also_suppresses")
    assert [remark.message for remark in comparison_of(old, both).remarks] == [f"{until}: agreed with others"]
    twice = state(suppressions=(one, replace(one, line=9)))
    assert [remark.message for remark in comparison_of(old, twice).remarks] == [f"{until}: agreed"]
    assert comparison_of(both, old).remarks == ()


def test_a_resource_whose_access_stays_is_told_for_its_notes_alone() -> None:
    assert comparison_of(state(found(ONE)), state(found(ONE))).told == ()
    assert len(comparison_of(state(found(ONE)), state(found(MORE))).told) == 1
    moved = comparison_of(state(found(OWN)), state(replace(found(OWN), notes=("it is generated",))))
    assert [one.notes for one in moved.told] == [one.notes for one in moved.compared if one.notes]


def test_what_was_not_judged_counts_again_where_its_file_has_another_text() -> None:
    left = Unjudged("a.yaml", 7, 1, "Other", "is not judged")
    old, new = (replace(state(unjudged=(left,)), text_of={"a.yaml": text}.get) for text in ("one", "another"))
    assert comparison_of(old, new).unknown == (("OLD", left), ("NEW", left))
    assert comparison_of(old, old).unknown == ()
