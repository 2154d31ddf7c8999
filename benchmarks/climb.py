"""Climbs to the documents that take longest: `python -m benchmarks.climb --seed 7 --minutes 10 --target judge`.

It changes documents at random, and keeps the changes that cost more processor time. The documents of a case are the
policy of a repository, the policy of its registry, resource control policies, a trust register and tags. The documents
with statements have 10,240 characters in all. Every judgement starts with empty caches.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from ecr_crossaccount import Origin, Repository, Trust, judge, plan
from ecr_crossaccount.documents.conditions import Base
from ecr_crossaccount.documents.pattern import Hole, Holed
from ecr_crossaccount.judgement.beside import RegistryPolicy, Scope
from ecr_crossaccount.judgement.context.table import KEYS
from ecr_crossaccount.judgement.kinds.registry import judge_registry
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.questions.change.states import Form, State

from .contenders import TODAY
from .corpus import LIMIT, ORGANIZATION, OWNER, REGIONS, REGISTER, adversarial, long, nasty, source
from .corpus.words import ACTIONS, SERVICES, account, name, organization, organization_path
from .measure import caches_of, undisturbed

KNOWN = Path(__file__).with_name("climbed")
"""The most expensive cases that earlier climbs have found, a file for each target."""
_HOLE = "\N{WHITE SQUARE}"
"""Stands for a value of a template that is not known yet."""
_PARENTS = 30
_DOCUMENTS = ("policy", "registry", "rcps", "before")


@dataclass(slots=True)
class Case:
    """Everything that a verdict depends on. `before` is the policy of the repository before a change."""

    policy: list[Any]
    registry: list[Any] = field(default_factory=list)
    rcps: list[Any] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    trust: list[Any] = field(default_factory=lambda: list[Any](REGISTER["trust"]))  # type: ignore[arg-type]
    tags: dict[str, str] = field(default_factory=dict)
    region: str | None = REGIONS[0]
    scope: Scope = Scope.V2

    @property
    def length(self) -> int:
        """The characters of all documents with statements."""
        return sum(len(_text(found)) for one in _DOCUMENTS if (found := getattr(self, one)))

    @property
    def repository(self) -> Repository:
        """The repository of the policy."""
        return Repository(
            OWNER, "base/python", self.region, organization=ORGANIZATION, tags=self.tags, tags_known=bool(self.tags)
        )

    @property
    def beside(self) -> dict[str, Any]:
        """The other documents, as arguments of `judge`."""
        registry = RegistryPolicy(_document(self.registry), self.scope) if self.registry else None
        return {"registry": registry, "rcps": (_document(self.rcps),) if self.rcps else ()}

    def state(self, statements: list[Any], trust: Trust) -> State:
        """Return the repository with a policy, as a side of a change."""
        form = Form(_document(statements), registry=self.beside["registry"])
        return State(
            ResourceKind.REPOSITORY, self.repository, trust, (form,), ("base/python",), rcps=self.beside["rcps"]
        )

    def as_json(self) -> dict[str, Any]:
        """Return the case as JSON, to be looked into."""
        return {one: getattr(self, one) for one in (*_DOCUMENTS, "trust", "tags", "region")} | {
            "scope": self.scope.value
        }

    @classmethod
    def of_json(cls, written: Mapping[str, Any]) -> Case:
        """Return the case that `as_json` has written."""
        others = {one: written[one] for one in (*_DOCUMENTS, "trust", "tags", "region")}
        return cls(**others, scope=Scope(written["scope"]))


def _text(statements: list[Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"), ensure_ascii=False)


def _document(statements: list[Any]) -> object:
    text = _text(statements)
    return _filled(json.loads(text)) if _HOLE in text else text


def _filled(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _filled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    if not isinstance(value, str) or _HOLE not in value:
        return value
    parts: list[str | Hole] = []
    for place, part in enumerate(value.split(_HOLE)):
        parts += ([Hole(f"Value{place % 3}")] if place else []) + ([part] if part else [])
    return Holed(tuple(parts))


# --- what is measured ---


def _judge(case: Case, trust: Trust) -> object:
    return judge(_document(case.policy), case.repository, trust, Origin.DEPLOYED, **case.beside)


def _grants(case: Case, trust: Trust) -> object:
    return judge(_document(case.policy), case.repository, trust, Origin.DEPLOYED, **case.beside).grants


def _plan(case: Case, trust: Trust) -> object:
    return plan(_document(case.policy), case.repository, trust, "narrow", Origin.DEPLOYED)


def _opened(case: Case, trust: Trust) -> object:
    return opened_access(case.state(case.before, trust), case.state(case.policy, trust))


def _registry(case: Case, trust: Trust) -> object:
    return judge_registry(_document(case.registry), case.repository, trust, Origin.DEPLOYED)


def _registry_opened(case: Case, trust: Trust) -> object:
    """Compare the registry's policy with the same one without its first statement."""
    home = replace(case.repository, name="*")
    before, after = (
        State(ResourceKind.REGISTRY, home, trust, (Form(_document(one)),), ("*",))
        for one in (case.registry[1:], case.registry)
    )
    return opened_access(before, after)


