"""The places of a settings file, and its errors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.settings import files

from tests.cli.conftest import OWNER, SAFE, Run, Spawn
from tests.cli.settings.conftest import Put
from tests.wording import sentence

TOML = f'[tool.ecr-crossaccount]\naccount = "{OWNER}"\n'
YAML = f"account: '{OWNER}'\n"


def file_of(run: Run, *words: str) -> object:
    """Return the file of settings that a run reads."""
    done = run(*words, "config", "show", "--format", "json")
    assert done.status == 0, done.err
    return done.json["file"]


def complaint(run: Run, *words: str) -> str:
    """Return the error of the settings, without the program's name. Nothing may have been done."""
    done = run(*words, "config", "show")
    assert (done.status, done.out) == (3, "")
    return "\n".join(line.removeprefix("ecr-crossaccount: ") for line in done.err.splitlines())


@pytest.mark.parametrize("name", [*files.NAMES, files.PROJECT])
@pytest.mark.parametrize("below", [".", "infra", "infra/prod/eu"])
def test_it_is_found_upwards(name: str, below: str, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(name, TOML if name.endswith("toml") else YAML)
    policy = put(f"{below}/policy.json", SAFE)
    monkeypatch.chdir(policy.parent)
    assert file_of(run) == "../" * len(Path(below).parts) + name
    assert run("judge", "policy.json").status == 0


def test_the_nearest_one_holds_alone(run: Run, put: Put, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("ecr-crossaccount.yaml", "fail-on: HIGH\n")
    put("infra/pyproject.toml", TOML)
    monkeypatch.chdir(folder / "infra")
    done = run("config", "show", "--format", "json")
    held = {one["name"]: one["origin"] for one in done.json["settings"]}
    assert done.json["file"] == "pyproject.toml"
    assert (held["account"], held["fail-on"]) == ("file", "default")


def test_none_is_looked_for_above_the_root_of_the_repository(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ecr-crossaccount.yaml").write_text(YAML)
    assert file_of(run) is None
    monkeypatch.chdir(folder / ".git")
    (folder / ".git").rename(folder / "other")
    assert file_of(run) == "../../ecr-crossaccount.yaml", "outside of any repository, all folders above count"


def test_outside_a_repository_another_users_file_above_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ecr-crossaccount.yaml").write_text(YAML)
    os.chown(tmp_path / "ecr-crossaccount.yaml", 12345, 12345)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert complaint(run).startswith(sentence("files.settings_ecr_crossaccount"))
    monkeypatch.chdir(tmp_path)
    assert file_of(run) == "ecr-crossaccount.yaml"


def test_a_project_without_the_section_is_passed_over(
    run: Run, put: Put, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("ecr-crossaccount.yml", YAML)
    put("app/pyproject.toml", '[project]\nname = "x"\ndependencies = ["ecr-crossaccount"]\n')
    monkeypatch.chdir(folder / "app")
    assert file_of(run) == "../ecr-crossaccount.yml"


def test_a_broken_project_that_is_not_about_us_is_passed_over(run: Run, put: Put) -> None:
    put("pyproject.toml", "[tool.black\nline-length = ")
    assert file_of(run) is None


@pytest.mark.parametrize("other", ["ecr-crossaccount.yml", "pyproject.toml"])
def test_two_in_one_folder_are_an_error(other: str, run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", YAML)
    put(other, TOML if other.endswith("toml") else YAML)
    assert complaint(run) == sentence("files.ecr_crossaccount_yaml", other=other)
    assert file_of(run, "--config", other) == other


def test_a_link_is_followed(run: Run, put: Put, folder: Path) -> None:
    put("shared/settings.yaml", "trust: register.yaml\n")
    (folder / "ecr-crossaccount.yaml").symlink_to("shared/settings.yaml")
    done = run("config", "show", "--format", "json", "check", ".")
    assert done.json["file"] == "ecr-crossaccount.yaml"
    assert "register.yaml" in [one["value"] for one in done.json["settings"]], "from where the link stands"


@pytest.mark.parametrize("name", [*files.NAMES, files.PROJECT])
def test_a_link_to_nowhere_a_folder_and_a_pipe_are_errors(name: str, run: Run, folder: Path) -> None:
    path = folder / name
    path.symlink_to("nowhere")
    assert complaint(run).startswith(sentence("files.cannot_read_settings", name=name))
    path.unlink()
    path.mkdir()
    assert complaint(run).startswith(sentence("files.cannot_read_settings_directory", name=name))
    path.rmdir()
    os.mkfifo(path)
    assert complaint(run).startswith(sentence("files.cannot_read_settings_neither", name=name))
    assert file_of(run, "--no-config") is None


def test_a_working_folder_that_is_gone_is_an_error(spawn: Spawn, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    policy = tmp_path / "policy.json"
    policy.write_text('{"Version": "2012-10-17", "Statement": []}')
    before = Path.cwd()
    os.chdir(gone)
    gone.rmdir()
    try:
        done = spawn("judge", "--owner", OWNER, str(policy))
        without = spawn("--no-config", "judge", "--owner", OWNER, str(policy))
    finally:
        os.chdir(before)
    assert done.returncode == 3
    assert sentence("files.cannot_look_settings").encode() in done.stderr
    assert without.returncode == 0


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join(f'*{name}' for _ in range(9))}]\n"
    for name, after in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A few lines that expand to 9^9 values."""

WRONG = {
    "an unknown key": ("fail_on: HIGH\n", "FILE:1: the setting `fail_on` is unknown: did you mean `fail-on`?"),
    "a key like none": ("x: 1\n", "FILE:1: the setting `x` is unknown: expected one of account, "),
    "a wrong word": (
        "\nfail-on: hgih\n",
        sentence("settings.file_fail_hgih"),
    ),
    "a wrong type": ("trust: [a]\n", sentence("settings.file_trust_list")),
    "a short account": ("account: '12'\n", sentence("judge.file_account_not_account")),
    "an empty text": ("trust: ''\n", sentence("settings.file_trust_expected")),
    "null": ("trust:\n", sentence("settings.file_trust_none")),
    "standard input": ("trust: '-'\n", sentence("settings.file_trust_standard")),
    "a text for a truth": ("strict: 'yes'\n", sentence("trust_entries.file_strict_yes")),
    "a member": (
        "accounts:\n  infra: '111122223333'\n  lab: '1'\n",
        sentence("judge.file_accounts_lab"),
    ),
    "a list's member": (
        "region:\n  - eu-west-1\n  - Europe\n",
        sentence("options.file_region_europe"),
    ),
    "an empty list": ("exclude: []\n", sentence("settings.file_exclude_list")),
    "a pattern": ("exclude: ['!x']\n", sentence("context.file_exclude_not_pattern")),
    "a name twice": ("fail-on: LOW\nfail-on: HIGH\n", "FILE:2:1: `fail-on` appears twice"),
    "a list": ("- account\n", sentence("files.file_list_expected")),
    "two documents": ("a: 1\n---\nb: 1\n", sentence("yaml_events.file_second_document")),
    "no YAML": ("a: [\n", "FILE:2:1: not YAML: "),
    "a tag": ("trust: !!python/name:os.system x\n", "FILE:1:8: a tag, `tag:yaml.org,2002:python/name:os.system`"),
    "an alias bomb": (
        BOMB,
        sentence("yaml_events.more_than_values"),
    ),
    "a binary": ("\x00\x01", sentence("files.cannot_read_settings_binary")),
    "a parameter": (
        "parameters: {A: [1]}\n",
        sentence("settings.parameters_list_expected"),
    ),
    "an escape sequence": ('"\\x1b[31mx": 1\n', "FILE:1: the setting `\\x1b[31mx` is unknown"),
}


@pytest.mark.parametrize("text, reason", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_place(text: str, reason: str, run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", text)
    assert reason.replace("FILE", "ecr-crossaccount.yaml") in complaint(run)
    for command in (["judge", "x.json"], ["check", "."], ["audit"], ["trust", "lint"]):
        done = run(*command)
        assert (done.status, done.out) == (3, ""), "never ignored in silence"


def test_all_that_is_wrong_is_said_at_once(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("ecr-crossaccount.yaml", "fail-on: x\nstrict: 1\nnone: 1\n")
    monkeypatch.setenv("ECR_CROSSACCOUNT_ACCOUNT", "x")
    assert len(complaint(run).splitlines()) == 4


def test_a_file_that_is_too_large_or_no_text_is_an_error(run: Run, folder: Path) -> None:
    (folder / "ecr-crossaccount.yaml").write_bytes(b"#" * (files.LARGEST + 1))
    assert complaint(run).startswith(sentence("files.cannot_read_settings_ecr"))
    (folder / "ecr-crossaccount.yaml").write_bytes(b"trust: \xff\xff\n")
    assert complaint(run).startswith(sentence("files.cannot_read_settings_utf"))


@pytest.mark.parametrize(
    "text, reason",
    [
        pytest.param("[tool.ecr-crossaccount", sentence("files.cannot_read_settings_pyproject"), id="cut off"),
        pytest.param(
            '[project]\nname = "x"\n\n[tool.ecr-crossaccount]\nfail-on = "LOW"\ntrust = 1\n',
            "pyproject.toml:6: trust: `1` is not text",
            id="a wrong type",
        ),
        pytest.param(
            "[tool.ecr-crossaccount]\naccount = 111122223333\n",
            "pyproject.toml:2: account: `111122223333` is not text: expected 12 digits, in quotes",
            id="an account without quotes",
        ),
        pytest.param(
            '[tool.ecr-crossaccount.accounts]\ninfra = "1"\n',
            sentence("judge.pyproject_toml_accounts"),
            id="in a table of the section",
        ),
        pytest.param(
            "[tool]\necr-crossaccount = 1\n", "pyproject.toml: tool.ecr-crossaccount: `1`: expected", id="no section"
        ),
        pytest.param(
            "[tool.ecr-crossaccount]\ntrust = 2026-01-01\n",
            "pyproject.toml:2: trust: `datetime.date(2026, 1, 1)`",
            id="a date",
        ),
        pytest.param(
            "[tool.ecr-crossaccount]\nexpiring = 1" + "0" * 5_000,
            "not TOML: exceeds the limit",
            id="a number without end",
        ),
        pytest.param(
            "[tool.ecr-crossaccount]\nx = " + "[" * 100_000, "not TOML: nested too deeply", id="nested without end"
        ),
    ],
)
def test_what_is_wrong_in_a_project_is_said_with_its_place(text: str, reason: str, run: Run, put: Put) -> None:
    put("pyproject.toml", text)
    assert reason in complaint(run)


@pytest.mark.parametrize("place", ["before", "after", "with an equals sign", "by the environment"])
def test_a_file_can_be_pinned(place: str, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("ecr-crossaccount.yaml", "account: broken\n")
    put("ci/pinned.yaml", f"account: '{OWNER}'\ntrust: register.yaml\n")
    put("ci/register.yaml", {"version": 1, "trust": []})
    put("policy.json", SAFE)
    if place == "by the environment":
        monkeypatch.setenv("ECR_CROSSACCOUNT_CONFIG", "ci/pinned.yaml")
    words = {
        "before": ["--config", "ci/pinned.yaml", "judge", "policy.json"],
        "after": ["judge", "policy.json", "--config", "ci/pinned.yaml"],
        "with an equals sign": ["--config=ci/pinned.yaml", "judge", "policy.json"],
        "by the environment": ["judge", "policy.json"],
    }[place]
    done = run(*words)
    assert (done.status, done.err) == (0, "")


def test_a_pinned_file_must_be_there_and_set_something(run: Run, put: Put) -> None:
    assert complaint(run, "--config", "none.yaml").startswith(sentence("files.cannot_read_settings_none"))
    assert complaint(run, "--config", "").startswith("cannot read the settings ``: ")
    put("other.toml", "[project]\n")
    assert complaint(run, "--config", "other.toml") == sentence("files.other_toml_no_section")


def test_an_option_is_stronger_than_the_variables_that_pin(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.yaml", YAML)
    monkeypatch.setenv("ECR_CROSSACCOUNT_CONFIG", "a.yaml")
    assert file_of(run) == "a.yaml"
    assert file_of(run, "--no-config") is None
    monkeypatch.setenv("ECR_CROSSACCOUNT_CONFIG", "")
    monkeypatch.setenv("ECR_CROSSACCOUNT_NO_CONFIG", "true")
    assert file_of(run) is None
    assert file_of(run, "--config", "a.yaml") == "a.yaml"
    assert "exclude each other" in complaint(run, "--config", "a.yaml", "--no-config")
    monkeypatch.setenv("ECR_CROSSACCOUNT_NO_CONFIG", "perhaps")
    assert complaint(run) == sentence("trust_entries.ecr_crossaccount_no_config")


def test_no_file_is_read_for_help_and_version(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", "broken: [")
    assert run("--version").status == 0
    assert run("check", "--help").status == 0
    assert run("completion", "bash").status == 0
    assert run("config", "schema").status == 0
