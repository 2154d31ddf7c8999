"""AWS's documented rules for a hook's answer, as an assertion.

https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import botocore.session
from botocore.model import StructureShape
from botocore.validate import ParamValidator

Json = dict[str, Any]

_FIELDS = {"hookStatus", "errorCode", "message", "clientRequestToken", "callbackContext", "callbackDelaySeconds"}


@cache
def _annotation() -> StructureShape:
    shape = botocore.session.get_session().get_service_model("cloudformation").shape_for("Annotation")
    assert isinstance(shape, StructureShape)
    return shape


def assert_within_limits(answer: Json, longest: int = 4096) -> None:
    """Assert that an answer has only the documented fields, and texts that AWS does not cut."""
    assert set(answer) <= _FIELDS | {"annotations"}
    assert answer["hookStatus"] in {"SUCCESS", "FAILED"}
    assert ("errorCode" in answer) is (answer["hookStatus"] == "FAILED")
    assert answer.get("errorCode") in {None, "NonCompliant", "InternalFailure"}
    assert 1 <= len(answer["message"]) <= longest
    assert answer["annotations"]
    for one in answer["annotations"]:
        _assert_annotation(one)


def _assert_annotation(annotation: Json) -> None:
    shape = _annotation()
    as_modelled = {f"{name[0].upper()}{name[1:]}": value for name, value in annotation.items()}
    assert set(as_modelled) <= set(shape.members)
    assert {"AnnotationName", "Status", "StatusMessage"} <= set(as_modelled)
    assert not ParamValidator().validate(as_modelled, shape).has_errors()
    for name, value in as_modelled.items():
        field = shape.members[name]
        assert 1 <= len(value) <= field.metadata.get("max", len(value)), name
        assert value in field.metadata.get("enum", [value])
        assert re.fullmatch(r"[^\x00-\x1f\x7f]*", value), name
