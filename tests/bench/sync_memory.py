"""What 10 GB up and down, and a folder of 100,000 entries, add to the memory of the sync service.

`CYGNET_BENCH_SCALE=0.1 python -m tests.bench sync_memory` makes them smaller. Each row is measured in a
service of its own that has done the same with little before; the growth is that of the most it ever held.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cygnet_hub.services.sync.store.database import Database
from tests.bench._load import Load, Request
from tests.sync_process import Process, service_process
from tests.sync_tree import fill

AIM = 64
SMALL, FEW = 8 << 20, 2000
_DAV = "/services/sync/remote.php/dav/files/ada"
_API = "/services/sync/api/v1"
_PROPS = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/>'
    b"<d:resourcetype/><d:getlastmodified/><d:getcontentlength/><oc:id/><oc:permissions/></d:prop></d:propfind>"
)


class Service:
    """A service with a small file, and a folder of few and one of many entries."""

    def __init__(self, load: Load, process: Process, size: int) -> None:
        self._load, self._process, self._size = load, process, size
        self._headers = (("Authorization", process.basic()),)

    def upload(self, *, large: bool) -> None:
        """One file up."""
        size = self._size if large else SMALL
        self._send(Request("PUT", f"{_DAV}/file", self._headers, filler=size))

    def download(self, *, large: bool) -> None:
        """One file up and down."""
        self.upload(large=large)
        self._send(Request("GET", f"{_DAV}/file", self._headers))

    def propfind(self, *, large: bool) -> None:
        """A folder by WebDAV."""
        head = (*self._headers, ("Depth", "1"))
        self._send(Request("PROPFIND", f"{_DAV}/{_folder(large)}/", head, _PROPS))

    def as_json(self, *, large: bool) -> None:
        """A folder by the JSON API."""
        self._send(Request("GET", f"{_API}/files?path=/{_folder(large)}", self._headers))

    def peak(self) -> int:
        """Most bytes that it ever held."""
        return self._process.peak()

    def _send(self, request: Request) -> None:
        done = self._load.run(self._process.port, 1, [request], limit=3600)
        if done.refused:
            raise OSError(f"{request.method} was refused")


def _folder(large: bool) -> str:
    return "many" if large else "few"


_ROWS: dict[str, Callable[..., None]] = {
    "10 GB up": Service.upload,
    "10 GB up and down": Service.download,
    "PROPFIND of 100,000 entries": Service.propfind,
    "100,000 entries as JSON": Service.as_json,
}


def main(scale: float = float(os.environ.get("CYGNET_BENCH_SCALE", "1"))) -> None:
    """Print the table, each row as soon as it is there."""
    print("| | MiB before | MiB more | aim |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as name:
        load = Load(Path(name))
        for number, (row, act) in enumerate(_ROWS.items()):
            with _service(Path(name) / str(number), load, scale) as service:
                for _ in range(3):
                    act(service, large=False)
                before = service.peak()
                act(service, large=True)
                grown = service.peak() - before
            print(f"| {row} | {before >> 20} | {grown >> 20} | at most {AIM} |", flush=True)


@contextlib.contextmanager
def _service(folder: Path, load: Load, scale: float) -> Iterator[Service]:
    folder.mkdir()
    database = Database.open(f"sqlite:///{folder}/sync.db")
    many = max(FEW, int(100_000 * scale))
    print(f"  filling a folder of {many:,}", file=sys.stderr, flush=True)
    fill(database, "ada", {"few": FEW, "many": many})
    database.close()
    with service_process(folder) as process:
        yield Service(load, process, max(SMALL, int(10e9 * scale)))
