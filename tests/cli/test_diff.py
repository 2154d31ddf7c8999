"""`diff`: what a change opens and closes, for files, folders and revisions, in every format, with any content."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.cli.check import OWNER_UNKNOWN

from tests.wording import sentence

from .conftest import NEIGHBOUR, OWNER, SAFE, UNDECIDED, Result, Run, Write

ACCOUNT = ("--account", OWNER)
OPENED, UNDECIDED_ONLY, BAD = 1, 2, 3


def allowing(*accounts: str, action: str = "ecr:BatchGetImage", **elements: object) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(accounts)}, "Action": action, **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


TWO = allowing("222233334444", "333344445555")


@pytest.fixture
def compare(run: Run, write: Write) -> Callable[..., Result]:
    """Compare two policies."""

    def compare(old: object, new: object, *argv: str) -> Result:
        return run("diff", *ACCOUNT, write(old, "old.json"), write(new, "new.json"), *argv)

    return compare


Compare = Callable[..., Result]

# --- two policies ---


def test_a_new_grant_is_told_with_a_request(compare: Compare) -> None:
    result = compare(NEIGHBOUR, TWO)
    assert result.status == OPENED
    assert "account 333344445555 gets READ" in result.out
    assert "witness   arn:aws:iam::333344445555:role/outsider may call ecr:BatchGetImage" in result.out
    assert sentence("comparison.no_statement_old_policy") in result.out
    assert "222233334444 gets" not in result.out
    assert result.out.endswith("1 resource: 1 opened\n")


def test_a_lost_grant_does_not_fail(compare: Compare) -> None:
    result = compare(TWO, NEIGHBOUR)
    assert result.status == 0
    assert "CLOSED" in result.out
    assert "333344445555" in result.out


def test_another_form_is_nothing(compare: Compare) -> None:
    other = copy.deepcopy(TWO)
    other["Statement"][0] |= {
        "Sid": "Renamed",
        "Principal": {"AWS": ["333344445555", "arn:aws:iam::222233334444:root"]},
    }
    result = compare(TWO, other)
    assert result.status == 0
    assert result.out.splitlines()[-1] == sentence("diff.resource_nothing_opened")


def test_undecided_is_never_nothing(compare: Compare) -> None:
    result = compare(SAFE, UNDECIDED)
    assert result.status == UNDECIDED_ONLY
    assert "perhaps opened" in result.out
    assert "aws:SomeKeyOfTomorrow" in result.out


def test_a_policy_that_cannot_be_read_is_said(compare: Compare) -> None:
    result = compare(NEIGHBOUR, "{")
    assert result.status == BAD
    assert "nothing is opened" not in result.out
    assert "new.json" in result.err


@pytest.mark.parametrize(
    "broken, status",
    [("", BAD), ("{", BAD), ("notes: 1", BAD), ("{}", UNDECIDED_ONLY), ('{"notes": 1}', UNDECIDED_ONLY)],
)
def test_what_may_stand_in_a_file_that_was_not_read_is_not_closed(
    run: Run, write: Write, tmp_path: Path, broken: str, status: int
) -> None:
    new = tmp_path / "new.json"
    new.write_text(broken, encoding="utf-8")
    result = run("diff", *ACCOUNT, write(TWO, "old.json"), str(new))
    assert result.status == status
    assert "CLOSED" not in result.out
    assert sentence("differences.perhaps_closed_new") in result.out.replace(str(new), "new.json")


def test_what_is_new_beside_a_file_that_was_not_read_stays_opened(run: Run, write: Write, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text("{}", encoding="utf-8")
    wide = allowing("222233334444", action="ecr:PutImage")
    result = run("diff", *ACCOUNT, "--fail-on", "CRITICAL", str(old), write(wide, "new.json"))
    assert (result.status, "OPENED" in result.out) == (OPENED, True)


def test_a_file_of_something_else_is_not_nothing(compare: Compare) -> None:
    result = compare(NEIGHBOUR, {"name": "package"})
    assert result.status == UNDECIDED_ONLY
    assert sentence("dispatch.neither_template_nor") in result.out


def test_trust_counts_for_both(compare: Compare, write: Write) -> None:
    register = write("version: 1\ntrust: [{account: '333344445555'}]\n", "trust.yaml")
    assert compare(NEIGHBOUR, TWO, "--trust", register).status == 0


@pytest.mark.parametrize(
    "least, status", [("LOW", OPENED), ("MEDIUM", OPENED), ("HIGH", 0), ("CRITICAL", 0), ("change", OPENED)]
)
def test_what_fails(compare: Compare, least: str, status: int) -> None:
    assert compare(NEIGHBOUR, TWO, "--fail-on", least).status == status


def test_what_is_closed_fails_if_it_is_to(compare: Compare) -> None:
    assert compare(TWO, NEIGHBOUR, "--fail-on", "change").status == OPENED
    assert compare(UNDECIDED, SAFE, "--fail-on", "change").status == UNDECIDED_ONLY


def test_one_may_be_standard_input(run: Run, write: Write) -> None:
    result = run("diff", *ACCOUNT, "-", write(TWO), stdin=json.dumps(NEIGHBOUR))
    assert result.status == OPENED


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param([], "expected two paths, OLD and NEW", id="none"),
        pytest.param(["old.json"], "expected two paths, OLD and NEW", id="one"),
        pytest.param(["-", "-"], sentence("diff.only_one_old"), id="standard input twice"),
        pytest.param([".", "nowhere"], "cannot be compared", id="a folder and a file"),
        pytest.param(["nowhere", "neither"], "nowhere", id="no such files"),
        pytest.param(["a", "b", "--fail-on", "worse"], "`WORSE` is unknown", id="no severity"),
    ],
)
def test_bad_usage(run: Run, argv: list[str], complaint: str) -> None:
    result = run("diff", *ACCOUNT, *argv)
    assert result.status == BAD
    assert complaint in result.err


def test_a_file_that_is_missing_is_named_once_a_line(run: Run, write: Write) -> None:
    result = run("diff", *ACCOUNT, "nowhere.json", write(TWO))
    assert result.err.splitlines() == ["ecr-crossaccount: nowhere.json: no such file or directory"]
    comment = run("diff", *ACCOUNT, "--format", "markdown", "nowhere.json", write(TWO)).out
    assert comment.count("nowhere&#46;json</code>: <code>no such file or directory") == 1


def test_without_an_owner_what_any_owner_opens_is_a_change(run: Run, write: Write) -> None:
    result = run("diff", write(NEIGHBOUR, "old.json"), write(TWO, "new.json"))
    assert result.status == 2
    assert result.err == f"ecr-crossaccount: {OWNER_UNKNOWN}\n"
    assert run("diff", write(NEIGHBOUR, "old.json"), write(NEIGHBOUR, "new.json")).status == 0


# --- folders ---

TEMPLATE = """
Resources:
  {name}:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryName: {repository}
      RepositoryPolicyText: {policy}
