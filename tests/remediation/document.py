"""An Automation document, checked as strictly as possible without AWS. Unknown parts are refused.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html, and the actions' pages
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from organization.sources import template
from tests.stack.cloudformation import Stack
from tests.wording import sentence

Json = Mapping[str, Any]

LARGEST_DOCUMENT = 65_536
MOST_VALUES, LONGEST_VALUE = 50, 512
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartAutomationExecution.html"""
MOST_PARAMETERS = 25
"""The most parameters of a remediation configuration of AWS Config."""
REFERENCE = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
STEP_NAME = re.compile(r"[a-zA-Z0-9_]{1,128}")
VARIABLES = frozenset({"global:DATE_TIME", "global:REGION", "global:ACCOUNT_ID", "automation:EXECUTION_ID"})
TYPES: Mapping[str, type] = {"String": str, "StringList": list}

_TOP = {"schemaVersion", "description", "assumeRole", "parameters", "mainSteps", "outputs"}
_PARAMETER = {"type", "description", "default", "allowedValues", "allowedPattern"}
_STEP = {
    "name",
    "description",
    "action",
    "inputs",
    "outputs",
    "nextStep",
    "isEnd",
    "onFailure",
    "isCritical",
    "timeoutSeconds",
}
_INPUTS = {
    "aws:executeScript": ({"Runtime", "Handler", "Script", "InputPayload"}, set()),
    "aws:invokeLambdaFunction": ({"FunctionName", "InvocationType", "InputPayload"}, {"Payload", "StatusCode"}),
    "aws:branch": ({"Choices", "Default"}, set()),
    "aws:approve": ({"NotificationArn", "Message", "MinRequiredApprovals", "Approvers"}, {"ApprovalStatus"}),
}
"""For each action, the inputs that are used here, and the action's own outputs."""
_LONGEST_SCRIPT_RUN = 600


class DocumentError(ValueError):
    """A document that Systems Manager would refuse, or that this interpreter does not support."""


def as_sent(value: Json) -> str:
    """Return a document in the longest form that CloudFormation may send to Systems Manager."""
    return json.dumps(value, indent=4)


ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/stack/automation"
APPROVAL: dict[str, Any] = {
    "Remediation": "ManualWithApproval",
    "RemediationApprovalTopic": f"arn:aws:sns:eu-central-1:{ACCOUNT}:Automation-approvals",
    "RemediationApprovers": [f"arn:aws:iam::{ACCOUNT}:role/security"],
}
"""Parameters of a stack whose documents ask for approval."""


def deployed(path: Path, names: Json | None = None, **chosen: object) -> Json:
    """Return a document as CloudFormation deploys it. It is not a dry run by default."""
    called = {"AutomationRole.Arn": ROLE, "PlanFunction": "planner", "BackupBucket": "backups", **(names or {})}
    return Stack(template(), called, **{"Remediation": "Manual", "RemediationDryRun": "false", **chosen}).filled(path)


