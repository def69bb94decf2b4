"""OCS about the service and the person: status, capabilities, user, app passwords."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ...model.errors import Forbidden, NotFound
from ..base import Access, BaseHandler
from .base import OcsHandler
from .capabilities import capabilities, status


class StatusHandler(BaseHandler):
    """status.php: the first thing that clients ask."""

    access: ClassVar[Access] = Access.ANYONE

    def get(self) -> None:
        """GET status.php."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.write(json.dumps(status()))


class CapabilitiesHandler(OcsHandler):
    """What the service can do; no secret, so no login."""

    access: ClassVar[Access] = Access.ANYONE
    cookie_login: ClassVar[bool] = False

    def get(self, _version: str) -> None:
        """GET cloud/capabilities."""
        self.send(capabilities(self.request.headers.get("User-Agent", "")))


class ConfigHandler(OcsHandler):
    """What the service is."""

    access: ClassVar[Access] = Access.ANYONE
    cookie_login: ClassVar[bool] = False

    def get(self, _version: str) -> None:
        """GET config."""
        ssl = "true" if self.services.settings.public_url.startswith("https:") else "false"
        host = self.request.host
        self.send({"version": "1.7", "website": "Cygnet", "host": host, "contact": "", "ssl": ssl})


class UserHandler(OcsHandler):
    """Who the caller is."""

    access: ClassVar[Access] = Access.USER

    async def get(self, _version: str, name: str = "") -> None:
        """GET cloud/user or cloud/users/NAME; of others only the name."""
        if name and name != self.principal.user:
            self.send(await self._other(name))
            return
        quota = await self.services.tree.quota(self.principal)
        total, free = (-3 if value is None else value for value in (quota.total, quota.free))
        relative = round(100 * quota.used / quota.total, 2) if quota.total else 0
        self.send(
            {
                "id": self.principal.user,
                "enabled": True,
                "display-name": self.principal.display_name,
                "displayname": self.principal.display_name,
                "email": None,
                "language": "en",
                "groups": sorted(self.principal.groups),
                "quota": {
                    "free": free,
                    "used": quota.used,
                    "total": total,
                    "relative": relative,
                    "quota": total,
                },
            }
        )

    async def _other(self, name: str) -> dict[str, Any]:
        person = await self.services.directory.user(name)
        if person is None:
            raise NotFound('There is no account "{name}".', name=name)
        return {"id": person.name, "display-name": person.display_name, "displayname": person.display_name}


class UserGroupsHandler(OcsHandler):
    """The groups of the caller."""

    access: ClassVar[Access] = Access.USER

    def get(self, _version: str, name: str) -> None:
        """GET cloud/users/NAME/groups; only one's own."""
        if name != self.principal.user:
            raise Forbidden("You can only see your own groups.")
        self.send({"groups": sorted(self.principal.groups)})


class GetAppPasswordHandler(OcsHandler):
    """An app password for a program that logged in by another way."""

    access: ClassVar[Access] = Access.USER

    async def get(self, _version: str) -> None:
        """GET core/getapppassword: refused to one who has an app password already."""
        if "account" not in self.principal.scopes:
            raise Forbidden("You are using an app password already.")
        self.gives_contents = True
        self.principal.note("app-password.add")
        issued = await self.services.credentials.add_app_password(
            self.principal.user, self.request.headers.get("User-Agent", "")[:100]
        )
        self.send({"apppassword": issued.secret})


class AppPasswordHandler(OcsHandler):
    """The app password that the caller uses."""

    access: ClassVar[Access] = Access.USER

    async def delete(self, _version: str) -> None:
        """DELETE core/apppassword: it is refused from now on."""
        self.principal.note("app-password.remove")
        kind, _, rest = self.principal.credential_id.partition(":")
        if kind != "app-password":
            raise Forbidden("You are not using an app password.")
        await self.services.credentials.remove_app_password(self.principal.user, rest.partition("#")[0])
        self.send([])
