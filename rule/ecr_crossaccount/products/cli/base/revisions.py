"""Revisions of a Git repository, read from its objects and written to a folder without hooks, filters or attributes.

`git archive` would omit files that `.gitattributes` excludes, and a checkout would run filters. The revision itself
controls both, so the author of a policy change could use them to hide it. All files are read, not only the named ones,
because a template may nest another one and a module may be in the next folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import IO, cast

from ....errors import InputError, in_our_words
from ....memo import by_value
from ....sources.files.files import LARGEST_FILE
from ....sources.found.found import Skipped
from ....sources.reading.files import MEGABYTE

_LINK, _MODULE = "120000", "160000"
_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",  # missing objects are reported, not fetched
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_LONGEST_LINK = 4096
MOST_FILES = 300_000
MOST_BYTES = 4 * 1024 * MEGABYTE
_PIECE = MEGABYTE
_SIGNALLED = 128
"""Added to the number of a signal, it is the exit status of a process that the signal ends."""
_NO_NAMES = frozenset({"", os.curdir, os.pardir, ".git"})


@by_value
class Revision:
    """A commit by its ID, with the name that the user gave it."""

    name: str
    commit: str


@by_value
class _Entry:
    """One entry of a commit's tree. `size` is None for an entry without content here."""

    mode: str
    blob: str
    size: int | None
    path: str


@by_value
class Laid:
    """The folder of a state's files, in `top`, the folder of the whole repository.

    `left` has the files that are missing there, by their relative names.
    """

    folder: Path
    top: Path
    left: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Repository:
    """The Git repository around the working folder. `prefix` is the path of the working folder in it."""

    prefix: str

    @property
    def top(self) -> Path:
        """The folder of the repository."""
        return Path(os.path.normpath(Path.cwd().joinpath(*(os.pardir for _ in Path(self.prefix).parts))))

    def name_of(self, path: str) -> str | None:
        """Return the path of a file in the repository, also through a link to its folder. None for one outside."""
        whole = Path(os.path.abspath(path))  # noqa: PTH100 - a link to the file itself stays a link
        for one in (whole, Path(os.path.realpath(whole.parent), whole.name)):
            if one.is_relative_to(self.top):
                return str(one.relative_to(self.top))
        return None

    def tracks(self, name: str) -> bool:
        """Return whether the index has a file, by its path in the repository, or a link or a submodule above it."""
        listed = _git("ls-files", "-z", "--full-name", "--cached", ":/")
        tracked = {os.fsdecode(one) for one in (listed or b"").split(b"\0")}
        return any(str(parent) in tracked for parent in (Path(name), *Path(name).parents))

    def changed_files(self, old: Revision, new: Revision | None) -> tuple[str, ...]:
        """Return the files that differ, by their paths in the repository. Raises InputError."""
        options = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-relative", "--ignore-submodules=none")
        found = _git("diff", *options, old.commit, *([] if new is None else [new.commit]), "--", ":/")
        if found is None:
            raise InputError(f"cannot compare `{old.name}` with {'the files here' if new is None else f'`{new.name}`'}")
        return tuple(os.fsdecode(name) for name in found.split(b"\0") if name)

    @classmethod
    def here(cls) -> Repository:
        """Return the repository that the working folder is in. Raises InputError."""
        found = _git("rev-parse", "--show-prefix")
        if found is None:
            raise InputError(
                "--git: the working folder is not in a Git repository that git can read: change to your clone"
            )
        return cls(os.fsdecode(found).removesuffix("\n"))

    def inside(self, path: str) -> str:
        """Return a path relative to the working folder. Raises InputError for a path outside of the repository."""
        below = os.path.normpath(os.path.relpath(path))
        if Path(os.path.normpath(Path(self.prefix, below))).parts[:1] == (os.pardir,):
            raise InputError(f"--git: `{path}` is not in the repository that the working folder is in")
        return below

    def range_of(self, text: str) -> tuple[Revision, Revision | None]:
        """Return the old and the new revision that `REV`, `A..B` or `A...B` names. None means the files here.

        Raises InputError.
        """
        first, dots, second = text.partition("...")
        if not dots:
            first, dots, second = text.partition("..")
        if not dots:
            return revision_of(text), None
        old, new = revision_of(first or "HEAD"), revision_of(second or "HEAD")
        if dots == "..":
            return old, new
        base = _git("merge-base", old.commit, new.commit)
        if base is None:
            raise InputError(f"--git: `{text}`: these two have no common ancestor here: fetch more of the history")
        return Revision(f"the merge base of {old.name} and {new.name}", base.decode("ascii").split()[0]), new

    @contextmanager
    def laid_out(self, revision: Revision) -> Iterator[Laid]:
        """Yield the working folder as of a revision. It exists until the block ends. Raises InputError."""
        with _ended_in_order(), TemporaryDirectory(prefix="ecr-crossaccount-") as folder:
            root = Path(folder).resolve()
            try:
                left = _lay_out(revision, root)
                below = root / self.prefix
                below.mkdir(parents=True, exist_ok=True)
                (root / ".git").mkdir()  # the root of a repository, as it is here
            except OSError as error:
                raise InputError(f"cannot read the files of `{revision.name}`: {in_our_words(error)}") from None
            names = {path: os.path.relpath(path, self.prefix or os.curdir) for path in left}
            yield Laid(below, root, tuple(Skipped(names[path], why, absent=True) for path, why in left.items()))


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM end the block as an exception, so that its folder is removed."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_SIGNALLED + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _git(*arguments: str) -> bytes | None:
    """Return the output of git, or None if it fails. Raises InputError if git cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell: each argument reaches git unchanged
            ["git", *arguments],  # noqa: S607 - the user's own git, wherever it is
            capture_output=True,
            check=False,
            env=os.environ | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise InputError(f"--git: cannot run git: {in_our_words(error)}") from None
    return done.stdout if done.returncode == 0 else None


def revision_of(name: str) -> Revision:
    """Return a revision of the repository here by its name. Raises InputError."""
    found = None if "\0" in name else _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found is None:
        raise InputError(
            f"--git: `{name}` is not a revision here: expected a branch, a tag or a commit that is fetched"
        )
    return Revision(name, found.decode("ascii").strip())


def _lay_out(revision: Revision, root: Path) -> dict[str, str]:
    """Write the files of a revision. Return the paths that are left out, each with the reason."""
    entries = _limit_entries(_entries(revision), revision)
    left: dict[str, str] = {}
    links: dict[str, str] = {}
    with _running("cat-file", "--batch") as reader:
        for entry in entries:
            if entry.mode == _MODULE:
                left[entry.path] = f"a submodule, at {entry.blob}: its files are not compared"
                continue
            if entry.size is None:
                raise InputError(_absent(entry))
            if entry.size > LARGEST_FILE:
                raise InputError(f"cannot read `{entry.path}` of `{revision.name}`: larger than {LARGEST_FILE:,} bytes")
            path = root / _check_path(entry.path, revision)
            content = _content_of(entry, reader)
            if entry.mode == _LINK:
                links[entry.path] = os.fsdecode(content)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content)
    return left | dict(_link(links, root))


def _check_path(path: str, revision: Revision) -> str:
    """Return the path of an entry if it is below the repository. A commit's author controls the paths in its tree."""
    if any(name.lower() in _NO_NAMES for name in path.split("/")) or os.path.isabs(path):  # noqa: PTH117 - a name
        raise InputError(f"cannot read `{path}` of `{revision.name}`: no path below the repository")
    return path


