"""The calls that change who has access: CloudTrail's record, what can be opened, and the policy before and after.

It is the policy of a repository, registry or template, a replication, or a pull-through cache. EventBridge delivers the
record. Lambda sees the errors on its way, tries again, and then keeps the event.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from ...documents.document import is_account, is_region, partition_of
from ...documents.problems import quote
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository, reads_tags
from ...judgement.kinds.table import EXCHANGES, PREFIXED, SINGLE
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import Trust, names_under
from ...memo import by_value
from ...questions.change.states import ANY_NAME, Form, State
from ...questions.plan.outcome import document_of
from ...sources.aws.errors import EventError
from ..kinds.handling import HANDLING, Effect, Handling

Json = Mapping[str, object]

_ARN_PARTS = 6
_ACCOUNT_OF_AN_ARN = 4
_REPOSITORY = ":repository/"


@by_value
class Caller:
    """The caller. Everything except the account is the caller's own statement, and anything may be missing.

    `identity` is an ARN, or the principal id if the record of another account's call has no ARN. `service` is an AWS
    service that called for someone, or by itself.
    """

    account: str | None
    identity: str | None
    service: str | None
    address: str | None
    agent: str | None

    @classmethod
    def parse(cls, detail: Json) -> Self:
        """Read the caller from a record."""
        user = object_of(detail, "userIdentity")
        issuer = object_of(object_of(user, "sessionContext"), "sessionIssuer")
        accounts = (user.get("accountId"), _account_in(user.get("arn")), issuer.get("accountId"))
        return cls(
            next((account for account in accounts if isinstance(account, str) and is_account(account)), None),
            text_of(user, "arn") or text_of(issuer, "arn") or text_of(user, "principalId"),
            text_of(user, "invokedBy"),
            text_of(detail, "sourceIPAddress"),
            text_of(detail, "userAgent"),
        )


@by_value
class Record:
    """One call.

    `service` is `ecr-public` for public repositories, a different registry with the same names of calls. `owner` owns
    the registry that it is about, and `recipient` is the account whose CloudTrail recorded it.

    `error` is the error code of the call, or None if it succeeded. `at` is exact to the second.
    """

    id: str
    name: str
    service: str
    at: datetime
    region: str
    owner: str
    recipient: str
    caller: Caller
    request: Json
    response: Json
    repository: str | None
    error: str | None

    @classmethod
    def parse(cls, event: Json) -> Self:
        """Read an event from EventBridge. Raises EventError."""
        detail = object_of(event, "detail")
        recipient = _account(detail.get("recipientAccountId") or event.get("account"))
        request, response = object_of(detail, "requestParameters"), object_of(detail, "responseElements")
        caller = Caller.parse(detail)
        # Only a caller gets records about calls to the registry of another account.
        owner = _owner(detail, request, response) if caller.account == recipient else recipient
        return cls(
            _require_text(detail, "eventID"),
            _require_text(detail, "eventName"),
            "ecr-public" if _require_text(detail, "eventSource").startswith("ecr-public.") else "ecr",
            _moment(_require_text(detail, "eventTime")),
            _region(_require_text(detail, "awsRegion")),
            owner or recipient,
            recipient,
            caller,
            request,
            response,
            _repository(detail, request, response),
            text_of(detail, "errorCode") or text_of(detail, "errorMessage"),
        )


def object_of(values: Json, key: str) -> Json:
    """Return a JSON object of a record, or an empty one if there is none."""
    value = values.get(key)
    return value if isinstance(value, Mapping) else {}


def text_of(values: Json, key: str) -> str | None:
    """Return a text of a record, or None if there is none."""
    value = values.get(key)
    return value if isinstance(value, str) and value else None


def list_of(values: Json, key: str) -> list[object]:
    """Return a list of a record, or an empty one if there is none."""
    value = values.get(key)
    return value if isinstance(value, list) else []


def _require_text(detail: Json, key: str) -> str:
    value = text_of(detail, key)
    if value is None:
        raise EventError(f"the event has no `detail.{key}`: expected a record of CloudTrail")
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise EventError(f"`detail.eventTime` is {quote(text)}, which is not a time") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _region(text: str) -> str:
    if not is_region(text):
        raise EventError(f"`detail.awsRegion` is {quote(text)}, which is not a Region")
    return text


def _account(value: object) -> str:
    if not isinstance(value, str) or not is_account(value):
        raise EventError(f"`detail.recipientAccountId` is {quote(value)}, which is not an account")
    return value


def _owner(detail: Json, request: Json, response: Json) -> str | None:
    """Return the owner of the registry, or None if the record does not have it. A public registry may have an alias."""
    arns, accounts = _resources(detail)
    named = [response.get("registryId"), request.get("registryId"), *accounts, *(_account_in(arn) for arn in arns)]
    return next((one for one in named if isinstance(one, str) and is_account(one)), None)


def _repository(detail: Json, request: Json, response: Json) -> str | None:
    named = [text_of(request, "repositoryName"), text_of(response, "repositoryName")]
    arns = [*_resources(detail)[0], request.get("resourceArn")]
    named += [arn.partition(_REPOSITORY)[2] for arn in arns if isinstance(arn, str)]
    return next((name for name in named if name), None)


def _resources(detail: Json) -> tuple[list[object], list[object]]:
    """Return the ARNs and the accounts of the resources that a record names."""
    resources = [one for one in list_of(detail, "resources") if isinstance(one, Mapping)]
    arns = [resource.get("ARN") or resource.get("arn") for resource in resources]
    return arns, [resource.get("accountId") for resource in resources]


def _account_in(arn: object) -> str | None:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[_ACCOUNT_OF_AN_ARN] if len(parts) >= _ARN_PARTS else None


@by_value
class Subject:
    """What a policy belongs to.

    `name` is the repository, the prefix of a template or cache, or empty for a registry.
    """

    kind: Kind
    account: str
    region: str
    name: str

    @property
    def partition(self) -> str:
        """The partition of the Region."""
        return partition_of(self.region)

    @property
    def key(self) -> str:
        """The key under which the subject is remembered."""
        return f"{self.handling.key}#{self.account}#{self.region}#{self.name}"

    @property
    def handling(self) -> Handling:
        """The row of its kind."""
        return HANDLING[self.kind]

    @property
    def called(self) -> str:
        """The name of the subject for a person."""
        name = f" `{self.name}`" if self.name else ""
        return f"ECR {self.handling.noun}{name} of account {self.account} in {self.region}"


@by_value
class Stated:
    """A policy at one time: its text, or None if there is none, and whether ECR or the caller wrote it.

    For a replication or a cache, the text is the JSON of its configuration. `applied_for`: what a creation template is
    used for, or None if that is unknown. `scope`: the actions to which the policy of a registry applies.
    """

    text: str | None
    origin: Origin = Origin.DEPLOYED
    applied_for: tuple[str, ...] | None = None
    scope: Scope = Scope.UNKNOWN


NO_POLICY = Stated(None)


def state_of(
    subject: Subject, policy: Stated, trust: Trust, repository: Repository, registry: RegistryPolicy | None = None
) -> State:
    """Return a subject with a policy as the state that is judged and compared.

    `repository` is the subject as the judgement takes it. `registry` is the policy of its registry.
    """
    text = policy.text
    document = json.loads(text) if text is not None and subject.kind in EXCHANGES else text
    form = Form(document, registry=registry, scope=policy.scope)
    # of the repositories that a template or a cache will apply to, only the beginning of the name is known
    names = names_under(subject.name) if subject.kind in PREFIXED else ANY_NAME
    return State(subject.kind, repository, trust, (form,), names, policy.applied_for, policy.origin)


def ask_for_tags(subject: Subject, policies: Iterable[object]) -> bool:
    """Return whether the tags of a repository may decide about one of the policies."""
    texts = (policy for policy in policies if isinstance(policy, str))
    return subject.kind is Kind.REPOSITORY and any(map(reads_tags, texts))


def make_repository(subject: Subject, organization: str | None, tags: Mapping[str, str] | None) -> Repository:
    """Return a subject as the judgement takes it. `tags` is None if they are unknown."""
    return Repository(
        subject.account,
        "*" if subject.kind in (*SINGLE, *PREFIXED) else subject.name,
        region=subject.region,
        partition=subject.partition,
        organization=organization,
        tags=tags or {},
        tags_known=tags is not None,
    )


@by_value
class PolicyCall:
    """A policy that was replaced. `before` and `after` are the old and new one, or None if the record does not have it.

    `at` is the time, for the order of changes. A new repository counts as older than other changes in the same second.
    `scope` is what the call set if it changed only the scope of a registry's policy. `asked` is the policy of the
    request, if ECR's response has another one.
    """

    subject: Subject
    after: Stated | None
    at: datetime
    before: Stated | None = None
    scope: Scope | None = None
    asked: Stated | None = None


_CHANGES = {(one.service, call): (one, effect) for one in HANDLING.values() for call, effect in one.calls.items()}
CHANGES = frozenset(name for _, name in _CHANGES)
"""The calls that change a policy."""
_SCOPE = "REGISTRY_POLICY_SCOPE"


def change_of(record: Record) -> PolicyCall | None:
    """Return the change of a policy that a call made, or None if it made none. Raises EventError."""
    if (record.service, record.name) not in _CHANGES:
        return None
    handling, effect = _CHANGES[record.service, record.name]
    answer = object_of(record.response, handling.part) if handling.part else record.response
    name = _name(record, handling, answer) if handling.name else ""
    subject = Subject(handling.kind, record.owner, record.region, name)
    match effect:
        case Effect.CREATES:
            # What is remembered about an earlier repository of that name does not apply.
            return PolicyCall(subject, NO_POLICY, record.at - timedelta(milliseconds=1), NO_POLICY)
        case Effect.UNSETS | Effect.DELETES:
            before = NO_POLICY if effect is Effect.DELETES else _stated_in(answer, handling)
            return PolicyCall(subject, NO_POLICY, record.at, before)
        case Effect.SCOPES:
            return _scope_change(record, subject)
        case Effect.SETS | Effect.ADDS:
            return _put(record, subject, answer, is_new=effect is Effect.ADDS)


def _name(record: Record, handling: Handling, answer: Json) -> str:
    prefix = handling.field.prefix
    found = text_of(record.request, prefix) or text_of(answer, prefix) if prefix else record.repository
    if found is None:
        raise EventError(f"the record of {record.name} names no {'prefix' if prefix else 'repository'}")
    return found


def _scope_change(record: Record, subject: Subject) -> PolicyCall | None:
    """Return the change of the actions to which a registry's policy applies.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    name, value = (text_of(record.request, text) or text_of(record.response, text) for text in ("name", "value"))
    scope = next((one for one in (Scope.V1, Scope.V2) if one.value == value), Scope.UNKNOWN)
    return PolicyCall(subject, None, record.at, scope=scope) if name in (None, _SCOPE) else None


