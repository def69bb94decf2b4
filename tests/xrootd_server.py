"""Real XRootD servers on addresses of the loopback, as the user `xrootd`."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

#: For whom tokens are meant that `ask_tokens` takes.
AUDIENCE = "https://test.example.org"

CONFIG = """
xrd.port {port}
xrd.network nodnr
all.export /data
oss.localroot {folder}/root
all.adminpath {folder}/admin
all.pidpath {folder}/admin
xrootd.chksum max 2 adler32
"""

#: HTTPS with macaroons and third-party copy, as XRootD's own documentation has it.
WEB = """
xrd.tls {folder}/host.pem {folder}/host.key
xrd.tlsca certdir {folder}/authorities
xrd.protocol XrdHttp:{port} libXrdHttp.so
http.exthandler xrdtpc libXrdHttpTPC.so
http.exthandler xrdmacaroons libXrdMacaroons.so
macaroons.secretkey {folder}/secret
all.sitename test
ofs.authorize
acc.authdb {folder}/rights
ofs.authlib libXrdMacaroons.so
"""

#: TLS, and only who shows a token that the issuer of `scitokens.cfg` has signed.
TOKENS = """
xrd.tls {folder}/host.pem {folder}/host.key
xrd.tlsca certdir {folder}/authorities
xrootd.tls capable all
xrootd.seclib libXrdSec.so
sec.protocol ztn
sec.protbind * only ztn
ofs.authorize
ofs.authlib libXrdAccSciTokens.so config={folder}/scitokens.cfg
"""

ISSUERS = """
[Global]
audience = {audience}

[Issuer test]
issuer = {issuer}
base_path = /data
"""


class XRootD:
    """One server; `url` ends with the exported folder `//data`.

    The client tells servers apart by their host, so several at a time need addresses of their own.
    """

    def __init__(self, folder: Path, host: str) -> None:
        self.folder, self.host = folder, host
        self.port, self.web_port = free_port(host), free_port(host)
        self.data = folder / "root" / "data"
        self.data.mkdir(parents=True)
        (folder / "admin").mkdir()
        (folder / "config").write_text(CONFIG.format(port=self.port, folder=folder))
        self.process: subprocess.Popen[bytes] | None = None

    def _have_certificate(self, certificate: Path, key: Path, authorities: Path) -> None:
        for source, name in ((certificate, "host.pem"), (key, "host.key")):
            shutil.copy(source, self.folder / name)
        shutil.copytree(authorities, self.folder / "authorities")

    def ask_tokens(self, certificate: Path, key: Path, authorities: Path, issuer: str, keys: object) -> None:
        """Take only who shows a token, from the next start on.

        Args:
            issuer: the address of who signs them, with https.
            keys: its keys as a set (RFC 7517), as if they had been fetched from there.
        """
        self._have_certificate(certificate, key, authorities)
        (self.folder / "scitokens.cfg").write_text(ISSUERS.format(issuer=issuer, audience=AUDIENCE))
        with (self.folder / "config").open("a") as config:
            config.write(TOKENS.format(folder=self.folder))
        cache = self.folder / "cache" / "scitokens"
        cache.mkdir(parents=True)
        tomorrow = int(time.time()) + 86400
        kept = json.dumps({"expires": tomorrow, "next_update": tomorrow, "jwks": keys})
        with contextlib.closing(sqlite3.connect(cache / "scitokens_cpp.sqllite")) as database, database:
            database.execute(
                "CREATE TABLE keycache (issuer text UNIQUE PRIMARY KEY NOT NULL,keys text NOT NULL)"
            )
            database.execute("INSERT INTO keycache VALUES (?, ?)", (issuer, kept))

    def serve_web(self, certificate: Path, key: Path, authorities: Path) -> None:
        """Offer HTTPS from the next start on; everybody may do everything."""
        self._have_certificate(certificate, key, authorities)
        (self.folder / "secret").write_text(base64.b64encode(os.urandom(64)).decode() + "\n")
        (self.folder / "secret").chmod(0o400)
        (self.folder / "rights").write_text("u * /data a\n")
        with (self.folder / "config").open("a") as config:
            config.write(WEB.format(folder=self.folder, port=self.web_port))

    @property
    def web(self) -> str:
        """The exported folder by HTTPS, as gfal2 writes it."""
        return f"davs://localhost:{self.web_port}//data"

    @property
    def hostid(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"root://{self.hostid}//data"

    def start(self) -> None:
        command = as_its_user(self.folder, "xrootd", "-c", str(self.folder / "config"), "-n", "test")
        with (self.folder / "log").open("ab") as log:
            environment = os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache")}
            self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
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
        if number == signal.SIGSTOP:
            self._wait_until_still(self.process.pid)

    def _wait_until_still(self, process: int) -> None:
        """A thread may finish what it is at before it stops."""
        deadline = time.monotonic() + 10
        threads = Path(f"/proc/{process}/task")
        while any(" T" not in (one / "stat").read_text().rpartition(")")[2][:3] for one in threads.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(10)
            self.process = None


def as_its_user(folder: Path, program: str, *arguments: str) -> list[str]:
    """A command line of a program of XRootD, to which a folder then belongs: none of them runs as root."""
    command = [program, "-I", "v4", *arguments]
    if os.geteuid() != 0:
        return command
    account = pwd.getpwnam("xrootd")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *command]


def free_port(host: str) -> int:
    with socket.socket() as free:
        free.bind((host, 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def web_server(certificate: Path, key: Path, authorities: Path) -> Iterator[XRootD]:
    """Run one on localhost, with HTTPS too, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="cygnet-xrootd-"))
    folder.chmod(0o755)
    server = XRootD(folder, "127.0.0.1")
    try:
        server.serve_web(certificate, key, authorities)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


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
