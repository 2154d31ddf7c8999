"""An account with its roles and repositories, read once and prepared for all questions about its sessions.

Besides `sts:AssumeRole`, other calls lead from a role to the permissions of others. Anyone who can change IAM, give a
role to a service that runs their code, or run commands on compute that has a role, can do what that role can do. The
lists follow Cloudsplaining, PMapper and Prowler.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://github.com/salesforce/cloudsplaining/blob/master/cloudsplaining/shared/constants.py
https://github.com/nccgroup/PMapper/wiki/Privilege-Escalation-Risks
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property, lru_cache

from ...documents.document import Actions, Effect, Policy, Resources, Statement
from ...documents.parse import parse
from ...documents.pattern import pattern
from ...judgement.admission import Origin, admit, names_resource
from ...judgement.beside import RegistryPolicy, registry_statements, scopes_of
from ...judgement.conditions.operators import Truth, clause, roles_in
from ...judgement.context.request import RepositoryContext
from ...judgement.control import control_statements
from ...judgement.judge import EARLIEST
from ...judgement.patterns.tokens import Names
from ...judgement.search.denies import Deny
from ...judgement.values.actions import ActionSets
from ...judgement.values.trust import Trust, TrustLevel
from ...memo import by_value, keep_results
from .account import Marks, Role, Tags, is_about_caller, start_of
from .outsiders import Door, IdentityPolicy, TrustPolicy, TrustStatement, identity_policy, trust_policy
from .permissions import Grantable, Granted, Permissions
from .sessions import calls_of

_EACH = """
    iam:PutRolePolicy iam:AttachRolePolicy iam:CreatePolicyVersion iam:SetDefaultPolicyVersion
    iam:UpdateAssumeRolePolicy iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile iam:PutUserPolicy
    iam:PutGroupPolicy iam:AttachUserPolicy iam:AttachGroupPolicy iam:AddUserToGroup
    iam:DeleteRolePermissionsBoundary lambda:UpdateFunctionCode glue:UpdateDevEndpoint ecs:ExecuteCommand
    ec2-instance-connect:SendSSHPublicKey ssm:SendCommand ssm:StartSession codebuild:StartBuild
"""
_ALONE = _EACH.split()
_TOGETHER = [
    line.split()
    for line in """
    iam:PassRole ec2:RunInstances
    iam:PassRole ec2:RequestSpotInstances
    iam:PassRole lambda:CreateFunction lambda:InvokeFunction
    iam:PassRole lambda:CreateFunction lambda:AddPermission
    iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping
    iam:PassRole ecs:RegisterTaskDefinition ecs:RunTask
    iam:PassRole ecs:RegisterTaskDefinition ecs:StartTask
    iam:PassRole ecs:RegisterTaskDefinition ecs:CreateService
    iam:PassRole codebuild:CreateProject codebuild:StartBuild
    iam:PassRole cloudformation:CreateStack
    iam:PassRole glue:CreateDevEndpoint
    iam:PassRole glue:CreateJob glue:StartJobRun
    iam:PassRole sagemaker:CreateNotebookInstance
    iam:PassRole sagemaker:CreateTrainingJob
    iam:PassRole sagemaker:CreateProcessingJob
    iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline
    iam:PassRole apprunner:CreateService
    iam:PassRole bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:InvokeCodeInterpreter
    ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances
    cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet
""".splitlines()
    if line.split()
]
"""Actions that together run someone's code with a role. Alone, none of them does."""

NAMES = tuple(dict.fromkeys([*_ALONE, *(name for line in _TOGETHER for name in line)]))
_IN_LIST = Names(name.lower() for name in NAMES)
_BITS = {name: 1 << place for place, name in enumerate(NAMES)}
EVERY = sum(_BITS.values())
_SETS = [_BITS[name] for name in _ALONE] + [sum(_BITS[name] for name in line) for line in _TOGETHER]


@lru_cache(maxsize=1024)
def more_of(actions: Actions) -> int:
    """Return the listed actions that an element names, as bits."""
    found = 0
    for text in actions.patterns:
        found |= _IN_LIST.matching(pattern(str(text).lower(), wild=True, variables=False).parts)
    return EVERY & ~found if actions.negated else found


