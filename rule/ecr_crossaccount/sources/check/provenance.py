"""What a report depends on besides its input: settings that may reduce what is found, and the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from ...documents.problems import count_of, first_of
from ...memo import by_value


@by_value
class Loosened:
    """A setting that may reduce what is found.

    `value` is a JSON value. `source` is the file or variable that sets it, and `line` the line in the file. `in_file`
    says whether someone who can change the code can change the setting too.
    """

    name: str
    value: object
    source: str
    line: int | None
    in_file: bool

    def to_json(self) -> dict[str, object]:
        """Return the setting in the form of reports."""
        return {"name": self.name, "value": self.value, "source": self.source, "line": self.line}


@by_value
class Register:
    """The trust register that was used: its file, the SHA-256 of its content in hex, and its number of entries."""

    file: str
    sha256: str
    entries: int

    def __str__(self) -> str:
        return f"{self.file} ({count_of(self.entries, 'entry', 'entries')})"


@by_value
class Provenance:
    """The settings and the register of one report."""

    settings: tuple[Loosened, ...] = ()
    register: Register | None = None

    @property
    def trust(self) -> str:
        """Whom the report trusts besides the owner account, for a person."""
        return "nobody" if self.register is None else str(self.register)

    @property
    def beside_the_code(self) -> str:
        """The settings that an author of a code change can also change, as one text. Empty if there are none."""
        found = [setting for setting in self.settings if setting.in_file]
        return "; ".join(_render_settings(source, found) for source in dict.fromkeys(one.source for one in found))

    def to_json(self) -> dict[str, object]:
        """Return the provenance in the JSON form of a report."""
        register = None if self.register is None else asdict(self.register)
        return {"settings": [setting.to_json() for setting in self.settings], "register": register}


NOTHING_BEHIND = Provenance()

_MOST = 12
"""The most settings of one file that a text names. JSON has all of them."""
_MEMBERS = 3


def _render_settings(source: str, settings: Iterable[Loosened]) -> str:
    words = [
        f"{setting.name} {_render_value(setting.value)}" + ("" if setting.line is None else f" (line {setting.line})")
        for setting in settings
        if setting.source == source
    ]
    return f"{source} sets {first_of(words, _MOST)}"


def _render_value(value: object) -> str:
    match value:
        case dict():
            words = [f"{name}: {one}" for name, one in value.items()]
        case list():
            words = list(map(str, value))
        case _:
            words = [str(value)]
    return f"`{first_of(words, _MEMBERS)}`"
