"""What is around policies: files that changed, settings of a report, the CDK's files, and policies in place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.sources.check.changed import Files, changed_files, relative
from ecr_crossaccount.sources.check.provenance import Loosened, Provenance, Register
from ecr_crossaccount.sources.check.rewrite import rewrite
from ecr_crossaccount.sources.files.included import (
    Environment,
    asset_of,
    environment_of,
    faults_of,
    included_by,
    uploaded_as,
)
from ecr_crossaccount.sources.files.marks import unread_scopes
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import FoundPolicy, FoundScope, Harvest, Unjudged

from tests.wording import sentence

# --- files that changed ---

DECIDING = "a.json a.tf b/c.yaml a.py md txt a.mdx license.py vendor/a.json a.sh .github/a.yml venv/a.json git/a"
PROSE = "a.md a.rst a.adoc a.txt a.png a.svg a.jpg a.jpeg a.gif a.pdf LICENSE .gitignore b/README.MD"
LEFT_OUT = ".git/a.json node_modules/a.json .venv/a.json __pycache__/a.json b/node_modules/c/a.json"


@pytest.mark.parametrize("name", f"{DECIDING} {PROSE} {LEFT_OUT}".split())
def test_which_files_may_decide_if_they_change(tmp_path: Path, name: str) -> None:
    states = []
    for folder in ("old", "new"):
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True)
        path.write_text(folder)
        (path.parent / "same.json").write_text("same")
        root = str(tmp_path / folder)
        states.append(Files(Harvest(), Context(), relative(root), root=root))
    old, new = states
    decides = frozenset({name}) if name in DECIDING.split() else frozenset()
    assert changed_files(old, new) == decides
    assert changed_files(old, old) == frozenset()
    (tmp_path / "old" / name).unlink()
    assert changed_files(old, new) == changed_files(new, old) == decides
    assert changed_files(old, Files(Harvest(), Context(), relative(""))) == frozenset()


@pytest.mark.parametrize(
    "name, unjudged, counts",
    [("a.json", False, False), ("a.json", True, True), ("a.tf", False, True), ("a.TF", False, True)],
)
def test_a_file_that_is_judged_completely_does_not_decide(
    tmp_path: Path, name: str, *, unjudged: bool, counts: bool
) -> None:
    for with_policy in (0, 1):
        states = []
        for number, folder in enumerate(("old", "new")):
            root = tmp_path / str(with_policy) / folder
            root.mkdir(parents=True)
            (root / name).write_text(folder)
            file = str(root / name)
            policies = (FoundPolicy(Place(file, 1, 1), "x", Kind.REPOSITORY, None),) if number == with_policy else ()
            left = (Unjudged(file, 1, 1, "x", "x"),) if unjudged and number == with_policy else ()
            states.append(Files(Harvest(policies, unjudged=left), Context(), relative(str(root)), root=str(root)))
        assert changed_files(*states) == (frozenset({name}) if counts else frozenset())


# --- the settings of a report ---


def setting(
    name: str, value: object, source: str = "s.yaml", line: int | None = None, *, in_file: bool = True
) -> Loosened:
    return Loosened(name, value, source, line, in_file)


SETTINGS: list[tuple[tuple[Loosened, ...], str]] = [
    ((), ""),
    ((setting("a", "x", in_file=False),), ""),
    ((setting("a", "x"),), "s.yaml sets a `x`"),
    ((setting("a", 1, line=3),), "s.yaml sets a `1` (line 3)"),
    ((setting("a", ["x", 1, "z"]),), "s.yaml sets a `x, 1, z`"),
    ((setting("a", ["w", "x", "y", "z"]),), "s.yaml sets a `w, x, y and 1 more`"),
    ((setting("a", {"x": 1, "y": 2}),), "s.yaml sets a `x: 1, y: 2`"),
    ((setting("a", "x"), setting("b", "y", "t.yaml")), "s.yaml sets a `x`; t.yaml sets b `y`"),
    ((setting("a", "x"), setting("b", "y", in_file=False), setting("c", "z")), "s.yaml sets a `x`, c `z`"),
    (tuple(setting("a", 1) for _ in range(12)), f"s.yaml sets {', '.join(['a `1`'] * 12)}"),
    (tuple(setting("a", 1) for _ in range(13)), f"s.yaml sets {', '.join(['a `1`'] * 12)} and 1 more"),
]


@pytest.mark.parametrize("settings, text", SETTINGS, ids=range(len(SETTINGS)))
def test_the_settings_beside_the_code_in_words(settings: tuple[Loosened, ...], text: str) -> None:
    assert Provenance(settings).beside_the_code == text


def test_the_settings_in_json() -> None:
    register = {"file": "r.yaml", "sha256": "00", "entries": 2}
    found = Provenance((setting("a", ["x"], line=3),), Register("r.yaml", "00", 2)).to_json()
    assert found == {"settings": [{"name": "a", "value": ["x"], "source": "s.yaml", "line": 3}], "register": register}
    assert Provenance().to_json() == {"settings": [], "register": None}


# --- a policy in its place ---

WANTED = {"Version": "2012-10-17", "Statement": [{"Sid": "é", "Effect": "Deny", "Action": " ".join(["ecr:x"] * 15)}]}
BLOCK = "a:\n  b:\n    Version: x\n    Statement: y\nc: d\n"


def test_a_block_keeps_the_order_and_the_letters_of_the_policy() -> None:
    fix = rewrite(BLOCK, Place("f", 3, 5), {"Version": "x", "Statement": "y"}, WANTED)
    assert fix is not None
    assert (fix.end_line, fix.end_column) == (4, 17)
    assert [line.strip().partition(":")[0] for line in fix.text.splitlines()] == [
        *("Version", "Statement", "- Sid", "Effect", "Action"),
    ]
    assert fix.text.splitlines()[1:] == [
        *("    Statement:", "    - Sid: é", "      Effect: Deny", f"      Action: {WANTED['Statement'][0]['Action']}")  # type: ignore[index]
    ]


@pytest.mark.parametrize(
    "text, at, indent",
    [
        ('{"a": {"b": "x"}}', (1, 7), "  "),
        ('{\n   "a": {"b": "x"}}', (2, 9), "   "),
        ('{\n\t"a": {"b": "x"}}', (2, 7), "\t"),
        ('  {"a": {"b": "x"}}', (1, 9), "  "),
    ],
)
def test_json_is_indented_as_its_file(text: str, at: tuple[int, int], indent: str) -> None:
    fix = rewrite(text, Place("f", *at), {"b": "x"}, {"é": "y"})
    assert fix is not None
    line = text.splitlines()[at[0] - 1]
    outer = line[: len(line) - len(line.lstrip())]
    assert fix.text == f'{{\n{outer}{indent}"é": "y"\n{outer}}}'


# --- the files of the CDK ---


def assembly(folder: Path, **stack: object) -> Path:
    artifact = {"properties": {"templateFile": "A.template.json", "parameters": {"P": "x", "Q": ["y"]}}, **stack}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"x": {"properties": {}}, "A": artifact}}))
    return folder


PLACES = {
    "aws://111122223333/eu-west-1": ("111122223333", "eu-west-1"),
    "aws://unknown-account/eu-west-1": (None, "eu-west-1"),
    "aws://1111222233334/eu-west-1": (None, "eu-west-1"),
    "aws://111122223333/unknown-region": ("111122223333", None),
    "aws://unknown-account/unknown-region": (None, None),
    "aws://111122223333": (None, None),
    "x": (None, None),
}


@pytest.mark.parametrize("environment", PLACES)
def test_the_environment_of_a_stack(tmp_path: Path, environment: str) -> None:
    folder = assembly(tmp_path, environment=environment)
    account, region = PLACES[environment]
    assert environment_of(str(folder / "A.template.json")) == Environment(account, region, {"P": "x"})
    for other in ("B.template.json", "A.json"):
        assert environment_of(str(folder / other)) == Environment()


@pytest.mark.parametrize(
    "stack",
    [{"properties": None}, {"properties": {}}, {"properties": {"templateFile": ["A"]}}, {"properties": {"x": "A"}}],
    ids=json.dumps,
)
def test_an_artifact_that_is_no_stack(tmp_path: Path, stack: dict[str, object]) -> None:
    folder = assembly(tmp_path, environment="aws://111122223333/eu-west-1", **stack)
    assert environment_of(str(folder / "A.template.json")) == Environment()
    assert list(faults_of(str(folder / "manifest.json"))) == []


def test_a_stack_without_its_environment_or_template(tmp_path: Path) -> None:
    folder = assembly(tmp_path, environment=["x"])
    assert environment_of(str(folder / "A.template.json")) == Environment(parameters={"P": "x"})
    again = sentence("cdk.template_template_json")
    assert list(faults_of(str(folder / "manifest.json"))) == [again]
    assert list(faults_of(str(folder / "other.json"))) == []
    (folder / "A.template.json").write_text("{}")
    assert list(faults_of(str(folder / "manifest.json"))) == []


@pytest.mark.parametrize("beside, count", [("A.template.json", 1), ("A.json", 0)])
def test_a_manifest_that_is_damaged(tmp_path: Path, beside: str, count: int) -> None:
    (tmp_path / "manifest.json").write_text("{")
    (tmp_path / beside).write_text("{}")
    faults = list(faults_of(str(tmp_path / "manifest.json")))
    said = sentence("cdk.not_known_account_stacks")
    assert [one.endswith(said) for one in faults] == [True] * count


UPLOADS = {
    "both": ({"source": {"path": "a.json"}, "destinations": {"x": {"objectKey": "p/k.json"}}}, True),
    "no source": ({"destinations": {"x": {"objectKey": "k.json"}}}, False),
    "no path": ({"source": {}, "destinations": {"x": {"objectKey": "k.json"}}}, False),
    "an empty path": ({"source": {"path": ""}, "destinations": {"x": {"objectKey": "k.json"}}}, False),
    "no destination": ({"source": {"path": "a.json"}}, False),
    "no key": ({"source": {"path": "a.json"}, "destinations": {"x": {}}}, False),
    "an empty key": ({"source": {"path": "a.json"}, "destinations": {"x": {"objectKey": ""}}}, False),
    "another key": ({"source": {"path": "a.json"}, "destinations": {"x": {"objectKey": "l.json"}}}, False),
    "the second key": (
        {"source": {"path": "a.json"}, "destinations": {"x": {"objectKey": "l.json"}, "y": {"objectKey": "k.json"}}},
        True,
    ),
}


@pytest.mark.parametrize("case", UPLOADS)
def test_the_file_that_is_uploaded_for_a_template(tmp_path: Path, case: str) -> None:
    file, is_found = UPLOADS[case]
    (tmp_path / "A.assets.json").write_text(json.dumps({"files": {"x": file}}))
    stack = str(tmp_path / "A.template.json")
    assert uploaded_as(stack, "https://b/k.json") == (str(tmp_path / "a.json") if is_found else None)
    assert uploaded_as(str(tmp_path / "A.json"), "https://b/k.json") is None
    assert uploaded_as(str(tmp_path / "B.template.json"), "https://b/k.json") is None


ASSETS = {
    **dict.fromkeys(("asset.abcd", "asset.abcd/x/y.json", "asset.0123.template.json", f"asset.{'a' * 64}"), True),
    **dict.fromkeys(
        ("asset.abc", "asset.abcg", f"asset.{'a' * 65}", "x.asset.abcd", "asset.abcdx", "assets.abcd"), False
    ),
}


@pytest.mark.parametrize("name", ASSETS)
@pytest.mark.parametrize("sign, counts", [("manifest.json", True), ("cdk.out", True), ("x.json", False)])
def test_an_asset_is_in_an_assembly(tmp_path: Path, name: str, sign: str, *, counts: bool) -> None:
    (tmp_path / sign).write_text("{}")
    asset = str(tmp_path / name.partition("/")[0])
    assert asset_of(str(tmp_path / name)) == (asset if counts and ASSETS[name] else None)
    assert (asset_of(str(tmp_path / "cdk.out" / name)) is not None) is (ASSETS[name])


# --- the scope of registry policies ---

SETTING = "REGISTRY_POLICY_SCOPE"
SCOPES: list[tuple[str, int, bool]] = [
    (f"put-account-setting {SETTING}", 0, True),
    (f"put-account-setting {SETTING}", 1, False),
    (f"put-account-setting {SETTING}\n" * 2, 1, True),
    (f"put-account-setting {SETTING} {SETTING}", 1, False),
    ("put-account-setting", 0, False),
    (SETTING, 0, False),
    *((f"{one} {SETTING}", 0, True) for one in ("PutAccountSetting", "put_account_setting", "AccountSetting")),
    *((f"{one} {SETTING}", 0, True) for one in ("Write-ECRAccountSetting", "aws:ecr:AccountSetting")),
    *((f"{one} {SETTING}", 0, False) for one in ("get-account-setting", "getAccountSetting", "get_account_setting")),
    *(
        (f"{one} {SETTING}", 0, False)
        for one in ("Get-ECRAccountSetting", "aws_ecr_account_setting", "account.setting")
    ),
    *((f"{one} put-account-setting {SETTING}", 0, False) for one in ("#", "//", "  #", "\t//")),
    (f"x # put-account-setting {SETTING}", 0, True),
]


@pytest.mark.parametrize("text, read, left", SCOPES, ids=range(len(SCOPES)))
def test_settings_of_the_scope_that_are_not_read(text: str, read: int, *, left: bool) -> None:
    scopes = [FoundScope("V2", may_not_run=True)] * read + [FoundScope("V2")]
    found = unread_scopes(text, scopes)
    assert [(one.value, one.may_not_run, one.location is not None) for one in found] == [(None, True, True)] * left


# --- files that are included and not here ---

GONE: list[tuple[str, str]] = [
    *(("kustomization.yaml", f"{name}: [x.yaml, y.yaml, x.yaml]") for name in ("resources", "bases", "components")),
    *(("kustomization.yaml", f"{name}: [x.yaml, y.yaml]") for name in ("crds", "generators", "transformers")),
    ("kustomization.yaml", 'patchesStrategicMerge: [x.yaml, y.yaml, "a: b\\nc: d"]'),
    *(("kustomization.yaml", f"{name}: [{{path: x.yaml}}, {{path: y.yaml}}]") for name in ("patches", "replacements")),
    ("kustomization.yaml", "patchesJson6902: [{path: x.yaml}, {path: y.yaml}, {patch: z}, {path: [z]}]"),
    *(("p.yml", f"- {name}: x.yaml\n- {name}: {{file: y.yaml}}") for name in ("import_tasks", "a.b.include_tasks")),
    ("p.yml", "- include: x.yaml a=b\n- import_playbook: y.yaml"),
    *(("p.yml", f"- {name}: {{name: x.yaml}}\n- {name}: {{role: y.yaml}}") for name in ("import_role", "include_role")),
    ("p.yml", "- roles: [x.yaml, {role: y.yaml}, {other: z}, [z]]"),
]


@pytest.mark.parametrize("name, text", GONE, ids=range(len(GONE)))
def test_each_file_that_is_included_and_not_here(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = included_by([str(tmp_path / name)])
    assert [(one.file, one.reason, one.absent) for one in found.missing] == [
        (str(tmp_path / name), sentence("included.includes_not_here_check_well", one=one), True)
        for one in ("x.yaml", "y.yaml")
    ]
