"""Laws of alternatives: a result for a policy with open conditions is true for each of their answers."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.check.hcl.test_same_policies import NAME, RESOURCE
from tests.check.laws import assert_what_is_said_holds
from tests.profiles import is_nightly

VARIABLES = 'variable "p" {\n  type = bool\n}\nvariable "q" {\n  type = bool\n}\nvariable "k" {\n  type = string\n}\n'
ANSWERS = [{"p": p, "q": q, "k": k} for p, q, k in itertools.product(("true", "false"), ("true", "false"), "ab")]
PROGRAMS = 1_000 if is_nightly() else 75
WHO = ['"111122223333"', '"arn:aws:iam::111122223333:role/a"', '"222233334444"', '"333344445555"', '"*"']
DEEPEST = 3


class Writer:
    """Writes policies at random: conditions in conditions, lists, texts, keys, loops and documents."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a test's own, the same every time
        self.locals: list[str] = []

    def policy(self) -> str:
        written = f"jsonencode({{ Statement = {self._statements(0)} }})"
        return f"{self._condition()} ? {written} : {self.policy()}" if self._one_in(6) else written

    def _one_in(self, number: int) -> bool:
        return self._chance.randrange(number) == 0

    def _condition(self) -> str:
        return self._chance.choice(["var.p", "!var.p", "var.q", 'var.k == "a"', "var.p && var.q", "local.both"])

    def _statements(self, depth: int) -> str:
        lists: list[Callable[[], str]] = [
            lambda: f"[{self._statement()}]",
            lambda: "[]",
            lambda: f"[{self._statement()}, {self._statement()}]",
        ]
        if depth < DEEPEST:
            lists += [
                lambda: f"({self._condition()} ? {self._statements(depth + 1)} : {self._statements(depth + 1)})",
                lambda: f"concat({self._statements(depth + 1)}, {self._statements(depth + 1)})",
                lambda: f"flatten([{self._statements(depth + 1)}, {self._statements(depth + 1)}])",
                lambda: f"[for one in {self._statements(depth + 1)} : one]",
                lambda: f"{{ a = {self._statements(depth + 1)}, b = {self._statements(depth + 1)} }}[var.k]",
            ]
        return self._kept(self._chance.choice(lists)())

    def _kept(self, written: str) -> str:
        if not self._one_in(4):
            return written
        self.locals.append(written)
        return f"local.l{len(self.locals) - 1}"

    def _statement(self) -> str:
        effect = self._chance.choice(['"Allow"', '"Allow"', '"Deny"', f'({self._condition()} ? "Allow" : "Deny")'])
        action = self._chance.choice(
            ['"ecr:*"', '"ecr:BatchGetImage"', f'["ecr:${{{self._condition()} ? "Put" : "Get"}}*"]']
        )
        return f"{{ Effect = {effect}, Principal = {{ AWS = {self._principal()} }}, Action = {action} }}"

    def _principal(self) -> str:
        one, other = (self._chance.choice(WHO) for _ in range(2))
        return self._chance.choice(
            [
                one,
                f"[{one}, {other}]",
                f"{self._condition()} ? {one} : {other}",
                f"concat([{one}], {self._condition()} ? [{other}] : [])",
                f"lookup({{ a = {one} }}, var.k, {other})",
                f"try({{ a = {one} }}[var.k], {other})",
                f'formatlist("%s", {self._condition()} ? [{one}] : [{other}, {one}])',
            ]
        )


def written() -> Iterator[str]:
    texts = [VARIABLES, 'locals {\n  both = var.p || var.k == "b"\n}\n']
    for number in range(PROGRAMS):
        writer = Writer(number)
        policy = writer.policy()
        here = "".join(f"  n{number}_{index} = {text}\n" for index, text in enumerate(writer.locals))
        texts += [f"locals {{\n{here}}}\n", RESOURCE.format(number, policy)]
        texts[-2:] = [text.replace("local.l", f"local.n{number}_") for text in texts[-2:]]
    return iter(texts)


def test_what_holds_of_open_conditions_holds_for_every_answer(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("".join(written()), "utf-8")
    assert_what_is_said_holds(tmp_path, [NAME.format(number) for number in range(PROGRAMS)], ANSWERS)
