"""What a chain of certificates says: whose it is, and whether the proxies in it keep to the rules (RFC 3820).

OpenSSL has verified the chain when it gets here: signatures, times, the path to an authority. What it leaves
to others is done here again or at all: each rule of proxies, limited proxies, revoked certificates behind a
proxy (OpenSSL looks for a proxy itself in the lists, and never finds it), and all that may change while a
connection lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from asn1crypto import core
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from ..model.errors import Unauthorized
from .authorities import UNREADABLE, Authorities, fingerprint, is_authority, signed_by

PROXY = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14")
#: Policies of proxies: all rights, those of a limited proxy of Globus.
_ALL = "1.3.6.1.5.5.7.21.1"
_LIMITED = "1.3.6.1.4.1.3536.1.1.1.9"
MAX_PROXIES = 10


class _Policy(core.Sequence):
    _fields = [("language", core.ObjectIdentifier), ("policy", core.OctetString, {"optional": True})]


class _ProxyInfo(core.Sequence):
    _fields = [("length", core.Integer, {"optional": True}), ("policy", _Policy)]


@dataclass(frozen=True)
class ProxyInfo:
    """What a proxy says of itself: how many proxies may come after it, and whether it is limited."""

    length: int | None
    limited: bool


@dataclass(frozen=True)
class Chain:
    """A chain that keeps to the rules.

    Args:
        certificates: the client's own first, then who signed each, up to an authority that signed itself.
        proxies: how many of them are proxies.
        limited: whether one of those is limited.
        since, until: when all of them count, in seconds since 1970.
    """

    certificates: tuple[x509.Certificate, ...]
    proxies: int
    limited: bool
    since: float
    until: float

    @property
    def person(self) -> x509.Certificate:
        """The certificate of whoever made the proxies, or came without one."""
        return self.certificates[self.proxies]

    @property
    def subject(self) -> str:
        """Whose it is (RFC 4514)."""
        return self.person.subject.rfc4514_string()

    @property
    def issuer(self) -> str:
        """Who says so (RFC 4514)."""
        return self.person.issuer.rfc4514_string()

    def check(self, authorities: Authorities, now: float) -> None:
        """Refuse it if it does not count now.

        Raises:
            Unauthorized: it is over, not yet good, revoked, or of an authority that is no longer accepted.
        """
        if now < self.since:
            raise Unauthorized("This certificate is not valid yet.")
        if now >= self.until:
            raise Unauthorized("This certificate, or its proxy, has expired.")
        # Also those in between: one of them could call itself like another whose certificates count.
        if not all(
            fingerprint(one) in authorities.certificates for one in self.certificates[self.proxies + 1 :]
        ):
            raise Unauthorized("The authority of this certificate is not accepted here.")
        for certificate, issuer in pairwise(self.certificates[self.proxies :]):
            authorities.check_not_revoked(certificate, issuer, now)


@lru_cache(maxsize=1000)
def read_chain(encoded: tuple[bytes, ...]) -> Chain:
    """Read a verified chain, the client's own certificate first.

    Raises:
        Unauthorized: it breaks a rule; the message says which.
    """
    try:
        return _read(tuple(map(x509.load_der_x509_certificate, encoded)))
    except UNREADABLE as error:
        raise Unauthorized("This certificate cannot be read.") from error


def _read(certificates: tuple[x509.Certificate, ...]) -> Chain:
    infos = [proxy_info(one) for one in certificates]
    proxies = next((at for at, info in enumerate(infos) if info is None), len(infos))
    _check_links(certificates)
    _check_authorities(certificates[proxies:])
    _check_person(certificates[proxies])
    _check_proxies(certificates[: proxies + 1], [info for info in infos[:proxies] if info])
    if any(infos[proxies:]):
        raise Unauthorized("In this chain of certificates an authority is a proxy.")
    return Chain(
        certificates,
        proxies,
        limited=any(info.limited for info in infos if info),
        since=max(one.not_valid_before_utc.timestamp() for one in certificates),
        until=min(one.not_valid_after_utc.timestamp() for one in certificates),
    )


def proxy_info(certificate: x509.Certificate) -> ProxyInfo | None:
    """What makes a certificate a proxy; None if nothing does.

    Raises:
        Unauthorized: its policy is not known here. ValueError: it cannot be read.
    """
    try:
        extension = certificate.extensions.get_extension_for_oid(PROXY)
    except x509.ExtensionNotFound:
        return None
    if not isinstance(extension.value, x509.UnrecognizedExtension):
        raise ValueError("what makes it a proxy cannot be read")
    told = _ProxyInfo.load(extension.value.value, strict=True)
    language, length = told["policy"]["language"].dotted, told["length"].native
    if language not in (_ALL, _LIMITED):
        raise Unauthorized("The policy of this proxy is not known here.")
    return ProxyInfo(length, language == _LIMITED)


def _check_links(certificates: Sequence[x509.Certificate]) -> None:
    if not all(signed_by(certificate, issuer) for certificate, issuer in pairwise(certificates)):
        raise Unauthorized("In this chain of certificates a signature is wrong.")


def _check_authorities(certificates: Sequence[x509.Certificate]) -> None:
    """A person's certificate, and authorities behind it."""
    if len(certificates) < 2:
        raise Unauthorized("This certificate does not come from an authority.")
    if not all(map(is_authority, certificates[1:])):
        raise Unauthorized("This certificate was signed by one that may not sign others.")


def _check_person(certificate: x509.Certificate) -> None:
    if _says_authority(certificate):
        raise Unauthorized("The certificate of an authority is nobody's.")
    if not certificate.subject.rdns:
        raise Unauthorized("This certificate names nobody.")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(usage):
        raise Unauthorized("This certificate is not for clients.")


def _says_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _check_proxies(certificates: Sequence[x509.Certificate], infos: Sequence[ProxyInfo]) -> None:
    """The rules of RFC 3820, section 3, for each proxy and the certificate that signed it."""
    if len(infos) > MAX_PROXIES:
        raise Unauthorized("There are too many proxies in this chain of certificates.")
    for after, ((proxy, issuer), info) in enumerate(zip(pairwise(certificates), infos, strict=True)):
        if info.length is not None and after > info.length:
            raise Unauthorized("This chain of proxies is longer than one of them allows.")
        _check_subject(proxy, issuer)
        _check_use(proxy, issuer)


def _check_subject(proxy: x509.Certificate, issuer: x509.Certificate) -> None:
    inherited, own = proxy.subject.rdns[:-1], proxy.subject.rdns[-1:]
    names = [attribute.oid for rdn in own for attribute in rdn]
    if inherited != issuer.subject.rdns or names != [NameOID.COMMON_NAME]:
        raise Unauthorized("The name in this proxy is not that of its issuer and one more.")


def _check_use(proxy: x509.Certificate, issuer: x509.Certificate) -> None:
    held = {extension.oid for extension in proxy.extensions}
    names = {ExtensionOID.SUBJECT_ALTERNATIVE_NAME, ExtensionOID.ISSUER_ALTERNATIVE_NAME}
    if _says_authority(proxy) or held & names:
        raise Unauthorized("This proxy says more of itself than a proxy may.")
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise Unauthorized("This proxy was signed by a certificate that may not sign.")
