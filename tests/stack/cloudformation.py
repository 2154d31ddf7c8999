"""Resolves CloudFormation's intrinsics in the template, and in the documents that it includes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
_PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Region": "eu-central-1",
    "AWS::Partition": "aws",
    "AWS::StackName": "ecr-crossaccount",
    "AWS::URLSuffix": "amazonaws.com",
}


class Stack:
    """A stack of the template with chosen parameters, including pseudo parameters.

    `names` has the names of its resources and attributes. By default, a resource is called `<LogicalId>` and an
    attribute `<LogicalId.Attribute>`.
    """

    def __init__(self, template: Json, names: Json | None = None, /, **chosen: object) -> None:
        self.template = template
        given = {name: chosen.get(name, one.get("Default", "")) for name, one in template["Parameters"].items()}
        passed = {name: _passed(one, given[name]) for name, one in template["Parameters"].items()}
        self.values: Json = passed | {name: chosen.get(name, value) for name, value in _PSEUDO.items()}
        self.names = names or {}

    def condition(self, name: str) -> bool:
        return bool(self.resolved(self.template["Conditions"][name]))

    def properties(self, name: str) -> Json:
        found: Json = self.resolved(self.template["Resources"][name]["Properties"])
        return found

    def filled(self, path: Path) -> Json:
        """Return a file that the template may include. Raises yaml.YAMLError for an intrinsic in its short form."""
        found: Json = self.resolved(_parsed(path.read_text(encoding="utf-8")))
        return found

    def resolved(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            found = [self.resolved(one) for one in value]
            return [one for one in found if one is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._intrinsic(name, argument)
            if name == "Condition" and isinstance(argument, str):
                return self.condition(argument)
        parts = {key: self.resolved(one) for key, one in value.items()}
        return {key: one for key, one in parts.items() if one is not None}

    def _intrinsic(self, name: str, argument: Any) -> Any:  # noqa: ANN401, C901, PLR0911 - one line for each intrinsic
        match name:
            case "Ref":
                unknown = self.names.get(argument, f"<{argument}>")
                return None if argument == "AWS::NoValue" else self.values.get(argument, unknown)
            case "Fn::GetAtt":
                attribute = ".".join(argument)
                return self.names.get(attribute, f"<{attribute}>")
            case "Fn::If":
                return self.resolved(argument[1] if self.condition(argument[0]) else argument[2])
            case "Fn::Equals":
                return str(self.resolved(argument[0])) == str(self.resolved(argument[1]))
            case "Fn::Not":
                return not self.resolved(argument[0])
            case "Fn::Or":
                return any(self.resolved(one) for one in argument)
            case "Fn::And":
                return all(self.resolved(one) for one in argument)
            case "Fn::Join":
                return argument[0].join(self.resolved(argument[1]))
            case "Fn::Split":
                return self.resolved(argument[1]).split(argument[0])
            case "Fn::Select":
                return self.resolved(argument[1])[int(argument[0])]
            case "Fn::Sub":
                text, names = argument if isinstance(argument, list) else (argument, {})
                known = self.names | self.values | self.resolved(names)
                return re.sub(r"\$\{([^}]+)\}", lambda found: _substituted(found[1], known), text)
            case _:
                raise AssertionError(f"{name} is used nowhere here")


@cache
def _parsed(text: str) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(text)


def _substituted(name: str, known: Json) -> str:
    """Return the value of a name in braces. With `!` before it, it is unchanged."""
    return f"${{{name[1:]}}}" if name.startswith("!") else str(known.get(name, f"<{name}>"))


def _passed(declared: Json, value: object) -> object:
    """Return a parameter's value as CloudFormation passes it on: a list of texts, or a text, also for a number."""
    if declared["Type"] == "CommaDelimitedList" and not isinstance(value, list):
        return str(value).split(",")
    return value if isinstance(value, list) else str(value)


def assert_pattern(template: Json, name: str, accepted: Iterable[str], refused: Iterable[str]) -> None:
    """Assert which values a parameter's pattern accepts, and which it refuses before the deployment."""
    pattern = re.compile(template["Parameters"][name]["AllowedPattern"])
    assert all(pattern.search(value) for value in accepted)
    assert not any(pattern.search(value) for value in refused)
