"""Programs that give values to Terraform's variables, and are not read. They are reported, because a value may open.

- Terraform Stacks: https://developer.hashicorp.com/terraform/language/block/stack/tfcomponent/component
- Atmos: https://atmos.tools/stacks/vars
- the Tofu Controller of Flux: https://flux-iac.github.io/tofu-controller/use-tf-controller/set-variables-for-terraform-resources/
- Crossplane: https://github.com/upbound/provider-opentofu
- `terraform apply -var`, and TF_VAR_ in the environment: https://developer.hashicorp.com/terraform/cli/commands/plan#input-variables-on-the-command-line
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Collection, Iterable, Iterator
from functools import partial

from ...documents.json import place_in
from ...documents.problems import first_of
from ...memo import by_value
from ..files.files import SUFFIXES, chunks_of, file_text
from ..files.marks import is_about_ecr, shows
from ..found.context import Context
from ..found.found import FoundPolicy, Harvest, Unjudged
from ..reading.files import STANDARD_INPUT, UnreadableError
from .hcl.folders import files_in, named_value_files, value_files, values_in

_MOST_NAMED = 3
_REASON = "it {}: check the plan, `terraform show -json`"
_GIVES = "gives the variable {} a value that is not read here"
_ANY = "gives Terraform's variables values that are not read here"
_FILE = "gives Terraform the variable file `{}`, which is not judged here"
_VARIABLE = re.compile(r"^\s*variable\s+\"?([\w-]+)\"?\s*\{", re.MULTILINE)
_VARIABLE_IN_JSON = re.compile(r"\"([\w-]+)\"\s*:\s*\[?\{")
_VALUE_FILE = r"-var-file(?:=|\s+|\",?\s*\")[\"']?((?:\$?\{\{.*?\}\}|[^\s\"'])+)"
_OF_PACKER = (".pkrvars.hcl", ".pkrvars.json")
_FILLED_IN = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\{\{.*?\}\}|\$\([^)]*\)")


@by_value
class _Tool:
    """A tool that calls Terraform. `signs`: all of them are in its files, or one of `endings` ends their names.

    `passes`: the way that it writes a variable, with NAMES for the names. `hides`: a sign that it passes variables
    that its file does not name.
    """

    name: str
    signs: tuple[str, ...]
    passes: str
    endings: tuple[str, ...] = ()
    hides: str = r"(?!)"

    def is_in(self, file: str, text: str) -> bool:
        """Return whether a file is one of the tool."""
        if self.endings:
            return file.lower().endswith(self.endings)
        return all(re.search(sign, text, re.MULTILINE) for sign in self.signs)


_KEY = r"^[ \t-]+[\"']?(NAMES)[\"']?[ \t]*:"
_STACKS = _Tool("component", (), r"^[ \t]*(NAMES)[ \t]*=", (".tfcomponent.hcl", ".tfstack.hcl"))
_TOOLS = (
    _STACKS,
    _Tool("component", (r"^components:", r"^[ \t]+terraform:"), _KEY),
    _Tool("component", (r"^terraform:", r"^[ \t]+vars:"), _KEY),
    _Tool(
        "Terraform",
        (r"infra\.contrib\.fluxcd\.io", r"^kind:[ \t]*Terraform\b"),
        rf"\bname:[ \t]*[\"']?(NAMES)\b|{_KEY}",
        hides=r"\bvarsFrom:",
    ),
    _Tool(
        "Workspace",
        (r"\b(?:tf|opentofu)\.(?:m\.)?(?:upbound|crossplane)\.io", r"^[ \t]*kind:[ \t]*Workspace\b"),
        r"\bkey:[ \t]*[\"']?(NAMES)\b",
        hides=r"\bvarFiles:|\bvarmap:",
    ),
    _Tool(
        "terraform",
        (r"TF_VAR_|-var\b",),
        r"(?:-var(?:=|\s+|\",?\s*\")[\"']?|\bTF_VAR_)(NAMES)\b",
    ),
)
_SIGN = re.compile(
    r"TF_VAR_|-var\b|-var-file|fluxcd\.io|(?:tf|opentofu)\.(?:m\.)?(?:upbound|crossplane)|^\s*terraform:", re.MULTILINE
)


def read(files: Iterable[str], folders: Iterable[str], policies: Iterable[FoundPolicy], context: Context) -> Harvest:
    """Return the places in files that give values to variables of configurations that make something of ECR.

    `folders`: the folders of sources in this run. `policies`: what was found in this run.
    """
    callers = [name for name in files if _may_call(name)]
    if not callers:
        return Harvest()
    roots = {policy.deployed_with for policy in policies if os.path.isdir(policy.deployed_with)}  # noqa: PTH112
    configurations = {os.path.normpath(path or ".") for path in (*folders, *roots)}
    about = [
        path
        for path in configurations
        if path in map(os.path.normpath, roots) or any(is_about_ecr(text) for _, text in _texts(path))
    ]
    names = {name for path in about for name in _variables(path)} - _given_variables(context)
    known = {os.path.basename(file) for path in about for file in (*value_files(path), *named_value_files(path))}  # noqa: PTH119
    if not about:
        return Harvest()
    return Harvest(unjudged=tuple(found for name in callers for found in _calls(name, names, known)))


def _may_call(name: str) -> bool:
    if name == STANDARD_INPUT or not (name.lower().endswith(SUFFIXES) or "." not in os.path.basename(name)):  # noqa: PTH119
        return False
    try:
        return name.lower().endswith(_STACKS.endings) or shows(
            chunks_of(name), lambda text: _SIGN.search(text) is not None
        )
    except UnreadableError:
        return False


def _texts(folder: str) -> Iterator[tuple[str, str]]:
    files, _ = files_in(folder)
    yield from ((file.name, file.text) for file in files)


def _variables(folder: str) -> Iterator[str]:
    """Yield the names of the variables that a folder declares. In JSON, other names may be among them."""
    for name, text in _texts(folder):
        pattern = _VARIABLE_IN_JSON if name.lower().endswith(".json") else _VARIABLE
        yield from pattern.findall(text)


def _given_variables(context: Context) -> set[str]:
    """Return the variables that the user gives values for. They are settled."""
    given = set(context.parameters)
    for path in context.var_files:
        try:
            given |= values_in(path, named=True).keys()
        except UnreadableError:
            continue
    return given


def _calls(name: str, names: Collection[str], known: Collection[str]) -> Iterator[Unjudged]:
    """Yield the first place in a file that passes one of the variables, or a variable file that is not judged."""
    try:
        text = file_text(name)
    except UnreadableError:
        return
    told = partial(_report_call, name, text)
    for tool in _TOOLS:
        if not tool.is_in(name, text):
            continue
        passes = re.compile(tool.passes.replace("NAMES", "|".join(map(re.escape, sorted(names)))), re.MULTILINE)
        found = [one for one in passes.finditer(text) if names]
        hidden = re.search(tool.hides, text)
        if found:
            passed = dict.fromkeys(next(group for group in one.groups() if group) for one in found)
            variables = first_of([f"`{one}`" for one in passed], _MOST_NAMED)
            yield told(found[0].start(), tool.name, _GIVES.format(variables))
        elif hidden is not None:
            yield told(hidden.start(), tool.name, _ANY)
        if found or hidden:
            return
    for one in re.finditer(_VALUE_FILE, text):
        pattern = _FILLED_IN.sub("*", one[1]).rpartition("/")[2]
        if not one[1].endswith(_OF_PACKER) and not any(fnmatch.fnmatch(other, pattern) for other in known):
            yield told(one.start(), "terraform", _FILE.format(one[1]))
            return


def _report_call(name: str, text: str, place: int, what: str, does: str) -> Unjudged:
    place += len(text[place:]) - len(text[place:].lstrip())
    return Unjudged(name, *place_in(text, place), what, _REASON.format(does))
