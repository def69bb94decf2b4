"""A file is written while the folder that it is in is moved and deleted: each request is answered rightly."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from cygnet_hub.services.sync.service.fsck import check
from cygnet_hub.services.sync.store.schema import manifest, version
from tests.hub.sync.dav import Answer, Dav
from tests.storm.oracle import digest

ROUNDS = 20


def race(dav: Dav, number: int) -> list[bytes]:
    """Three writers, a move and a delete at once, the latter two a little later each round.

    Returns:
        what was acknowledged.
    """
    here, there = f"/here {number}", f"/there {number}"
    assert dav("MKCOL", here).status == 201
    bodies = [f"{number} {writer}".encode() * 1000 for writer in range(3)]
    start = threading.Barrier(5)

    def write(body: bytes) -> Answer:
        start.wait(20)
        return dav.put(f"{here}/f", body)

    def later(method: str, **headers: str) -> Answer:
        start.wait(20)
        time.sleep(number / 500)  # a write takes some milliseconds: from before it to after it
        return dav(method, here, **headers)

    with ThreadPoolExecutor(5) as threads:
        moved = threads.submit(later, "MOVE", Destination=dav.url(there))
        removed = threads.submit(later, "DELETE")
        writes = [threads.submit(write, body) for body in bodies]
    answers = {body: write.result().status for body, write in zip(bodies, writes, strict=True)}
    written = [body for body, status in answers.items() if status in (201, 204)]
    # 404 or 409 where the folder had gone; whoever came first made the file, the others replaced it.
    assert set(answers.values()) <= {201, 204, 404, 409}
    assert list(answers.values()).count(201) == bool(written)
    # Exactly one of the two found the folder.
    assert (moved.result().status, removed.result().status) in ((201, 404), (404, 204))
    assert here not in dav.list("/")
    if moved.result().status == 201:
        assert (f"{there}/f" in dav.list(there)) == bool(written)
        assert not written or dav.get(f"{there}/f") in written
    return written


def test_put_against_move_and_delete_of_its_parent(ada: Dav) -> None:
    acknowledged = [body for number in range(ROUNDS) for body in race(ada, number)]
    assert acknowledged
    database = ada.server.services.database
    shown = select(manifest.c.sha256).join(version, version.c.manifest == manifest.c.id)
    kept = set(database.read_now(lambda connection: connection.execute(shown).scalars().all()))
    # In the trash, or replaced, but there.
    assert {digest(body) for body in acknowledged} <= kept
    assert check(database, ada.server.services.disk.contents).clean
