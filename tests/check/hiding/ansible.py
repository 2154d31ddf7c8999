"""Ansible: variables of plays, blocks, tasks, roles, groups and files, facts, lookups, filters and loops."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.check.hiding.hider import CLOSED, Folder, Hider, Json


@dataclass(slots=True)
class Play(Hider):
    """A play that hides a policy, in its own tasks or in a role."""

    in_role: bool = False
    play: dict[str, Json] = field(default_factory=dict)
    task: dict[str, Json] = field(default_factory=dict)
    before: list[Json] = field(default_factory=list)
    included: list[Json] = field(default_factory=list)
    passed: dict[str, Json] = field(default_factory=dict)
    more: dict[str, Json] = field(default_factory=dict)
    kept: dict[str, dict[str, Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Hider.__post_init__(self)
        self.in_role = self.maybe()

    def texts(self) -> Sequence[Callable[[str, str], Json]]:
        return (
            self._play,
            self._task,
            self._group,
            self._host,
            self._inventory,
            self._fact,
            self._fact_elsewhere,
            self._registered,
            self._include_vars,
            self._vars_files,
            self._prompt,
            self._unknown,
            self._default,
            self._in_text,
            self._of_object,
            self._loop,
            self._statement,
            *((self._role_default, self._role_vars, self._role_param) if self.in_role else ()),
        )

    def objects(self) -> Sequence[Callable[[Json, Json], Json]]:
        return (self._object, self._object_of_group, self._ternary)

    def _keep(self, file: str, name: str, value: Json) -> None:
        self.kept.setdefault(file, {})[name] = value

    def _use(self, name: str) -> Json:
        return self.one_of(f"{{{{ {name} }}}}", f"{{{{{name}}}}}", f"{{{{ {name} | trim }}}}")

    # --- texts ---

    def _play(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = self.text(value, closed)
        return self._use(name)

    def _task(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.task[name] = self.text(value, closed)
        if self.maybe():
            self.play[name] = closed
        return self._use(name)

    def _group(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self._keep(self.one_of("group_vars/prod.yml", "group_vars/all.yml", "group_vars/all/main.yml"), name, value)
        if self.maybe():
            self._keep("group_vars/dev.yml", name, closed)
        if self.in_role:
            self._keep("roles/ecr/defaults/main.yml", name, closed)
        return self._use(name)

    def _host(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self._keep("host_vars/one.yml", name, value)
        self._keep("group_vars/all.yml", name, closed)
        return self._use(name)

    def _inventory(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self._keep("inventories/prod/group_vars/all.yml", name, value)
        self._keep("inventories/dev/group_vars/all.yml", name, closed)
        return self._use(name)

    def _fact(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = closed
        self.before.append({"set_fact": {name: value}, "when": "stage == 'prod'"})
        return self._use(name)

    def _fact_elsewhere(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = closed
        self.included.append({"ansible.builtin.set_fact": {name: value}})
        return self._use(name)

    def _registered(self, _: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = closed
        self.before.append({"command": "who", "register": name})
        return self._use(name)

    def _include_vars(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = closed
        self.before.append({"include_vars": self.one_of("more.yml", {"file": "more.yml"}, "{{ stage }}.yml")})
        where = "roles/ecr/vars/more.yml" if self.in_role else "vars/more.yml"
        self._keep(where, name, value)
        return self._use(name)

    def _vars_files(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = closed
        self.more["vars_files"] = self.one_of(
            ["vars/files.yml"], ["vars/{{ stage }}.yml"], [["vars/x.yml", "vars/files.yml"]]
        )
        self._keep("vars/files.yml", name, value)
        return self._use(name)

    def _prompt(self, _: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = closed
        self.more["vars_prompt"] = [*self.more.get("vars_prompt", []), {"name": name}]
        return self._use(name)

    def _unknown(self, _: str, __: str) -> Json:
        return self.one_of("{{ unknown }}", "{{ lookup('env', 'WHO') }}", "{{ hostvars['a'].who }}")

    def _default(self, value: str, closed: str) -> Json:
        name = self.name("v")
        if self.maybe():
            return f"{{{{ {name} | default('{value}') }}}}"
        self._keep("group_vars/prod.yml", name, value)
        return f"{{{{ {name} | default('{closed}') }}}}"

    def _in_text(self, value: str, closed: str) -> Json:
        name, part = self.name("v"), slice(0, 4)
        self.play[name] = self.text(value[part], closed[part])
        return f"{{{{ {name} }}}}{value[4:]}"

    def _of_object(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self.play[name] = {"a": {"b": self.text(value, closed)}, "c": [closed]}
        return self.one_of(f"{{{{ {name}.a.b }}}}", f"{{{{ {name}['a']['b'] }}}}")

    def _loop(self, value: str, closed: str) -> Json:
        self.more.setdefault("loop", [])
        name = f"k{len(self.more['loop'])}"
        self.more["loop"].append((name, value, closed))
        return f"{{{{ item.{name} }}}}"

    def _statement(self, value: str, closed: str) -> Json:
        return self.one_of(
            f"{{% if stage == 'prod' %}}{value}{{% else %}}{closed}{{% endif %}}",
            f"{{{{ '{value}' if stage == 'prod' else '{closed}' }}}}",
        )

    def _role_default(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self._keep("roles/ecr/defaults/main.yml", name, self.text(value, closed))
        return self._use(name)

    def _role_vars(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self._keep("roles/ecr/vars/main.yml", name, value)
        self.play[name] = closed
        return self._use(name)

    def _role_param(self, value: str, closed: str) -> Json:
        name = self.name("v")
        self._keep("roles/ecr/defaults/main.yml", name, closed)
        self.passed[name] = value
        return self._use(name)

    # --- objects ---

    def _object(self, value: Json, _: Json) -> Json:
        name = self.name("v")
        self.play[name] = value
        return f"{{{{ {name} }}}}"

    def _object_of_group(self, value: Json, closed: Json) -> Json:
        name = self.name("v")
        self._keep("group_vars/prod.yml", name, value)
        self._keep("group_vars/dev.yml", name, closed)
        return f"{{{{ {name} }}}}"

    def _ternary(self, value: Json, closed: Json) -> Json:
        name, other = self.name("v"), self.name("v")
        self.play[name], self.play[other] = value, closed
        return f"{{{{ {name} if stage == 'prod' else {other} }}}}"

    # --- the whole ---

    def folder(self) -> Folder:
        """Return the folder."""
        policy = self.policy()
        way = self.one_of("object", "text", "file", "template", "variable")
        self.names.append(way)
        if way == "text":
            policy = json.dumps(policy)
        elif way in ("file", "template") and "{{" not in json.dumps(policy) and "{%" not in json.dumps(policy):
            where = f"roles/ecr/{way}s" if self.in_role else self.one_of(f"{way}s", ".")
            self.files[f"{where}/policy.json"] = json.dumps(policy)
            policy = f"{{{{ lookup('{way}', 'policy.json') }}}}"
        elif way == "variable":
            self.play["policy"] = policy
            policy = "{{ policy }}"
        hidden: Json = {"name": "hidden", "community.aws.ecs_ecr": {"name": "hidden", "policy": policy}}
        loop = self.more.pop("loop", None)
        if loop:
            hidden["loop"] = [{name: closed for name, _, closed in loop}, {name: value for name, value, _ in loop}]
        if self.task:
            hidden["vars"] = self.task
        if self.maybe():
            hidden = {"block": [hidden]}
        closed = {"name": "closed", "community.aws.ecs_ecr": {"name": "closed", "policy": CLOSED}}
        before = [*self.before, *([{"include_tasks": "facts.yml"}] if self.included else [])]
        tasks = [*before, hidden]
        play: dict[str, Json] = {"hosts": "all", "vars": self.play, **self.more}
        where = "roles/ecr/tasks/" if self.in_role else ""
        if self.included:
            self.files[f"{where}facts.yml"] = self.included
        if self.in_role:
            self.files["roles/ecr/tasks/main.yml"] = tasks
            play |= {"roles": [{"role": "ecr", **self.passed}], "tasks": [closed]}
        else:
            play |= {"tasks": [closed, *tasks]}
        return Folder({"site.yml": [play], **self.files, **self.kept}, (), tuple(self.names))
