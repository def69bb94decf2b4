"""May several people have notebook servers here?"""

from __future__ import annotations

from cygnet_hub.accounts.hub_database import count_accounts
from cygnet_hub.config.layout import Layout
from cygnet_hub.config.settings import Settings
from cygnet_hub.errors import PlatformError
from cygnet_spawner import probe

_DEFAULT_UID_BASE = 700_000


def obstacle(settings: Settings) -> str | None:
    """Return why a second account is not possible, or None: its server could read the files of the first."""
    if settings.unconfined:
        return None
    finding = probe.confinement(settings.uid_base or _DEFAULT_UID_BASE)
    if finding.possible:
        return None
    return (
        f"Notebook servers of several people cannot be kept apart on this machine: {finding.reason} "
        "With --unconfined (or `unconfined = true` in cygnet.toml) everybody can read everybody's files."
    )


def decide(settings: Settings, layout: Layout, further_accounts: int) -> bool:
    """Return whether notebook servers are confined.

    `further_accounts` are about to be made. Raises PlatformError when servers cannot be confined, nobody said
    that this is wanted, and there is, or will be, more than one account.
    """
    if settings.unconfined:
        return False
    reason = obstacle(settings)
    if reason is None:
        return True
    if count_accounts(layout.hub_database) + further_accounts > 1:
        raise PlatformError(reason)
    return False
