"""A check of a repository that the policy of its registry opens or closes: the place, the statement and the grantee."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.cli.conftest import OWNER, Run, Write
from tests.wording import sentence

PARTNER = "222233334444"
CHECK = ("check", "--account", OWNER, "--region", "eu-west-1", "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2")
REGISTRY = f"""Resources:
  Registry:
    Type: AWS::ECR::RegistryPolicy
    Properties:
      PolicyText:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Deny, Principal: "*", Action: "ecr:PutImage", Resource: "*"}}
          - Sid: Partner
            Effect: Allow
            Principal: {{AWS: "{PARTNER}"}}
            Action: ecr:BatchGetImage
            Resource: "*"
"""
REPOSITORY = """Resources:
  Base:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: "333344445555"}, Action: "ecr:BatchGetImage"}
"""
DENY = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
ALLOW = {"Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": "ecr:ReplicateImage", "Resource": "*"}


@pytest.fixture
def infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a registry's policy and a repository. The command runs there."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "registry.yaml").write_text(REGISTRY)
    (folder / "base.yaml").write_text(REPOSITORY)
    return folder


def policy(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def printed(found: dict[str, object], owner: str = OWNER) -> dict[str, object]:
    """Return the output of `aws ecr get-registry-policy`."""
    return {"registryId": owner, "policyText": json.dumps(found)}


@pytest.mark.usefixtures("infra")
class TestWhereItStands:
    def test_in_json_each_grant_says_by_which_document_and_where(self, run: Run) -> None:
        found = {one["resource"]: one for one in run(*CHECK, "--format", "json", "infra").json["policies"]}
        base = found["Base"]
        assert (base["file"], base["line"]) == ("infra/base.yaml", 8), "the worst statement of the repository's own"
        by = {one["grantee"]: one for one in base["grants"]}
        place = {"file": "infra/registry.yaml", "line": 9, "column": 13, "resource": "Registry"}
        assert (by[PARTNER]["document"], by[PARTNER]["statement"], by[PARTNER]["place"]) == ("registry", 1, place)
        assert by["333344445555"]["document"] == "repository"
        assert "place" not in by["333344445555"]

    def test_in_text_the_statement_is_shown_and_what_to_change(self, run: Run) -> None:
        out = " ".join(run(*CHECK, "infra").out.split())
        assert sentence("reasons.infra_base_yaml") in out
        assert "- Sid: Partner" in out
        assert "only a Deny closes it" in out

    @pytest.mark.parametrize("form", ["lines", "github", "gitlab", "markdown", "junit"])
    def test_each_format_names_the_statement_of_the_registry(self, run: Run, form: str) -> None:
        out = run(*CHECK, "--format", form, "infra").out
        assert sentence("reasons.statement_registry_policy") in out

    def test_sarif_has_it_as_a_related_location(self, run: Run) -> None:
        results = run(*CHECK, "--format", "sarif", "infra").json["runs"][0]["results"]
        (theirs,) = (one for one in results if "relatedLocations" in one)
        region = theirs["relatedLocations"][0]["physicalLocation"]
        assert (region["artifactLocation"]["uri"], region["region"]["startLine"]) == ("infra/registry.yaml", 9)
        assert theirs["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "infra/base.yaml"
        assert (theirs["properties"]["document"], theirs["properties"]["statement"]) == ("registry", 1)
        assert "fixes" not in theirs

    def test_a_spreadsheet_has_a_column_for_it(self, run: Run) -> None:
        rows = csv.DictReader(io.StringIO(run(*CHECK, "--format", "csv", "infra").out))
        assert [(one["resource"], one["document"], one["statement"], one["grantee"]) for one in rows] == [
            ("Base", "repository", "0", "333344445555"),
            ("Base", "registry", "1", PARTNER),
            ("Registry", "registry", "1", PARTNER),
        ]

    def test_junit_fails_the_repository_too(self, run: Run) -> None:
        suite = ET.fromstring(run(*CHECK, "--format", "junit", "infra").out)
        assert suite.attrib["failures"] == "2"

    def test_hostile_names_stay_harmless(self, run: Run, infra: Path) -> None:
        (infra / "registry.yaml").write_text(REGISTRY.replace("  Registry:", '  "R\\e[2J":'))
        for form in ("text", "lines", "github", "gitlab", "markdown", "sarif", "csv", "junit"):
            assert "\u001b" not in run(*CHECK, "--format", form, "infra").out


class TestWhatIsKnown:
    def test_a_fingerprint_stays_while_lines_move_and_tells_the_documents_apart(self, run: Run, infra: Path) -> None:
        (infra / "base.yaml").write_text(REPOSITORY.replace("333344445555", PARTNER))

        def prints() -> list[str]:
            results = run(*CHECK, "--format", "sarif", "infra").json["runs"][0]["results"]
            return [one["partialFingerprints"]["ecrCrossaccount/v1"] for one in results]

        before = prints()
        (infra / "registry.yaml").write_text("# a line\n" + REGISTRY)
        assert prints() == before
        assert len(set(before)) == 3

    def test_a_baseline_of_the_own_grant_does_not_cover_that_of_the_registry(self, run: Run, infra: Path) -> None:
        (infra / "base.yaml").write_text(REPOSITORY.replace("333344445555", PARTNER))
        (infra / "registry.yaml").rename(infra / "later")
        alone = infra.parent / "alone.json"
        alone.write_text(run("check", "--account", OWNER, "--format", "json", "infra").out)
        (infra / "later").write_text(REGISTRY.replace("Sid: Partner\n            Effect", "Effect"))
        (infra / "later").rename(infra / "registry.yaml")
        both = infra.parent / "both.json"
        both.write_text(run(*CHECK, "--format", "json", "infra").out)
        assert run(*CHECK, "--baseline", str(alone), "infra/base.yaml", "infra/registry.yaml").status == 1
        assert run(*CHECK, "--baseline", str(both), "infra").status == 0

    def test_a_statement_in_another_file_than_its_resource_is_known(self, run: Run, infra: Path) -> None:
        (infra / "data.tf").write_text(
            'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["ecr:PutImage"]\n    principals {\n'
            f'      type        = "AWS"\n      identifiers = ["{PARTNER}"]\n    }}\n  }}\n}}\n'
        )
        (infra / "main.tf").write_text(
            'resource "aws_ecr_repository_policy" "a" {\n  repository = "a"\n'
            "  policy     = data.aws_iam_policy_document.d.json\n}\n"
        )
        known = infra.parent / "known.json"
        known.write_text(run(*CHECK, "--format", "json", "infra").out)
        assert run(*CHECK, "--baseline", str(known), "infra").status == 0

    def test_more_by_another_registry_policy_is_new(self, run: Run, infra: Path) -> None:
        known = infra.parent / "known.json"
        known.write_text(run(*CHECK, "--format", "json", "infra").out)
        more = REGISTRY.replace("  Registry:", "  More:").replace(
            "BatchGetImage", '["ecr:BatchGetImage", "ecr:TagResource"]'
        )
        (infra / "more.yaml").write_text(more.replace("ecr:[", "["))
        log = run(*CHECK, "--baseline", str(known), "--format", "sarif", "infra").json
        new = [one for one in log["runs"][0]["results"] if one["baselineState"] == "new"]
        assert ["undecided" for one in new if one["message"]["text"].startswith("Base:")] == ["undecided"]


class TestSuppressions:
    ORDER = "# ecr-crossaccount: ignore until 2030-01-01: the partner mirrors our images"

    def test_one_beside_the_statement_of_the_registry_covers_its_repositories(self, run: Run, infra: Path) -> None:
        (infra / "registry.yaml").write_text(REGISTRY.replace("- Sid: Partner", f"- Sid: Partner  {self.ORDER}"))
        (infra / "base.yaml").write_text("Resources:\n  Base: {Type: AWS::ECR::Repository}\n")
        done = run(*CHECK, "infra")
        assert (done.status, done.out.count("SUPPRESSED")) == (0, 2)

    def test_one_of_the_whole_registry_policy_as_well(self, run: Run, infra: Path) -> None:
        (infra / "registry.yaml").write_text(REGISTRY.replace("  Registry:", f"  Registry:  {self.ORDER}"))
        (infra / "base.yaml").write_text("Resources:\n  Base: {Type: AWS::ECR::Repository}\n")
        assert run(*CHECK, "infra").status == 0

    def test_one_of_a_statement_of_the_repository_covers_none_of_the_registry(self, run: Run, infra: Path) -> None:
        own = REPOSITORY.replace('"ecr:BatchGetImage"}', f'"ecr:BatchGetImage"}}  {self.ORDER}')
        (infra / "base.yaml").write_text(own)
        registry = REGISTRY.replace(
            '{Effect: Deny, Principal: "*", Action: "ecr:PutImage"',
            f'{{Effect: Allow, Principal: {{AWS: "{PARTNER}"}}, Action: "ecr:PutImage"',
        )
        (infra / "registry.yaml").write_text(registry)
        done = run(*CHECK, "--format", "lines", "infra")
        assert done.status == 1
        assert sentence("reasons.base_yaml_critical") in done.out

    def test_one_of_the_repository_covers_what_the_registry_opens_in_it(self, run: Run, infra: Path) -> None:
        (infra / "base.yaml").write_text(f"Resources:\n  Base: {{Type: AWS::ECR::Repository}}  {self.ORDER}\n")
        done = run(*CHECK, "--format", "lines", "infra")
        (told,) = (one for one in done.out.splitlines() if ": Base: " in one)
        assert "(suppressed until 2030-01-01: the partner mirrors our images)" in told
        assert "account-read: Registry: " in done.out

    def test_one_that_is_needed_for_the_registry_alone_is_not_called_needless(self, run: Run, infra: Path) -> None:
        (infra / "base.yaml").write_text(f"Resources:\n  Base: {{Type: AWS::ECR::Repository}}  {self.ORDER}\n")
        (base, _) = run(*CHECK, "--format", "json", "infra").json["policies"]
        assert not any("need not be" in one for one in base["notes"])


class TestThePolicyThatIsDeployed:
    """`--registry-policy FILE`."""

    @pytest.fixture
    def base(self, infra: Path) -> str:
        (infra / "registry.yaml").unlink()
        return "infra"

    @pytest.mark.parametrize("form", [policy, lambda one: printed(policy(one))], ids=["bare", "printed"])
    def test_it_opens_and_closes(
        self, run: Run, write: Write, base: str, form: Callable[[object], dict[str, object]]
    ) -> None:
        opening, closing = write(form(ALLOW), "allow.json"), write(form(DENY), "deny.json")
        found = run(*CHECK, "--registry-policy", opening, "--format", "json", base).json["policies"]
        (grant,) = (one for one in found[0]["grants"] if one["document"] == "registry")
        assert (grant["grantee"], grant["place"]["file"]) == (PARTNER, opening)
        assert run(*CHECK, "--registry-policy", closing, base).status == 0

    @pytest.mark.usefixtures("infra")
    def test_it_is_replaced_by_one_that_the_files_certainly_deploy(self, run: Run, write: Write) -> None:
        done = run(*CHECK, "--registry-policy", write(policy(DENY), "deny.json"), "--format", "json", "infra")
        assert (done.status, len(done.json["policies"][0]["grants"])) == (1, 2)
        assert "--registry-policy changes nothing" in done.err

    @pytest.mark.usefixtures("infra")
    def test_beside_one_that_perhaps_replaces_it_either_counts(self, run: Run, write: Write) -> None:
        given = ("--registry-policy", write(policy(DENY), "deny.json"), "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2")
        done = run("check", "--account", OWNER, *given, "--format", "json", "infra")
        base = done.json["policies"][0]
        assert (base["grants"], len(base["undecided"])) == ([], 2)
        assert "give --region" in base["undecided"][0]["reason"]

    @pytest.mark.parametrize("where", [{"--account": "444455556666"}, {"--region": "us-east-1"}])
    def test_it_counts_for_its_own_account_and_region_alone(
        self, run: Run, write: Write, base: str, where: dict[str, str]
    ) -> None:
        manifest = {
            "version": "36.0.0",
            "artifacts": {
                "A": {
                    "type": "aws:cloudformation:stack",
                    "environment": f"aws://{OWNER}/eu-west-1",
                    "properties": {"templateFile": "A.template.json"},
                }
            },
        }
        Path(base, "manifest.json").write_text(json.dumps(manifest))
        template = json.dumps(yaml.safe_load(Path(base, "base.yaml").read_text()))
        Path(base, "base.yaml").unlink()
        Path(base, "A.template.json").write_text(template)
        options = {"--account": OWNER, "--region": "eu-west-1", **where}
        given = [word for pair in options.items() for word in pair]
        file = write(policy(DENY), "deny.json")
        done = run("check", *given, "--registry-policy", file, "--format", "json", base)
        (found,) = done.json["policies"]
        assert (done.status, len(found["grants"])) == (1, 1)
        assert any(sentence("registries.policy_registry_not_given") in one for one in found["notes"])

    def test_that_of_another_account_than_the_given_one_does_not_count(self, run: Run, write: Write, base: str) -> None:
        file = write(printed(policy(DENY), "444455556666"), "deny.json")
        assert run(*CHECK, "--registry-policy", file, base).status == 1

    def test_under_resource_control_policies_it_counts_too(self, run: Run, write: Write, base: str) -> None:
        rcp = write(policy({**DENY, "Action": "ecr:BatchGetImage"}), "rcp.json")
        given = ("--registry-policy", write(policy({**ALLOW, "Action": "ecr:ListImages"}), "allow.json"), "--rcp", rcp)
        (found,) = run(*CHECK, *given, "--format", "json", base).json["policies"]
        assert [one["document"] for one in found["under_rcp"]["grants"]] == ["registry"]
        assert "place" in found["under_rcp"]["grants"][0]

    @pytest.mark.parametrize(
        "content, says",
        [
            ("", "expected"),
            ("{", "not JSON"),
            ("{}\n---\n{}", "not one document"),
            ({"registryId": "1", "policyText": "{}"}, "is not an account"),
            ({**printed(policy(ALLOW)), "repositoryName": "base"}, "it is of a repository"),
            ({"Resources": {}}, "expected a policy"),
            (None, "no such file"),
        ],
    )
    def test_what_is_none_is_refused(self, run: Run, write: Write, base: str, content: object, says: str) -> None:
        file = "missing.json" if content is None else write(content, "registry.json")
        done = run(*CHECK, "--registry-policy", file, base)
        assert done.status == 3
        assert says in done.err

    def test_without_an_account_it_is_of_the_account_of_the_deployment(self, run: Run, write: Write, base: str) -> None:
        scope = ("ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2",)
        assert run("check", "--registry-policy", write(policy(DENY), "deny.json"), *scope, base).status == 0
        printed_one = write(printed(policy(DENY)), "printed.json")
        assert run("check", "--registry-policy", printed_one, *scope, base).status == 2


def test_many_forms_together_leave_the_registry_policy_unknown(run: Run, infra: Path) -> None:
    names = [f"P{number}" for number in range(4)]
    parameters = "\n".join(f"  {name}: {{Type: String, AllowedValues: ['1', '2']}}" for name in names)
    conditions = "\n".join(f"  C{name}: !Equals [!Ref {name}, '1']" for name in names)
    head = f"Parameters:\n{parameters}\nConditions:\n{conditions}\n"
    picks = ", ".join(f'!If [C{name}, "{OWNER}", "11111111111{number}"]' for number, name in enumerate(names))
    registry = REGISTRY.replace(f'{{AWS: "{PARTNER}"}}', f"{{AWS: [{picks}]}}")
    own = REPOSITORY.replace('{AWS: "333344445555"}', f"{{AWS: [{picks}]}}").removeprefix("Resources:\n")
    (infra / "registry.yaml").write_text(head + registry)
    (infra / "base.yaml").write_text(head + "Resources:\n" + own)
    base = run(*CHECK, "--format", "json", "infra").json["policies"][0]
    assert any("too many forms" in one["reason"] for one in base["undecided"])


def test_of_too_many_registry_policies_nobody_knows_which_counts(run: Run, infra: Path) -> None:
    for number in range(9):
        (infra / f"r{number}.yaml").write_text(REGISTRY.replace("Registry:", f"R{number}:"))
    base = run(*CHECK, "--format", "json", "infra").json["policies"][0]
    assert any("10 registry policies may be" in one["reason"] for one in base["undecided"])


@pytest.mark.parametrize("beside, is_known", [("registry/repository.tf", True), ("repository/main.tf", False)])
def test_a_registry_policy_is_that_of_the_repositories_that_are_deployed_with_it(
    run: Run,
    tmp_path: Path,
    beside: str,
    is_known: bool,  # noqa: FBT001
) -> None:
    """If no Region is given, one configuration has a single Region, and two configurations may have two."""
    shut = json.dumps(policy(DENY | {"Action": "ecr:BatchGetImage"}))
    own = json.dumps(policy({"Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": "ecr:BatchGetImage"}))
    for name in ("registry", "repository"):
        (tmp_path / name).mkdir()
    (tmp_path / "registry" / "main.tf").write_text(
        f'resource "aws_ecr_registry_policy" "this" {{\n  policy = {json.dumps(shut)}\n}}\n'
    )
    (tmp_path / beside).write_text(
        f'resource "aws_ecr_repository_policy" "this" {{\n  repository = "base"\n  policy = {json.dumps(own)}\n}}\n'
    )
    done = run("check", "--account", OWNER, "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2", "--format", "json", str(tmp_path))
    (found,) = [one for one in done.json["policies"] if one["resource"] == "aws_ecr_repository_policy.this"]
    assert not found["external"]
    assert bool(found["undecided"]) is not is_known
