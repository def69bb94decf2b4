"""TLS on the side of the client: whose certificates of services count, and the certificate of the person.

The variables are those that programs of the grid read: `X509_USER_PROXY`, or `X509_USER_CERT` and
`X509_USER_KEY`, for the person; `X509_CERT_DIR` for authorities besides those of the machine.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import NotConfigured

_AUTHORITIES = Path("/etc/grid-security/certificates")


@dataclass(frozen=True)
class Certificate:
    """A person's certificate or proxy, with its key in a file of its own or in the same (PEM).

    It proves who somebody is when a connection is made, so that requests carry nothing.
    """

    certificate: Path
    key: Path

    def authorization(self) -> None:
        """Return None: there is no header."""

    def refresh(self) -> bool:
        """Return False: a new proxy counts for new connections by itself."""
        return False


def from_environment(environ: Mapping[str, str]) -> Certificate | None:
    """Return the certificate that the environment names, a proxy before any; None if it names none."""
    if proxy := environ.get("X509_USER_PROXY"):
        return Certificate(Path(proxy), Path(proxy))
    certificate, key = environ.get("X509_USER_CERT"), environ.get("X509_USER_KEY")
    return Certificate(Path(certificate), Path(key)) if certificate and key else None


def client_context(certificate: Certificate | None = None) -> ssl.SSLContext:
    """Return what connections are made with. Blocks to read the certificates.

    Raises:
        NotConfigured: the certificate or its key cannot be used.
    """
    context = ssl.create_default_context()
    # Authorities of the grid are older than what Python 3.13 demands of them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    folder = Path(os.environ.get("X509_CERT_DIR") or _AUTHORITIES)
    if folder.is_dir():
        context.load_verify_locations(capath=folder)
    if certificate is None:
        return context
    try:
        context.load_cert_chain(certificate.certificate, certificate.key, password=_no_password)
    except (OSError, ssl.SSLError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise NotConfigured(f"The certificate {certificate.certificate} cannot be used: {told}") from error
    return context


def _no_password() -> str:
    raise ValueError("its key has a password; make a proxy of it, or a key without")


def refusal(error: BaseException) -> str | None:
    """Return why the service has refused a certificate in TLS; None when an error is about something else."""
    seen: BaseException | None = error
    while seen is not None:
        reason = getattr(seen, "reason", None) if isinstance(seen, ssl.SSLError) else None
        if isinstance(reason, str) and "ALERT" in reason:
            return reason.rpartition("ALERT_")[2].replace("_", " ").lower()
        seen = getattr(seen, "os_error", None) or seen.__cause__
    return None
