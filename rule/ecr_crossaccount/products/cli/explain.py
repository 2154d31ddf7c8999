"""`ecr-crossaccount explain`: what a rule, a condition key or an action means, from the package alone."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...errors import InputError, suggest
from ...judgement.context.keys import NAMES, row
from ...judgement.context.request import ECR
from ...judgement.values import actions
from ...sources.check.rules import RULES, Rule
from .base import documentation
from .base.documentation import installed_page
from .base.outputs import Outputs, add_outputs, verify
from .base.program import ExitStatus, visible
from .formats.choices import RULE_FORMATS

if TYPE_CHECKING:
    from .formats.text import Page


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    parser.add_argument(
        "topic",
        metavar="TOPIC",
        nargs="?",
        help="a rule of a finding such as any-write, a condition key such as aws:PrincipalOrgID, or an action such as "
        "ecr:PutImage (default: every rule)",
    )
    add_outputs(parser, RULE_FORMATS)


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Print what is known. Raises InputError for a word that is none of them."""
    if arguments.topic is None:
        verify(arguments.outputs)
        documentation.verify()
        Outputs(arguments.outputs, RULE_FORMATS).show(RULES)
    elif arguments.outputs:
        raise InputError("--format is for the list of rules: leave out the TOPIC")
    else:
        print(_explain(arguments.topic))
    return ExitStatus.COMPLIANT


def as_json(rules: Sequence[Rule]) -> str:
    """Return the rules as one JSON object."""
    from .base.json_text import render_json

    return render_json(
        {
            "rules": [
                {
                    "id": rule.id,
                    "severity": rule.severity.name,
                    "title": rule.title,
                    "why": rule.why,
                    "avoid": rule.avoid,
                    "prefer": rule.prefer,
                    "helpUri": documentation.address(rule),
                }
                for rule in rules
            ]
        }
    )


def show(rules: Sequence[Rule], page: Page) -> None:
    """Write the rules on a page."""
    from .formats.text import SEVERITIES

    for number, rule in enumerate(rules):
        if number:
            page.line()
        page.field(rule.severity.name, f"{rule.id}: {rule.title}", 0, SEVERITIES[rule.severity])
        see = documentation.link(rule)
        for label, text in (("why", rule.why), ("avoid", rule.avoid), ("prefer", rule.prefer), ("see", see)):
            page.field(label, text, 0)


def _explain(topic: str) -> str:
    rules = {rule.id: rule for rule in RULES}
    if topic in rules:
        return _of_rule(rules[topic])
    known = {name.lower(): name for name in actions.KNOWN}
    if topic.lower() in known:
        return _of_action(known[topic.lower()])
    key = row(topic.lower())
    if key is not None:
        about = {
            "type": f"{key.type.value}, a list" if key.many else key.type.value,
            "set by": key.set_by.value,
            "there": key.present,
            "holds": key.values,
            "see": key.source,
        }
        return _table(f"{key.name}, a condition key", about)
    hint = suggest(topic, [*rules, *known.values(), *NAMES.values()])
    raise InputError(f"`{visible(topic)}` is not a rule, a known condition key or a known action{hint}")


def _of_rule(rule: Rule) -> str:
    """Return the rule with the section of its page, or with its own short examples if that is not installed."""
    title, section = f"{rule.id}, {rule.severity.name}: {rule.title}", _section(rule.anchor)
    if section:
        return f"{title}\n\n{section}"
    return _table(title, {"why": rule.why, "avoid": rule.avoid, "prefer": rule.prefer})


def _of_action(name: str) -> str:
    (access,) = actions.access_of_names([name])
    return _table(f"{name}, an action", {"access": access.value, "see": ECR})


def _table(title: str, about: Mapping[str, str]) -> str:
    width = max(map(len, about))
    return "\n".join((title, *(f"  {label:<{width}}  {text}" for label, text in about.items() if text)))


def _section(anchor: str) -> str:
    page = installed_page()
    text = page.read_text(encoding="utf-8") if page else ""
    sections = re.split(r"(?m)^## (?=\S)", text)
    return next(
        (_plain(section.partition("\n")[2]) for section in sections if _anchor(section.partition("\n")[0]) == anchor),
        "",
    )


_BLOCK = re.compile(r"(?ms)^```\w*\n(.*?)^```$")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_MARKED = re.compile(r"\*\*(.+?)\*\*|(?<![\w*`])\*([^*`]+)\*(?![\w*`])")


def _plain(markdown: str) -> str:
    """Return a section without its marks: blocks are indented, and an address follows the text of its link."""
    parts = _BLOCK.split(markdown.strip())
    parts[::2] = [_MARKED.sub(lambda one: one[1] or one[2], _LINK.sub(_render_link, part)) for part in parts[::2]]
    parts[1::2] = [textwrap.indent(part.rstrip("\n"), "  ") for part in parts[1::2]]
    return "".join(parts).strip()


def _render_link(link: re.Match[str]) -> str:
    return f"{link[1]} ({link[2]})" if link[2].startswith("https:") else link[1]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
