"""Access keys of S3: made, limited, listed, revoked; and temporary ones, got with another credential.

The id of a key is public. Its secret is a signature of the id that only this instance can make, so no table
holds it, and a stolen database signs nothing. A revoked key is refused from the next request on.
"""

from __future__ import annotations

import re
import string
import time
from collections.abc import Callable
from dataclasses import replace
from secrets import choice
from typing import NamedTuple

from sqlalchemy import Connection

from ..model.errors import BadRequest, NotFound
from ..model.names import clean_path
from ..model.principal import Principal
from ..store import access_keys as store
from ..store.access_keys import AccessKey
from ..store.database import Database
from .access import require_reach, require_scope
from .credentials import LATELY, MAX_LABEL, Credentials
from .rechecks import KEY, OWN_KINDS, valid_key
from .tokens import Keys

READING = frozenset({"files:read"})
WRITING = READING | {"files:write"}

MAX_KEYS = 200
#: Temporary keys live so long; S3's own tools ask for an hour.
SHORTEST, LONGEST, USUAL = 900.0, 43200.0, 3600.0

_ALPHABET = string.ascii_uppercase + string.digits
_ID = re.compile(r"[A-Z0-9]{1,32}")
_USED_PRECISION = 3600.0
_MAX_LATELY = 10_000


class IssuedKey(NamedTuple):
    """A new key with its secret; `token` goes with a temporary one and is empty otherwise."""

    key: AccessKey
    secret: str
    token: str = ""


class AccessKeys:
    """The access keys of everybody.

    Args:
        database: where they lie.
        credentials: say whether their owners still exist.
        keys: of this instance.
        clock: seconds since 1970.
    """

    def __init__(
        self, database: Database, credentials: Credentials, keys: Keys, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._keys = keys
        self._clock = clock
        self._lately: dict[str, tuple[float, AccessKey]] = {}

    async def add(
        self, principal: Principal, label: str, *, folder: str | None, read_only: bool, ttl: float | None
    ) -> IssuedKey:
        """Make a key of a person.

        What a program makes can do no more than the program's own credential, and ends with it.

        Args:
            folder: a path in the person's tree that it is limited to, if it is.
            ttl: seconds after which it is over, if ever.

        Raises:
            BadRequest: the label is too long, the time is over already, or there are very many keys.
            Forbidden: the principal's credential may not have keys, or not of this folder.
            InvalidName: the folder is no path.
        """
        source = _source(principal)
        label, now = label.strip() or "Access key", self._clock()
        if len(label) > MAX_LABEL:
            raise BadRequest("The name of a key can have {label} characters at most.", label=MAX_LABEL)
        if ttl is not None and not 0 < ttl < 1 << 40:
            raise BadRequest("A key can only end in the future.")
        limit = clean_path(folder or principal.folder or "/")
        require_reach(principal, limit)
        key = AccessKey(
            id="CYGN" + _random(16),
            user=principal.user,
            label=label,
            scopes=(READING if read_only else WRITING) & principal.scopes,
            folder=None if limit == "/" else limit,
            source=source,
            temporary=False,
            created=now,
            used=None,
            expires=None if ttl is None else now + ttl,
        )
        return await self._issue(key)

    async def add_temporary(self, principal: Principal, ttl: float) -> IssuedKey:
        """Make a key that ends by itself and may do what `principal` may with files.

        Raises:
            BadRequest: the lifetime is not between a quarter of an hour and twelve hours.
            Forbidden: the principal may not even read.
        """
        require_scope(principal, "files:read")
        if not SHORTEST <= ttl <= LONGEST:
            raise BadRequest(
                "The duration must be between {shortest} and {longest} seconds.",
                shortest=f"{SHORTEST:.0f}",
                longest=f"{LONGEST:.0f}",
            )
        now = self._clock()
        key = AccessKey(
            id="CYGT" + _random(16),
            user=principal.user,
            label="Temporary key",
            scopes=principal.scopes & WRITING,
            folder=principal.folder,
            source=principal.credential_id.partition("#")[0],
            temporary=True,
            created=now,
            used=now,
            expires=min(now + ttl, principal.ends or now + ttl),
        )
        issued = await self._issue(key)
        return issued._replace(token=self.token(key.id))

    async def _issue(self, key: AccessKey) -> IssuedKey:
        def run(connection: Connection) -> None:
            store.remove_expired(connection, self._clock())
            if store.count(connection, key.user) >= MAX_KEYS:
                raise BadRequest("There can be {keys} keys at a time; delete some.", keys=MAX_KEYS)
            store.add(connection, key)

        await self._database.write(run)
        return IssuedKey(key, self.secret(key.id))

    async def listing(self, principal: Principal) -> list[AccessKey]:
        """A person's keys, newest first; temporary ones are left out, and for a program all but its own."""
        source = _source(principal)
        keys = await self._database.read(lambda connection: store.listing(connection, principal.user))
        return [key for key in keys if source in ("", key.source)]

    async def remove(self, principal: Principal, key_id: str) -> None:
        """Revoke a key at once.

        Raises:
            NotFound: the person has no such key, or it is not of the program that asks.
        """
        source, user = _source(principal), principal.user

        def run(connection: Connection) -> bool:
            key = store.get(connection, key_id)
            mine = key is not None and source in ("", key.source)
            return mine and store.remove(connection, user, key_id)

        self._lately.pop(key_id, None)
        if not await self._database.write(run):
            raise NotFound("There is no such key.")

    def secret(self, key_id: str) -> str:
        """The secret that belongs to an id, whether or not there is such a key."""
        return self._keys.sign("s3-secret", key_id)

    def token(self, key_id: str) -> str:
        """What a temporary key's owner sends along with every request."""
        return self._keys.sign("s3-session", key_id)

    async def find(self, key_id: str) -> AccessKey | None:
        """The key of this id; None when it is unknown, revoked or over, or what it was got with is."""
        now = self._clock()
        if not _ID.fullmatch(key_id):
            return None

        key = await self._database.read(lambda connection: valid_key(connection, key_id, now))
        if key is not None:
            if key.used is None or key.used < now - _USED_PRECISION:
                await self._database.write(lambda connection: store.touch(connection, key_id, now))
            if len(self._lately) >= _MAX_LATELY:
                self._lately.clear()
            self._lately[key_id] = (now + LATELY, key)
        return key

    def lately(self, key_id: str) -> AccessKey | None:
        """The key of this id, if `find` found it within the last second; it may have been revoked since.

        Its principal is looked at again in the transaction that it is used for; see `principal`.
        """
        until, key = self._lately.get(key_id, (0.0, None))
        return key if until - LATELY <= self._clock() < until else None

    async def principal(self, key: AccessKey, *, recheck: bool) -> Principal | None:
        """Who may use the service by this key; None when the hub does not know its owner any more.

        Args:
            recheck: whether the key is known from a moment ago, so that `View` has to look it up.
        """
        name = f"{KEY}{key.id}"
        person = await self._credentials.person(key.user, key.scopes, name)
        return replace(person, folder=key.folder, recheck=name if recheck else "") if person else None


def _source(principal: Principal) -> str:
    """The credential that keys of this principal hang on: none for a person, for a program its own.

    Raises:
        Forbidden: it is a credential that this service has not given out, so its end would not be seen.
    """
    require_scope(principal, "files:read")
    if "account" in principal.scopes:
        return ""
    source = principal.credential_id.partition("#")[0]
    if source.partition(":")[0] not in OWN_KINDS:
        require_scope(principal, "account")
    return source


def _random(length: int) -> str:
    return "".join(choice(_ALPHABET) for _ in range(length))
