"""Passwords: the rules, the hash."""

from __future__ import annotations

import secrets
from functools import lru_cache
from importlib import resources

import bcrypt

from cygnet_fs_bridge.texts import Text

# bcrypt reads no more; longer passwords would be cut without a word.
MAXIMUM_BYTES = 72
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """Return a random password of 80 bits that is easy to type: four groups of four letters and digits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> bytes:
    """Return the bcrypt hash of `password`; takes a quarter of a second on purpose."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt())


def is_password(password: str, hashed: bytes) -> bool:
    """Say whether `hashed` was made from `password`."""
    data = password.encode("utf-8", "surrogatepass")
    # NUL ends a password for bcrypt, and what is longer was never accepted.
    return len(data) <= MAXIMUM_BYTES and b"\0" not in data and bcrypt.checkpw(data, hashed)


def complaint(password: str, minimum: int) -> str | None:
    """Return what is wrong with `password` as a new password, in a sentence, or None.

    `minimum` is the least number of characters (NIST SP 800-63B, 5.1.1.2: length and a list of common
    passwords, no rules about kinds of characters).
    """
    if len(password) < minimum:
        return Text("The password is too short: it needs {minimum} characters or more.", minimum=minimum)
    if len(password.encode("utf-8", "replace")) > MAXIMUM_BYTES:
        return Text("The password is too long: at most {most} bytes.", most=MAXIMUM_BYTES)
    if not password.isprintable():
        return Text("The password has characters that cannot be typed again.")
    if password.lower() in common_passwords():
        return Text("The password is one of the most common ones; please take another.")
    return None


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the list of common passwords that nativeauthenticator ships."""
    text = resources.files("nativeauthenticator").joinpath("common-credentials.txt").read_text("utf-8")
    return frozenset(text.splitlines())
