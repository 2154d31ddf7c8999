"""The project's metadata in pyproject.toml."""

from __future__ import annotations

import tomllib

from organization.sources import ROOT

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME: str = _PROJECT["name"]
VERSION: str = _PROJECT["version"]
LICENSE: str = _PROJECT["license"]
