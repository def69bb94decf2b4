"""Which certificates are accepted now; what an administrator or fetch-crl changes counts a minute later."""

from __future__ import annotations

import logging
from pathlib import Path

from ..model.settings import Tls
from .authorities import Authorities

log = logging.getLogger(__name__)

_Stamp = tuple[tuple[str, int, int], ...]


class Trust:
    """The authorities of a folder, as they were when it was last read.

    Args:
        tls: says which folder, and what of it is needed; without a folder nobody's certificates are accepted.
    """

    def __init__(self, tls: Tls | None) -> None:
        self._tls = tls
        self.vomsdir = tls.vomsdir if tls else None
        self._stamp: _Stamp = ()
        self.authorities = Authorities()
        self.refresh()

    def refresh(self) -> bool:
        """Read the folder again if anything in it changed, and say whether. Blocks.

        Of a folder that cannot be read nothing is accepted.
        """
        if self._tls is None:
            return False
        try:
            stamp = _stamp(self._tls)
            if stamp == self._stamp:
                return False
            folder = self._tls.authorities
            self.authorities = Authorities.read(folder, self._tls.needs_lists) if folder else Authorities()
        except OSError as error:
            log.warning("certificates of clients are not accepted: %s", error)
            stamp, self.authorities = (), Authorities()
        self._stamp = stamp
        return True


def _stamp(tls: Tls) -> _Stamp:
    """What changes when a file of the folder, or our own certificate, changes."""
    paths = [tls.certificate, tls.key, *(sorted(tls.authorities.iterdir()) if tls.authorities else ())]
    return tuple(mark for path in paths for mark in _mark(path))


def _mark(path: Path) -> _Stamp:
    """One file's part of it; none of a file that is being replaced."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ()
    return ((str(path), status.st_mtime_ns, status.st_size),)
