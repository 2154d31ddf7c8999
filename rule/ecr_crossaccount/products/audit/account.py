"""The account that an audit reads: the caller's credentials and clients, and its repositories as Amazon ECR has them.

The clients wait when AWS asks them to. The judgement is imported when it is needed, so that a listing can start first
and the judgement is loaded meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, InvalidRegionError, ProfileNotFound
from botocore.loaders import create_loader
from botocore.session import Session as CoreSession

from ...documents.document import is_account
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ...sources.aws import answers, retries
from ...sources.aws.calls import AWS_ERRORS, OUT_OF_REACH, Calls, lasts, one_line, reason_of
from ...sources.aws.errors import MalformedAnswerError, RepositoryGoneError, code_of, is_refusal
from ...sources.aws.owner import REPOSITORIES_A_PAGE, Registry
from ...sources.aws.retries import pages
from ..kinds.handling import HANDLING, SETTINGS, Handling, Lack, Setting
from .items import EVERY, AuditError, Item, Unread, arn_of

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient

    from ..automation.find_use import EventHistory

_OF_AN_ARN = 6
_FEW, _SOON = 3, 8
"""The most attempts to reach a service that has never answered, and the seconds after which no new one is made."""

_IN_ONE_ACCOUNT = 4
"""Concurrent calls in each of the accounts that are read at the same time."""
_SESSION = "ecr-crossaccount-audit"
_READ = {one.reads for one in HANDLING.values() if one.service == "ecr"}
_NEEDED = sorted(f"ecr:{name}" for name in {"DescribeRepositories", "GetAccountSetting", "ListTagsForResource", *_READ})


@by_value
class Role:
    """A role by its name in every account, with its path. `external_id` is the one that its trust policy requires."""

    name: str
    external_id: str | None = None


def _settings(concurrency: int) -> Config:
    own = Config(
        max_pool_connections=concurrency,
        # By default, botocore builds its own for each call, which takes a tenth of the call's time.
        user_agent=f"ecr-crossaccount Boto3/{boto3.__version__}",
    )
    return retries.SETTINGS.merge(own)


class Caller:
    """The credentials of the environment, and the number of concurrent calls."""

    def __init__(self, concurrency: int) -> None:
        """Create the session. Raises AuditError if there is no profile as in AWS_PROFILE."""
        try:
            self._session = boto3.Session()
        except ProfileNotFound as error:
            named = error.kwargs["profile"]
            raise AuditError(f"no profile `{named}` in the configuration of the AWS CLI") from None
        except BotoCoreError as error:
            raise AuditError(reason_of(error)) from None
        self._settings = _settings(concurrency)
        self.concurrency = concurrency

    def assuming(self, region: str, partition: str, role: Role) -> Callable[[str], Caller]:
        """Return a function that returns a caller which has assumed `role` in an account. It raises AuditError.

        It can be called from several threads. A session policy limits the caller to the permissions that an audit
        needs.
        """
        sts = self._client("sts", region)
        loader = create_loader()
        about = {} if role.external_id is None else {"ExternalId": role.external_id}
        allowed = {"Effect": "Allow", "Action": list(_NEEDED), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})

        def assume(account: str) -> Caller:
            arn = f"arn:{partition}:iam::{account}:role/{role.name}"
            try:
                answer = sts.assume_role(RoleArn=arn, RoleSessionName=_SESSION, Policy=policy, **about)["Credentials"]
            except AWS_ERRORS as error:
                raise AuditError(reason_of(error)) from None
            session = CoreSession()
            session.register_component("data_loader", loader)  # else each session would read the same files again
            session.set_credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
            caller = copy(self)
            caller._session = boto3.Session(botocore_session=session, region_name=region)  # noqa: SLF001 - own class
            caller.concurrency = min(self.concurrency, _IN_ONE_ACCOUNT)
            caller._settings = _settings(caller.concurrency)  # noqa: SLF001 - own class
            return caller

        return assume

    @property
    def region(self) -> str | None:
        """The Region of the environment or the profile."""
        return self._session.region_name

    def ecr(self, region: str) -> ECRClient:
        """Return a client of Amazon ECR."""
        return cast("ECRClient", self._client("ecr", region))

    def config(self, region: str) -> ConfigServiceClient:
        """Return a client of AWS Config."""
        return cast("ConfigServiceClient", self._client("config", region))

    def iam(self, region: str) -> IAMClient:
        """Return a client of IAM."""
        return cast("IAMClient", self._client("iam", region))

    def organizations(self, region: str) -> OrganizationsClient:
        """Return a client of AWS Organizations."""
        return cast("OrganizationsClient", self._client("organizations", region))

    def cloudtrail(self, region: str) -> EventHistory:
        """Return a client of CloudTrail."""
        return cast("EventHistory", self._client("cloudtrail", region))

    def access_analyzer(self, region: str) -> Any:  # noqa: ANN401 - the stubs of this service are not installed
        """Return a client of IAM Access Analyzer."""
        return self._client("accessanalyzer", region)

    def identity(self, region: str) -> tuple[str, str]:
        """Return the caller's partition and account. Raises AuditError."""
        try:
            answer = self._client("sts", region).get_caller_identity()
        except AWS_ERRORS as error:
            raise AuditError(f"{region}: {reason_of(error)}") from None
        parts = answer["Arn"].split(":")
        if len(parts) < _OF_AN_ARN or not is_account(answer["Account"]):
            raise AuditError(f"{region}: AWS does not say whose credentials these are: it answered `{answer['Arn']}`")
        return parts[1], answer["Account"]

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - the stubs know a client by a literal alone
        try:
            client = self._session.client(service, region_name=region, config=self._settings)  # type: ignore[call-overload]
        except InvalidRegionError as error:
            raise AuditError(f"`{region}` is not a Region: {error}") from None
        except AWS_ERRORS as error:
            raise AuditError(f"{region}: {reason_of(error)}") from None
        except ValueError as error:  # the service's address, from the Region or from AWS_ENDPOINT_URL, is not valid
            raise AuditError(f"cannot ask {service} in `{region}`: {one_line(str(error))}") from None
        client.meta.events.register("before-parse", answers.check)
        retries.Patience().attend(client)
        _Silence().attend(client)
        return client


