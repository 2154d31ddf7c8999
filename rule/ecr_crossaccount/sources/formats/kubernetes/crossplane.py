"""Crossplane: the values that a Composition puts into its resources, and the structured policy of one provider.

The values become holes, because they are unknown here.
https://docs.crossplane.io/latest/guides/function-patch-and-transform/

The structured policy of the community's provider becomes the document that the provider makes from it.
https://github.com/crossplane-contrib/provider-aws/blob/master/pkg/clients/ecr/repository_policy.go
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ....documents.pattern import Hole, Holed, text_of
from ....memo import by_value
from ...files.values.documents import name_of
from ...files.values.nodes import Fields, Node, Scalar, split_at

_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n", ""})
"""The Booleans of YAML 1.1, which Kubernetes reads."""

_NUMBER = r"[-+]?[0-9]+"
_ELEMENTS = {"action": "Action", "notAction": "NotAction", "resource": "Resource", "notResource": "NotResource"}
_PRINCIPALS = {"principal": "Principal", "notPrincipal": "NotPrincipal"}
_VALUES = ("stringValue", "booleanValue", "numericValue", "dateValue", "listValue")
"""The fields of a condition's value. If there are several, the first counts."""

_ARNS = ("iamRoleArn", "iamUserArn")


def document(body: Node) -> Node:
    """Return the policy document for a structured policy. A value that is not an object is returned unchanged."""
    if not isinstance(body.value, Fields) or body.get("Statement") is not None:
        return body
    version, statements = body.get("version"), body.get("statements")
    pairs = [("Version", version or body.but("2012-10-17"))]
    if statements is not None:
        pairs.append(("Statement", _each(statements, lambda one: _object(one, _elements(one)))))
    return _object(body, pairs)


def _object(at: Node, pairs: Iterable[tuple[str, Node]]) -> Node:
    return at.but(Fields(tuple((at.but(name), value) for name, value in pairs)))


def _each(written: Node, read: Callable[[Node], Node]) -> Node:
    """Return a list with `read` applied to each object in it.

    A value that is not a list is returned unchanged, so that the judgement rejects it.
    """
    if not isinstance(written.value, tuple):
        return written
    return written.but(tuple(read(item) if isinstance(item.value, Fields) else item for item in written.items))


def _elements(written: Node) -> Iterator[tuple[str, Node]]:
    for name, value in written.fields:
        if name in _PRINCIPALS:
            yield _PRINCIPALS[name], _principal(value)
        elif name in _ELEMENTS and value.value not in ((), None):
            yield _ELEMENTS[name], value
        elif name == "condition":
            yield "Condition", _conditions(value)
        elif name in ("effect", "sid"):
            yield name.capitalize(), value


def _is_true(value: Node) -> bool | Hole:
    """Return a Boolean as Kubernetes reads it, or a hole if it is unknown."""
    match value.value:
        case bool() as truth:
            return truth
        case str() as text if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        case None:
            return False
    return Hole("allowAnon")


def _principal(written: Node) -> Node:
    if not isinstance(written.value, Fields):
        return written
    anonymous = written.get("allowAnon")
    everybody = _is_true(anonymous) if anonymous is not None else False
    if everybody is not False:
        return written.but("*" if everybody is True else everybody)
    raw = written.get("raw")
    if raw is not None and raw.value is not None:
        return raw
    named, service = written.get("awsPrincipals"), written.get("service")
    pairs = [("Service", service)] if service is not None and service.value is not None else []
    if named is not None and named.value not in ((), None):
        pairs.append(("AWS", _each(named, _arn)))
    return _object(written, pairs)


def _arn(principal: Node) -> Node:
    """Return the ARN of a principal, or a hole if only a reference names it."""
    account = principal.get("awsAccountId")
    if account is not None and account.value is not None:
        return account.but(_root(account))
    for name in _ARNS:
        arn = principal.get(name)
        if arn is not None and arn.value is not None:
            return arn
    return principal.but(Hole(", ".join(name for name, _ in principal.fields) or "awsPrincipals"))


def _root(account: Node) -> Scalar:
    if isinstance(account.value, Hole):
        return text_of(("arn:aws:iam::", account.value, ":root"))
    if isinstance(account.value, Holed):
        return Hole(str(account.value))
    text = str(account.value)
    return f"arn:aws:iam::{text}:root" if re.fullmatch(_NUMBER, text) else text


def _conditions(written: Node) -> Node:
    """Return the conditions as an object. A repeated operator replaces the earlier one."""
    if not isinstance(written.value, tuple):
        return written
    operators: dict[str, tuple[str, Node]] = {}
    for item in written.items:
        operator, tests = item.get("operatorKey"), item.get("conditions")
        if operator is None or operator.text is None:
            return written.but(Hole("condition"))
        operators[operator.text] = (operator.text, _tests(tests if tests is not None else item.but(())))
    return _object(written, operators.values())


def _tests(written: Node) -> Node:
    if not isinstance(written.value, tuple):
        return written
    tests: dict[str, tuple[str, Node]] = {}
    for item in written.items:
        key = item.get("key")
        if key is None or key.text is None:
            return written.but(Hole("condition"))
        given = (item.get(name) for name in _VALUES)
        value = next((value for value in given if value is not None and value.value is not None), None)
        tests[key.text] = (key.text, value if value is not None else item.but(Hole(key.text)))
    return _object(written, tests.values())


