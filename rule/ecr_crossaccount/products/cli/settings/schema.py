"""JSON schemas of the files that people write by hand, for editors. They are made from the tables of the readers.

The files in `schemas/` beside this module have the text that `text_of` returns. `ecr-crossaccount config schema` prints
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ....documents.document import SERVICE
from ....judgement.values.trust_entries import NEVER, REPOSITORY, ROLE, SELF, SHAPES, Subject
from ....judgement.values.verdict import Access
from ..base.json_text import render_json
from .keys import KEYS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DAY = r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_TEXT_OR_NOTHING = ["string", "null"]

_MEANINGS = {
    Subject.ACCOUNT: "an AWS account, 12 digits in quotes",
    Subject.ORGANIZATION: f"an organization, or `{SELF}` for that of the owner account",
    Subject.ORGANIZATION_PATH: "a path of an organization, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`",
    Subject.SERVICE: "an AWS service, for any account that it acts for",
    Subject.VPC: "every caller that comes through a VPC",
    Subject.VPC_ENDPOINT: "every caller that comes through a VPC endpoint",
    Subject.GITHUB: "workflows of an owner or a repository at GitHub that assume a role",
    Subject.GITLAB: "jobs of a group or a project at GitLab that assume a role",
    Subject.TERRAFORM: "runs of an organization of HCP Terraform that assume a role",
    Subject.OIDC: "an issuer and a subject, `*` allowed in it, whose tokens assume a role",
    Subject.SAML: "a SAML provider of the account whose users assume a role",
}


def text_of(name: str) -> str:
    """Return the schema of `settings` or of the register, `trust`."""
    return render_json(_SCHEMAS[name]())


def settings_schema() -> dict[str, object]:
    """Return the schema of a settings file."""
    return {
        "$schema": _DIALECT,
        "title": "Settings of ecr-crossaccount",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {key.name: {"description": key.meaning, **key.shape.schema} for key in KEYS},
    }


def register_schema() -> dict[str, object]:
    """Return the schema of a trust register."""
    return {
        "$schema": _DIALECT,
        "title": "Trust register of ecr-crossaccount",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "trust"],
        "properties": {
            "version": {"description": "the version of this form", "const": 1},
            "published": {
                "description": "when it was published; `trust publish` writes it",
                "type": "string",
                "format": "date-time",
            },
            "trust": {"description": "who outside the owner account may have what", "type": "array", "items": _entry()},
        },
    }


def _entry() -> dict[str, object]:
    name = {"type": "string", "pattern": _whole(REPOSITORY)}
    role = {"type": "string", "pattern": _whole(ROLE)}
    properties: dict[str, object] = {
        subject.value: {"description": meaning, "type": "string", "pattern": _shape(subject)}
        for subject, meaning in _MEANINGS.items()
    }
    properties |= {
        "access": {"description": "each includes those before it", "enum": [one.value for one in Access]},
        "repositories": {
            "description": "names, `*` and `?` allowed; all repositories if it is missing",
            "anyOf": [name, {"type": "array", "items": name, "minItems": 1}],
        },
        "role": {
            "description": "only those who assume these roles, `*` and `?` allowed; repositories may not allow them",
            "anyOf": [role, {"type": "array", "items": role, "minItems": 1}],
        },
        "reason": {"description": "what the access is for", "type": _TEXT_OR_NOTHING},
        "owner": {"description": "whom to ask about it", "type": _TEXT_OR_NOTHING},
        "expires": {
            "description": "the last day on which it holds, UTC; `never` if there is none",
            "anyOf": [{"type": "string", "format": "date", "pattern": _DAY}, {"const": NEVER}, {"type": "null"}],
        },
    }
    properties["members"] = {
        "description": "whether an organization's accounts are covered where a policy names them",
        "type": "boolean",
    }
    one_of = [{"required": [subject.value]} for subject in Subject]
    return {"type": "object", "additionalProperties": False, "oneOf": one_of, "properties": properties}


def _shape(subject: Subject) -> str:
    return _whole(SERVICE if subject is Subject.SERVICE else SHAPES[subject][0])


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


_SCHEMAS: Mapping[str, Callable[[], dict[str, object]]] = {"settings": settings_schema, "trust": register_schema}
