"""Plans, as JSON for programs and as text for a person, and the planned policy in the form of a team.

The JSON has every plan with the fields of a batch answer and notes, and every file that could not be read. The text has
the access removed and kept with reasons, and the difference. What changes no single statement is shown as the whole
policy.

The policy alone is JSON, CloudFormation or Terraform. Its text is read back and judged as proof.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from ....documents.parse import parse
from ....errors import InputError
from ....judgement.judge import Repository, judge
from ....judgement.values.trust import Trust
from ....judgement.values.verdict import NO_ACCESS, Compliance, Verdict
from ....memo import by_value
from ....questions.plan.outcome import Action, Change, Plan, one_or_many, statements_of
from ....sources.check.provenance import Provenance
from ..base.json_text import render_json
from ..base.outputs import Unread
from ..base.program import ExitStatus, visible
from .text import SEVERITIES, Page, Text, describe_policy, laid_out, policy_laid_out, statement_of, witness_in_words


@by_value
class Planned:
    """One policy with its plan. `before` is the verdict on the current policy, and `document` its JSON value.

    `notes` say which entries of the register had no effect because data is missing, and what the registry policy leaves
    open. `left` is the exit status for what the registry policy leaves open.
    """

    file: str
    repository: Repository
    document: object
    before: Verdict
    plan: Plan
    notes: tuple[str, ...] = ()
    left: ExitStatus = ExitStatus.COMPLIANT


@by_value
class Report:
    """The plans of one run, and the trust with which they were made."""

    planned: tuple[Planned, ...]
    unread: tuple[Unread, ...]
    trust: Trust
    provenance: Provenance


def as_json(report: Report) -> str:
    """Return `report` as one JSON object."""
    answer = {
        "plans": [_plan(planned) for planned in report.planned],
        "errors": [unread._asdict() for unread in report.unread],
        **report.provenance.to_json(),
    }
    return render_json(answer)


def _plan(planned: Planned) -> dict[str, object]:
    repository = planned.repository
    where = {"file": planned.file, "owner": repository.account, "repository": repository.name}
    return {**where, **planned.plan.to_json(), "notes": list(planned.notes)}


_STYLES = {"-": "red", "+": "green"}


def show(report: Report, page: Page) -> None:
    """Write `report` on a page."""
    for number, planned in enumerate(report.planned):
        if number:
            page.line()
        _show_plan(page, planned)
    if any(one.plan.changes for one in report.planned):
        page.line()
    page.trust(report.provenance, report.planned)


def _show_plan(page: Page, planned: Planned) -> None:
    page.line(_headline(planned))
    plan = planned.plan
    for note in planned.notes:
        page.field("note", visible(note), 2, "bold yellow")
    for invalid in plan.invalid:
        page.field("INVALID", f"{visible(invalid.at)}: {visible(invalid.reason)}", 2, "bold yellow")
    for number, changes in groupby(plan.changes, key=lambda change: change.statement):
        page.line()
        _show_changes(page, planned, number, list(changes))
    is_whole = any(change.statement is None for change in plan.changes)
    if is_whole and plan.action is Action.SET and plan.policy is not None:
        page.line()
        page.line(Text("the policy to write", "bold"), 2)
        for line in policy_laid_out(plan.policy):
            page.verbatim(Text(line))
    if plan.after is not None and plan.refused is None:
        page.line()
        _show_what_stays_open(page, plan.after, plan.policy)


def _show_what_stays_open(page: Page, after: Verdict, policy: object) -> None:
    """Write who still has access after a plan that does not have to close everything."""
    if after.compliance is Compliance.COMPLIANT:
        page.line(f"what stays open: nothing, {NO_ACCESS} through this policy", 2)
        return
    page.line(Text("what stays open", "bold"), 2)
    for grant in after.grants:
        page.field(grant.severity.name, visible(grant.reason), style=SEVERITIES[grant.severity])
        page.field("witness", visible(witness_in_words(grant, policy)))
    for undecided in after.undecided:
        page.field("UNDECIDED", visible(undecided.reason), style="bold yellow")
    page.field("then", "plan once more for this policy, with --strategy narrow")


def _headline(planned: Planned) -> Text:
    repository, plan = planned.repository, planned.plan
    head = Text(f"{describe_policy(planned.file, repository.name, repository.account)}: ")
    if plan.refused is not None:
        return head.append("no plan", "bold red").append(f", nothing changes: {visible(plan.refused)}")
    if plan.after is not None:
        what = "nothing to insert" if plan.action is Action.NONE else "insert the required statements"
        is_open = plan.after.compliance is not Compliance.COMPLIANT
        style = "bold yellow" if is_open or plan.action is Action.SET else "bold green"
        return head.append(what, style).append(", but something stays open" if is_open else "")
    if plan.action is Action.NONE:
        return head.append("nothing to do", "bold green").append(f", {NO_ACCESS} through this policy")
    what = "delete the policy" if plan.action is Action.DELETE else "set another policy"
    return head.append(what, "bold yellow")


def _show_changes(page: Page, planned: Planned, number: int | None, changes: Sequence[Change]) -> None:
    sid = changes[0].sid
    where = "the policy" if number is None else f"Statement[{number}]" + (f" `{visible(sid)}`" if sid else "")
    page.line(Text(where, "bold"), 2)
    for change in changes:
        page.field("change", visible(change.change))
        page.field("because", visible(change.reason))
    if number is not None:
        page.line()
        after = planned.plan.became[number] if planned.plan.became else ()
        for line in _difference_lines(statement_of(planned.document, number), after):
            page.line(Text(visible(line), _STYLES.get(line[0], "dim")), 4)


def _difference_lines(before: object, after: Sequence[object]) -> list[str]:
    try:
        return list(_difference(before, after))
    except RecursionError:
        return ["- a statement that is nested too deeply to be shown"]


def _difference(before: object, after: Sequence[object]) -> Iterator[str]:
    """Yield the lines of a statement and of its replacements, with a sign where they differ."""
    first, *rest = after or (None,)
    old, new = list(laid_out(before)), list(laid_out(first)) if after else []
    from difflib import ndiff

    yield from (line for line in ndiff(old, new) if not line.startswith("?"))
    for statement in rest:
        yield from (f"+ {line}" for line in laid_out(statement))


Document = Mapping[str, object]


@by_value
class Form:
    """A file name from which readers recognize a form, and the function that writes a policy in it.

    The text ends with a line break. The function raises InputError if the form cannot express the policy.
    """

    file: str
    render: Callable[[Document, Repository], str]


def written_as(
    policy: Document, repository: Repository, trust: Trust, form: str, expected: Compliance = Compliance.COMPLIANT
) -> str:
    """Return a policy in a form. `check` reads the same policy from it and judges it as `expected`.

    Raises InputError if it does not, because the form then cannot express the policy.
    """
    text = FORMS[form].render(policy, repository)
    if _read_back(text, FORMS[form].file, policy, repository, trust) is not expected:
        raise InputError(f"the policy cannot be written as {form} without changing its meaning: use --format policy")
    return text


def _read_back(text: str, file: str, policy: Document, repository: Repository, trust: Trust) -> Compliance | None:
    """Return how `check` judges the policy in `text`, or None if it is not the same policy."""
    from ....sources.formats.dispatch import harvest
    from ....sources.found.context import Context

    with TemporaryDirectory() as folder:
        path = Path(folder, file)
        path.write_text(text, encoding="utf-8")
        read = harvest([str(path)], Context(repository.account, repository.region))
    if read.errors or len(read.policies) != 1:
        return None
    found = read.policies[0].policy
    is_same = parse(found).statements == parse(policy).statements
    return judge(found, repository, trust).compliance if is_same else None


def words_of(repository: Repository) -> list[str]:
    """Return the words of a repository's name, for a name in code. Without a name, return `repository`."""
    return re.findall(r"[a-z0-9]+", repository.name) or ["repository"]


