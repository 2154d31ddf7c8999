"""The scheduled run over a whole registry."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from zlib import crc32

from botocore.exceptions import BotoCoreError, ClientError
from rdklib import ComplianceType

from ...errors import OutOfTimeError
from ...judgement.values.verdict import Verdict
from ...sources.aws import log, metrics
from ...sources.aws.errors import RepositoryGoneError
from ...sources.aws.owner import Refusal
from ...sources.aws.retries import Deadline, at_once
from . import recorder
from .continuation import Ledger, Position
from .inventory import Inventory, Row, Shown, shown_by
from .outcome import Outcome, SweepIncompleteError
from .registry_judge import RefusedError, RegistryJudge, not_applicable
from .security_hub_finding import digest_of

_BARREN = 10
"""The number of pages without a policy after which the inventory is not read further. It may show none of this type."""
_SAMPLE = 4
"""The number of other repositories to read if ECR refuses one, besides the last one that was read."""
SHOWN_EVERY = 10_000
"""The number of repositories between two lines of the log about the position of the sweep."""

OpenFindings = Callable[[], Iterable[tuple[str, str]]]
"""Returns the repositories with an open finding in Security Hub, each with its digest."""


class Sweep:
    """The results that differ from what Config or Security Hub shows for a rule, one by one. Iterate only once.

    `open_findings` reads what Security Hub shows. None if it gets no findings. `schedule` is the time of the schedule.

    The repositories are those that ECR lists. A policy is from Config's inventory if a row shows it, and the row is
    newer than Config's result or leads to the same result. Otherwise it is from ECR. A blank row of any age proves
    nothing. A result from a row has the row's time, so it does not replace the result of a later change. A result from
    ECR has no time, which means the schedule's. Security Hub is told only results from ECR: it may have been told of
    something newer than the row.

    If ECR refuses a repository but answers for others, it is NON_COMPLIANT. If a repository cannot be read for another
    reason, it has no new result and keeps the earlier one. Near the deadline, the results end, and `rest` is where
    another invocation continues.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a sweep is about
        self, judge: RegistryJudge, inventory: Inventory, rule: str, deadline: Deadline, start: Position, schedule: str
    ) -> None:
        self._judge = judge
        self._inventory = inventory
        self._rule = rule
        self._deadline = deadline
        self._start = start
        self._schedule = schedule
        self._token = start.token
        self._ledger: Ledger | None = None
        self._shown: Mapping[str, Shown] = {}
        self._told: Mapping[str, str] | None = None
        self.open_findings: OpenFindings | None = None
        self._unlisted: set[str] = set()
        self._refused: dict[str, tuple[Refusal, Verdict | None]] = {}
        self._answered: list[str] = []
        self._judged = self._unchanged = 0
        self._complete = False

    def __iter__(self) -> Iterator[Outcome]:
        """Yield the results. Raises SweepIncompleteError after all others, EventError, ClientError, BotoCoreError."""
        try:
            yield from self._results()
        except OutOfTimeError:
            return
        except (ClientError, BotoCoreError) as error:
            if not self._is_for_want_of_time(error):
                raise
            return
        self._complete = True

    def rest(self) -> Position | None:
        """Return where another invocation must continue, or None if everything was judged."""
        if self._complete:
            return None
        return Position(self._start.part + 1, self._token, self._ledger.text() if self._ledger else self._start.ledger)

    def postpone(self, names: Iterable[str]) -> None:
        """Record repositories without a result. They are tried again at the very end of the sweep."""
        for name in names:
            if self._ledger is None or not self._ledger.postpone(name):
                self._unlisted.add(name)

    @property
    def is_continued(self) -> bool:
        """Whether an earlier invocation began the sweep."""
        return self._start.part > 1

    @property
    def left(self) -> int | None:
        """The number of repositories that were not tried yet, or None before all are listed."""
        ledger = self._ledger
        return None if ledger is None else len(ledger.names) - len(ledger.done) - len(ledger.postponed)

    def standing(self) -> Mapping[str, int | None]:
        """Return the progress in numbers of repositories. `judged` and `unchanged` are those of this invocation."""
        ledger = self._ledger or Ledger(())
        return {
            "part": self._start.part,
            "listed": None if self._ledger is None else len(ledger.names),
            "left": self.left,
            "unreadable": len(ledger.postponed) + len(self._unlisted),
            "judged": self._judged,
            "unchanged": self._unchanged,
        }

    def _is_for_want_of_time(self, error: Exception) -> bool:
        """Return whether a call may have failed because it was not repeated.

        If not, it will fail again with enough time.
        """
        is_late = self._deadline.nears()
        if is_late:
            log.warning("a call failed when the time limit was reached", reason=str(error))
        return is_late

    def _results(self) -> Iterator[Outcome]:
        self._judge.prepare()
        listed = self._deadline.during(self._judge.registry.names())
        ledger = self._ledger = Ledger.restore(listed, self._start.ledger)
        again = frozenset(ledger.postponed)
        self._shown = dict(self._deadline.during(shown_by(self._inventory.config, self._rule)))
        self._told = self._what_was_told()
        yield from self._by_inventory(ledger)
        yield from self._by_ecr(ledger, self._in_turn(ledger.remainder()))
        # Deleted, or created after their page was listed. ECR decides, so that no race deletes a result.
        yield from self._by_ecr(ledger, sorted((self._shown.keys() | (self._told or {}).keys()) - ledger.names))
        yield from self._by_ecr(ledger, sorted(ledger.postponed.intersection(again)))
        yield from self._of_refused(ledger)
        unread = sorted(ledger.postponed | self._unlisted)
        if self._refused:
            raise SweepIncompleteError(unread, next(iter(self._refused.values()))[0].short)
        if unread:
            raise SweepIncompleteError(unread)

    def _what_was_told(self) -> Mapping[str, str] | None:
        """Return the digests of open findings by repository, or None if they are not sent or cannot be read."""
        if self.open_findings is None:
            return None
        try:
            return dict(self._deadline.during(self.open_findings()))
        except (ClientError, BotoCoreError) as error:
            if self._is_for_want_of_time(error):
                raise OutOfTimeError from error
            metrics.count(metrics.Metric.SECURITY_HUB)
            log.error("the findings in Security Hub cannot be read", reason=str(error))
            return None

    def _has_been_told(self, evaluation: Outcome) -> bool:
        """Return whether Security Hub has the finding of a result. True if that is unknown."""
        if self._told is None:
            return True
        is_open = evaluation.complianceType == ComplianceType.NON_COMPLIANT
        digest = digest_of(evaluation.grounds) if is_open and evaluation.grounds is not None else None
        return self._told.get(evaluation.complianceResourceId) == digest

    def _by_inventory(self, ledger: Ledger) -> Iterator[Outcome]:
        if self._token is None or not ledger.remainder():
            return
        try:
            problem = recorder.problem_of(self._inventory.config)
            pages = self._inventory.pages(self._token, self._deadline) if problem is None else ()
            shows_none = not self._token  # if there were earlier pages, they had policies
            for number, (rows, token) in enumerate(pages, start=1):
                for row in rows:
                    if row.name in ledger.names and row.name not in ledger.done:
                        yield from self._by_row(ledger, row)
                self._token = token
                shows_none = shows_none and not rows
                if shows_none and number == _BARREN and token is not None:
                    problem = f"its first {number} pages show no policy"
                    break
        except (ClientError, BotoCoreError) as error:
            if self._is_for_want_of_time(error):
                raise OutOfTimeError from error
            problem = str(error)
        if problem is not None:
            log.warning("AWS Config's inventory cannot be used: asking ECR instead", reason=problem)
            self._token = None

    def _in_turn(self, names: Sequence[str]) -> Sequence[str]:
        """Return names from another one on in each run, so that runs that end early do not leave out the same ones."""
        first = crc32(self._schedule.encode()) % (len(names) or 1)
        return (*names[first:], *names[:first])

    def _by_row(self, ledger: Ledger, row: Row) -> Sequence[Outcome]:
        """Return the result of a row. Empty if nothing changes, or if ECR must be read."""
        judged = self._judge.ask(row.name, row.policy, row.tags)
        if not self._has_been_told(judged.evaluation):
            return ()
        shown = self._shown.get(row.name)
        if shown is None or row.second > shown.second or shown.says(judged.evaluation):
            return self._settle_result(ledger, judged.log_verdict(), row.captured)
        return ()

    def _by_ecr(self, ledger: Ledger, names: Sequence[str]) -> Iterator[Outcome]:
        for name, answer in at_once(self._judge.live, names, self._deadline):
            try:
                evaluation = self._judge.judge_repository(name, *answer.result())
                self._answered = [name]
            except RepositoryGoneError:
                evaluation = not_applicable(name)
            except RefusedError as refused:
                self._refused[name] = (refused.refusal, refused.verdict)
                self.postpone([name])
                continue
            except (ClientError, BotoCoreError) as error:
                if self._is_for_want_of_time(error):
                    raise OutOfTimeError from error
                metrics.count(metrics.Metric.UNREADABLE)
                log.error("repository could not be read", repository=name, reason=str(error))
                self.postpone([name])
                continue
            yield from self._settle_result(ledger, evaluation, None)

    def _of_refused(self, ledger: Ledger) -> Iterator[Outcome]:
        """Yield the results of refused repositories, unless ECR refuses the role.

        Checks again whether it answers the role.

        This happens at the end, so that it does not matter which repository is read first.
        """
        names = sorted(ledger.names - self._refused.keys())
        others = [*self._answered, *random.sample(names, min(len(names), _SAMPLE))]
        answers = cache(partial(self._judge.answers, others=others))
        for name, (refusal, verdict) in tuple(self._refused.items()):
            if refusal.is_by_its_own_policy or answers(refusal.operation):
                del self._refused[name]
                self._unlisted.discard(name)
                judged = self._judge.judge_refusal(name, refusal, verdict)
                log.warning("ECR refuses a repository", repository=name, reason=refusal.reason)
                yield from self._settle_result(ledger, judged.log_verdict(), None)
            else:
                metrics.count(metrics.Metric.UNREADABLE)
                log.error("repository could not be read", repository=name, reason=refusal.short)

    def _settle_result(self, ledger: Ledger, evaluation: Outcome, moment: str | None) -> Sequence[Outcome]:
        """Return a result with its time, if it changes something."""
        name = evaluation.complianceResourceId
        ledger.settle(name)
        self._judged += 1
        if self._judged % SHOWN_EVERY == 0:
            log.info("sweep continues", **self.standing())
        shown, has_been_told = self._shown.get(name), self._has_been_told(evaluation)
        if shown and shown.says(evaluation) and has_been_told:
            self._unchanged += 1
            return ()
        evaluation.is_news = self._told is None or not has_been_told
        evaluation.orderingTimestamp = moment
        return (evaluation,)
