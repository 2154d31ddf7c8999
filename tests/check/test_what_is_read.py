"""The files of a folder that are read or reported, and how much of them is in memory at once."""

from __future__ import annotations

import errno
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context, Exclusion
from ecr_crossaccount.sources.found.found import Harvest

from tests.case_tables import OWNER
from tests.cli.conftest import Run
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture, for the tests here
from tests.wording import sentence

MEGABYTE = 1_048_576
OPEN = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}'


def found_in(folder: Path) -> Harvest:
    return harvest([str(folder)], Context(OWNER))


def skipped_in(folder: Path) -> list[tuple[str, str]]:
    found = found_in(folder)
    assert found.errors == ()
    return [(Path(one.file).name, one.reason) for one in found.skipped]


SETS = f"aws ecr set-repository-policy --repository-name base --policy-text '{OPEN}'\n"


@pytest.mark.parametrize(
    "first", ["#!/bin/sh", "#! /usr/bin/env bash", "#!/usr/bin/env -S LC_ALL=C zsh -e", "#!/opt/bin/dash", "#!ksh"]
)
def test_a_script_without_a_suffix_is_read_by_its_first_line(tmp_path: Path, first: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "deploy").write_text(f"{first}\n{SETS}")
    assert [(one.resource, one.at.line) for one in found_in(tmp_path).policies] == [("set-repository-policy base", 2)]


@pytest.mark.parametrize("name, first", [("deploy", "#!/usr/bin/env fish"), ("deploy", "#!/bin/pwsh"), ("d.fish", "")])
def test_a_command_in_a_script_of_another_shell_is_found_and_not_judged(tmp_path: Path, name: str, first: str) -> None:
    (tmp_path / name).write_text(f"{first}\n{SETS}")
    found = found_in(tmp_path)
    assert (found.policies, [one.line for one in found.unjudged]) == ((), [2])


@pytest.mark.parametrize("first", ["", "#", "# bash", "#!/usr/bin/perl", "#!/usr/bin/env", "#!", "#!/bin/bashful"])
def test_another_file_without_a_suffix_is_not_looked_at(tmp_path: Path, first: str) -> None:
    (tmp_path / "notes").write_text(f"{first}\n{SETS}")
    assert found_in(tmp_path) == Harvest()


def test_a_file_without_a_suffix_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert found_in(tmp_path) == Harvest()


def test_links_that_lead_nowhere_are_counted_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to("nowhere.json")
    assert skipped_in(tmp_path) == [("a.json", "a link that leads nowhere")]
    (tmp_path / "b.yaml").symlink_to("b.yaml")
    assert skipped_in(tmp_path) == [("a.json", sentence("dispatch.links_lead_nowhere"))]


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
STAND_INS = {
    "Git LFS": (POINTER, sentence("files.pointer_git_lfs")),
    "git-crypt": (b"\0GITCRYPT\0\x9a ecr: \xff\0", "encrypted by git-crypt: run `git-crypt unlock`"),
}


