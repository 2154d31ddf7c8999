"""A fake of AWS Organizations over HTTP: one organization, as its management account sees it.

Point boto3 at it with `AWS_ENDPOINT_URL_ORGANIZATIONS`. Requests and answers are checked against botocore's model.
Unneeded operations are refused, not guessed. It listens on 127.0.0.1 only.

It enforces these rules of https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html:

- Lists have pages, and an empty page may not be the last one.
- A target or a child that does not exist is not found.
- The policies of a target are those that are attached to it, without inherited ones, and only of the requested type.
- `RCPFullAWSAccess` is attached everywhere while the type is enabled.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.fakes.config_service import handler_of
from tests.fakes.loopback import Loopback
from tests.fakes.models import ServiceError, answered

Json = dict[str, Any]

ORGANIZATION, ROOT = "o-a1b2c3d4e5", "r-ab12"
RCP = "RESOURCE_CONTROL_POLICY"
FULL = "p-RCPFullAWSAccess"
_ALLOW_ALL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def unit(number: int) -> str:
    """Return the id of a unit."""
    return f"ou-ab12-{number:08d}"


class FakeOrganizations(Loopback):
    """An organization.

    `parents` is the parent of each account and unit. `enabled`: whether its root has these policies.

    `page_size` applies to every list. `with_paths`: whether ListAccounts shows the paths of accounts. `before` is
    called with each operation and request, before the answer.
    """

    def __init__(self, management: str, *, page_size: int = 20, with_paths: bool = True) -> None:
        self.management = management
        self.page_size, self.with_paths = page_size, with_paths
        self.status: str | None = "ENABLED"
        self.parents: dict[str, str] = {management: ROOT}
        self.policies: dict[str, Json] = {}
        self.attached: dict[str, list[str]] = {}
        self.calls: list[tuple[str, Json]] = []
        self.before: Callable[[str, Json], None] = lambda _operation, _request: None
        self.instead: dict[str, Any] = {}
        """Answers that AWS would not give, by operation."""
        self.most_at_once = 0
        self._at_once = 0
        self._faults: list[tuple[str, str | None, ServiceError]] = []
        self._lock = threading.Lock()
        self.policy(json.dumps({"Version": "2012-10-17", "Statement": [_ALLOW_ALL]}), FULL, "RCPFullAWSAccess")
        super().__init__(handler_of(self))

    def account(self, number: str, *units: str) -> None:
        """Put an account below the units, which start at the root."""
        below = ROOT
        for one in units:
            self.parents[one] = below
            below = one
        self.parents[number] = below

    def policy(self, text: str, policy_id: str, name: str = "policy", type_: str = RCP) -> str:
        """Create a policy, and return its id."""
        owner = "aws:policy" if policy_id == FULL else f"{self.management}:policy/{ORGANIZATION}"
        arn = f"arn:aws:organizations::{owner}/{type_.lower()}/{policy_id}"
        summary = {"Id": policy_id, "Arn": arn, "Name": name, "Type": type_, "AwsManaged": policy_id == FULL}
        self.policies[policy_id] = {"PolicySummary": summary, "Content": text}
        return policy_id

    def attach(self, policy_id: str, *targets: str) -> None:
        for one in targets:
            self.attached.setdefault(one, []).append(policy_id)

    def fail(self, operation: str, code: str, about: str | None = None, status: int = 400) -> None:
        """Answer an operation with an error from now on. If `about` is given, only for that target, child or policy."""
        self._faults.append((operation, about, ServiceError(code, "as\nthe test asked", status)))

    def recover(self) -> None:
        """Remove the remaining errors."""
        self._faults.clear()

    def count(self) -> Counter[str]:
        """Return how often each operation was called."""
        return Counter(operation for operation, _ in self.calls)

    def answer(self, operation: str, request: Json) -> Json:
        known: dict[str, Callable[[Json], Json]] = {
            "DescribeOrganization": self._organization,
            "DescribePolicy": self._describe_policy,
            "ListAccounts": self._accounts,
            "ListParents": self._list_parents,
            "ListPoliciesForTarget": self._policies_for,
            "ListRoots": self._roots,
        }
        with self._lock:
            self.calls.append((operation, request))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            self.before(operation, request)
            for failing, about, error in self._faults:
                if failing == operation and (about is None or about in request.values()):
                    raise error
            if operation in self.instead:
                return dict(self.instead[operation])
            return answered("organizations", operation, request, known)
        finally:
            with self._lock:
                self._at_once -= 1

    def _organization(self, _: Json) -> Json:
        return {"Organization": {"Id": ORGANIZATION, "MasterAccountId": self.management, "FeatureSet": "ALL"}}

    def _describe_policy(self, request: Json) -> Json:
        if request["PolicyId"] not in self.policies:
            raise ServiceError("PolicyNotFoundException", "no such policy")
        return {"Policy": self.policies[request["PolicyId"]]}

    def _accounts(self, request: Json) -> Json:
        numbers = sorted(one for one in self.parents if one.isdecimal())
        rows = [{"Id": one, "State": "ACTIVE", **self._paths(one)} for one in numbers]
        return self._page("Accounts", rows, request)

    def _paths(self, account: str) -> Json:
        return {"Paths": ["/".join((ORGANIZATION, *self.chain(account), account, ""))]} if self.with_paths else {}

    def chain(self, child: str) -> list[str]:
        """Return the parents of an account or a unit, starting at the root."""
        found: list[str] = []
        while child in self.parents:
            child = self.parents[child]
            found.insert(0, child)
        return found

    def _list_parents(self, request: Json) -> Json:
        child = request["ChildId"]
        if child not in self.parents:
            raise ServiceError("ChildNotFoundException", "no such child")
        parent = self.parents[child]
        type_ = "ROOT" if parent == ROOT else "ORGANIZATIONAL_UNIT"
        return self._page("Parents", [{"Id": parent, "Type": type_}], request)

    def _policies_for(self, request: Json) -> Json:
        target = request["TargetId"]
        if target not in self.parents and target != ROOT:
            raise ServiceError("TargetNotFoundException", "no such target")
        everywhere = [FULL] if self.status == "ENABLED" else []
        found = [self.policies[one]["PolicySummary"] for one in (*everywhere, *self.attached.get(target, ()))]
        return self._page("Policies", [one for one in found if one["Type"] == request["Filter"]], request)

    def _roots(self, request: Json) -> Json:
        types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
        types += [{"Type": RCP, "Status": self.status}] if self.status else []
        return self._page("Roots", [{"Id": ROOT, "Name": "Root", "PolicyTypes": types}], request)

    def _page(self, field: str, rows: Sequence[Json], request: Json) -> Json:
        """Return a page. The first page is empty and has a token, as AWS's documentation warns."""
        token = request.get("NextToken")
        if token is None:
            return {field: [], "NextToken": "0"}
        first = int(token)
        more = {"NextToken": str(first + self.page_size)} if first + self.page_size < len(rows) else {}
        return {field: [*rows[first : first + self.page_size]], **more}
