"""What the judgement answers about each policy found, and what a run comes to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ..access.judge import Repository
from ..access.named import trust_in
from ..access.trust import Trust
from ..access.verdict import Severity, Verdict
from ..policy.problems import Invalid
from ..provenance import NOTHING_BEHIND, Provenance
from ..reading.files import STANDARD_INPUT, UnreadableError
from ..remedy.plan import Plan, plan
from .context import Context
from .files import text_of
from .found import FoundPolicy, Harvest, Kind, Skipped, Suppression, Unjudged, Unread
from .judging import judged
from .suppressions import about, in_comments
from .values.places import Place

Identity = tuple[object, ...]
"""What a finding is by, from run to run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One policy and its verdict; `repository` is what it was judged for.

    `suppressions` that hold today, by the number of a statement, None for all of it; `baseline`: what was known before;
    `trust`: the entries that it was judged by. `under_rcps`: the verdict under resource control policies, if any.
    """

    found: FoundPolicy
    repository: Repository
    verdict: Verdict
    suppressions: Mapping[int | None, Suppression] = field(default_factory=dict)
    baseline: frozenset[Identity] = frozenset()
    trust: Trust = field(default_factory=Trust.nobody)
    under_rcps: Verdict | None = None

    def plan(self) -> Plan:
        """Return what to write in place of the policy; computed when asked for, for few are asked."""
        return plan(self.found.policy, self.repository, self.trust, origin=self.found.origin)

    def suppression_of(self, statement: int | None) -> Suppression | None:
        """The suppression of what a statement does, by its own or by that of the whole policy."""
        return self.suppressions.get(statement) or self.suppressions.get(None)

    @property
    def at(self) -> Place:
        """The place of the worst offending statement, else of the policy."""
        grants, undecided = self.verdict.grants, self.verdict.undecided
        numbers = [grant.statement for grant in grants] + [one.statement for one in undecided]
        numbers += [statement_of(fault) for fault in self.verdict.invalid]
        return next((self.place_of(number) for number in numbers if number is not None), self.found.at)

    def place_of(self, statement: int | None) -> Place:
        """The place of a statement by its number, that of the policy where it is not known."""
        places = self.found.statements
        return places[statement] if statement is not None and statement < len(places) else self.found.at


_IN_STATEMENT = re.compile(r"\$\.Statement(?:\[([0-9]{1,6})\])?(?:\..*)?", re.DOTALL)


def statement_of(fault: Invalid) -> int | None:
    """Return the number of the statement that a fault is in, None for one of the whole policy."""
    found = _IN_STATEMENT.fullmatch(fault.at)
    return int(found[1] or 0) if found else None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found, in the order of the files; `fails_from`: the least severity that fails it."""

    findings: tuple[Finding, ...]
    errors: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    provenance: Provenance = NOTHING_BEHIND
    fails_from: Severity = Severity.LOW

    @property
    def unknown(self) -> tuple[Unjudged | Skipped, ...]:
        """What may let someone in and was not judged: `check --strict` fails on it."""
        return (*self.unjudged, *(one for one in self.skipped if one.absent))


_CONTROLLED = (Kind.REPOSITORY, Kind.CREATION_TEMPLATE)
"""What has the policy of a private repository."""

NO_ACCOUNT = "no owner account: give --account"


def report_of(harvest: Harvest, context: Context, baseline: frozenset[Identity] = frozenset()) -> Report:
    """Judge every policy of a harvest; one whose owner nobody names becomes an error."""
    findings: list[Finding] = []
    commented, faults = _in_comments(harvest.policies)
    suppressions = (*harvest.suppressions, *commented)
    errors = [*harvest.errors, *faults]
    for found in harvest.policies:
        account = found.account or context.account
        if account is None:
            errors.append(Unread(found.at.file, found.at.line, NO_ACCOUNT, found.resource))
            continue
        one = judged(found, account, replace(context, rcps=()))
        is_controlled = context.rcps and found.kind in _CONTROLLED
        under = judged(found, account, context).verdict if is_controlled else None
        spoken = about(found, suppressions)
        kept = {number: each for number, each in spoken.items() if each.holds(context.today)}
        verdict = replace(one.verdict, notes=(*one.verdict.notes, *_notes(spoken, one.verdict, context.today)))
        trust = trust_in(context.trust, found.names)
        findings.append(Finding(found, one.repository, verdict, kept, baseline, trust, under))
    return Report(
        tuple(findings),
        tuple(dict.fromkeys(errors)),
        tuple(dict.fromkeys(harvest.skipped)),
        tuple(dict.fromkeys(harvest.unjudged)),
    )


def _in_comments(policies: Iterable[FoundPolicy]) -> tuple[list[Suppression], list[Unread]]:
    """Return the suppressions in the comments of the files that policies are in, and what is wrong with others."""
    files = dict.fromkeys(place.file for found in policies for place in (found.at, *found.statements))
    read = [one for file in files if not file.endswith(".json") for one in in_comments(file, _text_of(file))]
    suppressions = [one for one in read if isinstance(one, Suppression)]
    return suppressions, [one for one in read if isinstance(one, Unread)]


def _text_of(file: str) -> str:
    try:
        return "" if file == STANDARD_INPUT else text_of(file)
    except UnreadableError:
        return ""


def _notes(spoken: Mapping[int | None, Suppression], verdict: Verdict, today: date | None) -> Iterator[str]:
    for number, one in spoken.items():
        what = "the policy" if number is None else f"statement {number}"
        if not one.holds(today):
            yield f"{what} was suppressed until {one.until}, so it is reported again: {one.reason}"
        elif _is_at_fault(number, verdict):
            yield f"{what} is {one}"
        else:
            yield f"{what} is suppressed until {one.until} and need not be: nothing is wrong with it"


def _is_at_fault(number: int | None, verdict: Verdict) -> bool:
    """Tell whether something may be wrong with a statement, or with any where `number` is None."""
    faults = {statement_of(fault) for fault in verdict.invalid}
    faults |= {grant.statement for grant in verdict.grants}
    faults |= {one.statement for one in verdict.undecided}
    return bool(faults) if number is None else not faults.isdisjoint({number, None})
