"""Logs as lines of JSON, each with the id of the request that it belongs to, and never a secret.

One line a request goes to `cygnet.sync.access`: no query, no headers, no token of a link. What people did
goes to `cygnet.sync.audit`, see `audit.py`.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener, WatchedFileHandler
from pathlib import Path

from tornado.web import RequestHandler

from .audit import audit
from .audit import log as audit_log
from .base import REQUEST, BaseHandler

log = logging.getLogger("cygnet.sync.access")

#: Tokens of links, of uploads and of logins are part of an address.
_TOKENS = re.compile(r"(/s/|/public/|/public-files/|/public\.php/dav/files/|/login/v2/[a-z]+/)[^/]+")


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON: time, level, logger, request, message or fields."""

    def __init__(self, request: ContextVar[str] = REQUEST) -> None:
        super().__init__()
        self._request = request

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if request := self._request.get():
            line["request"] = request
        fields = getattr(record, "fields", None)
        line |= fields if isinstance(fields, dict) else {"message": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def without_tokens(path: str) -> str:
    """An address in which the secrets that are part of it are left out."""
    return _TOKENS.sub(r"\1...", path)


def log_request(handler: RequestHandler) -> None:
    """Log and count a finished request; tornado calls it."""
    seconds, address = handler.request.request_time(), without_tokens(handler.request.path)
    fields: dict[str, object] = {
        "method": handler.request.method,
        "path": address,
        "status": handler.get_status(),
        "ms": round(seconds * 1000, 1),
    }
    if isinstance(handler, BaseHandler):
        handler.traffic.count(handler.request.method or "", handler.door, handler.get_status(), seconds)
        fields |= {
            "request": handler.request_id,
            "user": handler.principal.name,
            "credential": handler.principal.credential_id,
            "from": handler.client_address,
        }
        audit(handler, address)
    level = logging.WARNING if handler.get_status() >= 500 else logging.INFO
    log.log(level, "request", extra={"fields": fields})


def start_logs(audit_file: Path | None) -> Callable[[], None]:
    """Send the log to standard error and the audit log to its file, written by a thread of their own.

    Args:
        audit_file: made with mode 0600, and opened anew when it was moved away; None: standard error too.

    Returns:
        What to call at the end: it writes what waits.
    """
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(JsonFormatter())
    stops = [_queued(logging.getLogger(), console)]
    if audit_file is not None:
        os.close(os.open(audit_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        own = WatchedFileHandler(audit_file, encoding="utf-8")
        own.setFormatter(JsonFormatter())
        audit_log.propagate = False
        stops.append(_queued(audit_log, own))

    def stop() -> None:
        for end in stops:
            end()

    return stop


class _Lines(QueueHandler):
    """Makes the line where the request is known; the thread behind the queue only writes it."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        line = logging.makeLogRecord(record.__dict__)
        line.msg, line.args, line.exc_info = self.format(record), None, None
        return line


def _queued(logger: logging.Logger, target: logging.Handler) -> Callable[[], None]:
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = _Lines(lines)
    handler.setFormatter(target.formatter)
    target.setFormatter(logging.Formatter("%(message)s"))
    listener = QueueListener(lines, target)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    listener.start()

    def stop() -> None:
        logger.removeHandler(handler)
        listener.stop()
        target.close()

    return stop
