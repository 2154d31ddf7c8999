"""Condition keys that tell of an AWS service that calls, and of the account that it acts for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Callable

from .callers import ABSENT, paths_of
from .charset import ANY
from .domains import PLAIN, Options, SourceArns, Strings
from .scene import Contains, Deputy, Fixed, Meaning, NobodysCustomer
from .shapes import ANY_REGION, ANY_RESOURCE, ANY_TEXT, LABELS, PLAIN_RESOURCE, WORDS
from .tokens import literal, star


def _source_arn(scene: Deputy, key: str) -> Meaning:
    """A resource of the account that the service acts for.

    The names of Lambda's functions and of CodeBuild's projects are known not to hold colons; those of other
    services are not.
    https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html (FunctionArn)
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html (name)
    """
    start, account = f"arn:{scene.place.partition}:", literal(f":{scene.account}:")
    function = literal(f"{start}lambda:") + LABELS + account + literal("function:") + WORDS
    project = literal(f"{start}codebuild:") + LABELS + account + literal("project/") + WORDS
    other = literal(start) + LABELS + literal(":") + ANY_REGION + account
    known = tuple(literal(f"{start}{service}:") + star(ANY) for service in ("lambda", "codebuild"))
    no_account = literal(start) + LABELS + literal(":::") + ANY_TEXT
    values = {key: PLAIN}
    usual = f"{start}lambda:us-east-1:{scene.account}:function:outsider"
    return SourceArns(
        known=Strings(values, (function, project), optional=True, usual=usual),
        plain=Strings(values, (other + PLAIN_RESOURCE,)),
        any_name=Strings(values, (other + ANY_RESOURCE,)),
        elsewhere=Strings(values, (other + ANY_RESOURCE,), never=known),
        unsure=Strings(values, (no_account,), never=known),
    )


def _source_organization(scene: Deputy, key: str) -> Meaning:
    return Options(key, ((scene.organization,), None)) if scene.organization else ABSENT


SOURCE: dict[str, Callable[[Deputy, str], Meaning]] = {
    "aws:sourceaccount": lambda scene, key: Options(key, ((scene.account,), None)),
    "aws:sourcearn": _source_arn,
    "aws:sourceorgid": _source_organization,
    "aws:sourceorgpaths": lambda scene, key: paths_of(key, scene.organization, fresh=scene.fresh, optional=True),
    "aws:principalisawsservice": lambda scene, key: Fixed(("true",)),
    "aws:principalservicename": lambda scene, key: Fixed((scene.service,)),
    "aws:principalservicenameslist": lambda scene, key: Contains(scene.service),
    "aws:principalorgid": lambda scene, key: ABSENT,
    "aws:principalorgpaths": lambda scene, key: Fixed(None, many=True),
    "aws:username": lambda scene, key: ABSENT,
    "aws:principalarn": lambda scene, key: NobodysCustomer(),
    "aws:principalaccount": lambda scene, key: NobodysCustomer(),
    "aws:userid": lambda scene, key: NobodysCustomer(),
}
"""What a service holds of each key; every other key is unsure there."""
