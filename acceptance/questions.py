"""The questions that only AWS can answer, and how to answer them. Pure functions; the steps fetch the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .record import Agreement, Answer, Question
from .recorded import Selected, object_of, policy_shown, shows_policy

Json = Mapping[str, Any]

ITEM = Question(
    "unreadable-item",
    "What does AWS Config record of a repository whose policy its role may not read?",
    "A blank (`{}`, null, or no RepositoryPolicyText), as for a repository without a policy. So a blank is confirmed by"
    " ecr:GetRepositoryPolicy before it is called COMPLIANT.",
)
COLUMNS = Question(
    "inventory-columns",
    "Does the column `configuration` of SelectResourceConfig hold the repository's policy?",
    "It does. Where a row shows none, the rule asks ECR, which takes longer and comes to the same result.",
)
ATTEMPTS = Question(
    "dry-run-attempts",
    "Does an automatic remediation that succeeds and changes nothing use up MaximumAutomaticAttempts?",
    "AWS documents attempts both as made and as failed. The stack is safe under both readings.",
)
SWEEPS = Question(
    "sweeps-go-on",
    "Does the stack's state machine continue a scheduled run, and may it invoke the function?",
    "It does, and it may. The run is one for a test, with a token that records nothing.",
)
STARTED = Question(
    "event-starts",
    "Does an event of AWS Config start the remediation of a repository that becomes NON_COMPLIANT, with the role of the"
    " stack?",
    "It does. The role may call ssm:StartAutomationExecution on the document and on automation-execution/*.",
)
PAYLOAD = Question(
    "payload-type",
    "What type has the output `Payload` of aws:invokeLambdaFunction where a later step takes it as a whole?",
    "A text that holds the function's answer as JSON. The documents do not need it: their scripts call the function.",
)
SERVICES = Question(
    "analyzer-services",
    "Does IAM Access Analyzer report what AWS services may do?",
    "AWS says both: the page on its concepts that it does not, the introduction and the API reference that a service is"
    " an external principal. Services are left out of the comparison under either reading.",
)
CLOCK = Question(
    "scheduler-metric",
    "Does EventBridge Scheduler call PutMetricData as a universal target, and when for the first time?",
    "It does, within a period of the stack's deployment. The alarm SweepDidNotRun counts on it.",
)
FIRST_RUN = Question(
    "first-run",
    "When is the rule run by its schedule for the first time?",
    "Within three periods, after which SweepDidNotRun goes off. AWS documents no time.",
)
FAILURES = Question(
    "failures-queue",
    "Does EventBridge deliver to an SQS queue that SQS's own key encrypts, and hear of an automation that failed?",
    "It does, so that the alarm RemediationFails rings.",
)
QUESTIONS = (ITEM, COLUMNS, SERVICES, SWEEPS, CLOCK, FIRST_RUN, PAYLOAD, ATTEMPTS, STARTED, FAILURES)

BY_HAND = {
    "Does an approval reach a topic that a customer managed key encrypts?": (
        "Deploy the stack with `Remediation=ManualWithApproval`, `RemediationApprovalTopic=create` and yourself in"
        " `RemediationApprovers`, subscribe to the topic, and start a remediation. The step `approve` must wait, and"
        " the message must arrive."
    ),
    "Do the rule's findings appear in the newer Security Hub, and does an update keep the finding's history?": (
        "Enable both Security Hubs, deploy the stack with `SecurityHub=true`, open a repository, change who gets in,"
        " and close it. There must be one finding in Security Hub CSPM, updated, then archived. Does CreatedAt stay?"
        " Note what the newer one shows."
    ),
    "Does AWS Config send findings of its own for rules of conformance packs, titled by the rule's name?": (
        "Deploy the rule in a conformance pack, and look in Security Hub for findings of the product Config."
        " organization/security-hub.yaml suppresses those whose title begins with the rule's name."
    ),
    "Does a path of organizations:ListAccounts end with the unit, or with the account?": (
        "In the management account or a delegated administrator, call `aws organizations list-accounts` and look at"
        " `Paths`. The model of the service allows both forms, and the list of members is written the same for both."
        " Another form is refused, and the alarm ListIsNotWritten goes off."
    ),
    "Which kms:ViaService does AppConfig send when it hands out a configuration that your key encrypts?": (
        "Encrypt a hosted configuration with a customer managed key, deploy the stack with `TrustRegister` naming it"
        " and `TrustRegisterKey`, and change a repository. The log must say `registerVersion`. If it says AccessDenied,"
        " CloudTrail has the condition key of kms:Decrypt."
    ),
    "Does AWS Config send aws:SourceOrgID when it makes a rule at a function, and when it invokes it?": (
        "Deploy build/release/central.json in a delegated administrator account with the default `InvokedBy`, and the"
        " members' role. If the pack fails for want of a permission, or no event arrives, it does not: choose"
        " `InvokedBy=Accounts`. Say which of the two it was."
    ),
    "Does AWS Config take Fn::Sub with AWS::AccountId in a conformance pack?": (
        "Deploy build/release/central.json with `MembersRemediate=true`, `PackStarts=Config` and"
        " `RemediationDryRun=false`, and the members with `Remediation=Automatic` and `PackStarts=Config`. The"
        " remediation of a rule in a member must name the automation role of that member. If the pack fails, choose"
        " People or Nobody for `PackStarts`: these packs have no function, and events start the documents."
    ),
    "Does the owner's EventBridge get ECR calls of other accounts from CloudTrail, and how long after the call?": (
        "Deploy organization/alerts.yaml with `Writes=All`, let another account push to a repository and set a policy,"
        " and compare `time` in the alarms with their arrival. The function's log says of each event what was read from"
        " it. Note whether the record of the policy has `policyText`, and who stands in `userIdentity` for replication."
    ),
    "What does CloudFormation send to a Lambda hook, and what does it make of the answer?": (
        "Deploy organization/hook.yaml with `ChangeSets=true` and `FailureMode=FAIL`, create a stack with an open"
        " repository policy by a change set, and delete a stack with a RegistryPolicy. The change set and the stack"
        " must fail with the hook's message and annotations, and the log must hold both events. Note the price on the"
        " bill, and whether a hook with a filter by type would have been asked for the change set."
    ),
    "Does AWS Config take a rule name of more than 64 characters in GetComplianceDetailsByConfigRule?": (
        "Deploy the stack with a `RuleName` of 70 characters, and start a scheduled run. If the log has the warning"
        " `earlier results cannot be read`, it does not. The run goes on in either case."
    ),
    "How long is the result token of a scheduled run valid?": (
        "In an account with so many repositories that a run takes hours, look at the log of a later part. If it says"
        " InvalidResultTokenException, the token has ended by then. Say after how long."
    ),
    "Which action must the destination allow so that a source's replication may delete images there?": (
        "With `deleteReplication` in a rule of the source, replicate an image to another account whose registry policy"
        " allows ecr:ReplicateImage alone, and delete it in the source. If it disappears in the destination,"
        " ReplicateImage is enough."
    ),
    "Which condition keys does an AWS service's own call to ECR hold?": (
        "Let Lambda pull an image of another account whose policy allows lambda.amazonaws.com if `Null` is `true` for"
        " aws:SecureTransport, aws:PrincipalAccount or aws:UserAgent, one at a time. If it can pull, the key is absent;"
        " the rule calls each of these policies undecided."
    ),
}
"""The questions that a run does not answer, and how a person can."""


def not_answered(reason: str) -> Answer:
    """Return that there is no answer, with the reason."""
    return Answer(reason, Agreement.NOT_ANSWERED)


def of_item(configuration: Json | None) -> Answer:
    """Answer ITEM from the `configuration` of the item of a repository that may not be read."""
    if configuration is None:
        return not_answered("AWS Config has recorded no item of the repository that may not be read")
    agrees = Agreement.DIFFERS if shows_policy(configuration) else Agreement.AGREES
    return Answer(policy_shown(configuration), agrees)


def of_columns(selected: Selected, policies: Mapping[str, str | None]) -> Answer:
    """Answer COLUMNS from the rows of repositories with a policy. `policies` has the readable ones, by name."""
    rows = [row for row in selected.rows if policies.get(str(row.get("resourceId"))) is not None]
    if not rows:
        return not_answered("the inventory has no row of the run's repositories that have a policy")
    shown = sorted({policy_shown(object_of(row.get("configuration"))) for row in rows})
    holding = sum(shows_policy(object_of(row.get("configuration"))) for row in rows)
    named = ", ".join(selected.fields) or "none named"
    seen = f"{holding} of {len(rows)} rows with a policy show it ({'; '.join(shown)}); columns: {named}"
    return Answer(seen, Agreement.AGREES if holding == len(rows) else Agreement.DIFFERS)


@dataclass(frozen=True, slots=True)
class Watched:
    """What Config did by itself: successful dry runs by repository, and those that it then no longer remediates.

    `failed` has the repositories whose dry run failed, with the message. They prove nothing, and are not in the other
    fields.
    """

    attempts: int
    runs: Mapping[str, int]
    failed: Mapping[str, str]
    given_up: tuple[str, ...]
    watched_for: str


def of_attempts(watched: Watched) -> Answer:
    """Answer ATTEMPTS from what was watched."""
    if not watched.runs:
        failed = "".join(f"; the one of {name} failed: {reason}" for name, reason in watched.failed.items())
        return not_answered(f"no automatic dry run was seen to succeed within {watched.watched_for}{failed}")
    most = max(watched.runs.values())
    counted = f"with at most {watched.attempts} attempts allowed, up to {most} successful dry runs of one repository"
    if watched.given_up:
        seen = f"{counted}, then a remediation exception: attempts are counted as made"
    elif most > watched.attempts:
        seen = f"{counted} and no remediation exception: attempts are counted as failed"
    else:
        return not_answered(f"{counted} and no remediation exception within {watched.watched_for}: either reading fits")
    return Answer(seen, Agreement.RECORDED)


def of_sweeps(status: str | None, cause: str, waited: str) -> Answer:
    """Answer SWEEPS from the status of an execution, or None if it had not ended."""
    if status is None:
        return not_answered(f"the execution had not ended within {waited}")
    if status == "SUCCEEDED":
        return Answer("the state machine invoked the function, which judged the rest", Agreement.AGREES)
    return Answer(f"the execution ended as {status}: {cause or 'no reason given'}", Agreement.DIFFERS)


def of_started(status: str | None, waited: str, *, is_found: bool) -> Answer:
    """Answer STARTED from the status of the execution that an event started, or None if there was none.

    `is_found`: whether AWS Config shows the repository as NON_COMPLIANT.
    """
    if status is None and not is_found:
        return not_answered(f"AWS Config did not show the repository as NON_COMPLIANT within {waited}")
    if status is None:
        return Answer(f"no execution was started within {waited}", Agreement.DIFFERS)
    return Answer(f"an event started an execution, which ended as {status}", Agreement.AGREES)


def of_services(cases: Mapping[str, Sequence[str]]) -> Answer:
    """Answer SERVICES from the services that previews named, for the cases that grant access to a service."""
    if not cases:
        return not_answered("no preview was made of a policy that lets a service in")
    named = sorted({service for services in cases.values() for service in services})
    seen = f"{len(cases)} previews of policies that let a service in named {', '.join(named) or 'no service'}"
    return Answer(seen, Agreement.RECORDED)


@dataclass(frozen=True, slots=True)
class Counted:
    """The values of the metric SweepsCompleted: 0 from the schedule that counts periods, and 1 from a completed run.

    `first_tick` and `first_run` are seconds after the deployment, or None if there was none within `watched_for`.
    """

    first_tick: float | None
    first_run: float | None
    watched_for: str


def of_clock(counted: Counted, period: float) -> Answer:
    """Answer CLOCK."""
    if counted.first_tick is None:
        return Answer(f"the schedule counted no period within {counted.watched_for}", Agreement.DIFFERS)
    seen = f"the schedule's first count came {_minutes(counted.first_tick)} after the deployment"
    return Answer(seen, Agreement.AGREES if counted.first_tick <= 2 * period else Agreement.DIFFERS)


def of_first_run(counted: Counted, period: float) -> Answer:
    """Answer FIRST_RUN."""
    if counted.first_run is None:
        return not_answered(f"no run was completed within {counted.watched_for}")
    seen = f"the first run was complete {_minutes(counted.first_run)} after the deployment"
    return Answer(seen, Agreement.AGREES if counted.first_run <= 3 * period else Agreement.DIFFERS)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"


def of_failures(failed: int, sent: float) -> Answer:
    """Answer FAILURES from the automations that failed and the messages that the queue received."""
    if not failed:
        return not_answered("no automation of the stack's documents failed, so that there was nothing to hear of")
    seen = f"{failed} automations failed, and the queue got {sent:.0f} messages"
    return Answer(seen, Agreement.AGREES if sent >= 1 else Agreement.DIFFERS)


def of_payload(types: Sequence[str]) -> Answer:
    """Answer PAYLOAD from the output of the document: names of Python types."""
    if not types:
        return not_answered("the document that looks has no output")
    seen = _TYPES.get(types[0])
    if seen is None:
        return Answer(f"a type that nobody expected: {', '.join(types)}", Agreement.DIFFERS)
    return Answer(seen, Agreement.AGREES if seen is _TEXT else Agreement.DIFFERS)


_TEXT = "a text that holds a JSON object"
_TYPES = {"str of dict": _TEXT, "dict": "an object"}
