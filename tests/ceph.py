"""A Ceph of the tests' own, in memory: one monitor, one store and its S3 gateway, all on loopback."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from tests.ports import free_port

#: The one account of the gateway.
ACCESS_KEY = SECRET_KEY = "test"

# One copy of everything, and nobody else on the address: the daemons need not prove who they are.
CONFIG = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon_port}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
keyring = {folder}/keyring
auth cluster required = none
auth service required = none
auth client required = none
osd objectstore = memstore
memstore device bytes = 2147483648
mon allow pool size one = true
mon data avail crit = 1
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
[mon.a]
mon data = {folder}/mon
[osd.0]
osd data = {folder}/osd
osd crush update on start = false
osd class update on start = false
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port}
"""

START_SECONDS = 120


class Ceph:
    """The daemons and what they say. `address` is the gateway's, once `start` has returned."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.fsid, self.port = folder, str(uuid4()), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._daemons: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Raises `RuntimeError` with the daemons' own words if they do not answer in time."""
        self._configure()
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", self.folder / "monmap")
        self._daemon("ceph-mon", "-i", "a")
        uuid = str(uuid4())
        self._run("ceph", "osd", "new", uuid)
        # By itself it would say so at times before it knows which cluster it speaks to, and end.
        self._run("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=localhost")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", uuid, "--no-mon-config")
        self._daemon("ceph-osd", "-i", "0")
        self._daemon("radosgw", "-n", "client.rgw")
        self._wait()
        account = ["--uid", "test", "--display-name", "test"]
        self._run(
            "radosgw-admin",
            "user",
            "create",
            *account,
            "--access-key",
            ACCESS_KEY,
            "--secret-key",
            SECRET_KEY,
        )

    def stop(self) -> None:
        """It is all in memory: nothing is worth an orderly end."""
        for daemon in self._daemons:
            daemon.kill()
            daemon.wait(timeout=30)

    def _configure(self) -> None:
        mon_port = free_port()
        text = CONFIG.format(folder=self.folder, fsid=self.fsid, port=self.port, mon_port=mon_port)
        (self.folder / "ceph.conf").write_text(text)
        for name in ("mon", "osd"):
            (self.folder / name).mkdir()
        monmap = ["--create", "--addv", "a", f"[v1:127.0.0.1:{mon_port}]", "--fsid", self.fsid]
        self._tool("monmaptool", *monmap, self.folder / "monmap")
        keyring: list[str | Path] = ["ceph-authtool", self.folder / "keyring", "--gen-key"]
        self._tool(*keyring, "--create-keyring", "-n", "mon.", "--cap", "mon", "allow *")
        self._tool(*keyring, "-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *")

    def _run(self, program: str, *arguments: str | Path) -> None:
        self._tool(program, "-c", self.folder / "ceph.conf", *arguments)

    def _tool(self, *command: str | Path) -> None:
        subprocess.run(command, check=True, timeout=START_SECONDS, capture_output=True)

    def _daemon(self, program: str, *arguments: str) -> None:
        command = [program, "-c", str(self.folder / "ceph.conf"), *arguments, "-f"]
        with (self.folder / f"{program}.out").open("wb") as out:
            self._daemons.append(subprocess.Popen(command, stdout=out, stderr=out))

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.address, timeout=5):
                return
            time.sleep(0.1)
        said = "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.out"))
        raise RuntimeError(f"Ceph did not start within {START_SECONDS} s:\n{said}")


@contextlib.contextmanager
def ceph() -> Iterator[Ceph]:
    """A new, empty Ceph in a temporary folder, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cygnet-ceph-"))
    running = Ceph(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)
