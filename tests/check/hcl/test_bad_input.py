"""Invalid or extreme sources: each gets an answer in bounded time, and the other sources are still judged."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.cli.conftest import OWNER, Result, Run
from tests.wording import sentence

POLICY = 'resource "aws_ecr_repository_policy" "%s" {\n  repository = "x"\n  policy     = %s\n}\n'
OPEN = POLICY % ("open", 'jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })')
DOUBLED = "".join(f"  a{n} = concat(local.a{n - 1}, local.a{n - 1})\n" for n in range(1, 60))
NESTED = "".join(f"  a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 60))
TEXTS = "".join(f'  a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"\n' for n in range(1, 60))
OPENED = '{ Effect = "Allow", Principal = "*", Action = "ecr:*" }'


def chosen(first: str, form: str) -> str:
    """Return values that each are one of the two previous ones, by a condition of their own."""
    start = f"  a0 = {first}\n  b0 = {first.replace('ecr:', 'ecr:Get')}\n"
    rounds = (
        f"  {one}{n} = " + form.format(f"var.{one}{n}", f"local.a{n - 1}", f"local.b{n - 1}") + "\n"
        for n in range(1, 60)
        for one in "ab"
    )
    return "locals {\n" + start + "".join(rounds) + "}\n"


MANY_BLOCKS = "".join(
    f"""    dynamic "condition" {{
      for_each = var.c{n} ? [1] : []
      content {{
        test     = "StringEquals"
        variable = "aws:PrincipalAccount"
        values   = ["111122223333"]
      }}
    }}
