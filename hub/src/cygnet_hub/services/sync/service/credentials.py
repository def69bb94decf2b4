"""App passwords and the credentials of notebook servers: made, checked, renewed, revoked.

A secret is shown once and stored as a hash. A revoked credential is refused from the next request on, in
every process: it is looked up in the database before the request is served or, where the same secret was
right within the last second, in the transaction that serves it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from ..model.errors import BadRequest, NotFound
from ..model.principal import ALL_SCOPES, Principal
from ..store import credentials as store
from ..store.credentials import Credential
from ..store.database import Database
from .directory import Directory
from .tokens import new_token, token_hash

#: What an app password and a notebook server's credential may be used for: not the account itself.
PROGRAM_SCOPES = ALL_SCOPES - {"account"}

#: Seconds that the secret before the last renewal stays valid: requests under way keep working.
OVERLAP = 120.0
MAX_TTL = 86400.0
MAX_LABEL = 200

#: Seconds for which a secret that was right is recognized without a look at the database.
LATELY = 1.0
_MAX_LATELY = 10_000

#: "used" is kept to about an hour, so that reading files does not write to the database.
_USED_PRECISION = 3600.0


class Issued(NamedTuple):
    """A new credential with its secret, which is known here and now only."""

    credential: Credential
    secret: str


def issue_app_password(
    connection: Connection, user: str, label: str, scopes: frozenset[str] = PROGRAM_SCOPES
) -> Issued:
    """Make an app password in a transaction of the caller's; commands that need no running service use it."""
    item = Credential(new_token(22), "app-password", user, label, "", scopes, time.time(), None, None)
    return _issue(connection, item)


def _issue(connection: Connection, item: Credential) -> Issued:
    secret = new_token()
    store.add(connection, item, token_hash(secret))
    return Issued(item, secret)


class Credentials:
    """The credentials that this service itself gives out.

    Args:
        database: where their hashes lie.
        directory: says whether a person still exists, and in which groups.
        clock: seconds since 1970.
    """

    def __init__(
        self, database: Database, directory: Directory, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._lately: dict[tuple[str, str | None], tuple[float, Credential]] = {}

    async def add_app_password(
        self, user: str, label: str, scopes: frozenset[str] = PROGRAM_SCOPES
    ) -> Issued:
        """Make a password for one program of `user`.

        Raises:
            BadRequest: the label is too long, or a scope is not one that a program can have.
        """
        label = label.strip() or "App password"
        if len(label) > MAX_LABEL:
            raise BadRequest(
                "The name of an app password can have {label} characters at most.", label=MAX_LABEL
            )
        if not scopes or not scopes <= PROGRAM_SCOPES:
            raise BadRequest(
                "An app password can have these scopes: {names}.", names=", ".join(sorted(PROGRAM_SCOPES))
            )
        return await self._database.write(lambda c: issue_app_password(c, user, label, scopes))

    async def app_passwords(self, user: str) -> list[Credential]:
        """Return a person's app passwords, newest first."""
        return await self._database.read(lambda connection: store.listing(connection, user, "app-password"))

    async def remove_app_password(self, user: str, credential_id: str) -> None:
        """Revoke an app password at once.

        Raises:
            NotFound: the person has no such app password.
        """
        removed = await self._database.write(lambda c: store.remove(c, credential_id, "app-password", user))
        self.forget_lately()
        if not removed:
            raise NotFound("There is no such app password.")

    async def add_server(self, user: str, server: str, ttl: float) -> Issued:
        """Make the credential of one notebook server, valid for `ttl` seconds (a day at most).

        Raises:
            BadRequest: the lifetime is out of range.
            NotFound: the hub has no such person.
        """
        if await self._directory.user(user) is None:
            raise NotFound("There is no account {user}.", user=user)
        expires = self._expiry(ttl)
        label = f"Notebook server {server}".strip()
        now = self._clock()
        item = Credential(new_token(22), "server", user, label, server, PROGRAM_SCOPES, now, None, expires)
        return await self._database.write(lambda c: _issue(c, item))

    async def renew_server(self, credential_id: str, ttl: float) -> tuple[str, float]:
        """Give a notebook server's credential a new secret; the old one stays valid for two minutes.

        Returns:
            The secret, and when it expires.

        Raises:
            NotFound: it is revoked or has expired.
        """
        secret, now, expires = new_token(), self._clock(), self._expiry(ttl)
        renewed = await self._database.write(
            lambda c: store.renew(c, credential_id, token_hash(secret), expires, now + OVERLAP, now)
        )
        if not renewed:
            raise NotFound("This credential is revoked or has expired.")
        return secret, expires

    async def remove_server(self, credential_id: str) -> None:
        """Revoke a notebook server's credential at once; one that is gone already is fine."""
        await self._database.write(lambda c: store.remove(c, credential_id, "server"))
        self.forget_lately()

    async def principal(self, secret: str, user: str | None = None) -> Principal | None:
        """Return who holds this secret, or None when it is unknown, revoked, expired or another user's.

        Args:
            secret: app password or server credential.
            user: the account name that came with it, if one did.
        """
        if not secret:
            return None
        now = self._clock()
        found = await self._database.read(lambda c: store.find(c, token_hash(secret), now))
        if found is None or (user is not None and user != found.user):
            return None
        await self._note_use(found, now)
        if len(self._lately) >= _MAX_LATELY:
            self._lately.clear()
        self._lately[token_hash(secret), user] = (now + LATELY, found)
        return await self.person(found.user, found.scopes, f"{found.kind}:{found.id}")

    async def holder(self, credential_id: str) -> Principal | None:
        """Return who holds the credential of this id; None when it is revoked or over."""
        now = self._clock()
        found = await self._database.read(lambda c: store.get(c, credential_id, now))
        return await self.person(found.user, found.scopes, f"{found.kind}:{found.id}") if found else None

    async def lately(self, secret: str, user: str | None = None) -> Principal | None:
        """Return who held this secret within the last second; None: ask `principal`.

        The credential may have been revoked since; `View` looks again in the transaction of the request.
        """
        until, found = self._lately.get((token_hash(secret), user), (0.0, None))
        now = self._clock()
        if found is None or not until - LATELY <= now < until:
            return None
        if found.expires is not None and found.expires <= now:
            return None
        return await self.person(found.user, found.scopes, f"{found.kind}:{found.id}", found.id)

    def forget_lately(self) -> None:
        """Look every secret up again."""
        self._lately.clear()

    async def person(
        self, user: str, scopes: frozenset[str], credential_id: str, recheck: str = ""
    ) -> Principal | None:
        """Return the principal of an account with its groups of now; None when the hub does not know it."""
        entry = await self._directory.user(user)
        if entry is None:
            return None
        groups = await self._directory.groups_of(user)
        return Principal(
            "user",
            entry.name,
            groups,
            scopes,
            credential_id,
            display_name=entry.display_name,
            admin=entry.admin,
            recheck=recheck,
            groups_of=self._directory.groups_lately,
        )

    async def forget_expired(self) -> None:
        """Delete credentials that are over."""
        now = self._clock()
        await self._database.write(lambda connection: store.remove_expired(connection, now))

    def _expiry(self, ttl: float) -> float:
        if not 0 < ttl <= MAX_TTL:
            raise BadRequest("The lifetime must be between 1 and {ttl} seconds.", ttl=f"{MAX_TTL:.0f}")
        return self._clock() + ttl

    async def _note_use(self, found: Credential, now: float) -> None:
        if found.used is None or found.used < now - _USED_PRECISION:
            await self._database.write(lambda connection: store.touch(connection, found.id, now))