_OUTWARD = frozenset({"ToCompositeFieldPath", "ToEnvironmentFieldPath", "CombineToComposite", "CombineToEnvironment"})
"""Patches that only read the resource."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(?:'([^']*)'|\"([^\"]*)\"|([^\]'\"\s]*))\]")
_VERB = re.compile(r"%%|%[sdv]|%")
_DEEPEST = 60


@by_value
class Patch:
    """A value that is put in at a path. If the path is empty, any part of the resource may change.

    `optional`: whether the existing value stays if the composite has no value.
    """

    path: tuple[str, ...]
    value: Scalar
    optional: bool


def patches_of(resource: Node, sets: Mapping[str, Node]) -> Iterator[Patch]:
    """Yield the patches of a resource in a Composition. `sets`: the patch sets that it may name."""
    listed = resource.find("patches")
    for item in listed.items:
        yield from _patch(item, sets)
    if not isinstance(listed.value, tuple) and listed.value is not None:
        yield Patch((), Hole("patches"), optional=False)


def sets_in(holder: Node) -> dict[str, Node]:
    """Return the patch sets of a Composition, by name."""
    return {name: item for item in holder.find("patchSets").items if (name := item.find("name").text)}


def reference_patches(reference: Node) -> Iterator[Patch]:
    """Yield the patches that a reference of provider-kubernetes' Object makes to its manifest."""
    source = reference.get("patchesFrom")
    if source is not None:
        name = source.find("fieldPath").text
        path = _steps(reference.find("toFieldPath").text or name or "")
        yield Patch(("manifest", *(path or ())), Hole(name_of(name or "patchesFrom")), optional=False)


def _patch(patch: Node, sets: Mapping[str, Node]) -> Iterator[Patch]:
    kind = patch.find("type").text or "FromCompositeFieldPath"
    if kind in _OUTWARD:
        return
    if kind == "PatchSet":
        name = patch.find("patchSetName").text
        named = sets.get(name or "")
        if named is None:
            yield Patch((), Hole(f"patch set {name}"), optional=False)
        else:
            yield from patches_of(named, {})
        return
    source = patch.find("fromFieldPath").text
    target = patch.find("toFieldPath").text or source
    path = _steps(target) if target else None
    required = patch.find("policy", "fromFieldPath").text == "Required"
    known = kind.endswith("FieldPath") or kind.startswith("Combine")
    yield Patch(path if path and known else (), _value(patch, source), optional=not required)


def _steps(path: str) -> tuple[str, ...] | None:
    steps: list[str] = []
    here = 0
    while here < len(path):
        found = _STEP.match(path, here)
        if found is None or len(steps) == _DEEPEST:
            return None
        steps.append(next(group for group in found.groups() if group is not None).strip())
        here = found.end()
    return tuple(steps)


def _value(patch: Node, source: str | None) -> Scalar:
    """Return the value of a patch: a hole, or a text with holes."""
    combined = patch.get("combine")
    if combined is not None:
        names = [item.find("fromFieldPath").text or "?" for item in combined.find("variables").items]
        return _format_text(combined.find("string", "fmt").text, names)
    transforms = patch.get("transforms")
    if transforms is None or transforms.value in ((), None):
        return Hole(name_of(source or "patch"))
    last = transforms.items[-1] if transforms.items else transforms
    form = last.find("string")
    is_format = last.find("type").text == "string" and (form.find("type").text or "Format") == "Format"
    return _format_text(form.find("fmt").text if is_format else None, [source or "?"])


def _format_text(form: str | None, names: list[str]) -> Scalar:
    """Return a text for a format of Go's `fmt`, with a hole for each verb. One hole if it has other verbs."""
    verbs = [one for one in _VERB.findall(form or "") if one != "%%"]
    if form is None or len(verbs) != len(names) or "%" in verbs:
        return Hole(name_of(", ".join(names) or "patch"))
    left = iter(names)

    def fill(verb: re.Match[str]) -> str | Hole:
        return "%" if verb[0] == "%%" else Hole(name_of(next(left)))

    return text_of(piece if isinstance(piece, str) else fill(piece) for piece in split_at(_VERB, form))


# --- applying patches ---


def apply_patch(base: Node, patch: Patch) -> Node:
    """Return a resource with a patch applied."""
    return _put(base, patch.path, patch)


def _put(node: Node, path: tuple[str, ...], patch: Patch) -> Node:
    if not path:
        # If the composite has no value, the existing one stays. So even the format of the new text is uncertain.
        known = node.value in (None, ()) or not patch.optional
        return node.but(patch.value if known else _as_hole(patch.value))
    if isinstance(node.value, Hole):
        return node
    step, *rest = path
    if isinstance(node.value, tuple):
        return node.but(_items(node, step, tuple(rest), patch))
    if step == "*":
        return node.but(Hole(str(patch.value)))
    return node.but(_fields(node, step, tuple(rest), patch))


def _as_hole(value: Scalar) -> Hole:
    return value if isinstance(value, Hole) else Hole(name_of(str(value)))


def _items(node: Node, step: str, rest: tuple[str, ...], patch: Patch) -> tuple[Node, ...] | Hole:
    if step == "*":
        return tuple(_put(item, rest, patch) for item in node.items)
    if not step.isdecimal() or int(step) > len(node.items):
        return _as_hole(patch.value)
    items = list(node.items)
    place = int(step)
    if place == len(items):
        items.append(node.but(None))
    items[place] = _put(items[place], rest, patch)
    return tuple(items)


def _fields(node: Node, step: str, rest: tuple[str, ...], patch: Patch) -> Fields | Hole:
    if node.value is not None and not isinstance(node.value, Fields):
        return _as_hole(patch.value)
    if step.isdecimal() and not isinstance(node.value, Fields):
        return _as_hole(patch.value)
    new = _put(node.get(step) or node.but(None), rest, patch)
    kept = tuple((name, value) for name, value in node.pairs if name.value != step)
    return Fields((*kept, (node.but(step), new)))