def leading(mask: int) -> tuple[str, ...]:
    """Return the actions of a set that lead further, alone or with others of the set."""
    telling = 0
    for number in _SETS:
        if mask & number == number:
            telling |= number
    return tuple(name for name, bit in _BITS.items() if telling & bit)


Masks = Callable[[Actions], int]


@dataclass(frozen=True, slots=True, eq=False)
class Repository:
    """A repository, as far as its access depends on it. Compared by identity."""

    arn: str
    name: str
    region: str
    policy: object = None
    registry: RegistryPolicy | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    tags_known: bool = False

    @property
    def known_tags(self) -> Tags:
        """The tags in order, or None if they are unknown."""
        return tuple(sorted(self.tags.items())) if self.tags_known else None


@by_value
class Account:
    """An account. `organization` and `path` are its place, if known. `rcps` are the resource control policies.

    `unread` are reasons why there may be more roles, or more permissions, than `roles` has.
    """

    number: str
    roles: tuple[Role, ...]
    repositories: tuple[Repository, ...]
    partition: str = "aws"
    organization: str | None = None
    rcps: tuple[object, ...] = ()
    unread: tuple[str, ...] = ()


class House:
    """An account, prepared. Each document is read once."""

    def __init__(self, account: Account, trust: Trust) -> None:
        self.account = account
        self.trust = trust
        self.roles = {role.arn: role for role in account.roles}
        self.sets = ActionSets()
        self._today = datetime.combine(trust.today or EARLIEST, time(), UTC)
        place = None if trust.members is None else trust.members.place_of(account.number, account.organization)
        self._place = place
        controls, faults = control_statements(account.rcps)
        self._controls = tuple(controls)
        self.unread = (*account.unread, *(f"{fault.at} {fault.reason}" for fault in faults))
        self._granted: dict[object, Granted] = {}
        self._first: dict[Hashable, Role] = {}

    @keep_results
    def context(self, region: str | None, tags: Tags) -> RepositoryContext:
        """Return a resource's part of every request. `tags` are None if they are unknown."""
        account, known = self.account, tags is not None
        where = account.number, account.partition, region, account.organization
        return RepositoryContext(*where, tags or (), known, self._today, self._place)

    def context_of_role(self, role: Role) -> RepositoryContext:
        """Return a role's part of every call that assumes it."""
        return self.context(None, role.known_tags)

    # --- trust policies ---

    def trust_of(self, role: Role) -> TrustPolicy:
        """Return the trust policy of a role, without what AWS would not accept or does not apply."""
        return self._admitted_trust(role)[0]

    def notes_of(self, role: Role) -> tuple[str, ...]:
        """Return what a reader should know about the trust policy of a role, such as principals that are deleted."""
        return self._admitted_trust(role)[1]

    @keep_results
    def _admitted_trust(self, role: Role) -> tuple[TrustPolicy, tuple[str, ...]]:
        if role.trust is None:
            return TrustPolicy((), (f"{role.shown} has no trust policy in the answer of IAM",)), ()
        read = trust_policy(role.trust)
        policy = Policy(tuple(statement.statement for statement in read.statements), ())
        admitted = admit(policy, self.context_of_role(role), Origin.DEPLOYED)
        faults = (f"{role.trust.name}: {invalid.at} {invalid.reason}" for invalid in admitted.invalid)
        statements = tuple(
            one._replace(statement=admitted.statements[place]) for place, one in enumerate(read.statements)
        )
        return TrustPolicy(statements, (*read.unread, *faults)), admitted.notes

    def controls_of(self, role: Role) -> tuple[TrustStatement, ...]:
        """Return the Denies of resource control policies that certainly apply to calls that assume a role."""
        return tuple(
            TrustStatement(control, (), calls_of(control.actions))
            for control in self._controls
            if control.resources is None or names_resource(control.resources, role.arn) is Truth.YES
        )

    def door(self, role: Role, circles: tuple[TrustLevel, TrustLevel, TrustLevel]) -> Door:
        """Return the trust policy of a role, prepared for the search for outsiders."""
        statements = self.trust_of(role).statements
        allows = tuple(statement for statement in statements if statement.is_allow)
        denies = (*(statement for statement in statements if not statement.is_allow), *self.controls_of(role))
        roles = roles_in(statement.statement.principals for statement in statements)
        return Door(self.context_of_role(role), allows, denies, roles, circles)

    def door_key(self, role: Role) -> Hashable:
        """Return on what it depends who may assume a role from outside."""
        apart = role.arn if role.is_service_linked or role.is_of_identity_center or self._controls else None
        return self.trust_of(role), role.known_tags, apart

    @keep_results
    def granted_by_trust(self, role: Role, action: int) -> Granted:
        """Return what the trust policy of a role grants of one action, for sessions of the account itself."""
        door = self.door(role, NOBODY_TRUSTED)
        allows = tuple(_grantable(allow.statement, action) for allow in door.allows if allow.calls & action)
        return Granted(
            allows, tuple(_deny(deny.statement, action) for deny in door.denies if deny.calls & action), door.roles
        )

    # --- permissions ---

    @keep_results
    def permissions(self, role: Role, kind: str) -> Permissions:
        """Return the permissions of a role for actions of one kind: `ecr`, `sts` or `more`."""
        masks: Mapping[str, tuple[Masks, Masks]] = {
            "ecr": (lambda actions: self.sets.allowed_actions(actions)[0], self.sets.denied_actions),
            "sts": (calls_of, calls_of),
            "more": (more_of, more_of),
        }
        return _permissions(role, *masks[kind])

    # --- roles that no document tells apart ---

    @keep_results
    def alike(self, role: Role, kind: str) -> Role:
        """Return the first of the roles that are like a role, as far as actions of one kind depend on it."""
        return self._first.setdefault(self._said_of(role, kind), role)

    def _said_of(self, role: Role, kind: str) -> Hashable:
        """Return everything on which the permissions of a role depend, and for `sts` those to assume it too."""
        own = self.permissions(role, kind)
        limits = None if own.boundary is None else tuple(grantable.statement for grantable in own.boundary)
        allows, denies = (tuple(one.statement for one in some) for some in (own.allows, own.denies))
        said = (kind, allows, limits, denies, own.unread, own.unknown, role.known_tags, role.partition, bool(role.id))
        if kind == "sts":
            controls = tuple(control.statement for control in self.controls_of(role))
            return said, self.trust_of(role), role.is_service_linked, controls, self._marks_of_sts.marks_of(role)
        if any(map(is_about_caller, own.statements)):
            return said, role.arn
        return said, self._marks_of_repositories.marks_of(role) if kind == "ecr" else None

    @cached_property
    def _marks_of_sts(self) -> Marks:
        """By what anything that is said about `sts:AssumeRole` tells roles apart."""
        every = [*self._controls]
        for role in self.account.roles:
            every += [statement.statement for statement in self.trust_of(role).statements]
            every += self.permissions(role, "sts").statements
        return Marks(every, self.account.roles)

    @cached_property
    def _marks_of_repositories(self) -> Marks:
        """By what the policies of repositories and registries tell roles apart. Their Resources are repositories."""
        granted = {id(one): one for one in map(self.granted_by, self.account.repositories)}
        every = (statement for one in granted.values() for statement in one.statements)
        return Marks((one._replace(resources=None) for one in every), self.account.roles)

    # --- repositories ---

    def granted_by(self, repository: Repository) -> Granted:
        """Return what the policies of a repository and its registry say, and resource control policies."""
        registry = repository.registry
        of_registry = registry_statements(registry).statements
        about = tuple(
            Truth.YES if control.resources is None else names_resource(control.resources, repository.arn)
            for control in (*of_registry, *self._controls)
        )
        text = repository.policy if isinstance(repository.policy, str) else id(repository.policy)
        key = (text, repository.region, id(registry), about)
        found = self._granted.get(key)
        if found is None:
            found = self._granted[key] = self._read(repository, of_registry, about)
        return found

    @property
    def groups(self) -> list[tuple[Trust, int]]:
        """The repositories that only a Resource tells apart, as bits of their places, with the register about them."""
        found: dict[object, tuple[Trust, int]] = {}
        for place, one in enumerate(self.account.repositories):
            about = self.trust.about(one.name)
            key = (id(about), id(self.granted_by(one)), one.region, one.known_tags)
            found[key] = (about, found.get(key, (about, 0))[1] | 1 << place)
        return [*found.values()]

    @keep_results
    def places(self, resources: Resources | None) -> tuple[int, int]:
        """Return the repositories that a Resource matches, and those that it may match, as bits."""
        starts = tuple(start_of(pattern) for pattern in resources.patterns) if resources else ("",)
        every = resources is None or resources.negated
        certain = unsure = 0
        for place, one in enumerate(self.account.repositories):
            if every or one.arn.startswith(starts):
                answer = Truth.YES if resources is None else names_resource(resources, one.arn)
                certain |= (answer is Truth.YES) << place
                unsure |= (answer is Truth.UNKNOWN) << place
        return certain, unsure

    def _read(self, repository: Repository, of_registry: Sequence[Statement], about: Sequence[Truth]) -> Granted:
        own, registry = parse(repository.policy), repository.registry
        spoken = [
            one._replace(resources=None) for one, answer in zip(of_registry, about, strict=False) if answer is _YES
        ]
        both = Policy((*own.statements, *spoken), ())
        admitted = admit(both, self.context(repository.region, None), Origin.DEPLOYED).statements
        controls = zip(self._controls, about[len(of_registry) :], strict=True)
        applying = [*admitted[: len(own.statements)], *(one for one, answer in controls if answer is _YES)]
        # If the scope is unknown, an Allow may count for all actions. A Deny certainly counts for those of V1 alone.
        scopes = scopes_of(registry, of_registry)
        found = [(statement, -1, -1) for statement in applying]
        found += [(statement, scopes[-1], scopes[0]) for statement in admitted[len(own.statements) :]]
        allowing = [(one, widest) for one, widest, _ in found if one.effect is Effect.ALLOW]
        allows = tuple(_grantable(one, self.sets.allowed_actions(one.actions)[0] & scope) for one, scope in allowing)
        denying = [(one, least) for one, _, least in found if one.effect is Effect.DENY and not one.empty_condition]
        denies = tuple(_deny(one, self.sets.denied_actions(one.actions) & scope) for one, scope in denying)
        unknown = [f"its policy: {invalid.at} {invalid.reason}" for invalid in own.invalid]
        if registry is not None and registry.unread is not None:
            unknown.append(f"the policy of its registry: {registry.unread}")
        if Truth.UNKNOWN in about:
            unknown.append("it cannot be determined whether a statement for its registry is about it")
        unsure = ("the scope of the policy of its registry is unknown",) if len(scopes) > 1 else ()
        roles = roles_in(one.principals for one, *_ in found)
        return Granted(allows, denies, roles, (*unknown, *unsure), bool(unknown))


