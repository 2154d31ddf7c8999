"""A user who follows a guide: types its blocks into a shell, one after the other, and answers questions."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PROMPT = re.compile(r"(\]: |\[y/N\]:? |: )$")
_SECONDS = 800.0
"""Seconds after which a command hangs, because it waits for an answer that nobody gives: less than pytest's timeout."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A block as it was typed, and its result."""

    text: str
    status: int
    shown: str


@dataclass(slots=True)
class Reader:
    """A shell that keeps its folder from block to block. `filled` has the values of the words to replace."""

    folder: Path
    environment: Mapping[str, str]
    filled: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    """The answers, by a word of the question. The answer to any other question is Enter."""
    note: Path = Path("folder")
    """The file with the shell's folder at the end of a block."""

    def types(self, text: str) -> Typed:
        """Type a block. A line that fails ends it, because a user would stop there."""
        for word, value in self.filled.items():
            if word in text:
                text = text.replace(word, value())
        command = ["bash", "-euo", "pipefail", "-c", f'{text}\npwd > "{self.note}"']
        folder = Path(self.note.read_text(encoding="utf-8").strip()) if self.note.exists() else self.folder
        status, shown = _on_a_terminal(command, folder, self.environment, self.answers)
        return Typed(text, status, shown)


def _on_a_terminal(
    command: list[str], folder: Path, environment: Mapping[str, str], answers: Mapping[str, str]
) -> tuple[int, str]:
    """Run a command on its own terminal. Returns its status and its output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown, asked, ends = "", 0, time.monotonic() + _SECONDS
    try:
        while time.monotonic() < ends:
            ready, _, _ = select.select([ours], [], [], 0.05)
            if ready:
                try:
                    data = os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
                shown += data.decode(errors="replace")
                if not data:
                    break
                continue
            line = shown[asked:].rpartition("\n")[2]
            if _PROMPT.search(line):
                answer = next((text for word, text in answers.items() if word in line), "")
                os.write(ours, f"{answer}\n".encode())
                asked = len(shown)
        return process.wait(timeout=max(0.1, ends - time.monotonic())), shown.replace("\r\n", "\n")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)
