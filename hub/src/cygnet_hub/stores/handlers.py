"""The page on which people enter what they need for the stores of their site."""

from __future__ import annotations

from collections.abc import Mapping

from jupyterhub.handlers import BaseHandler
from tornado import web

from cygnet_fs_bridge.texts import Text
from cygnet_hub.stores.credentials import Credentials
from cygnet_spawner.stores import FIELDS, StoreOffer

#: Where the catalogue is among the settings of the hub's application.
SETTING = "cygnet_stores"
_LONGEST = 16_384  # characters; tokens can be long


class StoresHandler(BaseHandler):
    """`/hub/stores`: which stores there are; credentials for them are entered and removed, never shown."""

    @property
    def _offered(self) -> Mapping[str, StoreOffer]:
        found: Mapping[str, StoreOffer] = self.settings[SETTING]
        return found

    @property
    def _credentials(self) -> Credentials:
        return Credentials(lambda: self.db)

    @web.authenticated
    async def get(self) -> None:
        """Show the page."""
        await self._show()

    @web.authenticated
    async def post(self) -> None:
        """Keep or remove the credential for one store."""
        name, user = self.get_body_argument("store", ""), self.current_user.name
        store = self._offered.get(name)
        if store is None or store.credential == "none":
            raise web.HTTPError(400, Text("There is no such store."))
        if self.get_body_argument("remove", ""):
            self._credentials.remove(user, name)
            await self._show(done=Text("Your credential for {store} is removed.", store=store.title))
            return
        fields = {field: self.get_body_argument(field, "") for field in FIELDS[store.credential]}
        if problem := _problem(store, fields):
            self.set_status(400)
            await self._show(problem=problem)
            return
        await self._credentials.put(user, name, fields)
        await self._show(
            done=Text(
                "Your credential for {store} is kept. Servers that you start now have it.", store=store.title
            )
        )

    async def _show(self, problem: str = "", done: str = "") -> None:
        entered = await self._credentials.of(self.current_user.name)
        self.set_header("Cache-Control", "no-store")
        html = await self.render_template(
            "stores.html",
            stores=self._offered,
            fields=FIELDS,
            entered=set(entered),
            problem=problem,
            done=done,
        )
        self.finish(html)


def _problem(store: StoreOffer, fields: Mapping[str, str]) -> str:
    for name, (words, _) in FIELDS[store.credential].items():
        value = fields[name]
        if not value:
            return Text("{field} is missing.", field=words)
        if len(value) > _LONGEST or not value.isprintable():
            return Text("{field} is too long, or has characters that cannot be typed.", field=words)
    return ""
