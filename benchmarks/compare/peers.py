"""The adapter of each contender for one policy. Only the standard library is imported before one is chosen."""

from __future__ import annotations

import importlib
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from ..contenders import custodian_configuration

Asked = Mapping[str, Any]
"""A question for `answer.py`: `policy`, the JSON text, `owner`, and the repository's `circumstances`."""

Finding = str | None
"""A contender's objection to a policy in its own words, or None."""

One = Callable[[Asked], Finding]
Many = Callable[[Sequence[Asked]], list[Finding]]

REGION = "us-east-1"
LINTED = range(0, 16, 2)
"""The exit statuses of cfn-lint after a complete run. Each level of findings has a bit."""
_UNREAD = "E00"
"""The prefix of the cfn-lint rules which say that a template or a rule could not be processed."""


def ours() -> One:
    """Return an adapter of `judge` with a register that trusts no one."""
    judge = _judge()

    def ask(asked: Asked) -> Finding:
        verdict = judge(asked)
        told = [grant.reason for grant in verdict.grants] or [doubt.reason for doubt in verdict.undecided]
        told += [str(problem) for problem in verdict.invalid]
        return "; ".join(told) or None

    return ask


def ours_public() -> One:
    """Return an adapter of the same verdict's answer to whether the policy is public."""
    judge = _judge()
    return lambda asked: next((grant.reason for grant in judge(asked).grants if grant.public), None)


def _judge() -> Callable[[Asked], Any]:
    engine = importlib.import_module("ecr_crossaccount")
    nobody = engine.Trust.nobody()

    def judge(asked: Asked) -> Any:  # noqa: ANN401 - a Verdict of the engine that is compared
        told = dict(asked["circumstances"])
        origin = engine.Origin(told.pop("origin", "proposed"))
        return engine.judge(asked["policy"], engine.Repository(asked["owner"], **told), nobody, origin)

    return judge


def custodian() -> One:
    """Return an adapter of the filter `cross-account`'s checker, with the owner and its organization whitelisted."""
    logging.getLogger("custodian.iamaccess").setLevel(logging.CRITICAL)
    checker = importlib.import_module("c7n.filters.iamaccess").PolicyChecker

    def ask(asked: Asked) -> Finding:
        organization = asked["circumstances"].get("organization")
        configuration = custodian_configuration({asked["owner"]}, {organization} - {None})
        return _words(checker(configuration).check(asked["policy"]))

    return ask


def policyuniverse_accounts() -> One:
    """Return an adapter that reports whether it names anyone besides the owner as allowed."""
    logging.getLogger("policyuniverse").setLevel(logging.CRITICAL)
    parse = importlib.import_module("policyuniverse.policy").Policy

    def ask(asked: Asked) -> Finding:
        allowed = {entry.value for entry in parse(json.loads(asked["policy"])).whos_allowed()}
        return _words(sorted(one for one in allowed if asked["owner"] not in one))

    return ask


def policyuniverse_public() -> One:
    """Return an adapter of `is_internet_accessible`."""
    logging.getLogger("policyuniverse").setLevel(logging.CRITICAL)
    parse = importlib.import_module("policyuniverse.policy").Policy
    return lambda asked: _yes(parse(json.loads(asked["policy"])).is_internet_accessible())


def cloudsplaining() -> One:
    """Return an adapter that reports the actions it calls open to the internet, for a resource policy."""
    document = importlib.import_module("cloudsplaining.scan.resource_policy_document").ResourcePolicyDocument
    return lambda asked: _words(document(json.loads(asked["policy"])).internet_accessible_actions)


def prowler() -> One:
    """Return an adapter of the function that the check `ecr_repositories_not_publicly_accessible` calls."""
    is_public = importlib.import_module("prowler.providers.aws.services.iam.lib.policy").is_policy_public
    return lambda asked: _yes(is_public(json.loads(asked["policy"]), asked["owner"]))


def checkov(asked: Sequence[Asked]) -> list[Finding]:
    """Run `checkov --check CKV_AWS_32` over templates of a hundred repositories each."""
    with _templates(asked) as folder:
        run = _called(
            [_beside("checkov"), "-d", folder, "--framework", "cloudformation", "--check", "CKV_AWS_32", "-o", "json"]
        )
        report = json.loads(run.stdout)
        results = report["results"]
        told: dict[str, Finding] = {_resource(one): None for one in results["passed_checks"]}
        told |= {_resource(one): f"{one['check_id']}: {one['check_name']}" for one in results["failed_checks"]}
        return _by_number(told, len(asked))


def cfn_lint(asked: Sequence[Asked]) -> list[Finding]:
    """Run `cfn-lint` over the same templates, with all its rules."""
    with _templates(asked) as folder:
        run = _called([_beside("cfn-lint"), "--regions", REGION, "--format", "json", f"{folder}/*.json"])
        if run.returncode not in LINTED:
            raise RuntimeError(f"cfn-lint ended with status {run.returncode}: {run.stderr[-1000:]}")
        told: dict[str, Finding] = {f"R{number}": None for number in range(len(asked))}
        for one in json.loads(run.stdout):
            path = one["Location"]["Path"] or []
            if one["Rule"]["Id"].startswith(_UNREAD):
                raise RuntimeError(f"cfn-lint has not looked at everything in {one['Filename']}: {one['Message']}")
            if len(path) > 1:
                told[path[1]] = f"{one['Rule']['Id']}: {one['Message']}"
        return _by_number(told, len(asked))


ONE: dict[str, Callable[[], One]] = {
    "ours": ours,
    "ours-public": ours_public,
    "c7n": custodian,
    "policyuniverse": policyuniverse_accounts,
    "policyuniverse-public": policyuniverse_public,
    "cloudsplaining": cloudsplaining,
    "prowler": prowler,
}
MANY: Mapping[str, Many] = {"checkov": checkov, "cfn-lint": cfn_lint}

_PER_TEMPLATE = 100


@contextmanager
def _templates(asked: Sequence[Asked]) -> Iterator[str]:
    """Create a folder of CloudFormation templates with a repository for each question, named `R0` onwards."""
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(asked), _PER_TEMPLATE):
            resources = {
                f"R{start + place}": {
                    "Type": "AWS::ECR::Repository",
                    "Properties": {"RepositoryPolicyText": json.loads(one["policy"])},
                }
                for place, one in enumerate(asked[start : start + _PER_TEMPLATE])
            }
            template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
            Path(folder, f"template-{start:05}.json").write_text(
                json.dumps(template, ensure_ascii=False), encoding="utf-8"
            )
        yield folder


def _called(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _beside(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _resource(result: Mapping[str, Any]) -> str:
    return str(result["resource"]).rpartition(".")[2]


def _by_number(told: Mapping[str, Finding], count: int) -> list[Finding]:
    """Return the findings by number. Raises KeyError if a contender does not report a repository."""
    return [told[f"R{number}"] for number in range(count)]


def _words(found: Any) -> Finding:  # noqa: ANN401 - whatever a contender answers
    return json.dumps(found, default=str) if found else None


def _yes(found: object) -> Finding:
    return "public" if found else None


def quietly(ask: One, asked: Asked) -> Finding:
    """Return the answer, and suppress what a contender prints."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return ask(asked)
