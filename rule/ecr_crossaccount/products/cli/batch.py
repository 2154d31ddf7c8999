"""The batch forms: one JSON object per line in, one JSON object per line out, in the same order and without delay.

The README has an example of each. Every line gets an answer, whatever it contains. A policy that cannot be judged is
NON_COMPLIANT, and a policy that cannot be planned stays unchanged; `invalid` has the reason. Its place is a path in the
line (`owner`, `trust[2].account`) or, if it begins with `$`, in the policy. An internal error in a line is also an
answer. After all lines are answered, the batch then ends with the exit status of a crash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, cast

from ...documents.document import REGION, partition_of
from ...documents.json import BadJsonError, RepeatedNames, lenient_value_of
from ...documents.problems import Invalid, quote
from ...errors import InternalError, RequiredError, TrustError
from ...judgement.admission import Origin
from ...judgement.beside import SCOPE_FROM, RegistryPolicy, Scope
from ...judgement.grants import NOBODY
from ...judgement.judge import Repository, judge
from ...judgement.values.members import Members
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Verdict
from ...memo import by_value
from ...questions.plan.outcome import Action, Plan
from ...questions.plan.plan import plan
from ...questions.plan.required import Required
from ...sources.reading.files import MEGABYTE
from .about import LONGEST_LINE
from .base.options import ACCOUNT, ORGANIZATION, PARTITION
from .base.program import reason

WHOLE = "line"
"""The place of a fault of the line as a whole."""

_REQUIRED = ("policy", "owner")
_STRINGS = ("owner", "partition", "region", "repository", "owner_organization", "origin")
FIELDS = frozenset({"id", "policy", "owner", "tags", "trust", "members", *_STRINGS})
"""The fields of a line that every batch form accepts."""
BESIDE = frozenset({"registry_policy", "registry_scope", "rcps"})
"""The additional fields of `judge`: documents that are evaluated beside the policy."""

OF_PLANS = frozenset({"strategy", "required", "cut_trusted"})
"""The additional fields of `plan`."""

_SHAPES = {
    "owner": (ACCOUNT, "an account number of 12 digits"),
    "owner_organization": (ORGANIZATION, "an organization id such as `o-a1b2c3d4e5`"),
    "region": (REGION, "a Region such as `eu-central-1`"),
    "partition": (PARTITION, "a partition such as `aws-cn`"),
    "registry_scope": (r"V1|V2", "`V1` or `V2`"),
    "origin": (r"proposed|deployed", "`proposed` or `deployed`"),
    "strategy": (r"narrow|remove|delete|require", "`narrow`, `remove`, `delete` or `require`"),
}
_NAMES_OF_REPOSITORY = {
    "owner": "account",
    "partition": "partition",
    "region": "region",
    "repository": "name",
    "owner_organization": "organization",
}

Line = dict[str, object]
Faults = tuple[Invalid, ...]


@by_value
class BatchQuestion:
    """The question in one line. `distrust` has the faults of its register; if there are any, no one is trusted."""

    identity: object
    line: Line
    repository: Repository
    trust: Trust
    origin: Origin
    distrust: Faults

    @property
    def policy(self) -> object:
        """The policy: a text, an object, or None."""
        return self.line["policy"]

    @property
    def registry(self) -> RegistryPolicy | None:
        """The registry policy, or None if the line does not mention one."""
        if "registry_policy" not in self.line:
            return None
        scope = Scope(self.line.get("registry_scope") or "unknown")
        return RegistryPolicy(self.line["registry_policy"], scope, way_out=SCOPE_FROM.format("`registry_scope`"))

    @property
    def rcps(self) -> tuple[object, ...]:
        """The resource control policies."""
        return tuple(cast("list[object]", self.line.get("rcps", [])))


@by_value
class Faulty:
    """A line without a question that can be answered."""

    identity: object
    faults: Faults


class Lines:
    """Reads lines that may have the given `fields`, and applies their trust as of one day."""

    def __init__(self, today: date, fields: frozenset[str] = FIELDS) -> None:
        self._today = today
        self._fields = fields
        # Cached, because most lines of a batch have the same trust.
        self._parse = lru_cache(maxsize=256)(self._parse_text)
        self._parse_members = lru_cache(maxsize=16)(self._members_in)

    def read(self, data: bytes) -> BatchQuestion | Faulty:
        """Return the question in a line, or why it cannot be answered."""
        if len(data.rstrip(b"\n")) > LONGEST_LINE:
            return Faulty(None, (Invalid(WHOLE, f"longer than {LONGEST_LINE // MEGABYTE} MB"),))
        try:
            line = lenient_value_of(data.decode("utf-8-sig").rstrip("\r\n"))
        except UnicodeDecodeError as error:
            return Faulty(None, (Invalid(WHOLE, f"not text in UTF-8 at byte {error.start}"),))
        except BadJsonError as error:
            return Faulty(None, (Invalid(WHOLE, str(error)),))
        if not isinstance(line, dict):
            return Faulty(None, (Invalid(WHOLE, "expected a JSON object with `policy` and `owner`"),))
        identity, faults = _identity(line)
        faults += tuple(_faults_of(line, self._fields))
        trust, distrust = self._trust_of(line.get("trust", []), line.get("members"))
        if faults:
            return Faulty(identity, (*faults, *distrust))
        return BatchQuestion(identity, line, _repository(line), trust, Origin(line.get("origin", "proposed")), distrust)

    def _trust_of(self, entries: object, members: object) -> tuple[Trust, Faults]:
        """Return the trust of `entries` and no faults.

        If they are invalid, return a trust without entries and the faults.

        If `members` are invalid, no account is covered as a member of an organization.
        """
        faults = tuple(_find_repeats("trust", entries))
        if faults:
            return Trust.nobody(), faults
        try:
            trust, distrust = self._parse(json.dumps(entries))
            if members is None:
                return trust, distrust
            known, faults = self._parse_members(json.dumps(members))
            return self._with_members(trust, known), (*distrust, *_find_repeats("members", members), *faults)
        except RecursionError:
            return Trust.nobody(), (Invalid("trust", "nested too deeply"),)

    @lru_cache(maxsize=256)  # noqa: B019 - lives as long as a batch
    def _with_members(self, trust: Trust, members: Members | None) -> Trust:
        """Return the trust with members. Equal arguments give the same object, because verdicts are cached by it."""
        return replace(trust, members=members)

    def _members_in(self, text: str) -> tuple[Members | None, Faults]:
        try:
            members = Members.parse(json.loads(text))
        except TrustError as error:
            return None, tuple(Invalid(f"members.{at}", reason) for at, reason in error.problems)
        problem = members.problem(datetime.combine(self._today, time.max, UTC))
        return (members, ()) if problem is None else (None, (Invalid("members.listed", problem),))

    def _parse_text(self, text: str) -> tuple[Trust, Faults]:
        try:
            return Trust.parse({"version": 1, "trust": json.loads(text)}, today=self._today), ()
        except TrustError as error:
            return Trust.nobody(), tuple(Invalid(at, reason) for at, reason in error.problems)


def _repository(line: Line) -> Repository:
    facts = {ours: line[theirs] for theirs, ours in _NAMES_OF_REPOSITORY.items() if line.get(theirs) is not None}
    facts.setdefault("partition", partition_of(line.get("region")))
    if "tags" in line:
        facts |= {"tags": line["tags"], "tags_known": True}
    return Repository(**facts)  # type: ignore[arg-type] # _faults_of has checked every type


def _faults_of_place(region: object, partition: object) -> Iterator[Invalid]:
    """Yield a fault if a line has a Region and the partition of another one, because its question is then ambiguous."""
    said = isinstance(region, str) and isinstance(partition, str) and re.fullmatch(REGION, region)
    if said and partition != partition_of(str(region)):
        yield Invalid("partition", f"{quote(partition)} is not the partition of {quote(region)}")


def _identity(line: Line) -> tuple[object, Faults]:
    """Return the line's id, which its answer repeats. An id that JSON cannot express is a fault."""
    identity = line.get("id")
    try:
        json.dumps(identity, allow_nan=False)
    except ValueError:
        return None, (Invalid("id", "has a number that JSON does not allow"),)
    except RecursionError:
        return None, (Invalid("id", "nested too deeply"),)
    return identity, ()


