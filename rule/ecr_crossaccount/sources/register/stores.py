"""Reading from a store: one complete version, or an error that says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from hashlib import sha256
from typing import Any, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from .content import LARGEST, Fetched
from .location import Location, RegisterError, Store
from .parts import Head, is_head, unpacked_text

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
