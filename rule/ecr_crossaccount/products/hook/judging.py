"""Judges a resource, with the reader that `check` uses for templates, and what an operation opens.

An operation opens the access that a resource gives after it and did not give before. The policy of the registry is read
when a request does not show whether it opens a repository.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ...documents.document import Document
from ...documents.json import BadJsonError
from ...documents.parse import parse
from ...documents.pattern import Hole, Text, holes_in
from ...documents.problems import quote
from ...judgement.beside import RegistryPolicy
from ...judgement.kinds.table import GOVERNED, ResourceKind
from ...judgement.patterns.automaton import Budget
from ...memo import by_value
from ...questions.change.answer import Opened
from ...questions.change.opening import opened_access
from ...questions.change.states import Form, State
from ...sources.check.changed import with_other_holes
from ...sources.check.findings import Finding, judge_policy
from ...sources.check.results import Result, new_in, results_in
from ...sources.files.values.documents import read_json
from ...sources.files.values.nodes import Node, map_values, replace_matches
from ...sources.formats.cloudformation.resources import LETS_NOBODY_IN, TYPES, is_ours, policy_of
from ...sources.formats.cloudformation.template import Template
from ...sources.found.context import Context
from ...sources.found.found import Harvest
from .request import Json, RequestError

_HIDDEN = "a value that CloudFormation hides"
# AWS documents five asterisks for a parameter with NoEcho and for the hidden attributes of a custom resource. Its API
# returns four: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
# It is not documented what a hook receives for such a value. No policy needs four wildcards in a row.
_MASKED = re.compile(r"\*{4,}")
# https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
_UNKNOWN = re.compile(rf"\{{\{{changeSet:[^{{}}]*\}}\}}|{_MASKED.pattern}")
"""The placeholders for values that are known after the change, or that are hidden."""


def findings_of(kind: str, name: str, properties: Json, place: Context) -> tuple[Finding, ...]:
    """Judge a resource with these properties. Raises RequestError if they cannot be read."""
    check_type(kind)
    if kind in LETS_NOBODY_IN:
        return ()
    required = TYPES[kind].required
    if required is not None and properties.get(required) is None:
        raise RequestError(f"{name} has no `{required}`")
    harvest = _harvest(kind, name, properties, place)
    if harvest.errors:
        raise RequestError("; ".join(error.reason for error in harvest.errors))
    return tuple(judge_policy(found, place) for found in harvest.policies)


def check_type(kind: str) -> None:
    """Raise RequestError for a type that this version does not know."""
    if kind not in LETS_NOBODY_IN and not is_ours(kind):
        way_out = "take it out of the hook's TargetNames"
        raise RequestError(f"{quote(kind)} is not a type that this version judges: {way_out}")


def is_open(value: object) -> bool:
    """Return whether a value, or a part of it, is unknown, stored elsewhere, or hidden. Raises RequestError."""
    text = _json(value, "its names")
    return "{{" in text or _MASKED.search(text) is not None


def _json(value: object, what: str) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        raise RequestError(f"{what} cannot be read: nested too deeply") from None


def _harvest(kind: str, name: str, properties: Json, place: Context) -> Harvest:
    what = f"the properties of {name}"
    try:
        read = read_json(_json({"Resources": {name: {"Type": kind, "Properties": properties}}}, what))
    except BadJsonError as error:
        raise RequestError(f"{what} cannot be read: {error}") from None
    root = map_values(
        read, lambda one: one if one.text is None else one.but(replace_matches(one.text, _UNKNOWN, _hole))
    )
    template = Template("", "", root, no_outputs, account=place.account, region=place.region)
    resource = template.resources[name]
    return policy_of(template, Node(name), resource, kind)


def _hole(found: Text | Hole) -> Hole:
    return Hole(_HIDDEN if str(found).startswith("*") else str(found).strip("{}"))


def no_outputs(template: Template, name: str, output: str) -> None:
    """Return the output of a nested stack: None, because it is unknown here."""


ReadRegistry = Callable[[str], RegistryPolicy | None]
"""Returns the registry policy of an account, or None if there is none."""


def registry_policy(account: str) -> RegistryPolicy | None:
    """Return the current policy of the function's own registry.

    If ECR does not show it, the policy is unknown.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - most requests need no SDK

    from ...sources.aws.clients import client_of  # noqa: PLC0415
    from ...sources.aws.owner import Registry  # noqa: PLC0415

    try:
        text = (registry := Registry(client_of("ecr"), account, os.environ.get("AWS_REGION", ""))).registry_policy()
        return None if text is None else RegistryPolicy(text, registry.scope())
    except (BotoCoreError, ClientError) as error:
        return RegistryPolicy(unread=f"Amazon ECR does not show it: {error}")


