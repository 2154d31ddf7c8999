"""Settings beside the words of a command line, as a shell takes them: `ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2 judge …`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from ecr_crossaccount.products.cli.settings.keys import PREFIX


@contextmanager
def assigned(words: Iterable[str]) -> Iterator[list[str]]:
    """Set the variables that words assign, wherever they are, and give the other words."""
    words = list(words)
    variables = [word for word in words if word.startswith(PREFIX) and "=" in word]
    with patch.dict(os.environ, dict(one.split("=", 1) for one in variables)):
        yield [word for word in words if word not in variables]
