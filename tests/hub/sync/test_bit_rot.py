"""Stored bytes that changed by themselves: a read of them fails, and never gives other bytes."""

from __future__ import annotations

import http.client
import itertools
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from cygnet_hub.services.sync.model.errors import Damaged
from cygnet_hub.services.sync.model.node import Piece
from cygnet_hub.services.sync.service.scrub import scrub
from cygnet_hub.services.sync.store.contents import BLOCK, Contents
from cygnet_hub.services.sync.store.sums import SUMMED, Summer
from tests.hub.sync.dav import Answer, Dav
from tests.sync_server import sync_server

SIZE = 3 * BLOCK + 12_345
DATA = random.Random(3).randbytes(SIZE)


def store(folder: Path, data: bytes, cuts: tuple[int, ...] = ()) -> tuple[Contents, Piece]:
    contents = Contents.open(f"file://{folder}/contents")
    writer = contents.create()
    for start, end in itertools.pairwise([0, *sorted(cuts), len(data)]):
        writer.write(data[start:end])
    return contents, writer.finish().pieces[0]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Contents, Piece]:
    return store(tmp_path_factory.mktemp("stored"), DATA)


@given(st.integers(0, SIZE - 1), st.integers(1, SIZE))
def test_any_stretch_is_what_was_stored(stored: tuple[Contents, Piece], offset: int, length: int) -> None:
    contents, whole = stored
    length = min(length, SIZE - offset)
    assert (
        b"".join(contents.read(Piece(whole.key, offset, length, whole.sums)))
        == DATA[offset : offset + length]
    )


@given(st.lists(st.integers(0, SIZE), max_size=6))
def test_how_the_bytes_came_does_not_matter(cuts: list[int]) -> None:
    summer, whole = Summer(), Summer()
    whole.update(DATA)
    for start, end in itertools.pairwise([0, *sorted(cuts), SIZE]):
        summer.update(DATA[start:end])
    assert summer.sums() == whole.sums()


@pytest.mark.parametrize("at", [0, SUMMED, BLOCK, 2 * BLOCK + 7, SIZE - 1])
@pytest.mark.parametrize("kind", ["flipped", "cut off", "gone"])
def test_a_stretch_with_a_changed_byte_is_never_given(tmp_path: Path, at: int, kind: str) -> None:
    contents, whole = store(tmp_path, DATA)
    path = Path(contents.path(whole.key))
    if kind == "gone":
        path.unlink()
    else:
        with path.open("r+b") as file:
            spoil(file, at) if kind == "flipped" else file.truncate(at)
    for offset, length in [(0, SIZE), (at, 1), (max(0, at - 10), 11)]:
        given_away = b""
        with pytest.raises(Damaged):
            for block in contents.read(Piece(whole.key, offset, length, whole.sums)):
                given_away += block
        assert DATA[offset:].startswith(given_away)


def spoil(file, at: int) -> None:
    file.seek(at)
    byte = file.read(1)[0]
    file.seek(at)
    file.write(bytes([byte ^ 0x10]))


def newest_extent(dav: Dav) -> Path:
    root = dav.server.data / "contents"
    return max((path for path in root.rglob("*") if path.is_file()), key=lambda path: path.stat().st_mtime_ns)


@pytest.mark.parametrize("size", [10, 100_000, SIZE])
def test_every_door_answers_500_instead_of_wrong_bytes(ada: Dav, size: int) -> None:
    assert ada.put("/rot", DATA[:size]).status in (201, 204)
    with newest_extent(ada).open("r+b") as file:
        spoil(file, size // 2 if size < BLOCK else 5)
    api = f"/services/sync/api/v1/content?path=/rot&no={size}"
    for answer in (ada("GET", "/rot"), ada("GET", "/rot", Range="bytes=0-9"), ada.raw("GET", api)):
        assert answer.status == 500
        assert b"damaged" in answer.body or b"not what was stored" in answer.body
    part: Answer = ada("GET", "/rot", Range=f"bytes={size - 2}-{size - 1}")
    assert part.status == 500 or part.body == DATA[size - 2 : size]
    assert ada.put("/rot", b"anew").status == 204
    assert ada.get("/rot") == b"anew"


def test_damage_that_is_met_on_the_way_breaks_the_answer_off(ada: Dav) -> None:
    ada.put("/late", DATA)
    with newest_extent(ada).open("r+b") as file:
        spoil(file, SIZE - 1)
    with pytest.raises(http.client.IncompleteRead) as broken:
        ada("GET", "/late")
    assert DATA.startswith(broken.value.partial)
    ada("DELETE", "/late")


def test_a_copy_and_an_upload_in_parts_are_verified_too(ada: Dav) -> None:
    uploads = Dav(ada.server, "ada", "/remote.php/dav/uploads/ada")
    assert uploads("MKCOL", "/rotten").status == 201
    # Out of order, so that the service reads the parts again at the end.
    assert uploads.put("/rotten/2", DATA[:100_000]).status == 201
    with newest_extent(ada).open("r+b") as file:
        spoil(file, 70_000)
    assert uploads.put("/rotten/1", b"x").status == 201
    assert uploads("MOVE", "/rotten/.file", Destination=ada.url("/joined")).status == 500
    assert ada("GET", "/joined").status == 404


def test_scrub_names_the_files_that_are_damaged(tmp_path: Path) -> None:
    with sync_server(tmp_path) as server:
        dav, services = Dav(server, "ada"), server.services
        for name in ("good", "rotten", "thrown"):
            dav.put(f"/{name}", DATA[:300_000] + name.encode())
            if name == "good":
                continue
            with newest_extent(dav).open("r+b") as file:
                spoil(file, 299_999)
        dav("MKCOL", "/d")
        dav("COPY", "/rotten", Destination=dav.url("/d/copy"))
        dav("DELETE", "/thrown")
        sizes: list[int] = []
        report = scrub(services.database, services.disk.contents, sizes.append)
        assert sizes == [300_004, 300_006, 300_006]
        assert sorted(line.partition("part of ")[2] for line in report.damage) == [
            "ada:/rotten, ada:/d/copy.",
            "ada:/thrown (in the trash).",
        ]


def test_scrub_gives_checksums_to_what_has_none_if_it_is_right(tmp_path: Path) -> None:
    with sync_server(tmp_path) as server:
        dav, database = Dav(server, "ada"), server.services.database
        dav.put("/good", DATA[:200_000])
        dav.put("/bad", DATA[:200_001])
        with newest_extent(dav).open("r+b") as file:
            spoil(file, 5)
        database.write_now(lambda connection: connection.execute(text("UPDATE extent SET sums = NULL")))
        report = scrub(database, server.services.disk.contents)
        assert len(report.corrected) == 1 and "ada:/bad" in report.damage[0]
        assert len(report.damage) == 1
        assert not scrub(database, server.services.disk.contents).corrected
        assert dav.get("/good") == DATA[:200_000]


def test_checksums_from_before_are_compared_as_they_were(tmp_path: Path) -> None:
    contents, whole = store(tmp_path, DATA)
    old = b"".join(
        zlib.crc32(DATA[at : at + SUMMED]).to_bytes(4, "big") for at in range(0, len(DATA), SUMMED)
    )
    assert len(whole.sums) == len(old) + 1
    piece = Piece(whole.key, 5, 200_000, old)
    assert b"".join(contents.read(piece)) == DATA[5:200_005]
    with Path(contents.path(whole.key)).open("r+b") as file:
        spoil(file, 100_000)
    with pytest.raises(Damaged):
        list(contents.read(piece))
