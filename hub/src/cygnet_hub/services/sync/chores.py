"""What the service does by itself, again and again, beside answering requests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from .model.errors import CygnetError
from .service.services import Services

log = logging.getLogger("cygnet.sync")

#: How late a deadline may be noticed.
DEADLINE_SECONDS = 10.0


@contextlib.asynccontextmanager
async def chores(services: Services) -> AsyncIterator[None]:
    """Collect what is due, for as long as the block runs."""
    collecting = services.teaching.collecting
    tasks = [
        asyncio.create_task(repeat(collecting.collect_due, DEADLINE_SECONDS), name="deadlines"),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def repeat(work: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Do `work`, wait so many seconds, and do it again; what fails is logged and tried again."""
    while True:
        try:
            await work()
        except (CygnetError, OSError, SQLAlchemyError):
            # A full disk or a database that is away today must not end it for ever.
            log.exception("a chore failed; it is tried again later")
        await asyncio.sleep(seconds)
