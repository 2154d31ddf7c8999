"""The laws of `judge`, named by their content. None of them knows the right verdict. Each compares two verdicts."""

from __future__ import annotations

from dataclasses import replace

from ecr_crossaccount import Access, Compliance, Origin, Repository, Trust, Verdict, judge
from ecr_crossaccount.judgement.values.members import Members
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.profiles import examples
from tests.properties.changes import confined, inserted, reordered, split, with_lists, with_other_case, written
from tests.properties.world import ACCOUNTS, OWN_ORG, OWNER, TRUSTED, Statement
from tests.strategies import Situation, actions, entries, situations, statements


@st.composite
def _with_another(draw: st.DrawFn, effect: str) -> tuple[Situation, Situation]:
    situation = draw(situations())
    another = draw(statements(situation.repository.partition, effect))
    return situation, draw(inserted(situation, another))


def _flags(verdict: Verdict) -> set[str | Access]:
    """Return the access from outside as a set: fewer flags mean less access."""
    named = {"external": verdict.external, "public": verdict.public, "service": verdict.service}
    return {name for name, holds in named.items() if holds} | set(verdict.access)


def _decided(*verdicts: Verdict) -> None:
    """Require complete searches: if the budget runs out, a change of the policy may spend it elsewhere."""
    assume(not any("budget" in undecided.reason for verdict in verdicts for undecided in verdict.undecided))


def _open(verdict: Verdict) -> bool:
    return bool(verdict.grants or verdict.undecided)


@given(st.data())
@examples(150)
def test_order_of_statements_changes_nothing(data: st.DataObject) -> None:
    situation = data.draw(situations())
    shuffled = situation.with_statements(data.draw(st.permutations(situation.statements)))
    before, after = situation.verdict(), shuffled.verdict()
    _decided(before, after)
    assert (_flags(after), after.compliance) == (_flags(before), before.compliance)


@given(st.data())
@examples(100)
def test_a_statement_said_twice_changes_nothing(data: st.DataObject) -> None:
    situation = data.draw(situations())
    copied = {name: part for name, part in data.draw(st.sampled_from(situation.statements)).items() if name != "Sid"}
    repeated = data.draw(inserted(situation, copied))
    before, after = situation.verdict(), repeated.verdict()
    _decided(before, after)
    assert (_flags(after), after.compliance) == (_flags(before), before.compliance)


@given(_with_another("Allow"))
@examples(200)
def test_another_allow_never_removes_a_grant(pair: tuple[Situation, Situation]) -> None:
    before, after = (situation.verdict() for situation in pair)
    _decided(before, after)
    assert _flags(before) <= _flags(after)
    assert _open(after) >= _open(before)


@given(_with_another("Deny"))
@examples(200)
def test_another_deny_never_adds_a_grant(pair: tuple[Situation, Situation]) -> None:
    before, after = (situation.verdict() for situation in pair)
    _decided(before, after)
    assert _flags(after) <= _flags(before)
    assert _open(after) <= _open(before)


@given(st.data())
@examples(200)
def test_another_condition_on_an_allow_never_adds_a_grant(data: st.DataObject) -> None:
    situation = data.draw(situations())
    before, after = situation.verdict(), data.draw(confined(situation, "Allow")).verdict()
    _decided(before, after)
    assert _flags(after) <= _flags(before)


@given(st.data())
@examples(150)
def test_another_condition_on_a_deny_never_removes_a_grant(data: st.DataObject) -> None:
    situation = data.draw(situations())
    before, after = situation.verdict(), data.draw(confined(situation, "Deny")).verdict()
    _decided(before, after)
    assert _flags(before) <= _flags(after)


@given(situations(), st.lists(entries(), min_size=1, max_size=2))
@examples(200)
def test_more_trust_never_adds_a_grant(situation: Situation, more: list[Statement]) -> None:
    before = situation.verdict()
    after = replace(situation, entries=(*situation.entries, *more)).verdict()
    _decided(before, after)
    assert _flags(after) <= _flags(before)
    assert before.compliance is Compliance.NON_COMPLIANT or after.compliance is Compliance.COMPLIANT


_MEMBERS = {"version": 1, "organization": OWN_ORG, "listed": "2026-06-01T00:00:00Z"}
_PATH = f"{OWN_ORG}/r-ab12/"
_WHOSE = ({"organization": OWN_ORG}, {"organization_path": f"{_PATH}*"})


@given(situations(), st.sets(st.sampled_from(ACCOUNTS)), st.sampled_from(tuple(Access)), st.sampled_from(_WHOSE))
@examples(200)
def test_a_member_is_trusted_as_if_the_register_named_it(
    situation: Situation, accounts: set[str], access: Access, whose: Statement
) -> None:
    """A register with the organization's members gives the same answer as one that lists every member."""
    listed = [{"account": one, "path": _PATH} for one in sorted(accounts)]
    members = Members.parse({**_MEMBERS, "accounts": listed})
    entry = {**whose, "access": access.value}
    entries = (*situation.entries, entry | {"members": True})
    known = Trust.parse({"version": 1, "trust": list(entries)}, today=situation.today, members=members)
    one_by_one = [{"account": one, "access": access.value} for one in sorted(accounts)]
    written_out = replace(situation, entries=(*situation.entries, entry, *one_by_one))
    found = judge(situation.policy, situation.repository, known, situation.origin)
    wanted = written_out.verdict()
    _decided(found, wanted)
    assert _flags(found) == _flags(wanted)
    assert found.compliance is wanted.compliance
    unknown = judge(situation.policy, situation.repository, replace(known, members=None), situation.origin)
    _decided(unknown)
    assert _flags(found) <= _flags(unknown)


