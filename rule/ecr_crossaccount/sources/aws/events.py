"""The input from AWS Config: the event of a rule, and the configuration item of a repository.

Shapes: https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ...documents.document import is_account
from ...documents.json import BadJsonError, strict_value_of
from ...documents.problems import quote
from ...memo import by_value
from .errors import EventError

Json = Mapping[str, object]
"""A JSON object."""

CHANGE = "ConfigurationItemChangeNotification"
OVERSIZED = "OversizedConfigurationItemChangeNotification"
SCHEDULED = "ScheduledNotification"
ROLL_CALL = "EcrCrossAccountRollCall"
"""The message of the stack's own schedule to a function for many accounts."""

POSITION = "position"
"""The field of the state machine's event, which Config's events do not have."""

REPOSITORY: Final = "AWS::ECR::Repository"

# Not a set: an unhashable status is none of these.
_NOT_THERE = ("ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded")
_ARN_PARTS = 6
_ACCOUNT_OF_AN_ARN = 4
_POLICY = "RepositoryPolicyText"
_BLANK = ("", "{}", "null")


@by_value
class RepositoryItem:
    """The configuration item of one repository.

    `policy` is None if the item does not show one, which does not prove that there is none. `is_blank` is true if the
    item shows a blank policy. `tags` is None if it does not show the tags.
    """

    name: str
    account: str
    region: str
    partition: str
    tags: Mapping[str, str] | None
    policy: object
    is_blank: bool

    @classmethod
    def parse(cls, item: Json, event: Json) -> RepositoryItem:
        """Read an item in the spelling of a change event or of GetResourceConfigHistory. Raises EventError.

        The item has the owner of the repository. If it does not (proactive evaluation), the event's account counts.
        """
        _, partition, _, region, _, _ = _arn(item)
        configuration = configuration_of(item)
        shown = configuration.get(_POLICY)
        return cls(
            name=text_of(item, "resourceId"),
            account=owner_of(item, event),
            region=_first(item.get("awsRegion"), region),
            partition=partition or partition_of(event),
            tags=_tags(item, configuration),
            policy=None if is_blank(shown) else shown,
            is_blank=_POLICY in configuration and is_blank(shown),
        )


def invoking_event(event: Json) -> Json:
    """Return the event that made Config call. Raises EventError."""
    return _decode_object(event, "invokingEvent")


def rule_parameters(event: Json) -> Json:
    """Return the parameters of the rule as written, or `{}` if it has none. Raises EventError."""
    return _decode_object(event, "ruleParameters") if event.get("ruleParameters") else {}


def text_of(values: Json, key: str) -> str:
    """Return a required text. Raises EventError."""
    value = values.get(key)
    if not isinstance(value, str) or not value:
        raise EventError(f"the event has no `{key}`")
    return value


def object_of(values: Json, key: str) -> Json:
    """Return a required JSON object. Raises EventError."""
    value = values.get(key)
    if not isinstance(value, Mapping):
        raise EventError(f"the event has no `{key}`")
    return value


def moment_of(text: str) -> datetime:
    """Return a time that Config wrote. Without a zone it is UTC. Raises EventError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise EventError(f"{quote(text)} is not a time: expected a form such as `2026-01-31T12:00:00.000Z`") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def account_of(*values: object) -> str:
    """Return the first value that is not empty, which must be an account. Raises EventError."""
    account = _first(*values)
    if not is_account(account):
        raise EventError(f"{quote(account)} is not an account: expected 12 digits")
    return account


def owner_of(item: Json, event: Json) -> str:
    """Return the account of an item. The event, and every part of the item that names an account, must agree.

    The event's account decides whether an event is answered, with which role, and what its result token applies to. An
    item of another account would be judged with the wrong rights. Raises EventError if they do not agree.
    """
    said = (item.get("awsAccountId"), item.get("accountId"), _arn(item)[_ACCOUNT_OF_AN_ARN], event.get("accountId"))
    named = [value for value in said if value not in (None, "")]
    account = account_of(*named)
    others = [value for value in named if value != account]
    if others:
        raise EventError(
            f"the event and its configuration item name different accounts, {quote(account)} and {quote(others[0])}: "
            "a rule judges its own account"
        )
    return account


def partition_of(event: Json) -> str:
    """Return the partition of the rule. It is `aws` if the event has no ARN."""
    arns = (str(event.get(key) or "").split(":") for key in ("configRuleArn", "executionRoleArn"))
    return next((arn[1] for arn in arns if len(arn) >= _ARN_PARTS), "aws")


def is_applicable(item: Json, event: Json) -> bool:
    """Return whether there is a repository to judge: in scope, and not deleted.

    An unknown status is judged. Avoids rdklib's KeyError for an event without `eventLeftScope`.
    """
    left_scope = event.get("eventLeftScope") in (True, "true")
    return (
        item.get("resourceType") == REPOSITORY
        and item.get("configurationItemStatus") not in _NOT_THERE
        and not left_scope
    )


def decode_json(text: str, what: str) -> object:
    """Return the value of a JSON text. Raises EventError, which uses `what` as the name of the text."""
    try:
        return strict_value_of(text)
    except BadJsonError as error:
        raise EventError(f"{what} is {error}") from None


def _decode_object(event: Json, key: str) -> Json:
    """Return a JSON object that the event has as text."""
    value = event.get(key)
    return object_of({key: decode_json(value, f"`{key}` of the event") if isinstance(value, str) else value}, key)


def _arn(item: Json) -> list[str]:
    parts = str(item.get("ARN") or item.get("arn") or "").split(":", _ARN_PARTS - 1)
    return parts if len(parts) == _ARN_PARTS else [""] * _ARN_PARTS


def _first(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def configuration_of(item: Json) -> Json:
    """Return the configuration: an object in a change event, JSON text in the history, missing in a summary.

    Raises EventError.
    """
    return _decode_object(item, "configuration") if item.get("configuration") else {}


def is_blank(policy: object) -> bool:
    """Return whether an item shows no policy: `{}`, null or an empty text.

    AWS Config shows this for a repository without a policy, and also if its role may not read the policy.
    """
    return policy is None or policy == {} or (isinstance(policy, str) and policy.strip() in _BLANK)


def _tags(item: Json, configuration: Json) -> Mapping[str, str] | None:
    """Return the tags of an item, from its own field or from ECR's list of `Key` and `Value`."""
    shown, listed = item.get("tags"), configuration.get("Tags")
    if not isinstance(shown, Mapping) and not isinstance(listed, list):
        return None
    tags = listed if isinstance(listed, list) else []
    pairs = [(tag.get("Key"), tag.get("Value")) for tag in tags if isinstance(tag, Mapping)]
    pairs += shown.items() if isinstance(shown, Mapping) else ()
    return {str(key): "" if value is None else str(value) for key, value in pairs}
