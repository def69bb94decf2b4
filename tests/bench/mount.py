"""The mount beside a local disk and other mounts of the same service: small files, large ones, and coherence.

`python -m tests.bench.mount [SCALE]`: sizes are those of the column heads times SCALE, 1 unless given;
0.05 takes a minute. One row after the other on the same tree, each in a folder of its own. The kernel's
caches are dropped before what is called cold where the caller may do that. A row may take so long as to
end the whole within minutes, and a part of it that takes too long is broken off: `>9` took longer than
that, what should have come after it is not measured, and why a cell has no number is said under the table.
What is under way is told on standard error.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

import numpy as np
import uproot

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.bench._mount_places import Opened, Place, bare, davfs2, local, ours, rclone, s3fs, service, until

_GIT = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
_BRANCHES, _ROWS = 60, 1_250_000
_ROW, _ROW_AT_FULL_SIZE = 20.0, 160.0  # seconds for a row, and how many more at the sizes of the column heads
_SEEN = 20.0  # seconds until a change has to have come to the service, or from it
_LEAST = 5.0  # seconds that a part has in any case
_MORE = 2  # how much longer a part of a row may take than if all that are left took the same

Cell = float | str  # a number, or what there is in its place
Measure = Callable[["Bench", Place], Iterator[Cell]]


class TooSlow(Exception):
    """It took longer than it may."""


class Bench:
    """What is measured with: files of a size, made once.

    Args:
        base: an empty folder.
        scale: times the sizes of the column heads.
    """

    def __init__(self, base: Path, scale: float) -> None:
        self.base = base
        self.files, self.big = max(50, int(2000 * scale)), max(8, int(1024 * scale)) << 20
        self._make_tree()
        self._make_repository()
        self._make_large()
        self._make_root(int(_ROWS * scale))

    def _make_tree(self) -> None:
        generator = random.Random(1)
        tree = self.base / "tree"
        for number in range(self.files):
            folder = tree / f"d{number % 50}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"f{number}").write_bytes(generator.randbytes(generator.randrange(200, 8000)))
        with tarfile.open(self.base / "tree.tar", "w") as archive:
            archive.add(tree, "tree")

    def _make_repository(self) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "all"]):
            subprocess.run(["git", *command], cwd=self.base / "tree", env=_GIT, check=True, timeout=300)

    def _make_large(self) -> None:
        generator = random.Random(2)
        with (self.base / "big").open("wb") as file:
            for _ in range(self.big >> 20):
                file.write(generator.randbytes(1 << 20))

    def _make_root(self, rows: int) -> None:
        generator, names = np.random.default_rng(3), [f"b{number}" for number in range(_BRANCHES)]
        with uproot.recreate(self.base / "events.root", compression=None) as file:
            tree = file.mktree("events", dict.fromkeys(names, "float32"))
            for _ in range(10):
                tree.extend({name: generator.random(rows // 10, dtype="float32") for name in names})


def main(scale: float = float(os.environ.get("CYGNET_BENCH_SCALE", "1"))) -> None:
    """Print the table; each row as soon as it is there."""
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-", ignore_cleanup_errors=True) as folder:
        base = Path(folder)
        base.chmod(0o711)  # davfs2 is another user
        bench = Bench(base, scale)
        heads = [head for _, names in _MEASURES for head in names]
        print(f"Times {scale:g}: {bench.files} small files, {bench.big >> 20} MiB; seconds unless said.\n")
        print(f"| | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}", flush=True)
        with service() as at:
            opened: dict[str, Opened] = {
                "local disk": local(base / "local"),
                "FUSE itself": bare(base / "bare"),
                "Cygnet": ours(base / "ours", at),
                "rclone mount, writes": rclone(base / "writes", at, "writes"),
                "rclone mount, full": rclone(base / "full", at, "full"),
                "davfs2": davfs2(base / "davfs2", at),
                "s3fs": s3fs(base / "s3fs", at),
            }
            rows = [Row(name, bench, _ROW + _ROW_AT_FULL_SIZE * scale) for name in opened]
            for row, place in zip(rows, opened.values(), strict=True):
                print(row.measured(place), flush=True)
    print()
    for note in [_FLOOR, _HTTP, *(note for row in rows for note in row.notes)]:
        print(f"- {note}")


_FLOOR = (
    "FUSE itself: libfuse's example in C, which hands calls to a local disk and lets the kernel keep "
    "everything. A mount whose files are served by a program is only faster where the kernel does not ask it."
)
_HTTP = "rclone's http backend is no row: it reads listings in HTML, and the service has none."


class Row:
    """One line of the table.

    Args:
        name: of what is measured.
        bench: what with.
        limit: most seconds.
    """

    def __init__(self, name: str, bench: Bench, limit: float) -> None:
        self._name, self._bench, self._limit, self._deadline = name, bench, limit, 0.0
        self.notes: list[str] = []

    def measured(self, opened: Opened) -> str:
        """Measure everything at a place; return the line."""
        cells: list[Cell] = []
        self._deadline = time.monotonic() + self._limit
        try:
            with opened as place:
                place.files.mkdir(exist_ok=True)
                for number, (measure, heads) in enumerate(_MEASURES):
                    cells += self._part(measure(self._bench, place), heads, len(_MEASURES) - number)
        except (OSError, subprocess.SubprocessError) as error:
            # A mount that does not start or does not end is a result, not the end of the run.
            self._note("the mount", error)
        cells += ["-"] * (sum(len(heads) for _, heads in _MEASURES) - len(cells))
        return f"| {self._name} | {' | '.join(map(_shown, cells))} |"

    def _part(self, measured: Iterator[Cell], heads: tuple[str, ...], remaining: int) -> list[Cell]:
        left = self._deadline - time.monotonic()
        limit = max(_LEAST, left * min(1.0, _MORE / remaining))
        cells: list[Cell] = []
        try:
            with _within(limit):
                for cell in measured:
                    print(f"{self._name}: {heads[len(cells)]} {_shown(cell)}", file=sys.stderr, flush=True)
                    cells.append(cell)
        except (OSError, subprocess.SubprocessError) as error:
            self._note(heads[len(cells)], error)
        except TooSlow as error:
            self._note(heads[len(cells)], error)
            cells.append(f">{limit:.0f}")
        return cells + ["-"] * (len(heads) - len(cells))

    def _note(self, what: str, error: Exception) -> None:
        said = getattr(error, "stderr", None)
        words = f"{error} {said.decode(errors='replace').strip()}" if isinstance(said, bytes) else str(error)
        self.notes.append(f"{self._name}, '{what}': {words}.")
        print(self.notes[-1], file=sys.stderr, flush=True)


def _shown(cell: Cell) -> str:
    return cell if isinstance(cell, str) else f"{cell:.3g}"


@contextlib.contextmanager
def _within(limit: float) -> Iterator[None]:
    """Break off what is done in the block after so many seconds, again and again until it is left."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"broken off after {limit:.0f} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, limit, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _unpacking(bench: Bench, place: Place) -> Iterator[Cell]:
    yield _timed(lambda: _run("tar", "xf", str(bench.base / "tree.tar"), at=place.files))
    yield _arrival(place, lambda fs, top: len(fs.find(f"{top}/tree")) == bench.files)


