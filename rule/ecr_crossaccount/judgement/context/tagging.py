"""The tags that a call carries, by its action.

`aws:RequestTag` and `aws:TagKeys` are the tags that a request passes, so an operation without tags in its input has
neither. An action outside the table may have any.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag
https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-supported-iam-actions-tagging.html
"""

from __future__ import annotations

from ..values.actions import CREATE_REPOSITORY, OUTSIDE_THE_TABLE, TAG_RESOURCE, UNTAG_RESOURCE
from .request import Tagging

_CARRYING = {
    Tagging.TAG: TAG_RESOURCE,
    Tagging.CREATE: CREATE_REPOSITORY,
    Tagging.UNTAG: UNTAG_RESOURCE,
    Tagging.UNKNOWN: OUTSIDE_THE_TABLE,
}
ACTIONS_BY_TAGGING = {Tagging.NONE: ~sum(_CARRYING.values()), **_CARRYING}
"""The set of actions for each kind of tags in a call. Each action is in one of them."""
