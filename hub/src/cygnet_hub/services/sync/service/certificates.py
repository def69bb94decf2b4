"""Whose certificates open whose files: added by their holders, or by an administrator.

Anybody can have a copy of somebody's certificate, so a person who adds one has to show that the key is
theirs: by a connection that is made with it, or by a signature. Otherwise its real owner could be led into
the account of somebody else, and would leave their files there.
"""

from __future__ import annotations

import base64
import binascii
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Connection

from ..model.errors import BadRequest, Conflict, NotFound, Unauthorized
from ..model.principal import Principal
from ..model.subjects import canonical, slashed
from ..store import certificates as store
from ..store.certificates import Certificate
from ..store.database import Database
from .access import require_scope
from .authorities import UNREADABLE
from .chains import Chain, read_chain
from .credentials import PROGRAM_SCOPES, Credentials
from .macaroons import Holder
from .tokens import Keys, new_token, same_secret
from .trust import Trust
from .voms import Attributes, attributes_of

log = logging.getLogger(__name__)

#: What a limited proxy is good for: jobs carry them, and should spoil nothing where they get to.
LIMITED_SCOPES = frozenset({"files:read"})
#: How ids of principals begin that came with a certificate, or with a limited proxy.
WHOLE, LIMITED = "certificate", "limited-proxy"
MAX_CERTIFICATES = 50
#: Seconds for which a code, or a text to sign, counts.
CODE_SECONDS = 900
_USED_PRECISION = 3600.0

Encoded = tuple[bytes, ...]


