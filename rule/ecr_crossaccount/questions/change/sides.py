"""One form of a state as one side of a search: its statements, in a context that both sides share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...documents.conditions import Base, Condition, Operator
from ...documents.document import EVERYONE, Actions, Document, Effect, Policy, Resources, Statement
from ...documents.parse import parse
from ...documents.pattern import Hole, Holed, Part, Pattern, Variable, join_parts, pattern, pattern_of
from ...judgement.admission import ANY_ACTION, STEPS_OF_RESOURCES, Admitted, RepositoryArn, admit, concerns
from ...judgement.beside import RegistryPolicy, registry_statements
from ...judgement.conditions.operators import Truth
from ...judgement.context.keys import meaning
from ...judgement.context.request import Fixed, PrincipalRequest, Settled, settled_answer
from ...judgement.control import control_statements
from ...judgement.judge import context_of
from ...judgement.kinds.public import changing
from ...judgement.kinds.table import OF_MANY, ResourceKind
from ...judgement.patterns.automaton import Budget
from ...judgement.patterns.comparisons import as_it_stands
from ...judgement.search.candidates import FRESH_ACCOUNT
from ...judgement.values.actions import EVERY_OF_REGISTRY, ActionSets
from ...judgement.values.trust import Trust, trust_in
from ...judgement.values.trust_entries import SELF
from .compare import Side
from .states import Documents, State, read_of

_STEPS = 50_000
Names = tuple[str, ...]
EVERYTHING = Statement(0, None, Effect.ALLOW, EVERYONE, Actions(negated=False, patterns=("*",)), None, ())
"""An Allow of everything, in place of a policy that may allow anything."""


def trust_of(state: State, about: State, documents: Iterable[object]) -> Trust:
    """Return the part of a state's register that applies to the repositories of `about`, which are among its own."""
    trust = trust_in(state.trust, tuple(map(pattern_of, about.names)))
    # A registry's policy and replication are about many repositories, and look up the entries for each.
    if state.kind not in OF_MANY:
        trust = trust.about(about.repository.name)
    return trust.naming([read_of(document) for document in documents], state.repository.organization)


def entries_of(trust: Trust, kind: ResourceKind, organization: str | None) -> list[tuple[str, str, str, Names]]:
    """Return the entries of a register that `trust_of` returned: subject, name, access and repositories."""
    found = set()
    for entry in trust.valid:
        name = organization if entry.name == SELF else entry.name
        if name is not None:
            repositories = entry.repositories if kind in OF_MANY else ("*",)
            found.add((entry.subject.value, name, entry.access.value, repositories))
    return sorted(found)


def side_of(state: State, about: State, documents: Documents, registry: RegistryPolicy | None, scope: int) -> Side:
    """Return the statements of a state that apply to the repository of `about`.

    `documents`: the policy and the registry policy that are read. `registry`: what else is known about the second.
    `scope`: the actions to which a registry policy applies.
    """
    own = parse(documents[0])
    is_public = state.kind is ResourceKind.PUBLIC_REPOSITORY
    statements = tuple(map(changing, own.statements)) if is_public else own.statements
    beside = None if registry is None else replace(registry, document=documents[1])
    of_registry = registry_statements(beside)
    controls, faults = control_statements(state.rcps)
    context = context_of(state.repository, state.trust, tuple(sorted(state.repository.tags.items())))
    arn = RepositoryArn(context.partition, context.region, context.owner, about.repository.name)
    others = (*in_scope(of_registry.statements, scope), *controls)
    applied = (*applying(others, arn), *_unknown(beside))
    invalid = (*own.invalid, *of_registry.invalid, *faults)
    return Side(admit(Policy((*statements, *applied), invalid), context, state.origin), context, state.trust)


def applying(statements: Iterable[Statement], arn: RepositoryArn) -> Iterator[Statement]:
    """Yield the statements that apply to a repository, as they would be in its own policy.

    A statement that may apply has a condition that is unknown, and the same for equal Resources.
    """
    budget = Budget(STEPS_OF_RESOURCES)
    for statement in statements:
        whole, resources = statement._replace(resources=None), statement.resources
        answer = Truth.YES if resources is None else concerns(resources, arn, budget)
        if resources is None or answer is Truth.YES:
            yield whole
        elif answer is Truth.UNKNOWN:
            yield whole._replace(conditions=(*statement.conditions, _doubt_about(resources)))


def _doubt_about(resources: Resources) -> Condition:
    written = sorted(one.source for one in resources.patterns)
    return _unknown_condition(f"{'NotResource' if resources.negated else 'Resource'} {', '.join(written)}")


