"""Folders and single files of Terraform sources: which are configurations, and with which values of variables.

A module may be called from outside Terraform's sources: by Terragrunt, with `source` and `inputs`. Commands and
manifests that a text passes to other programs are reported, not judged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ....memo import by_value
from ...files.files import File, chunks_of, stand_in
from ...files.marks import (
    CALLED_WHEN_RUN,
    KUBERNETES,
    MENTION,
    SERVICE_CALL,
    SETS_REGISTRY,
    is_about_ecr,
    not_read,
    unread_scopes,
)
from ...files.values.nodes import Place
from ...found.context import Context, Kept
from ...found.found import ELSEWHERE, NOT_READ, FoundScope, Harvest, Skipped, Unjudged, Unread
from ...found.remarks import unused_note
from ...reading.files import UnreadableError
from ..aws_provider.resources import is_read
from . import tree
from .evaluation import bare
from .folders import (
    Folder,
    each_alone,
    files_in,
    folder_of,
    is_applied,
    join_path,
    name_of,
    named_value_files,
    normal,
    parent,
    real,
    source_of,
    sources_of,
    value_files,
    values_in,
)
from .grammar import read_expression
from .module_sources import RESERVED
from .tree import Argument, Block, Body, Source, spell
from .variables import World, in_words
from .worlds import Configuration, with_more

_MADE = re.compile(rf'{KUBERNETES.pattern}|type_name"?\s*[=:]\s*"(?P<type>AWS::ECR::\w+)')
_MADE_ELSEWHERE = "it changes Amazon ECR by other means than a Terraform resource: check the plan, and what is deployed"
_OF_REGISTRIES = frozenset({SETS_REGISTRY, "AWS::ECR::RegistryPolicy"})
_COMMENT = re.compile(r"\s*(?:#|//|\*)")


def find_mentions(file: File) -> Iterator[Unjudged]:
    """Yield the calls that open ECR resources, and resources of Kubernetes and Cloud Control, in a source."""
    for sign in (MENTION, _MADE, SERVICE_CALL):
        for found in sign.finditer(file.text):
            before = file.text[: found.start()]
            line, start = before.count("\n") + 1, before.rfind("\n") + 1
            if not _COMMENT.match(file.text, start):
                groups = found.groupdict()
                what = groups.get("type") or groups.get("call") or found[0]
                registry = ELSEWHERE if what in _OF_REGISTRIES else None
                reason = {_MADE: _MADE_ELSEWHERE, SERVICE_CALL: CALLED_WHEN_RUN}.get(sign) or not_read(what)
                yield Unjudged(file.name, line, found.start() - start + 1, what, reason, registry)


def read(folders: Mapping[str, frozenset[str] | None], context: Context, called: Iterable[str] = ()) -> Harvest:
    """Return the policies of folders of sources, including the local modules that they call.

    If only some files of a folder are named, only the policies that depend on these files are reported. A module is
    reported for each call of it, and by itself only if nothing here calls it. `called`: folders that other tools call,
    such as Terragrunt.
    """
    return Reading(context, called).harvest(folders)


_MOST_VALUE_FILES = 16
"""The most variable files of a folder. Each is judged as a possible deployment."""

_TOO_MANY = "{} variable files from here on are too many to be judged: judge each by itself, with --var-file"


@by_value
class _Said:
    """A summary of a folder: the folders that it calls, and whether it may make a policy, by itself or by a call."""

    calls: tuple[str, ...]
    variables: tuple[str, ...]
    errors: tuple[Unread, ...]
    is_applied: bool
    matters: bool
    makes: bool
    is_about_ecr: bool
    mentioned: tuple[Unjudged, ...]
    scopes: tuple[tuple[str, FoundScope], ...]


def _said_by(folder: Folder, files: Iterable[File]) -> _Said:
    makes = any(is_read(kind) for kind, _ in folder.resources)
    matters = makes or bool(folder.repeated or folder.calls or folder.twice)
    calls = tuple(_local_calls(folder))
    errors = tuple(folder.errors)
    about = any(is_about_ecr(file.text) for file in files)
    mentions = tuple(mention for file in files for mention in find_mentions(file))
    scopes = tuple((file.name, scope) for file in files for scope in unread_scopes(file.text, ()))
    return _Said(calls, tuple(folder.variables), errors, is_applied(folder), matters, makes, about, mentions, scopes)


class Reading:
    """One run over some folders, which are read when needed. Few are kept, because all of them may be large."""

    def __init__(self, context: Context, called: Iterable[str] = ()) -> None:
        self.context = context
        self._folders: Kept[tuple[dict[str, Source], Folder, _Said]] = context.folders
        self._said: dict[str, _Said] = {}
        self._shown: dict[str, str] = {}
        self._values: dict[str, Mapping[str, Argument]] = {}
        self._errors: list[Unread] = []
        self._unread: list[Skipped] = []
        self._called = set(map(real, called))
        self._left: dict[str, Skipped] = {}

    def harvest(self, folders: Mapping[str, frozenset[str] | None]) -> Harvest:
        """Return what the folders hold."""
        folders = _each_once(folders)
        self._shown = {normal(path): path for path in folders}
        named = {normal(path): names for path, names in folders.items()}
        for path in self._shown:
            self.folder(path)
        given = self._given_variables()
        parts: list[Harvest] = []
        whole: list[_Said] = []
        for path in self._callers_first():
            said = self._said[path]
            if said.is_applied or real(path) not in self._called | self._left.keys():
                whole.append(said)
                parts += self._configurations(self.folder(path), named[path], given) if said.matters else ()
        faults, elsewhere = _faults(self._said, named)
        errors = tuple(dict.fromkeys([*faults, *self._errors]))
        declared = tuple(dict.fromkeys(name for one in whole for name in one.variables))
        run = tuple(_mentions_in_files(self._said, named))
        making = (path for path, one in self._said.items() if one.makes and real(path) not in self._called)
        off = (self._left[path] for path in map(real, making) if path in self._left)
        skipped = (*elsewhere, *self._unused_variables(declared), *self._unread, *off)
        scopes = tuple(_unread_scopes(self._said, named))
        rest = Harvest(errors=errors, skipped=skipped, declares=declared, unjudged=run, scopes=scopes)
        return Harvest.from_parts([*parts, rest])

    def _unused_variables(self, declared: Collection[str]) -> tuple[Skipped, ...]:
        """Return the results for the user's variable files with variables that nothing declares."""
        left = {path: self._values_of(path).keys() - set(declared) for path in self.context.var_files}
        return tuple(Skipped(path, unused_note(sorted(names))) for path, names in left.items() if names)

    def _callers_first(self) -> list[str]:
        """Return the folders, those that no other folder calls first.

        Folders that call each other in a circle keep their order.
        """
        calls = {called for path in self._shown for called in self._said[path].calls if called != real(path)}
        return sorted(self._shown, key=lambda path: real(path) in calls)

    def _configurations(
        self, folder: Folder, named: frozenset[str] | None, given: Mapping[str, Argument]
    ) -> Iterator[Harvest]:
        """Yield what a folder makes. If files define the same names twice, yield what each of them makes."""
        said = {**self._said_in(folder.path), **given}
        if not folder.twice:
            others = {} if given else self._named_values(folder)
            made = self._read_configuration(
                Configuration(self, folder, self._inputs(folder, said), named, others=others)
            )
            yield made if given or not made.policies else made + self._left_out(folder)
            return
        sources, *_ = self._read(folder.path)
        for alone in each_alone(sources, folder, sources if named is None else sorted(named & sources.keys())):
            yield self._read_configuration(Configuration(self, alone, self._inputs(alone, said), None))

    def _read_configuration(self, configuration: Configuration) -> Harvest:
        """Return what a configuration makes, and remember the folders that it calls or leaves out."""
        found = configuration.harvest()
        self._called |= set(map(real, configuration.called))
        for path, why in configuration.left.items():
            self._leave_out(real(path), why)
        return found

    def _leave_out(self, path: str, why: Skipped) -> None:
        """Remember that a folder is left out, with those that it calls."""
        if path not in self._left:
            self._left[path] = why
            for text in (call for shown in self._shown if real(shown) == path for call in self._said[shown].calls):
                self._leave_out(text, why)

    def folder(self, path: str) -> Folder:
        """Return a folder. It is read when needed."""
        return self._read(path)[1]

    def _read(self, path: str) -> tuple[dict[str, Source], Folder, _Said]:
        shown = self._shown.get(path, path)
        found = self._folders.get(shown)
        if found is None:
            files, errors = files_in(shown)
            sources = sources_of(files)
            folder = folder_of(sources, path)
            folder.errors += errors
            size = sum(len(file.text) for file in files)
            found = self._folders.keep(shown, (sources, folder, _said_by(folder, files)), size)
        self._said.setdefault(path, found[2])
        return found

    # --- variables ---

    def _given_variables(self) -> dict[str, Argument]:
        """Return the variables that the user gives for every configuration in files."""
        given: dict[str, Argument] = {}
        for path in self.context.var_files:
            given.update(self._values_of(path))
        return given

    def _values_of(self, path: str) -> Mapping[str, Argument]:
        if path not in self._values:
            try:
                self._values[path] = values_in(path, named=path in self.context.var_files)
            except UnreadableError as error:
                self._errors.append(Unread(path, None, str(error)))
                self._values[path] = {}
        return self._values[path]

    def _named_values(self, folder: Folder) -> dict[str, dict[str, Argument]]:
        """Return the values in the folder's other variable files, which the user may name when applying it."""
        settled = self.context.parameters
        return {
            path: {name: one for name, one in said.items() if name in folder.variables and name not in settled}
            for path in named_value_files(folder.path)[:_MOST_VALUE_FILES]
            for said in [self._named_file(path)]
        }

    def _left_out(self, folder: Folder) -> Harvest:
        """Return the notes about variable files that are too many to be judged."""
        left = named_value_files(folder.path)[_MOST_VALUE_FILES:]
        return Harvest(skipped=(Skipped(left[0], _TOO_MANY.format(len(left)), absent=True),) if left else ())

    def _named_file(self, path: str) -> Mapping[str, Argument]:
        """Return the variables in a file that the user has not named. It may be encrypted, or not filled in yet."""
        try:
            return values_in(path)
        except UnreadableError as error:
            self._unread.append(Skipped(path, f"its variables cannot be read: {error}"))
            return {}

    def _said_in(self, path: str) -> dict[str, Argument]:
        """Return the variables in the files of a folder that Terraform loads automatically."""
        found: dict[str, Argument] = {}
        for file in value_files(path):
            found.update(self._values_of(file))
        return found

    def _inputs(self, folder: Folder, said: Mapping[str, Argument]) -> dict[str, Argument]:
        """Return the values of a folder's variables from files and the command line, which overrides files."""
        found = dict(said)
        for name, text in self.context.parameters.items():
            found[name] = _parameter(text, folder.variables.get(name))
        return {name: said for name, said in found.items() if name in folder.variables}


