"""A redirector of XRootD with two servers behind it, each with its cluster manager (`cmsd`)."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.xrootd_server import as_its_user, free_port

HOSTS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
CONFIG = """
all.role {role}
all.manager {manager}
all.export /data
oss.localroot {folder}/root
all.adminpath {folder}/admin
all.pidpath {folder}/admin
xrd.network nodnr
cms.delay startup 1 servers 1 lookup 1
if exec xrootd
xrd.port {port}
fi
if exec cmsd
xrd.port {cluster_port}
fi
"""


@dataclass
class Cluster:
    """A redirector and its servers.

    Args:
        hostid: host and port of the redirector.
        servers: folder and processes of each, by its port.
    """

    hostid: str
    servers: dict[int, Path]
    processes: dict[int, list[subprocess.Popen[bytes]]] = field(default_factory=dict)

    def kill(self, port: int) -> None:
        """Kill a server, and what it belongs to the cluster by."""
        for process in self.processes[port]:
            process.kill()


def _start(
    folder: Path, role: str, manager: str, port: int, cluster_port: int
) -> list[subprocess.Popen[bytes]]:
    (folder / "root" / "data").mkdir(parents=True)
    (folder / "admin").mkdir()
    text = CONFIG.format(role=role, manager=manager, folder=folder, port=port, cluster_port=cluster_port)
    (folder / "config").write_text(text)
    started = []
    for program in ("cmsd", "xrootd"):
        command = as_its_user(folder, program, "-c", str(folder / "config"), "-n", "test")
        with (folder / f"{program}.log").open("wb") as log:
            started.append(subprocess.Popen(command, cwd=folder, stdout=log, stderr=log))
    return started


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Run one until the block ends; it takes some seconds until its parts have found one another."""
    base = Path(tempfile.mkdtemp(prefix="cygnet-xrootd-"))
    base.chmod(0o755)
    ports = [free_port(host) for host in HOSTS]
    cluster_ports = [free_port(host) for host in HOSTS]
    manager = f"{HOSTS[0]}:{cluster_ports[0]}"
    folders = [base / host for host in HOSTS]
    made = Cluster(f"{HOSTS[0]}:{ports[0]}", dict(zip(ports[1:], folders[1:], strict=True)))
    try:
        for number, folder in enumerate(folders):
            role = "server" if number else "manager"
            made.processes[ports[number]] = _start(
                folder, role, manager, ports[number], cluster_ports[number]
            )
        yield made
    finally:
        for process in (one for several in made.processes.values() for one in several):
            process.kill()
            process.wait(10)
        shutil.rmtree(base, ignore_errors=True)
