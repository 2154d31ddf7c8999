"""Terraform addresses in parts, such as `module.a["x"].data.aws_iam_policy_document.this[0]`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = re.compile(r'([^.\["]+)(\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?(?:\.|$)')


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address.

    `modules`: the names of the module calls, with their keys as written. `key`: the key of the instance, with its
    brackets.
    """

    modules: tuple[tuple[str, str], ...]
    type: str
    name: str
    key: str = ""
    data: bool = False

    @property
    def calls(self) -> tuple[str, ...]:
        """The names of the module calls, without keys, as in the configuration."""
        return tuple(name for name, _ in self.modules)

    @property
    def block(self) -> str:
        """The name of the block in its own module."""
        return f"{'data.' if self.data else ''}{self.type}.{self.name}"

    def __str__(self) -> str:
        module = "".join(f"module.{name}{key}." for name, key in self.modules)
        return f"{module}{self.block}{self.key}"

    def beside(self, block: str, key: str = "") -> str:
        """Return the address of another block's instance in the same module instance."""
        module = "".join(f"module.{name}{key}." for name, key in self.modules)
        return f"{module}{block}{key}"


def parse_address(text: str) -> Address | None:
    """Return the parts of an address, or None if the text is not an address."""
    steps: list[tuple[str, str]] = []
    end = 0
    for found in _STEP.finditer(text):
        if found.start() != end:
            return None
        steps.append((found[1], found[2] or ""))
        end = found.end()
    if end != len(text):
        return None
    modules: list[tuple[str, str]] = []
    while len(steps) > 2 and steps[0][0] == "module":  # noqa: PLR2004 - the two steps of a call, and at least one more
        modules.append(steps[1])
        steps = steps[2:]
    data = bool(steps) and steps[0][0] == "data"
    match steps[1:] if data else steps:
        case [(kind, ""), (name, key)]:
            return Address(tuple(modules), kind, name, key, data)
    return None
