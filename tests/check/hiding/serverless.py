"""The Serverless Framework: options, stages, parameters, files, parts and extensions, around a template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.check.hiding.cloudformation import Template, repository
from tests.check.hiding.hider import CLOSED, Folder, Json

_OPTION, _STAGE = "opt:", "opt:stage"


@dataclass(slots=True)
class Service(Template):
    """A service that hides a policy."""

    custom: dict[str, Json] = field(default_factory=dict)
    params: dict[str, Json] = field(default_factory=lambda: {"default": {}, "prod": {}})
    stage_is: Json = None

    def __post_init__(self) -> None:
        Template.__post_init__(self)
        self.stage_is = self.one_of({}, {"stage": "dev"}, {"stage": "${opt:stage, 'dev'}"})

    def texts(self) -> Sequence[Callable[[str, str], Json]]:
        return (
            self._self,
            self._option,
            self._by_option,
            self._by_stage,
            self._in_name,
            self._with_fallback,
            self._by_shell,
            self._shell,
            self._param,
            self._file,
            self._file_by_stage,
            self._file_missing,
            self._program,
            self._condition_on_stage,
            self._mapping_on_stage,
            self._parameter,
            self._condition,
            self._sub,
        )

    def objects(self) -> Sequence[Callable[[Json, Json], Json]]:
        return (self._pointed, self._pointed_by_stage, self._whole_file, self._condition_on_stage, self._nothing)

    def _by(self, value: str, closed: str) -> str:
        """Return the stage, by one of its spellings. The stage `prod` opens."""
        self.opens[_STAGE], self.closes[_STAGE] = value, closed
        # Otherwise, no option changes the stage that the service itself names.
        by_self = ["${self:provider.stage}"] if "opt" in str(self.stage_is) else []
        return self.one_of("${opt:stage, 'dev'}", "${sls:stage}", "${opt:stage}", *by_self)

    def _key(self, kind: str, value: Json) -> str:
        name = self.name(kind)
        self.custom[name] = value
        return name

    # --- texts ---

    def _self(self, value: str, closed: str) -> Json:
        return f"${{self:custom.{self._key('v', self.text(value, closed))}}}"

    def _option(self, value: str, closed: str) -> Json:
        name = self.name("o")
        self.opens[f"{_OPTION}{name}"], self.closes[f"{_OPTION}{name}"] = value, closed
        return self.one_of(f"${{opt:{name}}}", f"${{opt:{name}, '{value}'}}", f"${{opt:{name}, self:provider.none}}")

    def _by_option(self, value: str, closed: str) -> Json:
        name, option = self._key("m", {"dev": closed, "prod": self.text(value, closed)}), self.name("o")
        self.opens[f"{_OPTION}{option}"], self.closes[f"{_OPTION}{option}"] = "prod", "dev"
        return f"${{self:custom.{name}.${{opt:{option}, 'dev'}}}}"

    def _by_stage(self, value: str, closed: str) -> Json:
        by = self._by("prod", "dev")
        return f"${{self:custom.{self._key('m', {'dev': {'id': closed}, 'prod': {'id': value}})}.{by}.id}}"

    def _in_name(self, value: str, closed: str) -> Json:
        by = self._by("prod", "dev")
        return f"${{self:custom.{self._key('m', {'on_dev': closed, 'on_prod': value})}.on_{by}}}"

    def _with_fallback(self, value: str, closed: str) -> Json:
        by = self._by("prod", "dev")
        return f"${{self:custom.{self._key('m', {'dev': closed})}.{by}, '{value}'}}"

    def _by_shell(self, value: str, closed: str) -> Json:
        return f"${{self:custom.{self._key('m', {'dev': closed, 'prod': value})}.${{env:STAGE, 'dev'}}}}"

    def _shell(self, _: str, closed: str) -> Json:
        return self.one_of("${env:WHO}", f"${{env:WHO, '{closed}'}}", "${ssm:/who}", "${cf:stack.Who}")

    def _param(self, value: str, closed: str) -> Json:
        name = self.name("p")
        self._by("prod", "dev")
        self.params["default"][name], self.params["prod"][name] = self.one_of(closed, value), value
        return f"${{param:{name}}}"

    def _file(self, value: str, closed: str) -> Json:
        name = f"{self.name('f')}.yml"
        self.files[name] = {"a": {"b": self.text(value, closed)}}
        return f"${{file({self.one_of('', './')}{name}):a.b}}"

    def _file_by_stage(self, value: str, closed: str) -> Json:
        name, by = self.name("f"), self._by("prod", "dev")
        self.files[f"{name}/dev.json"] = f'{{"who": "{closed}"}}'
        self.files[f"{name}/prod.json"] = f'{{"who": "{value}"}}'
        return f"${{file({name}/{by}.json):who}}"

    def _file_missing(self, _: str, closed: str) -> Json:
        return self.one_of("${file(missing.yml):who}", f"${{file(missing.yml):who, '{closed}'}}")

    def _program(self, value: str, _: str) -> Json:
        self.files["made.js"] = f"module.exports.who = '{value}';\n"
        return "${file(made.js):who}"

    def _condition_on_stage(self, value: Json, closed: Json) -> Json:
        name = self.name("C")
        self.conditions[name] = {"Fn::Equals": [self._by("prod", "dev"), "prod"]}
        return {"Fn::If": [name, value, closed]}

    def _mapping_on_stage(self, value: str, closed: str) -> Json:
        name = self.name("M")
        self.mappings[name] = {"dev": {"Id": closed}, "prod": {"Id": value}}
        return {"Fn::FindInMap": [name, self._by("prod", "dev"), "Id"]}

    # --- objects ---

    def _pointed(self, value: Json, _: Json) -> Json:
        return f"${{self:custom.{self._key('v', value)}}}"

    def _pointed_by_stage(self, value: Json, closed: Json) -> Json:
        by = self._by("prod", "dev")
        return f"${{self:custom.{self._key('m', {'dev': closed, 'prod': value})}.{by}}}"

    def _whole_file(self, value: Json, _: Json) -> Json:
        name = f"{self.name('f')}.yml"
        self.files[name] = value
        return f"${{file({name})}}"

    # --- the whole ---

    def folder(self) -> Folder:
        """Return the folder."""
        resource = self.resource()
        where = self.one_of("here", "in a part", "in a file", "in an extension", "split")
        self.names.append(where)
        self.resources["Closed"] = repository(CLOSED)
        resources: Json = [self.sections()]
        match where:
            case "here":
                self.resources["Hidden"] = resource
                resources = self.sections()
            case "in a part":
                resources.insert(0, {"Resources": {"Hidden": resource}})
            case "in a file":
                self.files["hidden.yml"] = {"Resources": {"Hidden": resource}}
                resources.append("${file(hidden.yml)}")
            case "in an extension":
                self.resources["Hidden"] = repository(CLOSED)
                resources = {**self.sections(), "extensions": {"Hidden": {"Properties": resource["Properties"]}}}
            case "split":
                self.resources["Hidden"] = {name: one for name, one in resource.items() if name != "Properties"}
                resources.append({"Resources": {"Hidden": {"Properties": resource["Properties"]}}})
        service = {
            "service": "shop",
            "provider": {"name": "aws", **self.stage_is},
            "custom": self.custom,
            "params": self.params,
            "resources": resources,
        }
        return Folder({"serverless.yml": service, **self.files}, self.inputs(), tuple(self.names), self.rests)
