"""Rows judged by several processes, in batches, in the order in which they were read.

Which recording of a repository counts is known only after all rows are read. Processes are spawned, so that the
behavior is the same on every system. A short inventory is judged without them, because that takes less time than
starting one.
"""

from __future__ import annotations

import os
import signal
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, groupby, islice
from multiprocessing import get_context
from typing import NamedTuple

from ...judgement.values.trust import Trust
from ...memo import by_value
from .inventory import Raw, Recorded, moment_of, read_row
from .items import AuditError, Item, Unread
from .judging import Auditor, Numbers
from .outcomes import Judge
from .recordings import Gone, Recording, settle_recordings
from .rows import Summary, pack_outcome, summary_of

_NO_MOMENT = -(2**63)
_GONE = -1
_FIRST_UNREAD = -2


class Recordings:
    """Recordings, stored compactly: for each row, a repository's ARN, a time, and the number of an outcome."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor
        self._arns: list[str] = []
        self._moments = array("q")
        self._found = array("q")
        self._answers = array("L")
        self._rows = array("L")
        self._times: dict[int, str] = {}
        self._tags: dict[int, tuple[tuple[str, str], ...]] = {}
        self._unread: list[Unread] = []
        self._sources: dict[tuple[str, int], int] = {}

    def add(self, raw: Raw, one: Recorded | Unread | None) -> None:
        """Add what a row records."""
        if isinstance(one, Recorded):
            self.add_judged(
                raw, one, None if isinstance(one.found, (Unread, Gone)) else self._auditor.number_of(one.found)
            )
        elif one is not None:
            self._auditor.take((one,))

    def add_judged(self, raw: Raw, one: Recorded, number: int | None) -> None:
        """Add what a row records, with the number of its outcome if it has a policy."""
        if one.tags is not None:
            self._tags[len(self._arns)] = one.tags
        if one.moment is None:
            self._times[len(self._arns)] = one.time
        self._arns.append(one.arn)
        self._moments.append(_NO_MOMENT if one.moment is None else one.moment)
        if number is not None:
            self._found.append(number)
        elif isinstance(one.found, Unread):
            self._found.append(_FIRST_UNREAD - len(self._unread))
            self._unread.append(one.found)
        else:
            self._found.append(_GONE)
        self._answers.append(self._sources.setdefault((raw.source, raw.answer), len(self._sources)))
        self._rows.append(raw.number)

    def settle(self) -> None:
        """Apply the latest recording of each repository. If the latest is unknown, apply all of its recordings."""
        names = [*self._names()]
        unread: list[tuple[int, Unread]] = []
        arns, found = self._arns, self._found
        for arn, members in groupby(sorted(range(len(arns)), key=arns.__getitem__), key=arns.__getitem__):
            places = [*members]
            latest = self._latest(places)
            if latest is None:
                for recording in settle_recordings(self._recording(place, names) for place in places):
                    if isinstance(recording, Unread):
                        unread.append((places[0], recording))
                    else:
                        self._auditor.take((recording,))
            elif found[latest] >= 0:
                tags = dict(self._tags[latest]) if latest in self._tags else None
                self._auditor.take_judged(arn, found[latest], tags)
            elif found[latest] <= _FIRST_UNREAD:
                unread.append((places[0], self._unread[_FIRST_UNREAD - found[latest]]))
        self._auditor.take(one for _, one in sorted(unread, key=lambda pair: pair[0]))

    def _latest(self, places: list[int]) -> int | None:
        """Return the index of the only latest recording, or None if several may be the latest."""
        if len(places) == 1:
            return places[0]
        moments = [self._moments[place] for place in places]
        newest = max(moments)
        if _NO_MOMENT in moments or moments.count(newest) > 1:
            return None
        return places[moments.index(newest)]

    def _recording(self, place: int, names: list[str]) -> Recording:
        arn, found, micros = self._arns[place], self._found[place], self._moments[place]
        words = f"{names[self._answers[place]]}row {self._rows[place]}"
        if found >= 0:
            shown: object = self._auditor.item(arn, found, self._tags.get(place))
        else:
            shown = Gone(arn) if found == _GONE else self._unread[_FIRST_UNREAD - found]
        if micros == _NO_MOMENT:
            return Recording(shown, words, None, self._times[place])  # type: ignore[arg-type]
        moment = moment_of(micros)
        return Recording(shown, words, moment, moment.isoformat())  # type: ignore[arg-type]

    def _names(self) -> Iterator[str]:
        """Yield the text before `row` for each response: the source, and a number if the source has several."""
        several = {source for source, answer in self._sources if answer > 1}
        for source, answer in self._sources:
            name = f"{source} answer {answer}" if source in several and answer else source
            yield f"{name} " if name else ""


Found = Raw | Item | Unread
"""An item that a source reads."""

AT_FIRST = 20_000
"""The number of rows that are judged before other processes start."""
BATCH = 256
_AHEAD = 2
"""The number of batches that wait for each process."""
_MOST = 8
_BROKEN = (
    "a worker process was killed, perhaps because memory ran out: nothing can be concluded; "
    "set `processes: 1` in ecr-crossaccount.yaml"
)


@by_value
class Task:
    """The inputs that every process needs."""

    trust: Trust
    organization: str | None
    blank_is_none: bool


class _Sent(NamedTuple):
    """The result for a row. `number` is the sending process's own number of the policy's outcome."""

    recorded: Recorded
    number: int | None


class _Answer(NamedTuple):
    """The results of a batch, and its new outcomes, pickled, by their number in the sending process."""

    process: int
    rows: list[_Sent | Unread | None]
    new: list[tuple[int, Summary, bytes]]
    undone: list[int]
    """The indexes of rows whose outcome cannot be sent."""


def judge_all(rows: Iterable[Found], auditor: Auditor, task: Task, processes: int | None) -> None:
    """Judge rows, and settle which of them count. `processes` is the maximum, or None for one per processor.

    Raises AuditError if a process ends early.
    """
    recordings, following, count = Recordings(auditor), iter(rows), _count(processes)
    alone = islice(following, AT_FIRST) if count > 1 else following
    for one in alone:
        _take(one, recordings, auditor, task)
    if count > 1:
        _share(following, recordings, auditor, task, count)
    recordings.settle()


def _take(one: Found, recordings: Recordings, auditor: Auditor, task: Task) -> None:
    if isinstance(one, Raw):
        recordings.add(one, read_row(one, blank_is_none=task.blank_is_none))
    else:
        auditor.take((one,))


def _count(processes: int | None) -> int:
    if processes is not None:
        return processes
    has = getattr(os, "process_cpu_count", None) or os.cpu_count
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _MOST
    return min(has() or 1, allowed, _MOST)


def _batches(rows: Iterator[Found]) -> Iterator[list[Found]]:
    while batch := [*islice(rows, BATCH)]:
        yield batch


def _share(rows: Iterator[Found], recordings: Recordings, auditor: Auditor, task: Task, processes: int) -> None:
    batches = _batches(rows)
    first = next(batches, None)
    if first is None:
        return
    try:
        pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (task,))
    except (ImportError, NotImplementedError, OSError):  # a system without semaphores for processes
        for one in (row for batch in chain((first,), batches) for row in batch):
            _take(one, recordings, auditor, task)
        return
    sharing = _Sharing(pool, processes, recordings, auditor, task)
    try:
        with pool:
            sharing.judge(chain((first,), batches))
    except BrokenProcessPool:
        raise AuditError(_BROKEN) from None


class _Sharing:
    """Batches that other processes are judging, and the outcomes they have sent."""

    def __init__(
        self, pool: ProcessPoolExecutor, processes: int, recordings: Recordings, auditor: Auditor, task: Task
    ) -> None:
        self._pool = pool
        self._most = processes * (1 + _AHEAD)
        self._recordings = recordings
        self._auditor = auditor
        self._task = task
        self._waiting: deque[tuple[list[Found], Future[_Answer]]] = deque()
        self._known: dict[tuple[int, int], int] = {}

    def judge(self, batches: Iterable[list[Found]]) -> None:
        """Submit batches, and take their results in order."""
        try:
            for batch in batches:
                self._waiting.append((batch, self._pool.submit(_judge_batch, batch)))
                if len(self._waiting) > self._most:
                    self._receive()
            while self._waiting:
                self._receive()
        except BaseException:
            self._pool.shutdown(wait=False, cancel_futures=True)
            raise

    def _receive(self) -> None:
        batch, future = self._waiting.popleft()
        answer = future.result()
        for number, summary, data in answer.new:
            self._known[answer.process, number] = self._auditor.store.add_packed(data, summary)
        undone = set(answer.undone)
        for place, (raw, one) in enumerate(zip(batch, answer.rows, strict=True)):
            if place in undone or not isinstance(raw, Raw):
                _take(raw, self._recordings, self._auditor, self._task)
            elif isinstance(one, _Sent):
                known = None if one.number is None else self._known[answer.process, one.number]
                self._recordings.add_judged(raw, one.recorded, known)
            else:
                self._recordings.add(raw, one)


class Worker:
    """Judges batches, and remembers the outcomes that it has sent."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._judge = Judge(task.trust, task.organization)
        self._numbers = Numbers()
        self._count = 0

    def judge_batch(self, batch: list[Found]) -> _Answer:
        """Return the results of a batch, and the rows whose outcomes cannot be sent."""
        answer = _Answer(os.getpid(), [], [], [])
        for place, raw in enumerate(batch):
            one = read_row(raw, blank_is_none=self._task.blank_is_none) if isinstance(raw, Raw) else None
            if not isinstance(one, Recorded):
                answer.rows.append(one)
            elif not isinstance(one.found, Item):
                answer.rows.append(_Sent(one, None))
            else:
                number = self._number(one.found, answer)
                if number is None:
                    answer.undone.append(place)
                    answer.rows.append(None)
                else:
                    answer.rows.append(_Sent(one._replace(found=_NOTHING), number))
        return answer

    def _number(self, item: Item, answer: _Answer) -> int | None:
        try:
            key = self._judge.key_of(item)
        except (TypeError, ValueError, RecursionError):
            return None
        found = self._numbers.get(key)
        if found is None:
            outcome = self._judge.outcome(item, key)
            data = pack_outcome(outcome)
            if data is None:
                return None
            found = self._count
            self._count += 1
            self._numbers.keep(key, found)
            answer.new.append((found, summary_of(outcome), data))
        return found


_NOTHING = Unread("")
_worker: list[Worker] = []


def _begin(task: Task) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends this one
    _worker.append(Worker(task))


def _judge_batch(batch: list[Found]) -> _Answer:
    return _worker[0].judge_batch(batch)
