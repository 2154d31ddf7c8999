"""The oracle: does a policy allow one concrete request? Written for clarity, only from docs/semantics.md.

It shares no code with the judgement and does not search. It reads the raw JSON, statement by statement. Answers are
True, False, and None where docs/semantics.md says *uncertain*. It expects a policy that IAM accepts.
"""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from ecr_crossaccount import Repository
from ecr_crossaccount.judgement.values.actions import KNOWN

from tests.properties.world import KEYS, UNIT, Policy, Statement, as_list, conditions_of, statements_of

Answer = bool | None
Value = str | tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """One call of one ECR action. `principal` is as in a witness: an ARN, or a service's name."""

    principal: str
    action: str
    context: Mapping[str, Value]
    over_tls: Answer = None
    """Whether a service's request shows that it is over TLS, or None if that is unknown."""

    @cached_property
    def keys(self) -> dict[str, Value]:
        return {key.lower(): value for key, value in self.context.items()}

    @property
    def is_service(self) -> bool:
        return not self.principal.startswith("arn:")

    @property
    def account(self) -> str:
        return "" if self.is_service else self.principal.split(":")[4]


@dataclass(frozen=True, slots=True)
class Scene:
    """The parts of an evaluation that are the same for all conditions of one statement."""

    request: Request
    repository: Repository
    effect: str
    variables: bool


def all_of(answers: Iterable[Answer]) -> Answer:
    found = list(answers)
    return False if False in found else None if None in found else True


def any_of(answers: Iterable[Answer]) -> Answer:
    return negation(all_of(negation(answer) for answer in answers))


def negation(answer: Answer) -> Answer:
    return None if answer is None else not answer


def allows(policy: Policy, request: Request, repository: Repository, *, deployed: bool = False) -> Answer:
    """Return True if some Allow certainly applies and no Deny does, or None if an Allow might apply."""
    if request.is_service and request.over_tls is None:
        # It is over TLS, and AWS may not send that. Then it is missing for all statements.
        both = (replace(request, over_tls=told) for told in (True, False))
        shown, held_back = (allows(policy, one, repository, deployed=deployed) for one in both)
        return shown or _same(shown, held_back)
    variables = policy.get("Version") == "2012-10-17"
    applies: dict[str, list[Answer]] = {"Allow": [], "Deny": []}
    for statement in statements_of(policy):
        answer = statement_applies(statement, request, repository, variables=variables, deployed=deployed)
        applies[statement["Effect"]].append(answer)
    return False if True in applies["Deny"] else any_of(applies["Allow"])


def statement_applies(
    statement: Statement, request: Request, repository: Repository, *, variables: bool, deployed: bool = False
) -> Answer:
    scene = Scene(request, repository, statement["Effect"], variables)
    if not action_matches(statement, request.action):
        return False
    answers = [principal_matches(statement, request, deployed=deployed)]
    answers += [condition_holds(*condition, scene) for condition in conditions_of(statement)]
    blocks = statement.get("Condition")
    if blocks is not None and (not blocks or not all(blocks.values())) and scene.effect == "Deny":
        answers.append(None)
    return all_of(answers)


# --- actions and principals ---------------------------------------------------------------------------------------


def action_matches(statement: Statement, action: str) -> bool:
    patterns = as_list(statement.get("Action", statement.get("NotAction")))
    matched = any(_glob(_tokens(pattern.lower())).fullmatch(action.lower()) for pattern in patterns)
    return matched == ("Action" in statement)


def principal_matches(statement: Statement, request: Request, *, deployed: bool) -> Answer:
    if "Principal" in statement:
        listed = _listed(statement["Principal"])
        return any_of(_is_listed(kind, name, request, statement["Effect"], deployed=deployed) for kind, name in listed)
    return _is_not_listed(_listed(statement["NotPrincipal"]), request, statement["Effect"], deployed=deployed)


