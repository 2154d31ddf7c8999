"""Reading from a store: one complete version, read again when it is old, and dropped if that fails for too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ...documents.problems import first_of
from ...errors import TrustError
from ...memo import by_value
from .content import LARGEST, Content, Fetched, Head, Location, RegisterError, Store, content_of, is_head, unpacked_text

Clients: TypeAlias = Callable[[str], Any]
"""Returns the client of a service by its name in botocore, as `clients.client_of` does."""

SERVICES: Mapping[Store, str] = {Store.S3: "s3", Store.SSM: "ssm", Store.APPCONFIG: "appconfigdata"}
_NAMES_A_CALL = 10
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html"""
_LONGEST_CODE = 60
_BOM = "\ufeff"
"""The mark at the start of a text from some editors. `content_of` removes it from bytes."""
_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "ParameterNotFound", "ResourceNotFoundException", "404"})


class AbsentError(RegisterError):
    """There is nothing at a location."""


class DamagedError(RegisterError):
    """The content at a location is damaged. `version` is the store's own name for it."""

    def __init__(self, error: RegisterError, version: str) -> None:
        super().__init__(str(error), error.short)
        self.version = version


def fetched_from(location: Location, clients: Clients, largest: int = LARGEST) -> Fetched:
    """Return the content at a location. Raises AbsentError, DamagedError, RegisterError."""
    try:
        return _READERS[location.store](location, clients(SERVICES[location.store]), largest)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        kind = AbsentError if code in _ABSENT else RegisterError
        raise kind(str(error), _short(code)) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise RegisterError(str(error), type(error).__name__) from None
    except RegisterError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The errors of botocore for a response that does not have the form in its model.
        raise RegisterError(f"the answer cannot be read: {error!r}", "the answer cannot be read") from None


def _short(code: str) -> str:
    """Return an error code if it has the form of one. A response may come from a server other than AWS."""
    return code if code.isascii() and code.isalnum() and len(code) <= _LONGEST_CODE else "an error"


def whole(body: Any, largest: int) -> bytes:  # noqa: ANN401 - botocore's stream of a body
    """Return the whole body. Raises RegisterError if it has more than `largest` bytes, and BotoCoreError.

    It is read to its end, where botocore compares length and checksum with the announced ones. `with` is not used,
    because it returns the underlying stream, which does neither.
    """
    data = bytearray()
    with closing(body):
        while chunk := body.read(largest + 1 - len(data)):
            data += chunk
            if len(data) > largest:
                raise RegisterError(f"it is larger than {largest:,} bytes", "it is too large")
    return bytes(data)


def _from_s3(location: Location, s3: Any, largest: int) -> Fetched:  # noqa: ANN401 - see `Clients`
    bucket, key = location.parts
    answer = s3.get_object(Bucket=bucket, Key=key)
    data = whole(answer["Body"], largest)
    return Fetched(data, version_in(answer), answer.get("ETag"))


def version_in(answer: Mapping[str, Any]) -> str:
    """Return the version of an object that S3 has read or written. In a bucket without versions, it is the ETag.

    Raises RegisterError if the response has neither, because it is then not from S3.
    """
    version = answer.get("VersionId")
    found = answer.get("ETag") if version in (None, "null") else version
    if not found:
        raise RegisterError("S3 answered without an ETag", "S3 answered without an ETag")
    return str(found)


def _from_ssm(location: Location, ssm: Any, largest: int) -> Fetched:  # noqa: ANN401 - see `Clients`
    (name,) = location.parts
    parameter = ssm.get_parameter(Name=name, WithDecryption=True).get("Parameter", {})
    text, version = _text_of(parameter).removeprefix(_BOM), str(parameter.get("Version"))
    try:
        return Fetched(unpacked_text(_whole_text(ssm, name, text), largest), version, version)
    except RegisterError as error:
        raise DamagedError(error, version) from None


