"""Deleted principals of an Allow. They grant nothing, and ECR refuses to write a policy that names one."""

from __future__ import annotations

from collections.abc import Mapping

from .blocks import is_id
from .written import like, one_or_many


def without_deleted(written: object) -> tuple[list[object], list[str]]:
    """Return an Allow, as read back from AWS, without deleted principals, and the entries that were left out.

    The list of statements is empty if no principal is left. Anything other than an Allow is returned unchanged.
    """
    if not (isinstance(written, Mapping) and written.get("Effect") == "Allow"):
        return [written], []
    lists = written.get("Principal")
    if not isinstance(lists, Mapping):
        return [written], []
    entries = one_or_many(lists.get("AWS", []))
    gone = [entry for entry in entries if is_id(entry)]
    if not gone:
        return [written], []
    left = [entry for entry in entries if entry not in gone]
    others = {kind: value for kind, value in lists.items() if kind != "AWS"}
    principal = {**lists, "AWS": like(lists["AWS"], left)} if left else others  # type: ignore[arg-type] # as read
    return ([{**written, "Principal": principal}] if principal else []), gone
