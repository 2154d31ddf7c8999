"""Terraform sources in which an open policy is hidden: it is open only if every input has a value that opens it.

Each input decides about one place of the policy, such as a principal, a statement or the `count` of a resource. By
default, or as far as the sources show, each of them keeps the policy closed.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.case_tables import OWNER
from tests.check.hiding.hider import Answer

FOREIGN = "222233334444"
OWN = f'{{ Effect = "Allow", Principal = {{ AWS = "{OWNER}" }}, Action = "ecr:*" }}'
"""A statement for the owner's account."""


class Expression(str):
    """An expression of HCL. Any other value is a literal."""

    __slots__ = ()


@dataclass(frozen=True)
class Block:
    """A block of a source."""

    kind: str
    labels: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Input:
    """Something that is not known, and keeps a policy closed by default.

    `test`: a condition that holds if it opens the policy. `content`: a list of principals that are outside in that
    case, instead of a test. `answers`: the values that it may have, with the one that opens last; none if nobody can
    give one. `rests`: whether its default counts, with a note.
    """

    test: str
    blocks: tuple[Block, ...] = ()
    files: Mapping[str, Sequence[Block] | str] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    content: str = ""
    rests: bool = False


# --- inputs ---


def _variable(name: str, kind: str = "", *inner: Block, **attributes: object) -> Block:
    typed = {"type": Expression(kind)} if kind else {}
    return Block("variable", (name,), {**typed, **attributes}, inner)


def _values(name: str, *texts: str) -> tuple[Answer, ...]:
    return tuple(Answer({name: text}) for text in texts)


def _listed(name: str, *values: str) -> Block:
    condition = Expression(f"contains({json.dumps(values)}, var.{name})")
    return Block("validation", (), {"condition": condition, "error_message": "one of them"})


def _simple(test: str, kind: str, closed: str, opened: str, **attributes: object) -> Callable[[str], Input]:
    rests = attributes.pop("rests", False) is True
    return lambda name: Input(
        test.replace("X", f"var.{name}"),
        (_variable(name, kind, **attributes),),
        answers=_values(name, closed, opened),
        rests=rests,
    )


def _of_listed(test: str, **attributes: object) -> Callable[[str], Input]:
    return lambda name: Input(
        test.replace("X", f"var.{name}"),
        (_variable(name, "string", _listed(name, "dev", "prod"), **attributes),),
        answers=_values(name, "dev", "prod"),
    )


def _of_file(name: str) -> Input:
    path = f"{name}.tfvars"
    block = _variable(name, "bool", default=False)
    return Input(f"var.{name}", (block,), {path: f"{name} = true\n"}, _in_file(name, "false", path))


def _of_files(name: str) -> Input:
    path = f"prod/{name}.tfvars"
    files = {f"{name}.auto.tfvars": f"{name} = false\n", path: f"{name} = true\n"}
    return Input(f"var.{name}", (_variable(name, "bool"),), files, _in_file(name, "false", path))


def _in_file(name: str, closed: str, path: str) -> tuple[Answer, ...]:
    return Answer({name: closed}), Answer({}, (path,))


def _of_data(name: str) -> Input:
    return Input(
        f'data.aws_ssm_parameter.{name}.value == "prod"', (Block("data", ("aws_ssm_parameter", name), {"name": name}),)
    )


def _of_object(name: str) -> Input:
    return Input(
        f"var.{name}.enabled",
        (_variable(name, "object({ enabled = bool })", default={"enabled": False}),),
        answers=_values(name, "{ enabled = false }", "{ enabled = true }"),
        rests=True,
    )


TESTS: Mapping[str, Callable[[str], Input]] = {
    "no default": _simple("X", "bool", "false", "true"),
    "text without default": _simple('X == "prod"', "string", "dev", "prod"),
    "off": _simple("X", "bool", "false", "true", default=False, rests=True),
    "off as text": _simple('X == "true"', "string", "false", "true", default="false", rests=True),
    "on": _simple("!X", "bool", "true", "false", default=True, rests=True),
    "ordinary": _simple('X == "prod"', "string", "dev", "prod", default="dev", rests=True),
    "number": _simple("X > 0", "number", "0", "1", default=0, rests=True),
    "object": _of_object,
    "null": _simple("X != null", "list(string)", "null", '["x"]', default=None),
    "null as false": _simple("coalesce(X, false)", "bool", "false", "true", default=None),
    "empty text": _simple('X != ""', "string", "", "x", default=""),
    "empty list": _simple("length(X) > 0", "list(string)", "[]", '["x"]', default=[]),
    "empty map": _simple('contains(keys(X), "a")', "map(string)", "{}", '{ a = "x" }', default={}),
    "listed": _of_listed('X == "prod"', default="dev"),
    "listed in a map": _of_listed("lookup({ dev = false, prod = true }, X, false)", default="dev"),
    "listed without default": _of_listed('X == "prod"'),
    "file": _of_file,
    "file beside another": _of_files,
    "data": _of_data,
    "generated file": lambda name: Input(f'fileexists("generated/{name}")'),
}


