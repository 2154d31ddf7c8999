"""Shell scripts: variables, options, heredocs, files and programs, in a script or in a workflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.check.hiding.hider import CLOSED, Folder, Hider, Json

_SET = "aws ecr set-repository-policy --repository-name {} --policy-text"


@dataclass(slots=True)
class Script(Hider):
    """A script that hides a policy. `lines`: what comes before the command."""

    lines: list[str] = field(default_factory=list)

    def texts(self) -> Sequence[Callable[[str, str], Json]]:
        return (
            self._variable,
            self._option,
            self._with_default,
            self._environment,
            self._chosen,
            self._set_later,
            self._read,
            self._printed,
            self._sourced,
            self._loop,
        )

    def _new(self, value: str, before: str = "") -> str:
        name = self.name("V")
        self.lines.append(f"{before}{name}='{value}'")
        return f"${{{name}}}"

    def _variable(self, value: str, closed: str) -> Json:
        inner = self.text(value, closed)
        name = self.name("V")
        quote = '"' if "$" in inner else "'"
        self.lines.append(f"{self.one_of('', 'export ', 'readonly ')}{name}={quote}{inner}{quote}")
        return f"${{{name}}}"

    def _option(self, _: str, __: str) -> Json:
        return self.one_of("${1}", "$1", "${2}")

    def _with_default(self, value: str, closed: str) -> Json:
        name = self.name("W")
        inside = f"${{{name}:-{self.one_of(value, closed)}}}"
        if self.maybe():
            return inside
        other = self.name("V")
        self.lines.append(f'{other}="{inside}"')
        return f"${{{other}}}"

    def _environment(self, _: str, __: str) -> Json:
        return f"${{{self.name('ENV')}}}"

    def _chosen(self, value: str, closed: str) -> Json:
        name = self.name("V")
        self.lines += [f"{name}='{closed}'", 'if [ "$STAGE" = prod ]; then', f"  {name}='{value}'", "fi"]
        return f"${{{name}}}"

    def _set_later(self, value: str, closed: str) -> Json:
        name = self.name("V")
        setter = self.one_of(
            f"eval {name}='{value}'", f"set_it() {{ {name}='{value}'; }}; set_it", f"declare {name}='{value}'"
        )
        self.lines += [f"{name}='{closed}'", setter]
        return f"${{{name}}}"

    def _read(self, value: str, closed: str) -> Json:
        name = self.name("V")
        self.lines.append(f"{name}='{closed}'")
        self.lines.append(f"read -r {name} < who.txt")
        self.files["who.txt"] = f"{value}\n"
        return f"${{{name}}}"

    def _printed(self, value: str, _: str) -> Json:
        self.files["who.txt"] = f"{value}\n"
        return self.one_of("$(cat who.txt)", f"$(echo '{value}')", "$(who)")

    def _sourced(self, value: str, closed: str) -> Json:
        name = self.name("V")
        self.lines += [f"{name}='{closed}'", self.one_of(". ./lib.sh", "source lib.sh", "source ./lib.sh")]
        self.files["lib.sh"] = f"{name}='{value}'\n"
        return f"${{{name}}}"

    def _loop(self, value: str, closed: str) -> Json:
        name = self.name("V")
        self.lines += [f"for {name} in '{closed}' '{value}'; do", "  true", "done"]
        return f"${{{name}}}"

    # --- the whole ---

    def _command(self, policy: str) -> list[str]:
        """Return the lines that set a policy, whose variables the shell fills in."""
        set_it = _SET.format("hidden")
        quoted = policy.replace('"', '\\"')
        file = self.one_of("policy.json", "/tmp/policy.json", '"$TMP"', "/tmp/$$-policy.json")
        way = self.one_of("argument", "variable", "heredoc", "heredoc in a file", "echo into a file", "a file")
        self.names.append(way)
        match way:
            case "argument":
                return [f'{set_it} "{quoted}"']
            case "variable":
                return [f'POLICY="{quoted}"', f'{set_it} "$POLICY"']
            case "heredoc":
                return [f'{set_it} "$(cat <<EOF', policy, "EOF", ')"']
            case "heredoc in a file":
                return ["TMP=$(mktemp)", f"cat > {file} <<EOF", policy, "EOF", f"{set_it} file://{file}"]
            case "echo into a file":
                return ["TMP=$(mktemp)", f'echo "{quoted}" > {file}', f"{set_it} file://{file}"]
        self.files["policy.json"] = policy
        return [f"{set_it} file://policy.json"] if "$" not in policy else [f'{set_it} "$(envsubst < policy.json)"']

    def folder(self) -> Folder:
        """Return the folder."""
        policy = json.dumps(self.policy())
        command = self._command(policy)
        around = self.one_of("script", "function", "workflow", "condition")
        self.names.append(around)
        closed = f"{_SET.format('closed')} '{json.dumps(CLOSED)}'"
        lines = [*self.lines, *command]
        if around == "function":
            lines = ["main() {", *lines, "}", 'main "$@"']
        elif around == "condition":
            lines = ['if [ "$STAGE" = prod ]; then', *lines, "fi"]
        text = "\n".join(["#!/bin/bash", closed, *lines, ""])
        if around == "workflow":
            run = "\n".join([closed, *self.lines, *command, ""])
            job = {"runs-on": "ubuntu-latest", "steps": [{"run": run}]}
            return Folder(
                {".github/workflows/set.yml": {"on": "push", "jobs": {"set": job}}, **self.files}, (), tuple(self.names)
            )
        return Folder({"set.sh": text, **self.files}, (), tuple(self.names))
