"""Condition keys that tell of an AWS service that calls, and of the account that it acts for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Callable

from .callers import ABSENT, paths_of
from .charset import ANY, DIGIT, LABEL
from .domains import PLAIN, Options, SourceArns, Strings
from .scene import Contains, Deputy, Fixed, Meaning, NobodysCustomer
from .shapes import ANY_RESOURCE, ANY_TEXT, PLAIN_RESOURCE, REGION_OF_ARN, SERVICE_OF_ARN, WORDS
from .tokens import exactly, literal, star

_WELL_KNOWN = ("lambda", "codebuild")
"""Services whose resources are known by name: functions of Lambda and projects of CodeBuild hold no colons.

Whether they ever send the ARN of a version, an alias or a build, which has one more field, is not documented.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html (FunctionArn)
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html (name)
"""


def is_well_known(service: str) -> bool:
    """Whether the ARNs that a service, given by its principal, acts for are known to the last character."""
    return service.partition(".")[0] in _WELL_KNOWN


def _source_arn(scene: Deputy, key: str) -> Meaning:
    """A resource of the account that the service acts for, which nobody knows all names of but of a few services."""
    start, account = f"arn:{scene.place.partition}:", literal(f":{scene.account}:")
    function = literal(f"{start}lambda:") + REGION_OF_ARN + account + literal("function:") + WORDS
    project = literal(f"{start}codebuild:") + REGION_OF_ARN + account + literal("project/") + WORDS
    build = literal(f"{start}codebuild:") + REGION_OF_ARN + account + literal("build/") + WORDS + literal(":") + WORDS
    qualified = function + literal(":") + WORDS
    service = literal(start) + SERVICE_OF_ARN + literal(":")
    other = service + star(LABEL) + account
    numbered = service + exactly(DIGIT) + star(ANY)  # no region begins with a digit, as an account number does
    known = tuple(literal(f"{start}{name}:") + star(ANY) for name in _WELL_KNOWN)
    no_account = service + literal("::") + ANY_TEXT
    values = {key: PLAIN}
    usual = f"{start}lambda:us-east-1:{scene.account}:function:outsider"
    return SourceArns(
        known=Strings(values, (function, project), optional=True, usual=usual, unsure=(qualified, build)),
        plain=Strings(values, (other + PLAIN_RESOURCE,), never=(numbered,)),
        any_name=Strings(values, (other + ANY_RESOURCE,), never=(numbered,)),
        elsewhere=Strings(values, (other + ANY_RESOURCE,), never=(*known, numbered)),
        unsure=Strings(values, (no_account,), never=known),
        well_known=is_well_known(scene.service),
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
