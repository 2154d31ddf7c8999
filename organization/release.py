"""The files that `make release` writes: functions and templates for buckets, and templates that you deploy by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from organization.artefacts import Artefact
from organization.central import central, member_roles, members, role_policy
from organization.processed import processed
from organization.sources import Json, template
from organization.stacks import ACCOUNT, STACKS
from organization.stacksets import Stored, with_stacksets

_SUMS = "SHA256SUMS"


def code_of(built: Path) -> Mapping[str, Artefact]:
    """Return the archive of each function by its name, from the folder that `built_functions` has filled.

    Raises FileNotFoundError if a function is not in it.
    """
    return {
        archive: Artefact.of_code(archive, built / stack.name / function)
        for stack in STACKS
        for function, archive in stack.functions.items()
    }


def release(code: Mapping[str, Artefact]) -> Iterator[Artefact]:
    """Yield the files of a release: the functions' archives, by their names, and the templates that name them."""
    yield from code.values()
    stacks = {}
    for stack in STACKS:
        keys = {name: code[archive].key for name, archive in stack.functions.items()}
        stacks[stack.name] = processed(keys, template(stack.source))
    yield from templates(stacks)


def templates(stacks: Mapping[str, Json]) -> Iterator[Artefact]:
    """Yield the templates of a release. `stacks` has those of the stacks by their names."""
    account = stacks[ACCOUNT.name]
    stored = {**stacks, "member-roles": member_roles(account), "members": members(account)}
    artefacts = {name: Artefact.of_template(name, written(one)) for name, one in stored.items()}
    yield from artefacts.values()
    in_buckets = {name: Stored(one, artefacts[name].key) for name, one in stored.items()}
    yield _deployed("code-buckets", template("organization/code-buckets.yaml"))
    every_account = template("organization/every-account.yaml")
    yield _deployed("every-account", with_stacksets(every_account, {"Accounts": in_buckets["account"]}))
    yield _deployed("central", central(account))
    every_member = template("organization/every-member.yaml")
    theirs = {"Roles": in_buckets["member-roles"], "Documents": in_buckets["members"]}
    yield _deployed("every-member", with_stacksets(every_member, theirs))
    yield Artefact("lza/rule-role.json", json.dumps(role_policy(account), indent=1).encode())


def written(template: Json) -> str:
    """Return a template's text, as short as possible."""
    return json.dumps(template, separators=(",", ":"), ensure_ascii=False) + "\n"


def write(artefacts: Iterable[Artefact], folder: Path) -> Iterator[str]:
    """Write a release in place of an earlier one. Yield the path of each file, and last that of their checksums.

    Raises FileExistsError for a folder with other content, and then deletes nothing.
    """
    if folder.exists():
        if any(folder.iterdir()) and not any((folder / name).exists() for name in (_SUMS, "functions")):
            raise FileExistsError(f"`{folder}` has files, and not those of an earlier release: name another folder")
        shutil.rmtree(folder)
    sums = []
    for artefact in artefacts:
        file = folder / artefact.key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(artefact.content)
        sums.append(f"{artefact.sha256}  {artefact.key}\n")
        yield artefact.key
    (folder / _SUMS).write_text("".join(sorted(sums)), encoding="utf-8")
    yield _SUMS


def _deployed(name: str, made: Json) -> Artefact:
    return Artefact(f"{name}.json", written(made).encode())
