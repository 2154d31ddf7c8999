"""What the hiders of all formats share: the open policies, and how many parts of them to hide."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml

from tests.cli.conftest import OWNER

Json = Any
T = TypeVar("T")

PARTNER = "222233334444"
MOST_HIDDEN = 3
CLOSED = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "ecr:*"}]}
_WHO = [("*", OWNER), (PARTNER, OWNER), (f"arn:aws:iam::{PARTNER}:root", f"arn:aws:iam::{OWNER}:root")]
_WHAT = [("ecr:*", "ecr:GetAuthorizationToken"), ("ecr:BatchGetImage", "ecr:GetAuthorizationToken")]


@dataclass(frozen=True, slots=True)
class Answer:
    """Values that an input may have: on the command line, or in a file of variables."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of files, as YAML or JSON.

    `answers`: values of the inputs. `hidden`: what hides something. `rests`: whether a default counts, so that a note
    may be enough. `template`: the name of the file that the hook gets. `in_json`: the files in JSON, if these have
    other names.
    """

    files: dict[str, Json]
    answers: tuple[Answer, ...] = ()
    hidden: tuple[str, ...] = ()
    rests: bool = False
    template: str = ""
    in_json: dict[str, str] | None = None

    def written(self, *, as_json: bool) -> dict[str, str]:
        """Return the files as text. A text stays as it is."""
        if as_json and self.in_json is not None:
            return self.in_json
        return {name: one if isinstance(one, str) else _text(one, as_json=as_json) for name, one in self.files.items()}


def _text(value: Json, *, as_json: bool) -> str:
    return json.dumps(value, indent=1) if as_json else str(yaml.safe_dump(value, sort_keys=False, width=10_000))


@dataclass(slots=True)
class Hider:
    """Writes a policy and hides one to three parts of it.

    `names`: what has hidden something, in order. `opens` and `closes`: a value of each input that opens or closes it.
    """

    seed: int
    chance: random.Random = field(init=False)
    left: int = field(init=False)
    names: list[str] = field(default_factory=list)
    opens: dict[str, str] = field(default_factory=dict)
    closes: dict[str, str] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - a test's own, the same every time
        self.left = self.chance.randint(1, MOST_HIDDEN)

    # --- for the formats ---

    def texts(self) -> Sequence[Callable[[str, str], Json]]:
        """Return what hides a text, given with a value that closes the policy."""
        return ()

    def objects(self) -> Sequence[Callable[[Json, Json], Json]]:
        """Return what hides an object, given with one that closes the policy."""
        return ()

    # --- the policy ---

    def name(self, kind: str) -> str:
        """Return a new name."""
        self._count += 1
        return f"{kind}{self._count}"

    def one_of(self, *values: T) -> T:
        """Return one of some values."""
        return self.chance.choice(values)

    def maybe(self) -> bool:
        """Return whether to do something, as often as not."""
        return self.chance.random() < 0.5

    def text(self, value: str, closed: str) -> Json:
        """Return a text, or what hides it."""
        return self._hidden(self.texts(), value, closed)

    def object(self, value: Json, closed: Json) -> Json:
        """Return an object, or what hides it."""
        return self._hidden(self.objects(), value, closed)

    def _hidden(self, ways: Sequence[Callable[[Json, Json], Json]], value: Json, closed: Json) -> Json:
        if not ways or not self.left or self.chance.random() < 0.4:
            return value
        self.left -= 1
        way = self.chance.choice(ways)
        self.names.append(way.__name__.strip("_"))
        return way(value, closed)

    def policy(self) -> Json:
        """Return an open policy with hidden parts."""
        who, own = self.chance.choice(_WHO)
        what, nothing = self.chance.choice(_WHAT)
        while True:
            statement = self.statement(who, own, what, nothing)
            closed = {"Effect": "Allow", "Principal": {"AWS": own}, "Action": what}
            hidden = self.object(statement, closed)
            statements = self.one_of([hidden], [closed, hidden])
            policy = self.object({"Statement": self.object(statements, [closed])}, {"Statement": [closed]})
            if self.names:
                return policy

    def statement(self, who: str, own: str, what: str, nothing: str) -> Json:
        """Return an open statement with hidden parts."""
        principal = self.text(who, own)
        statement = {
            "Effect": self.text("Allow", "Deny") if self.chance.random() < 0.2 else "Allow",
            "Principal": {"AWS": self.one_of(principal, [own, principal])},
            "Action": self.text(what, nothing),
        }
        if self.chance.random() < 0.2:
            statement["Condition"] = {"StringLike": {"aws:PrincipalAccount": self.text("*", OWNER)}}
        return statement

    def inputs(self) -> tuple[Answer, ...]:
        """Return values of all inputs: those that open, those that close, and mixtures."""
        mixed = {name: self.one_of(self.opens[name], self.closes[name]) for name in self.opens}
        return tuple(map(Answer, (self.opens, self.closes, mixed))) if self.opens else ()