def _as_cloudformation(policy: Document, repository: Repository) -> str:
    """Return a template in YAML. It has no RepositoryName if the repository's name is unknown."""
    import yaml

    name = {} if repository.name == "*" else {"RepositoryName": repository.name}
    words = "".join(word.capitalize() for word in words_of(repository))
    # A logical ID has only letters and digits, and must not begin with a digit, as a repository's name can.
    logical_id = words if words[0].isalpha() else f"Repository{words}"
    template = {
        "Resources": {
            logical_id: {"Type": "AWS::ECR::Repository", "Properties": {**name, "RepositoryPolicyText": dict(policy)}}
        }
    }
    text: str = yaml.dump(template, Dumper=_dumper(), sort_keys=False, width=110)
    return text


def _dumper() -> type:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Indents lists below their name, as templates do, and repeats a value in place of a YAML alias."""

        def increase_indent(self, *_: object, **__: object) -> None:
            super().increase_indent(flow=False, indentless=False)

        def ignore_aliases(self, _: object) -> bool:
            return True

    return Dumper


_ELEMENTS = {"Action": "actions", "NotAction": "not_actions"}
_BLOCKS = {"Principal": "principals", "NotPrincipal": "not_principals"}
_UNNAMED = "aws_ecr_repository.this.name"
"""Used if the repository's name is unknown. The team replaces it with its own resource."""


