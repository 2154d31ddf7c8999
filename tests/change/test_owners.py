"""A resource whose owner is unknown is judged for every account that its policies can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from ecr_crossaccount import Compliance, RegistryPolicy, Repository, Scope, Trust
from ecr_crossaccount.documents.json import RepeatedNames
from ecr_crossaccount.documents.pattern import OWNER as OWN
from ecr_crossaccount.documents.pattern import Hole, Holed, with_values
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.owners import MOST_OWNERS, TOO_MANY_OWNERS, UNOWNED, Owners, owners_in
from ecr_crossaccount.questions.change.recorded import Record
from ecr_crossaccount.questions.change.states import Form, Guard, State
from ecr_crossaccount.questions.change.together import verdict_of_forms

from tests.judgement.policies import OTHER, OWNER, THIRD, account, allow, policy
from tests.wording import sentence

HERE = Repository(UNOWNED, "base/app", "eu-west-1")
NOBODY = policy()
PARTNER = policy(allow(account(OTHER)))
INSIDE = policy(allow({"AWS": Holed((OWN,))}))
BOTH = Owners((OTHER, THIRD), each=True)


def in_account(pattern: str | list[str], operator: str = "StringLike", key: str = "aws:ResourceAccount") -> object:
    return policy({**allow("*"), "Condition": {operator: {key: pattern}}})


def state(*documents: object, owners: Owners | None = None, trust: Trust | None = None) -> State:
    forms = tuple(Form(one) for one in documents)
    return State(Kind.REPOSITORY, HERE, trust or Trust.nobody(), forms, owners=owners or Owners())


def words(
    *documents: object, numbers: Sequence[str] = (), register: object = None, owners: Owners | None = None
) -> list[str]:
    entries = () if register is None else Trust.parse({"version": 1, "trust": register}).valid
    found = owners_in(owners or Owners(), documents, numbers, entries)
    return ["too many"] if found is None else list(dict.fromkeys(one.words for one in found))


NAMED, ANOTHER = f"the owner is {OTHER}", "the owner is another account"


@pytest.mark.parametrize(
    "document, said",
    [
        (None, [ANOTHER]),
        (PARTNER, [NAMED, ANOTHER]),
        ({"rules": [{"destinations": [{"registryId": int(OTHER)}]}]}, [NAMED, ANOTHER]),
        (in_account("*"), [ANOTHER]),
        (in_account("2222*"), [sentence("owners.owner_account_like_4"), ANOTHER]),
        (in_account("2222${aws:PrincipalTag/x}"), [sentence("owners.owner_account_like_4"), ANOTHER]),
        (policy(allow({"AWS": Holed(("22", Hole("X")))})), [sentence("owners.owner_account_like_5"), ANOTHER]),
        (in_account(OTHER, "NumericLessThan"), ["too many"]),
        (in_account(["*1*", "*2*", "*3*", "*4*", "*5*", "*6*"]), ["too many"]),
        (in_account("5", "NumericLessThan", "s3:max-keys"), [ANOTHER]),
        (policy(*(allow(account(str(100_000_000_000 + number))) for number in range(MOST_OWNERS))), ["too many"]),
    ],
)
def test_the_accounts_that_a_policy_tells_apart(document: object, said: list[str]) -> None:
    assert sorted(words(document)) == sorted(said)


def test_what_else_tells_accounts_apart() -> None:
    assert words(None, numbers=[OTHER]) == [NAMED, ANOTHER]
    assert words(None, register=[{"account": OTHER}]) == [ANOTHER], "unless a pattern matches it, and few others"
    assert words(in_account("22223333444?"), register=[{"account": OTHER}, {"service": "lambda.amazonaws.com"}]) == [
        NAMED,
        sentence("owners.owner_account_like_3"),
        ANOTHER,
    ]
    assert words(PARTNER, owners=BOTH) == [NAMED, f"the owner is {THIRD}"]
    many = tuple(str(100_000_000_000 + number) for number in range(MOST_OWNERS + 1))
    assert words(PARTNER, owners=Owners(many, each=True)) == ["too many"]


def test_too_much_work_is_too_many_accounts() -> None:
    assert words(in_account([f"*{number}*{number}*" for number in range(10)])) == ["too many"]


def test_what_every_owner_opens_is_open_and_what_none_opens_is_closed() -> None:
    assert verdict_of_forms(state(policy(allow("*")))).public
    assert verdict_of_forms(state(INSIDE)).compliance is Compliance.COMPLIANT
    two = verdict_of_forms(state(policy(allow(account(OTHER)), allow(account(THIRD)))))
    assert two.external
    assert sorted(one.grantee for one in two.grants) == [OTHER, THIRD]
    one = verdict_of_forms(state(PARTNER))
    assert not one.external
    assert [doubt.reason.partition(": ")[0] for doubt in one.undecided] == [f"if the owner is not {OTHER}"]


def test_of_several_owners_the_worst_counts() -> None:
    assert verdict_of_forms(state(INSIDE, owners=BOTH)).compliance is Compliance.COMPLIANT
    found = verdict_of_forms(state(PARTNER, owners=BOTH))
    assert (found.external, found.undecided) == (True, ())
    assert [one.reason.partition(": ")[0] for one in found.grants] == [f"if the owner is not {OTHER}"]
    assert verdict_of_forms(state(policy(allow("*")), owners=BOTH)).grants[0].reason.startswith("any AWS account")


def test_of_many_owners_some_are_accounts_that_no_policy_names() -> None:
    many = Owners(each=True)
    assert verdict_of_forms(state(PARTNER, owners=many)).external
    found = verdict_of_forms(state(in_account(OTHER), owners=many))
    assert not found.external
    assert found.undecided[0].reason.startswith(sentence("way_out.owner_any_aws_account", other=OTHER))


def test_too_many_owners_are_undecided() -> None:
    unknown = state(in_account(OTHER, "NumericLessThan"))
    assert [one.reason for one in verdict_of_forms(unknown).undecided] == [TOO_MANY_OWNERS]
    assert opened_access(unknown, unknown).is_nothing
    assert [one.reason for one in opened_access(state(NOBODY), unknown).undecided] == [TOO_MANY_OWNERS]


def test_a_form_for_another_account_does_not_count() -> None:
    ways = (frozenset({(OWN.name, OTHER, True), ("Env", "prod", True)}),)
    forms = (Form(policy(allow(account(OTHER))), Guard("it is", ways)), Form(None, Guard("it is not")))
    there = replace(state(None), forms=forms)
    assert verdict_of_forms(there).compliance is Compliance.COMPLIANT


def test_an_account_in_which_no_form_exists_is_no_owner() -> None:
    def one_of(*accounts: str, owners: Owners | None = None) -> State:
        ways = [(frozenset({(OWN.name, name, True)}),) for name in accounts]
        forms = (
            Form(policy(allow(account(name))), Guard("it is", way)) for name, way in zip(accounts, ways, strict=True)
        )
        return replace(state(None, owners=owners), forms=tuple(forms))

    assert verdict_of_forms(one_of(OTHER, THIRD)).compliance is Compliance.COMPLIANT
    assert verdict_of_forms(one_of(OTHER, THIRD, owners=Owners(each=True))).compliance is Compliance.COMPLIANT
    assert opened_access(one_of(OTHER), one_of(THIRD)).undecided
    assert verdict_of_forms(one_of(OTHER, owners=Owners((THIRD,)))).external, "it may be a mistake"


def test_the_owner_is_filled_in_everywhere() -> None:
    beside = Form(None, registry=RegistryPolicy(policy({**allow({"AWS": Holed((OWN,))}), "Resource": "*"}), Scope.V2))
    there = replace(state(None), forms=(beside,))
    assert verdict_of_forms(there).compliance is Compliance.COMPLIANT
    assert verdict_of_forms(replace(there, owners=Owners(hole=Hole("another")))).undecided


def test_what_a_change_opens_for_some_owner() -> None:
    assert opened_access(state(PARTNER), state(PARTNER)).is_nothing
    found = opened_access(state(NOBODY), state(PARTNER))
    assert [one.reason.partition(": ")[0] for one in found.undecided] == [f"if the owner is not {OTHER}"]
    [change] = opened_access(state(NOBODY, owners=BOTH), state(PARTNER, owners=BOTH)).changes
    assert change.grant.reason.startswith(f"if the owner is not {OTHER}: ")
    known = replace(state(PARTNER), repository=replace(HERE, account=OWNER), owners=None)
    assert opened_access(known, state(PARTNER)).undecided, "what is known of one account says nothing about another"


def test_an_unknown_owner_is_recorded() -> None:
    record = Record()
    for owners in (Owners(), BOTH, Owners(hole=Hole("registry"))):
        written = record.write_state(state(PARTNER, owners=owners))
        assert "account" not in written
        assert record.state(written, Kind.REPOSITORY).owners == owners


def test_filling_a_hole_leaves_the_policy_as_it_was() -> None:
    twice = RepeatedNames([("Sid", Hole("X")), ("Sid", Hole("X"))])
    assert with_values(twice, {Hole("X"): "1"}) == {"Sid": "1"}
    assert twice == {"Sid": Hole("X")}
