"""Is the file that is to be opened there? Asked while everything else starts, so that nobody waits."""

from __future__ import annotations

import logging

import aiohttp

from cygnet_spawner.session import SessionError

_LIMIT = aiohttp.ClientTimeout(total=5)
_log = logging.getLogger(__name__)


async def require_file(sync_url: str, token: str, path: str) -> None:
    """See that `path` is in the person's files.

    Args:
        sync_url: the sync service, ending in `/`.
        token: the person's credential.
        path: relative to the top of their files.

    Raises:
        SessionError: there is no such file.
    """
    url, headers = f"{sync_url.rstrip('/')}/api/v1/files", {"Authorization": f"Bearer {token}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=_LIMIT, headers=headers) as session,
            session.get(url, params={"path": f"/{path}"}) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError) as error:
        _log.warning("Whether %s exists is not known: %r", path, error)
        return  # the notebook will say so itself
    if status == 404:
        raise SessionError(
            "There is no file {path} in your files. Look for it on the Files page, "
            'or leave "File to open" empty.',
            path=path[:300],
        )
