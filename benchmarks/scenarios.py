"""The scenarios, each with the limits that the project has set for itself."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from statistics import median
from time import perf_counter

from .climb import KNOWN, TARGETS, climb, read
from .contenders import (
    CUSTODIAN,
    FLOOR,
    OURS,
    TODAY,
    UNIVERSE,
    Answer,
    comparing,
    custodian,
    explained,
    floor,
    ours,
    planning,
    policyuniverse,
)
from .corpus import (
    ORGANIZATION,
    OWNER,
    REGIONS,
    REGISTER,
    STAGES,
    TEAMS,
    Policies,
    adversarial,
    anew,
    long,
    mixed,
    nasty,
    plain,
    source,
)
from .figures import Figure, Result
from .instructions import counted
from .measure import TURN, fixed_work, forget, in_turns, one_by_one, percentile, ratio, seconds_for

_PACKAGE = "ecr_crossaccount"
_PLAN, _CHANGE = "plan", "a change"
PEERS: dict[str, Callable[[], Answer]] = {CUSTODIAN: custodian, UNIVERSE: policyuniverse, FLOOR: floor}


@dataclass(frozen=True, slots=True)
class Effort:
    """The amount of work: rounds of the ratios, repeats of each nasty policy, numbers of policies, and of seconds."""

    rounds: int
    repeats: int
    plain: int
    repositories: int
    random: int
    climb: float = 5


FULL = Effort(rounds=7, repeats=3, plain=1_000, repositories=100_000, random=600, climb=60)
QUICK = Effort(rounds=2, repeats=1, plain=200, repositories=50_000, random=120, climb=0)


def seen_first(effort: Effort) -> Result:
    """Measure policies without conditions and Denies, each of them new to all contenders."""
    return Result(
        "plain",
        f"no condition, no Deny, seen first; {effort.plain} policies a round, {effort.rounds} rounds",
        tuple(_ratios(plain, effort, limit=3.0)),
    )


def seen_first_mixed(effort: Effort) -> Result:
    """Measure the registry's mix of policies, each of them new to all contenders. It has no limit."""
    return Result(
        "mixed",
        f"four in ten with conditions or Denies, seen first; {effort.plain} policies a round, {effort.rounds} rounds",
        tuple(_ratios(mixed, effort, limit=None)),
    )


def _ratios(corpus: Callable[[str, int], Policies], effort: Effort, limit: float | None) -> list[Figure]:
    """Return our time as a multiple of each peer's, and the time of each contender for a policy."""
    contenders = {OURS: ours(), **{name: make() for name, make in PEERS.items()}}
    in_turns(contenders, [text for _, text in corpus("warm up", 200)])
    rounds = [
        in_turns(contenders, [text for _, text in corpus(f"round {number}", effort.plain)])
        for number in range(effort.rounds)
    ]
    figures = [
        Figure(f"{OURS} / {peer}", ratio(rounds, OURS, peer), "x", limit if peer == CUSTODIAN else None, steady=True)
        for peer in PEERS
    ]
    times = [
        Figure(f"{name}, a policy", median(turn for r in rounds for turn in r[name]) / TURN * 1e6, "µs")
        for name in contenders
    ]
    return [*figures, _grants_read(corpus, effort), *times]


def _grants_read(corpus: Callable[[str, int], Policies], effort: Effort) -> Figure:
    """Return the same ratio with every grant read, on other texts because the verdicts of the first are cached."""
    contenders = {OURS: explained(), CUSTODIAN: custodian()}
    rounds = [
        in_turns(contenders, [text for _, text in corpus(f"read {number}", effort.plain)])
        for number in range(effort.rounds)
    ]
    return Figure(f"{OURS}, grants read / {CUSTODIAN}", ratio(rounds, OURS, CUSTODIAN), "x")


def registry(effort: Effort) -> Result:
    """Measure a registry's repositories, which share 200 policies, from a cold start, with garbage collection."""
    rounds = [_registry_round(number, effort.repositories) for number in range(min(effort.rounds, 5))]
    figures = [
        Figure(
            f"{OURS} / {peer}",
            median(r[OURS] / r[peer] for r in rounds),
            "x",
            1.0 if peer == CUSTODIAN else None,
            steady=True,
        )
        for peer in (CUSTODIAN, FLOOR)
    ]
    figures += [Figure(f"{name}, all repositories", median(r[name] for r in rounds), "s") for name in rounds[0]]
    about = f"{effort.repositories:,} repositories, 200 policies, cold start; {len(rounds)} rounds"
    return Result("registry", about, tuple(figures))


