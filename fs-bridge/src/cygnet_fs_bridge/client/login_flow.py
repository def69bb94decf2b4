"""Login flow v2 of Nextcloud, from the side of the program: a person agrees in a browser."""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
from dataclasses import dataclass
from urllib.parse import urlsplit

from .. import errors
from .caller import Caller

_ROUTE = "index.php/login/v2"
#: Seconds between two looks whether somebody has agreed.
_PAUSE = 2.0


@dataclass(frozen=True)
class Asked:
    """A login that waits: `address` is to be opened in a browser, whose page shows the same `code`."""

    address: str
    code: str
    token: str


@dataclass(frozen=True)
class Granted:
    """What the program gets: an app password that is its own."""

    user: str
    password: str


def confirmation(flow: str) -> str:
    """Return the short code that the program and the page of one login show alike."""
    digits = str(int(hashlib.sha256(f"login {flow}".encode()).hexdigest(), 16))[-8:]
    return f"{digits[:4]}-{digits[4:]}"


async def ask(caller: Caller) -> Asked:
    """Begin a login.

    Raises:
        Unsupported: the service has no logins of this kind.
    """
    headers = {"User-Agent": f"cygnet on {platform.node() or 'this machine'}"}
    with errors.meaning({errors.NotFound: errors.Unsupported}):
        _, answer = await caller.call("POST", _ROUTE, headers=headers, body=b"")
    try:
        told = json.loads(answer)
        address, token = str(told["login"]), str(told["poll"]["token"])
    except (ValueError, KeyError, TypeError) as error:
        raise errors.Unsupported("There is no login by browser at this address") from error
    return Asked(address, confirmation(urlsplit(address).path.rpartition("/")[2]), token)


async def granted(caller: Caller, asked: Asked, limit: float) -> Granted:
    """Wait until the person has agreed, at most `limit` seconds.

    Raises:
        NotLoggedIn: nobody has.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    deadline = asyncio.get_running_loop().time() + limit
    while asyncio.get_running_loop().time() < deadline:
        try:
            _, answer = await caller.call(
                "POST", f"{_ROUTE}/poll", headers=headers, body=f"token={asked.token}".encode()
            )
        except errors.NotFound:
            await asyncio.sleep(_PAUSE)
            continue
        try:
            told = json.loads(answer)
            return Granted(str(told["loginName"]), str(told["appPassword"]))
        except (ValueError, KeyError, TypeError) as error:
            raise errors.ServiceError("The answer is not what a login ends with") from error
    raise errors.NotLoggedIn("Nobody has agreed to this login in time; run it again")
