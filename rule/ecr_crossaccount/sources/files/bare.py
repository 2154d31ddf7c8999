"""Bare policy documents, and policies and other configurations as the AWS CLI prints and takes them.

`judge_replication` takes a replication configuration with the rules, and `judge_cache` takes the fields of a
pull-through cache rule, whatever kind of file they come from. `judgement/kinds/exchanges.py` reads the field names in
every spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ...documents.document import is_account
from ...documents.json import BadJsonError
from ...documents.parse import ELEMENTS, TOP
from ...documents.pattern import Hole
from ...documents.problems import quote
from ...errors import InputError
from ...judgement.admission import Origin
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import names_under
from ..found.context import Context
from ..found.found import ANY_NAME, FoundPolicy, Harvest, Skipped, unread
from ..reading.yaml_events import BadYamlError
from .files import File, file_text
from .values.documents import documents, policy_in
from .values.nodes import ABSENT, Fields, Node, Place, plain, statements_of

_POLICY_TEXT = "policyText"
_TEMPLATES = "repositoryCreationTemplates"
_BLANKS = ("", "null", "{}")
_BLANK = "for a repository without a policy, `aws ecr get-repository-policy` prints an error instead"
_TOP_WITHOUT_STATEMENT = frozenset({"Version", "Id"})
_WHOM = frozenset({"principal", "notprincipal"})
_WHAT = frozenset({"action", "notaction"})
_OF_ECR = re.compile(r"ecr(?:-public)?(?![a-z0-9-])", re.IGNORECASE)
_SERVICE = r"([a-z0-9*?-]+):"
_SERVICES = ("ecr", "ecr-public")
OTHER_SERVICE = (
    "no statement has an action of Amazon ECR: it is the policy of another service, or its actions are misspelled"
)
_PRINTER = "`aws ecr describe-repository-creation-templates`"
_NO_TEMPLATES = f"`{_TEMPLATES}` is not a list of objects, as {_PRINTER} prints it"
_PRINT_AGAIN = f"print it again with {_PRINTER}"
_TEMPLATE_FIELDS = frozenset(
    {
        "appliedFor",
        "createdAt",
        "customRoleArn",
        "description",
        "encryptionConfiguration",
        "imageTagMutability",
        "imageTagMutabilityExclusionFilters",
        "lifecyclePolicy",
        "prefix",
        "repositoryPolicy",
        "resourceTags",
        "updatedAt",
    }
)
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RepositoryCreationTemplate.html"""
_DOCUMENT = "policy"
"""The name of a resource that its file does not name."""


def read_bare(root: Node, file: File, context: Context) -> Harvest | None:
    """Return the policies of a file that holds nothing else, or None if it is of another kind."""
    if root.get(_POLICY_TEXT) is not None:
        return _read_cli_output(root, file, context.account)
    if root.get(_TEMPLATES) is not None:
        return _printed_templates(root, file, context.account)
    if file.named and is_of_another_service(root):
        return Harvest(skipped=(Skipped(file.name, OTHER_SERVICE),))
    if root.get("Statement") is not None and (file.named or speaks_of_ecr(root)):
        return Harvest((_bare(root, file, context.repository),))
    if _is_to_be_one(root, file):
        return Harvest((_bare(root, file, context.repository),))
    return None


def _is_to_be_one(root: Node, file: File) -> bool:
    """Return whether a file is a policy whose Statement is mistyped or missing.

    It is judged, and reported as invalid.
    """
    if file.named and root.fields and {name for name, _ in root.fields} <= _TOP_WITHOUT_STATEMENT:
        return True
    inside = [item for _, value in root.fields for item in (value.items or (value,))]
    return any(_is_like_a_statement(node) and (file.named or _mentions_ecr(node)) for node in inside)


def _is_like_a_statement(node: Node) -> bool:
    names = {name.lower() for name, _ in node.fields}
    return "effect" in names and not names.isdisjoint(_WHOM) and not names.isdisjoint(_WHAT)


def _mentions_ecr(statement: Node) -> bool:
    named = [value for name, value in statement.fields if name.lower() in _WHAT]
    return any(_OF_ECR.match(item.text or "") for value in named for item in (value.items or (value,)))


def _bare(root: Node, file: File, repository: str | None) -> FoundPolicy:
    """Return a policy that is a file of its own. `repository`: the name of its repository, if known."""
    places = tuple(statement.place(file.name) for statement in statements_of(root))
    kind = kind_of(root)
    names = ANY_NAME if repository is None or kind is Kind.REGISTRY else (repository,)
    return FoundPolicy(root.place(file.name), _DOCUMENT, kind, plain(root), places, names=names)


