"""Reading a policy document: everything that IAM accepts in a repository policy, and a place and a reason for the rest.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from .conditions import Base, Condition, Operator, Value, operator, value
from .document import NO_POLICY, Actions, Effect, Policy, Resources, Statement
from .holes import Hole, Holed, Text, as_text
from .pattern import pattern
from .principals import EVERYONE, Named, Principals, UniqueId, aws_principal, service_principal
from .problems import Problems, quoted
from .text import RepeatedNames, read_json

_TOP = frozenset({"Version", "Id", "Statement"})
_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_WITH_VARIABLES = "2012-10-17"
_VERSIONS = frozenset({"2008-10-17", _WITH_VARIABLES})
_ACTION = re.compile(r"\*+|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+")
_NEGATED = {"Principal": "NotPrincipal", "Action": "NotAction", "Resource": "NotResource"}
_NOTHING = object()


def parse(policy: object) -> Policy:
    """Read a policy: its text, its JSON object, or None, `""` and `{}` where a repository has none.

    Never raises; whatever IAM would not accept is in `Policy.invalid`, all of it at once.
    """
    problems = Problems()
    if isinstance(policy, str):
        policy = read_json(policy, problems) if policy.strip() else None
    if problems.found:
        return Policy((), tuple(problems.found))
    if policy is None or policy == {}:
        return NO_POLICY
    if not isinstance(policy, Mapping):
        problems.add("$", f"expected a policy, a JSON object, not {_kind(policy)}")
        return Policy((), tuple(problems.found))
    statements = _Document(problems).statements(policy)
    return Policy(tuple(statements), tuple(problems.found))


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str() | Holed() | Hole():
            return "a string"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "an object"
    return f"a {type(value).__name__}"


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1024)
def _is_action(text: str) -> bool:
    return _ACTION.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _all_actions(texts: tuple[Text | None, ...], negated: bool) -> Actions | None:
    """Return a list of actions if every one is well-formed: the same lists stand in many policies."""
    good = tuple(text for text in texts if isinstance(text, str) and _ACTION.fullmatch(text))
    return Actions(negated, good) if len(good) == len(texts) else None


class _Document:
    """Reads one document; every method returns what could be read and notes what could not."""

    __slots__ = ("_add", "_variables")

    def __init__(self, problems: Problems) -> None:
        self._add = problems.add
        self._variables = False

    def statements(self, policy: Mapping[object, object]) -> Iterator[Statement]:
        self._names("$", policy, _TOP)
        self._variables = self._version(policy) == _WITH_VARIABLES
        if "Id" in policy:
            self._string("$.Id", policy["Id"])
        body = policy.get("Statement", _NOTHING)
        if body is _NOTHING:
            self._add("$", "has no Statement")
        elif isinstance(body, (list, tuple)):
            for index, item in enumerate(body):
                yield from self._statement(f"$.Statement[{index}]", index, item)
        else:
            yield from self._statement("$.Statement", 0, body)

    def _version(self, policy: Mapping[object, object]) -> object:
        version = policy.get("Version", "2008-10-17")
        if not isinstance(version, str) or version not in _VERSIONS:
            self._add("$.Version", f"{quoted(version)} is no policy version: expected `2012-10-17` or `2008-10-17`")
        return version

    def _names(self, at: str, value: Mapping[object, object], known: frozenset[str]) -> None:
        self._repeated(at, value)
        if value.keys() <= known:
            return
        for name in value:
            if name not in known:
                self._add(at, f"has an unknown element {quoted(name)}: expected one of {', '.join(sorted(known))}")

    def _repeated(self, at: str, value: object) -> None:
        if isinstance(value, RepeatedNames):
            for name in value.names:
                self._add(at, f"names {quoted(name)} twice")

    def _string(self, at: str, value: object) -> Text | None:
        text = as_text(value)
        if text is None:
            self._add(at, f"expected a string, not {_kind(value)}")
        elif isinstance(text, str) and not text.isascii() and not _is_unicode(text):
            self._add(at, f"{quoted(text)} is not Unicode text")
            return None
        return text

    def _strings(self, at: str, value: object) -> Sequence[Text | None]:
        """Return one string or a list of them as a list; what is no string is noted, and None in its place."""
        if type(value) is str and value.isascii():
            return (value,)
        if not isinstance(value, (list, tuple)):
            return (self._string(at, value),)
        try:
            if "".join(value).isascii():  # nearly always: strings, and plain ones
                return value
        except TypeError:
            pass
        return [self._string(f"{at}[{index}]", item) for index, item in enumerate(value)]

    def _fault(self, at: str, value: object, index: int, reason: str) -> None:
        self._add(f"{at}[{index}]" if isinstance(value, (list, tuple)) else at, reason)

    def _statement(self, at: str, index: int, item: object) -> Iterator[Statement]:
        if not isinstance(item, (dict, Mapping)):
            if isinstance(item, (Hole, Holed)):
                yield _unknown_statement(index, item)
                return
            self._add(at, f"expected a statement, a JSON object, not {_kind(item)}")
            return
        self._names(at, item, _ELEMENTS)
        holes: list[Holed] = []
        effect = self._effect(at, item, holes)
        principals = self._principals(at, item)
        actions = self._actions(at, item)
        resources = self._resources(at, item)
        conditions = self._conditions(at, item, holes)
        if effect is None or principals is None or actions is None or conditions is None:
            return
        sid = self._string(f"{at}.Sid", item["Sid"]) if "Sid" in item else None
        yield Statement(
            index,
            None if sid is None else str(sid),
            effect,
            principals,
            actions,
            resources,
            conditions,
            _has_empty_condition(item),
            tuple(holes),
        )

    def _effect(self, at: str, item: Mapping[object, object], holes: list[Holed]) -> Effect | None:
        effect = item.get("Effect", _NOTHING)
        if effect == "Allow":
            return Effect.ALLOW
        if effect == "Deny":
            return Effect.DENY
        text = as_text(effect)
        if isinstance(text, Holed):
            holes.append(text)
            return Effect.ALLOW
        if effect is _NOTHING:
            self._add(at, "has no Effect: expected `Allow` or `Deny`")
        else:
            self._add(f"{at}.Effect", f"{quoted(effect)} is no effect: expected `Allow` or `Deny`")
        return None

    def _one_of(self, at: str, item: Mapping[object, object], name: str) -> str | None:
        """Return which of `name` and `Not…` is there; exactly one must be."""
        here, there = name in item, _NEGATED[name] in item
        if here and there:
            self._add(at, f"has both {name} and Not{name}")
        elif not here and not there:
            self._add(at, f"has neither {name} nor Not{name}")
        else:
            return name if here else _NEGATED[name]
        return None

    def _principals(self, at: str, item: Mapping[object, object]) -> Principals | None:
        element = self._one_of(at, item, "Principal")
        if element is None:
            return None
        value = item[element]
        negated = element != "Principal"
        if value == "*":
            return Principals(negated=True, everyone=True) if negated else EVERYONE
        place = f"{at}.{element}"
        if isinstance(value, (dict, Mapping)):
            return self._principal_map(place, value, negated)
        text = as_text(value)
        if isinstance(text, Holed):
            return Principals(negated=negated, unknown=(text,), unknown_services=(text,))
        self._add(place, f"{quoted(value)} is no principal: expected `*` or an object such as " + '{"AWS": …}')
        return None

    def _principal_map(self, at: str, value: Mapping[object, object], negated: bool) -> Principals | None:
        self._repeated(at, value)
        found = Principals(negated)
        complete = True
        for kind, entries in value.items():
            place = f"{at}.{kind}"
            if kind == "AWS":
                found, whole = self._aws(place, entries, found)
            elif kind == "Service":
                found, whole = self._services(place, entries, found)
            else:
                whole = self._foreign_kind(place, kind)
            complete &= whole
        # What an unreadable exception exempts is not known, so the statement as a whole is not.
        return found if complete or not negated else None

    def _aws(self, at: str, entries: object, found: Principals) -> tuple[Principals, bool]:
        named: list[Named] = []
        ids: list[UniqueId] = []
        unknown: list[Holed] = []
        any_aws, whole = False, True
        for index, text in enumerate(self._strings(at, entries)):
            if isinstance(text, Holed):
                unknown.append(text)
            elif text == "*":
                any_aws = True
            elif text is None:
                whole = False
            else:
                entry = aws_principal(text)
                if isinstance(entry, Named):
                    named.append(entry)
                elif isinstance(entry, UniqueId):
                    ids.append(entry)
                else:
                    whole = False
                    self._fault(at, entries, index, entry)
        services, unknown_services = found.services, found.unknown_services
        everybody = (
            found.negated,
            False,
            any_aws,
            tuple(named),
            services,
            tuple(ids),
            tuple(unknown),
            unknown_services,
        )
        return Principals(*everybody), whole

    def _services(self, at: str, entries: object, found: Principals) -> tuple[Principals, bool]:
        services: list[str] = []
        unknown: list[Holed] = []
        whole = True
        for index, text in enumerate(self._strings(at, entries)):
            if isinstance(text, Holed):
                unknown.append(text)
            elif text is None:
                whole = False
            else:
                reason = service_principal(text)
                if reason is None:
                    services.append(text)
                else:
                    whole = False
                    self._fault(at, entries, index, reason)
        return found._replace(services=tuple(services), unknown_services=tuple(unknown)), whole

    def _foreign_kind(self, at: str, kind: object) -> bool:
        if kind in ("Federated", "CanonicalUser"):
            self._add(at, f"{kind} principals are not supported in a repository policy: expected AWS or Service")
        else:
            self._add(at, f"{quoted(kind)} is no kind of principal: expected AWS or Service")
        return False

    def _actions(self, at: str, item: Mapping[object, object]) -> Actions | None:
        element = self._one_of(at, item, "Action")
        if element is None:
            return None
        value = item[element]
        place = f"{at}.{element}"
        texts = tuple(self._strings(place, value))
        known = _all_actions(texts, element != "Action")
        if known is not None:
            return known
        patterns: list[Text] = []
        for index, text in enumerate(texts):
            if isinstance(text, Holed) or (text is not None and _is_action(text)):
                patterns.append(text)
            elif text is not None:
                self._fault(
                    place, value, index, f"{quoted(text)} is no action: expected a form such as `ecr:BatchGetImage`"
                )
        return Actions(element != "Action", tuple(patterns))

    def _resources(self, at: str, item: Mapping[object, object]) -> Resources | None:
        if "Resource" not in item and "NotResource" not in item:
            return None
        element = self._one_of(at, item, "Resource")
        if element is None:
            return None
        texts = self._strings(f"{at}.{element}", item[element])
        patterns = tuple(pattern(text, wild=True, variables=self._variables) for text in texts if text is not None)
        return Resources(element != "Resource", patterns)

    def _conditions(self, at: str, item: Mapping[object, object], holes: list[Holed]) -> tuple[Condition, ...] | None:
        """Return the conditions, or None if one is unreadable: then the statement's reach is not known."""
        block = item.get("Condition", _NOTHING)
        if block is _NOTHING:
            return ()
        place = f"{at}.Condition"
        text = as_text(block)
        if isinstance(text, Holed):
            holes.append(text)
            return ()
        if not isinstance(block, Mapping):
            self._add(place, f"expected an object of operators, not {_kind(block)}")
            return None
        self._repeated(place, block)
        read = [self._operator(f"{place}.{name}", name, keys) for name, keys in block.items()]
        if any(conditions is None for conditions in read):
            return None
        return tuple(condition for conditions in read if conditions for condition in conditions)

    def _operator(self, at: str, name: object, keys: object) -> list[Condition] | None:
        known = operator(name) if isinstance(name, str) else None
        if known is None:
            self._add(at, f"{quoted(name)} is no condition operator")
            return None
        if not isinstance(keys, Mapping):
            self._add(at, f"expected an object of condition keys, not {_kind(keys)}")
            return None
        self._repeated(at, keys)
        read = [self._condition(f"{at}.{key}", known, key, values) for key, values in keys.items()]
        names = [condition.name for condition in read if condition]
        twice = {name for name in names if names.count(name) > 1}
        for name in sorted(twice):
            self._add(at, f"names the key {quoted(name)} twice: keys are compared without regard to case")
        if twice or None in read or isinstance(keys, RepeatedNames):
            return None
        return [condition for condition in read if condition]

    def _condition(self, at: str, known: Operator, key: object, values: object) -> Condition | None:
        if not isinstance(key, str) or not key or not _is_unicode(key):
            self._add(at, f"{quoted(key)} is no condition key: expected a form such as `aws:PrincipalOrgID`")
            return None
        items = values if isinstance(values, (list, tuple)) else [values]
        read = [
            self._value(f"{at}[{index}]" if items is values else at, known.base, item)
            for index, item in enumerate(items)
        ]
        good = tuple(item for item in read if item is not None)
        return Condition(known, key, key.lower(), good) if len(good) == len(read) else None

    def _value(self, at: str, base: Base, item: object) -> Value | None:
        text = self._string(at, _scalar(item))
        if text is None:
            return None
        if base in _UNTYPED or not isinstance(text, str) or "${" not in text:
            try:
                return value(base, text, variables=self._variables)
            except ValueError as error:
                self._add(at, str(error))
                return None
        self._add(at, f"{quoted(text)}: policy variables stand only under String and Arn operators")
        return None


_UNTYPED = frozenset({Base.STRING_EQUALS, Base.STRING_EQUALS_IGNORE_CASE, Base.STRING_LIKE, Base.ARN_LIKE})


def _scalar(item: object) -> object:
    """Numbers and booleans may stand bare; they are compared as the text that JSON gives them."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)) and item - item == 0:  # neither NaN nor infinite
        return _digits(item)
    return item


def _digits(item: float) -> object:
    if isinstance(item, int) and abs(item) >= 10**40:
        return item
    return str(int(item)) if item == int(item) else repr(item)


def _has_empty_condition(item: Mapping[object, object]) -> bool:
    block = item.get("Condition", _NOTHING)
    if not isinstance(block, Mapping):
        return False
    return not block or any(isinstance(keys, Mapping) and not keys for keys in block.values())


def _unknown_statement(index: int, item: Hole | Holed) -> Statement:
    hole = item if isinstance(item, Holed) else Holed((item,))
    anything = Principals(unknown=(hole,), unknown_services=(hole,))
    return Statement(index, None, Effect.ALLOW, anything, Actions(False, ("ecr:*",)), None, (), holes=(hole,))
