"""The prose of the project, sentence by sentence, checked with the rules of docs/style-guide.md.

`python -m tests.docs.prose [PLACE…]` lists the sentences that break a rule. A place is a page, `help`, `messages`, or a
folder or file of code, for its docstrings and comments. Without a place, it checks everything.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path

import yaml
from ecr_crossaccount.products.cli.main import whole_parser
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.markdown import ROOT, is_elsewhere, pages

_RULES = Path(__file__).with_name("prose.yaml")
_END = re.compile(r"(?<=[.!?])[\"”)*_]*\s+(?=[\"“(*_`]*[A-Z0-9`]|[\w/-]+\.md\b)|\n+")
_NOT_AN_END = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|No)\.$")
_WORD = re.compile(r"[^\s/\u2013\u2014]*\w[^\s/\u2013\u2014]*")
_CODE = re.compile(r"(`+).+?\1", re.DOTALL)
_FORMAT = re.compile(r"%\(\w+\)s|\{[^{}]*\}")
_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*- )")
CODE = "`…`"
"""The replacement for code in a sentence. It is one word, and no rule applies to it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrasing that is hard to read, and what to write instead."""

    name: str
    find: re.Pattern[str]
    instead: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, a heading, an item, a cell of a table, or a message: a text that is read as one."""

    place: str
    line: int
    text: str

    def sentences(self) -> Iterator[str]:
        """Yield the sentences. Every piece of code is one word."""
        text, begun = _CODE.sub(CODE, self.text), ""
        for part in _END.split(text):
            begun += part
            if not _NOT_AN_END.search(begun):
                yield begun.strip()
                begun = ""
            else:
                begun += " "
        if begun:
            yield begun.strip()


@dataclass(frozen=True, slots=True)
class Fault:
    """A sentence that breaks a rule."""

    passage: Passage
    rule: str
    sentence: str
    instead: str

    def __str__(self) -> str:
        return f"{self.passage.place}:{self.passage.line}: {self.rule}: {self.sentence}\n    {self.instead}"


@dataclass(frozen=True, slots=True)
class Guide:
    """The rules, and the most words in a sentence."""

    longest: int
    rules: tuple[Rule, ...]


@cache
def guide() -> Guide:
    """Return the rules in prose.yaml."""
    read = yaml.safe_load(_RULES.read_text(encoding="utf-8"))
    rules = tuple(Rule(one["name"], re.compile(one["find"], re.IGNORECASE), one["instead"]) for one in read["rules"])
    return Guide(read["longest"], rules)


def faults(passages: Iterable[Passage]) -> list[Fault]:
    """Return the sentences in the passages that break a rule."""
    longest, rules = guide().longest, guide().rules
    found = []
    for passage in passages:
        for sentence in passage.sentences():
            found += [Fault(passage, rule.name, sentence, rule.instead) for rule in rules if rule.find.search(sentence)]
            words = len(_WORD.findall(sentence))
            if words > longest:
                found.append(
                    Fault(passage, f"{words} words", sentence, f"At most {longest}: make two sentences of it.")
                )
    return found


def page_passages(name: str) -> Iterator[Passage]:
    """Yield the passages of a page, without blocks of code and bad examples.

    From the changelog, yields only the newest version and the unreleased changes.
    """
    text = (ROOT / name).read_text(encoding="utf-8")
    if name == "CHANGELOG.md":
        text = "\n## ".join(re.split(r"^## ", text, flags=re.MULTILINE)[:3])
    line, column, examples = 1, 0, -1
    for token in MarkdownIt().enable("table").parse(text):
        line = token.map[0] + 1 if token.map else line
        match token.type:
            case "table_open":
                examples = -1
            case "tr_open":
                column = -1
            case "th_open" | "td_open":
                column += 1
            case "table_close":
                column = 0
            case "inline" if token.content == "before":
                examples = column
            case "inline" if not (token.level >= 4 and column == examples):
                yield Passage(name, line, _shown(token))


