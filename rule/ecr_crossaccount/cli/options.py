"""The values of options that several subcommands take, checked as they are read."""

from __future__ import annotations

import argparse
import re
from datetime import date, timedelta

from ..policy.principals import PARTITIONS, is_region
from .errors import InputError

ACCOUNT = re.compile(r"[0-9]{12}")
REPOSITORY = re.compile(r"[a-z0-9][a-z0-9._/-]{1,255}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"([0-9]{1,4})([dw]?)")
ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
PARTITION = re.compile(rf"({'|'.join(sorted(PARTITIONS))})")


def account(text: str) -> str:
    """Return `text` if it is the number of an account."""
    if not ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is not an account: expected 12 digits")
    return text


def organization(text: str) -> str:
    """Return `text` if it is the id of an organization."""
    if not ORGANIZATION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is not an organization: expected an id such as `o-a1b2c3d4e5`")
    return text


def region(text: str) -> str:
    """Return `text` if it is a Region."""
    if not is_region(text):
        raise argparse.ArgumentTypeError(f"`{text}` is not a Region: expected one such as `eu-central-1`")
    return text


def partition(text: str) -> str:
    """Return `text` if it is a partition."""
    if not PARTITION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is not a partition: expected one such as `aws-cn`")
    return text


def days(text: str) -> int:
    """Return how many days `text` says, in days or weeks: `30`, `30d`, `4w`."""
    found = TIME.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"`{text}` is not a time: expected days or weeks, such as `30d` or `4w`")
    return int(found[1]) * (7 if found[2] == "w" else 1)


Span = int | date
"""A number of days, or the day that they reach to, as the user says it."""


def span(text: str) -> Span:
    """Return the days that `text` says, `30`, `30d` or `4w`, or the day, `2027-03-31`."""
    if _DAY.fullmatch(text):
        return _day(text)
    if not TIME.fullmatch(text):
        expected = "expected days, weeks or a day, such as `30d`, `4w` or `2027-03-31`"
        raise argparse.ArgumentTypeError(f"`{text}` is not a time: {expected}")
    return days(text)


def day(text: str) -> Span:
    """Return the day that `text` says, or the days until then; a bare number could be a year as well."""
    if _DAY.fullmatch(text):
        return _day(text)
    if text.isdecimal() or not TIME.fullmatch(text):
        expected = "expected one such as `2027-03-31`, or days or weeks from today, `90d` or `12w`"
        raise argparse.ArgumentTypeError(f"`{text}` is not a day: {expected}")
    return days(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"`{text}` is not a day: no calendar has it, expected one such as `2027-03-31`"
        ) from None


def day_of(given: Span, today: date) -> date:
    """Return the day that is so many days from today, or that is given."""
    return given if isinstance(given, date) else today + timedelta(days=given)


def days_ahead(option: str, given: Span, today: date) -> int:
    """Return how many days from today a day is, today being none. Raises InputError for one that is over."""
    ahead = (day_of(given, today) - today).days
    if ahead < 0:
        raise InputError(f"{option}: `{given}` is over: expected a day from today on")
    return ahead


def days_back(option: str, given: Span, today: date, most: int) -> int:
    """Return how many days ago a day is. Raises InputError for a day to come, today, and more than `most` days."""
    back = (today - given).days if isinstance(given, date) else given
    if not 1 <= back <= most:
        days_or_day = f"expected 1 to {most} days, or a day from {today - timedelta(days=most)} on"
        raise InputError(f"{option}: CloudTrail keeps {most} days: {days_or_day}, before today")
    return back


def repository(text: str) -> str:
    """Return `text` if it can be the name of a repository."""
    if not REPOSITORY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is not a repository: expected a name such as `team/base`")
    return text


def tag(text: str) -> tuple[str, str]:
    """Return the tag that `text`, `KEY=VALUE`, names."""
    return _two(text, "is not a tag: expected `KEY=VALUE`")


def parameter(text: str) -> tuple[str, str]:
    """Return the parameter that `text`, `NAME=VALUE`, sets; the value may be empty."""
    return _two(text, "is not a parameter: expected `NAME=VALUE`")


def context_value(text: str) -> tuple[str, str]:
    """Return the condition key of a request that `text`, `KEY=VALUE`, sets, and its value."""
    return _two(text, "has no value: expected `KEY=VALUE`")


def _two(text: str, fault: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"`{text}` {fault}")
    return name, value


def add_members(parser: argparse._ActionsContainer) -> None:
    """Add `--members FILE`."""
    parser.add_argument(
        "--members",
        metavar="FILE",
        help="the accounts of the organization, as JSON: whom `members: true` in the register covers by name",
    )


def add_trust(parser: argparse._ActionsContainer) -> None:
    """Add `--trust FILE` and `--no-trust`."""
    register = parser.add_mutually_exclusive_group()
    register.add_argument(
        "--trust", metavar="FILE", help="the trust register, YAML or JSON (default: trust.yaml, if it is here)"
    )
    register.add_argument(
        "--no-trust", action="store_const", const=None, dest="trust", help="trust nobody, and ignore trust.yaml"
    )