def _cloning(bench: Bench, place: Place) -> Iterator[Cell]:
    yield _timed(partial(_run, "git", "clone", "-q", str(bench.base / "tree"), "clone", at=place.files))
    for _ in range(2):
        yield _timed(partial(_run, "git", "status", "--short", at=place.files / "clone"))


def _walking(bench: Bench, place: Place) -> Iterator[Cell]:
    _forget(place)
    for look in (_stat_all, _stat_all, _read_all, _read_all):
        yield _timed(partial(look, place.files / "tree"))


def _large(bench: Bench, place: Place) -> Iterator[Cell]:
    yield _timed(lambda: shutil.copyfile(bench.base / "big", place.files / "big"))
    yield _arrival(place, lambda fs, top: fs.info(f"{top}/big")["size"] == bench.big)
    _forget(place)
    for _ in range(2):
        yield _timed(lambda: _read(place.files / "big"))
    _forget(place)
    yield _random_reads(place.files / "big", bench.big)


def _root(bench: Bench, place: Place) -> Iterator[Cell]:
    shutil.copyfile(bench.base / "events.root", place.files / "events.root")
    size = (bench.base / "events.root").stat().st_size
    _arrival(place, lambda fs, top: fs.info(f"{top}/events.root")["size"] == size)
    _forget(place)
    for _ in range(2):
        yield _timed(lambda: _read_branches(place.files / "events.root"))


