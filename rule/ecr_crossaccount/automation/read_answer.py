"""The planning function's answer, taken apart for the steps that follow; what is no answer ends the run."""

import json
from collections.abc import Mapping
from typing import Any


class AnswerError(Exception):
    """The planning function failed, or would not have this policy stand."""


def read_answer(events: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Answer the step: the fields of the answer, as texts."""
    answer = events["Answer"]
    if isinstance(answer, str):
        answer = json.loads(answer)
    if not isinstance(answer, dict) or "Compliance" not in answer:
        problem = answer.get("errorMessage") if isinstance(answer, dict) else answer
        raise AnswerError(f"the planning function gave no answer, so nothing was changed: {problem}")
    return {name: str(value) for name, value in answer.items()}


def check_answer(events: Mapping[str, Any], context: object) -> dict[str, str]:
    """Answer the step that checks what was written: an error if the policy is not compliant."""
    answer = read_answer(events, context)
    if answer["Compliance"] != "COMPLIANT":
        raise AnswerError(f"the policy that was written is not compliant: {answer['Report']}")
    return answer