def _listed(principal: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - a Principal element, as in JSON
    if principal == "*":
        return [("*", "*")]
    return [(kind, name) for kind, names in principal.items() for name in as_list(names)]


def _is_listed(kind: str, name: str, request: Request, effect: str, *, deployed: bool) -> Answer:
    if kind == "*":
        return True
    if kind == "Service":
        return name == request.principal
    if request.is_service:
        return (effect == "Allow" or None) if name == "*" else False
    return name == "*" or _names_caller(name, request, effect, deployed=deployed)


def _names_caller(name: str, request: Request, effect: str, *, deployed: bool) -> Answer:
    if re.fullmatch("A(ROA|IDA)[A-Z0-9]+", name):
        return False if deployed else None
    if name in {request.principal, request.keys.get("aws:principalarn")} or _account_of(name) == request.account:
        return True
    from_user = ":user/" in name and ":federated-user/" in request.principal and name.split(":")[4] == request.account
    return (effect == "Allow" or None) if from_user else False


def _is_not_listed(listed: list[tuple[str, str]], request: Request, effect: str, *, deployed: bool) -> Answer:
    if ("*", "*") in listed or (("AWS", "*") in listed and not request.is_service):
        return False if effect == "Allow" else None
    if request.is_service:
        doubtful = effect == "Deny" and ("AWS", "*") in listed
        return None if doubtful else ("Service", request.principal) not in listed
    names = [name for kind, name in listed if kind == "AWS"]
    if any(name in {request.principal, request.keys.get("aws:principalarn")} for name in names):
        return False if effect == "Allow" else None
    if any(_account_of(name) == request.account for name in names):
        return False if effect == "Allow" else None
    ids = effect == "Deny" and not deployed and any(name[:4] in IDS for name in names)
    doubtful = ids or any(_may_name(name, request) for name in names)
    return None if doubtful else True


IDS = {"AROA", "AIDA"}


def _may_name(name: str, request: Request) -> bool:
    """Return whether a listed session may be one of the caller's role, or a listed user the one behind the session."""
    own = str(request.keys.get("aws:principalarn"))
    role = f":{request.account}:assumed-role/{own.rpartition('/')[2]}/"
    user = ":federated-user/" in request.principal and f":{request.account}:user/" in name
    return role in name or user


def _account_of(name: str) -> str | None:
    found = re.fullmatch(r"(\d{12})|arn:[a-z-]+:iam::(\d{12}):root", name)
    return (found[1] or found[2]) if found else None


# --- one condition ------------------------------------------------------------------------------------------------

MANY = {key.name.lower() for key in KEYS if key.many} | {"aws:resourceorgpaths"}
GITHUB = "token.actions.githubusercontent.com:sub"
PRESENCE_ONLY = re.compile(f"saml:namequalifier|identitystore:userid|(?!{re.escape(GITHUB)}).*[.].*:sub")
_KNOWN = {name.lower() for name in KNOWN}
_SETTING = {"ecr:createrepository", "ecr:tagresource"}
_TAGS_SENT = {"aws:requesttag/": _SETTING, "aws:tagkeys": {*_SETTING, "ecr:untagresource"}}
"""The calls with tags, or with the names of tags."""
ABSENT = re.compile("(s3|kms|sts|iam|dynamodb):.*")
OF_CALLERS = re.compile(
    "aws:(principal(arn|account|orgid|orgpaths|type|isawsservice|servicename|servicenameslist|tag/.*)|userid|username"
    "|source(account|arn|orgid|orgpaths|ip|vpc|vpcarn|vpce|identity)|vpcsourceip|vpce(account|orgid|orgpaths)|useragent|referer"
    "|multifactorauth(present|age)|calledvia(first|last)?|viaawsservice|tokenissuetime|requesttag/.*|tagkeys"
    "|securetransport|currenttime|epochtime|requestedregion|resource(account|orgid|tag/.*)|chatbotsourcearn|signinsessionarn"
    "|federatedprovider|assumedroot|ec2instancesource(vpc|privateipv4))"
    "|ecr:resourcetag/.*|ec2:(sourceinstancearn|roledelivery)|ssm:sourceinstancearn|lambda:sourcefunctionarn"
    "|codebuild:(buildarn|projectarn)|glue:(roleassumedby|credentialissuingservice)|identitystore:userid"
    "|saml:(sub|sub_type|namequalifier)|[^:/]*[.][^:]*:(sub|aud|amr|id)"
)
OF_SESSIONS = re.compile(
    "aws:(sourceidentity|multifactorauth(present|age)|tokenissuetime|chatbotsourcearn|signinsessionarn"
    "|federatedprovider|assumedroot|ec2instancesource(vpc|privateipv4))|ec2:(sourceinstancearn|roledelivery)"
    "|ssm:sourceinstancearn|lambda:sourcefunctionarn|codebuild:.*|glue:.*|identitystore:userid"
    "|saml:(sub|sub_type|namequalifier)|[^:/]*[.][^:]*:(sub|aud|amr|id)"
)
OF_SERVICES = re.compile(
    f"{OF_SESSIONS.pattern}|aws:(principaltag/.*|calledvia(first|last)?|viaawsservice)"
    "|aws:(source(account|arn|orgid|orgpaths)|principalisawsservice|principalservicename(slist)?|username|resourceaccount"
    "|principalorg(id|paths)|referer|currenttime|epochtime|requestedregion)"
)


def condition_holds(operator: str, key: str, values: list[Any], scene: Scene) -> Answer:
    key = key.lower()
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    if key == "aws:securetransport" and scene.request.is_service:
        shown, held_back = (_holds(operator, key, texts, scene, actual) for actual in ("true", None))
        over_tls = scene.request.over_tls
        return _same(shown, held_back) if over_tls is None else shown if over_tls else held_back
    if not _is_uncertain(key, scene):
        return _holds(operator, key, texts, scene, scene.request.keys.get(key))
    present = _holds(operator, key, texts, scene, _ANYTHING)
    always = key == "aws:requestedregion" or (key == "aws:resourceorgpaths" and scene.repository.organization)
    return present if always else _same(_holds(operator, key, texts, scene, None), present)


def _same(one: Answer, other: Answer) -> Answer:
    return one if one == other else None


_ANYTHING = "\0 a value that nobody knows"


def _is_uncertain(key: str, scene: Scene) -> bool:
    if ABSENT.fullmatch(key) or _is_not_sent(key, scene.request.action.lower()):
        return False
    unknown = key.startswith(tuple(_TAGS_SENT)) and scene.request.action.lower() not in _KNOWN
    if unknown or (key == "aws:useragent" and key not in scene.request.keys):
        return True
    if key == "aws:requestedregion":
        return scene.repository.region is None
    if key == "aws:resourceorgid":
        return scene.repository.organization is None
    if key.startswith(("aws:resourcetag/", "ecr:resourcetag/")):
        return not (scene.repository.tags_known or scene.repository.tags)
    return not (OF_SERVICES if scene.request.is_service else OF_CALLERS).fullmatch(key)


def _is_not_sent(key: str, action: str) -> bool:
    return action in _KNOWN and any(key.startswith(name) and action not in calls for name, calls in _TAGS_SENT.items())


def _holds(operator: str, key: str, values: list[str], scene: Scene, actual: Value | None) -> Answer:
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    if base == "Null":
        return None if quantifier or not values else _is_null(values, actual)
    _, negated = OPERATORS[base]
    if actual is None:
        if quantifier == "ForAnyValue":
            return None if name.endswith("IfExists") else False
        return negated or quantifier == "ForAllValues" or name.endswith("IfExists")
    if not values:
        return False if quantifier == "ForAnyValue" else None
    if key in MANY and not quantifier:
        return None
    each = [_one_value(OPERATORS[base], values, one, key, scene) for one in as_list_of(actual)]
    empty = quantifier == "ForAllValues" and not actual
    return any_of(each) if quantifier == "ForAnyValue" else empty or all_of(each)


def _is_null(values: list[str], actual: Value | None) -> Answer:
    """An empty value may count as none. What another word than true and false means is unknown."""
    if actual == "":
        return True if {value.lower() for value in values} >= {*_WORDS} else None
    return any_of(value.lower() == str(actual is None).lower() if value.lower() in _WORDS else None for value in values)


def as_list_of(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _one_value(rule: Rule, values: list[str], actual: str, key: str, scene: Scene) -> Answer:
    matched = any_of(_one_literal(rule, value, actual, key, scene) for value in values)
    return negation(matched) if rule[1] else matched


def _one_literal(rule: Rule, value: str, actual: str, key: str, scene: Scene) -> Answer:
    test, negated = rule
    variables = _VARIABLE.findall(value) if scene.variables and test in TEXTUAL else []
    if any(
        _is_uncertain(inside.partition(",")[0].strip().lower(), scene) for inside in variables if inside not in "*?$"
    ):
        return None
    if variables and _substitute(value, scene) is None:
        return None if negated and scene.effect == "Deny" else False
    # For some keys, an outside caller only chooses whether they are present. A literal cannot match, but a variable
    # may.
    if actual == _ANYTHING or (PRESENCE_ONLY.fullmatch(key) and not variables):
        return _unknown_matches(test, value, key, scene)
    matched = _literal_matches(rule, value, actual, key, scene)
    if key == GITHUB and not matched and not variables:
        # Another identity's subject, about which nothing is known, has a colon. A caller's own subject certainly
        # differs.
        others = bool(set(value) & set(":*?" if test is _string_like else ":"))
        return None if others and not (negated and scene.effect == "Allow") else False
    return matched


def _unknown_matches(test: Test, value: str, key: str, scene: Scene) -> Answer:
    """Return whether an unknown value matches. `*` does if the key is known. A service is not a customer."""
    possible = _possible(key, scene)
    if possible:
        return _of_all(test, value, possible, scene)
    documented = OF_CALLERS.fullmatch(key) or PRESENCE_ONLY.fullmatch(key) or key in MANY
    if documented and value == "*" and test is _string_like:
        return True
    customers = scene.request.is_service and key in {"aws:principalarn", "aws:principalaccount", "aws:userid"}
    shape = _A_CUSTOMERS.get(test, _A_CUSTOMERS_TEXT)
    is_type = scene.request.is_service and key == "aws:principaltype" and value in {"User", "Account", "FederatedUser"}
    return False if is_type or (customers and shape.fullmatch(value)) else None


def _possible(key: str, scene: Scene) -> tuple[str, ...]:
    """Return values of an unknown key, of every kind that the literals of the small world distinguish."""
    organization = scene.repository.organization
    if key == "aws:requestedregion":
        return ("eu-west-1", "us-east-1", "ap-south-1")
    if key == "aws:resourceorgpaths" and organization:
        return tuple(f"{organization}/{rest}" for rest in ("r-zz99/", UNIT, f"{UNIT}ou-ab12-22222222/"))
    if key.startswith(("aws:resourcetag/", "ecr:resourcetag/")):
        return ("ci", "prod", "Prod", "a b", "outside", "")
    return ()


def _of_all(test: Test, value: str, possible: tuple[str, ...], scene: Scene) -> Answer:
    tokens = _substitute(value, scene) if scene.variables and test in TEXTUAL else _tokens(value)
    text = _text(tokens or ())
    own = (text,) if not set(text) & set("*?${}") and possible[0] == "ci" else ()
    try:
        answers = {test(tokens or (), one) for one in (*possible, *own)}
    except (ValueError, ArithmeticError):
        return None
    return answers.pop() if len(answers) == 1 else None


def _literal_matches(rule: Rule, value: str, actual: str, key: str, scene: Scene) -> Answer:
    test, negated = rule
    if key == "aws:userid" and value[:4] in IDS and (test is _string_like or "*" not in value):
        # An id belongs to a principal about which nothing else is known. A caller with another id certainly differs.
        return False if negated and scene.effect == "Allow" and value != actual else None
    if negated and test is _arn_like and not re.fullmatch("arn:(.*:){4}.*", actual, re.DOTALL):
        return None
    resolved = _substitute(value, scene) if scene.variables and test in TEXTUAL else _tokens(value)
    try:
        return test(resolved or (), actual)
    except (ValueError, ArithmeticError):  # a value of the wrong type, which the guides do not cover
        return None


# --- text: tokens are characters, and the two wildcards -----------------------------------------------------------

ANY, ONE = "any", "one"
Tokens = tuple[str, ...]
Test = Callable[[Tokens, str], Answer]
Rule = tuple[Test, bool]  # a positive test, and whether the operator negates it


def _tokens(text: str) -> Tokens:
    return tuple(ANY if char == "*" else ONE if char == "?" else char for char in text)


def _text(tokens: Tokens) -> str:
    return "".join({ANY: "*", ONE: "?"}.get(token, token) for token in tokens)


@cache
def _glob(tokens: Tokens, wildcard: str = ".") -> re.Pattern[str]:
    return re.compile("".join({ANY: wildcard + "*", ONE: wildcard}.get(t, re.escape(t)) for t in tokens), re.DOTALL)


_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def _substitute(text: str, scene: Scene) -> Tokens | None:
    """Return the text with its variables replaced by literal values, or None if one of them is null."""
    found: list[str] = []
    end = 0
    for variable in _VARIABLE.finditer(text):
        value = _variable(variable[1], scene)
        if value is None:
            return None
        found += [*_tokens(text[end : variable.start()]), *value]
        end = variable.end()
    return (*found, *_tokens(text[end:]))


def _variable(inside: str, scene: Scene) -> str | None:
    if inside in {"*", "?", "$"}:
        return inside
    key, _, default = inside.partition(",")
    if key.strip().lower() in MANY:
        return None
    value = scene.request.keys.get(key.strip().lower())
    if isinstance(value, str):
        return value
    return default.strip().strip("'") if default else None


# --- operators ----------------------------------------------------------------------------------------------------


def _string_equals(tokens: Tokens, actual: str) -> Answer:
    return _text(tokens) == actual


def _string_equals_ignore_case(tokens: Tokens, actual: str) -> Answer:
    return _text(tokens).lower() == actual.lower()


def _string_like(tokens: Tokens, actual: str) -> Answer:
    return _glob(tokens).fullmatch(actual) is not None


def _arn_like(tokens: Tokens, actual: str) -> Answer:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    if len(parts) < 6:
        return None
    found = actual.split(":", 5)
    return len(found) == 6 and all(_glob(tuple(p)).fullmatch(f) for p, f in zip(parts, found, strict=True))


# Texts that only a customer's principal has, with any value for the wildcards.
_A_CUSTOMERS_TEXT = re.compile(r"arn:[^:*?]*:(iam|sts)::\d.*|\d{12}([:*?].*)?|A[A-Z]{3}[A-Z0-9]{12,}.*")
_A_CUSTOMERS: dict[Test, re.Pattern[str]] = {
    _arn_like: re.compile(r"arn:[^:]*:(iam|sts)::\d.*"),
    _string_like: re.compile(r"arn:[^:*?]*:(iam|sts)::\d.*|\d{12}.*|A[A-Z]{3}[A-Z0-9]{12,}.*"),
}

# The operators that replace variables in their values.
TEXTUAL = {_string_equals, _string_equals_ignore_case, _string_like, _arn_like}


def _bool(tokens: Tokens, actual: str) -> Answer:
    wanted, found = _text(tokens).lower(), actual.lower()
    if wanted not in _WORDS or (found not in _WORDS and wanted == "false"):
        return None
    return wanted == found


_WORDS = ("true", "false")


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _ip_address(tokens: Tokens, actual: str) -> Answer:
    text = _text(tokens)
    network, address = _network(text), ipaddress.ip_address(actual)
    if network.version != address.version:
        return False
    exact = network.version == 4 or text.startswith(f"{network.network_address}/")
    return address in network and (exact or None)


def _binary(tokens: Tokens, actual: str) -> Answer:
    return base64.b64decode(_text(tokens)) == base64.b64decode(actual)


def instant(text: str) -> Decimal:
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and not re.fullmatch(r"\d{4}", text):
        return Decimal(text)
    moment = dt.datetime.fromisoformat(f"{text}-01-01" if re.fullmatch(r"\d{4}", text) else text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return Decimal(str(moment.timestamp()))


def _compared(read: Callable[[str], Decimal], holds: Callable[[Decimal, Decimal], bool]) -> Test:
    return lambda tokens, actual: holds(read(actual), read(_text(tokens)))


def _comparisons(family: str, read: Callable[[str], Decimal]) -> dict[str, Rule]:
    equal = _compared(read, lambda actual, literal: actual == literal)
    return {
        f"{family}Equals": (equal, False),
        f"{family}NotEquals": (equal, True),
        f"{family}LessThan": (_compared(read, lambda actual, literal: actual < literal), False),
        f"{family}LessThanEquals": (_compared(read, lambda actual, literal: actual <= literal), False),
        f"{family}GreaterThan": (_compared(read, lambda actual, literal: actual > literal), False),
        f"{family}GreaterThanEquals": (_compared(read, lambda actual, literal: actual >= literal), False),
    }


OPERATORS: dict[str, Rule] = {
    "StringEquals": (_string_equals, False),
    "StringNotEquals": (_string_equals, True),
    "StringEqualsIgnoreCase": (_string_equals_ignore_case, False),
    "StringNotEqualsIgnoreCase": (_string_equals_ignore_case, True),
    "StringLike": (_string_like, False),
    "StringNotLike": (_string_like, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "Bool": (_bool, False),
    "IpAddress": (_ip_address, False),
    "NotIpAddress": (_ip_address, True),
    "BinaryEquals": (_binary, False),
    **_comparisons("Numeric", Decimal),
    **_comparisons("Date", instant),
}
