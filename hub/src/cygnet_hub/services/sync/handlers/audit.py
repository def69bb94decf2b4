"""The audit log: who did what to which file, by which credential, and whether it was allowed.

One line of JSON for each thing that a request did or tried: changes, contents that were read, shares and
credentials, and every request that was refused. Listings are not in it. It goes to the logger
`cygnet.sync.audit`, which has a file of its own; never a secret is written to it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ..model.principal import MAX_STEPS, Step

if TYPE_CHECKING:
    from .base import BaseHandler

log = logging.getLogger("cygnet.sync.audit")

#: Requests with these change nothing, unless the handler says that it gives or makes something.
_LOOKING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH"})
_REFUSED = frozenset({401, 403, 423, 429})


def audit(handler: BaseHandler, address: str) -> None:
    """Write what a finished request did.

    Args:
        handler: of the request.
        address: of the request, without the secrets in it.
    """
    method, status = handler.request.method or "", handler.get_status()
    outcome = handler.outcome or status
    if not _matters(handler, method, outcome):
        return
    who = handler.principal
    common: dict[str, object] = {
        "request": handler.request_id,
        "kind": who.kind,
        "user": who.name,
        "credential": who.credential_id,
        "from": handler.client_address,
        "method": method,
        "address": unquote(address, errors="replace"),
        "status": outcome,
        "result": _result(outcome),
    }
    steps = list(dict.fromkeys(who.trail)) or [Step("call", None, None)]
    for step in steps[:MAX_STEPS]:
        log.info("audit", extra={"fields": common | step._asdict()})


def _matters(handler: BaseHandler, method: str, status: int) -> bool:
    if status in _REFUSED:
        # Clients ask without credentials first to learn which are wanted; that is nobody doing nothing.
        return status != 401 or "Authorization" in handler.request.headers
    if method in _LOOKING:
        return handler.gives_contents and method != "HEAD" and status != 304
    return True


def _result(status: int) -> str:
    if status < 400:
        return "done"
    return "refused" if status in _REFUSED else "failed"
