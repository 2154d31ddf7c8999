"""The location of a register: `s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Self

from ...documents.problems import quoted
from ...errors import EcrCrossAccountError

LONGEST_LOCATION = 512
"""In characters. A rule's parameters have 1,024 in total."""


class RegisterError(EcrCrossAccountError):
    """An invalid location, or content that is not a register. `short` fits into an annotation."""

    def __init__(self, reason: str, short: str | None = None) -> None:
        super().__init__(reason)
        self.short = short or reason


class Store(Enum):
    """The services that can store a register."""

    S3 = "s3"
    SSM = "ssm"
    APPCONFIG = "appconfig"


# No character with a meaning in policies or CloudFormation, because a role's policy contains these names.
_NAME = r"[A-Za-z0-9_.-]+"
_SHAPES: dict[Store, re.Pattern[str]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    Store.S3: re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([A-Za-z0-9_.=@+-][A-Za-z0-9_./=@+-]*)"),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html: at most 15 levels,
    # and the parts need two of them
    Store.SSM: re.compile(rf"ssm:(/(?!aws|ssm){_NAME}(?:/{_NAME}){{0,12}})", re.IGNORECASE),
    # https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_StartConfigurationSession.html
    Store.APPCONFIG: re.compile(r"appconfig:([A-Za-z0-9_.-]{1,64})/([A-Za-z0-9_.-]{1,64})/([A-Za-z0-9_.-]{1,128})"),
}
_EXPECTED = "expected `s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`"


@dataclass(frozen=True, slots=True)
class Location:
    """The location of a register. `parts`: bucket and key; a parameter's name; or application, environment, profile."""

    store: Store
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a location. Raises RegisterError with the expected forms."""
        for store, shape in _SHAPES.items():
            found = shape.fullmatch(text)
            if found is not None and len(text) <= LONGEST_LOCATION:
                return cls(store, found.groups())
        raise RegisterError(f"{quoted(text)} is not the place of a register: {_EXPECTED}")

    def __str__(self) -> str:
        prefix = "s3://" if self.store is Store.S3 else f"{self.store.value}:"
        return prefix + "/".join(self.parts)
