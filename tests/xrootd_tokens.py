"""An XRootD server that takes nobody without a token, and an issuer of such tokens."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet

from tests.grid import SERVER, Authority
from tests.hub.sync.issuer import Issuer, issuer
from tests.xrootd_server import AUDIENCE, XRootD

#: Who signs the tokens. Nobody asks there: the server has its keys already.
ISSUER = "https://issuer.example.org"
ALL = "storage.read:/ storage.modify:/ storage.create:/"


@dataclass(frozen=True)
class TokenServer:
    """A server at `localhost`; `authorities` vouch for its certificate."""

    server: XRootD
    authorities: Path
    issuer: Issuer

    def token(self, scope: str = ALL, **claims: Any) -> str:
        """A token; claims as of `Issuer.token`."""
        return self.issuer.token(scope, **{"iss": ISSUER, "aud": AUDIENCE} | claims)


@contextlib.contextmanager
def token_server() -> Iterator[TokenServer]:
    """Run one until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="cygnet-xrootd-"))
    folder.chmod(0o755)
    authority = Authority(folder / "authority")
    host = authority.person("localhost", SERVER)
    (folder / "server").mkdir()
    server = XRootD(folder / "server", "localhost")
    try:
        with issuer() as signs:
            keys = KeySet(list(signs.keys.values())).as_dict(private=False)
            server.ask_tokens(host.certificate, host.key, authority.accepted, ISSUER, keys)
            server.start()
            yield TokenServer(server, authority.accepted, signs)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
