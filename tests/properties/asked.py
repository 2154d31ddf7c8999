"""Questions about concrete requests, compared with the oracle.

`python -m tests.properties.asked 6000` asks that many questions, always the same ones. A word after the number selects
others.

A question leaves the values of some keys open. The answer must be true for the request, which is one of those that the
question covers.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ecr_crossaccount.judgement.values.verdict import Witness
from ecr_crossaccount.questions.ask.ask import ask
from ecr_crossaccount.questions.ask.question import Question, caller_of, given_of, wanted_of
from ecr_crossaccount.questions.ask.replies import Answer, Answered
from hypothesis import strategies as st

from tests.profiles import load, sample
from tests.properties.insiders import inside_requests
from tests.properties.oracle import Request, Value, allows, any_of, statement_applies
from tests.properties.outsiders import outside_requests
from tests.properties.world import FRESH, OWNER
from tests.strategies import Situation, situations


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one request.

    `who` is its caller or the caller's account, and `given` has the values of some keys.
    """

    situation: Situation
    request: Request
    who: str
    given: Mapping[str, tuple[str, ...] | None]

    def answered(self) -> Answered:
        """Return the answer."""
        question = Question(caller_of(self.who), wanted_of(self.request.action), given_of(self.given))
        situation = self.situation
        return ask(situation.policy, situation.repository, question, situation.trust, situation.origin)

    @property
    def is_within(self) -> bool:
        """Whether identity-based policies of the owner's account also count."""
        return self.request.account == OWNER


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Draw a question about a request from outside or inside."""
    situation = draw(situations())
    outside, inside = outside_requests(situation), inside_requests(situation)
    request = draw(st.one_of(outside, outside, inside))
    whos = [request.principal, request.principal]
    if not request.is_service:
        whos += [request.account] + ["anyone"] * (request.account == FRESH and _is_fresh(request))
    # It is unknown whether a service's request shows that it is over TLS, even if a test request does.
    keys = sorted(key for key in request.context if not (request.is_service and key == "aws:SecureTransport"))
    chosen = draw(st.one_of(st.just(keys), st.just([]), st.lists(st.sampled_from(keys), unique=True)))
    given = {key: _values(request.context[key]) for key in chosen}
    return Asked(situation, request, draw(st.sampled_from(whos)), given)


def _is_fresh(request: Request) -> bool:
    """Return whether the account is in no organization that a policy names."""
    return request.keys.get("aws:principalorgid") is None


def _values(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def is_right(one: Asked, answered: Answered) -> bool:
    """Return whether the oracle contradicts neither the answer nor its examples.

    If the oracle cannot tell, the judgement may know more, for instance about a service's keys.
    """
    if _is_of_no_role(one):
        return True
    if answered.answer is Answer.ALLOWED and _truth(one, one.request) is False:
        return False
    if answered.answer is Answer.DENIED and _truth(one, one.request) is True:
        return False
    reply = answered.reply
    allowed = reply.allowed is None or _truth(one, _as_request(reply.allowed)) is not False
    refused = reply.refused is None or _truth(one, _as_request(reply.refused)) is not True
    return allowed and refused


def _is_of_no_role(one: Asked) -> bool:
    """Return whether a session's role has a policy's role name with a different path, which cannot exist twice."""
    arn = str(one.request.keys.get("aws:principalarn", ""))
    if ":role/" not in arn:
        return False
    account, name = re.escape(one.request.account), re.escape(arn.rpartition("/")[2])
    named = re.findall(rf"arn:[a-z-]+:iam::{account}:role/(?:[^'*?]*/)?{name}(?=')", str(one.situation.statements))
    return any(other != arn for other in named)


def _as_request(shown: Witness) -> Request:
    return Request(shown.principal, shown.action, dict(shown.context))


def _as_session(request: Request) -> Request:
    """Return the request with the session name of a role, because the oracle compares it with names in policies."""
    unique_id = str(request.keys.get("aws:userid", ""))
    if not unique_id.startswith("AROA") or ":role/" not in request.principal:
        return request
    _, partition, _, _, account, role = request.principal.split(":", 5)
    name, session = role.rpartition("/")[2], unique_id.partition(":")[2]
    session_arn = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
    return Request(session_arn, request.action, request.context)


def _truth(one: Asked, request: Request) -> bool | None:
    """Return the oracle's answer.

    For the owner's own request, an identity-based policy may allow what no Deny refuses.
    """
    situation, request = one.situation, _as_session(request)
    deployed = situation.origin.value == "deployed"
    found = allows(situation.policy, request, situation.repository, deployed=deployed)
    if found is not False or not one.is_within:
        return found
    variables = situation.policy.get("Version") == "2012-10-17"
    denied = any_of(
        statement_applies(statement, request, situation.repository, variables=variables, deployed=deployed)
        for statement in situation.statements
        if statement["Effect"] == "Deny"
    )
    return False if denied else None


def main(count: int, seed: str = "") -> int:
    """Ask that many questions, print the answers and the errors, and return the exit status."""
    load()
    answers: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    wrong = 0
    for one in sample(asked(), count, seed=seed):
        try:
            found = one.answered()
        except ValueError as error:
            answers[f"refused: {str(error)[:60]}"] += 1
            continue
        answers[found.answer.value] += 1
        if not is_right(one, found):
            wrong += 1
            if wrong <= 5:
                print(one, found, sep="\n", end="\n\n")
        if len(one.given) >= len(one.request.context) - 1 and not found.reply.reason.startswith("IAM would reject"):
            truth = {True: "allowed", False: "denied", None: "uncertain"}[_truth(one, one.request)]
            decided[f"{truth} by the second opinion, answered {found.answer.value}"] += 1
    print(f"{count} questions, {wrong} wrong")
    for name, times in (*answers.most_common(), *sorted(decided.items())):
        print(f"{times:7}  {name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
