"""Public links: whoever has one sees the shared item, and nothing else.

Unknown, expired and revoked links answer the same, and guesses at tokens and passwords are counted. A
password opens a session of an hour, kept by the browser in a cookie that this instance signed; it ends when
the password changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.errors import NotFound, Unauthorized
from ..model.node import Permission
from ..model.principal import Principal
from ..store import shares as store
from ..store.database import Database
from ..store.nodes import NodeRow
from ..store.shares import ShareRow
from .directory import Directory, Person
from .mounts import link_mount
from .reshares import GroupsOf
from .throttle import Throttle, link_guesses, token_guesses
from .tokens import Keys, check_password, same_secret, token_hash

SESSION_SECONDS = 3600
_MAX_RIGHT = 10_000


class PasswordRequired(Unauthorized):
    """The link has a password, and none came."""

    code = "password-required"


class WrongPassword(Unauthorized):
    """The password of the link is another one."""

    code = "wrong-password"


@dataclass(frozen=True)
class Link:
    """A valid public link.

    Args:
        row: the share.
        node: what it shows.
        owner: whose it is.
    """

    row: ShareRow
    node: NodeRow
    owner: Person
    groups_of: GroupsOf

    @property
    def permissions(self) -> Permission:
        """What the link allows."""
        return Permission(self.row.permissions)

    @property
    def principal(self) -> Principal:
        """The holder of the link."""
        scopes = {"files:read"}
        if self.permissions & ~(Permission.READ | Permission.SHARE):
            scopes.add("files:write")
        return Principal(
            "link",
            self.row.owner,
            scopes=frozenset(scopes),
            credential_id=f"link:{self.row.id}",
            link_share=self.row.id,
            display_name=self.owner.display_name,
            groups_of=self.groups_of,
        )


class Links:
    """Opens public links.

    Args:
        database: where they lie.
        directory: knows their owners.
        keys: sign the sessions.
        throttle: counts wrong guesses.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        keys: Keys,
        throttle: Throttle,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._directory = directory
        self._keys = keys
        self._throttle = throttle
        self._clock = clock
        self._right: dict[str, float] = {}

    async def find(self, token: str, address: str) -> Link:
        """The link with this token; its password is not asked for yet.

        Args:
            token: from the link's address.
            address: of who asks.

        Raises:
            NotFound: there is none, it has expired, was revoked, or what it showed is gone.
            TooManyRequests: too many wrong tokens came from there.
        """
        guesses = token_guesses(address)
        await self._throttle.check(guesses)
        await self._directory.groups_of("")  # who made the link may have left a group
        lately = self._directory.groups_lately
        found = await self._database.read(lambda c: _find(c, token, self._clock(), lately))
        owner = await self._directory.user(found[0].owner) if found else None
        if found is None or owner is None:
            await self._throttle.failed(guesses)
            raise NotFound("This link does not exist, or is no longer valid.")
        return Link(*found, owner, lately)

    async def unlock(self, link: Link, password: str, address: str) -> str:
        """Check a link's password; return the session to keep for an hour.

        Raises:
            WrongPassword: it is.
            TooManyRequests: too many were.
        """
        await self._check(link, password, address)
        until = int(self._clock()) + SESSION_SECONDS
        return f"{until}.{self._signature(link, until)}"

    async def _check(self, link: Link, password: str, address: str) -> None:
        """Check a password; one that was right lately is known again, since hashing it is slow on purpose."""
        guesses = link_guesses(address, link.row.id)
        await self._throttle.check(guesses)
        if not link.row.password_hash:
            return
        proof = self._keys.sign("password", f"{link.row.id}.{link.row.revision}.{password}")
        if self._right.get(proof, 0.0) > self._clock():
            return
        if not await check_password(password, link.row.password_hash):
            await self._throttle.failed(guesses)
            raise WrongPassword("The password of this link is wrong.")
        if len(self._right) >= _MAX_RIGHT:
            self._right.clear()
        self._right[proof] = self._clock() + SESSION_SECONDS

    def is_open(self, link: Link, session: str) -> bool:
        """Whether no password is needed (any more): there is none, or `session` came from `unlock`."""
        if not link.row.password_hash:
            return True
        until, _, signature = session.partition(".")
        if not until.isascii() or not until.isdecimal() or len(until) > 15 or int(until) < self._clock():
            return False
        return same_secret(signature, self._signature(link, int(until)))

    async def enter(self, token: str, password: str, session: str, address: str) -> Link:
        """The link with this token, after its password was checked.

        Args:
            token: from the link's address.
            password: as typed, or empty.
            session: from `unlock`, or empty.
            address: of who asks.

        Raises:
            NotFound: see `find`.
            PasswordRequired, WrongPassword: it has one, and neither is right.
        """
        link = await self.find(token, address)
        if self.is_open(link, session):
            return link
        if not password:
            raise PasswordRequired("This link needs a password.")
        await self._check(link, password, address)
        return link

    def _signature(self, link: Link, until: int) -> str:
        return self._keys.sign("unlock", f"{link.row.id}.{link.row.revision}.{until}")


def _find(
    connection: Connection, token: str, now: float, groups_of: GroupsOf
) -> tuple[ShareRow, NodeRow] | None:
    row = store.by_token(connection, token_hash(token)) if token else None
    if row is None or row.kind != "link" or (row.expires is not None and row.expires <= now):
        return None
    mount = link_mount(connection, row.id, groups_of)
    return (row, mount.row) if mount else None
