"""Logs as lines of JSON, each with the id of the request that it belongs to, and never a secret.

One line a request goes to `cygnet.sync.access`: no query, no headers, no token of a link. What people did
goes to `cygnet.sync.audit`, see `audit.py`.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

from tornado.web import RequestHandler

from .audit import Served, tell
from .audit import log as audit_log
from .base import REQUEST, BaseHandler
from .redaction import without_tokens as without_tokens  # doors name it beside the log
from .traffic import Traffic

log = logging.getLogger("cygnet.sync.access")

_JSON = json.JSONEncoder(ensure_ascii=False, default=str)

#: Lines that are written together at most, and the seconds that the first of them waits for the others.
AT_ONCE = 1000
TOGETHER = 0.01


@lru_cache(2)
def _second(number: int) -> str:
    """A second since 1970 as ISO 8601 writes it: many lines have the same."""
    return datetime.fromtimestamp(number, UTC).replace(tzinfo=None).isoformat()


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON: time, level, logger, request, message or fields."""

    def __init__(self, request: ContextVar[str] = REQUEST) -> None:
        super().__init__()
        self._request = request

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": f"{_second(int(record.created))}.{int(record.created % 1 * 1000):03d}+00:00",
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if request := self._request.get():
            line["request"] = request
        fields = getattr(record, "fields", None)
        line |= fields if isinstance(fields, dict) else {"message": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _JSON.encode(line)


def log_request(handler: RequestHandler) -> None:
    """Log and count a finished request; tornado calls it."""
    request = handler.request
    if isinstance(handler, BaseHandler):
        log_served(handler.served(), request.request_time(), handler.traffic, handler.door)
        return
    fields = _fields(request.method or "", without_tokens(request.path), handler.get_status())
    tell(log, logging.INFO, "request", fields | {"ms": _milliseconds(request.request_time())})


def log_served(served: Served, seconds: float, traffic: Traffic, door: str) -> None:
    """Count a finished request at its door, and write its line.

    Args:
        seconds: from its first byte to the last of its answer.
    """
    traffic.count(served.method, door, served.status, seconds)
    fields = _fields(served.method, served.address, served.status) | {
        "ms": _milliseconds(seconds),
        "request": served.request_id,
        "user": served.principal.name,
        "credential": served.principal.credential_id,
        "from": served.sender,
    }
    tell(log, logging.WARNING if served.status >= 500 else logging.INFO, "request", fields)


def _fields(method: str, address: str, status: int) -> dict[str, object]:
    return {"method": method, "path": address, "status": status}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def start_logs(audit_file: Path | None) -> Callable[[], None]:
    """Send the log to standard error, written by a thread of its own, and the audit log to its file.

    The lines of the audit log are in its file, if not on the disk, when the call that logs them returns: no
    answer is sent before it is written down what was done.

    Args:
        audit_file: made with mode 0600, and opened anew when it was moved away; None: standard error too,
            whose reader may be slow, so that nobody waits for it.

    Returns:
        What to call at the end: it writes what waits.
    """
    # The lines do not have these, and finding them out takes as long as making a line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(JsonFormatter())
    stops = [_attached(logging.getLogger(), _Lines(console, "sync-log"))]
    if audit_file is not None:
        os.close(os.open(audit_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        own = WatchedFileHandler(audit_file, encoding="utf-8")
        own.setFormatter(JsonFormatter())
        audit_log.propagate = False
        stops.append(_attached(audit_log, _AtOnce(own)))

    def stop() -> None:
        for end in stops:
            end()

    return stop


#: What writes to a stream; a file's has another type than standard error's.
_Target = logging.StreamHandler[Any]


class _AtOnce(logging.Handler):
    """Keeps the lines of a request, and writes them at once when it is flushed.

    Args:
        target: writes to where the lines go; how it makes them is taken over from it.
    """

    def __init__(self, target: _Target) -> None:
        super().__init__()
        self.setFormatter(target.formatter)
        target.setFormatter(logging.Formatter("%(message)s"))
        self._target = target
        self._kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(self.format(record))

    def flush(self) -> None:
        """Write what was kept."""
        kept, self._kept = self._kept, []
        if kept:
            self._target.emit(logging.makeLogRecord({"msg": "\n".join(kept)}))

    def close(self) -> None:
        """Write what was kept, and end."""
        self.flush()
        self._target.close()
        super().close()


class _Lines(logging.Handler):
    """Makes each line where its request is known; a thread writes those that wait, many at once.

    Args:
        target: writes to where the lines go; how it makes them is taken over from it.
        thread: name of the thread.
    """

    def __init__(self, target: _Target, thread: str) -> None:
        super().__init__()
        self.setFormatter(target.formatter)
        target.setFormatter(logging.Formatter("%(message)s"))
        self._target = target
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name=thread, daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        self._waiting.put(self.format(record))

    def close(self) -> None:
        """Write what waits, and end."""
        self._waiting.put(None)
        self._thread.join()
        self._target.close()
        super().close()

    def _write(self) -> None:
        lines: list[str | None] = [""]
        while lines[-1] is not None:
            lines = [self._waiting.get()]
            time.sleep(TOGETHER)
            while lines[-1] is not None and len(lines) < AT_ONCE and not self._waiting.empty():
                lines.append(self._waiting.get())
            text = "\n".join(line for line in lines if line is not None)
            if text:
                self._target.emit(logging.makeLogRecord({"msg": text}))


def _attached(logger: logging.Logger, handler: logging.Handler) -> Callable[[], None]:
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)

    def stop() -> None:
        logger.removeHandler(handler)
        handler.close()

    return stop
