"""Certificates: which open the caller's files, adding and removing them, and what a connection's own says."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from ...model.errors import NotFound, Unauthorized
from ...store.certificates import Certificate
from ..base import Access
from ..tls import presented
from . import certificate_models as models
from .base import ApiHandler
from .operations import operation


class CertificatesHandler(ApiHandler):
    """The caller's certificates."""

    access: ClassVar[Access] = Access.USER

    @operation({200: models.Certificates})
    async def get(self) -> None:
        """GET certificates: newest first; and a code and a text for adding one, for 15 minutes."""
        known = self.services.certificates
        tls = self.services.settings.tls
        self.gives_contents = True  # the code is a secret
        self.send(
            {
                "certificates": [_told(one) for one in await known.listing(self.principal)],
                "address": tls.url if tls and tls.authorities else "",
                "code": known.code(self.principal),
                "challenge": known.challenge(self.principal),
            }
        )

    @operation({201: models.OneCertificate}, body=models.SignedCertificate, errors=(409,))
    async def post(self) -> None:
        """POST certificates {certificate, signature}: 201; the signature is of `challenge`, by its key."""
        self.principal.note("certificate.add")
        body = self.read(models.SignedCertificate)
        added = await self.services.certificates.add_signed(self.principal, body.certificate, body.signature)
        self.send(_told(added), 201)


class CertificateHandler(ApiHandler):
    """One of the caller's certificates."""

    access: ClassVar[Access] = Access.USER

    @operation({204: None}, errors=(404,))
    async def delete(self, certificate_id: str) -> None:
        """DELETE certificates/ID: it opens nothing from now on."""
        self.principal.note("certificate.remove")
        await self.services.certificates.remove(self.principal, certificate_id)
        self.set_status(204)


class ClaimHandler(ApiHandler):
    """For whoever connects with a certificate and has a code of the account that it should open."""

    access: ClassVar[Access] = Access.ANYONE
    cookie_login: ClassVar[bool] = False

    @operation({201: models.Claimed}, body=models.Claim, errors=(409,))
    async def post(self) -> None:
        """POST certificates/claim {code}, with a certificate: 201; it opens the files of its giver."""
        self.principal.note("certificate.claim")
        chain = presented(self.request)
        if not chain:
            raise Unauthorized("Please connect with your certificate.")
        added = await self.services.certificates.claim(self.read(models.Claim).code, chain)
        self.send({**_told(added), "user": added.user}, 201)


class PresentedHandler(ApiHandler):
    """For whoever wants to know why a certificate is refused, or as whom it is taken."""

    access: ClassVar[Access] = Access.ANYONE
    cookie_login: ClassVar[bool] = False

    @operation({200: models.Presented}, errors=(404,))
    async def get(self) -> None:
        """GET certificates/presented: what the certificate of this connection says, and whose it is here."""
        chain = presented(self.request)
        if not chain:
            raise NotFound("This connection was made without a certificate.")
        known = self.services.certificates
        seen = known.read(chain)
        user, problem = None, ""
        try:
            user = (await known.principal(chain)).user
        except Unauthorized as error:
            problem = str(self.words_of(error))
        attributes = await asyncio.to_thread(known.attributes, seen)
        self.send(
            {
                "subject": seen.subject,
                "issuer": seen.issuer,
                "proxies": seen.proxies,
                "limited": seen.limited,
                "expires": seen.until,
                "attributes": [{"organisation": one.organisation, "names": one.names} for one in attributes],
                "user": user,
                "problem": problem,
            }
        )


def _told(one: Certificate) -> dict[str, Any]:
    return {
        "id": one.id,
        "subject": one.subject,
        "issuer": one.issuer,
        "by_administrator": one.by_administrator,
        "created": one.created,
        "last_used": one.used,
    }
