"""Serving one mount: requests are read in the event loop, and answered at once where that is possible."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import time
from collections.abc import Coroutine
from types import CoroutineType
from typing import Any

from . import wire
from .calls import CALLS, INTERRUPTIBLE, Pack
from .device import Device
from .operations import Operations
from .wire import Init, Opcode

log = logging.getLogger(__name__)

_AT_A_TIME = 64  # requests that are served before the rest of the process has its turn
# Seconds to look out for the next request after an answer. Whoever was answered mostly asks again within some
# microseconds, and to sleep and be woken takes longer than that, for a processor and for the event loop.
_LINGER = 50e-6
_BACKGROUND = 64  # requests for readahead that the kernel may have under way
_HEAD = wire.IN_HEADER.size
_ALWAYS = (
    Init.ASYNC_READ | Init.ATOMIC_O_TRUNC | Init.BIG_WRITES | Init.DO_READDIRPLUS | Init.ASYNC_DIO
    | Init.PARALLEL_DIROPS | Init.HANDLE_KILLPRIV | Init.MAX_PAGES | Init.NO_OPENDIR_SUPPORT
)  # fmt: skip


class Session:
    """One mount from the first message to the last.

    Args:
        device: the kernel's side; closed at the end.
        operations: what is served.
    """

    def __init__(self, device: Device, operations: Operations) -> None:
        self.device, self._operations = device, operations
        self._running: dict[int, tuple[int, asyncio.Task[None]]] = {}
        self._ended: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Serve until it is unmounted or the connection is aborted, or this is cancelled."""
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        loop.add_reader(self.device.fd, self._readable)
        try:
            await self._ended
        finally:
            loop.remove_reader(self.device.fd)
            await self._stop_calls()

    async def _stop_calls(self) -> None:
        """End what still waits, before the number of the descriptor can become that of something else."""
        await asyncio.sleep(0)  # what was begun just now has to run to be able to answer
        running = [task for _, task in self._running.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _readable(self) -> None:
        for served in range(_AT_A_TIME):
            # While an answer is still being worked for, the loop has to run on.
            message = self._next(_LINGER if served and not self._running else 0.0)
            if message is None:
                return
            self._request(message)

    def _next(self, patience: float) -> memoryview | None:
        """Return the next request, None if it does not come within so many seconds or there are no more."""
        until = 0.0
        while True:
            try:
                return self.device.receive()
            except BlockingIOError:
                now = time.perf_counter()
                until = until or now + patience
                if now >= until:
                    return None
                os.sched_yield()  # whoever is to ask may need this very processor
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.EINTR):  # those who asked did not wait
                    self._end(error)
                    return None

    def _end(self, error: OSError) -> None:
        asyncio.get_running_loop().remove_reader(self.device.fd)
        if self._ended is None or self._ended.done():
            return
        if error.errno in (errno.ENODEV, errno.ECONNABORTED):  # unmounted, or aborted
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)

    def _request(self, message: memoryview) -> None:
        _, opcode, unique, ino, *_ = wire.IN_HEADER.unpack_from(message)
        body = message[_HEAD:]
        known = CALLS.get(opcode)
        if known is None:
            self._unusual(opcode, unique, ino, body)
            return
        call, pack = known
        try:
            answer = call(self._operations, ino, body)
            if type(answer) is CoroutineType:
                task = asyncio.create_task(self._later(unique, pack, answer), name="call of the kernel")
                self._running[unique] = (opcode, task)
            else:
                self.device.answer(unique, pack(answer))
        except OSError as error:
            self.device.fail(unique, error.errno or errno.EIO)
        except Exception:
            # A defect costs one call, and not the whole mount.
            log.exception("%s failed", Opcode(opcode).name)
            self.device.fail(unique, errno.EIO)

    async def _later(self, unique: int, pack: Pack, answer: Coroutine[Any, Any, Any]) -> None:
        try:
            self.device.answer(unique, pack(await answer))
        except OSError as error:
            self.device.fail(unique, error.errno or errno.EIO)
        except asyncio.CancelledError:
            self.device.fail(unique, errno.EINTR)
            raise
        except Exception:
            # As above.
            log.exception("a call failed")
            self.device.fail(unique, errno.EIO)
        finally:
            self._running.pop(unique, None)

    def _unusual(self, opcode: int, unique: int, ino: int, body: memoryview) -> None:
        if opcode == Opcode.FORGET:
            self._operations.forget(ino, wire.FORGET_IN.unpack_from(body)[0])
        elif opcode == Opcode.BATCH_FORGET:
            self._forget_several(body)
        elif opcode == Opcode.INTERRUPT:
            self._interrupt(wire.INTERRUPT_IN.unpack_from(body)[0])
        elif opcode == Opcode.INIT:
            self._begin(unique, body)
        elif opcode == Opcode.DESTROY:
            self.device.answer(unique, b"")
        else:
            # The kernel does without, and mostly does not ask again.
            self.device.fail(unique, errno.ENOSYS)

    def _forget_several(self, body: memoryview) -> None:
        count, _ = wire.BATCH_FORGET_IN.unpack_from(body)
        start = wire.BATCH_FORGET_IN.size
        for ino, lookups in wire.FORGET_ONE.iter_unpack(body[start : start + count * wire.FORGET_ONE.size]):
            self._operations.forget(ino, lookups)

    def _interrupt(self, unique: int) -> None:
        opcode, task = self._running.get(unique, (0, None))
        if task is not None and opcode in INTERRUPTIBLE:
            # Not before it has begun: then it could not answer.
            asyncio.get_running_loop().call_soon(task.cancel)

    def _begin(self, unique: int, body: memoryview) -> None:
        major, minor, readahead, offered = wire.INIT_IN.unpack_from(body)
        if major != wire.MAJOR:
            log.error("the kernel speaks version %d.%d of FUSE", major, minor)
            self.device.fail(unique, errno.EPROTO)
            return
        wanted = _ALWAYS | (Init.AUTO_INVAL_DATA if self._operations.auto_inval else 0)
        told = wire.INIT_OUT.pack(
            wire.MAJOR, min(minor, wire.MINOR), readahead, offered & wanted,
            _BACKGROUND, _BACKGROUND * 3 // 4, wire.LARGEST, 1, wire.PAGES, 0, 0,
        )  # fmt: skip
        self.device.answer(unique, told)
