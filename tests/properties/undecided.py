"""The share of undecided policies among many random ones: `python -m tests.properties.undecided 20000`.

The policies only have parts that AWS documents: existing keys, operators of a key's type, set operators only for keys
with several values, possible values of the key, and ARNs of six fields under ArnLike. A grant to a service tests its
source. A grant to AWS principals tests them and their network path. What a policy tests about the repository (Region,
organization, tags) is given, as in AWS Config's rule and an audit. The rest that is undecided is what AWS does not
document.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter

from ecr_crossaccount import Repository, Trust, Verdict, judge
from ecr_crossaccount.judgement.values.members import Members

from tests.properties.world import (
    ACCOUNTS,
    KEYS,
    NAMED,
    OPERATORS,
    OWN_ORG,
    OWNER,
    SERVICES,
    TODAY,
    TRUSTED,
    UNIT,
    Key,
    Policy,
    Statement,
)

_KNOWN = [key for key in KEYS if key.name not in {"aws:PrincipalOrgId2", "ecr:Surprise"}]
_OF_SOURCES = re.compile("aws:(Source(Account|Arn|Org.*)|PrincipalService.*|PrincipalIsAWSService)")
_OF_ALL = re.compile("(aws|ecr):(SecureTransport|CurrentTime|EpochTime|RequestedRegion|Resource.*)")
_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
_ACTIONS = (_PULL, _PULL, "ecr:*", "ecr:BatchGetImage", [*_PULL, "ecr:PutImage"], ["ecr:Describe*", "ecr:List*"])
_REPOSITORY = Repository(OWNER, "base/app", "eu-west-1", organization=OWN_ORG, tags={"team": "ci"}, tags_known=True)
_ENTRY = {"account": TRUSTED, "access": "ADMIN", "reason": "pulls base images", "owner": "platform@example.com"}
_TRUST = Trust.parse({"version": 1, "trust": [_ENTRY]}, today=TODAY)
_PLACE = {"account": OWNER, "path": f"{OWN_ORG}/{UNIT}"}
_LIST = {"version": 1, "organization": OWN_ORG, "listed": f"{TODAY}T00:00:00Z", "accounts": [_PLACE]}
_KNOWING = Trust.parse({"version": 1, "trust": [_ENTRY]}, today=TODAY, members=Members.parse(_LIST))
"""The same register, with a list of the organization's accounts."""


def _principal(draw: random.Random) -> object:
    account = draw.choice((*ACCOUNTS, NAMED))
    arn = f"arn:aws:iam::{account}:{draw.choice(('root', 'role/ci', 'role/build/deep/ci-1', 'user/bob'))}"
    return draw.choice(("*", {"AWS": "*"}, {"AWS": account}, {"AWS": arn}, {"Service": draw.choice(SERVICES)}))


def _operator(draw: random.Random, key: Key) -> str:
    if draw.random() < 0.08:
        return "Null"
    prefix = draw.choice(("ForAnyValue:", "ForAllValues:")) if key.many else ""
    suffix = "IfExists" if draw.random() < 0.2 and prefix != "ForAnyValue:" else ""
    return f"{prefix}{draw.choice(OPERATORS[key.family])}{suffix}"


def _keys(principal: object) -> list[Key]:
    """Return the keys that are used to confine such a principal."""
    if principal in ("*", {"AWS": "*"}):
        return _KNOWN
    of_service = "Service" in str(principal)
    return [key for key in _KNOWN if _OF_ALL.match(key.name) or bool(_OF_SOURCES.match(key.name)) is of_service]


def _literals(key: Key, operator: str) -> tuple[str, ...]:
    if operator == "Null":
        return ("true", "false")
    every = [text for text in dict.fromkeys(key.literals("aws")) if text not in _IMPOSSIBLE]
    if key.name in _NETWORKS:
        every = [text for text in every if text.startswith(_NETWORKS[key.name])]
    if "Arn" in operator:
        return tuple(text for text in every if text.count(":") > _BEFORE_RESOURCE)
    if "Like" not in operator or _SENSITIVE.fullmatch(key.name):
        every = [text for text in every if not set(text) & set("*?") or "${" in text]
    return tuple(every)


