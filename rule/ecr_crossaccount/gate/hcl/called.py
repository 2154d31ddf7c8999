"""A module that is called from outside Terraform's sources: by Terragrunt, with `source` and `inputs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..context import Context
from ..found import Harvest
from ..values.places import Place
from . import paths, tree
from .configuration import Configuration
from .folders import Folder
from .read import Reading
from .tree import Argument, Block, Body

_NAME = "inputs"
_ADDRESS = f"module.{_NAME}."


def called(  # noqa: PLR0913 - the parts of a call
    source: str,
    arguments: Mapping[str, Argument],
    at: Place,
    context: Context,
    *,
    version: str | None = None,
    local_values: Mapping[str, Argument] | None = None,
) -> Harvest:
    """Return what a module makes if it is called with `arguments`. Its addresses are those of a root module.

    `source` is a source of Terraform or Terragrunt, including `tfr:///…?version=…`, relative to the folder of the file
    `at`. Each result has the place of its argument, or `at` if no argument determines it. A module that is neither here
    nor known is reported as for any other call, with its arguments as `inputs.NAME`. `local_values`: the values of
    `local.NAME` in the arguments. The folders of the modules are among the followed files.
    """
    given = {"source": source} if version is None else {"source": source, "version": version}
    body: Body = {**{name: _text(one, at) for name, one in given.items()}, **arguments}, ()
    folder = Folder(paths.normal(paths.parent(at.file)))
    folder.locals.update(local_values or {})
    folder.add(Block("module", (_NAME,), at, lambda: body))
    configuration = Configuration(Reading(context), folder, {}, None)
    found = configuration.harvest()
    return replace(
        found,
        followed=(*found.followed, *sorted(configuration.called)),
        policies=tuple(replace(one, resource=_own(one.resource)) for one in found.policies),
        unjudged=tuple(replace(one, resource=_own(one.resource)) for one in found.unjudged),
    )


def _text(text: str, at: Place) -> Argument:
    return Argument(tree.Template((tree.Piece(text, at),)), at, text)


def _own(address: str) -> str:
    """Return an address as that of a root module. An argument keeps the prefix `inputs`."""
    rest = address.removeprefix(_ADDRESS)
    return rest if rest != address and "." in rest else address.removeprefix("module.")
