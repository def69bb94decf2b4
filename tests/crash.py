"""The sync service in a process of its own that can die at a chosen step of the commit path.

The process is forked from one that has imported everything already, so that a test can have many of them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import current_thread
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from cygnet_hub.services.sync.handlers.base import BaseHandler
from cygnet_hub.services.sync.handlers.dav import express
from cygnet_hub.services.sync.service import incoming, uploads
from cygnet_hub.services.sync.store import journal, storage
from cygnet_hub.services.sync.store.contents import ExtentWriter
from tests.sync_server import SyncServer, sync_server

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.crash"])

#: The numbered steps of docs/explanation/commit-path.md; "rename" and "name" are the two halves of step 4.
STEPS = ("receive", "compare", "flush", "rename", "name", "begin", "change", "commit", "answer")
#: Those that a change without a body has.
WITHOUT_BODY = STEPS[5:]
#: After these the change is there.
DURABLE = ("commit", "answer")


def after(owner: Any, name: str, call: Callable[..., None]) -> None:
    """Call `call` with the same arguments whenever `owner.name` has done its work."""
    original = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        call(*args)
        return result

    setattr(owner, name, wrapped)


def fail_at(step: str, armed: Path, engine: Engine) -> None:
    """Make this process die right after `step`, once the file `armed` is there."""

    def die(*_args: object) -> None:
        if armed.exists():
            os._exit(137)

    def die_in_writer(*_args: object) -> None:
        if current_thread().name == "sync-write":
            die()

    def die_unless_looking(method: str) -> None:
        # The look before may still be finishing when this is armed.
        if method not in ("PROPFIND", "GET", "HEAD"):
            die()

    if step == "begin":
        event.listen(engine, "begin", die_in_writer)
    hooks: dict[str, list[tuple[Any, str, Callable[..., None]]]] = {
        "receive": [(ExtentWriter, "write", die)],
        "compare": [(incoming, "compare", die), (uploads, "compare", die)],
        "flush": [(os, "fdatasync", die)],
        "rename": [(Path, "rename", die)],
        "name": [(storage, "sync_folder", die)],
        "change": [(journal, "append", die), (journal, "append_puts", die)],
        "commit": [(engine.dialect, "do_commit", die_in_writer)],
        "answer": [
            (BaseHandler, "on_finish", lambda handler: die_unless_looking(handler.request.method)),
            (express, "log_served", lambda served, *_: die_unless_looking(served.method)),
        ],
    }
    for owner, name, call in hooks.get(step, []):
        after(owner, name, call)


@dataclass
class Remote:
    """A service in another process, with as much of `SyncServer` as `Dav` needs."""

    url: str
    data: Path
    passwords: dict[str, str]
    process: Any
    services: Any = None

    def app_password(self, user: str) -> str:
        return self.passwords[user]

    def arm(self) -> None:
        """From now on it dies at its step."""
        (self.data / "armed").touch()

    def wait(self) -> int:
        """Its exit code, once it has died."""
        self.process.join(20)
        (self.data / "armed").unlink(missing_ok=True)
        code = self.process.exitcode
        assert code is not None, "it did not die"
        return int(code)


def _serve(data: Path, step: str, users: tuple[str, ...], pipe: Connection) -> None:
    with sync_server(data) as server:
        passwords = {user: server.app_password(user) for user in users}
        fail_at(step, data / "armed", server.services.database.engine)
        pipe.send((server.url, passwords))
        with contextlib.suppress(EOFError):
            pipe.recv()


@contextlib.contextmanager
def remote_server(data: Path, step: str = "", users: tuple[str, ...] = ("ada",)) -> Iterator[Remote]:
    """Run the service in a process of its own; it ends with the block, or at `step` once it is armed."""
    ours, theirs = _context.Pipe()
    process = _context.Process(target=_serve, args=(data, step, users, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        assert ours.poll(60), "the service did not start"
        url, passwords = ours.recv()
        yield Remote(url, data, passwords, process)
    finally:
        ours.close()
        process.join(10)
        if process.is_alive():
            process.kill()
            process.join(10)


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether `condition` becomes true within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


AnyServer = SyncServer | Remote
