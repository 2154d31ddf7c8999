"""Commands and manifests that a Terraform or Terragrunt text passes to other programs.

They are reported, not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...files.files import File
from ...files.marks import CALLED_WHEN_RUN, SERVICE_CALL
from ...found.found import ELSEWHERE, Unjudged
from ..kubernetes.groups import MARK
from ..scripts.commands import MENTION, SETS_REGISTRY, not_read

_MADE = re.compile(rf'{MARK.pattern}|type_name"?\s*[=:]\s*"(?P<type>AWS::ECR::\w+)')
_MADE_ELSEWHERE = "it changes Amazon ECR by other means than a Terraform resource: check the plan, and what is deployed"
_OF_REGISTRIES = frozenset({SETS_REGISTRY, "AWS::ECR::RegistryPolicy"})
_COMMENT = re.compile(r"\s*(?:#|//|\*)")


def mentioned(file: File) -> Iterator[Unjudged]:
    """Yield the calls that open ECR resources, and resources of Kubernetes and Cloud Control, in a source."""
    for sign in (MENTION, _MADE, SERVICE_CALL):
        for found in sign.finditer(file.text):
            before = file.text[: found.start()]
            line, start = before.count("\n") + 1, before.rfind("\n") + 1
            if not _COMMENT.match(file.text, start):
                groups = found.groupdict()
                what = groups.get("type") or groups.get("call") or found[0]
                registry = ELSEWHERE if what in _OF_REGISTRIES else None
                reason = {_MADE: _MADE_ELSEWHERE, SERVICE_CALL: CALLED_WHEN_RUN}.get(sign) or not_read(what)
                yield Unjudged(file.name, line, found.start() - start + 1, what, reason, registry)
