"""How the time of a judgement grows with a policy. `make bench-growth` measures it and writes the page and the picture.

Each family repeats one thing: statements, conditions, values, Denies. A policy is judged without a cache, and every
grant is read. The time is the shortest of several texts that differ in a Sid, because other processes only add time.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

from .contenders import Answer, explained
from .corpus import LIMIT, OWNER, anew
from .corpus.words import PULL, Json, Statements, text_of
from .figures import Figure, Result, status_of, table
from .instructions import counted
from .measure import seconds_for, undisturbed

_DOCS = Path(__file__).parents[1] / "docs"
_SIZES = (1, 2, 4, 8, 16, 32, 64)
_ROUNDS = 25
_STEEPEST = 1.5
_ACTIONS = ("BatchGetImage", "PutImage", "DescribeImages", "ListImages", "DeleteRepository", "SetRepositoryPolicy")

_PULL = list(PULL)


def _account(number: int) -> str:
    return str(500_000_000_000 + number)


def _statements(size: int) -> Statements:
    return [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{_account(n)}:root"}, "Action": _PULL}
        for n in range(size)
    ]


def _conditional(size: int) -> Statements:
    return [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "ecr:BatchGetImage",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": _account(n)}},
        }
        for n in range(size)
    ]


def _conditions(size: int) -> Statements:
    tags = {f"aws:PrincipalTag/team{n}": f"platform{n}-*" for n in range(size)}
    return [{"Effect": "Allow", "Principal": "*", "Action": _PULL, "Condition": {"StringLike": tags}}]


def _values(size: int) -> Statements:
    accounts = [_account(n) for n in range(size)]
    condition = {"StringEquals": {"aws:PrincipalAccount": accounts}}
    return [{"Effect": "Allow", "Principal": "*", "Action": _PULL, "Condition": condition}]


def _denies(size: int) -> Statements:
    allow: dict[str, Json] = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
    denies: Statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "ecr:*",
            "Condition": {"StringNotLike": {f"aws:PrincipalTag/team{n}": f"platform{n}-*"}},
        }
        for n in range(size)
    ]
    return [allow, *denies]


def _denies_of_actions(size: int) -> Statements:
    allow: dict[str, Json] = {"Effect": "Allow", "Principal": {"AWS": _account(0)}, "Action": "ecr:*"}
    denies: Statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": f"ecr:{_ACTIONS[n % len(_ACTIONS)]}",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:role/deploy{n}"}},
        }
        for n in range(size)
    ]
    return [allow, *denies]


FAMILIES: dict[str, Callable[[int], Statements]] = {
    "Allows of an account": _statements,
    "Allows with a condition": _conditional,
    "conditions of one Allow": _conditions,
    "values of one condition": _values,
    "Denies with a condition": _denies,
    "Denies of an action": _denies_of_actions,
}


def main() -> int:
    """Return 0, or 1 if --check was given and a limit is exceeded."""
    options = _options()
    answer = explained()
    slopes = [
        Figure(f"{name}, exponent of the growth", _slope(answer, FAMILIES[name]), "", _STEEPEST, exact=True)
        for name in FAMILIES
    ]
    results = [Result("growth", "instructions from 8 to 32 of them; 1 is in proportion, 2 the square", tuple(slopes))]
    sys.stdout.write(table(results, 1))
    if options.write:
        seconds = {name: _seconds(answer, family) for name, family in FAMILIES.items()}
        (_DOCS / "growth.svg").write_text(_picture(seconds), encoding="utf-8")
    return status_of(results, 1, check=options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/growth.svg")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    return parser.parse_args()


def _texts(family: Callable[[int], Statements], label: str) -> dict[int, str]:
    """Return the policies of a family that are short enough for ECR, by size."""
    texts = {size: anew(text_of(family(size)), label) for size in _SIZES}
    return {size: text for size, text in texts.items() if len(text) <= LIMIT}


def _seconds(answer: Answer, family: Callable[[int], Statements]) -> dict[int, float]:
    """Return the seconds by size, the shortest of several runs."""
    seconds: dict[int, float] = {}
    for attempt in range(_ROUNDS):
        with undisturbed():
            seconds_for(answer, [*_texts(family, f"w{attempt}").values()][:3])  # warms up after the garbage collection
            for size, text in _texts(family, f"t{attempt}").items():
                seconds[size] = min(seconds.get(size, math.inf), seconds_for(answer, (text,)))
    return seconds


def _slope(answer: Answer, family: Callable[[int], Statements]) -> float:
    """Return the exponent of the growth in instructions, once each part of the policies has been seen."""
    seconds_for(answer, [*_texts(family, "warm up").values()])
    texts = _texts(family, "slope")
    few, many = counted(answer, [texts[8], texts[32]])
    return math.log(many / few, 4)


# --- what is written ---

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 760, 420, 60, 50
_COLOURS = ("#4477aa", "#ee6677", "#228833", "#b8860b", "#66ccee", "#aa3377")
_FROM, _TO = -5, 0
"""Powers of ten of seconds: 10 µs and 1 s."""


def _place(size: int, seconds: float) -> tuple[float, float]:
    across = math.log2(size) / math.log2(_SIZES[-1])
    up = (math.log10(seconds) - _FROM) / (_TO - _FROM)
    return _LEFT + across * (_WIDTH - _LEFT - 200), _HEIGHT - _BOTTOM - up * (_HEIGHT - _BOTTOM - 20)


def _picture(seconds: dict[str, dict[int, float]]) -> str:
    """Return the picture. Both axes are logarithmic, so proportional growth is a line at 45 degrees."""
    right = _place(_SIZES[-1], 1)[0]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        "<!-- written by `make bench-growth` -->",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for power, name in zip(range(_FROM, _TO + 1), ("10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"), strict=True):
        y = _place(1, 10.0**power)[1]
        lines.append(f'<line x1="{_LEFT}" y1="{y:.0f}" x2="{right:.0f}" y2="{y:.0f}" stroke="#dddddd"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{name}</text>')
    for size in _SIZES:
        x = _place(size, 1)[0]
        lines.append(f'<text x="{x:.0f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{size}</text>')
    middle = (_LEFT + right) / 2
    lines.append(f'<text x="{middle:.0f}" y="{_HEIGHT - 10}" text-anchor="middle">how many of them a policy has</text>')
    for place, (name, found) in enumerate(seconds.items()):
        points = " ".join("{:.1f},{:.1f}".format(*_place(size, taken)) for size, taken in found.items())
        colour, y = _COLOURS[place], 40 + 22 * place
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(
            f'<line x1="{right + 14:.0f}" y1="{y}" x2="{right + 34:.0f}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
        )
        lines.append(f'<text x="{right + 40:.0f}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    sys.exit(main())
