"""The parameters of the rule: camelCase names, text values, lists separated by commas.

They are converted to one trust register, so that its grammar is the only one. The function's stack dictates some of
them: a function for many accounts uses its own, whatever a rule has. An administrator of a served account can point
their own rule at the function. With their own parameters, they would choose what the function trusts, which register it
reads and which role it uses.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

from rdklib import InvalidParametersError

from ...documents.problems import quote
from ...errors import InputError, TrustError
from ...judgement.values.trust import Trust
from ...memo import by_value
from ...sources.aws.events import Json, rule_parameters
from ...sources.register.lists import LISTS, REQUIRED_STATEMENTS, TRUST_MEMBERS, TRUST_REGISTER, in_words, trust_of

if TYPE_CHECKING:
    from ...judgement.values.trust_entries import Entry
    from ...questions.plan.required import Required
    from ...sources.register.content import Location
    from ...sources.register.stores import Held

SECURITY_HUB = "SECURITY_HUB"
"""The environment variable that is set if findings are sent."""


def sends_findings() -> bool:
    """Return whether findings are sent."""
    return bool(os.environ.get(SECURITY_HUB))


RULE_PARAMETERS = "RULE_PARAMETERS"
"""The environment variable with the parameters, as a JSON object of texts. Without it, the rule's own count."""


def with_dictated_parameters(event: Json) -> Json:
    """Return the event with the effective parameters. Raises InputError for a rule with different ones.

    A rule may omit parameters, leave them blank, or repeat the dictated ones.
    """
    dictated = _own_parameters()
    if dictated is None:
        return event
    own = sorted(name for name, value in rule_parameters(event).items() if value not in ("", dictated.get(name)))
    if own:
        raise InputError(
            f"the rule {quote(event.get('configRuleName'))} has its own parameters: "
            f"{', '.join(quote(name) for name in own)}; this function uses those of its own stack for every account: "
            "remove them from the rule"
        )
    return _set_parameters(event, dictated)


def with_current_parameters(event: Json) -> Json:
    """Return the event in a message that the function sent itself, with the parameters that are effective now."""
    dictated = _own_parameters()
    return event if dictated is None else _set_parameters(event, dictated)


def _set_parameters(event: Json, parameters: Json) -> Json:
    return {**event, "ruleParameters": json.dumps(parameters)}


def _own_parameters() -> Json | None:
    """Return the parameters in the environment. Raises InputError if they cannot be read."""
    text = os.environ.get(RULE_PARAMETERS)
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError(f"`{RULE_PARAMETERS}` of the function is not a JSON object: {quote(text)}")
    return {name: value for name, value in found.items() if value != ""}


KEEP_HOURS = "trustRegisterKeepHours"
COUNT_REGISTRY_POLICY = "countRegistryPolicy"
CONTROL_POLICIES = "resourceControlPolicies"
COUNT_CONTROL_POLICIES = "countResourceControlPolicies"
EXECUTION_ROLE_NAME = "ExecutionRoleName"
EXECUTION_ROLE_REGION = "ExecutionRoleRegion"
ASSUME_ROLE_MODE = "AssumeRoleMode"

# name and path: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_ROLE_NAME = re.compile(r"(?:[\w+=,.@-]+/){0,8}[\w+=,.@-]{1,64}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}")
_SETTINGS: Mapping[str, tuple[re.Pattern[str], str]] = {
    EXECUTION_ROLE_NAME: (_ROLE_NAME, "the name of an IAM role, with its path if it has one"),
    EXECUTION_ROLE_REGION: (_REGION, "the name of a Region"),
    ASSUME_ROLE_MODE: (re.compile("true|false", re.IGNORECASE), "`true` or `false`"),
    COUNT_REGISTRY_POLICY: (re.compile("true|false", re.IGNORECASE), "`true` or `false`"),
    COUNT_CONTROL_POLICIES: (re.compile("true|false", re.IGNORECASE), "`true` or `false`"),
    KEEP_HOURS: (re.compile("[0-9]|[1-9][0-9]|1[0-5][0-9]|16[0-8]"), "a number of hours from 0 to 168"),
}
_DEFAULT_KEEP_HOURS = 24
_NOTHING_TO_COUNT = f"`{COUNT_CONTROL_POLICIES}` is `true`, and `{CONTROL_POLICIES}` names no policies to count"
_USELESS_MEMBERS = f"`{TRUST_MEMBERS}` covers nobody without a `{TRUST_REGISTER}` that says `members: true`"


