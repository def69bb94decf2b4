"""Attributes of VOMS in a proxy: of which organisation its owner is a member, in which groups and roles.

They are an attribute certificate (RFC 5755) that a server of the organisation has signed. It counts when the
server is one that the organisation's folder in the vomsdir names in a file `HOST.lsc` (the subjects of the
server's certificate and of the authority that issued it, one a line), an accepted authority vouches for that
server, it is about the owner of the proxy, and its time is not over.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import cms, core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ..model.errors import Unauthorized
from ..model.subjects import slashed
from .authorities import UNREADABLE, Authorities
from .chains import Chain

log = logging.getLogger(__name__)

_IN_PROXY = x509.ObjectIdentifier("1.3.6.1.4.1.8005.100.100.5")
_ATTRIBUTES = "1.3.6.1.4.1.8005.100.100.4"
_SIGNERS = "1.3.6.1.4.1.8005.100.100.10"
_TARGETS = "2.5.29.55"
#: Extensions that need not be understood: who signed, that none are revoked by a list, further attributes.
_HARMLESS = {_SIGNERS, "2.5.29.56", "2.5.29.35", "1.3.6.1.4.1.8005.100.100.11"}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    one.name: one for one in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_MOST = 100


class _Several(core.SequenceOf):
    _child_spec = cms.AttributeCertificateV2


class _InProxy(core.SequenceOf):
    _child_spec = _Several


class _Certificates(core.SequenceOf):
    _child_spec = asn1.Certificate


class _Signers(core.SequenceOf):
    _child_spec = _Certificates


class _Uris(core.SequenceOf):
    _child_spec = asn1.GeneralName


class _Values(core.SequenceOf):
    _child_spec = core.OctetString


class _Syntax(core.Sequence):
    _fields = [("authority", _Uris, {"implicit": 0, "optional": True}), ("values", _Values)]


class _Syntaxes(core.SetOf):
    _child_spec = _Syntax


@dataclass(frozen=True)
class Attributes:
    """What an organisation says of the owner of a proxy: such as "/atlas/Role=production"."""

    organisation: str
    names: tuple[str, ...]


class Unproven(Exception):
    """An attribute certificate that does not count; the message says why."""


def attributes_of(
    chain: Chain, authorities: Authorities, vomsdir: Path | None, now: float
) -> list[Attributes]:
    """The attributes that count; others are logged and left out. Blocks to read the vomsdir.

    Args:
        chain: as its client presented it.
        authorities: vouch for the organisations' servers.
        vomsdir: says whose servers speak for which organisation; None: nobody's do.
        now: seconds since 1970.
    """
    found = []
    for one in _presented(chain):
        try:
            found.append(_checked(one, chain, authorities, vomsdir, now))
        except (Unproven, KeyError, OSError, *UNREADABLE) as error:
            log.info("attributes of VOMS do not count: %s", error or type(error).__name__)
    return found


def _presented(chain: Chain) -> Iterator[Any]:
    """The attribute certificates of the first proxy that has any: whoever made it chose them last."""
    for proxy in chain.certificates[: chain.proxies]:
        for extension in proxy.extensions:
            if extension.oid == _IN_PROXY and isinstance(extension.value, x509.UnrecognizedExtension):
                try:
                    told = _InProxy.load(extension.value.value, strict=True)
                    yield from [one for several in told for one in several]
                except (ValueError, TypeError) as error:
                    log.info("attributes of VOMS cannot be read: %s", error)
                return


def _checked(
    one: Any, chain: Chain, authorities: Authorities, vomsdir: Path | None, now: float
) -> Attributes:
    info = one["ac_info"]
    extensions = {each["extn_id"].dotted: each for each in info["extensions"]}
    _check_time(info, now)
    _check_holder(info, chain.person)
    if any(
        each["critical"].native or oid == _TARGETS for oid, each in extensions.items() if oid not in _HARMLESS
    ):
        raise Unproven("they are meant for others")
    found = _attributes(info)
    signers = [
        x509.load_der_x509_certificate(each.dump())
        for several in _Signers.load(extensions[_SIGNERS]["extn_value"].contents, strict=True)
        for each in several
    ]
    _check_signer(signers, found.organisation, authorities, vomsdir, now)
    _check_signature(one, signers[0])
    return found


def _check_time(info: Any, now: float) -> None:
    period = info["att_cert_validity_period"].native
    if not period["not_before_time"].timestamp() <= now < period["not_after_time"].timestamp():
        raise Unproven("their time is over, or has not begun")


def _check_holder(info: Any, person: x509.Certificate) -> None:
    """VOMS names the holder's certificate by its serial number, and its subject instead of its issuer."""
    base = info["holder"]["base_certificate_id"]
    names = [name.chosen for name in base["issuer"] if name.name == "directory_name"]
    own = [asn1.Name.load(name.public_bytes()) for name in (person.subject, person.issuer)]
    same = len(names) == 1 and names[0] in own
    if base["serial"].native != person.serial_number or not same:
        raise Unproven("they are about somebody else")