def _content(content: str, kind: str, closed: str, opened: str, **attributes: object) -> Callable[[str], Input]:
    make = _simple("true", kind, closed, opened, **attributes)
    return lambda name: replace(make(name), content=content.replace("X", f"var.{name}"))


def _of_accounts(name: str) -> Input:
    listed = _variable(name, "string", _listed(name, OWNER, FOREIGN), default=OWNER)
    return Input("true", (listed,), answers=_values(name, OWNER, FOREIGN), content=f"[var.{name}]")


def _of_account_in_file(name: str) -> Input:
    files = {"terraform.tfvars": f'{name} = ["{OWNER}"]\n', "prod.tfvars": f'{name} = ["{FOREIGN}"]\n'}
    block = _variable(name, "list(string)")
    answers = _in_file(name, f'["{OWNER}"]', "prod.tfvars")
    return Input("true", (block,), files, answers, content=f"var.{name}")


def _of_account_in_data(name: str) -> Input:
    block = Block("data", ("aws_ssm_parameter", name), {"name": name})
    return Input("true", (block,), content=f"[data.aws_ssm_parameter.{name}.value]")


_ROOTS = '[for one in X : "arn:aws:iam::${one}:root"]'
CONTENTS: Mapping[str, Callable[[str], Input]] = {
    "account": _content("[X]", "string", OWNER, FOREIGN),
    "account by default": _content("[X]", "string", OWNER, FOREIGN, default=OWNER, rests=True),
    "accounts": _content(f'concat(["{OWNER}"], X)', "list(string)", "[]", f'["{FOREIGN}"]', default=[]),
    "roots of accounts": _content(_ROOTS, "list(string)", "[]", f'["{FOREIGN}"]', default=[]),
    "empty account": _content(f'compact(["{OWNER}", X])', "string", "", FOREIGN, default=""),
    "map of accounts": _content(
        f'concat(["{OWNER}"], values(X))', "map(string)", "{}", f'{{ a = "{FOREIGN}" }}', default={}
    ),
    "listed account": _of_accounts,
    "account in a file": _of_account_in_file,
    "account in data": _of_account_in_data,
    "account in a generated file": lambda name: Input(
        "true", content=f'try(jsondecode(file("generated/{name}.json")), ["{OWNER}"])'
    ),
}


# --- places ---