class _Silence:
    """Gives up soon on a service that has never answered, because a wrong address stays wrong.

    A service that has answered before is retried as often as after any other fault, because a network may fail for a
    while.
    """

    def __init__(self) -> None:
        self._answered = False
        self._since = retries.now()

    def attend(self, client: BaseClient) -> None:
        events: Any = client.meta.events  # the stubs have no type for a handler with a return value
        # botocore calls the `needs-retry` handlers of a service before all others, and this one first among them.
        events.register_first(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", self._give_up)

    def _give_up(self, response: object, attempts: int, caught_exception: Exception | None, **_: object) -> None:
        """Raise the error that prevented the attempts from reaching the service."""
        is_long = attempts >= _FEW or retries.now() - self._since >= _SOON
        if response is not None:
            self._answered = True
        elif not self._answered and isinstance(caught_exception, OUT_OF_REACH) and is_long:
            raise caught_exception


@by_value
class _Page:
    """ARNs of repositories by name, and the next page. `error` says why there are no more."""

    arns: dict[str, str]
    following: Future[_Page] | None = None
    error: ClientError | BotoCoreError | None = None


class _Pages:
    """The pages of a Region's answer. It can be iterated several times, and waits for pages that are not there yet."""

    def __init__(self, ecr: ECRClient, calls: Calls) -> None:
        self.ecr = ecr
        self._calls = calls
        self._first = calls.begin(self._page)

    def __iter__(self) -> Iterator[_Page]:
        following: Future[_Page] | None = self._first
        while following is not None:
            page = following.result()
            yield page
            following = page.following

    def _page(self, **token: str) -> _Page:
        try:
            answer = self.ecr.describe_repositories(maxResults=REPOSITORIES_A_PAGE, **token)
        except AWS_ERRORS as error:
            return _Page({}, error=error)
        arns = {one["repositoryName"]: one.get("repositoryArn") or "" for one in answer["repositories"]}
        more = answer.get("nextToken")
        if more and more == token.get("nextToken"):
            same = MalformedAnswerError("ecr", "DescribeRepositories", "the next page is the same one")
            return _Page(arns, error=same)
        following = self._calls.begin(self._page, nextToken=more) if more else None
        return _Page(arns, following)


@by_value
class Listing:
    """The repositories of one Region."""

    registry: Registry
    partition: str
    pages: _Pages

    def names(self) -> Iterator[str]:
        """Yield each name once, as it becomes known. Pages may overlap while repositories are created and deleted."""
        seen: set[str] = set()
        for page in self.pages:
            yield from (name for name in page.arns if name not in seen)
            seen.update(page.arns)

    def arn(self, name: str) -> str:
        """Return the ARN of a listed repository."""
        return arn_of(self.partition, self.registry.region, self.registry.account, name)

    def unread(self) -> Iterator[Unread]:
        """Yield the error that ended the list early."""
        for page in self.pages:
            if page.error is not None:
                yield Unread(reason_of(page.error), self.registry.account, self.registry.region)


class Listings:
    """The caller's own registries in some Regions. The listing of all of them starts on construction."""

    def __init__(self, caller: Caller, regions: Sequence[str]) -> None:
        """Start the listing. Raises AuditError for a Region that cannot exist."""
        self.caller = caller
        self.regions = tuple(regions)
        self.calls = Calls(caller.concurrency)
        self._pages = [_Pages(ecr, self.calls) for ecr in [caller.ecr(region) for region in regions]]

    @cached_property
    def owner(self) -> tuple[str, str]:
        """The partition and the account, from a repository's ARN, or from AWS STS if there is no repository.

        Raises AuditError.
        """
        for region in self._pages:
            for arn in next(iter(region)).arns.values():
                parts = arn.split(":", _OF_AN_ARN - 1)
                if len(parts) == _OF_AN_ARN and parts[1] and is_account(parts[4]):
                    return parts[1], parts[4]
        return self._identity()

    def _identity(self) -> tuple[str, str]:
        """Ask in one Region after the other, because the first may not be enabled and the others still readable."""
        for region in self.regions[:-1]:
            try:
                return self.caller.identity(region)
            except AuditError:
                continue
        return self.caller.identity(self.regions[-1])

    @cached_property
    def all(self) -> tuple[Listing, ...]:
        """The listing of every Region, in the order of the Regions. Raises AuditError."""
        partition, account = self.owner
        return tuple(
            Listing(Registry(pages.ecr, account, region), partition, pages)
            for region, pages in zip(self.regions, self._pages, strict=True)
        )


def read_registry(listed: Listing) -> Iterator[Item | Unread]:
    """Read the registry policy, which can grant access to every repository. Yields nothing if there is none."""
    registry = listed.registry
    its_arn = listed.arn(EVERY)
    try:
        text = registry.registry_policy()
    except AWS_ERRORS as error:
        why = f"{reason_of(error)}; {_way_out(error)}"
        counts = RegistryPolicy(unread=why)
        yield Unread(f"the registry policy: {why}", registry.account, registry.region, its_arn, registry=counts)
        return
    if text is not None:
        yield Item(its_arn, registry.account, registry.region, EVERY, text, kind=Kind.REGISTRY, scope=_scope(listed))


def read_settings(listed: Listing) -> Iterator[Item | Unread]:
    """Read the registry's other settings: policies of future repositories, replication and pull-through caches."""
    for kind, setting in SETTINGS.items():
        yield from _read_setting(listed, HANDLING[kind], setting)


def _read_setting(listed: Listing, handling: Handling, setting: Setting) -> Iterator[Item | Unread]:
    registry, kind = listed.registry, handling.kind
    account, region = registry.account, registry.region
    describe = getattr(registry.ecr, xform_name(handling.reads))
    try:
        for page in pages(describe, "ecr", handling.reads, "nextToken"):
            for part in handling.parts_in(page):
                policy = handling.policy_in(part)
                if handling.empty is None or policy != handling.empty:
                    name = part[handling.name] if handling.name else EVERY
                    its_arn = arn_of(listed.partition, region, account, name, kind)
                    yield Item(its_arn, account, region, name, policy, kind=kind)
    except AWS_ERRORS as error:
        allow = isinstance(error, ClientError) and is_refusal(code_of(error))
        way_out = f"allow ecr:{handling.reads} and audit again" if allow else "audit again"
        yield Unread(f"{setting.called}: {reason_of(error)}; {way_out}", account, region, about=setting.lack)


def _way_out(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError) and is_refusal(code_of(error)):
        return "allow ecr:GetRegistryPolicy and audit again"
    return "audit again when it can be read: until then no repository in this Region can be decided"


def _scope(listed: Listing) -> Scope:
    try:
        return listed.registry.scope()
    except AWS_ERRORS:
        return Scope.UNKNOWN


def read_repositories(listed: Listing, known: Mapping[str, Item], calls: Calls) -> Iterator[Item | Unread]:
    """Read the listed repositories that are not in `known` (by ARN), in the order of the list.

    A repository that was deleted meanwhile is skipped. If every further call would fail the same way, the rest of the
    Region becomes one error.
    """
    in_a_row = 0
    for place, answer in enumerate(calls.each(lambda name: _read(listed, name), _unknown(listed, known))):
        in_a_row = in_a_row + 1 if isinstance(answer, _Lasting) else 0
        if not isinstance(answer, _Lasting):
            yield from answer
        elif in_a_row < answer.times:
            yield answer.unread
        else:
            names = [*_unknown(listed, known)][place:]
            count = f"{len(names):,} repositories were" if len(names) > 1 else "a repository was"
            why = f"{count} not read, from `{names[0]}` on: {answer.unread.reason}"
            yield Unread(why, listed.registry.account, listed.registry.region, repositories=len(names))
            break
    yield from listed.unread()


def _unknown(listed: Listing, known: Mapping[str, Item]) -> Iterator[str]:
    return (name for name in listed.names() if listed.arn(name) not in known)


@by_value
class _Lasting:
    """A failure that every further call has too, once it has happened `times` in a row."""

    unread: Unread
    times: int


def _read(listed: Listing, name: str) -> tuple[Item | Unread, ...] | _Lasting:
    registry = listed.registry
    its_arn = listed.arn(name)
    try:
        policy = registry.policy(name)
    except RepositoryGoneError:
        return ()
    except AWS_ERRORS as error:
        unread = Unread(reason_of(error), listed.registry.account, listed.registry.region, its_arn)
        times = lasts(error)
        return (unread,) if times is None else _Lasting(unread, times)
    item = Item(its_arn, registry.account, registry.region, name, policy)
    if not lacks_tags(item):
        return (item,)
    try:
        tags = registry.tags(name, listed.partition)
    except RepositoryGoneError:
        return ()
    except AWS_ERRORS as error:
        why = f"its policy asks for its tags, which could not be read: {reason_of(error)}"
        return item, Unread(why, registry.account, registry.region, its_arn, Lack.TAGS)
    return (Item(its_arn, registry.account, registry.region, name, policy, tags),)


def lacks_tags(item: Item) -> bool:
    """Return whether a policy has conditions on tags that were not read."""
    from ...judgement.judge import reads_tags  # noqa: PLC0415 - see above

    return item.tags is None and item.policy is not None and reads_tags(item.policy)
