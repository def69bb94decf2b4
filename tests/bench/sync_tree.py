"""One tree of 1,000 nodes and one of 1,000,000: what the same request costs in both.

`CYGNET_BENCH_SCALE=0.1 python -m tests.bench sync_tree` makes the larger one smaller. Milliseconds of one
request as the client sees it, the median of many, one after the other; in brackets the CPU that the server
spends on one. The two services take turns, so that a busy machine is busy for both.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from cygnet_hub.services.sync.store.database import Database
from tests.bench._load import Load, Request
from tests.sync_process import Process, service_process
from tests.sync_tree import fill

EACH = 1000
TURNS = 20
ROOT = "/services/sync/remote.php/dav/files/ada"
AIM = 1.2

_PROPS = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/>'
    b"<d:resourcetype/><d:getlastmodified/><d:getcontentlength/><oc:id/><oc:permissions/></d:prop></d:propfind>"
)


class Cost(NamedTuple):
    """Milliseconds of one request: as the client sees it, and of the server's CPU."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Tree:
    """A service with a filled tree."""

    load: Load
    process: Process

    def send(self, requests: list[Request]) -> Cost:
        """What one request costs."""
        before = self._cpu()
        done = self.load.run(self.process.port, 1, requests)
        if done.refused:
            raise OSError(f"{done.refused} of {done.count} requests were refused")
        return Cost(done.median * 1000, (self._cpu() - before) * 1000 / len(requests))

    def _cpu(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Request:
        """One with a login."""
        named = ("Authorization", self.process.basic()), *headers.items()
        return Request(method, ROOT + path, named, body)


def _put(tree: Tree, turn: int) -> Cost:
    return tree.send([tree.request("PUT", f"/all/part-0/new{turn}-{n}", b"x" * 4096) for n in range(20)])


def _list(tree: Tree, _turn: int) -> Cost:
    return tree.send([tree.request("PROPFIND", "/all/part-0/", _PROPS, Depth="1")] * 2)


def _rename(tree: Tree, _turn: int) -> Cost:
    there = tree.request("MOVE", "/all", Destination=f"{ROOT}/moved")
    return tree.send([there, tree.request("MOVE", "/moved", Destination=f"{ROOT}/all")] * 5)


def _poll(tree: Tree, _turn: int) -> Cost:
    return tree.send([tree.request("PROPFIND", "/", _PROPS, Depth="0")] * 20)


_ROWS: dict[str, Callable[[Tree, int], Cost]] = {
    "PUT of 4 KiB": _put,
    f"PROPFIND of a folder of {EACH:,}": _list,
    "rename of the folder with everything": _rename,
    "poll of the root": _poll,
}


def main(scale: float = float(os.environ.get("CYGNET_BENCH_SCALE", "1"))) -> None:
    """Print the table, each row as soon as it is there."""
    counts = (EACH, max(10, int(1000 * scale)) * EACH)
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as name, contextlib.ExitStack() as stack:
        base = Path(name)
        load = Load(base)
        few, many = (Tree(load, stack.enter_context(_service(base / str(count), count))) for count in counts)
        print(f"| ms | {counts[0]:,} nodes | {counts[1]:,} nodes | times | aim |\n|---|---|---|---|---|")
        for row, measure in _ROWS.items():
            print(_row(row, measure, few, many), flush=True)


def _row(row: str, measure: Callable[[Tree, int], Cost], few: Tree, many: Tree) -> str:
    pairs = [(measure(few, turn), measure(many, turn)) for turn in range(TURNS)]
    small, large = (_typical([pair[side] for pair in pairs]) for side in range(2))
    times = f"{large.wall / small.wall:.2f} ({large.cpu / small.cpu:.2f})"
    cells = [f"{cost.wall:.2f} ({cost.cpu:.2f})" for cost in (small, large)]
    return f"| {row} | {' | '.join(cells)} | {times} | at most {AIM} |"


def _typical(costs: list[Cost]) -> Cost:
    """The median wait; CPU time is counted in steps too coarse for a median."""
    return Cost(statistics.median(cost.wall for cost in costs), statistics.mean(cost.cpu for cost in costs))


@contextlib.contextmanager
def _service(folder: Path, count: int) -> Iterator[Process]:
    """Run the service on a tree of so many files, a thousand in a folder."""
    folder.mkdir()
    database = Database.open(f"sqlite:///{folder}/sync.db")
    print(f"  filling a tree of {count:,}", file=sys.stderr, flush=True)
    fill(database, "ada", {f"part-{number}": EACH for number in range(count // EACH)}, top="all")
    database.close()
    with service_process(folder) as process:
        yield process