TARGETS: dict[str, tuple[Callable[[Case, Trust], object], tuple[str, ...]]] = {
    "judge": (_judge, ("policy", "registry", "rcps")),
    "grants": (_grants, ("policy", "registry", "rcps")),
    "registry": (_registry, ("registry",)),
    "plan": (_plan, ("policy",)),
    "opened": (_opened, _DOCUMENTS),
    "registry-opened": (_registry_opened, ("registry",)),
}
"""What is called, and the documents that it reads."""


class Meter:
    """Measures the processor time of a target. Whatever the package remembers is forgotten before."""

    def __init__(self, target: str) -> None:
        self._call, self.documents = TARGETS[target]
        self._forget = caches_of("ecr_crossaccount")

    def milliseconds(self, case: Case, times: int = 1) -> float:
        """Return the processor time of a case, the least of some measurements."""
        return min(self._once(case) for _ in range(times))

    def _once(self, case: Case) -> float:
        trust = Trust.parse({"version": 1, "trust": case.trust}, today=TODAY)
        for forget in self._forget:
            forget()
        start = process_time()
        self._call(case, trust)
        return (process_time() - start) * 1e3


# --- changes ---

_OPERATORS = (
    *(base.value for base in Base),
    *(
        base.value.replace("Equals", "NotEquals").replace("Like", "NotLike").replace("Ip", "NotIp")
        for base in Base
        if base.value.endswith(("Equals", "Like", "Address")) and "Than" not in base.value
    ),
)
_NAMES = tuple(one.name if one.name[-1] != "/" else f"{one.name}t0" for one in KEYS if not one.name.startswith(":"))
_VARIABLES = ("aws:PrincipalTag/t1", "aws:username", "aws:PrincipalAccount", "aws:userid", "aws:PrincipalOrgID")
_LENGTHS = (1, 1, 1, 2, 5, 20, 60)


def _value(rng: random.Random) -> str:
    made: Callable[[random.Random], str] = rng.choice(_VALUES)
    return made(rng)


_VALUES: tuple[Callable[[random.Random], str], ...] = (
    account,
    name,
    organization,
    lambda rng: organization_path(rng)[: rng.randint(12, 40)] + "*",
    lambda rng: f"arn:aws:iam::{account(rng)}:role/{name(rng)}",
    lambda rng: f"arn:aws:lambda:*:{account(rng)}:function:{name(rng)[:4]}*",
    lambda rng: f"arn:aws:ecr:*:*:repository/{rng.choice('ab*')}*{rng.choice('abc')}{'?' * rng.randint(0, 20)}",
    lambda rng: f"{rng.choice(SERVICES)}.amazonaws.com",
    lambda rng: f"{rng.randrange(1, 224)}.{rng.randrange(256)}.{rng.randrange(256)}.0/{rng.randint(8, 32)}",
    lambda rng: f"2600:{rng.randrange(65536):x}::/{rng.randint(16, 64)}",
    lambda rng: f"{rng.randint(2000, 2060)}-0{rng.randint(1, 9)}-{rng.randint(10, 28)}T00:00:00Z",
    lambda rng: str(rng.randrange(10 ** rng.randint(1, 10))),
    lambda rng: rng.choice(("true", "false")),
    lambda rng: f"*{rng.choice('abc')}{'?' * rng.randint(0, 30)}",
    lambda rng: f"*{rng.choice('abcdef')}*{rng.choice('abcdef')}*",
    lambda rng: f"{rng.choice('abc*')}${{{rng.choice(_VARIABLES)}}}{rng.choice(('', '*', 'x'))}",
    lambda rng: rng.choice(("*", "?", "", "a", _HOLE, f"a{_HOLE}*", f"arn:aws:iam::{_HOLE}:root")),
    lambda rng: "".join(rng.choices("ab*?", k=rng.choice((4, 12, 40, 200)))),
)


