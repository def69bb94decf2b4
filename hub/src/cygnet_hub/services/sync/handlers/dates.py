"""Times as HTTP and WebDAV write them: a listing writes many, so of most only the clock is made."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

DAY = 86400


def http_date(seconds: float) -> str:
    """A time (seconds since 1970) as HTTP headers have it: "Sun, 06 Nov 1994 08:49:37 GMT"."""
    return _http_date(int(seconds))


def iso_time(seconds: float) -> str:
    """A time (seconds since 1970) as RFC 3339 has it: "1994-11-06T08:49:37Z"."""
    return _iso_time(int(seconds))


@lru_cache(4096)
def _http_date(seconds: int) -> str:
    days, rest = divmod(seconds, DAY)
    return f"{_http_day(days)}{_clock(rest)} GMT"


@lru_cache(4096)
def _iso_time(seconds: int) -> str:
    days, rest = divmod(seconds, DAY)
    return f"{_iso_day(days)}T{_clock(rest)}Z"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@lru_cache(1024)
def _http_day(days: int) -> str:
    """The beginning of a time, up to its hour."""
    return format_datetime(_day(days), usegmt=True).removesuffix("00:00:00 GMT")


@lru_cache(1024)
def _iso_day(days: int) -> str:
    return _day(days).date().isoformat()


def _day(days: int) -> datetime:
    return datetime.fromtimestamp(days * DAY, UTC)