"""


def template(policy: object, name: str = "Base", repository: str = "base/python") -> str:
    return TEMPLATE.format(name=name, repository=repository, policy=json.dumps(policy))


@pytest.fixture
def folders(tmp_path: Path, run: Run) -> Callable[..., Result]:
    """Compare two folders, each given as its files."""

    def folders(old: dict[str, str], new: dict[str, str], *argv: str) -> Result:
        for folder, files in (("old", old), ("new", new)):
            (tmp_path / folder).mkdir()
            for name, text in files.items():
                (tmp_path / folder / name).write_text(text, encoding="utf-8")
        return run("diff", *ACCOUNT, str(tmp_path / "old"), str(tmp_path / "new"), *argv)

    return folders


Folders = Callable[..., Result]


def test_the_same_resource_in_the_same_file(folders: Folders) -> None:
    result = folders({"a.yaml": template(NEIGHBOUR)}, {"a.yaml": "# moved down\n" + template(TWO)})
    assert result.status == OPENED
    assert "Base (repository), changed" in result.out
    assert "new/a.yaml:8" in result.out


def test_a_resource_in_another_file_is_the_same_repository(folders: Folders) -> None:
    result = folders({"a.yaml": template(NEIGHBOUR)}, {"b.yaml": template(TWO, name="Renamed")})
    assert "Renamed (repository), changed" in result.out
    assert "it was Base in" in result.out
    assert result.out.count("OPENED") == 1


@pytest.mark.parametrize(
    "action, parameters",
    [
        ("setRepositoryPolicy", {"repositoryName": "base", "policyText": json.dumps(NEIGHBOUR)}),
        ("createRepositoryCreationTemplate", {"prefix": "base", "repositoryPolicy": json.dumps(NEIGHBOUR)}),
        ("updateRepositoryCreationTemplate", {"prefix": "base", "repositoryPolicy": json.dumps(NEIGHBOUR)}),
        (
            "createPullThroughCacheRule",
            {
                "ecrRepositoryPrefix": "base",
                "upstreamRegistryUrl": "222233334444.dkr.ecr.eu-west-1.amazonaws.com",
            },
        ),
    ],
)
def test_what_a_custom_resource_sets_is_known_by_its_name(
    folders: Folders, action: str, parameters: dict[str, str]
) -> None:
    call = json.dumps({"service": "ECR", "action": action, "parameters": parameters})

    def resources(name: str) -> str:
        return json.dumps({"Resources": {name: {"Type": "Custom::AWS", "Properties": {"Create": call}}}})

    result = folders({"a.json": resources("Base")}, {"b.json": resources("Renamed")})
    assert result.status == 0
    assert "Base" not in result.out.replace("it was Base", "")
    assert result.out.splitlines()[-1] == sentence("diff.resource_nothing_opened")


def test_which_of_two_it_was_cannot_be_told(folders: Folders) -> None:
    new = {"b.yaml": template(NEIGHBOUR, name="Other"), "c.yaml": template(NEIGHBOUR, name="Another")}
    result = folders({"a.yaml": template(NEIGHBOUR)}, new, "--format", "json")
    assert [one["state"] for one in result.json["resources"]] == ["added", "added", "removed"]


def test_an_added_resource_opens_all_that_it_lets_in(folders: Folders) -> None:
    result = folders({}, {"a.yaml": template(NEIGHBOUR)})
    assert result.status == OPENED
    assert "Base (repository), added" in result.out


def test_a_removed_resource_closes(folders: Folders) -> None:
    result = folders({"a.yaml": template(NEIGHBOUR)}, {})
    assert result.status == 0
    assert "Base (repository), removed" in result.out
    assert "CLOSED" in result.out


def test_another_repository_of_the_same_resource_is_noted(folders: Folders) -> None:
    result = folders({"a.yaml": template(TWO)}, {"a.yaml": template(NEIGHBOUR, repository="base/node")})
    assert sentence("differences.repository_called_base_python") in result.out


def test_nothing_of_ecr_is_not_nothing_opened(folders: Folders) -> None:
    result = folders({}, {}, "--format", "markdown")
    assert "nothing was compared" in result.out
    assert sentence("diff.note_no_ecr_policy") in result.err
    assert "it is not certain" in result.out


def test_what_is_found_and_not_judged_is_undecided_unless_it_stays(folders: Folders, tmp_path: Path, run: Run) -> None:
    script = 'aws ecr set-repository-policy --repository-name a --policy-text "$(make-policy)"\n'
    result = folders({"a.sh": script}, {"a.sh": script + "# changed\n"})
    if "unjudged" not in result.out:
        assert result.status in (UNDECIDED_ONLY, OPENED), result.out
        return
    assert result.status == UNDECIDED_ONLY
    (tmp_path / "old" / "a.sh").write_text(script + "# changed\n", encoding="utf-8")
    assert run("diff", *ACCOUNT, str(tmp_path / "old"), str(tmp_path / "new")).status == 0


def test_a_condition_of_the_template_is_compared_case_by_case(folders: Folders) -> None:
    text = """
