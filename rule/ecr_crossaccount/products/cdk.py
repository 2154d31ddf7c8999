"""`check` as a validation plug-in of the AWS CDK: `cdk synth` says what it finds, and fails if `check` would.

    Validations.of(app).add_plugins(CrossAccountAccess("--account", "111122223333", "--trust", "trust.yaml"))

It needs aws-cdk-lib 2.251 or later, which `pip install ecr-crossaccount[cdk]` brings.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.IPolicyValidationPlugin.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)

from ..errors import InputError
from ..sources.check.findings import Report
from ..sources.check.results import faults_of, results_of
from ..sources.check.rules import RULES
from .cli.base.documentation import link
from .cli.base.program import PROGRAM, ExitStatus, complain, reason, version, visible
from .cli.check import conclude, examine_files, not_judged, verdicts_that_count
from .cli.formats.check_text import advice_on, summary
from .cli.formats.choices import show_check
from .cli.main import arguments_of

UNJUDGED = "not-judged"
"""The rule that everything gets that could not be judged."""


@jsii.implements(IPolicyValidationPlugin)
class CrossAccountAccess:
    """The plug-in. `options` are those of `ecr-crossaccount check`; the templates are its paths."""

    def __init__(self, *options: str) -> None:
        self._options = options

    @property
    def name(self) -> str:
        """The name in the CDK's report, and before the rules that someone acknowledges."""
        return PROGRAM

    @property
    def version(self) -> str | None:
        """The version of the package."""
        return version()

    @property
    def rule_ids(self) -> list[str]:
        """The rules, as `ecr-crossaccount explain` lists them."""
        return [*(rule.id for rule in RULES), UNJUDGED]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Check the templates of an app.

        Raises nothing: the command `cdk` lets an app pass if a plug-in fails without a violation.
        """
        try:
            return self._report(context.template_paths)
        except InputError as error:
            problems = error.args
        except Exception as error:  # noqa: BLE001 - see above
            problems = (f"internal error, so nothing can be concluded: {reason(error)}",)
        return PolicyValidationPluginReport(success=False, violations=list(map(_fatal, problems)))

    def _report(self, templates: Sequence[str]) -> PolicyValidationPluginReport:
        with ExitStack() as closing:
            arguments = arguments_of(["check", *self._options, "--", *templates], closing)
            report = examine_files(arguments)
            if arguments.outputs:
                show_check(report, arguments.outputs)
            status = conclude(arguments, report)
        trust = visible(report.provenance.trust)
        # If there are no violations, the CDK shows no part of the report.
        complain(f"{summary(report).plain}; trust: {trust}")
        left = not_judged(report) if arguments.strict else ""
        faults = (f"{fault.first.where}: {fault.message}" for fault in faults_of(report))
        return PolicyValidationPluginReport(
            success=status is ExitStatus.COMPLIANT,
            violations=[
                *map(_fatal, (*faults, *filter(None, [left]))),
                *_of_results(verdicts_that_count(arguments, report)),
                *_of_unjudged(report),
            ],
            metadata={"trust": trust},
        )


def _fatal(said: str) -> PolicyViolation:
    """Return a violation that fails the app, and that nobody can acknowledge."""
    # The command `cdk` shows no violation that is nowhere.
    app = PolicyViolatingResource(construct_path="", locations=[])
    return PolicyViolation(rule_name=UNJUDGED, description=visible(said), severity="fatal", violating_resources=[app])


def _of_results(report: Report) -> Iterator[PolicyViolation]:
    for result in results_of(report):
        if result.accepted is None:
            yield PolicyViolation(
                rule_name=result.rule.id,
                description=visible(f"{result.severity.name}: {result.message}"),
                # Once a violation is acknowledged, the CDK fails an app only for others of its own severity `error`.
                severity="error" if result.severity >= report.fails_from else "warning",
                fix=visible("; or ".join(advice_on(result))),
                rule_metadata={
                    "severity": result.severity.name,
                    "place": visible(f"{result.at.file}:{result.at.line}:{result.at.column}"),
                    "explained": link(result.rule),
                },
                violating_resources=[_resource(result.at.file, result.finding.found.resource)],
            )


def _resource(file: str, name: str) -> PolicyViolatingResource:
    """Return a resource of a template. Before the logical ID, a name has the nested stacks that it is in."""
    return PolicyViolatingResource(resource_logical_id=name.rpartition("/")[2], template_path=file, locations=[])


def _of_unjudged(report: Report) -> Iterator[PolicyViolation]:
    for one in report.left:
        yield PolicyViolation(
            rule_name=UNJUDGED,
            description=visible(f"{one.resource}: {one.reason}"),
            severity="warning",
            violating_resources=[_resource(one.file, one.resource)],
        )