def _registry_round(number: int, count: int) -> dict[str, float]:
    """Return the seconds for all repositories of a new registry. The order of the contenders rotates.

    Every repository has its own text object, as if it came from AWS, a name and tags. The time to create the
    `Repository` is part of our time.
    """
    rng = source(f"registry {number}")
    policies = [text for _, text in mixed(f"registry {number}", 200)]
    names = [f"{rng.choice((*TEAMS, 'base'))}/{rng.choice(STAGES)}-{serial}" for serial in range(count)]
    drawn = [policies[min(int(rng.expovariate(0.02)), 199)] for _ in range(count)]
    runs: dict[str, Callable[[list[str]], float]] = {
        OURS: lambda texts: _registry_judged(names, texts),
        CUSTODIAN: lambda texts: seconds_for(custodian(), texts),
        FLOOR: lambda texts: seconds_for(floor(), texts),
    }
    order = list(runs)
    seconds = dict.fromkeys(order, 0.0)
    for name in order[number % 3 :] + order[: number % 3]:
        texts = [(text + " ")[:-1] for text in drawn]
        gc.collect()
        seconds[name] = runs[name](texts)
    return seconds


def _registry_judged(names: Sequence[str], texts: Sequence[str]) -> float:
    engine = importlib.import_module(_PACKAGE)
    judge, make, deployed = engine.judge, engine.Repository, engine.Origin.DEPLOYED
    tags = [{"team": team, "stage": stage} for team in TEAMS for stage in STAGES]
    trust = engine.Trust.parse(REGISTER, today=TODAY)
    forget(_PACKAGE)
    start = perf_counter()
    for number, (name, text) in enumerate(zip(names, texts, strict=True)):
        repository = make(OWNER, name, REGIONS[0], organization=ORGANIZATION, tags=tags[number % len(tags)])
        judge(text, repository, trust, deployed)
    return perf_counter() - start


