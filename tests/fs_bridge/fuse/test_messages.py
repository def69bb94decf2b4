"""Messages of the kernel that it does not send on demand, through a socket in its place."""

import asyncio
import errno
import itertools
import socket
import struct
import threading

import pytest

from cygnet_fs_bridge.fuse import wire
from cygnet_fs_bridge.fuse.device import Device
from cygnet_fs_bridge.fuse.operations import Operations
from cygnet_fs_bridge.fuse.session import Session
from cygnet_fs_bridge.fuse.wire import Init, Opcode


class Waiting(Operations):
    """Waits for ever, in a call that changes nothing and in one that does."""

    def __init__(self):
        self.forgotten, self.saved = [], asyncio.Event()

    def forget(self, ino, count):
        self.forgotten.append((ino, count))

    async def read(self, handle, offset, size):
        await asyncio.Event().wait()

    async def fsync(self, handle):
        await self.saved.wait()


class Kernel:
    def __init__(self, sock):
        self.sock = sock

    async def send(self, opcode, unique, body=b"", ino=1):
        head = wire.IN_HEADER.pack(wire.IN_HEADER.size + len(body), opcode, unique, ino, 0, 0, 0, 0, 0)
        await asyncio.get_running_loop().sock_sendall(self.sock, head + body)

    async def answer(self):
        """Return number of the request, error and bytes of the next answer."""
        data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.sock, 1 << 16), 30)
        size, error, unique = wire.OUT_HEADER.unpack_from(data)
        assert size == len(data)
        return unique, -error, data[wire.OUT_HEADER.size :]


def with_kernel(test):
    async def run():
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.setblocking(False)
        operations = Waiting()
        session = asyncio.ensure_future(Session(Device(ours.detach()), operations).run())
        operations.session = session
        try:
            await test(Kernel(theirs), operations)
        finally:
            session.cancel()
            await asyncio.wait({session})
            theirs.close()

    asyncio.run(run())


def test_the_first_message_settles_what_both_can():
    async def test(kernel, _):
        offered = Init.ASYNC_READ | Init.MAX_PAGES | Init.AUTO_INVAL_DATA | 1 << 16
        await kernel.send(Opcode.INIT, 2, wire.INIT_IN.pack(7, 45, 131072, offered))
        unique, error, data = await kernel.answer()
        assert (unique, error, len(data)) == (2, 0, 64)
        major, minor, readahead, flags, _, _, largest, _, pages, *_ = wire.INIT_OUT.unpack(data)
        assert (major, minor, readahead, largest, pages) == (7, wire.MINOR, 131072, 1 << 20, 256)
        assert flags == Init.ASYNC_READ | Init.MAX_PAGES | Init.AUTO_INVAL_DATA

    with_kernel(test)


def test_another_protocol_is_refused():
    async def test(kernel, _):
        await kernel.send(Opcode.INIT, 2, wire.INIT_IN.pack(8, 0, 131072, 0))
        assert (await kernel.answer())[:2] == (2, errno.EPROTO)

    with_kernel(test)


def test_several_inodes_are_forgotten_in_one_message_without_an_answer():
    async def test(kernel, operations):
        body = struct.pack("=II", 2, 0) + struct.pack("=QQQQ", 5, 1, 6, 3)
        await kernel.send(Opcode.BATCH_FORGET, 3, body)
        await kernel.send(Opcode.FORGET, 4, struct.pack("=Q", 9), ino=7)
        await kernel.send(999, 5)
        assert (await kernel.answer())[:2] == (5, errno.ENOSYS)
        assert operations.forgotten == [(5, 1), (6, 3), (7, 9)]

    with_kernel(test)


@pytest.mark.parametrize("unique", [10, 11])
def test_an_interrupt_breaks_off_only_what_changes_nothing(unique):
    async def test(kernel, operations):
        await kernel.send(Opcode.READ, 10, wire.READ_IN.pack(1, 0, 4096, 0, 0, 0, 0))
        await kernel.send(Opcode.FSYNC, 11, wire.HANDLE_IN.pack(1, 0, 0))
        await kernel.send(Opcode.INTERRUPT, 0, wire.INTERRUPT_IN.pack(unique))
        if unique == 10:
            assert (await kernel.answer())[:2] == (10, errno.EINTR)
        operations.saved.set()
        assert (await kernel.answer())[:2] == (11, 0)

    with_kernel(test)


def test_what_waits_at_the_end_is_answered():
    async def test(kernel, operations):
        await kernel.send(Opcode.FSYNC, 11, wire.HANDLE_IN.pack(1, 0, 0))
        await kernel.send(999, 12)
        assert (await kernel.answer())[0] == 12
        operations.session.cancel()
        assert (await kernel.answer())[:2] == (11, errno.EINTR)

    with_kernel(test)


def test_requests_without_a_pause_leave_the_loop_its_turns():
    async def test(kernel, _):
        stop = threading.Event()

        def ask():
            for unique in itertools.count(1):
                head = wire.IN_HEADER.pack(wire.IN_HEADER.size, 999, unique, 1, 0, 0, 0, 0, 0)
                kernel.sock.send(head)
                kernel.sock.recv(1 << 16)
                if stop.is_set():
                    return

        kernel.sock.settimeout(60)
        asking = asyncio.create_task(asyncio.to_thread(ask))
        try:
            for _ in range(100):  # turns, between which the others are served
                await asyncio.sleep(0)
                assert not asking.done()
        finally:
            stop.set()
            await asking

    with_kernel(test)
