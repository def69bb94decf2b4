"""The access keys of S3: made, listed, revoked."""

from __future__ import annotations

from typing import Any, ClassVar

from ...service.access import require_scope
from ...store.access_keys import AccessKey
from ..base import Access
from . import answers, requests
from .base import ApiHandler
from .operations import operation


class KeysHandler(ApiHandler):
    """The caller's access keys."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.AccessKeys})
    async def get(self) -> None:
        """GET keys: newest first, without their secrets; and the address that S3 clients need."""
        require_scope(self.principal, "account")
        known = await self.services.access_keys.listing(self.principal.user)
        self.send({"keys": [_key(key) for key in known], "endpoint": self.services.settings.s3_url})

    @operation({201: answers.IssuedAccessKey}, body=requests.NewAccessKey)
    async def post(self) -> None:
        """POST keys {label?, folder?, read_only?, ttl?}: 201 with the secret, which is not shown again."""
        require_scope(self.principal, "account")
        self.principal.note("access-key.add")
        body = self.read(requests.NewAccessKey)
        issued = await self.services.access_keys.add(
            self.principal.user, body.label or "", folder=body.folder, read_only=body.read_only, ttl=body.ttl
        )
        told = {"secret": issued.secret, "endpoint": self.services.settings.s3_url}
        self.send({**_key(issued.key), **told}, 201)


class KeyHandler(ApiHandler):
    """One of the caller's access keys."""

    access: ClassVar[Access] = Access.USER

    @operation({204: None}, errors=(404,))
    async def delete(self, key_id: str) -> None:
        """DELETE keys/ID: it is refused from now on."""
        require_scope(self.principal, "account")
        self.principal.note("access-key.remove")
        await self.services.access_keys.remove(self.principal.user, key_id)
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