def _faults(
    said: Mapping[str, _Said], named: Mapping[str, frozenset[str] | None]
) -> tuple[list[Unread], list[Skipped]]:
    """Return the errors of reading, and the unreadable files that certainly do not concern ECR."""
    faults: list[Unread] = []
    elsewhere: list[Skipped] = []
    concerned = _concerned_folders({real(path): one for path, one in said.items()})
    for path, one in said.items():
        names = named.get(path)
        if names is not None:
            faults += [fault for fault in one.errors if fault.file in names]
        elif real(path) in concerned:
            faults += one.errors
        else:
            elsewhere += [_passed_over(file) for file in dict.fromkeys(fault.file for fault in one.errors)]
    return faults, elsewhere


def _passed_over(file: str) -> Skipped:
    """Return why an unreadable file is not an error."""
    try:
        why = stand_in(next(chunks_of(file), b""))
    except UnreadableError:
        why = None
    return Skipped(file, why or NOT_READ, absent=why is not None)


def _concerned_folders(said: Mapping[str, _Said]) -> set[str]:
    """Return the folders that mention ECR, and those that they call, because they may use outputs of these."""
    rest = [path for path, one in said.items() if one.is_about_ecr]
    found: set[str] = set()
    while rest:
        path = rest.pop()
        if path not in found:
            found.add(path)
            rest += said[path].calls if path in said else ()
    return found


