"""A database of PostgreSQL that its own tools brought back."""

from __future__ import annotations

from cygnet_hub.services.sync.service.restored import LEAP, set_off
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer


def test_no_number_is_given_out_twice(server: SyncServer, ada: Dav) -> None:
    ada.put("/before", "x")
    old = ada.list("/before")["/before"]["id"]
    server.services.database.write_now(set_off)
    ada.put("/after", "y")
    new = ada.list("/after")["/after"]["id"]
    assert number(new) >= number(old) + LEAP


def number(file_id: str) -> int:
    """The part of an oc:id before the instance's."""
    return int(file_id.partition("oc")[0])
