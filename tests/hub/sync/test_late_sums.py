"""Checksums that large contents get later: they are right, nobody waits who need not, none is lost."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
import sqlite3
import zlib
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cygnet_hub.services.sync.model.node import Checksums
from cygnet_hub.services.sync.store import late_sums
from tests.hub.sync.dav import Dav
from tests.hub.sync.test_bit_rot import newest_extent, spoil
from tests.hub.sync.test_plans import slow
from tests.hub.sync.test_tus import create
from tests.sync_server import SyncServer, sync_server

T = TypeVar("T")

LARGE = random.Random(8).randbytes(3_000_000)
SMALL = LARGE[: 1 << 20]


def sums(data: bytes) -> dict[str, str]:
    """Every checksum of `data`."""
    made = {kind: hashlib.new(kind, data).hexdigest().lower() for kind in ("sha256", "sha1", "md5")}
    return {kind.upper(): value for kind, value in made.items()} | {"ADLER32": f"{zlib.adler32(data):08x}"}


def listed(data: bytes, *kinds: str) -> str:
    """As `oc:checksums` has them."""
    known = sums(data)
    return " ".join(f"{kind}:{known[kind]}" for kind in kinds)


ALL = ("SHA1", "MD5", "ADLER32")


def told(dav: Dav, path: str) -> str:
    """What a listing says, which is what a download says."""
    found = dav.list(path, depth="0")[path]["checksums"]
    assert dav("GET", path).headers["OC-Checksum"] == dav("HEAD", path).headers["OC-Checksum"] == found
    return found


def run(server: SyncServer, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, server.loop).result(60)


def catch_up(server: SyncServer) -> None:
    run(server, server.services.late_sums.catch_up())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SyncServer]:
    """A service with nothing left to compute."""
    with sync_server(tmp_path) as running:
        yield running


@pytest.fixture
def ada(server: SyncServer) -> Dav:
    return Dav(server, "ada")


def test_small_files_have_all_at_once_and_large_ones_by_and_by(server: SyncServer, ada: Dav) -> None:
    ada.put("/small", SMALL)
    assert told(ada, "/small") == listed(SMALL, *ALL)
    etag = ada.put("/large", LARGE).etag
    assert told(ada, "/large") == listed(LARGE, "SHA256")
    catch_up(server)
    assert told(ada, "/large") == listed(LARGE, *ALL)
    assert ada("HEAD", "/large").etag == etag


@pytest.mark.parametrize("kind", ["SHA256", *ALL])
def test_what_was_announced_is_compared_whichever_it_is(ada: Dav, kind: str) -> None:
    right = listed(LARGE, kind)
    wrong = f"{kind}:{'0' * len(right.partition(':')[2])}"
    assert ada.put("/file", LARGE, OC_Checksum=wrong).status == 400
    assert ada("GET", "/file").status == 404
    assert ada.put("/file", LARGE, OC_Checksum=right).status == 201
    assert told(ada, "/file") == right


@pytest.mark.parametrize("kind", ["SHA256", *ALL])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_so_it_is_of_an_upload_in_parts(ada: Dav, kind: str, order: tuple[int, int]) -> None:
    parts = LARGE[:1_600_000], LARGE[1_600_000:]
    uploads = Dav(ada.server, "ada", "/remote.php/dav/uploads/ada")
    uploads("MKCOL", "/one")
    for index in order:
        assert uploads.put(f"/one/{index}", parts[index], OC_Checksum=f"{kind}:0").status == 400
        right = listed(parts[index], kind)
        assert uploads.put(f"/one/{index}", parts[index], OC_Checksum=right).status == 201
    finish = {"Destination": ada.url("/file")}
    assert uploads("MOVE", "/one/.file", OC_Checksum=f"{kind}:0", **finish).status == 400
    assert uploads("MOVE", "/one/.file", OC_Checksum=listed(LARGE, kind), **finish).status == 201
    assert (listed(LARGE, kind) in told(ada, "/file")) or kind == "SHA256"
    digest = ada("HEAD", "/file", Want_Digest="sha-256").headers["Digest"]
    assert digest == "sha-256=" + base64.b64encode(hashlib.sha256(LARGE).digest()).decode()


@pytest.mark.parametrize("kind", ["SHA256", *ALL])
def test_so_it_is_of_a_resumable_upload(ada: Dav, kind: str) -> None:
    value = sums(LARGE)[kind]
    wrong = create(ada, "/", len(LARGE), LARGE, filename="f", checksum=f"{kind} {value[::-1]}")
    assert wrong.status == 400
    right = create(ada, "/", len(LARGE), LARGE, filename="f", checksum=f"{kind} {value}")
    assert right.status == 201
    assert told(ada, "/f") == f"{kind}:{value}"


@pytest.mark.parametrize("kind", ["SHA256", *ALL])
def test_so_it_is_by_the_json_api(ada: Dav, kind: str) -> None:
    url = "/services/sync/api/v1/content?path=/by-api"
    assert ada.raw("PUT", url, LARGE, OC_Checksum=f"{kind}:0").status == 400
    assert ada.raw("PUT", url, LARGE, OC_Checksum=listed(LARGE, kind)).status == 201
    assert told(ada, "/by-api") == listed(LARGE, kind)


def test_who_asks_for_one_gets_it_and_waits_for_that_one_only(server: SyncServer, ada: Dav) -> None:
    ada.put("/file", LARGE)
    answer = ada("HEAD", "/file", Want_Digest="adler32")
    assert answer.headers["Digest"] == f"adler32={zlib.adler32(LARGE):08x}"
    assert told(ada, "/file") == listed(LARGE, "ADLER32")
    both = ada("GET", "/file", Want_Digest="md5;q=0.5, sha;q=1, adler32;q=0").headers["Digest"]
    encoded = [base64.b64encode(hashlib.new(name, LARGE).digest()).decode() for name in ("sha1", "md5")]
    assert both == f"sha={encoded[0]},md5={encoded[1]}"
    assert told(ada, "/file") == listed(LARGE, *ALL)


def test_who_has_no_more_patience_is_answered_without(
    server: SyncServer, ada: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.put("/file", LARGE)
    monkeypatch.setattr("cygnet_hub.services.sync.service.late_sums.PATIENCE", 0)
    answer = ada("HEAD", "/file", Want_Digest="adler32")
    assert answer.status == 200
    assert "Digest" not in answer.headers


def test_copies_old_versions_and_what_is_in_the_trash_get_them_too(server: SyncServer, ada: Dav) -> None:
    ada.put("/file", LARGE)
    ada("COPY", "/file", Destination=ada.url("/copy"))
    ada.put("/file", LARGE[::-1])
    ada("DELETE", "/file")
    catch_up(server)
    assert told(ada, "/copy") == listed(LARGE, *ALL)
    assert lacking(server) == 0


def lacking(server: SyncServer) -> int:
    with sqlite3.connect(server.data / "sync.db") as connection:
        return connection.execute("SELECT count(*) FROM manifest WHERE md5 = ''").fetchone()[0]


def test_a_restart_forgets_none(tmp_path: Path) -> None:
    with sync_server(tmp_path) as first:
        Dav(first, "ada").put("/file", LARGE)
    with sync_server(tmp_path) as second:
        catch_up(second)
        assert told(Dav(second, "ada"), "/file") == listed(LARGE, *ALL)


def test_one_process_computes_at_a_time(tmp_path: Path) -> None:
    with sync_server(tmp_path) as one, sync_server(tmp_path) as two:
        first, second = one.services.database, two.services.database
        assert first.write_now(lambda c: late_sums.take_turn(c, "one", 100.0, 50.0))
        assert not second.write_now(lambda c: late_sums.take_turn(c, "two", 149.0, 50.0))
        assert first.write_now(lambda c: late_sums.take_turn(c, "one", 149.0, 50.0))
        assert second.write_now(lambda c: late_sums.take_turn(c, "two", 200.0, 50.0))


def test_while_another_one_is_at_it_nothing_is_read(server: SyncServer, ada: Dav) -> None:
    ada.put("/file", LARGE)
    server.services.database.write_now(lambda c: late_sums.take_turn(c, "another", 4e9, 1.0))
    catch_up(server)
    assert lacking(server) == 1


def test_damaged_contents_do_not_hold_up_the_others(server: SyncServer, ada: Dav) -> None:
    ada.put("/damaged", LARGE)
    with newest_extent(ada).open("r+b") as file:
        spoil(file, 2_000_000)
    ada.put("/good", LARGE[::-1])
    for _ in range(2):
        catch_up(server)
    assert told(ada, "/good") == listed(LARGE[::-1], *ALL)
    assert ada.list("/damaged", depth="0")["/damaged"]["checksums"] == listed(LARGE, "SHA256")
    assert ada("HEAD", "/damaged", Want_Digest="adler32").status == 500


def test_what_is_missing_is_found_by_an_index(server: SyncServer, ada: Dav) -> None:
    ada.put("/file", LARGE)
    asked: set[str] = set()

    def find(connection: Any) -> tuple[int, int] | None:
        connection.connection.driver_connection.set_trace_callback(asked.add)
        return late_sums.next_unfinished(connection, 0)

    assert server.services.database.read_now(find) is not None
    assert slow(server.data, asked) == []
    with sqlite3.connect(server.data / "sync.db") as connection:
        (text,) = (text for text in asked if text.startswith("SELECT"))
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
    assert any("ix_manifest_unfinished" in step for step in plan)


def test_a_version_that_is_gone_meanwhile_is_no_trouble(server: SyncServer) -> None:
    server.services.database.write_now(lambda c: late_sums.keep(c, 12345, Checksums(md5="0" * 32)))


def test_without_anything_to_do_nothing_is_written(server: SyncServer) -> None:
    catch_up(server)
    with sqlite3.connect(server.data / "sync.db") as connection:
        assert connection.execute("SELECT value FROM instance WHERE key = 'late-sums'").fetchone() is None
