"""Runs work in forked processes. Each process ends with its work. No process has another one's imports."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")
_MEMORY = 4 << 30


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """Work for a separate process, and its limit of processor time in seconds."""

    work: Callable[[], T]
    seconds: int


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """The end of the job with this number: a value, an error's traceback, or a signal."""

    number: int
    value: T | None = None
    error: str = ""
    signal: int = 0


def in_forks(jobs: Sequence[Job[T]], *, at_once: int) -> Iterator[Ended[T]]:
    """Run the jobs, with a limit of concurrent ones, and yield each when it ends.

    If the reader stops, or at a signal, the remaining jobs are ended.
    """
    signal.signal(signal.SIGTERM, _stop)
    waiting = list(reversed([*enumerate(jobs)]))
    running: dict[int, tuple[int, int]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                number, job = waiting.pop()
                process, pipe = _forked(job)
                running[process] = number, pipe
            yield _next(running)
    finally:
        for process, (_, pipe) in running.items():
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(pipe)


def _stop(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _next(running: dict[int, tuple[int, int]]) -> Ended[T]:
    process, status = os.waitpid(-1, 0)
    number, pipe = running.pop(process)
    with os.fdopen(pipe, "rb") as answer:
        said = answer.read()
    if os.WIFSIGNALED(status):
        return Ended(number, signal=os.WTERMSIG(status))
    value, error = pickle.loads(said)  # noqa: S301 - written by this program
    return Ended(number, value, error)


def _forked(job: Job[T]) -> tuple[int, int]:
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    os.close(reading)
    said: tuple[T | None, str] = (None, "")
    try:
        _limit(job.seconds)
        said = job.work(), ""
    except BaseException:  # noqa: BLE001 - it is reported to the parent, and this process ends
        said = None, traceback.format_exc()[-8_000:]
    finally:
        os.write(writing, pickle.dumps(said))
        os._exit(0)


def _limit(seconds: int) -> None:
    """End this process by a signal at its limit of processor time, or when it waits much longer than that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.alarm(60 * seconds)


@contextmanager
def silence() -> Iterator[None]:
    """Prevent all output in the block from reaching the terminal."""
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        for descriptor, copy in enumerate(kept, start=1):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nowhere)
