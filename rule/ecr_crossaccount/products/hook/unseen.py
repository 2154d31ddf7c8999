"""What a change set would make that its payload does not show: nested stacks, and what programs do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...documents.problems import quoted
from .request import RequestError

# A change set has other change sets for its nested stacks only with `IncludeNestedStacks`, which is off by default:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
# Their resources are resources of a stack. Hooks for `RESOURCE` are called for them, whatever creates that stack:
# https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-concepts.html
_HERE = frozenset(
    {
        "AWS::CloudFormation::Stack",
        "AWS::Serverless::Application",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    }
)
_IN_OTHER_ACCOUNTS = "AWS::CloudFormation::StackSet"
_MODULE = "::MODULE"
_WHEN_MADE = (
    "the hook for resources judges what it makes, when that is made or changed, unless a filter leaves that stack out"
)


def is_made_elsewhere(kind: str) -> bool:
    """Return whether a resource makes resources of another stack, which are not in the payload."""
    return kind in _HERE or kind == _IN_OTHER_ACCOUNTS or kind.endswith(_MODULE)


def unseen(kinds: Mapping[str, str], reasons: Mapping[str, str], *, judged: bool) -> Iterator[str]:
    """Yield a sentence about each resource that is not judged.

    `kinds` are types by name, `reasons` why some are not judged.

    `judged`: whether the hook is called for the resources of stacks. Raises RequestError if nothing judges a resource.
    """
    for name, kind in kinds.items():
        if kind == _IN_OTHER_ACCOUNTS:
            yield f"{quoted(name)}: what the StackSet makes is judged by the hooks of its accounts and Regions, if any"
        elif is_made_elsewhere(kind):
            if not judged:
                raise RequestError(
                    f"what {quoted(name)} ({kind}) makes is not in the payload, and the hook is not asked about the "
                    "resources of stacks: add RESOURCE to its Operations"
                )
            yield f"{quoted(name)} ({kind}): {_WHEN_MADE}"
        elif name in reasons:
            yield f"{quoted(name)}: {reasons[name]}"
