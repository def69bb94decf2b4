"""Random tokens, what is stored of them, and passwords that people choose.

Tokens have 128 bits or more, so a plain SHA-256 of one is safe to store and can be looked up. Passwords that
people choose are short, so they get Argon2id (RFC 9106). A public link's token is stored twice: as a hash to
find the link, and sealed with the instance's key so that its owner can copy the link again; a stolen database
alone opens nothing.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..store.folders import sync_folder

_ALPHABET = string.ascii_letters + string.digits
_NONCE_BYTES = 12

#: Few at a time: each takes 64 MiB and tens of milliseconds of both cores.
_HASHING = ThreadPoolExecutor(2, thread_name_prefix="sync-argon2")
_hasher = PasswordHasher()


def new_token(length: int = 32) -> str:
    """Return `length` random letters and digits: 5.95 bits each, so 22 are over 128 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def token_hash(token: str) -> str:
    """Return what is stored of a random token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def same_secret(given: str, expected: str) -> bool:
    """Compare two secrets in constant time; an empty one equals nothing."""
    return bool(expected) and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


async def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password that a person chose; takes tens of milliseconds in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_HASHING, _hasher.hash, password)


async def check_password(password: str, hashed: str) -> bool:
    """Whether `password` is the one that `hashed` (from `hash_password`) was made of."""
    return await asyncio.get_running_loop().run_in_executor(_HASHING, _check, password, hashed)


def _check(password: str, hashed: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


class Keys:
    """The instance's key, from which every other key of this service is derived.

    Args:
        root: 32 random bytes.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._seal = AESGCM(self.derive("seal"))

    @classmethod
    def load(cls, path: Path) -> Keys:
        """Read the key file, or make it (mode 0600) when there is none yet.

        Raises:
            ValueError: the file does not hold a key.
        """
        with contextlib.suppress(FileExistsError):
            _write_new(path, secrets.token_bytes(32))
        sync_folder(path.parent)  # whoever made it: what is sealed with it must not outlive it
        root = path.read_bytes()
        if len(root) != 32:
            raise ValueError(f"{path} does not hold a key of 32 bytes")
        return cls(root)

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for one purpose."""
        return hmac.digest(self._root, purpose.encode(), "sha256")

    def sign(self, purpose: str, text: str) -> str:
        """Return a signature of `text` (hex) that only this instance can make, for one purpose."""
        return hmac.digest(self.derive(purpose), text.encode("utf-8", "replace"), "sha256").hex()

    @property
    def metrics_token(self) -> str:
        """What opens the metrics and nothing else; it lies in `metrics.token` for whoever collects them."""
        return self.sign("token", "metrics")

    def seal(self, text: str, context: str) -> str:
        """Encrypt `text`, bound to `context` (AES-256-GCM); Base64."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._seal.encrypt(nonce, text.encode(), context.encode())
        return base64.b64encode(sealed).decode()

    def unseal(self, sealed: str, context: str) -> str | None:
        """Decrypt what `seal` gave; None when it was made by another key or for another context."""
        try:
            data = base64.b64decode(sealed, validate=True)
            return self._seal.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            return None


def keep_secret(path: Path, text: str) -> None:
    """Make `path` (mode 0600) hold `text`; another process may be doing the same."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_text() == text:
            return
        path.unlink()
    with contextlib.suppress(FileExistsError):
        _write_new(path, text.encode())
    sync_folder(path.parent)


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet so that it is never seen half written (link is atomic)."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
