"""The pages of parameters and outputs of every template that you can deploy, made from the templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from organization.central import central, member_roles, members
from organization.processed import CODE_BUCKETS, expanded, processed
from organization.sources import included, template
from organization.stacks import ACCOUNT, STACKS
from website.tables import table

Json = Mapping[str, Any]

_REGION = "AWS::Region"
_HEAD = "<!-- Written by `make reference` from the templates. -->\n\n"
_OF_A_RELEASE = f"""\
In a release, the templates with functions of their own also have `{CODE_BUCKETS}`. It is {{meaning}}"""


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
    """Return the page of parameters."""
    # The keys do not matter, because only the description of the parameter is read.
    released = processed({}, template(STACKS[-1].source))["Parameters"][CODE_BUCKETS]["Description"]
    meaning = released[0].lower() + released[1:]
    return _page(
        "Parameters of the stacks",
        "Every parameter of every template that you deploy, with its type or values and its default.",
        _OF_A_RELEASE.format(meaning=meaning),
        ("parameter", "type or values", "default", "meaning"),
        lambda one: map(_parameter, one.content.get("Parameters", {}).items()),
    )


def outputs() -> str:
    """Return the page of outputs."""
    return _page(
        "Outputs of the stacks",
        "Every output of every template that you deploy. An output that depends on a parameter exists only for some of "
        "its values.",
        "To read the outputs of a stack:\n\n"
        "```shell\n"
        "aws cloudformation describe-stacks --stack-name ecr-crossaccount --output table \\\n"
        "    --query 'Stacks[0].Outputs[].[OutputKey, OutputValue, Description]'\n"
        "```",
        ("output", "depends on", "meaning"),
        lambda one: (_output(one.content, item) for item in one.content.get("Outputs", {}).items()),
    )


def _page(
    title: str, intro: str, more: str, head: tuple[str, ...], rows: Callable[[Template], Iterable[tuple[str, ...]]]
) -> str:
    parts = [f"{_HEAD}# {title}", intro, more]
    for one in templates():
        described = f"{one.content['Description']}. The source is [`{one.source}`](../{one.source})."
        parts += [f"## {one.file}", f"{described} Guide: {one.guide}.", table(head, rows(one))]
    return "\n\n".join(parts) + "\n"


def _parameter(item: tuple[str, Json]) -> tuple[str, ...]:
    name, one = item
    allowed = one.get("AllowedValues")
    kind = str(one["Type"])
    choices = ", ".join(f"`{value}`" for value in allowed) if isinstance(allowed, list) else f"`{kind}`"
    default = one.get("Default")
    shown = "required" if default is None else f"`{default}`" if default != "" else "empty"
    return f"`{name}`", choices, shown, _plain(one["Description"])


def _output(content: Json, item: tuple[str, Json]) -> tuple[str, ...]:
    name, one = item
    return f"`{name}`", _depends_on(content, one.get("Condition")), _plain(one["Description"])


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
