"""Reads Principal and NotPrincipal."""

from __future__ import annotations

from collections.abc import Mapping

from .holes import Hole, Holed, as_text
from .principals import EVERYONE, Named, Principals, UniqueId, aws_principal, identities, service_principal
from .problems import quoted
from .reader import Reader

_NOBODY, _NONE_EXCEPTED = Principals(), Principals(negated=True)


def read_principals(reader: Reader, at: str, item: Mapping[object, object]) -> Principals | None:
    """Return the principals of a statement, or None if they cannot be determined."""
    element = reader.one_of(at, item, "Principal")
    if element is None:
        return None
    value = item[element]
    negated = element != "Principal"
    if value == "*":
        return Principals(negated=True, everyone=True) if negated else EVERYONE
    place = f"{at}.{element}"
    if isinstance(value, (dict, Mapping)):
        return _by_kind(reader, place, value, _NONE_EXCEPTED if negated else _NOBODY)
    text = as_text(value)
    if isinstance(text, Holed):
        return Principals(negated=negated, unknown=(text,), unknown_services=(text,))
    reader.add(place, f"{quoted(value)} is not a principal: expected `*` or an object such as " + '{"AWS": …}')
    return None


def _by_kind(reader: Reader, at: str, value: Mapping[object, object], found: Principals) -> Principals | None:
    reader.repeated(at, value)
    complete = True
    for name, entries in value.items():
        place = f"{at}.{name}"
        if name == "AWS":
            found, whole = _aws(reader, place, entries, found)
        elif name == "Service":
            found, whole = _services(reader, place, entries, found)
        else:
            reader.add(place, _foreign(name))
            whole = False
        complete &= whole
    # If an entry of NotPrincipal cannot be read, it is unknown who is exempt. So the principals of the statement are
    # unknown.
    return found if complete or not found.negated else None


def _aws(reader: Reader, at: str, entries: object, found: Principals) -> tuple[Principals, bool]:
    texts = reader.strings(at, entries)
    known = identities([text for text in texts if isinstance(text, str)])
    if known is not None and len(known) == len(texts):
        doubtful = found.unknown_services
        return Principals(found.negated, named=known, services=found.services, unknown_services=doubtful), True
    named: list[Named] = []
    ids: list[UniqueId] = []
    unknown: list[Holed] = []
    any_aws, whole = False, True
    for index, text in enumerate(texts):
        if isinstance(text, Holed):
            unknown.append(text)
        elif text == "*":
            any_aws = True
        elif text is None:
            whole = False
        else:
            entry = aws_principal(text)
            if isinstance(entry, Named):
                named.append(entry)
            elif isinstance(entry, UniqueId):
                ids.append(entry)
            else:
                whole = False
                reader.fault(at, entries, index, entry)
    # An entry that is one whole hole may be `*`, which also allows services.
    anybody = [one for one in unknown if all(isinstance(part, Hole) for part in one.parts)]
    unsure = (*found.unknown_services, *anybody)
    found = found._replace(any_aws=any_aws, named=tuple(named), ids=tuple(ids))
    return found._replace(unknown=tuple(unknown), unknown_services=unsure), whole


def _services(reader: Reader, at: str, entries: object, found: Principals) -> tuple[Principals, bool]:
    services: list[str] = []
    unknown: list[Holed] = []
    whole = True
    for index, text in enumerate(reader.strings(at, entries)):
        if isinstance(text, Holed):
            unknown.append(text)
        elif text is None:
            whole = False
        else:
            reason = service_principal(text)
            if reason is None:
                services.append(text)
            else:
                whole = False
                reader.fault(at, entries, index, reason)
    unsure = (*found.unknown_services, *unknown)
    return found._replace(services=tuple(services), unknown_services=unsure), whole


def _foreign(name: object) -> str:
    if name in ("Federated", "CanonicalUser"):
        return f"{name} principals are not supported in a repository policy: expected AWS or Service"
    return f"{quoted(name)} is not a kind of principal: expected AWS or Service"
