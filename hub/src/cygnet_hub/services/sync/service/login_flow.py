"""Login flow v2 of Nextcloud: a program asks, a person agrees in the browser, the program gets a password.

The program holds one token and the browser another; both are stored as hashes and are good for 20 minutes.
The app password is made when the program comes for it, so that it is nowhere but with the program.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from ..model.errors import NotFound, TooManyRequests
from ..model.principal import Principal
from ..store.database import Database
from ..store.schema import login_flow as table
from .access import require_scope
from .credentials import issue_app_password
from .tokens import new_token, token_hash

LIFETIME = 1200.0
#: Logins that may wait at once; anybody can begin one.
MAX_WAITING = 1000
TOKEN_LENGTH = 64


@dataclass(frozen=True)
class Begun:
    """A login that has begun: `poll` is for the program, `flow` for the person's browser."""

    poll: str
    flow: str


@dataclass(frozen=True)
class Granted:
    """What the program gets."""

    user: str
    password: str


class LoginFlow:
    """Logins that go from a program to the browser and back.

    Args:
        database: where those that wait are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, client: str) -> Begun:
        """Begin a login for a program that calls itself `client`.

        Raises:
            TooManyRequests: too many wait.
        """
        begun = Begun(new_token(TOKEN_LENGTH), new_token(TOKEN_LENGTH))
        hashes = {"poll_hash": token_hash(begun.poll), "flow_hash": token_hash(begun.flow)}

        def run(connection: Connection) -> None:
            now = time.time()
            connection.execute(delete(table).where(table.c.created < now - LIFETIME))
            if connection.execute(select(func.count()).select_from(table)).scalar_one() >= MAX_WAITING:
                raise TooManyRequests("Too many logins are waiting. Please try again in a while.", 300)
            connection.execute(insert(table).values(client=client[:100], created=now, **hashes))

        await self._database.write(run)
        return begun

    async def client(self, flow: str) -> str:
        """What the program calls itself that began this login.

        Raises:
            NotFound: there is no such login, or it is over.
        """

        def run(connection: Connection) -> str | None:
            return connection.execute(select(table.c.client).where(*_waiting(flow))).scalar()

        client = await self._database.read(run)
        if client is None:
            raise NotFound("This login is over. Please begin it again in your program.")
        return client

    async def grant(self, principal: Principal, flow: str) -> None:
        """Let the program in as `principal`.

        Raises:
            Forbidden: only a person's own login can do that. NotFound: see `client`.
        """
        require_scope(principal, "account")

        def run(connection: Connection) -> bool:
            change = update(table).where(*_waiting(flow)).values(user=principal.user)
            return connection.execute(change).rowcount > 0

        if not await self._database.write(run):
            raise NotFound("This login is over. Please begin it again in your program.")

    async def poll(self, token: str) -> Granted:
        """What the program came for, once.

        Raises:
            NotFound: nobody has agreed yet, or it was fetched already.
        """

        def run(connection: Connection) -> Granted | None:
            mine = (table.c.poll_hash == token_hash(token), table.c.created > time.time() - LIFETIME)
            found = connection.execute(select(table.c.user, table.c.client).where(*mine)).first()
            if found is None or found.user is None:
                return None
            connection.execute(delete(table).where(*mine))
            issued = issue_app_password(connection, found.user, found.client)
            return Granted(found.user, issued.secret)

        if not await self._database.read(lambda c: _is_granted(c, token)):
            raise NotFound("Nobody has agreed to this login yet.")
        granted = await self._database.write(run)
        if granted is None:
            raise NotFound("This login was finished already.")
        return granted


def _waiting(flow: str) -> tuple:  # type: ignore[type-arg]  # clauses of SQLAlchemy
    fresh = table.c.created > time.time() - LIFETIME
    return (table.c.flow_hash == token_hash(flow), table.c.user.is_(None), fresh)


def _is_granted(connection: Connection, token: str) -> bool:
    wanted = select(table.c.user).where(table.c.poll_hash == token_hash(token), table.c.user.is_not(None))
    return connection.execute(wanted).first() is not None
