"""The values of options that several subcommands share, checked when they are parsed.

A condition on a Region is judged for the wrong one if the Region is mistyped, so the names of Regions and services are
checked against AWS's.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from ....documents.document import PARTITIONS, REGION
from ....documents.problems import quote
from ....errors import InputError, closest, suggest
from .program import complain

_ENDING = ".amazonaws.com"
_OF_REGION = r"\.[a-z]{2}(?:-[a-z]+)+-[0-9]+(?=\.amazonaws\.com$)"
_BESIDE = ("ecs-tasks", "edgelambda", "eks-fargate-pods", "panorama", "robomaker", "spotfleet", "vpc-flow-logs")
"""Services that policies name, but that have no API of this name."""


def note_unknown_service(service: str, otherwise: str) -> None:
    """Write a note about an unknown service name, with a similar name, and what follows if it is mistyped.

    There is no complete list of the names that AWS gives to services, so an unknown name is not an error.
    """
    plain = re.sub(_OF_REGION, "", service.removesuffix(".cn"))
    known = sorted(_known_services())
    if plain.endswith(_ENDING):
        # `tasks.apprunner` is a name of App Runner, and `replication.ecr` of ECR.
        name = plain.removesuffix(_ENDING).rpartition(".")[2]
        if name in known:
            return
        found = closest(name, known)
        meant = f"{found}{_ENDING}" if found else None
    else:
        meant = closest(plain, (f"{text}{_ENDING}" for text in known))
    hint = f" (did you mean {quote(meant)}?)" if meant else ""
    complain(f"note: {quote(service)} is not known as the name of an AWS service{hint}: if it is mistyped, {otherwise}")


@lru_cache(maxsize=1)
def _known_services() -> frozenset[str]:
    """Return the services that the AWS SDK knows, by the names of their APIs and of their endpoints."""
    from botocore.loaders import Loader

    loader = Loader()
    partitions = loader.load_data("endpoints")["partitions"]
    endpoints = (name.rpartition(".")[2] for partition in partitions for name in partition["services"])
    return frozenset([*endpoints, *loader.list_available_services("service-2"), *_BESIDE])


KNOWN = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
        *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1"),
        *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"),
        *("eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"),
        *("sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
        *("cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1", "eusc-de-east-1", "eu-isoe-west-1"),
        *("us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isob-west-1", "us-isof-east-1", "us-isof-south-1"),
    }
)
"""The Regions of botocore's endpoints. The commands that read files do not import botocore."""


