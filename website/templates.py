"""The pages of parameters and outputs of every template that you can deploy, made from the templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from organization.central import central, member_roles, members
from organization.processed import CODE_BUCKETS, expanded, processed
from organization.sources import included, template
from organization.stacks import ACCOUNT, STACKS
from website.tables import one_line

Json = Mapping[str, Any]

_REGION = "AWS::Region"
_MOST_VALUES = 8
"""How many values of a parameter the page lists."""
_HEAD = "<!-- Written by `make reference` from the templates. -->\n\n"
_READS_OUTPUTS = """\
```shell
aws cloudformation describe-stacks --stack-name ecr-crossaccount --output table \\
    --query 'Stacks[0].Outputs[].[OutputKey, OutputValue, Description]'
```"""
_OF_A_RELEASE = f"""\
In a release, the templates with functions of their own also have `{CODE_BUCKETS}`. It is the {{meaning}}"""


@dataclass(frozen=True, slots=True)
class Template:
    """A template that you can deploy.

    `file` is its name in a release, and `source` the file here that it is made of.
    """

    file: str
    source: str
    guide: str
    content: Json


@cache
def templates() -> tuple[Template, ...]:
    """Return every template, in the order of the pages."""
    whole = {stack.name: expanded(included(template(stack.source))) for stack in STACKS}
    account = whole[ACCOUNT.name]
    guides = {
        "account": "[Deploy the rule](deploy.md)",
        "hook": "[Stop a deployment](hook.md)",
        "alerts": "[Alarms within seconds](alerts.md)",
        "membership": "[Members of an organization](trust.md#members-of-an-organization)",
    }
    made = {"central": central(account), "members": members(account), "member-roles": member_roles(account)}
    written = ("every-account", "every-member", "code-buckets", "security-hub")
    return (
        *(Template(f"{one.name}.yaml", one.source, guides[one.name], whole[one.name]) for one in STACKS),
        *(_of_an_organization(name, content) for name, content in made.items()),
        *(_of_an_organization(name, template(f"organization/{name}.yaml")) for name in written),
    )


def _of_an_organization(name: str, content: Json) -> Template:
    guide = "[AWS Security Hub](security-hub.md)" if name == "security-hub" else "[Organization](organization.md)"
    return Template(f"{name}.yaml", f"organization/{name}.yaml", guide, content)


def parameters() -> str:
    """Return the page of parameters. A parameter is explained once, for the first template that has it."""
    # The keys do not matter, because only the description of the parameter is read.
    released = processed({}, template(STACKS[-1].source))["Parameters"][CODE_BUCKETS]["Description"]
    first = _first(_parameters)
    parts = [
        f"{_HEAD}# Parameters of the stacks",
        "Every parameter. One that several templates have is explained once. *list* is a comma-separated list.",
        _OF_A_RELEASE.format(meaning=released[0].lower() + released[1:]),
    ]
    for one in templates():
        source = f"{one.guide}, from [`{one.source}`](../{one.source})."
        parts += [f"## {one.file}", source, *_explained(one, _parameters, first)]
    return "\n\n".join(parts) + "\n"


def outputs() -> str:
    """Return the page of outputs. An output that means the same in several templates is explained once."""
    first = _first(_outputs)
    parts = [
        f"{_HEAD}# Outputs of the stacks",
        "Every output of every template. An output that depends on a parameter exists only for some of its values.",
        _READS_OUTPUTS,
    ]
    for one in templates():
        if one.content.get("Outputs"):
            parts += [f"## {one.file}", *_explained(one, _outputs, first)]
    return "\n\n".join(parts) + "\n"


Rows = Callable[[Template], list[str]]
"""Returns the lines of a list, each about a name of a template."""


def _first(rows: Rows) -> dict[str, Template]:
    """Return the first template that has each line."""
    first: dict[str, Template] = {}
    for one in templates():
        for row in rows(one):
            first.setdefault(row, one)
    return first


def _explained(one: Template, rows: Rows, first: Mapping[str, Template]) -> Iterator[str]:
    """Yield the lines that no earlier template has, and the names of the others."""
    own = [row for row in rows(one) if first[row] is one]
    if own:
        yield "\n".join(own)
    elsewhere: dict[str, list[str]] = {}
    for row in rows(one):
        if first[row] is not one:
            elsewhere.setdefault(first[row].file, []).append(row.split()[1].rstrip(":"))
    for file, names in elsewhere.items():
        yield f"As in [{file}](#{file.replace('.', '')}): {', '.join(names)}."


def _outputs(one: Template) -> list[str]:
    return [_output(one.content, item) for item in one.content.get("Outputs", {}).items()]


def _parameters(one: Template) -> list[str]:
    return [_parameter(item) for item in one.content.get("Parameters", {}).items()]


def _parameter(item: tuple[str, Json]) -> str:
    name, one = item
    default = one.get("Default")
    shown = "required" if default is None else f"default `{default}`" if default != "" else ""
    about = "; ".join(filter(None, (_values(one), shown)))
    return f"- `{name}`{f' ({about})' if about else ''}: {one_line(_plain(one['Description']))}"


def _values(parameter: Json) -> str:
    """Return the values that a parameter may have, or its type if it is not a text."""
    allowed = parameter.get("AllowedValues")
    if isinstance(allowed, list) and len(allowed) > _MOST_VALUES:
        return f"`{allowed[0]}` to `{allowed[-1]}`"
    if isinstance(allowed, list):
        return ", ".join(f"`{value}`" for value in allowed)
    return {"Number": "number", "CommaDelimitedList": "list"}.get(str(parameter["Type"]), "")


def _output(content: Json, item: tuple[str, Json]) -> str:
    name, one = item
    depends = _depends_on(content, one.get("Condition"))
    return f"- `{name}`{f' (depends on {depends})' if depends else ''}: {one_line(_plain(one['Description']))}"


def _depends_on(content: Json, condition: str | None) -> str:
    """Return the parameters that decide whether an output exists, and the Region if it does."""
    if condition is None:
        return ""
    named = sorted(_parameters_in(content, content["Conditions"][condition]))
    return ", ".join("the Region" if name == _REGION else f"`{name}`" for name in named)


def _parameters_in(content: Json, value: object) -> set[str]:
    """Return every parameter, and the Region, that a condition refers to, itself or through another condition."""
    if isinstance(value, list):
        return {name for one in value for name in _parameters_in(content, one)}
    if not isinstance(value, dict):
        return set()
    if set(value) == {"Condition"}:
        return _parameters_in(content, content["Conditions"][value["Condition"]])
    own = {value["Ref"]} & {*content["Parameters"], _REGION} if "Ref" in value else set()
    return own | _parameters_in(content, list(value.values()))


def _plain(text: str) -> str:
    """Return a description in which Markdown finds no emphasis."""
    parts = text.split("`")
    return "`".join(part if number % 2 else part.replace("*", r"\*") for number, part in enumerate(parts))


def alarms() -> Iterator[tuple[Template, str, Json]]:
    """Yield every alarm of every template: the template, the alarm's name and its properties."""
    for one in templates():
        for name, resource in one.content["Resources"].items():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                yield one, name, resource["Properties"]
