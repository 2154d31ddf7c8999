"""The verdict on each policy that was found, in every form that it may have, and the report of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from datetime import date

from ...documents.document import Document
from ...documents.problems import Invalid, first_of
from ...judgement.judge import Repository
from ...judgement.kinds.table import GOVERNED
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.verdict import Compliance, Grant, Severity, Undecided, Verdict
from ...memo import by_value
from ...questions.change.owners import Owners
from ...questions.change.states import State
from ...questions.change.together import verdict_of_forms
from ...questions.plan.outcome import Plan
from ..files.bare import is_of_another_service
from ..files.files import file_text
from ..files.values.nodes import Place, node_of
from ..found.context import Context
from ..found.found import FoundPolicy, Harvest, Skipped, Suppression, Unjudged, Unread
from ..found.remarks import Remark, far_away, in_comments, suppressions_of
from ..found.states import STRIDE, Candidate, Registries, place_of, places_of, state_of
from ..reading.files import STANDARD_INPUT, UnreadableError
from .provenance import NOTHING_BEHIND, Provenance

_RESTS = "assumes the default of "
_RESTS_ON_DEFAULT = _RESTS + "{}; confirm with {}"
"""The note for a result that another value of an input could change."""
ASSUMED = "it rests on "
"""How a note of a reader begins, if a run or a deployment may replace a value that was read."""
_MOST_NAMED = 4


def judge_policy(found: FoundPolicy, context: Context, candidates: tuple[Candidate, ...] = ()) -> Finding:
    """Judge a policy in each of its forms, and add a note for each default that the result depends on.

    `candidates`: the registry policies that may apply to it.
    """
    one = _judge_forms(found, context, candidates)

    def differs(defaults: AbstractSet[str]) -> bool:
        others = tuple(known.drop_defaults(defaults) for known in candidates)
        without = found.drop_defaults(defaults)
        if state_of(without, context, others).is_judged_like(one.state):
            return False
        return _outcome(_judge_forms(without, context, others)) != _outcome(one)

    notes = notes_on_defaults([found, *(known.found for known in candidates)], differs)
    return replace(one, verdict=replace(one.verdict, notes=(*one.verdict.notes, *notes)))


def notes_on_defaults(policies: Iterable[FoundPolicy], differs: Callable[[AbstractSet[str]], bool]) -> list[str]:
    """Return a note for each default that a result depends on, or one for several that matter only together.

    `policies`: those that decide the result. `differs`: whether it is another one without some defaults.
    """
    known = list(dict.fromkeys(names for policy in policies for names in policy.undefaulted))
    alone, some = ([names for names in known if (len(names) == 1) is single] for single in (True, False))
    every = {frozenset().union(*known)}.difference(known, [frozenset()])
    for defaults in (alone, some, every):
        found = [_note_on_defaults(sorted(names)) for names in defaults if differs(names)]
        if found:
            return found
    return []


def _note_on_defaults(names: list[str]) -> str:
    given = [f"--parameter {found[1]}=…" for found in map(_INPUT.fullmatch, names[:_MOST_NAMED]) if found]
    return _RESTS_ON_DEFAULT.format(first_of(names, _MOST_NAMED), " ".join(given) or "--parameter NAME=…")


_INPUT = re.compile(r"[^`]*`([\w.:/-]+)`")
"""An input in words, with the name that --parameter gives it."""


def rests_on_default(verdict: Verdict) -> bool:
    """Return whether a verdict is COMPLIANT, and another value of an input could change that."""
    is_compliant = verdict.compliance is Compliance.COMPLIANT
    return is_compliant and any(note.startswith((_RESTS, ASSUMED)) for note in verdict.notes)


def _outcome(one: Finding) -> tuple[object, ...]:
    """Return the result of a verdict without its wording."""
    verdict = one.verdict
    who = frozenset((grant.grantee, grant.kind, grant.public, grant.actions) for grant in verdict.grants)
    return who, bool(verdict.undecided), bool(verdict.invalid)


def _judge_forms(found: FoundPolicy, context: Context, candidates: tuple[Candidate, ...]) -> Finding:
    state = state_of(found, context, candidates)
    verdict = verdict_of_forms(state)
    return Finding(found, state, replace(verdict, notes=(*found.notes, *verdict.notes)))


@by_value
class Finding:
    """One policy, as the state that was judged, and its verdict.

    `suppressions`: those in effect today, by statement number; the key None is for the whole policy. `under_rcps`: the
    verdict under resource control policies, if any. `registries`: the registry policies that may apply to it.
    `of_registries`: the suppressions of their statements. `known`: the keys of the results that an earlier run had, or
    None if there was none. `approved`: for each fingerprint that was suppressed before a change, its
    suppression; None if all suppressions count.
    """

    found: FoundPolicy
    state: State
    verdict: Verdict
    suppressions: Mapping[int | None, Suppression] = field(default_factory=dict)
    under_rcps: Verdict | None = None
    registries: tuple[Candidate, ...] = ()
    of_registries: Mapping[int, Suppression] = field(default_factory=dict)
    known: frozenset[Hashable] | None = None
    approved: Mapping[str, Suppression] | None = None

    @property
    def repository(self) -> Repository:
        """The repository that it was judged for."""
        return self.state.repository

    def plan(self) -> Plan:
        """Return the plan for the policy. It is computed on demand because few plans are needed."""
        from ...questions.plan.plan import plan  # noqa: PLC0415 - the same reason

        return plan(self.found.policy, self.repository, self.state.trusted, origin=self.found.origin)

    def is_elsewhere(self, document: Document) -> bool:
        """Return whether a document is the policy of the registry and not the policy that was found."""
        return document is Document.REGISTRY and self.found.kind is not Kind.REGISTRY

    def suppression_of(self, statement: int | None, document: Document = Document.REPOSITORY) -> Suppression | None:
        """Return the suppression for a statement: its own, or that of the whole policy or resource."""
        whole = self.suppressions.get(None)
        if not self.is_elsewhere(document):
            return self.suppressions.get(statement) or whole
        if statement is None:
            return whole
        return self.of_registries.get(statement) or self.of_registries.get(_whole(statement)) or whole

    @property
    def at(self) -> Place:
        """The place of the worst offending statement, or of the policy if there is none."""
        numbers = (number for number in self.at_fault if number is not None)
        return next(map(self.place_of, numbers), self.found.at)

    @property
    def at_fault(self) -> Iterator[int | None]:
        """The numbers of the statements of the policy itself that something is, or may be, wrong with."""
        parts: tuple[Grant | Undecided, ...] = (*self.verdict.grants, *self.verdict.undecided)
        about = [(one.document, one.statement) for one in parts]
        about += [(document_of(fault), statement_of(fault)) for fault in self.verdict.invalid]
        return (number for document, number in about if not self.is_elsewhere(document))

    def place_of(self, statement: int | None) -> Place:
        """Return the place of a statement by its number, or the place of the policy if that is unknown."""
        return place_of(self.found, statement)

    def stated_in(self, statement: int | None, document: Document) -> Stated | None:
        """Return where a statement of a registry policy is, or None if it is in the policy itself."""
        if not self.is_elsewhere(document) or not self.registries:
            return None
        number, own = (0, None) if statement is None else divmod(statement, STRIDE)
        if statement is None and len(self.registries) > 1:
            return None  # the reason says which of them is meant
        registry = self.registries[number]
        return Stated(registry, own, place_of(registry.found, own))


@by_value
class Stated:
    """Where a statement of a registry policy is. `statement`: None for the whole policy."""

    registry: Candidate
    statement: int | None
    at: Place


_IN_STATEMENT = rf"(?:{Document.REGISTRY.prefix})?\$\.Statement(?:\[([0-9]{{1,6}})\])?(?:\..*)?"


def statement_of(fault: Invalid) -> int | None:
    """Return the number of the statement that a fault is in, or None for the whole policy."""
    found = re.fullmatch(_IN_STATEMENT, fault.at, flags=re.DOTALL)
    return int(found[1] or 0) if found else None


def document_of(fault: Invalid) -> Document:
    """Return the document that a fault is in."""
    return Document.REGISTRY if fault.at.startswith(Document.REGISTRY.prefix) else Document.REPOSITORY


@by_value
class Report:
    """Everything that one run found, in file order.

    `fails_from`: the lowest severity that makes the run fail. `remarks`: what every format says about the whole run.
    """

    findings: tuple[Finding, ...]
    errors: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    provenance: Provenance = NOTHING_BEHIND
    fails_from: Severity = Severity.LOW
    remarks: tuple[Remark, ...] = ()

    @property
    def unknown(self) -> tuple[Unjudged | Skipped, ...]:
        """Everything that may give external access and was not judged. `check --strict` fails on it."""
        return (*self.unjudged, *(skipped for skipped in self.skipped if skipped.absent))

    @property
    def lacks_owner(self) -> bool:
        """Whether a result depends on the account of the deployment, which is unknown."""
        return any(of_deployment(finding.state) and finding.verdict.undecided for finding in self.findings)

    @property
    def left(self) -> tuple[Unjudged, ...]:
        """The same in one form, for formats that list it."""
        absent = (skipped for skipped in self.skipped if skipped.absent)
        return (*self.unjudged, *(Unjudged(skipped.file, 1, 1, "not here", skipped.reason) for skipped in absent))

    @property
    def nothing(self) -> str:
        """A message if there was nothing to judge, for formats whose output would look like a pass. Otherwise empty."""
        return "" if self.findings or self.errors or self.unjudged else NOTHING_JUDGED


def of_deployment(state: State) -> bool:
    """Return whether the owner is the account of the deployment, and that is unknown."""
    return state.owners == Owners()


NOTHING_JUDGED = "no policy was found, so nothing was judged"


def report_of(harvest: Harvest, context: Context) -> Report:
    """Judge every policy of a harvest.

    With `context.suppressed` false, suppressions do not count. An invalid one is still an error.
    """
    findings: list[Finding] = []
    comments, faults = read_suppressions(harvest.policies, text_of_file)
    suppressions = (*harvest.suppressions, *comments) if context.suppressed else ()
    errors = [*harvest.errors, *faults]
    registries = Registries(harvest, context)
    for found in harvest.policies:
        candidates = registries.candidates_of(found)
        one = judge_policy(found, replace(context, rcps=()), candidates)
        is_controlled = context.rcps and found.kind in GOVERNED
        spoken = suppressions_of(found, suppressions)
        notes = (*one.verdict.notes, *registries.notes_on(found), *_notes(spoken, one, context.today))
        made = replace(
            one,
            verdict=replace(one.verdict, notes=notes),
            suppressions={number: each for number, each in spoken.items() if each.holds(context.today)},
            under_rcps=judge_policy(found, context, candidates).verdict if is_controlled else None,
            registries=candidates,
            of_registries=_of_registries(candidates, suppressions, context.today),
        )
        findings.append(made)
    return Report(
        tuple(findings),
        tuple(dict.fromkeys(errors)),
        tuple(dict.fromkeys(harvest.skipped)),
        tuple(dict.fromkeys(harvest.unjudged)),
        remarks=tuple(dict.fromkeys(far_away(suppressions, context.today))),
    )


def _of_registries(
    candidates: Iterable[Candidate], suppressions: tuple[Suppression, ...], today: date | None
) -> Mapping[int, Suppression]:
    """Return the suppressions in effect for statements of registry policies, by their numbers."""
    held: dict[int, Suppression] = {}
    for place, one in enumerate(candidates):
        spoken = {
            number: each for number, each in suppressions_of(one.found, suppressions).items() if each.holds(today)
        }
        for number, each in spoken.items():
            held[_whole(place * STRIDE) if number is None else place * STRIDE + number] = each
    return held


def _whole(statement: int) -> int:
    """Return the key for the suppression of a whole registry policy, from the number of any of its statements."""
    return statement - statement % STRIDE + STRIDE - 1


def read_suppressions(
    policies: Iterable[FoundPolicy], text_in: Callable[[str], str]
) -> tuple[list[Suppression], list[Unread]]:
    """Return the suppressions in comments of the files that contain policies, and the errors in such comments."""
    files = dict.fromkeys(place.file for found in policies for place in (found.at, *places_of(found)))
    read = [comment for file in files if not file.endswith(".json") for comment in in_comments(file, text_in(file))]
    suppressions = [one for one in read if isinstance(one, Suppression)]
    return suppressions, [one for one in read if isinstance(one, Unread)]


def text_of_file(file: str) -> str:
    """Return the text of a file that was read, or "" for standard input and for a file that can no longer be read."""
    try:
        return "" if file == STANDARD_INPUT else file_text(file)
    except UnreadableError:
        return ""


_NO_ACTION = "no statement has an action of Amazon ECR: the actions may be misspelled"


def _notes(spoken: Mapping[int | None, Suppression], finding: Finding, today: date | None) -> Iterator[str]:
    verdict, found = finding.verdict, finding.found
    if not (verdict.grants or verdict.invalid or found.otherwise) and is_of_another_service(node_of(found.policy)):
        yield _NO_ACTION
    for number, one in spoken.items():
        what = "the policy" if number is None else f"statement {number}"
        if not one.holds(today):
            yield f"{what} was suppressed until {one.until}, so it is reported again: {one.reason}"
        elif _is_at_fault(number, finding):
            yield f"{what} is {one}"
        else:
            yield f"{what} is suppressed until {one.until} and need not be: nothing is wrong with it"


def _is_at_fault(number: int | None, finding: Finding) -> bool:
    verdict = finding.verdict
    if number is None:
        return bool(verdict.invalid or verdict.grants or verdict.undecided)
    return not {number, None}.isdisjoint(finding.at_fault)
