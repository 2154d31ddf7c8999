"""The opinion of IAM Access Analyzer about everything that an audit of an account has judged, Region by Region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from ...sources.aws.calls import Calls
from .access_analyzer import Opinion, Region
from .comparison import compare
from .items import Unread
from .report import AuditReport
from .second_opinion import SecondOpinion, silent
from .usage import Account


def second_opinion(account: Account, report: AuditReport, tell: Callable[[str], None]) -> SecondOpinion:
    """Compare Access Analyzer's opinion with a report. Calls `tell` to show the progress."""
    regions = {name: Region(account.caller.access_analyzer(name), account.number, name) for name in account.regions}
    repositories = Counter(one.item.region for one in report.repositories)
    opinions: dict[str, Opinion] = {}
    unread: list[Unread] = []
    for name, region in regions.items():
        tell(f"asking IAM Access Analyzer, {name}")
        answer = region.opinion()
        if isinstance(answer, Opinion):
            opinions[name] = answer
        else:
            unread.append(replace(answer, repositories=repositories[name]))
    quiet = [*silent(compare(report, opinions, ()).disagreements)]
    calls = Calls(account.caller.concurrency)
    for name, opinion in opinions.items():
        arns = [arn for arn in quiet if arn in opinion.analyzed]
        opinions[name], unknown = regions[name].dated(opinion, arns, calls)
        unread += unknown
    return compare(report, opinions, unread)
