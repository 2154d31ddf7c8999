"""Requests of the owner account and of trusted principals, aimed at what a policy contains."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.properties.oracle import Request
from tests.properties.outsiders import (
    ACTIONS,
    callers,
    common_keys,
    is_outside,
    service_callers,
    tags_sent,
)
from tests.properties.world import (
    FRESH,
    NAMED,
    NAMED_ORG,
    OTHER,
    OWN_ORG,
    OWNER,
    READER,
    SERVICES,
    TRUSTED,
    TRUSTED_ORG,
    conditions_of,
)
from tests.strategies import Situation

_ASKED = (*("ecr:BatchGetImage", "ecr:PutImage", "ecr:SetRepositoryPolicy") * 12, *ACTIONS)


@st.composite
def inside_requests(draw: st.DrawFn, situation: Situation) -> Request:
    """Draw a request by the owner account or a trusted principal, or by a service for one of them."""
    action = draw(st.sampled_from(_ASKED))
    request = draw(_request(situation, action))
    return request if not is_outside(request, situation) else draw(_by_owner(situation, action))


@st.composite
def _request(draw: st.DrawFn, situation: Situation, action: str) -> Request:
    more = draw(common_keys(situation))
    if draw(st.integers(0, 3)) == 0:
        named = sorted(set(SERVICES) & set(re.findall(r"[a-z.-]+\.amazonaws\.com", str(situation.statements))))
        name, keys = draw(service_callers(named or list(SERVICES), situation, (OWNER, OWNER, TRUSTED, NAMED, None)))
        return Request(name, action, keys | more)
    account = draw(st.sampled_from((OWNER, OWNER, TRUSTED, READER, NAMED, OTHER, FRESH)))
    home = situation.repository.organization
    organizations = (home,) if account == OWNER and home else (OWN_ORG, TRUSTED_ORG, NAMED_ORG, None)
    principal, keys = draw(callers(situation, _mentioned(situation), (account,), organizations))
    return Request(principal, action, keys | draw(tags_sent(action, situation)) | more)


@st.composite
def _by_owner(draw: st.DrawFn, situation: Situation, action: str) -> Request:
    principal, keys = draw(callers(situation, _mentioned(situation), (OWNER,), (situation.repository.organization,)))
    return Request(principal, action, keys | draw(tags_sent(action, situation)) | draw(common_keys(situation)))


def _mentioned(situation: Situation) -> set[str]:
    return {name.lower() for statement in situation.statements for _, name, _ in conditions_of(statement)}
