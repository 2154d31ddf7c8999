"""Programs that make ECR resources. Only their output is read, so a program without output here is reported."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from ...documents.json import place_in
from ...memo import by_value
from ..files.files import LARGEST_FILE, chunks_of
from ..files.included import assembly_of
from ..files.marks import MENTION, shows
from ..found.found import Harvest, Unjudged, Unread
from ..reading import files
from ..reading.files import UnreadableError

_TYPES = r"(?:Repository(?:Policy|CreationTemplate)|RegistryPolicy|ReplicationConfiguration|PullThroughCacheRule)"
_POLICY_TEXT = r"[rR]epository_?[pP]olicy_?[tT]ext|AWS::ECR::RegistryPolicy"
_CALLS = (
    r"(?:set_?repository|put_?registry)_?policy|(?:create|update)_?repository_?creation_?template"
    r"|put_?replication_?configuration|create_?pull_?through_?cache_?rule"
)
"""The SDK names of the operations in `marks.SETTERS`, ignoring case."""

_CDK = r"aws-cdk-lib|@aws-cdk/|\baws_cdk\b|\bawscdk\b|Amazon\.CDK"
_CDK_ECR = r"aws-ecr(?![\w-])|\baws_ecr\b|\bservices\.ecr\b|\bAWS\.ECR\b|\bawsecr\b"
_BUILDER = r"(?:\.Builder\.create)?[ \t]?\("

_WORD = r"[\w:-]+"
_BESIDE = frozenset({"new", "ecr", "ecr-public"})
"""Words that may come before the name of the resource."""

_COMMENTS = ("#", "//", "*", "/*")
_CDKTF_OUT = "cdktf.out"


@by_value
class _Tool:
    """A tool that makes ECR resources from programs: imports of its programs, their calls, and what to check instead.

    `project`: the file that marks the folder of a program's project. `has_output`: whether `check` reads the tool's
    output and can match it to programs. `only_in_projects`: whether a program outside of a project counts only if it
    grants something, because it is a snippet.
    """

    imports: tuple[str, ...]
    writes: str
    reason: str
    project: str = ""
    has_output: bool = False
    only_in_projects: bool = False

    def first_in(self, text: str) -> re.Match[str] | None:
        """Return where a program first makes an ECR resource with this tool, or None if it does not."""
        if not all(re.search(one, text) for one in self.imports):
            return None
        return next((found for found in re.finditer(self.writes, text) if not _is_comment(text, found.start())), None)


_SHARES = r"[gG]rant|(?:[rR]esource|[rR]epository|[rR]egistry)_?[pP]olicy|[pP]rincipal"
_CDK_NOT_READ = "a program of the AWS CDK, which is not read: run `cdk synth`, and check `cdk.out`"
_TOOLS = (
    _Tool(
        (_CDK, _CDK_ECR),
        rf"(?<!codecommit\.)\b(?:New)?(?:Public)?Repository{_BUILDER}",
        _CDK_NOT_READ,
        "cdk.json",
        has_output=True,
        only_in_projects=True,
    ),
    _Tool(
        (_CDK,),
        rf"\b(?:New)?Cfn(?:(?:Public)?Repository|{_TYPES}){_BUILDER}"
        rf"|\.[gG]rant_?[pP](?:ull|ush|ull_?[pP]ush)[ \t]?\(|{_POLICY_TEXT}",
        _CDK_NOT_READ,
        "cdk.json",
        has_output=True,
    ),
    _Tool(
        (r"\bcdktf\b|@cdktf/|\bcdktn\b",),
        rf"\b(?:New)?Ecr(?:[pP]ublic)?{_TYPES}[ \t]?\(",
        "a program of CDK for Terraform, which is not read: run `cdktf synth`, and check `cdktf.out`",
        "cdktf.json",
        has_output=True,
    ),
    _Tool(
        (r"@pulumi/aws|\bpulumi_aws|pulumi-aws|Pulumi\.Aws|com\.pulumi\.aws|\bsst\.aws\b|\.sst/platform",),
        rf"\b(?:New)?{_TYPES}[ \t]?\(|{_POLICY_TEXT}",
        "a Pulumi program, which is not read: check the output of `pulumi preview --json`",
        "Pulumi.yaml",
    ),
    _Tool(
        (r"\btroposphere\b|\bgoformation\b|@serverless/typescript",),
        rf"{_POLICY_TEXT}|\b{_TYPES}[ \t]?\(",
        "a program that makes a template, which is not read: run it, and check the template",
    ),
    _Tool(
        (),
        rf"(?:\.|\bnew[ \t]+)(?i:{_CALLS})\w*[ \t]?(?:[({{]|\.builder\b)"
        rf"|\becr(?:-public)?[ \t]+{MENTION.pattern}|(?<=[\"']){MENTION.pattern}(?=[\"'])",
        "called by a program, which is not read: check the policy that it sets, or audit the account afterwards",
    ),
)
_SIGN = "|".join(dict.fromkeys(tool.writes for tool in _TOOLS))
_LETTERS = (
    *(f"epository{end}" for end in ("(", " (", "\t(", ".builder", "policy", "_policy", "-policy")),
    *(f"egistry{end}" for end in ("policy", "_policy", "-policy")),
    *("::registrypolicy", "grantpu", "grant_pu", "creationtemplate", "creation_template", "creation-template"),
    *(
        f"{word}{between}{other}"
        for word, other in (("replication", "config"), ("pull", "through"))
        for between in "_- "
    ),
    *("replicationconfig", "pullthrough"),
)
"""Each sign contains one of these, ignoring case. They are found fast."""


def read(
    programs: Iterable[tuple[str, bool]], data: Iterable[str], sources: Iterable[str], paths: Iterable[str]
) -> tuple[Harvest, frozenset[str]]:
    """Return the unjudged resources that programs make, and the programs that make any or cannot be read.

    Each project of a tool is one entry, at its first program.

    `programs`: each with whether the user named the file. `data`: files that are read, and `sources`: Terraform folders
    that are read. A tool may have made these from a program. `paths`: the paths that the user names.
    """
    tops = frozenset(map(os.path.realpath, paths))
    # The folders that the CDK has written, of the templates in its manifests.
    assemblies = [assembly_of(Path(os.path.realpath(file))) for file in data]
    covered = frozenset(str(out.parent) for out in (*assemblies, *map(_cdktf_out, sources)) if out)
    projects: dict[tuple[str, str], list[Unjudged]] = {}
    errors: list[Unread] = []
    making: list[str] = []
    for name, named in programs:
        try:
            text = _text_of(name)
        except UnreadableError as error:
            errors.append(Unread(name, None, str(error)))
            making.append(name)
            continue
        found = None if text is None else _first_in(name, text)
        if found is None:
            continue
        making.append(name)
        tool, one = found
        if not (tool.has_output and covered.intersection(map(str, Path(os.path.realpath(name)).parents))):
            project = name if named else _project_of(name, tool, tops)
            if (
                tool.only_in_projects
                and not named
                and not _is_in_project(name, tool)
                and not re.search(_SHARES, text or "")
            ):
                continue
            projects.setdefault((tool.reason, project), []).append(one)
    return Harvest(unjudged=tuple(map(_as_one, projects.values())), errors=tuple(errors)), frozenset(making)


def _as_one(found: list[Unjudged]) -> Unjudged:
    more = len(found) - 1
    count = f" (and {more} more {'file' if more == 1 else 'files'} of this project)"
    return replace(found[0], reason=f"{found[0].reason}{count if more else ''}")


def _first_in(name: str, text: str) -> tuple[_Tool, Unjudged] | None:
    for tool in _TOOLS:
        found = tool.first_in(text)
        if found is not None:
            what = next(word for word in re.findall(_WORD, found[0]) if word not in _BESIDE)
            return tool, Unjudged(name, *place_in(text, found.start()), what, tool.reason)
    return None


def _is_comment(text: str, place: int) -> bool:
    return text[text.rfind("\n", 0, place) + 1 : place].lstrip().startswith(_COMMENTS)


def _project_of(name: str, tool: _Tool, tops: Collection[str]) -> str:
    """Return the folder of a program's project within the user's paths, or the program itself if there is none."""
    for folder in Path(os.path.realpath(name)).parents if tool.project else ():
        if files.is_file(str(folder / tool.project)):
            return str(folder)
        if str(folder) in tops:
            break
    return name


def _is_in_project(name: str, tool: _Tool) -> bool:
    return any(files.is_file(str(folder / tool.project)) for folder in Path(os.path.realpath(name)).parents)


def _cdktf_out(source: str) -> Path | None:
    """Return the folder that CDK for Terraform has written, if a folder of sources is in it."""
    folder = Path(os.path.realpath(source))
    return next((parent for parent in (folder, *folder.parents) if parent.name == _CDKTF_OUT), None)


def _text_of(name: str) -> str | None:
    """Return the text of a program in any encoding, or None if it makes no ECR resource. Raises UnreadableError.

    A binary file is not a program: video recordings have names that end with `.ts`, too.
    """
    if not shows(chunks_of(name), _shows_something):
        return None
    with files.open_found_file(name) as stream:
        data = stream.read(files.LOOKED_AT)
        try:
            encoding = files.encoding_of(data)
        except files.BinaryError:
            return None
        if encoding == "utf-8" and b"\0" in data:
            return None
        return (data + files.whole(stream, LARGEST_FILE)).decode(encoding, "replace")


def _shows_something(text: str) -> bool:
    small = text.lower()
    return any(letters in small for letters in _LETTERS) and re.search(_SIGN, text) is not None
