"""Where the value of a variable of Ansible may come from: each folder, file, name and precedence, as a row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.sources.found.found import Harvest, Location

from tests.case_tables import OWNER
from tests.check.conftest import Look
from tests.wording import sentence


def sets(value: str = "{{ v }}", **beside: object) -> dict[str, object]:
    """Return a task whose policy is for the account in a variable."""
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": value}, "Action": "ecr:*"}]}
    return {"name": "open", "ecs_ecr": {"name": "base", "policy": policy}, **beside}


def play(*tasks: object, **beside: object) -> list[dict[str, object]]:
    return [{"hosts": "all", "tasks": [*tasks], **beside}]


def may_be(found: Harvest) -> list[str]:
    """Return what the account of the only policy may be, in order, `?` if it is not known."""
    (policy,) = found.policies
    every: list[Any] = [policy.policy, *(one.policy for one in policy.otherwise)]
    accounts = [one["Statement"][0]["Principal"]["AWS"] for one in every]
    return sorted("?" if isinstance(one, (Hole, Holed)) else one for one in accounts)


def says(value: str) -> dict[str, str]:
    return {"v": value}


TASKS, DEFAULTS, VARS = "roles/ecr/tasks/main.yml", "roles/ecr/defaults/main.yml", "roles/ecr/vars/main.yml"
ROLE: Mapping[str, object] = {TASKS: [sets()], DEFAULTS: says("default")}
Row = tuple[Mapping[str, object], Sequence[str]]
IN_A_ROLE: Mapping[str, Row] = {
    "nothing": ({DEFAULTS: {}}, ["?"]),
    "defaults": ({}, ["default"]),
    "vars": ({VARS: says("vars")}, ["vars"]),
    "the last of two files": (
        {DEFAULTS: {}, "roles/ecr/vars/main/a.yml": says("a"), "roles/ecr/vars/main/b.yml": says("b")},
        ["b"],
    ),
    "other defaults": ({"roles/ecr/defaults/other.yml": says("other")}, ["default"]),
    "other defaults alone": ({DEFAULTS: {}, "roles/ecr/defaults/other.yml": says("other")}, ["other"]),
    "other vars": ({VARS: says("vars"), "roles/ecr/vars/other.yml": says("other")}, ["other", "vars"]),
    "a group": ({"group_vars/all.yml": says("group")}, ["default", "group"]),
    "a host": ({"host_vars/all.yml": says("host")}, ["default", "host"]),
    "both": ({"group_vars/all.yml": says("group"), "host_vars/a.yml": says("host")}, ["default", "group", "host"]),
    "a group below vars": ({VARS: says("vars"), "group_vars/all.yml": says("group")}, ["vars"]),
    "YAML": ({"group_vars/all.yaml": says("group")}, ["default", "group"]),
    "JSON": ({"group_vars/all.json": says("group")}, ["default", "group"]),
    "no ending": ({"group_vars/all": says("group")}, ["default", "group"]),
    "another ending": ({"group_vars/all.txt": says("group")}, ["default"]),
    "a folder of a group": ({"group_vars/all/a/b.yml": says("group")}, ["default", "group"]),
    "a file that is no folder": ({"group_vars": says("group")}, ["default"]),
    "a broken file": ({"group_vars/all.yml": "a: [", "group_vars/b.yml": says("group")}, ["default", "group"]),
    "a broken file of JSON": ({"group_vars/all.json": "{", "group_vars/b.yml": says("group")}, ["default", "group"]),
    "bytes": ({"group_vars/all.yml": "\0", "group_vars/b.yml": says("group")}, ["default", "group"]),
    "an inventory": ({"inventories/dev/group_vars/all.yml": says("group")}, ["default", "group"]),
    "an inventory far below": ({"a/b/c/d/group_vars/all.yml": says("group")}, ["default", "group"]),
    "an inventory too far below": ({"a/b/c/d/e/group_vars/all.yml": says("group")}, ["default"]),
    "a hidden folder": ({".a/group_vars/all.yml": says("group")}, ["default"]),
    "a play": ({"site.yml": play(roles=["ecr"], vars=says("play"))}, ["default", "play"]),
    "a play below vars": ({"site.yml": play(roles=["ecr"], vars=says("play")), VARS: says("vars")}, ["vars"]),
    "a parameter": ({"site.yml": play(roles=[{"role": "ecr", "v": "passed"}])}, ["default", "passed"]),
    "a parameter above vars": (
        {"site.yml": play(roles=[{"role": "ecr", "v": "passed"}]), VARS: says("vars")},
        ["passed", "vars"],
    ),
    "variables of a role": ({"site.yml": play(roles=[{"role": "ecr", "vars": says("passed")}])}, ["default", "passed"]),
    "variables of a task": (
        {"site.yml": play({"include_role": {"name": "ecr"}, "vars": says("passed")})},
        ["default", "passed"],
    ),
    "variables of a block": (
        {"site.yml": play({"block": [{"import_role": {"name": "ecr"}}], "vars": says("passed")})},
        ["default", "passed"],
    ),
    "a fact of a play": (
        {"site.yml": play({"set_fact": says("fact")}, {"import_role": {"name": "ecr"}})},
        ["?", "default"],
    ),
    "variables in a variable": ({"site.yml": play(roles=["ecr"], vars={"o": {"vars": says("no")}})}, ["default"]),
    "variables in defaults": (
        {"site.yml": play(roles=["ecr"], module_defaults={"o": {"vars": says("no")}})},
        ["default"],
    ),
    "a play in a folder of them": (
        {"playbooks/p.yml": play(roles=[{"role": "ecr", "v": "passed"}])},
        ["default", "passed"],
    ),
    "another folder of plays": ({"plays/p.yaml": play(roles=[{"role": "ecr", "v": "passed"}])}, ["default", "passed"]),
    "tasks": ({"tasks/p.yml": [{"import_role": {"name": "ecr"}, "vars": says("passed")}]}, ["default", "passed"]),
    "another role": (
        {"roles/app/tasks/p.yml": [{"import_role": {"name": "ecr"}, "vars": says("passed")}]},
        ["default", "passed"],
    ),
    "another folder": ({"more/p.yml": play(roles=[{"role": "ecr", "v": "passed"}])}, ["default"]),
    "another file": ({"p.txt": play(roles=[{"role": "ecr", "v": "passed"}])}, ["default"]),
    "a longer name": ({"p.yml": play(roles=[{"role": "ecr-x", "v": "passed"}])}, ["default"]),
    "a name that ends so": ({"p.yml": play(roles=[{"role": "x.ecr", "v": "passed"}])}, ["default"]),
    "a play that is broken": (
        {"p.yml": "ecr: [", "q.yml": play(roles=[{"role": "ecr", "v": "passed"}])},
        ["default", "passed"],
    ),
    "a play of bytes": (
        {"p.yml": "\0 ecr", "q.yml": play(roles=[{"role": "ecr", "v": "passed"}])},
        ["default", "passed"],
    ),
    "a task's own": ({TASKS: [sets(vars=says("task"))], VARS: says("vars")}, ["task"]),
    "a task's own below what is passed": (
        {TASKS: [sets(vars=says("task"))], "p.yml": play(roles=[{"role": "ecr", "v": "passed"}])},
        ["passed", "task"],
    ),
    "an item": (
        {TASKS: [sets("{{ item }}", loop=["one"])], "p.yml": play(roles=[{"role": "ecr", "item": "passed"}])},
        ["one"],
    ),
    "a default of Jinja": ({TASKS: [sets("{{ v | default('jinja') }}")]}, ["default"]),
    "a default of Jinja alone": ({TASKS: [sets('{{ v | d("jinja") }}')], DEFAULTS: {}}, ["jinja"]),
    "a handler": ({TASKS: [], "roles/ecr/handlers/main.yml": [sets()]}, ["default"]),
}


@pytest.mark.parametrize("row", IN_A_ROLE)
def test_a_variable_in_a_role(look: Look, row: str) -> None:
    files, expected = IN_A_ROLE[row]
    assert may_be(look({**ROLE, **files})) == expected


@pytest.mark.parametrize("word", ["tags", "when", "become", "become_user", "delegate_to", "vars"])
def test_a_word_of_ansible_beside_a_role_is_no_variable(look: Look, word: str) -> None:
    site = play(roles=[{"role": "ecr", word: "no"}])
    assert may_be(look({TASKS: [sets(f"{{{{ {word} }}}}")], DEFAULTS: {word: "default"}, "site.yml": site})) == [
        "default"
    ]


@pytest.mark.parametrize("word", ["role", "name"])
def test_the_name_of_a_role_is_no_variable(look: Look, word: str) -> None:
    site = play(roles=[{word: "ecr"}])
    assert may_be(look({TASKS: [sets(f"{{{{ {word} }}}}")], DEFAULTS: {word: "default"}, "site.yml": site})) == [
        "default"
    ]


OTHER = "roles/other/defaults/main.yml"
ALSO: Mapping[str, Row] = {
    "a word": ({"p.yml": play(sets(), roles=["other"])}, ["also"]),
    "a role": ({"p.yml": play(sets(), roles=[{"role": "other"}])}, ["also"]),
    "a name": ({"p.yml": play(sets(), roles=[{"name": "other"}])}, ["also"]),
    "no name": ({"p.yml": play(sets(), roles=[{"tags": "other"}])}, ["?"]),
    "import": ({"p.yml": play({"import_role": {"name": "other"}}, sets())}, ["also"]),
    "include": ({"p.yml": play({"include_role": {"name": "other"}}, sets())}, ["also"]),
    "in full": ({"p.yml": play({"ansible.builtin.include_role": {"name": "other"}}, sets())}, ["also"]),
    "import in full": ({"p.yml": play({"ansible.builtin.import_role": {"name": "other"}}, sets())}, ["also"]),
    "an import without a name": ({"p.yml": play({"import_role": {"tasks_from": "other"}}, sets())}, ["?"]),
    "in a block": ({"p.yml": play({"block": [{"import_role": {"name": "other"}}]}, sets())}, ["also"]),
    "not here": ({"p.yml": play(sets(), roles=["nowhere"])}, ["?"]),
    "from a folder of plays": ({"playbooks/p.yml": play(sets(), roles=["other"])}, ["also"]),
    "beside the play": (
        {"playbooks/p.yml": play(sets(), roles=["near"]), "playbooks/roles/near/vars/main.yml": says("near")},
        ["near"],
    ),
    "first of the project": (
        {"playbooks/p.yml": play(sets(), roles=["other"]), "playbooks/roles/other/vars/main.yml": says("near")},
        ["also"],
    ),
    "below a play's own": ({"p.yml": play(sets(), roles=["other"], vars=says("play"))}, ["play"]),
    "vars above a play's own": (
        {"p.yml": play(sets(), roles=["other"], vars=says("play")), "roles/other/vars/main.yml": says("vars")},
        ["play", "vars"],
    ),
}


@pytest.mark.parametrize("row", ALSO)
def test_a_variable_of_a_role_that_a_play_runs_too(look: Look, row: str) -> None:
    files, expected = ALSO[row]
    assert may_be(look({OTHER: says("also"), **files})) == expected


UNSAFE = """- hosts: all
  vars: {v: !unsafe '{{ x }}'}
  tasks: [{ecs_ecr: {name: a, policy: {Statement: [{Effect: Allow, Principal: {AWS: '{{ v }}'}, Action: 'ecr:*'}]}}}]
