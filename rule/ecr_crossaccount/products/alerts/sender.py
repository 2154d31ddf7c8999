"""Sends alarms to an Amazon SNS topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .alert import Alert
from .errors import NotSentError
from .message import message_of

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True, slots=True)
class Sender:
    """One topic. A subscription can filter by the attributes `severity`, `account` and `call`."""

    sns: SNSClient
    topic: str

    def send(self, alert: Alert) -> None:
        """Publish an alarm. Raises NotSentError, ClientError, BotoCoreError."""
        message = message_of(alert)
        attributes = {"severity": alert.severity.name, "account": alert.record.owner, "call": alert.record.name}
        answer = self.sns.publish(
            TopicArn=self.topic,
            Subject=message.subject,
            Message=message.body,
            MessageStructure="json",
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
        if not answer.get("MessageId"):
            raise NotSentError("the answer of sns to Publish has no `MessageId`: the alarm is sent again")