def _unknown_condition(what: str) -> Condition:
    """Return a condition that may hold or not. The same text means the same condition."""
    value = pattern(Holed((Hole(what),)), wild=False, variables=False)
    return Condition(Operator(Base.STRING_EQUALS, source="StringEquals"), what, f"unknown {what}", (value,))


def _unknown(registry: RegistryPolicy | None) -> Iterator[Statement]:
    """Yield what a registry policy that could not be read may be. Equal reasons mean the same policy."""
    if registry is not None and registry.unread is not None:
        holes = (Holed((Hole(f"the registry policy: {registry.unread}"),)),)
        yield EVERYTHING._replace(document=Document.REGISTRY, holes=holes)


def in_scope(statements: Iterable[Statement], scope: int) -> Iterator[Statement]:
    """Yield the statements of a registry policy with its scope written into their actions, which can be compared."""
    if scope == ANY_ACTION:
        yield from statements
        return
    sets = ActionSets(EVERY_OF_REGISTRY)
    for statement in statements:
        certain, perhaps = sets.allowed_actions(statement.actions)
        if statement.effect is Effect.DENY:
            certain = perhaps = sets.denied_actions(statement.actions)
        holed = tuple(
            text for text in statement.actions.patterns if isinstance(text, Holed) and not statement.actions.negated
        )
        holes = (Holed((Hole("NotAction"),)),) if certain != perhaps and statement.actions.negated else ()
        names = sets.names((perhaps if holes else certain) & scope)
        yield statement._replace(
            actions=Actions(negated=False, patterns=(*names, *holed)), holes=(*statement.holes, *holes)
        )


# --- one meaning for both sides ---


def with_one_meaning(base: Side, giver: Side) -> tuple[Side, Side]:
    """Return both sides in the context of the giver.

    Conditions on the repository whose meaning differs, such as those on a changed tag, are answered beforehand, each on
    its own side.
    """
    if base.context == giver.context:
        return base, giver
    sides = []
    for one, other in ((base, giver), (giver, base)):
        settled = (_settle_conditions(each, one, other) for each in one.admitted.statements)
        kept = (each for each in settled if each is not None)
        sides.append(one._replace(admitted=Admitted.from_statements(kept, one.admitted.invalid, one.admitted.notes)))
    return sides[0], sides[1]


_OF_REPOSITORY = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "aws:requestedregion"})
_TAGS = ("aws:resourcetag/", "ecr:resourcetag/")


def _differs(key: str, one: Side, other: Side) -> bool:
    return (key in _OF_REPOSITORY or key.startswith(_TAGS)) and _meaning(key, one) != _meaning(key, other)


def _meaning(key: str, side: Side) -> object:
    return meaning(PrincipalRequest(side.context, FRESH_ACCOUNT, None, fresh=True), key)


def _settle_conditions(statement: Statement, here: Side, there: Side) -> Statement | None:
    """Return a statement without the conditions that are answered on its own side, or None if it never applies."""
    conditions: list[Condition] = []
    for written in statement.conditions:
        one = _fill_variables(written, here, there)
        if not _differs(one.name, here, there):
            conditions.append(one)
            continue
        found = _answer(one, here)
        if found is Truth.NO:
            return None
        if found is Truth.UNKNOWN:
            conditions.append(_unknown_condition(f"{one.key} of {here.name}"))
    return statement._replace(conditions=tuple(conditions))


def _answer(condition: Condition, side: Side) -> Truth:
    found = _meaning(condition.name, side)
    has_variables = any(isinstance(value, Pattern) and value.variables for value in condition.values)
    if has_variables or not isinstance(found, Settled):
        return Truth.UNKNOWN
    return settled_answer(found, as_it_stands(condition), Budget(_STEPS))


def _fill_variables(condition: Condition, here: Side, there: Side) -> Condition:
    """Return a condition with the values of its own side in place of variables whose meaning differs."""
    values = [
        Pattern(join_parts(_part(part, here, there) for part in value.parts), value.source)
        if isinstance(value, Pattern)
        else value
        for value in condition.values
    ]
    return replace(condition, values=tuple(values)) if tuple(values) != condition.values else condition


def _part(part: Part, here: Side, there: Side) -> Part:
    if not isinstance(part, Variable) or not _differs(part.key, here, there):
        return part
    found = _meaning(part.key, here)
    known = found.values if isinstance(found, Fixed) else None
    if known is not None and len(known) == 1 and isinstance(known[0], str):
        return known[0]
    if isinstance(found, Fixed) and not known and part.default is not None:
        return part.default
    return Hole(f"{part.key} of {here.name}")