"""
IN_A_PLAY: Mapping[str, Row] = {
    "its own": ({"p.yml": play(sets(), vars=says("play"))}, ["play"]),
    "a group is below": ({"p.yml": play(sets(), vars=says("play")), "group_vars/a.yml": says("group")}, ["play"]),
    "a file": (
        {"p.yml": play(sets(), vars=says("play"), vars_files=["x.yml"]), "x.yml": says("file")},
        ["file", "play"],
    ),
    "a file is below a task": (
        {"p.yml": play(sets(vars=says("task")), vars_files=["x.yml"]), "x.yml": says("file")},
        ["task"],
    ),
    "the first of files": (
        {"p.yml": play(sets(), vars_files=[["x.yml", "y.yml"]]), "x.yml": says("x"), "y.yml": says("y")},
        ["x", "y"],
    ),
    "a file that is not here": ({"p.yml": play(sets(), vars=says("play"), vars_files=["x.yml"])}, ["?", "play"]),
    "a file that is not known": (
        {"p.yml": play(sets(), vars=says("play"), vars_files=["{{ x }}.yml"]), "{{ x }}.yml": says("no")},
        ["?", "play"],
    ),
    "a prompt": ({"p.yml": play(sets(), vars=says("play"), vars_prompt=[{"name": "v"}])}, ["?", "play"]),
    "a prompt for another": ({"p.yml": play(sets(), vars=says("play"), vars_prompt=[{"name": "w"}])}, ["play"]),
    "a prompt without a name": (
        {"p.yml": play(sets(), vars=says("play"), vars_prompt=[{"prompt": "v"}])},
        ["?", "play"],
    ),
    "a prompt that is no list": ({"p.yml": play(sets(), vars=says("play"), vars_prompt="{{ x }}")}, ["?", "play"]),
    "a prompt is below a task": ({"p.yml": play(sets(vars=says("task")), vars_prompt=[{"name": "v"}])}, ["task"]),
    "a fact": ({"p.yml": play({"set_fact": says("fact")}, sets(), vars=says("play"))}, ["?", "play"]),
    "a fact in full": (
        {"p.yml": play({"ansible.builtin.set_fact": says("fact")}, sets(), vars=says("play"))},
        ["?", "play"],
    ),
    "another fact": ({"p.yml": play({"set_fact": {"w": "fact"}}, sets(), vars=says("play"))}, ["play"]),
    "a fact in one line": ({"p.yml": play({"set_fact": "w=fact"}, sets(), vars=says("play"))}, ["?", "play"]),
    "a fact above a task": ({"p.yml": play({"set_fact": says("fact")}, sets(vars=says("task")))}, ["?", "task"]),
    "a result": ({"p.yml": play({"command": "x", "register": "v"}, sets(), vars=says("play"))}, ["?", "play"]),
    "another result": ({"p.yml": play({"command": "v", "register": "w"}, sets(), vars=says("play"))}, ["play"]),
    "a result without a name": (
        {"p.yml": play({"command": "x", "register": None}, sets(), vars=says("play"))},
        ["play"],
    ),
    "included": ({"p.yml": play({"include_vars": "x.yml"}, sets()), "x.yml": says("file")}, ["file"]),
    "included in full": (
        {"p.yml": play({"ansible.builtin.include_vars": "x.yml"}, sets()), "x.yml": says("file")},
        ["file"],
    ),
    "included above a task": (
        {"p.yml": play({"include_vars": {"file": "x.yml"}}, sets(vars=says("task"))), "x.yml": says("file")},
        ["file", "task"],
    ),
    "a folder is included": (
        {"p.yml": play({"include_vars": {"dir": "x"}}, sets(), vars=says("play")), "x/a.yml": says("no")},
        ["?", "play"],
    ),
    "included from vars": ({"p.yml": play({"include_vars": "x.yml"}, sets()), "vars/x.yml": says("file")}, ["file"]),
    "included from beside first": (
        {"p.yml": play({"include_vars": "x.yml"}, sets()), "x.yml": says("beside"), "vars/x.yml": says("file")},
        ["beside"],
    ),
    "included from above": (
        {"playbooks/p.yml": play({"include_vars": "x.yml"}, sets()), "x.yml": says("file")},
        ["file"],
    ),
    "included from vars above": (
        {"playbooks/p.yml": play({"include_vars": "x.yml"}, sets()), "vars/x.yml": says("file")},
        ["file"],
    ),
    "included from elsewhere": (
        {"p.yml": play({"include_vars": "x.yml"}, sets(), vars=says("play")), "more/x.yml": says("no")},
        ["?", "play"],
    ),
    "included by its path": ({"p.yml": play({"include_vars": "/dev/null"}, sets(), vars=says("play"))}, ["?", "play"]),
    "a fact of tasks that it includes": (
        {
            "p.yml": play({"include_tasks": "more/t.yml"}, sets(), vars=says("play")),
            "more/t.yml": [{"set_fact": says("x")}],
        },
        ["?", "play"],
    ),
    "groups of a folder of plays": ({"playbooks/p.yml": play(sets()), "group_vars/a.yml": says("group")}, ["group"]),
    "groups of another folder of plays": ({"plays/p.yml": play(sets()), "group_vars/a.yml": says("group")}, ["group"]),
    "groups of tasks": ({"tasks/t.yml": [sets()], "group_vars/a.yml": says("group")}, ["group"]),
    "groups above another folder": ({"more/p.yml": play(sets()), "group_vars/a.yml": says("group")}, ["?"]),
    "groups beside": ({"more/p.yml": play(sets()), "more/group_vars/a.yml": says("group")}, ["group"]),
    "defaults of what is no role": (
        {"other/ecr/tasks/main.yml": [sets()], "other/ecr/defaults/main.yml": says("no")},
        ["?"],
    ),
    "a role's tasks elsewhere": ({"roles/ecr/more/main.yml": [sets()], DEFAULTS: says("no")}, ["?"]),
    "tasks of a caller": (
        {"more.yml": [sets()], "p.yml": play({"import_tasks": "more.yml", "vars": says("passed")})},
        ["passed"],
    ),
    "a variable without a value": ({"p.yml": play(sets(), vars={"v": None})}, ["?"]),
    "an item of a list": ({"p.yml": play(sets("{{ v[1] }}"), vars={"v": ["a", "b"]})}, ["b"]),
    "an item too far": ({"p.yml": play(sets("{{ v[2] }}"), vars={"v": ["a", "b"]})}, ["?"]),
    "a field": ({"p.yml": play(sets("{{ v.a['b'][\"c\"] }}"), vars={"v": {"a": {"b": {"c": "x"}}}})}, ["x"]),
    "a field that is not there": ({"p.yml": play(sets("{{ v.b.c }}"), vars={"v": {"a": "x"}})}, ["?"]),
    "unsafe": ({"p.yml": UNSAFE}, ["{{ x }}"]),
    "a filter": ({"p.yml": play(sets("{{ v | trim | string | mandatory }}"), vars=says("x"))}, ["x"]),
    "another filter": ({"p.yml": play(sets("{{ v | upper }}"), vars=says("x"))}, ["?"]),
    "a default where it is empty": ({"p.yml": play(sets("{{ v | default('y', true) }}"), vars=says("x"))}, ["x"]),
    "a part of a text": ({"p.yml": play(sets("a{{ v }}b"), vars=says("x"))}, ["axb"]),
    "two parts": ({"p.yml": play(sets("{{ v }}-{{ w.a }}"), vars={"v": "x", "w": {"a": 5}})}, ["x-5"]),
    "a variable of a variable": ({"p.yml": play(sets(), vars={"v": "{{ w }}", "w": "x"})}, ["x"]),
    "a variable of itself": ({"p.yml": play(sets(), vars={"v": "{{ v }}"})}, ["?"]),
}


@pytest.mark.parametrize("row", IN_A_PLAY)
def test_a_variable_in_a_play(look: Look, row: str) -> None:
    files, expected = IN_A_PLAY[row]
    assert may_be(look(files)) == expected


@pytest.mark.parametrize("files, expected", [(300, ["0", "z"]), (301, ["0", "?"])])
def test_more_files_than_are_read_leave_a_variable_unknown(look: Look, files: int, expected: Sequence[str]) -> None:
    groups = {f"group_vars/{number}.yml": says("0") for number in range(files - 1)}
    assert may_be(look({"p.yml": play(sets()), **groups, "group_vars/z.yml": says("z")})) == expected


@pytest.mark.parametrize("rounds, expected", [(0, 1), (1, 1), (100, 100), (101, 1)])
def test_a_loop_is_judged_round_by_round(look: Look, rounds: int, expected: int) -> None:
    found = look({"p.yml": play(sets("{{ item }}", loop=[str(number) for number in range(rounds)]))})
    assert len(found.policies) == expected
    names = [one.resource for one in found.policies]
    assert names[-1] == (f"open, item {rounds}" if rounds in (1, 100) else "open")


@pytest.mark.parametrize("variables, expected", [(1, ["x"]), (3, ["x"]), (4, ["?"])])
def test_variables_of_variables_in_an_object(look: Look, variables: int, expected: Sequence[str]) -> None:
    chain = {f"v{number}": f"{{{{ v{number + 1} }}}}" for number in range(variables - 1)}
    assert may_be(look({"p.yml": play(sets("{{ v0 }}"), vars={**chain, f"v{variables - 1}": "x"})})) == expected


@pytest.mark.parametrize("variables, is_known", [(1, True), (10, True), (11, False)])
def test_variables_of_variables(look: Look, variables: int, is_known: object) -> None:
    chain = {f"v{number}": f"{{{{ v{number + 1} }}}}" for number in range(variables - 1)}
    last = {f"v{variables - 1}": json.dumps({"Statement": []})}
    task = {"ecs_ecr": {"name": "base", "policy": "{{ v0 }}"}}
    (found,) = look({"p.yml": play(task, vars={**chain, **last})}).policies
    assert (found.policy == {"Statement": []}) == is_known


@pytest.mark.parametrize("variables, expected", [(1, ["-x"]), (3, ["-x"]), (4, ["?"])])
def test_variables_of_variables_in_a_text(look: Look, variables: int, expected: Sequence[str]) -> None:
    chain = {f"v{number}": f"{{{{ v{number + 1} }}}}" for number in range(variables - 1)}
    assert may_be(look({"p.yml": play(sets("-{{ v0 }}"), vars={**chain, f"v{variables - 1}": "x"})})) == expected


@pytest.mark.parametrize(
    "variables, policy",
    [
        (1, {"Id": "x"}),
        (8, {"Id": "x"}),
        (9, {"Id": Holed((Hole("w"),))}),
        (10, Hole("…")),
        (11, Holed((Hole("v10"),))),
    ],
)
def test_variables_of_an_object(look: Look, variables: int, policy: object) -> None:
    chain = {f"v{number}": f"{{{{ v{number + 1} }}}}" for number in range(variables - 1)}
    task = {"ecs_ecr": {"name": "base", "policy": " {{ v0 }} "}}
    known = {**chain, f"v{variables - 1}": {"Id": "{{ w }}"}, "w": "x"}
    assert [one.policy for one in look({"p.yml": play(task, vars=known)}).policies] == [policy]


@pytest.mark.parametrize("variables, forms", [(1, 2), (5, 32), (6, 33)])
def test_the_combinations_of_values(look: Look, variables: int, forms: int) -> None:
    """A variable with two values doubles them, until there are too many: then it is not known."""
    names = [f"v{number}" for number in range(variables)]
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{{{{ {name} }}}}"}} for name in names]}
    files = {f"group_vars/{value}.yml": dict.fromkeys(names, value) for value in "ab"}
    (found,) = look({"p.yml": play({"ecs_ecr": {"name": "base", "policy": policy}}), **files}).policies
    assert len(found.otherwise) + 1 == forms
    of = found.at.file.replace("p.yml", "group_vars/b.yml")
    last = found.otherwise[-1].when
    assert variables > 5 or last == " and ".join(f"`{name}` is that of {of}" for name in names)


# --- the arguments of a task ---

POLICY: dict[str, object] = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
ONE_LINE = "name=base policy='{\"Statement\": []}'"
CALLED: Mapping[str, tuple[object, object]] = {
    "by its short name": ({"ecs_ecr": {"policy": {"Id": "x"}}}, {"Id": "x"}),
    "in full": ({"community.aws.ecs_ecr": {"policy": {"Id": "x"}}}, {"Id": "x"}),
    "another module": ({"x_ecs_ecr": {"policy": {"Id": "x"}}}, None),
    "a module of more words": ({"a.b.c.ecs_ecr": {"policy": {"Id": "x"}}}, None),
    "in one line": ({"ecs_ecr": ONE_LINE}, {"Statement": []}),
    "an action": ({"action": f"ecs_ecr {ONE_LINE}"}, {"Statement": []}),
    "a local action": ({"local_action": f"community.aws.ecs_ecr {ONE_LINE}"}, {"Statement": []}),
    "an action of another module": ({"action": f"copy {ONE_LINE}", "x": "ecs_ecr"}, None),
    "an action that is an object": ({"action": {"module": "ecs_ecr", "policy": {"Id": "x"}}}, {"Id": "x"}),
    "an object of another module": ({"action": {"module": "copy", "policy": "ecs_ecr"}}, None),
    "an action without a module": ({"action": {"policy": "ecs_ecr"}}, None),
    "beside": ({"ecs_ecr": {"name": "a"}, "args": {"policy": {"Id": "x"}}}, {"Id": "x"}),
    "nearer than beside": ({"ecs_ecr": {"policy": {"Id": "x"}}, "args": {"policy": {"Id": "y"}}}, {"Id": "x"}),
}


@pytest.mark.parametrize("row", CALLED)
def test_a_call_of_the_module(look: Look, row: str) -> None:
    task, expected = CALLED[row]
    assert [one.policy for one in look({"p.yml": play(task)}).policies] == ([] if expected is None else [expected])


@pytest.mark.parametrize("called", ["name", "name=a b", "name='a", ["name"]])
def test_arguments_that_are_not_understood(look: Look, called: object) -> None:
    found = look({"p.yml": play({"name": "odd", "ecs_ecr": called})})
    assert ([one.resource for one in found.unjudged], found.policies) == (["odd"], ())


NAMED: Mapping[str, tuple[object, str]] = {
    "the task": ({"name": "open", "ecs_ecr": {"name": "base"}}, "open"),
    "the repository": ({"ecs_ecr": {"name": "base"}}, "base"),
    "an empty name": ({"name": "", "ecs_ecr": {"name": "base"}}, "base"),
    "unknown": ({"ecs_ecr": {"name": "{{ x }}"}}, "<x>"),
    "a list": ({"ecs_ecr": {"name": ["base"]}}, "ecs_ecr"),
    "nothing": ({"ecs_ecr": {}}, "ecs_ecr"),
}


@pytest.mark.parametrize("row", NAMED)
def test_the_name_of_a_task(look: Look, row: str) -> None:
    task, expected = NAMED[row]
    assert [one.resource for one in look({"p.yml": play(task)}).policies] == [expected]


REGISTRY = sentence("bare.registry_id_not_given")
OWNERS: Mapping[str, tuple[Mapping[str, object], str | None, tuple[object, ...]]] = {
    "the owner": ({}, OWNER, (OWNER, None, None, [])),
    "another": ({"registry_id": "222233334444"}, OWNER, ("222233334444", None, None, [REGISTRY])),
    "another, and nobody given": ({"registry_id": "222233334444"}, None, ("222233334444", None, None, [])),
    "the given one": ({"registry_id": OWNER}, OWNER, (OWNER, None, None, [])),
    "a number": ({"registry_id": 222233334444}, OWNER, ("222233334444", None, None, [REGISTRY])),
    "empty": ({"registry_id": "", "region": ""}, OWNER, (OWNER, None, None, [])),
    "unknown": (
        {"registry_id": "{{ x }}"},
        OWNER,
        (
            None,
            None,
            Location(None, "eu-west-1", "<x>"),
            [sentence("ansible.registry_id_not_known")],
        ),
    ),
    "too short": ({"registry_id": "1"}, OWNER, (OWNER, None, Location(None, "eu-west-1", "1"), [])),
    "credentials": ({"profile": "p"}, OWNER, (OWNER, None, Location(None, "eu-west-1", "p"), [])),
    "a Region": ({"region": "us-east-1"}, OWNER, (OWNER, "us-east-1", None, [])),
    "the first name of the Region": (
        {"region": "us-east-1", "ec2_region": "us-east-2"},
        OWNER,
        (OWNER, "us-east-1", None, []),
    ),
    "an unknown Region": ({"region": "{{ x }}"}, OWNER, (OWNER, None, Location(OWNER, None, "<x>"), [])),
    "both unknown": (
        {"region": "{{ x }}", "registry_id": "{{ y }}"},
        OWNER,
        (
            None,
            None,
            Location(None, None, "<y> <x>"),
            [sentence("ansible.registry_id_not_known_judged")],
        ),
    ),
}


@pytest.mark.parametrize("row", OWNERS)
def test_the_owner_and_the_region_of_a_task(look: Look, row: str) -> None:
    arguments, account, expected = OWNERS[row]
    task = {"ecs_ecr": {"name": "a", "policy": POLICY, **arguments}}
    (found,) = look({"p.yml": play(task)}, account=account).policies
    assert (found.account, found.region, found.location, list(found.notes)) == expected


@pytest.mark.parametrize("field, is_doubted", [("polciy", True), ("Policy", True), ("purge", False), ("name", False)])
def test_a_field_that_may_be_the_policy(look: Look, field: str, is_doubted: object) -> None:
    (found,) = look({"p.yml": play({"ecs_ecr": {field: "x"}})}).policies
    assert bool(found.doubts) == is_doubted


def test_the_places_of_a_task(look: Look) -> None:
    text = """- hosts: all
  tasks:
    - name: open
      ecs_ecr:
        name: base
        policy:
          Statement:
            - Effect: Allow
    - name: by a file
      ecs_ecr:
        policy: "{{ lookup('file', 'x.json') }}"
    - name: without
      ecs_ecr: {name: base}
"""
    opened, filed, without = look({"p.yml": text, "x.json": '\n{"Statement": [{}]}'}, "p.yml").policies
    assert [(one.at.line, one.at.column) for one in (opened, filed, without)] == [(7, 11), (11, 17), (12, 7)]
    assert [(one.line, one.column) for one in opened.statements] == [(8, 15)]
    assert [(one.file.rpartition("/")[2], one.line) for one in filed.statements] == [("x.json", 2)]
    assert [[(at.line, at.column) for at in one.heads] for one in (opened, filed, without)] == [[(6, 9)], [], []]
    assert [one.resource_at.line for one in (opened, filed, without) if one.resource_at] == [3, 9, 12]
