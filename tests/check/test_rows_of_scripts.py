"""What a shell script passes to the AWS CLI: each way to set a variable or write a file, as a row."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

import pytest
from ecr_crossaccount import Hole
from ecr_crossaccount.sources.found.found import Harvest, Location

from tests.case_tables import OWNER
from tests.check.conftest import Look
from tests.wording import sentence

NESTED = 3
TEXT = '{"Id": "x"}'
X: object = {"Id": "x"}
CALL = "aws ecr set-repository-policy --repository-name base --policy-text"
USE = f'{CALL} "$V"'
SET = f"V='{TEXT}'"
EOF = f"<<'EOF'\n{TEXT}\nEOF"


def passed(found: Harvest) -> object:
    """Return the only policy, or `?` if it is not known."""
    every: list[object] = [*(one.policy for one in found.policies), *("?" for _ in found.unjudged)]
    (what,) = every
    return json.loads(what) if isinstance(what, str) and what != "?" else what


VARIABLES: Mapping[str, tuple[str, object]] = {
    "set": (f"{SET}\n{USE}", X),
    "set in one line": (f"{SET}; {USE}", X),
    "beside another": (f"W=y {SET}; {USE}", X),
    "exported": (f"export {SET}\n{USE}", X),
    "declared": (f"declare -r {SET}\n{USE}", X),
    "local": (f"f() {{\nlocal {SET}\n{USE}\n}}", X),
    "in double quotes": (f'V="{{\\"Id\\": \\"x\\"}}"\n{USE}', X),
    "of another variable": (f'W=x\nV="{{\\"Id\\": \\"$W\\"}}"\n{USE}', X),
    "set later": (f"{USE}\n{SET}", "?"),
    "set twice": (f"{SET}\n{SET}\n{USE}", "?"),
    "set again later": (f"{SET}\n{USE}\n{SET}", "?"),
    "set for a command": (f"{SET} true\n{USE}", "?"),
    "given to a command": (f"{SET}\nenv V=y true\n{USE}", "?"),
    "given to another command": (f"{SET}\nenv W=y true\n{USE}", X),
    "appended": (f"V+='{TEXT}'\n{USE}", "?"),
    "an element": (f"V[0]='{TEXT}'\n{USE}", "?"),
    "perhaps": (f"if x; then\n{SET}\nfi\n{USE}", "?"),
    "in the same branch": (f"if x; then\n{SET}\n{USE}\nfi", X),
    "in another branch": (f"if x; then\n{SET}\nelse\n{USE}\nfi", "?"),
    "in a third branch": (f"if x; then\n{SET}\nelif y; then\n{USE}\nfi", "?"),
    "before a branch": (f"{SET}\nif x; then\ny\nelse\n{USE}\nfi", X),
    "in a case": (f"case x in\na)\n{SET}\n{USE}\n;;\nesac", X),
    "in another case": (f"case x in\na)\n{SET}\n;;\nb)\n{USE}\n;;\nesac", "?"),
    "in a loop": (f"while x; do\n{SET}\n{USE}\ndone", X),
    "after a loop": (f"while x; do\n{SET}\ndone\n{USE}", "?"),
    "in a block": (f"{{\n{SET}\n}}\n{USE}", "?"),
    "in a subshell": (f"(\n{SET}\n)\n{USE}", "?"),
    "before a subshell": (f"{SET}\n(\n{USE}\n)", X),
    "after another command": (f"x && {SET}\n{USE}", "?"),
    "of a loop": (f"{SET}\nfor V in a b; do\n{USE}\ndone", "?"),
    "of a choice": (f"{SET}\nselect V in a b; do\n{USE}\ndone", "?"),
    "of another loop": (f"{SET}\nfor W in a b; do\n{USE}\ndone", X),
    "of read": (f"read -r V\n{USE}", "?"),
    "of read and a text": (f"read -r -d '' V {EOF}\n{USE}", X),
    "of read and two variables": (f"read -r V W {EOF}\n{USE}", "?"),
    "of getopts": (f"{SET}\ngetopts ab V\n{USE}", "?"),
    "of mapfile": (f"{SET}\nmapfile V\n{USE}", "?"),
    "of readarray": (f"{SET}\nreadarray V\n{USE}", "?"),
    "of printf": (f"{SET}\nprintf -v V x\n{USE}", "?"),
    "of unset": (f"{SET}\nunset V\n{USE}", "?"),
    "of a builtin": (f"{SET}\nbuiltin read V\n{USE}", "?"),
    "of a command": (f"{SET}\ncommand read V\n{USE}", "?"),
    "of a builtin unset": (f"{SET}\nbuiltin unset V\n{USE}", "?"),
    "of another command": (f"{SET}\nreads V\n{USE}", X),
    "of a source": (f"{SET}\nsource x\n{USE}", "?"),
    "of a dot": (f"{SET}\n. x\n{USE}", "?"),
    "of eval": (f"{SET}\neval x\n{USE}", "?"),
    "of a reference": (f"{SET}\ndeclare -n r=V\n{USE}", "?"),
    "of a flag that is no reference": (f"{SET}\ndeclare -r r=n\n{USE}", X),
    "before a source": (f"source x\n{SET}\n{USE}", X),
    "after a source": (f"{SET}\n{USE}\nsource x", X),
    "never set": (USE, "?"),
    "with a default": (f'{SET}\n{CALL} "${{V:-y}}"', "?"),
    "in braces": (f'{SET}\n{CALL} "${{V}}"', X),
    "without quotes": (f"{SET}\n{CALL} $V", X),
    "in a text": (f'V=x\n{CALL} "{{\\"Id\\": \\"$V\\"}}"', X),
    "beside a text": (f'V=x\n{CALL} \'{{"Id": "\'"$V"\'"}}\'', X),
    "beside a text without quotes": (f"V=x\n{CALL} '{{\"Id\": \"'$V'\"}}'", X),
    "an argument": (f'{CALL} "$1"', "?"),
    "of C with tabs": (f'{CALL} $\'{{\\t"Id":\\n\\"x\\"}}\'', X),
    "of C with other escapes": (f'{CALL} $\'{{"Id": "\\x41"}}\'', "?"),
    "an escaped dollar sign": (f'{CALL} "{{\\"Id\\": \\"\\$x\\"}}"', {"Id": "$x"}),
    "a continued line": (f'{CALL} "{{\\"Id\\": \\\n\\"x\\"}}"', X),
}


@pytest.mark.parametrize("row", VARIABLES)
def test_a_variable(look: Look, row: str) -> None:
    script, expected = VARIABLES[row]
    assert passed(look({"a.sh": f"{script}\n"})) == expected


READ = f"{CALL} file://open.json"
FILES: Mapping[str, tuple[str, object]] = {
    "echo": (f"echo '{TEXT}' > open.json\n{READ}", X),
    "echo without a newline": (f"echo -n '{TEXT}' > open.json\n{READ}", X),
    "echo of two words": (f"echo '{{\"Id\":' '\"x\"}}' > open.json\n{READ}", X),
    "echo of words that a space joins": (f"echo '{{\"Id\": \"x' 'y\"}}' > open.json\n{READ}", {"Id": "x y"}),
    "echo with escapes": (f'echo \'{{"Id": "\\u0041"}}\' > open.json\n{READ}', "?"),
    "echo with escapes in one word": (f"echo '{{\"Id\":' '\"\\u0041\"}}' > open.json\n{READ}", "?"),
    "echo with a flag": (f"echo -e '{TEXT}' > open.json\n{READ}", "?"),
    "echo of nothing": (f"echo > open.json\n{READ}", "?"),
    "printf": (f"printf '%s' '{TEXT}' > open.json\n{READ}", X),
    "printf with a newline": (f"printf '%s\\n' '{TEXT}' > open.json\n{READ}", X),
    "printf of its format": (f"printf '{TEXT}' > open.json\n{READ}", "?"),
    "printf of another format": (f"printf '%q' '{TEXT}' > open.json\n{READ}", "?"),
    "printf of two": (f"printf '%s' '{TEXT}' y > open.json\n{READ}", "?"),
    "another command": (f"show '%s' '{TEXT}' > open.json\n{READ}", "?"),
    "another command of a word": (f"show '{TEXT}' > open.json\n{READ}", "?"),
    "no command": (f"> open.json\n{READ}", "?"),
    "cat": (f"cat > open.json {EOF}\n{READ}", X),
    "cat with the file behind": (f"cat <<'EOF' > open.json\n{TEXT}\nEOF\n{READ}", X),
    "cat with tabs": (f"cat > open.json <<-'EOF'\n\t{TEXT}\n\tEOF\n{READ}", X),
    "cat of a variable": (f'W=x\ncat > open.json <<EOF\n{{"Id": "$W"}}\nEOF\n{READ}', X),
    "cat of no variable": (f'W=x\ncat > open.json <<\'EOF\'\n{{"Id": "$W"}}\nEOF\n{READ}', {"Id": "$W"}),
    "cat of no variable, by double quotes": (
        f'W=x\ncat > open.json <<"EOF"\n{{"Id": "$W"}}\nEOF\n{READ}',
        {"Id": "$W"},
    ),
    "cat of no variable, by a backslash": (f'W=x\ncat > open.json <<\\EOF\n{{"Id": "$W"}}\nEOF\n{READ}', {"Id": "$W"}),
    "cat of another file": (f"cat other > open.json {EOF}\n{READ}", "?"),
    "another command of a text": (f"sort > open.json {EOF}\n{READ}", "?"),
    "appended": (f"cat >> open.json {EOF}\n{READ}", "?"),
    "over another": (f"cat >| open.json {EOF}\n{READ}", X),
    "errors aside": (f"cat > open.json 2>/dev/null {EOF}\n{READ}", X),
    "two files": (f"cat > open.json > more.json {EOF}\n{READ}", "?"),
    "tee": (f"tee open.json {EOF}\n{READ}", X),
    "tee into two": (f"tee open.json more.json {EOF}\n{READ}", "?"),
    "tee and a file": (f"tee open.json > more.json {EOF}\n{READ}", "?"),
    "piped to tee": (f"cat <<'EOF' | tee open.json\n{TEXT}\nEOF\n{READ}", X),
    "piped to tee for two": (f"cat <<'EOF' | tee open.json more.json\n{TEXT}\nEOF\n{READ}", "?"),
    "piped to another": (f"cat <<'EOF' | put open.json\n{TEXT}\nEOF\n{READ}", "?"),
    "piped through another": (f"cat <<'EOF' | put | tee open.json\n{TEXT}\nEOF\n{READ}", "?"),
    "another piped to tee": (f"sort <<'EOF' | tee open.json\n{TEXT}\nEOF\n{READ}", "?"),
    "another file": (f"cat > more.json {EOF}\n{READ}", "?"),
    "later": (f"{READ}\ncat > open.json {EOF}", "?"),
    "written twice": (f"echo '{{}}' > open.json\ncat > open.json {EOF}\n{READ}", X),
    "perhaps": (f"if x; then\ncat > open.json {EOF}\nfi\n{READ}", "?"),
    "in the same branch": (f"if x; then\ncat > open.json {EOF}\n{READ}\nfi", X),
    "changed": (f"cat > open.json {EOF}\nsed -i s/x/y/ open.json\n{READ}", "?"),
    "named": (f"cat > open.json {EOF}\ncat open.json\n{READ}", X),
    "removed": (f"cat > open.json {EOF}\n{READ}\nrm open.json", X),
    "by a variable": (f'N=open.json\ncat > "$N" {EOF}\n{CALL} "file://$N"', X),
    "by a variable that is not known": (f'cat > "$1.json" {EOF}\n{CALL} "file://$1.json"', "?"),
    "by a name that is not known": (f'cat > "$N/x.json" {EOF}\n{CALL} "file://$N/x.json"', X),
    "by a name in braces": (f'cat > "${{N}}/x.json" {EOF}\n{CALL} "file://$N/x.json"', X),
    "by a random name": (f'cat > "$RANDOM/x.json" {EOF}\n{CALL} "file://$RANDOM/x.json"', "?"),
    "by the process": (f'cat > "x.json.$$" {EOF}\n{CALL} "file://x.json.$$"', X),
    "by a name that changes": (f'cat > "$N/x.json" {EOF}\nN=y\n{CALL} "file://$N/x.json"', "?"),
    "by a name that begins as known": (f'cat > "open-$N" {EOF}\nsed -i x reopen-y\n{CALL} "file://open-$N"', X),
    "changed by a name that begins as known": (f'cat > "open-$N" {EOF}\nsed -i x open-y\n{CALL} "file://open-$N"', "?"),
    "changed by a name that ends as known": (f'cat > "$N-open" {EOF}\nsed -i x re-open\n{CALL} "file://$N-open"', "?"),
    "by a name of four characters": (f'cat > "$N-opn" {EOF}\nsed -i x "$N"\n{CALL} "file://$N-opn"', X),
    "by a name of three characters": (f'cat > "$N-op" {EOF}\nsed -i x "$N"\n{CALL} "file://$N-op"', "?"),
    "by another spelling": (f"cat > ./open.json {EOF}\n{READ}", X),
    "printed": (f'cat > open.json {EOF}\n{CALL} "$(cat open.json)"', X),
    "printed by the shell": (f'cat > open.json {EOF}\n{CALL} "$(< open.json)"', X),
    "printed by another": (f'cat > open.json {EOF}\n{CALL} "$(jq . open.json)"', "?"),
    "printed with another": (f'cat > open.json {EOF}\n{CALL} "$(cat open.json open.json)"', "?"),
    "printed from another": (f'cat > open.json {EOF}\n{CALL} "$(show open.json)"', "?"),
    "printed at once": (f'{CALL} "$(cat {EOF}\n)"', X),
    "printed at once by another": (f'{CALL} "$(sort {EOF}\n)"', "?"),
    "printed by two": (f'cat > open.json {EOF}\n{CALL} "$(cat open.json; cat open.json)"', "?"),
    "from an address": (f"{CALL} https://example.com/open.json", "?"),
    "from an address without encryption": (f"{CALL} http://example.com/open.json", "?"),
    "bytes": (f"cat > open.json {EOF}\n{CALL} fileb://open.json", X),
}


@pytest.mark.parametrize("row", FILES)
def test_a_file(look: Look, row: str) -> None:
    script, expected = FILES[row]
    assert passed(look({"a.sh": f"{script}\n"})) == expected


BESIDE: Mapping[str, tuple[str, object]] = {
    "beside": ("file://p.json", X),
    "beside by the folder of the script": ('"file://$(dirname "$0")/p.json"', X),
    "beside by the source": ('"file://$(dirname "${BASH_SOURCE[0]}")/p.json"', X),
    "beside by an expansion": ('"file://${0%/*}/p.json"', X),
    "beside by the path": ('"file://$(cd "$(dirname "$0")" && pwd)/p.json"', X),
    "from the working folder": ('"file://$PWD/p.json"', X),
    "from the working folder by a command": ('"file://$(pwd)/p.json"', X),
    "from a folder that is not known": ('"file://$D/p.json"', "?"),
    "from the whole of a variable": ('"file://$PWD"', "?"),
    "from another folder": ("file://more/p.json", {"Id": "more"}),
    "from above": ("file://../p.json", "?"),
    "missing": ("file://q.json", "?"),
    "absolute": ("file:///etc/hostname", "?"),
}


@pytest.mark.parametrize("row", BESIDE)
def test_a_file_beside_the_script(look: Look, row: str) -> None:
    word, expected = BESIDE[row]
    files = {"p.json": TEXT, "more/p.json": '{"Id": "more"}'}
    found = look({"a.sh": f"{CALL} {word}\n", **files}, "a.sh")
    assert passed(found) == expected


# --- the options of a call ---

OPTIONS: Mapping[str, tuple[str, tuple[object, ...]]] = {
    "nothing": ("", (OWNER, "eu-west-1", None, [])),
    "an account": (
        "--registry-id 222233334444",
        (
            "222233334444",
            "eu-west-1",
            Location("222233334444", None, "222233334444"),
            [sentence("commands.command_sets_not_given")],
        ),
    ),
    "the account": (f"--registry-id {OWNER}", (OWNER, "eu-west-1", Location(OWNER, None, OWNER), [])),
    "an account that is not known": (
        '--registry-id "$A"',
        (
            None,
            "eu-west-1",
            Location(None, None, "<A>"),
            [sentence("ansible.registry_not_known_judged")],
        ),
    ),
    "no account": (
        "--registry-id 1",
        (
            OWNER,
            "eu-west-1",
            Location(None, None, "1"),
            [sentence("commands.command_sets_not_given_account")],
        ),
    ),
    "a Region": ("--region us-east-1", (OWNER, "us-east-1", Location(OWNER, "us-east-1", ""), [])),
    "a Region that is not known": ('--region "$R"', (OWNER, "eu-west-1", Location(OWNER, None, "<R>"), [])),
    "both": (
        "--registry-id 222233334444 --region us-east-1",
        (
            "222233334444",
            "us-east-1",
            Location("222233334444", "us-east-1", ""),
            [sentence("commands.command_sets_not_given")],
        ),
    ),
    "a profile": ("--profile p", (OWNER, "eu-west-1", Location(None, None, "p"), [])),
    "a profile and a Region": (
        "--profile p --region us-east-1",
        (OWNER, "us-east-1", Location(None, "us-east-1", "us-east-1 p"), []),
    ),
}


@pytest.mark.parametrize("row", OPTIONS)
def test_where_a_call_sets_a_policy(look: Look, row: str) -> None:
    options, expected = OPTIONS[row]
    (found,) = look({"a.sh": f"{CALL} '{TEXT}' {options}\n"}).policies
    assert (found.account, found.region or "eu-west-1", found.location, list(found.notes)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "export AWS_REGION=x",
        "export AWS_DEFAULT_REGION=x",
        "export AWS_PROFILE=x",
        "aws configure set x y",
        "aws sts assume-role",
    ],
)
def test_what_changes_the_account_for_the_calls_after_it(look: Look, line: str) -> None:
    (found,) = look({"a.sh": f"{line}\n{CALL} '{TEXT}'\n"}).policies
    assert found.location == Location(OWNER, None, "line 2")
    (usual,) = look(
        {"a.sh": f"{line.replace('AWS_', 'OUR_').replace('aws', 'x').replace('assume-', '')}\n{CALL} '{TEXT}'\n"}
    ).policies
    assert usual.location is None


RULES = {"rules": [{"destinations": [{"region": "eu-west-1", "registryId": "222233334444"}]}]}
SHORTHAND: Mapping[str, tuple[str, bool]] = {
    "plain": ("rules=[{destinations=[{region=eu-west-1,registryId=222233334444}]}]", True),
    "with spaces": ('"rules = [ { destinations = [ { region = eu-west-1 , registryId = 222233334444 } ] } ] "', True),
    "in single quotes": ("\"rules=[{destinations=[{region='eu-west-1',registryId='222233334444'}]}]\"", True),
    "in double quotes": ("'rules=[{destinations=[{region=\"eu-west-1\",registryId=\"222233334444\"}]}]'", True),
    "with escapes": ("'rules=[{destinations=[{region=\"eu\\-west-1\",registryId=222233334444}]}]'", True),
    "JSON": (f"'{json.dumps(RULES)}'", True),
    "without an end": ("rules=[{destinations=[{region=eu-west-1,registryId=222233334444}]}", False),
    "with more behind": ("rules=[{destinations=[{region=eu-west-1,registryId=222233334444}]}]]", False),
    "without a value": ("rules=[{destinations=[{region=,registryId=222233334444}]}]", False),
    "without a name": ("rules=[{destinations=[{=eu-west-1,registryId=222233334444}]}]", False),
    "without an equals sign": ("rules=[{destinations=[{region,registryId=222233334444}]}]", False),
    "from a file": ("rules=[{destinations=[{region@=file://x,registryId=222233334444}]}]", False),
}  # fmt: skip


@pytest.mark.parametrize("row", SHORTHAND)
def test_a_structure_in_shorthand(look: Look, row: str) -> None:
    word, is_known = SHORTHAND[row]
    found = look({"a.sh": f"aws ecr put-replication-configuration --replication-configuration {word}\n"})
    (policy,) = found.policies
    usual = look({"a.sh": f"aws ecr put-replication-configuration --replication-configuration '{json.dumps(RULES)}'\n"})
    assert (policy.policy == usual.policies[0].policy) == is_known
    assert is_known or isinstance(policy.policy, Hole)


@pytest.mark.parametrize("levels, is_read", [(0, True), (1, True), (NESTED, True), (NESTED + 1, False)])
def test_a_script_in_a_script(look: Look, levels: int, is_read: object) -> None:
    script = f"{CALL} '{TEXT}'"
    for _ in range(levels):
        script = f"bash -c {shlex.quote(script)}"
    assert (passed(look({"a.sh": f"{script}\n"})) == X) == is_read
