"""What a file shows before it is parsed: whether a reader may know it, and whether it is about ECR.

JSON and YAML can spell every letter as an escape, and YAML can break a word across two lines. Text with such spellings
is searched in its decoded form.

A file may be given where another kind is expected. Then the reason says which command takes it. Settings of the scope
of registry policies that are not read make the scope unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from ...documents.json import BadJsonError, value_of
from ...judgement.kinds.table import Format, fields_in
from ...memo import by_value
from ..found.found import ELSEWHERE, SCOPE_SETTING, FoundScope

_MARKS = (
    "AWS::",
    "AWSTemplateFormatVersion",
    "::MODULE",
    "::ECR",
    "::Ecr",
    "Custom::",
    "policyText",
    ":aws-sdk:ecr",
    "aws_ecr",
    "awscc_ecr",
    "aws_cloudformation_stack",
    '"Statement"',
    '"Statement\\',
    "Statement:",
    '"Effect"',
    '"Effect\\',
    "Effect:",
    "${file(",
    "patches",
    "replacements",
    "transformers",
    "components",
)
"""A file without any of these words certainly does not concern `check`, even if it is damaged.

A backslash follows the names in texts in texts, however deep.
"""

_ABOUT_ECR = re.compile(
    r"(?<![a-z0-9_.])(?<!dkr-)ecr(?![a-z0-9_]|-login|[ ]get-login)|aws(?:cc)?_ecr|ecr:|ecr-?public:"
    r"|policytext|repositorypolicy|registrypolicy",
    re.IGNORECASE,
)
"""ECR as a word, and its types, actions and policies. The name of a registry in an image, and a login, do not count."""

_OF_REGISTRY = re.compile(r"registry[-_]?policy", re.IGNORECASE)
"""The name of a registry policy in templates, Terraform, scripts and manifests."""

SERVICE_CALL = re.compile(rf":aws-sdk:(?P<call>ecr(?:public)?:(?:{'|'.join(fields_in(Format.API))}))\b", re.IGNORECASE)
"""A call as AWS Step Functions and Amazon EventBridge Scheduler name it.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

CALLED_WHEN_RUN = "a state machine or a schedule calls it when it runs: check what it sets"

_PERHAPS = r"ecr(?<![a-z]ecr)"
"""Matches lower-case text that may name ECR; a word such as `secret` does not count.

Like `_ESCAPE`, it begins with a literal, so that large files are searched fast.
"""

_ESCAPE = (
    r"\\(?:(?:u00|x|U000000)(3[aA]|5[fF]|[46][1-9a-fA-F]|[57][0-9aA])"
    r"|\r?\n[ \t]*)"
)
"""A letter, a colon or an underscore as an escape of JSON and YAML, or a line break inside a YAML word."""

_CUT_WORD = r"\A[A-Za-z]+"
_OVERLAP = 4096
"""The number of characters of a chunk that are searched again with the next chunk.

Every mark is shorter, however it is spelled.
"""


def is_marked(text: str) -> bool:
    """Return whether a file with this text may concern `check`. False is certain."""
    return any(mark in view for view in _views(text) for mark in _MARKS)


def is_about_ecr(text: str) -> bool:
    """Return whether a text names ECR, its actions or its policies, so that a fault in it matters."""
    return any(_ABOUT_ECR.search(view) for view in _views(text) if _has_ecr(view))


def names_registry_policy(text: str) -> bool:
    """Return whether a text may hold a registry policy."""
    return any(_OF_REGISTRY.search(view) for view in _views(text))


def may_be_ours(text: str) -> bool:
    """Return whether a part of a file may concern `check` or be about ECR. False is certain."""
    return is_marked(text) or any(_has_ecr(view) for view in _views(text))


def shows(chunks: Iterable[bytes], sign: Callable[[str], bool]) -> bool:
    """Return whether a file has a sign. `chunks`: its bytes, in any encoding."""
    before = ""
    for chunk in chunks:
        # Without its zeros, ASCII is the same in every encoding of Unicode.
        text = before + chunk.replace(b"\0", b"").decode("latin-1")
        if sign(text):
            return True
        # The cut word was already searched as a whole. Without its beginning, `secret` would become another word.
        before = re.sub(_CUT_WORD, "", text[-_OVERLAP:])
    return False


