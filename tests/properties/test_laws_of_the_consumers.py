"""The consumers of the engine say about a change what the engine says: the hook, and a baseline of `check`."""

from __future__ import annotations

import json
from dataclasses import replace

from ecr_crossaccount import Origin, Repository, Trust
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.products.hook.evaluation import Fails, Settings, evaluate
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.recorded import Record
from ecr_crossaccount.sources.check.baseline import Baseline, mark_known_results
from ecr_crossaccount.sources.check.findings import Report, report_of
from ecr_crossaccount.sources.check.results import results_of, where_of
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import FoundPolicy, Harvest
from ecr_crossaccount.sources.register.lists import TrustNow
from hypothesis import assume, given

from tests.events.hook import with_properties
from tests.profiles import examples
from tests.properties.mutations import pairs
from tests.properties.opening import state_of
from tests.properties.world import OWNER
from tests.strategies import Situation

Pair = tuple[Situation, Situation]
REGION = "eu-central-1"


def _plain(pair: Pair) -> Pair:
    """Return both policies as those of one repository without tags, in a new context that trusts nobody."""
    repository = Repository(OWNER, region=REGION)
    before, after = (replace(one, repository=repository, entries=(), origin=Origin.PROPOSED) for one in pair)
    return before, after


@given(pairs())
@examples(60)
def test_the_hook_stops_exactly_what_is_new(pair: Pair) -> None:
    before, after = _plain(pair)
    assume("***" not in str((before.policy, after.policy)) and "{{" not in str((before.policy, after.policy)))
    found = opened_access(state_of(before), state_of(after))
    old, new = ({"RepositoryPolicyText": one.policy} for one in (before, after))
    settings = Settings(REGION, fails=Fails.NEW)
    event = with_properties("repository-update", new, old)
    answer = evaluate(event, settings, TrustNow(Trust.nobody()), registry=lambda _: None)
    assert (answer["hookStatus"] == "SUCCESS") == found.is_nothing, (found, answer)


def _checked(situation: Situation) -> Report:
    found = FoundPolicy(Place("a.json"), "policy", ResourceKind.REPOSITORY, situation.policy)
    return report_of(Harvest(policies=(found,)), Context(OWNER, REGION))


@given(pairs())
@examples(60)
def test_a_baseline_lets_fail_exactly_what_is_new(pair: Pair) -> None:
    before, after = map(_checked, _plain(pair))
    (then,), (now,) = before.findings, after.findings
    record = Record()
    state = json.loads(json.dumps(record.write_state(then.state)))
    baseline = Baseline()
    baseline.add(where_of(then.found), {"state": state}, Record.read(json.loads(json.dumps(record.to_json()))))
    report = mark_known_results(after, baseline)
    found = opened_access(then.state, now.state, at_once=False)
    is_silent = all(one.accepted for one in results_of(report))
    assert is_silent == (found.is_nothing or not list(results_of(after))), found