@by_value
class Parameters:
    """The rule's parameters, read once.

    - `trusts_self`: whether the organization of the owner account is trusted.
    - `register`: the location of a register that also counts. Its last good version counts for `keep_hours`.
    - `members`: the location of the list of the organization's accounts.
    - `trust`, `provenance`, `problem`: after reading, the trust with the register, its version, and why a part of it
      cannot be used.
    - `held`, `lists`: the register as it was read, and the entries of the lists alone.
    - `counts_registry_policy`: whether the registry policy counts in the verdict of a repository.
    - `controls`, `control_policies`: the location of resource control policies, and the policies after reading.
    - `counts_control_policies`: whether they can make a result compliant.
    - `requires`, `required`: the location of the statements that every policy must have, and the statements after
      reading.
    """

    trust: Trust
    trusts_self: bool
    register: Location | None = None
    members: Location | None = None
    keep_hours: int = _DEFAULT_KEEP_HOURS
    problem: str | None = None
    held: Held[Trust] | None = None
    lists: tuple[Entry, ...] = ()
    provenance: Mapping[str, object] = field(default_factory=dict)
    counts_registry_policy: bool = True
    controls: Location | None = None
    control_policies: Held[tuple[str, ...]] | None = None
    counts_control_policies: bool = False
    requires: Location | None = None
    required: Held[Required | None] | None = None

    @property
    def told(self) -> str:
        """The trust in words."""
        return in_words(self.trust.entries if self.held is None else self.lists, self.held)

    @classmethod
    def parse(cls, parameters: Json, today: date) -> Parameters:
        """Read all parameters.

        Raises InvalidParametersError, which lists every problem with its parameter and value.
        """
        problems = [*_unknown(parameters), *_unlike_text(parameters), *_bad_settings(parameters)]
        try:
            trust = trust_of(parameters, today)
        except TrustError as error:
            problems += [f"`{name}`: {reason}" for name, reason in error.problems]
            trust = Trust.nobody()
        places = (TRUST_REGISTER, TRUST_MEMBERS, CONTROL_POLICIES, REQUIRED_STATEMENTS)
        register, members, controls, requires = (_place(parameters, name, problems) for name in places)
        counts_controls = text_in(parameters, COUNT_CONTROL_POLICIES).lower() == "true"
        if counts_controls and not text_in(parameters, CONTROL_POLICIES):
            problems.append(_NOTHING_TO_COUNT)
        if problems:
            raise InvalidParametersError("; ".join(problems))
        keep_hours = int(text_in(parameters, KEEP_HOURS) or _DEFAULT_KEEP_HOURS)
        problem = _USELESS_MEMBERS if members and not register else None
        counts = text_in(parameters, COUNT_REGISTRY_POLICY).lower() != "false"
        return cls(
            trust,
            trust.names_self,
            register,
            members,
            keep_hours,
            problem,
            counts_registry_policy=counts,
            controls=controls,
            counts_control_policies=counts_controls,
            requires=requires,
        )


def assumes_role(parameters: Json) -> bool:
    """Return whether to use a role other than the function's own.

    Avoids two problems of rdklib: it raises AttributeError for a JSON boolean, and by default it assumes the role of
    AWS Config itself, which no function may. Here the default is to assume a role only if one is named.
    """
    mode = text_in(parameters, ASSUME_ROLE_MODE)
    return mode.lower() == "true" if mode else bool(text_in(parameters, EXECUTION_ROLE_NAME))


def _place(parameters: Json, name: str, problems: list[str]) -> Location | None:
    """Return the location that a parameter names, or None if it is empty. In that case, nothing is imported."""
    text = text_in(parameters, name)
    if not text:
        return None
    from ...sources.register.content import Location, RegisterError

    try:
        return Location.parse(text)
    except RegisterError as error:
        problems.append(f"`{name}`: {error}")
        return None


def text_in(parameters: Json, name: str) -> str:
    """Return a parameter's text, or "" if it is missing, blank or not text, which `_unlike_text` reports."""
    value = parameters.get(name)
    if isinstance(value, bool) and name == ASSUME_ROLE_MODE:
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _unknown(parameters: Json) -> Iterable[str]:
    known = [*LISTS, TRUST_REGISTER, TRUST_MEMBERS, CONTROL_POLICIES, REQUIRED_STATEMENTS, *_SETTINGS]
    for name, value in parameters.items():
        if name not in known:
            yield f"{quote(name)} ({quote(value)}) is not a parameter of this rule; it has {', '.join(known)}"


def _unlike_text(parameters: Json) -> Iterable[str]:
    for name, value in parameters.items():
        if not isinstance(value, str) and not (isinstance(value, bool) and name == ASSUME_ROLE_MODE):
            yield f"{quote(name)} is {quote(value)}, which is not a text"


def _bad_settings(parameters: Json) -> Iterable[str]:
    for name, (pattern, right) in _SETTINGS.items():
        value = text_in(parameters, name)
        if value and not pattern.fullmatch(value):
            yield f"`{name}` is {quote(value)}; it must be {right}"
