"""Real stores for tests: an S3 server, and an HTTP server that lists folders and answers ranges."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer


@dataclass(frozen=True)
class Bucket:
    """A bucket `data` of an S3 server; `options` are those of s3fs."""

    endpoint: str
    client: Any
    stop: Callable[[], None]

    @property
    def options(self) -> dict[str, Any]:
        return {"key": "testing", "secret": "testing-secret", "endpoint_url": self.endpoint}


@contextlib.contextmanager
def s3_bucket() -> Iterator[Bucket]:
    """Run an S3 server with an empty bucket until the block ends."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id="testing",
            aws_secret_access_key="testing-secret",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket="data")
        yield Bucket(endpoint, client, server.stop)
        client.close()
    finally:
        server.stop()


class _Files(SimpleHTTPRequestHandler):
    """Python's own server, which lists folders, with ranges (RFC 9110, section 14)."""

    def __init__(self, *arguments: Any, token: str = "", **more: Any) -> None:
        self._token = token
        super().__init__(*arguments, **more)

    def send_head(self) -> Any:
        if self._token and self.headers.get("Authorization") != f"Bearer {self._token}":
            self.send_error(401)
            return None
        path = Path(self.translate_path(self.path))
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if found is None or not path.is_file():
            return super().send_head()
        contents, start, end = path.read_bytes(), int(found[1]), int(found[2]) + 1
        part = contents[start:end]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(contents)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        return io.BytesIO(part)

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextlib.contextmanager
def http_server(folder: Path, token: str = "") -> Iterator[str]:
    """Serve a folder over HTTP, with pages that list it, until the block ends; give the address.

    With a `token` only to those who show it.
    """
    files = functools.partial(_Files, directory=os.fspath(folder), token=token)
    server = ThreadingHTTPServer(("127.0.0.1", 0), files)
    thread = threading.Thread(target=server.serve_forever, name="test http server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