def _as_terraform(policy: Document, repository: Repository) -> str:
    """Return `policy` as a document and the resource that sets it. Raises InputError if Terraform cannot express it."""
    words = "_".join(words_of(repository))
    name = words if words[0].isalpha() else f"repository_{words}"
    where = _UNNAMED if repository.name == "*" else _text(repository.name)
    lines = [
        f'data "aws_iam_policy_document" "{name}" {{',
        *_indent_lines(_document(policy)),
        "}",
        "",
        f'resource "aws_ecr_repository_policy" "{name}" {{',
        f"  repository = {where}",
        f"  policy     = data.aws_iam_policy_document.{name}.json",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _document(policy: Document) -> Iterator[str]:
    # Without a version, the provider writes 2012-10-17, but IAM assumes 2008-10-17.
    yield f"version = {_text(str(policy.get('Version', '2008-10-17')))}"
    if "Id" in policy:
        yield f"policy_id = {_text(str(policy['Id']))}"
    for statement in statements_of(policy):
        yield from ("", "statement {", *_indent_lines(_statement(cast("Document", statement))), "}")


def _statement(statement: Document) -> Iterator[str]:
    named = {"Sid": "sid", "Effect": "effect"}
    fields = {ours: _text(str(statement[name])) for name, ours in named.items() if name in statement}
    fields |= {ours: _list(statement[name]) for name, ours in _ELEMENTS.items() if name in statement}
    yield from _attributes(fields)
    for name, block in _BLOCKS.items():
        if name in statement:
            yield from _principals(block, statement[name])
    for operator, keys in cast("Mapping[str, Document]", statement.get("Condition", {})).items():
        for key, values in keys.items():
            yield from _block("condition", {"test": _text(operator), "variable": _text(key), "values": _list(values)})


def _principals(block: str, principal: object) -> Iterator[str]:
    named = {"*": "*"} if principal == "*" else cast("Mapping[str, object]", principal)
    for kind, identifiers in named.items():
        yield from _block(block, {"type": _text(kind), "identifiers": _list(identifiers)})


def _block(name: str, fields: Mapping[str, str]) -> Iterator[str]:
    yield from ("", f"{name} {{", *_indent_lines(_attributes(fields)), "}")


def _attributes(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield attributes as `terraform fmt` formats them: one-line attributes are aligned, longer ones are not."""
    width = max(len(name) for name, value in fields.items() if "\n" not in value)
    for name, value in fields.items():
        yield f"{name} = {value}" if "\n" in value else f"{name:{width}} = {value}"


def _list(value: object) -> str:
    entries = [_text(_plain(one)) for one in one_or_many(value)]
    if len(entries) <= 1:
        return f"[{', '.join(entries)}]"
    return "[\n" + "".join(f"  {entry},\n" for entry in entries) + "]"


def _plain(value: object) -> str:
    """Return a condition's value, which may be a number or a boolean, as the string that IAM reads."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _text(text: str) -> str:
    """Return a string that Terraform and then the provider read as `text`. The provider reads `&{` as `${`."""
    if "&{" in text:
        raise InputError("the policy cannot be written as terraform: aws_iam_policy_document reads `&{` as `${`")
    quoted = "".join(_ESCAPES.get(one) or (one if one.isprintable() else rf"\U{ord(one):08x}") for one in text)
    return f'"{quoted.replace("${", "&{").replace("%{", "%%{")}"'


def _indent_lines(lines: Iterator[str]) -> Iterator[str]:
    for text in lines:
        for line in text.split("\n"):
            yield f"  {line}" if line else ""


FORMS = {
    "policy": Form("policy.json", lambda policy, _: render_json(policy)),
    "cloudformation": Form("template.yaml", _as_cloudformation),
    "terraform": Form("main.tf", _as_terraform),
}
"""The forms by their name on the command line."""


def _planned_as(form: str, report: Report) -> str:
    return "".join(
        written_as(
            one.plan.policy,
            one.repository,
            report.trust,
            form,
            Compliance.COMPLIANT if one.plan.after is None else one.plan.after.compliance,
        )
        for one in report.planned
        if one.plan.refused is None and one.plan.policy is not None
    )


as_policy = partial(_planned_as, "policy")
"""Writes the planned policies of a report as JSON."""
as_cloudformation = partial(_planned_as, "cloudformation")
"""The same as a CloudFormation template."""
as_terraform = partial(_planned_as, "terraform")
"""The same as Terraform."""
