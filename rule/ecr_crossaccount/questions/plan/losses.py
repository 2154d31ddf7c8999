"""The principals that lose access because of a Deny: each with what it loses, and a request that is now refused.

Where an Allow and a Deny overlap, the requests that both match are an Allow that can be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ...documents.conditions import Condition
from ...documents.document import Actions, Policy, Principals, Statement
from ...documents.parse import parse
from ...judgement.admission import Origin
from ...judgement.context.keys import NAMES
from ...judgement.context.request import RepositoryContext
from ...judgement.judge import Repository, context_of
from ...judgement.judgement import verdict_of
from ...judgement.values.actions import EVERY, ActionSets, of_ranks
from ...judgement.values.trust import Trust, TrustLevel
from ...judgement.values.trust_entries import Subject
from ...judgement.values.verdict import Access, Kind, Undecided, Verdict, Witness
from ...memo import by_value
from ..ask.ask import ask
from ..ask.question import NOTHING_GIVEN, Given, Question, caller_of, given_of, wanted_of
from ..ask.replies import Answer, Reply
from . import reasons
from .outcome import Change, Written, with_statements


def intersect(allow: Statement, deny: Statement) -> Statement | None:
    """Return an Allow of the requests that two statements match, or None if they have no action in common.

    The principals are those of the Allow, as if the Deny applied to everyone. So the result may match more requests
    than both do, but never fewer.
    """
    sets = ActionSets()
    allowed = sets.allowed_actions(allow.actions)[1]
    shared = allowed & sets.denied_actions(deny.actions) & (-1 if _is_known(allow.actions) else EVERY)
    if not shared:
        return None
    actions = Actions(negated=False, patterns=sets.names(shared))
    return allow._replace(actions=actions, conditions=(*allow.conditions, *deny.conditions))


def of_access(statements: Iterable[Statement], access: Access) -> list[Statement]:
    """Return the parts of some Allows that give one kind of access."""
    found = []
    for statement in statements:
        sets = ActionSets()
        part = (
            sets.allowed_actions(statement.actions)[1]
            & of_ranks((access.rank,))
            & (-1 if _is_known(statement.actions) else EVERY)
        )
        if part:
            found.append(statement._replace(actions=Actions(negated=False, patterns=sets.names(part))))
    return found


def _is_known(actions: Actions) -> bool:
    return all(isinstance(text, str) for text in actions.patterns)


def met_by(statements: Iterable[Statement], conditions: Sequence[Condition]) -> list[Statement]:
    """Return the statements with additional conditions. A request must meet all of them."""
    return [statement._replace(conditions=(*statement.conditions, *conditions)) for statement in statements]


def holding(operator: str, key: str, values: Iterable[str]) -> tuple[Condition, ...]:
    """Return the condition that a key has one of the values."""
    condition: Mapping[str, object] = {operator: {key: sorted(values)}}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": condition}
    return parse({"Statement": [allow]}).statements[0].conditions


@dataclass(frozen=True)
class Bench:
    """Judges statements that are not part of a document, for one repository."""

    repository: Repository
    trust: Trust
    origin: Origin

    @cached_property
    def _context(self) -> RepositoryContext:
        return context_of(self.repository, self.trust, tuple(sorted(self.repository.tags.items())))

    def verdict(self, statements: Iterable[Statement], trust: Trust) -> Verdict:
        """Judge the statements as a policy."""
        return verdict_of(Policy(tuple(statements), ()), self._context, trust, self.origin)


_AT_ONCE = 200
"""The number of accounts in one judgement. A register may trust thousands."""
_EQUALS, _ANY_LIKE = "StringEquals", "ForAnyValue:StringLike"
_ANY_SERVICE = "lambda.amazonaws.com"
"""The service that represents all services if a policy allows every one."""
_WHOEVER = {"AWS": "*"}
"""An Allow to the account would leave it to IAM policies, which are taken to allow everything."""
_UNKNOWN = "whether it keeps access cannot be determined"


class Cut(NamedTuple):
    """A principal inside that loses access. `example` has a refused request, or says that it cannot be determined."""

    who: str
    access: tuple[Access, ...]
    example: str


@by_value
class Losses:
    """The access that one new statement, a Deny, takes from those that the policy allowed before.

    - `allows` and `denies` are statements of the policy before the change.
    - `gone` are the Allows that the Deny replaces.
    - `inside` is the trust that applies to this repository.
    """

    bench: Bench
    deny: Statement
    allows: Sequence[Statement]
    denies: Sequence[Statement]
    gone: Sequence[Statement]
    inside: Trust

    @property
    def _hit(self) -> list[Statement]:
        """The requests that were allowed and no longer are, as Allows."""
        found = (intersect(allow, self.deny) for allow in self.allows)
        return [*(statement for statement in found if statement is not None), *self.gone]

    def _verdict(self, statements: Iterable[Statement]) -> Verdict:
        return self.bench.verdict([*statements, *self.denies], Trust.nobody())

    def changes(self, name: str) -> Iterator[Change]:
        """Yield what outsiders lose, trusted or not, because of the required statement with that name."""
        hit = self._hit
        verdict = self._verdict(hit)
        sids = {statement.number: statement.sid for statement in hit}
        gone = {statement.number for statement in self.gone}
        for grant in verdict.grants:
            keys = _keys(statement for statement in hit if statement.number == grant.statement)
            is_gone = grant.statement in gone
            does = "takes its place" if is_gone else "denies it"
            change = reasons.describe_lost_access(grant) + ("" if is_gone else f", where `{name}` applies")
            reason = f"the required statement `{name}` {does}: {_no_longer(grant.witness, keys)}"
            yield Change(grant.statement, grant.sid, change, reason)
        for undecided in verdict.undecided:
            sid = None if undecided.statement is None else sids[undecided.statement]
            yield Change(undecided.statement, sid, "what cannot be decided taken away", undecided.reason)

    def trusted_cuts(self) -> Iterator[Cut]:
        """Yield the trusted principals that lose access that trust covers."""
        every = self._hit
        verdict = self._verdict(every)
        if not (verdict.grants or verdict.undecided):
            return
        circles = self.inside.circles(self.bench.repository.organization)
        for access, circle in zip(Access, circles, strict=True):
            hit = of_access(every, access)
            accounts = sorted(circle.accounts - {self.bench.repository.account})
            for first in range(0, len(accounts), _AT_ONCE):
                found = list(self._accounts(hit, access, accounts[first : first + _AT_ONCE]))
                yield from found
                if found:
                    break
            for who, conditions in _groups(circle):
                yield from self._group(met_by(hit, conditions), access, who)
            for service in sorted(circle.services):
                yield from self._group(_by_service(hit, service), access, f"service {service}")

    def _accounts(self, hit: Sequence[Statement], access: Access, accounts: Sequence[str]) -> Iterator[Cut]:
        for key in ("aws:PrincipalAccount", "aws:SourceAccount"):
            statements = met_by(hit, holding(_EQUALS, key, accounts))
            verdict = self._verdict(statements)
            for grant in verdict.grants:
                who = f"account {grant.grantee}" if grant.kind is Kind.ACCOUNT else grant.grantee
                yield Cut(who, (access,), _no_longer(grant.witness, _keys(hit)))
            if verdict.undecided:
                one, some = f"account {accounts[0]}", f"some of {len(accounts)} trusted accounts"
                yield Cut(one if len(accounts) == 1 else some, (access,), _doubt(verdict.undecided))

    def _group(self, statements: Sequence[Statement], access: Access, who: str) -> Iterator[Cut]:
        verdict = self._verdict(statements)
        if verdict.grants:
            yield Cut(who, (access,), _no_longer(verdict.grants[0].witness, _keys(statements)))
        elif verdict.undecided:
            yield Cut(who, (access,), _doubt(verdict.undecided))


def _doubt(undecided: Sequence[Undecided]) -> str:
    return f"{_UNKNOWN}: {undecided[0].reason}"


def _groups(circle: TrustLevel) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    """Yield each group of a circle, and the services that act for it, with the condition that identifies them."""
    for organization in sorted(circle.organizations):
        for key, who in (("aws:PrincipalOrgID", ""), ("aws:SourceOrgID", "services acting for ")):
            yield f"{who}organization {organization}", holding(_EQUALS, key, [organization])
    for path in circle.paths:
        for key, who in (("aws:PrincipalOrgPaths", ""), ("aws:SourceOrgPaths", "services acting for ")):
            yield f"{who}organization path {path}", holding(_ANY_LIKE, key, [path])
    for key, subject, names in (
        ("aws:SourceVpc", Subject.VPC, circle.vpcs),
        ("aws:SourceVpce", Subject.VPC_ENDPOINT, circle.endpoints),
    ):
        for name in sorted(names):
            yield f"{reasons.WORDS[subject]} {name}", holding(_EQUALS, key, [name])


def _by_service(statements: Iterable[Statement], service: str) -> list[Statement]:
    """Return the parts of some Allows that apply to one service."""
    found = []
    for statement in statements:
        whom = statement.principals
        if whom.admits_anyone or whom.unknown_services or service in whom.services:
            found.append(statement._replace(principals=Principals(services=(service,))))
    return found


def _keys(statements: Iterable[Statement]) -> frozenset[str]:
    return frozenset(condition.name for statement in statements for condition in statement.conditions)


def _no_longer(request: Witness, keys: frozenset[str]) -> str:
    """Return a sentence about the request that is now refused, with the condition keys that matter."""
    held = {key.lower(): key for key in request.context}
    shown = [f"{held[key]} {', '.join(request.values(held[key]))}" for key in sorted(keys) if key in held]
    absent = [NAMES.get(key) or key for key in sorted(keys) if key not in held]
    sentence = f"{request.principal} may no longer call {request.action}"
    sentence += f", with {', '.join(shown)}" if shown else ""
    return sentence + (f", without {', '.join(absent)}" if absent else "")


# --- the owner ---


@by_value
class OwnLosses:
    """The access that the owner account itself loses, if its own IAM policies allow everything."""

    bench: Bench
    document: Written
    """The policy, whose version the Denies need."""

    def cut(self, deny: Written, services: Iterable[str]) -> Iterator[Cut]:
        """Yield the owner account, and each service acting for it, if the Deny refuses one of its requests."""
        account = self.bench.repository.account
        for refused in self._hit(self._policy_with_denies([deny], _WHOEVER), account, NOTHING_GIVEN):
            example = _UNKNOWN if refused is None else _no_longer(refused, _telling(refused))
            if self.bench.repository.organization is None:
                example += "; its organization is unknown: give --organization"
            yield Cut(f"the owner account {account}", (), example)
        given = given_of({"aws:SourceAccount": (account,)})
        for service in sorted(set(services)):
            for refused in self._hit(self._policy_with_denies([deny], {"Service": service}), service, given):
                example = _UNKNOWN if refused is None else _no_longer(refused, _telling(refused))
                yield Cut(f"{service} acting for the owner account", (), example)

    def _hit(self, policy: Written, caller: str, given: Given) -> Iterator[Witness | None]:
        """Yield a request of the caller that a policy refuses, or None if it is unknown whether it refuses one."""
        short = [
            reply for reply in self._ask_policy(policy, caller, "ecr:*", given) if reply.answer is not Answer.ALLOWED
        ]
        if short:
            yield next((reply.refused for reply in short if reply.refused is not None), None)

    def is_locked(self, statements: Sequence[object]) -> bool:
        """Return whether no request of the owner certainly can change the policy, or none can delete it."""
        document = self._policy_with_denies(statements, _WHOEVER)
        return not all(self._may_certainly(document, action) for action in _OF_THE_POLICY)

    def _may_certainly(self, policy: Written, action: str) -> bool:
        replies = self._ask_policy(policy, self.bench.repository.account, action, NOTHING_GIVEN)
        return all(reply.answer is Answer.ALLOWED or reply.allowed is not None for reply in replies)

    def _policy_with_denies(self, denies: Sequence[object], whom: Mapping[str, str]) -> Written:
        """Return a policy that allows everything to the principals except what the Denies refuse."""
        allow = {"Effect": "Allow", "Principal": whom, "Action": "ecr:*"}
        return with_statements(self.document, [allow, *denies])

    def _ask_policy(self, policy: Written, caller: str, action: str, given: Given) -> Sequence[Reply]:
        question = Question(caller_of(caller), wanted_of(action), given)
        found = ask(policy, self.bench.repository, question, Trust((), self.bench.trust.today), self.bench.origin)
        return found.single or (found.reply,)


def _telling(request: Witness) -> frozenset[str]:
    return _TELLING & frozenset(map(str.lower, request.context))


_OF_THE_POLICY = ("ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy")
"""The actions that undo a policy. ECR itself warns only about the first (`force`).
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html"""
_TELLING = frozenset({"aws:principalorgid", "aws:principalaccount", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce"})
"""Keys that show a reader why a request of the owner is refused."""


def services_in(statements: Iterable[Statement]) -> Iterator[str]:
    """Yield the services that some Allows allow. One service represents all if an Allow is for every service."""
    for statement in statements:
        whom = statement.principals
        yield from whom.services
        if whom.admits_anyone:
            yield _ANY_SERVICE
