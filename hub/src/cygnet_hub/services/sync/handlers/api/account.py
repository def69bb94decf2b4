"""Who the caller is, whom they can share with, and the passwords of their programs."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from cygnet_fs_bridge import models as wire

from ...service.access import require_scope
from ...service.credentials import PROGRAM_SCOPES
from ...store.credentials import Credential
from ..authentication import offer_forgery_token
from ..base import Access
from . import answers, requests
from .base import ApiHandler
from .operations import Parameter, operation

MAX_PEOPLE = 50


class MeHandler(ApiHandler):
    """The caller, the room they have, and where to go from here."""

    access: ClassVar[Access] = Access.USER

    @operation({200: wire.Account})
    async def get(self) -> None:
        """GET me: who the caller is, their quota, and where the hub and their notebook are."""
        principal = self.principal
        quota = await self.services.tree.quota(principal)
        base = self.services.settings.hub_base
        account = wire.Account(
            name=principal.user,
            display_name=principal.display_name,
            quota=wire.Quota(quota.used, quota.total, quota.free),
            admin=principal.admin,
            hub_url=f"{base}hub/",
            notebook_url=f"{base}user/{quote(principal.user, safe='')}/lab",
        )
        offer_forgery_token(self)
        self.send(account.to_json())


class PeopleHandler(ApiHandler):
    """People and groups to share with."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.People}, parameters=(Parameter("q", "part of a name"),))
    async def get(self) -> None:
        """GET people?q=word: best matches first, the caller left out; nothing for an empty word."""
        require_scope(self.principal, "shares")
        query = self.argument("q").strip()[:200]
        find = self.services.directory.find
        found = await find(query, MAX_PEOPLE, self.principal.user) if query else []
        people = [
            wire.Person(person.name, person.display_name, person.kind).to_json()
            for person in found
            if person.kind == "group" or person.name != self.principal.user
        ]
        self.send({"people": people})


class AppPasswordsHandler(ApiHandler):
    """The caller's app passwords."""

    access: ClassVar[Access] = Access.USER

    @operation({200: answers.AppPasswords})
    async def get(self) -> None:
        """GET app-passwords: newest first, without the passwords."""
        require_scope(self.principal, "account")
        known = await self.services.credentials.app_passwords(self.principal.user)
        self.send({"app_passwords": [_app_password(item) for item in known]})

    @operation({201: answers.IssuedAppPassword}, body=requests.NewAppPassword)
    async def post(self) -> None:
        """POST app-passwords {label, scopes?}: 201 with the password, which is not shown again."""
        require_scope(self.principal, "account")
        self.principal.note("app-password.add")
        body = self.read(requests.NewAppPassword)
        scopes = frozenset(body.scopes or ()) or PROGRAM_SCOPES
        issued = await self.services.credentials.add_app_password(
            self.principal.user, body.label or "", scopes
        )
        self.send({**_app_password(issued.credential), "password": issued.secret}, 201)


class AppPasswordHandler(ApiHandler):
    """One of the caller's app passwords."""

    access: ClassVar[Access] = Access.USER

    @operation({204: None}, errors=(404,))
    async def delete(self, credential_id: str) -> None:
        """DELETE app-passwords/ID: it is refused from now on."""
        self.principal.note("app-password.remove")
        require_scope(self.principal, "account")
        await self.services.credentials.remove_app_password(self.principal.user, credential_id)
        self.set_status(204)


def _app_password(item: Credential) -> dict[str, Any]:
    return {
        "id": item.id,
        "label": item.label,
        "created": item.created,
        "last_used": item.used,
        "scopes": sorted(item.scopes),
    }


class ServerCredentialsHandler(ApiHandler):
    """The credentials of notebook servers, for the spawner."""

    access: ClassVar[Access] = Access.INTERNAL
    cookie_login: ClassVar[bool] = False

    @operation({201: answers.ServerCredential}, body=requests.NewServerCredential, errors=(404,))
    async def post(self) -> None:
        """POST server-credentials {user, server, ttl}: 201 {id, token, expires}."""
        self.principal.note("server-credential.add")
        body = self.read(requests.NewServerCredential)
        issued = await self.services.credentials.add_server(body.user, body.server or "", body.ttl)
        item = issued.credential
        self.send({"id": item.id, "token": issued.secret, "expires": item.expires}, 201)


class ServerCredentialHandler(ApiHandler):
    """One notebook server's credential, for the spawner."""

    access: ClassVar[Access] = Access.INTERNAL
    cookie_login: ClassVar[bool] = False

    @operation({204: None})
    async def delete(self, credential_id: str) -> None:
        """DELETE server-credentials/ID: it is refused from now on."""
        self.principal.note("server-credential.remove")
        await self.services.credentials.remove_server(credential_id)
        self.set_status(204)


class ServerCredentialRenewHandler(ApiHandler):
    """A new token for a notebook server."""

    access: ClassVar[Access] = Access.INTERNAL
    cookie_login: ClassVar[bool] = False

    @operation({200: answers.Renewed}, body=requests.Renewal, errors=(404,))
    async def post(self, credential_id: str) -> None:
        """POST server-credentials/ID/renew {ttl?}: {token, expires}; the old token is good for 2 minutes."""
        self.principal.note("server-credential.renew")
        ttl = self.read(requests.Renewal).ttl
        token, expires = await self.services.credentials.renew_server(credential_id, ttl)
        self.send({"token": token, "expires": expires})
