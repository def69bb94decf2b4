"""Where the address of the service and the credential for it come from.

In order: what the caller gives, the session's environment (`CYGNET_URL`, `CYGNET_TOKEN_FILE`), the file that
`cygnet login` wrote, the certificate of the environment (`X509_USER_PROXY`) where a service is named.
Secrets are read when they are needed and are never part of a `repr`.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .errors import NotConfigured
from .tls import Certificate, from_environment


class Credentials(Protocol):
    """What a request is signed with."""

    def authorization(self) -> str | None:
        """Return the value of the Authorization header, None for an anonymous request."""

    def refresh(self) -> bool:
        """Look for a newer secret after a 401; return whether there is one."""


@dataclass(frozen=True)
class Basic:
    """A name and an app password (RFC 7617)."""

    user: str
    password: str = field(repr=False)

    def authorization(self) -> str:
        """Return the header."""
        pair = f"{self.user}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode()

    def refresh(self) -> bool:
        """Return False: there is no other secret."""
        return False


@dataclass(frozen=True)
class Bearer:
    """A token that does not change (RFC 6750)."""

    token: str = field(repr=False)

    def authorization(self) -> str:
        """Return the header."""
        return f"Bearer {self.token}"

    def refresh(self) -> bool:
        """Return False: there is no other secret."""
        return False


@dataclass(frozen=True)
class Anonymous:
    """No credential."""

    def authorization(self) -> None:
        """Return None."""

    def refresh(self) -> bool:
        """Return False: there is no secret."""
        return False


class TokenFile:
    """A bearer token in a file which somebody else replaces while we run.

    The file is read again when its time stamp or inode changes, and after a 401.

    Args:
        path: the file; one token, surrounding white space is ignored.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._token = ""

    def _read(self) -> None:
        try:
            stat = self._path.stat()
            stamp = (stat.st_ino, stat.st_mtime_ns)
            if stamp != self._stamp:
                self._token, self._stamp = self._path.read_text().strip(), stamp
        except OSError as error:
            if not self._token:
                raise NotConfigured(
                    f"The token file {self._path} cannot be read: {error.strerror}"
                ) from error

    def authorization(self) -> str:
        """Return the header; raise NotConfigured when the file was never readable."""
        self._read()
        return f"Bearer {self._token}"

    def refresh(self) -> bool:
        """Read the file again; return whether the token is another one."""
        before, self._stamp = self._token, None
        self._read()
        return self._token != before


@dataclass(frozen=True)
class Endpoint:
    """A service and the credential for it.

    `url` is the base with a slash at its end; `user` is empty when only the service knows it.
    """

    url: str
    credentials: Credentials
    user: str = ""


def config_file() -> Path:
    """Return the file that `cygnet login` writes."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "cygnet" / "login.json"


def save_login(url: str, user: str, password: str) -> Path:
    """Remember a service and an app password for later calls; return the file."""
    return _save({"url": url, "user": user, "password": password})


def save_certificate_login(url: str, user: str, own: Certificate) -> Path:
    """Remember a service and where the person's certificate is; return the file."""
    places = {"certificate": str(own.certificate.absolute()), "key": str(own.key.absolute())}
    return _save({"url": url, "user": user, **places})


def _save(told: Mapping[str, str]) -> Path:
    """Write the file, readable by its owner only."""
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(told, file)
    fresh.replace(path)
    return path


def _saved_login() -> Endpoint | None:
    try:
        saved = json.loads(config_file().read_text())
        credentials: Credentials
        if "certificate" in saved:
            credentials = Certificate(Path(saved["certificate"]), Path(saved["key"]))
        else:
            credentials = Basic(str(saved["user"]), str(saved["password"]))
        return Endpoint(str(saved["url"]), credentials, str(saved["user"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotConfigured(f"{config_file()} is damaged; run `cygnet login` again") from error


def _with_slash(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise NotConfigured(
            f"{url!r} is not the address of a service: it has to begin with https:// or http://"
        )
    return url.rstrip("/") + "/"


def discover(
    url: str | None = None,
    token_file: str | os.PathLike[str] | None = None,
    credentials: Credentials | None = None,
) -> Endpoint:
    """Find the service and the credential.

    Args:
        url: base address, such as `https://host/services/sync/`; default: environment, then login file.
        token_file: file with a bearer token; default: environment, then login file.
        credentials: used as they are when given.

    Raises:
        NotConfigured: nothing is known; the message says what to do.
    """
    environment_url, environment_file = os.environ.get("CYGNET_URL"), os.environ.get("CYGNET_TOKEN_FILE")
    user = os.environ.get("CYGNET_USER", "")
    found_url = url or environment_url
    if credentials is not None and found_url is None and (saved := _saved_login()):
        found_url = saved.url
    if credentials is not None and found_url:
        return Endpoint(_with_slash(found_url), credentials, getattr(credentials, "user", ""))
    chosen = token_file or (environment_file if url in (None, environment_url) else None)
    if found_url and chosen:
        return Endpoint(_with_slash(found_url), TokenFile(Path(chosen)), user if not token_file else "")
    return _from_login(url, found_url)


def _from_login(url: str | None, named: str | None) -> Endpoint:
    """The login that was saved, or the certificate of the environment for another service that is `named`."""
    saved = _saved_login()
    own = from_environment(os.environ)
    if own and named and named.startswith("https://") and (saved is None or saved.url != _with_slash(named)):
        return Endpoint(_with_slash(named), own)
    if saved and (not url or saved.url == _with_slash(url)):
        return saved
    raise NotConfigured("You are not logged in. Run `cygnet login URL` with the address of your Cygnet.")