def _whole_text(ssm: Any, name: str, text: str) -> str:  # noqa: ANN401 - see `Clients`
    """Return the text of a register, joined if it is stored in parts. Raises RegisterError."""
    if not is_head(text):
        return text
    head = Head.parse(text)
    found = "".join(_parts(ssm, head.names(name)))
    if sha256(found.encode()).hexdigest() != head.digest:
        raise RegisterError("its parts are not those that were published", "its parts do not fit")
    return found


def _parts(ssm: Any, names: list[str]) -> list[str]:  # noqa: ANN401 - see `Clients`
    found: dict[str, str] = {}
    for start in range(0, len(names), _NAMES_A_CALL):
        answer = ssm.get_parameters(Names=names[start : start + _NAMES_A_CALL], WithDecryption=True)
        found |= {str(one.get("Name")): _text_of(one) for one in answer.get("Parameters", [])}
    missing = [name for name in names if name not in found]
    if missing:
        raise RegisterError(f"its part `{missing[0]}` is missing", "a part of it is missing")
    return [found[name] for name in names]


def _text_of(parameter: Mapping[str, object]) -> str:
    value = parameter.get("Value")
    if not isinstance(value, str):
        raise RegisterError("Systems Manager answered without a value", "Systems Manager answered without a value")
    return value


def _from_appconfig(location: Location, appconfig: Any, largest: int) -> Fetched:  # noqa: ANN401 - see `Clients`
    application, environment, profile = location.parts
    session = appconfig.start_configuration_session(
        ApplicationIdentifier=application,
        EnvironmentIdentifier=environment,
        ConfigurationProfileIdentifier=profile,
    )
    answer = appconfig.get_latest_configuration(ConfigurationToken=session["InitialConfigurationToken"])
    data = whole(answer["Configuration"], largest)
    if not data:
        raise RegisterError("AppConfig answered with nothing: is a version deployed?", "AppConfig holds nothing")
    return Fetched(data, answer.get("VersionLabel"))


_READERS: Mapping[Store, Callable[[Location, Any, int], Fetched]] = {
    Store.S3: _from_s3,
    Store.SSM: _from_ssm,
    Store.APPCONFIG: _from_appconfig,
}


FRESH = timedelta(minutes=5)
"""How long content is used before it is read again."""
EACH_TIME = timedelta()
"""The same for content that is read each time, because AWS Config keeps a result longer than any content is fresh."""
RETRY = timedelta(seconds=30)
"""How long after a failure a location is read again, if it is not read each time."""
_NAMED = 3
"""The most faults that a message names."""

T = TypeVar("T")


@by_value
class Read(Generic[T]):
    """A valid version, and when it was read."""

    value: T
    content: Content
    at: datetime

    @property
    def time(self) -> str:
        """When it was read, for a person."""
        return f"{self.at:%Y-%m-%dT%H:%MZ}"


class UncertainError(RegisterError):
    """It cannot be determined whether a version is the newest one."""


class Keeper(Protocol[T]):
    """Remembers the version that counts, and refuses an older one."""

    def admit(self, value: T, content: Content, moment: datetime) -> None:
        """Remember a version that was read. Raises UncertainError, and RegisterError if it must not be used."""

    def last(self, good: Read[T] | None, moment: datetime) -> Read[T] | None:
        """Return the version to use instead of one that cannot be used. `good` is the last one that was used here."""


class Wording(NamedTuple):
    """The name of content in the log, and what to say. The texts take a reason and a time."""

    field: str
    problem: str
    stale: str = ""


