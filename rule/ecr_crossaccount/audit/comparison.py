"""Two opinions of the same repositories, compared: whom each sees, how far they get, what explains a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..access.actions import EVERY as EVERY_ACTION
from ..access.actions import ActionSets, access_of, access_of_names
from ..access.verdict import Access, Kind
from ..policy.document import Actions
from .access_analyzer import Finding, Opinion
from .grantees import Grantee, grantee_of, is_deleted, named
from .items import Lack, Unread
from .report import Audited, AuditReport
from .second_opinion import Answer, Disagreement, Explanation, Says, SecondOpinion, Side

_ARCHIVED, _RESOLVED = "ARCHIVED", "RESOLVED"
_LATER = "Access Analyzer takes up to 30 minutes to see a changed policy: compare again then"
_EXPLAINED = {
    Explanation.TRUST: "the trust register approves this access, and Access Analyzer does not know the register",
    Explanation.SERVICE: "Access Analyzer does not report AWS services",
    Explanation.ARCHIVED: "the finding is archived: somebody, or an archive rule, takes the access for intended",
    Explanation.RESOLVED: f"Access Analyzer saw this access end, so it may have been opened again since. {_LATER}",
    Explanation.REGISTRY_POLICY: "Access Analyzer does not analyze registry policies",
    Explanation.UNDECIDED: "this audit could not decide, and does not take Access Analyzer's word for it",
    Explanation.DELETED_PRINCIPAL: "the principal was deleted, and its id lets nobody in",
    Explanation.NOT_JUDGED: "this audit did not read the repository, or it no longer exists",
}
_UNEXPLAINED = f"nothing explains this. {_LATER}, and if it stays, please report it"


@dataclass(slots=True)
class _Claim:
    """What one grantee gets from outside by this audit: actions that nobody approved, and approved ones."""

    kind: Kind
    grantee: str
    public: bool = False
    open: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    reasons: dict[str, None] = field(default_factory=dict)

    @property
    def access(self) -> tuple[Access, ...]:
        return access_of_names(self.open | self.approved)

    def side(self) -> Side:
        return Side(Says.GRANTED if self.open else Says.APPROVED, self.access, "; ".join(self.reasons))

    def covers(self, finding: Finding, grantee: Grantee) -> bool:
        """Tell whether everybody whom a finding is about is among those whom this claim is about."""
        return self.public or grantee.is_exactly(self.kind, self.grantee) or (self.kind is Kind.ANY and finding.public)


def compare(report: AuditReport, opinions: Mapping[str, Opinion], unread: Iterable[Unread]) -> SecondOpinion:
    """Compare a report with the opinions of its Regions. `unread`: what of them could not be read."""
    answers: dict[str, Answer] = {}
    found: list[Disagreement] = []
    errors = [*unread]
    for one in report.repositories:
        opinion = opinions.get(one.item.region)
        answer, more = (Answer.UNKNOWN, []) if opinion is None else _compared(report, one, opinion)
        answers[one.item.arn] = answer
        found += more
        if opinion is not None and answer is Answer.UNKNOWN:
            errors.append(_not_analyzed(one, opinion))
    for one in report.registries:
        if one.item.region in opinions:
            found += (_of_registry(one, claim) for claim in _claims(report, one))
    for opinion in opinions.values():
        found += _of_others(opinion, answers)
    found.sort(key=lambda one: (one.explained_by is not None, one.arn))
    return SecondOpinion(opinions, answers, tuple(found), tuple(errors))


def _compared(report: AuditReport, one: Audited, opinion: Opinion) -> tuple[Answer, list[Disagreement]]:
    findings = opinion.findings.get(one.item.arn, ())
    if any(finding.error and _is_active(finding) for finding in findings):
        return Answer.UNKNOWN, []
    if not findings and one.item.arn not in opinion.analyzed:
        return (Answer.NO_POLICY if one.item.policy is None else Answer.UNKNOWN), []
    found = [*_Repository(one, opinion, findings, tuple(_claims(report, one))).disagreements()]
    return (Answer.DIFFERS if found else Answer.AGREES), found


def _not_analyzed(one: Audited, opinion: Opinion) -> Unread:
    """Say why there is no opinion of a repository."""
    item, name = one.item, opinion.analyzer.name
    error = next((finding.error for finding in opinion.findings.get(item.arn, ()) if finding.error), None)
    why = f"could not analyze it: {error}" if error else "has not analyzed it yet: compare again later"
    return Unread(f"IAM Access Analyzer `{name}` {why}", item.account, item.region, item.arn, Lack.SECOND_OPINION)


def _claims(report: AuditReport, one: Audited) -> Iterable[_Claim]:
    """Return what this audit says of each grantee, approved or not."""
    found: dict[tuple[Kind, str], _Claim] = {}
    for grant in one.verdict.grants:
        claim = found.setdefault((grant.kind, grant.grantee), _Claim(grant.kind, grant.grantee, grant.public))
        claim.open.update(grant.actions)
        claim.reasons[grant.reason] = None
    for trusted in one.trusted:
        claim = found.setdefault((trusted.kind, trusted.grantee), _Claim(trusted.kind, trusted.grantee))
        claim.approved.update(trusted.actions)
        entry = report.trust.entries[trusted.entry]
        by = f", by {entry.owner}" if entry.owner else ""
        claim.reasons[f"trust[{trusted.entry}] approves it{by}: {entry.reason or 'no reason given'}"] = None
    return found.values()


@dataclass(frozen=True, slots=True)
class _Repository:
    """One repository that both have looked at."""

    one: Audited
    opinion: Opinion
    findings: tuple[Finding, ...]
    claims: tuple[_Claim, ...]

    def disagreements(self) -> Iterator[Disagreement]:
        for claim in self.claims:
            yield from self._of_claim(claim)
        active = [finding for finding in self.findings if _is_active(finding)]
        for finding in active:
            yield from self._of_finding(finding)
        if not active:
            yield from self._of_doubts()

    def _of_claim(self, claim: _Claim) -> Iterator[Disagreement]:
        """Yield what this audit sees and Access Analyzer does not, or sees otherwise."""
        about = self._about(claim)
        active = tuple(finding for finding in about if _is_active(finding))
        archived = tuple(finding for finding in about if finding.status == _ARCHIVED)
        if active and not _missing(claim, active):
            if not claim.open:
                yield self._differs(claim, Says.GRANTED, active, Explanation.TRUST)
        elif archived and not _missing(claim, active + archived):
            if claim.open:
                yield self._differs(claim, Says.ARCHIVED, archived, Explanation.ARCHIVED)
        elif active:
            yield self._differs(claim, Says.GRANTED, active, None)
        else:
            yield self._silent(claim, about)

    def _about(self, claim: _Claim) -> tuple[Finding, ...]:
        """Return the findings that speak of a claim: those of the grantee, else those of everybody."""
        grantees = [(finding, grantee_of(finding)) for finding in self.findings]
        exact = tuple(one for one, grantee in grantees if grantee.is_exactly(claim.kind, claim.grantee))
        return exact or tuple(one for one, grantee in grantees if grantee.includes(claim.kind))

    def _silent(self, claim: _Claim, about: tuple[Finding, ...]) -> Disagreement:
        if claim.kind is Kind.SERVICE:
            return self._differs(claim, Says.NOTHING, (), Explanation.SERVICE)
        if any(finding.status == _RESOLVED for finding in about):
            return self._differs(claim, Says.RESOLVED, about, Explanation.RESOLVED)
        inside = self._inside(claim)
        explained = Explanation.ORGANIZATION if inside else None
        return self._differs(claim, Says.NOTHING, (), explained, inside)

    def _inside(self, claim: _Claim) -> str | None:
        """Say why the grantee may be in the analyzer's zone of trust, None where he cannot be."""
        if not self.opinion.analyzer.trusts_organization:
            return None
        own = self.one.repository.organization
        zone = "the organization is the analyzer's zone of trust, so it reports none of its accounts"
        if claim.kind is Kind.ORGANIZATION and own in (None, claim.grantee):
            return zone if own else f"{zone}, if the organization is this one (--organization tells)"
        return f"{zone}, if this account is one of them" if claim.kind is Kind.ACCOUNT else None

    def _of_finding(self, finding: Finding) -> Iterator[Disagreement]:
        """Yield what Access Analyzer sees and this audit does not."""
        grantee = grantee_of(finding)
        covering = [claim for claim in self.claims if claim.covers(finding, grantee)]
        seen = access_of_names({action for claim in covering for action in claim.open | claim.approved})
        theirs = _access((finding,))
        if covering and {*theirs} <= {*seen}:
            return
        kind, name = named(finding)
        reason = "; ".join(reason for claim in covering for reason in claim.reasons)
        says = Says.GRANTED if any(claim.open for claim in covering) else Says.APPROVED
        ours = Side(says, seen, reason) if covering else self._nothing()
        explained = self._explains(finding)
        yield Disagreement(
            self.one.item.arn,
            kind,
            name,
            ours,
            Side(Says.GRANTED, theirs, _in_words((finding,))),
            (finding,),
            explained,
            _EXPLAINED[explained] if explained else _UNEXPLAINED,
        )

    def _explains(self, finding: Finding) -> Explanation | None:
        if is_deleted(finding):
            return Explanation.DELETED_PRINCIPAL
        return Explanation.UNDECIDED if self._doubts() else None

    def _nothing(self) -> Side:
        doubts = self._doubts()
        if doubts:
            return Side(Says.UNDECIDED, (), "; ".join(doubts))
        none = "no statement of the policy lets it in" if self.one.item.policy is not None else "there is no policy"
        return Side(Says.NOTHING, (), none)

    def _doubts(self) -> Sequence[str]:
        verdict = self.one.verdict
        return [one.reason for one in verdict.undecided] + [f"{one.at}: {one.reason}" for one in verdict.invalid]

    def _of_doubts(self) -> Iterator[Disagreement]:
        """Yield that Access Analyzer finds nothing where this audit could not tell."""
        if self._doubts():
            arn, said = self.one.item.arn, self._says_nothing()
            explained = Explanation.UNDECIDED
            yield Disagreement(
                arn, Kind.ANY, "somebody outside", self._nothing(), said, (), explained, _EXPLAINED[explained]
            )

    def _differs(
        self,
        claim: _Claim,
        says: Says,
        findings: tuple[Finding, ...],
        explained: Explanation | None,
        explanation: str | None = None,
    ) -> Disagreement:
        said = Side(says, _access(findings), _in_words(findings)) if findings else self._says_nothing()
        why = explanation or (_EXPLAINED[explained] if explained else _UNEXPLAINED)
        return Disagreement(self.one.item.arn, claim.kind, claim.grantee, claim.side(), said, findings, explained, why)

    def _says_nothing(self) -> Side:
        when = self.opinion.analyzed.get(self.one.item.arn)
        return Side(Says.NOTHING, (), f"no finding{f'; analyzed at {when}' if when else ''}")


