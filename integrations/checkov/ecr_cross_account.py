"""A Checkov check of who outside can do what to an ECR repository, answered by ecr-crossaccount.

Needs `pip install checkov ecr-crossaccount` in one environment. Checkov selects the files and resources. Our own
readers read the policies, so a resource gets the same verdict as from `ecr-crossaccount check`. Environment variables:
ECR_CROSSACCOUNT_ACCOUNT, _REGION, _ORGANIZATION, and _TRUST, the register's file.

Checkov logs an exception and continues without the check. So no exception may leave this file: a resource that cannot
be judged, for any reason, fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck as CloudFormationCheck
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck as TerraformCheck

ID = "CKV_ECRCROSSACCOUNT_1"
NAME = "Ensure nobody untrusted outside the account can reach the ECR repository"

try:
    from ecr_crossaccount.errors import InputError
    from ecr_crossaccount.products.cli.base.clock import today
    from ecr_crossaccount.products.cli.base.program import reason, visible
    from ecr_crossaccount.products.cli.register import trust_in
    from ecr_crossaccount.products.cli.settings.keys import only, settings_in
    from ecr_crossaccount.products.cli.settings.values import Base
    from ecr_crossaccount.sources.check.findings import Finding, Report, report_of
    from ecr_crossaccount.sources.check.results import results_in
    from ecr_crossaccount.sources.formats.dispatch import harvest
    from ecr_crossaccount.sources.found.context import Context
except Exception as error:  # noqa: BLE001 - otherwise Checkov would skip this check, and everything would pass
    # Checkov shows the name of a check with each result, but no details for CloudFormation.
    NAME = (
        f"Not judged: ecr-crossaccount cannot be loaded by Python {sys.version_info[0]}.{sys.version_info[1]} "
        f"({type(error).__name__}: {ascii(str(error))[1:-1]}); install it beside Checkov, on Python 3.11 or later"
    )
    LOADED = False
else:
    LOADED = True


@cache
def _context() -> Context:
    faults: list[str] = []
    said: dict[str, Any] = {one.key.name: one.value for one in settings_in(os.environ, Base("", ""), faults)}
    if faults:
        raise InputError(*faults)
    given = {name: said.get(name) for name in ("account", "organization")}
    region = only(said.get("region"))
    return Context(**given, region=region, trust=trust_in(said.get("trust")), today=today())


@cache
def _report(path: str) -> Report:
    """Judge everything under `path`, once. Modules and nested stacks are read with their callers."""
    return report_of(harvest([path], _context()), _context())


class _Judged:
    """The common part of both frameworks."""

    details: list[str]

    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> CheckResult:
        """Let Checkov prepare and call the check. Any error fails the resource."""
        if not LOADED:
            self.details = [NAME]
            return CheckResult.FAILED
        try:
            return super().scan_entity_conf(conf, entity_type)
        except InputError as error:
            self.details = [visible(problem) for problem in error.args]
        except Exception as error:  # noqa: BLE001 - see above
            self.details = [f"not judged, for an internal error: {reason(error)}"]
        return CheckResult.FAILED

    def answer(self, scanned_file: str, name: str) -> CheckResult:
        """Return the verdict on one resource, named like in `check`: a logical ID, or type and name."""
        self.details = [visible(one) for one in self._told(scanned_file, name)]
        return CheckResult.FAILED if self.details else CheckResult.PASSED

    def _told(self, scanned_file: str, name: str) -> Iterator[str]:
        """Yield the problems of a resource. Empty if no one outside has access."""
        file, root = _paths(scanned_file)
        report = _report(root)
        found = [one for one in report.findings if _is_about(one, file, name)]
        for finding in found:
            yield from (result.message for result in results_in(finding) if result.accepted is None)
        errors = [error for error in report.errors if os.path.realpath(error.file) == file]
        yield from (f"not judged: {error.reason}" for error in errors)
        if not found and not errors:
            yield f"not judged: ecr-crossaccount found no `{name}` in the file"


def _is_about(finding: Finding, file: str, name: str) -> bool:
    found = finding.found
    resource = found.resource.partition("[")[0]
    places = (found.at.file, *((found.resource_at.file,) if found.resource_at else ()))
    is_named = resource == name or resource.endswith((f".{name}", f"/{name}"))
    return is_named and file in map(os.path.realpath, places)


def _paths(scanned_file: str) -> tuple[str, str]:
    """Return the file that Checkov checks, and the folder that it scans.

    A check gets only the end of the path, so both are taken from the runner that called it.
    """
    frame: Any = sys._getframe()  # noqa: SLF001 - there is no other way, see above
    file = root = None
    while frame is not None:
        known = frame.f_locals
        file = file or next((known[name] for name in ("full_file_path", "file_abs_path") if known.get(name)), None)
        root = root or known.get("root_folder")
        frame = frame.f_back
    path = os.path.realpath(str(getattr(file, "file_path", file) or scanned_file.lstrip("/")))
    if not path.endswith(os.path.normpath(scanned_file)):
        raise InputError(f"not judged: Checkov speaks of `{scanned_file}`, and its runner of `{path}`")
    return path, str(root) if root and not path.endswith(".json") else _alone(path)


def _alone(path: str) -> str:
    """Return the path to read for one file. A module is its folder."""
    return str(Path(path).parent) if path.endswith(".tf") else path


class EcrCrossAccountTerraform(_Judged, TerraformCheck):
    """Terraform sources and plans."""

    def __init__(self) -> None:
        types = (
            "aws_ecr_repository_policy",
            "aws_ecr_registry_policy",
            "aws_ecr_repository_creation_template",
            "aws_ecrpublic_repository_policy",
            "aws_ecr_replication_configuration",
            "aws_ecr_pull_through_cache_rule",
            "awscc_ecr_repository",
            "awscc_ecr_registry_policy",
            "awscc_ecr_repository_creation_template",
            "awscc_ecr_public_repository",
            "awscc_ecr_replication_configuration",
            "awscc_ecr_pull_through_cache_rule",
        )
        super().__init__(name=NAME, id=ID, categories=[CheckCategories.IAM], supported_resources=types)

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:  # noqa: ARG002 - `check` reads the file
        """Judge one resource."""
        self.evaluated_keys = ["policy"]
        file, _, name = self.entity_path.rpartition(f":{self.entity_type}:")
        return self.answer(file, f"{self.entity_type}.{name.rpartition('.')[2]}")


class EcrCrossAccountCloudFormation(_Judged, CloudFormationCheck):
    """Templates of CloudFormation, SAM and the CDK."""

    def __init__(self) -> None:
        types = (
            "AWS::ECR::Repository",
            "AWS::ECR::RegistryPolicy",
            "AWS::ECR::RepositoryCreationTemplate",
            "AWS::ECR::PublicRepository",
            "AWS::ECR::ReplicationConfiguration",
            "AWS::ECR::PullThroughCacheRule",
        )
        super().__init__(name=NAME, id=ID, categories=[CheckCategories.IAM], supported_resources=types)

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:  # noqa: ARG002 - `check` reads the file
        """Judge one resource."""
        self.evaluated_keys = ["Properties/RepositoryPolicyText"]
        file, _, name = self.entity_path.rpartition(f":{self.entity_type}:")
        return self.answer(file, name.rpartition(".")[2])


terraform = EcrCrossAccountTerraform()
cloudformation = EcrCrossAccountCloudFormation()