def _has_ecr(text: str) -> bool:
    small = text.lower()
    return "policy" in small or re.search(_PERHAPS, small) is not None


def _views(text: str) -> Iterator[str]:
    """Yield a text unchanged, and with its escapes decoded if it has any."""
    yield text
    if "\\" in text and re.search(_ESCAPE, text):
        yield re.sub(_ESCAPE, lambda found: chr(int(found[1], 16)) if found[1] else "", text)


@by_value
class _Kind:
    """A kind of file: the names at its top level that identify it, and how to use it.

    `lacks`: what is missing if `check` does not recognize such a file. It is empty for a kind that `check` never
    reads.
    """

    what: str
    names: frozenset[str]
    use: str
    lacks: str = ""


_CHECK = "`ecr-crossaccount check` judges the policies in it"
REGISTER = "a trust register"
POLICY = "a policy"
_KINDS = (
    _Kind(
        "a report of an audit",
        frozenset({"audited"}),
        "`ecr-crossaccount trust from-audit` drafts a register from it, and `audit --since` compares with it",
    ),
    _Kind(REGISTER, frozenset({"trust"}), "give it with `--trust`"),
    _Kind("a template", frozenset({"AWSTemplateFormatVersion", "Resources"}), _CHECK, "it has no resources"),
    _Kind(
        "a plan or state of Terraform",
        frozenset({"resource_changes", "planned_values", "terraform_version"}),
        _CHECK,
        "it is not complete",
    ),
    _Kind(
        "an inventory of AWS Config",
        frozenset({"Results", "configurationItems", "baseConfigurationItems", "BaseConfigurationItems"}),
        "`ecr-crossaccount audit FILE` judges the policies in it",
    ),
    _Kind(POLICY, frozenset({"Statement", "policyText"}), "`ecr-crossaccount judge` judges it"),
)
_NAME = re.compile(r"^([A-Za-z_]\w*)\s*:", re.MULTILINE)
"""A name at the top level of YAML."""
_BEFORE = ("#", "---", "%")
"""The beginnings of YAML lines that may come before the first name."""


def seems(text: str, *, but: str) -> str:
    """Return what a text seems to be instead of the expected kind, and how to use it. Empty if unknown."""
    found = _kind_of(text)
    return "" if found is None or found.what == but else f"it seems to be {found.what}: {found.use}"


def seems_to_the_gate(text: str) -> str:
    """Return what a text seems to be that `check` does not recognize, and how to use it or what is missing.

    Empty if unknown.
    """
    found = _kind_of(text)
    if found is None or not found.lacks:
        return seems(text, but=POLICY)
    return f"it seems to be {found.what}, but {found.lacks}"


def _kind_of(text: str) -> _Kind | None:
    names = set(_names_in(text))
    return next((kind for kind in _KINDS if not kind.names.isdisjoint(names)), None)


def _names_in(text: str) -> Iterable[str]:
    if not text.lstrip().startswith("{"):
        return _NAME.findall(text) if _begins_with_a_name(text) else ()
    try:
        value = value_of(text)
    except BadJsonError:
        return ()
    return value if isinstance(value, dict) else ()


def _begins_with_a_name(text: str) -> bool:
    """Return whether a text is YAML, and not prose that contains YAML, such as a page with an example."""
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(_BEFORE)), "")
    return _NAME.match(first) is not None


_SETS = re.compile(r"(?<!get)(?<!get[-_])(?<!get-ecr)(?<!aws_ecr_)account[-_]?setting", re.IGNORECASE)
"""Sets a value of the account: a command, a cmdlet, an SDK call, or a resource that is not one of Terraform."""
_COMMENT = re.compile(r"^[ \t]*(?:#|//).*", re.MULTILINE)