def _key(rng: random.Random) -> str:
    found = rng.choice(_NAMES)
    return found[:-1] + str(rng.randint(0, 30)) if found.endswith("/t0") else found


def _operator(rng: random.Random) -> str:
    prefix = rng.choice(("", "", "", "", "ForAnyValue:", "ForAllValues:"))
    return prefix + rng.choice(_OPERATORS) + rng.choice(("", "", "", "IfExists"))


def _tests(statement: dict[str, Any]) -> list[tuple[str, str]]:
    return [(operator, key) for operator, keys in statement.get("Condition", {}).items() for key in keys]


def _add_test(rng: random.Random, one: dict[str, Any]) -> None:
    values = [_value(rng) for _ in range(rng.choice(_LENGTHS))]
    if rng.random() < 0.6:
        made = rng.choice(_VALUES)
        values = [made(rng) for _ in values]
    one.setdefault("Condition", {}).setdefault(_operator(rng), {})[_key(rng)] = values


def _drop_test(rng: random.Random, one: dict[str, Any]) -> None:
    for operator, key in rng.sample(_tests(one), min(1, len(_tests(one)))):
        del one["Condition"][operator][key]


def _move_test(rng: random.Random, one: dict[str, Any]) -> None:
    """Give a test another operator or key."""
    for operator, key in rng.sample(_tests(one), min(1, len(_tests(one)))):
        values = one["Condition"][operator].pop(key)
        wanted = (_operator(rng), key) if rng.random() < 0.5 else (operator, _key(rng))
        one["Condition"].setdefault(wanted[0], {})[wanted[1]] = values


def _change_values(rng: random.Random, one: dict[str, Any]) -> None:
    for operator, key in rng.sample(_tests(one), min(1, len(_tests(one)))):
        held = one["Condition"][operator][key]
        values = list(held) if isinstance(held, list) else [held]
        for _ in range(rng.choice(_LENGTHS)):
            place = rng.randrange(len(values) + 1)
            if rng.random() < 0.3 and values:
                del values[place % len(values)]
            else:
                values.insert(place, _varied(rng, values) if rng.random() < 0.7 and values else _value(rng))
        one["Condition"][operator][key] = values


def _varied(rng: random.Random, values: Sequence[Any]) -> str:
    """Return a value with a part replaced."""
    text = str(rng.choice(values))
    start = rng.randint(0, len(text))
    end = min(len(text), start + rng.choice((0, 1, 1, 3)))
    return text[:start] + rng.choice(("*", "?", "a", "b", "1", "7", "", "?" * 8)) + text[end:]


def _change_principal(rng: random.Random, one: dict[str, Any]) -> None:
    one.pop("Principal", None), one.pop("NotPrincipal", None)
    numbers = [account(rng) for _ in range(rng.choice((1, 3, 40, 200)))]
    arns = [f"arn:aws:iam::{number}:{rng.choice(('root', 'role/a', 'user/b'))}" for number in numbers]
    services = [f"{service}.amazonaws.com" for service in rng.sample(SERVICES, rng.randint(1, 8))]
    found = rng.choice(("*", "*", {"AWS": "*"}, {"AWS": numbers}, {"AWS": arns}, {"Service": services}))
    one["NotPrincipal" if found != "*" and rng.random() < 0.3 else "Principal"] = found


def _change_actions(rng: random.Random, one: dict[str, Any]) -> None:
    one.pop("Action", None), one.pop("NotAction", None)
    globs = [f"ecr:*{letter}*" for letter in rng.sample("abcdegilmnoprstuy", rng.randint(1, 8))]
    found = rng.choice(("*", "ecr:*", globs, rng.sample(ACTIONS, rng.randint(1, 12))))
    one[rng.choice(("Action", "Action", "NotAction"))] = found


