"""The work for a file grows with the file, with any number of documents and policies in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ecr_crossaccount.sources.formats import dispatch
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context

from tests.check.work import OWNER

_POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})
_DOCUMENT = f"""---
apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {{name: r}}
spec:
  name: r
  policy: '{_POLICY}'
"""


def _noting(search: Callable[[str], bool], searches: list[int]) -> Callable[[str], bool]:
    def noted(text: str) -> bool:
        searches.append(len(text))
        return search(text)

    return noted


def test_a_file_is_searched_as_often_whether_it_has_few_documents_or_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "manifests.yaml"
    searches: list[int] = []
    noting = tuple(replace(one, is_marked=_noting(one.is_marked, searches)) for one in dispatch.READERS)
    monkeypatch.setattr(dispatch, "READERS", noting)
    counts = []
    for documents in (5, 50):
        file.write_text(_DOCUMENT * documents, "utf-8")
        searches.clear()
        assert len(harvest([str(file)], Context(account=OWNER)).policies) == documents
        counts.append(len(searches))
    assert counts[0] == counts[1] > 0
