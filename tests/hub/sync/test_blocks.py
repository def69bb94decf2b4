"""Bodies on their way from the connection to the disk: in order, whole, and ended whatever goes wrong."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from cygnet_hub.services.sync.service import blocks
from cygnet_hub.services.sync.service.blocks import AHEAD, Passage
from cygnet_hub.services.sync.store.contents import BLOCK
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer


async def test_blocks_are_stored_in_their_order() -> None:
    stored: list[bytes] = []
    with ThreadPoolExecutor(4) as threads:
        passage = Passage(stored.append, threads.submit)
        for number in range(200):
            await passage.put(b"%d" % number)
            if number % 50 == 0:
                await passage.stored()
                assert len(stored) == number + 1
        await passage.stored()
    assert stored == [b"%d" % number for number in range(200)]


async def test_a_slow_disk_slows_the_sender() -> None:
    go_on, stored = threading.Event(), list[bytes]()

    def store(block: bytes) -> None:
        go_on.wait(60)
        stored.append(block)

    with ThreadPoolExecutor(1) as threads:
        passage = Passage(store, threads.submit)
        for _ in range(AHEAD + 1):
            await passage.put(b"x")
        waiting = asyncio.create_task(passage.put(b"y"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        go_on.set()
        await waiting
        await passage.stored()
    assert len(stored) == AHEAD + 2


async def test_what_goes_wrong_is_said_again_and_again_and_nothing_hangs() -> None:
    stored: list[bytes] = []

    def store(block: bytes) -> None:
        if block == b"2":
            raise OSError(errno.EIO, "Input/output error")
        stored.append(block)

    with ThreadPoolExecutor(1) as threads:
        passage = Passage(store, threads.submit)

        async def send() -> None:
            for number in range(100):
                await passage.put(b"%d" % number)

        for _ in range(3):
            with pytest.raises(OSError, match="Input/output"):
                await asyncio.wait_for(send(), 60)
            with pytest.raises(OSError, match="Input/output"):
                await asyncio.wait_for(passage.stored(), 60)
    assert stored == [b"0", b"1"]


async def test_one_thread_serves_two_senders_by_turns() -> None:
    order: list[bytes] = []
    with ThreadPoolExecutor(1) as threads:

        async def send(name: bytes) -> None:
            passage = Passage(lambda block: (time.sleep(0.001), order.append(block))[1], threads.submit)
            for _ in range(100):
                await passage.put(name)
            await passage.stored()

        await asyncio.gather(send(b"a"), send(b"b"))
    assert b"b" in order[:50]
    assert b"a" in order[:50]


def test_memory_is_used_again_only_after_it_was_stored(ada: Dav) -> None:
    chance = random.Random(5)
    bodies = [chance.randbytes(9 * BLOCK + 12_345 * number) for number in range(4)]
    sha1 = [hashlib.sha1(body).hexdigest() for body in bodies]
    with ThreadPoolExecutor(len(bodies)) as senders:
        for _ in range(2):
            sent = [
                senders.submit(ada.put, f"/many-{number}", body, OC_Checksum=f"SHA1:{sha1[number]}")
                for number, body in enumerate(bodies)
            ]
            assert {answer.result().status for answer in sent} <= {201, 204}
    assert [ada.get(f"/many-{number}") for number in range(len(bodies))] == bodies
    assert 0 < len(blocks._FREE) <= blocks.KEPT


def test_only_what_was_lent_is_taken_back() -> None:
    before = len(blocks._FREE)
    for other in (b"x" * BLOCK, bytearray(BLOCK), blocks.take(100)):
        blocks.give_back(other)
    assert len(blocks._FREE) == before
    for block in [blocks.take(BLOCK) for _ in range(2 * blocks.KEPT)]:
        blocks.give_back(block)
    assert len(blocks._FREE) == blocks.KEPT


def dial(server: SyncServer, dav: Dav, path: str, size: int) -> socket.socket:
    """A connection on which the head of a PUT was sent."""
    there = urlsplit(server.url)
    connection = socket.create_connection((there.hostname, there.port), 60)
    head = f"PUT {dav.url(path)} HTTP/1.1\r\nHost: {there.netloc}\r\nContent-Length: {size}\r\n"
    connection.sendall(f"{head}Authorization: {dav.headers['Authorization']}\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize("size", [BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 300_000])
def test_bytes_that_come_a_few_at_a_time_are_waited_for(server: SyncServer, ada: Dav, size: int) -> None:
    data = random.Random(size).randbytes(size)
    with dial(server, ada, f"/slow-{size}", size) as connection:
        for start in range(0, size, 70_001):
            connection.sendall(data[start : start + 70_001])
            time.sleep(0.002)
        assert connection.recv(1000).startswith(b"HTTP/1.1 201")
        # The connection serves a request of a few bytes after that as well.
        head = (
            f"OPTIONS {ada.url('/')} HTTP/1.1\r\nHost: x\r\nAuthorization: {ada.headers['Authorization']}\r\n"
        )
        connection.sendall(f"{head}\r\n".encode().replace(b"Host: x", f"Host: {ada.host}".encode()))
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    assert ada.get(f"/slow-{size}") == data


def test_who_leaves_in_the_middle_leaves_nothing(server: SyncServer, ada: Dav) -> None:
    root = server.data / "contents"
    before = sorted(path for path in root.rglob("*") if path.is_file())
    with dial(server, ada, "/left", 5 * BLOCK) as connection:
        connection.sendall(bytes(3 * BLOCK + 100))
        while not list(root.rglob("*.part")):
            time.sleep(0.01)
    end = time.monotonic() + 60
    while list(root.rglob("*.part")) and time.monotonic() < end:
        time.sleep(0.01)
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before
    assert ada("GET", "/left").status == 404