Parameters: {{Env: {{Type: String, AllowedValues: [dev, prod]}}}}
Conditions: {{IsProd: !Equals [!Ref Env, prod]}}
Resources:
  Base:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Action: "ecr:BatchGetImage", Principal: {{AWS: !If [IsProd, "222233334444", "{other}"]}}}}
"""
    result = folders({"a.yaml": text.format(other="111122223333")}, {"a.yaml": text.format(other="333344445555")})
    assert result.status == UNDECIDED_ONLY
    assert "333344445555" in result.out
    assert "account 222233334444 gets" not in result.out


def test_what_rests_on_a_default_is_noted(folders: Folders) -> None:
    text = """
Parameters: {{Partner: {{Type: String, Default: "111122223333"}}}}
Resources:
  Base:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Action: "ecr:{action}", Principal: {{AWS: !Ref Partner}}}}
"""
    result = folders({"a.yaml": text.format(action="ListImages")}, {"a.yaml": text.format(action="PutImage")})
    assert result.status == 0
    (note,) = (line for line in result.out.splitlines() if "assumes the default" in line)
    assert sentence("findings.assumes_default_parameter") in note


def test_a_comment_has_the_notes(folders: Folders) -> None:
    result = folders({"a.yaml": template(NEIGHBOUR)}, {"b.yaml": template(NEIGHBOUR)}, "--format", "markdown")
    assert "**Notes:**" in result.out
    assert "it was Base in" in result.out


def test_a_default_that_did_not_change_is_not_noted(folders: Folders) -> None:
    text = template(NEIGHBOUR).replace('"222233334444"', "!Ref Partner")
    text = 'Parameters: {Partner: {Type: String, Default: "111122223333"}}\n' + text
    assert "assumes" not in folders({"a.yaml": text}, {"a.yaml": "# moved\n" + text}).out


# --- formats ---


def test_json_has_every_resource(compare: Compare) -> None:
    answer = compare(NEIGHBOUR, TWO, "--format", "json").json
    (resource,) = answer["resources"]
    assert set(answer) == {"old", "new", "notes", "resources", "errors", "unjudged", "settings", "register"}
    assert set(resource) == {
        "resource", "kind", "state", "old", "new", "opened", "closed", "undecided", "invalid", "trusted", "notes"
    }  # fmt: skip
    assert resource["opened"][0]["witness"]["principal"] == "arn:aws:iam::333344445555:role/outsider"
    assert resource["opened"][0]["otherwise"] == sentence("comparison.no_statement_old_policy")


def test_markdown_leads_with_the_answer(compare: Compare) -> None:
    lines = compare(NEIGHBOUR, TWO, "--format", "markdown").out.splitlines()
    assert lines[0] == "<!-- ecr-crossaccount diff -->"
    assert lines[1] == sentence("markdown.ecr_access_outside_change")
    assert "only closes" in compare(TWO, NEIGHBOUR, "--format", "markdown").out
    assert "opens and closes nothing" in compare(TWO, TWO, "--format", "markdown").out
    assert "it is not certain" in compare(SAFE, UNDECIDED, "--format", "markdown").out
    assert "**Not read:**" in compare(SAFE, "{", "--format", "markdown").out


def test_a_comment_is_never_too_long(compare: Compare) -> None:
    many = {
        f"R{n}": allowing(f"{n:012}", action="ecr:PutImage", Sid="S" * 90 + str(n),
                          Condition={"StringLike": {"aws:PrincipalArn": "*" + "/a" * 150}})
        for n in range(200, 340)
    }  # fmt: skip
    old, new = (
        {"Resources": {name: {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": one}}
                       for name, one in state.items()}}
        for state in (dict.fromkeys(many, SAFE), many)
    )  # fmt: skip
    out = compare(old, new, "--format", "markdown").out
    assert len(out) < 65_536
    assert "more." in out


HOSTILE = "|`</details>\x1b[31m@team [x](http://a) \u202e"


def test_hostile_names_mean_nothing(compare: Compare) -> None:
    new = allowing("333344445555", Sid=HOSTILE)
    for form in ("text", "markdown"):
        out = compare(SAFE, new, "--format", form).out
        assert "\x1b" not in out
        assert "\u202e" not in out
    comment = compare(SAFE, new, "--format", "markdown").out
    outside = comment.split("```")[::2]
    assert not any("@team" in part or "[x](" in part for part in outside)


def test_a_form_may_go_to_a_file(compare: Compare, tmp_path: Path) -> None:
    for form in ("text", "json", "markdown"):
        result = compare(NEIGHBOUR, TWO, "--format", f"{form}={tmp_path / form}")
        assert result.status == OPENED
        assert "333344445555" in (tmp_path / form).read_text("utf-8")


# --- revisions ---


def git(folder: Path, *argv: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "protocol.file.allow=always", *argv],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a Git repository with a template in `infra/`, and change into it."""
    folder = tmp_path / "repository"
    (folder / "infra").mkdir(parents=True)
    (folder / "infra" / "a.yaml").write_text(template(NEIGHBOUR), encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    monkeypatch.chdir(folder)
    return folder


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "more")
    return git(folder, "rev-parse", "HEAD")


