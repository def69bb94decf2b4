"""How much room the person's space has, as far as it is known without asking at every file."""

from __future__ import annotations

import asyncio

from .. import errors
from ..models import Quota
from .store import Store

_LIFETIME = 5.0
_RESERVE = 16 << 20  # with less than this left, whoever writes waits for the service's answer


class Room:
    """The person's quota, and an estimate of what is left of it.

    Args:
        store: knows it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._quota: Quota | None = None
        self._asked = 0.0
        self._spent = 0  # bytes journalled since it was asked

    async def quota(self) -> Quota:
        """Return the quota, at most some seconds old unless the service is away."""
        now = asyncio.get_running_loop().time()
        if self._quota is None or now - self._asked > _LIFETIME:
            try:
                self._quota, self._asked, self._spent = await self._store.quota(), now, 0
            except errors.Unavailable:
                if self._quota is None:
                    raise
        return self._quota

    def spend(self, size: int) -> None:
        """Note that so many bytes are on their way."""
        self._spent += size

    def full(self) -> None:
        """Note that the service had no room: what was known is out of date, and no more is promised."""
        self._asked = -_LIFETIME
        if self._quota is not None and self._quota.free is not None:
            self._spent = self._quota.free

    def tight(self, size: int) -> bool:
        """Whether `size` more bytes may not fit, so that their writer should hear the service's answer."""
        if self._quota is None or self._quota.free is None:
            return False
        return self._quota.free - self._spent < size + _RESERVE