@by_value
class Held(Generic[T]):
    """The content of a location at a moment. Each of `problem`, `stale` and `unlisted` is a reason for an alarm.

    - `problem`: why it cannot be used, short enough for an annotation. `value` then is what counts without it.
    - `stale`: why it cannot be read now, while the last good version is still in use.
    - `unlisted`: why no account is covered as a member of an organization.
    - `detail`: more about these, for the log, where its name is `field`.
    """

    location: Location
    field: str
    value: T
    version: str | None = None
    digest: str | None = None
    problem: str | None = None
    stale: str | None = None
    unlisted: str | None = None
    detail: str | None = None

    @property
    def is_current(self) -> bool:
        """Return whether this is everything that is published now, up to a delay of some minutes."""
        return self.problem is None and self.stale is None and self.unlisted is None

    @property
    def lacks(self) -> str | None:
        """Why less counts than the content says, or None if nothing is missing."""
        return self.problem or self.unlisted

    @property
    def provenance(self) -> Mapping[str, object]:
        """Its fields in every line of the log."""
        name = self.field
        return {name: str(self.location), f"{name}Version": self.version, f"{name}Sha256": self.digest}


@dataclass(slots=True)
class Shelf(Generic[T]):
    """One location. `parse` converts its JSON value, and raises TrustError.

    `fresh` is how long a version is used before it is read again. `good` is the last valid version. `error` is why
    there is no newer one, or why it is not known whether there is, or None if it is current.
    """

    location: Location
    parse: Callable[[object], T]
    largest: int = LARGEST
    fresh: timedelta = FRESH
    keeper: Keeper[T] | None = None
    good: Read[T] | None = None
    error: RegisterError | None = None
    _checked: datetime | None = field(default=None, init=False)
    _due: datetime | None = field(default=None, init=False)

    def look(self, clients: Clients, moment: datetime) -> None:
        """Read the location if it is due. A clock that is set back makes it due."""
        if self._checked is not None and self._due is not None and self._checked <= moment < self._due:
            return
        self._checked = moment
        try:
            read, self.error = self._read(clients, moment)
        except (RegisterError, TrustError) as error:
            self.error, self._due = _as_register_error(error), moment + min(RETRY, self.fresh)
            self.good = self.good if self.keeper is None else self.keeper.last(self.good, moment)
            return
        self.good, self._due = read, moment + (self.fresh if self.error is None else min(RETRY, self.fresh))

    def _read(self, clients: Clients, moment: datetime) -> tuple[Read[T], RegisterError | None]:
        """Return the version at the location, and why it may not be the newest. Raises RegisterError, TrustError."""
        known = None if self.good is None else self.good.content
        content = content_of(fetched_from(self.location, clients, self.largest), self.largest, known)
        # The same content stays the same object, because verdicts are cached by it.
        is_known = self.good is not None and self.good.content.digest == content.digest
        value = self.good.value if self.good is not None and is_known else self.parse(content.value)
        read = Read(value, content, moment)
        try:
            if self.keeper is not None:
                self.keeper.admit(value, content, moment)
        except UncertainError as error:
            return read, error
        return read, None

    def counting(self, moment: datetime, kept: timedelta) -> Read[T] | None:
        """Return the version in use: the current one, or the last good one if it is not older than `kept`.

        If the clock was set back, a version may have a time in the future, and its age is unknown.
        """
        if self.good is None or (self.error is not None and abs(moment - self.good.at) > kept):
            return None
        return self.good

    def current(self, clients: Clients, moment: datetime, kept: timedelta, wording: Wording, nothing: T) -> Held[T]:
        """Return what counts, which is `nothing` if no version does."""
        self.look(clients, moment)
        read, error = self.counting(moment, kept), self.error
        if read is None:
            problem = wording.problem.format(self.reason.short)
            return Held(self.location, wording.field, nothing, problem=problem, detail=str(self.reason))
        held = Held(self.location, wording.field, read.value, read.content.version, read.content.digest)
        if error is None:
            return held
        return replace(held, stale=wording.stale.format(error.short, read.time), detail=str(error))

    @property
    def reason(self) -> RegisterError:
        """Why the location cannot be read."""
        return self.error or RegisterError("it was not read")


def _as_register_error(error: RegisterError | TrustError) -> RegisterError:
    if isinstance(error, RegisterError):
        return error
    faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
    return RegisterError(f"it is not valid: {faults}", "it is not valid")