def change(folder: Path, policy: object = TWO) -> None:
    (folder / "infra" / "a.yaml").write_text(template(policy), encoding="utf-8")


def test_the_files_here_with_a_branch(repository: Path, run: Run) -> None:
    assert run("diff", *ACCOUNT, "--git", "main").status == 0
    change(repository)
    result = run("diff", *ACCOUNT, "--git", "main")
    assert result.status == OPENED
    assert result.out.startswith("from main to the files here\n")
    assert "infra/a.yaml:7" in result.out
    assert "ecr-crossaccount-" not in result.out, "no name of a temporary folder"


def test_two_revisions(repository: Path, run: Run) -> None:
    change(repository)
    commit(repository)
    change(repository, SAFE)
    assert run("diff", *ACCOUNT, "--git", "main~1..main").status == OPENED
    assert run("diff", *ACCOUNT, "--git", "main..main~1").status == 0
    assert run("diff", *ACCOUNT, "--git", "main..").status == 0


def test_what_a_branch_has_changed_since_it_left(repository: Path, run: Run) -> None:
    git(repository, "branch", "topic")
    change(repository, SAFE)
    commit(repository)
    assert run("diff", *ACCOUNT, "--git", "main..topic").status == OPENED
    since = run("diff", *ACCOUNT, "--git", "main...topic")
    assert (since.status, since.out.splitlines()[0]) == (0, sentence("revisions.merge_base_main"))


