"""Parameters that the function's stack dictates: a function for many accounts judges by its own, whatever a rule says.

Whoever administers an account that the function serves can make a rule of his own at it. With parameters of his own he
would choose whom the function trusts, which register it reads and which role it works with.
"""

from __future__ import annotations

import json
import os

from ..policy.problems import quoted
from .errors import ParametersNotOursError
from .events import Json, rule_parameters

RULE_PARAMETERS = "RULE_PARAMETERS"
"""The environment variable that holds them, as a JSON object of texts; without it, the rule's own count."""


def with_dictated_parameters(event: Json) -> Json:
    """Return the event with the parameters that count. Raises ParametersNotOursError for a rule that says otherwise.

    A rule may leave parameters out or blank, and repeat those that are dictated.
    """
    dictated = _dictated()
    if dictated is None:
        return event
    own = sorted(name for name, value in rule_parameters(event).items() if value not in ("", dictated.get(name)))
    if own:
        raise ParametersNotOursError(
            f"the rule {quoted(event.get('configRuleName'))} has its own parameters: "
            f"{', '.join(quoted(name) for name in own)}; this function uses those of its own stack for every account: "
            "remove them from the rule"
        )
    return _replaced(event, dictated)


def with_current_parameters(event: Json) -> Json:
    """Return the event of a message that the function sent itself, with the parameters that count by now."""
    dictated = _dictated()
    return event if dictated is None else _replaced(event, dictated)


def _replaced(event: Json, parameters: Json) -> Json:
    return {**event, "ruleParameters": json.dumps(parameters)}


def _dictated() -> Json | None:
    """Return what the environment dictates. Raises ParametersNotOursError where that cannot be read."""
    text = os.environ.get(RULE_PARAMETERS)
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ParametersNotOursError(f"`{RULE_PARAMETERS}` of the function is not a JSON object: {quoted(text)}")
    return {name: value for name, value in found.items() if value != ""}