@pytest.mark.parametrize("data, said", STAND_INS.values(), ids=STAND_INS)
@pytest.mark.parametrize("name", ["policy.json", "template.yaml", "main.tf", "deploy.sh", "terragrunt.hcl"])
def test_what_stands_for_a_file_that_is_not_here_is_told(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    (found,) = found_in(tmp_path).skipped
    assert (Path(found.file).name, found.reason, found.absent) == (name, said, True)
    assert harvest([str(tmp_path / name)], Context(OWNER)).errors or not name.endswith(("json", "tf"))


def test_many_files_that_are_not_here_are_counted(tmp_path: Path) -> None:
    for name in ("a.json", "b.yaml"):
        (tmp_path / name).write_bytes(POINTER)
    (tmp_path / "c.json").write_text(OPEN)
    found = found_in(tmp_path)
    (told,) = found.skipped
    assert told.absent
    assert told.reason.startswith(sentence("dispatch.pointers_git_lfs"))
    assert len(found.policies) == 1


def test_a_green_result_of_files_that_are_not_here_is_none_with_strict(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_bytes(POINTER)
    (tmp_path / "other.json").write_text(OPEN.replace('"*"', f'{{"AWS": "{OWNER}"}}', 1))
    told = run("check", "--account", OWNER, "--no-trust", str(tmp_path))
    assert told.status == 0
    assert "1 not here" in told.err
    assert run("check", "--account", OWNER, "--no-trust", "--strict", str(tmp_path)).status == 2


def test_a_link_to_what_may_not_be_seen_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").symlink_to("closed/policy.json")
    stat, opened = os.stat, os.open

    def refused(path: str) -> str:
        if path.endswith("a.json"):  # root would see it anyway
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return path

    monkeypatch.setattr(os, "stat", lambda path, **how: stat(refused(str(path)), **how))
    monkeypatch.setattr(os, "open", lambda path, flags: opened(refused(path), flags))
    assert [one.reason for one in found_in(tmp_path).errors] == ["permission denied"]


def test_a_link_that_is_named_and_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    link = tmp_path / "a.json"
    link.symlink_to("nowhere.json")
    assert [one.reason for one in harvest([str(link)], Context(OWNER)).errors] == ["no such file or directory"]


@pytest.mark.parametrize(
    "data", ['{"Statement": "caf\xe9"'.encode("latin-1"), b"policy\0\1\2"], ids=["Latin-1", "binary"]
)
def test_what_is_no_text_and_does_not_mention_ecr_is_skipped(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.json").write_bytes(data)
    assert skipped_in(tmp_path) == [("x.json", sentence("found.could_not_read_does"))]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le", "utf-32-be"])
def test_what_is_no_text_and_mentions_ecr_is_an_error(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.json").write_bytes('{"Sid": "caf\xe9", "Action": "ecr:*"'.encode(encoding) + b"\xff")
    assert len(found_in(tmp_path).errors) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_policy_is_found_in_every_encoding_of_unicode(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.json").write_bytes(OPEN.encode(encoding))
    assert [one.resource for one in found_in(tmp_path).policies] == ["policy"]


def test_a_sign_is_seen_wherever_it_stands_in_a_file(tmp_path: Path) -> None:
    for end in range(MEGABYTE - 12, MEGABYTE + 2):
        (tmp_path / "x.json").write_text(" " * (end - len(OPEN)) + OPEN, "utf-8")
        assert len(found_in(tmp_path).policies) == 1, end


def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").touch(mode=0)
    opened = os.open

    def as_another_user(path: str, flags: int) -> int:
        if Path(path).name == "x.json":  # root would read it anyway
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, flags)

    monkeypatch.setattr("os.open", as_another_user)
    assert len(found_in(tmp_path).errors) == 1


def cannot_be_listed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make the folders with a name impossible to list, as for another user. root can list them otherwise."""
    for function in ("scandir", "listdir"):
        real = getattr(os, function)

        def as_another_user(path: str = ".", real: Callable[[str], object] = real) -> object:
            if Path(path).name == name:
                raise PermissionError(errno.EACCES, "Permission denied", path)
            return real(path)

        monkeypatch.setattr(os, function, as_another_user)


def test_a_folder_that_may_not_be_listed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text(OPEN, "utf-8")
    (tmp_path / "closed").mkdir()
    cannot_be_listed(monkeypatch, "closed")
    for named in (tmp_path, tmp_path / "closed"):
        found = harvest([str(named)], Context(OWNER))
        assert [(one.file, one.reason) for one in found.errors] == [(str(tmp_path / "closed"), "permission denied")]
    assert len(found_in(tmp_path).policies) == 1
    assert harvest([str(tmp_path)], Context(OWNER, exclude=(Exclusion.from_pattern("closed/"),))).errors == ()


def test_a_folder_inside_one_that_may_not_be_searched_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    cannot_be_listed(monkeypatch, "closed")
    stat = Path.stat

    def as_another_user(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", as_another_user)
    assert [Path(one.file).name for one in found_in(tmp_path).errors] == ["closed"]


def test_a_module_in_a_folder_that_may_not_be_listed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    main = tmp_path / "main.tf"
    main.write_text('module "ecr" {\n  source = "./closed"\n}\n', "utf-8")
    cannot_be_listed(monkeypatch, "closed")
    found = harvest([str(main)], Context(OWNER))
    assert [(Path(one.file).name, one.reason) for one in found.errors] == [("closed", "permission denied")]


def test_a_large_file_that_shows_no_sign_of_ecr_is_never_held_as_a_whole(tmp_path: Path) -> None:
    large = tmp_path / "x.json"
    large.write_bytes(b'{"name": "value", "more": [1, 2, 3]}\n' * 600_000)
    assert peak_of(tmp_path) < large.stat().st_size / 2


def test_a_file_beyond_the_largest_is_an_error_only_if_it_mentions_ecr(tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as stream:
        stream.truncate(65 * MEGABYTE)
    assert skipped_in(tmp_path) == []
    with (tmp_path / "x.json").open("ab") as stream:
        stream.write(b'"Action": "ecr:*"')
    (error,) = found_in(tmp_path).errors
    assert error.reason.startswith("larger than 64 MB")


def peak_of(folder: Path) -> int:
    """Return the largest memory use, in bytes, while a folder is read."""
    found_in(folder)  # imports and compiled patterns are not the folder's
    tracemalloc.start()
    try:
        found_in(folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("manifest", [b"\xe9", b"{", b'{"artifacts": {"s": '])
def test_a_manifest_of_the_cdk_that_cannot_be_read_is_an_error(tmp_path: Path, manifest: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(manifest)
    repository = '{"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": {"Statement": []}}}'
    (tmp_path / "Stack.template.json").write_text(f'{{"Resources": {{"Repo": {repository}}}}}')
    told = [one.reason for one in found_in(tmp_path).errors]
    assert [sentence("cdk.not_known_account_stacks_go") in reason for reason in told] == [True]


def test_a_template_that_cannot_be_read_exports_nothing(tmp_path: Path) -> None:
    (tmp_path / "exports.yaml").write_bytes(b"Outputs: {A: {Value: '\xe9', Export: {Name: AWS::}}}")
    statement = '{Effect: Allow, Principal: {AWS: !ImportValue shared}, Action: "ecr:*"}'
    repository = f"{{Type: AWS::ECR::Repository, Properties: {{RepositoryPolicyText: {{Statement: [{statement}]}}}}}}"
    (tmp_path / "importing.yaml").write_text(f"Resources: {{Repo: {repository}}}")
    assert [one.resource for one in found_in(tmp_path).policies] == ["Repo"]