def unread_scopes(text: str, read: Iterable[FoundScope]) -> tuple[FoundScope, ...]:
    """Return a setting without a value if a text has more settings than the commands that were `read`."""
    if SCOPE_SETTING not in text:
        return ()
    text = _COMMENT.sub("", text)
    there = min(text.count(SCOPE_SETTING), sum(1 for _ in _SETS.finditer(text)))
    left = there > sum(scope.may_not_run for scope in read)
    return (FoundScope(None, location=ELSEWHERE, may_not_run=True),) if left else ()


# --- the formats whose readers are loaded only if a file shows their mark ---

ANSIBLE = "ecs_ecr"
"""The short name of the module that makes repositories."""
# A pattern that begins with a literal is found 25 times as fast as one that begins with a boundary.
PULUMI = re.compile(r"aws(?<!\waws)(?:-native|x)?:ecr(?:public)?[:/]")
"""An ECR type in a text."""
KUBERNETES = re.compile(
    r"ecr(?<!\wecr)(?:public)?\.(?:[a-z0-9-]+\.)*(?:upbound\.io|crossplane\.io|services\.k8s\.aws)\b"
)
"""A group of ECR in a text, including groups that are unknown here."""
KUSTOMIZING = (
    "replacements",
    "transformers",
    "generators",
    "components",
    "helmCharts",
    "vars",
    "configurations",
    "openapi",
)
_PATCHES = r"patches(?<!\wpatches)(?:Json6902|StrategicMerge)?[\"']?\s*:"
_RESOURCES = r"\b(?:resources|bases)[\"']?\s*:"
_CHANGES = rf"\b(?:{'|'.join(KUSTOMIZING)})[\"']?\s*:"


def may_kustomize(text: str) -> bool:
    """Return whether a file may be a kustomization that changes something."""
    others = any(name in text for name in KUSTOMIZING) and re.search(_CHANGES, text) and re.search(_RESOURCES, text)
    return bool(others or re.search(_PATCHES, text))


SETTERS = fields_in(Format.CLI)
"""The commands that set a policy. For a replication or a cache, the option names the registries."""
PUBLIC_SETTERS = fields_in(Format.CLI_PUBLIC)
SETS_REGISTRY = "put-registry-policy"
_SET_REGISTRY = frozenset({SETS_REGISTRY, "Write-ECRRegistryPolicy"})
_NAMES = (
    *SETTERS,
    "Set-ECRRepositoryPolicy",
    "Set-ECRPRepositoryPolicy",
    "Write-ECRRegistryPolicy",
    "New-ECRRepositoryCreationTemplate",
    "Update-ECRRepositoryCreationTemplate",
    "Write-ECRReplicationConfiguration",
    "New-ECRPullThroughCacheRule",
)
MENTION = re.compile(rf"(?<![\w-])(?:{'|'.join(_NAMES)})(?![\w-])")
"""One of the commands in a text, or a cmdlet of the AWS Tools for PowerShell."""
POLICY_OPTION = "--policy-text"
"""An option that only ECR commands have, however the command itself is spelled."""
_CHECK_DEPLOYED = "check what is deployed, `aws ecr get-{}-policy … | ecr-crossaccount check -`"
_NOT_READ = "what it sets is not read here: {}"


def check_of(command: str) -> str:
    """Return how to check the result of a command, by its name or that of its cmdlet."""
    return _CHECK_DEPLOYED.format("registry" if command in _SET_REGISTRY else "repository")


def not_read(command: str) -> str:
    """Return why the policy of a command is not judged."""
    return _NOT_READ.format(check_of(command))


def mentions(text: str) -> bool:
    """Return whether a text contains one of the commands."""
    named = any(name in text for name in _NAMES)  # a thirtieth of the time of the search
    return (named and MENTION.search(text) is not None) or POLICY_OPTION in text


_MOST_COMMANDS = 500
TOO_LONG = f"too long a script to be read, or more than {_MOST_COMMANDS} mentions of ECR commands: split it into files"
"""A file with this many mentions is not written by hand."""


def has_too_many_mentions(text: str) -> bool:
    """Return whether a file mentions so many commands that it is not read."""
    return mentions(text) and next(islice(MENTION.finditer(text), _MOST_COMMANDS, None), None) is not None
