"""The policies of registries, as far as they are known: one that was not read counts wherever it may belong."""

from __future__ import annotations

from .. import RegistryPolicy


class Registries:
    """The policy of each registry by account and Region; "" where one of these is not known."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], RegistryPolicy] = {}

    def __bool__(self) -> bool:
        """Tell whether anything is known of any registry."""
        return bool(self._known)

    def know(self, account: str | None, region: str | None, policy: RegistryPolicy) -> None:
        """Remember the policy of a registry; one of which something could not be read stays unread."""
        registry = account or "", region or ""
        known = self._known.get(registry)
        if known is None or known.unread is None:
            self._known[registry] = policy

    def of(self, account: str, region: str) -> RegistryPolicy | None:
        """Return the policy that counts in a registry: before its own, one that was not read and may be its."""
        get = self._known.get
        return get(("", "")) or get(("", region)) or get((account, "")) or get((account, region))
