"""The words of policies, registers and results that AWS or a user reads or writes. None may change unnoticed."""

from __future__ import annotations

from enum import Enum

import pytest
from ecr_crossaccount import Access, Compliance, Kind, Origin, Scope
from ecr_crossaccount.documents.conditions import Base, Quantifier
from ecr_crossaccount.documents.document import Document, Effect, Form
from ecr_crossaccount.documents.pattern import Wild
from ecr_crossaccount.judgement.context.request import PrincipalType, Tagging
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.judgement.values.trust_entries import Subject

WORDS: dict[type[Enum], str] = {
    Access: "READ WRITE ADMIN",
    Compliance: "COMPLIANT NON_COMPLIANT",
    Kind: "account any organization service",
    Origin: "proposed deployed unknown",
    Scope: "V1 V2 unknown",
    Document: "repository registry resource-control",
    Effect: "Allow Deny",
    Wild: "* ?",
    Form: "account role user assumed-role federated-user",
    PrincipalType: "AssumedRole User FederatedUser Account",
    ResourceKind: "repository registry creation-template public-repository replication pull-through-cache",
    Quantifier: "ForAllValues ForAnyValue",
    Subject: "account organization organization_path service vpc vpc_endpoint github gitlab terraform oidc saml",
    Base: "StringEquals StringEqualsIgnoreCase StringLike ArnLike NumericEquals NumericLessThan "
    "NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals DateEquals DateLessThan DateLessThanEquals "
    "DateGreaterThan DateGreaterThanEquals Bool BinaryEquals IpAddress Null",
}


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_the_words_are_these(words: type[Enum]) -> None:
    assert " ".join(one.value for one in words) == WORDS[words]


def test_the_call_that_changes_tags_is_named_as_aws_names_it() -> None:
    calls = [one.value for one in Tagging if one not in (Tagging.NONE, Tagging.UNKNOWN)]
    assert calls == ["TagResource", "CreateRepository", "UntagResource"]