@given(st.data())
@examples(100)
def test_trust_takes_away_its_own_access_and_what_it_includes(data: st.DataObject) -> None:
    trusted = data.draw(st.sampled_from(tuple(Access)))
    account = data.draw(st.sampled_from((TRUSTED, f"arn:aws:iam::{TRUSTED}:root", f"arn:aws:iam::{TRUSTED}:user/bob")))
    grant = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": data.draw(actions)}
    entry = {"account": TRUSTED, "access": trusted.value, "reason": "builds", "owner": "platform@example.com"}
    situation = Situation({"Statement": [grant]}, Repository(OWNER))
    before, after = situation.verdict(), replace(situation, entries=(entry,)).verdict()
    assert after.access == tuple(access for access in before.access if access.rank > trusted.rank)
    assert after.external == bool(after.access)


_NOT_IN_FORCE = ({"expires": "2026-05-31"}, {"expires": "2001-01-01"}, {"repositories": ["elsewhere/*"]})


@given(situations(), entries(), st.sampled_from(_NOT_IN_FORCE))
@examples(100)
def test_an_entry_that_is_over_or_about_another_repository_trusts_nobody(
    situation: Situation, entry: Statement, why: Statement
) -> None:
    before = situation.verdict()
    after = replace(situation, entries=(*situation.entries, {**entry, **why})).verdict()
    assert (_flags(after), after.compliance) == (_flags(before), before.compliance)


@given(st.data())
@examples(100)
def test_a_grant_to_principals_deleted_since_changes_nothing(data: st.DataObject) -> None:
    situation = replace(data.draw(situations()), origin=Origin.DEPLOYED)
    ids = data.draw(st.sampled_from(("AROAEXAMPLEID0000001", ["AIDAEXAMPLEID0000001", "AROAEXAMPLEID0000002"])))
    stale = {**data.draw(statements(situation.repository.partition, "Allow")), "Principal": {"AWS": ids}}
    stale.pop("NotPrincipal", None)
    before, after = situation.verdict(), data.draw(inserted(situation, stale)).verdict()
    assert _flags(after) == _flags(before)
    assert after.compliance is before.compliance or after.invalid


@given(st.data())
@examples(200)
def test_two_statements_with_half_of_a_list_each_say_the_same(data: st.DataObject) -> None:
    situation = data.draw(situations())
    before, after = situation.verdict(), data.draw(split(situation)).verdict()
    _decided(before, after)
    assert (_flags(after), after.compliance) == (_flags(before), before.compliance)


@given(situations())
@examples(150)
def test_case_of_keys_and_actions_does_not_matter(situation: Situation) -> None:
    before = situation.verdict()
    after = situation.with_policy(with_other_case(situation.policy)).verdict()
    assert (_flags(after), after.compliance) == (_flags(before), before.compliance)


@given(situations())
@examples(150)
def test_a_list_of_one_says_what_its_element_says(situation: Situation) -> None:
    before = situation.verdict()
    after = situation.with_policy(with_lists(situation.policy)).verdict()
    assert (after.grants, after.undecided, len(after.invalid)) == (before.grants, before.undecided, len(before.invalid))


@given(st.data())
@examples(100)
def test_text_and_mapping_get_the_same_verdict(data: st.DataObject) -> None:
    situation = data.draw(situations())
    text = data.draw(written(situation.policy))
    assert situation.with_policy(text).verdict().to_json() == situation.verdict().to_json()  # type: ignore[arg-type]


@given(st.data())
@examples(100)
def test_order_of_keys_does_not_matter(data: st.DataObject) -> None:
    situation = data.draw(situations())
    before = situation.verdict()
    after = situation.with_policy(data.draw(reordered(situation.policy))).verdict()
    _decided(before, after)
    assert (_flags(after), after.compliance) == (_flags(before), before.compliance)


_EVERYTHING: tuple[Statement, ...] = ({"Action": "*"}, {"Action": "ecr:*"}, {"Action": ["*:*"]}, {"NotAction": "s3:*"})


@given(st.data())
@examples(150)
def test_a_deny_of_everything_to_everybody_makes_a_policy_compliant(data: st.DataObject) -> None:
    situation = data.draw(situations())
    deny = {"Effect": "Deny", "Principal": "*", **data.draw(st.sampled_from(_EVERYTHING))}
    after = data.draw(inserted(situation, deny)).verdict()
    assert not _flags(after)
    assert not _open(after)
    assert after.compliance is Compliance.COMPLIANT or after.invalid


@given(situations())
@examples(600)
def test_a_verdict_agrees_with_itself(situation: Situation) -> None:
    verdict = situation.verdict()
    people = [grant for grant in verdict.grants if grant.kind.value != "service"]
    assert verdict.external == bool(people)
    assert verdict.service == (len(people) < len(verdict.grants))
    assert verdict.public <= verdict.external
    assert set(verdict.access) == {access for grant in people for access in grant.access}
    assert all(grant.access and grant.actions and grant.reason for grant in verdict.grants)
    assert verdict.compliance is Compliance.NON_COMPLIANT or not (
        verdict.grants or verdict.undecided or verdict.invalid
    )


@given(situations())
@examples(100)
def test_what_is_undecided_is_never_compliant(situation: Situation) -> None:
    verdict = situation.verdict()
    assert not verdict.undecided or verdict.compliance is Compliance.NON_COMPLIANT


@given(situations())
@examples(60)
def test_the_same_question_gets_the_same_answer(situation: Situation) -> None:
    assert situation.verdict() == situation.verdict()
