"""Whose certificates count: authorities and their lists of revoked certificates, read from one folder.

The folder is one such as /etc/grid-security/certificates: authorities in `*.pem`, `*.crt` or `HASH.0`, lists
in `*.r0` or `*.crl`, PEM or DER. What fetch-crl brings counts a minute later, without a restart.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ..model.errors import Unauthorized

log = logging.getLogger(__name__)

_CERTIFICATE = re.compile(r".+\.(pem|crt|cert|[0-9]+)")
_LIST = re.compile(r".+\.(crl|r[0-9]+)")
#: Files that are larger are no list that anybody publishes.
_LARGEST = 64 << 20
#: What `cryptography` raises about a certificate; in part only when one of its fields is asked for.
UNREADABLE = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

Fingerprint = bytes


@dataclass(frozen=True)
class Revocations:
    """What an authority has revoked: serial numbers; and until when, in seconds since 1970, that is known."""

    serials: frozenset[int]
    until: float


@dataclass(frozen=True)
class Authorities:
    """What was in the folder at one time.

    Args:
        certificates: of authorities, by the SHA-256 of each.
        revocations: by the same of the authority that signed the list.
        needs_list: whether nothing counts of an authority without a list.
    """

    certificates: Mapping[Fingerprint, x509.Certificate] = field(default_factory=dict)
    revocations: Mapping[Fingerprint, Revocations] = field(default_factory=dict)
    needs_list: bool = True

    @classmethod
    def read(cls, folder: Path, needs_list: bool = True) -> Authorities:
        """Read a folder; files that cannot be understood are logged and left out. Blocks.

        Raises:
            OSError: the folder cannot be listed.
        """
        names = sorted(path for path in folder.iterdir() if path.is_file())
        found = [one for path in names if _CERTIFICATE.fullmatch(path.name) for one in _certificates(path)]
        known = {fingerprint(one): one for one in found if is_authority(one)}
        lists = [path for path in names if _LIST.fullmatch(path.name)]
        return cls(known, _revocations(lists, known.values()), needs_list)

    @property
    def pem(self) -> str:
        """All authorities, as OpenSSL takes them."""
        return "".join(one.public_bytes(Encoding.PEM).decode() for one in self.certificates.values())

    def issuer_of(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """The known authority that signed a certificate."""
        for one in self.certificates.values():
            if one.subject == certificate.issuer and signed_by(certificate, one):
                return one
        return None

    def check_not_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate, now: float) -> None:
        """Refuse a certificate that `issuer` has revoked, or of which that cannot be told.

        Raises:
            Unauthorized: see there.
        """
        revoked = self.revocations.get(fingerprint(issuer))
        if revoked is None:
            if self.needs_list:
                raise Unauthorized("There is no list of what the authority of this certificate has revoked.")
            return
        if certificate.serial_number in revoked.serials:
            raise Unauthorized("This certificate was revoked.")
        if revoked.until <= now:
            raise Unauthorized(
                "The list of what the authority of this certificate has revoked is out of date."
            )


def fingerprint(certificate: x509.Certificate) -> Fingerprint:
    """What a certificate is known by."""
    return certificate.fingerprint(SHA256())


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` has signed a certificate, and is named in it as its issuer."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate may sign others (RFC 5280, 4.2.1.9 and 4.2.1.3)."""
    try:
        extensions = certificate.extensions
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return basic.ca
    return basic.ca and usage.key_cert_sign


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        data = _content(path)
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except (OSError, *UNREADABLE) as error:
        log.warning("%s holds no certificate that can be read: %s", path, error)
        return []


def _revocations(
    paths: Iterable[Path], authorities: Iterable[x509.Certificate]
) -> dict[Fingerprint, Revocations]:
    """The newest list of each authority that has one."""
    found: dict[Fingerprint, Revocations] = {}
    known = list(authorities)
    for path in paths:
        try:
            signer, revoked = _revocation_list(_content(path), known)
        except (OSError, *UNREADABLE) as error:
            log.warning("%s is no list of revoked certificates that counts: %s", path, error)
            continue
        before = found.get(signer)
        if before is None or before.until < revoked.until:
            found[signer] = revoked
    return found


def _revocation_list(data: bytes, known: list[x509.Certificate]) -> tuple[Fingerprint, Revocations]:
    pem = b"-----BEGIN" in data
    one = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
    if any(extension.critical for extension in one.extensions):
        # It tells of some certificates only; nobody who has it knows the others.
        raise ValueError("it is not a whole list")
    for authority in known:
        if authority.subject == one.issuer and one.is_signature_valid(authority.public_key()):  # type: ignore[arg-type]
            until = one.next_update_utc.timestamp() if one.next_update_utc else 0.0
            return fingerprint(authority), Revocations(frozenset(entry.serial_number for entry in one), until)
    raise ValueError("no authority of the folder has signed it")


def _content(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST:
        raise ValueError("it is too large")
    return path.read_bytes()
