"""The public keys of token issuers, fetched where their metadata says (OpenID Discovery, RFC 8414)."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ..model.errors import Unavailable

log = logging.getLogger("cygnet.sync")

#: Seconds for which keys are used without a question, and for which they still count when nobody answers.
FRESH, STALE = 3600.0, 86400.0
#: Seconds between two questions, whatever keys tokens name: strangers make up as many as they like.
PAUSE = 60.0
TIMEOUT = 10.0
LARGEST = 1 << 20

_METADATA = (".well-known/openid-configuration", ".well-known/oauth-authorization-server")
_KINDS = ("RSA", "EC")


@dataclass
class _Known:
    keys: KeySet
    fetched: float


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow none: the addresses are those that the issuer has named."""


def fetch(url: str) -> bytes:
    """What is at an address. Blocks.

    Raises:
        OSError, HTTPException: there is no answer, or a bad one. ValueError: it is too large.
    """
    with build_opener(_NoRedirects, ProxyHandler()).open(url, timeout=TIMEOUT) as answer:
        data: bytes = answer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("the answer is too large")
    return data


class IssuerKeys:
    """The keys of all issuers.

    Args:
        clock: seconds since some moment.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._asked: dict[str, float] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, issuer: str, key_id: str | None) -> KeySet:
        """The keys of an issuer; asked for again when there is none called `key_id`, but not all the time.

        Raises:
            Unavailable: the issuer does not answer, and no keys of the last day are known.
        """
        async with self._locks.setdefault(issuer, asyncio.Lock()):
            known, now = self._known.get(issuer), self._clock()
            if known and now - known.fetched < FRESH and (_has(known.keys, key_id) or self._is_early(issuer)):
                return known.keys
            if not self._is_early(issuer):
                self._asked[issuer] = now
                fresh = await asyncio.to_thread(_ask, issuer)
                if fresh is not None:
                    self._known[issuer] = known = _Known(fresh, now)
        if known is None or now - known.fetched > STALE:
            raise Unavailable("Whoever gave out this token does not answer, so it cannot be checked.")
        return known.keys

    def _is_early(self, issuer: str) -> bool:
        asked = self._asked.get(issuer)
        return asked is not None and self._clock() - asked < PAUSE


def _has(keys: KeySet, key_id: str | None) -> bool:
    return key_id is None or any(key.kid == key_id for key in keys.keys)


def _ask(issuer: str) -> KeySet | None:
    """Fetch an issuer's keys; None, with a word in the log, when that fails."""
    try:
        address = _address(issuer)
        told = json.loads(fetch(address))
        usable = [key for key in told["keys"] if key.get("kty") in _KINDS and key.get("use", "sig") == "sig"]
        return KeySet.import_key_set({"keys": usable})
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
        log.warning("the keys of the issuer %s cannot be fetched: %s", issuer, error)
        return None


def _address(issuer: str) -> str:
    """Where the keys are; never over plain HTTP when the issuer itself has HTTPS."""
    for path in _METADATA:
        try:
            told: Mapping[str, Any] = json.loads(fetch(f"{issuer.rstrip('/')}/{path}"))
        except OSError:
            continue
        address = str(told["jwks_uri"])
        if told["issuer"].rstrip("/") != issuer.rstrip("/"):
            raise ValueError("its metadata is that of another issuer")
        if not address.startswith("https://" if issuer.startswith("https://") else ("https://", "http://")):
            raise ValueError("its keys are not at an address with https://")
        return address
    raise ValueError("it has no metadata")
