"""Where a register is: `s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Self

from ..errors import EcrCrossAccountError
from ..policy.problems import quoted

LONGEST = 512
"""Characters: a rule's parameters have 1,024 in all."""


class RegisterError(EcrCrossAccountError):
    """A location that is none, or what is there and is no register. `short` fits into an annotation."""

    def __init__(self, reason: str, short: str | None = None) -> None:
        super().__init__(reason)
        self.short = short or reason


class Store(Enum):
    """The services that hold a register."""

    S3 = "s3"
    SSM = "ssm"
    APPCONFIG = "appconfig"


# No character that means something in a policy or in CloudFormation: a role's policy names what stands here.
_NAME = r"[A-Za-z0-9_.-]+"
_SHAPES: dict[Store, re.Pattern[str]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    Store.S3: re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([A-Za-z0-9_.=@+-][A-Za-z0-9_./=@+-]*)"),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html: up to 15 levels,
    # two of which are left for the parts
    Store.SSM: re.compile(rf"ssm:(/(?!aws|ssm){_NAME}(?:/{_NAME}){{0,12}})", re.IGNORECASE),
    # https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_StartConfigurationSession.html
    Store.APPCONFIG: re.compile(r"appconfig:([A-Za-z0-9_.-]{1,64})/([A-Za-z0-9_.-]{1,64})/([A-Za-z0-9_.-]{1,128})"),
}
_EXPECTED = "expected `s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`"


@dataclass(frozen=True, slots=True)
class Location:
    """A place of a register. `parts`: bucket and key, the parameter's name, or application, environment, profile."""

    store: Store
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a location. Raises RegisterError that says what one looks like."""
        for store, shape in _SHAPES.items():
            found = shape.fullmatch(text)
            if found is not None and len(text) <= LONGEST:
                return cls(store, found.groups())
        raise RegisterError(f"{quoted(text)} is not the place of a register: {_EXPECTED}")

    def __str__(self) -> str:
        prefix = "s3://" if self.store is Store.S3 else f"{self.store.value}:"
        return prefix + "/".join(self.parts)
