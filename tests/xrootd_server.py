"""Real XRootD servers on addresses of the loopback, as the user `xrootd`."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

CONFIG = """
xrd.port {port}
xrd.network nodnr
all.export /data
oss.localroot {folder}/root
all.adminpath {folder}/admin
all.pidpath {folder}/admin
xrootd.chksum max 2 adler32
"""


class XRootD:
    """One server; `url` ends with the exported folder `//data`.

    The client tells servers apart by their host, so several at a time need addresses of their own.
    """

    def __init__(self, folder: Path, host: str) -> None:
        self.folder, self.host = folder, host
        with socket.socket() as free:
            free.bind((host, 0))
            self.port: int = free.getsockname()[1]
        self.data = folder / "root" / "data"
        self.data.mkdir(parents=True)
        (folder / "admin").mkdir()
        (folder / "config").write_text(CONFIG.format(port=self.port, folder=folder))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def hostid(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"root://{self.hostid}//data"

    def start(self) -> None:
        command = ["xrootd", "-I", "v4", "-c", str(self.folder / "config"), "-n", "test"]
        if os.geteuid() == 0:  # it refuses to run as root
            account = pwd.getpwnam("xrootd")
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
            ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
            command = ["setpriv", *ids, *command]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"xrootd did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(10)
            self.process = None


@contextlib.contextmanager
def xrootd_servers(count: int = 1) -> Iterator[list[XRootD]]:
    """Run servers on 127.0.0.2 and on until the block ends."""
    with contextlib.ExitStack() as stack:
        servers = []
        for number in range(count):
            folder = Path(tempfile.mkdtemp(prefix="cygnet-xrootd-"))
            folder.chmod(0o755)
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            server = XRootD(folder, f"127.0.0.{number + 2}")
            stack.callback(server.stop)
            server.start()
            servers.append(server)
        yield servers