def _put(record: Record, subject: Subject, answer: Json, *, is_new: bool) -> PolicyCall:
    """Return the change to the policy of ECR's response, or to that of the request if the response has none.

    CloudTrail leaves out values that are too long. ECR may store another policy than the request has, for example the
    unique ID of a role in place of its ARN. Then both count. An update keeps the policy if it does not mention one.
    """
    handling, field = subject.handling, subject.handling.field
    given = {**record.request, **{name: one for name, one in answer.items() if one}}
    if subject.kind in EXCHANGES:
        found = handling.policy_in(given) if (field.policy or field.required) in given else None
        return PolicyCall(subject, make_stated(found) if found and isinstance(found, Mapping) else None, record.at)
    stored, asked = _stated_in(answer, handling), _stated_in(record.request, handling, Origin.PROPOSED)
    after = stored or asked
    is_without = field.optional and handling.name in record.request
    if after is None and is_new and is_without and field.policy not in {*record.request, *answer}:
        after = NO_POLICY
    if after is not None:
        after = replace(after, applied_for=_uses(answer, handling) or _uses(record.request, handling))
    is_same = stored is None or asked is None or document_of(stored.text) == document_of(asked.text)
    return PolicyCall(subject, after, record.at, asked=None if is_same else asked)


def _stated_in(values: Json, handling: Handling, origin: Origin = Origin.DEPLOYED) -> Stated | None:
    """Return the policy in a record, or None if there is none or CloudTrail replaced it with something else."""
    text = text_of(values, handling.field.policy)
    return Stated(text, origin) if text is not None and document_of(text) is not None else None


def shown_in(part: Json, handling: Handling) -> Stated:
    """Return the policy or configuration of a resource, and what it is used for, as ECR shows it."""
    return replace(make_stated(handling.policy_in(part)), applied_for=_uses(part, handling))


def make_stated(policy: object) -> Stated:
    """Return a policy or a configuration as it is remembered."""
    return Stated(policy if isinstance(policy, str | None) else json.dumps(policy, sort_keys=True))


def _uses(part: Json, handling: Handling) -> tuple[str, ...] | None:
    uses = handling.field.uses
    return tuple(map(str, list_of(part, uses))) or None if uses else None
