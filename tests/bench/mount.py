"""The mount beside a local disk and other mounts of the same service: small files, large ones, and coherence.

One run after the other on the same tree, each in a folder of its own. The service is a process of its own.
The kernel's caches are dropped before what is called cold where the caller may do that.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.fs_bridge.mounted import is_mounted, mounted
from tests.sync_server import sync_server

FILES = int(os.environ.get("CYGNET_BENCH_FILES", "2000"))
BIG = int(os.environ.get("CYGNET_BENCH_MIB", "256")) << 20
COLUMNS = (
    f"unpack {FILES}, s", "there, s", "stat cold, s", "warm, s", "read all cold, s", "warm, s",
    f"write {BIG >> 20} MiB, s", "there, s", "read cold, s", "warm, s", "random 64 KiB, ms",
    "change seen, ms",
)  # fmt: skip
_LIMIT = 30.0

Cells = list[float | None]


class Place:
    """A tree: where it is, how to mount it anew with nothing remembered, and who looks at it from outside."""

    def __init__(self, files: Path, fresh: Callable[[], None], remote: CygnetFileSystem | None) -> None:
        self.files, self.fresh, self.remote = files, fresh, remote


def main() -> None:
    """Print the table."""
    for row in rows():
        print(row)


def rows() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    with tempfile.TemporaryDirectory(prefix="cygnet-bench-") as folder:
        base = Path(folder)
        _make_tree(base)
        with _service() as (url, password):
            fs = CygnetFileSystem(url=url, user="ada", password=password, skip_instance_cache=True)
            opened = {
                "local disk": _local(base),
                "Cygnet": _ours(base / "ours", url, password, fs),
                "rclone mount, writes": _rclone(base / "writes", "writes", url, password, fs),
                "rclone mount, full": _rclone(base / "full", "full", url, password, fs),
            }
            table = [_row(name, base, place) for name, place in opened.items()]
    return [f"| | {' | '.join(COLUMNS)} |", "|---|" + "---|" * len(COLUMNS), *table]


def _make_tree(base: Path) -> None:
    generator = random.Random(1)
    tree = base / "tree"
    for number in range(FILES):
        folder = tree / f"d{number % 50}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{number}").write_bytes(generator.randbytes(generator.randrange(200, 8000)))
    with tarfile.open(base / "tree.tar", "w") as archive:
        archive.add(tree, "tree")
    with (base / "big").open("wb") as file:
        for _ in range(BIG >> 20):
            file.write(generator.randbytes(1 << 20))


@contextlib.contextmanager
def _service() -> Iterator[tuple[str, str]]:
    command = [sys.executable, "-m", "tests.bench.mount", "serve"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None and process.stdin is not None
    try:
        url, password = process.stdout.readline().split()
        yield url, password
    finally:
        process.stdin.close()
        process.wait(30)


def _serve() -> None:
    with sync_server() as server:
        print(server.url, server.app_password("ada"), flush=True)
        sys.stdin.read()


@contextlib.contextmanager
def _local(base: Path) -> Iterator[Place]:
    files = base / "local"
    files.mkdir()
    yield Place(files, lambda: None, None)


@contextlib.contextmanager
def _ours(base: Path, url: str, password: str, fs: CygnetFileSystem) -> Iterator[Place]:
    base.mkdir()
    with contextlib.ExitStack() as stack:

        def fresh() -> None:
            stack.close()
            stack.enter_context(mounted(url, password, base))

        fresh()
        yield Place(base / "files" / "ours", fresh, fs)


@contextlib.contextmanager
def _rclone(base: Path, mode: str, url: str, password: str, fs: CygnetFileSystem) -> Iterator[Place]:
    files = base / "files"
    files.mkdir(parents=True)
    hidden = subprocess.run(
        ["rclone", "obscure", password], capture_output=True, text=True, check=True
    ).stdout
    remote = f":webdav,url='{url}/remote.php/dav/files/ada',vendor=owncloud,user=ada,pass={hidden.strip()}:"
    command = ["rclone", "mount", remote, str(files), "--vfs-cache-mode", mode, "--config", "/dev/null",
               "--cache-dir", str(base / "cache")]  # fmt: skip
    process: subprocess.Popen[bytes] | None = None

    def end() -> None:
        if process is not None:
            process.terminate()
            process.wait(30)

    def fresh() -> None:
        nonlocal process
        end()
        shutil.rmtree(base / "cache", ignore_errors=True)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _until(lambda: is_mounted(files))

    fresh()
    try:
        yield Place(files / base.name, fresh, fs)
    finally:
        end()


def _row(name: str, base: Path, opened: contextlib.AbstractContextManager[Place]) -> str:
    cells: Cells = []
    try:
        with opened as place:
            place.files.mkdir(exist_ok=True)
            cells += _unpacking(place, base)
            cells += _walking(place, base)
            cells += _large(place, base)
            cells += _coherence(place)
    except (OSError, subprocess.SubprocessError) as error:
        # A mount that does not start or breaks off is a result, not the end of the run.
        print(f"{name}: {error}", file=sys.stderr)
    cells += [None] * (len(COLUMNS) - len(cells))
    return f"| {name} | {' | '.join('-' if cell is None else f'{cell:.3g}' for cell in cells)} |"


def _unpacking(place: Place, base: Path) -> Cells:
    took = _timed(lambda: subprocess.run(["tar", "xf", base / "tree.tar"], cwd=place.files, check=True))
    return [took, _timed(lambda: _arrived(place, lambda fs, top: len(fs.find(f"{top}/tree")) == FILES))]


def _walking(place: Place, base: Path) -> Cells:
    top = place.files / "tree"
    place.fresh()
    _drop_caches()
    return [_timed(partial(look, top)) for look in (_stat_all, _stat_all, _read_all, _read_all)]


def _large(place: Place, base: Path) -> Cells:
    written = _timed(lambda: shutil.copyfile(base / "big", place.files / "big"))
    there = _timed(lambda: _arrived(place, lambda fs, top: fs.info(f"{top}/big")["size"] == BIG))
    place.fresh()
    _drop_caches()
    random_reads = _random_reads(place.files / "big")
    place.fresh()
    _drop_caches()
    cold, warm = (_timed(lambda: _read(place.files / "big")) for _ in range(2))
    return [written, there, cold, warm, random_reads]


def _coherence(place: Place) -> Cells:
    if place.remote is None:
        return [0.0]
    path, seen = f"/{place.files.name}/shared", []
    for turn in range(5):
        text = b"%06d" % turn
        place.remote.pipe_file(path, text)
        try:
            seen.append(_timed(partial(_until, partial(_holds, place.files / "shared", text))))
        except TimeoutError:
            return [None]
    return [sorted(seen)[len(seen) // 2] * 1000]


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.read_bytes() == text
    except OSError:
        return False


def _arrived(place: Place, there: Callable[[CygnetFileSystem, str], bool]) -> None:
    remote = place.remote
    if remote is None:
        return

    def look() -> bool:
        try:
            return there(remote, f"/{place.files.name}")
        except FileNotFoundError:
            return False

    _until(look)


def _until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.002)


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


def _random_reads(path: Path, count: int = 100) -> float:
    """Milliseconds of one read of 64 KiB somewhere in a file that nobody has read."""
    generator = random.Random(2)
    with path.open("rb", buffering=0) as file:
        places = [generator.randrange(0, BIG - (64 << 10)) for _ in range(count)]
        return _timed(lambda: [os.pread(file.fileno(), 64 << 10, at) for at in places]) / count * 1000


def _drop_caches() -> None:
    """Make the kernel forget what it read, where that is allowed; the mount was started anew in any case."""
    os.sync()
    with contextlib.suppress(OSError):
        Path("/proc/sys/vm/drop_caches").write_text("3")


if __name__ == "__main__" and sys.argv[1:] == ["serve"]:
    _serve()
