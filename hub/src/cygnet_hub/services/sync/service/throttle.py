"""Guessing is slowed down: wrong secrets are counted by where they come from and what they are aimed at.

Counts lie in the database, so that they hold across processes and restarts. A target has a limit of its own
besides the one of a sender, so that many senders (or forged sender addresses) do not make guessing fast.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..model.errors import TooManyRequests
from ..store import throttle as store
from ..store.database import Database

WINDOW = 900.0
FIRST_BLOCK = 30.0
LONGEST_BLOCK = 900.0


@dataclass(frozen=True)
class Guess:
    """Something that can be guessed: `key` names it, `limit` wrong ones a quarter of an hour pass."""

    key: str
    limit: int


def sender(address: str) -> str:
    """Return what one attacker shares: the IPv4 address, or the /64 of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def login_guesses(address: str, user: str) -> tuple[Guess, ...]:
    """What a wrong app password or token counts against."""
    source = sender(address)
    return (Guess(f"login:{source}:{user[:100]}", 10), Guess(f"login:{source}", 100))


def link_guesses(address: str, share_id: int) -> tuple[Guess, ...]:
    """What a wrong password of a public link counts against."""
    return (Guess(f"link:{share_id}:{sender(address)}", 10), Guess(f"link:{share_id}", 100))


def token_guesses(address: str) -> tuple[Guess, ...]:
    """What an unknown link token counts against."""
    return (Guess(f"token:{sender(address)}", 60),)


class Throttle:
    """Counts wrong guesses and refuses senders that make too many.

    Args:
        database: where the counts lie.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def check(self, guesses: tuple[Guess, ...]) -> None:
        """Raise TooManyRequests while one of the guesses is blocked."""
        keys = [guess.key for guess in guesses]
        wait = await self._database.read(lambda c: store.blocked_until(c, keys)) - self._clock()
        if wait > 0:
            raise TooManyRequests(
                "Too many wrong attempts. Please wait a little and try again.", int(wait) + 1
            )

    async def failed(self, guesses: tuple[Guess, ...]) -> None:
        """Count a wrong guess; blocks double from half a minute to a quarter of an hour."""
        now = self._clock()
        await self._database.write(lambda connection: _count(connection, guesses, now))

    async def forget_old(self) -> None:
        """Delete counts that are too old to matter."""
        before = self._clock() - 2 * WINDOW
        await self._database.write(lambda connection: store.forget_before(connection, before))


def _count(connection: Connection, guesses: tuple[Guess, ...], now: float) -> None:
    for guess in guesses:
        excess = store.count_failure(connection, guess.key, now, WINDOW) - guess.limit
        if excess >= 0:
            store.block(connection, guess.key, now + min(FIRST_BLOCK * 2 ** min(excess, 10), LONGEST_BLOCK))
