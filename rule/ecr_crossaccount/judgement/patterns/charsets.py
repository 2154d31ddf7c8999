"""Sets of characters, from which patterns are made."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable
from functools import lru_cache

GENERIC = "\ue000"
"""A character of an identifier that an outsider cannot choose. It matches wildcards and no literal text.

This private-use code point represents "some digit or letter that the policy does not name". `concrete` in
`judgement/search/witness.py` replaces it with a real one before anyone sees it. Texts that the outsider chooses may
contain it too: a tag can have the outsider's own account number.
"""
_ORDER = string.ascii_lowercase[23:] + string.ascii_lowercase[:23] + "7" + string.digits + string.ascii_uppercase
_UNIVERSE = "".join(dict.fromkeys(_ORDER + "-_./:=+@," + "".join(map(chr, range(0x20, 0x7F))) + GENERIC))


class Charset:
    """A set of characters, defined by a function. Compared by identity, so each is created once."""

    __slots__ = ("everything", "holds", "name")

    def __init__(self, name: str, holds: Callable[[str], bool], *, everything: bool = False) -> None:
        self.name = name
        self.holds = holds
        self.everything = everything

    def __repr__(self) -> str:
        return f"Charset({self.name})"


def _make_charset(name: str, characters: str) -> Charset:
    return Charset(name, frozenset(characters).__contains__)


def but(excluded: str) -> Charset:
    """Return the set of all characters except one."""
    return Charset(f"not {excluded}", lambda character: character != excluded)


_ALNUM = string.ascii_letters + string.digits
ANY = Charset("any", lambda _: True, everything=True)
NOT_COLON = but(":")
DIGIT = _make_charset("digit", string.digits)
ZERO = _make_charset("zero", "0")
DIGIT_BUT_ZERO = _make_charset("digit but zero", string.digits[1:])
HEXADECIMAL = _make_charset("hexadecimal digit", string.digits + "abcdef")
OF_ADDRESSES = _make_charset("character of an address", string.hexdigits + ".:%")
LETTER = _make_charset("lower-case letter", string.ascii_lowercase)
LETTER_OR_HYPHEN = _make_charset("lower-case letter or hyphen", string.ascii_lowercase + "-")
LOWER_OR_HYPHEN = _make_charset("lower-case letter, digit or hyphen", string.ascii_lowercase + string.digits + "-")
LOWER = _make_charset("lower-case letter or digit", string.ascii_lowercase + string.digits)
ID = _make_charset("character of a unique id", _ALNUM + "_")
UNKNOWN = _make_charset("character nobody chooses", GENERIC)
NAME = _make_charset("character of an IAM name", _ALNUM + "_+=,.@-" + GENERIC)
PATH = _make_charset("character of an IAM path", "".join(map(chr, range(0x21, 0x7F))))
LABEL = _make_charset("letter, digit or hyphen", _ALNUM + "-")
WORD = _make_charset("letter, digit, hyphen, underscore or dollar", _ALNUM + "-_$")
HOST = _make_charset("character of a host name", string.ascii_lowercase + string.digits + "-.")
REPOSITORY = _make_charset("character of a repository's name", string.ascii_lowercase + string.digits + "._/-")
TAG = Charset("character of a tag", lambda c: unicodedata.category(c)[0] in "LZN" or c in "_.:/=+-@" + GENERIC)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html: every kind of letter, space and number."""


def _is_later(character: str) -> bool:
    """Return whether a character may be a letter in a later version of Unicode than Python knows."""
    return unicodedata.category(character) == "Cn"


LATER_TAG = Charset("character of a tag in any version of Unicode", lambda c: TAG.holds(c) or _is_later(c))
TEXT = Charset("printable character", lambda c: c.isprintable() or c == GENERIC or _is_later(c))
RESOURCE = Charset("character of a resource's name", lambda c: c not in "*?" and (c.isprintable() or _is_later(c)))
WITHOUT_COLONS = Charset("character of a name without colons", lambda c: c != ":" and RESOURCE.holds(c))


@lru_cache(maxsize=512)
def representatives(charsets: tuple[Charset, ...]) -> tuple[str, ...]:
    """Return the classes of characters that `charsets` distinguish, each as a string, most readable first."""
    groups: dict[tuple[bool, ...], list[str]] = {}
    for character in _UNIVERSE:
        groups.setdefault(tuple([charset.holds(character) for charset in charsets]), []).append(character)
    return tuple("".join(members) for members in groups.values())