def _mentions_in_files(every: Mapping[str, _Said], named: Mapping[str, frozenset[str] | None]) -> Iterator[Unjudged]:
    for path, said in every.items():
        names = named.get(path)
        yield from (one for one in said.mentioned if names is None or one.file in names)


def _unread_scopes(every: Mapping[str, _Said], named: Mapping[str, frozenset[str] | None]) -> Iterator[FoundScope]:
    for path, said in every.items():
        names = named.get(path)
        yield from (one for file, one in said.scopes if names is None or file in names)


def _each_once(folders: Mapping[str, frozenset[str] | None]) -> dict[str, frozenset[str] | None]:
    """Return each folder once, even if links or other spellings of its path name it too."""
    found: dict[str, tuple[str, frozenset[str] | None]] = {}
    for path, names in folders.items():
        first, before = found.get(real(path), (path, frozenset()))
        here = None if names is None else frozenset(join_path(first, name_of(name)) for name in names)
        found[real(path)] = first, None if before is None or here is None else before | here
    return dict(found.values())


def _local_calls(folder: Folder) -> Iterator[str]:
    for block in folder.calls.values():
        said = block.attributes.get("source")
        template = said.expression if said is not None else None
        if (
            isinstance(template, tree.Template)
            and len(template.parts) == 1
            and isinstance(template.parts[0], tree.Piece)
        ):
            source = template.parts[0].text
            if source.startswith(("./", "../")):
                yield real(join_path(folder.path, source))


