"""A module that is called from outside Terraform's sources: by Terragrunt, with `source` and `inputs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...files.values.nodes import Place
from ...found.context import Context
from ...found.found import Harvest, Unjudged
from . import paths
from .configuration import Configuration
from .evaluation import bare
from .folders import Folder
from .forms import with_more
from .module_sources import RESERVED
from .read import Reading
from .tree import Argument, Block, Body
from .world import World, in_words

_NAME = "inputs"
_ADDRESS = f"module.{_NAME}."
_MORE = "made{} only if {} passes more inputs than are read here: check the plan, `terragrunt show -json`"
_OTHERS = ", with {} more,"


def called(  # noqa: PLR0913 - the parts of a call
    source: Argument,
    arguments: Mapping[str, Argument],
    at: Place,
    context: Context,
    *,
    more: Sequence[str] = (),
    sure: Mapping[str, Argument] | None = None,
) -> Harvest:
    """Return what a module makes if it is called with `arguments`. Its addresses are those of a root module.

    `source` is a source of Terraform or Terragrunt, including `tfr:///…?version=…`, relative to the folder of the file
    `at`. Each result has the place of its argument, or `at` if no argument determines it. A module that is neither here
    nor known is reported as for any other call, with its arguments as `inputs.NAME`. `more`: what may pass any other
    arguments; `sure` are those that it does not change.
    The folders of the modules are among the followed files.
    """
    reading = Reading(context)

    def made(given: Mapping[str, Argument], *, is_open: bool) -> Harvest:
        inputs = {name: one for name, one in given.items() if name not in RESERVED}
        body: Body = {"source": source, **inputs}, ()
        # The folder of the call is not that of the module, which may be beside it.
        folder = Folder(paths.joined(paths.normal(paths.parent(at.file)), "."), is_open=is_open)
        folder.add(Block("module", (_NAME,), at, lambda: body))
        configuration = Configuration(reading, folder, {}, None)
        found = configuration.harvest()
        return replace(found, followed=(*found.followed, *sorted(configuration.called)))

    usual = made(arguments, is_open=False)
    found = _with_more(usual, made(sure or {}, is_open=True), tuple(more), at) if more else usual
    return replace(
        found,
        policies=tuple(replace(one, resource=_own(one.resource)) for one in found.policies),
        unjudged=tuple(replace(one, resource=_own(one.resource)) for one in found.unjudged),
    )


def _with_more(usual: Harvest, other: Harvest, more: tuple[str, ...], at: Place) -> Harvest:
    """Return the harvest with the other forms that its policies have if there are more inputs.

    What is made only then is not judged.
    """
    found = with_more(usual, other, World(more=more))
    known = {bare(one.resource) for one in usual.policies}
    others = [_own(one.resource) for one in other.policies if bare(one.resource) not in known]
    reason = _MORE.format(_OTHERS.format(len(others) - 1) if others[1:] else "", in_words(more))
    left = (Unjudged(at.file, at.line, at.column, others[0], reason),) if others else ()
    return replace(found, unjudged=(*found.unjudged, *left))


def _own(address: str) -> str:
    """Return an address as that of a root module. An argument keeps the prefix `inputs`."""
    rest = address.removeprefix(_ADDRESS)
    return rest if rest != address and "." in rest else address.removeprefix("module.")
