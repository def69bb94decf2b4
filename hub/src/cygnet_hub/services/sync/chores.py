"""What the service does by itself, again and again, beside answering requests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from .model.errors import CygnetError
from .service.hub_groups import GroupPublisher, HubGroups
from .service.services import Services
from .store.neighbours import Lead

log = logging.getLogger("cygnet.sync")

#: How late a deadline may be noticed.
DEADLINE_SECONDS = 10.0
#: How late people are told of deadlines that are near, and of room that is used up.
TROUBLE_SECONDS = 20.0
#: How late the checksums of large contents are begun with that were not computed while they came.
SUMS_SECONDS = 10.0
#: How late the hub hears of groups that another process changed, or when it was away.
GROUP_SECONDS = 60.0


@contextlib.asynccontextmanager
async def chores(services: Services, hub: HubGroups, lead: Lead) -> AsyncIterator[None]:
    """Collect what is due, tell people and the hub what they should know, while the block runs.

    Of several processes one does it: that which has the `lead`.
    """
    collecting = services.teaching.collecting
    publisher = GroupPublisher(services.database, hub)
    changed = services.teaching.groups.changed
    tasks = [
        asyncio.create_task(repeat(publisher.publish, GROUP_SECONDS, lead, changed), name="hub-groups"),
        asyncio.create_task(repeat(collecting.collect_due, DEADLINE_SECONDS, lead), name="deadlines"),
        asyncio.create_task(repeat(services.troubles.tell, TROUBLE_SECONDS, lead), name="troubles"),
        asyncio.create_task(repeat(services.late_sums.catch_up, SUMS_SECONDS, lead), name="late-sums"),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def repeat(
    work: Callable[[], Awaitable[object]], seconds: float, lead: Lead, wake: asyncio.Event | None = None
) -> None:
    """Do `work`, wait so many seconds or until `wake`, and do it again; what fails is logged.

    Without the `lead` only what woke this process is done here.
    """
    wake = wake or asyncio.Event()
    while True:
        woken = wake.is_set()
        wake.clear()
        try:
            if woken or await asyncio.to_thread(lead.mine):
                await work()
        except (CygnetError, OSError, SQLAlchemyError):
            # A full disk or a database that is away today must not end it for ever.
            log.exception("a chore failed; it is tried again later")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await wake.wait()
