"""Whoever leaves in the middle of an upload leaves no request under way, and no task that waits."""

from __future__ import annotations

import asyncio
import socket
import struct
from urllib.parse import urlsplit

import pytest

from tests.crash import eventually
from tests.hub.sync.dav import Dav
from tests.hub.sync.test_tus import create
from tests.sync_server import SyncServer

UPLOADS = ("small", "large", "JSON", "batch", "a part", "TUS", "TUS with the first bytes", "PROPFIND", "S3")
CALM = b"Connection: keep-alive\r\n"


def request(dav: Dav, kind: str) -> tuple[str, str, str]:
    """Method, address and further lines."""
    if kind == "a part":
        uploads = Dav(dav.server, dav.user, f"/remote.php/dav/uploads/{dav.user}")
        uploads("MKCOL", "/left")
        return "PUT", uploads.url("/left/1"), ""
    tus = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n"
    if kind == "TUS":
        made = create(dav, "/", 20_000_000, filename="left")
        return "PATCH", urlsplit(made.headers["Location"]).path, tus + "Upload-Offset: 0\r\n"
    return {
        "small": ("PUT", dav.url("/left"), ""),
        "large": ("PUT", dav.url("/left"), ""),
        "JSON": ("PUT", "/services/sync/api/v1/content?path=/left", ""),
        "batch": ("POST", "/services/sync/api/v1/batch", ""),
        "TUS with the first bytes": (
            "POST",
            dav.url("/"),
            tus + "Upload-Length: 20000000\r\nUpload-Metadata: filename bGVmdA==\r\n",
        ),
        "PROPFIND": ("PROPFIND", dav.url("/"), "Depth: 0\r\n"),
        "S3": ("PUT", "/home/left", ""),
    }[kind]


def tasks(server: SyncServer) -> int:
    """How many tasks the service has."""
    counting = asyncio.run_coroutine_threadsafe(_count(), server.loop)
    return counting.result(60)


async def _count() -> int:
    return len(asyncio.all_tasks())


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.parametrize("more", [b"", CALM], ids=["express", "usual"])
def test_nothing_waits_for_who_has_left(
    server: SyncServer, ada: Dav, kind: str, reset: bool, more: bytes
) -> None:
    method, url, lines = request(ada, kind)
    before = tasks(server)
    assert eventually(lambda: server.traffic.under_way == 0, 60)
    length, sent = (1000, 500) if kind in ("small", "PROPFIND") else (20_000_000, 5_000_000)
    host = ada.host if kind != "S3" else server.s3.removeprefix("http://")
    head = f"{method} {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n{lines}"
    head += f"Authorization: {ada.headers['Authorization']}\r\n"
    name, port = host.rsplit(":", 1)
    with socket.create_connection((name, int(port)), 60) as channel:
        channel.sendall(head.encode() + more + b"\r\n" + b"x" * sent)
        if reset:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert eventually(lambda: server.traffic.under_way == 0, 60)
    assert eventually(lambda: tasks(server) <= before, 60)
    assert "/left" not in ada.list("/")