def doubts_about(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the doubt about each Region of a command line and its settings that is not known.

    AWS adds Regions, so an unknown one is a note and not an error.
    """
    given = (getattr(arguments, "region", None), *(getattr(arguments, "regions", None) or ()))
    for name in dict.fromkeys(one for one in given if isinstance(one, str) and one not in KNOWN):
        hint = suggest(name, KNOWN)
        yield f"`{name}` is not known as a Region{hint}: if it is mistyped, conditions on the Region are judged wrongly"


ACCOUNT = r"[0-9]{12}"
REPOSITORY = r"[a-z0-9][a-z0-9._/-]{1,255}"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = r"([0-9]{1,4})([dw]?)"
ORGANIZATION = r"o-[a-z0-9]{10,32}"
PARTITION = rf"({'|'.join(sorted(PARTITIONS))})"


def _matching(pattern: str, what: str, expected: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"`{text}` is not {what}: expected {expected}")
        return text

    return check


account = _matching(ACCOUNT, "an account", "12 digits")
organization = _matching(ORGANIZATION, "an organization", "an id such as `o-a1b2c3d4e5`")
region = _matching(REGION, "a Region", "one such as `eu-central-1`")
partition = _matching(PARTITION, "a partition", "one such as `aws-cn`")
repository = _matching(REPOSITORY, "a repository", "a name such as `team/base`")


def days(text: str) -> int:
    """Return the number of days in `text`, which has days or weeks: `30`, `30d`, `4w`."""
    found = re.fullmatch(TIME, text)
    if not found:
        raise argparse.ArgumentTypeError(f"`{text}` is not a time: expected days or weeks, such as `30d` or `4w`")
    return int(found[1]) * (7 if found[2] == "w" else 1)


Span = int | date
"""A number of days, or a day, as the user gave it."""


def span(text: str) -> Span:
    """Return the number of days in `text`, `30`, `30d` or `4w`, or the day, `2027-03-31`."""
    return _span(text, "a time", "days, weeks or a day, such as `30d`, `4w` or `2027-03-31`")


def day(text: str) -> Span:
    """Return the day in `text`, or the days until then. A bare number is an error, because it could be a year."""
    expected = "one such as `2027-03-31`, or days or weeks from today, `90d` or `12w`"
    return _span("" if text.isdecimal() else text, "a day", expected, shown=text)


def _span(text: str, what: str, expected: str, shown: str = "") -> Span:
    is_day = re.fullmatch(_DAY, text)
    if not (is_day or re.fullmatch(TIME, text)):
        raise argparse.ArgumentTypeError(f"`{shown or text}` is not {what}: expected {expected}")
    if not is_day:
        return days(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"`{text}` is not a day: no calendar has it, expected one such as `2027-03-31`"
        ) from None


def day_of(given: Span, today: date) -> date:
    """Return the given day, or the day that is the given number of days from today."""
    return given if isinstance(given, date) else today + timedelta(days=given)


def days_ahead(option: str, given: Span, today: date) -> int:
    """Return how many days from today a day is; today is 0. Raises InputError for a day in the past."""
    ahead = (day_of(given, today) - today).days
    if ahead < 0:
        raise InputError(f"{option}: `{given}` is over: expected a day from today on")
    return ahead


def days_back(given: Span, today: date, most: int) -> int:
    """Return how many days ago a day is. Raises InputError unless it is 1 to `most` days ago."""
    back = (today - given).days if isinstance(given, date) else given
    if not 1 <= back <= most:
        days_or_day = f"expected 1 to {most} days, or a day from {today - timedelta(days=most)} on"
        raise InputError(f"--usage: CloudTrail keeps {most} days: {days_or_day}, before today")
    return back


def tag(text: str) -> tuple[str, str]:
    """Return the tag in `text`, `KEY=VALUE`."""
    return _two(text, "is not a tag: expected `KEY=VALUE`")


def values_of(given: Sequence[tuple[str, str]], fault: str) -> dict[str, str]:
    """Return the values of an option by name. Raises InputError, with the name in `fault`, if one is given twice."""
    names = [name for name, _ in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(fault.format(twice))
    return dict(given)


def parameter(text: str) -> tuple[str, str]:
    """Return the parameter in `text`, `NAME=VALUE`. The value may be empty."""
    return _two(text, "is not a parameter: expected `NAME=VALUE`")


def context_value(text: str) -> tuple[str, str | None]:
    """Return the condition key of a request and its value from `text`, `KEY=VALUE`. `KEY` alone is absent: None."""
    return _two(text, "has no key: expected `KEY=VALUE`, or `KEY`") if "=" in text else (text, None)


def _two(text: str, fault: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"`{text}` {fault}")
    return name, value


class TrustFile(argparse.Action):
    """`--trust FILE`: a register, or a list of the members of an organization. The content of the file says which."""

    also = ("members",)
    """The attribute with the list of members."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, *_: object
    ) -> None:
        """Store the file as what it is. Exit with an error if another one is of the same kind."""
        attribute = "members" if _lists_members(str(value)) else self.dest
        first = getattr(namespace, attribute, None)
        if first not in (None, value):
            what = "list of members" if attribute == "members" else "register"
            parser.error(f"--trust {value}: `{first}` is a {what} too: expected one of them")
        setattr(namespace, attribute, value)


def _lists_members(file: str) -> bool:
    """Return whether a file lists members. A file that cannot be read is called a register, whose reader says why."""
    from ....sources.reading.files import STANDARD_INPUT, UnreadableError, text_named

    if file == STANDARD_INPUT:
        return False
    try:
        text = text_named(file, LARGEST_LIST)
    except UnreadableError:
        return False
    return text.lstrip().startswith("{") and bool(_MEMBERS.search(text)) and not _ENTRIES.search(text)


LARGEST_LIST = 16 * 1_048_576
"""In bytes. A list of 50,000 members takes about 6,000,000."""
_MEMBERS, _ENTRIES = re.compile(r'"accounts"\s*:'), re.compile(r'"trust"\s*:')


def add_trust(parser: argparse._ActionsContainer) -> None:
    """Add `--trust FILE` and `--no-trust`."""
    register = parser.add_mutually_exclusive_group()
    register.add_argument(
        "--trust",
        metavar="FILE",
        action=TrustFile,
        help="the register, or a list of members; repeatable (default: trust.yaml here)",
    )
    register.add_argument("--no-trust", action="store_const", const=None, dest="trust", help="trust nobody")


def add_organization(parser: argparse._ActionsContainer) -> None:
    """Add `--organization ID`."""
    parser.add_argument(
        "--organization", metavar="ID", type=organization, help="its organization, which the register calls `self`"
    )


def add_tag(parser: argparse._ActionsContainer) -> None:
    """Add `--tag KEY=VALUE`."""
    parser.add_argument(
        "--tag", metavar="KEY=VALUE", type=tag, action="append", dest="tags", help="a tag of it; give all that it has"
    )


def add_account(parser: argparse._ActionsContainer, dest: str, meaning: str) -> None:
    """Add `--account ID`."""
    parser.add_argument("--account", "--owner", metavar="ID", type=account, dest=dest, help=meaning)


def add_region(parser: argparse._ActionsContainer, meaning: str = "its Region") -> None:
    """Add `--region REGION`."""
    parser.add_argument("--region", metavar="REGION", type=region, help=meaning)