def _change_effect(rng: random.Random, one: dict[str, Any]) -> None:
    one["Effect"] = rng.choice(("Allow", "Deny"))


_CHANGES = (
    _add_test,
    _add_test,
    _drop_test,
    _move_test,
    _change_values,
    _change_values,
    _change_values,
    _change_principal,
    _change_actions,
    _change_effect,
)


def _resource(rng: random.Random) -> dict[str, Any]:
    made = (_VALUES[6], lambda rng: f"arn:aws:ecr:*:*:repository/{''.join(rng.choices('ab*?', k=30))}", lambda _: "*")
    chosen = rng.choice(made)
    return {rng.choice(("Resource", "Resource", "NotResource")): [chosen(rng) for _ in range(rng.choice(_LENGTHS))]}


def _placed(rng: random.Random, document: str, one: dict[str, Any]) -> dict[str, Any]:
    """Return a statement with the elements that its document needs."""
    bare = {key: value for key, value in one.items() if key not in {"Resource", "NotResource"}}
    if document == "rcps":
        bare = {key: value for key, value in bare.items() if key not in {"NotPrincipal", "NotAction"}}
        return bare | {"Effect": "Deny", "Principal": "*", "Action": "ecr:*"} | _resource(rng)
    return bare | _resource(rng) if document == "registry" else bare


def changed(rng: random.Random, case: Case, others: Sequence[Case], documents: Sequence[str]) -> Case:
    """Return a case with some random changes. The case itself if the documents would become too long."""
    found = deepcopy(case)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if rng.random() < _OF_CIRCUMSTANCES:
            rng.choice(_CIRCUMSTANCES)(rng, found)
            continue
        document = rng.choice((documents[0], documents[0], *documents))
        statements: list[Any] = getattr(found, document)
        donor = rng.choice(others)
        given = getattr(donor, rng.choice(documents)) or getattr(donor, documents[0])
        change = rng.choice(_OF_STATEMENTS) if statements else _insert
        change(rng, statements, [_placed(rng, document, deepcopy(one)) for one in given[:10]])
    while found.length > LIMIT:
        longest: list[Any] = max((getattr(found, one) for one in documents), key=lambda one: len(_text(one)))
        if len(longest) == 1:
            return case
        del longest[rng.randrange(len(longest))]
    return found


def _change_region(rng: random.Random, case: Case) -> None:
    case.region = rng.choice((None, REGIONS[0]))


def _change_scope(rng: random.Random, case: Case) -> None:
    case.scope = rng.choice(tuple(Scope))


def _change_tags(rng: random.Random, case: Case) -> None:
    case.tags = {f"t{n}": _value(rng) for n in range(rng.choice((0, 1, 8)))}


def _change_trust(rng: random.Random, case: Case) -> None:
    case.trust = _trust(rng)


_OF_CIRCUMSTANCES = 0.1
_CIRCUMSTANCES = (_change_region, _change_scope, _change_tags, _change_trust)


def _remove(rng: random.Random, statements: list[Any], _given: list[Any]) -> None:
    del statements[rng.randrange(len(statements))]


def _insert(rng: random.Random, statements: list[Any], given: list[Any]) -> None:
    place = rng.randint(0, len(statements))
    statements[place:place] = rng.sample(given, min(rng.choice((1, 1, 3, 10)), len(given)))


def _multiply(rng: random.Random, statements: list[Any], _given: list[Any]) -> None:
    """Insert a statement several times, each time with other values."""
    chosen = rng.choice(statements)
    for _ in range(rng.choice((1, 2, 8, 30))):
        one = deepcopy(chosen)
        _change_values(rng, one)
        statements.insert(rng.randint(0, len(statements)), one)


def _change_one(rng: random.Random, statements: list[Any], _given: list[Any]) -> None:
    rng.choice(_CHANGES)(rng, rng.choice(statements))


_OF_STATEMENTS = (_remove, _insert, _insert, _multiply, _change_one, _change_one, _change_one, _change_one)


