"""docs/organization.md, typed block by block, with an AWS that is moto's and stricter."""

from __future__ import annotations

import shutil

import pytest

from tests.guides import releasing
from tests.guides.conftest import Desk
from tests.guides.following import Step, follow, prepare, steps
from tests.guides.guides import ORGANIZATION

pytestmark = [
    pytest.mark.artefact,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS"),  # moto's note that it ignores it
]


@pytest.mark.parametrize("step", steps(ORGANIZATION), ids=lambda step: step.id)
def test_it_is_followed(desk: Desk, step: Step, tmp_path_factory: pytest.TempPathFactory) -> None:
    if step.block == releasing.block():
        prepare(desk, step)
        shutil.copytree(releasing.released(tmp_path_factory), desk.checkout / "build" / "release")
    else:
        follow(desk, step)