def _of_registry(one: Audited, claim: _Claim) -> Disagreement:
    explained = Explanation.REGISTRY_POLICY
    said = Side(Says.NOTHING, (), _EXPLAINED[explained])
    return Disagreement(
        one.item.arn, claim.kind, claim.grantee, claim.side(), said, (), explained, _EXPLAINED[explained]
    )


def _of_others(opinion: Opinion, answers: Mapping[str, Answer]) -> Iterator[Disagreement]:
    """Yield the active findings of repositories that this audit has not judged."""
    for arn, findings in opinion.findings.items():
        for finding in findings if arn not in answers else ():
            if _is_active(finding):
                kind, name = named(finding)
                explained = Explanation.NOT_JUDGED
                ours = Side(Says.NOT_READ, (), "not judged")
                theirs = Side(Says.GRANTED, _access((finding,)), _in_words((finding,)))
                yield Disagreement(arn, kind, name, ours, theirs, (finding,), explained, _EXPLAINED[explained])


def _is_active(finding: Finding) -> bool:
    """Whether a finding stands; a status that is not known does."""
    return finding.status not in (_ARCHIVED, _RESOLVED)


def _missing(claim: _Claim, findings: Iterable[Finding]) -> set[Access]:
    return {*claim.access} - {*_access(findings)}


def _access(findings: Iterable[Finding]) -> tuple[Access, ...]:
    """Return how far findings say that somebody gets; one that lists no actions, as far as there is."""
    sets, mask = ActionSets(), 0
    for finding in findings:
        mask |= sets.allowed(Actions(False, finding.actions))[0] if finding.actions else EVERY_ACTION  # noqa: FBT003 - Action
    return access_of(mask)


def _in_words(findings: Iterable[Finding]) -> str:
    return "; ".join(map(_one_in_words, findings))


def _one_in_words(finding: Finding) -> str:
    principal = ", ".join(f"{kind} {value}" for kind, value in finding.principal.items()) or "no principal named"
    where = ", ".join(f"{key} {value}" for key, value in finding.condition.items())
    parts = [
        f"finding {finding.id}, {finding.status}: {principal}",
        f"where {where}" if where else "",
        ", ".join(finding.actions),
        f"analyzed at {finding.analyzed}",
        "a resource control policy may forbid it" if finding.restriction == "APPLICABLE" else "",
    ]
    return ", ".join(part for part in parts if part)