def _parameter(text: str, variable: Block | None) -> Argument:
    """Return a variable's value from the command line: a text, or for other types an expression."""
    at = Place("--parameter")
    literal = Argument(tree.Template((tree.Piece(text, at),)), at, text)
    kind = variable.attributes.get("type") if variable is not None else None
    if kind is None or spell(kind.expression) == "string":
        return literal
    return read_expression(text, at) or literal


_BLOCK = (
    r'^(?:(?:resource|data)\s+"[^"]+"\s+"[^"]+"|(?:module|variable|provider|output)\s+"[^"]+"|locals|terraform)\s*\{'
)


def looks_like_source(text: str) -> bool:
    """Return whether a text is a Terraform source, by its blocks."""
    return re.search(_BLOCK, text, flags=re.MULTILINE) is not None


def read_alone(file: File, context: Context) -> Harvest:
    """Return what a source makes alone. References to other files are holes."""
    folder = folder_of({file.name: source_of(file)}, normal(parent(file.name)))
    found = Configuration(Reading(context), folder, {}, None).harvest()
    return found + Harvest(errors=tuple(folder.errors), declares=tuple(folder.variables))


_NAME = "inputs"
_ADDRESS = f"module.{_NAME}."
_MORE = "made{} only if {} passes more inputs than are read here: check the plan, `terragrunt show -json`"
_OTHERS = ", with {} more,"


def read_call(  # noqa: PLR0913 - the parts of a call
    source: Argument,
    arguments: Mapping[str, Argument],
    at: Place,
    context: Context,
    *,
    more: Sequence[str] = (),
    sure: Mapping[str, Argument] | None = None,
) -> Harvest:
    """Return what a module makes if it is called with `arguments`. Its addresses are those of a root module.

    `source` is a source of Terraform or Terragrunt, including `tfr:///…?version=…`, relative to the folder of the file
    `at`. Each result has the place of its argument, or `at` if no argument determines it. A module that is neither here
    nor known is reported as for any other call, with its arguments as `inputs.NAME`. `more`: what may pass any other
    arguments; `sure` are those that it does not change.
    The folders of the modules are among the followed files.
    """
    reading = Reading(context)

    def call_module(given: Mapping[str, Argument], *, is_open: bool) -> Harvest:
        inputs = {name: one for name, one in given.items() if name not in RESERVED}
        body: Body = {"source": source, **inputs}, ()
        # The folder of the call is not that of the module, which may be beside it.
        folder = Folder(join_path(normal(parent(at.file)), "."), is_open=is_open)
        folder.add(Block("module", (_NAME,), at, lambda: body))
        configuration = Configuration(reading, folder, {}, None)
        found = configuration.harvest()
        return replace(found, followed=(*found.followed, *sorted(configuration.called)))

    usual = call_module(arguments, is_open=False)
    found = _with_more(usual, call_module(sure or {}, is_open=True), tuple(more), at) if more else usual
    return replace(
        found,
        policies=tuple(replace(policy, resource=_own(policy.resource)) for policy in found.policies),
        unjudged=tuple(replace(one, resource=_own(one.resource)) for one in found.unjudged),
    )


def _with_more(usual: Harvest, other: Harvest, more: tuple[str, ...], at: Place) -> Harvest:
    """Return the harvest with the other forms that its policies have if there are more inputs.

    What is made only then is not judged.
    """
    found = with_more(usual, other, World(more=more))
    known = {bare(policy.resource) for policy in usual.policies}
    others = [_own(policy.resource) for policy in other.policies if bare(policy.resource) not in known]
    reason = _MORE.format(_OTHERS.format(len(others) - 1) if others[1:] else "", in_words(more))
    left = (Unjudged(at.file, at.line, at.column, others[0], reason),) if others else ()
    return replace(found, unjudged=(*found.unjudged, *left))


def _own(address: str) -> str:
    """Return an address as that of a root module. An argument keeps the prefix `inputs`."""
    rest = address.removeprefix(_ADDRESS)
    return rest if rest != address and "." in rest else address.removeprefix("module.")