def _shown(token: Token) -> str:
    """Return the text of a paragraph as a reader sees it, with code in backticks."""
    parts = []
    for child in token.children or ():
        match child.type:
            case "text":
                parts.append(child.content)
            case "code_inline":
                parts.append(f"`{child.content or ' '}`")
            case "softbreak":
                parts.append(" ")
            case "hardbreak" | "html_inline":  # `<br>`, in a table
                parts.append("\n")
    return "".join(parts)


def checked_pages() -> list[str]:
    """Return every page."""
    return [page.name for page in pages()]


def help_passages() -> Iterator[Passage]:
    """Yield the help of every command and option."""

    def of(parser: argparse.ArgumentParser) -> Iterator[Passage]:
        for text in (parser.description, parser.epilog):
            if text:
                yield Passage(parser.prog, 0, text)
        for action in parser._actions:  # noqa: SLF001 - argparse has no public access to it
            if action.help and action.help != argparse.SUPPRESS:
                yield Passage(f"{parser.prog} {'/'.join(action.option_strings) or action.dest}", 0, action.help)
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
                for one in action._choices_actions:  # noqa: SLF001 - as above
                    if one.help:
                        yield Passage(f"{parser.prog} {one.dest}", 0, one.help)
                for command in dict.fromkeys(action.choices.values()):
                    yield from of(command)

    yield from of(whole_parser())


def message_passages() -> Iterator[Passage]:
    """Yield the sentences in the code: those of findings, errors, notes and logs."""
    for path in sorted((ROOT / "rule" / "ecr_crossaccount").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = set(_documentation(tree))
        inside: set[int] = set()
        for node in ast.walk(tree):
            if id(node) in inside or id(node) in documented:
                continue
            text = ""
            if isinstance(node, ast.JoinedStr):
                inside |= {id(part) for part in ast.walk(node)}
                text = "".join(str(one.value) if isinstance(one, ast.Constant) else CODE for one in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            if len(re.findall(r"(?<!\S)[A-Za-z]+(?!\S)", text)) >= 3:
                yield Passage(path.relative_to(ROOT).as_posix(), getattr(node, "lineno", 0), _FORMAT.sub(CODE, text))


def _documentation(tree: ast.Module) -> Iterator[int]:
    """Yield the texts that only a reader of the code sees."""
    return (id(text) for text in _docstrings(tree))


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def code_passages(name: str, root: Path = ROOT) -> Iterator[Passage]:
    """Yield the docstrings and comments of a file, or of every file in a folder, paragraph by paragraph."""
    path = root / name
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        place = file.relative_to(root).as_posix()
        for text in _docstrings(ast.parse(file.read_text(encoding="utf-8"))):
            for paragraph in _PARAGRAPH.split(str(text.value)):
                yield Passage(place, text.lineno, " ".join(paragraph.split()))
        for line, comment in _comments(file):
            yield Passage(place, line, comment)


def _comments(file: Path) -> Iterator[tuple[int, str]]:
    """Yield each comment with its line. Consecutive lines in the same column are one comment."""
    with tokenize.open(file) as source:
        found = [token for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.COMMENT]
    for _, run in groupby(enumerate(found), key=lambda one: (one[1].start[0] - one[0], one[1].start[1])):
        lines = [token for _, token in run]
        yield lines[0].start[0], " ".join(token.string.lstrip("# ") for token in lines)


def every_place() -> Mapping[str, Callable[[], Iterator[Passage]]]:
    """Return the reader of each place: of each page, the command's help, the messages, and each folder of code."""
    found: dict[str, Callable[[], Iterator[Passage]]] = {n: partial(page_passages, n) for n in checked_pages()}
    found |= {folder: partial(code_passages, folder) for folder in code_folders()}
    return found | {"help": help_passages, "messages": message_passages}


def code_folders() -> list[str]:
    """Return the folders of the repository that have code."""
    inner = (path for path in ROOT.iterdir() if path.is_dir() and not is_elsewhere(path.name))
    return sorted(folder.name for folder in inner if any(folder.rglob("*.py")))


def main(names: list[str]) -> int:
    """Print the sentences that break a rule. Return 1 if there are any."""
    places = every_place()
    found = [fault for name in names or places for fault in faults(places.get(name, partial(code_passages, name))())]
    for fault in found:
        print(fault)
    print(f"{len(found)} sentences to rewrite; docs/style-guide.md says how")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
