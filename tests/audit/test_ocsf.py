"""An audit as OCSF is valid and complete, and nothing unreadable passes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.audit.conftest import EVERYBODY_MAY_ALL, OWNER, SAFE, STRANGER_PULLS, Furnish, Refuse, policy
from tests.audit.ocsf import problems
from tests.audit.test_forms import Inventory, arn, inventory  # noqa: F401 - a fixture
from tests.audit.test_text import UNDECIDED
from tests.cli.conftest import Result, Run

Json = dict[str, Any]


def events(done: Result) -> dict[str, Json]:
    """Return the events by the resource's uid. All of them are valid."""
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [(one["finding_info"]["uid"], problem) for one in found for problem in problems(one)] == []
    return {one["resource"]["uid"]: one for one in found}


def test_every_policy_is_a_finding_and_what_is_unread_is_unknown(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({"shared": STRANGER_PULLS, "open": EVERYBODY_MAY_ALL, "own": None, "unclear": UNDECIDED, "shut": None})
    refuse("GetRepositoryPolicy", "AccessDeniedException", repository="shut")
    done = run("audit", "--format", "ocsf")
    assert (done.status, done.err) == (3, "ecr-crossaccount: trust: nobody\n")
    found = {uid.rpartition("/")[2]: one for uid, one in events(done).items()}
    assert {name: (one["compliance"]["status"], one["severity"], one["status"]) for name, one in found.items()} == {
        "shared": ("Fail", "Medium", "New"),
        "open": ("Fail", "Critical", "New"),
        "unclear": ("Fail", "Medium", "New"),
        "own": ("Pass", "Informational", "Resolved"),
        "shut": ("Unknown", "Unknown", "New"),
    }
    activities = {name: (one["activity_name"], one["type_name"]) for name, one in found.items()}
    assert activities.pop("own") == ("Close", "Compliance Finding: Close")
    assert set(activities.values()) == {("Create", "Compliance Finding: Create")}
    shared = found["shared"]
    assert shared["cloud"] == {
        "provider": "AWS",
        "account": {"uid": OWNER, "type_id": 10, "type": "AWS Account"},
        "region": "eu-central-1",
    }
    assert shared["resource"]["type"] == "AWS::ECR::Repository"
    assert "can pull" in shared["finding_info"]["desc"]
    assert shared["unmapped"]["verdict"]["grants"][0]["witness"]["action"].startswith("ecr:")
    assert "prefer" in shared["remediation"]["desc"]
    assert "was refused" in found["shut"]["finding_info"]["desc"]


def test_it_has_the_same_id_in_every_run(run: Run, inventory: Inventory) -> None:  # noqa: F811
    options = inventory(app=STRANGER_PULLS)
    first, second = (events(run(*options, "--format", "ocsf"))[arn("app")] for _ in range(2))
    assert first["finding_info"]["uid"] == second["finding_info"]["uid"]


def test_what_was_known_before_is_suppressed(run: Run, inventory: Inventory, tmp_path: Path) -> None:  # noqa: F811
    options = inventory(app=STRANGER_PULLS, safe=SAFE)
    before = tmp_path / "before.json"
    before.write_text(run(*options, "--format", "json").out, encoding="utf-8")
    found = events(run(*options, "--baseline", str(before), "--format", "ocsf"))
    assert (found[arn("app")]["status"], found[arn("app")]["activity_name"]) == ("Suppressed", "Update")
    assert found[arn("safe")]["activity_name"] == "Close"
    assert found[arn("app")]["compliance"]["status"] == "Fail"
    assert found[arn("app")]["unmapped"]["accepted"]


def test_what_an_earlier_audit_found_is_updated_or_closed(run: Run, inventory: Inventory, tmp_path: Path) -> None:  # noqa: F811
    before = tmp_path / "before.json"
    first = inventory(app=STRANGER_PULLS, mended=STRANGER_PULLS, gone=STRANGER_PULLS, safe=SAFE, safe_and_gone=SAFE)
    before.write_text(run(*first, "--format", "json").out, encoding="utf-8")
    now = inventory(app=EVERYBODY_MAY_ALL, mended=SAFE, safe=STRANGER_PULLS, new=STRANGER_PULLS)
    found = events(run(*now, "--since", str(before), "--format", "ocsf"))
    assert {uid.rpartition("/")[2]: (one["activity_name"], one["status"]) for uid, one in found.items()} == {
        "app": ("Update", "New"),
        "mended": ("Close", "Resolved"),
        "gone": ("Close", "Resolved"),
        "safe": ("Create", "New"),
        "new": ("Create", "New"),
    }
    gone = found[arn("gone")]
    assert gone["finding_info"]["uid"].startswith(arn("gone"))
    assert (gone["resource"]["type"], gone["cloud"]["account"]["uid"]) == ("AWS::ECR::Repository", OWNER)


def test_what_cannot_be_read_now_updates_the_earlier_finding(
    run: Run, furnish: Furnish, refuse: Refuse, tmp_path: Path
) -> None:
    furnish({"shut": STRANGER_PULLS, "safe": None})
    before = tmp_path / "before.json"
    before.write_text(run("audit", "--format", "json").out, encoding="utf-8")
    for name in ("shut", "safe"):
        refuse("GetRepositoryPolicy", "AccessDeniedException", repository=name)
    found = events(run("audit", "--since", str(before), "--format", "ocsf"))
    assert {uid.rpartition("/")[2]: (one["activity_name"], one["status"]) for uid, one in found.items()} == {
        "shut": ("Update", "New"),
        "safe": ("Create", "New"),
    }


def test_the_time_is_that_of_the_run(run: Run, inventory: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    moment = datetime(2026, 6, 30, 13, 45, 1, 250_000, tzinfo=UTC)
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.now", lambda: moment)
    (one,) = events(run(*inventory(app=STRANGER_PULLS), "--format", "ocsf")).values()
    assert one["time"] == round(moment.timestamp() * 1000)


def test_hostile_text_stays_in_its_line_and_shows_nothing(run: Run, inventory: Inventory) -> None:  # noqa: F811
    evil = "\x1b[2J\u202egnp.exe\n{}" + "x" * 9000
    done = run(*inventory(app=policy("*", "ecr:*", Sid=evil)), "--format", "ocsf")
    assert done.out.isascii()
    assert "\x1b" not in done.out
    (one,) = events(done).values()
    for text in (one["message"], one["finding_info"]["title"], one["compliance"]["status_detail"]):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert len(text) <= 4096
