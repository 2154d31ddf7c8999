"""Backups of policies as files. Each is new, private, and on the disk before anything changes, and is read strictly.

In a name, `+` replaces `/`, because names of repositories cannot contain it. With `_`, `a/b` would equal `a_b`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import count

from ...documents.json import BadJsonError, strict_value_of
from ...errors import InputError
from ...sources.reading.files import UnreadableError, text_named
from ..automation.planner import NO_POLICY
from ..automation.steps import LARGEST, StepError, differences, policy_of
from .base.atomic import PRIVATE, ExistsError, create_whole
from .base.outputs import verify

_LONGEST_NAME = 150
"""The most characters of a repository's name in a file name. ECR allows 256, but a file name has at most 255 bytes."""


@dataclass(frozen=True, slots=True)
class Backup:
    """The policy in a backup (`null` for none), and how the backup's repository differs from the expected one."""

    policy: str
    differences: tuple[str, ...]


def refuse_taken(path: str | None) -> None:
    """Raise InputError if a backup cannot have the wanted name. Called before the user is asked to confirm."""
    if path is None:
        return
    if os.path.lexists(path):
        raise _taken_error(path)
    verify((), path)


def _taken_error(path: str) -> InputError:
    return InputError(f"`{path}` exists: name another file for the backup")


def keep(path: str | None, text: str, facts: Mapping[str, str], moment: datetime) -> str:
    """Write a backup to a new file that only its owner can read, and return its name. Raises InputError.

    `path` is the name that the caller wants. If None, the name has Account, Region, Repository and the time.
    """
    if path is not None:
        try:
            create_whole(path, text, mode=PRIVATE)
        except ExistsError:
            raise _taken_error(path) from None
        return path
    for number in count(1):
        name = name_of(facts, moment, number)
        try:
            create_whole(name, text, mode=PRIVATE)
        except ExistsError:
            continue
        return name
    raise AssertionError("there is always another number")


def name_of(facts: Mapping[str, str], moment: datetime, number: int = 1) -> str:
    """Return the name of a backup. `number` distinguishes backups of the same moment.

    `+` replaces `/`, and `~` marks a shortened name. Neither character can be in the name of a repository.
    """
    repository = facts["Repository"]
    if len(repository) > _LONGEST_NAME:
        repository = f"{repository[:_LONGEST_NAME]}~{sha256(repository.encode()).hexdigest()[:12]}"
    parts = [repository.replace("/", "+"), facts["Account"], facts["Region"], f"{moment:%Y-%m-%d_%H.%M.%S.%f}"]
    return f"{'.'.join(parts)}{f'-{number}' if number > 1 else ''}.json"


def place_of(file: str) -> tuple[str, str]:
    """Return the repository and the Region of the backup in a file. Raises InputError."""
    value = _read_backup(file)[0]
    name, region = value.get("repository"), value.get("region")
    if not isinstance(name, str) or not isinstance(region, str):
        raise InputError(f"`{file}` does not name its repository: give REPOSITORY")
    return name, region


def read(file: str, facts: Mapping[str, str]) -> Backup:
    """Return the backup in a file. `facts` are those of the repository that it should be of. Raises InputError."""
    value, text = _read_backup(file)
    _refuse_what_is_no_policy(text, file)
    return Backup(text, tuple(differences(value, facts)))


def _read_backup(file: str) -> tuple[Mapping[str, object], str]:
    """Return what a backup says, and its policy."""
    try:
        value = strict_value_of(text_named(file, LARGEST))
        text = policy_of(value, file)
    except UnreadableError as error:
        raise InputError(
            f"cannot read `{file}`: {error}" if error.is_sure else f"`{file}` is not a backup: {error}"
        ) from None
    except BadJsonError as error:
        raise InputError(f"`{file}` is not a backup: {error}") from None
    except StepError as error:
        raise InputError(str(error)) from None
    assert isinstance(value, dict)  # noqa: S101 - it has a policy
    return value, text


def _refuse_what_is_no_policy(text: str, file: str) -> None:
    try:
        policy = strict_value_of(text)
    except BadJsonError as error:
        raise InputError(f"the policy in `{file}` cannot be read: {error}") from None
    if policy is not None and not isinstance(policy, dict):
        kind = {list: "a list", str: "a text", bool: "true or false"}.get(type(policy), "a number")
        raise InputError(
            f"the policy in `{file}` is {kind}: expected an object, or `{NO_POLICY}` where the repository had none"
        )
