"""Parameters that the function's stack dictates. A function for many accounts uses its own, whatever a rule has.

An administrator of a served account can point their own rule at the function. With their own parameters, they would
choose what the function trusts, which register it reads and which role it uses.
"""

from __future__ import annotations

import json
import os

from ...documents.problems import quoted
from ...sources.aws.errors import ParametersNotOursError
from ...sources.aws.events import Json, rule_parameters

RULE_PARAMETERS = "RULE_PARAMETERS"
"""The environment variable with the parameters, as a JSON object of texts. Without it, the rule's own count."""


def with_dictated_parameters(event: Json) -> Json:
    """Return the event with the effective parameters. Raises ParametersNotOursError for a rule with different ones.

    A rule may omit parameters, leave them blank, or repeat the dictated ones.
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
    """Return the event in a message that the function sent itself, with the parameters that are effective now."""
    dictated = _dictated()
    return event if dictated is None else _replaced(event, dictated)


def _replaced(event: Json, parameters: Json) -> Json:
    return {**event, "ruleParameters": json.dumps(parameters)}


def _dictated() -> Json | None:
    """Return the parameters in the environment. Raises ParametersNotOursError if they cannot be read."""
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