def registry_policy(name: str, context: Context) -> FoundPolicy:
    """Return the registry policy in a file that the user names. Raises UnreadableError or InputError."""
    file = File(name, file_text(name, named=True), named=True)
    try:
        (root,) = documents(file.text)
        found = read_bare(root, file, context)
    except (BadJsonError, BadYamlError) as error:
        raise InputError(str(error)) from None
    except ValueError:
        raise InputError(f"not one document: {_EXPECTED}") from None
    if found is None or found.errors or len(found.policies) != 1:
        raise InputError(found.errors[0].reason if found is not None and found.errors else _EXPECTED)
    (policy,) = found.policies
    if policy.names != ANY_NAME or policy.kind is Kind.PUBLIC_REPOSITORY:
        raise InputError(f"it is of a repository: {_EXPECTED}")
    return replace(policy, kind=Kind.REGISTRY)


_EXPECTED = "expected a policy, or the output of `aws ecr get-registry-policy`"


# --- output of the AWS CLI ---


def _read_cli_output(root: Node, file: File, given: str | None) -> Harvest:
    """Return the policy in the output of `aws ecr get-repository-policy` and similar commands.

    `given`: the value of `--account`.
    """
    account, name = root.find("registryId"), root.find("repositoryName")
    for one in (account, name):
        if one is not ABSENT and one.text is None:
            return unread(file.name, "expected texts, as `aws ecr get-repository-policy` prints them", one.line)
    if account is not ABSENT and not is_account(account.text or ""):
        return _no_account(file, account)
    text = root.find(_POLICY_TEXT)
    if text.text is None:
        return unread(file.name, "`policyText` is not a text, as `aws ecr get-repository-policy` prints it", root.line)
    if text.text.strip() in _BLANKS:
        return unread(file.name, f"its `policyText` is blank: {_BLANK}", text.line)
    node, places = policy_in(text, file.text)
    found = FoundPolicy(
        text.place(file.name),
        name.text or "registry",
        Kind.REGISTRY if name is ABSENT else kind_of(node),
        plain(node),
        tuple(Place(file.name, *at) for at in places),
        names=(name.text,) if name.text else ANY_NAME,
        account=account.text,
        notes=_another(account.text, given),
        origin=Origin.DEPLOYED,
    )
    return Harvest((found,))


def _no_account(file: File, account: Node) -> Harvest:
    return unread(file.name, f"its `registryId`, `{account.text}`, is not an account: expected 12 digits", account.line)


def _another(owner: str | None, given: str | None) -> tuple[str, ...]:
    """Return a note if the file and `--account` name different accounts. The account that AWS printed counts."""
    if owner is None or given is None or owner == given:
        return ()
    return (f"its `registryId` is {owner}, not the given account {given}: it is judged as one of {owner}",)


def _printed_templates(root: Node, file: File, given: str | None) -> Harvest:
    """Return the policies in the output of `aws ecr describe-repository-creation-templates`."""
    account, templates = root.find("registryId"), root.find(_TEMPLATES)
    if account is not ABSENT and not is_account(account.text or ""):
        return _no_account(file, account)
    if not isinstance(templates.value, tuple) or not all(item.fields for item in templates.items):
        return unread(file.name, _NO_TEMPLATES, root.line)
    more = root.get("nextToken") or root.get("NextToken")
    if more is not None and more.value is not None:
        return unread(
            file.name, "it ends before the last page, because it has a `nextToken`: more are missing", more.line
        )
    for item in templates.items:
        reason = _no_template(item)
        if reason is not None:
            return unread(file.name, reason, item.line)
    notes = _another(account.text, given)
    return Harvest(tuple(_template(item, file, account.text, notes) for item in templates.items))


def _no_template(template: Node) -> str | None:
    """Return why an object is not a template as AWS prints it, or None if it is one."""
    if not template.find("prefix").text:
        return f"a template has no `prefix`: {_PRINT_AGAIN}"
    unknown = [name for name, _ in template.fields if name not in _TEMPLATE_FIELDS]
    # If the policy is there, an unknown new field cannot hide it. If it is missing, the unknown field may be the
    # policy.
    if unknown and template.get("repositoryPolicy") is None:
        return f"a template has no `repositoryPolicy`, and an unknown field {quote(unknown[0])}: {_PRINT_AGAIN}"
    return None


def _template(template: Node, file: File, owner: str | None, notes: tuple[str, ...]) -> FoundPolicy:
    start, text = template.find("prefix").text or "", template.get("repositoryPolicy")
    node, places = policy_in(text, file.text) if text else (template.but(None), ())
    return FoundPolicy(
        (text or template).place(file.name),
        start,
        Kind.CREATION_TEMPLATE,
        plain(node),
        tuple(Place(file.name, *at) for at in places),
        names=names_under(start),
        account=owner,
        notes=notes,
        origin=Origin.DEPLOYED,
    )


