"""The servers that `tests.bench.sync` measures: ours, and WebDAV servers that people would use instead."""

from __future__ import annotations

import contextlib
import importlib.metadata
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil

from tests.ports import free_port
from tests.sync_process import service_process

Opened = contextlib.AbstractContextManager["Server"]

#: nginx' modules, as Debian has them.
_NGINX_MODULES = Path("/usr/lib/nginx/modules")
_APACHE_MODULES = Path("/usr/lib/apache2/modules")


@dataclass(frozen=True)
class Server:
    """A running server.

    Args:
        name: with its version.
        promises: what it promises of a file that it accepted.
        port: on this machine.
        root: path of the folder that files go to, without a slash at the end.
        pid: of its first process.
        headers: that every request needs.
        bulk: path that takes many files at once; empty: it has none.
    """

    name: str
    promises: str
    port: int
    root: str
    pid: int
    headers: tuple[tuple[str, str], ...] = ()
    bulk: str = ""

    def processes(self) -> list[psutil.Process]:
        """All of its processes."""
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds of CPU that it has used."""
        return sum(sum(one.cpu_times()[:2]) for one in self.processes())

    def memory(self) -> int:
        """Bytes that it holds."""
        return sum(one.memory_info().rss for one in self.processes())


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """The sync service, as the hub runs it."""
    version = importlib.metadata.version("cygnet-hub")
    with service_process(folder) as process:
        yield Server(
            f"Cygnet {version}",
            "fsync, etag of every folder above, 4 checksums, old version kept, quota, locks, login",
            process.port,
            "/services/sync/remote.php/dav/files/ada",
            process.pid,
            (("Authorization", process.basic()),),
            "/services/sync/remote.php/dav/bulk",
        )


@contextlib.contextmanager
def wsgidav(folder: Path) -> Iterator[Server]:
    """wsgidav on cheroot, as its command runs it."""
    folder.mkdir()
    name = f"wsgidav {importlib.metadata.version('wsgidav')}"
    program = Path(sys.executable).with_name("wsgidav")
    with _running(
        lambda port: [
            program, "--host", "127.0.0.1", "--port", port, "--root", folder, "--auth", "anonymous",
            "--server", "cheroot", "-q", "--no-config",
        ]
    ) as (port, pid):  # fmt: skip
        yield Server(name, "locks; an interrupted upload destroys the old file", port, "", pid)


@contextlib.contextmanager
def rclone(folder: Path) -> Iterator[Server]:
    """`rclone serve webdav`."""
    folder.mkdir()
    version = _first_line("rclone", "version")
    with _running(
        lambda port: [
            "rclone",
            "serve",
            "webdav",
            folder,
            "--addr",
            f"127.0.0.1:{port}",
            "--config",
            "/dev/null",
        ]
    ) as (port, pid):
        yield Server(version, "an interrupted upload destroys the old file", port, "", pid)


_APACHE = """{modules}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
ServerRoot {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
DocumentRoot {folder}/files
DavLockDB {folder}/locks
MaxKeepAliveRequests 0
{account}
<Directory {folder}/files>
  Dav On
  Require all granted
</Directory>
"""

_NGINX = """load_module {modules}/ngx_http_dav_ext_module.so;
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
{account}
events {{ }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 10000000;
  client_max_body_size 0;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/1;
  fastcgi_temp_path {folder}/2;
  uwsgi_temp_path {folder}/3;
  scgi_temp_path {folder}/4;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    dav_methods PUT DELETE MKCOL COPY MOVE;
    dav_ext_methods PROPFIND OPTIONS;
  }}
}}
"""


@contextlib.contextmanager
def apache(folder: Path) -> Iterator[Server]:
    """Apache with mod_dav, in its default of processes and threads."""
    _open_to_all(folder)
    names = ("mpm_event", "authz_core", "dav", "dav_fs", "setenvif")
    modules = "\n".join(f"LoadModule {name}_module {_APACHE_MODULES}/mod_{name}.so" for name in names)
    account, config = _as_www_data("User www-data\nGroup www-data"), folder / "apache.conf"

    def command(port: int) -> list[object]:
        config.write_text(_APACHE.format(modules=modules, port=port, folder=folder, account=account))
        return ["/usr/sbin/apache2", "-DFOREGROUND", "-f", config]

    with _running(command) as (port, pid):
        name = _first_line("/usr/sbin/apache2", "-v")
        yield Server(name, "old file until the new one is whole, locks", port, "", pid)


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """nginx with its dav module and dav-ext, a process for each core."""
    _open_to_all(folder)
    account, config = _as_www_data("user www-data;"), folder / "nginx.conf"

    def command(port: int) -> list[object]:
        config.write_text(_NGINX.format(modules=_NGINX_MODULES, port=port, folder=folder, account=account))
        return ["/usr/sbin/nginx", "-e", folder / "nginx.log", "-c", config]

    with _running(command) as (port, pid):
        version = subprocess.run(["/usr/sbin/nginx", "-v"], capture_output=True, text=True, check=True).stderr
        yield Server(version.strip().rpartition(" ")[2], "old file until the new one is whole", port, "", pid)


#: Every server, and the program without which it cannot run.
SERVERS: dict[str, tuple[Callable[[Path], Opened], str]] = {
    "cygnet": (ours, sys.executable),
    "nginx": (nginx, "/usr/sbin/nginx"),
    "apache": (apache, "/usr/sbin/apache2"),
    "rclone": (rclone, "rclone"),
    "wsgidav": (wsgidav, str(Path(sys.executable).with_name("wsgidav"))),
}


def installed() -> dict[str, Callable[[Path], Opened]]:
    """Those that this machine has."""
    return {name: opened for name, (opened, program) in SERVERS.items() if shutil.which(program)}


def _as_www_data(line: str) -> str:
    return line if psutil.Process().uids().effective == 0 else ""


def _open_to_all(folder: Path) -> None:
    """Make a folder `files`, which a server that has given up being root may write to."""
    (folder / "files").mkdir(parents=True)
    for each in (folder, folder / "files"):
        each.chmod(0o777)


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.splitlines()[0].removeprefix("Server version: ")


@contextlib.contextmanager
def _running(command: Callable[[int], list[object]]) -> Iterator[tuple[int, int]]:
    """Run a server on a free port until the block ends: (port, process id)."""
    port = free_port()
    words = [str(word) for word in command(port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(60)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("OPTIONS", "/")
            connection.getresponse()
            connection.close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start")
