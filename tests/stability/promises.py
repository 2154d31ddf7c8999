"""Collects the interface that is stable within a major version from the code: `make promises` records what is new.

With `--check`, it records nothing. It lists what is new, and the status is 1 if there is any. A release needs none.

A dictionary promises each of its keys, a list each of its members, anything else its value.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import ecr_crossaccount
import yaml
from ecr_crossaccount.products.cli.base.program import ExitStatus, parsers_in
from ecr_crossaccount.products.cli.main import whole_parser
from ecr_crossaccount.products.cli.settings.keys import KEYS
from ecr_crossaccount.products.rule.parameters import Parameters
from ecr_crossaccount.sources.aws import metrics
from ecr_crossaccount.sources.check.rules import RULES
from rdklib import InvalidParametersError

from organization.central import central, member_roles, members
from organization.processed import expanded
from organization.sources import ROOT, included, template
from organization.stacks import ACCOUNT, STACKS

Json = dict[str, Any]

RECORDED = Path(__file__).with_name("promises.json")

_SAMPLES = Path(__file__).with_name("samples")
_JUDGED = " ".join(f"tests/stability/samples/{one}.json" for one in ("open", "undecided", "invalid"))
_OWNER = "--owner 123456789012 --trust demo/trust.yaml"
_ACCOUNT = "--account 123456789012 --trust demo/trust.yaml"
OUTPUTS = {
    "judge --format json": f"judge {_OWNER} --format json {_JUDGED}",
    "judge --jsonl": "judge --jsonl",
    "plan --format json": f"plan {_OWNER} --format json {_JUDGED} demo/policies/partner/sdk.json",
    "plan --jsonl": "plan --jsonl",
    "check --format json": f"check {_ACCOUNT} --format json demo/templates {_JUDGED}",
    "explain --format json": "explain --format json",
    "diff --format json": f"diff {_ACCOUNT} --format json demo/policies/base/guarded.json {_JUDGED.split()[0]}",
    "audit --format json": "audit --format json demo/inventory.json --blank-is-none --no-trust",
    "ask --format json": f"ask {_OWNER} --can pull --format json {_JUDGED.split()[0]}",
    "trust expiring --format json": "trust expiring --within 3650d --format json demo/trust.yaml",
    "trust lint --format json": "trust lint --format json tests/stability/remarks.yaml",
    "config show --format json": "config show --format json",
}
"""Commands with JSON for programs, each with a sample run. A batch gets a sample in each line."""


def promises() -> Json:
    """Return the interface of this version."""
    return {
        "exit status": {one.name: one.value for one in ExitStatus},
        "commands": {parser.prog: _options(parser) for parser in parsers_in(whole_parser())},
        "settings": sorted(key.name for key in KEYS),
        "register": _properties("trust"),
        "rules": {one.id: one.severity.name for one in RULES},
        "JSON": {name: json_of(command) for name, command in OUTPUTS.items()},
        "rule parameters": _rule_parameters(),
        "stacks": {name: _of_stack(one) for name, one in _stacks()},
        "metrics": {
            "namespace": metrics.NAMESPACE,
            "dimensions": list(metrics.DIMENSIONS),
            "names": sorted(metrics.Metric),
        },
        "Python": {name: _of_python(getattr(ecr_crossaccount, name)) for name in ecr_crossaccount.__all__},
        "action": _of_action(),
        "hooks": sorted(one["id"] for one in _yaml(".pre-commit-hooks.yaml")),
    }


def _options(parser: argparse.ArgumentParser) -> list[str]:
    """Return the options of a command. An option with fixed values is shown as `--format {json}`."""
    found: set[str] = set()
    for action in parser._actions:  # noqa: SLF001 - argparse has no public access to it
        for name in action.option_strings or (str(action.metavar or action.dest),):
            takes = "" if action.nargs == 0 else " VALUE"
            words = action.choices if action.option_strings and action.choices else ()
            found.update(f"{name} {word}" for word in words)
            if not words:
                found.add(f"{name}{takes}" if action.option_strings else name)
    return sorted(found)


def _properties(schema: str) -> list[str]:
    """Return the name of every field in one of our JSON schemas."""
    text = (ROOT / f"rule/ecr_crossaccount/products/cli/settings/schemas/{schema}.schema.json").read_text(
        encoding="utf-8"
    )

    def names(value: object) -> Iterator[str]:
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from names(one)
        if isinstance(value, dict) and isinstance(value.get("properties"), dict):
            yield from value["properties"]

    return sorted(set(names(json.loads(text))))


def _rule_parameters() -> list[str]:
    """Return the parameters of the AWS Config rule. It names them itself when it gets an unknown one."""
    try:
        Parameters.parse({"nothing-of-ours": ""}, date(2026, 11, 27))
    except InvalidParametersError as error:
        return sorted(str(error).partition("it has ")[2].split("; ")[0].split(", "))
    raise AssertionError("a parameter that is not known was accepted")


def _stacks() -> Iterator[tuple[str, Json]]:
    """Yield every template that a person or a StackSet deploys."""
    whole = {stack.name: expanded(included(template(stack.source))) for stack in STACKS}
    yield from whole.items()
    account = whole[ACCOUNT.name]
    yield from (("central", central(account)), ("members", members(account)), ("member-roles", member_roles(account)))
    for name in ("every-account", "every-member", "code-buckets", "security-hub"):
        yield name, template(f"organization/{name}.yaml")


def _of_stack(one: Json) -> Json:
    parameters = {
        name: {key: parameter[key] for key in ("Type", "Default", "AllowedValues") if key in parameter}
        for name, parameter in one.get("Parameters", {}).items()
    }
    return {"parameters": parameters, "outputs": sorted(one.get("Outputs", {}))}


def _of_python(one: object) -> object:
    if isinstance(one, type) and issubclass(one, Enum):
        return [member.name for member in one]
    if isinstance(one, type):
        return [name for name in dir(one) if name in _DOCUMENTED and not name.startswith("_")]
    return list(inspect.signature(one).parameters) if inspect.isfunction(one) else "there"


_DOCUMENTED = frozenset(re.findall(r"\w+", (ROOT / "docs/library.md").read_text(encoding="utf-8")))
"""The words in docs/library.md. Other attributes are not promised."""


def _of_action() -> Json:
    action = _yaml("action.yml")
    return {
        "inputs": {name: one["default"] for name, one in action["inputs"].items()},
        "outputs": sorted(action["outputs"]),
    }


def _yaml(path: str) -> Any:  # noqa: ANN401 - the content of a file
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def json_of(command: str) -> Json:
    """Run a command and return the types of the values at each path of its JSON."""
    policies = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(_SAMPLES.iterdir())]
    lines = [json.dumps({"id": 7, "owner": "123456789012", "trust": [], "policy": one}) for one in policies]
    done = subprocess.run(
        [sys.executable, "-m", "ecr_crossaccount", *command.split()],
        cwd=ROOT, input="\n".join(lines), capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "rule")},
    )  # fmt: skip
    if done.returncode not in (0, 1, 2):
        raise ValueError(f"`{command}` ended with status {done.returncode}: {done.stderr}")
    found: dict[str, set[str]] = {}
    for answer in done.stdout.splitlines() if "--jsonl" in command else [done.stdout]:
        for path, kind in _paths(json.loads(answer)):
            found.setdefault(path, set()).add(kind)
    return {path: " or ".join(sorted(kinds)) for path, kinds in sorted(found.items())}


_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
_FIELD = re.compile(r"[A-Za-z_]+")
_OPAQUE = (".state", ".recorded")
"""Fields that only a later version reads. Their content is not promised."""


def _paths(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each path with the type of its value. A name that is not a field, such as a condition key, is `*`.

    The content of a policy is AWS's, so it is not included.
    """
    yield path or ".", _NAMES.get(type(value), "null")
    if isinstance(value, dict) and "Statement" not in value and not path.endswith(_OPAQUE):
        for name, one in value.items():
            yield from _paths(one, f"{path}.{name if _FIELD.fullmatch(name) else '*'}")
    if isinstance(value, list):
        for one in value:
            yield from _paths(one, f"{path}[]")


