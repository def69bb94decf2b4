"""Names in certificates, as people of the grid write them and as they are compared."""

from __future__ import annotations

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

from .errors import BadRequest

#: Besides those that RFC 4514 names.
_SHORT = {
    NameOID.EMAIL_ADDRESS: "emailAddress",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "GN",
}
_LONG = {name.lower(): oid.dotted_string for oid, name in _SHORT.items()} | {
    "email": NameOID.EMAIL_ADDRESS.dotted_string
}
_KNOWN = {"cn", "l", "st", "o", "ou", "c", "street", "dc", "uid"}


def slashed(name: x509.Name) -> str:
    """A name as OpenSSL and the grid write it: /DC=org/CN=Ada."""
    parts = [one for rdn in name.rdns for one in rdn]
    return "".join(f"/{_SHORT.get(one.oid) or one.rfc4514_attribute_name}={one.value!s}" for one in parts)


def canonical(text: str) -> str:
    """The one form in which a name is stored and compared (RFC 4514), of `/DC=org/CN=Ada` or `CN=Ada,DC=org`.

    Raises:
        BadRequest: it is neither.
    """
    try:
        told = _from_slashes(text) if text.startswith("/") else text
        return _at_all(x509.Name.from_rfc4514_string(told).rfc4514_string())
    except (ValueError, KeyError) as error:
        raise BadRequest("{text} is not the subject of a certificate.", text=repr(text[:200])) from error


def _at_all(name: str) -> str:
    if not name:
        raise ValueError("no names")
    return name


def _from_slashes(text: str) -> str:
    parts = re.split(r"/(?=[A-Za-z0-9.]+=)", text)[1:]
    if not parts:
        raise ValueError("no names")
    return ",".join(_attribute(part) for part in reversed(parts))


def _attribute(part: str) -> str:
    kind, _, value = part.partition("=")
    name = kind if kind.lower() in _KNOWN else _LONG.get(kind.lower(), kind)
    return f"{name.upper() if name.lower() in _KNOWN else name}={_escaped(value)}"


def _escaped(value: str) -> str:
    """A value in which nothing has a meaning (RFC 4514, section 2.4)."""
    value = re.sub(r'([\\,+"<>;=\x00])', r"\\\1", value)
    return re.sub(r"^([ #])|( )$", lambda found: "\\" + found[0], value)
