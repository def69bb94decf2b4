"""A token issuer of the grid: its metadata and keys over HTTP, and the tokens that it signs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

ANY = "https://wlcg.cern.ch/jwt/v1/any"


class Issuer:
    """An issuer at `url`; `asked` counts how often its keys were fetched."""

    def __init__(self) -> None:
        self.keys: dict[str, RSAKey | ECKey] = {"first": RSAKey.generate_key(2048, {"kid": "first"})}
        self.asked = 0
        self.away = False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._answer(self)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self.away:
            handler.send_error(503)
            return
        told: dict[str, Any] = {"issuer": f"{self.url}/", "jwks_uri": f"{self.url}/jwk"}
        if handler.path == "/jwk":
            self.asked += 1
            told = dict(KeySet(list(self.keys.values())).as_dict(private=False))
        elif handler.path != "/.well-known/openid-configuration":
            handler.send_error(404)
            return
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(json.dumps(told).encode())

    def token(
        self, scope: str, *, key: str = "first", header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A token; a claim that is None is left out."""
        now = int(time.time())
        usual = {
            "iss": f"{self.url}/",
            "sub": "robot",
            "aud": ANY,
            "wlcg.ver": "1.0",
            "nbf": now,
            "iat": now,
            "exp": now + 600,
            "scope": scope,
        }
        told = {name: value for name, value in (usual | claims).items() if value is not None}
        signer = self.keys[key]
        algorithm = "RS256" if isinstance(signer, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": key} | (header or {}), told, signer)


@contextmanager
def issuer() -> Iterator[Issuer]:
    """Run an issuer in a thread until the block ends."""
    made = Issuer()
    thread = threading.Thread(target=made.server.serve_forever, name="issuer")
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join(10)
        made.server.server_close()
