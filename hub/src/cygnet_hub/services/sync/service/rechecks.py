"""Whether what somebody came with a moment ago still counts, asked in the transaction that it is used for."""

from __future__ import annotations

from sqlalchemy import Connection

from ..store import access_keys, credentials
from ..store import certificates as certificate_store
from ..store.access_keys import AccessKey
from .certificates import LIMITED, WHOLE

#: Credentials of this service, by the first word of the ids that principals carry.
OWN_KINDS = ("app-password", "server")
#: How the `recheck` of a principal begins that came with an access key; others are ids of credentials.
KEY = "access-key:"


def still_counts(connection: Connection, recheck: str, now: float) -> bool:
    """Whether a credential or key, named as principals name it in `recheck`, is neither revoked nor over."""
    if recheck.startswith(KEY):
        return valid_key(connection, recheck.removeprefix(KEY), now) is not None
    return credentials.exists(connection, recheck, now)


def valid_key(connection: Connection, key_id: str, now: float) -> AccessKey | None:
    """The key of this id; None when it is unknown, revoked or over, or what it was got with is."""
    key = access_keys.get(connection, key_id)
    if key is None or (key.expires is not None and key.expires <= now):
        return None
    return key if _has_source(connection, key, now) else None


def _has_source(connection: Connection, key: AccessKey, now: float) -> bool:
    """Whether the credential that a key was got with still counts, as far as that is known here."""
    kind, _, source = key.source.partition(":")
    if kind in (WHOLE, LIMITED):
        return certificate_store.get(connection, source) is not None
    return kind not in OWN_KINDS or credentials.exists(connection, source, now)
