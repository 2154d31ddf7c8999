"""Refusals by ECR: a single refused repository is NON_COMPLIANT. If ECR refuses the role, nothing changes."""

from __future__ import annotations

import re
from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.outcome import SweepIncompleteError
from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend

from tests.events import changed, event, with_policy
from tests.rule.registry import (
    BY_THE_REPOSITORY,
    BY_THE_ROLE,
    DENIED,
    OPEN,
    OPEN_BY_TAGS,
    SAFE,
    World,
    earlier_result,
    refuse_policy_of,
    row,
)
from tests.wording import sentence

AMBIGUOUS = [DENIED.strip(), DENIED + "with an explicit deny", BY_THE_ROLE, "as asked", ""]
"""Messages of ECR that do not say that the repository's own policy denies it."""
Refuse = Callable[..., None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Let ECR refuse the policies of these repositories, or of all."""

    def refuse(*names: str, message: str = "as asked", times: int = 1_000) -> None:
        real, left = ECRBackend.get_repository_policy, [times]

        def get_repository_policy(self: ECRBackend, registry_id: str, repository_name: str) -> object:
            if (not names or repository_name in names) and left[0]:
                left[0] -= 1
                raise JsonRESTError("AccessDeniedException", message)
            return real(self, registry_id, repository_name)

        monkeypatch.setattr(ECRBackend, "get_repository_policy", get_repository_policy)

    return refuse


@pytest.fixture
def refuse_tags(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Let ECR refuse the tags of these repositories, or of all."""

    def refuse(*names: str, message: str = "as asked") -> None:
        real = ECRBackend.list_tags_for_resource

        def list_tags_for_resource(self: ECRBackend, arn: str) -> object:
            if not names or arn.partition("/")[2] in names:
                raise JsonRESTError("AccessDeniedException", message)
            return real(self, arn)

        monkeypatch.setattr(ECRBackend, "list_tags_for_resource", list_tags_for_resource)

    return refuse


class TestSweep:
    @pytest.mark.parametrize("message", [BY_THE_REPOSITORY, *AMBIGUOUS])
    @pytest.mark.parametrize("hidden", ["aa", "mm", "zz"])
    def test_one_that_is_refused_is_non_compliant_and_the_run_is_whole(
        self, world: World, refuse: Refuse, hidden: str, message: str
    ) -> None:
        for name in ("aa", "mm", "zz"):
            world.create(name, SAFE)
        earlier_result(world.config, "aa", "mm", "zz", compliance="COMPLIANT")
        refuse(hidden, message=message)
        assert world.sweep() == {"NON_COMPLIANT": 1}
        assert world.shown() == {"aa": "COMPLIANT", "mm": "COMPLIANT", "zz": "COMPLIANT", hidden: "NON_COMPLIANT"}
        assert world.config.results[hidden]["Annotation"].startswith("MEDIUM: undecided: ECR refuses ecr:Get")

    def test_the_annotation_says_whose_policy_denies_and_where_to_look(self, world: World, refuse: Refuse) -> None:
        world.create("hidden", OPEN)
        refuse("hidden", message=BY_THE_REPOSITORY)
        world.sweep()
        assert world.config.results["hidden"]["Annotation"] == sentence("ecr.medium_undecided_ecr")

    def test_what_is_refused_night_after_night_is_sent_once_and_the_others_are_judged(
        self, world: World, refuse: Refuse
    ) -> None:
        for name in ("hidden", "other"):
            world.create(name, SAFE)
        refuse("hidden", message=BY_THE_REPOSITORY)
        world.sweep()
        boto3.client("ecr").set_repository_policy(repositoryName="other", policyText=OPEN)
        assert world.sweep() == {"NON_COMPLIANT": 1}
        assert world.shown() == {"hidden": "NON_COMPLIANT", "other": "NON_COMPLIANT"}

    def test_the_only_blank_row_is_told_from_a_refused_role_by_a_repository_that_was_not_asked_about(
        self, world: World, refuse: Refuse
    ) -> None:
        for name in ("hidden", "seen"):
            world.create(name, SAFE)
        world.config.inventory = [row("hidden", {}), row("seen")]
        refuse("hidden")
        world.sweep()
        assert world.shown() == {"hidden": "NON_COMPLIANT", "seen": "COMPLIANT"}

    @pytest.mark.parametrize("message", AMBIGUOUS)
    def test_where_all_are_refused_the_role_is_at_fault_and_nothing_changes(
        self, world: World, refuse: Refuse, message: str
    ) -> None:
        for name in ("aa", "mm", "seen", "zz"):
            world.create(name, SAFE)
        world.config.inventory = [row("seen"), row("zz", {})]
        earlier_result(world.config, "aa", "mm", "seen", compliance="COMPLIANT")
        refuse(message=message)
        with pytest.raises(SweepIncompleteError, match=re.escape(sentence("live.repositories_could_not_read"))):
            world.sweep()
        assert world.shown() == {"aa": "COMPLIANT", "mm": "COMPLIANT", "seen": "COMPLIANT"}
        assert world.sent() == {}

    def test_a_role_that_loses_its_permission_in_the_middle_makes_nothing_non_compliant(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = [f"r-{number:03}" for number in range(150)]
        for name in names:
            world.create(name, SAFE)
        asked: list[str] = []
        real = ECRBackend.get_repository_policy

        def get_repository_policy(self: ECRBackend, registry_id: str, repository_name: str) -> object:
            asked.append(repository_name)
            if len(asked) > 100:
                raise JsonRESTError("AccessDeniedException", BY_THE_ROLE)
            return real(self, registry_id, repository_name)

        monkeypatch.setattr(ECRBackend, "get_repository_policy", get_repository_policy)
        with pytest.raises(SweepIncompleteError, match=re.escape(sentence("live.repositories_could_not_read_2"))):
            world.sweep()
        assert set(world.shown().values()) == {"COMPLIANT"}

    def test_a_repository_that_denies_the_role_itself_is_non_compliant_although_the_role_may_read_no_other(
        self, world: World, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.create("hidden", OPEN)
        world.create("other", SAFE)
        refuse(message=BY_THE_ROLE)
        refuse_policy_of(monkeypatch, "hidden", message=BY_THE_REPOSITORY)
        with pytest.raises(SweepIncompleteError, match=re.escape(sentence("sweep.repository_could_not_read_other"))):
            world.sweep()
        assert world.shown() == {"hidden": "NON_COMPLIANT"}

    def test_a_later_fault_is_not_hidden_behind_a_refused_repository(
        self, world: World, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("hidden", "broken", "safe"):
            world.create(name, SAFE)
        refuse("hidden", message=BY_THE_REPOSITORY)
        world.sweep()  # no error, so the alarm does not go off
        refuse_policy_of(monkeypatch, "broken", "ServerException")
        with pytest.raises(Exception, match=re.escape(sentence("sweep.repository_could_not_read_broken"))):
            world.sweep()

    def test_tags_that_are_refused_leave_the_worst_that_they_can_mean(self, world: World, refuse_tags: Refuse) -> None:
        for name in ("hidden", "locked"):
            world.create(name, OPEN_BY_TAGS, locked="yes")
        refuse_tags("hidden")
        world.sweep()
        assert world.shown() == {"hidden": "NON_COMPLIANT", "locked": "COMPLIANT"}
        assert world.config.results["hidden"]["Annotation"].endswith(
            "ECR refuses ecr:ListTagsForResource; trust: nobody"
        )

    def test_tags_that_are_refused_and_do_not_matter_are_not_missed(self, world: World, refuse_tags: Refuse) -> None:
        world.create(
            "own", SAFE.replace('"ecr:*"', '"ecr:*", "Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}}')
        )
        refuse_tags()
        assert world.sweep() == {"COMPLIANT": 1}

    def test_a_role_that_may_read_no_tags_is_at_fault(self, world: World, refuse_tags: Refuse) -> None:
        for name in ("one", "two"):
            world.create(name, OPEN_BY_TAGS, locked="yes")
        world.create("safe")
        refuse_tags()
        with pytest.raises(SweepIncompleteError, match=r"`one`, `two`; ECR refuses ecr:ListTagsForResource, for other"):
            world.sweep()
        assert world.shown() == {"safe": "COMPLIANT"}

    def test_what_vanished_and_is_refused_is_no_error(self, world: World, refuse: Refuse) -> None:
        world.create("safe")
        earlier_result(world.config, "unlisted", compliance="COMPLIANT")
        refuse("unlisted")
        world.sweep()
        assert world.shown() == {"safe": "COMPLIANT", "unlisted": "NON_COMPLIANT"}


class TestChange:
    def test_a_policy_that_denies_the_rule_is_non_compliant_and_no_other_is_asked(
        self, world: World, refuse: Refuse
    ) -> None:
        world.create("demodev", OPEN)
        refuse(message=BY_THE_REPOSITORY)
        world.evaluator.handle(with_policy({}))
        assert world.shown() == {"demodev": "NON_COMPLIANT"}
        assert "explicit deny in a resource-based policy" in world.config.results["demodev"]["Annotation"]

    @pytest.mark.parametrize("message", AMBIGUOUS)
    def test_one_that_is_refused_while_another_is_answered_is_non_compliant(
        self, world: World, refuse: Refuse, message: str
    ) -> None:
        world.create("demodev", OPEN)
        world.create("other")
        refuse("demodev", message=message)
        world.evaluator.handle(with_policy({}))
        assert world.shown() == {"demodev": "NON_COMPLIANT"}

    @pytest.mark.parametrize("others", [[], ["other"], [f"other-{number}" for number in range(20)]])
    @pytest.mark.parametrize("message", AMBIGUOUS)
    def test_where_none_is_answered_the_role_is_at_fault_and_nothing_changes(
        self, world: World, refuse: Refuse, others: list[str], message: str
    ) -> None:
        for name in ("demodev", *others):
            world.create(name)
        refuse(message=message)
        with pytest.raises(ClientError, match=r"AccessDeniedException.*GetRepositoryPolicy"):
            world.evaluator.handle(with_policy({}))
        assert world.shown() == {}

    def test_a_hiccup_while_another_is_asked_changes_nothing(
        self, world: World, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.create("demodev")
        world.create("other")
        refuse("demodev")
        refuse_policy_of(monkeypatch, "other", "ThrottlingException")
        with pytest.raises(ClientError, match="AccessDeniedException"):
            world.evaluator.handle(with_policy({}))
        assert world.shown() == {}

    def test_tags_that_are_refused_leave_the_worst_that_they_can_mean(self, world: World, refuse_tags: Refuse) -> None:
        world.create("demodev", OPEN_BY_TAGS, locked="yes")
        world.create("other")
        refuse_tags("demodev")
        world.evaluator.handle(changed("change-policy-text", configuration={"RepositoryPolicyText": {}}, tags=None))
        assert world.shown() == {"demodev": "NON_COMPLIANT"}
        assert world.config.results["demodev"]["Annotation"].endswith(
            "ECR refuses ecr:ListTagsForResource; trust: nobody"
        )

    def test_an_event_that_shows_the_policy_asks_nobody(self, world: World, refuse: Refuse) -> None:
        refuse()
        world.evaluator.handle(event("change-own-service"))
        assert [*world.shown().values()] == ["COMPLIANT"]