class Certificates:
    """The certificates of everybody.

    Args:
        database: where they lie.
        credentials: say whether their owners still exist.
        keys: of this instance.
        trust: which authorities are accepted.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        credentials: Credentials,
        keys: Keys,
        trust: Trust,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._keys = keys
        self._trust = trust
        self._clock = clock

    def read(self, encoded: Encoded) -> Chain:
        """Read the chain that a client presented and TLS has verified, whether or not it counts now.

        Raises:
            Unauthorized: it breaks a rule.
        """
        return read_chain(encoded)

    def attributes(self, chain: Chain) -> list[Attributes]:
        """What organisations say of the owner of a chain. Blocks."""
        return attributes_of(chain, self._trust.authorities, self._trust.vomsdir, self._clock())

    def check(self, encoded: Encoded) -> Chain:
        """Read the chain that a client presented and TLS has verified.

        Raises:
            Unauthorized: it does not count now.
        """
        chain = read_chain(encoded)
        chain.check(self._trust.authorities, self._clock())
        return chain

    async def principal(self, encoded: Encoded) -> Principal:
        """Who may use the service by a chain that a client presented.

        Raises:
            Unauthorized: it does not count, or belongs to nobody here.
        """
        chain = self.check(encoded)
        found = await self._database.read(lambda connection: _find(connection, chain))
        principal = await self._person(found, chain.limited) if found else None
        if principal is None:
            log.info("a certificate belongs to no account: %s, issued by %s", chain.subject, chain.issuer)
            raise Unauthorized(
                "The certificate {subject} belongs to no account here. Add it to yours in the Files site.",
                subject=slashed(chain.person.subject),
            )
        return replace(principal, ends=chain.until)

    def holders(self) -> dict[str, Holder]:
        """Who holds a certificate that is still known here, by the kinds of credential that it can be."""
        return {WHOLE: partial(self._holder, limited=False), LIMITED: partial(self._holder, limited=True)}

    async def _holder(self, certificate_id: str, limited: bool) -> Principal | None:
        found = await self._database.read(lambda connection: store.get(connection, certificate_id))
        return await self._person(found, limited) if found else None

    async def _person(self, found: Certificate, limited: bool) -> Principal | None:
        now = self._clock()
        if found.used is None or found.used < now - _USED_PRECISION:
            await self._database.write(lambda connection: store.touch(connection, found.id, now))
        kind, scopes = (LIMITED, LIMITED_SCOPES) if limited else (WHOLE, PROGRAM_SCOPES)
        return await self._credentials.person(found.user, scopes, f"{kind}:{found.id}")

    async def listing(self, principal: Principal) -> list[Certificate]:
        """A person's certificates, newest first.

        Raises:
            Forbidden: a program asks.
        """
        require_scope(principal, "account")
        return await self._database.read(lambda connection: store.listing(connection, principal.user))

    async def remove(self, principal: Principal, certificate_id: str) -> None:
        """Take a certificate away; it opens nothing from now on.

        Raises:
            Forbidden: a program asks. NotFound: the person has no such certificate.
        """
        require_scope(principal, "account")
        if not await self._database.write(lambda c: store.remove(c, certificate_id, principal.user)):
            raise NotFound("There is no such certificate.")

    def code(self, principal: Principal) -> str:
        """What lets whoever sends it with a certificate add that to the person's; a secret.

        Raises:
            Forbidden: a program asks.
        """
        require_scope(principal, "account")
        told = base64.urlsafe_b64encode(principal.user.encode()).decode().rstrip("=")
        until = int(self._clock()) + CODE_SECONDS
        return f"{told}.{until}.{self._keys.sign('certificate-code', f'{told}.{until}')}"

    async def claim(self, code: str, encoded: Encoded) -> Certificate:
        """Add the certificate of a connection to those of whoever gave out a code.

        Raises:
            Unauthorized: the code is wrong or over, or the chain does not count.
            Conflict: the certificate is somebody's already.
        """
        chain = self.check(encoded)
        if chain.limited:
            raise Unauthorized("A limited proxy cannot add its certificate.")
        told, _, signature = code.strip().rpartition(".")
        user, _, until = told.partition(".")
        is_ours = same_secret(signature, self._keys.sign("certificate-code", told))
        if not is_ours or int(until) <= self._clock():
            raise Unauthorized("This code is wrong or has expired. Make a new one in the Files site.")
        name = base64.urlsafe_b64decode(user + "=" * (-len(user) % 4)).decode()
        if await self._credentials.person(name, PROGRAM_SCOPES, "") is None:
            raise Unauthorized("This code is wrong or has expired. Make a new one in the Files site.")
        return await self._add(name, chain.subject, chain.issuer)

    def challenge(self, principal: Principal) -> str:
        """What a person signs to show that a certificate's key is theirs; no secret.

        Raises:
            Forbidden: a program asks.
        """
        require_scope(principal, "account")
        return self._challenge(principal.user, int(self._clock()) // CODE_SECONDS)

    def _challenge(self, user: str, period: int) -> str:
        return f"cygnet-{self._keys.sign('certificate-challenge', f'{period} {user}')[:40]}"

    async def add_signed(self, principal: Principal, pem: str, signature: str) -> Certificate:
        """Add a certificate of a person, who has signed `challenge` with its key.

        Args:
            pem: the certificate, and nothing secret.
            signature: with SHA-256, in Base64.

        Raises:
            BadRequest: it is not theirs, not one that counts here, or cannot be read.
            Conflict: it is somebody's already. Forbidden: a program asks.
        """
        require_scope(principal, "account")
        certificate = read_pem(pem)
        self._check_counts(certificate)
        period = int(self._clock()) // CODE_SECONDS
        told = [self._challenge(principal.user, one) for one in (period, period - 1)]
        if not any(_has_signed(certificate, one.encode(), signature) for one in told):
            raise BadRequest("The signature was not made with the key of this certificate, or too long ago.")
        names = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
        return await self._add(principal.user, *names)

    def _check_counts(self, certificate: x509.Certificate) -> None:
        """Refuse what would be refused when it is used.

        Raises:
            BadRequest: see there.
        """
        authorities, now = self._trust.authorities, self._clock()
        issuer = authorities.issuer_of(certificate)
        if issuer is None:
            raise BadRequest("The authority of this certificate is not accepted here.")
        over = certificate.not_valid_after_utc.timestamp()
        if not certificate.not_valid_before_utc.timestamp() <= now < over:
            raise BadRequest("This certificate is not valid now.")
        try:
            authorities.check_not_revoked(certificate, issuer, now)
        except Unauthorized as error:
            raise BadRequest(error.message) from None

    async def _add(self, user: str, subject: str, issuer: str) -> Certificate:
        def run(connection: Connection) -> Certificate:
            return add_certificate(connection, user, subject, issuer, now=self._clock())

        return await self._database.write(run)


def add_certificate(
    connection: Connection,
    user: str,
    subject: str,
    issuer: str = "",
    *,
    by_administrator: bool = False,
    now: float | None = None,
) -> Certificate:
    """Make a certificate open the files of `user`; commands that need no running service use it.

    Args:
        subject: in either form that people write.
        issuer: its authority, in the same forms; empty: any that is accepted.

    Raises:
        BadRequest: a name cannot be read, or there are very many. Conflict: it is somebody's already.
    """
    subject, issuer = canonical(subject), canonical(issuer) if issuer else ""
    if any(not issuer or one.issuer in ("", issuer) for one in store.of_subject(connection, subject)):
        raise Conflict("This certificate belongs to an account already.")
    if store.count(connection, user) >= MAX_CERTIFICATES:
        raise BadRequest("There can be {number} certificates at most; remove some.", number=MAX_CERTIFICATES)
    created = time.time() if now is None else now
    made = Certificate(new_token(22), user, subject, issuer, by_administrator, created, None)
    store.add(connection, made)
    return made


def read_pem(text: str) -> x509.Certificate:
    """The first certificate in a text.

    Raises:
        BadRequest: there is none, or something secret is in it.
    """
    if "PRIVATE KEY" in text:
        raise BadRequest("This holds a private key, which is for nobody but you. Paste only the certificate.")
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except UNREADABLE:
        raise BadRequest("This is no certificate in PEM, which begins with BEGIN CERTIFICATE.") from None


def _find(connection: Connection, chain: Chain) -> Certificate | None:
    known = store.of_subject(connection, chain.subject)
    return next((one for one in known if one.issuer in ("", chain.issuer)), None)


def _has_signed(certificate: x509.Certificate, text: bytes, signature: str) -> bool:
    key = certificate.public_key()
    try:
        given = base64.b64decode("".join(signature.split()), validate=True)
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(given, text, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(given, text, ec.ECDSA(SHA256()))
        else:
            return False
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