@dataclass(frozen=True, slots=True)
class Document:
    """A document with a checked form. `steps` are by name, in order."""

    name: str
    parameters: Mapping[str, Json]
    steps: Mapping[str, Json]
    outputs: tuple[str, ...]
    first: str

    @classmethod
    def load(cls, path: Path, names: Json | None = None, **chosen: object) -> Document:
        """Read a shipped document as in a stack with chosen parameters. Raises DocumentError.

        `names` has the names of the stack's resources: see `Stack`.
        """
        return cls.parse(path.stem, deployed(path, names, **chosen))

    @classmethod
    def parse(cls, name: str, value: Json) -> Document:
        """Check a document. Raises DocumentError."""
        _known(value, _TOP, "the document")
        _require(value["schemaVersion"] == "0.3", "schemaVersion must be the text 0.3")
        _require(len(as_sent(value)) <= LARGEST_DOCUMENT, "larger than 64 KB")
        parameters = value["parameters"]
        _require(len(parameters) <= MOST_PARAMETERS, "more parameters than AWS Config passes")
        for parameter, declared in parameters.items():
            _check_parameter(parameter, declared)
        steps = {step["name"]: step for step in value["mainSteps"]}
        _require(len(steps) == len(value["mainSteps"]), "two steps have one name")
        document = cls(name, parameters, steps, tuple(value["outputs"]), next(iter(steps)))
        document._check(value)
        return document

    def _check(self, value: Json) -> None:
        for step in self.steps.values():
            self._check_step(step)
        for name, step in self.steps.items():
            for reference in references(step["inputs"]):
                self._check_reference(name, reference)
        for reference in references(value["assumeRole"]):
            _require(reference == "AutomationAssumeRole", "assumeRole must be the parameter AutomationAssumeRole")
        for output in self.outputs:
            _require(output in self.declared(), f"`{output}` of the document's outputs is no step's output")
        reached = set(self._reached(self.first))
        _require(reached == set(self.steps), f"never reached: {sorted(set(self.steps) - reached)}")

    def _check_step(self, step: Json) -> None:
        name = step["name"]
        _require(STEP_NAME.fullmatch(name) is not None, f"`{name}` is not a name of a step")
        _known(step, _STEP, f"step {name}")
        _require(bool(step.get("description")), f"step {name} has no description")
        _require(step["action"] in _INPUTS, f"step {name}: `{step['action']}` is an action that nobody knows here")
        _known(step["inputs"], _INPUTS[step["action"]][0], f"inputs of step {name}")
        for target in successors(step):
            _require(target in self.steps, f"step {name} leads to `{target}`, which is none")
        # Without a default, a branch continues with the next step in the document.
        ends = {"Default"} if step["action"] == "aws:branch" else {"nextStep", "isEnd"}
        _require(len(ends & {*step["inputs"], *step}) == 1, f"{name}: no end, or two")
        _require("Default" not in ends or not step.keys() & {"nextStep", "isEnd"}, f"{name}: a branch has a default")
        _require(
            step.get("onFailure", "Abort").partition(":")[0] in ("Abort", "Continue", "step"), f"{name}: onFailure"
        )
        for output in step.get("outputs", ()):
            _known(output, {"Name", "Selector", "Type"}, f"outputs of step {name}")
            _require(output["Type"] in TYPES, f"step {name}: `{output['Type']}` is not a type that this reads")
            _require(output["Selector"] == f"$.Payload.{output['Name']}", f"step {name}: {output['Selector']}")
        if step["action"] == "aws:executeScript":
            _check_script(step)

    def _check_reference(self, step: str, reference: str) -> None:
        known = reference in self.parameters or reference in VARIABLES or reference in self.declared()
        _require(known, f"step {step} refers to `{reference}`, which nothing declares")
        source = reference.partition(".")[0]
        if source in self.steps:
            _require(step in self._reached(source) and source != step, f"step {step} comes before {source}")

    def declared(self) -> set[str]:
        """Return `step.output` for every output of a step."""
        return {f"{name}.{output}" for name, step in self.steps.items() for output in outputs_of(step)}

    def _reached(self, start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += successors(self.steps[name])
        return found


def successors(step: Json) -> list[str]:
    """Return the possible next steps."""
    following = [choice["NextStep"] for choice in step["inputs"].get("Choices", ())]
    following += [step["inputs"]["Default"]] if "Default" in step["inputs"] else []
    following += [step["nextStep"]] if "nextStep" in step else []
    kind, _, target = step.get("onFailure", "Abort").partition(":")
    return following + ([target] if kind == "step" else [])


def outputs_of(step: Json) -> set[str]:
    """Return the names of a step's outputs, the action's own and the declared ones."""
    return _INPUTS[step["action"]][1] | {output["Name"] for output in step.get("outputs", ())}


def references(value: object) -> Iterator[str]:
    """Yield everything in double braces, at any place."""
    if isinstance(value, str):
        yield from REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def _check_parameter(name: str, declared: Json) -> None:
    _known(declared, _PARAMETER, f"parameter {name}")
    _require(declared["type"] in TYPES, sentence("judging.parameter_not_type_reads", name=name, type=declared["type"]))
    _require(bool(declared.get("description")), f"parameter {name} has no description")
    pattern = declared.get("allowedPattern", "")
    _require(
        pattern.startswith("^") and pattern.endswith("$"), f"parameter {name} has no allowedPattern from end to end"
    )
    re.compile(pattern)
    if "default" in declared:
        check_value(name, declared, declared["default"])


def check_value(name: str, declared: Json, value: object) -> None:
    """Raise DocumentError for a value that the parameter does not allow."""
    _require(isinstance(value, TYPES[declared["type"]]), f"parameter {name} must be a {declared['type']}")
    several = value if isinstance(value, list) else []
    _require(len(several) <= MOST_VALUES, f"parameter {name} has more values than Systems Manager takes")
    # It is not documented whether the pattern of a list applies to each value or to all of them.
    for one in [*map(str, several), ",".join(map(str, several))] if isinstance(value, list) else [value]:
        _require(isinstance(one, str), f"parameter {name} must hold texts")
        _require(len(str(one)) <= LONGEST_VALUE or bool(several), f"parameter {name} is too long")
        fits = re.fullmatch(declared["allowedPattern"], str(one)) is not None
        _require(fits, f"parameter {name}: {one!r} does not match its allowedPattern")
        allowed = declared.get("allowedValues", [one])
        _require(one in allowed, f"parameter {name}: {one!r} is none of its allowedValues")


def _check_script(step: Json) -> None:
    inputs = step["inputs"]
    _require(inputs["Runtime"] == "python3.11", f"step {step['name']}: the runtime is none that is used here")
    _require(step["timeoutSeconds"] <= _LONGEST_SCRIPT_RUN, f"step {step['name']}: a script ends after 600 seconds")
    compiled: dict[str, Any] = {}
    exec(compile(inputs["Script"], step["name"], "exec"), compiled)  # noqa: S102 - a shipped script
    _require(callable(compiled.get(inputs["Handler"])), f"step {step['name']}: its script has no {inputs['Handler']}")


def _known(value: Json, names: set[str], where: str) -> None:
    unknown = sorted(set(value) - names)
    if unknown:
        raise DocumentError(f"{where}: {unknown} is nothing that this interpreter knows")


def _require(holds: bool, problem: str) -> None:  # noqa: FBT001 - the argument is a comparison
    if not holds:
        raise DocumentError(problem)