_YES = Truth.YES
NOBODY_TRUSTED = (TrustLevel(), TrustLevel(), TrustLevel())


def _permissions(role: Role, allowed: Masks, denied: Masks) -> Permissions:
    policies = [identity_policy(text) for text in role.policies]
    boundary = None if role.boundary is None else identity_policy(role.boundary)
    read = [*policies, *([boundary] if boundary else [])]
    faults = [fault for policy in read for fault in policy.unread]
    unread = (*role.unread, *([role.unbounded] if role.unbounded else []), *faults)
    allows = tuple(_allows(policies, allowed))
    # The boundary covers actions that are not in the table as a Deny does: by its patterns. What cannot be read of it
    # may allow everything.
    limits = None if boundary is None or boundary.unread else tuple(_allows([boundary], denied))
    incomplete = bool(role.unread) or any(policy.unread for policy in policies)
    return Permissions(allows, limits, tuple(_denies(read, denied)), unread, incomplete)


def _allows(policies: Sequence[IdentityPolicy], masks: Masks) -> Iterator[Grantable]:
    for statement in (one for policy in policies for one in policy.statements if one.effect is Effect.ALLOW):
        mask = masks(statement.actions)
        if mask:
            yield _grantable(statement, mask)


def _denies(policies: Sequence[IdentityPolicy], masks: Masks) -> Iterator[Deny]:
    for statement in (one for policy in policies for one in policy.statements if one.effect is Effect.DENY):
        mask = masks(statement.actions)
        if mask and not statement.empty_condition:
            yield _deny(statement, mask)


def _grantable(statement: Statement, mask: int) -> Grantable:
    return Grantable(statement, tuple(clause(condition, Effect.ALLOW) for condition in statement.conditions), mask)


def _deny(statement: Statement, mask: int) -> Deny:
    clauses = tuple(clause(condition, Effect.DENY) for condition in statement.conditions)
    return Deny(statement, clauses, mask, mask, bool(statement.holes))
