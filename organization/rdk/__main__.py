"""`make rdk`: a folder for the Rule Development Kit, with the rule, its parameters and a test."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from organization.building import built_functions
from organization.sources import ROOT
from organization.stacks import ACCOUNT

RULE = "ECR_REPOSITORY_CROSS_ACCOUNT_ACCESS_CHECK"
HERE = Path(__file__).parent


def main(output: Path = ROOT / "build" / "rdk") -> int:
    """Write the folder, and print its path."""
    with built_functions(ACCOUNT) as built:
        print(rule_folder(built, output))
    return 0


def rule_folder(built: Path, output: Path) -> Path:
    """Return the rule's folder below `output`, made of the function that `sam build` has built."""
    folder = output / RULE
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(built / ACCOUNT.name / "RuleFunction", folder)
    for name in ("parameters.json", f"{RULE}_test.py"):
        shutil.copy(HERE / name, folder)
    return folder


if __name__ == "__main__":
    sys.exit(main())
