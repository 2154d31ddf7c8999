"""What all sessions and clients of boto3, and all simulated AWS, share in a process of tests.

Thousands of tests make clients and sessions. Most of the time goes into what depends on none of them: the models of
AWS's services, the rules of their endpoints, the methods of their clients. Only botocore and moto are changed, nothing
of this project, and a call does what it did.
"""

# ruff: noqa: SLF001 - botocore has no public names for it
from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import botocore.client
import botocore.hooks
import botocore.httpsession
import botocore.loaders
import botocore.regions
import botocore.useragent
import moto.backends
import moto.core.models

Json = dict[str, Any]

# As mypy sees them, nothing in them can be replaced.
_CLIENT: Any = botocore.client
_HOOKS: Any = botocore.hooks
_HTTP: Any = botocore.httpsession
_LOADERS: Any = botocore.loaders
_REGIONS: Any = botocore.regions
_AGENT: Any = botocore.useragent
_BACKENDS: Any = moto.backends
_SIMULATED: Any = moto.core.models


def share() -> None:
    """Share it, from now on."""
    _models()
    _endpoints()
    _clients()
    _events()
    _simulation()
    _AGENT.sanitize_user_agent_string_component = cache(_AGENT.sanitize_user_agent_string_component)
    # for TLS, which no call to this machine uses
    _HTTP.create_urllib3_context = cache(_HTTP.create_urllib3_context)


def _models() -> None:
    """The models, and which there are."""
    make, read = _LOADERS.Loader.__init__, Json()

    def made(self: Any, *given: object, **named: object) -> None:  # noqa: ANN401 - a loader
        make(self, *given, **named)
        if not given and not named:
            self._cache = read

    _LOADERS.Loader.__init__ = made


def _endpoints() -> None:
    """Where a service is, for a region and the rest that decides it."""
    provider, made = _REGIONS.EndpointProvider, dict[tuple[object, ...], object]()

    def shared(ruleset_data: Json, partition_data: Json, excluded_params: set[str] | None = None) -> object:
        key = (id(ruleset_data), id(partition_data), frozenset(excluded_params or ()))
        if key not in made:
            made[key] = provider(ruleset_data, partition_data, excluded_params)
            _keep(ruleset_data, partition_data)
        return made[key]

    _REGIONS.EndpointProvider = shared


def _clients() -> None:
    """The shapes and operations that a model describes, and the methods of a service's clients."""
    model, described = _CLIENT.ServiceModel, dict[tuple[int, str], object]()
    create, methods = _CLIENT.ClientCreator._create_methods, dict[object, Json]()

    def model_of(description: Json, service_name: str) -> object:
        key = (id(description), service_name)
        if key not in described:
            described[key] = model(description, service_name)
            _keep(description)
        return described[key]

    def methods_of(self: object, service_model: object) -> Json:
        if service_model not in methods:
            methods[service_model] = create(self, service_model)
        return dict(methods[service_model])

    _CLIENT.ServiceModel = model_of
    _CLIENT.ClientCreator._create_methods = methods_of


def _events() -> None:
    """The names of events and what their handlers take; and copy quicker who handles which."""
    aliaser, alias = _HOOKS.EventAliaser(None), cache(_HOOKS.EventAliaser._alias_event_name)
    takes = _HOOKS.accepts_kwargs

    def accepts(handler: object) -> object:
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        return code.co_flags & inspect.CO_VARKEYWORDS if code else takes(handler)

    _HOOKS.EventAliaser._alias_event_name = lambda _, name: alias(aliaser, name)
    _HOOKS.accepts_kwargs = accepts
    _HOOKS._PrefixTrie._recursive_copy = lambda _, trie: {"_root": _copied(trie["_root"])}


def _simulation() -> None:
    """What moto answers for, which it lists anew at each start, and its services."""
    _SIMULATED.CallbackResponse = cache(_SIMULATED.CallbackResponse)
    modules = list(_BACKENDS.list_of_moto_modules())
    _BACKENDS.list_of_moto_modules = lambda: iter(modules)


_KEPT: list[object] = []


def _keep(*values: object) -> None:
    """Let no other object get the number of one of these."""
    _KEPT.extend(values)


def _copied(node: Json) -> Json:
    """Return a part of botocore's tree of events, with its own lists of the same handlers."""
    values = node["values"]
    return {
        "chunk": node["chunk"],
        "children": {name: _copied(child) for name, child in node["children"].items()},
        "values": values and _HOOKS.NodeList(values.first[:], values.middle[:], values.last[:]),
    }
