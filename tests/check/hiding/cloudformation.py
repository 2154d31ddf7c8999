"""CloudFormation: parameters, mappings, conditions, functions, nested stacks, exports, stored values and macros."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.check.hiding.hider import CLOSED, Folder, Hider, Json

VERSION = {"AWSTemplateFormatVersion": "2010-09-09"}
NOTHING = {"Ref": "AWS::NoValue"}


def repository(policy: Json) -> Json:
    """Return a repository with a policy."""
    return {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}


@dataclass(slots=True)
class Template(Hider):
    """A template that hides a policy."""

    parameters: dict[str, Json] = field(default_factory=dict)
    mappings: dict[str, Json] = field(default_factory=dict)
    conditions: dict[str, Json] = field(default_factory=dict)
    resources: dict[str, Json] = field(default_factory=dict)
    rests: bool = False

    def texts(self) -> Sequence[Callable[[str, str], Json]]:
        return (
            self._parameter,
            self._parameter,
            self._allowed,
            self._stored,
            self._mapping,
            self._mapping_by_text,
            self._condition,
            self._sub,
            self._join,
            self._select,
            self._select_by_input,
            self._split,
            self._output,
            self._passed_on,
            self._export,
            self._import,
            self._dynamic,
            self._macro,
        )

    def objects(self) -> Sequence[Callable[[Json, Json], Json]]:
        return (self._condition, self._nothing, self._macro, self._include, self._as_text)

    # --- inputs ---

    def input(self, opens: str, closes: str, **declared: Json) -> Json:
        """Return a reference to a new parameter."""
        name = self.name("P")
        self.parameters[name] = {"Type": "String", **declared}
        self.opens[name], self.closes[name] = opens, closes
        return {"Ref": name}

    def stage(self) -> Json:
        """Return a reference to a parameter that is `dev` or `prod`; `prod` opens."""
        declared: dict[str, Json] = {"Default": "dev"} if self.maybe() else {}
        if self.maybe():
            declared["AllowedValues"] = ["dev", "prod"]
        return self.input("prod", "dev", **declared)

    def is_open(self) -> str:
        """Return the name of a condition that holds if the policy is open."""
        name, stage = self.name("C"), self.stage()
        prod = {
            "Fn::Equals": self.one_of([stage, "prod"], ["prod", stage], [{"Fn::Sub": f"${{{stage['Ref']}}}"}, "prod"])
        }
        not_dev = {"Fn::Not": [{"Fn::Equals": [stage, "dev"]}]}
        self.conditions[name] = self.one_of(prod, not_dev, {"Fn::And": [prod, not_dev]}, {"Fn::Or": [prod, prod]})
        if self.maybe():
            return name
        other = self.name("C")
        self.conditions[other] = {"Condition": name}
        return other

    # --- texts ---

    def _parameter(self, value: str, closed: str) -> Json:
        default = self.one_of({}, {"Default": value}, {"Default": closed})
        self.rests |= default.get("Default") == closed
        return self.input(value, closed, **default)

    def _allowed(self, value: str, closed: str) -> Json:
        return self.input(value, closed, AllowedValues=[closed, value], **self.one_of({}, {"Default": closed}))

    def _stored(self, value: str, closed: str) -> Json:
        return {"Ref": self._declared({"Type": "AWS::SSM::Parameter::Value<String>", "Default": closed or value})}

    def _declared(self, declared: Json) -> str:
        name = self.name("S")
        self.parameters[name] = declared
        return name

    def _mapping(self, value: str, closed: str) -> Json:
        name = self.name("M")
        self.mappings[name] = {"dev": {"Id": closed}, "prod": {"Id": value}}
        return {"Fn::FindInMap": [name, self.stage(), "Id"]}

    def _mapping_by_text(self, value: str, closed: str) -> Json:
        name = self.name("M")
        self.mappings[name] = {"on-dev": {"Id": closed}, "on-prod": {"Id": value}}
        return {"Fn::FindInMap": [name, {"Fn::Join": ["-", ["on", self.stage()]]}, "Id"]}

    def _condition(self, value: Json, closed: Json) -> Json:
        inner = self.text(value, closed) if isinstance(value, str) else value
        return {"Fn::If": [self.is_open(), inner, closed]}

    def _sub(self, value: str, closed: str) -> Json:
        return {"Fn::Sub": ["${X}", {"X": self.text(value, closed)}]}

    def _join(self, value: str, closed: str) -> Json:
        start, before, end = (
            ("arn:aws:iam::", len("arn:aws:iam::"), ":root") if value.startswith("arn:") else ("", 0, "")
        )
        cut = slice(before, len(value) - len(end))
        return {"Fn::Join": ["", [start, self.text(value[cut], closed[cut]), end]]}

    def _select(self, value: str, closed: str) -> Json:
        return {"Fn::Select": ["1", [closed, self.text(value, closed)]]}

    def _select_by_input(self, value: str, closed: str) -> Json:
        return {"Fn::Select": [self.input("1", "0", **self.one_of({}, {"AllowedValues": ["0", "1"]})), [closed, value]]}

    def _split(self, value: str, _: str) -> Json:
        return {"Fn::Select": [0, {"Fn::Split": [",", self.one_of(f"{value},x", {"Fn::Join": [",", [value, "x"]]})]}]}

    def _output(self, value: str, _: str) -> Json:
        return self._of_child({"Outputs": {"X": {"Value": value}}}, {})

    def _passed_on(self, value: str, closed: str) -> Json:
        declared = {"Who": {"Type": "String", **self.one_of({}, {"Default": closed})}}
        child = {"Parameters": declared, "Outputs": {"X": {"Value": {"Ref": "Who"}}}}
        return self._of_child(child, {"Who": self.text(value, closed)})

    def _of_child(self, child: Json, parameters: Json) -> Json:
        file, name = f"{self.name('child')}.yaml", self.name("Stack")
        self.files[file] = {**VERSION, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, **child}
        properties = {"TemplateURL": file, "Parameters": parameters}
        self.resources[name] = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
        return {"Fn::GetAtt": [name, "Outputs.X"]}

    def _export(self, value: str, _: str) -> Json:
        name = self.name("export")
        output = {"Value": value, "Export": {"Name": name}}
        self.files[f"{name}.yaml"] = {**VERSION, "Outputs": {"X": output}}
        return {"Fn::ImportValue": name}

    def _import(self, _: str, __: str) -> Json:
        return {"Fn::ImportValue": "elsewhere"}

    def _dynamic(self, _: str, __: str) -> Json:
        return "{{resolve:ssm:/partner}}"

    def _macro(self, value: Json, closed: Json) -> Json:
        """Hide a value behind a condition that is closed as it is written, beside a macro."""
        self.conditions["Fn::Transform"] = {"Name": self.one_of("Ours", "AWS::Include")}
        name = self.name("C")
        self.conditions[name] = {"Fn::Equals": ["a", "a"]}
        return {"Fn::If": [name, closed, value]}

    # --- objects ---

    def _nothing(self, value: Json, closed: Json) -> Json:
        inner = [closed, value] if isinstance(closed, list) else value
        return {"Fn::If": [self.is_open(), inner if not isinstance(closed, list) else value, NOTHING]}

    def _include(self, value: Json, _: Json) -> Json:
        name = f"{self.name('included')}.yaml"
        location = self.one_of("s3://bucket/key", name, f"./{name}")
        if location != "s3://bucket/key":
            self.files[name] = value
        return {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}}

    def _as_text(self, value: Json, _: Json) -> Json:
        """Write a whole policy as a text, or another object as it is."""
        if "Statement" not in value or "Fn::" in json.dumps(value) or '"Ref"' in json.dumps(value):
            return {"Fn::If": [self.is_open(), value, NOTHING]}
        return self.one_of(
            json.dumps(value), {"Fn::Sub": json.dumps(value)}, self.input(json.dumps(value), json.dumps(CLOSED))
        )

    # --- the whole ---

    def resource(self) -> Json:
        """Return the repository, and perhaps a condition on it."""
        made = repository(self.policy())
        if self.left and self.maybe():
            self.names.append("of the resource")
            made["Condition"] = self.is_open()
        return made

    def sections(self) -> Json:
        """Return the sections of the template."""
        found = {"Parameters": self.parameters, "Mappings": self.mappings, "Conditions": self.conditions}
        return {name: section for name, section in found.items() if section} | {"Resources": self.resources}

    def folder(self) -> Folder:
        """Return the folder."""
        self.resources["Hidden"] = self.resource()
        if self.chance.random() < 0.1:
            self.names.append("in a nested stack")
            self.files["nested.yaml"] = {**VERSION, **self.sections(), **self._passed_parameters()}
            passed = {name: {"Ref": name} for name in self.parameters}
            nested = {"TemplateURL": self.one_of("nested.yaml", "./nested.yaml"), "Parameters": passed}
            self.resources = {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": nested}}
            self.mappings, self.conditions = {}, {}
        self.resources["Closed"] = repository(CLOSED)
        files = {"template.yaml": {**VERSION, **self.sections()}, **self.files}
        # The hook gets no other files, and is asked about the resources of a nested stack by themselves.
        template = "" if "nested.yaml" in files else "template.yaml"
        return Folder(files, self.inputs(), tuple(self.names), self.rests, template)

    def _passed_parameters(self) -> Json:
        return {"Parameters": {name: {"Type": "String"} for name in self.parameters}} if self.parameters else {}
