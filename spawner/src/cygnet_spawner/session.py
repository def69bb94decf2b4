"""The processes of one person's session: the mount, and the notebook server in its sandbox."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from cygnet_fs_bridge.texts import Text, WordedError
from cygnet_spawner import fuse
from cygnet_spawner.cell import Cell, Task, mount_task
from cygnet_spawner.identity import Identity
from cygnet_spawner.launch import Running, tail
from cygnet_spawner.limits import Limits
from cygnet_spawner.places import Places, read_state, replace_file
from cygnet_spawner.plan import MountPlan
from cygnet_spawner.process import until
from cygnet_spawner.rejoin import rejoin

_TERM_LIMIT = 10.0  # seconds that a notebook server has to shut its kernels down
_STEP = 0.02  # seconds between two looks at a starting process
_NO_FUSE = (
    "Your files cannot be mounted on this machine ({reason}) The file browser works as usual; "
    "programs and kernels reach your files by addresses that begin with cygnet://"
)


class SessionError(WordedError):
    """A session did not start; the message is a sentence for the person who waits."""


class CannotRemount(SessionError):
    """The files of this session cannot be mounted again, however often it is tried."""


class Session:
    """One person's mount and server.

    Args:
        cell: what the server sees.
        mount_cell: what the mount's process sees: always the hub's own software.
        log: where the hub's administrator reads what happened.
    """

    def __init__(self, cell: Cell, mount_cell: Cell, log: logging.Logger) -> None:
        self._cell, self._mount_cell, self._log = cell, mount_cell, log
        self._places, self._identity = cell.places, cell.identity
        self._device: int | None = None
        self._mount: Running | None = None
        self._server: Running | None = None

    async def prepare(self) -> bool:
        """Make the person's directories and attach the mount; say whether there is one.

        Where nothing can be mounted the session is told why in its state file.

        Raises:
            SessionError: the data directory is not usable.
        """
        try:
            if self._places.home.exists():
                await asyncio.to_thread(fuse.detach, self._places.files)
            self._places.prepare(self._identity)
        except OSError as error:
            raise SessionError(
                "There is no room for your session ({error}: {file}); tell your administrator.",
                error=error.strerror,
                file=error.filename,
            ) from error
        forget_state(self._places)
        try:
            who = self._identity
            self._device = await asyncio.to_thread(fuse.attach, self._places.files, who.uid, who.gid)
        except fuse.CannotMount as failed:
            self._log.warning("No mount for %s: %s", who.name, failed)
            say_state(self._places, who, "none", _NO_FUSE.format(reason=failed))
        return self._device is not None

    async def start_server(
        self, plan: MountPlan, env: Mapping[str, str], limits: Limits, command: Sequence[str]
    ) -> None:
        """Start the notebook server; it may wait for the mount by itself.

        Args:
            plan: what it sees of the person's storage.
            env: its whole environment.
            limits: what it may use of the machine.
            command: program and arguments.

        Raises:
            SessionError: it cannot be started.
        """
        binds = self._places.binds(plan)
        task = Task("server", tuple(command), (), binds, plan.home, env, "server.log", limits)
        try:
            self._server = await self._cell.start(task)
        except OSError as error:
            raise SessionError("Your server cannot be started: {error}.", error=error.strerror) from error

    async def start_mount(self, url: str, limit: float) -> None:
        """Start what answers for the mount, and wait until it is ready.

        Args:
            url: the sync service.
            limit: seconds to wait.

        Raises:
            SessionError: it ended, or was not ready in time.
        """
        if self._device is None:
            return
        self._mount = await self._launch_mount(url, self._device)
        ready = await until(self._mount_decided, limit, _STEP)
        if not ready or not self._mount.alive():
            self._log.error(
                "Mount of %s failed:\n%s", self._identity.name, tail(self._places.run / "mount.log")
            )
            raise SessionError(
                Text(
                    "Your files could not be connected; start again, "
                    "and tell your administrator if it happens twice."
                )
                if ready
                else Text(
                    "Your files could not be connected in time; start again, "
                    "and tell your administrator if it happens twice."
                )
            )

    async def _launch_mount(self, url: str, device: int) -> Running:
        task = mount_task(self._places, url, device, confined=self._cell.confined)
        try:
            return await self._mount_cell.start(task)
        except OSError as error:
            raise SessionError("Your files cannot be connected: {error}.", error=error.strerror) from error
        finally:
            self._close_device()

    def _close_device(self) -> None:
        """Close the hub's copy: when the mount's process is gone, nothing may wait for it."""
        if self._device is not None:
            os.close(self._device)
            self._device = None

    def _mount_decided(self) -> bool:
        if self._mount is None or not self._mount.alive():
            return True
        return read_state(self._places.state / "state.json").get("state") in {"ready", "degraded", "offline"}

    async def answers(self, port: int, limit: float) -> None:
        """Wait until the server accepts connections.

        Args:
            port: where it listens on this machine.
            limit: seconds to wait.

        Raises:
            SessionError: it ended, or did not answer in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit
        while not await _accepts(port):
            if not self.alive():
                raise SessionError(self._why_ended())
            if loop.time() > deadline:
                raise SessionError(
                    "Your server did not answer within {limit} seconds; start again, "
                    "and tell your administrator if it happens twice.",
                    limit=f"{limit:.0f}",
                )
            await asyncio.sleep(_STEP)

    def _why_ended(self) -> Text:
        words = tail(self._places.run / "server.log")
        self._log.error("Server of %s ended while starting:\n%s", self._identity.name, words)
        if "MemoryError" in words or "Cannot allocate memory" in words:
            return Text("Your server needs more memory to start; choose a larger size.")
        last = words.splitlines()[-1][:300] if words else Text("it said nothing")
        return Text(
            "Your server ended while starting ({last}). Tell your administrator if it happens twice.",
            last=last,
        )

    def alive(self) -> bool:
        """Whether the server runs."""
        return self._server is not None and self._server.alive()

    def exit_code(self) -> int:
        """How the server ended; 0 when that is not known."""
        return self._server.exit_code() if self._server is not None else 0

    def mount_lost(self) -> bool:
        """Whether there was a mount and nobody answers for it any more."""
        return self._mount is not None and not self._mount.alive()

    async def remount(self, mount_cell: Cell, url: str, limit: float) -> None:
        """Mount the person's files anew for the server that runs.

        Args:
            mount_cell: what the mount's process sees; a session of an earlier hub has none of its own.
            url: the sync service.
            limit: seconds to wait until it is ready.

        Raises:
            CannotRemount: not in this session.
            SessionError: the mount was not ready in time.
            OSError: nothing can be mounted.
        """
        self._mount_cell = mount_cell
        await self._end_mount()  # the sandbox of the one that was killed
        await asyncio.to_thread(fuse.detach, self._places.files)
        self._device = await self._new_device()
        forget_state(self._places)
        try:
            await self.start_mount(url, limit)
        except SessionError:
            await self._end_mount()  # a process that still waits for the service is no mount
            raise

    async def _end_mount(self) -> None:
        if self._mount is not None:
            await self._mount.end(0.0)

    async def _new_device(self) -> int:
        who, place = self._identity, self._places.files
        if not self._cell.confined:
            return await asyncio.to_thread(fuse.attach, place, who.uid, who.gid)
        if not who.own:
            raise CannotRemount("only root can mount in a sandbox that runs.")
        inside = self.inside()
        if inside is None:
            raise CannotRemount("the server has ended.")
        return await rejoin(inside, f"{who.home}/files", who.uid, who.gid)

    def inside(self) -> int | None:
        """Number of a process in the server's sandbox, as the host counts."""
        return self._server.inside() if self._server is not None else None

    def tell_lost(self, words: str) -> None:
        """Say in the session's state file that the mount is gone.

        Raises:
            OSError: it cannot be written.
        """
        say_state(self._places, self._identity, "offline", words)

    async def stop(self, flush_limit: float, *, now: bool = False) -> None:
        """End the server, then the mount when it has sent what it holds.

        Args:
            flush_limit: seconds that the mount has for that.
            now: kill instead of asking.
        """
        if self._server is not None:
            await self._server.end(0.0 if now else _TERM_LIMIT)
        if self._mount is not None and not await self._mount.end(flush_limit):
            pending = read_state(self._places.state / "state.json").get("pending", 0)
            self._log.warning(
                "%s change(s) of %s are not sent yet; they are kept here and sent at the next start.",
                pending, self._identity.name,
            )  # fmt: skip
        self._close_device()
        await asyncio.to_thread(fuse.detach, self._places.files)
        if self._server is not None:
            self._server.release()

    def saved(self) -> dict[str, Any]:
        """What finds the processes again after the hub was restarted."""
        return {
            "server": self._server.saved() if self._server else None,
            "mount": self._mount.saved() if self._mount else None,
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up processes that an earlier hub started."""
        self._server = Running.restored(saved.get("server"))
        self._mount = Running.restored(saved.get("mount"))


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def say_state(places: Places, identity: Identity, state: str, message: str) -> None:
    """Tell the session about its mount in the mount's place."""
    text = json.dumps({"state": state, "pending": 0, "message": message})
    replace_file(places.state, "state.json", text, mode=0o644, identity=identity)


def forget_state(places: Places) -> None:
    """Remove what an earlier mount said."""
    (places.state / "state.json").unlink(missing_ok=True)