# --- what a policy is for ---


def _statements(root: Node) -> Iterator[Node]:
    return (statement for statement in statements_of(root) if isinstance(statement.value, Fields))


def _texts(statement: Node, *names: str) -> Iterator[str]:
    for name in names:
        element = statement.get(name)
        for item in (element.items or (element,)) if element else ():
            if item.text is not None:
                yield item.text.lower()


def _has_principal(statement: Node) -> bool:
    return statement.get("Principal") is not None or statement.get("NotPrincipal") is not None


def _is_resource_statement(statement: Node) -> bool:
    return statement.get("Resource") is not None or statement.get("NotResource") is not None


def speaks_of_ecr(root: Node) -> bool:
    """Return whether a policy is for ECR, by actions and resources. Policies of other services have the same form."""
    return any(_has_principal(statement) and _is_about_ecr(statement) for statement in _statements(root))


def is_of_another_service(root: Node) -> bool:
    """Return whether every statement names its actions and none of them is, or may be, an ECR action.

    A policy with a fault in its form does not count, because its intended meaning is unknown.
    """
    statements = statements_of(root)
    return bool(statements) and _is_clean(root, TOP) and all(map(_names_other_actions, statements))


def _names_other_actions(statement: Node) -> bool:
    element = statement.get("Action")
    if element is None or not (_has_principal(statement) and _is_clean(statement, ELEMENTS)):
        return False
    return all(_is_of_another_service(item.text or "") for item in element.items or (element,))


def _is_clean(node: Node, known: frozenset[str]) -> bool:
    names = [name for name, _ in node.fields]
    return len(names) == len(set(names)) and known.issuperset(names)


def _is_of_another_service(action: str) -> bool:
    service = re.match(_SERVICE, action.lower())
    return service is not None and not any(_matches_pattern(service[1], text) for text in _SERVICES)


def is_statement_of_ecr(node: Node) -> bool:
    """Return whether a value is a single statement of an ECR policy."""
    return node.get("Effect") is not None and _has_principal(node) and _is_about_ecr(node)


def _is_about_ecr(statement: Node) -> bool:
    actions = list(_texts(statement, "Action", "NotAction"))
    if any(action.startswith(("ecr:", "ecr-public:")) for action in actions):
        return True
    wild = any(_may_be_ecr(action) for action in actions)
    if not _is_resource_statement(statement):
        return wild
    return wild and any(":ecr:" in resource for resource in _texts(statement, "Resource", "NotResource"))


def _may_be_ecr(action: str) -> bool:
    service = action.partition(":")[0]
    return ("*" in service or "?" in service) and any(_matches_pattern(service, text) for text in _SERVICES)


def _is_public(action: str) -> bool:
    """Return whether an action can be one of a public repository, and none of a private one."""
    service, colon, _ = action.partition(":")
    return bool(colon) and [_matches_pattern(service, text) for text in _SERVICES] == [False, True]


def _matches_pattern(pattern: str, text: str) -> bool:
    """Match a pattern of `*` and `?` without a regular expression, which a policy could make slow."""
    head, star, rest = pattern.partition("*")
    if len(text) < len(head) or any(p not in ("?", t) for p, t in zip(head, text, strict=False)):
        return False
    if not star:
        return len(text) == len(head)
    left = text[len(head) :]
    return any(_matches_pattern(rest, left[skip:]) for skip in range(len(left) + 1))


def kind_of(root: Node) -> Kind:
    """Return the kind of a policy. Only a registry policy names resources, and only a public one uses `ecr-public`."""
    statements = list(_statements(root))
    if any(
        map(_is_public, (action for statement in statements for action in _texts(statement, "Action", "NotAction")))
    ):
        return Kind.PUBLIC_REPOSITORY
    if statements and all(_is_resource_statement(statement) for statement in statements):
        return Kind.REGISTRY
    return Kind.REPOSITORY


CACHE_FIELDS = ("ecr_repository_prefix", "upstream_registry", "upstream_registry_url", "custom_role_arn")
"""The fields of a pull-through cache rule that decide whose images it brings, and into which repositories."""


def configuration_in(value: object, field: str) -> object:
    """Return the replication configuration in the value of a field. In a list of blocks, it is the only block.

    Returns a hole if the field has no value: the configuration is then set elsewhere, or unknown.
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecr/replication_configuration.go
    """
    if isinstance(value, (list, tuple)):
        if not value:
            return {"rules": []}
        return value[0] if len(value) == 1 else Hole(field)
    return Hole(field) if value in (None, "") else value
