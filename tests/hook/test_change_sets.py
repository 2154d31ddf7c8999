"""Change sets: CloudFormation's preview of each resource and the template, judged together."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.hook.evaluation import Fails, Settings, evaluate
from ecr_crossaccount.products.hook.request import RequestError
from ecr_crossaccount.sources.aws import log
from ecr_crossaccount.sources.register.lists import TrustNow

from tests.events import hook
from tests.hook.limits import assert_within_limits
from tests.hook.test_evaluation import BROKEN, FINE, OPEN, PARTNER, outcome, trust, without_register
from tests.hook.test_evaluation import SETTINGS as ALONE
from tests.wording import sentence

Json = dict[str, Any]

EVENT = hook.load("change-set-create")
URL = EVENT["requestData"]["payload"]
SETTINGS = replace(ALONE, judges_resources=True)
NEW = replace(SETTINGS, fails=Fails.NEW)


def payload(name: str) -> Json:
    path = Path(hook.__file__).parent / "payloads" / f"{name}.json"
    loaded: Json = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def behind(content: object) -> Callable[[str], bytes]:
    def fetch(url: str) -> bytes:
        assert url == URL
        return content if isinstance(content, bytes) else json.dumps(content).encode()

    return fetch


def asked(content: object, *entries: Json, settings: Settings = SETTINGS) -> Json:
    answer = evaluate(EVENT, settings, TrustNow(trust(*entries)), behind(content))
    assert_within_limits(answer)
    return answer


def with_change(number: int, **fields: object) -> Json:
    loaded = payload("changed")
    loaded["changedResources"][number] |= fields
    return loaded


def test_what_the_change_set_would_open_is_told_with_its_resource() -> None:
    answer = asked(payload("changed"))
    assert outcome(answer) == OPEN
    assert answer["message"].startswith("MEDIUM: Shared: account 222233334444 can pull")
    assert [one["annotationName"] for one in answer["annotations"]] == ["account-read"]


def test_trust_covers_it() -> None:
    assert outcome(asked(payload("changed"), PARTNER)) == FINE


def test_a_role_of_the_same_template_is_no_outsider_though_its_arn_is_known_afterwards() -> None:
    only = payload("changed")
    del only["changedResources"][2]
    assert outcome(asked(only)) == FINE
    without_template = only | {"template": "{"}
    answer = asked(without_template)
    assert outcome(answer) == OPEN
    assert answer["annotations"][0]["annotationName"] == "undecided"


def test_the_value_of_a_parameter_counts_and_not_its_default() -> None:
    # The template's default is the owner. CloudFormation has the current value of the parameter.
    assert outcome(asked(with_change(2, afterContext=None))) == OPEN
    own = {"Properties": {"RepositoryName": "base/node", "RepositoryPolicyText": NOBODY}}
    assert outcome(asked(with_change(2, afterContext=json.dumps(own)))) == FINE


def test_a_resource_that_is_described_without_the_policy_of_its_template_is_not_described_whole() -> None:
    without = json.dumps({"Properties": {"RepositoryName": "base/node"}})
    assert outcome(asked(with_change(2, afterContext=without))) == OPEN
    chosen = {"Fn::If": ["Opens", NOBODY, {"Ref": "AWS::NoValue"}]}
    template = {
        "Parameters": {"Open": {"Type": "String"}},
        "Conditions": {"Opens": {"Fn::Equals": [{"Ref": "Open"}, "yes"]}},
        "Resources": {"R": repository(chosen)},
    }
    assert outcome(asked(one_change(json.dumps(template), {}))) == FINE


def test_what_the_change_does_not_touch_is_not_judged() -> None:
    only = payload("changed")
    del only["changedResources"][1:]
    assert outcome(asked(only)) == FINE
    answer = asked(only | {"template": "no template at all"})
    assert outcome(answer) == FINE
    reason = sentence("changes.template_not_one_cloudformation")
    assert answer["message"].endswith(f"not judged here: {reason}; trust: nobody")


def test_only_new_grants_fail_where_asked() -> None:
    before = payload("changed")["changedResources"][2]["afterContext"]
    assert outcome(asked(with_change(2, beforeContext=before), settings=NEW)) == FINE
    assert outcome(asked(payload("changed"), settings=NEW)) == OPEN


@pytest.mark.parametrize("condition, expected", [("aws:PrincipalTag/team", OPEN), ("aws:SecureTransport", FINE)])
def test_a_policy_with_several_forms_is_known_if_each_was(condition: str, expected: object) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
    narrow = {"Statement": [statement | {"Condition": {"StringEquals": {condition: "true"}}}]}
    template = {
        "Parameters": {"Env": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
        "Resources": {
            "Shared": {
                "Type": "AWS::ECR::Repository",
                "Properties": {"RepositoryPolicyText": {"Fn::If": ["IsProd", narrow, {"Statement": [statement]}]}},
            }
        },
    }
    before = json.dumps({"Properties": {"RepositoryPolicyText": narrow}})
    change = with_change(2, beforeContext=before, afterContext=None)["changedResources"][2]
    answer = asked({"template": json.dumps(template), "changedResources": [change]}, settings=NEW)
    assert outcome(answer) == expected


def test_a_template_alone_is_judged_as_if_all_of_it_were_new() -> None:
    assert outcome(asked(payload("template"))) == OPEN
    template = payload("template")["template"].replace("${Partner}", "${AWS::AccountId}")
    assert outcome(asked({"template": template})) == FINE


def test_a_repository_is_judged_by_its_own_policy_whatever_the_registry_policy_beside_it() -> None:
    fence = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
    opening = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    registry = {"PolicyText": {"Version": "2012-10-17", "Statement": [fence]}}
    kind = "AWS::ECR::RegistryPolicy"
    made = [
        changed(kind, "Registry", afterContext=json.dumps({"Properties": registry})),
        changed(
            "AWS::ECR::Repository",
            "Open",
            afterContext=json.dumps(
                {"Properties": {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": [opening]}}}
            ),
        ),
    ]
    template = json.dumps({"Resources": {"Registry": {"Type": kind, "Properties": registry}}})
    assert outcome(asked({"template": template, "changedResources": made})) == OPEN
    alone = changed("AWS::ECR::Repository", "Shut", afterContext=json.dumps({"Properties": {}}))
    answer = asked({"template": template, "changedResources": [alone]})
    assert outcome(answer) == FINE
    assert answer["message"] == sentence("evaluation.created_changed_here")


def test_no_file_is_opened_for_a_nested_stack(tmp_path: Path) -> None:
    inner = tmp_path / "inner.yaml"
    inner.write_text('Resources: {R: {Type: "AWS::ECR::Repository", Properties: {RepositoryPolicyText: "{"}}}')
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": str(inner)}}
    template = json.dumps({"Resources": {"Nested": nested}})
    assert outcome(asked({"template": template})) == FINE


def changed(kind: str, name: str = "Other", **more: object) -> Json:
    return {"resourceType": kind, "logicalResourceId": name, "action": "CREATE", **more}


def template_of(kind: str, properties: object = None, name: str = "Other") -> str:
    return json.dumps({"Resources": {name: {"Type": kind, "Properties": properties or {}}}})


ELSEWHERE = [
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::StackSet",
    "AWS::Serverless::Application",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    "Company::Registry::Shared::MODULE",
]


def asking_about(kind: str) -> list[Json]:
    """Return a change set about a resource of a type, and one without a list of changes."""
    template = {"template": template_of(kind)}
    return [template | {"changedResources": [changed(kind)]}, template]


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_stack_inside_is_not_judged_and_that_is_said(kind: str) -> None:
    for content in asking_about(kind):
        answer = asked(content)
        assert outcome(answer) == FINE
        assert answer["message"].startswith(sentence("evaluation.created_changed_here_not"))
        (said,) = answer["annotations"]
        assert (said["status"], said["annotationName"]) == ("SKIPPED", "ecr-crossaccount-unseen")
        assert said["statusMessage"].startswith("not judged here: `Other`")


@pytest.mark.parametrize("kind", [one for one in ELSEWHERE if "StackSet" not in one])
def test_a_stack_inside_is_not_fine_where_no_hook_judges_its_resources(kind: str) -> None:
    for content in asking_about(kind):
        answer = asked(content, settings=ALONE)
        assert outcome(answer) == BROKEN
        assert sentence("request.hook_not_asked_about") in answer["message"]


def test_what_is_open_is_told_before_what_is_not_judged() -> None:
    answer = asked(one_change("{", {"RepositoryPolicyText": ANYBODY}) | {"template": template_of(ELSEWHERE[0])})
    assert outcome(answer) == OPEN
    listed = one_change("{", {"RepositoryPolicyText": ANYBODY})
    listed["changedResources"] += [changed(ELSEWHERE[0], f"Nested{number}") for number in range(30)]
    answer = asked(listed)
    assert outcome(answer) == OPEN
    assert [one["status"] for one in answer["annotations"]].count("SKIPPED") == 21
    assert answer["annotations"][-1]["statusMessage"] == "not judged here: and 11 more"  # the template too


def test_a_program_that_may_set_policies_is_told_where_it_changes() -> None:
    kind = "Custom::EcrPolicy"
    template = template_of(kind, {"ServiceToken": "arn", "RepositoryPolicy": "open"})
    answer = asked({"template": template, "changedResources": [changed(kind)]})
    assert outcome(answer) == FINE
    assert sentence("calls.other_function_may") in answer["message"]
    assert outcome(asked({"template": template, "changedResources": [changed("AWS::SNS::Topic", "T")]})) == FINE
    assert outcome(asked({"template": template})) == BROKEN  # it may change
    assert outcome(asked({"template": "{", "changedResources": [changed(kind)]})) == BROKEN


def test_a_call_that_sets_a_policy_is_judged_as_check_does() -> None:
    def calling(*policies: Json) -> str:
        events = {
            event: {
                "service": "ECR",
                "action": "setRepositoryPolicy",
                "parameters": {"repositoryName": "r", "policyText": json.dumps(policy)},
            }
            for event, policy in zip(("Create", "Update"), policies, strict=True)
        }
        return template_of("Custom::AWS", {"ServiceToken": "arn"} | events)

    described = changed("Custom::AWS", afterContext=json.dumps({"Properties": {"ServiceToken": "arn"}}))
    for first, second, expected in [(NOBODY, NOBODY, FINE), (ANYBODY, NOBODY, OPEN), (NOBODY, ANYBODY, OPEN)]:
        content = {"template": calling(first, second)}
        assert outcome(asked(content)) == expected
        assert outcome(asked(content | {"changedResources": [described]})) == expected


@pytest.mark.parametrize("template", ["no template at all", "{", "", None, "a: [", "\ufeff", "a: 1"])
@pytest.mark.parametrize("listed", [[], None])
def test_a_list_of_no_changes_beside_a_template_that_cannot_be_read_is_not_fine(
    template: object, listed: object
) -> None:
    assert outcome(asked({"template": template, "changedResources": listed})) == BROKEN


def test_a_list_of_no_changes_is_no_list() -> None:
    assert outcome(asked(payload("template") | {"changedResources": []})) == OPEN
    fine = json.dumps({"Resources": {"R": repository(NOBODY)}})
    assert outcome(asked({"template": fine, "changedResources": []})) == FINE


def test_a_template_alone_does_not_say_which_denies_go() -> None:
    registry = {"Type": "AWS::ECR::RegistryPolicy", "Properties": {"PolicyText": NOBODY}}
    answer = asked({"template": json.dumps({"Resources": {"Registry": registry}})})
    assert outcome(answer) == BROKEN
    assert sentence("changes.nothing_says_registry") in answer["message"]


@pytest.mark.parametrize(
    "kind", ["aws::ecr::repository", "AWS::ecr::Repository", "AWS::ECR::SomethingNew", "AWS::ECRNew::Thing"]
)
@pytest.mark.parametrize("action", ["CREATE", "DELETE"])
def test_a_type_that_looks_like_one_of_ecr_is_never_passed_over(kind: str, action: str) -> None:
    answer = asked(
        {"template": template_of(kind), "changedResources": [changed(kind, action=action, afterContext="{}")]}
    )
    assert outcome(answer) == BROKEN
    assert outcome(asked({"template": template_of(kind)})) == BROKEN


@pytest.mark.parametrize("kind", ["", " AWS::ECR::Repository", "AWS::ECR::Repository ", "AWS:ECR:Repository", "ECR"])
def test_what_is_no_type_is_never_passed_over(kind: str) -> None:
    answer = asked({"template": template_of("AWS::SNS::Topic"), "changedResources": [changed(kind)]})
    assert outcome(answer) == BROKEN
    assert "is not a type of a resource" in answer["message"]


def test_a_resource_whose_drift_alone_is_settled_is_judged_like_one_that_changes() -> None:
    for word in ("SyncWithActual", "SYNC_WITH_ACTUAL"):
        assert outcome(asked(with_change(2, action=word))) == OPEN
        assert outcome(asked(with_change(2, action=word), PARTNER)) == FINE


@pytest.mark.parametrize("extra", [0, 1])
def test_a_mark_at_the_beginning_of_a_file_is_not_part_of_it(extra: int) -> None:
    template = "\ufeff" * extra + payload("changed")["template"]
    content = json.dumps(payload("changed") | {"template": template}).encode("utf-8-sig")
    assert outcome(asked(content)) == OPEN
    assert outcome(asked(content, PARTNER)) == FINE


def test_a_suppression_in_the_template_does_not_count() -> None:
    policy = hook.load("repository-create")["requestData"]["targetModel"]["resourceProperties"]
    ignored = {"ecr-crossaccount": {"ignore": {"until": "2027-03-31", "reason": "agreed"}}}
    shared = {"Type": "AWS::ECR::Repository", "Metadata": ignored, "Properties": policy}
    assert outcome(asked({"template": json.dumps({"Resources": {"Shared": shared}})})) == OPEN


@pytest.mark.parametrize(
    "template, told",
    [
        ('Resources: {R: {Type: "AWS::ECR::Other"}}', sentence("found.version_does_not_know_other")),
        ("Transform: Company\nResources: {T: {Type: AWS::SNS::Topic}}", "the macro `Company` may add resources"),
        ("a: 1", sentence("changes.template_not_one_cloudformation_2")),
        ("a: [", "the template is not YAML"),
        ('{"Resources": []}', sentence("changes.template_not_one_cloudformation_2")),
        (
            'Resources: {R: {Type: "AWS::ECR::Repository", Metadata: {ecr-crossaccount: {ignore: true}}}}',
            "the template cannot be read: ",
        ),
        (None, "the payload has no template"),
    ],
)
def test_a_template_that_cannot_be_judged_is_not_fine(template: object, told: str) -> None:
    answer = asked({"template": template})
    assert outcome(answer) == BROKEN
    assert told in answer["message"]


@pytest.mark.parametrize(
    "content, told",
    [
        (b"\xff", "the payload is not JSON"),
        (b"{", "the payload is not JSON"),
        (b"[]", "the payload is not an object"),
        ({}, "the payload has no template"),
        (gzip.compress(b"{}", mtime=0), "the payload is not JSON"),
        (json.dumps(payload("changed")).encode()[:-1], "the payload is not JSON"),
        (json.dumps(payload("changed")).encode("utf-16"), "the payload is not JSON"),
        (b"[" * 100_000, "the payload is not JSON"),
        (b'{"template": ' + b"[" * 100_000, "the payload is not JSON"),
        (b'{"changedResources": [], "changedResources": [], "template": ""}', "the payload is not JSON"),
        ({"template": "{}", "changedResources": {}}, sentence("changes.changedresources_not_list")),
        ({"template": "{}", "changedResources": "all"}, sentence("changes.changedresources_not_list")),
        ({"changedResources": ["all"]}, sentence("changes.changed_resource_no_type")),
        (
            {"changedResources": [{"resourceType": "AWS::ECR::Repository"}]},
            sentence("changes.changed_resource_no_type"),
        ),
        (with_change(1, action="REIMAGINE"), sentence("changes.reimagine_not_action_change")),
        (with_change(1, action=None), sentence("changes.none_not_action_change")),
        (with_change(1, logicalResourceId="Gone", afterContext="{"), "nothing says what `Gone` will be like"),
        (
            with_change(1, resourceType="AWS::ECR::Other", logicalResourceId="Other"),
            sentence("judging.not_type_version"),
        ),
        (with_change(1, afterContext=None) | {"template": "a: ["}, "the template is not YAML"),
    ],
)
def test_a_payload_that_cannot_be_read_is_not_fine(content: object, told: str) -> None:
    answer = asked(content)
    assert outcome(answer) == BROKEN
    assert told in answer["message"]


def test_a_repository_may_be_deleted_and_a_deny_of_the_registry_may_not() -> None:
    deleted: Json = {"action": "DELETE", "afterContext": None}
    assert outcome(asked({"changedResources": [payload("changed")["changedResources"][2] | deleted]})) == FINE
    policy = hook.load("registry-policy-delete")["requestData"]["targetModel"]["resourceProperties"]
    registry = {"resourceType": "AWS::ECR::RegistryPolicy", "logicalResourceId": "Registry"} | deleted
    before = json.dumps({"Properties": policy})
    assert outcome(asked({"changedResources": [registry | {"beforeContext": before}]})) == OPEN
    assert outcome(asked({"changedResources": [registry]})) == BROKEN


def test_types_that_let_nobody_in_need_not_be_described() -> None:
    scans = {
        "resourceType": "AWS::ECR::RegistryScanningConfiguration",
        "logicalResourceId": "Scans",
        "action": "CREATE",
    }
    assert outcome(asked({"template": "{", "changedResources": [scans]})) == BROKEN  # unreadable, and not described
    template = json.dumps({"Resources": {"Scans": {"Type": scans["resourceType"]}}})
    assert outcome(asked({"template": template, "changedResources": [scans]})) == FINE


def test_a_payload_that_cannot_be_fetched_is_not_fine() -> None:
    def refuse(_url: str) -> bytes:
        raise RequestError("S3 answers 403 for the payload")

    answer = evaluate(EVENT, SETTINGS, TrustNow(trust()), refuse)
    assert outcome(answer) == BROKEN
    assert "S3 answers 403" in str(answer["message"])


def test_a_change_set_without_a_payload_is_not_fine() -> None:
    data = {name: value for name, value in EVENT["requestData"].items() if name != "payload"}
    answer = evaluate(EVENT | {"requestData": data}, SETTINGS, TrustNow(trust()), behind({}))
    assert outcome(answer) == BROKEN
    assert "`requestData.payload` is not a URL" in str(answer["message"])


ANYBODY: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
}
OWNER = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:BatchGetImage"}
NOBODY = {"Version": "2012-10-17", "Statement": [OWNER]}
INCLUDE = {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/key"}}


def repository(policy: object) -> Json:
    return {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}


def one_change(template: str, after: object, kind: str = "Repository", **more: object) -> Json:
    change = {"logicalResourceId": "R", "resourceType": f"AWS::ECR::{kind}", "action": "UPDATE", **more}
    context = None if after is None else json.dumps({"Properties": after})
    return {"template": template, "changedResources": [change | {"afterContext": context}]}


def test_a_template_that_lets_nobody_in_does_not_outweigh_what_cloudformation_says() -> None:
    template = json.dumps({"Resources": {"R": repository(NOBODY)}})
    assert outcome(asked(one_change(template, {"RepositoryPolicyText": NOBODY}))) == FINE
    assert outcome(asked(one_change(template, {"RepositoryPolicyText": ANYBODY}))) == OPEN
    open_registry = {
        "PolicyText": {"Version": "2012-10-17", "Statement": [ANYBODY["Statement"][0] | {"Resource": "*"}]}
    }
    assert outcome(asked(one_change(template, open_registry, "RegistryPolicy", action="CREATE"))) == OPEN


@pytest.mark.parametrize(
    "template",
    [
        f'{{"Resources": {{"R": {json.dumps(repository(ANYBODY))}, "R": {json.dumps(repository(NOBODY))}}}}}',
        json.dumps({"Resources": {"R": repository(NOBODY), "Fn::Transform": INCLUDE}}),
        json.dumps({"Transform": INCLUDE, "Resources": {"R": repository(NOBODY)}}),
        json.dumps({"Resources": {"R": repository(NOBODY), "Fn::Transform": {"Name": "Ours"}}}),
        json.dumps({"Resources": {"R": repository(NOBODY), "Transform": {"Name": "Ours"}}}),
    ],
)
def test_a_template_in_which_a_resource_may_be_another_says_nothing(template: str) -> None:
    assert outcome(asked(one_change(template, None))) == BROKEN
    assert outcome(asked({"template": template})) == BROKEN
    unknown = {"Version": "2012-10-17", "Statement": [OWNER | {"Principal": {"AWS": "{{changeSet:KnownAfterApply}}"}}]}
    assert outcome(asked(one_change(template, {"RepositoryPolicyText": unknown}))) == OPEN
    assert outcome(asked(one_change(template, {"RepositoryPolicyText": NOBODY}))) == FINE


@pytest.mark.parametrize("section", ["Conditions", "Mappings", "Parameters"])
@pytest.mark.parametrize("name", ["Ours", "AWS::Include"])
def test_what_a_macro_may_change_is_not_known(section: str, name: str) -> None:
    sections: Json = {
        "Parameters": {"Who": {"Type": "String", "AllowedValues": ["111122223333"]}},
        "Conditions": {"Closed": {"Fn::Equals": ["a", "a"]}},
        "Mappings": {"M": {"a": {"Who": "111122223333"}}},
    }
    values = {"Fn::If": ["Closed", "111122223333", "*"]}, {"Fn::FindInMap": ["M", "a", "Who"]}, {"Ref": "Who"}
    chosen = dict(zip(("Conditions", "Mappings", "Parameters"), values, strict=True))[section]
    policy = {"Statement": [OWNER | {"Principal": {"AWS": chosen}}]}
    template = {**sections, "Resources": {"R": repository(policy)}}
    assert outcome(asked({"template": json.dumps(template)})) == FINE
    sections[section]["Fn::Transform"] = {"Name": name}
    template = {**sections, "Resources": {"R": repository(policy)}}
    assert outcome(asked({"template": json.dumps(template)})) == OPEN
    assert outcome(asked(one_change(json.dumps(template), {"RepositoryPolicyText": NOBODY}))) == FINE


def test_a_template_that_is_nested_too_deeply_is_not_fine() -> None:
    made: Json = {"C0": {"Fn::Equals": ["a", "a"]}}
    made |= {f"C{number}": {"Fn::Not": [{"Condition": f"C{number - 1}"}]} for number in range(1, 2000)}
    chosen = {"Fn::If": ["C1999", ANYBODY, NOBODY]}
    template = json.dumps({"Conditions": made, "Resources": {"R": repository(chosen)}})
    answer = asked({"template": template})
    assert outcome(answer) == BROKEN
    assert sentence("changes.template_nested_too") in str(answer["message"])
    assert outcome(asked(one_change(template, None))) == BROKEN
    answer = asked(one_change(template, {"RepositoryPolicyText": NOBODY}))
    assert outcome(answer) == FINE
    assert "nested too deeply" in str(answer["message"])


def test_a_value_that_cloudformation_hides_is_not_taken_for_itself() -> None:
    hidden = OWNER | {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "****"}}}
    policy = {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": [hidden]}}
    assert outcome(asked(one_change("{", policy))) == OPEN


def test_a_deny_that_only_one_form_of_the_template_has_may_go() -> None:
    allow, deny = OWNER | {"Resource": "*"}, OWNER | {"Effect": "Deny", "Principal": "*", "Resource": "*"}
    without, whole = ({"Version": "2012-10-17", "Statement": some} for some in ([allow], [allow, deny]))
    either = {"Fn::If": ["Kept", whole, without]}
    resource = {"Type": "AWS::ECR::RegistryPolicy", "Properties": {"PolicyText": either}}
    kept = {"Fn::Equals": [{"Ref": "Keep"}, "yes"]}
    template = json.dumps(
        {"Parameters": {"Keep": {"Type": "String"}}, "Conditions": {"Kept": kept}, "Resources": {"R": resource}}
    )
    before = json.dumps({"Properties": {"PolicyText": whole}})
    after = {"PolicyText": without}
    assert outcome(asked(one_change(template, after, "RegistryPolicy", beforeContext=before))) == OPEN


HOSTILE = [
    "\x1b[31m\n<script>\u202e\x00" * 400,
    "x" * 100_000,
    "`; | $(id) {{resolve:ssm:/a}} ****",
    "\U0001f525" * 3000,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_makes_an_answer_that_aws_would_refuse(name: str) -> None:
    registry = {"PolicyText": {"Version": "2012-10-17", "Statement": [OWNER | {"Effect": "Deny", "Resource": "*"}]}}
    opened = {"afterContext": json.dumps({"Properties": {"RepositoryPolicyText": ANYBODY}})}
    gone = {"beforeContext": json.dumps({"Properties": registry}), "action": "DELETE"}
    listed = [
        changed("AWS::ECR::Repository", name, **opened),
        changed("AWS::ECR::RegistryPolicy", name, **gone),
        changed("AWS::CloudFormation::Stack", name),
        changed("AWS::CloudFormation::StackSet", name),
    ]
    for content in ({"template": "{}"}, {"template": json.dumps({"Resources": {name: repository(ANYBODY)}})}):
        assert outcome(asked(content | {"changedResources": listed})) == OPEN
    modules = {name: {"Type": f"{name}::MODULE"}, "Program": {"Type": f"Company::{name}::ECR"}}
    asked({"template": json.dumps({"Resources": modules}), "changedResources": [changed("AWS::SNS::Topic", name)]})
    asked({"template": json.dumps({"Resources": {name: {"Type": f"{name}::MODULE"}}})})
    assert outcome(asked({"template": "{}", "changedResources": [changed(name, name)]})) == BROKEN
    assert outcome(asked(with_change(1, action=name))) == BROKEN


@pytest.mark.parametrize("length, kept", [(20, "all"), (1_500, "brief"), (8_000, "number")])
def test_a_line_of_the_log_is_whole_however_long_the_answer_is(
    capsys: pytest.CaptureFixture[str], length: int, kept: str
) -> None:
    roles = [f"arn:aws:iam::111122223333:role/a-role-of-the-owner-with-quite-a-name-{one}" for one in range(60)]
    names = [f"R{one}" + "\u00e9" * length for one in range(20)]
    statements = [OWNER | {"Principal": {"AWS": roles}}, ANYBODY["Statement"][0]]
    opened = {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": statements}}
    context = json.dumps({"Properties": opened})
    listed = [changed("AWS::ECR::Repository", name, afterContext=context) for name in names]
    answer = evaluate(
        EVENT, SETTINGS, without_register("unreadable"), behind({"template": "{}", "changedResources": listed})
    )
    assert_within_limits(answer)
    (line,) = capsys.readouterr().out.splitlines()
    assert len(line) <= log.LONGEST
    written = json.loads(line)
    assert (written["level"], written["answer"]["message"]) == ("ERROR", answer["message"])
    annotations = written["answer"]["annotations"]
    if kept == "number":
        assert annotations == len(answer["annotations"])  # type: ignore[arg-type]
    else:
        assert (annotations == answer["annotations"]) is (kept == "all")
        assert len(annotations) == len(answer["annotations"])  # type: ignore[arg-type]
