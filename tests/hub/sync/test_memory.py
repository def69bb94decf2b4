"""Memory stays flat whatever passes through: a large file up and down, a large folder by every door."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cygnet_hub.services.sync.store.database import Database
from tests.sync_process import Process, service_process
from tests.sync_tree import fill

SIZE = 512 << 20
GROWTH = 64 << 20
ENTRIES = 30_000
#: `make bench` has a hundred thousand entries, and the whole of the growth.
LISTING_GROWTH = GROWTH * ENTRIES // 100_000

PROPERTIES = """<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/><oc:id/>
<d:resourcetype/><d:getlastmodified/><d:getcontentlength/><oc:permissions/><oc:checksums/></d:prop></d:propfind>"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, httpx.Client]]:
    folder = tmp_path_factory.mktemp("service")
    with (
        service_process(folder) as process,
        httpx.Client(base_url=process.url, auth=process.auth(), timeout=100) as client,
    ):
        client.get("/api/v1/files?path=/")
        _fill(folder)
        yield process, client


def _fill(folder: Path) -> None:
    database = Database.open(f"sqlite:///{folder}/sync.db")
    fill(database, "ada", {"few": 3000, "many": ENTRIES})
    database.close()


def propfind(client: httpx.Client, folder: str) -> int:
    """The entries of a folder by WebDAV, itself left out."""
    url = f"/remote.php/dav/files/ada/{folder}/"
    answer = client.request("PROPFIND", url, content=PROPERTIES, headers={"Depth": "1"})
    return answer.text.count("<d:response>") - 1


def as_json(client: httpx.Client, folder: str) -> int:
    """The entries of a folder by the JSON API."""
    return len(client.get(f"/api/v1/files?path=/{folder}").json()["children"])


def by_report(client: httpx.Client, folder: str) -> int:
    """The entries of a folder by the first `sync-collection` REPORT on it."""
    body = (
        '<d:sync-collection xmlns:d="DAV:"><d:sync-token/><d:sync-level>1</d:sync-level>'
        "<d:prop><d:getetag/></d:prop></d:sync-collection>"
    )
    answer = client.request("REPORT", f"/remote.php/dav/files/ada/{folder}/", content=body)
    return answer.text.count("<d:response>")


@pytest.mark.parametrize("look", [propfind, as_json, by_report])
def test_a_large_folder_is_listed_in_little_memory(
    service: tuple[Process, httpx.Client], look: Callable[[httpx.Client, str], int]
) -> None:
    process, client = service
    assert look(client, "few") == 3000
    before = process.peak()
    assert look(client, "many") == ENTRIES
    assert process.peak() - before < LISTING_GROWTH


def test_a_large_file_passes_in_little_memory(service: tuple[Process, httpx.Client]) -> None:
    process, client = service
    block, most = bytes(4 << 20), 0

    def watched() -> None:
        nonlocal most
        most = max(most, process.memory())

    def body() -> Iterator[bytes]:
        for _ in range(SIZE // len(block)):
            watched()
            yield block

    client.put("/api/v1/content?path=/small", content=block)
    client.get("/api/v1/content?path=/small")
    before = process.memory()
    headers = {"Content-Length": str(SIZE)}
    assert client.put("/api/v1/content?path=/large", content=body(), headers=headers).status_code == 201
    with client.stream("GET", "/api/v1/content?path=/large") as answer:
        time.sleep(0.2)  # a slow receiver: nothing may pile up
        received = 0
        for data in answer.iter_raw(4 << 20):
            received += len(data)
            watched()
    assert received == SIZE
    assert most - before < GROWTH
