"""People's credentials for stores, in the hub's database, encrypted with the hub's key (`CryptKeeper`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jupyterhub import orm
from jupyterhub.crypto import EncryptionUnavailable, InvalidToken, decrypt, encrypt
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Unicode
from sqlalchemy.orm import Session

Fields = Mapping[str, str]


class StoreCredential(orm.Base):
    """What a person has entered for a store."""

    __tablename__ = "cygnet_store_credentials"

    user_id = Column(Integer, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store = Column(Unicode(63), primary_key=True)
    sealed = Column(LargeBinary, nullable=False)


class Credentials:
    """All credentials for stores.

    Args:
        session: gives the hub's database session.
    """

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session

    async def put(self, user: str, store: str, fields: Fields) -> None:
        """Keep a credential in place of an earlier one.

        Raises:
            EncryptionUnavailable: the hub has no key.
        """
        person = self._person(user)
        if person is None:
            return
        # Whose it is and what for is sealed too: a row that somebody moved opens nothing.
        sealed = await encrypt({"owner": _owner(person), "store": store, "fields": dict(fields)})
        session = self._session()
        session.merge(StoreCredential(user_id=person.id, store=store, sealed=sealed))
        session.commit()

    async def of(self, user: str) -> dict[str, Fields]:
        """Return a person's credentials; one that this hub's key does not open counts as not entered.

        Args:
            user: the hub's name of the person.
        """
        person = self._person(user)
        if person is None:
            return {}
        rows = self._session().query(StoreCredential).filter_by(user_id=person.id).all()
        found = {str(row.store): await _opened(row, _owner(person)) for row in rows}
        return {store: fields for store, fields in found.items() if fields is not None}

    def remove(self, user: str, store: str) -> None:
        """Forget a credential."""
        person = self._person(user)
        if person is not None:
            session = self._session()
            session.query(StoreCredential).filter_by(user_id=person.id, store=store).delete()
            session.commit()

    def _person(self, user: str) -> Any:
        return orm.User.find(self._session(), user)


def _owner(person: Any) -> list[str]:
    return [person.name, str(person.created)]


async def _opened(row: Any, owner: list[str]) -> Fields | None:
    try:
        told = await decrypt(row.sealed)
    except (InvalidToken, EncryptionUnavailable, ValueError):
        return None  # made with another key
    fields: Fields | None = told["fields"] if (told["owner"], told["store"]) == (owner, row.store) else None
    return fields


def hub_session() -> Session:
    """Return the database session of the hub that runs in this process."""
    from jupyterhub.app import JupyterHub

    session: Session = JupyterHub.instance().db
    return session


async def entered(user: str) -> dict[str, Fields]:
    """Return a person's credentials for stores; what the spawner asks when a server starts."""
    return await Credentials(hub_session).of(user)
