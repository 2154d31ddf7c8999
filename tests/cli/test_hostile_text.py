"""A policy may come from anyone. Nothing in it may act on the terminal of the person who reads the verdict."""

from __future__ import annotations

import json
import unicodedata

import pytest
from ecr_crossaccount.products.cli.base.program import visible

from .conftest import OWNER, Run, Write

HOSTILE = {
    "an escape sequence": ("\x1b[2J\x1b[31m", r"\x1b[2J\x1b[31m"),
    "a title": ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
    "C1 controls": ("\x9b31m", r"\x9b31m"),
    "a bidirectional override": ("\u202eevil\u2066", r"\u202eevil\u2066"),
    "zero width": ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
    "line separators": ("a\nb\rc\u2028d\x85", r"a\nb\rc\u2028d\x85"),
    "tag characters": ("\U000e0041", r"\U000e0041"),
    "a lone surrogate": ("\ud800", r"\ud800"),
    "a space that is none": ("a\u00a0b", r"a\xa0b"),
}


@pytest.mark.parametrize("text, shown", HOSTILE.values(), ids=HOSTILE)
def test_what_hides_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["plain", "[bold]not markup[/bold]", "日本語 émile 😀", "\\x1b"])
def test_what_can_be_seen_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE.values()], ids=HOSTILE)
@pytest.mark.parametrize("place", ["Sid", "Action", "Condition", "Effect", "Principal"])
def test_no_element_of_a_policy_reaches_the_terminal_raw(run: Run, write: Write, place: str, text: str) -> None:
    statement: dict[str, object] = {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
    statement[place] = {"StringNotEquals": {"aws:PrincipalOrgID": text}} if place == "Condition" else text
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    result = run("judge", "--owner", OWNER, write(policy, "policy.json"))
    assert_harmless(result.out)
    assert_harmless(result.err)


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE.values() if "\ud800" not in text])
def test_neither_do_names_from_outside_the_policy(run: Run, text: str) -> None:
    printed = {"registryId": OWNER, "repositoryName": text, "policyText": '{"Version": "2012-10-17", "Statement": []}'}
    assert_harmless(run("judge", "-", stdin=json.dumps(printed)).out)
    assert_harmless(run("judge", "-", stdin=json.dumps({**printed, "registryId": text})).err)
    assert_harmless(run("judge", text).err)
    assert_harmless(run("judge", "-", "--trust", text, stdin="{}").err)


def test_markup_is_text(run: Run, write: Write) -> None:
    statement = {"Sid": "[red]x[/red]:boom:", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
    out = run("judge", "--owner", OWNER, write({"Version": "2012-10-17", "Statement": [statement]})).out
    assert "[red]x[/red]:boom:" in out


def assert_harmless(printed: str) -> None:
    for character in printed.replace("\n", ""):
        assert character.isprintable(), f"U+{ord(character):04X} {unicodedata.name(character, '')}"