"""
    for n in range(60)
)
OPEN_DOCUMENT = """data "aws_iam_policy_document" "d" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
%s
  }
}
"""
ALLOWED = "".join(
    f"""variable "v{n}" {{
  validation {{
    condition     = contains(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], var.v{n})
    error_message = "no"
  }}
}}
"""
    for n in range(12)
)
BEYOND_MEASURE = {
    "allowed-values": ALLOWED + POLICY % ("odd", '"' + "".join(f"${{var.v{n}}}" for n in range(12)) + '"'),
    "chosen-texts": chosen('"ecr:"', "{} ? {} : {}") + POLICY % ("odd", "local.a59"),
    "chosen-lists": chosen(f"[{OPENED}]", "{} ? {} : {}") + POLICY % ("odd", "jsonencode({ Statement = local.a59 })"),
    "chosen-objects": chosen(OPENED, "{} ? {} : {}") + POLICY % ("odd", "jsonencode({ Statement = [local.a59] })"),
    "chosen-by-key": chosen('"ecr:"', "{{ a = {1}, b = {2} }}[{0}]") + POLICY % ("odd", "local.a59"),
    "chosen-one-after-the-other": POLICY % ("odd", " : ".join(f"var.c{n} ? 1" for n in range(3_000)) + " : 2"),
    "chosen-in-a-text": POLICY % ("odd", '"' + "".join(f'${{var.c{n} ? "a" : "b"}}' for n in range(60)) + '"'),
    "chosen-in-a-heredoc": POLICY
    % ("odd", "<<E\n" + "".join(f"%{{ if var.c{n} }}a%{{ else }}b%{{ endif }}\n" for n in range(60)) + "E\n"),
    "chosen-arguments": POLICY % ("odd", "format(" + ", ".join(f'var.c{n} ? "a" : "b"' for n in range(60)) + ")"),
    "chosen-conditions": OPEN_DOCUMENT % MANY_BLOCKS + POLICY % ("odd", "data.aws_iam_policy_document.d.json"),
    "deep-list": POLICY % ("odd", "[" * 5000 + "]" * 5000),
    "deep-parentheses": POLICY % ("odd", "(" * 5000 + "1" + ")" * 5000),
    "deep-blocks": "a {" * 5000 + "}" * 5000,
    "long-sum": POLICY % ("odd", "1+" * 5000 + "1"),
    "long-choice": POLICY % ("odd", "a?b:" * 2000 + "c"),
    "deep-json": POLICY % ("odd", "<<E\n" + '{"Statement":' * 3000 + "\nE\n"),
    "loops-in-loops": POLICY % ("odd", "[for a in range(1024): [for b in range(1024): [for c in range(1024): a]]]"),
    "product": POLICY % ("odd", "jsonencode(setproduct(range(1000), range(1000), range(1000)))"),
    "doubled-lists": "locals {\n  a0 = [1]\n" + DOUBLED + "}\n" + POLICY % ("odd", "jsonencode(local.a59)"),
    "lists-in-lists": "locals {\n  a0 = [1]\n" + NESTED + "}\n" + POLICY % ("odd", "jsonencode(local.a59)"),
    "doubled-texts": 'locals {\n  a0 = "aaaaaaaa"\n' + TEXTS + "}\n" + POLICY % ("odd", "local.a59"),
    "wide-format": POLICY % ("odd", 'format("%999999999s", "x")'),
    "grown-text": POLICY % ("odd", 'replace(join("", range(1024)), "1", join("", range(1024)))'),
    "power": POLICY % ("odd", '"${pow(10, pow(10, 10))}"'),
    "slow-expression": POLICY % ("odd", 'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "/(a|a)*$/", "x")'),
    "slower-expression": POLICY % ("odd", f'regex("a*a*a*a*a*a*a*c", "{"a" * 200}")'),
    "many": 'resource "aws_ecr_repository_policy" "odd" {\n  count  = 100000000\n  policy = var.policy\n}\n',
    "of-itself": POLICY % ("odd", "aws_ecr_repository_policy.odd.policy"),
    "template-of-itself": POLICY % ("odd", 'templatefile("main.tf", {})'),
    "device": POLICY % ("odd", 'file("/dev/zero")'),
    "folder-as-file": POLICY % ("odd", 'file("..")'),
    "odd-escapes": POLICY % ("odd", r'"\ud800 \U00110000 \q"'),
    "calls-itself": 'module "a" {\n  source = "./"\n}\nmodule "b" {\n  source = "./."\n}\n',
}


def check(run: Run, folder: Path, **files: str | bytes) -> Result:
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("_", ".")).write_bytes(data)
    return run("check", "--format", "json", "--account", OWNER, str(folder))


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("text", BEYOND_MEASURE.values(), ids=BEYOND_MEASURE)
def test_what_is_beyond_measure_keeps_nobody_else_from_being_judged(run: Run, tmp_path: Path, text: str) -> None:
    done = check(run, tmp_path, main_tf=text, other_tf=OPEN)
    found = {one["resource"]: one for one in done.json["policies"]}
    assert found["aws_ecr_repository_policy.open"]["public"]
    # Unusual input is never compliant. It is undecided, invalid or an error that names it.
    assert all(one["compliance"] == "NON_COMPLIANT" for one in found.values())


def test_a_value_that_is_beyond_measure_hides_nothing_beside_it(run: Run, tmp_path: Path) -> None:
    deep = " : ".join(f"var.c{n} ? 1" for n in range(3_000)) + " : 2"
    (found,) = check(run, tmp_path, main_tf=OPEN.replace('"x"', deep)).json["policies"]
    assert found["public"]


@pytest.mark.parametrize("listed", [b"\xe9", b"{", b"[]", b'{"Modules": [1, {"Key": ""}]}'])
def test_a_list_of_installed_modules_that_says_nothing_is_none(run: Run, tmp_path: Path, listed: bytes) -> None:
    (tmp_path / ".terraform" / "modules").mkdir(parents=True)
    (tmp_path / ".terraform" / "modules" / "modules.json").write_bytes(listed)
    module = 'module "ecr" {\n  source = "example/ecr/aws"\n  policy = "x"\n}\n'
    done = check(run, tmp_path, main_tf=module, other_tf=OPEN)
    assert [one["resource"] for one in done.json["policies"] if one["public"]] == ["aws_ecr_repository_policy.open"]
    assert not done.json["errors"]


@pytest.mark.usefixtures("bounded")
def test_a_resource_that_takes_too_long_is_an_error_at_its_place(run: Run, tmp_path: Path) -> None:
    done = check(run, tmp_path, main_tf="\n\n" + BEYOND_MEASURE["loops-in-loops"])
    (error,) = done.json["errors"]
    assert (done.status, error["line"]) == (3, 3)
    assert "aws_ecr_repository_policy.odd" in error["reason"]


@pytest.mark.parametrize(
    "data, said",
    [
        (b"\0\1\2" * 100, "binary"),
        (b"# \xe9\n", "UTF-8"),
        (b'x = "abc\n', "a closing quote is missing"),
        (b"x = <<E\n{}\n", sentence("grammar.end_heredoc_missing")),
        (b"<<<<<<< HEAD\n", "`<<<<<<<` is not understood"),
        (b'resource "a" "b" {\n', "missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_error(run: Run, tmp_path: Path, data: bytes, said: str) -> None:
    done = check(run, tmp_path, main_tf=data, other_tf=OPEN)
    assert [said in error["reason"] for error in done.json["errors"]] == [True], done.json["errors"]
    assert [one["public"] for one in done.json["policies"]] == [True]
    assert done.status == 3


def test_values_that_cannot_be_read_are_an_error_each(run: Run, tmp_path: Path) -> None:
    files = {"terraform_tfvars": "a = = 3\n", "x_auto_tfvars_json": "[1", "main_tf": OPEN}
    done = check(run, tmp_path, **files)
    assert len(done.json["errors"]) == 2


def test_a_file_of_variables_that_is_not_there_is_missed_without_terraform_too(run: Run, tmp_path: Path) -> None:
    missing = run("check", "--account", OWNER, "--var-file", "nowhere.tfvars", str(tmp_path))
    said = sentence("check.cannot_read_variables")
    assert (missing.status, missing.out, missing.err) == (3, "", said)


def test_texts_in_utf_16_and_with_windows_line_ends_are_read(run: Run, tmp_path: Path) -> None:
    heredoc = POLICY % ("open", '<<E\n{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}\nE')
    for data in (heredoc.encode("utf-16"), ("\ufeff" + heredoc.replace("\n", "\r\n")).encode()):
        assert [one["public"] for one in check(run, tmp_path, main_tf=data).json["policies"]] == [True]


def test_no_change_of_a_source_ends_in_a_traceback(run: Run, tmp_path: Path) -> None:
    chance = random.Random(20261126)  # noqa: S311 - a test's own, the same every time
    cases = sorted(Path(__file__).with_name("cases").glob("*.tf"))
    pieces = ["${", "%{", "<<E\n", "for", "null", *'{}[]()"$%<>=,.*?:\n\\~&|! ']
    for _ in range(200):
        letters = list(chance.choice(cases).read_text("utf-8"))
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(letters))
            letters[at : at + chance.choice([0, 0, 1, 8])] = [chance.choice(pieces)] * chance.choice([0, 1, 1, 2])
        done = check(run, tmp_path, main_tf="".join(letters))
        assert done.status in (0, 1, 2, 3)
        assert "Traceback" not in done.err
