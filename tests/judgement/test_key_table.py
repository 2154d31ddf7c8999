"""The table of condition keys: the consequences of a row are true for every kind of request."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from ecr_crossaccount.judgement.context.domains import Strings
from ecr_crossaccount.judgement.context.keys import (
    ACCOUNTS,
    FORWARDED,
    NAMES,
    OF_TRUST,
    ROUTED,
    SERVICES,
    SOURCES,
    SharedMeanings,
    is_blind,
    is_bound,
    is_early,
    is_multivalued,
    is_of_caller,
    is_of_callers_alone,
    is_of_network,
    is_of_organization,
    is_of_repository,
    is_of_sender,
    is_of_source,
    is_of_tags,
    meaning,
    row,
)
from ecr_crossaccount.judgement.context.request import (
    SOME_ACCOUNT,
    SOME_ORGANIZATION,
    Key,
    NamedIdentities,
    NetworkPath,
    PrincipalRequest,
    PrincipalType,
    RepositoryContext,
    RequestKind,
    ServiceRequest,
    Tagging,
    TrustedIdentities,
    Unsure,
)
from ecr_crossaccount.judgement.context.table import KEYS
from ecr_crossaccount.judgement.patterns.tokens import Tokens

from tests.case_tables import OWNER
from tests.judgement.policies import allow, verdict
from tests.profiles import is_nightly

TRUSTED = TrustedIdentities((OWNER, "222233334444"), ("o-ownorg00001",), ("o-x/*",))
OTHERS_TRUSTED = TrustedIdentities((OWNER,))
NAMED = NamedIdentities(("333344445555",), ("o-named000001",))
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
REPOSITORIES = (
    RepositoryContext(OWNER, "aws", "eu-west-1", "o-ownorg00001", (("team", "x"),), tags_known=True, floor=_DAY),
    RepositoryContext(OWNER, "aws-cn", None, None, (), tags_known=False, floor=_DAY),
)
MEMBERSHIPS = ((None, True), ("o-named000001", False), ("o-named000001", True), (SOME_ORGANIZATION, False))


def spelling(one: Key) -> str:
    """Return a key of the row, in lower case."""
    name = {":": f"accounts.google.com{one.name}"}.get(one.name[0], one.name)
    return (f"{name}team" if name[-1] in "/:" else name).lower()


def requests(repository: RepositoryContext) -> Iterator[RequestKind]:
    paths = [NetworkPath(), NetworkPath(address=False, endpoint=True), NetworkPath(address=False, via=True)]
    for (organization, fresh), account, of_type, path, tagging, trusted in itertools.product(
        MEMBERSHIPS,
        ("333344445555", "444455556666", SOME_ACCOUNT),
        PrincipalType,
        paths,
        Tagging,
        (TRUSTED, OTHERS_TRUSTED),
    ):
        yield PrincipalRequest(repository, account, organization, fresh, of_type, path, tagging, trusted, NAMED)
    for (organization, fresh), account, service, tagging in itertools.product(
        MEMBERSHIPS[:3],
        ("333344445555", "444455556666"),
        ("lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "events.amazonaws.com"),
        Tagging,
    ):
        yield ServiceRequest(repository, service, account, organization, fresh, tagging)


def written(what: object) -> object:
    """Return the parts of a meaning for comparison. A pattern is its steps."""
    if isinstance(what, Tokens):
        return what.steps
    if isinstance(what, (tuple, list)):
        return [written(each) for each in what]
    if isinstance(what, dict):
        return {key: written(each) for key, each in what.items()}
    if dataclasses.is_dataclass(what) and not isinstance(what, type):
        return type(what), [written(getattr(what, one.name)) for one in dataclasses.fields(what)]
    return what


@pytest.mark.no_cover
@pytest.mark.parametrize("repository", REPOSITORIES, ids=["known", "unknown"])
@pytest.mark.parametrize("one", KEYS, ids=lambda one: one.name)
def test_requests_that_are_alike_in_what_a_row_depends_on_get_the_same_meaning(
    one: Key, repository: RepositoryContext
) -> None:
    shared, key = SharedMeanings(), spelling(one)
    step = 1 if is_nightly() else 5
    for request in itertools.islice(requests(repository), len(one.name) % step, None, step):
        fresh = SharedMeanings().for_kind(request)[key]
        assert written(shared.for_kind(request)[key]) == written(fresh), request


def _of_account(request: PrincipalRequest) -> object:
    return request.account, request.organization, request.fresh


DIRECT = NetworkPath()
_LAWS: dict[str, tuple[Callable[[str], bool], Callable[[PrincipalRequest], object]]] = {
    "a key that is not bound": (
        lambda key: not is_bound(key),
        lambda each: (each.tagging, each.principal_type is PrincipalType.ROLE or each),
    ),
    "an early key": (is_early, _of_account),
    "a blind key": (is_blind, lambda each: (_of_account(each), each.network_path, each.tagging, each.trusted)),
    "a key of the organization": (is_of_organization, lambda each: (each.organization, each.fresh)),
    "a key of the caller": (is_of_caller, lambda each: (each.account, each.principal_type)),
    "a key that is not of the network": (
        lambda key: not is_of_network(key),
        lambda each: each._replace(network_path=DIRECT),
    ),
    "a key that is not of tags": (lambda key: not is_of_tags(key), lambda each: each._replace(tagging=Tagging.NONE)),
    "a key of the repository": (is_of_repository, lambda _: None),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("law", _LAWS)
@pytest.mark.parametrize("one", KEYS, ids=lambda one: one.name)
def test_a_key_means_the_same_where_what_it_depends_on_is_the_same(one: Key, law: str) -> None:
    concerns, what = _LAWS[law]
    key = spelling(one)
    found: dict[object, object] = {}
    for request in requests(REPOSITORIES[0]) if concerns(key) else ():
        named = {SOME_ACCOUNT, SOME_ORGANIZATION}.isdisjoint((request.account, request.organization))
        if isinstance(request, PrincipalRequest) and named:
            known = written(meaning(request, key))
            assert found.setdefault(what(request), known) == known, request


@pytest.mark.no_cover
@pytest.mark.parametrize("one", KEYS, ids=lambda one: one.name)
def test_what_callers_alone_can_have_no_service_sends(one: Key) -> None:
    key = spelling(one)
    senders = {type(each) for each in requests(REPOSITORIES[0]) if meaning(each, key) != one.absent}
    assert is_of_callers_alone(key) is (senders == {PrincipalRequest})


@pytest.mark.parametrize("one", KEYS, ids=lambda one: one.name)
def test_what_says_nothing_of_the_sender_is_the_same_of_both(one: Key) -> None:
    key = spelling(one)
    if is_of_sender(key) or is_of_source(key) or is_of_tags(key):
        return
    said: dict[type, set[str]] = {PrincipalRequest: set(), ServiceRequest: set()}
    for request in requests(REPOSITORIES[0]):
        said[type(request)].add(repr(written(meaning(request, key))))
    assert said[PrincipalRequest] == said[ServiceRequest]


@pytest.mark.parametrize("key", ["aws:currenttime", "aws:requestedregion", "aws:resourceaccount", "aws:resourcetag/x"])
def test_what_is_known_of_the_repository_and_the_time_is_of_no_sender(key: str) -> None:
    assert not is_of_sender(key)


@pytest.mark.parametrize("one", KEYS, ids=lambda one: one.name)
def test_a_domain_has_several_values_where_its_row_says_so(one: Key) -> None:
    key = spelling(one)
    for request in requests(REPOSITORIES[0]):
        found = meaning(request, key)
        if isinstance(found, Strings):
            assert found.readings[key].many is one.many
        many = getattr(found, "many", one.many)
        assert many is one.many


@pytest.mark.parametrize("one", KEYS, ids=lambda one: one.name)
def test_a_row_says_where_aws_or_the_issuer_says_so(one: Key) -> None:
    pages = r"docs\.aws\.amazon\.com/[\w/-]+\.html|docs\.github\.com/[\w/-]+"
    assert re.fullmatch(rf"https://({pages})(#[\w-]+)?", one.source)
    assert one.present
    assert one.values


def test_the_keys_with_a_callers_account_are_none_of_the_source() -> None:
    assert {"aws:principalaccount", "aws:principalarn", "aws:userid", "codebuild:projectarn"} <= ACCOUNTS
    assert not any(map(is_of_source, ACCOUNTS))
    assert {"aws:username", "aws:principalorgid", "aws:sourcearn"}.isdisjoint(ACCOUNTS)


def test_which_keys_show_whom() -> None:
    """Each set in full: a key too many or too few changes what a plan keeps and what a search tries."""
    sessions = {"codebuild:buildarn", "codebuild:projectarn", "ec2:sourceinstancearn", "ssm:sourceinstancearn"}
    assert {
        "aws:principalaccount", "aws:principalarn", "aws:userid", "aws:chatbotsourcearn", "aws:federatedprovider",
        "aws:signinsessionarn", "aws:vpceaccount", "lambda:sourcefunctionarn", *sessions,
    } == ACCOUNTS  # fmt: skip
    assert {"aws:principalservicename", "aws:principalservicenameslist"} == SERVICES
    assert {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"} == SOURCES
    assert {"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"} == OF_TRUST
    assert OF_TRUST | {
        "aws:sourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpcsourceip"
    } == ROUTED  # fmt: skip
    called = {"aws:calledvia", "aws:calledviaawsmcp", "aws:calledviafirst", "aws:calledvialast"}
    assert called | {"aws:viaawsservice", "aws:viaawsmcpservice"} == FORWARDED


def test_a_note_is_about_the_keys_that_need_it() -> None:
    notes = {"VPC ids are unique only within a Region": set[str](), "`self` in the trust register": set[str]()}
    trust = [{"vpc": "vpc-0a1b2c3d4e5f60718"}, {"organization": "self"}]
    for key in map(spelling, KEYS):
        found = verdict(allow("*", condition={"StringLike": {key: "x*"}}), trust=trust)
        for words, keys in notes.items():
            keys.update([key] if any(words in note for note in found.notes) else [])
    assert list(notes.values()) == [
        {"aws:sourcevpc", "aws:sourcevpcarn"},
        {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths", "aws:vpceorgid"},
    ]


def test_each_key_stands_in_one_row() -> None:
    names = [one.name.lower() for one in KEYS]
    assert len(set(names)) == len(names)
    assert all(row(spelling(one)) is one for one in KEYS)
    assert set(NAMES.values()) == {one.name for one in KEYS if one.name[-1] not in "/:" and one.name[0] != ":"}
    assert [one for one in KEYS if is_multivalued(spelling(one))] == [one for one in KEYS if one.many]


@pytest.mark.parametrize("key", ["aws:brandnew", "ecr:surprise", "accounts.google.com:nonce", "sub", "s3", ":sub", "/"])
def test_a_key_that_stands_in_no_row_is_unsure(key: str) -> None:
    assert row(key) is None
    for request in requests(REPOSITORIES[0]):
        assert meaning(request, key) == Unsure()
