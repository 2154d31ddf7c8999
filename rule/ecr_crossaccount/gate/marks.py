"""What a file shows before anybody parses it: whether it may be one of ours, and whether it is about ECR.

JSON and YAML can spell every letter as an escape, and YAML can break a word in two lines; what is spelled so is looked
at as it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_MARKS = (
    "AWS::",
    "AWSTemplateFormatVersion",
    "::MODULE",
    "::ECR",
    "::Ecr",
    "Custom::",
    "policyText",
    "aws_ecr",
    "awscc_ecr",
    "aws_cloudformation_stack",
    '"Statement"',
    '\\"Statement\\"',
    "Statement:",
    '"Effect"',
    '\\"Effect\\"',
    "Effect:",
)
"""Words without which a file is certainly none of ours, in whatever state it is."""

_ABOUT_ECR = re.compile(
    r"(?<![a-z0-9_.])(?<!dkr-)ecr(?![a-z0-9_]|-login|[ ]get-login)|aws(?:cc)?_ecr|ecr:|ecr-?public:"
    r"|policytext|repositorypolicy|registrypolicy",
    re.IGNORECASE,
)
"""ECR as a word, its types, actions and policies. The name of a registry in an image, and a login, are none of them."""

_OF_REGISTRY = re.compile(r"registry[-_]?policy", re.IGNORECASE)
"""The policy of a registry as templates, Terraform, scripts and manifests write it."""

_PERHAPS = re.compile(r"ecr(?<![a-z]ecr)")
"""In small letters, without which a file names ECR in no sense: what is kept secret does not. Begins with a literal,
for which large files are searched fast, and so does the next one."""

_ESCAPE = re.compile(
    r"\\(?:(?:u00|x|U000000)(3[aA]|5[fF]|[46][1-9a-fA-F]|[57][0-9aA])"
    r"|\r?\n[ \t]*)"
)
"""A letter, a colon or an underscore as JSON and YAML can escape it, and the end of a line in a word of YAML."""

_CUT_WORD = re.compile(r"\A[A-Za-z]+")
_OVERLAP = 4096
"""Characters of a chunk that are looked at together with the next one: longer than any mark, however it is spelled."""


def is_marked(text: str) -> bool:
    """Tell whether a text may be of a file of ours; False is certain."""
    return any(mark in view for view in _views(text) for mark in _MARKS)


def is_about_ecr(text: str) -> bool:
    """Tell whether a text names ECR, its actions or its policies, so that what is wrong with it matters."""
    return any(_ABOUT_ECR.search(view) for view in _views(text) if _has_ecr(view))


def names_registry_policy(text: str) -> bool:
    """Tell whether a text may hold the policy of a registry."""
    return any(_OF_REGISTRY.search(view) for view in _views(text))


def may_be_ours(text: str) -> bool:
    """Tell whether a part of a file may be of ours, or about ECR; False is certain."""
    return is_marked(text) or any(_has_ecr(view) for view in _views(text))


def shows(chunks: Iterable[bytes], sign: Callable[[str], bool]) -> bool:
    """Tell whether a file has a sign, by its bytes in chunks, whatever their encoding."""
    before = ""
    for chunk in chunks:
        # Without its zeros, ASCII is the same in every encoding of Unicode.
        text = before + chunk.replace(b"\0", b"").decode("latin-1")
        if sign(text):
            return True
        # The word that is cut was looked at as a whole: without its beginning, `secret` would be another one.
        before = _CUT_WORD.sub("", text[-_OVERLAP:])
    return False


def _has_ecr(text: str) -> bool:
    small = text.lower()
    return "policy" in small or _PERHAPS.search(small) is not None


def _views(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as it reads where letters are spelled otherwise."""
    yield text
    if "\\" in text and _ESCAPE.search(text):
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", text)
