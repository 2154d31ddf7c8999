"""What actions are, by their names."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Access
from ecr_crossaccount.access.actions import access_of_names


@pytest.mark.parametrize(
    "names, access",
    [
        ([], ()),
        (["ecr:BatchGetImage"], (Access.READ,)),
        (["ECR:batchgetimage", "ecr:PutImage"], (Access.READ, Access.WRITE)),
        (["ecr:SetRepositoryPolicy"], (Access.ADMIN,)),
        (["ecr:NobodyKnowsThisOne"], (Access.WRITE,)),
    ],
)
def test_names_tell_what_access_they_hold(names: list[str], access: tuple[Access, ...]) -> None:
    assert access_of_names(names) == access