def _link(links: Mapping[str, str], root: Path) -> Iterator[tuple[str, str]]:
    """Create the links after all files, so that no file is written through a link. Yield the links that lead outside.

    These are removed, because their targets are not part of the revision.
    """
    for name, target in links.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if target and "\0" not in target and len(target) <= _LONGEST_LINK:
            path.symlink_to(target)
    for name, target in links.items():
        path = root / name
        if not path.is_symlink() or not Path(os.path.realpath(path)).is_relative_to(root):
            path.unlink(missing_ok=True)
            yield name, f"a link that leads outside of the repository, to `{target}`"


def _entries(revision: Revision) -> Iterator[_Entry]:
    with _running("ls-tree", "-r", "-z", "-l", "--full-tree", revision.commit) as process:
        for line in _names(cast("IO[bytes]", process.stdout)):
            about, _, path = line.partition(b"\t")
            mode, _, blob, size = about.decode("ascii").split()
            yield _Entry(mode, blob, int(size) if size.isdecimal() else None, os.fsdecode(path))
        if process.wait() != 0:
            raise InputError(f"cannot list the files of `{revision.name}`: fetch more of the repository")


def _names(listed: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a listing, which end with a zero byte. A few objects of Git can list any number of files."""
    rest = b""
    while piece := listed.read(_PIECE):
        *lines, rest = (rest + piece).split(b"\0")
        yield from lines


def _limit_entries(entries: Iterable[_Entry], revision: Revision) -> list[_Entry]:
    """Return the entries. Raises InputError if they are too many or too large to be written."""
    found: list[_Entry] = []
    size = 0
    for entry in entries:
        found.append(entry)
        size += entry.size or 0
        if len(found) > MOST_FILES or size > MOST_BYTES:
            what = f"{MOST_FILES:,} files" if len(found) > MOST_FILES else f"{MOST_BYTES:,} bytes"
            raise InputError(
                f"`{revision.name}` has more than {what}: check it out with `git worktree add`, and compare two folders"
            )
    return found


def _content_of(entry: _Entry, reader: subprocess.Popen[bytes]) -> bytes:
    """Return the content of a file from `git cat-file`. Raises InputError if it is not in the repository here."""
    asked, told = cast("IO[bytes]", reader.stdin), cast("IO[bytes]", reader.stdout)
    asked.write(f"{entry.blob}\n".encode("ascii"))
    asked.flush()
    head = told.readline().split()
    if len(head) != 3 or head[1] != b"blob":  # noqa: PLR2004 - id, type, size
        raise InputError(_absent(entry))
    content = told.read(int(head[2]))
    told.read(1)
    return content


def _absent(entry: _Entry) -> str:
    return f"cannot read `{entry.path}`: its content is missing in the repository here: fetch it"


@contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603 - no shell: each argument reaches git unchanged
        ["git", *arguments],  # noqa: S607 - the user's own git, wherever it is
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | _ENVIRONMENT,
    )
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
