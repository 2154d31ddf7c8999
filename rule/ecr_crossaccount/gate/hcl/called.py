"""A module that something else than Terraform's sources calls: Terragrunt, by `source` and `inputs`."""

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


def called(  # noqa: PLR0913 - what a call says, one by one
    source: str,
    arguments: Mapping[str, Argument],
    at: Place,
    context: Context,
    *,
    version: str | None = None,
    local_values: Mapping[str, Argument] | None = None,
) -> Harvest:
    """Return what a module makes that is called with `arguments`, under the addresses that it has as the root.

    `source` is one of Terraform's or Terragrunt's, `tfr:///…?version=…` too, a folder from that of the file `at` is in.
    What is found stands where its argument does, `at` where none decides it. A module that is neither here nor known is
    told as that of any call is, and its arguments as `inputs.NAME`. `local_values`: what `local.NAME` in them means.
    The folders of the modules are among those followed.
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
    """Return an address as one in a root module; an argument keeps the name of what it is handed in by."""
    rest = address.removeprefix(_ADDRESS)
    return rest if rest != address and "." in rest else address.removeprefix("module.")