@dataclass
class Writing:
    """A policy that is being written. Each place has the condition under which it is open."""

    inputs: Mapping[str, Input]
    encoded: bool = False

    def test(self, place: str) -> str:
        return self.inputs[place].test if place in self.inputs else "true"

    def has(self, *places: str) -> bool:
        return any(place in self.inputs for place in places)

    @property
    def principals(self) -> str:
        one = self.inputs.get("principal")
        if one is None:
            return f'["{FOREIGN}"]'
        return one.content or f'{one.test} ? ["{FOREIGN}"] : ["{OWNER}"]'

    @property
    def actions(self) -> str:
        opened = '["ecr:*"]'
        return f'{self.test("action")} ? {opened} : ["s3:GetObject"]' if self.has("action") else opened

    def policy(self) -> tuple[str, tuple[Block, ...]]:
        """Return the policy as an expression, with the blocks that it needs."""
        found, blocks = self._encoded() if self.encoded else self._document()
        if not self.has("whole"):
            return found, blocks
        own = f"jsonencode({{ Statement = [{OWN}] }})"
        return f"{self.test('whole')} ? {found} : {own}", blocks

    def _encoded(self) -> tuple[str, tuple[Block, ...]]:
        inside = f'{{ StringEquals = {{ "aws:PrincipalAccount" = "{OWNER}" }} }}'
        condition = f", Condition = {self.test('condition')} ? {{}} : {inside}" if self.has("condition") else ""
        effect = f'{self.test("effect")} ? "Allow" : "Deny"' if self.has("effect") else '"Allow"'
        allow = (
            f"{{ Effect = {effect}, Principal = {{ AWS = {self.principals} }}, Action = {self.actions}{condition} }}"
        )
        inside = f'{{ StringNotEquals = {{ "aws:PrincipalAccount" = "{OWNER}" }} }}'
        deny = f'{{ Effect = "Deny", Principal = "*", Action = "ecr:*", Condition = {inside} }}'
        lists = [f"[{OWN}]", f"{self.test('statement')} ? [{allow}] : []" if self.has("statement") else f"[{allow}]"]
        if self.has("deny"):
            lists.append(f"{self.test('deny')} ? [] : [{deny}]")
        return f"jsonencode({{ Statement = concat({', '.join(lists)}) }})", ()

    def _document(self) -> tuple[str, tuple[Block, ...]]:
        effect = {"effect": Expression(f'{self.test("effect")} ? "Allow" : "Deny"')} if self.has("effect") else {}
        principals = Block("principals", (), {"type": "AWS", "identifiers": Expression(self.principals)})
        conditions = self._if("condition", "[] : [1]", _on_account("StringEquals"))
        allow = Block("statement", (), {**effect, "actions": Expression(self.actions)}, (principals, *conditions))
        everybody = Block("principals", (), {"type": "*", "identifiers": ["*"]})
        denied = (everybody, _on_account("StringNotEquals"))
        deny = Block("statement", (), {"effect": "Deny", "actions": ["ecr:*"]}, denied)
        own = Block("principals", (), {"type": "AWS", "identifiers": [OWNER]})
        statements = (
            Block("statement", (), {"actions": ["ecr:*"]}, (own,)),
            *(self._if("statement", "[1] : []", allow) or [allow]),
            *self._if("deny", "[] : [1]", deny),
        )
        document = Block("data", ("aws_iam_policy_document", "open"), {}, statements)
        return "data.aws_iam_policy_document.open.json", (document,)

    def _if(self, place: str, choice: str, block: Block) -> list[Block]:
        """Return a dynamic block that depends on a place, or nothing if nothing is hidden there."""
        if not self.has(place):
            return []
        content = replace(block, kind="content")
        each = Expression(f"{self.test(place)} ? {choice}")
        return [Block("dynamic", (block.kind,), {"for_each": each}, (content,))]


def _on_account(operator: str) -> Block:
    return Block("condition", (), {"test": operator, "variable": "aws:PrincipalAccount", "values": [OWNER]})


PLACES = (
    "principal",
    "statement",
    "action",
    "effect",
    "condition",
    "deny",
    "whole",
    "count",
    "for_each",
    "module",
    "registry",
    "registry for_each",
    "registry content",
)
_KINDS = ("count", "for_each", "module")
"""Places that decide whether the resource exists. A default that leaves it out does not count."""


@dataclass(frozen=True)
class Hidden:
    """A configuration with a hidden open policy, and a closed one beside it.

    `answers`: the combinations of values that the inputs may have, the open one last; none if a value cannot be given.
    `rests`: whether a default counts, so that a note may be enough.
    """

    name: str
    files: Mapping[str, Sequence[Block] | str]
    answers: tuple[Answer, ...]
    rests: bool

    def texts(self, syntax: str) -> dict[str, str]:
        """Return the text of each file, in the syntax `hcl`, `json` or `arrays`."""
        return {
            **{name: text for name, text in self.files.items() if isinstance(text, str)},
            **{
                name if syntax == "hcl" else f"{name}.json": written(blocks, syntax)
                for name, blocks in self.files.items()
                if not isinstance(blocks, str)
            },
        }

    def write(self, folder: Path) -> None:
        """Write the files."""
        for name, text in self.texts("hcl").items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def hidden(inputs: Mapping[str, Input], name: str = "", *, encoded: bool = False) -> Hidden:
    """Return the configuration in which inputs decide about places."""
    writing = Writing(inputs, encoded)
    policy, blocks = writing.policy()
    own = f"jsonencode({{ Statement = [{OWN}] }})"
    main = [block for one in inputs.values() for block in one.blocks] + list(blocks)
    main.append(_policy("closed", Expression(own)))
    files: dict[str, Sequence[Block] | str] = {}
    for one in inputs.values():
        for path, content in one.files.items():
            before = files.get(path, "")
            files[path] = f"{before}{content}" if isinstance(content, str) else content
    if "module" in inputs:
        files["child/main.tf"] = [
            Block("variable", ("policy",), {"type": Expression("string")}),
            _policy("hidden", Expression("var.policy")),
        ]
        count = Expression(f"{writing.test('module')} ? 1 : 0")
        main.append(Block("module", ("child",), {"source": "./child", "count": count, "policy": Expression(policy)}))
    else:
        main.append(_policy("hidden", Expression(policy), **_existence(writing)))
    main += _registry(writing)
    files["main.tf"] = main
    lists = [one.answers for one in inputs.values()]
    answers = tuple(map(_together, itertools.product(*lists)))
    return Hidden(name, files, answers, any(one.rests and place not in _KINDS for place, one in inputs.items()))


