"""The audit log: who did what to which file, by which credential, and whether it was allowed.

One line of JSON for each thing that a request did or tried: changes, contents that were read, shares and
credentials, and every request that was refused. Listings are not in it. It goes to the logger
`cygnet.sync.audit`, which has a file of its own; never a secret is written to it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import unquote

from ..model.principal import MAX_STEPS, Principal, Step

log = logging.getLogger("cygnet.sync.audit")

#: Requests with these change nothing, unless the handler says that it gives or makes something.
_LOOKING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH"})
_REFUSED = frozenset({401, 403, 423, 429})


@dataclass(frozen=True, slots=True)
class Served:
    """A request whose answer is known.

    Args:
        address: of the request, without the secrets in it.
        outcome: the status that counts, where a dialect hides it from HTTP in `status`.
        sender: the address of who asked.
        authorized: whether it had credentials.
        gives_contents: whether contents were given out, or a secret made, by a request that only looks.
    """

    request_id: str
    method: str
    address: str
    status: int
    outcome: int
    principal: Principal
    sender: str
    authorized: bool
    gives_contents: bool


def audit(served: Served) -> None:
    """Write what a request did, before its answer is sent."""
    if not _matters(served):
        return
    who = served.principal
    common: dict[str, object] = {
        "request": served.request_id,
        "kind": who.kind,
        "user": who.name,
        "credential": who.credential_id,
        "from": served.sender,
        "method": served.method,
        "address": unquote(served.address, errors="replace"),
        "status": served.outcome,
        "result": _result(served.outcome),
    }
    steps = list(dict.fromkeys(who.trail)) or [Step("call", None, None)]
    for step in steps[:MAX_STEPS]:
        tell(log, logging.INFO, "audit", common | step._asdict())
    for handler in log.handlers:
        handler.flush()


def tell(logger: logging.Logger, level: int, message: str, fields: dict[str, object]) -> None:
    """Log `fields`, for what every request does: without a look at who called, which costs as much again."""
    if logger.isEnabledFor(level):
        record = logging.LogRecord(logger.name, level, "", 0, message, (), None)
        record.fields = fields
        logger.handle(record)


def _matters(served: Served) -> bool:
    if served.outcome in _REFUSED:
        # Clients ask without credentials first to learn which are wanted; that is nobody doing nothing.
        return served.outcome != 401 or served.authorized
    if served.method in _LOOKING:
        return served.gives_contents and served.method != "HEAD" and served.outcome != 304
    return True


def _result(status: int) -> str:
    if status < 400:
        return "done"
    return "refused" if status in _REFUSED else "failed"