def _coherence(bench: Bench, place: Place) -> Iterator[Cell]:
    if place.remote is None:
        yield 0.0
        return
    path, seen = f"/{place.files.name}/shared", []
    for turn in range(3):
        text = b"%06d" % turn
        place.remote.pipe_file(path, text)
        try:
            seen.append(_timed(partial(until, partial(_holds, place.files / "shared", text), _SEEN)))
        except TimeoutError:
            yield f">{_SEEN * 1000:.0f}"
            return
    yield sorted(seen)[len(seen) // 2] * 1000


_MEASURES: tuple[tuple[Measure, tuple[str, ...]], ...] = (
    (_unpacking, ("unpack 2,000", "and there")),
    (_cloning, ("git clone", "status", "again")),
    (_walking, ("stat cold", "warm", "read tree cold", "warm")),
    (_large, ("write 1 GiB", "and there", "read cold", "warm", "64 KiB, ms")),
    (_root, ("4 branches cold", "warm")),
    (_coherence, ("change seen, ms",)),
)


def _run(*command: str, at: Path) -> None:
    subprocess.run(command, cwd=at, env=_GIT, check=True, timeout=300)


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.read_bytes() == text
    except OSError:
        return False


def _arrival(place: Place, there: Callable[[CygnetFileSystem, str], bool]) -> Cell:
    """Return the seconds until the service has it, or that it took too long."""
    remote = place.remote
    if remote is None:
        return 0.0

    def look() -> bool:
        try:
            return there(remote, f"/{place.files.name}")
        except FileNotFoundError:
            return False

    try:
        return _timed(lambda: until(look, _SEEN))
    except TimeoutError:
        return f">{_SEEN:.0f}"


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _stat_all(top: Path) -> None:
    for folder, _, names in os.walk(top):
        for name in names:
            os.stat(os.path.join(folder, name))


def _read_all(top: Path) -> None:
    for folder, _, names in os.walk(top):
        for name in names:
            Path(folder, name).read_bytes()


def _read(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def _read_branches(path: Path) -> None:
    with uproot.open(path) as file:
        file["events"].arrays(["b3", "b17", "b31", "b59"], library="np")


def _random_reads(path: Path, size: int, count: int = 100) -> float:
    """Milliseconds of reading 64 KiB somewhere in a file that nobody has read, with a share of opening it."""
    generator = random.Random(2)
    places = [generator.randrange(0, size - (64 << 10)) for _ in range(count)]

    def read() -> None:
        with path.open("rb", buffering=0) as file:  # which is where some mounts fetch the whole file
            for at in places:
                os.pread(file.fileno(), 64 << 10, at)

    return _timed(read) / count * 1000


def _forget(place: Place) -> None:
    """Mount anew, and make the kernel forget what it read where that is allowed."""
    place.fresh()
    os.sync()
    with contextlib.suppress(OSError):
        Path("/proc/sys/vm/drop_caches").write_text("3")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
