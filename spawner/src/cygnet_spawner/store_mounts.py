"""The mounts of a session's stores: one each, with a process of its own that answers for it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cygnet_spawner import fuse
from cygnet_spawner.cell import Cell, Task, mount_binds
from cygnet_spawner.identity import Identity
from cygnet_spawner.launch import Running, tail
from cygnet_spawner.places import Places, read_state
from cygnet_spawner.process import until
from cygnet_spawner.rejoin import rejoin
from cygnet_spawner.session import CannotRemount, SessionError
from cygnet_spawner.stores import ChosenStore, StoreOffer, opened

_CACHE = "256MiB"
_STEP = 0.02  # seconds between two looks at a starting process


def choose(
    names: Sequence[str], offered: Mapping[str, StoreOffer], entered: Mapping[str, Mapping[str, str]]
) -> list[ChosenStore]:
    """Return stores with a person's credentials.

    Args:
        names: what the person has chosen; all of it is offered.
        offered: what the site offers.
        entered: the credentials, by the name of the store.

    Raises:
        SessionError: one of them needs a credential that was not entered.
    """
    for name in names:
        if offered[name].credential != "none" and name not in entered:
            raise SessionError(
                'The store "{title}" needs your credential. Enter it on the page Stores, '
                "or start without this store.",
                title=offered[name].title,
            )
    return [opened(name, offered[name], entered.get(name, {})) for name in names]


@dataclass
class _Mount:
    store: ChosenStore
    device: int | None = None
    running: Running | None = None

    @property
    def lost(self) -> bool:
        return self.running is not None and not self.running.alive()

    def close(self) -> None:
        """Close the hub's copy: when the mount's process is gone, nothing may wait for it."""
        if self.device is not None:
            os.close(self.device)
            self.device = None


class StoreMounts:
    """All stores of one session.

    Args:
        places: the person's directories.
        log: where the hub's administrator reads what happened.
    """

    def __init__(self, places: Places, log: logging.Logger) -> None:
        self._places, self._log = places, log
        self._mounts: list[_Mount] = []

    async def prepare(
        self, who: Identity, stores: Sequence[ChosenStore], files: Mapping[str, str], *, mount: bool
    ) -> None:
        """Give the session its files, and attach the mounts, before the sandbox takes along the home.

        Args:
            who: who the processes run as.
            stores: those of the session.
            files: what it finds in its folder of store options.
            mount: whether anything can be mounted here.

        Raises:
            SessionError: the data directory is not usable, or the kernel refused.
        """
        try:
            await asyncio.to_thread(self._clear)
            self._places.put_store_files(files, who)
            self._places.prepare_stores([store.name for store in stores if mount], who)
            for store in stores if mount else ():
                device = await asyncio.to_thread(fuse.attach, self._place(store), who.uid, who.gid)
                self._mounts.append(_Mount(store, device))
        except (OSError, fuse.CannotMount) as error:
            raise SessionError("Your stores cannot be mounted: {error}", error=str(error)) from error

    def _place(self, store: ChosenStore) -> Path:
        return self._places.stores / store.name

    def _clear(self) -> None:
        """Take away what an earlier session may have left mounted."""
        for place in fuse.mounted_below(self._places.stores):
            fuse.detach(place)

    async def start(self, cell: Cell, limit: float) -> None:
        """Start what answers for the mounts. A store that is away answers later; it holds nobody up.

        Args:
            cell: what the processes see.
            limit: seconds to wait until they answer.
        """
        await asyncio.gather(*(self._start(mount, cell, limit) for mount in self._mounts))

    async def _start(self, mount: _Mount, cell: Cell, limit: float) -> None:
        name, device = mount.store.name, mount.device
        if device is None:
            return
        (self._places.state / _state_name(name)).unlink(missing_ok=True)
        try:
            mount.running = await cell.start(_task(self._places, mount.store, device, confined=cell.confined))
        except OSError as error:
            self._log.error("The store %s of %s cannot be mounted: %s", name, self._places.folder, error)
            return
        finally:
            mount.close()
        await until(lambda: mount.lost or self._ready(name), limit, _STEP)
        if mount.lost or not self._ready(name):
            told = tail(self._places.run / _log_name(name))
            self._log.error("The store %s of %s is not there:\n%s", name, self._places.folder, told)

    def _ready(self, name: str) -> bool:
        return read_state(self._places.state / _state_name(name)).get("state") == "ready"

    def lost(self) -> bool:
        """Whether nobody answers for one of the mounts any more."""
        return any(mount.lost for mount in self._mounts)

    async def repair(self, cell: Cell, inside: int | None, limit: float) -> None:
        """Mount again what was lost, where the session sees it.

        Args:
            cell: what the processes see.
            inside: a process of the session's sandbox.
            limit: seconds to wait until they answer.

        Raises:
            CannotRemount: not in this session.
            OSError: it cannot be mounted.
        """
        who = cell.identity
        if cell.confined and not who.own:
            raise CannotRemount("only root can mount in a sandbox that runs.")
        for mount in [mount for mount in self._mounts if mount.lost]:
            if mount.running is not None:
                await mount.running.end(0.0)
            place = self._place(mount.store)
            await asyncio.to_thread(fuse.detach, place)
            if cell.confined and inside is not None:
                target = f"{who.home}/stores/{mount.store.name}"
                mount.device = await rejoin(inside, target, who.uid, who.gid)
            else:
                mount.device = await asyncio.to_thread(fuse.attach, place, who.uid, who.gid)
            await self._start(mount, cell, limit)

    async def stop(self, limit: float) -> None:
        """End all when they have sent what they hold, for which they have `limit` seconds."""
        mounts, self._mounts = self._mounts, []
        await asyncio.gather(*(mount.running.end(limit) for mount in mounts if mount.running is not None))
        for mount in mounts:
            mount.close()
            await asyncio.to_thread(fuse.detach, self._place(mount.store))
        await asyncio.to_thread(self._places.take_store_files)

    def saved(self) -> list[dict[str, Any]]:
        """What finds the processes again after the hub was restarted; no credential is in it."""
        return [
            {
                "name": mount.store.name,
                "url": mount.store.url,
                "read_only": mount.store.read_only,
                "running": mount.running.saved() if mount.running else None,
            }
            for mount in self._mounts
        ]

    def restore(self, saved: Sequence[Mapping[str, Any]]) -> None:
        """Take up processes that an earlier hub started."""
        for one in saved:
            store = ChosenStore(one["name"], one["url"], one["read_only"])
            self._mounts.append(_Mount(store, running=Running.restored(one["running"])))


def _state_name(store: str) -> str:
    return f"store-{store}.json"


def _log_name(store: str) -> str:
    return f"store-{store}.log"


def _task(places: Places, store: ChosenStore, fd: int, *, confined: bool) -> Task:
    """Return what answers for the mount of a store whose descriptor is `fd`."""
    binds, (token, state, cache) = mount_binds(places, confined=confined)
    arguments = (
        "mount", store.url, "/dev/fd/{fd}", "--foreground", "--options", f"{token}/stores/{store.name}.json",
        "--cache-dir", f"{cache}/stores/{store.name}", "--cache-size", _CACHE,
        "--state-file", f"{state}/{_state_name(store.name)}", *(["--read-only"] if store.read_only else []),
    )  # fmt: skip
    env = {"PATH": os.defpath, "HOME": cache, "LANG": "C.UTF-8"}
    if store.token:
        env["BEARER_TOKEN_FILE"] = f"{token}/stores/{store.name}.token"
    command = (sys.executable, "-m", "cygnet_fs_bridge.cli")
    return Task("mount", command, arguments, binds, "/", env, _log_name(store.name), fd=fd)
