"""Steps of guides. Each is a block of commands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.docs.markdown import Block
from tests.guides.conftest import Desk
from tests.guides.guides import Guide
from tests.guides.reader import Reader


@dataclass(frozen=True, slots=True)
class Step:
    """A block of a guide, in its order."""

    guide: Guide
    block: Block

    @property
    def id(self) -> str:
        return f"{self.guide.name}.md:{self.block.line}"

    def is_the_first_of_its_heading(self) -> bool:
        return next(one for one in self.guide.blocks() if one.heading == self.block.heading) == self.block


def steps(guides: Iterable[Guide]) -> list[Step]:
    """Return the steps of guides, one guide after the other."""
    return [Step(guide, block) for guide in guides for block in guide.blocks()]


def overridden(text: str) -> set[str]:
    """Return the parameters that a block's commands override. `cloudformation deploy` and SAM ignore unknown ones."""
    lines = text.replace("\\\n", " ").splitlines()
    given = [line.partition("--parameter-overrides ")[2] for line in lines]
    return {name for line in given for name in re.findall(r"(?<!\S)([A-Za-z]+)=", line)}


def prepare(desk: Desk, step: Step) -> None:
    """Create what the page requires at the beginning of a heading."""
    before = step.guide.before.get(step.block.heading)
    if before and step.is_the_first_of_its_heading():
        before(desk.checkout)


def follow(desk: Desk, step: Step) -> None:
    """Type a block with its words replaced, and assert that it ends as the page says."""
    guide, heading = step.guide, step.block.heading
    reader = desk.readers.setdefault(
        guide.name, Reader(desk.checkout, desk.environment, guide.filled, guide.answers, desk.home / guide.name)
    )
    reader.answers = guide.answers
    prepare(desk, step)
    expected, because = guide.ends.get(heading, (0, ""))
    text = step.block.text if heading not in guide.goes_on else f"set +e\n{step.block.text}"
    assert all(
        said in guide.page.path.read_text(encoding="utf-8") for said in (because, guide.goes_on.get(heading, ""))
    )
    desk.cloud.unknown.clear()
    desk.cloud.parameters.clear()
    typed = reader.types(text)
    assert typed.status == expected, f"{step.id} {because}\n{typed.text}\n{typed.shown[-3000:]}"
    assert overridden(typed.text) <= desk.cloud.parameters, "the CLIs leave out what a template does not have"
    assert desk.cloud.unknown == [], "moto does not know this, and nobody has said so: tests/guides/cloud.py"
