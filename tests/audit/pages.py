"""Reports for the page, made from policies with the command, as a user gets them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ecr_crossaccount.products.cli.main import main

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    MEMBERS_PULL,
    ORGANIZATION,
    PARTNER,
    SAFE,
    STRANGER_PULLS,
    policy,
    row,
)

SCRIPT = "</script><script>document.title = 'owned'</script>"
IMAGE = "\"'><img src=x onerror=\"document.title = 'owned'\">"
UNDECIDED = policy("*", Condition={"StringEquals": {"aws:SomeKeyOfTomorrow": "x"}})
ORDINARY: Mapping[str, object] = {
    "public/tools": EVERYBODY_MAY_ALL,
    "team/web": STRANGER_PULLS,
    "base/python": MEMBERS_PULL,
    "partner/sdk": policy({"AWS": PARTNER}, "ecr:*"),
    "unclear/one": UNDECIDED,
    "wrong/one": policy({"AWS": "nobody"}),
    "team/scratch": None,
}
HOSTILE: Mapping[str, object] = {
    SCRIPT: EVERYBODY_MAY_ALL,
    IMAGE: policy({"AWS": PARTNER}, Sid=SCRIPT),
    "sid": policy("*", "ecr:*", Sid=IMAGE),
    "condition": policy("*", Condition={"StringLike": {"aws:PrincipalTag/x": SCRIPT}}),
    "\u202egnp.exe": policy({"AWS": SCRIPT}),
    "{{ 7 * 7 }}": policy({"Service": f"{IMAGE}.amazonaws.com"}),
}
TRUST = [
    {"organization": ORGANIZATION, "reason": "ours", "owner": "platform@example.com", "expires": "2099-12-31"},
    {"account": PARTNER, "access": "READ", "reason": IMAGE, "owner": SCRIPT},
    {"service": "lambda.amazonaws.com", "reason": "nobody needs it"},
]


def write_page(folder: Path, policies: Mapping[str, object], *argv: str, accounts: int = 1) -> Path:
    """Audit repositories with these policies, and return the page."""
    rows = [
        row(name, SAFE if one is None else json.dumps(one), account=f"1111222233{number % accounts + 33:02}")
        for number, (name, one) in enumerate(policies.items())
    ]
    inventory, trust, page = folder / "inventory.json", folder / "trust.json", folder / "page.html"
    inventory.write_text(json.dumps({"Results": [json.dumps(one) for one in rows]}), encoding="utf-8")
    trust.write_text(json.dumps({"version": 1, "trust": TRUST}), encoding="utf-8")
    more = [str(inventory), "--trust", str(trust), "--format", f"html={page}", "--format", "json"]
    main(["audit", *more, *argv])
    return page