def hostile(effort: Effort) -> Result:
    """Measure random nasty policies, long ones, and every adversarial family, each new, with every grant read."""
    policies = [*nasty("nasty", effort.random), *long("long", effort.random // 4), *adversarial()]
    contenders: dict[str, Answer] = {OURS: explained(), **{name: make() for name, make in PEERS.items()}}
    rounds = [_hostile_round(contenders, policies, f"r{number}") for number in range(effort.repeats)]
    times = {
        name: [median(single) for single in zip(*(measured[name] for measured in rounds), strict=True)]
        for name in contenders
    }
    drawn = f"{effort.random} random, {len(policies) - effort.random} long or adversarial"
    about = f"{drawn}, seen first, grants read; repeats: {effort.repeats}"
    details = [*_given_up(ours(), policies), *_families(times[OURS], policies)]
    return Result("nasty", about, tuple(_spread(times, policies)), tuple(details))


def _hostile_round(contenders: Mapping[str, Answer], policies: Policies, label: str) -> dict[str, list[float]]:
    """Return the seconds for each policy, without caches."""
    forget(_PACKAGE)
    in_turns(contenders, [text for _, text in [*plain(label, 50), *nasty(f"warm up {label}", 10)]])
    return one_by_one(contenders, [anew(text, label) for _, text in policies], peers=PEERS)


def _spread(times: dict[str, list[float]], policies: Policies) -> list[Figure]:
    mine = [seconds * 1e3 for seconds in times[OURS]]
    random = [ms for ms, (family, _) in zip(mine, policies, strict=True) if family == "random"]
    figures = [
        Figure("median of the random ones", median(random), "ms", 1.0),
        Figure("99 in 100 of the random ones", percentile(random, 0.99), "ms", 30.0),
        Figure("slowest of all", max(mine), "ms", 250.0),
        Figure("median of all", median(mine), "ms"),
        Figure("99 in 100 of all", percentile(mine, 0.99), "ms"),
    ]
    for peer in PEERS:
        ratios = [own / other for own, other in zip(times[OURS], times[peer], strict=True) if not isnan(other)]
        figures.append(Figure(f"{OURS} / {peer}, median of the {len(ratios)} it reads", median(ratios), "x"))
    return figures


def _given_up(judge: Answer, policies: Policies) -> list[Figure]:
    """Count the verdicts that leave something undecided. An engine that gives up early is fast but useless."""
    undecided = {"random": 0, "long": 0, "adversarial": 0}
    exhausted = dict(undecided)
    for family, text in policies:
        kind = family if family in undecided else "adversarial"
        reasons = [one.reason for one in getattr(judge(text), "undecided", ())]
        undecided[kind] += bool(reasons)
        exhausted[kind] += any("work budget" in reason for reason in reasons)
    return [
        *(Figure(f"verdicts that leave something undecided, {kind}", count, "") for kind, count in undecided.items()),
        *(Figure(f"verdicts that the work budget has ended, {kind}", count, "") for kind, count in exhausted.items()),
    ]


def _families(mine: Sequence[float], policies: Policies) -> list[Figure]:
    """Return the slowest of each family, the slowest family first."""
    slowest: dict[str, float] = {}
    for seconds, (family, _) in zip(mine, policies, strict=True):
        slowest[family] = max(slowest.get(family, 0.0), seconds * 1e3)
    ordered = sorted(slowest.items(), key=lambda item: -item[1])
    return [Figure(f"slowest of {family.replace('_', ' ')}", ms, "ms") for family, ms in ordered]


def planned(effort: Effort) -> Result:
    """Measure plans for the registry's mix, as a multiple of the judgement, and for nasty policies."""
    contenders = {OURS: explained(), _PLAN: planning()}
    in_turns(contenders, [text for _, text in mixed("warm up", 200)])
    rounds = [
        in_turns(contenders, [text for _, text in mixed(f"plan {number}", effort.plain // 2)])
        for number in range(effort.rounds)
    ]
    # An adversarial policy of each family, or of some, because a plan takes as long as dozens of judgements.
    hurtful = adversarial()[:: 2_000 // effort.random]
    policies = [*nasty("plan", effort.random // 10), *long("plan", effort.random // 20), *hurtful]
    forget(_PACKAGE)
    found = one_by_one({_PLAN: planning()}, [anew(text, "plan") for _, text in policies])[_PLAN]
    times = [seconds * 1e3 for seconds in found]
    figures = (
        Figure("plan / judge with grants read, mixed", ratio(rounds, _PLAN, OURS), "x", 15.0, steady=True),
        Figure("plan, mixed, a policy", median(turn for one in rounds for turn in one[_PLAN]) / TURN * 1e6, "µs"),
        Figure("median of the nasty ones", median(times), "ms"),
        Figure("slowest of the nasty ones", max(times), "ms", 5_000.0),
    )
    about = f"{effort.plain // 2} policies a round, {effort.rounds} rounds; {len(policies)} nasty, long or adversarial"
    return Result("plan", about, figures)


def changed(effort: Effort) -> Result:
    """Measure what a change from one policy of the registry's mix to another opens. Both are new."""
    before, after = ([text for _, text in mixed(seed, effort.plain)] for seed in ("before", "after"))
    contenders = {OURS: explained(), _CHANGE: comparing(dict(zip(after, before, strict=True)))}
    in_turns({OURS: explained()}, [text for _, text in mixed("warm up", 200)])
    forget(_PACKAGE)
    times = [seconds * 1e3 for seconds in one_by_one({_CHANGE: contenders[_CHANGE]}, after)[_CHANGE]]
    rounds = []
    for _ in range(effort.rounds):
        forget(_PACKAGE)
        rounds.append(in_turns(contenders, after))
    figures = (
        Figure("a change / judge with grants read", ratio(rounds, _CHANGE, OURS), "x", 5.0, steady=True),
        Figure("median of the changes", median(times), "ms"),
        Figure("95 in 100 of the changes", percentile(times, 0.95), "ms", 3.0),
    )
    return Result("change", f"{effort.plain} changes from one policy to another, seen first", figures)


def climbed(effort: Effort) -> Result:
    """Measure the documents that searches for the most expensive ones have found and find, in processor time."""
    fixed = fixed_work()
    worst = {
        target: climb(target, "bench", effort.climb / len(TARGETS), known=read(KNOWN / f"{target}.json"))[0][0]
        for target in TARGETS
    }
    fixed = min(fixed, fixed_work())
    figures = (
        Figure("the most expensive documents / a fixed loop", max(worst.values()) / fixed, "x", 15.0, steady=True),
        *(Figure(f"the most expensive documents, {target}", ms, "ms", 250.0) for target, ms in worst.items()),
        Figure("the fixed loop", fixed, "ms"),
    )
    return Result("climb", f"at most 10,240 characters, climbed for {effort.climb:g} s, all caches empty", figures)


def work(_effort: Effort) -> Result:
    """Measure the work for a policy in instructions, which other processes cannot change.

    The policies are always the same, because the median of fewer is that of other policies.
    """
    plainly = [text for _, text in plain("work", FULL.plain)]
    nastily = [anew(text, "work") for _, text in nasty("nasty", FULL.random)]
    forget(_PACKAGE)
    seconds_for(explained(), [text for _, text in [*plain("warm up", 200), *nasty("warm up", 10)]])
    figures = (
        Figure("instructions, a plain policy", median(counted(ours(), plainly)), "", _PLAIN_WORK, exact=True),
        Figure(
            "instructions, a nasty one, grants read", median(counted(explained(), nastily)), "", _NASTY_WORK, exact=True
        ),
    )
    return Result("work", f"medians of {FULL.plain} and {FULL.random} policies, seen first", figures)


_PLAIN_WORK, _NASTY_WORK = 1_250, 38_500
"""A little more than the counts of Python 3.13."""

SCENARIOS: dict[str, Callable[[Effort], Result]] = {
    "plain": seen_first,
    "mixed": seen_first_mixed,
    "registry": registry,
    "nasty": hostile,
    "plan": planned,
    "change": changed,
    "climb": climbed,
    "work": work,
}
