"""Commands in scripts, makefiles, workflows and lists of words: each option and variable, by what it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.case_tables import OWNER
from tests.check.conftest import Look
from tests.check.told import OPEN, OPEN_BASE, THEIRS, told, unusual
from tests.wording import sentence

POLICY = json.dumps(OPEN)
CALL = "aws ecr set-repository-policy"
NAMED = f"{CALL} --repository-name base"
WITH = f"--policy-text '{POLICY}'"
SHELL, MAKE, FLOW = "a.sh", "Makefile", "flow.yml"
VARIED = f'{CALL} --repository-name "$V" {WITH}'


def made(*lines: str, use: str = "$(V)") -> str:
    """Return a makefile with a recipe that uses a variable."""
    command = f'{CALL} --repository-name "{use}" {WITH}'
    return "\n".join((*lines, "all:", f"\t{command}", ""))


def flow(
    use: str = "$V",
    command: str = "",
    section: str = "env",
    **more: Any,  # noqa: ANN401 - parts of a workflow
) -> dict[str, Any]:
    """Return a workflow whose step uses a variable."""
    step = {"run": command or f'{CALL} --repository-name "{use}" {WITH}', **more.pop("step", {})}
    return {section: {"V": "base"}, "jobs": {"a": {"steps": [step], **more.pop("job", {})}}, **more}


USUAL: Mapping[str, object] = {**OPEN_BASE, "resource": "set-repository-policy base", "region": None, "line": 1}


def differs(look: Look, row: tuple[str, object]) -> dict[str, Any]:
    """Return what is found in a file and is not usual."""
    harvest = look({row[0]: row[1]}, row[0])
    found = told(harvest)
    found |= {"policy": "open"} if found.get("policy") == POLICY else {}
    if harvest.policies:
        at, kind = harvest.policies[0].resource_at, harvest.policies[0].kind.name
        found["line"] = at.line if at is not None else 0
        found |= {} if kind == "REPOSITORY" else {"kind": kind}
    if harvest.unjudged:
        found["place"] = (harvest.unjudged[0].line, harvest.unjudged[0].column)
    return unusual(found, USUAL)


ANY_POLICY = sentence("marks.check_deployed_aws")
NOT_READ = sentence("marks.sets_not_read_here_2", any_policy=ANY_POLICY)
NOT_KNOWN = sentence("commands.policy_not_known_here", any_policy=ANY_POLICY).format("repository")
GIVEN = sentence("scripts.rests_variables_file")
BLANK = sentence("found.sets_blank_policy_existing")

TEMPLATE = json.dumps({"prefix": "base", "repositoryPolicy": POLICY})
CACHE = json.dumps({"ecrRepositoryPrefix": "base", "upstreamRegistryUrl": "x"})


def unknown(line: int = 1) -> dict[str, object]:
    """Return what is found if the name is a variable that is not known."""
    return {"resource": "set-repository-policy <V>", "names": ["*"], **({"line": line} if line > 1 else {})}


ROWS: Mapping[str, tuple[tuple[str, object], Mapping[str, object]]] = {
    "usual": ((SHELL, f"{NAMED} {WITH}"), {}),
    "public": (
        (SHELL, f"aws ecr-public set-repository-policy --repository-name base {WITH}"),
        {"kind": "PUBLIC_REPOSITORY"},
    ),
    "a word of public behind": ((SHELL, f"{NAMED} {WITH} ecr-public"), {}),
    "an option with an equals sign": ((SHELL, f"{CALL} --repository-name=base {WITH}"), {}),
    "a policy with an equals sign": ((SHELL, f"{NAMED} --policy-text='{POLICY}'"), {}),
    "an option before the command": (
        (SHELL, f"aws --region us-east-1 ecr set-repository-policy --repository-name base {WITH}"),
        {"region": "us-east-1", "location": (OWNER, "us-east-1", "")},
    ),
    "an option without a value": ((SHELL, f"{NAMED} --force {WITH}"), {}),
    "no name": ((SHELL, f"{CALL} {WITH}"), {"resource": "set-repository-policy", "names": ["*"]}),
    "a name that is not known": (
        (SHELL, f"{CALL} --repository-name $1 {WITH}"),
        {"resource": "set-repository-policy <1>", "names": ["*"]},
    ),
    "a name in part": (
        (SHELL, f'{CALL} --repository-name "a-$1" {WITH}'),
        {"resource": "set-repository-policy a-<1>", "names": ["a-*"]},
    ),
    "no policy": (
        (SHELL, NAMED),
        {"unjudged": ("set-repository-policy base", NOT_READ.format("repository")), "place": (1, 1)},
    ),
    "a policy that is not known": (
        (SHELL, f'{NAMED} --policy-text "$1"'),
        {"unjudged": ("set-repository-policy base", NOT_KNOWN), "place": (1, 68)},
    ),
    "a policy in another option": (
        (SHELL, f"{NAMED} --policy '{POLICY}'"),
        {"unjudged": ("set-repository-policy base", NOT_READ.format("repository")), "place": (1, 1)},
    ),
    "other words": ((SHELL, f"{NAMED} $1 {WITH}"), {"doubts": ["`<1>` may hold other arguments"]}),
    "other words in quotes": ((SHELL, f'{NAMED} "$@" {WITH}'), {"doubts": ["`<@>` may hold other arguments"]}),
    "other words of a text": ((SHELL, f"{NAMED} x {WITH}"), {}),
    "input": ((SHELL, f"{CALL} --cli-input-json '{json.dumps({'repositoryName': 'base', 'policyText': POLICY})}'"), {}),
    "input in YAML": (
        (SHELL, f"{CALL} --cli-input-yaml '{json.dumps({'repositoryName': 'base', 'policyText': POLICY})}'"),
        {},
    ),
    "input without a name": (
        (SHELL, f"{CALL} --cli-input-json '{json.dumps({'policyText': POLICY})}'"),
        {"resource": "set-repository-policy", "names": ["*"]},
    ),
    "input without a policy": (
        (SHELL, f"{CALL} --cli-input-json '{json.dumps({'repositoryName': 'base'})}'"),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (1, 48)},
    ),
    "input that is no JSON": (
        (SHELL, f"{CALL} --cli-input-json x"),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (1, 48)},
    ),
    "input that is not known": (
        (SHELL, f'{CALL} --cli-input-json "$1"'),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (1, 48)},
    ),
    "input below an option": (
        (SHELL, f"{NAMED} {WITH} --cli-input-json '{json.dumps({'repositoryName': 'other', 'policyText': '{}'})}'"),
        {},
    ),
    "a registry": (
        (SHELL, f"aws ecr put-registry-policy {WITH}"),
        {"resource": "put-registry-policy", "names": ["*"], "kind": "REGISTRY"},
    ),
    "a registry without a policy": (
        (SHELL, "aws ecr put-registry-policy"),
        {
            "unjudged": ("put-registry-policy", NOT_READ.format("registry")),
            "registry": (OWNER, "eu-west-1", ""),
            "place": (1, 1),
        },
    ),
    "another registry without a policy": (
        (SHELL, "aws ecr put-registry-policy --registry-id 222233334444 --region us-east-1"),
        {
            "unjudged": ("put-registry-policy", NOT_READ.format("registry")),
            "registry": (THEIRS, "us-east-1", ""),
            "place": (1, 1),
        },
    ),
    "a registry with a blank policy": (
        (SHELL, "aws ecr put-registry-policy --policy-text '{}'"),
        {"resource": "put-registry-policy", "policy": "{}", "names": ["*"], "doubts": [BLANK], "kind": "REGISTRY"},
    ),
    "a repository with a blank policy": ((SHELL, f"{NAMED} --policy-text '{{}}'"), {"policy": "{}", "doubts": [BLANK]}),
    "a template": (
        (SHELL, f"aws ecr create-repository-creation-template --prefix base --repository-policy '{POLICY}'"),
        {"resource": "create-repository-creation-template base", "names": ["base/*"], "kind": "CREATION_TEMPLATE"},
    ),
    "a template without a policy": (
        (SHELL, "aws ecr create-repository-creation-template --prefix base"),
        {"nothing": True},
    ),
    "a template with other words": (
        (SHELL, "aws ecr create-repository-creation-template --prefix base $1"),
        {"unjudged": ("create-repository-creation-template base", NOT_READ.format("repository")), "place": (1, 1)},
    ),
    "a template by its input": (
        (
            SHELL,
            f"aws ecr create-repository-creation-template --cli-input-json '{TEMPLATE}'",
        ),
        {"resource": "create-repository-creation-template base", "names": ["base/*"], "kind": "CREATION_TEMPLATE"},
    ),
    "a changed template": (
        (SHELL, f"aws ecr update-repository-creation-template --prefix base --repository-policy '{POLICY}'"),
        {"resource": "update-repository-creation-template base", "names": ["base/*"], "kind": "CREATION_TEMPLATE"},
    ),
    "a cache": (
        (SHELL, "aws ecr create-pull-through-cache-rule --ecr-repository-prefix base --upstream-registry-url x"),
        {
            "resource": "create-pull-through-cache-rule base",
            "policy": {"ecr_repository_prefix": "base", "upstream_registry_url": "x"},
            "names": ["base/*"],
            "kind": "PULL_THROUGH_CACHE",
        },
    ),
    "a cache by its input": (
        (
            SHELL,
            f"aws ecr create-pull-through-cache-rule --cli-input-json '{CACHE}'",
        ),
        {
            "resource": "create-pull-through-cache-rule",
            "policy": {"ecr_repository_prefix": "base", "upstream_registry_url": "x"},
            "names": ["base/*"],
            "kind": "PULL_THROUGH_CACHE",
        },
    ),
    "a cache by input that is not known": (
        (SHELL, 'aws ecr create-pull-through-cache-rule --ecr-repository-prefix base --cli-input-json "$1"'),
        {
            "resource": "create-pull-through-cache-rule base",
            "policy": {
                "ecr_repository_prefix": "base",
                "upstream_registry": "<<1>>",
                "upstream_registry_url": "<<1>>",
                "custom_role_arn": "<<1>>",
            },
            "names": ["base/*"],
            "kind": "PULL_THROUGH_CACHE",
        },
    ),
    "a replication by its input": (
        (
            SHELL,
            """aws ecr put-replication-configuration --cli-input-json '{"replicationConfiguration": {"rules": []}}'""",
        ),
        {"resource": "put-replication-configuration", "policy": {"rules": []}, "names": ["*"], "kind": "REPLICATION"},
    ),
    "a replication without anything": (
        (SHELL, "aws ecr put-replication-configuration"),
        {
            "resource": "put-replication-configuration",
            "policy": "<replicationConfiguration>",
            "names": ["*"],
            "kind": "REPLICATION",
        },
    ),
    "a comment": ((SHELL, f"# {NAMED} {WITH}"), {"nothing": True}),
    "printed": (
        (SHELL, f"echo '{NAMED}'"),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (1, 15)},
    ),
    "printed by printf": (
        (SHELL, f"printf '{NAMED}'"),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (1, 17)},
    ),
    "logged": (
        (SHELL, f"logger '{NAMED}'"),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (1, 17)},
    ),
    "run by another": (
        (SHELL, f"other '{NAMED}'"),
        {"unjudged": ("set-repository-policy base", NOT_READ.format("repository")), "place": (1, 7)},
    ),
    "an option alone": (
        (SHELL, "x --policy-text y"),
        {"unjudged": ("--policy-text", NOT_READ.format("repository")), "place": (1, 3)},
    ),
    "in the second line": ((SHELL, f"x\n{NAMED} {WITH}"), {"line": 2}),
    "in a broken line": ((SHELL, f"x\n  {NAMED} {WITH} ((\n"), {"line": 2}),
    "a word in a text": (
        (SHELL, "x='set-repository-policy'"),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (1, 4)},
    ),
    "a list of words": (
        (
            "a.json",
            {"command": ["aws", "ecr", "set-repository-policy", "--repository-name", "base", "--policy-text", POLICY]},
        ),
        {},
    ),
    "a list of words with a variable": (
        (
            "a.json",
            {
                "command": [
                    "aws",
                    "ecr",
                    "set-repository-policy",
                    "--repository-name",
                    "{{ x }}",
                    "--policy-text",
                    POLICY,
                ]
            },
        ),
        {"resource": "set-repository-policy <x>", "names": ["*"]},
    ),
    "a text in a list": (("a.json", {"script": ["x", f"{NAMED} {WITH}"]}), {}),
    "a make variable": ((MAKE, made("V = base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable in braces": ((MAKE, made("V = base", use="${V}")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable at once": ((MAKE, made("V := base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable by POSIX": ((MAKE, made("V ::= base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable by POSIX 3": ((MAKE, made("V :::= base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable that is exported": ((MAKE, made("export V = base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable that overrides": ((MAKE, made("override V = base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable if not set": ((MAKE, made("V ?= base")), unknown(3)),
    "a make variable that is appended": ((MAKE, made("V += base")), unknown(3)),
    "a make variable of a command": ((MAKE, made("V != base")), unknown(3)),
    "a make variable set twice": ((MAKE, made("V = base", "V = base")), unknown(4)),
    "a make variable set twice otherwise": ((MAKE, made("V = base", "V ?= base")), unknown(4)),
    "a make variable in a comment": ((MAKE, made("V = base # x")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a make variable of another": ((MAKE, made("V = $(W)")), unknown(3)),
    "a make variable over two lines": ((MAKE, made("V = base\\", "more")), unknown(4)),
    "a make variable of two words": ((MAKE, made("V = two words")), unknown(3)),
    "a make variable beside an include": ((MAKE, made("V = base", "include x.mk")), unknown(4)),
    "a make variable beside an include that may fail": ((MAKE, made("V = base", "-include x.mk")), unknown(4)),
    "a make variable beside another include": ((MAKE, made("V = base", "sinclude x.mk")), unknown(4)),
    "a make variable beside a definition": ((MAKE, made("V = base", "define X", "endef")), unknown(5)),
    "a make variable beside a removal": ((MAKE, made("V = base", "undefine X")), unknown(4)),
    "a make variable beside eval": ((MAKE, made("V = base", "$(eval X = y)")), unknown(4)),
    "a make variable beside call": ((MAKE, made("V = base", "X = $(call y)")), unknown(4)),
    "a make variable beside a word": (
        (MAKE, made("V = base", "X = included")),
        {"notes": [GIVEN.format("V")], "line": 4},
    ),
    "a make variable that is not set": ((MAKE, made()), unknown(2)),
    "a shell variable in make": ((MAKE, made("V = base", use="$$V")), {"notes": [GIVEN.format("V")], "line": 3}),
    "an automatic variable": (
        (MAKE, made(use="$@")),
        {"resource": "set-repository-policy <@>", "names": ["*"], "line": 2},
    ),
    "a recipe of two lines": ((MAKE, f"all:\n\t{CALL} \\\n\t--repository-name base {WITH}\n"), {"line": 2}),
    "a makefile by its ending": (("x.mk", made("V = base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a makefile by the other ending": (("x.make", made("V = base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a makefile of GNU": (("GNUmakefile", made("V = base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a makefile with an ending": (("Makefile.dev", made("V = base")), {"notes": [GIVEN.format("V")], "line": 3}),
    "a command outside of a recipe": (
        (MAKE, f"all:\n{NAMED} {WITH}\n"),
        {"unjudged": ("set-repository-policy", NOT_READ.format("repository")), "place": (2, 9)},
    ),
    "a comment outside of a recipe": ((MAKE, f"all:\n# {NAMED}\n"), {"nothing": True}),
    "a flow": ((FLOW, flow()), {"notes": [GIVEN.format("V")]}),
    "a flow with an expression": ((FLOW, flow("${{ env.V }}")), {"notes": [GIVEN.format("env.V")]}),
    "a flow with another expression": (
        (FLOW, flow("${{ inputs.V }}")),
        {"resource": "set-repository-policy <inputs.V>", "names": ["*"]},
    ),
    "a flow of GitLab": ((FLOW, flow(section="variables")), {"notes": [GIVEN.format("V")]}),
    "a flow of GitLab that sets twice": (
        (FLOW, {**flow(section="variables"), "other": {"variables": {"V": "x"}}}),
        unknown(),
    ),
    "a flow that sets nothing": ((FLOW, flow(env={})), unknown()),
    "a flow that sets a blank": ((FLOW, flow(env={"V": ""})), unknown()),
    "a flow that sets another": ((FLOW, flow(env={"V": "$W"})), unknown()),
    "a flow whose job sets it": (
        (FLOW, flow(env={"V": "x"}, job={"env": {"V": "base"}})),
        {"notes": [GIVEN.format("V")]},
    ),
    "a flow whose step sets it": (
        (FLOW, flow(env={"V": "x"}, step={"env": {"V": "base"}})),
        {"notes": [GIVEN.format("V")]},
    ),
    "a flow whose job sets another": ((FLOW, flow(job={"env": {"W": "x"}})), {"notes": [GIVEN.format("V")]}),
    "a flow whose job sets it to something unknown": ((FLOW, flow(job={"env": {"V": "$X"}})), unknown()),
    "a flow of two words": (
        (FLOW, flow(env={"V": "two words"})),
        {"resource": "set-repository-policy two words", "names": ["two words"], "notes": [GIVEN.format("V")]},
    ),
    "a flow that changes the environment": ((FLOW, flow(job={"x": "x >> $GITHUB_ENV"})), unknown()),
    "a flow that sets a variable": ((FLOW, flow(job={"x": "##vso[task.setvariable]"})), unknown()),
    "a flow that reads a script": ((FLOW, flow(job={"x": "source x"})), unknown()),
    "a flow that evaluates": ((FLOW, flow(job={"x": "eval x"})), unknown()),
    "a flow with dotenv": ((FLOW, flow(job={"x": "dotenv"})), unknown()),
    "a flow that extends": ((FLOW, flow(extends="x")), unknown()),
    "a flow that assigns it": ((FLOW, flow(job={"x": "V=y"})), unknown()),
    "a flow that assigns a longer name": ((FLOW, flow(job={"x": "AV=y"})), {"notes": [GIVEN.format("V")]}),
    "a flow whose script sets it": (
        (FLOW, flow(command=f"V=x\n{VARIED}")),
        {"resource": "set-repository-policy x", "names": ["x"], "line": 2},
    ),
    "a block in a flow": ((FLOW, f"jobs:\n  a:\n    - run: |\n\n        x\n        {NAMED} {WITH}\n"), {"line": 6}),
    "an option in a block": (
        (FLOW, f"jobs:\n  a:\n    - run: |\n        x\n        {NAMED} x\n"),
        {"unjudged": ("set-repository-policy base", NOT_READ.format("repository")), "place": (5, 9)},
    ),
}
"""A file by its name and its content, and what is found in it that is not usual."""


@pytest.mark.parametrize("row", ROWS)
def test_a_command(look: Look, row: str) -> None:
    file, expected = ROWS[row]
    assert differs(look, file) == expected