def _faults_of(line: Line, fields: frozenset[str]) -> Iterator[Invalid]:
    """Yield the faults of a line outside its policy and its trust."""
    yield from _find_repeats("", line)
    for name in line:
        if name not in fields:
            yield Invalid(name, f"is unknown: expected one of {', '.join(sorted(fields))}")
    for name in _REQUIRED:
        if name not in line:
            yield Invalid(name, "is missing" + (": null means no policy" if name == "policy" else ""))
    for name in (*_STRINGS, "strategy", "registry_scope"):
        yield from _faults_of_string(line, name)
    yield from _faults_of_place(line.get("region"), line.get("partition"))
    if line.get("registry_scope") is not None and "registry_policy" not in line:
        yield Invalid("registry_scope", "needs `registry_policy`: null means that there is none")
    if not isinstance(line.get("rcps", []), list):
        yield Invalid("rcps", "expected a list of policies")
    yield from _faults_of_required(line)
    yield from _faults_of_tags(line.get("tags", {}))


def _faults_of_required(line: Line) -> Iterator[Invalid]:
    if not isinstance(line.get("cut_trusted", False), bool):
        yield Invalid("cut_trusted", "expected true or false")
    if line.get("strategy") != "require":
        yield from (
            Invalid(name, "goes with the strategy `require`") for name in ("required", "cut_trusted") if name in line
        )
    elif line.get("required") is None:
        yield Invalid("required", "is missing: the strategy `require` puts it in")
    else:
        try:
            Required.parse(line["required"])
        except RequiredError as error:
            yield from (Invalid(at, reason) for at, reason in error.problems)


