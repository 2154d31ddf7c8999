"""The result of `aws_iam_policy_document`: the AWS provider's rules, for values that may have holes.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ....documents.pattern import Hole, Holed
from ....documents.pattern import text_of as joined
from ...files.values.nodes import Place, parts_of
from ...files.values.partial import (
    Case,
    Conditional,
    Either,
    Encoded,
    Placed,
    Question,
    Value,
    apply_answer,
    either,
    first_hole,
    is_known,
    or_absent,
    questions_to_holes,
    text_of,
)
from .policies import decode_json, on_condition, read_policy

_NOWHERE = Place("")
_NEWEST = "2012-10-17"
_LISTS = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources", "NotResource": "not_resources"}
_EITHER = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_MOST_QUESTIONS = 3
_WITH_VARIABLES = frozenset({"resources", "not_resources"})

Statement = Mapping[str, Value]


def document(attributes: Mapping[str, Value], at: Place | None = None) -> Encoded:
    """Return the JSON of the data source, from its attributes and blocks."""
    merged = _Merged()
    merged.add_json(attributes.get("source_json"))
    merged.add_each(attributes.get("source_policy_documents"))
    version = attributes.get("version") or _NEWEST
    variables = version != "2008-10-17"
    merged.add(version, attributes.get("policy_id"), _elements(attributes.get("statement"), variables=variables))
    merged.add_each(attributes.get("override_policy_documents"))
    merged.add_json(attributes.get("override_json"))
    return Encoded(merged.policy(at))


class _Merged:
    """Merged documents. A statement with a Sid replaces an earlier one with the same Sid."""

    def __init__(self) -> None:
        self._version = ""
        self._id: Value = None
        self._statements: list[Value] = []

    def policy(self, at: Place | None) -> Placed:
        """Return the merged documents as a policy."""
        pairs: list[tuple[str, Value]] = [("Version", self._version or _NEWEST)]
        if self._id:
            pairs.append(("Id", self._id))
        return Placed([*pairs, ("Statement", self._statements)], at)

    def add_each(self, documents: Value) -> None:
        """Merge a list of JSON texts."""
        for one in documents if isinstance(documents, (list, tuple)) else [documents]:
            self.add_json(one)

    def add_json(self, text: Value) -> None:
        """Merge a JSON text. An unknown text may contain anything, and may replace any Deny that has a Sid."""
        if isinstance(text, Conditional) and not text.cases:
            text = text.hole
        if isinstance(text, Either):
            for one, holds in ((text.yes, True), (text.no, False)):
                self.add_json(Conditional(one, text.hole, (Case(text.question, holds),)))
            return
        perhaps = text if isinstance(text, Conditional) else None
        value = _decode_text(text.value if isinstance(text, Conditional) else text)
        if value is None:
            return
        if not isinstance(value, Mapping):
            hole = first_hole(value, "policy")
            self._statements = [*(_doubtful(statement, hole) for statement in self._statements), hole]
            return
        body = value.get("Statement", [])
        statements = body if isinstance(body, (list, tuple)) else [body]
        if perhaps is not None:
            statements = [_there_if(statement, perhaps) for statement in statements]
        self.add(value.get("Version", ""), value.get("Id"), statements)

    def add(self, version: Value, policy_id: Value, statements: Iterable[Value]) -> None:
        """Merge a document."""
        self._version = max(self._version, version if isinstance(version, str) else _NEWEST)
        self._id = policy_id or self._id
        for statement in statements:
            self._put(statement)

    def _put(self, statement: Value) -> None:
        sid = _sid(statement)
        if isinstance(sid, (Hole, Holed)):
            hole = first_hole(sid, "sid")
            self._statements = [_doubtful(one, hole) for one in self._statements]
        same = next((index for index, one in enumerate(self._statements) if sid and _sid(one) == sid), None)
        if same is None:
            self._statements.append(statement)
        elif isinstance(statement, Conditional):
            self._statements[same] = _doubtful(self._statements[same], statement.hole)
            self._statements.append(statement)
        else:
            self._statements[same] = statement


def _decode_text(text: Value) -> Value:
    value = text.value if isinstance(text, Encoded) else read_policy(questions_to_holes(text), _NOWHERE).policy
    return decode_json(value) if isinstance(value, str) else value


def _there_if(statement: Value, perhaps: Conditional) -> Conditional:
    """Return a statement of a document that may be missing."""
    if not isinstance(statement, Conditional):
        return perhaps.but(statement)
    cases = (*perhaps.cases, *statement.cases) if statement.cases else ()
    return Conditional(statement.value, statement.hole, cases)


def _sid(statement: Value) -> Value:
    inner = statement.value if isinstance(statement, Conditional) else statement
    return text_of(inner.get("Sid")) if isinstance(inner, Mapping) else None


def _doubtful(statement: Value, hole: Hole) -> Value:
    """Return a statement that another document may replace.

    A Deny becomes conditional, so that nothing relies on it.
    """
    if not isinstance(statement, Mapping) or not _sid(statement) or statement.get("Effect") != "Deny":
        return statement
    return _placed_like(statement, on_condition(statement, hole))


def _placed_like(statement: Mapping[str, Value], pairs: Mapping[str, Value]) -> Placed:
    return Placed(pairs, statement.at if isinstance(statement, Placed) else None)


# --- statements ---


def _elements(blocks: Value, *, variables: bool) -> Iterator[Value]:
    if isinstance(blocks, (Hole, Holed)):
        yield first_hole(blocks, "statement")
        return
    for block in _blocks(blocks):
        if isinstance(block, Conditional) and isinstance(block.value, Mapping):
            yield block.but(_statement(block.value, variables=variables))
        elif isinstance(block, Mapping):
            yield _statement(block, variables=variables)
        else:
            yield first_hole(block, "statement")


def _statement(block: Statement, *, variables: bool) -> Value:
    """Return a statement.

    It is a hole if it has two exclusive elements and one is unknown, because that may be missing.
    """
    pairs: list[tuple[str, Value]] = []
    sid = _list(block.get("sid"))
    if sid and sid[0]:
        pairs.append(("Sid", sid[0]))
    effect = block.get("effect")
    pairs.append(("Effect", effect or "Allow"))
    for element, name in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        principal = _principals(block.get(name), variables=variables)
        if principal is not None:
            pairs.append((element, principal))
    for element, name in _LISTS.items():
        value = _list(block.get(name))
        if value:
            pairs.append((element, _with_variables(value) if variables and name in _WITH_VARIABLES else value))
    condition = _conditions(block.get("condition"), variables=variables)
    if condition is not None:
        pairs.append(("Condition", or_absent(condition)))
    made = _placed_like(block, dict(pairs))
    unsure = [
        made[text] for two in _EITHER if all(one in made for one in two) for text in two if not is_known(made[text])
    ]
    return first_hole(unsure, "statement") if unsure else made


def _with_variables(value: Value) -> Value:
    """Return a value with `&{…}`, which Terraform leaves alone, as the policy variable `${…}`."""
    match value:
        case Conditional():
            return value.but(_with_variables(value.value))
        case Either():
            return either(value.question, _with_variables(value.yes), _with_variables(value.no), value.hole)
        case list() | tuple():
            return [_with_variables(item) for item in value]
    text = text_of(value)
    if isinstance(text, (str, Holed)):
        return joined(part.replace("&{", "${") if isinstance(part, str) else part for part in parts_of(text))
    return value


def _principals(blocks: Value, *, variables: bool) -> Value:
    """Return the principals of a statement: types with their identifiers, or `*` for everyone."""
    if isinstance(blocks, (Hole, Holed)):
        return first_hole(blocks, "principals")
    items = _blocks(blocks)
    if not items:
        return None
    found: dict[str, list[Value]] = {}
    for item in items:
        block = item.value if isinstance(item, Conditional) else item
        kind = text_of(block.get("type")) if isinstance(block, Mapping) else block
        if not isinstance(kind, str) or not isinstance(block, Mapping):
            return first_hole(item, "principals")
        named = _list(block.get("identifiers"))
        if variables:
            named = [_with_variables(one) for one in named]
        if isinstance(item, Conditional):
            named = [
                Conditional(one.value, one.hole) if isinstance(one, Conditional) else item.but(one) for one in named
            ]
        found.setdefault(kind, []).extend(named)
    return _everybody(found)


def _everybody(found: dict[str, list[Value]]) -> Value:
    if found.keys() != {"*"}:
        return found
    [named] = found.values()
    if named == ["*"]:
        return "*"
    return found if is_known(named) else first_hole(named, "principals")


def _list(value: Value) -> list[Value]:
    """Return a list of texts. Numbers become texts, and nested lists are flattened, as Terraform 0.11 did."""
    match value:
        case None:
            return []
        case list() | tuple():
            return [inner for item in value for inner in _list(item)]
        case bool():
            return ["true" if value else "false"]
        case int() | float():
            return [str(value)]
    return [value]


def _question(blocks: list[Value]) -> Question | None:
    """Return the first question about which blocks exist. None if there are none or too many questions."""
    asked = [case.question for block in blocks if isinstance(block, Conditional) for case in block.cases]
    distinct = [one for number, one in enumerate(asked) if one not in asked[:number]]
    return distinct[0] if 0 < len(distinct) <= _MOST_QUESTIONS else None


def _blocks(value: Value) -> list[Value]:
    """Return inner blocks as a list. A single object counts as one block, as in Terraform 0.11."""
    if isinstance(value, Mapping):
        return [value]
    return list(value) if isinstance(value, (list, tuple)) else []


def _conditions(blocks: Value, *, variables: bool) -> Value:
    """Return the conditions of a statement. Values for the same operator and key are merged."""
    if isinstance(blocks, (Hole, Holed)):
        return first_hole(blocks, "condition")
    items = _blocks(blocks)
    if not items:
        return None
    question = _question(items)
    if question is not None:
        yes, no = (
            _conditions(apply_answer(items, Case(question, holds)), variables=variables) for holds in (True, False)
        )
        return either(question, yes, no, first_hole(items, "condition"))
    found: dict[str, dict[str, list[Value]]] = {}
    doubts: list[Hole] = []
    for item in items:
        block = item if isinstance(item, Mapping) else {}
        test, key = text_of(block.get("test")), text_of(block.get("variable"))
        if not isinstance(test, str) or not isinstance(key, str):
            doubts.append(first_hole(item, "condition"))
            continue
        values = _list(block.get("values"))
        found.setdefault(test, {}).setdefault(key, []).extend(map(_with_variables, values) if variables else values)
    condition: Mapping[str, Value] = {"Condition": found}
    for hole in doubts:
        condition = on_condition(condition, hole)
    return condition["Condition"]