def _attributes(info: Any) -> Attributes:
    for attribute in info["attributes"]:
        if attribute["type"].dotted != _ATTRIBUTES:
            continue
        (syntax,) = _Syntaxes.load(attribute["values"].dump(), strict=True)
        (place,) = [str(uri.native) for uri in syntax["authority"]]
        names = tuple(value.native.decode("ascii") for value in syntax["values"])
        organisation = place.partition("://")[0]
        if not _NAME.fullmatch(organisation) or len(names) > _MOST:
            raise Unproven("the organisation has no proper name")
        if not all(name == f"/{organisation}" or name.startswith(f"/{organisation}/") for name in names):
            raise Unproven("they speak of another organisation")
        return Attributes(organisation, names)
    raise Unproven("there are none")


def _check_signer(
    signers: Sequence[x509.Certificate],
    organisation: str,
    authorities: Authorities,
    vomsdir: Path | None,
    now: float,
) -> None:
    """Whether the first of `signers` speaks for an organisation, and an accepted authority vouches for it."""
    if vomsdir is None or not signers:
        raise Unproven("no organisation is known here")
    server = signers[0]
    issuer = authorities.issuer_of(server)
    if issuer is None:
        raise Unproven("the authority of the server that signed them is not accepted here")
    if [slashed(server.subject), slashed(server.issuer)] not in list(_servers(vomsdir / organisation)):
        raise Unproven(f"{slashed(server.subject)} does not speak for {organisation}")
    if not server.not_valid_before_utc.timestamp() <= now < server.not_valid_after_utc.timestamp():
        raise Unproven("the certificate of the server that signed them has expired")
    try:
        authorities.check_not_revoked(server, issuer, now)
    except Unauthorized as error:
        raise Unproven(error.message) from None


def _servers(folder: Path) -> Iterator[list[str]]:
    """The subjects of a server and of its authority, for each server that speaks for an organisation."""
    for path in sorted(folder.glob("*.lsc")):
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        yield [line for line in lines if line and not line.startswith(("#", "---"))][:2]


def _check_signature(one: Any, server: x509.Certificate) -> None:
    algorithm, key = one["signature_algorithm"], server.public_key()
    kind = algorithm.hash_algo
    if kind not in _HASHES:
        raise Unproven(f"they are signed with {kind}")
    signature, signed = one["signature"].native, one["ac_info"].dump()
    if isinstance(key, rsa.RSAPublicKey) and algorithm.signature_algo == "rsassa_pkcs1v15":
        key.verify(signature, signed, padding.PKCS1v15(), _HASHES[kind])
    elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm.signature_algo == "ecdsa":
        key.verify(signature, signed, ec.ECDSA(_HASHES[kind]))
    else:
        raise Unproven("they are signed in a way that is not known here")
