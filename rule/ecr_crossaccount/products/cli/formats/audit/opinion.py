"""The findings of IAM Access Analyzer beside those of this audit, as text. Unexplained differences come first."""

from __future__ import annotations

from .....judgement.values.verdict import Severity
from ....audit.access_analyzer import Opinion
from ....audit.second_opinion import Answer, Disagreement, SecondOpinion, Side
from ...base.visible import visible
from ..groups import grouped
from ..page import SEVERITIES, Page
from ..text import Text
from ..words import who
from .names import Names

TITLE = "Second opinion of IAM Access Analyzer"
_WORDS = {
    Answer.AGREES: "agree",
    Answer.DIFFERS: "differ",
    Answer.NO_POLICY: "without a policy that it could analyze",
    Answer.UNKNOWN: "without a second opinion",
}


def show_opinion(page: Page, opinion: SecondOpinion, names: Names) -> None:
    """Write how the two opinions compare, and where they differ."""
    page.line()
    page.line(Text(TITLE, "bold"))
    for region, one in opinion.opinions.items():
        page.line(f"{visible(region)}: {asked(one)}", 2)
    page.line(standing(opinion), 2)
    for _, members in grouped(opinion.disagreements, _key):
        page.line()
        _show(page, members, names)


def asked(opinion: Opinion) -> str:
    """Return the name of the analyzer and its zone of trust."""
    zone = "the organization" if opinion.analyzer.trusts_organization else "the account"
    return f"analyzer `{visible(opinion.analyzer.name)}`, whose zone of trust is {zone}"


def standing(opinion: SecondOpinion) -> str:
    """Return how many repositories agree, differ or have no second opinion."""
    counts = [(opinion.count(answer), _WORDS[answer]) for answer in Answer]
    said = ", ".join(f"{count:,} {words}" for count, words in counts if count) or "no repository to compare"
    unexplained = len(opinion.unexplained)
    return f"{said}; {unexplained:,} of {len(opinion.disagreements):,} differences unexplained"


def in_words(side: Side) -> str:
    """Return one side's answer and its reason."""
    access = f" {', '.join(access.value for access in side.access)}" if side.access else ""
    return visible(f"{side.says.value.replace('-', ' ')}{access}: {side.reason}")


def whom(one: Disagreement) -> str:
    """Return the grantee whose access the two opinions disagree about."""
    return visible(who(one.kind, one.grantee))


def label(one: Disagreement) -> str:
    """Return the word for the explanation of a difference."""
    return one.explained_by.value.replace("-", " ") if one.explained_by else "unexplained"


def _key(one: Disagreement) -> tuple[object, ...]:
    return one.explained_by, one.kind, one.grantee, one.ours.says, one.ours.access, one.theirs.says, one.theirs.access


def _show(page: Page, members: list[Disagreement], names: Names) -> None:
    """Write differences that are the same except for the repository. The reasons are those of the first."""
    one = members[0]
    style = "dim" if one.explained_by else SEVERITIES[Severity.MEDIUM]
    headline = Text(whom(one), "bold").append(f" of {names.some(member.arn for member in members)}")
    page.labelled("differs" if one.explained_by else "DIFFERS", headline, 2, style)
    page.labelled("audit", in_words(one.ours), 2)
    page.labelled("analyzer", in_words(one.theirs), 2)
    page.labelled("because", f"{label(one)}: {visible(one.explanation)}", 2)
    if len({(member.ours.reason, member.theirs.reason) for member in members}) > 1:
        page.labelled("", "the others have reasons of their own: --format json has them all", 2)
