"""The memory that `check` needs for many files and for large files: `python -m benchmarks.memory`.

`--files` is the number of files in the first tree, and `--megabytes` the size of the second. A child process reads each
tree. Its peak memory and its time are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_A_FOLDER = 10
_LARGE = 50
_BLOCK = 1_048_576


def main() -> None:
    """Create the trees, read each in a child process, and print the memory and time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=6000)
    parser.add_argument("--megabytes", type=int, default=1500)
    arguments = parser.parse_args()
    for name, make, size in (
        ("many files", _many, arguments.files),
        ("large files", _large, arguments.megabytes),
    ):
        print(f"{name:12}", _measured(make, size), flush=True)


def _measured(make: Callable[[Path, int], None], size: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), size)
        started = time.monotonic()
        code = "import sys; from ecr_crossaccount.products.cli.main import main; sys.exit(main(sys.argv[1:]))"
        command = [sys.executable, "-c", code, "check", "--account", "111122223333", "--format", "lines", folder]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        printed = child.stdout.read() if child.stdout else ""
        _, _, used = os.wait4(child.pid, 0)
        seconds = time.monotonic() - started
    return f"{used.ru_maxrss / 1024:6.0f} MB  {seconds:6.1f} s  {printed.splitlines()[-1]}"


def _many(folder: Path, files: int) -> None:
    """Write Terraform modules, templates, charts and data. A few of them are about ECR."""
    for number in range(files):
        place = folder / f"module{number // _A_FOLDER}"
        place.mkdir(exist_ok=True)
        name, text = _KINDS[number % len(_KINDS)](number)
        (place / f"{number}{name}").write_text(text, encoding="utf-8")


def _sources(number: int) -> tuple[str, str]:
    blocks = "".join(
        f'resource "aws_iam_role" "r{number}_{one}" {{\n  name = "role-{one}"\n'
        f'  assume_role_policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", '
        'Principal = { Service = "ec2.amazonaws.com" } }] })\n'
        f'  tags = merge(var.tags{number}, {{ Name = "${{var.name{number}}}-{one}" }})\n}}\n'
        for one in range(20)
    )
    return ".tf", f'variable "name{number}" {{}}\nvariable "tags{number}" {{}}\n{blocks}'


def _template(number: int) -> tuple[str, str]:
    topics = "".join(
        f"  Topic{one}:\n    Type: AWS::SNS::Topic\n    Properties: {{TopicName: t{one}}}\n" for one in range(40)
    )
    exports = f"Outputs:\n  Topic:\n    Value: !Ref Topic1\n    Export: {{Name: topic{number}}}\n"
    ours = (
        "  Repo:\n    Type: AWS::ECR::Repository\n    Properties:\n      RepositoryPolicyText:\n        Statement:\n"
        '          - {Effect: Allow, Principal: {AWS: !ImportValue owner}, Action: "ecr:*"}\n'
    )
    return ".yaml", f"Resources:\n{topics}{ours if number % 100 == 1 else ''}{exports}"


def _data(number: int) -> tuple[str, str]:
    return ".json", json.dumps([{"id": number * one, "secret": "x" * 40} for one in range(200)])


_KINDS = (_sources, _template, _data)


def _large(folder: Path, megabytes: int) -> None:
    """Write files of data, 50 MB each."""
    line = b'{"name": "value of a field", "secret": true, "more": "\\u003cnothing\\u003e"},\n'
    block = line * (_BLOCK // len(line))
    for number in range(max(1, megabytes // _LARGE)):
        suffix = ".json" if number % 2 else ".yaml"
        with (folder / f"large{number}{suffix}").open("wb") as stream:
            stream.write(b"[\n")
            for _ in range(_LARGE):
                stream.write(block)


if __name__ == "__main__":
    main()