def _faults_of_string(line: Line, name: str) -> Iterator[Invalid]:
    value = line.get(name)
    if value is None and name in ("region", "owner_organization", "registry_scope"):
        return
    shape, wanted = _SHAPES.get(name, (None, "a string"))
    if name in line and not (isinstance(value, str) and (shape is None or re.fullmatch(shape, value))):
        yield Invalid(name, f"{quote(value)} is not valid: expected {wanted}")


def _faults_of_tags(tags: object) -> Iterator[Invalid]:
    if not isinstance(tags, dict):
        yield Invalid("tags", "expected an object of strings")
        return
    yield from _find_repeats("tags", tags)
    for name, value in tags.items():
        if not isinstance(value, str):
            yield Invalid(f"tags.{name}", "expected a string")


def _find_repeats(at: str, value: object) -> Iterator[Invalid]:
    """Yield a fault for each name that appears twice in `value`, or in an object of the list that `value` is."""
    if isinstance(value, RepeatedNames):
        for name in value.names:
            yield Invalid(f"{at}.{name}" if at else name, "appears twice")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, RepeatedNames):
                yield from _find_repeats(f"{at}[{index}]", item)


class UnansweredError(InternalError):
    """Some lines of a batch met an internal error. All other lines are answered."""

    def __init__(self, first: int, why: Exception, lines: int) -> None:
        more = f" (and {lines - 1} more)" if lines > 1 else ""
        super().__init__(f"line {first} was not judged: {reason(why)}{more}")


def answers(lines: Iterable[bytes], today: date) -> Iterator[str]:
    """Yield the answer of `judge` to each line, without a line break, as soon as the line is read.

    Raises UnansweredError after the last line, if any line met an internal error.
    """
    return _answer_lines(lines, Lines(today, FIELDS | BESIDE), _verdict)


def plans(lines: Iterable[bytes], today: date) -> Iterator[str]:
    """Yield the answer of `plan` to each line. Same order, timing and errors as `answers`."""
    return _answer_lines(lines, Lines(today, FIELDS | OF_PLANS), _plan)


def _answer_lines(
    lines: Iterable[bytes], reader: Lines, answer: Callable[[BatchQuestion | Faulty], Line]
) -> Iterator[str]:
    crashed: list[int] = []
    first: Exception | None = None
    for number, line in enumerate(lines, start=1):
        asked: BatchQuestion | Faulty = Faulty(None, ())
        try:
            asked = reader.read(line)
            text = json.dumps({"id": asked.identity, **answer(asked)})
        except Exception as error:  # noqa: BLE001 - the other lines are answered before it is reported
            crashed.append(number)
            first = first or error
            fault = Invalid(WHOLE, f"not judged, for an internal error: {reason(error)}")
            text = json.dumps({"id": asked.identity, **answer(Faulty(asked.identity, (fault,)))})
        yield text
    if first is not None:
        raise UnansweredError(crashed[0], first, len(crashed)) from first


def _verdict(asked: BatchQuestion | Faulty) -> Line:
    if isinstance(asked, Faulty):
        return replace(NOBODY, invalid=asked.faults).to_json()
    told = _told_by(asked).to_json()
    return {**told, "under_rcp": _told_by(asked, rcps=asked.rcps).to_json()} if asked.rcps else told


_BLANK = "`policy` is blank and not null: judged as a repository without a policy. Check that it was read"


def _is_blank(policy: object) -> bool:
    """Return whether a policy is an empty text or an empty object, which may mean that its reader failed."""
    return policy is not None and (not policy or (isinstance(policy, str) and not policy.strip()))


def _told_by(asked: BatchQuestion, **beside: Any) -> Verdict:  # noqa: ANN401 - other arguments of `judge`
    if asked.registry is not None:
        beside["registry"] = asked.registry
    verdict = judge(asked.policy, asked.repository, asked.trust, asked.origin, **beside)
    if _is_blank(asked.policy):
        verdict = replace(verdict, notes=(*verdict.notes, _BLANK))
    return replace(verdict, invalid=(*asked.distrust, *verdict.invalid)) if asked.distrust else verdict


def _plan(asked: BatchQuestion | Faulty) -> Line:
    faults: tuple[Invalid, ...] = asked.faults if isinstance(asked, Faulty) else asked.distrust
    if faults or isinstance(asked, Faulty):
        first = faults[0]
        why = first.reason if first.at == WHOLE else f"{first.at}: {first.reason}"
        # With an invalid register, the trusted principals are unknown, so a plan must not remove anyone's access.
        return Plan(Action.NONE, None, (), faults, f"nothing was planned: {why}").to_json()
    line = asked.line
    strategy, cut_trusted = str(line.get("strategy", "narrow")), bool(line.get("cut_trusted", False))
    required = None if line.get("required") is None else Required.parse(line["required"])
    found = plan(
        asked.policy, asked.repository, asked.trust, strategy, asked.origin, required=required, cut_trusted=cut_trusted
    )
    return found.to_json()