_BEFORE_RESOURCE = 4
_IMPOSSIBLE = frozenset(
    {"", "none", "o-", "O-OWNORG00001", "no", f"{OWN_ORG}/r-ab12", "Service", "2001:db8::1/32", "1e3", "-1"}
)
_NETWORKS = {"aws:SourceVpc": "vpc-", "aws:SourceVpce": "vpce-"}
_SENSITIVE = re.compile("aws:((Principal|Resource|Source|Vpce)(Account|OrgID)|SourceVpce?)")
"""Keys that should not have wildcards, according to AWS's page, because these match more than intended.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive
"""


def _condition(draw: random.Random, principal: object) -> Statement:
    block: Statement = {}
    keys = _keys(principal)
    for key in draw.choices(keys, [key.weight for key in keys], k=draw.choice((1, 1, 1, 2, 2, 3))):
        operator = _operator(draw, key)
        pool = _literals(key, operator)
        block.setdefault(operator, {})[key.name] = draw.sample(pool, min(draw.choice((1, 1, 2)), len(pool)))
    return block


def policy(draw: random.Random) -> Policy:
    """Return a policy with an Allow and up to three more statements."""
    effects = ["Allow", *draw.choices(("Allow", "Deny"), k=draw.choice((0, 0, 1, 1, 2, 3)))]
    statements = []
    for effect in effects:
        principal = _principal(draw)
        statement = {"Effect": effect, "Principal": principal, "Action": draw.choice(_ACTIONS)}
        if effect == "Deny" or draw.random() < 0.7:
            statement["Condition"] = _condition(draw, principal)
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


def verdicts(count: int, seed: int = 1, trust: Trust = _TRUST) -> list[Verdict]:
    """Return the verdicts on that many policies that IAM accepts."""
    draw = random.Random(seed)  # noqa: S311 - the same policies every time
    found: list[Verdict] = []
    while len(found) < count:
        verdict = judge(policy(draw), _REPOSITORY, trust)
        if not verdict.invalid:
            found.append(verdict)
    return found


def is_undecided(verdict: Verdict) -> bool:
    """Return whether a verdict has only doubts."""
    return bool(verdict.undecided) and not verdict.grants


CAUSES = (
    ("whether a service's request shows that it is over TLS", "AWS service.*SecureTransport"),
    ("the network of a service", "AWS service.*aws:(SourceIp|SourceVpc|Vpc)"),
    ("the principal keys of a service", "AWS service.*aws:(Principal(Arn|Account|Type)|userid)"),
    ("a source ARN without an account, or with wildcards that may reach over colons", "aws:SourceArn"),
    ("other names of a service", "aws:PrincipalServiceNamesList"),
    ("the owner's place in its organization", "aws:ResourceOrgPaths"),
    ("a VPC endpoint of the owner's or of someone trusted", "gives (?!an AWS service).*aws:Vpce"),
    ("the subject of a web identity, or a unique id", ":sub|aws:userid"),
    ("a Deny on one of these", "a Deny that cannot be decided"),
    ("something else", ""),
)
"""The causes of a doubt, by words in its reason. The first match counts."""

_YOURS = re.compile("source ARN|place|endpoint|identity")
"""Causes that only AWS's customers can know: the owner of a bucket, a unit, an endpoint or an identity."""


def cause(verdict: Verdict) -> str:
    """Return the cause of a verdict's first doubt."""
    return next(name for name, words in CAUSES if re.search(words, verdict.undecided[0].reason))


def main(count: int) -> None:
    """Print the share, and the causes of the doubts."""
    every = verdicts(count)
    doubtful = [one for one in every if is_undecided(one)]
    print(f"{len(doubtful)} of {len(every)} undecided: {len(doubtful) / len(every):.2%}")
    for name, times in Counter(map(cause, doubtful)).most_common():
        print(f"{times:6}  {times / len(every):.2%}  {name}")
    yours = sum(1 for one in doubtful if _YOURS.search(cause(one)))
    print(f"{yours} hang on whose something is, {len(doubtful) - yours} on what AWS does not publish")
    placed = sum(map(is_undecided, verdicts(count, trust=_KNOWING)))
    print(f"{placed} if the owner's path is known: {placed / len(every):.2%}")
    reasons = Counter(re.sub(r"statement `?\w+`?", "a statement", one.undecided[0].reason) for one in doubtful)
    for reason, times in reasons.most_common(30):
        print(f"{times:6}  {reason}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
