"""The sets of characters and the shapes of values: they match exactly what a regular expression does."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from ecr_crossaccount.judgement.context import shapes
from ecr_crossaccount.judgement.patterns import charsets
from ecr_crossaccount.judgement.patterns.charsets import GENERIC, Charset, representatives
from ecr_crossaccount.judgement.patterns.tokens import Tokens, matches

ASCII = "".join(map(chr, range(128))) + "\u0660\u00df\u00c4" + GENERIC
SETS = {
    "ANY": rf"[\0-\x7f\u0660\u00df\u00c4{GENERIC}]",
    "NOT_COLON": r"[^:]",
    "DIGIT": "[0-9]",
    "ZERO": "0",
    "DIGIT_BUT_ZERO": "[1-9]",
    "HEXADECIMAL": "[0-9a-f]",
    "OF_ADDRESSES": "[0-9a-fA-F.:%]",
    "LETTER": "[a-z]",
    "LETTER_OR_HYPHEN": "[a-z-]",
    "LOWER_OR_HYPHEN": "[a-z0-9-]",
    "LOWER": "[a-z0-9]",
    "ID": "[A-Za-z0-9_]",
    "UNKNOWN": GENERIC,
    "NAME": rf"[A-Za-z0-9_+=,.@{GENERIC}-]",
    "PATH": r"[\x21-\x7e]",
    "LABEL": "[A-Za-z0-9-]",
    "WORD": r"[A-Za-z0-9_$-]",
    "HOST": "[a-z0-9.-]",
    "REPOSITORY": "[a-z0-9._/-]",
    "TAG": rf"[A-Za-z0-9\u0660\u00df\u00c4 _.:/=+@{GENERIC}-]",
    "LATER_TAG": rf"[A-Za-z0-9\u0660\u00df\u00c4 _.:/=+@{GENERIC}-]",
    "TEXT": rf"[\x20-\x7e\u0660\u00df\u00c4{GENERIC}]",
    "RESOURCE": r"[\x20-)+->@-\x7e\u0660\u00df\u00c4]",
    "WITHOUT_COLONS": r"[\x20-)+-9;->@-\x7e\u0660\u00df\u00c4]",
}
"""Each set by its name, over ASCII, a digit and two letters beyond it, and the character that nobody chooses."""


@pytest.mark.parametrize("name", SETS)
def test_a_set_of_characters_is(name: str) -> None:
    here: Charset = getattr(charsets, name)
    assert [one for one in ASCII if here.holds(one)] == [one for one in ASCII if re.fullmatch(SETS[name], one)]


def test_every_set_is_in_the_table() -> None:
    named = {name for name, one in vars(charsets).items() if isinstance(one, Charset) and not name.startswith("_")}
    assert named == set(SETS)


def test_what_unicode_has_not_named_may_become_a_letter() -> None:
    later = next(chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)) == "Cn")
    assert [name for name in SETS if getattr(charsets, name).holds(later)] == [
        "ANY", "NOT_COLON", "LATER_TAG", "TEXT", "RESOURCE", "WITHOUT_COLONS",
    ]  # fmt: skip
    control = "\x07"
    assert [name for name in SETS if getattr(charsets, name).holds(control)] == ["ANY", "NOT_COLON"]


NAME, HOST = rf"[A-Za-z0-9_+=,.@{GENERIC}-]+", "[a-z0-9.-]"
SHAPES = {
    "ANY_TEXT": rf"[\x20-\x7e{GENERIC}]*",
    "NAMES": NAME,
    "PATHS": rf"[\x21-\x7e]*/{NAME}",
    "TAG_VALUE": rf"[A-Za-z0-9 _.:/=+@{GENERIC}-]*",
    "LATER_TAG_VALUE": rf"[A-Za-z0-9 _.:/=+@{GENERIC}-]*",
    "ACCOUNT": "[0-9]{12}",
    "DIGITS": "[0-9]+",
    "ORGANIZATION": "o-[a-z0-9]{10,}",
    "HOST_NAME": f"{HOST}+",
    "LABELS": "[A-Za-z0-9-]+",
    "REGION": "[a-z0-9-]+",
    "WORDS": "[A-Za-z0-9_$-]+",
    "PLAIN_RESOURCE": r"[\x20-)+-9;->@-\x7e]+",
    "ANY_RESOURCE": r"[\x20-)+->@-\x7e]+",
    "SERVICE_OF_ARN": "[a-z][A-Za-z0-9-]*",
    "REGION_OF_ARN": "[a-z]{2}[a-z-]*[0-9]",
    "UNKNOWN_TEXT": f"{GENERIC}+",
    "VPC": "vpc-[a-z0-9-]+",
    "VPC_ENDPOINT": "vpce-[a-z0-9-]+",
}
EXAMPLES = [
    "", "a", "A", "7", "*", "ci", "a-b", "a_b", "a.b", "a$b", "a:b", "a/b", "/a/", "x y", "*a", "a?", "111122223333",
    "11112222333", "1111222233334", "o-a1b2c3d4e5", "o-a1b2c3d4e", "o-a1b2c3d4e5f6", "o-A1b2c3d4e5", "us-east-1",
    "us-gov-west-1", "us-east", "u1", "us1", "1us1", "vpc-0a1b", "vpc-", "vpc-0A1B", "vpce-0a1b", "vpce-", "-a",
    "Lambda", "lambda", "codebuild", "s3-object-lambda", "team/ci", "te:am/ci", "team/", "team/c i", "deploy+1@x=y,z",
    GENERIC, GENERIC * 2, f"a{GENERIC}",
]  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is(name: str) -> None:
    shape: Tokens = getattr(shapes, name)
    assert [one for one in EXAMPLES if matches(shape, one)] == [
        one for one in EXAMPLES if re.fullmatch(SHAPES[name], one)
    ]


def test_a_whole_number_has_no_leading_zero() -> None:
    for text in ("0", "7", "10", "907"):
        assert any(matches(one, text) for one in shapes.WHOLE_NUMBERS)
    for text in ("", "00", "07", "7a", "-1"):
        assert not any(matches(one, text) for one in shapes.WHOLE_NUMBERS)


@pytest.mark.parametrize("ending", ["amazonaws.com", "amazonaws.com.cn", "amazon.com", "aws.internal"])
def test_a_service_has_a_known_ending(ending: str) -> None:
    for name in ("lambda", "states.eu-west-1", "s3-object-lambda", "ab"):
        assert any(matches(one, f"{name}.{ending}") for one in shapes.SERVICE_NAMES)
    for text in (f"Lambda.{ending}", f"1a.{ending}", f"a.{ending}x", f"a-.{ending}", f"ab{ending}", f"ab.{ending}.org"):
        assert not any(matches(one, text) for one in shapes.SERVICE_NAMES), text


@pytest.mark.parametrize(
    "text, is_one",
    [
        (f"AROA{'A' * 12}", True),
        (f"AROA{'a_0' * 9}", True),
        (f"AROA{'A' * 11}", False),
        (f"AIDA{'A' * 17}", False),
        (f"AROA{'A' * 12}:ci", False),
    ],
)
def test_a_unique_id_has_16_characters_or_more(text: str, is_one: bool) -> None:  # noqa: FBT001 - a column
    nobodys, anyones = shapes.unique_id("AROA")
    assert matches(anyones, text) is is_one
    assert not matches(nobodys, text)
    assert matches(nobodys, f"AROA{GENERIC * 17}")
    assert not matches(nobodys, f"AROA{GENERIC * 16}")


UNIT = "ou-ab12-11111111/"


@pytest.mark.parametrize("organization", [None, "o-a1b2c3d4e5"])
def test_a_path_has_a_root_and_at_most_five_units(organization: str | None) -> None:
    found = shapes.organization_paths(organization, charsets.LOWER)
    good = [f"o-a1b2c3d4e5/r-ab12/{UNIT * depth}" for depth in range(6)]
    assert [one for one in good if any(matches(shape, one) for shape in found)] == good
    for text in (
        f"o-a1b2c3d4e5/r-ab12/{UNIT * 6}", "o-a1b2c3d4e5/", "o-a1b2c3d4e5/r-ab12", "o-a1b2c3d4e5/r-ab1/",
        f"o-a1b2c3d4e5/{UNIT}", "o-a1b2c3d4e5/r-ab12/ou-ab1-11111111/", "o-a1b2c3d4e5/r-ab12/ou-ab12-1111111/",
        "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111", "o-a1b2c3d4e5/r-AB12/",
    ):  # fmt: skip
        assert not any(matches(shape, text) for shape in found), text
    other = "o-z9z9z9z9z9/r-ab12/"
    assert any(matches(shape, other) for shape in found) is (organization is None)
    longer = f"o-a1b2c3d4e5/r-ab123/{UNIT.replace('ab12', 'ab123')}{UNIT.replace('1/', '12/')}"
    assert any(matches(shape, longer) for shape in found)


def test_a_place_that_nobody_chooses_has_ids_of_one_length() -> None:
    found = shapes.organization_paths("o-a1b2c3d4e5", charsets.UNKNOWN)
    unit = f"ou-{GENERIC * 4}-{GENERIC * 8}/"
    assert any(matches(shape, f"o-a1b2c3d4e5/r-{GENERIC * 4}/{unit}") for shape in found)
    assert not any(matches(shape, f"o-a1b2c3d4e5/r-{GENERIC * 5}/{unit}") for shape in found)
    assert not any(matches(shape, f"o-a1b2c3d4e5/r-{GENERIC * 4}/ou-{GENERIC * 5}-{GENERIC * 8}/") for shape in found)
    assert not any(matches(shape, f"o-a1b2c3d4e5/r-{GENERIC * 4}/ou-{GENERIC * 4}-{GENERIC * 9}/") for shape in found)


def test_classes_of_characters_are_those_that_the_sets_tell_apart() -> None:
    sets = (charsets.DIGIT, charsets.LOWER, charsets.HOST)
    groups = representatives(sets)
    ways = [{tuple(one.holds(character) for one in sets) for character in group} for group in groups]
    assert all(len(way) == 1 for way in ways)
    assert len({*map(tuple, ways)}) == len(groups) == 4
    every = "".join(groups)
    assert sorted(every) == sorted({*every}) == sorted([*map(chr, range(32, 127)), GENERIC])


def test_the_most_readable_character_of_a_class_is_first() -> None:
    assert [group[0] for group in representatives((charsets.DIGIT,))] == ["x", "7"]
    assert [group[0] for group in representatives((charsets.UNKNOWN,))][-1] == GENERIC
    assert representatives((charsets.LETTER,))[0] == "xyzabcdefghijklmnopqrstuvw"
