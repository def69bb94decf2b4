"""Bodies in every form that clients send: plain, in chunks, signed or not, with trailers; over https too."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.client
import ipaddress
import ssl
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from tests.hub.s3.keys import Key
from tests.sync_server import SyncServer

EMPTY = hashlib.sha256().hexdigest()


class Signer:
    """Signs a request and the chunks of its body, each with the signature before."""

    def __init__(self, server: SyncServer, key: Key, path: str, form: str, **headers: str) -> None:
        self.key, self.server = key, server
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.request = AWSRequest("PUT", server.s3 + path, headers=named)
        self.auth = _InThisForm(Credentials(key.id, key.secret), "s3", "us-east-1")
        self.auth.form = form
        self.auth.add_auth(self.request)
        self.previous = self.request.headers["Authorization"].rpartition("=")[2]

    def sign(self, kind: str, *lines: str) -> str:
        timestamp = self.request.context["timestamp"]
        scope = self.auth.credential_scope(self.request)
        text = "\n".join((f"AWS4-HMAC-SHA256-{kind}", timestamp, scope, self.previous, *lines))
        self.previous = self.auth.signature(text, self.request)
        return self.previous

    def chunk(self, data: bytes) -> bytes:
        signature = self.sign("PAYLOAD", EMPTY, hashlib.sha256(data).hexdigest())
        return f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + (b"\r\n" if data else b"")

    def trailer(self, name: str, value: str) -> bytes:
        line = f"{name}:{value}\n"
        signature = self.sign("TRAILER", hashlib.sha256(line.encode()).hexdigest())
        return f"{name}:{value}\r\nx-amz-trailer-signature:{signature}\r\n".encode()

    def send(self, body: bytes) -> tuple[int, str]:
        connection = http.client.HTTPConnection(urlsplit(self.server.s3).netloc, timeout=60)
        try:
            parts = urlsplit(self.request.url)
            headers = {**dict(self.request.headers), "Content-Length": str(len(body))}
            connection.request("PUT", parts.path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, text.partition("<Code>")[2].partition("</Code>")[0]
        finally:
            connection.close()


class _InThisForm(S3SigV4Auth):
    form = ""

    def payload(self, request: Any) -> str:
        return self.form


SIGNED, TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def test_signed_chunks(server: SyncServer, key: Key, s3: Any) -> None:
    signer = Signer(
        server,
        key,
        "/home/chunks",
        SIGNED,
        x_amz_decoded_content_length="70005",
        content_encoding="aws-chunked",
    )
    body = signer.chunk(b"a" * 70_000) + signer.chunk(b"bbbbb") + signer.chunk(b"") + b"\r\n"
    assert signer.send(body) == (200, "")
    found = s3.get_object(Bucket="home", Key="chunks")
    assert found["Body"].read() == b"a" * 70_000 + b"bbbbb"
    assert "ContentEncoding" not in found


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"bbbbb", b"bbbbc", "SignatureDoesNotMatch"),
        (b"bbbbb\r\n", b"", "IncompleteBody"),
        (b"\r\nbbbbb", b"\r\nbbbbbb", "IncompleteBody"),
        (b"0;chunk", b"0;chank", "IncompleteBody"),
        (b"5;", b"zz;", "IncompleteBody"),
    ],
)
def test_chunks_that_are_not_what_was_signed(
    server: SyncServer, key: Key, s3: Any, old: bytes, new: bytes, code: str
) -> None:
    s3.put_object(Bucket="home", Key="kept", Body=b"before")
    signer = Signer(server, key, "/home/kept", SIGNED, x_amz_decoded_content_length="5")
    body = signer.chunk(b"bbbbb") + signer.chunk(b"") + b"\r\n"
    assert old in body
    assert signer.send(body.replace(old, new))[1] == code
    assert s3.get_object(Bucket="home", Key="kept")["Body"].read() == b"before"


def test_the_last_chunk_must_come(server: SyncServer, key: Key) -> None:
    signer = Signer(server, key, "/home/cut", SIGNED, x_amz_decoded_content_length="5")
    assert signer.send(signer.chunk(b"bbbbb")) == (400, "IncompleteBody")


@pytest.mark.parametrize(
    ("value", "answer"), [(crc32(b"data"), (200, "")), (crc32(b"dat4"), (400, "BadDigest"))]
)
def test_a_signed_trailer(server: SyncServer, key: Key, value: str, answer: tuple[int, str]) -> None:
    more = {"x_amz_trailer": "x-amz-checksum-crc32", "x_amz_decoded_content_length": "4"}
    signer = Signer(server, key, "/home/trailer", TRAILER, **more)
    body = signer.chunk(b"data") + signer.chunk(b"") + signer.trailer("x-amz-checksum-crc32", value) + b"\r\n"
    assert signer.send(body) == answer


def test_a_changed_trailer(server: SyncServer, key: Key) -> None:
    more = {"x_amz_trailer": "x-amz-checksum-crc32", "x_amz_decoded_content_length": "4"}
    signer = Signer(server, key, "/home/trailer", TRAILER, **more)
    body = (
        signer.chunk(b"data")
        + signer.chunk(b"")
        + signer.trailer("x-amz-checksum-crc32", crc32(b"data"))
        + b"\r\n"
    )
    changed = body.replace(crc32(b"data").encode(), crc32(b"dat4").encode())
    assert signer.send(changed) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("value", "answer"), [(crc32(b"data"), (200, "")), (crc32(b"dat4"), (400, "BadDigest"))]
)
def test_an_unsigned_trailer(server: SyncServer, key: Key, value: str, answer: tuple[int, str]) -> None:
    more = {"x_amz_trailer": "x-amz-checksum-crc32", "x_amz_decoded_content_length": "4"}
    signer = Signer(server, key, "/home/trailer", UNSIGNED, **more)
    assert signer.send(f"4\r\ndata\r\n0\r\nx-amz-checksum-crc32:{value}\r\n\r\n".encode()) == answer


def test_what_is_announced_must_come(server: SyncServer, key: Key) -> None:
    md5 = base64.b64encode(hashlib.md5(b"data").digest()).decode()
    assert Signer(server, key, "/home/md5", "UNSIGNED-PAYLOAD", content_md5=md5).send(b"data") == (200, "")
    assert Signer(server, key, "/home/md5", "UNSIGNED-PAYLOAD", content_md5=md5).send(b"dat4") == (
        400,
        "BadDigest",
    )
    wrong = Signer(server, key, "/home/md5", "UNSIGNED-PAYLOAD", content_md5="abcd")
    assert wrong.send(b"data") == (400, "InvalidDigest")
    assert Signer(server, key, "/home/md5", "STREAMING-ELSE").send(b"data") == (501, "NotImplemented")
    long = Signer(server, key, "/home/md5", UNSIGNED, x_amz_decoded_content_length="3")
    assert long.send(b"4\r\ndata\r\n0\r\n\r\n") == (400, "IncompleteBody")


@pytest.fixture(scope="module")
def https(server: SyncServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The same door behind a certificate: its address, and the certificate."""
    folder = tmp_path_factory.mktemp("tls")
    certificate = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, folder / "key.pem")
    sockets = bind_sockets(0, "127.0.0.1")

    async def begin() -> HTTPServer:
        made = HTTPServer(
            server.s3_server.request_callback, ssl_options=context, chunk_size=1 << 20, max_body_size=64 << 20
        )
        made.add_sockets(sockets)
        return made

    async def end() -> None:
        running.stop()
        await running.close_all_connections()

    running = asyncio.run_coroutine_threadsafe(begin(), server.loop).result(20)
    yield f"https://127.0.0.1:{sockets[0].getsockname()[1]}", certificate
    asyncio.run_coroutine_threadsafe(end(), server.loop).result(20)


def make_certificate(folder: Path) -> Path:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(private, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    data = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(data)
    return folder / "cert.pem"


def test_boto3_over_https_sends_chunks_with_a_trailer(
    https: tuple[str, Path], key: Key, tmp_path: Path
) -> None:
    address, certificate = https
    made = boto3.client(
        "s3",
        endpoint_url=address,
        verify=str(certificate),
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}),
    )
    forms: list[str] = []
    made.meta.events.register(
        "before-send.s3", lambda request, **_: forms.append(request.headers["x-amz-content-sha256"])
    )
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * (20 << 12))
    made.put_object(Bucket="home", Key="https/small", Body=b"data", ContentEncoding="gzip")
    made.upload_file(str(large), "home", "https/large")
    assert UNSIGNED.encode() in {*forms} or UNSIGNED in {*forms}
    found = made.get_object(Bucket="home", Key="https/small")
    assert (found["Body"].read(), found["ContentEncoding"]) == (b"data", "gzip")
    made.download_file("home", "https/large", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == large.read_bytes()
    made.close()
