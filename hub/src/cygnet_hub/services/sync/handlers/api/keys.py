"""The access keys of S3: made, listed, revoked."""

from __future__ import annotations

from typing import Any, ClassVar

from ...store.access_keys import AccessKey
from ..base import Access
from . import answers, certificate_models, requests
from .base import ApiHandler
from .operations import operation


class KeysHandler(ApiHandler):
    """The caller's access keys; programs have keys of their own."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.AccessKeys})
    async def get(self) -> None:
        """GET keys: newest first, without their secrets; and the address that S3 clients need."""
        known = await self.services.access_keys.listing(self.principal)
        self.send({"keys": [_key(key) for key in known], "endpoint": self.services.settings.s3_url})

    @operation({201: answers.IssuedAccessKey}, body=requests.NewAccessKey)
    async def post(self) -> None:
        """POST keys {label?, folder?, read_only?, ttl?}: 201 with the secret, which is not shown again."""
        self.principal.note("access-key.add")
        body = self.read(requests.NewAccessKey)
        issued = await self.services.access_keys.add(
            self.principal, body.label or "", folder=body.folder, read_only=body.read_only, ttl=body.ttl
        )
        told = {"secret": issued.secret, "endpoint": self.services.settings.s3_url}
        self.send({**_key(issued.key), **told}, 201)


class TemporaryKeyHandler(ApiHandler):
    """Keys that end by themselves, such as for jobs."""

    access: ClassVar[Access] = Access.USER

    @operation({201: certificate_models.TemporaryKey}, body=certificate_models.Lifetime)
    async def post(self) -> None:
        """POST keys/temporary {ttl?}: 201; it may do what the caller's credential may, and ends with it."""
        self.principal.note("access-key.add-temporary")
        ttl = self.read(certificate_models.Lifetime).ttl
        key, secret, token = await self.services.access_keys.add_temporary(self.principal, ttl)
        told = {"secret": secret, "token": token, "expires": key.expires}
        self.send({"id": key.id, **told, "endpoint": self._endpoint()}, 201)

    def _endpoint(self) -> str:
        """S3 with TLS for who came with TLS."""
        settings = self.services.settings
        secure = settings.tls.s3_url if settings.tls and self.request.protocol == "https" else ""
        return secure or settings.s3_url


class KeyHandler(ApiHandler):
    """One of the caller's access keys."""

    access: ClassVar[Access] = Access.USER

    @operation({204: None}, errors=(404,))
    async def delete(self, key_id: str) -> None:
        """DELETE keys/ID: it is refused from now on."""
        self.principal.note("access-key.remove")
        await self.services.access_keys.remove(self.principal, key_id)
        self.set_status(204)


def _key(key: AccessKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "label": key.label,
        "folder": key.folder,
        "read_only": "files:write" not in key.scopes,
        "created": key.created,
        "last_used": key.used,
        "expires": key.expires,
    }
