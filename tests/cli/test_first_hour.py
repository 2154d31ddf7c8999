"""What people type first: the output of the AWS CLI in each of its forms, and the policy of a registry."""

from __future__ import annotations

import json
import subprocess
from itertools import chain

import pytest
from ecr_crossaccount.products.cli.base.program import parsers_in
from ecr_crossaccount.products.cli.main import whole_parser

from tests.cli.conftest import OWNER, Run, Write
from tests.docs.markdown import ROOT

PULL = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [PULL]})
FORMS = {
    "json": (json.dumps({"registryId": OWNER, "repositoryName": "base", "policyText": POLICY}), ""),
    "a string of --query": (json.dumps(POLICY), ""),
    "the text of --query": (f"{POLICY}\n", ""),
    "yaml": (f"policyText: '{POLICY}'\nregistryId: '{OWNER}'\nrepositoryName: base\n", "add `--output json`"),
    "text": (f"{POLICY}\t{OWNER}\tbase\n", "add `--output json`"),
    "table": (f"-----\n|  GetRepositoryPolicy  |\n|  policyText  | {POLICY} |\n", "add `--output json`"),
}
ON_ALL = PULL | {"Resource": f"arn:aws:ecr:eu-central-1:{OWNER}:repository/base/*"}


def printed(*statements: object) -> dict[str, str]:
    return {"registryId": OWNER, "policyText": json.dumps({"Version": "2012-10-17", "Statement": statements})}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_the_output_is_judged_or_says_what_to_add(run: Run, write: Write, form: str) -> None:
    text, way = FORMS[form]
    done = run("judge", "--no-trust", "--owner", OWNER, write(text, "printed"))
    assert (done.status, "account 222233334444 can pull" in done.out) == ((3, False) if way else (1, True))
    assert way in done.err


def test_the_policy_of_a_registry_is_judged_as_one(run: Run, write: Write) -> None:
    done = run("judge", "--no-trust", write(printed(ON_ALL), "registry.json"))
    assert done.status == 1
    assert f"(the registry policy of {OWNER}): NON_COMPLIANT" in done.out
    assert "Statement[0] of the registry policy" in done.out
    assert "is ignored" not in done.out
    safe = printed(ON_ALL | {"Principal": {"AWS": OWNER}})
    done = run("judge", "--no-trust", write(safe, "safe.json"))
    assert done.out.startswith(f"{done.out.partition(' (')[0]} (the registry policy of {OWNER}): COMPLIANT, ")


@pytest.mark.parametrize(
    "argv, way",
    [
        (("judge", "--registry-policy", "FILE"), "--registry-policy and --rcp are for others"),
        (("plan",), "`plan` is for the policies of repositories"),
        (("ask", "--can", "pull"), "give it with --registry-policy"),
    ],
)
def test_another_question_about_it_says_what_to_do(run: Run, write: Write, argv: tuple[str, ...], way: str) -> None:
    file = write(printed(ON_ALL), "registry.json")
    done = run(*(file if word == "FILE" else word for word in argv), "--no-trust", file)
    assert done.status == 3
    assert way in done.out + done.err


def test_a_policy_that_names_its_repository_is_that_of_the_repository(run: Run, write: Write) -> None:
    named = printed(ON_ALL) | {"repositoryName": "base"}
    assert "it is ignored; remove it" in run("judge", "--no-trust", write(named, "policy.json")).out


def test_no_command_has_a_quiet_form() -> None:
    actions = chain(*(one._actions for one in parsers_in(whole_parser())))  # noqa: SLF001 - argparse has no other way
    words = set(chain(*(one.option_strings for one in actions)))
    assert words.isdisjoint({"-q", "--quiet"})


def test_make_help_shows_the_eight_targets_that_people_use() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(shown.splitlines()) == 9
