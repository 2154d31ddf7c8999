"""The parts that all sessions and clients of boto3, and all instances of moto, share in a test process.

Thousands of tests make clients and sessions. Most of the time goes into parts that depend on none of them: the models
of AWS's services, the rules of their endpoints, the methods of their clients. Only botocore and moto are changed, no
code of this project. A call has the same result as before.
"""

# ruff: noqa: SLF001 - botocore has no public names for it
from __future__ import annotations

import inspect
from copy import copy
from functools import cache
from typing import Any

import botocore.client
import botocore.handlers
import botocore.hooks
import botocore.httpsession
import botocore.loaders
import botocore.regions
import botocore.session
import botocore.useragent
import moto.backends
import moto.core.models

Json = dict[str, Any]

# For mypy, nothing in them can be replaced.
_CLIENT: Any = botocore.client
_HANDLERS: Any = botocore.handlers
_HOOKS: Any = botocore.hooks
_HTTP: Any = botocore.httpsession
_LOADERS: Any = botocore.loaders
_REGIONS: Any = botocore.regions
_SESSION: Any = botocore.session
_AGENT: Any = botocore.useragent
_BACKENDS: Any = moto.backends
_SIMULATED: Any = moto.core.models
_MOCK: Any = moto.core.models.MockAWS


def share() -> None:
    """Share the parts from now on."""
    _models()
    _endpoints()
    _clients()
    _events()
    _handlers()
    _simulation()
    _AGENT.sanitize_user_agent_string_component = cache(_AGENT.sanitize_user_agent_string_component)
    _AGENT.UserAgentComponent.to_string = cache(_AGENT.UserAgentComponent.to_string)
    # for TLS, which no call to this machine uses
    _HTTP.create_urllib3_context = cache(_HTTP.create_urllib3_context)


def _models() -> None:
    """Share the models, and the list of models."""
    make, read = _LOADERS.Loader.__init__, Json()

    def made(self: Any, *given: object, **named: object) -> None:  # noqa: ANN401 - a loader
        make(self, *given, **named)
        if not given and not named:
            self._cache = read

    _LOADERS.Loader.__init__ = made


def _endpoints() -> None:
    """Share the endpoint of a service, for a Region and the other parameters."""
    provider, made = _REGIONS.EndpointProvider, dict[tuple[object, ...], object]()

    def shared(ruleset_data: Json, partition_data: Json, excluded_params: set[str] | None = None) -> object:
        key = (id(ruleset_data), id(partition_data), frozenset(excluded_params or ()))
        if key not in made:
            made[key] = provider(ruleset_data, partition_data, excluded_params)
            _keep(ruleset_data, partition_data)
        return made[key]

    _REGIONS.EndpointProvider = shared


def _clients() -> None:
    """Share the shapes and operations of a model, and the methods of a service's clients."""
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
    """Share the names of events, the parameters of their handlers, and the handlers until one is registered."""
    aliaser, alias = _HOOKS.EventAliaser(None), cache(_HOOKS.EventAliaser._alias_event_name)
    takes = _HOOKS.accepts_kwargs

    def accepts(handler: object) -> object:
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        return code.co_flags & inspect.CO_VARKEYWORDS if code else takes(handler)

    _HOOKS.EventAliaser._alias_event_name = lambda _, name: alias(aliaser, name)
    _HOOKS.accepts_kwargs = accepts
    _HOOKS._PrefixTrie.__copy__ = _same_tree
    _HOOKS._PrefixTrie.append_item = _append_item
    _HOOKS._PrefixTrie.remove_item = _remove_item


def _handlers() -> None:
    """Share the handlers that every session begins with."""
    register, known = _SESSION.Session._register_builtin_handlers, dict[tuple[int, ...], Any]()

    def registered(self: Any, events: Any) -> None:  # noqa: ANN401 - a session, and what handles its events
        listed = _HANDLERS.BUILTIN_HANDLERS  # moto adds one
        key = tuple(map(id, listed))
        if key not in known:
            register(self, events)
            known[key] = copy(events._emitter)
            _keep(*listed)
        else:
            vars(events._emitter).update(vars(copy(known[key])))

    _SESSION.Session._register_builtin_handlers = registered


def _simulation() -> None:
    """Share moto's list of services, which it makes at each start, and the services."""
    start, simulated, listed = _MOCK._enable_patching, _SIMULATED.responses_mock, Json()

    def started(self: Any, **given: bool) -> None:  # noqa: ANN401 - a simulated AWS
        if not listed:
            start(self, **given)
            listed.update({method: tuple(answers) for method, answers in simulated._registry._registered.items()})
            return
        _SIMULATED.botocore_stubber.enabled = True
        if given["reset"]:
            self.reset()
        simulated.start()
        simulated._registry._registered.update({method: [*answers] for method, answers in listed.items()})

    _MOCK._enable_patching = started
    modules = list(_BACKENDS.list_of_moto_modules())
    _BACKENDS.list_of_moto_modules = lambda: iter(modules)


_KEPT: list[object] = []


def _keep(*values: object) -> None:
    """Keep the objects, so that no other object gets their id."""
    _KEPT.extend(values)


# botocore's tree of events. A client has the tree of its session, and changes little of it. Copies share the parts that
# neither has changed since. A part belongs to a tree if it has the tree's mark.


def _same_tree(tree: Any) -> Any:  # noqa: ANN401 - a tree of events
    other = _HOOKS._PrefixTrie()
    other._root = tree._root
    tree.mark, other.mark = object(), object()
    return other


def _append_item(tree: Any, key: str, value: object, section: int = 1) -> None:  # noqa: ANN401 - a tree of events
    part = tree._root = _own(tree, tree._root)
    for name in key.split("."):
        child = part["children"].get(name) or {"chunk": name, "values": None, "children": {}, "mark": _mark(tree)}
        part["children"][name] = part = _own(tree, child)
    if part["values"] is None:
        part["values"] = _HOOKS.NodeList([], [], [])
    part["values"][section].append(value)


def _remove_item(tree: Any, key: str, value: object) -> None:  # noqa: ANN401 - a tree of events
    part = tree._root = _own(tree, tree._root)
    names = key.split(".")
    for name in names:
        if name not in part["children"]:
            break
        part["children"][name] = part = _own(tree, part["children"][name])
    tree._remove_item(tree._root, names, value, index=0)


def _own(tree: Any, part: Json) -> Json:  # noqa: ANN401 - a tree of events
    """Return a part that may be changed: a copy if another tree also has it."""
    if part.get("mark") is _mark(tree):
        return part
    values = part["values"]
    return {
        "chunk": part["chunk"],
        "children": dict(part["children"]),
        "values": values and _HOOKS.NodeList(values.first[:], values.middle[:], values.last[:]),
        "mark": _mark(tree),
    }


def _mark(tree: Any) -> object:  # noqa: ANN401 - a tree of events
    return getattr(tree, "mark", None)