def _together(answers: Sequence[Answer]) -> Answer:
    parameters = {name: text for one in answers for name, text in one.parameters.items()}
    return Answer(parameters, tuple(dict.fromkeys(file for one in answers for file in one.files)))


def _policy(name: str, policy: Expression, **more: object) -> Block:
    return Block("resource", ("aws_ecr_repository_policy", name), {**more, "repository": name, "policy": policy})


def _existence(writing: Writing) -> dict[str, object]:
    if writing.has("count"):
        return {"count": Expression(f"{writing.test('count')} ? 1 : 0")}
    if writing.has("for_each"):
        return {"for_each": Expression(f'toset({writing.test("for_each")} ? ["a"] : [])')}
    return {}


def _registry(writing: Writing) -> Iterator[Block]:
    """Yield a registry policy that closes the repository, if something may open it there."""
    if not writing.has("registry", "registry for_each", "registry content"):
        return
    actions = '"ecr:*"'
    if writing.has("registry content"):
        actions = f'{writing.test("registry content")} ? "ecr:CreateRepository" : "ecr:*"'
    condition = f'{{ StringNotEquals = {{ "aws:PrincipalAccount" = "{OWNER}" }} }}'
    deny = f'{{ Effect = "Deny", Principal = "*", Action = {actions}, Resource = "*", Condition = {condition} }}'
    more: dict[str, object] = {}
    if writing.has("registry"):
        more = {"count": Expression(f"{writing.test('registry')} ? 0 : 1")}
    elif writing.has("registry for_each"):
        more = {"for_each": Expression(f'toset({writing.test("registry for_each")} ? [] : ["a"])')}
    policy = Expression(f"jsonencode({{ Statement = [{deny}] }})")
    yield Block("resource", ("aws_ecr_registry_policy", "deny"), {**more, "policy": policy})


# --- where inputs come from ---


def through_local(one: Input, name: str) -> Input:
    """Return an input that is read through a local value."""
    attribute = {name: Expression(one.content or one.test)}
    return _renamed(one, f"local.{name}", Block("locals", (), attribute))


def through_module(one: Input, name: str) -> Input:
    """Return an input that is read through a module."""
    call = Block("module", (name,), {"source": "./through", "value": Expression(one.content or one.test)})
    through = [Block("variable", ("value",)), Block("output", ("value",), {"value": Expression("var.value")})]
    return replace(_renamed(one, f"module.{name}.value", call), files={**one.files, "through/main.tf": through})


def overridden(one: Input, name: str) -> Input:
    """Return an input that is read through a local value, which an override file gives."""
    said = _renamed(one, f"local.{name}", Block("locals", (), {name: False}))
    return replace(
        said,
        files={**one.files, f"{name}_override.tf": [Block("locals", (), {name: Expression(one.content or one.test)})]},
    )


def _renamed(one: Input, name: str, block: Block) -> Input:
    blocks = (*one.blocks, block)
    return replace(one, content=name, blocks=blocks) if one.content else replace(one, test=name, blocks=blocks)


JOINED = ("{} && {}", "{} ? {} : false", "alltrue([{}, {}])", "length([for one in [{}, {}] : one if one]) == 2")


def both(first: Input, second: Input, how: str) -> Input:
    """Return two inputs that open the policy only together."""
    answers = tuple(map(_together, itertools.product(first.answers, second.answers)))
    files: dict[str, Sequence[Block] | str] = {**first.files}
    for path, content in second.files.items():
        before = files.get(path, "")
        files[path] = f"{before}{content}" if isinstance(content, str) else content
    return Input(
        f"({how.format(first.test, second.test)})",
        (*first.blocks, *second.blocks),
        files,
        answers,
        rests=first.rests or second.rests,
    )


