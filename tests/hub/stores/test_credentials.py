"""People's credentials in the hub's database: sealed, bound to their owner, gone with the account."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyterhub import orm
from jupyterhub.crypto import CryptKeeper
from sqlalchemy.orm import Session

from cygnet_hub.stores.credentials import Credentials, StoreCredential

FIELDS = {"key": "AKIA-ada", "secret": "nobody-may-read-this"}


@pytest.fixture
def keeper() -> Iterator[CryptKeeper]:
    """The hub's key of this test."""
    CryptKeeper.clear_instance()
    found = CryptKeeper.instance(keys=[secrets.token_bytes(32)])
    yield found
    found.executor.shutdown()
    CryptKeeper.clear_instance()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Session]:
    factory = orm.new_session_factory(f"sqlite:///{tmp_path}/hub.sqlite")
    session = factory()
    session.add_all([orm.User(name="ada"), orm.User(name="bob")])
    session.commit()
    yield session
    session.close()
    session.get_bind().dispose()


async def test_only_its_owner_gets_it(keeper: CryptKeeper, database: Session, tmp_path: Path) -> None:
    credentials = Credentials(lambda: database)
    await credentials.put("ada", "lake", FIELDS)
    assert await credentials.of("ada") == {"lake": FIELDS}
    assert await credentials.of("bob") == {}
    assert await credentials.of("nobody") == {}
    with sqlite3.connect(tmp_path / "hub.sqlite") as raw:
        dump = "\n".join(raw.iterdump())
    raw.close()
    assert "cygnet_store_credentials" in dump
    assert "AKIA-ada" not in dump
    assert "nobody-may-read-this" not in dump


async def test_a_new_one_replaces_it_and_it_can_be_removed(keeper: CryptKeeper, database: Session) -> None:
    credentials = Credentials(lambda: database)
    await credentials.put("ada", "lake", FIELDS)
    await credentials.put("ada", "lake", {"key": "other"})
    assert await credentials.of("ada") == {"lake": {"key": "other"}}
    credentials.remove("ada", "lake")
    credentials.remove("ada", "lake")
    assert await credentials.of("ada") == {}


async def test_a_row_that_somebody_moved_opens_nothing(keeper: CryptKeeper, database: Session) -> None:
    credentials = Credentials(lambda: database)
    await credentials.put("ada", "lake", FIELDS)
    row = database.query(StoreCredential).one()
    bob = orm.User.find(database, "bob")
    database.add(StoreCredential(user_id=bob.id, store="lake", sealed=row.sealed))
    database.add(StoreCredential(user_id=row.user_id, store="elsewhere", sealed=row.sealed))
    database.commit()
    assert await credentials.of("bob") == {}
    assert await credentials.of("ada") == {"lake": FIELDS}


async def test_keys_can_be_changed(keeper: CryptKeeper, database: Session) -> None:
    credentials = Credentials(lambda: database)
    await credentials.put("ada", "lake", FIELDS)
    old, new = keeper.keys[0], secrets.token_bytes(32)
    keeper.keys = [new, old]
    assert await credentials.of("ada") == {"lake": FIELDS}
    keeper.keys = [new]
    assert await credentials.of("ada") == {}


async def test_a_removed_account_leaves_none(keeper: CryptKeeper, database: Session) -> None:
    await Credentials(lambda: database).put("ada", "lake", FIELDS)
    database.delete(orm.User.find(database, "ada"))
    database.commit()
    assert database.query(StoreCredential).count() == 0
