"""The trees that `tests.bench.mount` measures: local disk, ours, and other mounts of the same service."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.fs_bridge.mounted import is_mounted, mounted
from tests.hub.s3.keys import make_key
from tests.sync_server import sync_server

_LIMIT = 20.0  # seconds in which a mount has to begin, and to end
_EXAMPLE = Path("/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c")

Opened = contextlib.AbstractContextManager["Place"]


@dataclass(frozen=True)
class Place:
    """A tree: where it is, how to mount it anew with nothing remembered, and who looks at it from outside."""

    files: Path
    fresh: Callable[[], None]
    remote: CygnetFileSystem | None


@dataclass(frozen=True)
class Service:
    """The sync service, and who looks at it from outside the mounts."""

    url: str
    password: str
    fs: CygnetFileSystem
    s3: str
    key: str

    @property
    def dav(self) -> str:
        """The address of the tree over WebDAV."""
        return f"{self.url}/remote.php/dav/files/ada/"


@contextlib.contextmanager
def service() -> Iterator[Service]:
    """Run the service as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    try:
        url, password, s3, key = process.stdout.readline().split()
        yield Service(url, password, CygnetFileSystem(url=url, user="ada", password=password), s3, key)
    finally:
        process.stdin.close()
        process.wait(30)


def _serve() -> None:
    with sync_server() as server:
        key = make_key(server, "ada")
        print(server.url, server.app_password("ada"), server.s3, f"{key.id}:{key.secret}", flush=True)
        sys.stdin.read()


@contextlib.contextmanager
def local(base: Path) -> Iterator[Place]:
    """A folder on this machine's disk."""
    base.mkdir()
    yield Place(base, lambda: None, None)


@contextlib.contextmanager
def bare(base: Path) -> Iterator[Place]:
    """A folder on this machine's disk through libfuse's own example in C, which promises nothing.

    The kernel may keep everything for ever: under this no mount can get whose files are served by a program.
    """
    below, files, program = base / "below", base / "files", base / "passthrough_ll"
    (below / base.name).mkdir(parents=True)
    files.mkdir()
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "fuse3"], capture_output=True, text=True, check=True
    )
    compile_it = ["gcc", "-O2", "-o", str(program), str(_EXAMPLE), *shlex.split(flags.stdout)]
    subprocess.run(compile_it, check=True, timeout=_LIMIT)
    options = f"source={below},cache=always,timeout=86400"
    process = subprocess.Popen([str(program), "-f", "-o", options, str(files)], stdout=subprocess.DEVNULL)
    try:
        until(lambda: is_mounted(files))
        yield Place(files / base.name, lambda: None, None)
    finally:
        _unmount(files)
        _end(process)


@contextlib.contextmanager
def ours(base: Path, at: Service) -> Iterator[Place]:
    """`cygnet mount`."""
    base.mkdir()
    with contextlib.ExitStack() as stack:

        def fresh() -> None:
            stack.close()
            stack.enter_context(mounted(at.url, at.password, base))

        fresh()
        yield Place(base / "files" / base.name, fresh, at.fs)


@contextlib.contextmanager
def rclone(base: Path, at: Service, mode: str) -> Iterator[Place]:
    """`rclone mount` over WebDAV, with its cache in a mode."""
    files = base / "files"
    files.mkdir(parents=True)
    hidden = subprocess.run(
        ["rclone", "obscure", at.password], capture_output=True, text=True, check=True
    ).stdout
    remote = f":webdav,url='{at.dav}',vendor=owncloud,user=ada,pass={hidden.strip()}:"
    command = ["rclone", "mount", remote, str(files), "--vfs-cache-mode", mode, "--config", "/dev/null",
               "--cache-dir", str(base / "cache")]  # fmt: skip
    process: subprocess.Popen[bytes] | None = None

    def end() -> None:
        if process is not None:
            process.terminate()
            _end(process)
            _unmount(files)

    def fresh() -> None:
        nonlocal process
        end()
        shutil.rmtree(base / "cache", ignore_errors=True)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: is_mounted(files))

    fresh()
    try:
        yield Place(files / base.name, fresh, at.fs)
    finally:
        end()


@contextlib.contextmanager
def davfs2(base: Path, at: Service) -> Iterator[Place]:
    """`mount.davfs`, which needs root."""
    files, cache = base / "files", base / "cache"
    files.mkdir(parents=True)
    secrets, config = base / "secrets", base / "davfs2.conf"
    secrets.write_text(f'{files} ada "{at.password}"\n')
    secrets.chmod(0o600)
    # Newer kernels refuse what it answers to readdir with a larger buffer.
    config.write_text(f"buf_size 256\nsecrets {secrets}\nask_auth 0\ndelay_upload 0\ncache_dir {cache}\n")

    def fresh() -> None:
        _unmount(files)
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir()
        shutil.chown(cache, group="davfs2")
        cache.chmod(0o775)
        command = ["mount.davfs", "-o", f"conf={config},uid=0", at.dav, str(files)]
        subprocess.run(command, check=True, timeout=_LIMIT, stdout=subprocess.DEVNULL)

    fresh()
    try:
        yield Place(files / base.name, fresh, at.fs)
    finally:
        _unmount(files)


@contextlib.contextmanager
def s3fs(base: Path, at: Service) -> Iterator[Place]:
    """`s3fs` on the service's S3, without a cache on disk, as it is by itself."""
    files, secrets = base / "files", base / "secrets"
    files.mkdir(parents=True)
    secrets.write_text(at.key + "\n")
    secrets.chmod(0o600)
    options = f"passwd_file={secrets},url={at.s3},use_path_request_style"

    def fresh() -> None:
        _unmount(files)
        subprocess.run(["s3fs", "home", str(files), "-o", options], check=True, timeout=_LIMIT)
        until(lambda: is_mounted(files))

    fresh()
    try:
        yield Place(files / base.name, fresh, at.fs)
    finally:
        _unmount(files)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a mount, and then no longer."""
    try:
        process.wait(_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(_LIMIT)


def _unmount(files: Path) -> None:
    """Take a mount away: in good order, which for some is after all is sent, or else as it is."""
    if is_mounted(files):
        with contextlib.suppress(subprocess.SubprocessError):
            subprocess.run(["umount", str(files)], check=True, timeout=_LIMIT, capture_output=True)
    if is_mounted(files):
        subprocess.run(["umount", "-l", str(files)], check=True, timeout=_LIMIT)


def until(check: Callable[[], bool], limit: float = _LIMIT) -> None:
    """Wait until `check` holds; raise TimeoutError after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.002)


if __name__ == "__main__":
    _serve()
