"""The calls that make someone a session of a role, and STS's own table of the condition keys in them.

Under the table of Amazon ECR, all keys of `sts:` are absent, so a condition on an ExternalId could never be met.
Here they are what the caller sends. All other keys mean the same as in a call of Amazon ECR.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ...documents.document import Actions
from ...documents.pattern import pattern
from ...judgement.context import call
from ...judgement.context.domains import Strings
from ...judgement.context.keys import SharedMeanings
from ...judgement.context.request import ABSENT, Fixed, Meaning, RequestKind, Settled, Unsure
from ...judgement.context.shapes import ANY_TEXT, NAMES, PLAIN, REGION
from ...judgement.context.typed_domains import TAG_KEYS, TAG_NAMES, Lists, RequestTags
from ...judgement.patterns.charsets import ANY
from ...judgement.patterns.tokens import Names, star

ASSUME, WEB_IDENTITY, SAML, TAG, SOURCE = (1 << place for place in range(5))
"""The actions of STS that a trust policy allows, as bits."""
WRITTEN = {
    ASSUME: "sts:AssumeRole",
    WEB_IDENTITY: "sts:AssumeRoleWithWebIdentity",
    SAML: "sts:AssumeRoleWithSAML",
    TAG: "sts:TagSession",
    SOURCE: "sts:SetSourceIdentity",
}
_NAMES = Names(name.lower() for name in WRITTEN.values())
_EVERY = sum(WRITTEN)


@lru_cache(maxsize=1024)
def calls_of(actions: Actions) -> int:
    """Return the actions of STS that an element names."""
    found = 0
    for text in actions.patterns:
        found |= _NAMES.matching(pattern(str(text).lower(), wild=True, variables=False).parts)
    return _EVERY & ~found if actions.negated else found


class Form(NamedTuple):
    """One form of a call: whether it passes session tags, and whether it sets a source identity.

    A call with tags also needs `sts:TagSession`, and one with a source identity `sts:SetSourceIdentity`. Otherwise, the
    whole call fails.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    """

    tagged: bool = False
    sourced: bool = False

    @property
    def besides(self) -> tuple[int, ...]:
        """The actions that the call needs besides its own."""
        return (*([TAG] if self.tagged else ()), *self.without_tags)

    @property
    def without_tags(self) -> tuple[int, ...]:
        """The same, if tags need none."""
        return (SOURCE,) if self.sourced else ()


FORMS = tuple(Form(tagged, sourced) for tagged in (False, True) for sourced in (False, True))

ANY_FORMS = (Form(tagged=True), Form(tagged=True, sourced=True))
"""The forms of a call about which nothing is known. With tags, a session can have all that one without them has."""

SESSION_NAME, SOURCE_IDENTITY, OWN_SOURCE = "sts:rolesessionname", "sts:sourceidentity", "aws:sourceidentity"
TRANSITIVE, REQUEST_TAG = "sts:transitivetagkeys", "aws:requesttag/"
Rule = Callable[[Form, RequestKind, str], Meaning]


def _external_id(_form: Form, _request: RequestKind, key: str) -> Meaning:
    """Return any text, or none. The caller sends it, so it confines nobody in the account that the policy trusts."""
    return Strings({key: PLAIN}, (ANY_TEXT,), optional=True, unsure=(star(ANY),))


def _session_name(_form: Form, _request: RequestKind, key: str) -> Meaning:
    return Strings({key: PLAIN}, (NAMES,), usual="session")


def _source_identity(form: Form, _request: RequestKind, key: str) -> Meaning:
    return Strings({key: PLAIN}, (NAMES,), usual="someone") if form.sourced else ABSENT


def _inherited_source(form: Form, _request: RequestKind, key: str) -> Meaning:
    """Return the source identity of the caller's own session.

    The caller must be allowed to pass it on, and sends no other.
    """
    return Strings({key: PLAIN}, (), optional=True, unsure=(NAMES,)) if form.sourced else ABSENT


def _tags(form: Form, _request: RequestKind, _key: str) -> Meaning:
    return RequestTags() if form.tagged else ABSENT


def _transitive(form: Form, _request: RequestKind, key: str) -> Meaning:
    """Return no names for certain. Others are perhaps possible: each must be the name of a tag in the same call.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    if not form.tagged:
        return Fixed(None, many=True)
    names = TAG_NAMES.elements
    return Lists(names._replace(readings={key: PLAIN}, shapes=(), unsure=(*names.shapes, *names.unsure)))


def _tag_of_role(form: Form, request: RequestKind, key: str) -> Meaning:
    """Return the role's tag, which a transitive tag of the call with that name replaces."""
    return Unsure(single=True) if form.tagged else call.resource_tag(request, key)


def _region(_form: Form, _request: RequestKind, key: str) -> Meaning:
    """Return any Region. The caller chooses an endpoint of STS."""
    return Strings({key: PLAIN}, (REGION,), usual="us-east-1")


def _unknown(_form: Form, _request: RequestKind, _key: str) -> Meaning:
    return Unsure(single=True)


_ROWS: dict[str, Rule] = {
    "sts:externalid": _external_id,
    SESSION_NAME: _session_name,
    SOURCE_IDENTITY: _source_identity,
    OWN_SOURCE: _inherited_source,
    TAG_KEYS: _tags,
    TRANSITIVE: _transitive,
    "aws:requestedregion": _region,
}
_STARTS: dict[str, Rule] = {
    REQUEST_TAG: _tags,
    "aws:resourcetag/": _tag_of_role,
    "iam:resourcetag/": _tag_of_role,
    "sts:": _unknown,
    "iam:": _unknown,
    "ecr:": _unknown,
}


def rule_of(key: str) -> Rule | None:
    """Return STS's own rule for a key, or None if it means the same as in a call of Amazon ECR."""
    return _ROWS.get(key) or next((rule for start, rule in _STARTS.items() if key.startswith(start)), None)


class CallMeanings(SharedMeanings):
    """The meanings of keys in one form of the call, for callers outside the account."""

    __slots__ = ("_form", "_own")

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form
        self._own: dict[str, Meaning] = {}

    def meaning(self, request: RequestKind, key: str) -> Meaning:
        """Return the meaning of a key. Keys that depend on each other share one domain."""
        rule = rule_of(key)
        if rule is None:
            return super().meaning(request, key)
        found = self._own.get(key)
        if found is None:
            found = rule(self._form, request, key)
            if not isinstance(found, Settled) and found.key != key:
                found = self.meaning(request, found.key)
            self._own[key] = found
        return found