NAMES = ("the policy before the change", "the policy after it")
_UNREAD = RegistryPolicy(unread="it is not in the request")


@by_value
class Part:
    """The results for one resource, those of them that are new, and what else the operation opens, in sentences."""

    results: tuple[Result, ...]
    new: tuple[Result, ...]
    beyond: tuple[str, ...] = ()

    @property
    def known(self) -> list[Result]:
        """The results that were already there before the operation."""
        return [result for result in self.results if result not in self.new]


@by_value
class Comparing:
    """Compares the resources of one request. They share the work budget. `registry` reads the registry's policy."""

    budget: Budget
    registry: ReadRegistry

    def part(self, name: str, before: Finding | None, findings: Sequence[Finding]) -> Part:
        """Return what the operation makes of a resource.

        `before` is None if there is no such resource before the operation, or if it is unknown. `findings` are empty if
        the resource is deleted. Raises RequestError if it cannot be read what a registry's policy denied.
        """
        results = tuple(result for finding in findings for result in results_in(finding))
        if before is None:
            return Part(results, results)
        if before.found.kind is ResourceKind.REGISTRY:
            if parse(before.found.policy).invalid or any(holes_in(before.found.policy)):
                raise RequestError(f"what {name} denies before the change cannot be read")
        elif not findings:
            return Part((), ())
        own = Document.REGISTRY if before.found.kind is ResourceKind.REGISTRY else Document.REPOSITORY
        new: list[Result] = []
        beyond: list[str] = []
        for finding in findings:
            found = self._compare_states(before.state, finding.state)
            new += new_in(list(results_in(finding)), _part_of(found, own))
            beyond += _other_openings(found, own)
        if not findings:
            beyond += _other_openings(self._compare_states(before.state, _without_policy(before.state)), own)
        return Part(results, tuple(new), tuple(f"{name}: {text}" for text in dict.fromkeys(beyond)))

    def _compare_states(self, before: State, after: State) -> Opened:
        # The same reference may have another value than before.
        then = with_other_holes(before, frozenset(holes_in([form.policy for form in before.forms])))
        if before.kind not in GOVERNED:
            return opened_access(then, after, NAMES, self.budget)
        found = opened_access(_add_registry(then, _UNREAD), _add_registry(after, _UNREAD), NAMES, self.budget)
        if not _other_openings(found, Document.REPOSITORY):
            return found
        live = self.registry(after.repository.account)
        return opened_access(_add_registry(then, live), _add_registry(after, live), NAMES, self.budget)


def _part_of(found: Opened, document: Document) -> Opened:
    changes = tuple(change for change in found.changes if change.grant.document is document)
    return Opened(changes, tuple(undecided for undecided in found.undecided if undecided.document is document))


def _other_openings(found: Opened, own: Document) -> list[str]:
    """Return what other policies give after the operation, because a Deny no longer stops it."""
    grants = [change.grant for change in found.changes if change.grant.document is not own]
    doubts = [undecided.reason for undecided in found.undecided if undecided.document is not own]
    return [*(f"the registry policy opens it: {grant.reason}" for grant in grants), *doubts]


def _add_registry(state: State, registry: RegistryPolicy | None) -> State:
    return replace(state, forms=tuple(replace(form, registry=registry) for form in state.forms))


def _without_policy(state: State) -> State:
    return replace(state, forms=(Form(None),), doubts=())
