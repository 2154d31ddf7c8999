"""A plugin that says which sentences of `sentences.json` the product says otherwise, from the tests that failed.

Beside each it shows the nearest text that the failing assertion compared. With `--record-sentences` it writes that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import chain, combinations_with_replacement
from pathlib import Path

import pytest

from tests.wording import HELD, REFERENCE, SENTENCES, Sentence, made

_WORD = re.compile(r"\w+|[^\w\s]")
_WORDS_AND_HOLES = re.compile(r"\{\}|%s|\w+|[^\w\s]")
_STOPS = frozenset(':;."')
_NEAR = 0.2
"""The least likeness of a sentence and its new wording."""

_new: dict[str, str] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that records."""
    parser.addoption("--record-sentences", action="store_true", help="take new wordings from tests that fail")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failing test the sentences that are worded otherwise."""
    report = yield
    if call.excinfo and report.failed:
        report.user_properties += [(f"sentence {key}", text) for key, text in reworded(call.excinfo).items()]
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect what the reports of all processes say."""
    _new.update({name.split()[1]: str(text) for name, text in report.user_properties if name.startswith("sentence ")})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List the sentences, and write them if the option asks for it."""
    for key, text in sorted(_new.items()):
        old = HELD[key]
        terminalreporter.write_line(f"{key}\n- {old if isinstance(old, str) else chr(10).join(old)}\n+ {text}")
    if _new and config.getoption("--record-sentences"):
        new = {key: text.split("\n") if "\n" in text else text for key, text in _new.items()}
        SENTENCES.write_text(as_held({**HELD, **new}), "utf-8")
    elif _new:
        terminalreporter.write_line(f"`make answers ARGS=sentences` takes these into {SENTENCES.name}")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test by the key of its sentence: the name stays when the words change."""
    return val.key if isinstance(val, Sentence) else None


def as_held(held: Mapping[str, str | list[str]]) -> str:
    """Return sentences as the file has them, in the order of their keys."""
    return json.dumps(held, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def reworded(excinfo: pytest.ExceptionInfo[BaseException]) -> dict[str, str]:
    """Return the new wording of each sentence that a failing statement compares, and that no text there has."""
    statements, names, compared = "", set[str](), list[object]([excinfo.value.__context__])
    if not isinstance(excinfo.value, AssertionError):
        compared.append(excinfo.value)
    for entry in excinfo.traceback:
        if Path(__file__).parent in Path(entry.path).parents:
            statements += (statement := str(entry.statement))
            names |= set(re.findall(r"[A-Za-z]\w*", statement))
            known = entry.frame.f_globals | entry.frame.f_locals
            # pytest keeps the values of a failing assertion in variables whose names begin so
            compared += [value for name, value in known.items() if name in names or name.startswith("@py_assert")]
    strings = list(_strings(compared, names, {}))
    wanted = {one.key: one for one in strings if isinstance(one, Sentence)}
    texts = [one for one in strings if not isinstance(one, Sentence)]
    referred = {key for text in texts for key in REFERENCE.findall(text) if key in HELD}
    wanted |= {key: one for key, one in made.items() if key in referred or f'"{key}"' in statements}
    ours = [re.sub(r"\\{\\}|%s", ".*", re.escape(one)) for one in wanted.values() if re.search(r"\{\}|%s", one)]
    texts = [one for one in texts if not REFERENCE.search(one) and not any(re.fullmatch(our, one) for our in ours)]
    missing = [one for one in wanted.values() if not any(one in text for text in texts)]
    whole = not missing and "==" in statements
    found = {one.key: _nearest(one, texts, whole=whole) for one in (wanted.values() if whole else missing)}
    return {key: _template(wanted[key], text) for key, text in found.items() if text not in (None, str(wanted[key]))}


def _strings(values: Iterable[object], names: Iterable[str], seen: dict[int, object]) -> Iterator[str]:
    """Yield the strings in values. Of our own objects, they are in the fields and in the properties of these names."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (bytes, BaseException)):
            yield value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        elif id(value) not in seen:
            seen[id(value)] = value
            if isinstance(value, (Mapping, list, tuple, set, frozenset)):
                more = [*value, *(value.values() if isinstance(value, Mapping) else ())]
                yield from _strings(more, names, seen)
            elif type(value).__module__.startswith(("tests.", "ecr_crossaccount.")):
                told = {*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ()), *names}
                yield from _strings([getattr(value, name, None) for name in told], names, seen)


def _nearest(old: str, texts: Iterable[str], *, whole: bool) -> str | None:
    """Return the part of the texts that is most like a sentence, or with `whole` the text that is."""
    wanted, best, likeness = _WORD.findall(old), None, _NEAR
    for text in texts if whole else chain.from_iterable([text] if "\n" in old else text.split("\n") for text in texts):
        places = list(_WORD.finditer(text))
        words = [place[0] for place in places]
        for start, end in [(0, len(words))] if whole else _parts(wanted, words):
            found = SequenceMatcher(None, wanted, words[start:end], autojunk=False).ratio()
            if found > likeness:
                best = text if whole else _cut(text, places[start].start(), places[end - 1].end(), old)
                likeness = found
    return best


def _cut(text: str, start: int, end: int, old: str) -> str:
    """Return a part of a text, with blanks around it where the old sentence has some."""
    before, after = len(old) - len(old.lstrip()), len(old) - len(old.rstrip())
    start -= before if text[:start].endswith(old[:before]) else 0
    return text[start : end + after if text[end:].startswith(old[len(old) - after :]) else end]


def _parts(wanted: list[str], words: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where a sentence may begin and end in words. Where its first or last words are new, it is up to a stop."""
    blocks = SequenceMatcher(None, wanted, words, autojunk=False).get_matching_blocks()[:-1]
    for first, last in combinations_with_replacement(blocks, 2):
        start, end = first.b, last.b + last.size
        if first.a:
            start = next((place + 1 for place in range(start - 1, -1, -1) if words[place] in _STOPS), 0)
        if last.a + last.size < len(wanted):
            end = next((place for place in range(end, len(words)) if words[place] in _STOPS), len(words))
        yield start, end


def _template(old: Sentence, text: str) -> str:
    """Return a new wording with the holes of the old one: what fills them now, or what takes the place of `{}`."""
    for name, value in sorted(old.fields.items(), key=lambda field: -len(field[1])):
        if value and f"{{{name}}}" in _held(old.key):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"{{{name}}}", text)
    before, after = _WORDS_AND_HOLES.findall(old), list(_WORDS_AND_HOLES.finditer(text))
    changes = SequenceMatcher(None, before, [word[0] for word in after], autojunk=False).get_opcodes()
    for change, start, end, new_start, new_end in reversed(changes):
        if change == "replace" and before[start:end] in (["{}"], ["%s"]):
            text = text[: after[new_start].start()] + before[start] + text[after[new_end - 1].end() :]
    return text


def _held(key: str) -> str:
    held = HELD[key]
    return held if isinstance(held, str) else "\n".join(held)