def test_some_paths_and_a_folder_below(repository: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    change(repository)
    (repository / "other").mkdir()
    assert run("diff", *ACCOUNT, "--git", "main", "infra").status == OPENED
    assert run("diff", *ACCOUNT, "--git", "main", "infra/a.yaml").status == OPENED
    assert run("diff", *ACCOUNT, "--git", "main", str(repository / "infra")).status == OPENED
    assert "nothing was compared" in run("diff", *ACCOUNT, "--git", "main", "other").out
    monkeypatch.chdir(repository / "infra")
    assert run("diff", *ACCOUNT, "--git", "main").status == OPENED
    assert run("diff", *ACCOUNT, "--git", "main", "a.yaml").status == OPENED


def test_a_file_that_is_new_or_gone(repository: Path, run: Run) -> None:
    (repository / "infra" / "a.yaml").rename(repository / "infra" / "b.yaml")
    assert run("diff", *ACCOUNT, "--git", "main").status == 0, "moved, and the same repository"
    gone = run("diff", *ACCOUNT, "--git", "main", "infra/a.yaml")
    assert (gone.status, "removed" in gone.out) == (0, True)
    new = run("diff", *ACCOUNT, "--git", "main", "infra/b.yaml")
    assert (new.status, "added" in new.out) == (OPENED, True)


@pytest.mark.parametrize(
    "revision", ["nowhere", "--help", "-h", "--output=x", "main\0", "main..nowhere", "$(touch x)", "main:infra", ""]
)
def test_what_is_no_revision(repository: Path, run: Run, revision: str) -> None:
    result = run("diff", *ACCOUNT, f"--git={revision}")
    assert result.status == BAD
    assert "is not a revision here" in result.err
    assert not (repository / "x").exists()


@pytest.mark.usefixtures("repository")
def test_paths_outside_or_nowhere(run: Run) -> None:
    for path in ("..", "../other", "/etc"):
        assert "is not in the repository" in run("diff", *ACCOUNT, "--git", "main", path).err
    assert "nothing to compare: `none`" in run("diff", *ACCOUNT, "--git", "main", "none").err


def test_outside_of_a_repository(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    result = run("diff", *ACCOUNT, "--git", "main")
    assert (result.status, "is not in a Git repository" in result.err) == (BAD, True)


def test_without_git(repository: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    result = run("diff", *ACCOUNT, "--git", "main")
    assert (result.status, "cannot run git" in result.err) == (BAD, True)


def test_attributes_hide_nothing(repository: Path, run: Run) -> None:
    """What `git archive` would leave out or replace is read as it was committed."""
    (repository / ".gitattributes").write_text("*.yaml export-ignore filter=x\n", encoding="utf-8")
    git(repository, "config", "filter.x.smudge", "touch smudged; cat")
    change(repository)
    git(repository, "-c", "filter.x.clean=cat", "add", "-A")
    git(repository, "commit", "-q", "-m", "hidden")
    assert run("diff", *ACCOUNT, "--git", "main~1..main").status == OPENED
    assert not (repository / "smudged").exists()


def test_what_is_not_judged_counts_where_its_file_differs_between_the_states(repository: Path, run: Run) -> None:
    held = [{"policy": TWO}, {"policy": NEIGHBOUR}]
    kept = repository / "infra" / "kept.json"
    kept.write_text(json.dumps({"held": held}), encoding="utf-8")
    commit(repository)
    assert run("diff", *ACCOUNT, "--git", "main").status == 0, "the same here"
    assert run("diff", *ACCOUNT, "--git", "main..main").status == 0
    kept.write_text(json.dumps({"held": held[::-1]}), encoding="utf-8")
    here = run("diff", *ACCOUNT, "--git", "main")
    commit(repository)
    between = run("diff", *ACCOUNT, "--git", "main~1..main")
    assert (here.status, between.status) == (UNDECIDED_ONLY, UNDECIDED_ONLY)
    told = [line for line in between.out.splitlines() if line.startswith("unjudged")]
    assert [line.partition("./infra")[0] for line in told] == ["unjudged  main~1: ", "unjudged  main: "]
    assert all(line.endswith(" (2 of these)") for line in told)
    assert between.out.endswith("4 found and not compared\n")
    comment = run("diff", *ACCOUNT, "--git", "main~1..main", "--format", "markdown").out
    assert comment.count("2 of these") == 2


def test_links_that_lead_outside_are_not_followed(repository: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(template(TWO), encoding="utf-8")
    (repository / "infra" / "inside.yaml").symlink_to("a.yaml")
    (repository / "infra" / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    (repository / "up").symlink_to("infra")
    (repository / "far").symlink_to("up/../../..")
    commit(repository)
    result = run("diff", *ACCOUNT, "--git", "main~1..main")
    assert result.status == UNDECIDED_ONLY
    assert sentence("revisions.leads_outside_repository") in result.out
    assert "333344445555" not in result.out
    assert run("diff", *ACCOUNT, "--git", "main..main").status == 0, "the same link in both"


def test_a_tree_that_leads_outside_is_refused(repository: Path, run: Run, tmp_path: Path) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"x")
    inner = bytes.fromhex(blob)
    tree = git(
        repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=b"100644 evil.yaml\0" + inner
    )
    outer = git(
        repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin",
        stdin=b"40000 ..\0" + bytes.fromhex(tree),
    )  # fmt: skip
    bad = git(repository, "commit-tree", outer, "-m", "evil")
    result = run("diff", *ACCOUNT, "--git", bad)
    assert result.status == BAD
    assert "no path below the repository" in result.err
    assert not list(tmp_path.parent.glob("**/evil.yaml"))


def test_a_submodule_is_said(repository: Path, run: Run) -> None:
    git(repository, "submodule", "--quiet", "add", str(repository), "module")
    commit(repository)
    result = run("diff", *ACCOUNT, "--git", "main~1..main")
    assert result.status == UNDECIDED_ONLY
    assert "a submodule" in result.out
    assert run("diff", *ACCOUNT, "--git", "main..main").status == 0


def test_content_that_is_not_here_is_said(repository: Path, run: Run) -> None:
    blob = git(repository, "rev-parse", "HEAD:infra/a.yaml")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    result = run("diff", *ACCOUNT, "--git", "main")
    assert (result.status, "fetch it" in result.err) == (BAD, True), result.err


def test_no_common_ancestor(repository: Path, run: Run) -> None:
    git(repository, "checkout", "-q", "--orphan", "alone")
    change(repository)
    commit(repository)
    result = run("diff", *ACCOUNT, "--git", "main...alone")
    assert (result.status, "no common ancestor" in result.err) == (BAD, True)


def test_each_state_is_judged_with_its_own_register(repository: Path, run: Run) -> None:
    (repository / "trust.yaml").write_text("version: 1\ntrust: [{account: '222233334444'}]\n", encoding="utf-8")
    commit(repository)
    (repository / "trust.yaml").write_text("version: 1\ntrust: [{account: '333344445555'}]\n", encoding="utf-8")
    change(repository)
    result = run("diff", *ACCOUNT, "--git", "main")
    assert result.status == OPENED
    assert sentence("diff.opened_trusted_changed") in result.out
    assert sentence("compare.register_trusts_account") in result.out
    assert sentence("diff.register_changed_now") in result.out


def test_a_register_that_is_new_says_what_it_covers(repository: Path, run: Run) -> None:
    (repository / "trust.yaml").write_text("version: 1\ntrust: [{account: '222233334444'}]\n", encoding="utf-8")
    result = run("diff", *ACCOUNT, "--git", "main")
    assert result.status == 0
    assert sentence("diff.trusted_changed_register") in result.out


def test_hostile_names_of_files(repository: Path, run: Run) -> None:
    for name in ("-rf.yaml", "new\nline.yaml", "a\tb.yaml", "\x1b[31m.yaml", "ünï.yaml"):
        (repository / name).write_text(template(NEIGHBOUR, repository=f"r{len(name)}"), encoding="utf-8")
    commit(repository)
    for name in ("-rf.yaml", "new\nline.yaml"):
        (repository / name).write_text(template(TWO, repository=f"r{len(name)}"), encoding="utf-8")
    result = run("diff", *ACCOUNT, "--git", "main")
    assert result.status == OPENED
    assert result.out.count("OPENED") == 2
    assert "\x1b" not in result.out


def test_variables_of_the_old_state_are_its_own(repository: Path, run: Run) -> None:
    text = (
        'variable "partner" {}\nresource "aws_ecr_repository_policy" "a" {\n  repository = "a"\n  policy = jsonencode('
        '{Version = "2012-10-17", Statement = [{Effect = "Allow", Principal = {AWS = var.partner}, '
        'Action = "ecr:BatchGetImage"}]})\n}\n'
    )
    (repository / "infra" / "main.tf").write_text(text, encoding="utf-8")
    (repository / "prod.tfvars").write_text('partner = "222233334444"\n', encoding="utf-8")
    commit(repository)
    (repository / "prod.tfvars").write_text('partner = "333344445555"\n', encoding="utf-8")
    result = run("diff", *ACCOUNT, "--git", "main", "--var-file", "prod.tfvars")
    assert result.status == OPENED
    assert "account 333344445555 gets READ" in result.out
    assert "account 222233334444 gets READ" in result.out, "which is closed"


def test_a_file_that_is_a_state_is_named_once(run: Run, write: Write) -> None:
    other = write({}, "other.json")
    result = run("diff", *ACCOUNT, "nowhere.json", other)
    assert result.err == "ecr-crossaccount: nowhere.json: no such file or directory\n"
    assert f"unjudged  {other}: neither a template" in result.out
