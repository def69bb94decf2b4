"""One log file a part, and a part that comes back by itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def logged(log: Path, command: Iterable[str]) -> list[str]:
    """Return `command` so that what it prints is appended to `log`.

    The shell replaces itself with the command: no process is left in between to forward signals.
    """
    return ["/bin/sh", "-c", 'exec "$@" >>"$0" 2>&1', str(log), *command]


# The hub looks after its services only every 30 seconds. So this shell starts a service again one second
# after it ended, then after 2, 4, ... 32 seconds when that helps for less than a minute. It ends when it is
# told to, once the service has finished what was under way.
_KEEPER = """
trap 'ended=1; kill -TERM "$pid" 2>/dev/null' TERM INT
pause=1
while test -z "$ended"; do
  began=$(date +%s)
  "$@" >>"$0" 2>&1 &
  pid=$!
  while wait "$pid"; code=$?; kill -0 "$pid" 2>/dev/null; do :; done
  test -z "$ended" || break
  test $(($(date +%s) - began)) -lt 60 || pause=1
  echo "ended with status $code; started again in $pause s" >>"$0"
  sleep "$pause" &
  wait $!
  test "$pause" -ge 32 || pause=$((pause * 2))
done
"""


def kept(log: Path, command: Iterable[str]) -> list[str]:
    """Return `command` so that it is logged, and started again soon whenever it ends."""
    return ["/bin/sh", "-c", _KEEPER, str(log), *command]
