"""What the trust register approves for those who come by roles."""

from __future__ import annotations

from ...judgement.patterns.tokens import matches
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry, Subject, glob
from .issuers import COGNITO
from .outsiders import RANKS, Outsider, Who

_SUBJECTS = {
    Who.GITHUB: Subject.GITHUB,
    Who.GITLAB: Subject.GITLAB,
    Who.TERRAFORM: Subject.TERRAFORM,
    Who.SAML: Subject.SAML,
    Who.OIDC: Subject.OIDC,
    Who.COGNITO: Subject.OIDC,
    Who.SERVICE: Subject.SERVICE,
}


def approved_ranks(trust: Trust, who: Outsider) -> int:
    """Return the accesses that an outsider is approved for, as bits of RANKS. Of AWS principals, circles say more."""
    subject = _SUBJECTS.get(who.kind)
    granted = [entry.access.rank for entry in trust.current if entry.subject is subject and _covers(entry, who)]
    return sum(bit for access, bit in RANKS.items() if granted and access.rank <= max(granted))


def _covers(entry: Entry, who: Outsider) -> bool:
    """Return whether an entry covers an outsider. A wider outsider, such as the owner of a repository, is not covered.

    Names at GitHub, GitLab and HCP Terraform do not differ by the case of letters alone.
    """
    name = f"{COGNITO} {who.name}" if who.kind is Who.COGNITO else who.name
    if entry.subject is Subject.OIDC:
        # A wildcard in the outsider's subject is a character here, which only a wildcard of the entry matches.
        return matches(glob(entry.name), name)
    if entry.subject in (Subject.SERVICE, Subject.SAML):
        return entry.name == name
    return f"{name}/".lower().startswith(f"{entry.name}/".lower())