def _trust(rng: random.Random) -> list[Any]:
    kinds: tuple[Callable[[random.Random], dict[str, Any]], ...] = (
        lambda rng: {"account": account(rng), "access": rng.choice(("READ", "WRITE", "ADMIN"))},
        lambda rng: {"organization": organization(rng)},
        lambda rng: {"organization_path": organization_path(rng) + "*"},
        lambda rng: {"service": f"{rng.choice(SERVICES)}.amazonaws.com"},
        lambda rng: {"vpc": f"vpc-{rng.randrange(16**8):08x}"},
    )
    entries = [{**rng.choice(kinds)(rng), "reason": "r"} for _ in range(rng.choice((0, 3, 20, 60)))]
    return [*{json.dumps({k: v for k, v in one.items() if k != "access"}): one for one in entries}.values()]


# --- the climb ---

Measured = tuple[float, Case]
"""The milliseconds that a case took, and the case."""


def climb(
    target: str,
    seed: str,
    seconds: float,
    report: Callable[[list[Measured]], object] = lambda _: None,
    known: Sequence[Case] = (),
) -> list[Measured]:
    """Return the most expensive cases found in some seconds of processor time, the worst first.

    `report` is called at each new worst one, with the cases so far. `known`: cases to start with, besides random ones.
    In no time, only these are measured.
    """
    rng, meter = source(f"{target} {seed}"), Meter(target)
    first = list(known)
    if seconds:
        texts = [text for _, text in [*adversarial(), *long(f"climb {seed}", 20), *nasty(f"climb {seed}", 20)]]
        first += [_started(rng, text, meter.documents[0]) for text in rng.sample(texts, 20 if known else 60)]
    for one in first[:3]:
        meter.milliseconds(one)  # warms up
    with undisturbed():
        best = _worst([(meter.milliseconds(one), one) for one in first])
        report(best)
        end = process_time() + seconds
        while process_time() < end:
            parent = min(rng.choices(range(len(best)), k=2))
            child = changed(rng, best[parent][1], [one for _, one in best] + first, meter.documents)
            taken = meter.milliseconds(child)
            if taken > best[-1][0]:
                taken = min(taken, meter.milliseconds(child))
            best = _worst([*best, (taken, child)])
            if best[0][1] is child:
                report(best)
    return best


def _worst(found: list[Measured]) -> list[Measured]:
    return sorted(found, key=lambda one: -one[0])[:_PARENTS]


def _started(rng: random.Random, text: str, document: str) -> Case:
    """Return a case with the statements of a policy in a document."""
    statements = [_placed(rng, document, one) for one in json.loads(text)["Statement"]]
    case = Case([])
    setattr(case, document, statements)
    return case if case.length <= LIMIT else Case([])


def main() -> int:
    """Print and write each new worst case. With --most, return 1 if the worst one takes longer."""
    options = _options()
    known = read(options.start) if options.start else []
    found = climb(options.target, options.seed, options.minutes * 60, partial(_report, options.write), known)
    worst = max(min(taken, Meter(options.target).milliseconds(one, _AGAIN)) for taken, one in found[:_FIRST])
    sys.stdout.write(f"{worst:8.1f} ms  the worst of these, measured {_AGAIN} times more\n")
    return 1 if options.most and worst > options.most else 0


_FIRST, _AGAIN = 5, 5
"""The first cases are measured again, because other work on the machine adds time to some measurements."""


def _report(file: Path | None, found: list[Measured]) -> None:
    taken, case = found[0]
    sys.stdout.write(f"{taken:8.1f} ms  {case.length:6} characters, {len(case.policy)} statements\n")
    sys.stdout.flush()
    if file:
        cases = [{"ms": round(taken, 1), **one.as_json()} for taken, one in found]
        file.write_text(json.dumps(cases, ensure_ascii=False), encoding="utf-8")


def read(file: Path) -> list[Case]:
    """Read cases that a climb has written."""
    return [Case.of_json(one) for one in json.loads(file.read_text(encoding="utf-8"))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.climb", description=__doc__)
    parser.add_argument("--target", choices=TARGETS, default="judge", help="what is measured")
    parser.add_argument("--seed", default="1", help="another seed climbs another way")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to climb, in processor time")
    parser.add_argument("--most", type=float, metavar="MS", help="exit with 1 if a case takes longer")
    parser.add_argument("--start", type=Path, metavar="FILE", help="start with the cases that a climb wrote there too")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the most expensive cases there, as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