def broken(promised: object, now: object, place: str = "") -> Iterator[str]:
    """Yield the promises that are broken, each with its place."""
    match promised, now:
        case dict(), dict():
            for name, one in promised.items():
                if name in now:
                    yield from broken(one, now[name], f"{place} > {name}")
                else:
                    yield f"{place} > {name} is gone"
        case list(), list():
            yield from (f"{place} > {one} is gone" for one in promised if one not in now)
        case _:
            if promised != now:
                yield f"{place} is {now!r} and was {promised!r}"


def joined(promised: Any, now: Any) -> Any:  # noqa: ANN401 - any part of the record
    """Return the promises with what is new. No promise is removed or changed."""
    if isinstance(promised, dict) and isinstance(now, dict):
        new = {name: one for name, one in now.items() if name not in promised}
        return {name: joined(one, now.get(name)) for name, one in promised.items()} | new
    if isinstance(promised, list) and isinstance(now, list):
        return sorted({*promised, *now}, key=str)
    return promised


def recorded() -> Json:
    """Return the recorded promises."""
    read: Json = json.loads(RECORDED.read_text(encoding="utf-8"))
    return read


def unrecorded(promised: Json, now: Json) -> list[str]:
    """Return what is new, each with its place."""
    return [one.removesuffix(" is gone") for one in broken(joined(promised, now), promised)]


def main() -> int:
    """Record what is new, or only list it."""
    parser = argparse.ArgumentParser(prog="make promises", description=__doc__)
    parser.add_argument("--check", action="store_true", help="record nothing, and end with 1 if something is new")
    before: Json = recorded() if RECORDED.exists() else {}
    now = promises()
    if parser.parse_args().check:
        new = unrecorded(before, now)
        print("\n".join([*(f"not recorded:{one}" for one in new), f"{len(new)} new; `make promises` records them"]))
        return min(len(new), 1)
    text = json.dumps(joined(before, now), indent=1, sort_keys=True)
    RECORDED.write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
