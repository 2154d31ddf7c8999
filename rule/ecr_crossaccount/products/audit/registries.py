"""The known registry policies. A policy that was not read applies to every registry that it may belong to."""

from __future__ import annotations

from ...judgement.beside import RegistryPolicy


class Registries:
    """The policy of each registry by account and Region, or "" for an unknown account or Region."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], RegistryPolicy] = {}

    def __bool__(self) -> bool:
        """Return whether any registry policy is known."""
        return bool(self._known)

    def know(self, account: str | None, region: str | None, policy: RegistryPolicy) -> None:
        """Remember the policy of a registry. If part of it could not be read, it stays unread."""
        registry = account or "", region or ""
        known = self._known.get(registry)
        if known is None or known.unread is None:
            self._known[registry] = policy

    def of(self, account: str, region: str) -> RegistryPolicy | None:
        """Return the policy of a registry. An unread policy that may belong to it takes precedence over its own."""
        get = self._known.get
        return get(("", "")) or get(("", region)) or get((account, "")) or get((account, region))