WAYS: Sequence[Callable[[Input, str], Input]] = (lambda one, _: one, through_local, through_module, overridden)


def pairs() -> Iterator[Hidden]:
    """Yield every pair of inputs: in each two places, and joined in one place."""
    tests = list(TESTS.items())
    for one, other in itertools.combinations(PLACES, 2):
        if _exclude(one, other):
            continue
        for (first, make), (second, make_other) in itertools.product(_for(one), _for(other)):
            name = f"{one}: {first}, {other}: {second}"
            inputs = {one: make("a"), other: make_other("b")}
            yield from (hidden(inputs, name, encoded=encoded) for encoded in (False, True))
    for place, how in itertools.product(("principal", "statement", "count", "registry"), JOINED):
        for (first, make), (second, make_other) in itertools.product(tests, repeat=2):
            yield hidden({place: both(make("a"), make_other("b"), how)}, f"{place}: {how.format(first, second)}")


def _for(place: str) -> list[tuple[str, Callable[[str], Input]]]:
    return [*TESTS.items(), *(CONTENTS.items() if place == "principal" else ())]


def _exclude(*places: str) -> bool:
    """Return whether some places cannot be hidden at once, because they belong to one block."""
    return sum(place in _KINDS for place in places) > 1 or sum("registry" in place for place in places) > 1


def some(chance: random.Random) -> Hidden:
    """Return a configuration with up to three inputs, at random."""
    inputs: dict[str, Input] = {}
    parts = []
    for letter in "abc"[: chance.randint(1, 3)]:
        place = chance.choice(PLACES)
        kind, make = chance.choice(_for(place) if place not in inputs else [*TESTS.items()])
        number = chance.randrange(len(WAYS))
        one = WAYS[number](make(letter), f"way_{letter}")
        if place in inputs:
            if inputs[place].content:
                continue
            one = both(inputs[place], one, chance.choice(JOINED))
        elif _exclude(place, *inputs):
            continue
        inputs[place] = one
        parts.append(f"{place}: {kind} by way {number}")
    return hidden(inputs, ", ".join(parts), encoded=chance.random() < 0.5)


# --- syntax ---


def written(blocks: Sequence[Block], syntax: str) -> str:
    """Return blocks as HCL, as JSON with an object for each label, or as JSON with arrays wherever they may be."""
    if syntax == "hcl":
        return "".join(_lines(one, "") for one in blocks)
    root: dict[str, Any] = {}
    if syntax == "arrays":
        return json.dumps([{one.kind: [_nested(one, syntax)]} for one in blocks])
    for one in blocks:
        if one.kind == "locals":
            root.setdefault("locals", {}).update(_nested(one, syntax))
        else:
            _merge(root.setdefault(one.kind, {}), _nested(one, syntax))
    return json.dumps(root)


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    for name, value in other.items():
        if name in into:
            _merge(into[name], value)
        else:
            into[name] = value


def _nested(block: Block, syntax: str) -> Any:  # noqa: ANN401 - JSON
    body: Any = _body(block, syntax)
    for label in reversed(block.labels):
        body = {label: [body] if syntax == "arrays" else body}
    return body


def _body(block: Block, syntax: str) -> dict[str, Any]:
    body: dict[str, Any] = {name: _json(name, value) for name, value in block.attributes.items()}
    for inner in block.blocks:
        if inner.labels and syntax == "json":
            body.setdefault(inner.kind, {}).setdefault(inner.labels[0], []).append(_body(inner, syntax))
        else:
            body.setdefault(inner.kind, []).append(_nested(inner, syntax))
    return body


def _json(name: str, value: object) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(value, Expression):
        return value
    return str(value) if name == "type" else f"${{{value}}}"


def _lines(block: Block, indent: str) -> str:
    labels = "".join(f' "{one}"' for one in block.labels)
    inside = "".join(
        f"{indent}  {name} = {value if isinstance(value, Expression) else json.dumps(value)}\n"
        for name, value in block.attributes.items()
    )
    inside += "".join(_lines(one, f"{indent}  ") for one in block.blocks)
    return f"{indent}{block.kind}{labels} {{\n{inside}{indent}}}\n"
